"""Which requests pass the filters, and how requests are counted."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from loganalyzer.model import Request
from loganalyzer.reports.selection import Selection, gateway_failed, tally
from tests.reports.samples import ANSWERED, CUT_SHORT, DENIED, FAILED, NOON, SUCCEEDED

LATER = NOON + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("kinds", "request_made", "passes"),
    [
        ({}, FAILED, True),
        ({"categories": ("PROXY_INTEG_ERROR", "ACCESS_DENIED")}, FAILED, True),
        ({"categories": ("ACCESS_DENIED",)}, FAILED, False),
        ({"statuses": ("502",)}, FAILED, True),
        ({"statuses": ("5xx",)}, FAILED, True),
        ({"statuses": ("4xx", "500")}, FAILED, False),
        ({"statuses": ("5xx",)}, CUT_SHORT, False),
        ({"statuses": ("403",)}, DENIED, True),
        ({"paths": ("/orders",)}, FAILED, True),
        ({"paths": ("/orders/{id}",)}, FAILED, True),
        ({"paths": ("/ord*/17",)}, FAILED, True),
        ({"paths": ("*/{id}",)}, FAILED, True),
        ({"paths": ("/carts", "/x")}, FAILED, False),
        ({"paths": ("rders",)}, FAILED, False),
        ({"methods": ("POST",)}, FAILED, True),
        ({"methods": ("GET",)}, FAILED, False),
        ({"methods": ("POST",), "statuses": ("404",)}, FAILED, False),
        ({"since": NOON, "until": LATER}, FAILED, True),
        ({"since": NOON + timedelta(milliseconds=400)}, FAILED, True),
        ({"since": LATER}, FAILED, False),
        ({"until": NOON - timedelta(seconds=1)}, FAILED, False),
        ({"since": NOON}, replace(FAILED, first_seen=None, last_seen=None), False),
    ],
)
def test_filters(kinds: dict[str, Any], request_made: Request, passes: bool) -> None:
    """A request passes if it is one of each kind of filter given; a window takes what overlaps it."""
    assert Selection(**kinds).admits(request_made) is passes


def test_a_selection_says_what_it_is() -> None:
    """The filters that are on can be read in words, and none is no selection."""
    chosen = Selection(statuses=("5xx", "404"), paths=("/orders",), since=NOON)
    assert chosen.words() == ("client status 5xx or 404", "path /orders", "since 2026-11-20 12:00:00Z")
    assert chosen
    assert not Selection()


def test_requests_are_counted_by_outcome_category_and_stage() -> None:
    """Failures of the gateway and answers of the backend are counted apart; incomplete ones are no failures."""
    summary = tally([FAILED, FAILED, ANSWERED, DENIED, CUT_SHORT, SUCCEEDED])
    assert (summary.requests, summary.succeeded, summary.failed, summary.incomplete) == (6, 1, 4, 1)
    assert (summary.gateway_failed, summary.backend_failed) == (3, 1)
    assert list(summary.by_category) == ["PROXY_INTEG_ERROR", "BACKEND_RETURNED_4XX", "ACCESS_DENIED", "INCOMPLETE"]
    assert summary.by_stopped_at["BACKEND"] == 2
    assert sum(summary.by_stopped_at.values()) == 5


def test_the_gateway_fails_what_does_not_complete() -> None:
    """A completed request with a failing status is the backend's answer, and an incomplete one nobody's failure."""
    assert [gateway_failed(r) for r in (FAILED, DENIED, ANSWERED, CUT_SHORT, SUCCEEDED)] == [True, True] + [False] * 3

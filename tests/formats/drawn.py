"""What the property test of damage draws: make-believe requests with their truth, in any form, damaged in any way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from random import Random

from hypothesis import strategies as st

from loganalyzer.simulate import SimulatedRequest, Truth, make_requests
from tests.formats.damage import DATA_DAMAGE, TEXT_DAMAGE, damaged
from tests.formats.entries import Entry
from tests.formats.writer import DATA, FORMS, SEQUENTIAL, TESTS
from tests.formats.written_tests import is_authorizer_test

LEVELS = ("trace", "info", "error")
APART_MS = 2_000
_NOT_IN_TESTS = ("ROUTE", "USAGE_PLAN")

AS_GOOD = {
    "LAMBDA_ERROR_MAPPED": ("BACKEND_RETURNED_4XX", "BACKEND_RETURNED_5XX"),
    "LAMBDA_ERROR_UNMAPPED": ("",),
}
"""What a category looks like where the line that marks it is not there: a more general one, no other."""


@dataclass(frozen=True)
class Drawn:
    """A log in some form, damaged, and the truth about its requests."""

    form: str
    kinds: tuple[str, ...]
    truths: tuple[Truth, ...]
    content: bytes

    def allowed(self, request_id: str) -> set[str]:
        """The categories that are right for a request: its own, those of all where the damage left no id."""
        own = [t for t in self.truths if request_id in (t.request_id, t.extended_request_id)]
        shown = {category for truth in own or self.truths for category in truth.shown}
        return shown | {other for category in shown for other in AS_GOOD.get(category, ())}


@cache
def stock() -> tuple[SimulatedRequest, ...]:
    """Requests to draw from: every category at every level."""
    drawn: list[SimulatedRequest] = []
    for seed, level in enumerate(LEVELS):
        drawn += make_requests(600, seed=seed + 50, level=level, failures=0.85)
    return tuple(request for request in drawn if request.times)


@cache
def testable() -> tuple[SimulatedRequest, ...]:
    """Those that the console's Test can show: it knows neither usage plans nor policies."""
    return tuple(request for request in stock() if _is_testable(request))


def _is_testable(request: SimulatedRequest) -> bool:
    truth = request.truth
    if truth.level != "trace" or truth.stopped_at in _NOT_IN_TESTS or truth.category == "INCOMPLETE":
        return False
    authorizer = is_authorizer_test(entries(request))
    return truth.category != "RESOURCE_POLICY_DENY" and (not authorizer or truth.category.startswith("AUTHORIZER_"))


def entries(request: SimulatedRequest) -> list[Entry]:
    """The events of a request."""
    return [Entry(time, request.truth.request_id, message.decode()) for time, message in request.lines]


def at_once(requests: Sequence[SimulatedRequest]) -> list[Entry]:
    """The events of requests that come in at the same time."""
    start = requests[0].times[0]
    moved = [entry._replace(time=entry.time - r.times[0] + start) for r in requests for entry in entries(r)]
    return sorted(moved, key=lambda entry: entry.time)


def in_turn(requests: Sequence[SimulatedRequest]) -> list[Entry]:
    """The events of requests one after another."""
    log: list[Entry] = []
    for request in requests:
        shift = log[-1].time + APART_MS - request.times[0] if log else 0
        log += [entry._replace(time=entry.time + shift) for entry in entries(request)]
    return log


@st.composite
def damaged_forms(draw: st.DrawFn) -> Drawn:
    """Up to three requests in any form, with up to three kinds of damage."""
    form = draw(st.sampled_from(sorted(FORMS)))
    source = testable() if form in TESTS else stock()
    requests = draw(st.lists(st.sampled_from(source), min_size=1, max_size=3, unique_by=lambda r: r.truth.request_id))
    kinds = draw(st.lists(st.sampled_from(sorted(DATA_DAMAGE if form in DATA else TEXT_DAMAGE)), max_size=3))
    log = in_turn(requests) if form in SEQUENTIAL else at_once(requests)
    rng = Random(draw(st.integers(0, 1 << 32)))
    content = damaged(FORMS[form](log), kinds, rng, text=form not in DATA)
    return Drawn(form, tuple(kinds), tuple(r.truth for r in requests), content)

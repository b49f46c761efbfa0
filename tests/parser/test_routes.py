"""Requests by route: counts, failures, and how long they took."""

from __future__ import annotations

from pathlib import Path

import pytest

from loganalyzer.model import RouteSummary
from loganalyzer.parser.routes import MANY_PATHS, MAX_ROUTES, MOST_PATHS
from loganalyzer.reading import analyze
from tests.parser.logs import DONE, EXECUTED, GOOD, PLANNED, TIMED_OUT, A, B, lines, on_disk, text


def routes(directory: Path, content: bytes) -> dict[tuple[str, str], RouteSummary]:
    """The routes of a log by method and resource."""
    found = analyze(*on_disk(directory, content)).summary().routes
    assert [route.requests for route in found] == sorted((route.requests for route in found), reverse=True)
    return {(route.method, route.resource): route for route in found}


def test_routes_count_requests_and_failures(tmp_path: Path) -> None:
    """A route is counted by its template, with how many of its requests failed and the quantiles of their duration."""
    content = b"".join(text(lines(f"id-{n}", *GOOD, step=n)) for n in range(1, 10))
    content += text(lines(A, *PLANNED, *EXECUTED, *TIMED_OUT, step=100))
    (route,) = routes(tmp_path, content).values()
    last = len(GOOD) - 1
    slowest = 100 * (len(PLANNED + EXECUTED + TIMED_OUT) - 1)
    assert route == RouteSummary("GET", "/things", 10, 1, 5.5 * last, route.p95_ms, max(9 * last, slowest))
    assert route.p95_ms is not None
    assert 9 * last <= route.p95_ms <= slowest


def test_paths_stand_in_where_no_template_is_logged(tmp_path: Path) -> None:
    """Without the usage-plan lines a route goes by method and path."""
    without = lines("a", *EXECUTED, "Method completed with status: 200")
    posted = lines("b", EXECUTED[0], "HTTP Method: POST, Resource Path: /things", "Method completed with status: 500")
    found = routes(tmp_path, text(without, posted))
    assert {key: (route.requests, route.failed) for key, route in found.items()} == {
        ("GET", "/things"): (1, 0),
        ("POST", "/things"): (1, 1),
    }


def test_routes_are_the_same_without_rows_of_successes(tmp_path: Path) -> None:
    """Requests by template, by method and path, and of no known route are counted alike where successes get no row."""
    ids = (f"9a4a83b7-22e2-4b0f-bc65-d1ff6f3a{number:04x}" for number in range(40))
    ended = ("Method completed with status: 200",)
    content = b"".join(
        text(lines(next(ids), *messages, *ended))
        for messages in (EXECUTED, EXECUTED[:1], (*PLANNED, *EXECUTED))
        for _ in range(3)
    )
    content += text(lines(A, *EXECUTED, *TIMED_OUT)) + text(lines(A, *PLANNED, *EXECUTED, *TIMED_OUT))
    paths = on_disk(tmp_path, content)
    assert analyze(*paths, successes=False).summary() == analyze(*paths).summary()


def test_a_log_of_errors_alone_has_no_latencies(tmp_path: Path) -> None:
    """Where only failures are logged, the lines of a request do not span it: nothing is said of its duration."""
    refused = (
        "API Key *****abc123 not authorized because method 'GET /things' requires API Key and API Key is not "
        "associated with a Usage Plan for API Stage abcde12345/prod: No Usage Plan found for key and API Stage"
    )
    (route,) = routes(tmp_path, text(lines(A, refused, "Method completed with status: 403"))).values()
    assert (route.requests, route.failed, route.p50_ms, route.max_ms) == (1, 1, None, None)


@pytest.mark.parametrize("messages", [("Execution failed due to a timeout error", "Method completed with status: 504")])
def test_requests_of_no_known_route_are_not_listed(tmp_path: Path, messages: tuple[str, ...]) -> None:
    """Requests whose lines tell neither route nor path make no row."""
    assert routes(tmp_path, text(lines(A, *messages))) == {}


@pytest.mark.parametrize("successes", [True, False])
def test_paths_are_told_apart_as_long_as_they_are_not_too_many(tmp_path: Path, *, successes: bool) -> None:
    """Where every request has a path of its own, none stands for a route, and coverage says so; templates still do."""
    ids = [f"9a4a83b7-22e2-4b0f-bc65-d1ff6f3a{number:04x}" for number in range(MOST_PATHS + 1)]
    own = [text(lines(one, f"HTTP Method: GET, Resource Path: /things/{one}", DONE[-1])) for one in ids]
    known = text(lines(A, *PLANNED, *EXECUTED, *TIMED_OUT)) + text(lines(B, *PLANNED, *EXECUTED, DONE[-1]))
    few = analyze(*on_disk(tmp_path, known + b"".join(own[:-1])), successes=successes)
    assert len(few.summary().routes) == MAX_ROUTES
    assert MANY_PATHS not in few.coverage.notes
    many = analyze(*on_disk(tmp_path, known + b"".join(own)), successes=successes)
    (route,) = many.summary().routes
    assert (route.resource, route.requests, route.failed) == ("/things", 2, 1)
    assert MANY_PATHS in many.coverage.notes
    assert many.latency() != ()

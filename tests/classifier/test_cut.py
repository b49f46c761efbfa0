"""Requests of which lines are missing: the analysis may know less of them, but is never sure of something wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest

from loganalyzer import analyze
from loganalyzer.formats.base import timestamp
from loganalyzer.simulate import SimulatedRequest, make_requests

Lines = list[tuple[int, bytes]]
Cut = Callable[[Lines, Random], Lines]

WIDER: dict[str, set[str]] = {
    "LAMBDA_ERROR_MAPPED": {"BACKEND_RETURNED_4XX", "BACKEND_RETURNED_5XX"},
    "LAMBDA_ERROR_UNMAPPED": {""},
    "PROXY_INTEG_LAMBDA_THROTTLED": {"PROXY_INTEG_RESPONSE_INVALID"},
}
"""Special cases that one line tells from the wider answer, which is right without that line."""


def without_head(lines: Lines, rng: Random) -> Lines:
    """The window began in the midst of the request."""
    return lines[rng.randrange(len(lines)) :]


def without_tail(lines: Lines, rng: Random) -> Lines:
    """The window ended in the midst of the request."""
    return lines[: rng.randrange(len(lines)) + 1]


def without_middle(lines: Lines, rng: Random) -> Lines:
    """Somebody left a part out."""
    first = rng.randrange(len(lines))
    return lines[:first] + lines[rng.randrange(first, len(lines)) + 1 :]


def one_line(lines: Lines, rng: Random) -> Lines:
    """Somebody searched for a word."""
    return [rng.choice(lines)]


def printed(level: str) -> Iterator[SimulatedRequest]:
    """Requests that left lines in the log, most of them failed."""
    return (request for request in make_requests(1500, seed=41, level=level, failures=0.8) if request.lines)


@pytest.mark.parametrize("level", ["trace", "info", "error"])
@pytest.mark.parametrize("cut", [without_head, without_tail, without_middle, one_line], ids=lambda cut: cut.__name__)
def test_missing_lines_do_not_mislead(cut: Cut, level: str, tmp_path: Path) -> None:
    """Whatever is missing, no category that the request does not have is named with high confidence."""
    rng = Random(7)
    log = tmp_path / "case.log"
    allowed: dict[str, set[str]] = {}
    with log.open("wb") as file:
        for request in printed(level):
            truth = request.truth
            allowed[truth.request_id] = {*truth.shown, *WIDER.get(truth.category, ())}
            for at, message in cut(request.lines, rng):
                file.write(b"%s (%s) %s\n" % (timestamp(at), truth.request_id.encode(), message))
    rows = list(analyze(log, jobs=1).records(everything=True))
    sure = [row for row in rows if row.confidence == "high"]
    assert len(sure) > 20
    assert not [(row.request_id, row.category) for row in sure if row.category not in allowed[row.request_id]]

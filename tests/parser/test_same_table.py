"""One log, one table: neither the order of lines, nor the cut into files, nor their order changes what is found."""

from __future__ import annotations

import gzip
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from loganalyzer.analysis import Analysis
from loganalyzer.errors import LogAnalyzerError
from loganalyzer.model import Request
from loganalyzer.reading import analyze
from loganalyzer.simulate import SimulatedRequest
from tests.strategies import CUTS, Event, damaged_logs, events_of, interleavings, mixed, pieces, raw, requests, stock

pytestmark = pytest.mark.usefixtures("blocks")


@contextmanager
def files(*contents: bytes) -> Iterator[list[Path]]:
    """Files with these contents, in a directory of their own."""
    with tempfile.TemporaryDirectory() as directory:
        paths = [Path(directory) / f"{number:06d}" for number in range(len(contents))]
        for path, content in zip(paths, contents, strict=True):
            path.write_bytes(content)
        yield paths


def table(analysis: Analysis) -> dict[str, Request]:
    """Every request by its id."""
    found = {request.request_id: request for request in analysis.records(everything=True)}
    assert len(found) == analysis.coverage.requests
    return found


def table_of(*logs: list[Event]) -> dict[str, Request]:
    """The table of some logs, each in a file."""
    with files(*(b"".join(map(raw, log)) for log in logs if log)) as paths:
        return table(analyze(*paths))


@settings(max_examples=50)
@given(requests(), st.integers(0, 1 << 16))
def test_any_interleaving_gives_the_same_table(drawn: list[SimulatedRequest], seed: int) -> None:
    """However the lines of several requests mix, each request reads the same as when they come one after another."""
    apart = [events_of(request) for request in drawn]
    assert table_of(mixed(apart, Random(seed))) == table_of([event for events in apart for event in events])


@settings(max_examples=40)
@given(interleavings(), CUTS)
def test_a_log_over_several_files_gives_the_same_table(events: list[Event], cuts: list[int]) -> None:
    """A log cut into files between any two events gives the table of the whole."""
    assert table_of(*pieces(events, cuts)) == table_of(events)


@settings(max_examples=40)
@given(requests(least=2), st.integers(0, 1 << 16))
def test_the_order_of_files_does_not_matter(drawn: list[SimulatedRequest], seed: int) -> None:
    """Files given in any order give the same table, also where a request is spread over two of them."""
    rng = Random(seed)
    logs: list[list[Event]] = [[] for _ in range(3)]
    for request in drawn:
        events = events_of(request)
        first, second = rng.sample(logs, 2)
        moment = rng.choice(events)[0]  # lines of one millisecond stay together: nothing else would order them
        first += [event for event in events if event[0] < moment]
        second += [event for event in events if event[0] >= moment]
    assert table_of(*logs) == table_of(*logs[::-1])


def opened(analysis: Analysis) -> None:
    """Open the timelines of some requests, where their ids allow."""
    for request in list(analysis.records(everything=True))[:3]:
        with suppress(LogAnalyzerError):
            assert analysis.timeline(request.request_id).steps


@settings(max_examples=60)
@given(st.one_of(damaged_logs(), st.binary(max_size=400)))
@example(b"\x1f\x8b\x08\x00")
@example(b'{"events": [{"message": "')
@example(b"\xff\xfe2\x000\x00")
@example(b"{" * 3000)
def test_any_bytes_are_analysed_or_refused(content: bytes) -> None:
    """Whatever a file holds, it is analysed, or refused with a sentence and a tip."""
    with files(content) as paths:
        try:
            analysis = analyze(*paths)
        except LogAnalyzerError as error:
            assert error.message
            assert error.tip
        else:
            summary = analysis.summary()
            assert len(list(analysis.records(everything=True))) == summary.requests == analysis.coverage.requests
            opened(analysis)
            assert summary.succeeded + summary.failed + summary.incomplete == summary.requests


@settings(max_examples=30)
@given(damaged_logs(), st.integers(0, 1 << 16), st.booleans())
def test_damaged_gzip_is_analysed_or_refused(content: bytes, seed: int, cut: bool) -> None:
    """A gzip file that is cut or changed in one byte is analysed as far as it can be read, or refused."""
    rng = Random(seed)
    packed = bytearray(gzip.compress(content, mtime=0))
    place = rng.randrange(len(packed))
    if cut:
        del packed[place:]
    else:
        packed[place] ^= 1 << rng.randrange(8)
    with files(bytes(packed)) as paths:
        try:
            assert analyze(*paths).coverage.events
        except LogAnalyzerError as error:
            assert error.message


@pytest.mark.parametrize("lost", ["Extended Request Id", "Starting execution", "Method completed"])
def test_lines_that_are_lost_never_raise(lost: str) -> None:
    """A log without some sentence altogether is still analysed, every request of it."""
    rng = Random(lost)
    events = mixed([events_of(request) for request in rng.sample(stock(), 40)], rng)
    left = [event for event in events if not event[2].startswith(lost.encode())]
    assert table_of(left).keys() == {request_id for _, request_id, _ in left}

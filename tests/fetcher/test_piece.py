"""Events on their way into a file: each once, in order, few held at a time."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loganalyzer.fetcher.events import TIME_BITS, Lines, Received, key_of
from loganalyzer.fetcher.piece import Disordered, Piece

START = 1_793_610_000_000


def event(time: int, place: int, text: str = "") -> Received:
    """An event as AWS gives it; ``place`` orders those of one millisecond."""
    key = (START + time << TIME_BITS) + place + 1
    return Received(START + time, f"(id) {text or place}", f"{key:056d}")


def written(sink: io.BytesIO) -> list[int]:
    """The places of the events in the sink."""
    return [int(line.rpartition(b" ")[2]) for line in sink.getvalue().splitlines()]


@given(
    gaps=st.lists(st.integers(0, 2), min_size=1, max_size=60),
    cuts=st.lists(st.integers(1, 9), min_size=30, max_size=60),
    twice=st.sets(st.integers(0, 12)),
    seed=st.randoms(use_true_random=False),
)
def test_pages_of_any_size(gaps: list[int], cuts: list[int], twice: set[int], seed: Any) -> None:
    """However events are cut into pages, mixed within a millisecond and given twice, each is written once in order."""
    time, events = 0, []
    for place, gap in enumerate(gaps):
        time += gap
        events.append(event(time, place))
    shown = sorted(events, key=lambda one: (one.timestamp, seed.random()))
    sink = io.BytesIO()
    piece = Piece(sink, Lines())
    for number, size in enumerate(cuts):
        page, shown = shown[:size], shown[size:]
        for _ in range(1 + (number in twice)):
            piece.add(page)
    piece.add(shown)
    piece.end()
    assert written(sink) == list(range(len(gaps)))
    assert piece.events == len(gaps)
    assert piece.bytes == len(sink.getvalue())


def test_what_is_complete_is_not_held() -> None:
    """Only events of the latest millisecond are held between pages."""
    piece = Piece(io.BytesIO(), Lines())
    piece.add([event(time, time) for time in range(1000)])
    assert piece.held_bytes < 50
    assert piece.reached == START + 999


def test_an_event_before_what_is_written_is_noticed() -> None:
    """CloudWatch promises the order of times; where it breaks the promise nothing may be lost."""
    piece = Piece(io.BytesIO(), Lines())
    piece.add([event(5, 1), event(9, 2)])
    with pytest.raises(Disordered):
        piece.add([event(4, 3)])


def test_without_order_everything_is_held() -> None:
    """A whole window is put in order at its end."""
    sink = io.BytesIO()
    piece = Piece(sink, Lines(), whole=True)
    for time in (5, 3, 9, 1, 3):
        piece.add([event(time, time)])
    assert not sink.getvalue()
    piece.end()
    assert written(sink) == [1, 3, 5, 9]


def test_ids_of_another_form_keep_the_order_of_arrival() -> None:
    """Emulators number events: then their time and the order in which they come decide."""
    sink = io.BytesIO()
    piece = Piece(sink, Lines())
    events = [Received(START + at // 2, f"(id) {at}", str(90 - at)) for at in range(6)]
    piece.add(events)
    piece.add(events[4:])
    piece.end()
    assert written(sink) == list(range(6))


def test_a_key_needs_the_time_in_its_high_bits() -> None:
    """An id of 56 digits that does not begin with the event's time orders nothing."""
    good = event(7, 3)
    assert key_of(good, 99) == int(good.eventId)
    assert key_of(Received(START, "", good.eventId), 99) == (START << TIME_BITS) | 99


@pytest.mark.parametrize(
    ("message", "line"),
    [
        ("(a-1) Starting execution", b"(a-1) Starting execution\n"),
        ("(a-1) two\r\nlines\r\n", b"(a-1) two\n\tlines\n"),
        ("no id", b"(-) no id\n"),
        ('{"requestId": "a-1", "message": "(a-1) said"}', b"(a-1) said\n"),
        ('{"requestId": "a", "message": "API Key: x"}', b"(a) API Key: x\n"),
        ('{"other": 1}', b'(-) {"other": 1}\n'),
        ("{not json", b"(-) {not json\n"),
        ("(a b) c", b"(-) (a b) c\n"),
        ("\ud800", b"(-) ?\n"),
    ],
)
def test_lines(message: str, line: bytes) -> None:
    """An event is one line of canonical text, its request id in front, whatever it says."""
    assert Lines().line(START, message) == b"2026-11-02T09:00:00.000Z " + line

"""Text that is too much for memory: the same bytes wherever they stand."""

from __future__ import annotations

import errno
import io
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loganalyzer.analysis import Analysis
from loganalyzer.parser import kept, longtext
from loganalyzer.parser.longtext import LongText
from loganalyzer.reading import analyze
from loganalyzer.simulate import simulate


@given(st.lists(st.binary(max_size=40), max_size=30), st.integers(0, 60), st.data())
def test_whatever_is_added_can_be_read(pieces: Sequence[bytes], most: int, data: st.DataObject) -> None:
    """Any stretch of the text, in the file, in memory or in both, and little more than is allowed stays in memory."""
    with pytest.MonkeyPatch.context() as patched:
        for name in ("MOST_HELD", "AT_ONCE"):
            patched.setattr(longtext, name, most)
        found, whole = LongText(), b"".join(pieces)
        for piece in pieces:
            found.add(piece)
            assert found.held <= most
        assert len(found) == len(whole)
        for _ in range(5):
            start = data.draw(st.integers(0, len(whole)))
            stop = data.draw(st.integers(start, len(whole)))
            assert found[start:stop] == whole[start:stop]


class Disk(io.BytesIO):
    """A file on a disk with little room, which takes three bytes at a time."""

    def __init__(self, room: int) -> None:
        super().__init__()
        self.room = room

    def write(self, text: Any) -> int:
        if self.tell() + len(text[:3]) > self.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(text[:3])


@pytest.mark.parametrize("room", [0, 25, 45])
def test_where_nothing_can_be_written_it_stays_in_memory(monkeypatch: pytest.MonkeyPatch, room: int) -> None:
    """A disk that is full, from the start or from some time on, costs memory but no text."""
    for name in ("MOST_HELD", "AT_ONCE"):
        monkeypatch.setattr(longtext, name, 8)
    monkeypatch.setattr("tempfile.TemporaryFile", lambda **_: Disk(room))
    found = LongText()
    for number in range(6):
        found.add(b"%d" % number * 10)
        assert found[0 : len(found)] == b"".join(b"%d" % one * 10 for one in range(number + 1))
    assert found.held == 60 - room // 10 * 10


def test_where_no_file_can_be_had_it_stays_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does a system without a place for temporary files."""

    def refuse(**_: Any) -> None:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found")

    for name in ("MOST_HELD", "AT_ONCE"):
        monkeypatch.setattr(longtext, name, 8)
    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    found = LongText()
    for _ in range(3):
        found.add(b"x" * 10)
    assert found[5:25] == b"x" * 20 and found.held == 30


def test_threads_read_side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    """One thread writes a report while another feeds the process that writes the other half of it."""
    for name in ("MOST_HELD", "AT_ONCE"):
        monkeypatch.setattr(longtext, name, 1000)
    found, spans = LongText(), []
    for number in range(2000):
        spans.append((len(found), b"%06d" % number * 50))
        found.add(spans[-1][1])

    def wrong() -> int:
        return sum(found[start : start + len(text)] != text for start, text in spans)

    with ThreadPoolExecutor(3) as pool:
        assert [one.result() for one in [pool.submit(wrong) for _ in range(6)]] == [0] * 6


def told(analysis: Analysis) -> list[Any]:
    """Every request that did not succeed."""
    return list(analysis.records())


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_analysis_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: int) -> None:
    """What requests are told to have said does not depend on where it was kept."""
    export = simulate(tmp_path / "export", requests=600, streams=4, failures=0.7)
    expected = told(analyze(export, successes=False))
    for module, name in ((longtext, "MOST_HELD"), (longtext, "AT_ONCE"), (kept, "AT_ONCE")):
        monkeypatch.setattr(module, name, 1000)
    assert told(analyze(export, successes=False, jobs=jobs)) == expected

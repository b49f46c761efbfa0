"""What a fetch left on disk, read back: only what the journal names counts."""

from __future__ import annotations

import gzip
from itertools import pairwise
from pathlib import Path

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from loganalyzer.coverage import Coverage
from loganalyzer.formats import find_inputs, losses
from loganalyzer.formats.stored import (
    JOURNAL,
    Asked,
    Had,
    Header,
    Journal,
    Line,
    Lost,
    Span,
    Stored,
    merged,
    overlaps,
    read_journal,
    without,
)

spans = st.tuples(st.integers(0, 60), st.integers(0, 12)).map(lambda pair: (pair[0], pair[0] + pair[1]))
GROUP = "API-Gateway-Execution-Logs_abcde12345/prod"


def points(parts: list[Span]) -> list[int]:
    """Every millisecond of some spans, in the order of the spans."""
    return [point for first, last in parts for point in range(first, last + 1)]


@given(spans, st.lists(spans))
def test_without(span: Span, parts: list[Span]) -> None:
    """What is left is every millisecond that is in none of the parts, in order, once."""
    assert points(without(span, parts)) == [point for point in points([span]) if point not in points(parts)]


@given(st.lists(spans))
def test_merged(parts: list[Span]) -> None:
    """Merged spans hold the same milliseconds, each once, and do not touch."""
    found = merged(parts)
    assert points(found) == sorted(set(points(parts)))
    assert all(later[0] > earlier[1] + 1 for earlier, later in pairwise(found))


@given(spans, spans)
def test_overlaps(one: Span, other: Span) -> None:
    """Two spans overlap if they share a millisecond."""
    assert overlaps(one, other) == bool(set(points([one])) & set(points([other])))


@given(st.lists(spans, max_size=6))
def test_windows_that_replace_others(taken: list[Span]) -> None:
    """A window takes the place of those it names, so no millisecond counts twice."""
    journal = Journal()
    for span in taken:
        old = tuple(other for other in journal.windows if overlaps(other, span))
        journal.take(Had(*span, final=False, replaces=old))
    covered = points(sorted(journal.windows))
    assert covered == sorted(set(covered))


def write(directory: Path, *lines: Line, tail: bytes = b"") -> Path:
    """A directory with this journal, and a file of one event for every window that has one."""
    directory.mkdir(exist_ok=True)
    text = b"".join(msgspec.json.encode(line) + b"\n" for line in lines)
    (directory / JOURNAL).write_bytes(text + tail)
    for line in lines:
        if isinstance(line, Had) and line.file:
            said = f"2026-11-02T09:00:00.{line.first:03d}Z (a-{line.first}) Method completed with status: 200\n"
            (directory / line.file).write_bytes(gzip.compress(said.encode()))
    return directory


def test_only_what_the_journal_names_is_read(tmp_path: Path) -> None:
    """A file that is replaced, unfinished or somebody's own is no part of a stored group."""
    write(
        tmp_path / "group",
        Header(GROUP, "eu-central-1", "1"),
        Had(0, 9, "a.log.gz", 1, final=False),
        Had(0, 9, "b.log.gz", 1, replaces=((0, 9),)),
        tail=b'{"type":"window","first":10,"la',
    )
    (tmp_path / "group" / "c.log.gz").write_bytes(b"half")
    journal, log = find_inputs([tmp_path])
    assert (journal.name, journal.is_journal) == (GROUP, True)
    assert log.path.name == "b.log.gz"
    coverage = Coverage()
    (chunk,) = log.chunks(coverage)
    assert (chunk.origin.group, chunk.origin.order, chunk.origin.api) == (GROUP, "event id", ("abcde12345", "prod"))
    assert list(journal.chunks(coverage)) == []
    assert coverage.problems == []


def test_a_stretch_of_what_is_stored(tmp_path: Path) -> None:
    """Of a long store, only windows that touch the stretch are read."""
    lines = [Had(n * 10, n * 10 + 9, f"{n}.log.gz", 1) for n in range(8)]
    write(tmp_path, Header(GROUP, "r"), *lines)
    assert [one.path.name for one in find_inputs([Stored(tmp_path, (25, 40))])][1:] == [
        "2.log.gz",
        "3.log.gz",
        "4.log.gz",
    ]


def test_what_is_missing_has_its_reason(tmp_path: Path) -> None:
    """Every stretch that was asked for and is not there is a problem, with the newest reason known."""
    second = 1000
    write(
        tmp_path,
        Header(GROUP, "r"),
        Asked(0, 9 * second - 1, 0),
        Had(0, 2 * second - 1),
        Lost(2 * second, 4 * second - 1, "old reason"),
        Lost(2 * second, 3 * second - 1, "throttled", "wait"),
        Lost(0, second, "mended since"),
    )
    coverage = Coverage()
    Stored(tmp_path).cover(coverage)
    day = "1970-01-01"
    assert [(problem.where, problem.what) for problem in coverage.problems] == [
        (f"{GROUP}, {day} 00:00:02Z to {day} 00:00:03Z", "throttled"),
        (f"{GROUP}, {day} 00:00:03Z to {day} 00:00:04Z", "old reason"),
        (f"{GROUP}, {day} 00:00:04Z to {day} 00:00:09Z", "was not fetched"),
    ]


def test_notes_and_young_windows_are_said(tmp_path: Path) -> None:
    """What a way of reading loses, and what may still be late, is in the coverage of the stretch it concerns."""
    write(tmp_path, Header(GROUP, "r"), Had(0, 9, notes=("lost order",)), Had(10, 19, final=False))
    first, second = Coverage(), Coverage()
    Stored(tmp_path, (0, 5)).cover(first)
    Stored(tmp_path, (12, 15)).cover(second)
    assert first.notes == ["lost order"]
    assert len(second.notes) == 1
    assert second.notes[0].startswith("events after 1970-01-01 00:00:00.010Z may still")


def test_windows_without_order_say_so(tmp_path: Path) -> None:
    """What Logs Insights gave has lost the order within a millisecond: whoever judges by it is told."""
    write(tmp_path, Header(GROUP, "r"), Had(0, 9, "a.log.gz", 1), Had(10, 19, "b.log.gz", 1, notes=(losses.ORDER,)))
    ordered, lost = (next(one.chunks(Coverage())).origin for one in find_inputs([tmp_path])[1:])
    assert (ordered.order, ordered.facts) == ("event id", ())
    assert (lost.order, lost.facts) == ("time", ("order_lost",))


def test_a_line_that_nobody_can_read_is_counted(tmp_path: Path) -> None:
    """A damaged line in the midst of a journal is said, and the windows of the others count."""
    write(tmp_path, Header(GROUP, "r"), Had(0, 9), tail=b"garbage\n")
    journal = read_journal(tmp_path)
    assert (journal.damaged, list(journal.windows)) == (1, [(0, 9)])
    coverage = Coverage()
    Stored(tmp_path).cover(coverage)
    assert "1 lines of the journal cannot be read" in coverage.problems[0].what


def test_no_journal_covers_nothing(tmp_path: Path) -> None:
    """A directory without a journal has no windows."""
    assert read_journal(tmp_path).windows == {}
    assert not Stored(tmp_path).covers

"""Coverage in words: what was read, what was lost, what to keep in mind."""

from __future__ import annotations

from loganalyzer.coverage import Problem
from loganalyzer.reports.coverage import coverage_lines
from tests.reports.samples import TORN, coverage


def _lines(kind: str, **changes: object) -> list[str]:
    return [sentence for of, sentence in coverage_lines(coverage(**changes)) if of == kind]


def test_what_was_read() -> None:
    """Inputs, sizes, events, requests, forms, times and levels are given."""
    read = _lines("fact", levels={"info": 1200, "error": 3})
    assert read == [
        "2 inputs · 12.4 MB · 4,120 events · 412 requests · s3 export 2",
        "2026-11-20 12:00:00Z to 13:00:00Z",
        "Logging level: INFO 1,200, ERROR only 3",
    ]


def test_what_was_lost() -> None:
    """Each problem with its tip, unknown lines and messages with an example, cleaned and masked."""
    lost = _lines("loss", **TORN)
    assert lost[0] == "b.gz: the compressed data ends early (tip: download it again)"
    assert lost[1] == r"3 lines of no known form, such as: \x1b[31mnot a log line"
    assert lost[2].endswith("such as: Something new happened to token=********")
    assert _lines("loss") == []


def test_what_to_keep_in_mind() -> None:
    """Events that API Gateway cut and what a form loses are notes, not losses of this reading."""
    assert _lines("note", **TORN) == ["7 events cut by API Gateway ([TRUNCATED])", "order rests on time alone"]


def test_many_problems_are_counted() -> None:
    """A thousand broken files do not bury the report, and none is left uncounted."""
    lost = _lines("loss", problems=[Problem(f"{n}.gz", "broken") for n in range(1000)])
    assert len(lost) == 21
    assert "980 more problems" in lost[-1]


def test_times_and_sizes_that_make_no_sense_do_no_harm() -> None:
    """A time beyond all calendars is left out; sizes have units."""
    assert _lines("fact", first_seen=10**17, last_seen=10**18, bytes=999, levels={})[0].count("999 bytes") == 1
    assert "5.2 GB" in _lines("fact", bytes=5_200_000_000)[0]

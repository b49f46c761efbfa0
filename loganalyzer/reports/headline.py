"""What a report says in words about all requests together.

"No failures" and "could not look" are different sentences, and where the log holds only errors nothing is said about
how many requests succeeded.
"""

from __future__ import annotations

from collections.abc import Sequence

from loganalyzer.coverage import Coverage
from loganalyzer.model import Summary
from loganalyzer.reports.report import Report

LEVELS = {
    "info_trace": "INFO with data trace",
    "info": "INFO",
    "error": "ERROR only",
    "unknown": "level not certain",
}
"""The logging levels as people know them from the stage's settings."""


def count(number: int, noun: str) -> str:
    """``1 request``, ``2,000 requests``, ``2 entries``, ``2 days``."""
    plural = f"{noun[:-1]}ies" if noun.endswith("y") and not noun.endswith("ay") else f"{noun}s"
    return f"{number:,} {noun if number == 1 else plural}"


def duration(seconds: int) -> str:
    """A stretch of time in the largest unit that divides it."""
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds % size == 0:
            return count(seconds // size, unit)
    return count(seconds, "second")


def _filtered(filters: Sequence[str]) -> str:
    """What the requests were filtered by: ``with method GET since 2026-11-02 09:00:00Z``."""
    times = [words for words in filters if words.startswith(("since ", "until "))]
    kinds = ", ".join(words for words in filters if words not in times)
    return f"Only requests {' '.join(filter(None, (kinds and f'with {kinds}', *times)))}."


def headline(report: Report) -> list[str]:
    """The sentences that open a report."""
    summary = report.summary
    said = [_filtered(report.filters)] if report.filters else []
    if summary.requests == 0:
        return [*said, "No request of this log passes the filters." if report.filters else _nothing(report.coverage)]
    if summary.failed == 0 and summary.incomplete == 0:
        return [*said, _no_failures(summary, report.coverage)]
    said.append(_failed(summary, report.coverage))
    if unjudged := summary.by_category.get("UNCLASSIFIED"):
        said.append(f"{unjudged:,} of them could not be named: UNCLASSIFIED.")
    if summary.incomplete:
        said.append(
            f"{count(summary.incomplete, 'request')} incomplete: the lines stop before any outcome, so nothing is "
            "known about how they ended."
        )
    return said


def only_errors(coverage: Coverage) -> bool:
    """Whether some method logs errors only, so that its successes leave no line."""
    return bool(coverage.levels.get("error"))


def unread(coverage: Coverage) -> bool:
    """Whether a part of the input was not understood."""
    return bool(coverage.problems or coverage.unknown_lines.count or coverage.unknown_sentences.count)


def _failed(summary: Summary, coverage: Coverage) -> str:
    if coverage.failures_only:
        return f"{count(summary.failed, 'request')} failed. Nothing else was fetched, so there is no failure rate."
    if only_errors(coverage):
        return (
            f"{count(summary.failed, 'request')} failed. Some or all methods log errors only, so the log does not say "
            "how many requests succeeded: there is no failure rate."
        )
    share = 100 * summary.failed / summary.requests
    return f"{summary.failed:,} of {count(summary.requests, 'request')} failed ({_percent(share)})."


def _percent(share: float) -> str:
    if 0 < share < 0.1:
        return "less than 0.1 %"
    return f"{share:.0f} %" if share in (0, 100) else f"{min(share, 99.9):.1f} %"


def _no_failures(summary: Summary, coverage: Coverage) -> str:
    if unread(coverage):
        return (
            f"No failures among the {count(summary.requests, 'request')} that could be read, but not everything could: "
            "see below."
        )
    return f"No failures: all {count(summary.requests, 'request')} succeeded."


def _nothing(coverage: Coverage) -> str:
    if unread(coverage):
        return "Could not look: no request could be read from this input, see below."
    return "No requests in this log."

"""Whether what was reported makes the command end with an exit code of its own."""

from __future__ import annotations

from dataclasses import dataclass

from loganalyzer.coverage import Coverage
from loganalyzer.errors import Unread
from loganalyzer.model import Request, Summary
from loganalyzer.reports.headline import count
from loganalyzer.reports.selection import gateway_failed

_UNJUDGED = ("INCOMPLETE", "UNCLASSIFIED")


@dataclass(slots=True)
class Verdict:
    """Weighs requests as they are reported against the ``--fail-on`` conditions."""

    conditions: tuple[str, ...]
    failed: bool = False

    def weigh(self, request: Request) -> None:
        """Take one reported request into account."""
        if self.conditions and not self.failed:
            self.failed = any(_meets(request, condition) for condition in self.conditions)

    def demand_complete(self, coverage: Coverage, summary: Summary) -> None:
        """Raise :class:`Unread` that names what was not read, not known, or not judged of the requests counted."""
        missing = [
            (len(coverage.problems), "input problem"),
            (coverage.unknown_lines.count, "unreadable line"),
            (coverage.unknown_sentences.count, "unknown message"),
            *((summary.by_category.get(category, 0), f"{category} request") for category in _UNJUDGED),
        ]
        said = ", ".join(count(number, noun) for number, noun in missing if number)
        if said:
            raise Unread(f"not everything could be read or judged: {said}", tip="the report says which and why")


def _meets(request: Request, condition: str) -> bool:
    if condition == "gateway":
        return gateway_failed(request)
    if condition == "any":
        return request.outcome == "failed"
    if condition == "5xx":
        return request.client_status is not None and request.client_status >= 500
    return request.category == condition

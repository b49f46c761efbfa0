"""Findings tied to diagnoses: which settings explain the failures of a log, or hide what they were."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from loganalyzer.audit.examine import Audit
from loganalyzer.audit.finding import Effect, Finding
from loganalyzer.model import Request


class Explanations:
    """Notes failed requests as they go by, and then says which findings of some audits explain each category.

    Only findings about an API, stage and route that failed are given; where the log does not tell the route, any will
    do. What is kept grows with the number of routes, not of requests.
    """

    def __init__(self, audits: Sequence[Audit]) -> None:
        self.audits = tuple(audits)
        self._seen: dict[tuple[str, str, str, str], None] = {}

    def reset(self) -> None:
        """Begin again: the requests are about to be handed out anew."""
        self._seen.clear()

    def note(self, request: Request) -> None:
        """Take one request into account."""
        if request.category:
            route = f"{request.method or 'ANY'} {request.resource}" if request.resource else ""
            self._seen.setdefault((request.category, request.api_id, request.api_stage, route))

    def of(self, category: str) -> tuple[Finding, ...]:
        """The findings that explain failures of a category, causes before what hides; none if nothing fits."""
        found: dict[Finding, None] = {}
        for failed, api, stage, route in self._seen:
            if failed == category:
                for audit in self.audits:
                    if self._covers(audit, api, stage):
                        found |= dict.fromkeys(audit.explaining(category, stage=_real(stage), route=route))
        return tuple(sorted(found, key=lambda one: (one.effect is not Effect.CAUSES, -one.severity)))

    def sure(self, category: str, finding: Finding) -> bool:
        """Whether a failed request of the category is known to be of a route that the finding is about."""
        return not finding.routes or any(
            failed == category and route and finding.concerns(route) for failed, _, _, route in self._seen
        )

    def all(self) -> Mapping[str, tuple[Finding, ...]]:
        """The findings by category, for categories that some explain, in the order in which they first failed."""
        categories = dict.fromkeys(category for category, *_ in self._seen)
        return {category: found for category in categories if (found := self.of(category))}

    def foreign(self) -> tuple[Audit, ...]:
        """The audits of APIs or stages that no failed request was of."""
        return tuple(
            audit
            for audit in self.audits
            if self._seen and not any(self._covers(audit, api, stage) for _, api, stage, _ in self._seen)
        )

    def _covers(self, audit: Audit, api: str, stage: str) -> bool:
        """Whether an audit is of a request's API; one that names none is of an API that others of the log name."""
        named = {one for _, one, _, _ in self._seen if one}
        return audit.covers(api, stage) and (bool(api) or not named or not audit.api or audit.api in named)


def explained(requests: Iterable[Request], audits: Sequence[Audit]) -> Mapping[str, tuple[Finding, ...]]:
    """By category, the findings of the audits that explain the failures among the requests."""
    explanations = Explanations(audits)
    for request in requests:
        explanations.note(request)
    return explanations.all()


def _real(stage: str) -> str:
    """The console's Test belongs to no stage of the API."""
    return "" if stage == "test-invoke-stage" else stage

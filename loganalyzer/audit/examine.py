"""The judgement: every check put to the settings, what it found, and what it could not see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from loganalyzer.audit import calls
from loganalyzer.audit.asking import first_questions, further_questions
from loganalyzer.audit.checks import CHECKS
from loganalyzer.audit.finding import Check, Effect, Finding, Unseen
from loganalyzer.audit.reading import read
from loganalyzer.audit.settings import HTTP, REST, Settings
from loganalyzer.audit.snapshot import Snapshot
from loganalyzer.coverage import Problem
from loganalyzer.errors import UsageError


@dataclass(frozen=True, slots=True)
class Audit:
    """What the settings of one API explain and what they hide.

    ``taken`` says of when the settings are (ISO-8601, empty if not known); ``passed`` are the checks that saw all they
    need and found nothing; ``unseen`` what could not be looked at, by check.
    """

    api: str
    region: str
    kind: str
    stages: tuple[str, ...]
    taken: str
    findings: tuple[Finding, ...]
    unseen: tuple[Unseen, ...]
    passed: tuple[str, ...]
    problems: tuple[Problem, ...] = ()

    def covers(self, api: str, stage: str = "") -> bool:
        """Whether the settings are those of a request's API and stage; what is not known fits."""
        return (not api or not self.api or api == self.api) and (
            not stage or not self.stages or stage in self.stages or stage == "test-invoke-stage"
        )

    def explaining(self, category: str, *, stage: str = "", route: str = "") -> tuple[Finding, ...]:
        """The findings that explain failures of a category, or hide what kind they are; the most telling first.

        ``route`` (``GET /orders``) and ``stage`` leave out what is about others. Findings about all categories alike
        are left out too: where there is a log to diagnose, they explain nothing.
        """
        fitting = [
            finding
            for finding in self.findings
            if category in finding.categories
            and (not stage or finding.stage in ("", stage))
            and finding.concerns(route)
        ]  # fmt: skip
        return tuple(sorted(fitting, key=lambda one: (one.effect is not Effect.CAUSES, -one.severity, not one.routes)))


def examine(snapshot: Snapshot, *, stage: str = "") -> Audit:
    """Put every check to the settings in a snapshot, of one stage or of all.

    Raises :class:`UsageError` if the API has no stage of that name.
    """
    settings = read(snapshot, stage=stage)
    if stage and settings.stages == () and (names := _stage_names(snapshot)):
        raise UsageError(f"the API has no stage '{stage}'", tip=f"it has {', '.join(names)}")
    findings: list[Finding] = []
    unseen: list[Unseen] = []
    passed: list[str] = []
    asked = _asked(snapshot, settings)
    for one in CHECKS:
        if settings.kind == HTTP and one.id not in _OF_HTTP:
            continue
        found = [replace(finding, check=one.id) for finding in one.find(settings)]
        missed = list(_unseen(one, asked, settings))
        findings += found
        unseen += missed
        if not found and not missed:
            passed.append(one.id)
    findings.sort(key=lambda finding: -finding.severity)
    names = tuple(one.name for one in settings.stages or ())
    return Audit(settings.api, settings.region, settings.kind, names or ((stage,) if stage else ()), snapshot.taken,
                 tuple(findings), tuple(unseen), tuple(passed), snapshot.problems)  # fmt: skip


_OF_HTTP = ("kind-of-api", "access-log")
"""An HTTP API has no execution log; what is checked is whether its access log makes up for that."""


def _stage_names(snapshot: Snapshot) -> tuple[str, ...]:
    return tuple(stage.name for stage in read(snapshot).stages or ())


Asked = dict[str, list[tuple[frozenset[str], str, str]]]
"""By call, the values that it was or should have been made with, these in short, and why there is no answer, if so."""


def _asked(snapshot: Snapshot, settings: Settings) -> Asked:
    asked: Asked = {}
    for operation, request in (*first_questions(settings.kind, api=settings.api), *further_questions(settings)):
        values = frozenset(request.values())
        why = _why_unseen(snapshot, operation, dict(request))
        asked.setdefault(operation, []).append((values, _target(request.values(), settings), why))
    return asked


def _target(values: Iterable[str], settings: Settings) -> str:
    """What a call is about, in short; nothing where that is the API as a whole."""
    named = [value.rpartition(":function:")[2] for value in values if value not in ("", settings.api)]
    return " ".join(named)


def _why_unseen(snapshot: Snapshot, operation: str, request: dict[str, str]) -> str:
    given = snapshot.of(operation)
    about = [answer for answer in given if not answer.request or not request or _same(answer.request, request)]
    if any(not answer.refused for answer in about):
        return ""
    if about:
        return about[0].error + (f": {about[0].message}" if about[0].message else "")
    return "not asked, or not saved"


def _same(answered: object, asked: dict[str, str]) -> bool:
    """Whether an answer is to this request; the id of the API need not be repeated, nor the partition of ARNs."""
    given = {name: value for name, value in dict(answered).items() if name in asked and value}  # type: ignore[call-overload]
    return all(asked[name] == value for name, value in given.items())


def _unseen(one: Check, asked: Asked, settings: Settings) -> Iterator[Unseen]:
    for operation in dict.fromkeys(call for need in one.needs for call in _calls_for(need, settings.kind)):
        by_reason: dict[str, list[str]] = {}
        about = one.about(settings) if one.about is not None and operation in _NARROWED else None
        for values, target, reason in asked.get(operation, ()):
            if reason and (about is None or about & values):
                by_reason.setdefault(reason.partition(":")[0], []).append(target)
        for reason, targets in by_reason.items():
            named = [target for target in targets if target]
            of = ", ".join(named[:3]) + (f" and {len(named) - 3} more" if len(named) > 3 else "")
            yield Unseen(one.id, operation, calls.permission(operation, api=settings.api), of, reason)


_NARROWED = (calls.GET_FUNCTION, calls.GET_POLICY, calls.GET_CONCURRENCY, calls.GET_ROLE)
"""Calls about single things, of which a check may look at some only."""

_V2 = {
    calls.GET_REST_API: (calls.GET_API_V2,),
    calls.GET_STAGES: (calls.GET_STAGES_V2,),
    calls.GET_RESOURCES: (calls.GET_ROUTES, calls.GET_INTEGRATIONS),
    calls.GET_AUTHORIZERS: (calls.GET_AUTHORIZERS_V2,),
}
"""What WebSocket and HTTP APIs are asked instead."""


def _calls_for(operation: str, kind: str) -> tuple[str, ...]:
    return (operation,) if kind == REST else _V2.get(operation, (operation,))

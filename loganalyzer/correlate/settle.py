"""Rules by which other logs settle what the execution log leaves open: data in ``settle.toml``, applied here."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any

from loganalyzer.classifier.classify import FAILED, INCOMPLETE
from loganalyzer.classifier.entries import LEFT_OVER, OWN, Entry
from loganalyzer.correlate.facts import ACCESS, FACTS, LAMBDA, told_by
from loganalyzer.correlate.records import Tie
from loganalyzer.model import Diagnosis
from loganalyzer.scales import Confidence


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to settle: see ``settle.toml``."""

    origin: frozenset[str]
    to: str
    facts: frozenset[str]
    not_facts: frozenset[str]
    leaves: tuple[str, ...]
    always: bool
    adds: bool
    because: str

    def holds(self, diagnosis: Diagnosis, facts: frozenset[str]) -> bool:
        """Whether the rule is about a request with this diagnosis and these facts."""
        allowed = self.always or self.to == diagnosis.category or self.to in diagnosis.alternatives
        return diagnosis.category in self.origin and allowed and self.facts <= facts and not self.not_facts & facts


@dataclass(frozen=True, slots=True)
class RuleBook:
    """The rules, the categories of each type of gateway response, and the types that are never logged."""

    rules: tuple[Rule, ...]
    types: Mapping[str, tuple[str, ...]]
    never_logged: frozenset[str]


@cache
def rule_book() -> RuleBook:
    """The rules that come with the package."""
    text = (resources.files("loganalyzer.correlate") / "settle.toml").read_text(encoding="utf-8")
    raw: dict[str, Any] = tomllib.loads(text)
    return RuleBook(
        rules=tuple(_rule(row) for row in raw["rule"]),
        types={name: tuple(listed) for name, listed in raw["types"].items()},
        never_logged=frozenset(raw["never_logged"]["types"]),
    )


def _rule(row: Mapping[str, Any]) -> Rule:
    unknown = {*row["facts"], *row.get("not_facts", ())} - FACTS.keys()
    if unknown:
        raise ValueError(f"settle.toml speaks of facts that there are not: {sorted(unknown)}")
    return Rule(
        origin=frozenset(row["from"]),
        to=row["to"],
        facts=frozenset(row["facts"]),
        not_facts=frozenset(row.get("not_facts", ())),
        leaves=tuple(row.get("leaves", ())),
        always=bool(row.get("always", False)),
        adds=bool(row.get("adds", False)),
        because=row["because"],
    )


def settled(diagnosis: Diagnosis, tie: Tie, *, entries: Mapping[str, Entry]) -> Diagnosis:
    """The diagnosis with what other logs tell: narrowed by the type of the gateway response, then by the rules.

    ``tie.settled_by`` names the logs that changed it or made it surer. A category of the user's own is left as it is.
    """
    if diagnosis.category.startswith(OWN):
        return diagnosis
    by: dict[str, None] = {}
    narrowed = _by_type(diagnosis, tie, entries=entries)
    if narrowed is not diagnosis:
        by[ACCESS] = None
    result = narrowed
    for rule in rule_book().rules:
        if rule.holds(result, tie.facts):
            result = _apply(rule, result, tie, entries=entries, by=by)
            break
    tie.settled_by = " and ".join(by)
    return result


def _apply(
    rule: Rule, diagnosis: Diagnosis, tie: Tie, *, entries: Mapping[str, Entry], by: dict[str, None]
) -> Diagnosis:
    """What a rule makes of a diagnosis; one that was certain already stays as it is."""
    left = tuple(name for name in rule.leaves if name in diagnosis.alternatives)
    named = {told_by(name, tie) for name in rule.facts}
    logs = " and the ".join(sorted(named))
    if diagnosis.confidence == Confidence.HIGH and rule.to == diagnosis.category:
        said = (f"the {logs} adds: {rule.because}{_detail(tie, named, rule.because)}",) if rule.adds else ()
        return replace(diagnosis, reasons=diagnosis.reasons + said) if said else diagnosis
    for source in sorted(named):
        by[source] = None
    reason = f"settled by the {logs}: {rule.because}{_detail(tie, named, rule.because)}"
    return _diagnosed(rule.to, diagnosis, left, (reason,), entries=entries)


def _detail(tie: Tie, named: set[str], because: str) -> str:
    """What the function itself said, where its log settled the matter."""
    runs = [run for run in (tie.authorizer, tie.function) if run is not None and run.error]
    told = LAMBDA in named and len(runs) == 1 and runs[0].error not in because
    return f" ({runs[0].error})" if told else ""


def _by_type(diagnosis: Diagnosis, tie: Tie, *, entries: Mapping[str, Entry]) -> Diagnosis:
    """The diagnosis with the categories that do not fit the type of the gateway response ruled out."""
    kind = tie.access.error_type if tie.access else ""
    fitting = rule_book().types.get(kind, ())
    if not fitting or diagnosis.category not in entries:
        return diagnosis
    left = tuple(name for name in diagnosis.alternatives if name in fitting)
    reason = f"settled by the access log: the gateway response was {kind}"
    if diagnosis.category in fitting:
        if left == diagnosis.alternatives and (left or diagnosis.confidence == Confidence.HIGH or len(fitting) > 1):
            return diagnosis
        return _diagnosed(diagnosis.category, diagnosis, left, (reason,), entries=entries)
    if left:
        return _diagnosed(left[0], diagnosis, left[1:], (reason,), entries=entries)
    if diagnosis.category in (*LEFT_OVER, "CONFIGURATION_ERROR_UNSPECIFIED"):
        return _diagnosed(fitting[0], diagnosis, fitting[1:], (reason,), entries=entries)
    return diagnosis


def _diagnosed(
    category: str,
    before: Diagnosis,
    left: tuple[str, ...],
    reasons: tuple[str, ...],
    *,
    entries: Mapping[str, Entry],
) -> Diagnosis:
    """The diagnosis of another or a surer category: only what is still open lowers the confidence."""
    stage = entries[category].stage
    if left:
        reasons += ("the logs do not rule out " + " or ".join(left),)
    return replace(
        before,
        category=category,
        stopped_at=before.stopped_at if stage is None else stage,
        outcome=FAILED if before.outcome == INCOMPLETE or not before.category else before.outcome,
        confidence=Confidence.MEDIUM if left else Confidence.HIGH,
        alternatives=left,
        reasons=reasons,
    )


def categories_named() -> Iterator[str]:
    """Every category that the rules speak of."""
    book = rule_book()
    for rule in book.rules:
        yield from (*rule.origin - {""}, rule.to, *rule.leaves)
    for listed in book.types.values():
        yield from listed

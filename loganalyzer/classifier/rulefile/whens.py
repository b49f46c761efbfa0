"""The conditions of a rules file: every word in them must exist, and they must be able to hold."""

from __future__ import annotations

from collections.abc import Iterable

from loganalyzer import vocabulary as words
from loganalyzer.classifier import patterns
from loganalyzer.classifier.conditions import NO_STATUS, STATUS_CLASSES, Condition, union
from loganalyzer.classifier.rulefile import sense
from loganalyzer.classifier.rulefile.nearest import sentence_meant
from loganalyzer.classifier.rulefile.values import Check, Value, shown
from loganalyzer.errors import UsageError

KEYS = ("said", "said_any", "not_said", "fact", "fact_any", "not_fact", "status", "gateway", "text")
_STATUS_WORDS = (*STATUS_CLASSES, NO_STATUS)

_NARROWER = {
    sense.SUCCESSES: "ask for a line that only failures have, for a status of 4xx or 5xx, or for a gateway type",
    sense.TESTS: 'leave them out by not_fact = "test_log", or ask for a line that names a failure',
}


def main_condition(value: Value, check: Check) -> Condition:
    """The condition under which an entry holds: it must not hold for requests that went well."""
    before = len(check.findings)
    read = condition(value, check)
    if len(check.findings) > before:
        return read
    if not read.terms:
        check.tell(value, "an empty condition holds for every request", tip='say more: { said = "…" }')
    elif whose := sense.holds_for_success(read):
        check.tell(value, f"this would also hold for {whose}", tip=_NARROWER[whose])
    return read


def condition(value: Value | None, check: Check) -> Condition:
    """A condition that some request can fulfil; the empty one in place of none."""
    if value is None:
        return Condition()
    before = len(check.findings)
    table = check.table(value, KEYS)
    for member in table.values():
        if member.raw == []:
            check.tell(member, f"{member.name} is empty")
    parts = {name: table[name].listed() if name in table else [] for name in KEYS}
    read = Condition(
        said=tuple(_sentences([head], check) for head in parts["said"]),
        said_any=_sentences(parts["said_any"], check),
        not_said=_sentences(parts["not_said"], check),
        facts=_facts(parts["fact"], check),
        fact_any=_facts(parts["fact_any"], check),
        not_facts=_facts(parts["not_fact"], check),
        status=frozenset(_status(status, check) for status in parts["status"]),
        gateway=frozenset(
            check.known(kind, words.GATEWAY_RESPONSE_TYPES, noun="gateway response type") for kind in parts["gateway"]
        ),
        text=frozenset(_pattern(pattern, check) for pattern in parts["text"]),
        terms=sum(1 if name.endswith("_any") else len(members) for name, members in parts.items() if members),
    )
    if len(check.findings) == before and (why := sense.contradiction(read)):
        check.tell(value, f"this can never hold: {why}")
    return read


def _sentences(heads: Iterable[Value], check: Check) -> int:
    mask = 0
    for head in heads:
        codes = words.BY_HEAD.get(head.raw, ()) if isinstance(head.raw, str) and head.raw else ()
        if not codes:
            check.tell(head, f"no sentence of the log begins with {shown(head.raw)}", tip=sentence_meant(head.raw))
        mask |= union(1 << code for code in codes)
    return mask


def _facts(names: Iterable[Value], check: Check) -> int:
    return union(words.FACT_BIT.get(check.known(name, words.FACTS, noun="fact"), 0) for name in names)


def _status(value: Value, check: Check) -> str | int:
    if isinstance(value.raw, str):
        if value.raw not in _STATUS_WORDS:
            tip = 'write a status as 502, a class of them as "5xx", and none in the log as "none"'
            check.tell(value, f"{shown(value.raw)} is no status", tip=tip)
        return value.raw
    return check.status_code(value) or 0


def _pattern(value: Value, check: Check) -> str:
    if not isinstance(value.raw, str):
        check.tell(value, f"{value.name} must be a pattern in quotes, not {shown(value.raw)}")
        return ""
    try:
        fault = patterns.fault_of(value.raw)
    except UsageError as error:  # once is enough: without the package no pattern can be read
        if not any(finding.what == error.message for finding in check.findings):
            check.tell(value, error.message, tip=error.tip)
        return value.raw
    if fault:
        tip = "" if fault == patterns.FITS_ALL else patterns.SYNTAX
        check.tell(value, f"no usable pattern: {fault}", tip=tip)
    return value.raw

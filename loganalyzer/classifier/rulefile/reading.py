"""The tables of a rules file → entries."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from loganalyzer.classifier.entries import (
    CERTAINTY,
    LAMBDA_ERROR,
    LEFT_OVER,
    REACHED,
    Alternative,
    Certainty,
    Entry,
    Lowering,
)
from loganalyzer.classifier.rulefile.values import Check, Value, members
from loganalyzer.classifier.rulefile.whens import condition, main_condition
from loganalyzer.scales import Confidence, Stage
from loganalyzer.vocabulary import ECHOED

_NEEDED = ("title", "cause", "fix", "link", "stage", "lambda_error", "certainty")
_KEYS = (*_NEEDED, "when", "client", "alternatives", "lower", "beats", "logged", "advice")


def read_entry(category: str, raw: object, check: Check, *, categories: Collection[str]) -> Entry | None:
    """The entry of a category; None if anything is wrong with it, which ``check`` is then told.

    ``categories`` are the ids that an entry may speak of.
    """
    before = len(check.findings)
    table = check.table(Value((category,), raw), _KEYS, needed=_NEEDED)
    client = check.table(table.get("client"), ("status", "error_type", "body"))
    certainty = check.table(table.get("certainty"), ("log", "client"), needed=("log", "client"))
    whens = members(table.get("when"))
    entry = Entry(
        id=category,
        title=check.text(table.get("title")),
        stage=Stage.__members__.get(check.one_of(table.get("stage"), (*Stage.__members__, REACHED))),
        cause=check.text(table.get("cause")),
        fix=check.text(table.get("fix")),
        link=check.link(table.get("link")),
        lambda_error=check.one_of(table.get("lambda_error"), LAMBDA_ERROR),
        certainty=Certainty(*(check.one_of(certainty.get(name), CERTAINTY) for name in ("log", "client"))),
        when=tuple(main_condition(when, check) for when in whens),
        client_status=check.status_code(client.get("status")),
        client_error_type=check.text(client.get("error_type")),
        client_body=check.text(client.get("body")),
        alternatives=tuple(_alternatives(table.get("alternatives"), check, categories=categories)),
        lower=tuple(_lowerings(table.get("lower"), check)),
        beats=frozenset(_others(table.get("beats"), check, categories=categories)),
        logged=check.flag(table.get("logged"), default=True),
        advice=tuple(check.text(line) for line in members(table.get("advice"))),
        seen_as=_seen_as(whens),
    )
    if entry.when and category in LEFT_OVER:
        check.tell(table["when"], f"{category} is for requests that no rule names: it takes no when", at_key=True)
    return entry if len(check.findings) == before else None


def _alternatives(value: Value | None, check: Check, *, categories: Collection[str]) -> Iterator[Alternative]:
    for row in members(value):
        table = check.table(row, ("category", "when"), needed=("category",))
        others = _others(table.get("category"), check, categories=categories)
        yield Alternative(next(iter(others), ""), condition(table.get("when"), check))


def _lowerings(value: Value | None, check: Check) -> Iterator[Lowering]:
    for row in members(value):
        table = check.table(row, ("to", "when", "why"), needed=("to", "why"))
        to = check.one_of(table.get("to"), ("low", "medium"))
        confidence = Confidence.MEDIUM if to == "medium" else Confidence.LOW
        yield Lowering(confidence, condition(table.get("when"), check), check.text(table.get("why")))


def _others(value: Value | None, check: Check, *, categories: Collection[str]) -> list[str]:
    """The categories that a value names, none of them the entry's own."""
    for member in members(value):
        if member.raw == member.place[0]:
            check.tell(member, f"{member.raw} is this entry itself")
    return [check.known(member, categories, noun="category") for member in members(value)]


def _seen_as(whens: Iterable[Value]) -> tuple[str, ...]:
    """The sentences by which a category shows in the log; what only clients are known to be told is none."""
    told = (("said", ""), ("said_any", ""), ("gateway", "Gateway response type: "), ("text", "a text that fits "))
    heads = [
        f"{before}{head.raw}"
        for when in whens
        if isinstance(when.raw, dict)
        for key, before in told
        if key in when.raw
        for head in Value(when.place, when.raw[key]).listed()
        if head.raw not in ECHOED
    ]
    return tuple(dict.fromkeys(heads))

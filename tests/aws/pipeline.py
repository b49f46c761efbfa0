"""Queries of Logs Insights that parse lines and aggregate twice: ``parse | filter | stats | stats | sort | limit``.

As far as the language is documented; whatever is not known here is refused, as AWS refuses what it does not know.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Stats.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from tests.aws.groups import Refusal

LONGEST = 10_000
MOST_STATS = 2

Record = dict[str, str]

_STAGE = re.compile(r'(?:[^|/"]|"(?:[^"\\]|\\.)*"|/(?:[^/\\]|\\.)*/)+', re.DOTALL)
_PARSE = re.compile(r"parse\s+@message\s+/((?:[^/\\]|\\.)*)/", re.DOTALL)
_PRESENT = re.compile(r"filter\s+ispresent\((\w+)\)")
_TERM = re.compile(r"(?:(count)\(\*\)|(min|max|sum)\((.*)\))\s+as\s+(\w+)", re.DOTALL)
_CONTAINS = re.compile(r'strcontains\((@?\w+),\s*"((?:[^"\\]|\\.)*)"\)')
_NAME = re.compile(r"@?\w+")


class _Term(NamedTuple):
    how: str
    value: Callable[[Record], str]
    name: str
    needs: str


def malformed(what: str) -> Refusal:
    """What AWS says of a query that it cannot read."""
    return Refusal("MalformedQueryException", f"unexpected symbol found: {what[:60]}")


def is_pipeline(text: str) -> bool:
    """Whether a query does more than filter and count."""
    return bool(_PARSE.search(text)) or " by " in text


def run(text: str, records: Iterable[Record]) -> list[Record]:
    """The rows that a query gives for these events; raises :class:`Refusal` for one that is not valid."""
    if len(text) > LONGEST:
        raise Refusal("InvalidParameterException", "queryString must have length less than or equal to 10000")
    rows, aggregated, ordered = list(records), 0, False
    for stage in (found.strip() for found in _STAGE.findall(text)):
        verb = stage.split(None, 1)[0]
        if verb == "parse" and not aggregated:
            rows = _parsed(stage, rows)
        elif verb == "filter":
            rows = _present(stage, rows)
        elif verb == "stats" and aggregated < MOST_STATS and not ordered:
            rows, aggregated = _aggregated(stage, rows, again=bool(aggregated)), aggregated + 1
        elif verb == "sort":
            rows, ordered = _sorted(stage, rows), True
        elif verb == "limit":
            rows, ordered = rows[: int(stage.split()[1])], True
        else:
            raise malformed(stage)
    return rows


def _parsed(stage: str, rows: list[Record]) -> list[Record]:
    found = _PARSE.fullmatch(stage)
    if found is None:
        raise malformed(stage)
    expression = re.compile(found[1].replace("(?<", "(?P<"))
    if not expression.groupindex:
        raise malformed(stage)
    parsed = []
    for row in rows:
        match = expression.search(row["@message"])
        held = {name: value for name, value in match.groupdict().items() if value is not None} if match else {}
        parsed.append({**row, **held})
    return parsed


def _present(stage: str, rows: list[Record]) -> list[Record]:
    found = _PRESENT.fullmatch(stage)
    if found is None:
        raise malformed(stage)
    return [row for row in rows if found[1] in row]


def _aggregated(stage: str, rows: list[Record], *, again: bool) -> list[Record]:
    listed, by, keys = stage.removeprefix("stats").partition(" by ")
    names = [key.strip() for key in keys.split(",")] if by else []
    terms = [_term(term) for term in _split(listed)]
    if again:
        known = {name for row in rows for name in row}
        for name in (*names, *(term.needs for term in terms)):
            if name and name not in known and not all(_NAME.fullmatch(one) for one in (name,)):
                raise malformed(name)
            if name.startswith("@"):
                raise malformed(f"{name} is not there after the first stats")
    groups: dict[tuple[str | None, ...], list[Record]] = {}
    for row in rows:
        groups.setdefault(tuple(row.get(name) for name in names), []).append(row)
    return [_row(names, key, terms, members) for key, members in groups.items()]


def _row(names: Sequence[str], key: Sequence[str | None], terms: Sequence[_Term], members: list[Record]) -> Record:
    row = {name: value for name, value in zip(names, key, strict=True) if value is not None}
    for term in terms:
        if term.how == "count":
            row[term.name] = str(len(members))
            continue
        values = [value for member in members if (value := term.value(member)) != ""]
        if values:
            row[term.name] = _chosen(term.how, values)
    return row


def _chosen(how: str, values: list[str]) -> str:
    if how == "sum":
        return str(sum(map(int, values)))
    return min(values) if how == "min" else max(values)


def _split(listed: str) -> list[str]:
    """Terms between commas that stand in no brackets and no quotes."""
    terms, depth = [""], 0
    for part in re.findall(r'"(?:[^"\\]|\\.)*"|.', listed, re.DOTALL):
        depth += {"(": 1, ")": -1}.get(part, 0)
        if part == "," and not depth:
            terms.append("")
        else:
            terms[-1] += part
    return [term.strip() for term in terms]


def _term(text: str) -> _Term:
    found = _TERM.fullmatch(text)
    if found is None:
        raise malformed(text)
    how, inner, name = found[1] or found[2], (found[3] or "").strip(), found[4]
    if how == "count":
        return _Term(how, lambda row: "", name, "")
    contains = _CONTAINS.fullmatch(inner)
    if contains:
        column, needle = contains[1], re.sub(r"\\(.)", r"\1", contains[2])
        return _Term(how, lambda row: str(int(needle in row.get(column, ""))), name, column)
    if not _NAME.fullmatch(inner):
        raise malformed(inner)
    return _Term(how, lambda row: row.get(inner, ""), name, inner)


def _sorted(stage: str, rows: list[Record]) -> list[Record]:
    _, name, way = stage.split()
    return sorted(rows, key=lambda row: float(row.get(name, "0")), reverse=way == "desc")

"""Logs Insights as far as queries for lines and their counts go: ``fields | filter | stats count(*) | sort | limit``.

A query is Scheduled, then Running with some of its rows, then Complete; whole seconds, pages of 10,000 rows.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.aws.events import StoredEvent
from tests.aws.groups import Group, Parameters, Refusal
from tests.aws.pipeline import is_pipeline, run

MOST_ROWS = 100_000
PAGE_ROWS = 10_000
CONCURRENT = 100

Row = list[dict[str, str]]
Condition = Callable[[StoredEvent], bool]

_LIKE = re.compile(
    r'\s*@message\s+(?P<negated>not\s+)?like\s+(?:/(?P<regex>(?:[^/\\]|\\.)*)/|"(?P<text>(?:[^"\\]|\\.)*)")\s*',
    re.DOTALL,
)
_STAGE = re.compile(r'(?:[^|/"]|"(?:[^"\\]|\\.)*"|/(?:[^/\\]|\\.)*/)+', re.DOTALL)


@dataclass(slots=True)
class Query:
    """One query under way: the states it still goes through, then its end."""

    rows: list[Row]
    scanned: int
    states: list[str]
    matched: int = 0
    tokens: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Insights:
    """All queries of an account; ``states`` is what each goes through, the last one for good."""

    states: tuple[str, ...] = ("Scheduled", "Running", "Complete")
    queries: dict[str, Query] = field(default_factory=dict)
    billed: int = 0

    def start(self, groups: list[Group], parameters: Parameters, *, now: float) -> str:
        """Begin a query; its id."""
        running = sum(len(query.states) > 1 for query in self.queries.values())
        if running >= CONCURRENT:
            raise Refusal("LimitExceededException", "Account maximum query concurrency limit of [100] reached.")
        text = str(parameters.get("queryString", ""))
        first, last = int(str(parameters["startTime"])), int(str(parameters["endTime"]))
        if first > last or last > 1e11:
            raise Refusal("InvalidParameterException", "End time should not be before the start time")
        plan = None if is_pipeline(text) else _Plan.read(text, limit=int(str(parameters.get("limit", 10_000))))
        looked = [event for group in groups for event in group.look(first * 1000, last * 1000 + 999, now)]
        found = looked if plan is None else [event for event in looked if plan.keeps(event)]
        rows = _piped(text, found) if plan is None else plan.rows(found)
        scanned = sum(len(event.message) + 26 for event in looked)
        self.billed += scanned
        name = secrets.token_hex(16)
        self.queries[name] = Query(rows, scanned, list(self.states), matched=len(found))
        return name

    def results(self, parameters: Parameters) -> dict[str, object]:
        """What GetQueryResults answers: the present state, which goes on to the next."""
        query = self.queries.get(str(parameters.get("queryId")))
        if query is None:
            raise Refusal("ResourceNotFoundException", "Query not found.")
        state = query.states[0]
        if len(query.states) > 1:
            query.states.pop(0)
        rows = query.rows if state == "Complete" else query.rows[: len(query.rows) // 2] if state != "Scheduled" else []
        start = 0
        if "nextToken" in parameters:
            token = str(parameters["nextToken"])
            if token not in query.tokens:
                raise Refusal("InvalidParameterException", "The specified nextToken is invalid.")
            start = query.tokens[token]
        most = min(int(str(parameters.get("maxItems", PAGE_ROWS))), PAGE_ROWS)
        answer: dict[str, object] = {
            "queryLanguage": "CWLI",
            "status": state,
            "results": rows[start : start + most],
            "statistics": {
                "recordsMatched": float(query.matched),
                "recordsScanned": float(query.matched),
                "bytesScanned": float(query.scanned),
            },
        }
        if start + most < len(rows):
            token = secrets.token_hex(16)
            query.tokens[token] = start + most
            answer["nextToken"] = token
        return answer

    def stop(self, parameters: Parameters) -> dict[str, object]:
        """StopQuery."""
        query = self.queries.get(str(parameters.get("queryId")))
        if query is None or len(query.states) == 1:
            raise Refusal("InvalidParameterException", "Query is not in a state that can be stopped.")
        query.states = ["Cancelled"]
        return {"success": True}


@dataclass(slots=True)
class _Plan:
    """A query string, read."""

    limit: int
    conditions: list[Condition] = field(default_factory=list)
    backwards: bool = True
    counting: bool = False
    names: tuple[str, ...] = ("@timestamp", "@message")

    @classmethod
    def read(cls, text: str, *, limit: int) -> _Plan:
        plan = cls(limit)
        for stage in (found.strip() for found in _STAGE.findall(text)):
            verb, _, rest = stage.partition(" ")
            if verb == "fields":
                plan.names = tuple(name.strip() for name in rest.split(","))
            elif verb == "filter":
                plan.conditions.append(_condition(rest))
            elif verb == "sort":
                plan.backwards = not rest.split()[-1].lower().startswith("asc")
            elif verb == "limit":
                plan.limit = int(rest)
            elif stage.startswith("stats count(*)"):
                plan.counting = True
            else:
                raise Refusal("MalformedQueryException", f"unexpected symbol found {verb}")
        if plan.limit > MOST_ROWS:
            raise Refusal("MalformedQueryException", f"limit must be between 1 and {MOST_ROWS}")
        return plan

    def keeps(self, event: StoredEvent) -> bool:
        return all(condition(event) for condition in self.conditions)

    def rows(self, events: Iterable[StoredEvent]) -> list[Row]:
        found = list(events)
        if self.counting:
            return [[{"field": "count(*)", "value": str(len(found))}]]
        # The order within a millisecond is lost.
        found.sort(key=lambda event: (-event.time if self.backwards else event.time, hash(event.key)))
        return [_row(event, self.names) for event in found[: self.limit]]


def _piped(text: str, events: Iterable[StoredEvent]) -> list[Row]:
    records = ({"@timestamp": _when(event.time), "@message": event.message} for event in events)
    return [[{"field": name, "value": value} for name, value in row.items()] for row in run(text, records)]


def _when(time: int) -> str:
    return f"{datetime.fromtimestamp(time // 1000, UTC):%Y-%m-%d %H:%M:%S}.{time % 1000:03d}"


def _row(event: StoredEvent, names: tuple[str, ...]) -> Row:
    values = {
        "@timestamp": _when(event.time),
        "@message": event.message,
        "@logStream": event.stream,
        "@ptr": f"ptr{event.id}",
    }
    return [{"field": name, "value": values[name]} for name in (*names, "@ptr") if name in values]


def _condition(text: str) -> Condition:
    """``@message like /a/ or @message like "b"``, joined by one kind of word."""
    terms: list[Condition] = []
    words: set[str] = set()
    position = 0
    while position < len(text.rstrip()):
        found = _LIKE.match(text, position)
        if found is None:
            raise Refusal("MalformedQueryException", f"unexpected symbol found at {text[position : position + 40]!r}")
        terms.append(_like(found))
        position = found.end()
        word = re.match(r"(and|or)\b", text[position:])
        if word:
            words.add(word[1])
            position += word.end()
    if len(words) > 1:
        raise Refusal("MalformedQueryException", "this server joins conditions by one kind of word")
    join = all if words == {"and"} else any
    return lambda event: join(term(event) for term in terms)


def _like(found: re.Match[str]) -> Condition:
    if found["regex"] is not None:
        expression = re.compile(found["regex"])
    else:
        expression = re.compile(re.escape(re.sub(r"\\(.)", r"\1", found["text"])))
    wanted = not found["negated"]
    return lambda event: (expression.search(event.message) is not None) == wanted

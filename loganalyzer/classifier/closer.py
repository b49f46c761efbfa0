"""A closer look at requests worth it: their evidence, the route an authorizer failure leaves out, the policy shown."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from loganalyzer import vocabulary as words
from loganalyzer.classifier.evidence import RESULT, needs_phase, shows_policy
from loganalyzer.classifier.explainers.material import Material, by_head
from loganalyzer.classifier.explainers.policy import judge
from loganalyzer.classifier.explainers.registry import EXPLAINERS, explain
from loganalyzer.classifier.rules import Entry, catalogue
from loganalyzer.formats import Input
from loganalyzer.model import Event, Explanation
from loganalyzer.parser.kept import MAX_TEXT, KeptOf
from loganalyzer.parser.look import Look
from loganalyzer.parser.shared import split_events
from loganalyzer.parser.summary import LATE, Rows, among, places
from loganalyzer.parser.table import Table

Flags = npt.NDArray[np.bool_]

MAX_EVIDENCE = 8
"""So many lines of evidence are kept of one request."""

_ARN_HEADS = (
    "Endpoint request body after transformations:",
    "Endpoint request headers:",
    "User: anonymous is not authorized to perform",
    "User: arn:… is not authorized to perform",
)
_ARN_CODES = frozenset(code for head in _ARN_HEADS for code in words.BY_HEAD[head])
_ARNS = ("method_arn", "source_arn", "resource_arn")
_VERB = re.compile("[A-Z]{3,20}")
_OUTCOME = ("Method completed with status:", "Gateway response type:")
_SHOWN_BY = {"policy_denies": RESULT, "policy_does_not_match": RESULT, "policy_allows": RESULT}
"""Facts of the second look, and the sentence that shows them."""

_CONSTANT = {
    "completed": "Successfully completed execution",
    "stopped_after_authorizer": "Successfully completed authorizer execution",
}
"""Facts that a sentence without any value shows: it need not be kept to be quoted."""


_CALL_ID = b" Lambda request id:"
_CALLS = frozenset(
    code
    for head in (
        "Lambda execution failed with status",
        "Lambda execution failed due to customer function error",
        "Lambda invocation failed with status:",
    )
    for code in words.BY_HEAD[head]
)
"""Sentences that end in the id of the function's call, which alone may tell them from the same of other requests."""

_CLOSING = frozenset(code for head in (*_OUTCOME, "Unauthorized request:") for code in words.BY_HEAD[head])
"""Sentences that no explainer reads: the status, or what only the id tells from others."""

_TIMEOUTS = ("PROXY_INTEG_APIGW_TIMEOUT", "INTEGRATION_TIMEOUT", "AUTHORIZER_APIGW_TIMEOUT")


@dataclass(frozen=True, slots=True)
class Detail:
    """What only the text of a request tells: its evidence, API, method and path from its ARNs, what exactly broke."""

    evidence: tuple[str, ...]
    api: bytes = b""
    method: bytes = b""
    path: bytes = b""
    broke: str = ""


NO_DETAIL = Detail(())


def evidence_heads(entry: Entry | None) -> tuple[str, ...]:
    """The sentences that a diagnosis of a category rests on: those its rules name, or that show a fact they name."""
    heads: dict[str, None] = {}
    for condition in entry.when if entry else ():
        for sentence in words.SENTENCES[1:]:
            if condition.names(sentence.code) or any(
                words.FACT_BIT[fact.name] & (condition.facts | condition.fact_any) for fact in sentence.facts
            ):
                heads[sentence.head] = None
        for name, head in (*_SHOWN_BY.items(), *_CONSTANT.items()):
            if words.FACT_BIT[name] & (condition.facts | condition.fact_any):
                heads[head] = None
    return (*heads, *_OUTCOME)


class _Wanted:
    """What is evidence in the requests of a category: a flag for each sentence, the codes of those that have
    it; of constant ones the head and in which bits of a row's two words it is said."""

    __slots__ = ("codes", "constant", "shown")

    def __init__(self, entry: Entry | None) -> None:
        heads = evidence_heads(entry)
        self.codes: Flags = np.array([bool(s.rank) or s.head in heads for s in words.SENTENCES])
        self.shown = frozenset(places(self.codes).tolist())
        self.constant = tuple((head, *_bits_of(head)) for head in heads if head in _CONSTANT.values())


_WANTED: dict[str, _Wanted] = {}
"""What is evidence by the built-in catalogue, by category: a process may look at many tables."""


class Closer:
    """Brings the text of single requests: from what was kept while scanning, from the log itself for more.

    ``entries`` is the catalogue, the built-in one unless another is given, ``kept`` what was kept of the rows, that of
    the table unless it is given.
    """

    def __init__(
        self,
        inputs: Sequence[Input],
        table: Table,
        occurrence: Sequence[int],
        *,
        entries: Mapping[str, Entry] | None = None,
        kept: KeptOf | None = None,
    ) -> None:
        self._inputs, self._table, self._occurrence = inputs, table, occurrence
        self._entries = catalogue() if entries is None else entries
        self._wanted: dict[str, _Wanted] = _WANTED if self._entries is catalogue() else {}
        several = table.rows["key"][np.array(occurrence, np.int64) > 0]
        self._shares_id = frozenset(places(among(table.rows["key"], several)).tolist() if len(several) else ())
        self.kept = kept or KeptOf.of(table.kept, table.rows)
        self._last: tuple[int, list[Event]] = (-1, [])

    @property
    def needs_the_log(self) -> bool:
        """Whether some requests share their id, so that what was kept does not tell whose it is."""
        return bool(self._shares_id)

    def events(self, index: int) -> list[Event]:
        """Every event of the request in this row of the table, in order."""
        if self._last[0] != index:
            self._last = index, self.events_of([index])[0]
        return self._last[1]

    def events_of(self, indices: Sequence[int]) -> list[list[Event]]:
        """Every event of each of these requests; the log is read once for all of them."""
        found = Look(self._inputs, self._table, self._table.rows[np.array(indices, np.int64)]).events()
        return [self._own(index, events) for index, events in zip(indices, found, strict=True)]

    def _own(self, index: int, events: list[Event]) -> list[Event]:
        groups = split_events(events)
        return groups[self._occurrence[index]] if len(groups) > 1 else events

    def heads(self, category: str) -> set[str]:
        """Heads of the sentences that are evidence in a request of this category."""
        return {s.head for s, wanted in zip(words.SENTENCES, self._evidence(category).codes, strict=True) if wanted}

    def look(self, index: int, said: Sequence[int], category: str, *, authorizer: str = "unknown") -> Detail:
        """What the text of the request in this row tells, given its category and what became of its authorizer.

        ``said`` are the two words of its sentences.
        """
        wanted = self._evidence(category)
        constant = [head for head, low, high in wanted.constant if said[0] & low or said[1] & high]
        lines = self._lines(index)
        return _detail(lines, wanted.shown, constant, self._broke(index, category, lines, authorizer))

    def method_and_path(self, index: int) -> tuple[bytes, bytes]:
        """Those that an ARN in the text of the request in this row names, empty if none does."""
        return _told_route(self._lines(index))[1:]

    def _evidence(self, category: str) -> _Wanted:
        if category not in self._wanted:
            self._wanted[category] = _Wanted(self._entries.get(category))
        return self._wanted[category]

    def decisive(self, index: int) -> str:
        """The message that decides over the failure of the request in this row, its first 4096 bytes; empty if none."""
        lines = [(words.SENTENCES[code].rank, message) for code, message in self._lines(index)]
        _, message = min((line for line in lines if line[0]), key=lambda line: line[0], default=(0, b""))
        return message[:MAX_TEXT].decode("utf-8", "replace")

    def _broke(self, index: int, category: str, lines: Sequence[tuple[int, bytes]], authorizer: str) -> str:
        """What exactly broke, as far as the kept lines tell."""
        if category not in EXPLAINERS:
            return ""
        telling = tuple(
            (code, message.partition(_CALL_ID)[0] if code in _CALLS else message)
            for code, message in lines
            if code not in _CLOSING
        )
        return _detail_of(category, telling, self._waited(index, category), authorizer)

    def explain(
        self, index: int, events: Sequence[Event], category: str, *, authorizer: str, traced: bool
    ) -> Explanation:
        """What exactly broke in the request in this row, by all of its events."""
        lines = [(words.match(event.message).code, event.message) for event in events]
        waited = self._waited(index, category)
        return explain(Material(category, by_head(lines), waited, authorizer, traced=traced, complete=True))

    def _waited(self, index: int, category: str) -> int | None:
        """For a timeout the time from the call to the decisive line, else from the milestone that is nearest to it."""
        if category not in _TIMEOUTS:
            return None
        row = self._table.rows[index]
        starts = (row["call_last_t"], row["first"] if category.startswith("AUTHORIZER") else row["bound_t"])
        known = [int(start) for start in starts if 0 < start < LATE]
        return int(row["decisive_t"]) - known[0] if known and 0 < row["decisive_t"] < LATE else None

    def policy_fact(self, index: int) -> str | None:
        """What the policy says that the lines of a request show: the name of a fact, None if it cannot be told."""
        arn, result = "", b""
        for code, message in self._lines(index):
            sentence = words.SENTENCES[code]
            if sentence.head == RESULT:
                result = message[len(RESULT) :]
            elif sentence.head in _ARN_HEADS:
                arn = sentence.captured(message).get("method_arn", "") or arn
        return judge(result.strip(), arn) if result.strip() else None

    def _lines(self, index: int) -> Sequence[tuple[int, bytes]]:
        """Code and message of the kept lines; of all lines, if other requests have the same id."""
        if index in self._shares_id:
            return [(words.match(event.message).code, event.message) for event in self.events(index)]
        return self.kept[index]


@lru_cache(maxsize=4096)
def _detail_of(category: str, lines: tuple[tuple[int, bytes], ...], waited: int | None, authorizer: str) -> str:
    """The same lines come again and again."""
    return explain(Material(category, by_head(lines), waited, authorizer)).detail


def _bits_of(head: str) -> tuple[int, int]:
    codes = words.BY_HEAD[head]
    low, high = (sum(1 << (code % 64) for code in codes if code // 64 == part) for part in (0, 1))
    return low, high


def _detail(lines: Sequence[tuple[int, bytes]], shown: frozenset[int], constant: Sequence[str], broke: str) -> Detail:
    evidence = dict.fromkeys(constant)
    for code, message in lines:
        if code in shown:
            evidence[message.decode("utf-8", "replace")] = None
    return Detail(tuple(evidence)[:MAX_EVIDENCE], *_told_route(lines), broke=broke)


def _told_route(lines: Sequence[tuple[int, bytes]]) -> tuple[bytes, bytes, bytes]:
    """API, method and path by the first ARN that names a method, else by the last one."""
    route = (b"", b"", b"")
    for code, message in lines:
        if code in _ARN_CODES and not route[1]:
            fields = words.SENTENCES[code].captured(message)
            route = route_of(next((fields[name] for name in _ARNS if name in fields), ""))
    return route


def route_of(arn: str) -> tuple[bytes, bytes, bytes]:
    """``<api>/<stage>``, method and path from ``arn:aws:execute-api:<region>:<account>:<api>/<stage>/<verb>/<path>``.

    A WebSocket API's has the key of the route in the place of verb and path: the path is that of its predefined routes.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html
    """
    parts = arn.rpartition(":")[2].split("/", 3) if ":execute-api:" in arn else []
    if len(parts) < 2 or parts[1] == "authorizers":
        return (b"", b"", b"")
    api = f"{parts[0]}/{parts[1]}" if parts[0] and parts[1] not in ("null", "") else ""
    verb = parts[2] if len(parts) > 2 else ""
    if not _VERB.fullmatch(verb):
        return api.encode(), b"", verb.encode() if verb.startswith("$") else b""
    return api.encode(), verb.encode(), f"/{parts[3] if len(parts) > 3 else ''}".encode()


def policy_facts(closer: Closer, rows: Rows, facts: npt.NDArray[np.uint64]) -> None:
    """Add to ``facts`` what the policies say that requests stopping after their authorizer show."""
    for at in np.flatnonzero(shows_policy(rows)).tolist():
        verdict = closer.policy_fact(at)
        if verdict:
            facts[at] |= np.uint64(words.FACT_BIT[verdict])


def late_facts(inputs: Sequence[Input], table: Table) -> None:
    """Look for the late facts of requests whose phase nothing else tells, and put them into their rows."""
    which = np.flatnonzero(needs_phase(table.rows))
    if not len(which):
        return
    codes = np.array([any(fact.late for fact in s.facts) for s in words.SENTENCES])
    looked = Look(inputs, table, table.rows[which], np.tile(codes, (len(which), 1))).events()
    for at, events in zip(which.tolist(), looked, strict=True):
        names = {name for event in events for name in words.match(event.message).facts_of(event.message)}
        table.rows["facts"][at] |= np.uint64(sum(words.FACT_BIT[name] for name in names))

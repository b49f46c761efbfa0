"""A closer look at requests worth it: their evidence, the route an authorizer failure leaves out, the policy shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from loganalyzer import vocabulary as words
from loganalyzer.classifier.evidence import RESULT, needs_phase, shows_policy
from loganalyzer.classifier.explainers.policy import judge
from loganalyzer.classifier.rules import Entry, catalogue
from loganalyzer.formats import Input
from loganalyzer.model import Event
from loganalyzer.parser.evidence import MAX_TEXT, Kept
from loganalyzer.parser.look import Look
from loganalyzer.parser.shared import split_events
from loganalyzer.parser.summary import Rows
from loganalyzer.parser.table import Table

Flags = npt.NDArray[np.bool_]

MAX_EVIDENCE = 8
"""So many lines of evidence are kept of one request."""

_ARN_HEADS = ("Endpoint request body after transformations:", "Endpoint request headers:")
_OUTCOME = ("Method completed with status:", "Gateway response type:")
_SHOWN_BY = {"policy_denies": RESULT, "policy_does_not_match": RESULT, "policy_allows": RESULT}
"""Facts of the second look, and the sentence that shows them."""

_CONSTANT = {
    "completed": "Successfully completed execution",
    "stopped_after_authorizer": "Successfully completed authorizer execution",
}
"""Facts that a sentence without any value shows: it need not be kept to be quoted."""


@dataclass(frozen=True, slots=True)
class Detail:
    """What only the text of a request tells: its evidence, and API, method and path from the ARNs in it."""

    evidence: tuple[str, ...]
    api: bytes = b""
    method: bytes = b""
    path: bytes = b""


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
    """What is evidence in the requests of a category: a flag for each sentence, and the heads of constant ones."""

    __slots__ = ("codes", "constant")

    def __init__(self, entry: Entry | None) -> None:
        heads = evidence_heads(entry)
        self.codes: Flags = np.array([bool(s.rank) or s.head in heads for s in words.SENTENCES])
        self.constant = tuple(head for head in heads if head in _CONSTANT.values())


class Closer:
    """Brings the text of single requests: from what was kept while scanning, from the log itself for more.

    ``entries`` is the catalogue, the built-in one unless another is given.
    """

    def __init__(
        self,
        inputs: Sequence[Input],
        table: Table,
        occurrence: Sequence[int],
        *,
        entries: Mapping[str, Entry] | None = None,
    ) -> None:
        self._inputs, self._table, self._occurrence = inputs, table, occurrence
        self._entries = catalogue() if entries is None else entries
        self._wanted: dict[str, _Wanted] = {}
        several = table.rows["key"][np.array(occurrence, np.int64) > 0]
        self._shares_id = np.isin(table.rows["key"], several) if len(several) else np.zeros(len(table.rows), bool)
        self._kept = kept_by_id(table)

    def events(self, index: int) -> list[Event]:
        """Every event of the request in this row of the table, in order."""
        events = Look(self._inputs, self._table, self._table.rows[index : index + 1]).events()[0]
        groups = split_events(events)
        return groups[self._occurrence[index]] if len(groups) > 1 else events

    def heads(self, category: str) -> set[str]:
        """Heads of the sentences that are evidence in a request of this category."""
        return {s.head for s, wanted in zip(words.SENTENCES, self._evidence(category).codes, strict=True) if wanted}

    def look(self, index: int, category: str) -> Detail:
        """What the text of the request in this row tells, given its category."""
        wanted = self._evidence(category)
        constant = [head for head in wanted.constant if _says(self._table.rows[index], head)]
        return _detail(self._lines(index), wanted.codes, constant)

    def _evidence(self, category: str) -> _Wanted:
        if category not in self._wanted:
            self._wanted[category] = _Wanted(self._entries.get(category))
        return self._wanted[category]

    def decisive(self, index: int) -> str:
        """The message that decides over the failure of the request in this row, its first 4096 bytes; empty if none."""
        lines = [(words.SENTENCES[code].rank, message) for code, message in self._lines(index)]
        _, message = min((line for line in lines if line[0]), key=lambda line: line[0], default=(0, b""))
        return message[:MAX_TEXT].decode("utf-8", "replace")

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
        if self._shares_id[index]:
            return [(words.match(event.message).code, event.message) for event in self.events(index)]
        return [(line.code, line.message) for line in self._kept.get(self._table.rows["id"][index].tobytes(), ())]


def kept_by_id(table: Table) -> dict[bytes, list[Kept]]:
    """The kept lines of every request in order, each once."""
    found: dict[bytes, list[Kept]] = {}
    for line in sorted(table.kept, key=lambda line: (line.time, line.position)):
        found.setdefault(line.id, []).append(line)
    return found


def _says(row: np.void, head: str) -> bool:
    return any(int(row["said"][code // 64]) >> (code % 64) & 1 for code in words.BY_HEAD[head])


def _detail(lines: Sequence[tuple[int, bytes]], codes: Flags, constant: Sequence[str]) -> Detail:
    evidence = dict.fromkeys(constant)
    route = (b"", b"", b"")
    for code, message in lines:
        if codes[code]:
            evidence[message.decode("utf-8", "replace")] = None
        if words.SENTENCES[code].head in _ARN_HEADS and not route[1]:
            fields = words.SENTENCES[code].captured(message)
            route = route_of(fields.get("method_arn") or fields.get("source_arn", ""))
    return Detail(tuple(list(evidence)[:MAX_EVIDENCE]), *route)


def route_of(arn: str) -> tuple[bytes, bytes, bytes]:
    """``<api>/<stage>``, method and path from ``arn:aws:execute-api:<region>:<account>:<api>/<stage>/<verb>/<path>``.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html
    """
    parts = arn.rpartition(":")[2].split("/", 3) if ":execute-api:" in arn else []
    if len(parts) < 2 or parts[1] == "authorizers":
        return (b"", b"", b"")
    api = f"{parts[0]}/{parts[1]}" if parts[0] and parts[1] not in ("null", "") else ""
    method = parts[2] if len(parts) > 2 else ""
    path = f"/{parts[3]}" if len(parts) > 3 else ("/" if method else "")
    return api.encode(), method.encode(), path.encode()


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

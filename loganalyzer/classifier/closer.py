"""A closer look at requests worth it: their evidence, the route an authorizer failure leaves out, the policy shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from loganalyzer import vocabulary as words
from loganalyzer.classifier.detail import ARN_HEADS, Detail, Wanted, detail_of, told_route
from loganalyzer.classifier.evidence import RESULT, needs_phase, shows_policy
from loganalyzer.classifier.explainers.material import Material, by_head
from loganalyzer.classifier.explainers.policy import judge
from loganalyzer.classifier.explainers.registry import explain
from loganalyzer.classifier.rules import Entry, catalogue
from loganalyzer.formats import Input
from loganalyzer.model import Event, Explanation
from loganalyzer.parser.columns import LATE, Ints, Rows, among, places
from loganalyzer.parser.kept import MAX_TEXT, KeptOf
from loganalyzer.parser.look import Look
from loganalyzer.parser.shared import split_events
from loganalyzer.parser.table import Table

_TIMEOUTS = ("PROXY_INTEG_APIGW_TIMEOUT", "INTEGRATION_TIMEOUT", "AUTHORIZER_APIGW_TIMEOUT")

_WANTED: dict[str, Wanted] = {}
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
        self._wanted: dict[str, Wanted] = _WANTED if self._entries is catalogue() else {}
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

    def look(
        self, which: Ints, said: Sequence[tuple[int, int]], categories: Sequence[str], authorizers: Sequence[str]
    ) -> Iterator[Detail]:
        """What the text of each request in some rows tells, given its category and what became of its authorizer.

        ``said`` has the two words of the sentences of each.
        """
        asked = zip(which.tolist(), self.kept.lines_of(which), said, categories, authorizers, strict=True)
        for index, lines, bits, category, authorizer in asked:
            own = tuple(self._lines(index)) if index in self._shares_id else lines
            waited, wanted = self._waited(index, category), self._evidence(category)
            yield detail_of(own, category, waited, authorizer, wanted=wanted, said=bits)

    def method_and_path(self, index: int) -> tuple[bytes, bytes]:
        """Those that an ARN in the text of the request in this row names, empty if none does."""
        return told_route(tuple(self._lines(index)))[1:]

    def _evidence(self, category: str) -> Wanted:
        if category not in self._wanted:
            self._wanted[category] = Wanted(self._entries.get(category))
        return self._wanted[category]

    def decisive(self, index: int) -> str:
        """The message that decides over the failure of the request in this row, its first 4096 bytes; empty if none."""
        lines = [(words.SENTENCES[code].rank, message) for code, message in self._lines(index)]
        _, message = min((line for line in lines if line[0]), key=lambda line: line[0], default=(0, b""))
        return message[:MAX_TEXT].decode("utf-8", "replace")

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
            elif sentence.head in ARN_HEADS:
                arn = sentence.captured(message).get("method_arn", "") or arn
        return judge(result.strip(), arn) if result.strip() else None

    def _lines(self, index: int) -> Sequence[tuple[int, bytes]]:
        """Code and message of the kept lines; of all lines, if other requests have the same id."""
        if index in self._shares_id:
            return [(words.match(event.message).code, event.message) for event in self.events(index)]
        return self.kept[index]


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

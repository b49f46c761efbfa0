"""Lines of access logs joined to the requests of an execution log, and the failures that stand in them alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from loganalyzer.correlate.access import records_of
from loganalyzer.correlate.facts import RouteSeen
from loganalyzer.correlate.records import AccessRecord
from loganalyzer.correlate.settle import rule_book
from loganalyzer.correlate.wanted import Wanted
from loganalyzer.coverage import Coverage, Problem
from loganalyzer.formats import Input
from loganalyzer.formats.messages import messages_of
from loganalyzer.parser.ids import ID_BYTES, id_words
from loganalyzer.parser.packing import Flags, Words, packed
from loganalyzer.parser.successes import ends_of
from loganalyzer.parser.table import Table

MARGIN_MS = 60_000
"""An access log's time is that of the request's arrival, an execution log's that of its lines."""

MOST_ROUTES = 10_000
MOST_UNLOGGED = 200_000
MOST_OTHERS = 1_000
"""So many requests that went well are remembered, to see whether the access log is of the same API."""


@dataclass(slots=True)
class _Seen:
    """Counts of lines, and of those that were not joined."""

    lines: int = 0
    no_id: int = 0
    outside: int = 0
    unknown: int = 0


class AccessJoin:
    """Collects the lines of access logs that belong to the wanted requests of a table.

    ``records`` are they by row, ``routes`` what lines of each route show; ``refusals_named`` says whether any line of
    a refusal names an authorizer.
    """

    def __init__(self, wanted: Wanted, table: Table) -> None:
        self.records: dict[int, AccessRecord] = {}
        self.routes: dict[tuple[str, str], RouteSeen] = {}
        self.refusals_named = False
        self._wanted, self._table = wanted, table
        self._others: set[str] = set()
        self._unlogged: dict[tuple[str, str], AccessRecord] = {}
        self._seen = _Seen()
        rows, ids = table.rows, wanted.by_request
        times = [part.min() for part in (rows["first"], table.successes["first"]) if len(part)]
        lasts = [part.max() for part in (rows["last"], ends_of(table.successes)) if len(part)]
        self._from = min((int(t) for t in times), default=0) - MARGIN_MS
        self._until = max((int(t) for t in lasts), default=0) + MARGIN_MS
        self._known = len(ids)

    def read(self, source: Input, coverage: Coverage) -> None:
        """Take in one access log; one that holds no line of the kind is a problem."""
        before = self._seen.lines
        for record, has_id in records_of(messages_of(source, coverage), self._wanted):
            if record.status is None and not record.error_type:
                continue  # every access log has the status; what has none is another log
            self._seen.lines += 1
            if has_id:
                self._add(record)
            else:
                self._seen.no_id += 1
        if self._seen.lines == before and not any(p.where == source.name for p in coverage.problems):
            what = "no line of this is one of an access log"
            tip = "access logs are JSON, CLF, CSV or XML with one line a request, $context.requestId in it"
            coverage.problems.append(Problem(source.name, what, tip))

    def _add(self, record: AccessRecord) -> None:
        self._count_route(record)
        refused = record.status == 401 or record.error_type == "UNAUTHORIZED"
        self.refusals_named = self.refusals_named or (refused and bool(record.authorizer_id))
        row = self._row_of(record)
        failing = (record.status or 0) >= 400 or bool(record.error_type)
        if row is None:
            if failing:
                self._keep_unlogged(record)
            elif len(self._others) < MOST_OTHERS:
                self._others.add(record.request_id)
            return
        self.records[row] = record
        self._wanted.add_integration(row, record.integration_id)
        self._wanted.add_authorizer(row, record.authorizer_id)
        self._wanted.add_trace(row, record.trace_id)

    def _row_of(self, record: AccessRecord) -> int | None:
        """The request that a line is about, by its ids; by others of them where it holds no request id."""
        if record.request_id or record.extended_id:
            return self._wanted.row_of(record.request_id, record.extended_id)
        for key, known in (
            (record.integration_id, self._wanted.by_integration),
            (record.trace_id, self._wanted.by_trace),
        ):
            found = known.get(key, [])
            if len(found) == 1:
                return found[0]
        return None

    def _count_route(self, record: AccessRecord) -> None:
        key = (record.method, record.resource or record.path)
        if key in self.routes or (len(self.routes) < MOST_ROUTES and key[1]):
            self.routes.setdefault(key, RouteSeen()).add(record)

    def _keep_unlogged(self, record: AccessRecord) -> None:
        """A failure without a line in the execution log: it counts if its kind is never logged, or not always."""
        if record.request_id in self._wanted.by_request:
            self._seen.unknown += 1  # several requests have this id, and nothing tells them apart
        elif record.time is not None and not self._from <= record.time <= self._until:
            self._seen.outside += 1
        elif type_of(record) in rule_book().never_logged and len(self._unlogged) < MOST_UNLOGGED:
            self._unlogged[(record.request_id, record.extended_id)] = record
        else:
            self._seen.unknown += 1

    def unlogged(self) -> list[AccessRecord]:
        """Those of the requests in the access log alone that are not among the successes either."""
        if not self._of_this_api():
            return []
        logged = self._logged(record.request_id for record in self._unlogged.values())
        return [record for record in self._unlogged.values() if record.request_id not in logged]

    def _of_this_api(self) -> bool:
        """Whether the access log and the execution log share any request: else nothing is concluded from it."""
        return bool(self.records) or bool(self._logged(self._others))

    def _logged(self, ids: Iterable[str]) -> set[str]:
        """Those of the ids that stand in the execution log."""
        asked = sorted(one for one in set(ids) if one and len(one) <= ID_BYTES and one.isascii())
        if not asked:
            return set()
        ids = np.array([id_words(one.encode()) for one in asked])
        words, fits = packed(ids)
        found = _among(ids, self._table.rows["id"]) | fits & _among(words, self._table.successes["id"])
        return {one for one, there in zip(asked, found.tolist(), strict=True) if there}

    def notes(self) -> Iterator[str]:
        """How much was joined, in words."""
        seen, found = self._seen, len(self.records)
        if seen.lines:
            yield f"access log: {seen.lines:,} lines; {found:,} of {self._known:,} requests looked up are in it"
        if seen.lines and seen.no_id == seen.lines:
            yield "access log: no line holds an id ($context.requestId), so none could be joined"
        elif seen.no_id:
            yield f"access log: {seen.no_id:,} lines without any id were not joined"
        elif seen.lines and not self._of_this_api():
            yield "access log: its ids are of other requests, so it was left out: is it of this API, stage and time?"
            return
        if seen.outside:
            yield f"access log: {seen.outside:,} failures outside of the time of the execution log were left out"
        if seen.unknown:
            yield (
                f"access log: {seen.unknown:,} failures have no lines in the execution log, although their kind is "
                "logged at INFO: it may be off or at ERROR for their methods"
            )


def type_of(record: AccessRecord) -> str:
    """The type of the gateway response that a line names; the one its status or AWS WAF stands for, if no line does.

    Only WAF answers WAF_BLOCK, and only API Gateway 413 and 429 before any integration was called.
    """
    if record.error_type:
        return record.error_type
    if record.waf == "WAF_BLOCK":
        return "WAF_FILTERED"
    if "integration_id" in record.unset and record.integration_status is None:
        return {413: "REQUEST_TOO_LARGE", 429: "THROTTLED"}.get(record.status or 0, "")
    return ""


def _among(ids: Words, known: Words) -> Flags:
    """Which ids, a row of words each, are among the known ones."""
    kind = f"S{ids.itemsize * ids.shape[1]}"
    return np.isin(ids.view(kind).ravel(), np.ascontiguousarray(known).view(kind).ravel())

"""Requests in columns: what few of them tell apart stands once, with the number of its value for each request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from loganalyzer.classifier import evidence
from loganalyzer.classifier.detail import NO_DETAIL, Detail
from loganalyzer.classifier.explainers.denial import CACHED
from loganalyzer.judged.diagnosed import Diagnosed
from loganalyzer.judged.routes import Route, Routes, text_of
from loganalyzer.judged.told import Told
from loganalyzer.model import Request
from loganalyzer.parser.columns import EARLY, LATE, Ints, Rows, places
from loganalyzer.parser.heads import Words
from loganalyzer.parser.mapped import taken
from loganalyzer.parser.table import Table

_T = TypeVar("_T")

Flags = npt.NDArray[np.bool_]


class Standing(NamedTuple):
    """The log level that a request shows, and what became of its authorizer."""

    log_level: str
    authorizer: str


class Columns(NamedTuple):
    """Some requests: their ``rows`` of a ``table``, and for each the numbers of its route, its path, what its diagnosis
    tells, its level and authorizer, and what its text tells."""

    table: Table
    rows: Rows
    routes: Sequence[Route]
    route: Sequence[int]
    paths: Sequence[str]
    path: Sequence[int]
    told: Sequence[Told]
    case: Ints
    standings: Sequence[Standing]
    standing: Ints
    details: Sequence[Detail]
    detail: Sequence[int]

    def first_seen(self) -> list[str]:
        """When each request was seen first, as ISO-8601 in UTC with milliseconds and ``Z``; empty if no line tells."""
        return _written(self.rows["first"], unknown=LATE)

    def last_seen(self) -> list[str]:
        """When each was seen last, in the same way."""
        return _written(self.rows["last"], unknown=EARLY)

    def lasted(self) -> Ints:
        """How long each request took, in ms, -1 where that is not known."""
        first, last = self.rows["first"], self.rows["last"]
        return np.where((first != LATE) & (last != EARLY), last - first, -1)

    def client_status(self) -> Ints:
        """The status that each client got, -1 where that is not known: the one logged, else that of the category."""
        status = self.rows["status"].astype(np.int64)
        default = np.array([-1 if one.client_status is None else one.client_status for one in self.told], np.int64)
        return status if (status >= 0).all() else np.where(status >= 0, status, default[self.case])

    def masked(self, secret: Callable[[str], str]) -> Columns:
        """The same with every text masked that quotes the log; each distinct one is asked for once."""

        def all_of(texts: Iterable[str]) -> tuple[str, ...]:
            return tuple([secret(text) if text else "" for text in texts])

        return self._replace(
            routes=[route._replace(resource=secret(route.resource)) for route in self.routes],
            paths=all_of(self.paths),
            told=[one._replace(reasons=all_of(one.reasons)) if one.reasons else one for one in self.told],
            details=[
                one._replace(evidence=all_of(one.evidence), broke=secret(one.broke) if one.broke else "")
                for one in self.details
            ],
        )


def _written(times: Ints, *, unknown: int) -> list[str]:
    known = times != unknown
    texts = np.datetime_as_string(np.where(known, times, 0).astype("M8[ms]"), unit="ms").tolist()
    return [f"{text}Z" if timed else "" for text, timed in zip(texts, known.tolist(), strict=True)]


class ColumnReader:
    """Tells rows of a table that was judged; ``told`` has what each of its diagnoses tells.

    ``cached_policy`` tells for a row whose policy it was that it was denied by.
    """

    def __init__(self, found: Diagnosed, told: Sequence[Told], *, cached_policy: Callable[[int], str]) -> None:
        self._found, self._told, self._cached_policy = found, told, cached_policy
        self._routes = Routes(found.table.texts)

    def read(self, which: Ints) -> Columns:
        """The requests in these rows, in this order."""
        table = self._found.table
        rows, case = taken(table.rows, which), self._found.case[which]
        standings, standing = self._standings(rows, self._found.facts[which], case)
        authorizers = np.array([one.authorizer for one in standings], np.object_)[standing]
        details, detail = self._details(which, rows, case, authorizers)
        routes, route = numbered(self._route_keys(rows, details, detail))
        paths, path = numbered(self._path_keys(rows, details, detail))
        return Columns(
            table=table,
            rows=rows,
            routes=list(map(self._routes.of, routes)),
            route=route,
            paths=[text_of(key if isinstance(key, bytes) else table.texts[key]) for key in paths],
            path=path,
            told=self._told,
            case=case,
            standings=standings,
            standing=standing,
            details=details,
            detail=detail,
        )

    def _standings(self, rows: Rows, facts: npt.NDArray[np.uint64], case: Ints) -> tuple[list[Standing], Ints]:
        failed = authorizer_failed(self._told, rows, facts, case)
        kinds, number = np.unique(facts, return_inverse=True)
        levels, became = evidence.levels(kinds).tolist(), evidence.authorizers(kinds).tolist()
        ran = [Standing(level, authorizer) for level, authorizer in zip(levels, became, strict=True)]
        return [*ran, *(Standing(level, "failed") for level in levels)], number + failed * len(kinds)

    def _details(
        self, which: Ints, rows: Rows, case: Ints, authorizers: npt.NDArray[np.object_]
    ) -> tuple[Sequence[Detail], list[int]]:
        """What the text of those tells that have a category; that of the others is not looked at."""
        asked = places(np.array([bool(one.category) for one in self._told] or [False])[case])
        looked = self._looked(which[asked], rows["said"][asked], case[asked], authorizers[asked].tolist())
        details, numbers = numbered([NO_DETAIL, *looked])
        detail = np.zeros(len(which), np.int64)
        detail[asked] = numbers[1:]
        return details, detail.tolist()

    def _looked(self, which: Ints, said: Words, case: Ints, authorizers: Sequence[str]) -> Iterator[Detail]:
        """What the text of each of these tells, whose policy it was that came from the cache among it."""
        categories = [self._told[number].category for number in case.tolist()]
        looked = self._found.closer.look(which, list(map(tuple, said.tolist())), categories, authorizers)
        for index, detail in zip(which.tolist(), looked, strict=True):
            yield detail._replace(broke=self._cached_policy(index)) if detail.broke == CACHED else detail

    def _route_keys(
        self, rows: Rows, details: Sequence[Detail], detail: Sequence[int]
    ) -> Iterable[tuple[int, int, int, int, bytes, bytes]]:
        api, origin, method, resource = (rows[name].tolist() for name in ("api", "origin", "method", "resource"))
        by_arn = [(one.api, one.method) for one in details]
        told = zip(*[by_arn[number] for number in detail], strict=True) if len(rows) else ((), ())
        return zip(api, origin, method, resource, *told, strict=True)

    def _path_keys(self, rows: Rows, details: Sequence[Detail], detail: Sequence[int]) -> Iterable[int | bytes]:
        """For each row the number of its path among the texts, or the path that an ARN tells."""
        return (code or details[number].path for code, number in zip(rows["path"].tolist(), detail, strict=True))


def authorizer_failed(told: Sequence[Told], rows: Rows, facts: npt.NDArray[np.uint64], case: Ints) -> Flags:
    """Of which requests the authorizer failed; a rule of the user's own does not tell, their lines have to."""
    failed: Flags = np.array([one.authorizer_failed for one in told] or [False])[case]
    own = np.array([one.own for one in told] or [False])[case]
    for at in places(failed & own).tolist():
        failed[at] = evidence.blames_authorizer(int(rows["decisive"][at]), int(facts[at]))
    return failed


def numbered(values: Iterable[_T]) -> tuple[list[_T], list[int]]:
    """The distinct values in the order in which they come, and for each value its number."""
    known: dict[_T, int] = {}
    numbers = [known.setdefault(value, len(known)) for value in values]
    return list(known), numbers


def requests_in(columns: Columns) -> Iterator[Request]:
    """The requests, one by one."""
    table, rows = columns.table, columns.rows
    numbers = zip(
        columns.route, columns.path, columns.case.tolist(), columns.standing.tolist(), columns.detail, strict=True
    )
    logged = zip(
        table.request_ids(rows["id"]),
        table.extended_ids(rows["xid"]),
        *(rows[name].tolist() for name in ("first", "last", "latency", "status")),
        strict=True,
    )
    for (route, path, case, standing, detail), (request_id, extended_id, first, last, latency, status) in zip(
        numbers, logged, strict=True
    ):
        where, said, shown = columns.routes[route], columns.told[case], columns.details[detail]
        level, authorizer = columns.standings[standing]
        yield Request(
            request_id=request_id,
            extended_request_id=extended_id,
            api_id=where.api_id,
            api_stage=where.api_stage,
            method=where.method,
            resource=where.resource,
            path=columns.paths[path],
            first_seen=_when(first),
            last_seen=_when(last),
            duration_ms=last - first if first != LATE and last != EARLY else None,
            integration_latency_ms=latency if latency >= 0 else None,
            status=status if status >= 0 else None,
            client_status=status if status >= 0 else said.client_status,
            outcome=said.outcome,
            category=said.category,
            stopped_at=said.stopped_at,
            confidence=said.confidence,
            alternatives=said.alternatives,
            evidence=shown.evidence,
            authorizer=authorizer,
            log_level=level,
            reasons=said.reasons,
            detail=shown.broke,
        )


def _when(ms: int) -> datetime | None:
    return None if ms in (LATE, EARLY) else _EPOCH + timedelta(milliseconds=ms)


_EPOCH = datetime.fromtimestamp(0, UTC)

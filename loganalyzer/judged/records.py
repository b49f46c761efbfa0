"""Rows of the request table as people are given them: texts instead of numbers, the diagnosis beside, the evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from loganalyzer.classifier import evidence
from loganalyzer.classifier.detail import NO_DETAIL
from loganalyzer.classifier.entries import OWN
from loganalyzer.classifier.explainers.denial import CACHED
from loganalyzer.classifier.rules import Entry, catalogue
from loganalyzer.comparison.kinds import UNTIMED, Kind, Kinds, route_name
from loganalyzer.judged.diagnosed import Carried, Diagnosed, of_part
from loganalyzer.model import Diagnosis, Request
from loganalyzer.parser.columns import EARLY, LATE, Ints, Rows
from loganalyzer.scales import Stage

_AT_ONCE = 4096
_PART = 1024
_LOW = (1 << 32) - 1
_SHOWN = ("api", "origin", "method", "resource", "path", "status", "latency", "first", "last")
"""The columns of a row that a request shows as they are."""


class Route(NamedTuple):
    """What a request was for: API, deployment stage, method, template of the path."""

    api_id: str
    api_stage: str
    method: str
    resource: str


class Columns(NamedTuple):
    """Requests that succeeded as columns: their ``rows``, and for what few tell apart the distinct values, with the
    number of its value for each row: ``routes`` by ``route``, ``told`` by ``case``, ``levels`` and ``authorizers`` by
    ``fact``. The rows number ``texts``; their ids, and extended ids, are ASCII."""

    rows: Rows
    texts: Sequence[bytes]
    routes: Sequence[Route]
    route: Ints
    told: Sequence[Told]
    case: Ints
    levels: Sequence[str]
    authorizers: Sequence[str]
    fact: Ints


Flags = npt.NDArray[np.bool_]

_RouteKey = tuple[int, int, int, int, bytes, bytes]
"""Codes of API, origin, method and resource, API and method as an ARN tells them."""


class Told(NamedTuple):
    """What a diagnosis says of every request that it is made of."""

    outcome: str
    category: str
    stopped_at: str
    confidence: str
    alternatives: tuple[str, ...]
    reasons: tuple[str, ...]
    client_status: int | None
    authorizer_failed: bool
    own: bool


class Records:
    """Gives out rows of a table that was judged by ``entries`` as :class:`Request`.

    ``cached_policy`` tells for a row whose policy it was that it was denied by.
    """

    def __init__(self, found: Diagnosed, *, entries: Mapping[str, Entry], cached_policy: Callable[[int], str]) -> None:
        self._found = found
        self._table, self._closer, self._facts, self._case = found.table, found.closer, found.facts, found.case
        self._told = [_told(diagnosis, entries) for diagnosis in found.diagnoses]
        self._cached_policy = cached_policy
        self._routes: dict[_RouteKey, Route] = {}

    def of(self, which: Ints) -> Iterator[Request]:
        """The requests in these rows, in this order."""
        for start in range(0, len(which), _AT_ONCE):
            yield from self._part(which[start : start + _AT_ONCE])

    def parts(self, which: Ints) -> list[Part]:
        """The requests in these rows, in this order, in parts that can be pickled.

        All are in one, which cannot, where requests share their ids: then the log has to be at hand.
        """
        length = max(len(which), 1) if self._closer.needs_the_log else _PART
        return [Part(self, self._found, which[start : start + length]) for start in range(0, len(which), length)]

    def are_in_columns(self, which: Ints) -> Flags:
        """Which of these rows :meth:`in_columns` can tell: requests that succeeded, with ids of the usual kind."""
        case = self._case[which]
        succeeded: Flags = np.array([not told.category for told in self._told] or [False])[case]
        rows = self._table.rows[which]
        raw, extended = (rows[name].view(np.uint8).reshape(len(rows), -1) for name in ("id", "xid"))
        plain = (raw[:, 0] != 0) & (raw < 128).all(axis=1)
        plain &= ((extended[:, 0] != 0) & (extended < 128).all(axis=1)) | (extended == 0).all(axis=1)
        return np.asarray(succeeded & plain)

    def in_columns(self, which: Ints) -> Columns:
        """Requests that succeeded as columns, in this order."""
        rows = self._table.rows[which]
        first, route = _distinct(rows, ("api", "origin", "method", "resource"))
        keys = zip(*(rows[name][first].tolist() for name in ("api", "origin", "method", "resource")), strict=True)
        facts, fact = np.unique(self._facts[which], return_inverse=True)
        return Columns(
            rows=rows,
            texts=self._table.texts,
            routes=[self._route((*key, b"", b"")) for key in keys],
            route=route,
            told=self._told,
            case=self._case[which],
            levels=evidence.levels(facts).tolist(),
            authorizers=evidence.authorizers(facts).tolist(),
            fact=fact,
        )

    def kinds(self, named: Mapping[int, tuple[str, str]]) -> Kinds:
        """All requests by time as columns for counting; few kinds are distinct, and no request is made up for them.

        ``named`` has for some rows a method and a resource that another log tells where this one does not.
        """
        rows = self._table.rows
        facts, fact = np.unique(self._facts, return_inverse=True)
        levels, became = evidence.levels(facts).tolist(), evidence.authorizers(facts).tolist()
        failed = self._authorizer_failed(rows, self._facts, self._case)
        route, routes = self._numbered_routes(named)
        key = ((self._case.astype(np.int64) * (len(facts) or 1) + fact) * 2 + failed) * (len(routes) or 1) + route
        _, one_of, kind = np.unique(key, return_index=True, return_inverse=True)
        kinds = [
            Kind(
                outcome=told.outcome,
                category=told.category,
                stopped_at=told.stopped_at,
                log_level=levels[fact[at]],
                authorizer="failed" if failed[at] else became[fact[at]],
                route=routes[route[at]],
            )
            for at, told in ((at, self._told[self._case[at]]) for at in one_of.tolist())
        ]
        order = np.lexsort((rows["first_pos"], rows["first"]))
        first, last = (np.where(np.isin(rows[name], (LATE, EARLY)), UNTIMED, rows[name]) for name in ("first", "last"))
        return Kinds(first[order], last[order], kind[order], kinds)

    def _numbered_routes(self, named: Mapping[int, tuple[str, str]]) -> tuple[Ints, list[str]]:
        """For each row the number of its route, and their names."""
        rows, texts = self._table.rows, self._table.texts
        pairs, pair = np.unique(rows["resource"].astype(np.int64) << 32 | rows["method"], return_inverse=True)
        known = [
            (self._method(code & _LOW, code >> 32), texts[code >> 32].partition(b" ")[2]) for code in pairs.tolist()
        ]
        bare = np.array([not template for _, template in known] or [False])[pair]
        keys, route = np.unique(pair << 32 | np.where(bare, rows["path"], 0), return_inverse=True)
        places = [(*known[key >> 32], texts[key & _LOW]) for key in keys.tolist()]
        names: dict[str, int] = {}

        def number(method: str, place: str) -> int:
            return names.setdefault(route_name(method, place), len(names))

        numbers = np.array([number(text_of(m), text_of(t or p)) for m, t, p in places] or [0], np.int64)[route]
        unsure = np.array([not m or not (t or p) for m, t, p in places] or [False])[route]
        unsure &= np.array([bool(told.category) for told in self._told] or [False])[self._case]
        wanting = np.array([not m or not t for m, t, _ in places] or [False])[route]
        wanting &= np.isin(np.arange(len(rows)), list(named))
        for at in np.flatnonzero(unsure | wanting).tolist():
            method, path = self._closer.method_and_path(at) if unsure[at] else (b"", b"")
            _, template, own_path = places[route[at]]
            verb = self._method(int(rows["method"][at]), int(rows["resource"][at]), method)
            other_verb, other_template = named.get(at, ("", ""))
            numbers[at] = number(
                text_of(verb) or other_verb, text_of(template) or other_template or text_of(own_path or path)
            )
        return numbers, list(names)

    def _part(self, which: Ints) -> Iterator[Request]:
        rows, facts = self._table.rows[which], self._facts[which]
        columns = [self._table.request_ids(rows), self._table.extended_ids(rows), *(rows[n].tolist() for n in _SHOWN)]
        paths = {code: self._table.texts[code] for code in set(rows["path"].tolist())}
        judged = zip(
            which.tolist(),
            self._case[which].tolist(),
            rows["said"].tolist(),
            evidence.levels(facts).tolist(),
            self._authorizers(rows, facts, which),
            strict=True,
        )
        for (index, case, said, level, authorizer), shown in zip(judged, zip(*columns, strict=True), strict=True):
            request_id, xid, api, origin, method, resource, path, status, latency, first, last = shown
            told, detail = self._told[case], NO_DETAIL
            if told.category:
                detail = self._closer.look(index, said, told.category, authorizer=authorizer)
            route = self._route((api, origin, method, resource, detail.api, detail.method))
            yield Request(
                request_id=request_id,
                extended_request_id=xid,
                api_id=route.api_id,
                api_stage=route.api_stage,
                method=route.method,
                resource=route.resource,
                path=text_of(paths[path] or detail.path),
                first_seen=_when(first),
                last_seen=_when(last),
                duration_ms=last - first if first != LATE and last != EARLY else None,
                integration_latency_ms=latency if latency >= 0 else None,
                status=status if status >= 0 else None,
                client_status=status if status >= 0 else told.client_status,
                outcome=told.outcome,
                category=told.category,
                stopped_at=told.stopped_at,
                confidence=told.confidence,
                alternatives=told.alternatives,
                evidence=detail.evidence,
                authorizer=authorizer,
                log_level=level,
                reasons=told.reasons,
                detail=self._cached_policy(index) if detail.broke == CACHED else detail.broke,
            )

    def _authorizers(self, rows: Rows, facts: npt.NDArray[np.uint64], which: Ints) -> list[str]:
        """What became of each request's authorizer, its failures among them."""
        failed = self._authorizer_failed(rows, facts, self._case[which])
        said: list[str] = np.where(failed, "failed", evidence.authorizers(facts)).tolist()
        return said

    def _authorizer_failed(self, rows: Rows, facts: npt.NDArray[np.uint64], case: Ints) -> npt.NDArray[np.bool_]:
        """Of which requests the authorizer failed; a rule of the user's own does not tell, their lines have to."""
        failed: npt.NDArray[np.bool_] = np.array([told.authorizer_failed for told in self._told] or [False])[case]
        own = np.array([told.own for told in self._told] or [False])[case]
        for at in np.flatnonzero(failed & own).tolist():
            failed[at] = evidence.blames_authorizer(int(rows["decisive"][at]), int(facts[at]))
        return failed

    def _route(self, key: _RouteKey) -> Route:
        """The route of a request; few are distinct."""
        if key not in self._routes:
            if len(self._routes) >= _AT_ONCE:
                self._routes.clear()
            self._routes[key] = self._read_route(*key)
        return self._routes[key]

    def _read_route(
        self, api: int, origin: int, method: int, resource: int, api_told: bytes, method_told: bytes
    ) -> Route:
        texts = self._table.texts
        api_id, _, api_stage = (texts[api] or api_told or texts[origin]).partition(b"/")
        named = self._method(method, resource, method_told)
        return Route(text_of(api_id), text_of(api_stage), text_of(named), text_of(_template(texts[resource])))

    def _method(self, method: int, resource: int, told: bytes = b"") -> bytes:
        """The verb by the codes of method and resource, else the one that an ARN has told."""
        texts = self._table.texts
        verb = texts[resource].partition(b" ")[0]
        return next((text for text in (texts[method], verb, told) if text not in (b"", b"ANY")), b"")


class Part:
    """Some requests in order: told here or, as it can be pickled, in another process.

    Of those denied by a cached policy it is not said there whose it was.
    """

    def __init__(self, records: Records, found: Diagnosed, which: Ints) -> None:
        self._records, self._found, self._which = records, found, which

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return _remade, (self._found.part(self._which),)

    def __iter__(self) -> Iterator[Request]:
        return self._records.of(self._which)


def _remade(carried: Carried) -> Part:
    """A part as it was pickled, judged by the built-in catalogue."""
    found = of_part(*carried)
    records = Records(found, entries=catalogue(), cached_policy=lambda index: CACHED)
    return Part(records, found, np.arange(len(found.case)))


def _distinct(rows: Rows, columns: Sequence[str]) -> tuple[Ints, Ints]:
    """Where in the rows each distinct combination of some columns stands first, and its number for every row."""
    number = np.zeros(len(rows), np.int64)
    first = number[:1]
    for name in columns:
        _, code = np.unique(rows[name], return_inverse=True)
        mixed = number * (int(code.max(initial=0)) + 1) + code
        _, first, number = np.unique(mixed, return_index=True, return_inverse=True)
    return first, number


def _told(diagnosis: Diagnosis, entries: Mapping[str, Entry]) -> Told:
    own = diagnosis.category.startswith(OWN)
    return Told(
        outcome=diagnosis.outcome,
        category=diagnosis.category,
        stopped_at=diagnosis.stopped_at.name,
        confidence=str(diagnosis.confidence),
        alternatives=diagnosis.alternatives,
        reasons=diagnosis.reasons,
        client_status=entries[diagnosis.category].client_status if diagnosis.category else None,
        authorizer_failed=diagnosis.stopped_at == Stage.AUTHORIZATION
        if own
        else diagnosis.category.startswith("AUTHORIZER_"),
        own=own,
    )


def _template(resource: bytes) -> bytes:
    """The path of a resource, which stands with its verb."""
    return resource.partition(b" ")[2]


def _when(ms: int) -> datetime | None:
    return None if ms in (LATE, EARLY) else datetime.fromtimestamp(ms / 1000, UTC)


def text_of(raw: bytes) -> str:
    """A text of the log as it is shown: what is no UTF-8 is replaced."""
    return raw.decode("utf-8", "replace")

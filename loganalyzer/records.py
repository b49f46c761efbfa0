"""Rows of the request table as people are given them: texts instead of numbers, the diagnosis beside, the evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from loganalyzer.classifier import evidence
from loganalyzer.classifier.closer import NO_DETAIL, Closer
from loganalyzer.classifier.entries import OWN
from loganalyzer.classifier.explainers.denial import CACHED
from loganalyzer.classifier.rules import Entry
from loganalyzer.model import Diagnosis, Request, Stage
from loganalyzer.parser.summary import EARLY, ID_BYTES, LATE, Ints, Rows
from loganalyzer.parser.table import Table

_AT_ONCE = 4096
_SHOWN = ("xid_max", "api", "origin", "method", "resource", "path", "status", "latency", "first", "last")
"""The columns of a row that a request shows as they are."""


class _Route(NamedTuple):
    """What a request was for: API, deployment stage, method, template of the path."""

    api_id: str
    api_stage: str
    method: str
    resource: str


_RouteKey = tuple[int, int, int, int, bytes, bytes]
"""Codes of API, origin, method and resource, API and method as an ARN tells them."""


class _Told(NamedTuple):
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
    """Gives out rows of the table as :class:`Request`.

    ``case`` has for each row the number of its diagnosis, ``facts`` what classifying knew of it; ``cached_policy``
    tells for a row whose policy it was that it was denied by.
    """

    def __init__(
        self,
        table: Table,
        closer: Closer,
        facts: npt.NDArray[np.uint64],
        case: Ints,
        diagnoses: Sequence[Diagnosis],
        *,
        entries: Mapping[str, Entry],
        cached_policy: Callable[[int], str],
    ) -> None:
        self._table, self._closer, self._facts, self._case = table, closer, facts, case
        self._told = [_told(diagnosis, entries) for diagnosis in diagnoses]
        self._cached_policy = cached_policy
        self._routes: dict[_RouteKey, _Route] = {}

    def of(self, which: Ints) -> Iterator[Request]:
        """The requests in these rows, in this order."""
        for start in range(0, len(which), _AT_ONCE):
            yield from self._part(which[start : start + _AT_ONCE])

    def _part(self, which: Ints) -> Iterator[Request]:
        rows, facts = self._table.rows[which], self._facts[which]
        columns = [rows[name].tolist() for name in _SHOWN]
        ids, texts = rows["id"].tobytes(), self._table.texts.texts
        judged = zip(
            which.tolist(),
            range(0, len(ids), ID_BYTES),
            self._case[which].tolist(),
            rows["said"].tolist(),
            evidence.levels(facts).tolist(),
            self._authorizers(rows, facts, which),
            strict=True,
        )
        for (index, at, case, said, level, authorizer), shown in zip(judged, zip(*columns, strict=True), strict=True):
            xid, api, origin, method, resource, path, status, latency, first, last = shown
            told, raw, detail = self._told[case], ids[at : at + ID_BYTES], NO_DETAIL
            if told.category:
                detail = self._closer.look(index, raw, said, told.category, authorizer=authorizer)
            route = self._route((api, origin, method, resource, detail.api, detail.method))
            yield Request(
                request_id=self._table.request_id(raw),
                extended_request_id=_text(texts[xid]),
                api_id=route.api_id,
                api_stage=route.api_stage,
                method=route.method,
                resource=route.resource,
                path=_text(texts[path] or detail.path),
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
        said: list[str] = evidence.authorizers(facts).tolist()
        cases = self._case[which].tolist()
        for at, case in enumerate(cases):
            told = self._told[case]
            if told.authorizer_failed and (
                not told.own or evidence.blames_authorizer(int(rows["decisive"][at]), int(facts[at]))
            ):
                said[at] = "failed"
        return said

    def _route(self, key: _RouteKey) -> _Route:
        """The route of a request; few are distinct."""
        if key not in self._routes:
            if len(self._routes) >= _AT_ONCE:
                self._routes.clear()
            self._routes[key] = self._read_route(*key)
        return self._routes[key]

    def _read_route(
        self, api: int, origin: int, method: int, resource: int, api_told: bytes, method_told: bytes
    ) -> _Route:
        texts = self._table.texts.texts
        api_id, _, api_stage = (texts[api] or api_told or texts[origin]).partition(b"/")
        verb, _, template = texts[resource].partition(b" ")
        named = next((text for text in (texts[method], verb, method_told) if text not in (b"", b"ANY")), b"")
        return _Route(_text(api_id), _text(api_stage), _text(named), _text(template))


def _told(diagnosis: Diagnosis, entries: Mapping[str, Entry]) -> _Told:
    own = diagnosis.category.startswith(OWN)
    return _Told(
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


def _when(ms: int) -> datetime | None:
    return None if ms in (LATE, EARLY) else datetime.fromtimestamp(ms / 1000, UTC)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")

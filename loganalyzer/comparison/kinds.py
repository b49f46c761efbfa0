"""Requests as a comparison counts them: when each one was, and the number of what it is, of which few are distinct."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import numpy as np

from loganalyzer.model import Request
from loganalyzer.parser.columns import Ints

UNTIMED = int(np.iinfo(np.int64).min)
"""Stands for a time that is not known."""

NO_ROUTE = "route not in the log"

_EPOCH = datetime.fromtimestamp(0, UTC)


class Kind(NamedTuple):
    """What is counted of a request; but for ``route`` the fields are those of :class:`~loganalyzer.model.Request`."""

    outcome: str
    category: str
    stopped_at: str
    log_level: str
    authorizer: str
    route: str


@dataclass(frozen=True, slots=True)
class Kinds:
    """Requests by time: ``first`` and ``last`` in ms since 1970 or :data:`UNTIMED`, ``kind`` numbers ``kinds``."""

    first: Ints
    last: Ints
    kind: Ints
    kinds: Sequence[Kind]

    def and_also(self, others: Kinds) -> Kinds:
        """These requests and others after them."""
        return Kinds(
            np.concatenate((self.first, others.first)),
            np.concatenate((self.last, others.last)),
            np.concatenate((self.kind, others.kind + len(self.kinds))),
            [*self.kinds, *others.kinds],
        )


def kinds_of_requests(requests: Iterable[Request]) -> Kinds:
    """Those of single requests."""
    known: dict[Kind, int] = {}
    rows = [
        (_ms(request.first_seen), _ms(request.last_seen), known.setdefault(_kind(request), len(known)))
        for request in requests
    ]
    first, last, kind = np.array(rows, np.int64).reshape(-1, 3).T
    return Kinds(first, last, kind, list(known))


def _kind(request: Request) -> Kind:
    return Kind(
        outcome=request.outcome,
        category=request.category,
        stopped_at=request.stopped_at,
        log_level=request.log_level,
        authorizer=request.authorizer,
        route=route_name(request.method, request.resource or request.path),
    )


def route_name(method: str, place: str) -> str:
    """Method and resource (else path) of a request, as logged."""
    return f"{method or '?'} {place}" if place else NO_ROUTE


def _ms(moment: datetime | None) -> int:
    return UNTIMED if moment is None else ms_from(moment)


def ms_from(moment: datetime) -> int:
    """The first millisecond since 1970 that is not before an aware time."""
    return -((_EPOCH - moment) // timedelta(milliseconds=1))

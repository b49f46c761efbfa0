"""Lines that somebody speaks of in a text that may hold a log: no request, but they may tell why one failed."""

from __future__ import annotations

from collections.abc import Iterator

from loganalyzer.formats.opened import OpenRequest, Said
from loganalyzer.formats.order import is_outcome

_MOST = 64


class Spoken:
    """Keeps what is only spoken of until the text is over: then it is known whether it holds a log."""

    def __init__(self) -> None:
        self._kept: list[tuple[OpenRequest, OpenRequest | None]] = []
        self._goes_on = False

    def takes(self, said: Said, *, beside: OpenRequest | None) -> bool:
        """Keep a line that is spoken of below a log, unless it may be part of it; ``beside`` is the last request."""
        went_on, self._goes_on = self._goes_on, False
        if not said.spoken or beside is None or not beside.logged:
            return False
        over = beside.closed or beside.failed
        if not (said.sentence.rank or (went_on if is_outcome(said.sentence) else over)):
            return False
        if not went_on or not self._kept[-1][0].can_go_on_with(said, ""):
            self.keep(OpenRequest(), beside=beside)
        request = self._kept[-1][0]
        request.take(said)
        request.held.append(said)
        self._goes_on = True
        return True

    def keep(self, request: OpenRequest, *, beside: OpenRequest | None = None) -> None:
        """Keep a request of which nothing is known but that somebody speaks of it, ``beside`` another."""
        if len(self._kept) < _MOST:
            self._kept.append((request, beside))

    def all(self) -> Iterator[tuple[OpenRequest, OpenRequest | None]]:
        """What was kept, with the request that each stands below."""
        yield from self._kept

"""Reading whole windows of log into the store, many at once, each split further where it turns out to be dense."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from loganalyzer.fetcher.caller import Caller
from loganalyzer.fetcher.events import Lines
from loganalyzer.fetcher.piece import Disordered, Piece
from loganalyzer.fetcher.progress import Tally
from loganalyzer.fetcher.reading import Reading, latest
from loganalyzer.fetcher.refusals import DENIED, FAILED, MISSING, OTHER, THROTTLED, UNREACHABLE, AwsRefused
from loganalyzer.fetcher.store import Draft, Store
from loganalyzer.fetcher.windows import Waiting, Window
from loganalyzer.formats.stored import Span

PIECE_BYTES = 8_000_000
"""Text in one file, about; it is also what is read again if the program is killed, times the number of threads."""

WORTH_SPLITTING = 2_000_000
"""Bytes that must be left of a window, as far as can be told, for somebody else to take a half of it."""

MOST_HELD = 32_000_000
"""Bytes of events without order that are held at once; a window with more is read in halves."""

PASSING = (THROTTLED, FAILED, UNREACHABLE)
"""Refusals that may concern one window alone."""

OF_ONE_GROUP = (DENIED, MISSING, OTHER)
"""Refusals that may concern one group alone."""


class Scan:
    """Reads windows of one region into their stores.

    ``settled_before`` (ms) is the time before which nothing comes late any more; ``budget`` ends the scan when so many
    bytes are read. ``refused`` tells which stores could not be read at all.
    """

    def __init__(
        self,
        caller: Caller,
        waiting: Waiting,
        tally: Tally,
        *,
        settled_before: int,
        budget: int | None = None,
        piece_bytes: int = PIECE_BYTES,
    ) -> None:
        self.refused: dict[Store, AwsRefused] = {}
        self.spent = False
        self._caller = caller
        self._waiting = waiting
        self._tally = tally
        self._settled_before = settled_before
        self._budget = budget
        self._piece_bytes = piece_bytes
        self._pages_at_loss = 0

    def read(self, window: Window) -> None:
        """Read one window into files; what cannot be read is noted as lost.

        Raises :class:`AwsRefused` for what concerns all windows.
        """
        if window.store in self.refused:
            return
        part = _Part(window, self._settled_before)
        try:
            self._read(window, part)
        except Disordered:
            self._again_in_halves(window)
        except AwsRefused as refused:
            self._refused(part, refused)
        finally:
            part.discard()

    def _read(self, window: Window, part: _Part) -> None:
        reading = Reading(self._caller, window.store.group, window.span, ordered=not window.whole)
        for page in reading.pages():
            if self._waiting.stopped:
                return
            over = part.add(page.events)
            self._tally.page(page.events, part.took())
            if over or not page.more:
                break
            if part.piece.held_bytes > MOST_HELD and window.first < window.last:
                raise Disordered
            if self._waiting.hungry:
                self._share(part, page.events)
            if part.size >= self._piece_bytes:
                self._tally.covered(part.cut())
            if self._budget is not None and self._tally.bytes >= self._budget:
                self.spent = True
                self._waiting.stop()
                part.cut()
                return
        self._tally.covered(part.end())

    def _refused(self, part: _Part, refused: AwsRefused) -> None:
        """Go on without the window, or without its group; raise what concerns all of them."""
        if refused.kind in PASSING:
            if self._tally.pages == self._pages_at_loss:
                raise refused
            self._pages_at_loss = self._tally.pages
            self._tally.covered(part.lose(refused))
        elif refused.kind in OF_ONE_GROUP:
            self.refused[part.window.store] = refused
            part.lose(refused)
        else:
            raise refused

    def _share(self, part: _Part, events: Sequence[Mapping[str, Any]]) -> None:
        """Leave the later half of what is left to somebody else, if that is worth a call."""
        if not events or part.window.whole:
            return
        first, last = int(events[0]["timestamp"]), latest(events)
        size = sum(len(event["message"]) for event in events)
        left = part.window.last - last
        if left < 2 or left * size / (last - first + 1) < WORTH_SPLITTING:
            return
        middle = last + left // 2
        other = Window(part.window.store, middle + 1, part.window.last)
        part.window.last = middle
        self._waiting.put(other)

    def _again_in_halves(self, window: Window) -> None:
        """Read the window once more, in two whose events are held until their end; they replace what was written."""
        middle = (window.first + window.last) // 2
        spans = [(window.first, middle), (middle + 1, window.last)]
        self._waiting.put(*(Window(window.store, *span, whole=True) for span in spans if span[0] <= span[1]))


class _Part:
    """What is being written of a window: the file of its present part, which begins at ``first``."""

    def __init__(self, window: Window, settled_before: int) -> None:
        self.window = window
        self.first = window.first
        self._store: Store = window.store
        self._settled_before = settled_before
        self._lines = Lines()
        self._draft: Draft | None = None
        self.piece = self._new()
        self._told = 0

    @property
    def size(self) -> int:
        """Bytes of text in this part so far."""
        return self.piece.bytes + self.piece.held_bytes

    def add(self, events: Sequence[Mapping[str, Any]]) -> bool:
        """Take in a page; whether it reaches beyond the end of the window, which may have moved."""
        over = bool(events) and latest(events) > self.window.last
        if over or self.window.whole:
            events = [event for event in events if int(event["timestamp"]) <= self.window.last]
        self.piece.add(events)
        return over and not self.window.whole

    def took(self) -> int:
        """Bytes taken in since this was last asked."""
        told, self._told = self._told, self.size
        return self._told - told

    def cut(self) -> int:
        """End the file before the latest millisecond and go on with another; the ms that are done with it."""
        reached = self.piece.reached
        if reached <= self.first or self.window.whole:
            return 0
        before, first = self.piece, self.first
        draft, self._draft = self._draft, None
        self.piece = self._new()
        before.rest_into(self.piece)
        self._told = self.size
        self.first = reached
        self._keep((first, reached - 1), before, draft)
        return reached - first

    def end(self) -> int:
        """Write the rest; the ms that are done with it."""
        self.piece.end()
        draft, self._draft = self._draft, None
        self._keep((self.first, self.window.last), self.piece, draft)
        return self.window.last - self.first + 1

    def lose(self, refused: AwsRefused) -> int:
        """Note what is not written of the window as lost; how many ms that are."""
        self._store.lose((self.first, self.window.last), refused.message, refused.tip)
        return self.window.last - self.first + 1

    def discard(self) -> None:
        """Drop what is not finished."""
        if self._draft is not None:
            self._draft.discard()
            self._draft = None

    def write(self, text: bytes) -> None:
        """Take in lines that are complete: the file is made when there is something to put into it."""
        if self._draft is None:
            self._draft = self._store.draft()
        self._draft.write(text)

    def _new(self) -> Piece:
        return Piece(self, self._lines, whole=self.window.whole)

    def _keep(self, span: Span, piece: Piece, draft: Draft | None) -> None:
        final = span[1] < self._settled_before
        try:
            self._store.keep(span, draft, events=piece.events, size=piece.bytes, final=final)
        except BaseException:
            if draft is not None:
                draft.discard()
            raise

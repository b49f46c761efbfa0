"""What is being written of a window: one file after the other, each of a part of it."""

from __future__ import annotations

from collections.abc import Sequence

from loganalyzer.fetcher.events import Lines, Received
from loganalyzer.fetcher.piece import Piece
from loganalyzer.fetcher.reading import latest
from loganalyzer.fetcher.refusals import AwsRefused
from loganalyzer.fetcher.store import AS_IS, Draft, Store
from loganalyzer.fetcher.windows import Window
from loganalyzer.formats.stored import Span


class WindowWriter:
    """Writes a window to its store; the file of its present part begins at ``first``.

    What ends before ``settled_before`` (ms) is final; ``notes`` is what the way it is read loses.
    """

    def __init__(self, window: Window, settled_before: int, notes: tuple[str, ...] = ()) -> None:
        self.window = window
        self.first = window.first
        self._notes = notes
        self._store: Store = window.store
        self._settled_before = settled_before
        self._lines = Lines(as_is=window.store.mode == AS_IS)
        self._draft: Draft | None = None
        self.piece = self._new()
        self._told = 0

    @property
    def size(self) -> int:
        """Bytes of text in this part so far."""
        return self.piece.bytes + self.piece.held_bytes

    def add(self, events: Sequence[Received]) -> bool:
        """Take in a page; whether it reaches beyond the end of the window, which may have moved."""
        over = bool(events) and latest(events) > self.window.last
        if over or self.window.whole:
            events = [event for event in events if event.timestamp <= self.window.last]
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

    def add_apart(self, events: Sequence[Received]) -> None:
        """Take in events of any time that belong to the window all the same."""
        self.piece.add(events)

    def cut_before(self, time: int) -> int:
        """End the file with all that is held, and go on with another for what belongs to ``time`` and later."""
        self.piece.end()
        before, first, draft, self._draft = self.piece, self.first, self._draft, None
        self.piece = self._new()
        self.first = time
        self._keep((first, time - 1), before, draft)
        return time - first

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
            self._store.keep(span, draft, events=piece.events, size=piece.bytes, final=final, notes=self._notes)
        except BaseException:
            if draft is not None:
                draft.discard()
            raise

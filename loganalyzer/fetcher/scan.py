"""Reading windows into their stores: what every way of reading has in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from loganalyzer.fetcher.caller import Caller
from loganalyzer.fetcher.events import Received
from loganalyzer.fetcher.piece import Disordered
from loganalyzer.fetcher.progress import Tally
from loganalyzer.fetcher.reading import Reading, latest
from loganalyzer.fetcher.refusals import DENIED, FAILED, MISSING, OTHER, THROTTLED, UNREACHABLE, AwsRefused
from loganalyzer.fetcher.store import Store
from loganalyzer.fetcher.windows import Waiting, Window
from loganalyzer.fetcher.writer import WindowWriter

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


class Scan(ABC):
    """Reads windows of one region in one way.

    ``settled_before`` (ms) is the time before which nothing comes late any more; ``budget`` ends the scan when so many
    bytes are read. ``refused`` tells which stores could not be read at all, ``spent`` the limit that ended the scan.
    ``notes`` is what this way of reading loses; it looks ``lag`` ms beyond a window's end.
    """

    notes: ClassVar[tuple[str, ...]] = ()
    lag: ClassVar[int] = 0

    def __init__(
        self, caller: Caller, waiting: Waiting, tally: Tally, *, settled_before: int, budget: int | None = None
    ) -> None:
        self.refused: dict[Store, AwsRefused] = {}
        self.spent = ""
        self._caller = caller
        self._waiting = waiting
        self._tally = tally
        self._settled_before = settled_before
        self._budget = budget
        self._pages_at_loss = 0

    def read(self, window: Window) -> None:
        """Read one window into files; what cannot be read is noted as lost.

        Raises :class:`AwsRefused` for what concerns all windows.
        """
        if window.store in self.refused:
            return
        writer = WindowWriter(window, self._settled_before - self.lag, self.notes)
        try:
            self._read(window, writer)
        except Disordered:
            self._again_in_halves(window)
        except AwsRefused as refused:
            self._refused(writer, refused)
        finally:
            writer.discard()

    @abstractmethod
    def _read(self, window: Window, writer: WindowWriter) -> None:
        """Read the window; raises :class:`Disordered` for one that must be read as a whole."""

    def _over_budget(self) -> bool:
        """Whether no more is to be read; then nobody begins another window."""
        if self._budget is None or self._tally.bytes < self._budget:
            return False
        self.spent = "--max-bytes"
        self._waiting.stop()
        return True

    def _refused(self, writer: WindowWriter, refused: AwsRefused) -> None:
        """Go on without the window, or without its group; raise what concerns all of them."""
        if refused.kind in PASSING:
            if self._tally.pages == self._pages_at_loss:
                raise refused
            self._pages_at_loss = self._tally.pages
            self._tally.covered(writer.lose(refused))
        elif refused.kind in OF_ONE_GROUP:
            self.refused[writer.window.store] = refused
            writer.lose(refused)
        else:
            raise refused

    def _again_in_halves(self, window: Window) -> None:
        """Read the window once more, in two whose events are held until their end; they replace what was written."""
        middle = (window.first + window.last) // 2
        spans = [(window.first, middle), (middle + 1, window.last)]
        self._waiting.put(*(Window(window.store, *span, whole=True) for span in spans if span[0] <= span[1]))


class FilterScan(Scan):
    """Reads every event by FilterLogEvents; a window that turns out to be dense is shared with whoever has nothing."""

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
        super().__init__(caller, waiting, tally, settled_before=settled_before, budget=budget)
        self._piece_bytes = piece_bytes

    def _read(self, window: Window, writer: WindowWriter) -> None:
        reading = Reading(self._caller, window.store.group, window.span, ordered=not window.whole)
        for page in reading.pages():
            if self._waiting.stopped:
                return
            over = writer.add(page.events)
            self._tally.page(page.events, writer.took())
            if over or not page.more:
                break
            if writer.piece.held_bytes > MOST_HELD and window.first < window.last:
                raise Disordered
            if self._waiting.hungry:
                self._share(writer, page.events)
            if writer.size >= self._piece_bytes:
                self._tally.covered(writer.cut())
            if self._over_budget():
                writer.cut()
                return
        self._tally.covered(writer.end())

    def _share(self, writer: WindowWriter, events: Sequence[Received]) -> None:
        """Leave the later half of what is left to somebody else, if that is worth a call."""
        window = writer.window
        if not events or window.whole:
            return
        first, last = min(event.timestamp for event in events), latest(events)
        size = sum(len(event.message) for event in events)
        left = window.last - last
        if left < 2 or left * size / (last - first + 1) < WORTH_SPLITTING:
            return
        middle = last + left // 2
        other = Window(window.store, middle + 1, window.last)
        window.last = middle
        self._waiting.put(other)

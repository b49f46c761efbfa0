"""Windows of time that wait to be read, shared out among threads; one that is read may be split while it is."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from threading import Condition, Thread

from loganalyzer.fetcher.store import Store
from loganalyzer.formats.stored import Span

SHORTEST_SHARE = 300_000
"""Windows are not cut finer than this, in ms, before anything is known about how dense they are."""


@dataclass(slots=True)
class Window:
    """A stretch of time of one group to be read; whoever reads it may move its end.

    ``whole`` says that its events come in no order, so that all are held before any is written.
    """

    store: Store
    first: int
    last: int
    whole: bool = False

    @property
    def span(self) -> Span:
        """Its two ends, in ms, both inclusive."""
        return self.first, self.last


class Waiting:
    """The windows that wait. ``take`` gives the next; every one taken is ``done`` in the end."""

    def __init__(self, windows: Iterable[Window]) -> None:
        self._windows = deque(windows)
        self._changed = Condition()
        self._busy = 0
        self._idle = 0
        self._stopped = False

    @property
    def hungry(self) -> bool:
        """Whether somebody waits for a window and there is none."""
        return self._idle > len(self._windows)

    @property
    def stopped(self) -> bool:
        """Whether no more windows are to be read."""
        return self._stopped

    def take(self) -> Window | None:
        """The next window, None when all are done."""
        with self._changed:
            self._idle += 1
            while not self._windows and self._busy and not self._stopped:
                self._changed.wait()
            self._idle -= 1
            if self._stopped or not self._windows:
                return None
            self._busy += 1
            return self._windows.popleft()

    def put(self, *windows: Window) -> None:
        """Let more windows wait."""
        with self._changed:
            self._windows.extend(windows)
            self._changed.notify_all()

    def done(self) -> None:
        """A window that was taken needs no more reading."""
        with self._changed:
            self._busy -= 1
            self._changed.notify_all()

    def stop(self) -> None:
        """Give out no more windows."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def left(self) -> list[Window]:
        """The windows that nobody has taken."""
        with self._changed:
            return list(self._windows)


def shares(
    store: Store, span: Span, count: int, *, shortest: int = SHORTEST_SHARE, whole: bool = False
) -> list[Window]:
    """``span`` in up to ``count`` windows of about the same length, at least ``shortest`` ms, cut at whole seconds."""
    first, last = span
    length = last - first + 1
    count = max(1, min(count, length // shortest))
    cuts = [(first + length * number // count) // 1000 * 1000 for number in range(1, count)]
    return [Window(store, begin, end - 1, whole=whole) for begin, end in pairwise([first, *cuts, last + 1])]


def in_threads(waiting: Waiting, read: Callable[[Window], None], *, threads: int) -> None:
    """Read every window, so many at once; returns when all are done, or raises what went wrong first.

    Ctrl-C stops the others after the call that they are at.
    """
    wrong: list[BaseException] = []

    def work() -> None:
        while (window := waiting.take()) is not None:
            try:
                read(window)
            except BaseException as error:
                wrong.append(error)
                waiting.stop()
            finally:
                waiting.done()

    workers = [Thread(target=work, name=f"fetch-{number}", daemon=True) for number in range(threads)]
    for worker in workers:
        worker.start()
    try:
        for worker in workers:
            while worker.is_alive():
                worker.join(0.2)
    finally:
        waiting.stop()
        for worker in workers:
            worker.join(5)
    if wrong:
        raise wrong[0]

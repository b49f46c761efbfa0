"""Reads ahead: while one part of the input is looked at, the next is inflated in another thread."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from queue import Full, Queue
from threading import Event, Thread
from typing import Generic, TypeVar

Item = TypeVar("Item")

DEPTH = 2
"""So many items are read ahead, and one more that waits for room."""

_PATIENCE = 0.05


@dataclass(frozen=True, slots=True)
class _End:
    """What comes after the last item: the error that ended the reading, if one did."""

    error: BaseException | None = None


def ahead(items: Iterable[Item], *, depth: int = DEPTH) -> Iterator[Item]:
    """The same items in the same order, brought by another thread; what goes wrong there is raised here."""
    reader = _Reader(items, depth)
    try:
        yield from reader.items()
    finally:
        reader.close()


def side_by_side(parts: Iterable[Iterable[Item]], *, width: int) -> Iterator[Iterator[Item]]:
    """The items of each part, one part after the other, while up to ``width`` parts are read at once.

    A part that is left early is left for good when the next is asked for.
    """
    coming = iter(parts)
    running = deque(_Reader(part) for part in islice(coming, width))
    try:
        while running:
            reader = running.popleft()
            try:
                yield reader.items()
            finally:
                reader.close()
            running.extend(_Reader(part) for part in islice(coming, 1))
    finally:
        for reader in running:
            reader.close()


class _Reader(Generic[Item]):
    """A thread that reads ahead from the moment it is made."""

    def __init__(self, items: Iterable[Item], depth: int = DEPTH) -> None:
        self._brought: Queue[Item | _End] = Queue(depth)
        self._unwanted = Event()
        self._thread = Thread(target=_bring, args=(items, self._brought, self._unwanted), daemon=True)
        self._thread.start()

    def items(self) -> Iterator[Item]:
        """What the thread brings."""
        while not isinstance(item := self._brought.get(), _End):
            yield item
        if item.error is not None:
            raise item.error

    def close(self) -> None:
        """Read no further."""
        self._unwanted.set()
        self._thread.join()


def _bring(items: Iterable[Item], brought: Queue[Item | _End], unwanted: Event) -> None:
    end = _End()
    try:
        for item in items:
            _put(item, brought, unwanted)
            if unwanted.is_set():
                break
    except BaseException as error:
        end = _End(error)
    _put(end, brought, unwanted)


def _put(item: Item | _End, brought: Queue[Item | _End], unwanted: Event) -> None:
    """Wait for room, unless nobody wants the items any more."""
    while not unwanted.is_set():
        try:
            brought.put(item, timeout=_PATIENCE)
        except Full:
            continue
        return

"""Reads ahead: while one part of the input is looked at, the next is inflated in another thread."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from queue import Full, Queue
from threading import Event, Thread
from typing import TypeVar

Item = TypeVar("Item")

DEPTH = 2
"""So many items are read ahead."""

_PATIENCE = 0.05


@dataclass(frozen=True, slots=True)
class _End:
    """What comes after the last item: the error that ended the reading, if one did."""

    error: BaseException | None = None


def ahead(items: Iterable[Item]) -> Iterator[Item]:
    """The same items in the same order, brought by another thread; what goes wrong there is raised here."""
    brought: Queue[Item | _End] = Queue(DEPTH)
    unwanted = Event()
    reader = Thread(target=_bring, args=(items, brought, unwanted), daemon=True)
    reader.start()
    try:
        while not isinstance(item := brought.get(), _End):
            yield item
        if item.error is not None:
            raise item.error
    finally:
        unwanted.set()
        reader.join()


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

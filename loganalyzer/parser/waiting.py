"""Small parts that wait for others, to be worked at together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

Part = TypeVar("Part")
Kind = TypeVar("Kind")
Work = Callable[[list[Part], Kind], object]


class Waiting(Generic[Part, Kind]):
    """Parts of one kind, which are worked at when there are enough of them, or when those of another kind come."""

    def __init__(self) -> None:
        self._parts: list[Part] = []
        self._size = 0
        self._kind: Kind

    def add(self, part: Part, kind: Kind, work: Work[Part, Kind], *, size: int, enough: int) -> None:
        """Have a part wait; its size counts towards what is enough. Those before it are worked at if they are."""
        if self._parts and (self._kind != kind or self._size > enough):
            self.end(work)
        self._parts.append(part)
        self._size += size
        self._kind = kind

    def end(self, work: Work[Part, Kind]) -> None:
        """Have all that wait worked at."""
        if self._parts:
            parts, self._parts, self._size = self._parts, [], 0
            work(parts, self._kind)

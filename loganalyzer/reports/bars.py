"""Small pictures in one line of text: how counts go over time, where in a stretch of time something lies."""

from __future__ import annotations

from collections.abc import Sequence

_HEIGHTS = "▁▂▃▄▅▆▇█"
_NONE = "·"


def sparkline(counts: Sequence[int], *, most: int | None = None) -> str:
    """One character a count, its height relative to ``most`` (by default the largest); zero is a dot."""
    top = max(counts, default=0) if most is None else most
    return "".join(_height(count, top) if count else _NONE for count in counts)


def _height(count: int, top: int) -> str:
    return _HEIGHTS[min(max(-(-count * len(_HEIGHTS) // max(top, 1)), 1), len(_HEIGHTS)) - 1]


def bar(number: int, most: int, *, wide: int) -> str:
    """A bar of the share that ``number`` is of ``most``, in at most ``wide`` columns; what is not zero shows."""
    return "█" * max(round(wide * number / max(most, 1)), int(number > 0))


def span(begin: int, length: int, *, wide: int) -> str:
    """A bar from ``begin`` on in a field of ``wide`` columns; what has no length is a thin mark."""
    begin = min(begin, wide - 1)
    drawn = "█" * min(length, wide - begin) if length > 0 else "▏"
    return f"{' ' * begin}{drawn}".ljust(wide)

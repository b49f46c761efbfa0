"""Columns of numbers and what is asked of them: where they change, which are among others, how long stretches are.

Some of it numpy has too, but wraps it in more than it takes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from loganalyzer.parser.mapped import let_go

Rows = npt.NDArray[np.void]
Ints = npt.NDArray[np.int64]

LATE = np.iinfo(np.int64).max
EARLY = np.iinfo(np.int64).min
"""A time, or a position, behind all others and one before them: of no line."""

_AT_ONCE = 1 << 13


def stretches_of(*columns: npt.NDArray[Any]) -> Iterator[slice]:
    """All of some columns, or rows, of one length, some thousand at a time.

    What is worked out of so few takes little memory, and so do those that lie in a file.
    """
    for start in range(0, len(columns[0]), _AT_ONCE):
        yield slice(start, start + _AT_ONCE)
        for column in columns:
            let_go(column)


def column(rows: Rows, name: str) -> npt.NDArray[Any]:
    """A column of rows by itself."""
    values = rows[name]
    found = np.empty(values.shape, values.dtype)
    for some in stretches_of(rows):
        found[some] = values[some]
    return found


def flags_of(rows: Rows, told: Callable[[Rows], npt.NDArray[np.bool_]]) -> npt.NDArray[np.bool_]:
    """Flags that are told of each row by itself."""
    found = np.empty(len(rows), bool)
    for some in stretches_of(rows):
        found[some] = told(rows[some])
    return found


def places(flags: npt.NDArray[Any]) -> Ints:
    """Where the flags (or counts) are not 0; quicker than :func:`numpy.flatnonzero` by what wrapping costs."""
    return flags.nonzero()[0]


def changes(values: npt.NDArray[Any]) -> Ints:
    """Where a value stands that is not the one before."""
    new = np.ones(len(values), bool)
    np.not_equal(values[1:], values[:-1], out=new[1:])
    return places(new)


def among(values: npt.NDArray[Any], wanted: Any) -> npt.NDArray[np.bool_]:
    """Which values are among the wanted ones; :func:`numpy.isin` loads masked arrays, which takes longer."""
    ordered = np.sort(np.asarray(wanted, values.dtype))
    if not len(ordered):
        return np.zeros(len(values), bool)
    at = np.searchsorted(ordered, values)
    at[at == len(ordered)] = 0
    return np.asarray(ordered[at] == values)


def distinct(values: Ints) -> Ints:
    """The distinct values in order, for the same reason."""
    ordered = np.sort(values)
    return ordered[changes(ordered)]


def lengths_of(starts: Ints, count: int) -> Ints:
    """How long each stretch of ``count`` items is that begins at one of ``starts``."""
    lengths = np.empty_like(starts)
    np.subtract(starts[1:], starts[:-1], out=lengths[:-1])
    lengths[-1:] = count - starts[-1:]
    return lengths


def spread(values: Any, starts: Ints, count: int) -> Any:
    """The value of each stretch for every item of it."""
    return values.repeat(lengths_of(starts, count))


def earliest(time: Ints, position: Ints, starts: Ints) -> tuple[Ints, Ints]:
    """Per group the least pair (time, position)."""
    t = np.minimum.reduceat(time, starts)
    counts = lengths_of(starts, len(time))
    return t, np.minimum.reduceat(np.where(time == np.repeat(t, counts), position, LATE), starts)


def latest(time: Ints, position: Ints, starts: Ints) -> tuple[Ints, Ints]:
    """Per group the greatest pair (time, position)."""
    t = np.maximum.reduceat(time, starts)
    counts = lengths_of(starts, len(time))
    return t, np.maximum.reduceat(np.where(time == np.repeat(t, counts), position, EARLY), starts)


def exchanged(rows: Rows, gone: npt.NDArray[np.bool_], come: Rows) -> Rows:
    """The rows with others, no more of them, in the place of some, in the same memory."""
    end = 0
    for some in stretches_of(rows):
        kept = ~gone[some]
        count = int(np.count_nonzero(kept))
        if end < some.start or count < len(kept):
            rows[end : end + count] = rows[some][kept]
        end += count
    rows[end : end + len(come)] = come
    let_go(rows)
    return rows[: end + len(come)]

"""The request summary: the small fixed record that is kept of a request while scanning, and how two of them merge.

Every column merges by minimum, maximum (of texts the greatest, not of their numbers) or bit-or, so merging is
associative, commutative and idempotent: blocks, files and processes combine the same way.  Order is kept as pairs
(time, position): a minimum over a pair is the earliest line, also among lines of one millisecond.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import numpy.typing as npt

from loganalyzer.parser.texts import TEXTS, Texts

Rows = npt.NDArray[np.void]
Ints = npt.NDArray[np.int64]

LATE = np.iinfo(np.int64).max
EARLY = np.iinfo(np.int64).min
NO_TIME = -1
"""Stands for a time that the source does not give; sorts before every real time."""

SOURCE_SHIFT = 40
"""Positions hold the number of the input in the bits from here on, the offset in its canonical text below."""

ID_WORDS = 5
ID_BYTES = 8 * ID_WORDS
XID_WORDS = 2
XID_BYTES = 8 * XID_WORDS

PAIRS_MIN = ("bound", "out_first")
"""Earliest of: a line that proves the authorizer's phase over; a line about an outgoing request."""
PAIRS_MAX = ("out_last", "call_last")
"""Latest of: a line about an outgoing request; a call sent."""
ROW = np.dtype(
    [
        ("key", "u8"),
        ("id", "u8", (ID_WORDS,)),
        ("first", "i8"),
        ("last", "i8"),
        ("first_pos", "i8"),
        ("last_pos", "i8"),
        ("said", "u8", (2,)),
        ("facts", "u8"),
        *[(f"{name}_{part}", "i8") for name in PAIRS_MIN + PAIRS_MAX for part in "tp"],
        ("rank", "u1"),
        ("decisive_t", "i8"),
        ("decisive_p", "i8"),
        ("decisive", "u1"),
        ("status", "i2"),
        ("latency", "i4"),
        ("gateway", "u1"),
        *[(name, "i4") for name in TEXTS],
        ("xid", "u8", (XID_WORDS,)),
        ("shared", "u1"),
    ]
)
"""``xid`` is the greatest extended id, all zeros for none (:func:`xid_words`); ``shared`` is 1 if there were several:
requests then share their id."""

_AT_ONCE = 1 << 14
_ROOM = 17 << 20
"""Bytes that are more than :mod:`loganalyzer.parser.allocation` keeps among the others."""

NO_RANK = 255

_IDENTITY: dict[str, int] = {
    "first": LATE,
    "last": EARLY,
    "first_pos": LATE,
    "last_pos": EARLY,
    **{f"{name}_{part}": LATE for name in PAIRS_MIN for part in "tp"},
    **{f"{name}_{part}": EARLY for name in PAIRS_MAX for part in "tp"},
    "rank": NO_RANK,
    "decisive_t": LATE,
    "decisive_p": LATE,
    "decisive": 0,
    "status": -1,
    "latency": -1,
}
_MINIMUM = ("first", "first_pos")
_MAXIMUM = ("last", "last_pos", "status", "latency", "gateway", "shared")


def empty_rows(count: int) -> Rows:
    """``count`` rows of which nothing is known yet: the neutral element of merging."""
    rows = np.zeros(count, ROW)
    for name, value in _IDENTITY.items():
        rows[name] = value
    return rows


class Pile:
    """Rows that are added one after another, in one piece of memory: there may be millions of them.

    That piece is large from the start, so that it lies apart from what comes and goes and can grow without moving; of
    what is never written to there is nothing but the address.
    """

    def __init__(self, kind: np.dtype[np.void]) -> None:
        self._rows: Rows = np.empty(_ROOM // kind.itemsize, kind)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, rows: Rows) -> None:
        """Put rows behind the others."""
        count = self._count + len(rows)
        if count > len(self._rows):
            self._rows.resize(count + count // 16, refcheck=False)
        self._rows[self._count : count] = rows
        self._count = count

    @property
    def rows(self) -> Rows:
        """All of them; of no use any more once the pile has changed."""
        return self._rows[: self._count]

    def fold(self, texts: Texts) -> None:
        """Merge rows of the same request, which number ``texts``."""
        self._count = len(fold(self.rows, texts))

    def exchange(self, gone: npt.NDArray[np.bool_], come: Rows) -> None:
        """Put others, no more of them, in the place of some."""
        self._count = len(exchanged(self.rows, gone, come))


def exchanged(rows: Rows, gone: npt.NDArray[np.bool_], come: Rows) -> Rows:
    """The rows with others, no more of them, in the place of some, in the same memory."""
    end = 0
    for start in range(0, len(rows), _AT_ONCE):
        kept = rows[start : start + _AT_ONCE][~gone[start : start + _AT_ONCE]]
        rows[end : end + len(kept)] = kept
        end += len(kept)
    rows[end : end + len(come)] = come
    return rows[: end + len(come)]


def places(flags: npt.NDArray[Any]) -> Ints:
    """Where the flags (or counts) are not 0; quicker than :func:`numpy.flatnonzero` by what wrapping costs."""
    return flags.nonzero()[0]


def changes(values: Ints) -> Ints:
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


def id_words(request_id: bytes) -> npt.NDArray[np.uint64]:
    """A request id as five 64-bit words; one that is longer than that becomes a digest (see :class:`Texts`)."""
    return _words(request_id if len(request_id) <= ID_BYTES else _digest(request_id, ID_BYTES), ID_BYTES)


def xid_words(extended_id: bytes) -> npt.NDArray[np.uint64]:
    """An extended id as two 64-bit words, a digest for one that does not fit."""
    fits = len(extended_id) <= XID_BYTES and b"\0" not in extended_id
    return _words(extended_id if fits else _digest(extended_id, XID_BYTES), XID_BYTES)


def _digest(text: bytes, size: int) -> bytes:
    return b"\0" + hashlib.blake2b(text, digest_size=size - 1).digest()


def _words(text: bytes, size: int) -> npt.NDArray[np.uint64]:
    return np.frombuffer(text.ljust(size, b"\0"), np.uint64)


_MULTIPLIERS = tuple(
    np.uint64(m)
    for m in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F)
)


def hash_ids(words: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """A 64-bit key for each row of an ``(n, 5)`` array of id words: every byte of the id counts."""
    key = np.zeros(len(words), np.uint64)
    for column, multiplier in enumerate(_MULTIPLIERS):
        key ^= words[:, column]
        key *= multiplier
        key ^= key >> np.uint64(29)
    return key


def group(key: npt.NDArray[np.uint64], ids: npt.NDArray[np.uint64]) -> tuple[Ints, Ints]:
    """The order that brings rows of one request together and where each request starts in it.

    Sorting goes by the 64-bit key; ids are compared once per neighbour, and a collision is settled by sorting on the
    ids themselves.
    """
    order = np.argsort(key, kind="stable")
    starts = runs_of(ids[order])
    sorted_key = key[order]
    if len(starts) > 1 + np.count_nonzero(sorted_key[1:] != sorted_key[:-1]):
        order = np.lexsort((*ids.T, key))
        starts = runs_of(ids[order])
    return order.astype(np.int64, copy=False), starts


def runs_of(ids: npt.NDArray[np.uint64]) -> Ints:
    """Where in an array of words of ids, a row each, an id stands that is not the one before."""
    new = np.zeros(len(ids), bool)
    new[:1] = True
    for column in ids.T:
        new[1:] |= column[1:] != column[:-1]
    return places(new).astype(np.int64, copy=False)


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


def fold(rows: Rows, texts: Texts) -> Rows:
    """Merge rows of the same request: one row a request, in no particular order; they use the memory of ``rows``.

    ``texts`` are those that the rows number.
    """
    if not len(rows):
        return rows
    order, starts = group(rows["key"], rows["id"])
    if len(starts) == len(rows):
        return rows
    lengths = lengths_of(starts, len(rows))
    order = order[np.repeat(lengths, lengths) > 1]
    several = np.zeros(len(rows), bool)
    several[order] = True
    return exchanged(rows, several, _merged(rows[order], _starts_of(lengths[lengths > 1]), texts))


def _starts_of(lengths: Ints) -> Ints:
    return np.cumsum(lengths) - lengths


def _merged(rows: Rows, starts: Ints, texts: Texts) -> Rows:
    """One row for each stretch of rows of the same request."""
    merged = rows[starts].copy()
    for name in _MINIMUM:
        merged[name] = np.minimum.reduceat(rows[name], starts)
    for name in _MAXIMUM:
        merged[name] = np.maximum.reduceat(rows[name], starts)
    for name in TEXTS:
        merged[name] = greatest(rows[name], starts, texts)
    for name in ("said", "facts"):
        merged[name] = np.bitwise_or.reduceat(rows[name], starts, axis=0)
    for names, choose in ((PAIRS_MIN, earliest), (PAIRS_MAX, latest)):
        for name in names:
            merged[f"{name}_t"], merged[f"{name}_p"] = choose(rows[f"{name}_t"], rows[f"{name}_p"], starts)
    _fold_decisive(rows, starts, merged)
    _fold_extended(rows, starts, merged)
    return merged


def greatest(codes: Ints, starts: Ints, texts: Texts) -> Ints:
    """Per group the number of the greatest text; that there are several is rare."""
    most: Ints = np.maximum.reduceat(codes, starts)
    other = (codes != 0) & (codes != most.repeat(lengths_of(starts, len(codes))))
    for at in places(np.logical_or.reduceat(other, starts)).tolist():
        most[at] = texts.greatest(codes[starts[at] : (*starts[at + 1 : at + 2], len(codes))[0]].tolist())
    return most


def _fold_decisive(rows: Rows, starts: Ints, merged: Rows) -> None:
    """The decisive line is the least by (rank, time, position)."""
    counts = lengths_of(starts, len(rows))
    rank = np.minimum.reduceat(rows["rank"], starts)
    best = rows["rank"] == np.repeat(rank, counts)
    time, position = earliest(
        np.where(best, rows["decisive_t"], LATE), np.where(best, rows["decisive_p"], LATE), starts
    )
    chosen = (
        best & (rows["decisive_t"] == np.repeat(time, counts)) & (rows["decisive_p"] == np.repeat(position, counts))
    )
    merged["rank"], merged["decisive_t"], merged["decisive_p"] = rank, time, position
    merged["decisive"] = np.maximum.reduceat(np.where(chosen, rows["decisive"], 0), starts)


def _fold_extended(rows: Rows, starts: Ints, merged: Rows) -> None:
    """The greatest extended id stays; where there are others too, requests share their id."""
    counts = lengths_of(starts, len(rows))
    first, second = rows["xid"].T
    high = np.maximum.reduceat(first, starts)
    greatest = first == high.repeat(counts)
    low = np.maximum.reduceat(np.where(greatest, second, np.uint64(0)), starts)
    other = ~(greatest & (second == low.repeat(counts))) & ((first | second) != 0)
    merged["xid"] = np.stack((high, low), axis=1)
    merged["shared"] |= np.logical_or.reduceat(other, starts)

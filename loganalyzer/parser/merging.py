"""How summaries of one request merge into one: by minimum, maximum, bit-or, and of texts the greatest."""

from __future__ import annotations

import numpy as np

from loganalyzer.parser.columns import LATE, Ints, Rows, column, earliest, exchanged, latest, lengths_of, places
from loganalyzer.parser.ids import group
from loganalyzer.parser.mapped import taken
from loganalyzer.parser.summary import PAIRS_MAX, PAIRS_MIN
from loganalyzer.parser.texts import TEXTS, Texts

_MINIMUM = ("first", "first_pos")
_MAXIMUM = ("last", "last_pos", "status", "latency", "gateway", "shared")


def fold(rows: Rows, texts: Texts) -> Rows:
    """Merge rows of the same request: one row a request, in no particular order; they use the memory of ``rows``.

    ``texts`` are those that the rows number.
    """
    if not len(rows):
        return rows
    order, starts = group(column(rows, "key"), rows["id"])
    if len(starts) == len(rows):
        return rows
    lengths = lengths_of(starts, len(rows))
    order = order[np.repeat(lengths, lengths) > 1]
    several = np.zeros(len(rows), bool)
    several[order] = True
    return exchanged(rows, several, _merged(taken(rows, order), _starts_of(lengths[lengths > 1]), texts))


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

"""The request summary: the small fixed record that is kept of a request while scanning.

Every column merges by minimum, maximum (of texts the greatest, not of their numbers) or bit-or, so merging is
associative, commutative and idempotent: blocks, files and processes combine the same way
(:mod:`loganalyzer.parser.merging`).  Order is kept as pairs (time, position): a minimum over a pair is the earliest
line, also among lines of one millisecond.
"""

from __future__ import annotations

import numpy as np

from loganalyzer.parser.columns import EARLY, LATE, Rows
from loganalyzer.parser.ids import ID_WORDS, XID_WORDS
from loganalyzer.parser.texts import TEXTS

NO_TIME = -1
"""Stands for a time that the source does not give; sorts before every real time."""

SOURCE_SHIFT = 40
"""Positions hold the number of the input in the bits from here on, the offset in its canonical text below."""

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
"""``xid`` is the greatest extended id, all zeros for none (:func:`loganalyzer.parser.ids.xid_words`); ``shared`` is 1
if there were several: requests then share their id."""

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


def empty_rows(count: int) -> Rows:
    """``count`` rows of which nothing is known yet: the neutral element of merging."""
    rows = np.zeros(count, ROW)
    for name, value in _IDENTITY.items():
        rows[name] = value
    return rows

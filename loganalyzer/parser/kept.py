"""Kept lines in columns: there may be hundreds of thousands, and as objects they would take four times the memory."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from loganalyzer.parser.columns import Ints, Rows, among, changes, distinct, places
from loganalyzer.parser.ids import ID_WORDS, hash_ids, runs_of
from loganalyzer.parser.lines import Lines, message_of
from loganalyzer.parser.longtext import AT_ONCE, LongText
from loganalyzer.parser.pile import Pile

MAX_TEXT = 4096
"""Longer messages are kept in part; evidence is read by people."""

_LENGTH_BITS, _CODE_BITS = 16, 8
_MOST_ONCE, _SHORT = 1 << 12, 1 << 10
"""So many messages of at most so many bytes are known again."""

Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int32]

LINE = np.dtype(
    [
        ("id", "u8", (ID_WORDS,)),
        ("time", "i8"),
        ("position", "i8"),
        ("start", "i8"),
        ("length", "i4"),
        ("code", "u1"),
    ]
)
"""Whose a line is, when, where and which sentence it says; where its message stands among all messages."""


class Kept(NamedTuple):
    """One kept line: whose it is (the id words of its row), when, where, which sentence, its message."""

    id: bytes
    time: int
    position: int
    code: int
    message: bytes


class KeptLines:
    """Lines that diagnoses rest on, in no particular order.

    Their messages stand in one text; many requests say the same, which mostly stands there once.
    """

    def __init__(self, lines: Iterable[Kept] = ()) -> None:
        self._lines, self._text = Pile(LINE), LongText()
        self._once: dict[bytes, int] = {}
        listed = list(lines)
        if listed:
            self._add(
                np.frombuffer(b"".join(line.id for line in listed), np.uint64).reshape(-1, ID_WORDS),
                list(np.array([line[1:4] for line in listed]).T),
                (line.message for line in listed),
            )

    def __reduce__(self) -> tuple[object, tuple[Rows, Bytes]]:
        return _restored, (self.lines, np.frombuffer(self._text[0 : len(self._text)], np.uint8))

    def __len__(self) -> int:
        return len(self._lines)

    def __iter__(self) -> Iterator[Kept]:
        for line in self.lines:
            start = int(line["start"])
            message = self._text[start : start + int(line["length"])]
            yield Kept(line["id"].tobytes(), int(line["time"]), int(line["position"]), int(line["code"]), message)

    @property
    def size(self) -> int:
        """Bytes in memory."""
        return self.lines.nbytes + self._text.held

    @property
    def lines(self) -> Rows:
        """The lines, in the columns of :data:`LINE`; of no use any more once others are added or left out."""
        return self._lines.rows

    def take(self, text: bytes, lines: Lines, events: Ints) -> None:
        """Keep some of the events of a block."""
        columns = lines.time[events], lines.position[events], lines.code[events]
        ends = np.minimum(lines.end[events], lines.text[events] + MAX_TEXT).tolist()
        spans = zip(lines.text[events].tolist(), ends, strict=True)
        self._add(lines.ids[lines.run_of[events]], columns, (message_of(text, start, end) for start, end in spans))

    def adopt(self, other: KeptLines) -> None:
        """Keep the lines of another collection too."""
        before = len(self._lines)
        self._lines.add(other.lines)
        self.lines["start"][before:] += len(self._text)
        for start in range(0, len(other._text), AT_ONCE):
            self._text.add(other._text[start : min(start + AT_ONCE, len(other._text))])

    def leave_out(self, which: npt.NDArray[np.bool_]) -> None:
        """Keep some lines no longer."""
        self._lines.exchange(which, self.lines[:0])
        order = np.lexsort((-self.lines["length"], self.lines["start"]))
        starts, lengths = self.lines["start"][order], self.lines["length"][order]
        first = changes(starts)
        if 2 * lengths[first].sum() < len(self._text) == self._text.held:
            self._rewrite(order, first)

    def _rewrite(self, order: Ints, first: Ints) -> None:
        """Have the text hold no more than the messages of the lines that are left."""
        starts, lengths = self.lines["start"][order], self.lines["length"][order]
        spans = zip(starts[first].tolist(), (starts + lengths)[first].tolist(), strict=True)
        old, self._text, self._once = self._text, LongText(), {}
        self._text.add(b"".join(old[start:end] for start, end in spans))
        moved = np.cumsum(lengths[first]) - lengths[first]
        self.lines["start"][order] = moved.repeat(np.diff(first, append=len(order)))

    def _add(self, ids: npt.NDArray[np.uint64], columns: Sequence[npt.NDArray[Any]], messages: Iterable[bytes]) -> None:
        found = np.empty(len(ids), LINE)
        found["id"] = ids
        found["time"], found["position"], found["code"] = columns
        places = np.array([(self._start(message), len(message)) for message in messages], np.int64).reshape(-1, 2)
        found["start"], found["length"] = places.T
        self._lines.add(found)

    def _start(self, message: bytes) -> int:
        """Where the message stands; one that was not seen lately is put behind the others."""
        end = len(self._text)
        if len(message) <= _SHORT:
            if len(self._once) > _MOST_ONCE:
                self._once.clear()
            start = self._once.setdefault(message, end)
            if start < end:
                return start
        self._text.add(message)
        return end

    def of(self, ids: Collection[bytes]) -> npt.NDArray[np.bool_]:
        """Which lines are of requests with one of these ids (id words as bytes)."""
        keys = hash_ids(np.frombuffer(b"".join(ids), np.uint64).reshape(-1, ID_WORDS))
        which = among(hash_ids(self.lines["id"]), keys)
        for at in places(which).tolist():
            which[at] = self.lines["id"][at].tobytes() in ids
        return which


def _restored(lines: Rows, text: Bytes) -> KeptLines:
    found = KeptLines()
    found._lines.add(lines)
    found._text.add(text.tobytes())
    return found


class KeptOf:
    """The kept lines of each row of a table, in the order of time and position.

    ``lines`` has code, start and end in ``text`` of each line, ``first`` and ``end`` where those of each row stand.
    """

    def __init__(self, first: Places, end: Places, lines: Ints, text: bytes | LongText) -> None:
        self._first, self._end, self._lines, self._text = first, end, lines, text

    @classmethod
    def of(cls, kept: KeptLines, rows: Rows) -> KeptOf:
        """Those of all rows."""
        order, first = _by_request(kept.lines)
        code, start, length = (kept.lines[name][order] for name in ("code", "start", "length"))
        ids = kept.lines["id"][order[first]]
        request = _places_of(rows, ids)
        bounds = np.append(first, [len(order)] * 2).astype(np.int32)
        lines = np.stack((code, start, start + length), axis=1)
        return cls(bounds[request], bounds[request + 1], lines, kept._text)

    def part(self, which: Ints) -> KeptOf:
        """Those of some rows, in this order, with no more text than is theirs."""
        lines, bounds = self._of(which)
        spans = lines[:, 1] << _LENGTH_BITS | (lines[:, 2] - lines[:, 1])
        known = distinct(spans)
        starts, lengths = known >> _LENGTH_BITS, known & (1 << _LENGTH_BITS) - 1
        moved = np.append(0, np.cumsum(lengths))
        place = np.searchsorted(known, spans)
        lines[:, 1], lines[:, 2] = moved[place], moved[place + 1]
        pieces = zip(starts.tolist(), (starts + lengths).tolist(), strict=True)
        return KeptOf(bounds[:-1], bounds[1:], lines, b"".join(self._text[start:end] for start, end in pieces))

    def sizes(self, which: Ints) -> Ints:
        """How many bytes of messages each of some rows has."""
        ends = np.append(0, np.cumsum(self._lines[:, 2] - self._lines[:, 1]))
        return np.asarray(ends[self._end[which]] - ends[self._first[which]])

    def lines_of(self, which: Ints) -> list[tuple[tuple[int, bytes], ...]]:
        """Code and message of each line of the requests in some rows; those that are the same are one object."""
        lines, bounds = self._of(which)
        keys = (lines[:, 1] << _LENGTH_BITS | (lines[:, 2] - lines[:, 1])) << _CODE_BITS | lines[:, 0]
        _, first, number = np.unique(keys, return_index=True, return_inverse=True)
        known = [(code, self._text[start:end]) for code, start, end in lines[first].tolist()]
        found = [known[at] for at in number.tolist()]
        return [tuple(found[start:end]) for start, end in pairwise(bounds.tolist())]

    def __getitem__(self, row: int) -> list[tuple[int, bytes]]:
        """Code and message of each line of the request in this row."""
        text = self._text
        lines = self._lines[self._first[row] : self._end[row]].tolist()
        return [(code, text[start:end]) for code, start, end in lines]

    def _of(self, which: Ints) -> tuple[Ints, Places]:
        """The lines of some rows, one after the other, and where those of each begin and end."""
        first, lengths = self._first[which], self._end[which] - self._first[which]
        bounds = np.append(0, np.cumsum(lengths)).astype(np.int32)
        return self._lines[np.arange(bounds[-1]) + np.repeat(first - bounds[:-1], lengths)], bounds


def _by_request(lines: Rows) -> tuple[Ints, Ints]:
    """The order of lines by the hash of their id, time and position, and where in it each id begins."""
    key, when = hash_ids(lines["id"]), (lines["position"], lines["time"])
    order = np.lexsort((*when, key))
    first = runs_of(lines["id"][order])
    if len(first) > len(changes(key[order].view(np.int64))):
        order = np.lexsort((*when, *lines["id"].T, key))
        first = runs_of(lines["id"][order])
    return order, first


def _places_of(rows: Rows, ids: npt.NDArray[np.uint64]) -> Ints:
    """Where among ids, in the order of their hashes, that of each row stands; one behind the last for none."""
    keys = hash_ids(ids)
    found = np.searchsorted(keys, rows["key"])
    while True:
        same = found < len(ids)
        same[same] = keys[found[same]] == rows["key"][same]
        other = places(same)[(ids[found[same]] != rows["id"][same]).any(axis=1)]
        if not len(other):
            return np.where(same, found, len(ids))
        found[other] += 1

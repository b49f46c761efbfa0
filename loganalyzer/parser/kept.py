"""Kept lines in columns: there may be hundreds of thousands, and as objects they would take four times the memory."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from loganalyzer.parser.columns import Ints, Rows, among, column, distinct, places, stretches_of
from loganalyzer.parser.ids import ID_WORDS, find_ids, group, hash_ids
from loganalyzer.parser.lines import Lines, message_of
from loganalyzer.parser.longtext import AT_ONCE, LongText
from loganalyzer.parser.mapped import let_go
from loganalyzer.parser.pile import Pile

MAX_TEXT = 4096
"""Longer messages are kept in part; evidence is read by people."""

_LENGTH_BITS, _CODE_BITS = 16, 8
_LENGTH, _CODE = (1 << _LENGTH_BITS) - 1, (1 << _CODE_BITS) - 1
_MOST_ONCE, _SHORT = 1 << 12, 1 << 10
"""So many messages of at most so many bytes are known again."""

Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int32]

LINE = np.dtype(
    [
        ("id", "u8", (ID_WORDS,)),
        ("time", "i8"),
        ("position", "i8"),
        ("said", "i8"),
    ]
)
"""Whose a line is, when, where; and in one number where its message stands among all messages, how long that is, and
which sentence it says."""


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
            said = int(line["said"])
            message = _message(self._text, said >> _CODE_BITS)
            yield Kept(line["id"].tobytes(), int(line["time"]), int(line["position"]), said & _CODE, message)

    @property
    def size(self) -> int:
        """Bytes in memory."""
        return self.lines.nbytes + self._text.held

    @property
    def lines(self) -> Rows:
        """The lines, in the columns of :data:`LINE`; of no use any more once others are added or left out."""
        return self._lines.rows

    @property
    def codes(self) -> Ints:
        """Which sentence each line says."""
        return _codes(column(self.lines, "said"))

    @property
    def keys(self) -> npt.NDArray[np.uint64]:
        """The hash of the id that each line has."""
        found = np.empty(len(self), np.uint64)
        for some in stretches_of(self.lines):
            found[some] = hash_ids(self.lines["id"][some])
        return found

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
        self.lines["said"][before:] += len(self._text) << _LENGTH_BITS + _CODE_BITS
        let_go(self.lines)
        for start in range(0, len(other._text), AT_ONCE):
            self._text.add(other._text[start : min(start + AT_ONCE, len(other._text))])

    def leave_out(self, which: npt.NDArray[np.bool_]) -> None:
        """Keep some lines no longer."""
        self._lines.exchange(which, self.lines[:0])
        if len(self._text) == self._text.held and 2 * _size(self.lines["said"]) < len(self._text):
            text, self.lines["said"] = _gathered(self.lines["said"], self._text)
            self._text, self._once = LongText(), {}
            self._text.add(text)

    def _add(self, ids: npt.NDArray[np.uint64], columns: Sequence[npt.NDArray[Any]], messages: Iterable[bytes]) -> None:
        found = np.empty(len(ids), LINE)
        found["id"] = ids
        found["time"], found["position"], codes = columns
        found["said"] = np.array(self._spans(messages), np.int64) << _CODE_BITS | codes
        self._lines.add(found)

    def _spans(self, messages: Iterable[bytes]) -> list[int]:
        """Where each message stands and how long it is; those that were not seen lately are put behind the others."""
        once, end = self._once, len(self._text)
        spans, new = [], []
        for message in messages:
            length = len(message)
            behind = end << _LENGTH_BITS | length
            span = once.setdefault(message, behind) if length <= _SHORT else behind
            spans.append(span)
            if span == behind:
                new.append(message)
                end += length
                if len(once) > _MOST_ONCE:
                    once.clear()
        self._text.add(b"".join(new))
        return spans

    def of(self, ids: Collection[bytes]) -> npt.NDArray[np.bool_]:
        """Which lines are of requests with one of these ids (id words as bytes)."""
        keys = hash_ids(np.frombuffer(b"".join(ids), np.uint64).reshape(-1, ID_WORDS))
        which = among(self.keys, keys)
        for at in places(which).tolist():
            which[at] = self.lines["id"][at].tobytes() in ids
        return which


def _restored(lines: Rows, text: Bytes) -> KeptLines:
    found = KeptLines()
    found._lines.add(lines)
    found._text.add(text.tobytes())
    return found


def _codes(said: Ints) -> Ints:
    return said & _CODE


def _lengths(said: Ints) -> Ints:
    return said >> _CODE_BITS & _LENGTH


def _size(said: Ints) -> int:
    """How many bytes the messages take, each once."""
    return int(_lengths(distinct(said)).sum())


def _message(text: bytes | LongText, span: int) -> bytes:
    """The message that begins somewhere in a text and is so long."""
    start = span >> _LENGTH_BITS
    return text[start : start + (span & _LENGTH)]


def _gathered(said: Ints, text: bytes | LongText) -> tuple[bytes, Ints]:
    """The messages of lines in a text of their own, each once, and what the lines say of where in it theirs are."""
    spans = said >> _CODE_BITS
    known = distinct(spans)
    lengths = known & _LENGTH
    moved = (np.cumsum(lengths) - lengths) << _LENGTH_BITS | lengths
    messages = b"".join(_message(text, span) for span in known.tolist())
    return messages, moved[np.searchsorted(known, spans)] << _CODE_BITS | _codes(said)


class KeptOf:
    """The kept lines of each row of a table, in the order of time and position.

    ``said`` tells of each line which sentence it says and where in ``text``, ``first`` and ``end`` where in it the
    lines of each row stand.
    """

    def __init__(self, first: Places, end: Places, said: Ints, text: bytes | LongText) -> None:
        self._first, self._end, self._said, self._text = first, end, said, text

    @classmethod
    def of(cls, kept: KeptLines, rows: Rows) -> KeptOf:
        """Those of all rows."""
        lines = kept.lines
        keys = kept.keys
        order, first = group(keys, lines["id"], column(lines, "position"), column(lines, "time"))
        request = find_ids(rows["key"], rows["id"], those=order[first], all_keys=keys, all_ids=lines["id"])
        bounds = np.append(first, [len(order)] * 2).astype(np.int32)
        return cls(bounds[request], bounds[request + 1], column(lines, "said")[order], kept._text)

    def part(self, which: Ints) -> KeptOf:
        """Those of some rows, in this order, with no more text than is theirs."""
        said, bounds = self._of(which)
        text, said = _gathered(said, self._text)
        return KeptOf(bounds[:-1], bounds[1:], said, text)

    def sizes(self, which: Ints) -> Ints:
        """How many bytes of messages each of some rows has."""
        ends = np.append(0, np.cumsum(_lengths(self._said)))
        return np.asarray(ends[self._end[which]] - ends[self._first[which]])

    def lines_of(self, which: Ints) -> list[tuple[tuple[int, bytes], ...]]:
        """Code and message of each line of the requests in some rows; those that are the same are one object."""
        said, bounds = self._of(which)
        told, number = np.unique(said, return_inverse=True)
        known = [self._line(one) for one in told.tolist()]
        found = [known[at] for at in number.tolist()]
        return [tuple(found[start:end]) for start, end in pairwise(bounds.tolist())]

    def __getitem__(self, row: int) -> list[tuple[int, bytes]]:
        """Code and message of each line of the request in this row."""
        return [self._line(said) for said in self._said[self._first[row] : self._end[row]].tolist()]

    def _line(self, said: int) -> tuple[int, bytes]:
        return said & _CODE, _message(self._text, said >> _CODE_BITS)

    def _of(self, which: Ints) -> tuple[Ints, Places]:
        """What the lines of some rows say, one after the other, and where those of each begin and end."""
        first, lengths = self._first[which], self._end[which] - self._first[which]
        bounds = np.append(0, np.cumsum(lengths)).astype(np.int32)
        return self._said[np.arange(bounds[-1]) + np.repeat(first - bounds[:-1], lengths)], bounds

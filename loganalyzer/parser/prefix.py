"""The lines of a block that begin in the usual way, with 64 bytes of time and id, read all at once.

Lines of one request follow one another, and so do those of one minute: what is the same as on the line above is looked
at once.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from loganalyzer.parser import reader
from loganalyzer.parser.columns import Ints, changes, places, spread
from loganalyzer.parser.heads import Codes, Words, codes_of, mask_of, word_of
from loganalyzer.parser.ids import ID_WORDS

Flags = npt.NDArray[np.bool_]

PREFIX = 64
"""Length of ``2026-11-02T09:15:42.118Z (3f2b8c1e-7a45-4d09-9c6e-5b1d2e8f7a10) ``."""
_SPAN = PREFIX + 24

_AT_ONCE = 1 << 11
"""So many lines are gathered at a time."""

_LEAST = word_of(b"\x2a" * 8)
_HIGH = word_of(b"\x80" * 8)


class _Pattern(NamedTuple):
    """Bytes that a word of the prefix must hold: ``word & mask == value``."""

    mask: np.uint64
    value: np.uint64


def _pattern(template: bytes) -> _Pattern:
    """A pattern from eight bytes in which ``?`` stands for any."""
    mask = bytes(0 if byte == 0x3F else 0xFF for byte in template)
    return _Pattern(word_of(mask), word_of(template) & word_of(mask))


_ID_SHAPE = tuple(map(_pattern, (b" (??????", b"??-????-", b"????-???", b"?-??????", b"??????) ")))
_NOT_OF_ID = (mask_of(2), mask_of(0), mask_of(0), mask_of(0), ~mask_of(6))
"""Which bytes of the words that hold an id are not of it."""

_SECONDS = word_of(b":00.000Z")
_TOO_MUCH = word_of(b"\x7f\x76\x76\x7f\x76\x76\x76\x7f")
"""Added to how much a word exceeds :data:`_SECONDS`, sets the high bit of every byte that may not be so."""
_MINUTES_KEPT = 100_000

_CUT = word_of(reader.TRUNCATED[-7:] + b"\n")
"""What stands before a line if the one above was cut."""


class Regular(NamedTuple):
    """The lines of the usual prefix: their numbers, times and, as far as it is told, sentences.

    ``run`` has the places in these columns at which an id begins that is not the one above, ``ids`` those ids. ``cut``
    has the numbers of the lines that API Gateway has cut, among all whose next line was looked at: the first ``seen``.
    """

    number: Ints
    time: Ints
    run: Ints
    ids: Words
    code: Codes
    cut: Ints
    seen: int


_NONE = Regular(
    np.zeros(0, np.int64),
    np.zeros(0, np.int64),
    np.zeros(0, np.int64),
    np.zeros((0, ID_WORDS), np.uint64),
    np.zeros(0, np.uint8),
    np.zeros(0, np.int64),
    0,
)


class PrefixReader:
    """Reads the lines of the usual prefix; the calendar is asked once a minute of log."""

    def __init__(self) -> None:
        self._minutes: dict[tuple[int, int], int] = {}

    def read(self, text: bytes, starts: Ints, ends: Ints) -> Regular:
        """The regular ones among the lines that start and end at these offsets."""
        count = int(np.searchsorted(starts, len(text) - _SPAN, side="right"))
        if not count:
            return _NONE
        words = _gathered(text, starts[:count])
        cut = places(words[0, 1:] == _CUT)
        stretch = _runs(words[1:9])
        run = _runs(words[4:9, stretch])
        first = words[4:9, stretch[run]]
        time, good = self._times(words[1:4, stretch], spread(_well_formed(first), run, len(stretch)))
        ids, run = _ids_of(first), stretch[run]
        regular = ends[:count] - starts[:count] >= PREFIX
        if not good.all():
            regular &= spread(good, stretch, count)
        times = spread(time, stretch, count)
        code = codes_of(words[9], words[10], words[11])
        if regular.all():
            return Regular(np.arange(count), times, run, ids, code, cut, count - 1)
        number = places(regular)
        of_run = spread(np.arange(len(run)), run, count)[number]
        kept = changes(of_run)
        return Regular(number, times[number], kept, ids[of_run[kept]], code[number], cut, count - 1)

    def _times(self, words: Words, good: Flags) -> tuple[Ints, Flags]:
        """Milliseconds since 1970 of the good ones, and which of them have a time that calendar and clock have."""
        runs = _runs(words[:2])
        date, clock = words[0, runs].tolist(), words[1, runs].tolist()
        wanted = np.logical_or.reduceat(good, runs).tolist()
        minutes = [
            self._minute(pair) if asked else -1
            for pair, asked in zip(zip(date, clock, strict=True), wanted, strict=True)
        ]
        base: Ints = spread(np.array(minutes, np.int64), runs, len(good))
        above = words[2] ^ _SECONDS
        digits = above >> np.uint64(8)
        pairs = (digits * np.uint64(10) + (digits >> np.uint64(8))) & word_of(b"\xff\0" * 4)
        good = good & (((above + _TOO_MUCH) | above) & _HIGH == 0) & (base >= 0) & ((pairs & np.uint64(0xFF)) < 60)
        millis = (pairs * np.uint64(1 + (100 << 16) + (1000 << 32)) >> np.uint64(32)) & np.uint64(0xFFFF)
        return base + millis.view(np.int64), good

    def _minute(self, words: tuple[int, int]) -> int:
        """When the minute begins that these two words write, in milliseconds since 1970; -1 if there is none such."""
        known = self._minutes.get(words)
        if known is None:
            if len(self._minutes) > _MINUTES_KEPT:
                self._minutes.clear()
            text = np.array(words, np.uint64).tobytes()
            shaped = reader.LINE.match(text + b":00.000Z (-)") is not None
            value = reader.milliseconds(text + b":00.000Z") if shaped else None
            known = self._minutes[words] = -1 if value is None else value
        return known


def _gathered(text: bytes, starts: Ints) -> Words:
    """Twelve words of each line: the eight bytes before it, then those of its prefix and of the head of its message.

    Each line is touched once, and some at a time: bringing it into the cache is what costs.
    """
    width = _SPAN + 8
    view: npt.NDArray[np.void] = np.ndarray((max(len(text) - width + 1, 0),), f"V{width}", buffer=text, strides=(1,))
    words = np.empty((width // 8, len(starts)), np.uint64)
    early = int(np.searchsorted(starts, 8))
    begin = bytes(8) + text[:width]
    for number, start in enumerate(starts[:early].tolist()):
        words[:, number] = np.frombuffer(begin[start : start + width], np.uint64)
    for at in range(early, len(starts), _AT_ONCE):
        rows = view[starts[at : at + _AT_ONCE] - 8].view(np.uint64)
        words[:, at : at + _AT_ONCE] = rows.reshape(-1, width // 8).T
    return words


def _runs(columns: Words) -> Ints:
    """The places at which one of the columns is not as above."""
    new = np.zeros(columns.shape[1], bool)
    new[:1] = True
    for column in columns:
        new[1:] |= column[1:] != column[:-1]
    return places(new)


def _well_formed(words: Words) -> Flags:
    """Whether the words that hold an id have dashes, blanks and parentheses where they should, and nowhere else."""
    good = np.ones(words.shape[1], bool)
    for word, (mask, value), filled in zip(words, _ID_SHAPE, _NOT_OF_ID, strict=True):
        good &= ((word & mask) == value) & _plain(word, filled)
    return good


def _plain(word: Words, filled: np.uint64) -> Flags:
    """Whether all bytes of an id in the word are above ``)``: no blank, parenthesis or control character."""
    return printable(word | filled & np.uint64(0x7F7F7F7F7F7F7F7F))


def printable(word: Words) -> Flags:
    """Whether all bytes of a word are ASCII above ``)``: letters, digits, most signs, but nothing blank."""
    return np.asarray(((word - _LEAST) | word) & _HIGH == 0)


def _ids_of(words: Words) -> Words:
    """Bytes 2 to 37 of the words that hold each id as five words, the last filled up with zeros."""
    ids = np.empty((ID_WORDS, words.shape[1]), np.uint64)
    for number in range(ID_WORDS - 1):
        ids[number] = (words[number] >> np.uint64(16)) | (words[number + 1] << np.uint64(48))
    ids[ID_WORDS - 1] = (words[ID_WORDS - 1] >> np.uint64(16)) & mask_of(4)
    return ids.T

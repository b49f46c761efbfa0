"""The lines of a block that begin in the usual way, with 64 bytes of time and id, read all at once.

Lines of one request follow one another, and so do those of one minute: what is the same as on the line above is looked
at once.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from loganalyzer.parser import reader
from loganalyzer.parser.heads import Codes, Words, codes_of, mask_of, word_of
from loganalyzer.parser.summary import ID_WORDS, Ints

Flags = npt.NDArray[np.bool_]

PREFIX = 64
"""Length of ``2026-11-02T09:15:42.118Z (3f2b8c1e-7a45-4d09-9c6e-5b1d2e8f7a10) ``."""
_SPAN = PREFIX + 24

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


class Regular(NamedTuple):
    """The lines of the usual prefix: their numbers, times and, as far as it is told, sentences.

    ``run`` has the places in these columns at which an id begins that is not the one above, ``ids`` those ids.
    """

    number: Ints
    time: Ints
    run: Ints
    ids: Words
    code: Codes


_NONE = Regular(
    np.zeros(0, np.int64),
    np.zeros(0, np.int64),
    np.zeros(0, np.int64),
    np.zeros((0, ID_WORDS), np.uint64),
    np.zeros(0, np.uint8),
)


class PrefixReader:
    """Reads the lines of the usual prefix; the calendar is asked once a minute of log."""

    def __init__(self) -> None:
        self._minutes: dict[bytes, int] = {}

    def read(self, text: bytes, starts: Ints, ends: Ints) -> Regular:
        """The regular ones among the lines that start and end at these offsets."""
        count = int(np.searchsorted(starts, len(text) - _SPAN, side="right"))
        if not count:
            return _NONE
        view: npt.NDArray[np.void] = np.ndarray((len(text) - _SPAN + 1,), f"V{_SPAN}", buffer=text, strides=(1,))
        spans = np.ascontiguousarray(view[starts[:count]].view(np.uint64).reshape(count, _SPAN // 8).T)
        run = _runs(spans[3:8])
        first = spans[3:8, run]
        well_formed = _well_formed(first)
        good = ends[:count] - starts[:count] >= PREFIX
        if not well_formed.all():
            good &= np.asarray(_spread(well_formed, run, count), bool)
        time = self._times(spans, good)
        good = time >= 0
        ids, code = _ids_of(first), codes_of(spans[8], spans[9], spans[10])
        if good.all():
            return Regular(np.arange(count), time, run, ids, code)
        number = np.flatnonzero(good)
        of_run = _spread(np.arange(len(run)), run, count)[number]
        kept = np.flatnonzero(np.diff(of_run, prepend=-1))
        return Regular(number, time[number], kept, ids[of_run[kept]], code[number])

    def _times(self, spans: Words, good: Flags) -> Ints:
        """Milliseconds since 1970 of the good lines, -1 for others and for a time that no calendar or clock has."""
        runs = _runs(spans[:2])
        firsts = zip(spans[:2, runs].T, np.logical_or.reduceat(good, runs).tolist(), strict=True)
        minutes = np.array([self._minute(word.tobytes()) if wanted else -1 for word, wanted in firsts], np.int64)
        base: Ints = np.asarray(minutes[0] if len(runs) == 1 else _spread(minutes, runs, len(good)))
        above = spans[2] ^ _SECONDS
        good = good & (((above + _TOO_MUCH) | above) & _HIGH == 0) & (base >= 0)
        digits = above >> np.uint64(8)
        pairs = (digits * np.uint64(10) + (digits >> np.uint64(8))) & word_of(b"\xff\0" * 4)
        good &= (pairs & np.uint64(0xFF)) < 60
        millis = (pairs * np.uint64(1 + (100 << 16) + (1000 << 32)) >> np.uint64(32)) & np.uint64(0xFFFF)
        return np.where(good, base + millis.view(np.int64), -1)

    def _minute(self, text: bytes) -> int:
        known = self._minutes.get(text)
        if known is None:
            if len(self._minutes) > _MINUTES_KEPT:
                self._minutes.clear()
            shaped = reader.LINE.match(text + b":00.000Z (-)") is not None
            value = reader.milliseconds(text + b":00.000Z") if shaped else None
            known = self._minutes[text] = -1 if value is None else value
        return known


def _runs(columns: Words) -> Ints:
    """The places at which one of the columns is not as above."""
    new = np.zeros(columns.shape[1], bool)
    new[:1] = True
    for column in columns:
        new[1:] |= column[1:] != column[:-1]
    return np.flatnonzero(new)


def _spread(values: npt.NDArray[np.generic], run: Ints, count: int) -> npt.NDArray[np.generic]:
    """The value of each run for every line of it."""
    return np.repeat(values, np.diff(np.append(run, count)))


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

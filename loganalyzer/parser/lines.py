"""A block of canonical text → its events, in columns: where each stands, when, whose, which sentence.

Everything that can be said of all lines of a block at once is: line ends, the fixed 64-byte prefix (time and a 36-byte
id), the head of the message.  Lines of any other shape (client-set and WebSocket ids, no milliseconds, no time, no id)
take :func:`loganalyzer.parser.reader.split_line` one by one and then join the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from loganalyzer import vocabulary as words
from loganalyzer.coverage import Coverage, Example
from loganalyzer.parser import reader
from loganalyzer.parser.columns import Ints, changes, lengths_of, places, spread
from loganalyzer.parser.heads import (
    MAYBE_NO_KEY,
    NO_KEY,
    UNRESOLVED,
    Codes,
    Words,
    mask_of,
    word_of,
)
from loganalyzer.parser.ids import hash_ids, id_words, runs_of
from loganalyzer.parser.prefix import PREFIX, PrefixReader
from loganalyzer.parser.summary import NO_TIME

_NO_KEY_CODE = words.match(NO_KEY).code
_REST_OF_NO_KEY = word_of(NO_KEY[24:])
_MESSAGES_KEPT = 1 << 12
_AT_ONCE = 4 << 20
"""Bytes in which newlines are looked for at once: a flag for each byte takes as much memory as the text."""

_SHORT = 512


class Lines(NamedTuple):
    """The events of one block, in columns: where each stands, when and whose it is, which sentence it says.

    ``position`` is that of the event in the input, ``start`` its offset in the block, ``text`` that of its message,
    ``end`` where it ends (its continuation lines included); ``time`` is in ms, :data:`NO_TIME` if unknown; ``code``
    that of the vocabulary. Lines of one request mostly follow one another: ``run`` has the number of the first event
    of each such run, ``ids`` and ``key`` its id and the hash of that, ``run_of`` for each event the number of its run.
    ``cut`` has the numbers of the events that API Gateway has cut.
    """

    position: Ints
    start: Ints
    text: Ints
    end: Ints
    time: Ints
    run: Ints
    run_of: Ints
    ids: Words
    key: Words
    code: Codes
    cut: Ints

    def take(self, events: Ints) -> Lines:
        """Some of the events, in order."""
        of_run = self.run_of[events]
        run = changes(of_run)
        kept = of_run[run]
        cut = np.searchsorted(events, self.cut)
        found = cut < len(events)
        cut = cut[found][events[cut[found]] == self.cut[found]]
        return Lines(
            self.position[events],
            self.start[events],
            self.text[events],
            self.end[events],
            self.time[events],
            run,
            spread(np.arange(len(run)), run, len(events)),
            self.ids[kept],
            self.key[kept],
            self.code[events],
            cut,
        )

    def alone(self, text: bytes) -> tuple[bytes, Lines]:
        """The text of these events alone, and the events as they stand in it."""
        new = np.ones(len(self.start), bool)
        np.not_equal(self.start[1:], self.end[:-1] + 1, out=new[1:])
        first = places(new)
        last = np.append(first[1:], len(self.start)) - 1
        spans = zip(self.start[first].tolist(), self.end[last].tolist(), strict=True)
        pieces = [text[start:end] for start, end in spans]
        lengths = self.end[last] - self.start[first] + 1
        shift = np.repeat(np.cumsum(lengths) - lengths - self.start[first], last - first + 1)
        moved = self._replace(start=self.start + shift, text=self.text + shift, end=self.end + shift)
        return b"\n".join((*pieces, b"")), moved


def joined(pieces: Sequence[tuple[bytes, Lines]]) -> tuple[bytes, Lines]:
    """Texts with their events as one text with all of them."""
    texts, parts = zip(*pieces, strict=True)
    offsets = np.cumsum([0, *map(len, texts)])[:-1].tolist()
    events = np.cumsum([0, *(len(part.code) for part in parts)])[:-1].tolist()
    runs = np.cumsum([0, *(len(part.run) for part in parts)])[:-1].tolist()

    def column(name: str) -> Any:
        return np.concatenate([getattr(part, name) for part in parts])

    def shifted(name: str, by: Sequence[int]) -> Ints:
        return np.concatenate([getattr(part, name) + at for part, at in zip(parts, by, strict=True)])

    lines = Lines(
        position=column("position"),
        start=shifted("start", offsets),
        text=shifted("text", offsets),
        end=shifted("end", offsets),
        time=column("time"),
        run=shifted("run", events),
        run_of=shifted("run_of", runs),
        ids=column("ids"),
        key=column("key"),
        code=column("code"),
        cut=shifted("cut", events),
    )
    return b"".join(texts), lines


def grouped(codes: Codes) -> dict[int, Ints]:
    """The places at which each code stands, in order."""
    order = np.argsort(codes, kind="stable").astype(np.int64, copy=False)
    counts = np.bincount(codes)
    kinds = places(counts)
    bounds = [0, *np.cumsum(counts[kinds]).tolist()]
    return {kind: order[bounds[at] : bounds[at + 1]] for at, kind in enumerate(kinds.tolist())}


class LineFinder:
    """Finds the events of blocks; keeps ids that do not fit a row and counts what belongs to no event."""

    def __init__(self, coverage: Coverage) -> None:
        self.coverage = coverage
        self.long_ids: dict[bytes, bytes] = {}
        self._prefixes = PrefixReader()
        self._known: dict[bytes, int] = {}

    def lines(self, text: bytes, base: int = 0) -> Lines:
        """Find the events of a chunk that stands at position ``base``, and name their sentences."""
        ends = newlines(text)
        if not text.endswith(b"\n"):
            ends = np.append(ends, len(text))
        starts = np.empty_like(ends)
        starts[:1] = 0
        starts[1:] = ends[:-1] + 1
        index, time, run, ids, code, cut, seen = self._prefixes.read(text, starts, ends)
        message = starts[index] + PREFIX
        if len(index) < len(starts):
            slow = self._irregular(text, starts, ends, index)
            if slow:
                ids = np.repeat(ids, lengths_of(run, len(index)), axis=0)
                index = np.concatenate((index, np.array([row[0] for row in slow], np.int64)))
                order = np.argsort(index, kind="stable")
                index = index[order]
                time = np.concatenate((time, np.array([row[1] for row in slow], np.int64)))[order]
                ids = np.concatenate((ids, np.array([row[2] for row in slow], np.uint64)))[order]
                message = np.concatenate((message, np.array([row[3] for row in slow], np.int64)))[order]
                code = np.concatenate((code, np.full(len(slow), UNRESOLVED, np.uint8)))[order]
                run = runs_of(ids)
                ids = ids[run]
        end = ends
        if 0 < len(index) < len(ends):
            end = ends[np.append(index[1:], len(ends)) - 1]
        self._count_strays(text, starts, ends, index)
        self._resolve(text, message, end, code)
        run_of = spread(np.arange(len(run)), run, len(index))
        late = [line for line in range(seen, len(ends)) if text.endswith(CUT, int(starts[line]), int(ends[line]))]
        cut = _ending_with(np.append(cut, late).astype(np.int64), index, len(ends))
        start = starts[index]
        return Lines(start + base, start, message, end[: len(index)], time, run, run_of, ids, hash_ids(ids), code, cut)

    def _irregular(self, text: bytes, starts: Ints, ends: Ints, regular: Ints) -> list[tuple[int, int, Words, int]]:
        """Events of any other shape: (line number, time, id words, offset of the message)."""
        other = np.ones(len(starts), bool)
        other[regular] = False
        candidates = places(other)
        candidates = candidates[starts[candidates] < len(text)]
        lead = np.frombuffer(text, np.uint8)[starts[candidates]]
        rows = []
        for line in candidates[((lead >= 48) & (lead <= 57)) | (lead == 45)]:
            start, end = int(starts[line]), int(ends[line])
            parts = reader.split_line(text[start:end])
            if parts is not None:
                time, request_id, message = parts
                words_of_id = id_words(request_id)
                if len(request_id) > words_of_id.nbytes:
                    self.long_ids[words_of_id.tobytes()] = request_id
                rows.append((int(line), NO_TIME if time is None else time, words_of_id, end - len(message)))
        return rows

    def _count_strays(self, text: bytes, starts: Ints, ends: Ints, index: Ints) -> None:
        """Lines before the first event of a chunk belong to no request."""
        first = int(index[0]) if len(index) else len(starts)
        for start, end in zip(starts[:first].tolist(), ends[:first].tolist(), strict=True):
            if text[start:end].strip():
                self.coverage.unknown_lines += Example(1, _shown(text[start:end]))

    def _resolve(self, text: bytes, starts: Ints, ends: Ints, code: Codes) -> None:
        """Name the sentences that 24 bytes do not tell, and count those that nobody knows."""
        maybe = places(code == MAYBE_NO_KEY)
        if len(maybe):
            rest = word_at(text, starts[maybe] + 24) & mask_of(len(NO_KEY) - 24)
            code[maybe] = np.where(rest == _REST_OF_NO_KEY, np.uint8(_NO_KEY_CODE), np.uint8(UNRESOLVED))
        for event in places(code == UNRESOLVED).tolist():
            message = message_of(text, int(starts[event]), int(ends[event]))
            code[event] = self._known.get(message) or self._match(message)
            if not code[event]:
                self.coverage.unknown_sentences += Example(1, _shown(message))

    def _match(self, message: bytes) -> int:
        code = words.match(message).code
        if len(message) <= _SHORT:
            if len(self._known) > _MESSAGES_KEPT:
                self._known.clear()
            self._known[message] = code
        return code


CUT = reader.TRUNCATED[-7:]
"""How an event ends that API Gateway has cut."""


def _ending_with(lines: Ints, index: Ints, count: int) -> Ints:
    """The events that have one of these lines for their last; ``index`` has the first of each, of ``count`` lines."""
    event = np.searchsorted(index, lines, side="right") - 1
    lines, event = lines[event >= 0], event[event >= 0]
    return np.asarray(event[np.append(index[1:], count)[event] == lines + 1])


_HIT_NUMBER = np.uint64(0x0001020304050607)
"""Times a word of which one byte is 1, this has the number of that byte as its highest byte."""


def newlines(text: bytes) -> Ints:
    """The offset of every newline, in order."""
    data = np.frombuffer(text, np.uint8)
    return np.concatenate([_newlines(data[at : at + _AT_ONCE]) + at for at in range(0, len(data) or 1, _AT_ONCE)])


def _newlines(data: npt.NDArray[np.uint8]) -> Ints:
    """The same of a part: eight comparisons at a time are looked at as one word, most of which hold none or one."""
    hits = data == 10
    whole = len(hits) & ~7
    words_ = hits[:whole].view(np.uint64)
    at = places(words_ != 0)
    left = words_[at]
    rest = left & (left - np.uint64(1))
    found = [at * 8 + _hit_number(left ^ rest)]
    while len(several := places(rest)):
        at, left = at[several], rest[several]
        rest = left & (left - np.uint64(1))
        found.append(at * 8 + _hit_number(left ^ rest))
    found.append(places(hits[whole:]) + whole)
    return found[0] if len(data) == whole and len(found) == 2 else np.sort(np.concatenate(found), kind="stable")


def _hit_number(word: Words) -> Ints:
    return np.asarray((word * _HIT_NUMBER >> np.uint64(56)).view(np.int64))


def word_at(text: bytes, offsets: Ints) -> Words:
    """The eight bytes at each offset; those of the last offset that has eight, where one reaches beyond the end."""
    if len(text) < 8:
        return np.zeros(len(offsets), np.uint64)
    view: Words = np.ndarray((len(text) - 7,), np.uint64, buffer=text, strides=(1,))
    return np.asarray(view[np.minimum(offsets, len(text) - 8)])


def strings_at(text: bytes, offsets: Ints, length: int) -> npt.NDArray[np.bytes_]:
    """So many bytes from each offset; those of the last offset that has so many, where one reaches beyond the end."""
    if len(text) < length:
        return np.zeros(len(offsets), f"S{length}")
    view: npt.NDArray[np.bytes_] = np.ndarray((len(text) - length + 1,), f"S{length}", buffer=text, strides=(1,))
    return np.asarray(view[np.minimum(offsets, len(text) - length)])


def message_of(text: bytes, start: int, end: int) -> bytes:
    """A message with its continuation lines, less the TABs that mark them."""
    return text[start:end].replace(b"\n\t", b"\n")


def _shown(text: bytes) -> str:
    return text[:200].decode("utf-8", "replace")

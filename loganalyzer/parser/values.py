"""The few values of single lines that a row of the request table holds: status, latency, route, API, extended id.

Lines of the usual shape are read by their offsets, many at once; any other goes through the vocabulary's own
expressions, which say the same. What comes again is read once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial

import numpy as np
import numpy.typing as npt

from loganalyzer import vocabulary as words
from loganalyzer.parser.columns import Ints, places
from loganalyzer.parser.content import only
from loganalyzer.parser.heads import NO_KEY, Words, word_of
from loganalyzer.parser.ids import ID_BYTES, XID_BYTES, xid_words
from loganalyzer.parser.lines import Lines, message_of, strings_at, word_at
from loganalyzer.parser.packing import hash_packed
from loganalyzer.parser.prefix import printable
from loganalyzer.parser.texts import Texts

Values = Iterator[tuple[str, Ints, Ints]]
Flags = npt.NDArray[np.bool_]

_OUTCOME = only("Method completed with status:")
_EXTENDED = only("Extended Request Id:")
_RECEIVED = only("Received response.")
_CHECK = only("Verifying Usage Plan for request:")
_PASSED = only("Usage Plan check succeeded")
_METHOD = only("HTTP Method:")
_KEY_CHECK = only("API Key … authorized because")
_TELLING = {_CHECK.code: b"API Stage:", _KEY_CHECK.code: b"authorized because"}
"""From where on a sentence tells its values: what stands before differs with every request."""

COLUMNS = {
    "api_stage": "api", "resource": "resource", "method": "method", "path": "path", "status": "status",
    "integration_latency_ms": "latency", "response_type": "gateway",
}  # fmt: skip
"""Fields of the vocabulary that become columns of a row, each of one number."""

_FIELDS = {column: field for field, column in COLUMNS.items()}
_MESSAGES_KEPT = 1 << 12
_BITS = 31
_NONE = (1 << _BITS) - 1
"""Values of a line are packed into one number, so many bits each; this one stands for none."""

_ID_AT = len("Verifying Usage Plan for request: ")
_NO_KEY_SHOWN = b". API Key:  API Stage: "
_STAGE_AT = _ID_AT + 36 + len(_NO_KEY_SHOWN)
_EXTENDED_AT = len(_EXTENDED.head) + 1
_LATENCY = b", Integration latency: "
_LATENCY_AT = len("Received response. Status: 200") + len(_LATENCY)


@cache
def _columns_of(code: int) -> tuple[str, ...]:
    """The columns that a sentence carries values for."""
    return tuple(COLUMNS[name] for name in words.SENTENCES[code].names if name in COLUMNS)


class ValueReader:
    """Reads the values of a block's lines; texts become numbers of ``texts``.

    Extended ids that do not fit a row are put into ``long_ids`` by the digest that stands for them.
    """

    def __init__(self, texts: Texts, long_ids: dict[bytes, bytes]) -> None:
        self.texts, self._long_ids = texts, long_ids
        self._known = {s.code: _Known(partial(self._read, s.code)) for s in words.SENTENCES if _columns_of(s.code)}
        self._quick: dict[int, Callable[[bytes, Lines, Ints], tuple[Flags, Ints]]] = {
            _OUTCOME.code: _statuses,
            _RECEIVED.code: _latencies,
            _CHECK.code: self._checked,
            _PASSED.code: self._passed,
        }
        """Readers of sentences of one column: which lines are of the usual shape, and the values of those."""

    def forget(self) -> None:
        """Read everything anew: the texts have other numbers now."""
        for known in self._known.values():
            known.clear()

    def read(self, text: bytes, lines: Lines, by_code: Mapping[int, Ints]) -> Values:
        """(column, events, values) for every column that some lines of the block carry."""
        for code, which in by_code.items():
            columns = _columns_of(code)
            quick = self._quick.get(code)
            if quick:
                usual, values = quick(text, lines, which)
                yield columns[0], which[usual], values
                which = which[~usual]
            if columns and len(which):
                packed = self._values(code, text, lines, which)
                for column in columns:
                    row = packed & _NONE
                    known = row != _NONE
                    yield column, which[known], row[known]
                    packed >>= _BITS

    def settle(self, column: str, text: bytes, lines: Lines, which: Ints) -> tuple[Flags, Ints]:
        """Which of these lines carry a value for the column in the usual way, and the values of those.

        The lines are all of the sentence that carries it in most requests; of an extended id the value is its hash.
        """
        if column == "resource":
            values = self._values(_KEY_CHECK.code, text, lines, which)
            return values != _NONE, values[values != _NONE]
        return {"status": _statuses, "latency": _latencies, "xid": _hashes}[column](text, lines, which)

    def _values(self, code: int, text: bytes, lines: Lines, which: Ints) -> Ints:
        """The values of each of these lines, packed into one number."""
        known, tell = self._known[code], _TELLING.get(code)
        if len(known) > _MESSAGES_KEPT:
            known.clear()
        spans = zip(lines.text[which].tolist(), lines.end[which].tolist(), strict=True)
        keys = [text[start:end] for start, end in spans]
        if tell and not (keyless := _shows(text, lines.text[which], NO_KEY)).all():
            whole = words.SENTENCES[code].prefix + b" "
            keys = [
                key if told else whole + key[max(key.find(tell), 0) :]
                for key, told in zip(keys, keyless.tolist(), strict=True)
            ]
        return np.fromiter(map(known.__getitem__, keys), np.int64, len(keys))

    def extended(self, text: bytes, lines: Lines, which: Ints) -> Words:
        """The extended ids, two words each, of these lines that carry one; zeros for one that does not."""
        usual = _extended_as_usual(text, lines, which)
        ids = _extended_words(text, lines, which)
        for at in places(~usual).tolist():
            message = message_of(text, int(lines.text[which[at]]), int(lines.end[which[at]]))
            found = _EXTENDED.captured(message).get("extended_request_id", "").encode()
            ids[at] = xid_words(found)
            if len(found) > XID_BYTES or b"\0" in found:
                self._long_ids[ids[at].tobytes()] = found
        return ids

    def _checked(self, text: bytes, lines: Lines, which: Ints) -> tuple[Flags, Ints]:
        """API stages of plan checks without a key, as far as they are that of the first."""
        start, end = lines.text[which], lines.end[which]
        usual = (end > start + _STAGE_AT) & _shows(text, start + (_ID_AT + 36), _NO_KEY_SHOWN)
        ids = np.ascontiguousarray(lines.ids[lines.run_of[which]]).view(f"S{ID_BYTES}").ravel()
        usual &= strings_at(text, start + _ID_AT, 36) == ids
        return self._like_first(_CHECK.code, text, lines, which, usual=usual, telling=_STAGE_AT)

    def _passed(self, text: bytes, lines: Lines, which: Ints) -> tuple[Flags, Ints]:
        """API stages of passed plan checks, as far as the line is like the first."""
        return self._like_first(_PASSED.code, text, lines, which, usual=np.ones(len(which), bool), telling=0)

    def _like_first(
        self, code: int, text: bytes, lines: Lines, which: Ints, *, usual: Flags, telling: int
    ) -> tuple[Flags, Ints]:
        """One value for all usual lines that end like the first of them, from the offset ``telling`` on."""
        if not usual.any():
            return usual, np.zeros(0, np.int64)
        start, end = lines.text[which], lines.end[which]
        first = int(np.argmax(usual))
        message = text[start[first] : end[first]]
        usual = usual & (end - start == len(message)) & _shows(text, start + telling, message[telling:])
        value = self._read(code, message)
        if value == _NONE:
            return np.zeros(len(which), bool), np.zeros(0, np.int64)
        return usual, np.full(np.count_nonzero(usual), value, np.int64)

    def _read(self, code: int, message: bytes) -> int:
        fields = words.SENTENCES[code].captured(message.replace(b"\n\t", b"\n"))
        packed = 0
        for place, column in enumerate(_columns_of(code)):
            packed |= self._number(column, fields) << (_BITS * place)
        return packed

    def _number(self, column: str, fields: dict[str, str]) -> int:
        value = fields.get(_FIELDS[column], "")
        if not value:
            return _NONE
        if column in ("status", "latency"):
            return min(int(value[:9]), 999_999_999)
        if column == "gateway":
            kinds = words.GATEWAY_RESPONSE_TYPES
            return kinds.index(value) + 1 if value in kinds else _NONE
        before = {"api": fields.get("api_id", "") + "/", "resource": fields.get("verb", "") + " "}.get(column, "")
        return self.texts.code((before + value).encode())


class _Known(dict[bytes, int]):
    """The values of messages; ``read`` is asked once for each."""

    def __init__(self, read: Callable[[bytes], int]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, message: bytes) -> int:
        value = self[message] = self._read(message)
        return value


def _shows(text: bytes, offsets: Ints, literal: bytes) -> Flags:
    """Whether the literal stands at each offset; of lines that are long enough to hold it."""
    return np.asarray(strings_at(text, offsets, len(literal)) == literal)


_ZEROS, _BEYOND_NINE, _HIGH = word_of(b"0" * 8), word_of(b"\x76" * 8), word_of(b"\x80" * 8)
_PAIRS, _FOURS, _EIGHT = word_of(b"\xff\0" * 4), word_of(b"\xff\xff\0\0" * 2), word_of(b"\xff" * 4)


def _digits(word: Words) -> tuple[Flags, Words]:
    """Whether the bytes of each word are digits, and the number they write."""
    digits = word ^ _ZEROS
    plain = ((digits + _BEYOND_NINE) | digits) & _HIGH == 0
    pairs = (digits * np.uint64(10) + (digits >> np.uint64(8))) & _PAIRS
    fours = (pairs * np.uint64(100) + (pairs >> np.uint64(16))) & _FOURS
    return np.asarray(plain), (fours * np.uint64(10_000) + (fours >> np.uint64(32))) & _EIGHT


def _extended_as_usual(text: bytes, lines: Lines, which: Ints) -> Flags:
    """Which of the lines hold an extended id of the usual length and nothing more."""
    start = lines.text[which] + _EXTENDED_AT
    usual = (lines.end[which] == start + XID_BYTES) & _shows(text, start - 1, b" ")
    return np.asarray(usual & printable(word_at(text, start)) & printable(word_at(text, start + 8)))


def _extended_words(text: bytes, lines: Lines, which: Ints) -> Words:
    """The words of extended ids of the usual length."""
    start = lines.text[which] + _EXTENDED_AT
    return np.stack((word_at(text, start), word_at(text, start + 8)), axis=1)


def _hashes(text: bytes, lines: Lines, which: Ints) -> tuple[Flags, Ints]:
    """The hashes of extended ids."""
    usual = _extended_as_usual(text, lines, which)
    return usual, hash_of_extended(_extended_words(text, lines, which[usual]))


def hash_of_extended(ids: Words) -> Ints:
    """A number of 32 bits for each extended id, given as two words; 0 for none."""
    number = hash_packed(ids) >> np.uint64(32) | np.uint64(1)
    return np.where((ids != 0).any(axis=1), number, np.uint64(0)).view(np.int64)


def _statuses(text: bytes, lines: Lines, which: Ints) -> tuple[Flags, Ints]:
    """Statuses of lines that end right after three digits."""
    start = lines.text[which]
    usual = (lines.end[which] == start + 33) & _shows(text, start + 22, b"status: ")
    word = word_at(text, start + 25) & word_of(b"\0\0\0\0\0\xff\xff\xff")
    plain, number = _digits(word | word_of(b"00000\0\0\0"))
    usual &= plain
    return usual, number[usual].view(np.int64)


def _latencies(text: bytes, lines: Lines, which: Ints) -> tuple[Flags, Ints]:
    """Latencies of lines that end right after up to eight digits and ``ms``."""
    start, end = lines.text[which], lines.end[which]
    count = end - 3 - (start + _LATENCY_AT)
    usual = (count > 0) & (count <= 8) & _shows(text, start + (_LATENCY_AT - len(_LATENCY)), _LATENCY)
    usual &= _shows(text, start + 18, b" Status:")
    status, _ = _digits(word_at(text, start + 25) & word_of(b"\0\0\xff\xff\xff") | word_of(b"00\0\0\x00000"))
    usual &= status & (word_at(text, start + 22) & word_of(b"\xff" * 5) == word_of(b"tus: "))
    usual &= word_at(text, end - 8) >> np.uint64(40) == word_of(b" ms")
    unused = (np.uint64(64) - (np.clip(count, 1, 8).astype(np.uint64) << np.uint64(3))) & np.uint64(63)
    word = word_at(text, end - 11)
    blank = word_of(b"0" * 8) & ((np.uint64(1) << unused) - np.uint64(1))
    plain, number = _digits((word >> unused << unused) | blank)
    usual &= plain
    return usual, number[usual].view(np.int64)

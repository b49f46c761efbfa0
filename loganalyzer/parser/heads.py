"""The sentence of many messages at once, from the first 24 bytes of each.

A perfect hash over the heads of the vocabulary proposes one sentence for every message, a masked comparison confirms
it; what neither tells is left to :func:`loganalyzer.vocabulary.match`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from loganalyzer import vocabulary as words

Words = npt.NDArray[np.uint64]
Codes = npt.NDArray[np.uint8]

HEAD = 24
UNRESOLVED = 255
"""The code of a message whose sentence 24 bytes do not tell."""

NO_KEY = b"API Key  authorized because"
"""How the one sentence of almost every request begins that has a value (here none) in its head."""
MAYBE_NO_KEY = 254
"""The code of a message that begins like it as far as 24 bytes go."""

_LONG, _MIDDLE = 20, 11
"""Heads of at least so many bytes are told by a hash of that many, shorter ones by their first eight."""
_BITS = 10
_MAX = (1 << 64) - 1


@lru_cache(maxsize=1024)
def word_of(text: bytes) -> np.uint64:
    """The first eight bytes of ``text`` as one number, as they lie in memory."""
    return np.uint64(int.from_bytes(text.ljust(8, b"\0")[:8], sys.byteorder))


@cache
def mask_of(length: int) -> np.uint64:
    """A word whose first ``length`` bytes are all ones (none if it is negative, all if it is above eight)."""
    return word_of(b"\xff" * min(max(length, 0), 8))


class _Heads(NamedTuple):
    """By slot: the code of the sentence that belongs there, and the masks and values its three words must show.

    ``whole`` says that all sentences fill their first two words.
    """

    code: Codes
    masks: tuple[Words, Words, Words]
    values: tuple[Words, Words, Words]
    whole: bool

    def codes(self, slot: npt.NDArray[np.int64], message: Sequence[Words]) -> Codes:
        """The code of each message that is the sentence of its slot, :data:`UNRESOLVED` for others."""
        good = self._shows(slot, message[2], 2)
        for at in (0, 1):
            good &= message[at] == self.values[at].take(slot) if self.whole else self._shows(slot, message[at], at)
        return np.where(good, self.code.take(slot), np.uint8(UNRESOLVED))

    def _shows(self, slot: npt.NDArray[np.int64], word: Words, at: int) -> npt.NDArray[np.bool_]:
        return np.asarray((word & self.masks[at].take(slot)) == self.values[at].take(slot))


class _Table(NamedTuple):
    """Sentences by a hash of their first 20, 11 or 8 bytes; ``twin`` holds those whose first 20 are another one's."""

    factors: tuple[int, int, int]
    long: _Heads
    twin: _Heads
    middle: _Heads
    short: _Heads


def _direct() -> Iterator[tuple[int, bytes]]:
    """Sentences without pattern whose prefix fits 24 bytes and is not how another one begins."""
    prefixes = [sentence.prefix for sentence in words.SENTENCES[1:]]
    for sentence in words.SENTENCES[1:]:
        alone = sum(other.startswith(sentence.prefix) for other in prefixes) == 1
        if alone and not sentence.pattern and not sentence.exact and 8 <= len(sentence.prefix) <= HEAD:
            yield sentence.code, sentence.prefix
    yield MAYBE_NO_KEY, NO_KEY[:HEAD]


def _slot(prefix: bytes, factors: Sequence[int], length: int) -> int:
    """The slot of a message that begins with ``prefix``, by so many bytes of it."""
    padded = prefix[:length].ljust(HEAD, b"\0")
    parts = (int(word_of(padded[at : at + 8])) for at in (0, 8, 16))
    return (sum(part * factor for part, factor in zip(parts, factors, strict=True)) & _MAX) >> (64 - _BITS)


def _heads(prefixes: Mapping[bytes, int], factors: Sequence[int], length: int) -> _Heads:
    slots = 1 << _BITS
    code, masks, values = np.full(slots, UNRESOLVED, np.uint8), *np.zeros((2, 3, slots), np.uint64)
    values[0] = _MAX  # no message has this word under an empty mask
    for prefix, number in prefixes.items():
        slot = _slot(prefix, factors, length)
        code[slot] = number
        masks[:, slot] = [mask_of(len(prefix) - 8 * n) for n in range(3)]
        values[:, slot] = [word_of(prefix[8 * n : 8 * n + 8]) for n in range(3)]
    return _Heads(code, (masks[0], masks[1], masks[2]), (values[0], values[1], values[2]), whole=length >= 16)


@cache
def _table() -> _Table:
    candidates = {prefix: code for code, prefix in _direct()}
    long = {prefix[:_LONG]: prefix for prefix in reversed(candidates) if len(prefix) >= _LONG}
    firsts = [prefix[:8] for prefix in candidates]
    rest = [prefix for prefix in candidates if len(prefix) < _LONG]
    short = [prefix for prefix in rest if firsts.count(prefix[:8]) == 1]
    middle = {prefix[:_MIDDLE]: prefix for prefix in rest if len(prefix) >= _MIDDLE and prefix not in short}
    parts = (
        (long.values(), _LONG),
        ([prefix for prefix in candidates if len(prefix) >= _LONG and prefix not in long.values()], _LONG),
        (middle.values(), _MIDDLE),
        (short, 8),
    )
    factors = next(f for f in _factors() if all(_apart(prefixes, f, length) for prefixes, length in parts))
    heads = [_heads({p: candidates[p] for p in prefixes}, factors, length) for prefixes, length in parts]
    return _Table(factors, heads[0], heads[1], heads[2], heads[3])


def _factors() -> Iterator[tuple[int, int, int]]:
    state = 0x9E3779B97F4A7C15
    while True:
        numbers = []
        for _ in range(3):
            state = (state * 6364136223846793005 + 1442695040888963407) & _MAX
            numbers.append(state | 1)
        yield numbers[0], numbers[1], numbers[2]


def _apart(prefixes: Iterable[bytes], factors: Sequence[int], length: int) -> bool:
    """Whether each prefix has a slot of its own."""
    slots = [_slot(prefix, factors, length) for prefix in prefixes]
    return len(set(slots)) == len(slots)


def codes_of(first: Words, second: Words, third: Words) -> Codes:
    """The code of each message by its first three words, :data:`UNRESOLVED` where they do not tell."""
    table = _table()
    factors = [np.uint64(factor) for factor in table.factors]
    mixed = first * factors[0]
    whole = mixed + second * factors[1]
    whole += (third & mask_of(_LONG - 16)) * factors[2]
    codes = table.long.codes(_slots(whole), (first, second, third))
    rest = (codes == UNRESOLVED).nonzero()[0]
    if len(rest):
        message = first[rest], second[rest], third[rest]
        short = _slots(mixed[rest])
        found = table.short.codes(short, message)
        found = np.minimum(found, table.twin.codes(_slots(whole[rest]), message))
        middle = _slots(mixed[rest] + (message[1] & mask_of(_MIDDLE - 8)) * factors[1])
        codes[rest] = np.minimum(found, table.middle.codes(middle, message))
    return codes


def _slots(hashed: Words) -> npt.NDArray[np.int64]:
    return (hashed >> np.uint64(64 - _BITS)).view(np.int64)

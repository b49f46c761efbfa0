"""Request ids in 16 bytes: of a million successes the ids are most of what is kept.

A UUID is 16 bytes written as 36 characters, and WebSocket ids are 16 characters. Of RFC 4122's UUIDs the ninth byte is
above 7F, of ASCII characters none is: so the bytes tell what they are.

https://www.rfc-editor.org/rfc/rfc4122#section-4.1.1
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from loganalyzer.parser.heads import word_of
from loganalyzer.parser.ids import ID_BYTES, ID_WORDS

Words = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]

PACKED_WORDS = 2
_SIZE = 8 * PACKED_WORDS
_VARIANT = 8
"""The byte of a UUID that tells it from characters."""


@cache
def _each(byte: int) -> np.uint64:
    """A word of eight of this byte."""
    return np.uint64(byte * 0x0101010101010101)


@cache
def _bits(count: int) -> np.uint64:
    """The bits of so many bytes."""
    return np.uint64(8 * count)


_FOUR, _HIGH = np.uint64(0xFFFFFFFF), _each(0x80)
_ASCII_ONLY = np.uint64(0x80)
"""The bit of a packed id's second word that tells UUIDs from characters."""

_DASHES_OF_SECOND, _AS_SECOND = word_of(b"\xff\0\0\0\0\xff\0\0"), word_of(b"-\0\0\0\0-\0\0")
_DASHES_OF_THIRD, _AS_THIRD = word_of(b"\0\0\xff\0\0\0\0\xff"), word_of(b"\0\0-\0\0\0\0-")
_DASHES = (8, 13, 18, 23)
_LENGTH = 36
_DIGITS = np.array([at for at in range(_LENGTH) if at not in _DASHES])
_WRITTEN = np.frombuffer(bytes(range(256)).hex().encode(), np.uint16)
"""The two digits of each byte, as they lie in memory."""


def packed(ids: Words) -> tuple[Words, Flags]:
    """Ids, given as id words, in two words each, and which of them can be written so.

    Those are lower-case UUIDs and ids of at most 16 ASCII characters.
    """
    first, second, third, fourth, fifth = ids.T
    digits = np.empty((4, len(ids)), np.uint64)
    digits[0] = first
    digits[1] = (second >> _bits(1)) & _FOUR | (second >> _bits(6)) << _bits(4) | third << _bits(6)
    digits[2] = (third >> _bits(3)) & _FOUR | fourth << _bits(4)
    digits[3] = fourth >> _bits(4) | fifth << _bits(4)
    bytes_, good = _read(digits)
    words = np.stack((bytes_[0] | bytes_[1] << _bits(4), bytes_[2] | bytes_[3] << _bits(4)), axis=1)
    fits = good.all(axis=0) & (second & _DASHES_OF_SECOND == _AS_SECOND) & (third & _DASHES_OF_THIRD == _AS_THIRD)
    fits &= (fifth <= _FOUR) & (words[:, 1] & _ASCII_ONLY != 0)
    if not fits.all():
        short = ~fits & (ids[:, PACKED_WORDS:] == 0).all(axis=1) & (ids[:, :PACKED_WORDS] & _HIGH == 0).all(axis=1)
        words[short] = ids[short, :PACKED_WORDS]
        fits |= short
    return words, fits


def _read(digits: Words) -> tuple[Words, Flags]:
    """Words of eight digits each as four bytes, and which of them hold nothing but digits."""
    letter = digits >> np.uint64(6) & _each(1)
    value = (digits & _each(0x0F)) + letter * np.uint64(9)
    good = (digits & _each(0xF0) == (letter + _each(1)) * np.uint64(0x30)) & (value & _each(0xF0) == 0)
    good &= (value + _each(6)) >> np.uint64(4) & _each(1) == letter
    value = (value << np.uint64(4) | value >> _bits(1)) & np.uint64(0x00FF00FF00FF00FF)
    value = (value | value >> _bits(1)) & np.uint64(0x0000FFFF0000FFFF)
    return (value | value >> _bits(2)) & _FOUR, np.asarray(good)


def unpacked(words: Words) -> Words:
    """The id words of packed ids."""
    raw = np.ascontiguousarray(words).view(np.uint8).reshape(len(words), _SIZE)
    ids = np.zeros((len(words), ID_WORDS), np.uint64)
    uuids = raw[:, _VARIANT] > 0x7F
    written = np.zeros((np.count_nonzero(uuids), ID_BYTES), np.uint8)
    written[:, _DIGITS] = _WRITTEN[raw[uuids]].view(np.uint8)
    written[:, _DASHES] = ord("-")
    ids[uuids] = written.view(np.uint64)
    ids[~uuids, :PACKED_WORDS] = words[~uuids]
    return ids


def hash_packed(words: Words) -> Words:
    """A 64-bit key for each packed id: every byte of it counts."""
    key = words[:, 0] * np.uint64(0x9E3779B97F4A7C15)
    key ^= key >> np.uint64(29)
    key ^= words[:, 1]
    key *= np.uint64(0xC2B2AE3D27D4EB4F)
    key ^= key >> np.uint64(32)
    return key

"""Request ids and extended ids as words of 64 bits, and rows brought together by them."""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt

from loganalyzer.parser.columns import Ints, changes, places, stretches_of
from loganalyzer.parser.mapped import taken

ID_WORDS = 5
ID_BYTES = 8 * ID_WORDS
XID_WORDS = 2
XID_BYTES = 8 * XID_WORDS

Words = npt.NDArray[np.uint64]
"""Ids as words, a row each, or a 64-bit key for each id."""


def id_words(request_id: bytes) -> Words:
    """A request id as five 64-bit words; one that is longer than that becomes a digest (see :class:`Texts`)."""
    return _words(request_id if len(request_id) <= ID_BYTES else _digest(request_id, ID_BYTES), ID_BYTES)


def xid_words(extended_id: bytes) -> Words:
    """An extended id as two 64-bit words, a digest for one that does not fit."""
    fits = len(extended_id) <= XID_BYTES and b"\0" not in extended_id
    return _words(extended_id if fits else _digest(extended_id, XID_BYTES), XID_BYTES)


def _digest(text: bytes, size: int) -> bytes:
    return b"\0" + hashlib.blake2b(text, digest_size=size - 1).digest()


def _words(text: bytes, size: int) -> Words:
    return np.frombuffer(text.ljust(size, b"\0"), np.uint64)


_MULTIPLIERS = tuple(
    np.uint64(m)
    for m in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F)
)


def hash_ids(words: Words) -> Words:
    """A 64-bit key for each row of an ``(n, 5)`` array of id words: every byte of the id counts."""
    key = np.zeros(len(words), np.uint64)
    for column, multiplier in enumerate(_MULTIPLIERS):
        key ^= words[:, column]
        key *= multiplier
        key ^= key >> np.uint64(29)
    return key


def group(key: Words, ids: Words, *within: Ints) -> tuple[Ints, Ints]:
    """The order that brings rows of one request together and where each request starts in it.

    Within a request the last one of the columns ``within`` decides, then the one before it. Sorting goes by the 64-bit
    key; ids are compared once per neighbour, and a collision is settled by sorting on the ids themselves.
    """
    order = np.lexsort((*within, key)) if within else np.argsort(key, kind="stable")
    ordered = key[order]
    if _collide(ordered, order, ids):
        order = np.lexsort((*within, *ids.T, key))
        return order, runs_of(ids[order])
    return order.astype(np.int64, copy=False), changes(ordered)


def _collide(ordered: Words, order: Ints, ids: Words) -> bool:
    """Whether ids differ that have the same key, given in order; looked at in parts, which takes little memory."""
    same = places(ordered[1:] == ordered[:-1])
    for some in stretches_of(same):
        at = same[some]
        if (taken(ids, order[at]) != taken(ids, order[at + 1])).any():
            return True
    return False


def find_ids(keys: Words, ids: Words, *, those: Ints, all_keys: Words, all_ids: Words) -> Ints:
    """The number of each id (and its key) among ``those``, one behind the last for an id that is not among them.

    ``those`` are places in ``all_ids`` (and ``all_keys``), one for each different id, in the order of the keys.
    """
    ordered = all_keys[those]
    found = np.empty(len(keys), np.int64)
    for some in stretches_of(keys, ids):
        found[some] = _found(keys[some], ids[some], ordered, those, all_ids)
    return found


def _found(keys: Words, ids: Words, ordered: Words, those: Ints, all_ids: Words) -> Ints:
    found = np.searchsorted(ordered, keys)
    while True:
        same = found < len(ordered)
        same[same] = ordered[found[same]] == keys[same]
        other = places(same)[(taken(all_ids, those[found[same]]) != ids[same]).any(axis=1)]
        if not len(other):
            return np.where(same, found, len(ordered))
        found[other] += 1


def runs_of(ids: Words) -> Ints:
    """Where in an array of words of ids, a row each, an id stands that is not the one before."""
    new = np.zeros(len(ids), bool)
    new[:1] = True
    for column in ids.T:
        new[1:] |= column[1:] != column[:-1]
    return places(new).astype(np.int64, copy=False)

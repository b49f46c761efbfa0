"""Requests that succeeded, in the few columns that counting them takes.

Most requests succeed, and where nobody asks for their rows it is enough to see that they did: their bodies, paths and
the order of their lines are never looked at. What a block shows to have succeeded becomes one small row. Should other
lines of the same request turn up elsewhere and not agree, it is *torn* and must be read again.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from loganalyzer import vocabulary as words
from loganalyzer.parser.content import holding, only
from loganalyzer.parser.heads import Words
from loganalyzer.parser.lines import Lines
from loganalyzer.parser.requests import Requests, per_request, said_of
from loganalyzer.parser.summary import (
    ID_WORDS,
    LATE,
    NO_RANK,
    NO_XID,
    SOURCE_SHIFT,
    Ints,
    Rows,
    Texts,
    empty_rows,
    exchanged,
    group,
    hash_ids,
    id_words,
    lengths_of,
    places,
)
from loganalyzer.parser.values import ValueReader, hash_of_extended

Flags = npt.NDArray[np.bool_]

SUCCESS = np.dtype(
    [
        ("id", "u8", (ID_WORDS,)),
        ("first", "i8"),
        ("last", "i8"),
        ("xid", "i8"),
        ("kind", "i4"),
        ("resource", "i4"),
        ("latency", "i4"),
        ("source", "i4"),
        ("origin", "i4"),
        ("status", "i2"),
    ]
)
"""What is kept of a success; ``xid`` is a hash, 0 for none; ``source`` the number of the input; ``kind`` that of the
text that holds the two words of the sentences it says."""


def kinds_of(successes: Rows, texts: Texts) -> tuple[Words, Ints]:
    """The distinct pairs of words that successes say, and for each of them the number of its pair."""
    codes = places(np.bincount(successes["kind"], minlength=1))
    number = np.zeros(codes.max(initial=0) + 1, np.int32)
    number[codes] = np.arange(len(codes))
    return _words_of(codes, texts), number[successes["kind"]]


def _words_of(codes: Ints, texts: Texts) -> Words:
    return np.frombuffer(b"".join(texts.texts[code] for code in codes.tolist()), np.uint64).reshape(-1, 2)


def _codes_of(said: Words, texts: Texts) -> Ints:
    """The numbers of the texts that hold pairs of words."""
    raw = said.tobytes()
    known: dict[bytes, int] = {}
    found = []
    for at in range(0, len(raw), 16):
        pair = raw[at : at + 16]
        code = known.get(pair)
        found.append(known.setdefault(pair, texts.code(pair)) if code is None else code)
    return np.array(found, np.int64)


_COLUMNS = {
    "status": only("Method completed with status:").code,
    "latency": only("Received response.").code,
    "xid": only("Extended Request Id:").code,
    "resource": only("API Key … authorized because").code,
}
"""The columns that single lines carry, and the sentence that carries each in most requests."""

_HEADERS = only("Endpoint response headers:")
_BODY = only("Endpoint response body before transformations:")
_FUNCTION_ERROR = next(fact for fact in _HEADERS.facts if fact.name == "function_error")

_AT_ONCE = 1 << 16

DOUBTFUL = ("function_error", "lambda_error_body", "cut_answer")
"""Facts that make a failure of a request which completed with a status below 400."""

_DOUBTFUL = np.uint64(sum(words.FACT_BIT[name] for name in DOUBTFUL))


def _bits(*codes: int) -> Words:
    return np.array([sum(1 << (code % 64) for code in codes if code // 64 == part) for part in (0, 1)], np.uint64)


_CLOSED = _bits(_COLUMNS["status"])
_FAILING = _bits(*(s.code for s in words.SENTENCES if s.rank or s.head == "Gateway response type:"))
_WITH_HEADERS, _WITH_BODY = _bits(_HEADERS.code), _bits(_BODY.code)


def _says(said: Words, bits: Words) -> Flags:
    return np.asarray((said[:, 0] & bits[0] | said[:, 1] & bits[1]) != 0)


def settled(text: bytes, lines: Lines, requests: Requests, values: ValueReader) -> tuple[Rows, Flags]:
    """What a block shows to have succeeded beyond doubt: the rows, and which of the block's requests they are."""
    said = said_of(lines, requests)
    good = _says(said, _CLOSED) & ~_says(said, _FAILING) & (_says(said, _WITH_HEADERS) | ~_says(said, _WITH_BODY))
    first = per_request(np.minimum, lines.time, lines, requests)
    good &= first >= 0
    rows = np.zeros(len(good), SUCCESS)
    rows["status"] = rows["latency"] = -1
    for column, code in _COLUMNS.items():
        _carry(rows[column], column, text, lines, places(lines.code == code), requests.row, values, good)
    good &= (rows["status"] >= 200) & (rows["status"] < 400) & (rows["resource"] > 0)
    answers = places(lines.code == _HEADERS.code)
    answers = answers[good[requests.row[answers]]]
    good[requests.row[holding(_FUNCTION_ERROR, text, lines, answers)]] = False
    good[requests.row[lines.cut[lines.code[lines.cut] == _HEADERS.code]]] = False
    rows = rows[good]
    rows["id"] = lines.ids[requests.runs[requests.firsts[good]]]
    rows["kind"], rows["first"] = _codes_of(said[good], values.texts), first[good]
    rows["last"] = per_request(np.maximum, lines.time, lines, requests)[good]
    rows["source"] = lines.position[0] >> SOURCE_SHIFT
    return rows, good


def _carry(
    into: Ints, column: str, text: bytes, lines: Lines, which: Ints, row: Ints, values: ValueReader, good: Flags
) -> None:
    """Put the values of a column into the rows; a row is not good that has an unusual one, or two that differ."""
    which = which[good[row[which]]]
    usual, found = values.settle(column, text, lines, which)
    good[row[which[~usual]]] = False
    rows = row[which[usual]]
    into[rows] = found
    good[rows[into[rows] != found]] = False


def condensed(rows: Rows, texts: Texts) -> tuple[Rows, Flags]:
    """The rows that turn out to be successes as such, and which they are."""
    good = (rows["rank"] == NO_RANK) & (rows["gateway"] == 0) & (rows["facts"] & _DOUBTFUL == 0)
    good &= (rows["status"] >= 200) & (rows["status"] < 400) & (rows["resource"] > 0)
    good &= (rows["first"] != LATE) & ((rows["xid_min"] == NO_XID) | (rows["xid_min"] == rows["xid_max"]))
    return _success_rows(rows[good], texts), good


def _success_rows(rows: Rows, texts: Texts) -> Rows:
    found = np.zeros(len(rows), SUCCESS)
    for column in ("id", "first", "last", "status", "latency", "resource", "origin"):
        found[column] = rows[column]
    found["source"] = rows["first_pos"] >> SOURCE_SHIFT
    found["kind"] = _codes_of(rows["said"], texts)
    found["xid"] = _hashes(rows["xid_max"], texts)
    return found


def _hashes(codes: Ints, texts: Texts) -> Ints:
    """The hashes of extended ids that are in a table of texts."""
    ids = np.array([id_words(texts.texts[code]) for code in codes.tolist()], np.uint64).reshape(-1, ID_WORDS)
    return np.where(codes > 0, hash_of_extended(ids), 0)


def united(successes: Rows, rows: Rows, texts: Texts) -> tuple[Rows, Rows, Rows]:
    """Successes and other rows, each request in one of them, and the torn ones.

    Rows of one request that agree to be a success become one; of the others a row is returned that holds the id and
    where to read.
    """
    ordered = _keys(successes)
    ordered.sort()
    again = ordered[1:][ordered[1:] == ordered[:-1]]
    found = np.searchsorted(ordered, rows["key"])
    several = np.zeros(len(rows), bool)
    inside = found < len(ordered)
    several[inside] = ordered[found[inside]] == rows["key"][inside]
    del ordered
    if not several.any() and not len(again):
        return successes, rows, empty_rows(0)
    concerned = _among(_keys(successes), np.concatenate((again, rows["key"][several])))
    part, alone = rows[several], rows[~several]
    clean = (part["rank"] == NO_RANK) & (part["gateway"] == 0) & (part["facts"] & _DOUBTFUL == 0)
    clean &= (part["status"] < 400) & (part["first"] != LATE)
    clean &= (part["xid_min"] == NO_XID) | (part["xid_min"] == part["xid_max"])
    pieces = np.concatenate((successes[concerned], _success_rows(part, texts)))
    spans = np.concatenate(
        (_whole_source(successes["source"][concerned]), np.stack((part["first_pos"], part["last_pos"]))), axis=1
    )
    fine = np.concatenate((np.ones(np.count_nonzero(concerned), bool), clean))
    one, torn = _joined(pieces, spans, fine, texts)
    return exchanged(successes, concerned, one), alone, torn


def _keys(successes: Rows) -> Words:
    """The hashes of all ids, some at a time: that takes little memory."""
    keys = np.empty(len(successes), np.uint64)
    for at in range(0, len(keys), _AT_ONCE):
        keys[at : at + _AT_ONCE] = hash_ids(successes["id"][at : at + _AT_ONCE])
    return keys


def _among(keys: Words, wanted: Words) -> Flags:
    """Which keys are among the wanted ones, some at a time: that takes little memory."""
    wanted = np.unique(wanted)
    return np.concatenate([np.isin(keys[at : at + _AT_ONCE], wanted) for at in range(0, len(keys), _AT_ONCE)])


def _whole_source(source: Ints) -> Ints:
    low = source.astype(np.int64) << SOURCE_SHIFT
    return np.stack((low, low + (1 << SOURCE_SHIFT) - 1))


def _joined(pieces: Rows, spans: Ints, fine: Flags, texts: Texts) -> tuple[Rows, Rows]:
    """Pieces of requests as one row each, and rows for the torn ones."""
    order, starts = group(hash_ids(pieces["id"]), pieces["id"])
    pieces, spans, fine = pieces[order], spans[:, order], fine[order]
    merged = pieces[starts].copy()
    for column, choose in _MERGED.items():
        merged[column] = choose.reduceat(pieces[column], starts)
    said = np.bitwise_or.reduceat(_words_of(pieces["kind"], texts), starts, axis=0)
    merged["kind"] = _codes_of(said, texts)
    known = np.where(pieces["xid"] == 0, merged["xid"].repeat(lengths_of(starts, len(pieces))), pieces["xid"])
    good = np.logical_and.reduceat(fine, starts) & (np.minimum.reduceat(known, starts) == merged["xid"])
    torn = empty_rows(int(np.count_nonzero(~good)))
    torn["id"], torn["key"] = merged["id"][~good], hash_ids(merged["id"][~good])
    torn["origin"] = merged["origin"][~good]
    torn["first_pos"] = np.minimum.reduceat(spans[0], starts)[~good]
    torn["last_pos"] = np.maximum.reduceat(spans[1], starts)[~good]
    return merged[good], torn


_MERGED = {
    "first": np.minimum,
    "last": np.maximum,
    "xid": np.maximum,
    "resource": np.maximum,
    "origin": np.maximum,
    "latency": np.maximum,
    "source": np.minimum,
    "status": np.maximum,
}

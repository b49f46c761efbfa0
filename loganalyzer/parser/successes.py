"""Requests that succeeded, in the few columns that counting them takes.

Most requests succeed, and where nobody asks for their rows it is enough to see that they did: their bodies, paths and
the order of their lines are never looked at. What a block shows to have succeeded becomes one small row. Should other
lines of the same request turn up elsewhere and not agree, it is *torn* and must be read again.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import repeat

import numpy as np
import numpy.typing as npt

from loganalyzer import vocabulary as words
from loganalyzer.parser.columns import LATE, Ints, Rows, among, exchanged, flags_of, lengths_of, places, stretches_of
from loganalyzer.parser.content import holding, only
from loganalyzer.parser.heads import Words
from loganalyzer.parser.ids import group, hash_ids
from loganalyzer.parser.lines import Lines
from loganalyzer.parser.merging import greatest
from loganalyzer.parser.packing import PACKED_WORDS, hash_packed, packed, unpacked
from loganalyzer.parser.requests import Requests, per_request, said_of
from loganalyzer.parser.routes import route_numbers
from loganalyzer.parser.summary import NO_RANK, SOURCE_SHIFT, empty_rows
from loganalyzer.parser.texts import Texts
from loganalyzer.parser.values import ValueReader, hash_of_extended

Flags = npt.NDArray[np.bool_]

SUCCESS = np.dtype(
    [
        ("id", "u8", (PACKED_WORDS,)),
        ("first", "i8"),
        ("lasted", "i4"),
        ("xid", "u4"),
        ("kind", "i4"),
        ("route", "i4"),
        ("latency", "i4"),
        ("source", "i4"),
    ]
)
"""What is kept of a success: ``id`` is packed (:mod:`loganalyzer.parser.packing`), ``xid`` a hash, 0 for none, ``kind``
the number of a text that holds the two words of the sentences it says and what its origin tells of its API, ``route``
as :func:`loganalyzer.parser.routes.route_numbers` gives it, ``source`` the number of the input."""

_LONGEST = np.iinfo(np.int32).max
"""Who takes longer, in ms, has a row."""

_PAIR = 16


def ends_of(successes: Rows) -> Ints:
    """When each success ended."""
    ends: Ints = successes["first"] + successes["lasted"]
    return ends


def kinds_of(successes: Rows, texts: Texts) -> tuple[Words, Ints]:
    """The distinct pairs of words that successes say, and for each of them the number of its pair."""
    codes = places(np.bincount(successes["kind"], minlength=1))
    number = np.zeros(codes.max(initial=0) + 1, np.int32)
    number[codes] = np.arange(len(codes))
    return _words_of(codes, texts), number[successes["kind"]]


def _words_of(kinds: Ints, texts: Texts) -> Words:
    """The words that some kinds say."""
    return np.frombuffer(b"".join(texts[kind][:_PAIR] for kind in kinds.tolist()), np.uint64).reshape(-1, 2)


def _apis_of(kinds: Ints, texts: Texts) -> Ints:
    """The numbers of the texts that origins of some kinds tell of their API."""
    return np.array([texts.code(texts[kind][_PAIR:]) for kind in kinds.tolist()], np.int64)


def _kinds(said: Words, apis: Iterable[int], texts: Texts) -> Ints:
    """The kinds of requests by what they say and what their origins tell of their API."""
    raw = said.tobytes()
    known: dict[tuple[bytes, int], int] = {}
    found = []
    for at, api in zip(range(0, len(raw), _PAIR), apis, strict=False):
        pair = raw[at : at + _PAIR], api
        kind = known.get(pair)
        if kind is None:
            kind = known[pair] = texts.code(pair[0] + texts[api])
        found.append(kind)
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


def settled(text: bytes, lines: Lines, requests: Requests, values: ValueReader, api: int) -> tuple[Rows, Flags]:
    """What a block shows to have succeeded beyond doubt: the rows, and which of the block's requests they are.

    ``api`` is the number of what the block's origin tells of their API.
    """
    said = said_of(lines, requests)
    good = _says(said, _CLOSED) & ~_says(said, _FAILING) & (_says(said, _WITH_HEADERS) | ~_says(said, _WITH_BODY))
    first = per_request(np.minimum, lines.time, lines, requests)
    lasted = per_request(np.maximum, lines.time, lines, requests) - first
    good &= (first >= 0) & (lasted <= _LONGEST)
    source = _source(lines, requests)
    good &= source >= 0
    found = {column: np.zeros(len(good), np.int64) for column in _COLUMNS}
    found["latency"] -= 1
    for column, code in _COLUMNS.items():
        _carry(found[column], column, text, lines, places(lines.code == code), requests.row, values, good)
    good &= (found["status"] >= 200) & (found["status"] < 400) & (found["resource"] > 0)
    answers = places(lines.code == _HEADERS.code)
    answers = answers[good[requests.row[answers]]]
    good[requests.row[holding(_FUNCTION_ERROR, text, lines, answers)]] = False
    good[requests.row[lines.cut[lines.code[lines.cut] == _HEADERS.code]]] = False
    ids, fits = packed(lines.ids[requests.runs[requests.firsts[good]]])
    good[good] = fits
    rows = np.empty(np.count_nonzero(fits), SUCCESS)
    rows["id"], rows["first"], rows["lasted"] = ids[fits], first[good], lasted[good]
    rows["xid"], rows["latency"], rows["route"] = (found[name][good] for name in ("xid", "latency", "resource"))
    rows["kind"] = _kinds(said[good], repeat(api), values.texts)
    rows["source"] = source[good]
    return rows, good


def _source(lines: Lines, requests: Requests) -> Ints:
    """The number of the input in which each request stands, -1 if it stands in several."""
    source = lines.position >> SOURCE_SHIFT
    if source[0] == source[-1]:  # positions are in order
        return np.full(len(requests.firsts), source[0])
    low, high = (per_request(combine, source, lines, requests) for combine in (np.minimum, np.maximum))
    return np.where(low == high, low, -1)


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
    good = flags_of(rows, lambda some: _clean(some) & (some["status"] >= 200))
    found, fits = _success_rows(rows[good], texts)
    good[good] = fits
    return found[fits], good


def _clean(rows: Rows) -> Flags:
    """Which rows show no failure, and are of one request each."""
    good = (rows["rank"] == NO_RANK) & (rows["gateway"] == 0) & (rows["facts"] & _DOUBTFUL == 0)
    good &= (rows["status"] < 400) & (rows["first"] != LATE) & (rows["shared"] == 0)
    return np.asarray(good)


def _success_rows(rows: Rows, texts: Texts) -> tuple[Rows, Flags]:
    """Rows as successes, and which of them can be kept as such."""
    found = np.zeros(len(rows), SUCCESS)
    found["id"], fits = packed(rows["id"])
    lasted = rows["last"] - rows["first"]
    found["first"], found["lasted"], found["latency"] = rows["first"], np.minimum(lasted, _LONGEST), rows["latency"]
    found["source"] = rows["first_pos"] >> SOURCE_SHIFT
    found["route"] = route_numbers(rows, texts)
    found["kind"] = _kinds(rows["said"], rows["origin"].tolist(), texts)
    found["xid"] = hash_of_extended(rows["xid"])
    return found, fits & (lasted <= _LONGEST)


def united(successes: Rows, rows: Rows, texts: Texts) -> tuple[Rows, Rows, Rows]:
    """Successes and other rows, each request in one of them, and the torn ones; they use the memory of those given.

    Rows of one request that agree to be a success become one; of the others a row is returned that holds the id and
    where to read.
    """
    ordered = _keys(successes["id"])
    ordered.sort()
    again = ordered[1:][ordered[1:] == ordered[:-1]]
    keys, fits = _keys_of(rows)
    found = np.minimum(np.searchsorted(ordered, keys), len(ordered) - 1)
    several = fits & (ordered[found] == keys) if len(ordered) else np.zeros(len(rows), bool)
    del ordered
    if not several.any() and not len(again):
        return successes, rows, empty_rows(0)
    concerned = _among(_keys(successes["id"]), np.concatenate((again, keys[several])))
    part, alone = rows[several], exchanged(rows, several, empty_rows(0))
    found, fits = _success_rows(part, texts)
    pieces = np.concatenate((successes[concerned], found))
    spans = np.concatenate(
        (_whole_source(successes["source"][concerned]), np.stack((part["first_pos"], part["last_pos"]))), axis=1
    )
    fine = np.concatenate((np.ones(np.count_nonzero(concerned), bool), fits & _clean(part)))
    one, torn = _joined(pieces, spans, fine, texts)
    return exchanged(successes, concerned, one), alone, torn


def _keys(ids: Words) -> Words:
    """The hashes of all packed ids, some at a time: that takes little memory."""
    keys = np.empty(len(ids), np.uint64)
    for some in stretches_of(ids):
        keys[some] = hash_packed(ids[some])
    return keys


def _keys_of(rows: Rows) -> tuple[Words, Flags]:
    """The hashes of the packed ids of rows, and which of them can be packed."""
    keys, fits = np.empty(len(rows), np.uint64), np.empty(len(rows), bool)
    for some in stretches_of(rows):
        ids, fits[some] = packed(rows["id"][some])
        keys[some] = hash_packed(ids)
    return keys, fits


def _among(keys: Words, wanted: Words) -> Flags:
    """Which keys are among the wanted ones, some at a time: that takes little memory."""
    found = np.empty(len(keys), bool)
    for some in stretches_of(keys):
        found[some] = among(keys[some], wanted)
    return found


def _whole_source(source: Ints) -> Ints:
    low = source.astype(np.int64) << SOURCE_SHIFT
    return np.stack((low, low + (1 << SOURCE_SHIFT) - 1))


def _joined(pieces: Rows, spans: Ints, fine: Flags, texts: Texts) -> tuple[Rows, Rows]:
    """Pieces of requests as one row each, and rows for the torn ones."""
    order, starts = group(hash_packed(pieces["id"]), pieces["id"])
    pieces, spans, fine = pieces[order], spans[:, order], fine[order]
    merged = pieces[starts].copy()
    for column, choose in _MERGED.items():
        merged[column] = choose.reduceat(pieces[column], starts)
    lasted = np.maximum.reduceat(ends_of(pieces), starts) - merged["first"]
    merged["lasted"] = np.minimum(lasted, _LONGEST)
    said = np.bitwise_or.reduceat(_words_of(pieces["kind"], texts), starts, axis=0)
    apis = greatest(_apis_of(pieces["kind"], texts), starts, texts)
    merged["kind"] = _kinds(said, apis.tolist(), texts)
    bare = merged["route"] <= 0
    merged["route"][bare] = np.minimum.reduceat(pieces["route"], starts)[bare]
    good = np.logical_and.reduceat(fine, starts) & (lasted <= _LONGEST)
    good &= _agreed(pieces["xid"], starts, merged["xid"])
    good &= ~bare | _agreed(pieces["route"], starts, merged["route"])
    torn = empty_rows(int(np.count_nonzero(~good)))
    torn["id"] = unpacked(merged["id"][~good])
    torn["key"], torn["origin"] = hash_ids(torn["id"]), apis[~good]
    torn["first_pos"] = np.minimum.reduceat(spans[0], starts)[~good]
    torn["last_pos"] = np.maximum.reduceat(spans[1], starts)[~good]
    return merged[good], torn


def _agreed(values: Ints, starts: Ints, chosen: Ints) -> Flags:
    """In which stretches all values that are known (not 0) are the chosen one."""
    known = np.where(values == 0, chosen.repeat(lengths_of(starts, len(values))), values)
    return np.asarray((np.minimum.reduceat(known, starts) == chosen) & (np.maximum.reduceat(known, starts) == chosen))


_MERGED = {
    "first": np.minimum,
    "xid": np.maximum,
    "route": np.maximum,
    "latency": np.maximum,
    "source": np.minimum,
}

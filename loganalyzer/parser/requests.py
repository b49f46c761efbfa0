"""The events of one block → one row for each request that has some.

Events are brought into the order of request, time and position; whatever a row wants the earliest or latest of is
then the first or last of its kind.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from loganalyzer import vocabulary as words
from loganalyzer.parser.columns import EARLY, LATE, Ints, Rows, lengths_of, places
from loganalyzer.parser.heads import Codes, Words
from loganalyzer.parser.ids import group
from loganalyzer.parser.lines import Lines
from loganalyzer.parser.summary import NO_RANK, NO_TIME, empty_rows

_BOUND, _OUT, _CALL, _DECISIVE = 1, 2, 4, 8


class Requests(NamedTuple):
    """Which events belong together: ``order`` sorts them by request and position, ``starts`` is where in it each
    request begins, ``row`` has for each event (as they stand in the block) the number of its request. ``runs`` and
    ``firsts`` say the same of the runs of lines: their order, and where in it each request begins."""

    order: Ints
    starts: Ints
    row: Ints
    runs: Ints
    firsts: Ints


class _Chosen(NamedTuple):
    """Events of a kind, in order of request, time and position: their requests, their numbers in the block."""

    request: Ints
    event: Ints


def requests_of(lines: Lines) -> Requests:
    """Bring the events of each request together."""
    runs, first = group(lines.key, lines.ids)
    lengths = lengths_of(lines.run, len(lines.code))[runs]
    ends = np.cumsum(lengths)
    order = np.arange(len(lines.code)) + np.repeat(lines.run[runs] - (ends - lengths), lengths)
    of_run = np.zeros(len(runs), np.int64)
    of_run[first[1:]] = 1
    row = np.empty(len(order), np.int64)
    row[order] = np.repeat(np.cumsum(of_run), lengths)
    return Requests(order, (ends - lengths)[first], row, runs, first)


def per_request(combine: np.ufunc, values: Any, lines: Lines, requests: Requests) -> Any:
    """The values of all events of each request in one; ``combine`` must not mind their order."""
    return combine.reduceat(combine.reduceat(values, lines.run)[requests.runs], requests.firsts)


def rows_of(lines: Lines, requests: Requests, facts: Words) -> Rows:
    """The rows of a block, without the values that single lines carry."""
    order, starts = requests.order, requests.starts
    last = np.append(starts[1:], len(order)) - 1
    rows = empty_rows(len(starts))
    run = lines.run_of[order[starts]]
    rows["id"], rows["key"] = lines.ids[run], lines.key[run]
    rows["first_pos"], rows["last_pos"] = lines.position[order[starts]], lines.position[order[last]]
    order, time = _by_time(lines, requests)
    rows["last"] = np.where(time[last] == NO_TIME, EARLY, time[last])
    rows["first"] = time[starts] if time.min() >= 0 else np.minimum.reduceat(np.where(time < 0, LATE, time), starts)
    rows["said"] = said_of(lines, requests)
    rows["facts"] = per_request(np.bitwise_or, facts, lines, requests)
    _milestones(rows, lines, requests, order)
    return rows


def _by_time(lines: Lines, requests: Requests) -> tuple[Ints, Ints]:
    """The order by request, time and position, and the times in that order; files are mostly written so."""
    order = requests.order
    time = lines.time[order]
    earlier = time[1:] < time[:-1]
    earlier[requests.starts[1:] - 1] = False
    if earlier.any():
        order = order[np.lexsort((time, requests.row[order]))]
        time = lines.time[order]
    return order, time


def _milestones(rows: Rows, lines: Lines, requests: Requests, order: Ints) -> None:
    """Put the first or last event of each kind that settles a phase, and the decisive one, into the rows."""
    kinds = _kinds()[lines.code[order]]
    telling = places(kinds)
    order, kinds = order[telling], kinds[telling]
    request = requests.row[order]

    def put(name: str, chosen: _Chosen) -> None:
        rows[f"{name}_t"][chosen.request] = lines.time[chosen.event]
        rows[f"{name}_p"][chosen.request] = lines.position[chosen.event]

    def of_kind(kind: int) -> _Chosen:
        which = places(kinds & kind)
        return _Chosen(request[which], order[which])

    put("bound", _first(of_kind(_BOUND)))
    out = of_kind(_OUT)
    put("out_first", _first(out))
    put("out_last", _last(out))
    put("call_last", _last(of_kind(_CALL)))
    decisive = of_kind(_DECISIVE)
    if len(decisive.event):
        rank = _ranks()[lines.code[decisive.event]]
        by_rank = np.lexsort((rank, decisive.request))
        best = _first(_Chosen(decisive.request[by_rank], decisive.event[by_rank]))
        put("decisive", best)
        rows["decisive"][best.request] = lines.code[best.event]
        rows["rank"][best.request] = _ranks()[lines.code[best.event]]


def _first(chosen: _Chosen) -> _Chosen:
    """The first event of each request."""
    new = np.ones(len(chosen.request), bool)
    np.not_equal(chosen.request[1:], chosen.request[:-1], out=new[1:])
    return _Chosen(chosen.request[new], chosen.event[new])


def _last(chosen: _Chosen) -> _Chosen:
    """The last event of each request."""
    new = np.ones(len(chosen.request), bool)
    np.not_equal(chosen.request[1:], chosen.request[:-1], out=new[:-1])
    return _Chosen(chosen.request[new], chosen.event[new])


def said_of(lines: Lines, requests: Requests) -> Words:
    """The sentences that each request says, as bits in two words."""
    return np.stack([per_request(np.bitwise_or, bits[lines.code], lines, requests) for bits in _said_bits()], axis=1)


@cache
def _said_bits() -> Words:
    said = np.zeros((2, 256), np.uint64)
    for sentence in words.SENTENCES[1:]:
        said[sentence.code // 64, sentence.code] = 1 << (sentence.code % 64)
    return said


@cache
def _ranks() -> Codes:
    rank = np.full(256, NO_RANK, np.uint8)
    for sentence in words.SENTENCES:
        if sentence.rank:
            rank[sentence.code] = sentence.rank
    return rank


@cache
def _kinds() -> npt.NDArray[np.uint8]:
    """The kinds of milestone that each code is."""
    kinds = np.zeros(256, np.uint8)
    for s in words.SENTENCES:
        out = s.shared and not s.rank
        kinds[s.code] = _BOUND * s.bound | _OUT * out | _CALL * (s.step == "call") | _DECISIVE * bool(s.rank)
    return kinds

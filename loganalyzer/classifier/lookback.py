"""Across the log: which earlier request the policy was made for that a request was judged by from the cache."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from loganalyzer import vocabulary as words
from loganalyzer.classifier.evidence import Said, rows_saying
from loganalyzer.classifier.explainers.cached import LONGEST_TTL_MS, READS, Judged, judged, makers
from loganalyzer.classifier.explainers.material import RESULT, Material, by_head
from loganalyzer.formats import Input
from loganalyzer.model import Event
from loganalyzer.parser.columns import Ints, Rows
from loganalyzer.parser.ids import hash_ids
from loganalyzer.parser.look import Look
from loganalyzer.parser.packing import unpacked
from loganalyzer.parser.successes import kinds_of
from loganalyzer.parser.summary import SOURCE_SHIFT, empty_rows
from loganalyzer.parser.table import Table

MOST_RUNS = 4_000
"""So many runs of authorizers are read again at most, those nearest before a denial: the time is bounded."""

MOST_DENIED = 400

_RAN = np.uint64(words.FACT_BIT["authorizer_ran"])
_DONE = np.uint64(words.FACT_BIT["authorizer_done"])
_EXECUTED = np.uint64(words.FACT_BIT["executed"])
_READ = np.array([sentence.head in READS for sentence in words.SENTENCES])

Bits = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]


def find_makers(inputs: Sequence[Input], table: Table, facts: Bits, denied: Ints) -> Mapping[int, Judged]:
    """For each of these rows, denied from the cache, the run of the authorizer whose policy it was; for some none."""
    denied = denied[table.rows["first"][denied] > 0][:MOST_DENIED]
    if not len(denied):
        return {}
    runs, allowed = _runs_before(table, facts, table.rows[denied])
    which = np.concatenate((table.rows[denied], runs))
    allowed = np.concatenate((np.zeros(len(denied), bool), allowed))
    looked = Look(inputs, table, which, np.tile(_READ, (len(which), 1))).events()
    seen = [_judged(at, which, events, allowed=bool(allowed[at])) for at, events in enumerate(looked)]
    found = makers([one for one in seen[: len(denied)] if one], [one for one in seen[len(denied) :] if one])
    return {
        row: replace(found[str(at)], request_id=table.request_id(which["id"][int(found[str(at)].request_id)].tobytes()))
        for at, row in enumerate(denied.tolist())
        if str(at) in found
    }


def _runs_before(table: Table, facts: Bits, denied: Rows) -> tuple[Rows, Flags]:
    """Requests whose authorizer ran within an hour before a denial, the nearest ones, and which were let through."""
    ran = (facts & (_RAN | _DONE)) == (_RAN | _DONE)
    successes = _of_successes(table)
    runs = np.concatenate((table.rows[ran], successes))
    allowed = np.concatenate(((facts[ran] & _EXECUTED) != 0, np.ones(len(successes), bool)))
    ends, times = np.sort(denied["first"]), runs["first"]
    following = ends[np.minimum(np.searchsorted(ends, times), len(ends) - 1)]
    wait = following - times
    apart = ~np.isin(runs["key"], denied["key"])  # other requests with the same id cannot be told from the denied one
    near = np.flatnonzero((wait >= 0) & (times > ends[0] - LONGEST_TTL_MS) & apart)
    near = near[np.argsort(wait[near], kind="stable")][:MOST_RUNS]
    return runs[near], allowed[near]


def _of_successes(table: Table) -> Rows:
    """Rows for those requests without one whose authorizer ran: enough to read them again."""
    kinds, kind = kinds_of(table.successes, table.texts)
    ran = table.successes[Said(rows_saying(kinds)).any([RESULT])[kind]]
    rows = empty_rows(len(ran))
    rows["id"], rows["first"] = unpacked(ran["id"]), ran["first"]
    rows["key"] = hash_ids(rows["id"])
    rows["first_pos"] = ran["source"].astype(np.int64) << SOURCE_SHIFT
    rows["last_pos"] = rows["first_pos"] + (1 << SOURCE_SHIFT) - 1
    return rows


def _judged(at: int, rows: Rows, events: Sequence[Event], *, allowed: bool) -> Judged | None:
    material = Material("", by_head((words.match(event.message).code, event.message) for event in events))
    return judged(str(at), int(rows["first"][at]), material, allowed=allowed)

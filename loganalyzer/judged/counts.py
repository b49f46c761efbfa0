"""Counts of requests that were judged, and the columns that charts of them are drawn from."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from loganalyzer import trends
from loganalyzer.classifier import evidence
from loganalyzer.classifier.classify import FAILED, INCOMPLETE, SUCCEEDED
from loganalyzer.judged.diagnosed import Diagnosed
from loganalyzer.model import Request, Summary
from loganalyzer.parser.columns import LATE
from loganalyzer.parser.routes import (
    MANY_PATHS,
    Passage,
    are_many,
    joined,
    passage_of,
    route_codes,
    routes_of,
    without_paths,
)
from loganalyzer.scales import Stage
from loganalyzer.vocabulary import FACT_BIT


def summary_of(found: Diagnosed, unlogged: Iterable[Request]) -> Summary:
    """Counts by category and by where requests stopped, and latency by route; ``unlogged`` are failed requests that
    another log alone knows."""
    table, alone = found.table, list(unlogged)
    outcomes = dict.fromkeys((SUCCEEDED, FAILED, INCOMPLETE), 0)
    counts = np.bincount(found.case, minlength=len(found.diagnoses)).tolist()
    by_category: dict[str, int] = {}
    by_stage: dict[str, int] = {}
    last_seen: dict[str, int] = {}
    answered = 0
    for diagnosis, count in zip(found.diagnoses, counts, strict=True):
        outcomes[diagnosis.outcome] += count
        if diagnosis.outcome != SUCCEEDED:
            by_category[diagnosis.category] = by_category.get(diagnosis.category, 0) + count
            by_stage[diagnosis.stopped_at.name] = by_stage.get(diagnosis.stopped_at.name, 0) + count
        if diagnosis.outcome == FAILED and diagnosis.stopped_at == Stage.COMPLETED:
            answered += count
        if diagnosis.outcome == INCOMPLETE:
            last_seen[diagnosis.stopped_at.name] = last_seen.get(diagnosis.stopped_at.name, 0) + count
    for request in alone:
        by_category[request.category] = by_category.get(request.category, 0) + 1
        by_stage[request.stopped_at] = by_stage.get(request.stopped_at, 0) + 1
    return Summary(
        requests=len(found.case) + len(table.successes) + len(alone),
        succeeded=outcomes[SUCCEEDED] + len(table.successes),
        failed=outcomes[FAILED] + len(alone),
        incomplete=outcomes[INCOMPLETE],
        gateway_failed=outcomes[FAILED] - answered + len(alone),
        backend_failed=answered,
        by_category=dict(sorted(by_category.items(), key=lambda item: (-item[1], item[0]))),
        by_stopped_at={stage.name: by_stage[stage.name] for stage in Stage if stage.name in by_stage},
        routes=routes_of(_passages(found), table.texts),
        incomplete_at=last_seen,
    )


def columns_of(found: Diagnosed) -> trends.Columns:
    """What charts and quantiles take of all requests."""
    rows, successes = found.table.rows, found.table.successes
    passage = joined(_passages(found))
    route, routes = route_codes(passage, found.table.texts)
    categories = list(dict.fromkeys(("", *(d.category for d in found.diagnoses))))
    codes = np.array([categories.index(d.category) for d in found.diagnoses] or [0], np.int64)
    authorizer = np.where(
        np.array([d.category.startswith("AUTHORIZER_") for d in found.diagnoses] or [False])[found.case],
        "failed",
        evidence.authorizers(found.facts),
    )
    became = np.concatenate((authorizer, evidence.authorizers(found.kind_facts)[found.kind]))
    return trends.Columns(
        first=np.concatenate((np.where(rows["first"] == LATE, trends.UNKNOWN, rows["first"]), successes["first"])),
        lasted=passage.lasted,
        waited=np.concatenate((rows["latency"], successes["latency"])).astype(np.int64),
        category=np.concatenate((codes[found.case], np.zeros(len(successes), np.int64))),
        categories=categories,
        route=route,
        routes=routes,
        authorizer=trends.authorizer_codes(became),
    )


def _passages(found: Diagnosed) -> tuple[Passage, Passage]:
    """Those of the rows, and of successes without one."""
    table = found.table
    timed = found.facts & np.uint64(FACT_BIT["info_level"]) != 0
    whole = np.isin(evidence.levels(found.kind_facts), ("info", "info_trace"))[found.kind]
    of_rows = passage_of(table.rows, table.texts, failed=found.ended(FAILED), timed=timed)
    of_successes = Passage(
        route=table.successes["route"],
        lasted=np.where(whole, table.successes["lasted"], np.int32(-1)),
        failed=np.zeros(len(table.successes), bool),
    )
    if MANY_PATHS in table.coverage.notes or are_many(of_rows.route, of_successes.route):
        table.coverage.note(MANY_PATHS)
        without_paths(of_rows.route)
        without_paths(of_successes.route)
    return of_rows, of_successes

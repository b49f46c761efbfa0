"""What comes back from the cluster: counts of everything, and the failures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

import loganalyzer as la
from loganalyzer.errors import UsageError
from loganalyzer.spark import analyze, coverage_of, from_spark, write
from loganalyzer.spark.columns import requests_of
from loganalyzer.spark.gathered import arrow_of, packed

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

CAPTURES = Path(__file__).parents[2] / "fixtures" / "captures"


@pytest.fixture(scope="module")
def written(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> DataFrame:
    """A table that was written and read again."""
    place = str(tmp_path_factory.mktemp("written") / "requests")
    write(analyze(spark, CAPTURES), place)
    with pytest.raises(UsageError, match="exists already"):
        write(analyze(spark, CAPTURES / "error.log"), place)
    return spark.read.parquet(place)


def test_failures_and_counts_are_those_of_one_machine(written: DataFrame) -> None:
    """Failures, summary with routes, and coverage survive being written by day and API and brought back."""
    here, back = la.analyze(CAPTURES), la.from_spark(written)
    pd.testing.assert_frame_equal(
        back.failures.sort_values("request_id", ignore_index=True),
        here.failures.sort_values("request_id", ignore_index=True),
    )
    one, other = back.summary(), here.summary()
    for name in ("requests", "succeeded", "failed", "incomplete", "gateway_failed", "backend_failed", "by_category"):
        assert getattr(one, name) == getattr(other, name), name
    assert one.by_stopped_at == other.by_stopped_at
    assert {route.resource for route in other.routes} <= {route.resource for route in one.routes}
    assert sum(route.requests for route in one.routes) <= one.requests
    assert all(
        route.p50_ms <= route.p95_ms <= route.max_ms
        for route in one.routes
        if route.p50_ms is not None and route.p95_ms is not None and route.max_ms is not None
    )
    assert back.coverage.levels == here.coverage.levels
    assert (back.coverage.requests, back.coverage.events) == (here.coverage.requests, here.coverage.events)
    assert {"date", "api"} <= set(written.columns)
    assert coverage_of(written).forms == here.coverage.forms


def test_what_is_brought_back_is_bounded(written: DataFrame) -> None:
    """No more failures come back than are asked for, and the coverage says so; the counts are still of all."""
    back = from_spark(written, most=5)
    assert len(back.requests) == 5 < back.summary().failed
    assert any("5 of" in note for note in back.coverage.notes)
    with pytest.raises(UsageError):
        next(back.records(everything=True))
    with pytest.raises(UsageError):
        back.timeline("a")


def test_older_sparks_bring_the_same(written: DataFrame) -> None:
    """Without ``toArrow`` the same rows come back another way, their times in UTC as well."""
    some = written.orderBy("request_id").limit(20)
    assert list(requests_of(packed(some))) == list(requests_of(arrow_of(some)))
    assert not packed(some.where("request_id = 'no such'")).num_rows

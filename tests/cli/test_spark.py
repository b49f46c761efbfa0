"""``loganalyzer analyze --engine spark`` and ``loganalyzer plan``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import Run
from tests.spark.conftest import spark

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

__all__ = ["spark"]

LOG = Path(__file__).parents[2] / "fixtures" / "captures" / "error.log"


def test_requests_are_written_and_reported(spark: SparkSession, run: Run, tmp_path: Path) -> None:
    """The requests stand below --output by day and API, and the report on standard output is that of one machine."""
    place = tmp_path / "requests"
    found = run("analyze", "--engine", "spark", "--format", "json", "-o", str(place), str(LOG))
    assert found.exit_code == 0, found.output
    here = json.loads(run("analyze", "--format", "json", "--jobs", "1", str(LOG)).stdout)
    told = json.loads(found.stdout)
    for name in ("requests", "failed", "by_category", "by_stopped_at"):
        assert told["summary"][name] == here["summary"][name]
    assert sorted(map(str, told["requests"])) == sorted(map(str, here["requests"]))
    assert list(place.glob("date=*/api=*/*.parquet"))
    again = run("analyze", "--engine", "spark", "-o", str(place), str(LOG))
    assert again.exit_code == 2
    assert "is a directory" in again.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("-o", "out"),
        ("exports/",),
        ("-o", "out", "-"),
        ("-o", "out", "--all", "exports/"),
        ("-o", "out", "--method", "GET", "x"),
    ],
)
def test_what_makes_no_sense_on_spark_is_refused(run: Run, arguments: tuple[str, ...]) -> None:
    """Standard input, no place to write to, and filters are refused before Spark is started."""
    assert run("analyze", "--engine", "spark", *arguments).exit_code != 0


def test_a_plan_says_time_and_cost(run: Run) -> None:
    """The estimate names the text, the time on the cluster and on one machine, and the price by service."""
    told = run("plan", "--bytes", "10TB", "--cores", "256").stdout
    assert "10 TB, 1.75 TB as .gz" in told
    assert "EMR Serverless  $" in " ".join(told.split("  ")) or "EMR Serverless" in told
    stored = run("plan", "--bytes", "1GB", "--stored", "--cores", "2").stdout
    assert "5.7 GB, 1 GB as .gz" in stored
    assert run("plan", "--bytes", "many").exit_code != 0

"""``loganalyzer analyze --engine spark``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from tests.cli.conftest import Run, run

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

__all__ = ["run"]

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
    assert "exists already" in again.output

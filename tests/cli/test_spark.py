"""``loganalyzer analyze --engine spark`` where it is refused, and ``loganalyzer plan``."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Run


@pytest.mark.parametrize(
    "arguments",
    [
        ("-o", "out"),
        ("exports/",),
        ("-o", "out", "-"),
        ("-o", "out", "--all", "exports/"),
        ("-o", "out", "--method", "GET", "x"),
        ("-o", "out", "--format", "parquet", "x"),
        ("-o", "out", "--access-logs", "access.log", "x"),
        ("-o", "out", "--api", "abcde12345"),
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

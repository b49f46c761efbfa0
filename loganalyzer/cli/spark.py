"""``loganalyzer analyze --engine spark``: the requests as Parquet, written by the workers, and the usual report."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from loganalyzer.errors import UsageError

if TYPE_CHECKING:
    from loganalyzer.classifier.rules import Rules
    from loganalyzer.spark import Gathered

_SCHEME = re.compile(r"([a-z][a-z0-9]+):/(?=[^/])")


def demand_no_more(form: str, *, selected: bool, others: bool, live: bool) -> None:
    """Raise :class:`UsageError` if more is asked for than Spark does: before it is started."""
    asked = {
        "filters and --all": selected,
        "--format parquet": form == "parquet",
        "--lambda-logs and --access-logs": others,
        "live logs": live,
    }
    for name, wanted in asked.items():
        if wanted:
            tip = f"leave out {name}; every request is in the Parquet below --output, to be filtered and joined there"
            raise UsageError(f"{name}: not with --engine spark", tip=_LIVE if name == "live logs" else tip)


_LIVE = "export them to S3 first (aws logs create-export-task), or use the local engine"


def gathered(
    sources: tuple[str, ...],
    *,
    place: Path | None,
    rules: Rules,
    fields: Mapping[str, str],
    redacted: bool,
    profile: str | None,
    region: str | None,
) -> Gathered:
    """Analyse on Spark, write the requests below a place, and bring the failures back from there."""
    if not sources or "-" in sources:
        raise UsageError("Spark reads no standard input", tip="name where the logs are, such as s3://bucket/exports/")
    if place is None:
        raise UsageError(
            "--engine spark needs --output", tip="name a directory that Spark can write to, such as s3://…"
        )
    from loganalyzer.spark import analyze, demand_free, from_spark, write
    from loganalyzer.spark.session import session

    where = _SCHEME.sub(r"\1://", str(place), count=1)  # as a path s3://bucket has lost a slash
    spark = session()
    demand_free(spark, where)
    table = analyze(spark, *sources, rules=rules, fields=fields, redacted=redacted, profile=profile, region=region)
    write(table, where)
    return from_spark(spark.read.parquet(where), rules=rules)

"""``loganalyzer analyze --engine spark``: the requests as Parquet, written by the workers, and the usual report."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from loganalyzer.errors import UsageError

if TYPE_CHECKING:
    from loganalyzer.classifier.rules import Entry
    from loganalyzer.spark import Gathered

_SCHEME = re.compile(r"([a-z][a-z0-9]+):/(?=[^/])")


def gathered(
    sources: tuple[str, ...],
    *,
    output: Path | None,
    entries: Mapping[str, Entry],
    redacted: bool,
    profile: str | None,
    region: str | None,
) -> Gathered:
    """Analyse on Spark, write the requests below ``output``, and bring the failures back from there."""
    from loganalyzer.spark import analyze, from_spark, write
    from loganalyzer.spark.session import session

    if not sources or "-" in sources:
        raise UsageError("Spark reads no standard input", tip="name where the logs are, such as s3://bucket/exports/")
    if output is None:
        raise UsageError(
            "--engine spark needs --output", tip="name a directory that Spark can write to, such as s3://…"
        )
    place = _SCHEME.sub(r"\1://", str(output), count=1)  # as a path s3://bucket has lost a slash
    spark = session()
    table = analyze(spark, *sources, rules=entries, redacted=redacted, profile=profile, region=region)
    write(table, place)
    return from_spark(spark.read.parquet(place), rules=entries)

"""The analysis as Spark runs it: scan, merge, look again where it must be, judge."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from loganalyzer.analysis import READ_AGAIN
from loganalyzer.classifier.evidence import Window
from loganalyzer.classifier.rules import Entry, Rules, catalogue, catalogue_with
from loganalyzer.errors import LogAnalyzerError, UsageError
from loganalyzer.formats import fields_of
from loganalyzer.model import Coverage, Example, Problem
from loganalyzer.redact import redact
from loganalyzer.sources import nothing_readable
from loganalyzer.spark import columns, records, tasks
from loganalyzer.spark.session import ignore_age_of_pandas
from loganalyzer.spark.sources import OwnInputs, Source, cores, source_of

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

METADATA = "loganalyzer"
"""The key under which the coverage stands in the metadata of the first column."""

MERGE_BYTES = 128_000_000
"""What is made of so many bytes as stored is merged in one task."""

MOST_PROBLEMS = 1_000
"""So many problems are told one by one."""


def analyze(
    spark: SparkSession,
    *paths: str | Path,
    rules: Rules = (),
    reader: str = "auto",
    fields: Mapping[str, str] | None = None,
    redacted: bool = False,
    profile: str | None = None,
    region: str | None = None,
) -> DataFrame:
    """Read execution logs on a cluster and diagnose every failed request in them.

    The result is what :func:`loganalyzer.analyze` has in ``requests``: the same columns, one row a request. The logs
    are read when this is called; what was covered travels with the table (see :func:`coverage_of`). ``reader`` says who
    opens the files: ``own`` (paths that all workers have, ``s3://``), ``spark`` (whatever Spark is set up for), or
    ``auto``, which leaves to Spark what only Spark knows; ``redacted`` masks tokens, keys and identities; ``rules`` and
    ``fields`` are those of :func:`loganalyzer.analyze`, which says what is raised as well.
    """
    entries = catalogue_with(rules)
    said = fields_of(fields)
    named = [str(path) for path in paths]
    with warnings.catch_warnings():
        ignore_age_of_pandas()
        source = source_of(spark, named, reader=reader, profile=profile, region=region, fields=said)
        return requests_in(spark, source, entries=entries, redacted=redacted, named=named)


def requests_in(
    spark: SparkSession,
    source: Source,
    *,
    entries: Mapping[str, Entry] | None = None,
    redacted: bool = False,
    named: list[str] | None = None,
    piece: int | None = None,
) -> DataFrame:
    """The requests in a source; ``piece`` bytes of text are scanned before rows are handed on."""
    scan = tasks.Scan() if piece is None else tasks.Scan(piece)
    merged = _merged(spark, source, scan, tasks.Merge(policies=source.size <= READ_AGAIN)).persist()
    note = _note_of(merged.where("note is not null"))
    note.coverage.merge(source.unread())
    if not note.requests:
        inputs = source.inputs if isinstance(source, OwnInputs) else ()
        raise nothing_readable(note.coverage, inputs, named or ())
    rows = merged.where("note is null").drop("note")
    small = note.coverage.bytes <= READ_AGAIN  # as one machine does, which reads so much a second time
    least = records.FOR_POLICY if small else records.NEEDED
    again = note.wanted + (note.policies if small else 0)
    apart = _looked_at(source, rows.where(f"wanted >= {least}")).persist() if again else None
    if apart is not None and note.shared:
        note.merge(_note_of(apart.mapInArrow(tasks.Window(), records.COLUMNS).select("note")))
    window = Window(note.last if note.last and note.last > 0 else None, note.executed and not note.untraced)
    own = None if entries is None or entries == catalogue() else dict(entries)
    judge = tasks.Judge(window, note.coverage.bytes, own, redacted, together=small)
    judged = _judged(rows.where(f"wanted < {least}"), apart, judge)
    note.coverage.first_seen, note.coverage.last_seen = note.first, note.last
    return _with_coverage(judged, note.coverage, redacted=redacted)


def _judged(rows: DataFrame, apart: DataFrame | None, judge: tasks.Judge) -> DataFrame:
    """The requests, diagnosed; in a small log together, as one may be explained by another."""
    if apart is None:
        return rows.mapInArrow(judge, columns.schema())
    if judge.together:
        whole = rows.unionByName(apart, allowMissingColumns=True).coalesce(1)
        return whole.mapInArrow(judge, columns.schema())
    return rows.mapInArrow(judge, columns.schema()).unionAll(apart.mapInArrow(judge, columns.schema()))


def _merged(spark: SparkSession, source: Source, scan: tasks.Scan, merge: tasks.Merge) -> DataFrame:
    """One record a request, wherever its lines stood: rows with one id meet in one partition."""
    parts = source.all().mapInArrow(scan, records.COLUMNS)
    count = max(-(-source.size // MERGE_BYTES), cores(spark) if source.size > MERGE_BYTES // 8 else 1)
    return parts.repartition(count, "id").mapInArrow(merge, records.COLUMNS)


def _note_of(notes: DataFrame) -> records.Note:
    """All notes in one."""
    whole = records.Note()
    for row in notes.select("note").collect():
        whole.merge(records.note_of(bytes(row["note"])))
    return whole


def _looked_at(source: Source, wanted: DataFrame) -> DataFrame:
    """Records with ``excerpts``: all lines of their requests, from the inputs in which these stand."""
    from pyspark.sql.functions import broadcast, col, collect_list, explode, struct

    places = wanted.select(explode("sources").alias("number"), struct("id", "more").alias("one"))
    by_input = places.groupBy("number").agg(collect_list("one").alias("wanted"))
    lines = source.some(by_input).mapInArrow(tasks.LookAgain(), "id binary, number bigint, text binary")
    by_id = lines.groupBy("id").agg(collect_list(struct(col("number"), col("text"))).alias("excerpts"))
    return wanted.join(broadcast(by_id), "id", "left")


def _with_coverage(judged: DataFrame, coverage: Coverage, *, redacted: bool) -> DataFrame:
    """The table with what was covered in the metadata of its first column."""
    from pyspark.sql.functions import col

    more = len(coverage.problems) - MOST_PROBLEMS
    if more > 0:
        coverage.problems[MOST_PROBLEMS:] = []
        coverage.note(f"{more} more inputs have problems that are not listed")
    if redacted:
        _redact(coverage)
    first, *others = columns.schema().split(", ")
    name = first.split()[0]
    told = col(name).alias(name, metadata={METADATA: msgspec.json.encode(coverage).decode()})
    return judged.select(told, *(other.split()[0] for other in others))


def _redact(coverage: Coverage) -> None:
    for name in ("unknown_lines", "unknown_sentences"):
        example: Example = getattr(coverage, name)
        setattr(coverage, name, Example(example.count, redact(example.example)))
    coverage.problems = [Problem(one.where, redact(one.what), one.tip) for one in coverage.problems]


def coverage_of(requests: DataFrame) -> Coverage:
    """What was covered by a table of :func:`analyze`, or one read from where it was written; empty if it has none."""
    for field in requests.schema.fields:
        if METADATA in (field.metadata or {}):
            return msgspec.json.decode(field.metadata[METADATA], type=Coverage)
    return Coverage()


def demand_free(spark: SparkSession, place: str) -> None:
    """Raise :class:`UsageError` if there is something at a place: at once, not after reading terabytes."""
    from pyspark.errors import AnalysisException

    try:
        spark.read.text(place)
    except AnalysisException as error:
        if "PATH_NOT_FOUND" in str(error) or "Path does not exist" in str(error):
            return
        raise LogAnalyzerError(
            f"Spark cannot write to {place}: {str(error).strip().splitlines()[0]}", tip="check the path and the scheme"
        ) from None
    raise UsageError(f"{place} exists already", tip=_ELSEWHERE)


_ELSEWHERE = "name another place, or remove it first"


def write(requests: DataFrame, place: str) -> None:
    """Write the table as Parquet below ``place``, partitioned by the day (UTC) of the first line and by API.

    The partitions add columns ``date`` and ``api`` when it is read. Raises :class:`UsageError` if there is something at
    that place.
    """
    from pyspark.errors import AnalysisException
    from pyspark.sql.functions import expr

    day = expr("date_from_unix_date(CAST(floor(unix_millis(first_seen) / 86400000) AS INT))")
    apart = requests.withColumn("date", day).withColumn(
        "api", expr("CASE WHEN api_id = '' THEN 'unknown' ELSE api_id END")
    )
    try:
        apart.write.partitionBy("date", "api").parquet(place)
    except AnalysisException as error:
        if "PATH_ALREADY_EXISTS" in str(error):
            raise UsageError(f"{place} exists already", tip=_ELSEWHERE) from None
        raise

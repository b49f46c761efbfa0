"""The analysis as Spark runs it: scan, merge, look again where it must be, judge."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from loganalyzer.analysis import READ_AGAIN
from loganalyzer.classifier.evidence import Window
from loganalyzer.classifier.rules import Entry, Rules, catalogue, catalogue_with
from loganalyzer.coverage import Coverage, Example, Problem
from loganalyzer.errors import LogAnalyzerError, UsageError
from loganalyzer.formats import fields_of
from loganalyzer.redact import redact
from loganalyzer.sources import nothing_readable
from loganalyzer.spark import columns, records, slices, tasks
from loganalyzer.spark.scan import Apart, Scan
from loganalyzer.spark.session import ignore_age_of_pandas
from loganalyzer.spark.sources import OwnInputs, Source, source_of

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

METADATA = "loganalyzer"
"""The key under which the coverage stands in the metadata of the first column."""

MERGE_ROWS = 50_000
"""So many records of requests are merged in one task."""

FEW_KEYS = 1_000_000
"""So many keys that occur twice are handed to every worker."""

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
    most_together: int = READ_AGAIN,
) -> DataFrame:
    """The requests in a source; ``piece`` bytes of text are scanned before rows are handed on.

    Up to ``most_together`` bytes of log are judged in one piece, as one machine does, which reads so much twice.
    """
    size = slices.size_for(spark)
    scan = Scan(size=size) if piece is None else Scan(piece, size)
    scanned = source.all().mapInArrow(scan, slices.COLUMNS).persist()
    note = _note_of(scanned)
    note.coverage.merge(source.unread())
    if not note.requests:
        inputs = source.inputs if isinstance(source, OwnInputs) else ()
        raise nothing_readable(note.coverage, inputs, named or ())
    coverage, own = note.coverage, None if entries is None or entries == catalogue() else dict(entries)
    judge = partial(tasks.Judge, entries=own, redacted=redacted)
    if coverage.bytes <= most_together:
        told, judged = _judged_together(source, scanned, note, judge)
    else:
        told, judged = _judged_apart(source, scanned, note, judge)
    coverage.first_seen, coverage.last_seen = told.first, told.last
    return _with_coverage(judged, coverage, redacted=redacted)


def _judged_together(
    source: Source, scanned: DataFrame, note: records.Note, judge: Callable[..., tasks.Judge]
) -> tuple[records.Note, DataFrame]:
    """The requests of a small log, diagnosed all together, as one may be explained by another."""
    found = _Merged.of(source, scanned.mapInArrow(Apart(everything=True), records.COLUMNS), note.requests, small=True)
    rows = found.plain if found.again is None else found.plain.unionByName(found.again, allowMissingColumns=True)
    task = tasks.JudgeRecords(judge(_window_of(found.note), small=True), together=True)
    return found.note, rows.coalesce(1).mapInArrow(task, columns.schema())


def _judged_apart(
    source: Source, scanned: DataFrame, note: records.Note, judge: Callable[..., tasks.Judge]
) -> tuple[records.Note, DataFrame]:
    """The requests of a large log, diagnosed where they were scanned; records of few have to be brought together."""
    marked, twice = _marked(scanned)
    if not twice and not note.wanted:
        return note, scanned.mapInArrow(tasks.JudgeSlices(judge(_window_of(note))), columns.schema())
    parts = marked.mapInArrow(Apart(), records.COLUMNS)
    found = _Merged.of(source, parts, 2 * twice + note.wanted, small=False)
    one = judge(_window_of(found.note))
    judged = marked.mapInArrow(tasks.JudgeSlices(one), columns.schema())
    for some in (found.plain, found.again):
        if some is not None:
            judged = judged.unionAll(some.mapInArrow(tasks.JudgeRecords(one), columns.schema()))
    return found.note, judged


def _marked(scanned: DataFrame) -> tuple[DataFrame, int]:
    """The slices with the keys of their requests that occur ``twice``, in other parts too; and how many keys do."""
    from pyspark.sql.functions import broadcast, collect_list, explode, max, min  # noqa: A004 - of columns

    keys = scanned.select("part", explode("keys").alias("key"))
    ends = keys.groupBy("key").agg(min("part").alias("low"), max("part").alias("high"))
    twice = ends.where("low < high").select("key").persist()
    count = twice.count()
    if not count:
        return scanned, 0
    few = count <= FEW_KEYS
    concerned = keys.join(broadcast(twice) if few else twice, "key")
    by_part = concerned.groupBy("part").agg(collect_list("key").alias("twice")).persist()
    return scanned.join(broadcast(by_part) if few else by_part, "part", "left"), count


def _window_of(note: records.Note) -> Window:
    return Window(note.last if note.last and note.last > 0 else None, note.executed and not note.untraced)


@dataclass(frozen=True, slots=True)
class _Merged:
    """One record a request of those brought together: ``plain`` ones, those with their lines to be looked at
    ``again`` (None if there are none), and the note on them and on all others."""

    plain: DataFrame
    again: DataFrame | None
    note: records.Note

    @classmethod
    def of(cls, source: Source, parts: DataFrame, about: int, *, small: bool) -> _Merged:
        """Merge ``about`` so many records, those with one id in one partition."""
        merge = tasks.Merge(policies=small)
        merged = parts.repartition(-(-about // MERGE_ROWS), "id").mapInArrow(merge, records.COLUMNS).persist()
        note = _note_of(merged)
        rows = merged.where("note is null").drop("note")
        if not note.wanted + note.policies:
            return cls(rows, None, note)
        again = _looked_at(source, rows.where("wanted > 0")).persist()
        if note.shared:
            note.merge(_note_of(again.mapInArrow(tasks.Window(), records.COLUMNS)))
        return cls(rows.where("wanted = 0"), again, note)


def _note_of(notes: DataFrame) -> records.Note:
    """All notes in one."""
    whole = records.Note()
    for row in notes.where("note is not null").select("note").collect():
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

"""Where Spark's workers get the logs from: by our own readers, or through the file systems that Spark itself knows."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from loganalyzer.coverage import Coverage, Problem
from loganalyzer.errors import LogAnalyzerError, UsageError
from loganalyzer.formats import Input, find_inputs
from loganalyzer.formats.fields import NO_FIELDS, Fields
from loganalyzer.formats.locating import IGNORED

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

OPEN_COST = 250_000
"""What it takes to open an input, in bytes that could be read in the same time: thousands of tiny ones share a task."""

TASK_BYTES = 128_000_000
"""So many bytes as stored make a task, unless there are too few for all cores; a larger input is a task of its own."""

TASK_FILES = 2_000
"""So many inputs at most make a task."""

LARGEST = 1_000_000_000
"""Spark hands over a file in one piece, and Arrow carries no more than 2 GB of it."""


class Source(Protocol):
    """Inputs to be read by workers, numbered from 0."""

    count: int
    size: int

    def all(self) -> DataFrame:
        """Every input, in partitions of about equal work."""
        ...

    def some(self, wanted: DataFrame) -> DataFrame:
        """The inputs in ``wanted`` (``number`` and more columns), each beside these columns."""
        ...

    def unread(self) -> Coverage:
        """The inputs that no worker will be given, as problems."""
        ...


def source_of(
    spark: SparkSession,
    paths: Sequence[str],
    *,
    reader: str,
    profile: str | None,
    region: str | None,
    fields: Fields = NO_FIELDS,
) -> Source:
    """What the paths name; ``reader`` is ``own``, ``spark`` or ``auto`` (Spark's where only it knows the scheme)."""
    if reader not in ("auto", "own", "spark"):
        raise UsageError(f"{reader!r} is no reader", tip="choose auto, own or spark")
    if not paths:
        raise UsageError("no path given", tip="name where the exported logs are, such as s3://bucket/exportedlogs/")
    foreign = [path for path in paths if "://" in path and not path.startswith("s3://")]
    if reader == "spark" or (reader == "auto" and foreign):
        return SparkFiles.listed(spark, paths, fields=fields)
    return OwnInputs(spark, find_inputs(paths, profile=profile, region=region, fields=fields))


class OwnInputs:
    """Inputs that the workers open themselves: paths that all of them have, or objects in S3."""

    def __init__(self, spark: SparkSession, inputs: Sequence[Input]) -> None:
        self._spark, self.inputs = spark, inputs
        self.count = len(inputs)
        self.size = sum(source.size for source in inputs)

    def all(self) -> DataFrame:
        """One partition for each batch, the large ones first; neighbours, which may share requests, stay together."""
        batches = sorted(self._batches(), key=lambda batch: -sum(source.size for _, source in batch))
        return _one_a_partition(self._spark, [(pickle.dumps(batch),) for batch in batches], "work binary")

    def _batches(self) -> list[list[tuple[int, Input]]]:
        share = min(TASK_BYTES, (self.size + OPEN_COST * self.count) // (3 * cores(self._spark)) + 1)
        batches: list[list[tuple[int, Input]]] = [[]]
        filled = 0
        for number, source in enumerate(self.inputs):
            weight = source.size + OPEN_COST
            if batches[-1] and (filled + weight > share or len(batches[-1]) >= TASK_FILES):
                batches.append([])
                filled = 0
            batches[-1].append((number, source))
            filled += weight
        return batches

    def some(self, wanted: DataFrame) -> DataFrame:
        """The inputs again, those wanted alone."""
        numbers = sorted(row["number"] for row in wanted.select("number").collect())
        rows = [(number, pickle.dumps([(number, self.inputs[number])])) for number in numbers]
        tasks = min(len(rows), 3 * cores(self._spark)) or 1
        frame = self._spark.createDataFrame(rows, "number bigint, work binary")
        return frame.join(wanted, "number").repartition(tasks)

    def unread(self) -> Coverage:
        """None: what a worker cannot open, it says itself."""
        return Coverage()


@dataclass(frozen=True, slots=True)
class _File:
    path: str
    size: int


class SparkFiles:
    """Files that Spark reads and hands to the workers whole, from every file system that it is set up for."""

    def __init__(self, spark: SparkSession, files: Sequence[_File], fields: Fields = NO_FIELDS) -> None:
        self._spark, self._fields = spark, fields
        self._files = [file for file in files if file.size <= LARGEST]
        self._large = [file for file in files if file.size > LARGEST]
        self.count = len(files)
        self.size = sum(file.size for file in self._files)

    @classmethod
    def listed(cls, spark: SparkSession, paths: Sequence[str], *, fields: Fields = NO_FIELDS) -> SparkFiles:
        """The files at and below the paths, which may be globs, in the order given, each file once.

        Raises :class:`UsageError` where there are none.
        """
        found = dict.fromkeys(file for path in dict.fromkeys(paths) for file in _below(spark, path))
        if not found:
            raise UsageError(f"there is nothing to read at {', '.join(paths)}", tip="check the path")
        return cls(spark, list(found), fields)

    def all(self) -> DataFrame:
        """Spark packs small files together by ``spark.sql.files.maxPartitionBytes``."""
        return self._numbered(range(len(self._files)))

    def some(self, wanted: DataFrame) -> DataFrame:
        """The files again, those wanted alone."""
        from pyspark.sql.functions import broadcast

        numbers = sorted(row["number"] for row in wanted.select("number").collect())
        return self._numbered(numbers).join(broadcast(wanted), "number")

    def unread(self) -> Coverage:
        """The files that are too large to be handed over."""
        tip = "let the workers open it themselves: s3:// or a path that all of them have, with reader='own'"
        what = f"Spark hands over files of at most {LARGEST // 1_000_000_000} GB"
        return Coverage(problems=[Problem(file.path, what, tip) for file in self._large])

    def _numbered(self, numbers: Sequence[int]) -> DataFrame:
        from pyspark.sql.functions import broadcast

        rows = [(number, self._files[number].path, self._packed(number)) for number in numbers]
        names = self._spark.createDataFrame(rows, "number bigint, name string, input binary")
        files = _files(self._spark, [path.replace("[", "\\[").replace("{", "\\{") for _, path, _ in rows])
        contents = files.select(files["path"].alias("name"), "content")
        return contents.join(broadcast(names), "name")

    def _packed(self, number: int) -> bytes:
        """What a worker makes an input of, with the content that Spark hands to it."""
        path, size = self._files[number].path, self._files[number].size
        return pickle.dumps(Input(path, Path(path), number=number + 1, size=size, fields=self._fields))


def _files(spark: SparkSession, paths: Sequence[str]) -> DataFrame:
    reading = spark.read.format("binaryFile").option("recursiveFileLookup", value=True)
    return reading.option("ignoreMissingFiles", value=True).option("ignoreCorruptFiles", value=True).load(list(paths))


def _below(spark: SparkSession, path: str) -> list[_File]:
    """The files that one path names, in the order of our own reader."""
    from pyspark.errors import PySparkException

    try:
        rows = _files(spark, [path]).select("path", "length").collect()
    except PySparkException as error:
        said = str(error).strip().splitlines()[0]
        raise UsageError(f"Spark cannot list {path}: {said}", tip="check the path and the scheme") from None
    found = [_File(row["path"], row["length"]) for row in rows if _is_log(row["path"])]
    return sorted(found, key=lambda file: _as_walked(file.path))


def _is_log(path: str) -> bool:
    return path.rpartition("/")[2] not in IGNORED


def _as_walked(path: str) -> tuple[tuple[bool, str], ...]:
    """Files of a directory before those below it, as our own reader lists them."""
    *folders, name = path.split("/")
    return (*((True, folder) for folder in folders), (False, name))


def _one_a_partition(spark: SparkSession, rows: Sequence[tuple[object, ...]], columns: str) -> DataFrame:
    """A table with each row in a partition of its own: dealt out in turn from one partition."""
    return spark.createDataFrame(list(rows), columns).coalesce(1).repartition(len(rows))


def cores(spark: SparkSession) -> int:
    """How many tasks run at once, as far as Spark tells (through Spark Connect it does not)."""
    try:
        return max(1, spark.sparkContext.defaultParallelism)
    except (AttributeError, LogAnalyzerError, NotImplementedError):
        return 64
    except Exception as error:  # Spark Connect raises an error of its own that depends on the version
        if type(error).__name__.startswith("PySpark"):
            return 64
        raise

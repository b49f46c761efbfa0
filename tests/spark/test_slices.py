"""What workers hand to Spark: slices of the table, and records of the few requests that must be brought together."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import pyarrow as pa
import pytest

from loganalyzer import analyze
from loganalyzer.arrow import arrays
from loganalyzer.classifier.evidence import Window
from loganalyzer.formats import find_inputs
from loganalyzer.model import Request
from loganalyzer.simulate import simulate
from loganalyzer.spark import slices
from loganalyzer.spark.columns import requests_of
from loganalyzer.spark.records import Note, note_of
from loganalyzer.spark.scan import Apart, Scan
from loganalyzer.spark.tasks import Judge, JudgeSlices

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up export, and a request whose id is longer than a row holds."""
    folder = tmp_path_factory.mktemp("corpus")
    simulate(folder / "export", requests=1_000, failures=0.2, odd_ids=True, seed=2)
    line = f"2026-01-02T03:04:05.678Z ({'long-' * 20}) Method completed with status: 50"
    (folder / "long.log").write_text(f"{line}0\n{line}2\n")
    return folder


def scanned(*paths: Path, size: int, piece: int = 1 << 30) -> list[pa.RecordBatch]:
    """What scanning gives, by a worker."""
    work = arrays.binaries([pickle.dumps(list(enumerate(find_inputs(paths))))])
    return list(Scan(piece, size)([pa.RecordBatch.from_arrays([work], names=["work"])]))


def note_in(batches: Sequence[pa.RecordBatch]) -> Note:
    """The notes among some batches in one."""
    whole = Note()
    for batch in batches:
        for raw in batch.column("note").drop_null().to_pylist():
            whole.merge(note_of(raw))
    return whole


@pytest.mark.parametrize("size", [7, 500, 100_000])
def test_slices_hold_the_table(corpus: Path, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the size of a slice, what is judged of it are the requests of the table, but for those set apart."""
    monkeypatch.setattr("loganalyzer.analysis.READ_AGAIN", 0)
    batches = scanned(corpus, size=size)
    note = note_in(batches)
    wanted = {row.request_id: row for row in analyze(corpus, jobs=1).records(everything=True)}
    assert note.requests == len(wanted)
    window = Window(note.last, note.executed and not note.untraced)
    found: list[Request] = []
    for judged in JudgeSlices(Judge(window))(batches):
        found.extend(requests_of(pa.Table.from_batches([judged])))
    assert [row for row in found if row != wanted[row.request_id]] == []
    apart = [batch for batch in Apart()(batches) if batch.column("note").null_count]
    assert len(found) == len(wanted) - sum(batch.num_rows for batch in apart) > 900


def test_parts_are_told_apart(corpus: Path) -> None:
    """Each piece of an input is a part of its own, the same each time, and each request has one key in it."""
    batches = [batch for batch in scanned(corpus, size=100, piece=200_000) if batch.column("slice").null_count == 0]
    again = [batch for batch in scanned(corpus, size=100, piece=200_000) if batch.column("slice").null_count == 0]
    assert batches == again
    keys: dict[int, list[int]] = {}
    for batch in batches:
        keys.setdefault(batch.column("part")[0].as_py(), []).extend(batch.column("keys")[0].as_py())
    assert len(keys) > 2
    assert all(len(set(some)) == len(some) for some in keys.values())


def test_what_occurs_twice_is_set_apart(corpus: Path) -> None:
    """Requests whose keys occur in other parts become records; no other does that did not before."""
    [batch] = [batch for batch in scanned(corpus, size=100_000) if batch.column("slice").null_count == 0]
    before = sum(some.num_rows for some in Apart()([batch])) - 1
    keys = arrays.numpy_of(batch.column("keys").flatten())
    settled = np.flatnonzero(~next(slices.opened([batch])).apart)[:30]
    twice = arrays.one_list(keys[settled])
    marked = pa.RecordBatch.from_arrays([*batch.columns, twice], names=[*batch.schema.names, "twice"])
    assert sum(some.num_rows for some in Apart()([marked])) - 1 == before + 30


class _Conf:
    """The settings of a session that knows one of them, or none."""

    def __init__(self, value: str | None) -> None:
        self._value = value

    def get(self, name: str) -> str:
        """The setting."""
        if self._value is None:
            raise PySparkUnknown(name)
        return self._value


class PySparkUnknown(Exception):
    """What a session raises for a setting that it does not know."""


class _Session:
    def __init__(self, value: str | None) -> None:
        self.conf = _Conf(value)


@pytest.mark.parametrize(
    ("value", "size"),
    [
        (None, slices.FEW_AT_ONCE),
        ("67108864b", slices.AT_ONCE),
        ("64m", slices.AT_ONCE),
        ("2147483647b", slices.FEW_AT_ONCE),
        ("1g", slices.FEW_AT_ONCE),
        ("", slices.FEW_AT_ONCE),
    ],
)
def test_slices_are_small_where_spark_counts_no_bytes(value: str | None, size: int) -> None:
    """What a worker is given at a time is bounded in any version of Spark."""
    assert slices.size_for(cast("SparkSession", _Session(value))) == size

"""Spark gives the very table of one machine, whatever the files are like."""

from __future__ import annotations

import gzip
import shutil
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest

from loganalyzer import analyze
from loganalyzer.errors import NothingReadable, UsageError
from loganalyzer.formats import find_inputs
from loganalyzer.model import Request
from loganalyzer.simulate import simulate
from loganalyzer.spark import analyze as analyze_on
from loganalyzer.spark import columns
from loganalyzer.spark.flow import coverage_of, requests_in
from loganalyzer.spark.gathered import arrow_of
from loganalyzer.spark.slices import FEW_AT_ONCE
from loganalyzer.spark.sources import OwnInputs
from tests.classifier.cases import case_at, files
from tests.parser.logs import BAD, lines, text
from tests.spark.faults import KillsOnce, Unforeseen

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

FIXTURES = Path(__file__).parents[2] / "fixtures"


def rows_of(requests: list[Request]) -> list[Request]:
    """Rows in an order that does not depend on how they were found."""
    return sorted(requests, key=lambda row: (row.request_id, row.extended_request_id, row.path, row.status or 0))


def rows_on(table: DataFrame) -> list[Request]:
    """The rows of a table on the cluster."""
    return rows_of(list(columns.requests_of(arrow_of(table))))


def rows_here(*paths: Path) -> list[Request]:
    """The rows that one machine finds."""
    return rows_of(list(analyze(*paths, jobs=1).records(everything=True)))


def differences(found: list[Request], wanted: list[Request]) -> list[str]:
    """Rows that differ, in words: pytest would take minutes to compare thousands by itself."""
    if len(found) != len(wanted):
        return [f"{len(found)} rows instead of {len(wanted)}"]
    return [f"{one} instead of {other}" for one, other in zip(found, wanted, strict=True) if one != other][:3]


@pytest.fixture(scope="session")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every fixture as a file, and beside them a file cut short, one that is no log, an empty one."""
    folder = tmp_path_factory.mktemp("everything")
    for number, path in enumerate(files()):
        place = folder / f"stream-{number % 7}" / f"{number:06d}.log"
        place.parent.mkdir(exist_ok=True)
        place.write_text(case_at(path).log, encoding="utf-8")
    shutil.copytree(FIXTURES / "captures", folder / "captures")
    shutil.copytree(FIXTURES / "formats", folder / "formats")
    whole = (FIXTURES / "captures" / "error.log").read_bytes()
    (folder / "cut.gz").write_bytes(gzip.compress(whole)[:2000])
    (folder / "picture.gz").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    (folder / "zz").mkdir()
    (folder / "zz" / "empty").touch()
    (folder / "zz" / "odd.log").write_bytes(text(lines("b" * 50, *BAD, xid="c" * 50)))
    return folder


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up export of some MB."""
    folder = tmp_path_factory.mktemp("corpus") / "export"
    simulate(folder, size=2_000_000, seed=8, odd_ids=True)
    return folder


@pytest.mark.parametrize("reader", ["own", "spark"])
def test_every_fixture_reads_the_same(spark: SparkSession, everything: Path, reader: str) -> None:
    """Whoever reads the files, each row is that of one machine, and so is what was covered; bad files are in it."""
    few = [everything / name for name in ("captures", "stream-0", "cut.gz", "picture.gz", "zz")]
    paths = [everything] if reader == "own" else few  # what Spark hands over is the same for all forms
    table = analyze_on(spark, *paths, reader=reader)
    here = analyze(*paths, jobs=1)
    assert not differences(rows_on(table), rows_here(*paths))
    told = coverage_of(table)
    for name in ("files", "events", "bytes", "forms", "unknown_lines", "first_seen", "last_seen"):
        found, wanted = getattr(told, name), getattr(here.coverage, name)
        if name == "unknown_lines":
            found, wanted = found.count, wanted.count
        assert found == wanted, name
    problems = {(Path(one.where).name, one.what) for one in told.problems}
    assert problems >= {
        (Path(one.where).name, one.what) for one in here.coverage.problems if Path(one.where).name != "empty"
    }


def scattered(corpus: Path, folder: Path, *, most: int = 400) -> list[Path]:
    """The export in many small files of at most so many lines, those of a request in several of them."""
    rng = Random(3)
    lines = [
        line
        for file in sorted(corpus.rglob("*.gz"))
        for line in gzip.decompress(file.read_bytes()).split(b"\n2")
        if line.strip()
    ]
    events = [line if line.startswith(b"2") else b"2" + line for line in lines]
    folder.mkdir()
    paths: list[Path] = []
    at = 0
    while at < len(events):
        count = rng.randrange(max(1, most // 20), most)
        paths.append(folder / f"{len(paths):06d}")
        paths[-1].write_bytes(b"\n".join(event.rstrip(b"\n") for event in events[at : at + count]) + b"\n")
        at += count
    return paths


def test_requests_spread_over_objects_are_merged(spark: SparkSession, corpus: Path, tmp_path: Path) -> None:
    """Objects that cut requests, in any order, scanned in pieces, give the table of the whole."""
    paths = scattered(corpus, tmp_path / "pieces")
    inputs = find_inputs(paths)
    mixed = [replace(source, number=1) for source in Random(5).sample(inputs[1:], len(inputs) - 1)]
    table = requests_in(spark, OwnInputs(spark, [*inputs[:1], *mixed]), piece=100_000)
    assert not differences(rows_on(table), rows_here(*paths))


@pytest.fixture
def apart(monkeypatch: pytest.MonkeyPatch) -> int:
    """The most bytes judged together: none, so that a small log is judged as a large one is, here as well."""
    monkeypatch.setattr("loganalyzer.analysis.READ_AGAIN", 0)
    return 0


def test_large_logs_read_the_same(spark: SparkSession, everything: Path, apart: int) -> None:
    """Where requests are judged by the worker that has scanned them, each row is that of one machine too."""
    paths = [path for path in everything.iterdir() if path.name != "formats"]  # there one id is that of many requests
    source = OwnInputs(spark, find_inputs(paths))
    table = requests_in(spark, source, most_together=apart)
    assert not differences(rows_on(table), rows_here(*paths))
    here, told = analyze(*paths, jobs=1).coverage, coverage_of(table)
    assert (told.first_seen, told.last_seen, told.events) == (here.first_seen, here.last_seen, here.events)


@pytest.mark.parametrize("few", [0, 1_000_000], ids=["joined", "broadcast"])
def test_requests_of_several_parts_are_brought_together(
    spark: SparkSession, corpus: Path, tmp_path: Path, apart: int, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    """Only requests that stand in several parts travel, be they few or many; slices may be of any size."""
    paths = scattered(corpus, tmp_path / "pieces")
    inputs = find_inputs(paths)
    mixed = [replace(source, number=1) for source in Random(7).sample(inputs[1:], len(inputs) - 1)]
    monkeypatch.setattr("loganalyzer.spark.flow.FEW_KEYS", few)
    monkeypatch.setattr("loganalyzer.spark.slices.size_for", lambda spark: FEW_AT_ONCE)
    source = OwnInputs(spark, [*inputs[:1], *mixed])
    table = requests_in(spark, source, piece=100_000, most_together=apart)
    assert not differences(rows_on(table), rows_here(*paths))


def test_the_same_log_twice_is_read_as_once(spark: SparkSession, corpus: Path, tmp_path: Path, apart: int) -> None:
    """Where every request stands in two parts, all of them travel, and each is one row."""
    one, other = find_inputs([corpus]), find_inputs([shutil.copytree(corpus, tmp_path / "again")])
    table = requests_in(spark, OwnInputs(spark, [*one, *other]), piece=500_000, most_together=apart)
    assert not differences(rows_on(table), rows_here(corpus, tmp_path / "again"))


def test_thousands_of_tiny_objects_share_tasks(spark: SparkSession, tmp_path: Path) -> None:
    """Objects of a line or two, requests in several of them, are read in a few tasks."""
    simulate(tmp_path / "export", size=500_000, level="error", seed=9)
    paths = scattered(tmp_path / "export", tmp_path / "tiny", most=3)
    assert len(paths) > 2_000
    source = OwnInputs(spark, find_inputs(paths))
    assert source.all().rdd.getNumPartitions() <= 8
    assert not differences(rows_on(requests_in(spark, source)), rows_here(tmp_path / "tiny"))


def test_one_large_object_leaves_in_pieces(spark: SparkSession, corpus: Path, tmp_path: Path) -> None:
    """One object that holds everything is scanned in pieces, so that a worker never holds all of it."""
    whole = tmp_path / "whole.gz"
    whole.write_bytes(b"".join(file.read_bytes() for file in sorted(corpus.rglob("*.gz"))))
    source = OwnInputs(spark, find_inputs([whole]))
    table = requests_in(spark, source, piece=50_000)
    assert not differences(rows_on(table), rows_here(whole))


def test_workers_that_die_are_replaced(spark: SparkSession, corpus: Path, tmp_path: Path) -> None:
    """A worker lost in the midst of its work changes nothing, and an input that breaks a reader is in the coverage."""
    inputs = find_inputs([corpus])
    one = replace(inputs[0], remote=KillsOnce(inputs[0].path, tmp_path / "died"))
    broken = replace(inputs[0], name="strange", remote=Unforeseen("strange"))
    table = requests_in(spark, OwnInputs(spark, [one, *inputs[1:], broken]))
    assert (tmp_path / "died").exists()
    assert not differences(rows_on(table), rows_here(corpus))
    assert [problem.where for problem in coverage_of(table).problems] == ["strange"]


def test_rules_travel_and_secrets_do_not(spark: SparkSession) -> None:
    """The user's rules are applied by the workers; ``redacted`` masks what they hand back."""
    path, rules = FIXTURES / "captures" / "error.log", FIXTURES / "rules" / "shop.toml"
    table = analyze_on(spark, path, rules=rules)
    here = analyze(path, rules=rules, jobs=1)
    assert not differences(rows_on(table), rows_of(list(here.records(everything=True))))
    from loganalyzer.redact import redact_request

    masked = rows_on(analyze_on(spark, path, redacted=True))
    assert not differences(masked, rows_of(list(map(redact_request, rows_here(path)))))


def test_nothing_to_read_is_said(spark: SparkSession, tmp_path: Path) -> None:
    """A place without logs, one that does not exist and a reader that is none end with a sentence and a tip."""
    (tmp_path / "notes.txt").write_text("nothing of the kind\n" * 20)
    with pytest.raises(NothingReadable) as raised:
        analyze_on(spark, tmp_path)
    assert raised.value.tip
    for path, reader in ((tmp_path / "nowhere", "own"), (tmp_path / "nowhere", "spark"), (tmp_path, "other")):
        with pytest.raises(UsageError):
            analyze_on(spark, path, reader=reader)

"""The rate of Spark beside that of one machine, and what its workers hold: ``python tests/benchmarks/bench_spark.py``.

Both do the same work: every request as a row of Parquet, masked, as ``loganalyzer analyze --all --format parquet`` with
two processes and ``loganalyzer analyze --engine spark`` with ``local[2]`` write it. What counts is the marginal rate,
from the difference between a small and a large export, once Java has compiled what it runs: starting takes the same
time for any size. It is told by the clock, and for each second of a core (of Java and Python together), which says the
same on a busy machine. Memory is the most that one Python worker holds, with its share of what it shares (PSS).
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import pyarrow.parquet as pq

from loganalyzer import analyze
from loganalyzer.model import Request
from loganalyzer.reports.parquet import write_parquet
from loganalyzer.reports.report import Report
from loganalyzer.simulate import parse_size, simulate
from loganalyzer.spark import analyze as analyze_on
from loganalyzer.spark import coverage_of, write
from loganalyzer.spark.session import local
from tests.benchmarks.measure import ROOT, proportional_kb, tree

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SMALL = 4
"""The small export is so many times smaller; both are larger than what is judged in one piece."""


class Watch:
    """The most memory in MB that one worker held while this was on."""

    def __init__(self) -> None:
        self.most = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.1):
            held = [proportional_kb(pid) for pid in tree(os.getpid()) if _is_worker(pid)]
            self.most = max(self.most, max(held, default=0) * 1024 / 1e6)


def _is_worker(pid: int) -> bool:
    try:
        return b"pyspark.daemon" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def worked() -> float:
    """The seconds of cores that this process and all that it has started have used so far."""
    spent = 0.0
    for pid in tree(os.getpid()):
        with suppress(OSError):
            parts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            spent += sum(map(int, parts[11:15])) / os.sysconf("SC_CLK_TCK")
    return spent


class Taken(NamedTuple):
    """Seconds by the clock, and seconds of cores."""

    clock: float
    cores: float


def taken(job: Callable[[], object]) -> Taken:
    """What a job takes."""
    clock, cores = time.perf_counter(), worked()
    job()
    return Taken(time.perf_counter() - clock, worked() - cores)


class Bench:
    """Both engines on a small and a large export, in turn."""

    def __init__(self, spark: SparkSession, small: Path, large: Path, folder: Path) -> None:
        self._spark, self.small, self.large = spark, small, large
        self.there, self.here = folder / "there", folder / "here.parquet"
        self._found: dict[tuple[str, Path], list[Taken]] = {}
        self.bytes: dict[Path, int] = {}

    def on_spark(self, place: Path) -> None:
        """Write every request by Spark."""
        shutil.rmtree(self.there, ignore_errors=True)
        table = analyze_on(self._spark, place, redacted=True)
        write(table, str(self.there))
        self.bytes[place] = coverage_of(table).bytes
        self._spark.catalog.clearCache()

    def alone(self, place: Path) -> None:
        """Write every request by two processes of this machine."""
        analysis = analyze(place, jobs=2)
        report = Report(
            analysis.coverage,
            analysis.summary(),
            partial(analysis.records, everything=True),
            batches=lambda mask: analysis.batches(everything=True, mask=mask),
        )
        with self.here.open("wb") as file:
            write_parquet(report, file)

    def round(self) -> None:
        """Take the time of each engine on each export once."""
        for name, job in (("spark", self.on_spark), ("alone", self.alone)):
            for place in (self.small, self.large):
                self._found.setdefault((name, place), []).append(took := taken(partial(job, place)))
                print(f"  {name} {place.name}: {took.clock:.1f} s, {took.cores:.1f} s of cores", file=sys.stderr)

    def rate(self, name: str) -> Taken:
        """Bytes a second of what the large export has more than the small one, from medians."""
        small, large = (
            Taken(*map(statistics.median, zip(*self._found[name, place], strict=True)))
            for place in (self.small, self.large)
        )
        more = self.bytes[self.large] - self.bytes[self.small]
        return Taken(*(more / (late - early) for early, late in zip(small, large, strict=True)))

    def same(self) -> bool:
        """Whether both engines have written the same rows of the large export."""
        rows = [pq.read_table(place).select(_COLUMNS) for place in (self.there, self.here)]
        one, other = (table.sort_by([(name, "ascending") for name in _ORDER]) for table in rows)
        return bool(one.equals(other.cast(one.schema)))


_ORDER = ("request_id", "extended_request_id")
_COLUMNS = [field.name for field in fields(Request) if not field.name.endswith("_seen")]
"""What is compared: all but times, which Parquet files hold in different units."""


def exports(folder: Path, options: argparse.Namespace) -> tuple[Path, Path]:
    """The small and the large export: made up, or of an existing one and every fourth of its files."""
    small, large = folder / "small", folder / "large"
    if options.export is None:
        size = parse_size(options.size)
        simulate(small, size=size // SMALL, level="trace", streams=8)
        simulate(large, size=size, level="trace", streams=16)
        return small, large
    for number, file in enumerate(sorted(Path(options.export).rglob("*.gz"))):
        for place in (large, small) if number % SMALL == 0 else (large,):
            link = place / file.relative_to(options.export)
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(file.resolve())
    return small, large


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", default="200MB", help="how much text the large export has (default: 200MB)")
    parser.add_argument("--export", help="an export to read (.gz files) instead of a made-up one")
    parser.add_argument("--runs", type=int, default=3, help="runs to take medians of (default: 3)")
    options = parser.parse_args()
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        began = time.perf_counter()
        spark = local(master="local[2]", spark_driver_memory="2g")
        bench = Bench(spark, *exports(folder, options), folder)
        bench.on_spark(bench.small)
        print(f"start of Spark and its workers, and the small export: {time.perf_counter() - began:.1f} s")
        memory = {}
        for place in (bench.small, bench.large):
            with Watch() as watch:
                bench.on_spark(place)
            memory[place] = watch.most
        for _ in range(options.runs):
            bench.round()
        rate, alone = bench.rate("spark"), bench.rate("alone")
        for name, one in (("Spark local[2]", rate), ("one machine", alone)):
            print(f"{name + ':':<16}{one.clock / 1e6:.0f} MB/s, {one.cores / 1e6:.0f} MB for a second of a core")
        print(f"Spark has {rate.clock / alone.clock:.0%} of that, by cores {rate.cores / alone.cores:.0%}")
        for place, most in memory.items():
            print(f"most memory in a worker, {bench.bytes[place] / 1e6:.0f} MB of text: {most:.0f} MB")
        print(f"the rows of the large export are {'the same' if bench.same() else 'NOT THE SAME'} on both")
        spark.stop()


if __name__ == "__main__":
    main()

"""The rate of Spark beside that of one machine, and what its workers hold: ``python tests/benchmarks/bench_spark.py``.

Both make every request a row. What counts is the marginal rate, from the difference between a small and a large export:
starting Spark and its workers takes the same time for any size. It is told by the clock, and for each second of a core
(of Java and Python together), which says the same on a busy machine. Memory is that of each Python worker by itself.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from loganalyzer import analyze
from loganalyzer.simulate import parse_size, simulate
from loganalyzer.spark import analyze as analyze_on
from loganalyzer.spark.columns import requests_of
from loganalyzer.spark.gathered import arrow_of
from loganalyzer.spark.session import local
from tests.benchmarks.measure import proportional_kb, tree

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
        while not self._over.wait(0.2):
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


def marginal(run: Callable[[Path], object], small: Path, large: Path, size: int, runs: int) -> Taken:
    """Bytes a second of what the large export has more than the small one, from medians."""
    found: dict[Path, Taken] = {}
    for place in (small, large):
        several = [taken(partial(run, place)) for _ in range(runs)]
        found[place] = Taken(*(statistics.median(values) for values in zip(*several, strict=True)))
    print(f"  small {found[small]}, large {found[large]}", file=sys.stderr)
    more = size - size / SMALL
    return Taken(*(more / (late - early) for early, late in zip(found[small], found[large], strict=True)))


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", default="200MB", help="how much text the large export has (default: 200MB)")
    parser.add_argument("--runs", type=int, default=3, help="runs to take medians of (default: 3)")
    options = parser.parse_args()
    size = parse_size(options.size)
    with tempfile.TemporaryDirectory() as folder:
        small, large = Path(folder) / "small", Path(folder) / "large"
        simulate(small, size=size // SMALL, level="trace", streams=8)
        simulate(large, size=size, level="trace", streams=16)
        began = time.perf_counter()
        spark = local(master="local[2]", spark_driver_memory="2g")
        analyze_on(spark, small).write.format("noop").mode("overwrite").save()
        print(f"start of Spark and its workers: {time.perf_counter() - began:.1f} s")

        def on_spark(place: Path) -> None:
            analyze_on(spark, place).write.format("noop").mode("overwrite").save()
            spark.catalog.clearCache()

        def here(place: Path) -> None:
            for _ in analyze(place, jobs=2).records(everything=True):
                pass

        with Watch() as watch:
            rate = marginal(on_spark, small, large, size, options.runs)
        alone = marginal(here, small, large, size, options.runs)
        same = sorted(map(repr, requests_of(arrow_of(analyze_on(spark, large))))) == sorted(
            map(repr, analyze(large, jobs=2).records(everything=True))
        )
        for name, one in (("Spark local[2]", rate), ("one machine", alone)):
            print(f"{name + ':':<16}{one.clock / 1e6:.0f} MB/s, {one.cores / 1e6:.0f} MB for a second of a core")
        print(f"Spark has {rate.clock / alone.clock:.0%} of that, by cores {rate.cores / alone.cores:.0%}")
        print(f"most memory in a worker: {watch.most:.0f} MB")
        print(f"the rows of the large export are {'the same' if same else 'NOT THE SAME'} on both")
        spark.stop()


if __name__ == "__main__":
    main()

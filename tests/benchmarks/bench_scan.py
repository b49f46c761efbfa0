"""How fast an export is analysed, beside what else reads it: ``python tests/benchmarks/bench_scan.py --size 1GB``.

Programs run in turn and medians are compared: figures of one run of this script belong together, those of two do not.
The corpus is read from the page cache. Memory is taken in a run of its own, as taking it costs time.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from loganalyzer.simulate import parse_size, simulate
from tests.benchmarks.measure import Program, in_turn, show, take_memory

SENTENCE = ") Lambda execution failed with status 200 due to customer function error"
CATEGORIES = ("PROXY_INTEG_ERROR", "PROXY_INTEG_LAMBDA_TIMEOUT")
"""The categories of requests that say the sentence, once each."""

INFLATE = """
import os, sys
from isal import igzip
processes, files = int(sys.argv[1]), sys.argv[2:]
def inflate(files):
    room = bytearray(2 << 20)
    for name in files:
        with igzip.IGzipFile(name) as stream:
            while stream.readinto(room):
                pass
children = []
for share in range(processes):
    child = os.fork()
    if not child:
        inflate(files[share::processes])
        os._exit(0)
    children.append(child)
for child in children:
    os.waitpid(child, 0)
"""


@dataclass(frozen=True)
class Corpus:
    """An export on disk: its files, and the size of their text."""

    files: list[str]
    stored: int
    size: int
    lines: int


def arguments() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", default="100MB", help="how much text to make up (default: 100MB)")
    parser.add_argument("--runs", type=int, default=5, help="rounds to take medians of (default: 5)")
    parser.add_argument("--corpus", type=Path, help="a directory to keep the export in, or that holds one already")
    parser.add_argument("--level", default="trace", help="logging level of the export (default: trace)")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)), help="processes (default: all cores)")
    parser.add_argument("--no-memory", action="store_true", help="leave out the runs that take memory")
    return parser.parse_args()


@contextmanager
def export(options: argparse.Namespace) -> Iterator[Path]:
    """The directory with the export, made if need be."""
    if options.corpus is not None:
        if not options.corpus.exists():
            make(options.corpus, options)
        yield options.corpus
        return
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        made = Path(directory) / "export"
        make(made, options)
        yield made


def make(directory: Path, options: argparse.Namespace) -> None:
    """Write the export."""
    print(f"writing {options.size} of text to {directory} …", file=sys.stderr)
    simulate(directory, size=parse_size(options.size), level=options.level)


def measured(directory: Path) -> Corpus:
    """The export in a directory and the size of its text."""
    files = sorted(str(path) for path in directory.rglob("*.gz"))
    if not files:
        sys.exit(f"{directory} holds no .gz file")
    count = subprocess.run(f"gunzip -c {shlex.join(files)} | wc -lc", shell=True, capture_output=True, check=True)
    lines, size = map(int, count.stdout.split())
    return Corpus(files, sum(Path(file).stat().st_size for file in files), size, lines)


def programs(corpus: Corpus, directory: Path, output: Path, jobs: int) -> list[Program]:
    """What is compared: the first is what the others are measured by."""
    names = shlex.join(corpus.files)
    analyse = [sys.executable, "-m", "loganalyzer", "analyze", str(directory), "--format", "json", "--output"]
    found = [
        # through cat: grep stops at the first hit when its output goes nowhere
        Program("zgrep -c, one sentence", f"zgrep -c -F {shlex.quote(SENTENCE)} {names} | cat", good=(0, 1)),
        Program("gunzip -c | wc -l", f"gunzip -c {names} | wc -l"),
        Program("inflate alone, 1 process", [sys.executable, "-c", INFLATE, "1", *corpus.files]),
        Program(f"inflate alone, {jobs} processes", [sys.executable, "-c", INFLATE, str(jobs), *corpus.files]),
        Program("loganalyzer analyze --jobs 1", [*analyse, str(output / "one.json"), "--jobs", "1"]),
        Program("loganalyzer analyze", [*analyse, str(output / "all.json")]),
    ]
    if shutil.which("rg"):
        found.insert(2, Program("rg -c -z, one sentence", f"rg -c -z -F {shlex.quote(SENTENCE)} {names}", good=(0, 1)))
    return [*found, *by_hand(corpus)]


def by_hand(corpus: Corpus) -> Iterator[Program]:
    """What people write themselves, as far as what it takes is installed."""
    script = str(Path(__file__).with_name("by_hand.py"))
    for name, told, once in (("duckdb", "DuckDB by hand", False), ("pandas", "pandas as in a notebook", True)):
        if importlib.util.find_spec(name):
            yield Program(told, [sys.executable, script, name, *corpus.files], once=once)
        else:
            print(f"without {told}: pip install {name}", file=sys.stderr)


def row(program: Program, corpus: Corpus, yardstick: float) -> dict[str, str]:
    """One program's figures."""
    seconds = program.median
    return {
        "program": program.name,
        "wall s": f"{seconds:.2f}",
        "MB/s": f"{corpus.size / 1e6 / seconds:.0f}",
        "M lines/s": f"{corpus.lines / 1e6 / seconds:.2f}",
        "× zgrep": f"{seconds / yardstick:.2f}",
        "memory MB": f"{program.memory_mb:.0f}" if program.memory_mb else "-",
    }


def grepped(output: str) -> int:
    """How many lines zgrep counted in all files."""
    return sum(int(line.rpartition(":")[2]) for line in output.split())


def agreement(found: Sequence[Program], output: Path) -> str:
    """Whether the analyses count what the others count; exits if not."""
    counted = grepped(found[0].output)
    if (ripped := next((grepped(p.output) for p in found if p.name.startswith("rg")), counted)) != counted:
        sys.exit(f"zgrep counts {counted} requests, rg {ripped}")
    for name in ("one.json", "all.json"):
        document = json.loads((output / name).read_text(encoding="utf-8"))
        by_category = document["summary"]["by_category"]
        told = sum(by_category.get(category, 0) for category in CATEGORIES)
        if told != counted:
            sys.exit(f"zgrep counts {counted} requests, {name} {told}")
        refused = sum((request["status"] or 0) >= 400 for request in document["requests"])
        for program in found:
            if ("hand" in program.name or "notebook" in program.name) and int(program.output) != refused:
                sys.exit(f"{program.name} counts {program.output.strip()} failed requests, {name} {refused}")
    return (
        f"all agree: {counted} requests of {' and '.join(CATEGORIES)}, "
        f"{refused} requests completed with a status of 400 and above"
    )


def main() -> None:
    """Measure, and print the table."""
    options = arguments()
    with export(options) as directory, tempfile.TemporaryDirectory() as output:
        corpus = measured(directory)
        found = programs(corpus, directory, Path(output), options.jobs)
        in_turn(found, runs=options.runs)
        for program in found if not options.no_memory else ():
            take_memory(program)
        print(
            f"{corpus.size / 1e6:.0f} MB of text, {corpus.lines / 1e6:.2f} M lines in {len(corpus.files)} files, "
            f"{corpus.stored / 1e6:.0f} MB as .gz; median of {options.runs} runs\n"
        )
        show([row(program, corpus, found[0].median) for program in found])
        print("\n" + agreement(found, Path(output)))


if __name__ == "__main__":
    main()

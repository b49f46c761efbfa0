"""How fast events wrapped in JSON are analysed: ``python tests/benchmarks/bench_json.py --size 200MB``.

Documents of ``aws logs filter-log-events`` and objects that Firehose delivers hold the same make-believe log. Programs
run in turn and medians are compared; MB are those of the JSON, inflated. Memory is taken in a run of its own, for a
document and for one four times as long: it must not grow with the document.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from loganalyzer.parser.reader import events
from loganalyzer.simulate import parse_size, simulate
from tests.benchmarks.measure import Program, in_turn, show, take_memory
from tests.formats.entries import Entry
from tests.formats.written_documents import compact, filtered, records

JSON_PER_TEXT = 1.6
"""Bytes of JSON for each byte of text, about: what to ask of the simulation."""

EVENTS_A_RECORD = 60
RECORDS_AN_OBJECT = 600
LONGER = 4
LONG = "long.json"

DECODE = """
import sys, msgspec, gzip
from loganalyzer.formats.jsonvalues import Page
decoder = msgspec.json.Decoder(Page)
for name in sys.argv[1:]:
    decoder.decode(open(name, "rb").read())
"""


@dataclass(frozen=True)
class Corpus:
    """Files of one form: their folder, how many, and how much JSON they hold."""

    name: str
    folder: Path
    files: list[str]
    size: int


def arguments() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", default="100MB", help="how much JSON to make up of each form (default: 100MB)")
    parser.add_argument("--files", type=int, default=8, help="in how many documents (default: 8)")
    parser.add_argument("--runs", type=int, default=5, help="rounds to take medians of (default: 5)")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)), help="processes (default: all cores)")
    parser.add_argument("--no-memory", action="store_true", help="leave out the runs that take memory")
    return parser.parse_args()


def streams(folder: Path, size: int, count: int) -> Iterator[Iterator[Entry]]:
    """The events of so many log streams of about ``size`` bytes in all."""
    simulate(folder, size=size, level="trace", streams=count, compress=False)
    for path in sorted((folder / "exportedlogs").rglob("000000")):
        yield (Entry(e.time or 0, e.request_id, e.message.decode()) for e in events([path.read_bytes()]))


def write_pages(path: Path, log: Iterator[Entry]) -> int:
    """One document of filter-log-events in the indentation of the AWS CLI; how long it is."""

    size = 0
    with path.open("wb") as file:
        size += file.write(b'{\n    "events": [')
        for number, entry in enumerate(log):
            lines = json.dumps(filtered(number, entry), indent=4).replace("\n", "\n        ")
            size += file.write(f"{',' if number else ''}\n        {lines}".encode())
        size += file.write(b'\n    ],\n    "searchedLogStreams": []\n}\n')
    return size


def write_firehose(folder: Path, stem: str, log: Iterator[Entry]) -> int:
    """Objects of records glued together, compressed as Firehose does; how much JSON they hold."""
    size = 0
    for number in range(1 << 20):
        part = list(islice(log, EVENTS_A_RECORD * RECORDS_AN_OBJECT))
        if not part:
            break
        text = b"".join(
            compact(record)
            for at in range(0, len(part), EVENTS_A_RECORD)
            for record in records(part[at : at + EVENTS_A_RECORD])[1:]
        )
        (folder / f"{stem}-{number}").write_bytes(gzip.compress(text, 6))
        size += len(text)
    return size


def corpora(folder: Path, options: argparse.Namespace) -> tuple[Corpus, Corpus]:
    """The same log as documents of the CLI and as objects of Firehose."""
    print(f"writing {options.size} of JSON twice to {folder} …", file=sys.stderr)
    wanted = int(parse_size(options.size) / JSON_PER_TEXT)
    sizes = {"pages": 0, "firehose": 0}
    together: list[Entry] = []
    for name in sizes:
        (folder / name).mkdir()
    for number, log in enumerate(streams(folder / "export", wanted, options.files)):
        kept = list(log)
        sizes["pages"] += write_pages(folder / "pages" / f"{number}.json", iter(kept))
        together += kept if number < LONGER else []
        sizes["firehose"] += write_firehose(folder / "firehose", str(number), iter(kept))
    write_pages(folder / LONG, iter(together))
    pages, firehose = (
        Corpus(name, folder / name, sorted(map(str, (folder / name).iterdir())), size) for name, size in sizes.items()
    )
    return pages, firehose


def analysis(source: Path | str, *, jobs: int) -> list[str]:
    """The command that analyses files."""
    return [sys.executable, "-m", "loganalyzer", "analyze", str(source), "--jobs", str(jobs), "--format", "json"]


def programs(pages: Corpus, firehose: Corpus, jobs: int) -> list[tuple[Program, Corpus]]:
    """What is compared: the first is what the others are measured by."""
    found = [(Program("msgspec alone, pages, 1 process", [sys.executable, "-c", DECODE, *pages.files]), pages)]
    for corpus in (pages, firehose):
        for number in dict.fromkeys((1, jobs)):
            name = f"analyze {corpus.name} ({len(corpus.files)} files) --jobs {number}"
            found.append((Program(name, analysis(corpus.folder, jobs=number)), corpus))
    return found


def row(program: Program, corpus: Corpus, rate: float) -> dict[str, str]:
    """One program's figures."""
    own = corpus.size / 1e6 / program.median
    return {
        "program": program.name,
        "wall s": f"{program.median:.2f}",
        "MB/s of JSON": f"{own:.0f}",
        "CPU s": f"{statistics.median(program.cpu):.2f}",
        "MB per CPU s": f"{corpus.size / 1e6 / statistics.median(program.cpu):.0f}",
        "× msgspec": f"{own / rate:.2f}",
        "memory MB": f"{program.memory_mb:.0f}" if program.memory_mb else "-",
    }


def flatness(pages: Corpus, long: Path) -> str:
    """Memory for one document and for a long one."""
    paths = (Path(pages.files[0]), long)
    runs = [Program(path.name, analysis(path, jobs=1)) for path in paths]
    for program in runs:
        take_memory(program)
    told = [
        f"{run.memory_mb:.0f} MB at {path.stat().st_size / 1e6:.0f} MB of JSON"
        for run, path in zip(runs, paths, strict=True)
    ]
    return f"memory for one document: {', '.join(told)}: × {runs[1].memory_mb / runs[0].memory_mb:.2f}"


def report(found: Sequence[tuple[Program, Corpus]]) -> None:
    """Print the table."""
    first, corpus = found[0]
    rate = corpus.size / 1e6 / first.median
    show([row(program, corpus, rate) for program, corpus in found])


def main() -> None:
    """Measure, and print the table."""
    options = arguments()
    with tempfile.TemporaryDirectory(prefix="bench-json-") as directory:
        folder = Path(directory)
        pages, firehose = corpora(folder, options)
        found = programs(pages, firehose, options.jobs)
        in_turn([program for program, _ in found], runs=options.runs)
        for program, _ in found if not options.no_memory else ():
            take_memory(program)
        print(
            f"{pages.size / 1e6:.0f} MB of pages in {len(pages.files)} files, {firehose.size / 1e6:.0f} MB of records "
            f"in {len(firehose.files)} objects; median of {options.runs} runs\n"
        )
        report(found)
        if not options.no_memory:
            print("\n" + flatness(pages, folder / LONG))


if __name__ == "__main__":
    main()

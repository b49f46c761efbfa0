"""How fast events wrapped in JSON are analysed: ``python tests/benchmarks/bench_json.py --size 1GB``.

One make-believe log is written as an export to S3, as documents of ``aws logs filter-log-events`` in the indentation of
the CLI, and as objects that Firehose delivers, compressed. Each file has requests of its own: copies of one file would
share their texts, and flatter. What is measured is the whole command, from its start to the last byte of the report
with all failed requests; MB are those of the JSON, inflated. The marginal rate is that of the three quarters of the
files by which all of them are more than the first quarter: what a larger log would be read with, start-up aside.
Programs run in turn and medians are compared. What is found must be the same in all three forms. Memory is taken in a
run of its own, for a document and for one four times as long: it must not grow with the document.
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
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from loganalyzer.parser.reader import events
from loganalyzer.simulate import parse_size, simulate
from tests.benchmarks.measure import Program, finish, in_turn, show, start, take_memory
from tests.formats.entries import Entry
from tests.formats.written_documents import compact, filtered, records

JSON_PER_TEXT = 1.6
"""Bytes of JSON for each byte of text, about: what to ask of the simulation."""

EVENTS_A_RECORD = 60
RECORDS_AN_OBJECT = 600
LONGER = 4
PART = 4
"""The part of the files that the marginal rate leaves out."""

OF_GROUP = ("api_id", "api_stage")
"""What a form may tell of a request that another does not: the name of the log group."""

LONG = "long.json"
EXPORT = "export"

DECODE = """
import sys, msgspec, gzip
from loganalyzer.formats.jsonvalues import Page
decoder = msgspec.json.Decoder(Page)
for name in sys.argv[1:]:
    decoder.decode(open(name, "rb").read())
"""


@dataclass
class Corpus:
    """Files of one form, and how much JSON they hold, those of each stream in an entry of their own."""

    name: str
    folder: Path
    streams: list[list[Path]] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)

    @property
    def size(self) -> int:
        """All of the JSON."""
        return sum(self.sizes)

    @property
    def files(self) -> list[str]:
        """All files."""
        return [str(path) for stream in self.streams for path in stream]

    def first(self) -> Corpus:
        """The first streams alone."""
        count = max(1, len(self.streams) // PART)
        return Corpus(self.name, self.folder, self.streams[:count], self.sizes[:count])


def arguments() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", default="300MB", help="how much JSON to make up of each form (default: 300MB)")
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


def write_firehose(folder: Path, stem: str, log: Sequence[Entry]) -> tuple[list[Path], int]:
    """Objects of records glued together, compressed as Firehose does; their paths, and how much JSON they hold."""
    paths: list[Path] = []
    size = 0
    _, *whole = records(log, size=EVENTS_A_RECORD)
    for at in range(0, len(whole), RECORDS_AN_OBJECT):
        text = b"".join(map(compact, whole[at : at + RECORDS_AN_OBJECT]))
        paths.append(folder / f"{stem}-{len(paths)}")
        paths[-1].write_bytes(gzip.compress(text, 6))
        size += len(text)
    return paths, size


def corpora(folder: Path, options: argparse.Namespace) -> tuple[Corpus, Corpus]:
    """The same log as documents of the CLI and as objects of Firehose."""
    print(f"writing {options.size} of JSON twice to {folder} …", file=sys.stderr)
    wanted = int(parse_size(options.size) / JSON_PER_TEXT)
    pages, firehose = (Corpus(name, folder / name) for name in ("pages", "firehose"))
    together: list[Entry] = []
    for corpus in (pages, firehose):
        corpus.folder.mkdir()
    for number, log in enumerate(streams(folder / EXPORT, wanted, options.files)):
        kept = list(log)
        path = pages.folder / f"{number}.json"
        pages.sizes.append(write_pages(path, iter(kept)))
        pages.streams.append([path])
        objects, size = write_firehose(firehose.folder, str(number), kept)
        firehose.sizes.append(size)
        firehose.streams.append(objects)
        together += kept if number < LONGER else []
    write_pages(folder / LONG, iter(together))
    return pages, firehose


def analysis(sources: Sequence[str], output: Path, *, jobs: int) -> list[str]:
    """The command that analyses files."""
    command = [sys.executable, "-m", "loganalyzer", "analyze", *sources, "--jobs", str(jobs), "--format", "json"]
    return [*command, "--output", str(output)]


def programs(folder: Path, corpora: Sequence[Corpus], jobs: int) -> list[tuple[Program, Corpus]]:
    """What is compared: the first is what the others are measured by."""
    pages = corpora[0]
    found = [(Program("msgspec alone, pages, 1 process", [sys.executable, "-c", DECODE, *pages.files]), pages)]
    for corpus in corpora:
        for number in dict.fromkeys((1, jobs)):
            for part in (corpus.first(), corpus):
                name = f"analyze {corpus.name} ({len(part.files)} files) --jobs {number}"
                output = folder / f"{corpus.name}.out.json"
                found.append((Program(name, analysis(part.files, output, jobs=number)), part))
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


def marginal(found: Sequence[tuple[Program, Corpus]]) -> Iterator[str]:
    """What is read in a second more, of each form by each number of processes."""
    for (few, part), (many, corpus) in zip(found[1::2], found[2::2], strict=True):
        more = (corpus.size - part.size) / 1e6
        rate = more / (many.median - few.median)
        work = more / (statistics.median(many.cpu) - statistics.median(few.cpu))
        yield f"{many.name}, marginal: {rate:.0f} MB/s of JSON, {work:.0f} MB in a second of one processor"


def agreement(folder: Path, corpora: Sequence[Corpus], jobs: int) -> str:
    """Whether all forms tell the same of the log; exits if not."""
    told = folder / "export.out.json"
    finish(
        program := Program(EXPORT, analysis([str(folder / EXPORT / "exportedlogs")], told, jobs=jobs)), start(program)
    )
    summary, requests = outcome(told)
    for corpus in corpora:
        if outcome(folder / f"{corpus.name}.out.json") != (summary, requests):
            sys.exit(f"the {corpus.name} and the export that they were made of are told apart")
    return f"all forms agree on {len(requests)} requests that did not succeed"


def outcome(path: Path) -> tuple[object, list[dict[str, object]]]:
    """The summary and the requests that a report tells of, less what depends on the form."""
    document = json.loads(path.read_text(encoding="utf-8"))
    requests = [{k: v for k, v in one.items() if k not in OF_GROUP} for one in document["requests"]]
    return document["summary"], requests


def flatness(folder: Path, pages: Corpus) -> str:
    """Memory for one document and for a long one."""
    paths = (Path(pages.files[0]), folder / LONG)
    runs = [Program(path.name, analysis([str(path)], folder / "long.out.json", jobs=1)) for path in paths]
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
        both = pages, firehose = corpora(folder, options)
        found = programs(folder, both, options.jobs)
        in_turn([program for program, _ in found], runs=options.runs)
        for program, _ in found if not options.no_memory else ():
            take_memory(program)
        print(
            f"{pages.size / 1e6:.0f} MB of pages in {len(pages.files)} files, {firehose.size / 1e6:.0f} MB of records "
            f"in {len(firehose.files)} objects; median of {options.runs} runs\n"
        )
        report(found)
        print("", *marginal(found), "", agreement(folder, both, options.jobs), sep="\n")
        if not options.no_memory:
            print(flatness(folder, pages))


if __name__ == "__main__":
    main()

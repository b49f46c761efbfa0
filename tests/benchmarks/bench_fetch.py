"""Fetching five million events through all troubles: ``python tests/benchmarks/bench_fetch.py``.

The log has 300 streams; the server throttles by the quota of us-east-1, drops connections, answers with errors, cuts
answers off, gives tokens that repeat and go bad; the fetch is killed ten times with SIGKILL. In the end every event
must be stored once and in order, and no process may have held more than 200 MB. Then the same log is fetched once more
without any of that, to see how much of the quota is used. Last a year in which little was logged, to see how many calls
that takes: each looks through a day.
"""

from __future__ import annotations

import argparse
import gzip
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from loganalyzer.formats.stored import read_journal
from tests.aws import CloudWatch, GeneratedEvents, Troubles
from tests.fetcher.logs import HOUR, NAME, NOW, message
from tests.fetcher.processes import kept, kill_when, start_fetch

REGION, QUOTA = "us-east-1", 25
TROUBLES = Troubles(errors=97, resets=89, cut_bodies=101, repeated=41, stuck=53, bad_tokens=61, empty=47)
MOST_MB = 200


def numbers(directory: Path) -> Iterator[int]:
    """The numbers of all events that count, in the order in which they are stored."""
    for _, window in sorted(read_journal(directory).windows.items()):
        if window.file:
            with gzip.open(directory / window.file, "rt") as lines:
                for line in lines:
                    yield int(line.rpartition("#")[2])


def check(out: Path, count: int) -> str:
    """What is wrong with what was stored; empty if nothing is."""
    (directory,) = out.iterdir()
    expected = 0
    for number in numbers(directory):
        if number != expected:
            return f"event {number} stands where {expected} should"
        expected += 1
    return "" if expected == count else f"{expected:,} events instead of {count:,}"


def run(aws: CloudWatch, out: Path, *, kills: int, count: int) -> tuple[float, float, int]:
    """Fetch, killed so often; seconds, calls a second while processes ran, and the last one's peak of memory in MB."""
    began, active, calls = time.perf_counter(), 0.0, 0
    for number in range(kills + 1):
        before = len(aws.desk.times.get("FilterLogEvents", []))
        process = start_fetch(
            aws, out, name=NAME, region=REGION, since=NOW - 2 * HOUR, until=NOW, piece_bytes=8_000_000
        )
        if number < kills:
            wanted = max(kept(out), (number + 1) * count // (kills + 2))
            assert kill_when(process, out, more_than=wanted, seconds=3600), "it ended before it was killed"
        else:
            peak = int(process.communicate()[0])
        times = aws.desk.times["FilterLogEvents"][before:]
        active += times[-1] - times[0]
        calls += len(times)
        print(f"  {number + 1}: {kept(out):,} events stored, {calls:,} calls", file=sys.stderr)
    return time.perf_counter() - began, calls / active, peak


def report(name: str, aws: CloudWatch, out: Path, *, kills: int, count: int) -> bool:
    """Run and print; whether all is as it should be."""
    seconds, rate, peak = run(aws, out, kills=kills, count=count)
    wrong = check(out, count)
    throttled = aws.desk.throttled["FilterLogEvents"]
    print(f"{name}: {wrong or f'{count:,} events, 0 lost, 0 doubled, in order'}")
    print(f"  {seconds:.0f} s, {rate:.1f} calls/s of {QUOTA}, {throttled} throttled, peak {peak} MB")
    print(f"  {dict(aws.troubles.met)}")
    return not wrong and peak <= MOST_MB


def sparse(count: int) -> bool:
    """Fetch a year with few events, and print the calls; whether nothing is missing."""
    year = 365 * 24 * HOUR
    with CloudWatch() as aws, tempfile.TemporaryDirectory() as out:
        events = GeneratedEvents(count, start=NOW - year, span=year - HOUR, message=message)
        aws.group(NAME, region=REGION, events=events, scan_span=24 * HOUR)
        aws.limit("FilterLogEvents", rate=QUOTA, burst=QUOTA)
        start_fetch(aws, Path(out), name=NAME, region=REGION, since=NOW - year, until=NOW, piece_bytes=8_000_000).wait()
        wrong = check(Path(out), count)
        calls = aws.desk.calls["FilterLogEvents"]
    print(f"sparse year: {wrong or f'{count:,} events'}, {calls:,} calls; one a minute would be {year // 60_000:,}")
    return not wrong


def main() -> None:
    """Run all."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--events", type=int, default=5_000_000)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--bytes", type=int, default=300, help="about how long a message is")
    given = parser.parse_args()
    filler = "x" * max(0, given.bytes - 110)

    def text(number: int) -> str:
        head, _, tail = message(number).rpartition(" #")
        return f"{head} {filler} #{tail}"

    good = True
    for name, kills, troubles in (("troubled", given.kills, TROUBLES), ("undisturbed", 0, Troubles())):
        with CloudWatch(troubles=troubles) as aws, tempfile.TemporaryDirectory() as out:
            events = GeneratedEvents(given.events, start=NOW - 2 * HOUR, span=2 * HOUR - 60_000, message=text)
            aws.group(NAME, region=REGION, events=events)
            aws.limit("FilterLogEvents", rate=QUOTA, burst=QUOTA)
            good = report(name, aws, Path(out), kills=kills, count=given.events) and good
    sys.exit(not (sparse(10_000) and good))


if __name__ == "__main__":
    main()

"""A fetch that is killed again and again, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from loganalyzer.formats.stored import read_journal
from tests.aws import CloudWatch, Troubles
from tests.fetcher.logs import HOUR, NAME, NOW, log, numbers

ROOT = Path(__file__).parents[2]

FETCH = """
import sys
from pathlib import Path
from loganalyzer.fetcher.fetch import fetch_groups
from loganalyzer.fetcher.region import Options
from loganalyzer.fetcher.group import LogGroup
from loganalyzer.fetcher.session import client

name, out, since, until = sys.argv[1:]
fetch_groups(
    [LogGroup(name, "us-east-1")],
    since=int(since),
    until=int(until),
    place=lambda group: Path(out),
    clients=lambda region: client("logs", region=region, attempts=1),
    options=Options(settle=0.0, piece_bytes=100_000),
)
# Not getrusage: its peak is that of the parent where a process was forked from a larger one.
(peak,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
print(int(peak.split()[1]) // 1024)
"""


def start(aws: CloudWatch, out: Path, since: int, until: int) -> subprocess.Popen[str]:
    """Begin the fetch."""
    environment = {**os.environ, **aws.environment, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", FETCH, NAME, str(out), str(since), str(until)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def kept(out: Path) -> int:
    """How many events count by now."""
    return sum(w.events for path in out.glob("*") for w in read_journal(path).windows.values())


def kill_when(process: subprocess.Popen[str], out: Path, *, more_than: int, seconds: float = 30) -> bool:
    """Kill it with SIGKILL once so many events count; whether it was still running."""
    until = time.monotonic() + seconds
    while process.poll() is None and kept(out) <= more_than and time.monotonic() < until:
        time.sleep(0.02)  # another process works: there is nothing else to wait for
    killed = process.poll() is None
    process.kill()
    process.communicate()
    return killed


@pytest.mark.slow
def test_nothing_is_lost_or_doubled_by_kills(tmp_path: Path) -> None:
    """Killed ten times in the midst, under throttling and all troubles, it ends with every event once and in order."""
    since, until = NOW - 2 * HOUR, NOW - HOUR
    troubles = Troubles(errors=31, resets=37, cut_bodies=41, repeated=17, stuck=19, bad_tokens=43, empty=13)
    count = 40_000
    with CloudWatch(troubles=troubles) as aws:
        aws.group(NAME, region="us-east-1", events=log(count, start=since), page_events=600)
        kills = 0
        while kills < 10 and kept(tmp_path) < count * 0.9:
            kills += kill_when(start(aws, tmp_path, since, until), tmp_path, more_than=kept(tmp_path))
        process = start(aws, tmp_path, since, until)
        said, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    assert kills >= 5
    (directory,) = tmp_path.iterdir()
    assert numbers(directory) == list(range(count))
    assert int(said.splitlines()[-1]) <= 200

"""A fetch in a process of its own, that can be killed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from loganalyzer.formats.stored import read_journal
from tests.aws import CloudWatch

ROOT = Path(__file__).parents[2]

FETCH = """
import sys
from pathlib import Path
from loganalyzer.fetcher.fetch import fetch_groups
from loganalyzer.fetcher.group import LogGroup
from loganalyzer.fetcher.region import Options
from loganalyzer.fetcher.session import client

name, region, out, since, until, piece = sys.argv[1:]
fetch_groups(
    [LogGroup(name, region)],
    since=int(since),
    until=int(until),
    place=lambda group: Path(out),
    clients=lambda region: client("logs", region=region, attempts=1),
    options=Options(settle=0.0, piece_bytes=int(piece)),
)
# Not getrusage: its peak is that of the parent where a process was forked from a larger one.
(peak,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
print(int(peak.split()[1]) // 1024)
"""


def start_fetch(
    aws: CloudWatch, out: Path, *, name: str, region: str, since: int, until: int, piece_bytes: int
) -> subprocess.Popen[str]:
    """Begin a fetch; in the end it prints its peak of memory in MB."""
    environment = {**os.environ, **aws.environment, "PYTHONPATH": str(ROOT)}
    arguments = (name, region, str(out), str(since), str(until), str(piece_bytes))
    return subprocess.Popen(
        [sys.executable, "-c", FETCH, *arguments], env=environment, stdout=subprocess.PIPE, text=True
    )


def kept(out: Path) -> int:
    """How many events count by now."""
    return sum(w.events for path in out.glob("*") for w in read_journal(path).windows.values())


def kill_when(process: subprocess.Popen[str], out: Path, *, more_than: int, seconds: float = 60) -> bool:
    """Kill it with SIGKILL once more events count than so many; whether it was still running."""
    until = time.monotonic() + seconds
    while process.poll() is None and kept(out) <= more_than and time.monotonic() < until:
        time.sleep(0.02)  # another process works: there is nothing else to wait for
    killed = process.poll() is None
    process.kill()
    process.communicate()
    return killed

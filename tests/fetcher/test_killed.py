"""A fetch that is killed again and again."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.aws import CloudWatch, Troubles
from tests.fetcher.logs import HOUR, NAME, NOW, log, numbers
from tests.fetcher.processes import kept, kill_when, start_fetch

COUNT = 40_000
KILLS = 10


@pytest.mark.slow
def test_nothing_is_lost_or_doubled_by_kills(tmp_path: Path) -> None:
    """Killed ten times in the midst, with all troubles on the way, it ends with every event once and in order.

    The full size of this is ``tests/benchmarks/bench_fetch.py``.
    """
    since = NOW - 2 * HOUR
    troubles = Troubles(errors=31, resets=37, cut_bodies=41, repeated=17, stuck=19, bad_tokens=43, empty=13)

    def fetch() -> subprocess.Popen[str]:
        return start_fetch(
            aws, tmp_path, name=NAME, region="us-east-1", since=since, until=NOW - HOUR, piece_bytes=60_000
        )

    with CloudWatch(troubles=troubles) as aws:
        aws.group(NAME, region="us-east-1", events=log(COUNT, start=since), page_events=400)
        for number in range(KILLS):
            # A little further each time, so that there is something left for the last one.
            wanted = max(kept(tmp_path), number * COUNT // (KILLS + 6))
            assert kill_when(fetch(), tmp_path, more_than=wanted), number
        process = fetch()
        said, _ = process.communicate(timeout=300)
    assert process.returncode == 0
    (directory,) = tmp_path.iterdir()
    assert numbers(directory) == list(range(COUNT))
    assert int(said) <= 200

"""Logs to fetch, and what was fetched of them."""

from __future__ import annotations

import gzip
from pathlib import Path

from loganalyzer.fetcher.fetch import fetch_groups
from loganalyzer.fetcher.group import LogGroup
from loganalyzer.fetcher.progress import Tell
from loganalyzer.fetcher.region import Options
from loganalyzer.formats.stored import Fetched, read_journal
from tests.aws import ACCOUNT, CloudWatch, GeneratedEvents, SimulatedTime

NOW = 1_793_620_000_000
"""2026-11-02T11:46:40Z, when simulated time begins."""

HOUR = 3_600_000
NAME = "API-Gateway-Execution-Logs_abcde12345/prod"
GROUP = LogGroup(NAME, "eu-central-1", ACCOUNT)

_COMPLETED = "Method completed with status: 200"


def request_id(number: int) -> str:
    """The id of a request, the same for the same number."""
    return f"{number:08x}-9b1d-4c7e-8a55-0d2f7b6c1e90"


def message(number: int) -> str:
    """The text of the event of that number: three lines a request, two requests at a time."""
    request = number // 6 * 2 + number % 2
    texts = ("Starting execution for request: {0}", "HTTP Method: GET, Resource Path: /{1}", _COMPLETED)
    return f"({request_id(request)}) {texts[number // 2 % 3].format(request_id(request), number)} #{number}"


def log(count: int, *, start: int = NOW - HOUR, span: int = HOUR - 60_000, burst: int = 7) -> GeneratedEvents:
    """So many numbered events, evenly spread."""
    return GeneratedEvents(count, start=start, span=span, message=message, burst=burst)


def fetched(
    aws: CloudWatch,
    out: Path,
    *,
    since: int = NOW - HOUR,
    until: int = NOW,
    groups: tuple[LogGroup, ...] = (GROUP,),
    options: Options | None = None,
    tell: Tell | None = None,
) -> Fetched:
    """Fetch from the server, on its own time."""
    assert isinstance(aws.time, SimulatedTime)
    return fetch_groups(
        groups,
        since=since,
        until=until,
        place=lambda group: out,
        clients=lambda region: aws.client(region=region),
        options=options,
        clock=aws.time,
        tell=tell,
    )


def lines(directory: Path) -> list[str]:
    """All lines in the files that count, in the order of the files."""
    found: list[str] = []
    for span, window in sorted(read_journal(directory).windows.items()):
        if window.file:
            own = gzip.decompress((directory / window.file).read_bytes()).decode().split("\n")[:-1]
            assert len([line for line in own if not line.startswith("\t")]) == window.events, span
            found += own
    return found


def numbers(directory: Path) -> list[int]:
    """The numbers of all events in the files that count."""
    return [int(line.rpartition("#")[2]) for line in lines(directory)]

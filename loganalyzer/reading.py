"""The way in: :func:`analyze` reads and judges logs, :func:`explain` says what a category means.

What it takes is loaded when they are called, for long logs while a process already gets ready for its share of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from loganalyzer.parser.worker import PARALLEL_FROM, cores, started_early

if TYPE_CHECKING:
    import pandas as pd

    from loganalyzer.analysis import Analysis
    from loganalyzer.classifier.rules import Entry, Rules
    from loganalyzer.correlate.logs import FetchLogs, Logs
    from loganalyzer.formats import Input, Source
    from loganalyzer.formats.stored import Fetched
    from loganalyzer.parser.table import Progress

    LogSource = str | Path | BinaryIO | Fetched
    """A log beside the execution log: a path or an open file, what was fetched, or ``auto``."""


def analyze(
    *sources: Source | pd.DataFrame,
    successes: bool = True,
    lambda_logs: Sequence[LogSource] | LogSource = (),
    access_logs: Sequence[LogSource] | LogSource = (),
    fetch: FetchLogs | None = None,
    rules: Rules = (),
    jobs: int | None = None,
    progress: Progress | None = None,
    profile: str | None = None,
    region: str | None = None,
    fields: Mapping[str, str] | None = None,
) -> Analysis:
    """Read execution logs and diagnose every failed request in them.

    ``sources`` are paths of files or directories, globs, ``s3://bucket/prefix`` URLs, ``-`` for standard input, or open
    binary files, in any form that :mod:`loganalyzer.formats` knows, DataFrames with an event a row (of Insights,
    awswrangler, CloudWatch), or what :func:`loganalyzer.fetch` returns; without ``successes`` the requests that
    succeeded are counted and get no row, which takes
    half the time and less memory; ``rules`` are TOML files that add to the catalogue or override entries of it;
    ``jobs`` is the number of processes (by default as many as pay); ``progress`` is called with bytes done and bytes in
    all; ``lambda_logs`` and ``access_logs`` are the logs of the functions and the API's access log in any form, joined
    to failed requests by the ids in them (to all that have a row, if there are rows of ``successes``), or ``auto`` for
    those that the account has of the same time, which ``fetch`` brings, by default into the cache; ``profile`` and
    ``region`` are those of AWS for what is in S3 and in the account; ``fields`` names the field or column of records
    for a role (``{"message": "payload"}``, see :data:`loganalyzer.formats.fields.ROLES`) where guessing does not do.
    Raises :class:`UsageError` for a path that does not exist, rules with a fault and a DataFrame without messages,
    :class:`NothingReadable` if no source holds an execution log, and :class:`~loganalyzer.errors.AwsError` for what AWS
    refuses.
    """
    with _process_at_hand(sources, jobs):
        from loganalyzer.formats import fields_of, find_inputs
        from loganalyzer.formats.stored import Fetched
        from loganalyzer.parser.table import scan
        from loganalyzer.sources import demand_readable, readable

        entries = _entries(rules) if rules else None
        said = fields_of(fields)
        inputs = find_inputs(readable(sources, said), profile=profile, region=region, fields=said)
        logs = _logs(lambda_logs, access_logs, inputs, fetch=fetch, profile=profile, region=region)
        fetched = [source for source in sources if isinstance(source, Fetched)]
        brief = not successes and entries is None  # own rules may speak of what succeeded
        table = scan(inputs, brief=brief, jobs=jobs, progress=progress, meanwhile=_ready_to_judge)
        demand_readable(table.coverage, inputs, sources)
        asked = [(one.since, one.until) for one in fetched] if len(fetched) == len(sources) else []
        return _ready_to_judge()(inputs, table, entries=entries, logs=logs, successes=successes, asked=asked)


def _entries(rules: Rules) -> Mapping[str, Entry] | None:
    """The catalogue with the user's rules in it, None if these change nothing."""
    from loganalyzer.classifier.rules import catalogue, catalogue_with

    entries = catalogue_with(rules)
    return None if entries == catalogue() else entries


def _ready_to_judge() -> type[Analysis]:
    """What judges the requests, loaded and with the catalogue read, which takes a tenth of a second."""
    from loganalyzer.analysis import Analysis
    from loganalyzer.classifier.rules import catalogue

    catalogue()
    return Analysis


def explain(category: str, *, rules: Rules = ()) -> Entry:
    """The catalogue's entry of a category, in which ``rules`` count as in :func:`analyze`.

    Raises :class:`UsageError` with the nearest name for an unknown one.
    """
    from loganalyzer.classifier.rules import catalogue_with, entry_of

    return entry_of(category, entries=catalogue_with(rules))


def _are_long(sources: Sequence[object]) -> bool:
    """Whether there are several files with enough bytes together for several processes in what is named."""
    sizes = (size for source in sources if isinstance(source, str | Path) for size in _sizes(Path(source)))
    return any(total >= PARALLEL_FROM and number for number, total in enumerate(accumulate(sizes)))


def _sizes(path: Path) -> Iterator[int]:
    """How large the files are that stand under a name, as far as they can be seen."""
    try:
        for entry in path.rglob("*") if path.is_dir() else [path]:
            if entry.is_file():
                yield entry.stat().st_size
    except OSError:  # said by whoever reads it
        return


def _process_at_hand(sources: Sequence[object], jobs: int | None) -> AbstractContextManager[None]:
    return started_early() if (jobs or cores()) > 1 and _are_long(sources) else nullcontext()


def _logs(
    lambda_logs: Sequence[LogSource] | LogSource,
    access_logs: Sequence[LogSource] | LogSource,
    inputs: Sequence[Input],
    *,
    fetch: FetchLogs | None,
    profile: str | None,
    region: str | None,
) -> Logs | None:
    """The logs to read beside the execution log, None if there are none."""
    if not lambda_logs and not access_logs:
        return None
    from loganalyzer.correlate.logs import logs_of

    return logs_of(_several(lambda_logs), _several(access_logs), inputs, fetch=fetch, profile=profile, region=region)


def _several(logs: Sequence[LogSource] | LogSource) -> Sequence[LogSource]:
    """The sources, be it that one alone was given."""
    return logs if isinstance(logs, Sequence) and not isinstance(logs, str) else [logs]

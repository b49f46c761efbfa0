"""Logs read for a command: with a progress bar, and with workers that start while the program still loads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from loganalyzer.analysis import Analysis
    from loganalyzer.classifier.rules import Entry
    from loganalyzer.correlate.logs import FetchLogs


def read(
    sources: tuple[object, ...],
    *,
    rules: Mapping[str, Entry],
    successes: bool = True,
    lambda_logs: tuple[str, ...] = (),
    access_logs: tuple[str, ...] = (),
    fetch: FetchLogs | None = None,
    jobs: int | None,
    profile: str | None = None,
    region: str | None = None,
    fields: Mapping[str, str] | None = None,
    then: str = "",
) -> Analysis:
    """The analysis of the sources by the rules of a catalogue, with a progress bar where it can be seen.

    ``then`` names a function (``module:function``) that gets a worker ready for what comes after reading.
    """
    from loganalyzer.parser.allocation import keep_freed_memory
    from loganalyzer.parser.worker import PARALLEL_FROM, start_early

    keep_freed_memory()
    if jobs != 1 and _holds(sources, PARALLEL_FROM):
        start_early(then=then)
    from loganalyzer.analysis import analyze as analyzed
    from loganalyzer.cli.progress import progress

    with progress() as told:
        return analyzed(
            *sources,  # type: ignore[arg-type]
            successes=successes,
            lambda_logs=lambda_logs,
            access_logs=access_logs,
            fetch=fetch,
            rules=rules,
            jobs=jobs,
            progress=told,
            profile=profile,
            region=region,
            fields=fields,
        )


def _holds(sources: tuple[object, ...], enough: int) -> bool:
    """Whether there are several files of so many bytes together in what is named."""
    sizes = (size for source in sources if isinstance(source, str) for size in _sizes(Path(source)))
    return any(total >= enough and number for number, total in enumerate(accumulate(sizes)))


def _sizes(path: Path) -> Iterator[int]:
    """How large the files are that stand under a name, as far as they can be seen."""
    try:
        for entry in path.rglob("*") if path.is_dir() else [path]:
            if entry.is_file():
                yield entry.stat().st_size
    except OSError:  # said by whoever reads it
        return

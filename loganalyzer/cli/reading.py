"""Logs read for a command: with a progress bar, and with workers that start while the program still loads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from loganalyzer.cli.progress import progress

if TYPE_CHECKING:
    from loganalyzer.analysis import Analysis
    from loganalyzer.classifier.rules import Rules
    from loganalyzer.correlate.logs import FetchLogs


def read(
    sources: tuple[object, ...],
    *,
    rules: Rules,
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
    from loganalyzer.parser.worker import stay
    from loganalyzer.reading import analyze

    keep_freed_memory()
    stay(then=then)
    with progress() as told:
        return analyze(
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

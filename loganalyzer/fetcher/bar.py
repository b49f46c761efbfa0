"""The progress of a fetch as a bar, on a terminal or in a notebook."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from loganalyzer.fetcher.plan import duration_text, size_text
from loganalyzer.fetcher.progress import Progress, Tell


@contextmanager
def shown() -> Iterator[Tell | None]:
    """Something to tell the progress to; None where nobody would see it."""
    notebook = "ipykernel" in sys.modules
    if not notebook and not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bar

    console = Console(force_jupyter=True) if notebook else Console(stderr=True)
    columns = TextColumn("fetching"), BarColumn(), TextColumn("{task.fields[said]}")
    with Bar(*columns, console=console, transient=not notebook) as bar:
        task = bar.add_task("fetching", total=1.0, said="")
        yield lambda progress: bar.update(task, completed=progress.share, said=said(progress))


def said(progress: Progress) -> str:
    """``12 windows, 34,567 events, 8.9 MB, 1.2 MB/s, 40 s left``."""
    left = "" if progress.seconds_left is None else f", {duration_text(progress.seconds_left)} left"
    rate = f"{size_text(progress.bytes_per_second)}/s"
    windows = f"{progress.windows} window{'s' if progress.windows != 1 else ''}"
    return f"{windows}, {progress.events:,} events, {size_text(progress.bytes)}, {rate}{left}"

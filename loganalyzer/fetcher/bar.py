"""The progress of a fetch as a bar, on a terminal or in a notebook."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from threading import Lock
from time import monotonic
from typing import Any

from loganalyzer.fetcher.plan import duration_text, size_text
from loganalyzer.fetcher.progress import Progress, Tell

_SECONDS_APART = 0.2
"""A notebook sends every drawing to the browser, and may keep it in a file."""


@contextmanager
def shown() -> Iterator[Tell | None]:
    """Something to tell the progress to; None where nobody would see it."""
    if _in_notebook():
        drawing = _InNotebook()
        try:
            yield drawing.tell
        finally:
            drawing.end()
    elif sys.stderr.isatty():
        yield from _on_terminal()
    else:
        yield None


def _in_notebook() -> bool:
    """Whether cells are run here: a shell of IPython that has a kernel."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return getattr(shell, "kernel", None) is not None


def _on_terminal() -> Iterator[Tell]:
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = TextColumn("fetching"), BarColumn(), TextColumn("{task.fields[said]}")
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("fetching", total=1.0, said="")
        yield lambda progress: bar.update(task, completed=progress.share, said=said(progress))


class _InNotebook:
    """A bar below the cell, from the first page on; in plain HTML, as widgets need what many notebooks do not have."""

    def __init__(self) -> None:
        # Threads that read do not know which cell they work for.
        self._context = copy_context()
        self._lock = Lock()
        self._handle: Any = None
        self._newest: Progress | None = None
        self._drawn = 0.0

    def tell(self, progress: Progress) -> None:
        """Take in how far it is; draw it if that was not done a moment ago."""
        with self._lock:
            self._newest = progress
            if monotonic() - self._drawn >= _SECONDS_APART:
                self._draw(progress, self._context.run)

    def end(self) -> None:
        """Draw how far it came."""
        with self._lock:
            if self._newest is not None:
                self._draw(self._newest, lambda draw, *given: draw(*given))

    def _draw(self, progress: Progress, run: Callable[..., Any]) -> None:
        bar = f'<progress max="1" value="{progress.share:.3f}" style="width: 20em"></progress>'
        shown = {"text/html": f"{bar} {said(progress)}", "text/plain": said(progress)}
        self._drawn = monotonic()
        if self._handle is None:
            self._handle = run(_display, shown)
        else:
            run(self._update, shown)

    def _update(self, shown: dict[str, str]) -> None:
        self._handle.update(shown, raw=True)


def _display(shown: dict[str, str]) -> Any:
    from IPython.display import display

    return display(shown, raw=True, display_id=True)  # type: ignore[no-untyped-call]


def said(progress: Progress) -> str:
    """``12 windows, 34,567 events, 8.9 MB, 1.2 MB/s, 40 s left``."""
    left = (
        "" if progress.seconds_left is None or progress.share >= 1 else f", {duration_text(progress.seconds_left)} left"
    )
    rate = f"{size_text(progress.bytes_per_second)}/s"
    windows = f"{progress.windows} window{'s' if progress.windows != 1 else ''}"
    return f"{windows}, {progress.events:,} events, {size_text(progress.bytes)}, {rate}{left}"

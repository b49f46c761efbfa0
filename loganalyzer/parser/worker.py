"""Worker processes: fresh interpreters that scan their share and hand back tables.

Started by command line rather than by :mod:`multiprocessing`, so that a script or notebook which calls the library
needs no guard around its main code.
"""

from __future__ import annotations

import atexit
import os
import pickle
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import IO, TypeVar

from loganalyzer.parser.allocation import keep_freed_memory

Job = TypeVar("Job")
Result = TypeVar("Result")

PARALLEL_FROM = 16_000_000
"""Bytes on disk from which starting processes pays."""

_COMMAND = (sys.executable, "-P", "-c", "from loganalyzer.parser import table, worker; worker.serve()")
"""A process, which loads at once what its first job will want, and nothing that lies in the directory it is run in."""


_early: list[subprocess.Popen[bytes]] = []


def start_early() -> None:
    """Start a process before it is known what for: it gets ready while this one does.

    Whoever needs processes takes it; if nobody does it ends with the program.
    """
    if not _early:
        _early.append(_start())
        atexit.register(_end_unused)


def _end_unused() -> None:
    while _early:
        with _early.pop() as child:
            child.kill()


def run_in_processes(
    work: Callable[[Job], Result], jobs: Sequence[Job], *, processes: int, here: bool = False
) -> Iterator[tuple[Job, Result]]:
    """Do each job in one of so many processes; yields (job, result) as they are done.

    With ``here`` this process is one of them. ``work`` is a function at the top of a module; jobs and results can be
    pickled. Each process takes the next job when it is done with one, so all end at about the same time.
    """
    waiting = deque(jobs)
    done: Queue[tuple[Job, Result] | BaseException] = Queue()
    children = [_early.pop() if _early else _start() for _ in range(min(processes - here, len(jobs)))]
    threads = [Thread(target=_feed, args=(child, work, waiting, done), daemon=True) for child in children]
    for thread in threads:
        thread.start()
    try:
        yield from _results(work, waiting, done, len(jobs), here=here)
    finally:
        waiting.clear()
        for child in children:
            child.kill()
        for thread in threads:
            thread.join()


def _results(
    work: Callable[[Job], Result],
    waiting: deque[Job],
    done: Queue[tuple[Job, Result] | BaseException],
    count: int,
    *,
    here: bool,
) -> Iterator[tuple[Job, Result]]:
    """So many results: those that others have done, lest they wait in memory, else own ones while there are jobs."""
    for _ in range(count):
        job = _next(waiting) if here and done.empty() else None
        if job is not None:
            yield job, work(job)
            continue
        result = done.get()
        if isinstance(result, BaseException):
            raise result
        yield result


def _next(waiting: deque[Job]) -> Job | None:
    try:
        return waiting.popleft()
    except IndexError:
        return None


def _start() -> subprocess.Popen[bytes]:
    paths = os.pathsep.join(entry or str(Path.cwd()) for entry in sys.path)
    environment = {**os.environ, "PYTHONPATH": paths, "OPENBLAS_NUM_THREADS": "1"}
    return subprocess.Popen(_COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)  # noqa: S603


def _feed(
    child: subprocess.Popen[bytes],
    work: Callable[[Job], Result],
    waiting: deque[Job],
    done: Queue[tuple[Job, Result] | BaseException],
) -> None:
    """Give one process the next job as long as there are any; what goes wrong is a result too."""
    with child:
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            while (job := _next(waiting)) is not None:
                pickle.dump((work, job), child.stdin)
                child.stdin.flush()
                done.put((job, pickle.load(child.stdout)))  # noqa: S301
        except (EOFError, OSError, pickle.UnpicklingError):
            with suppress(OSError):
                child.stdin.close()
            done.put(subprocess.CalledProcessError(child.wait(), _COMMAND))
        except BaseException as error:
            done.put(error)


def serve() -> None:
    """Do jobs from standard input until it ends, and write their results to standard output."""
    keep_freed_memory()
    _serve(sys.stdin.buffer, sys.stdout.buffer)


def _serve(jobs: IO[bytes], results: IO[bytes]) -> None:
    while True:
        try:
            work, job = pickle.load(jobs)  # noqa: S301
        except EOFError:
            return
        pickle.dump(work(job), results, protocol=pickle.HIGHEST_PROTOCOL)
        results.flush()

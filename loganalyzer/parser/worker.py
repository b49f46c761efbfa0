"""Worker processes: fresh interpreters that do a share of the work, pickled to them and back.

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
from contextlib import contextmanager, suppress
from functools import partial
from itertools import islice
from pathlib import Path
from pkgutil import resolve_name
from queue import Empty, Queue
from threading import Lock, Thread
from typing import IO, Any, NamedTuple, TypeVar

from loganalyzer.parser.ahead import ahead
from loganalyzer.parser.allocation import give_back_freed_memory, keep_freed_memory
from loganalyzer.parser.wire import received, send

Job = TypeVar("Job")
Result = TypeVar("Result")
Work = Callable[[Iterator[Job]], Iterator[Result]]
"""What a process does with the jobs that it takes: it gives any number of results, whenever it has some."""

PARALLEL_FROM = 16_000_000
"""Bytes on disk from which starting processes pays."""

_PROGRAM = (
    "import signal, sys; signal.signal(signal.SIGINT, signal.SIG_IGN); "
    "from loganalyzer.parser import table, worker; worker.serve(*sys.argv[1:])"
)
_COMMAND = (sys.executable, "-P", "-c", _PROGRAM)
"""A process, which loads at once what its first job will want, and nothing that lies in the directory it is run in.

An interrupt from the keyboard reaches it too, but it is for who has started it to end it, without a word.
"""

_TURN = 0.0002
"""Seconds after which a thread that waits for the interpreter gets it: where this process works too, those that feed
the others wait at every few bytes, by default for 5 ms."""

_AHEAD = 2
"""So many results of each process wait to be taken before it waits too."""


def cores() -> int:
    """The cores this process may use; where the system does not say, all there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class _Process:
    """One of them, which does one piece of work after another; ``then`` (``module:function``) after the first."""

    def __init__(self, then: str = "") -> None:
        paths = os.pathsep.join(entry or str(Path.cwd()) for entry in sys.path)
        environment = {**os.environ, "PYTHONPATH": paths, "OPENBLAS_NUM_THREADS": "1"}
        pipe = subprocess.PIPE
        command = (*_COMMAND, then) if then else _COMMAND
        self._child = subprocess.Popen(command, stdin=pipe, stdout=pipe, env=environment)  # noqa: S603

    def results(self, work: Work[Job, Result], jobs: Iterator[Job]) -> Iterator[Result]:
        """What the work makes of the jobs; raises :class:`subprocess.CalledProcessError` if the process ends before."""
        try:
            self._send(work)
            while told := self._received():
                if told is _NEXT:
                    self._send(tuple(islice(jobs, 1)))
                else:
                    yield told[0]
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            self.end()
            raise subprocess.CalledProcessError(self._child.returncode, _COMMAND) from error

    def _send(self, message: object) -> None:
        assert self._child.stdin is not None
        send(message, self._child.stdin)

    def _received(self) -> Any:
        assert self._child.stdout is not None
        return received(self._child.stdout)

    def end(self) -> None:
        """End it, whatever it does."""
        self._child.kill()
        with suppress(OSError), self._child:
            pass


_at_hand: list[_Process] = []
"""Processes that have nothing to do."""

_staying: list[str] = []
"""Where processes that have nothing to do are kept at hand: what gets them ready for more, if anything does."""


def stay(*, then: str = "") -> None:
    """Have processes stay for more work until the program ends.

    A function that ``then`` names (``module:function``) gets one that was started early ready for its second piece of
    work, while nobody waits for it.
    """
    if not _staying:
        _staying.append(then)
        atexit.register(_end_all)


@contextmanager
def started_early() -> Iterator[None]:
    """Meanwhile a process gets ready, if none is, for whoever needs one; if nobody does, it ends unless it stays."""
    early: list[_Process] = []
    with suppress(OSError):
        early += [] if _at_hand else [_Process(*_staying)]
    _at_hand.extend(early)
    try:
        yield
    finally:
        for process in [] if _staying else early:
            with suppress(ValueError):
                _at_hand.remove(process)
                process.end()


def _end_all() -> None:
    while _at_hand:
        _at_hand.pop().end()


def _process() -> _Process:
    """One that has nothing to do, else a new one."""
    try:
        return _at_hand.pop()
    except IndexError:
        return _Process()


def in_order(do: Callable[[Job], Result], jobs: Sequence[Job], *, processes: int) -> Iterator[Result]:
    """The result of each job in turn, from so many processes, this one among them.

    Where no others can be had, this one does it all. ``do`` is a function at the top of a module; jobs and results can
    be pickled.
    """
    here, there = partial(_numbered, do=do), partial(_numbered_ahead, do=do)
    held: dict[int, Result] = {}
    given = 0
    try:
        for number, result in run_in_processes(there, list(enumerate(jobs)), processes=processes, here=here):
            held[number] = result
            while given in held:
                yield held.pop(given)
                given += 1
    except (OSError, subprocess.CalledProcessError):
        yield from map(do, jobs[given:])


def _numbered(jobs: Iterator[tuple[int, Job]], *, do: Callable[[Job], Result]) -> Iterator[tuple[int, Result]]:
    return ((number, do(job)) for number, job in jobs)


def _numbered_ahead(jobs: Iterator[tuple[int, Job]], *, do: Callable[[Job], Result]) -> Iterator[tuple[int, Result]]:
    """The same where bringing jobs and results takes time: these come and go while others are done."""
    return ahead(_numbered(ahead(jobs, depth=1), do=do))


def run_in_processes(
    work: Work[Job, Result], jobs: Sequence[Job], *, processes: int, here: Work[Job, Result] | None = None
) -> Iterator[Result]:
    """Have jobs done in so many processes; yields the results as they come, in no particular order.

    ``work`` can be pickled, so can jobs and results. With ``here`` this process is one of them and does its jobs so.
    Each process takes the next job when it is done with one, so all end at about the same time. Raises :class:`OSError`
    if no process can be started, :class:`subprocess.CalledProcessError` if one ends too early.
    """
    waiting = deque(jobs)
    others = [_process() for _ in range(min(processes - bool(here), len(jobs)))]
    done: Queue[Result | _Ended] = Queue(_AHEAD * len(others))
    threads = [Thread(target=_feed, args=(other, work, waiting, done), daemon=True) for other in others]
    for thread in threads:
        thread.start()
    turn = sys.getswitchinterval()
    sys.setswitchinterval(_TURN)
    try:
        yield from _results(here(_taken(waiting)) if here else iter(()), done, len(others))
    except BaseException:
        for other in others:
            other.end()
        raise
    finally:
        sys.setswitchinterval(turn)
        waiting.clear()
        for thread in threads:
            _join(thread, done)
    if _staying:
        _at_hand.extend(others)
    else:
        for other in others:
            other.end()


class _Ended(NamedTuple):
    """Told by a thread whose process has nothing more to give, or has failed."""

    error: BaseException | None


def _results(own: Iterator[Result], done: Queue[Result | _Ended], running: int) -> Iterator[Result]:
    """What others have done, lest it waits in memory, else own results as long as there are any."""
    alone = object()
    while True:
        if done.empty():
            result = next(own, alone)
            if result is not alone:
                yield result  # type: ignore[misc]
                continue
        if not running:
            return
        told = done.get()
        if not isinstance(told, _Ended):
            yield told
            continue
        if told.error is not None:
            raise told.error
        running -= 1


def _taken(waiting: deque[Job]) -> Iterator[Job]:
    """The jobs that are left for whoever asks."""
    with suppress(IndexError):
        while True:
            yield waiting.popleft()


def _feed(other: _Process, work: Work[Job, Result], waiting: deque[Job], done: Queue[Result | _Ended]) -> None:
    """Have one process do jobs as long as there are any."""
    try:
        for result in other.results(work, _taken(waiting)):
            done.put(result)
    except BaseException as error:
        done.put(_Ended(error))
    else:
        done.put(_Ended(None))


def _join(thread: Thread, done: Queue[Any]) -> None:
    """Wait for a thread, which may wait for its results to be taken."""
    while thread.is_alive():
        with suppress(Empty):
            done.get(timeout=0.01)


def serve(*then: str) -> None:
    """Do work from standard input until it ends, and write the results to standard output.

    After the first piece of work the functions are called that ``then`` names.
    """
    keep_freed_memory()
    _serve(sys.stdin.buffer, sys.stdout.buffer, then)


def _serve(sent: IO[bytes], results: IO[bytes], then: Sequence[str] = ()) -> None:
    while True:
        try:
            work = received(sent)
        except EOFError:
            return
        _do(work, sent, results)
        give_back_freed_memory()
        for name in then:
            resolve_name(name)()
        then = ()


def _do(work: Work[Any, Any], sent: IO[bytes], results: IO[bytes]) -> None:
    """One piece of work; what it has made is gone when it is done."""
    one_speaks = Lock()  # jobs may be asked for in another thread

    def say(message: object) -> None:
        with one_speaks:
            send(message, results)

    for result in work(_jobs(sent, say)):
        say((result,))
    say(())


def _jobs(sent: IO[bytes], say: Callable[[object], None]) -> Iterator[Any]:
    """The jobs of one piece of work, each of which is asked for."""
    while True:
        say(_NEXT)
        job = received(sent)
        if not job:
            return
        yield job[0]


_NEXT = True
"""What a process says that wants a job; a result stands in a tuple, and an empty one says that the work is done."""

"""Programs measured: how long they take, in turn with others, and how much memory all their processes hold together."""

from __future__ import annotations

import compileall
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SAMPLE_S = 0.005
"""Memory is sampled so often, in seconds."""


@dataclass
class Program:
    """A command to be measured, with what came of it.

    A command that is a text goes through ``sh``; ``good`` are exit codes that are no failure; what takes long is
    run ``once``.
    """

    name: str
    command: Sequence[str] | str
    good: tuple[int, ...] = (0,)
    once: bool = False
    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    memory_mb: float = 0.0
    output: str = ""

    @property
    def median(self) -> float:
        """The median of its times."""
        return statistics.median(self.seconds)


def environment() -> dict[str, str]:
    """The environment of measured programs: this tree is what they import."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "LC_ALL": "C"}


def start(program: Program) -> subprocess.Popen[str]:
    """Start a program with its output in a pipe."""
    shell = isinstance(program.command, str)
    return subprocess.Popen(program.command, shell=shell, stdout=subprocess.PIPE, env=environment(), text=True)


def finish(program: Program, process: subprocess.Popen[str]) -> None:
    """Wait for a program's end and keep its output; exits if it failed."""
    program.output = process.communicate()[0]
    if process.returncode not in program.good:
        sys.exit(f"{program.name} ended with {process.returncode}")


def take_time(program: Program) -> None:
    """Run a program once and note how long it took, and how long processors worked for it."""
    before, worked = time.perf_counter(), _worked()
    finish(program, start(program))
    program.seconds.append(time.perf_counter() - before)
    program.cpu.append(_worked() - worked)


def _worked() -> float:
    """Seconds that processors worked for children that have ended."""
    times = os.times()
    return times.children_user + times.children_system


def in_turn(programs: Sequence[Program], *, runs: int) -> None:
    """Run programs one after another, so many rounds: what disturbs the machine disturbs all alike.

    Modules are compiled before, as they are where a package is installed.
    """
    compileall.compile_dir(ROOT / "loganalyzer", quiet=1)
    for number in range(runs):
        for program in programs:
            if program.once and number:
                continue
            say(f"round {number + 1} of {runs}: {program.name}")
            take_time(program)
    say("")


def say(text: str) -> None:
    """Tell a person who waits what goes on, in one line."""
    if sys.stderr.isatty():
        print(f"\r{text:<70}", end="" if text else "\r", file=sys.stderr, flush=True)


def take_memory(program: Program) -> None:
    """Run a program once more and note the most memory that all its processes held at a time."""
    process = start(program)
    over = threading.Event()
    peak = [0]

    def watch() -> None:
        while not over.wait(SAMPLE_S):
            peak[0] = max(peak[0], sum(map(proportional_kb, tree(process.pid))))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        finish(program, process)
    finally:
        over.set()
        watcher.join()
    program.memory_mb = peak[0] * 1024 / 1e6


def tree(root: int) -> set[int]:
    """A process and all that it has started."""
    pids = [entry.name for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    parents = {int(entry): parent_of(int(entry)) for entry in pids}
    found = {root}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def parent_of(pid: int) -> int:
    """The parent of a process, 0 if it is gone."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return 0


def proportional_kb(pid: int) -> int:
    """Memory of a process in kB, what it shares counted in part (PSS); 0 if it is gone."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")), 0)


def show(rows: Sequence[Mapping[str, str]]) -> None:
    """Print rows as a table, the first column to the left, others to the right."""
    names = list(rows[0])
    widths = [max(len(name), *(len(row[name]) for row in rows)) for name in names]
    for row in ({name: name for name in names}, *rows):
        cells = [row[name].rjust(width) for name, width in zip(names, widths, strict=True)]
        print("  ".join([row[names[0]].ljust(widths[0]), *cells[1:]]))

"""How a command ends: every failure is one line that says what and where, a tip, and a documented exit code."""

from __future__ import annotations

import errno
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from types import FrameType
from typing import Any, NoReturn

import click

from loganalyzer.errors import LogAnalyzerError

INTERRUPTED = 130
"""What shells expect of a command that Ctrl-C ended (128 + SIGINT)."""

ENDINGS = ("SIGTERM", "SIGHUP")
"""Signals that ask a program to end. By default they kill it on the spot, with its temporary files left behind."""


class ClosedPipe(Exception):
    """Whoever read our output has stopped reading; as an ``OSError`` click would end with 1."""


def outcome_of(command: Callable[[], Any]) -> int:
    """Run the command; its exit code, with what went wrong said on standard error."""
    try:
        with _ended_in_order():
            code = command()
    except LogAnalyzerError as error:
        return _said(error.message, tip=error.tip, code=error.exit_code)
    except click.Abort:
        return INTERRUPTED
    except click.ClickException as error:
        return _said(error.format_message(), tip=_tip_of(error), code=error.exit_code)
    except ClosedPipe:
        return _fall_silent()
    except OSError as error:
        return _said(_what_of(error), tip=_remedy_of(error), code=2)
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else 0
    return code if isinstance(code, int) else 0


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """Let a signal that asks to end be an ordinary exit (128 + its number); those that are ignored stay so."""
    asked = [getattr(signal, name) for name in ENDINGS if hasattr(signal, name)]
    if current_thread() is not main_thread():
        asked = []
    before = {number: signal.getsignal(number) for number in asked}
    for number, action in before.items():
        if action is signal.SIG_DFL:
            signal.signal(number, _exit)
    try:
        yield
    finally:
        for number, action in before.items():
            if action is signal.SIG_DFL:
                signal.signal(number, action)


def _exit(number: int, _: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)


def _said(what: str, *, tip: str, code: int) -> int:
    from loganalyzer.reports.clean import clean

    lines = [f"error: {clean(what.strip())}"] + ([f"tip: {clean(tip)}"] if tip else [])
    click.echo("\n".join(lines), err=True)
    return code


def _tip_of(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    return f"see {context.command_path} --help" if context else "see loganalyzer --help"


def _what_of(error: OSError) -> str:
    reason = (error.strerror or str(error) or type(error).__name__).lower()
    return f"{os.fsdecode(error.filename)}: {reason}" if error.filename is not None else reason


def _remedy_of(error: OSError) -> str:
    return {
        errno.EACCES: "check who may read or write it",
        errno.ENOENT: "check the path",
        errno.ENOSPC: "make room on the disk",
        errno.EISDIR: "name a file in the directory",
    }.get(error.errno or 0, "")


def _fall_silent() -> int:
    """A closed pipe is no error, and Python must not try to write the rest when it ends."""
    try:
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, sys.stdout.fileno())
        os.close(silence)
    except (OSError, ValueError):
        pass
    return 0

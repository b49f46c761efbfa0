"""``loganalyzer watch``: failed requests of a live account as they happen."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from loganalyzer.cli import options
from loganalyzer.cli.commands import Command
from loganalyzer.cli.live import Asked, is_live, live, resolve
from loganalyzer.errors import UsageError

if TYPE_CHECKING:
    from botocore.client import BaseClient

    from loganalyzer.classifier.rules import Rules
    from loganalyzer.fetcher.clock import Clock
    from loganalyzer.model import Request
    from loganalyzer.watch import Watch

EXAMPLES = (
    ("Everything that fails on a stage, as it happens", "loganalyzer watch --api abcde12345 --stage prod"),
    ("One JSON object a line for another program", "loganalyzer watch --api shop --format ndjson | jq .category"),
    ("Call a program for each failure", "loganalyzer watch --api shop --exec './alert.py --channel ops'"),
    ("Wait for one kind of failure", "loganalyzer watch --api shop --until-category THROTTLED && ./page-me"),
)

_EXEC_SECONDS = 60.0


@click.command(
    cls=Command,
    short_help="Show failed requests of an API as they happen.",
    examples=EXAMPLES,
    exits=("0", "2", "5"),
)
@click.argument("targets", nargs=-1, metavar="[URL|ARN]...")
@live
@options.rules
@click.option("--format", "form", type=click.Choice(("text", "ndjson")), default="text", show_default=True,
              help="What to write.")  # fmt: skip
@click.option("--every", type=click.FloatRange(min=1), default=5.0, show_default=True, metavar="SECONDS",
              help="How often to look.")  # fmt: skip
@click.option("--exec", "program", metavar="CMD",
              help="Run CMD for each failed request, with its diagnosis as JSON on standard input. No shell is "
              "involved.")  # fmt: skip
@click.option("--until-category", "awaited", multiple=True, metavar="CATEGORY", callback=options.category_names,
              help="End when a request fails with this category; repeatable.")  # fmt: skip
@options.redacting
def watch(
    *,
    targets: tuple[str, ...],
    asked: Asked,
    rules: Rules,
    form: str,
    every: float,
    program: str | None,
    awaited: tuple[str, ...],
    redacted: bool,
) -> None:
    """Show every request that fails from now on, once it is complete or nothing has come of it for a minute.

    The log is read by polls that overlap, so no event is missed and none counts twice, whatever stream it is in. It
    runs until Ctrl-C.
    """
    from loganalyzer.classifier.rules import catalogue_with
    from loganalyzer.fetcher.clock import WallClock
    from loganalyzer.fetcher.session import client
    from loganalyzer.watch import Watch

    strangers = [target for target in targets if not is_live(target)]
    if strangers:
        tip = "name an API with --api, a log group with --log-group"
        raise UsageError(f"{strangers[0]!r} is no URL and no ARN", tip=tip)
    if not asked and not targets:
        tip = "name an API with --api; 'loganalyzer groups' lists them"
        raise UsageError("nothing is named to be watched", tip=tip)
    command = _command(program)
    clock = WallClock()
    now = int(clock.now() * 1000)
    groups = resolve(asked, sources=targets)

    def source(region: str) -> BaseClient:
        return client("logs", profile=asked.profile, region=region, attempts=1)

    watching = Watch(groups, clients=source, since=now, clock=clock, entries=catalogue_with(rules))
    try:
        click.echo(f"Watching {', '.join(group.name for group in groups)}; Ctrl-C ends it.", err=True)
        for request in _failures(watching, clock, every):
            _show(request, form=form, redacted=redacted, command=command)
            if request.category in awaited:
                return
    finally:
        seen = f"{watching.requests:,} requests, {watching.failed:,} of them failed, {watching.open:,} not over"
        click.echo(f"Watched: {seen}.", err=True)


def _failures(watching: Watch, clock: Clock, every: float) -> Iterator[Request]:
    """Every request that fails, for as long as somebody asks for more."""
    while True:
        began = clock.ticks()
        yield from watching.poll()
        if watching.trouble:
            click.echo(f"{watching.trouble}; nothing is lost, the next look goes back to there", err=True)
        clock.sleep_until(began + every)


def _command(program: str | None) -> list[str]:
    """The words of ``--exec``."""
    if program is None:
        return []
    try:
        words = shlex.split(program)
    except ValueError as error:
        raise UsageError(f"--exec {program!r}: {error}", tip="quote its words as for a shell") from error
    if not words:
        raise UsageError("--exec names no program", tip="give a program and its arguments, such as --exec './alert.py'")
    return words


def _show(request: Request, *, form: str, redacted: bool, command: list[str]) -> None:
    """Write one request and hand it to the program."""
    from loganalyzer.redact import redact_request
    from loganalyzer.reports.documents import json_line
    from loganalyzer.reports.watch import lines_of

    shown = redact_request(request) if redacted else request
    document = json_line(shown)
    click.echo(document if form == "ndjson" else "\n".join(lines_of(shown)) + "\n", nl=False)
    sys.stdout.flush()
    if command:
        _hand_over(command, document)


def _talk() -> int:
    """Where the output of programs goes: standard output is for failures alone."""
    try:
        return sys.stderr.fileno()
    except (OSError, ValueError, AttributeError):
        return subprocess.DEVNULL


def _hand_over(command: list[str], document: str) -> None:
    """Run the program; what goes wrong with it does not end the watch."""
    try:
        done = subprocess.run(command, input=document.encode(), stdout=_talk(), timeout=_EXEC_SECONDS, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired) as error:
        click.echo(f"--exec {command[0]}: {error}", err=True)
        return
    if done.returncode:
        click.echo(f"--exec {command[0]}: it ended with {done.returncode}", err=True)

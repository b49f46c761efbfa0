"""``loganalyzer fetch``: execution logs of a live account, stored to be analysed as often as one likes."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from loganalyzer.cli import options
from loganalyzer.cli.commands import Command
from loganalyzer.cli.fetching import Limits, fetched, limits
from loganalyzer.cli.live import Asked, is_live, live, resolve
from loganalyzer.errors import Unread, UsageError

if TYPE_CHECKING:
    from loganalyzer.formats.stored import Fetched

EXAMPLES = (
    ("The last two hours of a stage", "loganalyzer fetch --api abcde12345 --stage prod --since 2h --out logs/"),
    ("A day of everything behind a URL",
     "loganalyzer fetch https://api.example.com/ --since 2026-11-20 --until 2026-11-21 --out logs/"),
    ("Only what failed in a month", "loganalyzer fetch --failures-only --api shop --since 30d --out logs/"),
    ("Analyse what was fetched", "loganalyzer analyze logs/"),
)  # fmt: skip


@click.command(
    cls=Command,
    short_help="Fetch execution logs from AWS to analyse them here.",
    examples=EXAMPLES,
    exits=("0", "2", "4", "5"),
)
@click.argument("targets", nargs=-1, metavar="[URL|ARN]...")
@live
@options.window
@click.option(
    "-o", "--out", type=click.Path(path_type=Path, file_okay=False), required=True, metavar="DIR",
    help="Where to store the logs; what is there already is not fetched again.",
)  # fmt: skip
@limits
@click.option("--strict", is_flag=True, help="End with 4 if a part of the window could not be had.")
def fetch(
    *,
    targets: tuple[str, ...],
    asked: Asked,
    since: datetime | None,
    until: datetime | None,
    out: Path,
    limits: Limits,
    strict: bool,
) -> None:
    """Fetch the execution logs of APIs for a stretch of time and store them below DIR.

    One directory a log group, one compressed text file a window, readable by you alone and as secret as the log itself.
    Interrupted or killed at any point, the same command goes on where it was. Windows older than --settle are final and
    never fetched again. First it says how much is about to be read, by which way, and for how long; AWS calls that are
    billed are made only with --max-cost or --yes.
    """
    strangers = [target for target in targets if not is_live(target)]
    if strangers:
        raise UsageError(
            f"{strangers[0]!r} is no URL and no ARN", tip="name an API with --api, a group with --log-group"
        )
    if not asked and not targets:
        raise UsageError(
            "nothing is named to be fetched", tip="name an API with --api; 'loganalyzer groups' lists them"
        )
    groups = resolve(asked, sources=targets)
    done = fetched(groups, limits, since=since, until=until, out=out, profile=asked.profile)
    _report(done)
    if strict and done.coverage.problems:
        raise Unread(f"{len(done.coverage.problems)} parts of the window could not be had", tip="run it again")


def _report(done: Fetched) -> None:
    """Say what was had and what was not; the directories go to standard output."""
    from loganalyzer.fetcher.plan import size_text
    from loganalyzer.reports.clean import clean

    for problem in done.coverage.problems:
        click.echo(
            clean(f"missing: {problem.where}: {problem.what}{f' (tip: {problem.tip})' * bool(problem.tip)}"), err=True
        )
    for note in done.coverage.notes:
        click.echo(f"note: {clean(note)}", err=True)
    click.echo(f"{done.events:,} events, {size_text(done.bytes)}, {done.calls:,} calls", err=True)
    for directory in done.directories:
        click.echo(directory)

"""Options of commands that fetch, and the fetching: what is about to be read is said first."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from loganalyzer.cli.options import shared
from loganalyzer.errors import UsageError

if TYPE_CHECKING:
    from loganalyzer.fetcher.group import LogGroup
    from loganalyzer.formats.stored import Fetched

Returned = TypeVar("Returned")

_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?([kKMGT]?)B?")
_UNITS = {"": 1, "K": 1_000, "M": 1_000_000, "G": 1_000_000_000, "T": 1_000_000_000_000}


@dataclass(frozen=True, slots=True)
class Limits:
    """What the options below were given."""

    failures_only: bool = False
    settle: float = 600.0
    max_bytes: int | None = None
    max_cost: float | None = None
    yes: bool = False
    cache: Path | None = None


def _size(ctx: click.Context, param: click.Parameter, value: str | None) -> int | None:
    if value is None:
        return None
    found = _SIZE.fullmatch(value.strip())
    if found is None:
        raise UsageError(f"{value!r} is no size", tip="write it as 500MB or 2GB")
    return int(float(found[1]) * _UNITS[found[2].upper()])


cache_dir = click.option(
    "--cache-dir", "cache", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
    help="Keep fetched logs there instead of in the user's cache directory.",
)  # fmt: skip

_OPTIONS = shared(
    click.option(
        "--failures-only", is_flag=True,
        help="Fetch only requests that failed: their ids are looked for first.",
    ),
    click.option(
        "--settle", type=click.FloatRange(min=0), default=10.0, show_default=True, metavar="MINUTES",
        help="How long log events may come late: what is older is never fetched again.",
    ),
    click.option("--max-bytes", callback=_size, metavar="SIZE", help="Read no more than this, such as 2GB."),
    click.option(
        "--max-cost", type=click.FloatRange(min=0), metavar="DOLLARS",
        help="Allow Logs Insights, which AWS bills, if it costs no more than this.",
    ),
    click.option("--yes", is_flag=True, help="Ask nothing, and allow what costs money."),
)  # fmt: skip


def limits(command: Callable[..., Returned]) -> Callable[..., Returned]:
    """Give a command the options that say how to fetch; it gets them as one argument ``limits`` (:class:`Limits`)."""

    @wraps(command)
    def bundled(
        *,
        failures_only: bool,
        settle: float,
        max_bytes: int | None,
        max_cost: float | None,
        yes: bool,
        cache: Path | None = None,
        **others: object,
    ) -> Returned:
        return command(limits=Limits(failures_only, settle * 60, max_bytes, max_cost, yes, cache), **others)

    return _OPTIONS(bundled)


def fetched(
    groups: Sequence[LogGroup],
    limits: Limits,
    *,
    since: datetime | None,
    until: datetime | None,
    out: Path | None,
    profile: str | None,
) -> Fetched:
    """Fetch the groups; what is about to be read is said before, and agreed to where it is much or costs money."""
    from loganalyzer.fetcher import bar
    from loganalyzer.fetcher.live import HOUR, fetch_chosen
    from loganalyzer.fetcher.plan import NOTHING, Plan, consent, sentences
    from loganalyzer.fetcher.region import Options

    now = datetime.now(UTC)
    if since is None:
        since = (until or now) - HOUR
        click.echo("Fetching the last hour; --since looks further back.", err=True)

    def agree(plan: Plan) -> None:
        consent(
            plan,
            max_bytes=limits.max_bytes,
            max_cost=limits.max_cost,
            yes=limits.yes,
            ask=_ask if sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty() else None,
        )
        for said in sentences(plan) or [NOTHING]:
            click.echo(said, err=True)

    options = Options(
        settle=limits.settle,
        max_bytes=limits.max_bytes,
        max_cost=limits.max_cost,
        failures_only=limits.failures_only,
    )
    try:
        with bar.shown() as tell:
            return fetch_chosen(groups, since=since, until=until or now, out=out, cache=limits.cache, profile=profile,
                                options=options, agree=agree, tell=tell)  # fmt: skip
    except KeyboardInterrupt:
        click.echo("Interrupted: what was fetched is kept, and the same command goes on there.", err=True)
        raise


def _ask(question: str) -> bool:
    return click.confirm(question, err=True)

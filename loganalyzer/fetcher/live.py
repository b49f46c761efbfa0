"""From names to fetched logs in one call: what ``loganalyzer fetch`` and a notebook use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from loganalyzer.errors import UsageError
from loganalyzer.fetcher import bar
from loganalyzer.fetcher.cache import cache_directory, place_of
from loganalyzer.fetcher.choose import choose
from loganalyzer.fetcher.fetch import fetch_groups
from loganalyzer.fetcher.group import LogGroup
from loganalyzer.fetcher.plan import Plan, consent
from loganalyzer.fetcher.progress import Tell
from loganalyzer.fetcher.region import SETTLE_SECONDS, Options
from loganalyzer.fetcher.session import client
from loganalyzer.formats.stored import Fetched
from loganalyzer.timespec import local_zone, parse_time

if TYPE_CHECKING:
    from botocore.client import BaseClient

Moment = datetime | str
"""A time: aware, or text such as ``2h`` or ``yesterday 14:00``."""

HOUR = timedelta(hours=1)
"""How far back is looked if nobody says."""


def fetch(
    *targets: str | LogGroup,
    api: str | Sequence[str] = (),
    stage: str | Sequence[str] = (),
    log_group: str | Sequence[str] = (),
    since: Moment = "1h",
    until: Moment | None = None,
    out: str | Path | None = None,
    profile: str | None = None,
    region: str | None = None,
    failures_only: bool = False,
    settle: float = SETTLE_SECONDS,
    max_bytes: int | None = None,
    max_cost: float | None = None,
    progress: Tell | None = None,
) -> Fetched:
    """Fetch execution logs from AWS for :func:`loganalyzer.analyze`; what is stored already is not read again.

    ``targets`` are URLs of APIs, ARNs, or groups; ``api`` ids or names of APIs, of which only ``stage`` if it is given;
    ``log_group`` names or ARNs. The logs go to ``out``, or to the cache. ``failures_only`` fetches the requests that
    failed alone. ``settle`` are the seconds after which nothing comes late any more. Not more than ``max_bytes`` are
    read, and nothing that AWS bills without a ``max_cost`` in dollars. ``progress`` is told how far it is; without it
    a bar is drawn on a terminal and in a notebook.

    Raises :class:`~loganalyzer.errors.UsageError` for arguments that make no sense, and
    :class:`~loganalyzer.errors.AwsError` for what AWS refuses.
    """
    begin, end = moments(since, until)
    groups = [target for target in targets if isinstance(target, LogGroup)]
    places = [target for target in targets if isinstance(target, str)]
    if api or log_group or places or stage:
        chosen = choose(apis=_several(api), stages=_several(stage), log_groups=_several(log_group), places=places,
                        profile=profile, region=region)  # fmt: skip
        groups += chosen.groups
    with nullcontext(progress) if progress else bar.shown() as tell:
        return fetch_chosen(
            groups,
            since=begin,
            until=end,
            out=None if out is None else Path(out),
            profile=profile,
            options=Options(settle=settle, max_bytes=max_bytes, max_cost=max_cost, failures_only=failures_only),
            agree=lambda plan: consent(plan, max_bytes=max_bytes, max_cost=max_cost),
            tell=tell,
        )


def fetch_chosen(
    groups: Sequence[LogGroup],
    *,
    since: datetime,
    until: datetime,
    out: Path | None,
    cache: Path | None = None,
    profile: str | None,
    options: Options,
    agree: Callable[[Plan], None],
    tell: Tell | None,
) -> Fetched:
    """Fetch groups that are known already, to ``out`` or to the cache (``cache`` if it is not the usual one)."""
    kept = cache or cache_directory()

    def source(region: str) -> BaseClient:
        return client("logs", profile=profile, region=region, attempts=1)

    return fetch_groups(
        groups,
        since=int(since.timestamp() * 1000),
        until=int(until.timestamp() * 1000),
        place=lambda group: out or place_of(group, cache=kept),
        clients=source,
        options=options,
        agree=agree,
        tell=tell,
    )


def moments(since: Moment, until: Moment | None) -> tuple[datetime, datetime]:
    """The two ends of a window as aware times; raises :class:`UsageError` for text or times that make none."""
    now = datetime.now(UTC)
    begin = _moment(since, now=now, late=False)
    end = now if until is None else _moment(until, now=now, late=True)
    return begin, end


def _moment(moment: Moment, *, now: datetime, late: bool) -> datetime:
    if isinstance(moment, str):
        return parse_time(moment, now=now, zone=local_zone(), late=late)
    if moment.tzinfo is None:
        raise UsageError(
            f"{moment} has no time zone", tip="give one with datetime(..., tzinfo=UTC), or text such as '2h'"
        )
    return moment


def _several(names: str | Sequence[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)

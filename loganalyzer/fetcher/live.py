"""From names to fetched logs in one call: what ``loganalyzer fetch`` and a notebook use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from loganalyzer.errors import UsageError
from loganalyzer.fetcher import bar
from loganalyzer.fetcher.account import Account
from loganalyzer.fetcher.cache import cache_directory, place_of
from loganalyzer.fetcher.choose import choose
from loganalyzer.fetcher.fetch import Place, fetch_groups, plan_groups
from loganalyzer.fetcher.group import LogGroup
from loganalyzer.fetcher.plan import Plan, consent
from loganalyzer.fetcher.progress import Tell
from loganalyzer.fetcher.region import SETTLE_SECONDS, Options
from loganalyzer.fetcher.session import client
from loganalyzer.fetcher.survey import Survey, survey
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
    chosen = _groups(targets, api, stage, log_group, profile=profile, region=region)
    with nullcontext(progress) if progress else bar.shown() as tell:
        return fetch_chosen(
            chosen,
            since=begin,
            until=end,
            out=None if out is None else Path(out),
            profile=profile,
            options=Options(settle=settle, max_bytes=max_bytes, max_cost=max_cost, failures_only=failures_only),
            agree=lambda plan: consent(plan, max_bytes=max_bytes, max_cost=max_cost),
            tell=tell,
        )


def estimate(
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
) -> Plan:
    """What :func:`fetch` would read with the same arguments: how much, by which way, for how long, at what price.

    ``print`` says it in a sentence or two. Groups are looked up; nothing of the logs is read, and nothing written.
    Raises as :func:`fetch` does.
    """
    begin, end = moments(since, until)
    return plan_groups(
        _groups(targets, api, stage, log_group, profile=profile, region=region),
        since=_milliseconds(begin),
        until=_milliseconds(end),
        place=_place(out),
        options=Options(settle=settle, failures_only=failures_only),
    )


def groups(*, profile: str | None = None, region: str | None = None) -> Survey:
    """The APIs of a region of an account, what their stages log, and the log groups that hold it.

    A notebook draws it. With fewer permissions it shows less, and ``missing`` says what. Raises
    :class:`~loganalyzer.errors.AwsError` if nothing at all may be seen.
    """
    return survey(Account.reached(profile=profile, region=region))


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

    def source(region: str) -> BaseClient:
        return client("logs", profile=profile, region=region, attempts=1)

    return fetch_groups(
        groups,
        since=_milliseconds(since),
        until=_milliseconds(until),
        place=_place(out, cache=cache),
        clients=source,
        options=options,
        agree=agree,
        tell=tell,
    )


def _groups(
    targets: Sequence[str | LogGroup],
    api: str | Sequence[str],
    stage: str | Sequence[str],
    log_group: str | Sequence[str],
    *,
    profile: str | None,
    region: str | None,
) -> list[LogGroup]:
    """The groups that are meant, each where it was named."""
    given = [target for target in targets if isinstance(target, LogGroup)]
    places = [target for target in targets if isinstance(target, str)]
    if not (api or log_group or places or stage):
        return given
    chosen = choose(apis=_several(api), stages=_several(stage), log_groups=_several(log_group), places=places,
                    profile=profile, region=region)  # fmt: skip
    return [*given, *chosen.groups]


def _place(out: str | Path | None, *, cache: Path | None = None) -> Place:
    """Where groups are stored: ``out`` or the cache."""
    kept = cache or cache_directory()
    return lambda group: place_of(group, cache=kept) if out is None else Path(out)


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


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

"""Options that name a live account and what in it, for every command that reads from one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, TypeVar

import click

from loganalyzer.cli.options import aws, shared

if TYPE_CHECKING:
    from loganalyzer.fetcher.group import LogGroup

Returned = TypeVar("Returned")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the options below were given: ``if asked`` tells whether anything in an account was named."""

    apis: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    log_groups: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    profile: str | None = None
    region: str | None = None

    def __bool__(self) -> bool:
        return bool(self.apis or self.stages or self.log_groups or self.urls)


_OPTIONS = shared(
    click.option("--api", "apis", multiple=True, metavar="API", help="The API of this id or name; repeatable."),
    click.option(
        "--stage", "stages", multiple=True, metavar="STAGE",
        help="This stage of the APIs, by default all; repeatable.",
    ),
    click.option(
        "--log-group", "log_groups", multiple=True, metavar="GROUP",
        help="The log group of this name or ARN; repeatable.",
    ),
    click.option(
        "--url", "urls", multiple=True, metavar="URL",
        help="The API behind this execute-api or custom-domain URL; repeatable.",
    ),
    aws,
)  # fmt: skip


def live(command: Callable[..., Returned]) -> Callable[..., Returned]:
    """Give a command the options that name something live; it gets them as one argument ``asked`` (:class:`Asked`)."""

    @wraps(command)
    def bundled(
        *,
        apis: tuple[str, ...],
        stages: tuple[str, ...],
        log_groups: tuple[str, ...],
        urls: tuple[str, ...],
        profile: str | None,
        region: str | None,
        **others: object,
    ) -> Returned:
        return command(asked=Asked(apis, stages, log_groups, urls, profile, region), **others)

    return _OPTIONS(bundled)


def is_live(source: str) -> bool:
    """Whether a positional argument names something in an account: a URL of an API, or an ARN."""
    return source.startswith(("https://", "http://", "wss://", "arn:"))


def resolve(asked: Asked, *, sources: tuple[str, ...] = ()) -> list[LogGroup]:
    """The log groups that the options, and the positional ``sources`` for which :func:`is_live` holds, mean.

    Each group once, in the order in which they were named; what there is to say about them goes to standard error.
    Raises :class:`~loganalyzer.errors.UsageError` for an API, stage or group that does not exist (with the nearest
    names), :class:`~loganalyzer.errors.NothingReadable` where logging is off and there is no group,
    :class:`~loganalyzer.fetcher.refusals.AwsRefused` for what AWS refuses.
    """
    from loganalyzer.fetcher.choose import choose

    chosen = choose(
        apis=asked.apis,
        stages=asked.stages,
        log_groups=asked.log_groups,
        places=(*asked.urls, *sources),
        profile=asked.profile,
        region=asked.region,
    )
    for note in chosen.notes:
        click.echo(note, err=True)
    return list(chosen.groups)

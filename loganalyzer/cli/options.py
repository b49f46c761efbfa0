"""Options that commands share, and the reading of their values."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

import click

from loganalyzer.errors import UsageError

if TYPE_CHECKING:
    from loganalyzer.classifier.rules import Entry, Rules

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

_IN_UTC = "loganalyzer.utc"

STATUS = re.compile(r"[1-5](?:\d\d|xx)")


def shared(*decorators: Callable[[Any], Any]) -> Callable[[Decorated], Decorated]:
    """Several options as one decorator; the first stands first in the help."""

    def decorate(command: Decorated) -> Decorated:
        decorated: Any = command
        for decorator in reversed(decorators):
            decorated = decorator(decorated)
        return decorated  # type: ignore[no-any-return]

    return decorate


def _rules(ctx: click.Context, param: click.Parameter, value: tuple[Path, ...]) -> Rules:
    """The catalogue with rules in it: a fault in them is told at once. Without any the catalogue can wait."""
    if not value:
        return ()
    from loganalyzer.classifier.rules import catalogue_with

    return catalogue_with(value)


def _entries(ctx: click.Context) -> Mapping[str, Entry]:
    """The catalogue with the rules of this command line, which are read before all other options."""
    from loganalyzer.classifier.rules import catalogue_with

    return catalogue_with(ctx.params.get("rules", ()))


def category_names(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """The ids of categories as the catalogue has them, as the callback of an option that may be repeated."""
    return tuple(known_category(name, entries=_entries(ctx)) for name in value)


def known_category(name: str, *, entries: Mapping[str, Entry], besides: tuple[str, ...] = ()) -> str:
    """The category's id as in the catalogue; :class:`UsageError` with the nearest ids for one that is not in it."""
    if name.lower() in besides:
        return name.lower()
    wanted = name.strip().upper().replace("-", "_")
    if wanted in entries:
        return wanted
    raise UsageError(f"{name!r} is no category", tip=_nearest(wanted, [*entries, *(word.upper() for word in besides)]))


def _nearest(wanted: str, known: list[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(wanted, known, n=3, cutoff=0.5) or [name for name in known if wanted in name][:3]
    return f"did you mean {' or '.join(near)}?" if near else "loganalyzer explain lists all categories"


def complete_category(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """The categories that begin as typed, for shell completion."""
    return [name for name in _entries(ctx) if name.startswith(incomplete.upper())]


def _status(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    for status in value:
        if not STATUS.fullmatch(status.lower()):
            raise UsageError(f"{status!r} is no status", tip="write one as 502 or a class of them as 5xx")
    return tuple(status.lower() for status in value)


def _method(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(method.upper() for method in value)


def _utc(ctx: click.Context, param: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click calls it so
    ctx.meta[_IN_UTC] = value


def _time(ctx: click.Context, param: click.Parameter, value: str | None) -> datetime | None:
    return None if value is None else moment(ctx, value, late=param.name == "until")


def moment(ctx: click.Context, text: str, *, late: bool = False) -> datetime:
    """The time that somebody wrote, in UTC; ``late`` for the end of a range, see :mod:`loganalyzer.timespec`."""
    from loganalyzer.timespec import local_zone, parse_time

    zone = UTC if ctx.meta.get(_IN_UTC) else local_zone()
    return parse_time(text, now=datetime.now(UTC), zone=zone, late=late)


def _fail_on(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(known_category(name, entries=_entries(ctx), besides=("gateway", "5xx", "any")) for name in value)


def _fields(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> dict[str, str]:
    if not value:
        return {}
    from loganalyzer.formats.fields import ROLES, fields_of

    said: dict[str, str] = {}
    for text in value:
        role, mark, name = text.partition("=")
        if not mark:
            raise UsageError(
                f"--field {text}: there is no '='", tip=f"write ROLE=NAME; the roles are {', '.join(ROLES)}"
            )
        said[role.strip().lower().replace("-", "_")] = name.strip()
    fields_of(said)
    return said


def _output(ctx: click.Context, param: click.Parameter, value: Path | None) -> Path | None:
    if value == Path("-"):
        return None
    if ctx.params.get("engine") == "spark":  # a place that Spark writes to
        return value
    if value is not None and value.is_dir():
        raise UsageError(f"{value} is a directory", tip="name a file")
    if value is not None and not value.parent.is_dir():
        raise UsageError(f"{value}: there is no directory {value.parent}", tip="make it first, or name another file")
    return value


rules = click.option(
    "--rules", multiple=True, metavar="FILE", is_eager=True, callback=_rules,
    type=click.Path(path_type=Path),
    help="Own rules in TOML that add to the catalogue or override it; repeatable. See loganalyzer rules --help.",
)  # fmt: skip
"""The user's rules, as :func:`loganalyzer.classifier.rules.catalogue_with` takes them."""
utc = click.option(
    "--utc", is_flag=True, is_eager=True, expose_value=False, callback=_utc, help="Times without a zone are UTC.",
)  # fmt: skip
"""How times are read."""

window = shared(
    click.option(
        "--since", metavar="TIME", callback=_time,
        help="Only from then on: 2h, 'yesterday 14:00', 2026-11-20T14:00Z. Times without a zone are those of this "
        "computer.",
    ),
    click.option("--until", metavar="TIME", callback=_time, help="Only until then."),
    utc,
)  # fmt: skip
"""A stretch of time."""

filters = shared(
    click.option(
        "--category", "categories", multiple=True, metavar="CATEGORY", callback=category_names,
        shell_complete=complete_category, help="Only this category; repeatable.",
    ),
    click.option(
        "--client-status", "statuses", multiple=True, metavar="STATUS", callback=_status,
        help="Only this status (502) or class (5xx); repeatable.",
    ),
    click.option(
        "--path", "paths", multiple=True, metavar="PATTERN",
        help="Only paths or resources that match this glob, or begin with this; repeatable.",
    ),
    click.option(
        "--method", "methods", multiple=True, metavar="METHOD", callback=_method,
        help="Only this HTTP method; repeatable.",
    ),
    window,
)  # fmt: skip
"""Which requests are reported."""

fail_on = click.option(
    "--fail-on",
    multiple=True,
    metavar="WHAT",
    callback=_fail_on,
    help="End with 1 if a reported request has this category, or was failed by the gateway, answered with 5xx, or "
    "failed at all: CATEGORY|gateway|5xx|any; repeatable.",
)

output = click.option(
    "-o", "--output", type=click.Path(path_type=Path, allow_dash=True), metavar="FILE",
    callback=_output,
    help="Write there instead of standard output: all of it, or nothing if something fails.",
)  # fmt: skip

redacting = click.option(
    "--no-redact", "redacted", flag_value=False, default=True, type=bool,
    help="Show tokens, keys, cookies and identities as they are in the log.",
)  # fmt: skip

jobs = click.option(
    "--jobs", type=click.IntRange(min=1), metavar="N", help="Processes to read with; by default as many as help.",
)  # fmt: skip

aws = shared(
    click.option("--profile", metavar="NAME", help="The AWS profile to use."),
    click.option("--region", metavar="REGION", help="The AWS region to look in."),
)
"""Whose account, and where."""

other_logs = shared(
    click.option(
        "--lambda-logs", multiple=True, metavar="PATH|auto",
        help="Logs of the Lambda functions, text or JSON, in any container; joined by the ids in them. With auto those "
        "of the functions that the log names are fetched. Repeatable.",
    ),
    click.option(
        "--access-logs", multiple=True, metavar="PATH|auto",
        help="Access logs of the API: JSON with any names, CLF, CSV or XML; joined by the ids in them. With auto that "
        "of the stage is fetched. Repeatable.",
    ),
)  # fmt: skip
"""Logs to read beside the execution log."""
fields = click.option(
    "--field", "fields", multiple=True, metavar="ROLE=NAME", callback=_fields,
    help="Which field or column of JSON, Parquet, CSV, w3c or plain records is the message, timestamp, request_id, "
    "event_id, log_group, api_id or api_stage, where guessing does not do: --field message=payload; repeatable.",
)  # fmt: skip

paths = click.argument("sources", nargs=-1, metavar="[PATH]...")


def sources_or_stdin(sources: tuple[str, ...], *, command: str) -> tuple[str | BinaryIO, ...]:
    """What to read: the paths given, ``-`` for standard input, which is also read where something is piped in."""
    if not sources:
        if _nothing_is_piped_in():
            raise UsageError("no PATH given and nothing is piped in", tip=f"name a file or directory: {command}")
        sources = ("-",)
    return tuple(sys.stdin.buffer if source == "-" else source for source in sources)


def _nothing_is_piped_in() -> bool:
    return sys.stdin is None or sys.stdin.isatty()

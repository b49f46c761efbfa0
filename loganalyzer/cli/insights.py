"""``loganalyzer analyze --engine insights``: requests counted where they are, inside Logs Insights."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from loganalyzer.cli.fetching import Limits
from loganalyzer.cli.live import Asked, resolve
from loganalyzer.errors import Unread, UsageError

if TYPE_CHECKING:
    from botocore.client import BaseClient

    from loganalyzer.classifier.rules import Entry, Rules
    from loganalyzer.fetcher.plan import Plan
    from loganalyzer.insights.records import Counts

FORMATS = ("table", "json")


def demand_live(form: str, *, sources: tuple[str, ...], lively: tuple[str, ...], live: bool, more: bool) -> None:
    """Raise :class:`UsageError` if more is asked for than a query can count."""
    if sources != lively or not live:
        raise UsageError(
            "--engine insights counts what is in CloudWatch", tip="name it with --api, --log-group, a URL or an ARN"
        )
    if form not in FORMATS:
        raise UsageError(f"--format {form}: not with --engine insights", tip=f"choose {' or '.join(FORMATS)}")
    if more:
        raise UsageError(
            "--engine insights takes no filters but --since and --until, no --all, no --fail-on, no settings and no "
            "other logs",
            tip="leave them out, or leave out --engine insights: what is named is then fetched",
        )


def count_and_write(
    asked: Asked,
    lively: tuple[str, ...],
    limits: Limits,
    *,
    since: datetime | None,
    until: datetime | None,
    rules: Rules,
    form: str,
    output: Path | None,
    redacted: bool,
    strict: bool,
) -> int:
    """Count the requests of what is named, write the counts; returns the exit code."""
    from loganalyzer.classifier.rules import catalogue_with
    from loganalyzer.fetcher.live import HOUR
    from loganalyzer.fetcher.session import client
    from loganalyzer.insights import count

    groups = resolve(asked, sources=lively)
    now = datetime.now(UTC)
    if since is None:
        since = (until or now) - HOUR
        click.echo("Counting the last hour; --since looks further back.", err=True)

    def source(region: str) -> BaseClient:
        return client("logs", profile=asked.profile, region=region, attempts=1)

    counts = count(
        groups,
        since=int(since.timestamp() * 1000),
        until=int((until or now).timestamp() * 1000),
        clients=source,
        agree=lambda plan: _agree(plan, limits),
        rules=rules,
    )
    _write(counts, form=form, output=output, entries=catalogue_with(rules), redacted=redacted)
    if strict and (counts.problems or any(one.category in ("UNCLASSIFIED", "INCOMPLETE") for one in counts.counted)):
        raise Unread("a group was not counted, or requests could not be named", tip="see the report")
    return 0


def _agree(plan: Plan, limits: Limits) -> None:
    """Say what it costs, and have that agreed to, before AWS bills anything."""
    from loganalyzer.fetcher.plan import consent, sentences

    terminal = sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()
    consent(
        plan,
        max_bytes=limits.max_bytes,
        max_cost=limits.max_cost,
        yes=limits.yes,
        ask=(lambda question: click.confirm(question, err=True)) if terminal else None,
    )
    for said in sentences(plan):
        click.echo(said, err=True)


def _write(counts: Counts, *, form: str, output: Path | None, entries: Mapping[str, Entry], redacted: bool) -> None:
    from loganalyzer.cli import output as out
    from loganalyzer.reports.insights import counts_document, show_counts

    if form == "json":
        out.write([counts_document(counts, redacted=redacted)], output)
        return
    from loganalyzer.reports.page import Page

    with out.page_file(output) as file:
        show_counts(counts, Page(file), entries=entries, redacted=redacted)

"""``loganalyzer compare``: what failed before and after, and whether the difference is more than chance."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from loganalyzer.cli import options
from loganalyzer.cli.commands import Command
from loganalyzer.errors import UsageError

if TYPE_CHECKING:
    from loganalyzer.classifier.rules import Rules
    from loganalyzer.comparison.records import Comparison, Window

CONDITIONS = ("new", "grown")

EXAMPLES = (
    ("Did last night's deployment change anything?", "loganalyzer compare exports/monday exports/tuesday"),
    ("The same log, an hour before and since a fix",
     "loganalyzer compare --before 13:00..14:00 --after 14:00.. exports/"),
    ("Is the authorizer's cache, kept for an hour, still answering?",
     "loganalyzer compare --changed 14:05 --ttl 3600 old.log new.log"),
    ("Break a build on kinds of failure that were not there before",
     "loganalyzer compare --fail-on new --fail-on grown baseline.log test-run.log"),
)  # fmt: skip


def _range(ctx: click.Context, param: click.Parameter, value: str | None) -> Window | None:
    """``START..END`` as two times; without an end it lasts until now."""
    if value is None:
        return None
    start, dots, end = value.partition("..")
    if not dots or not start.strip():
        raise UsageError(
            f"--{param.name}: {value!r} is no range of time", tip="write START..END, such as 13:00..14:00 or 2h..1h"
        )
    return options.moment(ctx, start), options.moment(ctx, end.strip() or "now", late=True)


def _changed(ctx: click.Context, param: click.Parameter, value: str | None) -> datetime | None:
    return None if value is None else options.moment(ctx, value)


@click.command(
    cls=Command,
    short_help="Compare what failed before and after.",
    examples=EXAMPLES,
    exits=("0", "1", "2", "3", "5"),
)
@click.argument("sources", nargs=-1, metavar="BEFORE [AFTER]")
@click.option("--before", metavar="START..END", callback=_range, help="Only what began in this range of time; for "
              "one log, or to say how long the first was kept.")  # fmt: skip
@click.option("--after", metavar="START..[END]", callback=_range, help="The same for the other side, to now if END "
              "is left out.")  # fmt: skip
@options.utc
@click.option("--changed", metavar="TIME", callback=_changed, help="When the fix was made; by default the later side's "
              "beginning.")  # fmt: skip
@click.option("--ttl", type=click.IntRange(0, 3600), default=300, show_default=True, metavar="SECONDS",
              help="How long the authorizer's results are cached.")  # fmt: skip
@click.option("--format", "form", type=click.Choice(("table", "json", "md")), default="table", show_default=True,
              help="What to write.")  # fmt: skip
@options.output
@click.option(
    "--fail-on",
    multiple=True,
    type=click.Choice(CONDITIONS),
    help="End with 1 if a category failed on the later side alone (new), or more by more than chance (grown); "
    "repeatable.",
)
@options.rules
@options.redacting
@options.aws
@options.jobs
def compare(
    *,
    sources: tuple[str, ...],
    before: Window | None,
    after: Window | None,
    changed: datetime | None,
    ttl: int,
    form: str,
    output: Path | None,
    fail_on: tuple[str, ...],
    rules: Rules,
    redacted: bool,
    profile: str | None,
    region: str | None,
    jobs: int | None,
) -> int:
    """Compare what failed before and after: what is new, gone, grown or shrunk, and whether that is more than chance.

    BEFORE and AFTER are logs in any form, as for analyze; or give one log and two ranges of time in it. Shares are
    compared where successes are logged too, else numbers an hour.
    """
    from loganalyzer.cli.reading import read
    from loganalyzer.comparison import compare as comparing

    if not 1 <= len(sources) <= 2:
        raise UsageError("give one log or two", tip="a directory, a glob in quotes or a prefix counts as one")
    if len(sources) == 1 and not (before and after):
        raise UsageError("one log needs --before and --after", tip="or name a second log to compare with")
    if sources.count("-") > 1:
        raise UsageError("standard input can be one side only", tip="save one of the two to a file")
    named = options.sources_or_stdin(sources, command="loganalyzer compare old.log new.log")
    analyses = [read((one,), rules=rules, jobs=jobs, profile=profile, region=region) for one in named]
    comparison = comparing.compare(
        analyses[0],
        analyses[1] if len(analyses) > 1 else None,
        before_window=before,
        after_window=after,
        changed=changed,
        ttl=timedelta(seconds=ttl),
    )
    write(comparison, form=form, output=output, redacted=redacted)
    return 1 if any(_meets(comparison, condition) for condition in fail_on) else 0


def _meets(comparison: Comparison, condition: str) -> bool:
    """Whether a category is what was asked for; INCOMPLETE is about where a log was cut, not about failing."""
    from loganalyzer.comparison.records import CERTAIN

    return any(
        change.kind == condition and (condition == "new" or change.verdict == CERTAIN)
        for change in comparison.categories
        if change.name != "INCOMPLETE"
    )


def write(comparison: Comparison, *, form: str, output: Path | None, redacted: bool) -> None:
    """Write the comparison as a page, a JSON document or a note in Markdown."""
    from loganalyzer.cli import output as out
    from loganalyzer.reports.comparison_page import comparison_note, show_comparison

    if form == "json":
        from loganalyzer.reports.clean import json_text
        from loganalyzer.reports.comparison import comparison_document

        out.write([json_text(comparison_document(comparison, redacted=redacted), indent=2), "\n"], output)
        return
    if form == "md":
        out.write(comparison_note(comparison, redacted=redacted), output)
        return
    from loganalyzer.reports.page import Page

    with out.page_file(output) as file:
        show_comparison(comparison, Page(file), redacted=redacted)

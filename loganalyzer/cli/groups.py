"""``loganalyzer groups``: what there is in a live account."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from loganalyzer.cli import options
from loganalyzer.cli.commands import Command

if TYPE_CHECKING:
    from loganalyzer.fetcher.survey import Survey

EXAMPLES = (
    ("The APIs of an account and what they log", "loganalyzer groups --profile prod --region eu-central-1"),
    ("The names of all log groups, for a script", "loganalyzer groups --format json | jq -r '.groups[].name'"),
)


@click.command(
    cls=Command,
    short_help="List the APIs and log groups of an AWS account.",
    examples=EXAMPLES,
    exits=("0", "2", "5"),
)
@options.aws
@click.option("--format", "form", type=click.Choice(("table", "json")), default="table", show_default=True,
              help="What to write.")  # fmt: skip
@options.output
def groups(*, profile: str | None, region: str | None, form: str, output: Path | None) -> None:
    """List REST and WebSocket APIs with their stages, what these log, and the log groups that hold it.

    For each stage: its logging level ("+ trace" where whole requests and responses are logged), its log group, bytes
    stored and how long they are kept, and where else its execution logs are delivered to. Nothing is changed or read of
    the logs themselves. What the credentials may not see is said once; the rest is shown.
    """
    from loganalyzer.fetcher.account import Account
    from loganalyzer.fetcher.survey import survey

    write(survey(Account.reached(profile=profile, region=region)), form=form, output=output)


def write(found: Survey, *, form: str, output: Path | None) -> None:
    """Write what was found as a page or as a JSON document."""
    from loganalyzer.cli import output as out
    from loganalyzer.reports.groups import groups_document, show_groups

    if form == "json":
        from loganalyzer.reports.clean import json_text

        out.write([json_text(groups_document(found), indent=2), "\n"], output)
        return
    from loganalyzer.reports.page import Page

    with out.page_file(output) as file:
        show_groups(found, Page(file))

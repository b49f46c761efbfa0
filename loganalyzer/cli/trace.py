"""``loganalyzer trace``: everything that happened to one request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from loganalyzer.cli import options
from loganalyzer.cli.commands import Command

if TYPE_CHECKING:
    from loganalyzer.classifier.rules import Entry
    from loganalyzer.model import Request, Timeline

EXAMPLES = (
    ("The life of one request", "loganalyzer trace 3f2a6c1e-9b1d-4c7e-8a55-0d2f7b6c1e90 exports/"),
    ("The beginning of an id is enough", "loganalyzer trace 3f2a exports/"),
    ("By the request id of the Lambda function", "loganalyzer trace 8a1b2c3d-0000-4000-8000-5e6f7a8b9c0d exports/"),
    ("With whole messages", "loganalyzer trace --full 3f2a exports/ | less"),
)


@click.command(cls=Command, short_help="Show one request step by step.", examples=EXAMPLES, exits=("0", "2", "3", "5"))
@click.argument("wanted", metavar="ID")
@options.paths
@click.option("--format", "form", type=click.Choice(("table", "json")), default="table", show_default=True,
              help="What to write.")  # fmt: skip
@options.output
@click.option("--full", is_flag=True, help="Show whole messages.")
@options.rules
@options.redacting
@options.aws
@options.jobs
def trace(
    *,
    wanted: str,
    sources: tuple[str, ...],
    form: str,
    output: Path | None,
    full: bool,
    entries: Mapping[str, Entry],
    redacted: bool,
    profile: str | None,
    region: str | None,
    jobs: int | None,
) -> None:
    """Show one request step by step: how far it came, where it stopped, and the lines that prove it.

    ID is a request id or its beginning, an extended request id, or the request id of the Lambda function. PATH is as
    for analyze.
    """
    from loganalyzer.cli.analyze import read

    named = options.sources_or_stdin(sources, command="loganalyzer trace ID exports/")
    analysis = read(named, rules=entries, jobs=jobs, profile=profile, region=region)
    timeline = analysis.timeline(wanted)
    request = analysis.diagnosis(wanted)
    if redacted:
        timeline, request = _masked(timeline, request)
    write(timeline, request, form=form, output=output, entry=entries.get(request.category), full=full)


def _masked(timeline: Timeline, request: Request) -> tuple[Timeline, Request]:
    from loganalyzer.redact import redact_request, redact_step

    steps = tuple(redact_step(step) for step in timeline.steps)
    return replace(timeline, steps=steps), redact_request(request)


def write(
    timeline: Timeline, request: Request, *, form: str, output: Path | None, entry: Entry | None, full: bool
) -> None:
    """Write the timeline as a page or as a JSON document."""
    from loganalyzer.cli import output as out

    if form == "json":
        from loganalyzer.reports.clean import json_text
        from loganalyzer.reports.timeline import timeline_document

        out.write([json_text(timeline_document(timeline, request, entry=entry), indent=2), "\n"], output)
        return
    from loganalyzer.reports.page import Page
    from loganalyzer.reports.trace import show_timeline

    with out.page_file(output) as file:
        show_timeline(timeline, request, Page(file), entry=entry, full=full)

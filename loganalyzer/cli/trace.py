"""``loganalyzer trace``: everything that happened to one request."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from loganalyzer.cli import options
from loganalyzer.cli.commands import Command
from loganalyzer.cli.settings import audits, explaining

if TYPE_CHECKING:
    from loganalyzer.audit.explaining import Explanations
    from loganalyzer.classifier.rules import Entry, Rules
    from loganalyzer.model import Explanation, Request, Timeline

FORMATS = ("table", "json", "svg", "otlp")

EXAMPLES = (
    ("The life of one request", "loganalyzer trace 3f2a6c1e-9b1d-4c7e-8a55-0d2f7b6c1e90 exports/"),
    ("The beginning of an id is enough", "loganalyzer trace 3f2a exports/"),
    ("By the request id of the Lambda function", "loganalyzer trace 8a1b2c3d-0000-4000-8000-5e6f7a8b9c0d exports/"),
    ("With the settings that explain the failure", "loganalyzer trace --audit-from settings.json 3f2a exports/"),
    ("With whole messages", "loganalyzer trace --full 3f2a exports/ | less"),
    ("A picture for a report", "loganalyzer trace --format svg -o request.svg 3f2a exports/"),
    ("For a trace viewer (Jaeger, Grafana Tempo)", "loganalyzer trace --format otlp -o trace.json 3f2a exports/"),
)  # fmt: skip


@click.command(cls=Command, short_help="Show one request step by step.", examples=EXAMPLES, exits=("0", "2", "3", "5"))
@click.argument("wanted", metavar="ID")
@options.paths
@click.option("--format", "form", type=click.Choice(FORMATS), default="table", show_default=True,
              help="What to write: otlp is JSON for trace viewers, svg a picture.")  # fmt: skip
@options.output
@click.option("--full", is_flag=True, help="Show whole messages.")
@options.other_logs
@options.rules
@audits
@options.fields
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
    lambda_logs: tuple[str, ...],
    access_logs: tuple[str, ...],
    rules: Rules,
    audited: bool,
    settings: tuple[Path, ...],
    fields: dict[str, str],
    redacted: bool,
    profile: str | None,
    region: str | None,
    jobs: int | None,
) -> None:
    """Show one request step by step: how far it came, where it stopped, and the lines that prove it.

    ID is a request id or its beginning, an extended request id, or the request id of the Lambda function. PATH is as
    for analyze.
    """
    from loganalyzer.cli.reading import read

    named = options.sources_or_stdin(sources, command="loganalyzer trace ID exports/")
    analysis = read(
        named,
        rules=rules,
        lambda_logs=lambda_logs,
        access_logs=access_logs,
        jobs=jobs,
        profile=profile,
        region=region,
        fields=fields,
    )
    timeline = analysis.timeline(wanted)
    request, explanation = analysis.diagnosis(wanted), analysis.explanation(wanted)
    explanations = None
    if (audited or settings) and request.category:
        explanations = explaining(
            [request], settings, live=audited, coverage=analysis.coverage, profile=profile, region=region
        )
        explanations.note(request)
    if redacted:
        from loganalyzer.redact import redact_explanation, redact_request, redact_timeline

        timeline, request = redact_timeline(timeline), redact_request(request)
        explanation = redact_explanation(explanation)
    entry = analysis.entries.get(request.category)
    write(
        timeline,
        request,
        explanation=explanation,
        form=form,
        output=output,
        entry=entry,
        full=full,
        explanations=explanations,
    )


def write(
    timeline: Timeline,
    request: Request,
    *,
    explanation: Explanation,
    form: str,
    output: Path | None,
    entry: Entry | None,
    full: bool,
    explanations: Explanations | None = None,
) -> None:
    """Write the timeline as a page, a picture or a JSON document."""
    from loganalyzer.cli import output as out

    if form == "svg":
        from loganalyzer.reports.waterfall import waterfall_svg

        out.write([waterfall_svg(timeline, request, entry=entry)], output)
        return
    if form in ("json", "otlp"):
        from loganalyzer.reports.clean import json_text
        from loganalyzer.reports.otlp import otlp_document
        from loganalyzer.reports.timeline import timeline_document

        if form == "otlp":
            document = otlp_document(timeline, request, entry=entry)
        else:
            document = timeline_document(
                timeline, request, entry=entry, explanation=explanation, explanations=explanations
            )
        out.write([json_text(document, indent=2), "\n"], output)
        return
    from loganalyzer.reports.page import Page
    from loganalyzer.reports.trace import show_timeline

    with out.page_file(output) as file:
        show_timeline(
            timeline, request, Page(file), entry=entry, explanation=explanation, explanations=explanations, full=full
        )

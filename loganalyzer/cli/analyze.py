"""``loganalyzer analyze``: every failed request of some logs, named and explained."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from loganalyzer.cli import options
from loganalyzer.cli.commands import Command
from loganalyzer.errors import AwsError, UsageError

if TYPE_CHECKING:
    from loganalyzer.analysis import Analysis
    from loganalyzer.audit.explaining import Explanations
    from loganalyzer.classifier.rules import Entry
    from loganalyzer.cli.verdict import Verdict
    from loganalyzer.model import Request
    from loganalyzer.reports.report import Report
    from loganalyzer.reports.selection import Selection
    from loganalyzer.spark import Gathered

FORMATS = ("table", "json", "ndjson", "csv")

EXAMPLES = (
    ("What failed in a downloaded S3 export, and why", "loganalyzer analyze exports/"),
    ("The same, where it was exported to", "loganalyzer analyze s3://bucket/exports/"),
    ("Straight from CloudWatch", "aws logs filter-log-events --log-group-name NAME | loganalyzer analyze"),
    ("Server errors under /orders in the last two hours",
     "loganalyzer analyze --client-status 5xx --path /orders --since 2h exports/"),
    ("One JSON document for other programs", "loganalyzer analyze --format json -o report.json exports/"),
    ("With rules of your own", "loganalyzer analyze --rules shop.toml exports/"),
    ("With the settings that explain the failures", "loganalyzer analyze --audit-from settings.json exports/"),
    ("On a Spark cluster, every request as Parquet",
     "loganalyzer analyze --engine spark -o s3://bucket/requests s3://bucket/exports/"),
    ("Break a build on failures of the gateway itself", "loganalyzer analyze --fail-on gateway --strict test-run.log"),
)  # fmt: skip


@click.command(
    cls=Command,
    short_help="Name every failed request in exported logs.",
    examples=EXAMPLES,
    exits=("0", "1", "2", "3", "4", "5"),
)
@options.paths
@click.option("--format", "form", type=click.Choice(FORMATS), default="table", show_default=True, help="What to write.")
@options.output
@click.option(
    "--engine",
    type=click.Choice(("local", "spark")),
    default="local",
    show_default=True,
    is_eager=True,
    help="Where to analyse: on this machine, or on Spark, which writes all requests as Parquet below --output.",
)
@click.option("--all", "everything", is_flag=True, help="List the requests that succeeded as well.")
@options.filters
@options.fail_on
@click.option(
    "--strict",
    is_flag=True,
    help="End with 4 if an input or line could not be read, a message is not known, or a reported request is "
    "INCOMPLETE or UNCLASSIFIED.",
)
@options.rules
@click.option(
    "--audit",
    "audited",
    is_flag=True,
    help="Ask AWS for the settings of the APIs that failed, and name those that explain the failures.",
)
@click.option(
    "--audit-from",
    "settings",
    multiple=True,
    metavar="PATH",
    type=click.Path(path_type=Path),
    help="The same with settings of an API that were saved: a file of loganalyzer audit --save, or a directory of "
    "answers of the AWS CLI; repeatable.",
)
@options.redacting
@options.aws
@options.jobs
def analyze(
    *,
    sources: tuple[str, ...],
    form: str,
    output: Path | None,
    engine: str,
    everything: bool,
    categories: tuple[str, ...],
    statuses: tuple[str, ...],
    paths: tuple[str, ...],
    methods: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    fail_on: tuple[str, ...],
    strict: bool,
    entries: Mapping[str, Entry],
    audited: bool,
    settings: tuple[Path, ...],
    redacted: bool,
    profile: str | None,
    region: str | None,
    jobs: int | None,
) -> int:
    """Name every failed request by error category: why it failed, where it stopped, and how sure that is.

    PATH is an exported log in any form: a file (plain or .gz), a directory, a glob, s3://bucket/prefix, or - for
    standard input. Objects in S3 are read from there and not stored.
    """
    from loganalyzer.cli.verdict import Verdict
    from loganalyzer.reports.selection import Selection

    if since and until and since > until:
        raise UsageError("--since is later than --until", tip="swap them")
    selection = Selection(categories, statuses, paths, methods, since, until)
    if engine == "spark" and (selection or everything or audited or settings):
        raise UsageError(
            "--engine spark writes every request", tip="leave out filters, --all and audits; query its Parquet"
        )
    analysis: Analysis | Gathered
    if engine == "spark":
        from loganalyzer.cli.spark import gathered

        analysis = gathered(sources, output=output, entries=entries, redacted=redacted, profile=profile, region=region)
        output = None
    else:
        named = options.sources_or_stdin(sources, command="loganalyzer analyze exports/")
        listed = everything or bool(selection)
        analysis = read(named, rules=entries, successes=listed, jobs=jobs, profile=profile, region=region)
    verdict = Verdict(fail_on)
    explanations = None
    if audited or settings:
        explanations = explaining(analysis, settings, live=audited, profile=profile, region=region)
    report = reported(
        analysis, selection, everything=everything, redacted=redacted, verdict=verdict, explanations=explanations
    )
    write(report, form=form, output=output, entries=entries, everything=everything)
    if strict and not verdict.failed:
        verdict.demand_complete(report.coverage)
    return 1 if verdict.failed else 0


def read(
    sources: tuple[object, ...],
    *,
    rules: Mapping[str, Entry],
    successes: bool = True,
    jobs: int | None,
    profile: str | None = None,
    region: str | None = None,
) -> Analysis:
    """The analysis of the sources by the rules of a catalogue, with a progress bar where it can be seen."""
    from loganalyzer.analysis import analyze as analyzed
    from loganalyzer.cli.progress import progress
    from loganalyzer.parser.allocation import keep_freed_memory

    keep_freed_memory()
    with progress() as told:
        return analyzed(
            *sources,  # type: ignore[arg-type]
            successes=successes,
            rules=rules,
            jobs=jobs,
            progress=told,
            profile=profile,
            region=region,
        )


def explaining(
    analysis: Analysis | Gathered, paths: tuple[Path, ...], *, live: bool, profile: str | None, region: str | None
) -> Explanations:
    """The audits of saved settings (each path is those of one API) and, if ``live``, of every API that failed."""
    from loganalyzer.audit.examine import examine
    from loganalyzer.audit.explaining import Explanations
    from loganalyzer.cli.audit import ask_aws, load_settings
    from loganalyzer.reports.clean import clean

    snapshots = [load_settings((path,)) for path in paths]
    if live:
        failed = dict.fromkeys(request.api_id for request in analysis.records() if request.api_id)
        if not failed:
            raise UsageError("no failed request names its API, so there is none to audit", tip=_NO_API)
        for api in failed:
            try:
                snapshots.append(ask_aws(api, profile=profile, region=region))
            except AwsError as error:
                analysis.coverage.note(f"Settings of API {api} were not seen: {error.message}")
                click.echo(f"warning: the settings of API {clean(api)} were not seen: {clean(error.message)}", err=True)
    return Explanations([examine(snapshot) for snapshot in snapshots])


_NO_API = "save its settings with loganalyzer audit --api ID --save FILE and name them with --audit-from FILE"


def reported(
    analysis: Analysis | Gathered,
    selection: Selection,
    *,
    everything: bool,
    redacted: bool,
    verdict: Verdict,
    explanations: Explanations | None = None,
) -> Report:
    """What passes the filters, counted; the requests are weighed as they are handed out."""
    from loganalyzer.reports.report import Report
    from loganalyzer.reports.selection import tally

    def requests() -> Iterator[Request]:
        verdict.reset()
        if explanations is not None:
            explanations.reset()
        for request in _admitted(analysis.records(everything=everything), selection):
            verdict.weigh(request)
            if explanations is not None:
                explanations.note(request)
            yield request

    counted = tally(_admitted(analysis.records(everything=True), selection)) if selection else analysis.summary()
    return Report(analysis.coverage, counted, requests, selection.words(), redacted=redacted, explanations=explanations)


def _admitted(requests: Iterable[Request], selection: Selection) -> Iterator[Request]:
    return filter(selection.admits, requests) if selection else iter(requests)


def write(report: Report, *, form: str, output: Path | None, entries: Mapping[str, Entry], everything: bool) -> None:
    """Write the report in one of the formats."""
    from loganalyzer.cli import output as out

    if form == "table":
        from loganalyzer.reports.page import Page
        from loganalyzer.reports.table import show

        with out.page_file(output) as file:
            show(report, Page(file), entries=entries, everything=everything)
        return
    from loganalyzer.reports import documents

    chunks = {
        "json": lambda: documents.json_document(report),
        "ndjson": lambda: documents.ndjson(report.rows()),
        "csv": lambda: documents.csv_table(report.rows()),
    }[form]()
    out.write(chunks, output)

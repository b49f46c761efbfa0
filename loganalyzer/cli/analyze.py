"""``loganalyzer analyze``: every failed request of some logs, named and explained."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from loganalyzer.cli import options
from loganalyzer.cli.commands import Command
from loganalyzer.cli.fetching import Limits, cache_dir, limits
from loganalyzer.cli.insights import count_and_write, demand_live
from loganalyzer.cli.live import Asked, is_live, live
from loganalyzer.cli.reading import read
from loganalyzer.cli.reporting import reported, write
from loganalyzer.cli.settings import audits, explaining
from loganalyzer.cli.spark import demand_no_more, gathered
from loganalyzer.errors import UsageError

if TYPE_CHECKING:
    from loganalyzer.analysis import Analysis
    from loganalyzer.classifier.rules import Rules
    from loganalyzer.correlate.logs import FetchLogs
    from loganalyzer.fetcher.group import LogGroup
    from loganalyzer.formats.stored import Fetched
    from loganalyzer.spark.gathered import Gathered

FORMATS = ("table", "json", "ndjson", "csv", "parquet", "md", "html")
ENGINES = ("local", "spark", "insights")

EXAMPLES = (
    ("What failed in a downloaded S3 export, and why", "loganalyzer analyze exports/"),
    ("The same, where it was exported to", "loganalyzer analyze s3://bucket/exports/"),
    ("The last two hours of a live API", "loganalyzer analyze --api abcde12345 --stage prod --since 2h"),
    ("What another command says", "aws logs filter-log-events --log-group-name NAME | loganalyzer analyze"),
    ("Server errors under /orders in the last two hours",
     "loganalyzer analyze --client-status 5xx --path /orders --since 2h exports/"),
    ("One JSON document for other programs", "loganalyzer analyze --format json -o report.json exports/"),
    ("A note to paste into an issue or a chat", "loganalyzer analyze --format md exports/"),
    ("With what the functions' own logs and the access log tell",
     "loganalyzer analyze --lambda-logs lambda/ --access-logs access.json exports/"),
    ("The same for a live API, with these logs fetched as well",
     "loganalyzer analyze --api shop --lambda-logs auto --access-logs auto"),
    ("A page to look at and to send on", "loganalyzer analyze --format html -o report.html exports/"),
    ("A typed table for pandas, DuckDB or Athena",
     "loganalyzer analyze --all --format parquet -o requests.parquet exports/"),
    ("With rules of your own", "loganalyzer analyze --rules shop.toml exports/"),
    ("With the settings that explain the failures", "loganalyzer analyze --audit-from settings.json exports/"),
    ("On a Spark cluster, every request as Parquet",
     "loganalyzer analyze --engine spark -o s3://logs/table s3://logs/exports/"),
    ("A month of a live API, counted inside CloudWatch",
     "loganalyzer analyze --engine insights --api shop --since 30d --max-cost 5"),
    ("Break a build on failures of the gateway itself", "loganalyzer analyze --fail-on gateway --strict test-run.log"),
)  # fmt: skip


@click.command(
    cls=Command,
    short_help="Name every failed request in exported or live logs.",
    examples=EXAMPLES,
    exits=("0", "1", "2", "3", "4", "5"),
)
@options.paths
@click.option("--format", "form", type=click.Choice(FORMATS), default="table", show_default=True, help="What to write.")
@options.output
@click.option(
    "--engine",
    type=click.Choice(ENGINES),
    default="local",
    show_default=True,
    is_eager=True,
    help="Where to analyse: on this machine; on Spark, which writes every request as Parquet below --output; or inside "
    "CloudWatch, where Logs Insights counts what failed without its lines being fetched, for money.",
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
@options.other_logs
@options.rules
@audits
@options.fields
@options.redacting
@live
@limits
@cache_dir
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
    lambda_logs: tuple[str, ...],
    access_logs: tuple[str, ...],
    rules: Rules,
    audited: bool,
    settings: tuple[Path, ...],
    fields: dict[str, str],
    redacted: bool,
    asked: Asked,
    limits: Limits,
    jobs: int | None,
) -> int:
    """Name every failed request by error category: why it failed, where it stopped, and how sure that is.

    PATH is an exported log in any form: a file (plain or .gz), a directory, a glob, s3://bucket/prefix, or - for
    standard input. Objects in S3 are read from there and not stored. An API named by --api, a URL or an ARN is fetched
    from CloudWatch, by default its last hour; that is kept (see "cache"), and not fetched again the next time.
    """
    from loganalyzer.cli.verdict import Verdict
    from loganalyzer.reports.selection import Selection

    if since and until and since > until:
        raise UsageError("--since is later than --until", tip="swap them")
    lively = tuple(source for source in sources if is_live(source))
    fetching = bool(asked or lively)
    place = None
    chosen, beside = bool(categories or statuses or paths or methods or everything), bool(lambda_logs or access_logs)
    if engine == "insights":
        more = bool(chosen or beside or fail_on or audited or settings or fields)
        demand_live(form, sources=sources, lively=lively, live=fetching, more=more)
        return count_and_write(asked, lively, limits, since=since, until=until, rules=rules, form=form,
                               output=output, redacted=redacted, strict=strict)  # fmt: skip
    if engine == "spark":
        demand_no_more(form, selected=bool(chosen or since or until), others=beside, live=fetching)
        place, output = output, None
    if form == "html":
        _demand_page(output)
    if form == "parquet":
        _demand_parquet(output)
    # What is fetched is of that window already: only what else is read has to be filtered by time.
    timed = () if fetching and len(lively) == len(sources) else (since, until)
    selection = Selection(categories, statuses, paths, methods, *timed)
    others = tuple(source for source in sources if source not in lively)
    named: tuple[object, ...] = ()
    if engine == "local" and (others or not fetching):
        named = options.sources_or_stdin(others, command="loganalyzer analyze exports/")
    if fetching:
        named = (_fetched(asked, lively, limits, since=since, until=until), *named)
    listed = everything or bool(selection)
    profile, region = asked.profile, asked.region
    analysis: Analysis | Gathered
    if engine == "spark":
        analysis = gathered(
            sources, place=place, rules=rules, fields=fields, redacted=redacted, profile=profile, region=region
        )
    else:
        analysis = read(
            named,
            rules=rules,
            successes=listed,
            lambda_logs=lambda_logs,
            access_logs=access_logs,
            fetch=_beside(limits, profile=profile),
            jobs=jobs,
            profile=profile,
            region=region,
            fields=fields,
            then="loganalyzer.reports.documents:prepare" if form in ("json", "ndjson", "csv") else "",
        )
    verdict = Verdict(fail_on)
    explanations = None
    if audited or settings:
        explanations = explaining(
            analysis.records(), settings, live=audited, coverage=analysis.coverage, profile=profile, region=region
        )
    report = reported(
        analysis,
        selection,
        everything=everything,
        redacted=redacted,
        verdict=verdict,
        explanations=explanations,
        jobs=jobs,
    )
    write(report, form=form, output=output, entries=analysis.entries, everything=everything)
    if strict and not verdict.failed:
        verdict.demand_complete(report.coverage, report.summary)
    return 1 if verdict.failed else 0


def _demand_page(output: Path | None) -> None:
    """Raise :class:`UsageError` if a page cannot be written, or only on a terminal: before the log is read."""
    from loganalyzer.plot import demand_extra

    demand_extra("--format html needs")
    if output is None and sys.stdout.isatty():
        raise UsageError("--format html writes a web page, which a terminal cannot show", tip="add -o report.html")


def _demand_parquet(output: Path | None) -> None:
    """Say at once, not after reading, that Parquet cannot be written."""
    from loganalyzer.cli.output import demand_no_terminal
    from loganalyzer.reports.parquet import demand_pyarrow

    demand_no_terminal(output, form="parquet")
    demand_pyarrow()


def _fetched(
    asked: Asked, lively: tuple[str, ...], limits: Limits, *, since: datetime | None, until: datetime | None
) -> Fetched:
    """What is live of the sources, fetched into the cache."""
    from loganalyzer.cli.fetching import fetched
    from loganalyzer.cli.live import resolve

    groups = resolve(asked, sources=lively)
    return fetched(groups, limits, since=since, until=until, out=None, profile=asked.profile)


def _beside(limits: Limits, *, profile: str | None) -> FetchLogs:
    """What fetches the other logs of an account: into the same cache and within the same limits."""
    from dataclasses import replace

    from loganalyzer.cli.fetching import fetched

    def fetch(groups: Sequence[LogGroup], span: tuple[int, int]) -> Fetched:
        begin, end = (datetime.fromtimestamp(time / 1000, UTC) for time in span)
        whole = replace(limits, failures_only=False)
        return fetched(groups, whole, since=begin, until=end, out=None, profile=profile)

    return fetch

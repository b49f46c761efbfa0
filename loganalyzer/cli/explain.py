"""``loganalyzer explain``: the catalogue of error categories, and what a client's response may mean."""

from __future__ import annotations

import os
import select
import stat
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from loganalyzer.cli import options
from loganalyzer.cli.commands import Command
from loganalyzer.errors import UsageError

if TYPE_CHECKING:
    from loganalyzer.analysis import Analysis
    from loganalyzer.classifier.rules import Entry, Rules
    from loganalyzer.client.records import ExplainedResponse

EXAMPLES = (
    ("All categories", "loganalyzer explain"),
    ("One of them: what happened, why, what to do", "loganalyzer explain AUTHORIZER_LAMBDA_TIMEOUT"),
    ("What a response may mean", "curl -si https://api.example.com/orders | loganalyzer explain"),
    ("The same in words", "loganalyzer explain --status 403 --error-type ForbiddenException"),
    ("For certain, from the log of that very request", "loganalyzer explain --in exports/ response.txt"),
    ("The failures of a browser's session", "loganalyzer explain --format json session.har"),
    ("One of your own", "loganalyzer explain --rules shop.toml X_ORDER_GONE"),
)

STDIN = "-"
PATIENCE = 3.0
"""Seconds to wait for standard input before saying so."""


@click.command(
    cls=Command,
    short_help="Explain a category, or what a client saw.",
    examples=EXAMPLES,
    exits=("0", "2", "3"),
)
@click.argument("what", required=False, metavar="[CATEGORY|FILE|-]", shell_complete=options.complete_category)
@click.option("--status", type=int, metavar="CODE", help="The status of the response.")
@click.option("--error-type", metavar="NAME", default="", help="Its x-amzn-ErrorType.")
@click.option("--body", metavar="TEXT", help="Its body.")
@click.option(
    "--header", "-H", "headers", multiple=True, metavar="'NAME: VALUE'", help="One of its headers; repeatable."
)
@click.option("--in", "sources", multiple=True, metavar="PATH",
              help="Look the request up in this log, in any form that analyze reads; repeatable.")  # fmt: skip
@click.option("--format", "form", type=click.Choice(("table", "json")), default="table", show_default=True,
              help="What to write of a response.")  # fmt: skip
@options.output
@options.rules
@options.redacting
@options.jobs
def explain(
    *,
    what: str | None,
    status: int | None,
    error_type: str,
    body: str | None,
    headers: tuple[str, ...],
    sources: tuple[str, ...],
    form: str,
    output: Path | None,
    redacted: bool,
    rules: Rules,
    jobs: int | None,
) -> None:
    """Explain an error category: cause, fix, what the client sees, and whether Lambda counts an error.

    Without CATEGORY all of them are listed.

    Or explain a failed response: what it may mean, what tells that apart, how to mend it, which id to look up. Say what
    it was with --status, --error-type, --body and --header, or give it as FILE or on standard input (-, which may be
    left out where something is piped in): what curl -i, curl -v, httpie, wget -S or a browser shows, or a HAR file.
    With --in the request is looked up in that log by its id, and answered for certain.
    """
    from loganalyzer.classifier.rules import catalogue_with

    entries = catalogue_with(rules)
    described = status is not None or bool(error_type or headers) or body is not None
    if what is not None and described:
        raise UsageError(f"both {what} and the options of a response are given", tip="give one of them")
    pasted = None if described else _pasted(what, sources, entries)
    if pasted is None and not described:
        _catalogue(what, form=form, output=output, sources=sources, entries=entries)
        return
    logs = _logs(sources, entries=entries, jobs=jobs)
    from loganalyzer.responses import explain_pasted, explain_response

    explained: Sequence[ExplainedResponse]
    if pasted is not None:
        explained = explain_pasted(pasted, logs=logs)
    else:
        explained = [explain_response(status=status, error_type=error_type, body=body, headers=headers, logs=logs)]
    write(explained, form=form, output=output, entries=entries, redacted=redacted)


def _catalogue(
    what: str | None, *, form: str, output: Path | None, sources: tuple[str, ...], entries: Mapping[str, Entry]
) -> None:
    """Write one category, or the list of all; neither is of a response."""
    if sources or form == "json":
        raise UsageError(
            f"{'--in' if sources else '--format json'} needs a response, and there is none",
            tip="pipe in what curl -i shows, name a file with it, or say --status and --body",
        )
    from loganalyzer.cli import output as out
    from loganalyzer.reports.explain import explained, listed

    name = None if what is None else options.known_category(what, entries=entries)
    lines = listed(entries.values()) if name is None else explained(entries[name])
    text = "\n".join(lines)
    if output is None:
        click.echo(text)
    else:
        out.write([text, "\n"], output)


def _pasted(what: str | None, sources: tuple[str, ...], entries: Mapping[str, Entry]) -> bytes | None:
    """What was pasted: the file named, or standard input; None where a category or the list is wanted."""
    if what == STDIN or (what is None and STDIN not in sources and _is_piped_in()):
        _say_what_is_waited_for()
        raw = sys.stdin.buffer.read()
        return raw if raw.strip() or what == STDIN else None
    if what is None or what == STDIN:
        return None
    path = Path(what)
    if what.strip().upper().replace("-", "_") in entries or not path.exists():
        if os.sep in what:
            raise UsageError(f"there is no file {what}", tip="name a file with a response, or a category")
        return None
    return path.read_bytes()


def _is_piped_in() -> bool:
    """Whether standard input is a pipe or a file, not a terminal or nothing at all."""
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (OSError, ValueError, AttributeError):
        return sys.stdin is not None and not sys.stdin.isatty()
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode) or stat.S_ISSOCK(mode)


def _say_what_is_waited_for() -> None:
    """Say that a response is expected where none arrives: a pipe that stays open would look like a hang."""
    try:
        ready, _, _ = select.select([sys.stdin], [], [], PATIENCE)
    except (OSError, ValueError, TypeError):
        return
    if not ready:
        click.echo("reading a response from standard input; </dev/null lists the categories instead", err=True)


def _logs(sources: tuple[str, ...], *, entries: Mapping[str, Entry], jobs: int | None) -> Analysis | None:
    if not sources:
        return None
    from loganalyzer.cli.reading import read

    return read(
        options.sources_or_stdin(sources, command="loganalyzer explain --in exports/"), rules=entries, jobs=jobs
    )


def write(
    explained: Sequence[ExplainedResponse],
    *,
    form: str,
    output: Path | None,
    entries: Mapping[str, Entry],
    redacted: bool,
) -> None:
    """Write the explanations as a page or as a JSON document."""
    from loganalyzer.cli import output as out
    from loganalyzer.reports.response import Redaction, response_document, show_responses

    redaction = Redaction(redacted=redacted)
    if form == "json":
        from loganalyzer.reports.clean import json_text

        document = response_document(explained, entries=entries, redaction=redaction)
        out.write([json_text(document, indent=2), "\n"], output)
        return
    from loganalyzer.reports.page import Page

    with out.page_file(output) as file:
        show_responses(explained, Page(file), entries=entries, redaction=redaction)

"""The catalogue for people: one category explained, or the list of all."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from loganalyzer.scales import LIFECYCLE

if TYPE_CHECKING:
    from loganalyzer.classifier.rules import Entry

LAMBDA_ERROR = {
    "yes": "yes: the function's Errors metric counts it and its own log shows it",
    "no": "no: for Lambda the call went well",
    "-": "no: the function was not invoked",
    "n.a.": "not applicable: no Lambda function is involved",
    "?": "not known",
}
"""Whether Lambda itself counts an error."""

CERTAINTY = {"seen": "seen in real output", "documented": "documented by AWS", "inferred": "inferred, never seen"}
"""What a statement of the catalogue rests on."""

_LABEL = 15
_WIDEST = 100


def explained(entry: Entry) -> Iterator[str]:
    """One category in lines of text: what happened, why, what to do, what the client sees, how sure this is."""
    width = min(shutil.get_terminal_size((_WIDEST, 24)).columns, _WIDEST)
    yield entry.id
    yield from textwrap.wrap(entry.title, width)
    yield ""
    for label, text in _facts(entry):
        if text:
            yield from textwrap.wrap(
                text,
                width,
                initial_indent=f"{label:<{_LABEL}}",
                subsequent_indent=" " * _LABEL,
                break_long_words=False,
                break_on_hyphens=False,
            )


def _facts(entry: Entry) -> Iterator[tuple[str, str]]:
    yield (
        "stopped at",
        f"{entry.stage.name} ({entry.stage.lifecycle})" if entry.stage is not None else "where it got to",
    )
    yield "cause", entry.cause
    yield "fix", entry.fix
    for number, text in enumerate(entry.advice):
        yield "" if number else "hint", text
    yield "client sees", _client(entry)
    yield from _log(entry)
    yield "Lambda error", LAMBDA_ERROR.get(entry.lambda_error, entry.lambda_error)
    log, client = (CERTAINTY.get(known, known) for known in (entry.certainty.log, entry.certainty.client))
    yield "certainty", f"the log: {log}; the client's answer: {client}"
    yield "see", entry.link


def _log(entry: Entry) -> Iterator[tuple[str, str]]:
    """The sentences by which the log shows the category, one a line."""
    if not entry.logged:
        yield "in the log", "as a rule nothing: look at the access log"
    label = "in the log" if entry.logged else "or else"
    for sentence in entry.seen_as:
        yield label, sentence
        label = ""


def _client(entry: Entry) -> str:
    said = [str(entry.client_status or "")]
    said.append(f"x-amzn-ErrorType: {entry.client_error_type}" if entry.client_error_type else "")
    said.append(entry.client_body)
    shown = "  ".join(part for part in said if part)
    return f"{shown} (by default: gateway responses can be customised)" if shown else ""


def listed(entries: Iterable[Entry]) -> Iterator[str]:
    """All categories in lines of text, by the step of the lifecycle in which they stop a request."""
    by_step: dict[str, list[Entry]] = {}
    for entry in entries:
        step = entry.stage.lifecycle if entry.stage is not None else "anywhere"
        by_step.setdefault(step, []).append(entry)
    wide = max((len(entry.id) for members in by_step.values() for entry in members), default=0)
    for number, step in enumerate((*LIFECYCLE, "anywhere"), start=1):
        if step in by_step:
            yield f"{number} {step}" if step in LIFECYCLE else step
            yield from (f"  {entry.id:<{wide}}  {entry.title}" for entry in by_step[step])
            yield ""
    yield "loganalyzer explain CATEGORY says what happened, why, what to do and what the client sees."

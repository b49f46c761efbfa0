"""What a client's response may mean, as a page of text and as a JSON document."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from loganalyzer.redact import MASK, redact, redact_explanation, redact_request, redact_step
from loganalyzer.reports.clean import clean
from loganalyzer.reports.headline import count
from loganalyzer.reports.page import Page
from loganalyzer.reports.report import SCHEMA, iso

if TYPE_CHECKING:
    from collections.abc import Mapping

    from loganalyzer.classifier.rules import Entry
    from loganalyzer.client.records import Candidate, ExplainedResponse, LogAnswer
    from loganalyzer.model import Explanation, Request, Timeline

ID_HEADERS = {"extended": "x-amz-apigw-id", "request": "x-amzn-requestid", "trace": "x-amzn-trace-id"}
"""The headers that hold the ids."""

_SURE = {"high": "green", "medium": "yellow", "low": "yellow"}
_MANY = 5
_TOKEN_FIRST = re.compile(r"^[^\n]{1,4000}?(?= not a valid key=value pair)")


class Redaction:
    """Masks what of a response leaves the process, unless it is not ``redacted``."""

    def __init__(self, *, redacted: bool = True) -> None:
        self._redacted = redacted

    def text(self, text: str) -> str:
        """The text as it may be written; API Gateway repeats the token of a header that it takes for a signature."""
        return redact(_TOKEN_FIRST.sub(f"'{MASK}'", text)) if self._redacted else text

    def request(self, request: Request) -> Request:
        """The request as it may be written."""
        return redact_request(request) if self._redacted else request

    def root_cause(self, broke: Explanation | None) -> Explanation | None:
        """What exactly broke, as it may be written."""
        return redact_explanation(broke) if broke is not None and self._redacted else broke

    def timeline(self, timeline: Timeline) -> Timeline:
        """The timeline as it may be written."""
        from dataclasses import replace

        if not self._redacted:
            return timeline
        return replace(timeline, steps=tuple(redact_step(step) for step in timeline.steps))


# -- JSON --------------------------------------------------------------------------------------------------------------


def response_document(
    explained: Sequence[ExplainedResponse], *, entries: Mapping[str, Entry], redaction: Redaction
) -> Any:
    """The first explanation as a JSON object, what else a HAR file holds in ``others``."""
    first, *others = (_document(one, entries=entries, redaction=redaction) for one in explained)
    return {"schema": SCHEMA, **first, "others": others}


def _document(one: ExplainedResponse, *, entries: Mapping[str, Entry], redaction: Redaction) -> dict[str, Any]:
    from loganalyzer.client.records import moment_of

    seen, response = one.understood, one.response
    return {
        "response": {
            "status": seen.status,
            "error_type": seen.error_type,
            "message": None if seen.null_message or seen.message is None else redaction.text(seen.message),
            "method": response.method,
            "url": redaction.text(response.url),
            "sent_at": iso(moment_of(response)),
            "cut": response.cut,
            "ids": {header: getattr(seen.ids, name) for name, header in ID_HEADERS.items() if getattr(seen.ids, name)},
            "log_group": seen.log_group,
        },
        "answered_by": {
            "id": one.answerer.id,
            "title": one.answerer.title,
            "api_gateway": one.answerer.api_gateway,
            "means": one.answerer.means,
        },
        "customised": one.customised,
        "candidates": [_candidate(found) for found in one.candidates],
        "notes": list(one.notes),
        "alike": one.alike,
        "log": None if one.log is None else _log(one.log, entries=entries, redaction=redaction),
    }


def _candidate(found: Candidate) -> dict[str, Any]:
    return {
        "category": found.category or None,
        "title": found.title,
        "confidence": str(found.confidence),
        "why": found.why,
        "tell_apart": found.tell_apart,
        "roots": list(found.roots),
        "fix": found.fix,
        "link": found.link,
        "stopped_at": found.stopped_at or None,
        "lambda_error": found.lambda_error,
        "logged": found.logged,
        "log_shows": list(found.log_shows),
        "symptom": found.symptom,
    }


def _log(answer: LogAnswer, *, entries: Mapping[str, Entry], redaction: Redaction) -> dict[str, Any]:
    from loganalyzer.reports.timeline import timeline_document

    document: dict[str, Any] = {
        "searched": list(answer.searched),
        "found": answer.request is not None,
        "covered": answer.covered,
        "remarks": list(answer.remarks),
        "ruled_out": list(answer.ruled_out),
        "trace": None,
    }
    if answer.request is not None and answer.timeline is not None:
        request = redaction.request(answer.request)
        document["trace"] = timeline_document(
            redaction.timeline(answer.timeline),
            request,
            entry=entries.get(request.category),
            explanation=redaction.root_cause(answer.broke),
        )
    return document


# -- page --------------------------------------------------------------------------------------------------------------


def show_responses(
    explained: Sequence[ExplainedResponse], page: Page, *, entries: Mapping[str, Entry], redaction: Redaction
) -> None:
    """Write every explanation on the page, one below the other."""
    for number, one in enumerate(explained):
        if number:
            page.blank()
            page.line(("─" * min(page.width, 80), "dim"))
            page.blank()
        _show(one, page, entries=entries, redaction=redaction)


def _show(one: ExplainedResponse, page: Page, *, entries: Mapping[str, Entry], redaction: Redaction) -> None:
    page.line((_headline(one, redaction), "bold"), log=True)
    _show_facts(one, page, redaction=redaction)
    for note in one.notes:
        page.line(clean(note), label=("! ", "yellow"), indent=2)
    if one.log is not None:
        _show_log(one.log, page, entries=entries, redaction=redaction)
        if one.log.request is not None and one.log.request.category == one.candidates[0].category != "":
            return
    page.blank()
    many = len(one.candidates)
    said = "What it means" if many == 1 else f"What it may mean: {many} candidates, the likeliest first"
    page.line((said, "bold"))
    number = 0
    for _, group in groupby(one.candidates, key=lambda found: found.symptom):
        members = list(group)
        for found in members:
            number += 1
            _show_candidate(found, page, number=number, short=many > _MANY)
        if members[0].tell_apart:
            page.blank()
            label = "To be sure    " if len(members) == 1 else "To tell apart "
            page.line(members[0].tell_apart, label=(label, "bold"), indent=2)
    if one.answerer.api_gateway is False:
        return
    page.blank()
    page.line(("These are AWS's defaults: a stage can customise every gateway response.", "dim"))


def _headline(one: ExplainedResponse, redaction: Redaction) -> str:
    seen = one.understood
    message = '{"message": null}' if seen.null_message else f'"{redaction.text(seen.message)}"' if seen.message else ""
    status = str(seen.status) if seen.status is not None else "status unknown"
    times = f"{one.alike} × " if one.alike > 1 else ""
    return clean(" ".join(part for part in (f"{times}{status}", seen.error_type or "", message) if part))


def _show_facts(one: ExplainedResponse, page: Page, *, redaction: Redaction) -> None:
    called = f"{one.response.method} {redaction.text(one.response.url)}".strip()
    if called:
        page.line(clean(called), label=("called    ", "dim"), indent=2, log=True)
    if one.answerer.id != "unknown":
        page.line(one.answerer.title, label=("answered  ", "dim"), indent=2)
    seen = one.understood
    label = "look up   "
    for name, header in ID_HEADERS.items():
        if value := getattr(seen.ids, name):
            page.line(f"{header} {clean(value)}", label=(label, "dim"), indent=2, log=True)
            label = " " * len(label)
    if one.log is not None or one.answerer.api_gateway is False:
        return
    if seen.log_group:
        page.line(clean(seen.log_group), label=("in        ", "dim"), indent=2, log=True)
    if wanted := clean(seen.ids.request or seen.ids.extended or seen.ids.trace):
        page.line(f"loganalyzer trace {wanted} PATH", label=("with      ", "dim"), indent=2)


def _show_candidate(found: Candidate, page: Page, *, number: int, short: bool) -> None:
    page.blank()
    name = found.category or found.title
    sure = str(found.confidence)
    page.line((name, "bold red"), " · confidence ", (sure, _SURE[sure]), label=f"{number:>2} ")
    if found.category and not short:
        page.line(found.title, indent=5)
    page.line(found.why, label=("why     ", "dim"), indent=5)
    for place, root in enumerate(found.roots):
        page.line(root, label=("        " if place else "roots   ", "dim"), indent=5)
    page.line(found.fix, label=("fix     ", "dim"), indent=5)
    if found.log_shows:
        page.line(found.log_shows[0], label=("in log  ", "dim"), indent=5)
    if not short:
        page.line(found.link, label=("see     ", "dim"), indent=5)


def _show_log(answer: LogAnswer, page: Page, *, entries: Mapping[str, Entry], redaction: Redaction) -> None:
    from loganalyzer.reports.trace import show_timeline

    page.blank()
    found = answer.request is not None
    page.line(("The log has this very request" if found else "The log does not have this request", "bold"))
    for remark in answer.remarks:
        page.line(clean(remark), label=("! ", "yellow"), indent=2)
    if answer.ruled_out:
        _ruled_out(answer.ruled_out, page)
    if answer.request is not None and answer.timeline is not None:
        page.blank()
        request = redaction.request(answer.request)
        entry, broke = entries.get(request.category), redaction.root_cause(answer.broke)
        show_timeline(redaction.timeline(answer.timeline), request, page, entry=entry, explanation=broke)


def _ruled_out(categories: Sequence[str], page: Page) -> None:
    many = count(len(categories), "other candidate")
    named = f": {', '.join(categories)}" if len(categories) <= _MANY else ""
    page.line(f"{many} of the response{named}", label=("rules out ", "dim"), indent=2)

"""HTML for notebooks: all that the terminal says, everything escaped, nothing loaded, nothing secret."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loganalyzer.classifier.rules import catalogue
from loganalyzer.model import Request
from loganalyzer.reports.coverage import coverage_lines
from loganalyzer.reports.headline import headline
from loganalyzer.reports.pieces import LINE, LONGEST, analysis_html, timeline_html
from loganalyzer.reports.report import Report
from loganalyzer.reports.selection import tally
from loganalyzer.scales import Stage
from tests.reports.samples import (
    ANSWERED,
    CUT_SHORT,
    DENIED,
    EXPLANATION,
    FAILED,
    SUCCEEDED,
    TIMELINE,
    TORN,
    coverage,
    step,
)

REQUESTS = [FAILED, ANSWERED, DENIED, CUT_SHORT, SUCCEEDED]
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&{{7*7}}{% x %}\x1b[2J\u202e</pre></details>"
ALLOWED = {"style", "div", "span", "h4", "table", "tr", "td", "details", "summary", "pre", "b", "a", "th"}


class Page(HTMLParser):
    """What a browser would see: the tags, their attributes, and the text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One opening tag."""
        self.tags.append((tag, dict(attrs)))
        self.open.append(tag)
        if tag in ("div", "span", "td", "h4", "pre", "details"):
            self.texts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        """One closing tag: it closes the last that was opened."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Text that is shown."""
        if self.open[-1:] != ["style"]:
            self.texts.append(data)

    @property
    def text(self) -> str:
        """All that is shown, white space as a browser collapses it."""
        return re.sub(r"\s+", " ", "".join(self.texts))


def page(requests: list[Request], *, redacted: bool = True, **changes: Any) -> Page:
    """The page of an analysis of some requests."""
    report = Report(coverage(**changes), tally(requests), lambda: requests, redacted=redacted)
    return checked(analysis_html(report, entries=catalogue()))


def checked(html: str) -> Page:
    """The page, when it has been seen to be whole and harmless."""
    found = Page(html)
    assert found.open == []
    assert {tag for tag, _ in found.tags} <= ALLOWED
    for tag, attributes in found.tags:
        assert attributes.keys() <= {"class", "style", "href", "rel", "colspan", "title", "scope"}
        assert (attributes.get("href") or "https://").startswith("https://")
        assert tag != "style" or not attributes
    assert not re.search(r"url\(|@import|src=", html.split("</style>")[0])
    return found


def test_it_says_what_the_terminal_says() -> None:
    """Headline, categories with counts, advice, examples, doubts, evidence and coverage are all there."""
    report = Report(coverage(**TORN), tally(REQUESTS), lambda: REQUESTS)
    text = page(REQUESTS, **TORN).text
    for sentence in (*headline(report), *(line for _, line in coverage_lines(report.coverage))):
        assert re.sub(r"\s+", " ", sentence) in text
    for request in REQUESTS[:4]:
        entry = catalogue()[request.category]
        assert f"1 × {request.category}" in text
        assert entry.title in text
        assert entry.fix in text
        assert request.request_id in text
        assert all(line in text for line in request.evidence)
    assert "because the authorizer's policy is not in the log" in text
    assert "perhaps EXPLICIT_DENY or IMPLICIT_DENY" in text
    assert "POST /orders/{id} → 502 confidence high" in text


def test_like_failures_are_folded() -> None:
    """A thousand equal failures are one entry with a count."""
    found = page([replace(FAILED, request_id=str(number)) for number in range(1000)])
    assert "1,000 × PROXY_INTEG_ERROR" in found.text
    assert len([tag for tag, _ in found.tags if tag == "details"]) == 1


def test_what_stopped_where_has_bars() -> None:
    """The stages of the lifecycle stand with their counts and bars, also the steps in which nothing stopped."""
    found = page(REQUESTS)
    assert "1 route match 2 authorization AUTHORIZATION 1 3 integration invocation" in found.text
    assert [a["style"] for _, a in found.tags if a.get("class") == "la-bar"] == ["width: 100%"] * 4


def test_nothing_failed() -> None:
    """Without failures the page says so and what was read."""
    text = page([SUCCEEDED]).text
    assert text.strip().startswith("No failures: all 1 request succeeded.")
    assert "What was read" in text


def test_the_timeline_is_drawn() -> None:
    """The four steps with what became of them, the diagnosis, every message, and the evidence marked."""
    found = checked(timeline_html(TIMELINE, entries=catalogue()))
    assert "route match ✓ passed" in found.text
    assert "authorization ✓ passed (cached)" in found.text
    assert "backend execution ✗ stopped here" in found.text
    assert "PROXY_INTEG_ERROR confidence high · stopped at BACKEND" in found.text
    assert "+29.4 s ▶ Lambda execution failed" in found.text
    assert "Something nobody knows (not a known sentence)" in found.text
    assert "7 steps, by time" in found.text
    assert [a for _, a in found.tags if a.get("class") == "la-evidence"] == [{"class": "la-evidence"}]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"outcome": "succeeded", "category": "", "stopped_at": "COMPLETED"}, "succeeded"),
        ({"outcome": "incomplete", "category": "INCOMPLETE"}, "last seen here"),
    ],
)
def test_every_outcome_is_drawn(changes: dict[str, Any], said: str) -> None:
    """A success and a request that breaks off are drawn as what they are."""
    stage = Stage.COMPLETED if changes["outcome"] == "succeeded" else Stage.BACKEND
    drawn = replace(TIMELINE, request=replace(FAILED, **changes), stopped_at=stage)
    assert said in checked(timeline_html(drawn, entries=catalogue())).text


def test_what_exactly_broke_is_drawn() -> None:
    """The explanation of a request stands in its timeline, and those of like requests in the analysis."""
    drawn = replace(TIMELINE, explanation=EXPLANATION)
    text = checked(timeline_html(drawn, entries=catalogue())).text
    assert f"what {EXPLANATION.detail}" in text
    assert "headers: a list; required: an object" in text
    assert "unseen the rest of the answer is cut off" in text
    assert "not the backend, as the answer suggests, but the form of the answer" in text
    hostile = replace(EXPLANATION, detail=HOSTILE, notes=(HOSTILE,))
    checked(timeline_html(replace(TIMELINE, explanation=hostile), entries=catalogue()))
    requests = [replace(FAILED, detail=detail) for detail in ("body is a list", "body is a list", HOSTILE)]
    text = page(requests).text
    assert "what 2 × body is a list what 1 × <script>alert(1)</script>" in text


def test_a_timeline_without_its_request() -> None:
    """The steps alone are drawn too."""
    text = checked(timeline_html(replace(TIMELINE, request=None), entries=catalogue())).text
    assert f"request {TIMELINE.request_id}" in text
    assert "Method completed with status: 502" in text


def test_long_messages_open() -> None:
    """A long message shows its beginning and opens, and an endless one says how much is left out."""
    body = "Method request body: " + "x" * LONGEST * 2
    drawn = replace(TIMELINE, steps=(step(body, Stage.REQUEST_VALIDATION),))
    found = checked(timeline_html(drawn, entries=catalogue()))
    assert body[: LINE - 1] + "…" in found.text
    assert f"… and {len(body) - LONGEST:,} more characters" in found.text


HOSTILE_REQUEST = replace(
    FAILED,
    request_id=HOSTILE,
    extended_request_id=HOSTILE,
    api_id=HOSTILE,
    method=HOSTILE,
    resource=HOSTILE,
    path=HOSTILE,
    evidence=(HOSTILE,),
    reasons=(HOSTILE,),
)


def test_a_hostile_log_is_text() -> None:
    """Mark-up, template marks and control characters in a log are shown, never obeyed."""
    covered = {"problems": TORN["problems"], "notes": [HOSTILE], "forms": {HOSTILE: 1}}
    found = page([HOSTILE_REQUEST], **covered)
    drawn = replace(TIMELINE, request=HOSTILE_REQUEST, steps=(step(HOSTILE, Stage.BACKEND, evidence=True),))
    for one in (found, checked(timeline_html(drawn, entries=catalogue()))):
        assert "<script>alert(1)</script>" in one.text
        assert "{{7*7}}" in one.text
        assert "\\x1b[2J\\u202e</pre>" in one.text
        assert "\x1b" not in one.text


@given(st.text(max_size=400))
def test_any_text_is_text(text: str) -> None:
    """No text of a log makes a tag, an attribute, or leaves one open."""
    request = replace(FAILED, path=text, resource=text, evidence=(text,), reasons=(text,), request_id=text)
    assert len(page([request]).tags) == len(page([replace(request, path="/x", resource="/x")]).tags)
    checked(timeline_html(replace(TIMELINE, request=request, steps=(step(text, Stage.BACKEND),)), entries={}))


def test_secrets_are_masked() -> None:
    """What a report masks is masked in its page."""
    leaky = replace(FAILED, evidence=("token=top-secret-1",), path="/x/kim@example.com", resource="")
    assert "top-secret" not in page([leaky]).text
    assert "kim@" not in page([leaky]).text
    assert "top-secret-1" in page([leaky], redacted=False).text

"""The report for people: whole at any width, quiet in a pipe, harmless whatever the log says."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest

from loganalyzer.classifier.rules import catalogue
from loganalyzer.model import Request
from loganalyzer.reports.page import Page
from loganalyzer.reports.report import Report
from loganalyzer.reports.selection import tally
from loganalyzer.reports.table import SHOWN, show
from tests.reports.samples import ANSWERED, CUT_SHORT, DENIED, FAILED, SUCCEEDED, TORN, coverage

REQUESTS = [*[FAILED] * 3, replace(FAILED, resource="/carts"), *[ANSWERED] * 5, DENIED, CUT_SHORT, SUCCEEDED]


class Terminal(io.StringIO):
    """A terminal that remembers what is written to it."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        """It is one."""
        return True


def _page(
    requests: list[Request] = REQUESTS, *, width: int | None = 80, everything: bool = False, **changes: object
) -> str:
    file = io.StringIO()
    report = Report(coverage(**changes), tally(requests), lambda: requests)
    show(report, Page(file, width=width), entries=catalogue(), everything=everything)
    return file.getvalue()


def test_every_kind_of_failure_is_explained() -> None:
    """Each fold has count, route, status, confidence, evidence and example; each category cause, fix and link."""
    page = _page()
    entry = catalogue()["PROXY_INTEG_ERROR"]
    for part in (
        "Failed in API Gateway (5)",
        "The backend's own answers (5)",
        "Incomplete (1)",
        "PROXY_INTEG_ERROR · 4 requests · stopped at BACKEND (backend execution)",
        "3 × POST /orders/{id} → 502  confidence high",
        "1 × POST /carts → 502",
        FAILED.request_id,
        FAILED.evidence[0][:60],
        entry.title,
        entry.link,
        "because the authorizer's policy is not in the log",
        "perhaps EXPLICIT_DENY or IMPLICIT_DENY",
        "403 (by default)",
        "last seen at INTEGRATION_INVOCATION",
    ):
        assert part in page, part
    assert " ".join(entry.cause.split()) in " ".join(page.split())
    assert SUCCEEDED.request_id not in page


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_lines_keep_to_the_width(width: int) -> None:
    """No line is wider than the page but a link, which stays whole so that it can be opened."""
    wide = [line for line in _page(width=width, **TORN).splitlines() if len(line) > width and "https://" not in line]
    assert wide == []
    assert catalogue()["PROXY_INTEG_ERROR"].link in _page(width=width)


def test_a_pipe_gets_plain_text() -> None:
    """Without a terminal there is no escape sequence and no trailing space."""
    page = _page(width=None, **TORN)
    assert "\x1b" not in page
    assert not re.search(r"[ \t]+$", page, re.MULTILINE)


def test_a_terminal_gets_colour_unless_it_is_not_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Colours appear on a terminal only, and NO_COLOR turns them off."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    colour = re.compile(r"\x1b\[[0-9;]*3[0-9]m")
    for wanted in (True, False):
        file = Terminal()
        show(Report(coverage(), tally(REQUESTS), lambda: REQUESTS), Page(file, width=80), entries=catalogue())
        assert bool(colour.search(file.getvalue())) is wanted
        monkeypatch.setenv("NO_COLOR", "1")


def test_log_text_is_shown_and_not_obeyed() -> None:
    """Escape sequences, mark-up and overrides in a path or message come out as text."""
    hostile = replace(
        FAILED, method="[red]", resource="", path="/\x1b[2J\u202e[bold]", evidence=("\x1b]0;x\x07[/] :boom:",)
    )
    page = _page([hostile], unknown_lines=replace(TORN["unknown_lines"], example="\x1b[1A[blink]"))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", page)
    for part in ("[red] /\\x1b[2J\\u202e[bold]", "\\x1b]0;x\\x07[/] :boom:", "\\x1b[1A[blink]"):
        assert part in page


def test_successes_are_listed_on_demand() -> None:
    """With everything asked for, requests that succeeded are listed too."""
    assert SUCCEEDED.request_id in _page(everything=True)


def test_many_kinds_are_counted() -> None:
    """A category that fails on hundreds of paths shows the most frequent and says how many more there are."""
    many = [replace(FAILED, resource=f"/r{n}") for n in range(SHOWN + 30)]
    assert "and 30 requests of 30 more kinds" in _page(many)


def test_nothing_wrong_is_one_sentence_and_the_coverage() -> None:
    """Without failures there are no empty tables, but what was read is still said."""
    page = _page([SUCCEEDED])
    assert page.startswith("No failures: all 1 request succeeded.")
    assert "What was read" in page
    assert "Where they stopped" not in page


def test_a_terminal_of_another_alphabet_gets_ascii_marks() -> None:
    """Where the output is not UTF-8 the marks are ASCII."""
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding="ascii", errors="strict")
    show(Report(coverage(), tally([FAILED]), lambda: [FAILED]), Page(file, width=80), entries=catalogue())
    file.flush()
    assert b"1 x POST /orders/{id} > 502" in raw.getvalue()

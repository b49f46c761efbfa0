"""The incident note."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from loganalyzer.classifier.rules import catalogue
from loganalyzer.coverage import Coverage
from loganalyzer.model import Request
from loganalyzer.reports.note import ROWS, note
from loganalyzer.reports.report import Report
from loganalyzer.reports.selection import tally
from tests.reports.samples import ANSWERED, CUT_SHORT, DENIED, FAILED, SUCCEEDED, TORN, coverage
from tests.reports.test_gfm import rendered, shape


def written(requests: Iterable[Request], *, covered: Coverage | None = None, redacted: bool = True) -> str:
    """The note about some requests."""
    listed = list(requests)
    report = Report(covered or coverage(), tally(listed), lambda: listed, redacted=redacted)
    return "".join(note(report, entries=catalogue()))


def test_the_note_says_what_failed_and_what_to_do() -> None:
    """Headline, a table for each kind of failure with cause, fix and an example, and what was looked at."""
    text = written([FAILED, FAILED, ANSWERED, DENIED, CUT_SHORT, SUCCEEDED])
    assert text.startswith("**4 of 6 requests failed (66.7 %).**\n\n1 request incomplete")
    entry = catalogue()["PROXY_INTEG_ERROR"]
    row = next(line for line in text.splitlines() if line.startswith("| 2 | [PROXY_INTEG_ERROR]"))
    assert entry.fix in row and entry.cause in row and f"`{FAILED.request_id}`" in row
    assert "| BACKEND | `POST /orders/{id}` |" in row
    assert "confidence low 1<br>or EXPLICIT_DENY or IMPLICIT_DENY | AUTHORIZATION | not in the log |" in text
    assert "2026-11-20 12:00:00Z to 13:00:00Z" in text
    assert shape(rendered(text)).count("<table>") == 3


def test_the_note_says_what_exactly_broke() -> None:
    """The most frequent ways stand with the cause, quoted from the log and so in code spans."""
    one, two = (replace(FAILED, detail=text) for text in ("the function threw `KeyError` @me", "it | ended"))
    text = written([one, one, two])
    assert "<br>2 × ``the function threw `KeyError` @me``<br>1 × `it \\x7c ended` |" in text
    assert shape(rendered(text)).count("<tr>") == shape(rendered(written([FAILED]))).count("<tr>")


def test_no_failures_are_one_sentence() -> None:
    """There is no table where nothing failed, and what could not be read is said."""
    text = written([SUCCEEDED], covered=coverage(**TORN))
    assert "No failures among the 1 request that could be read" in text
    assert "|" not in text
    assert (
        "- **Not read:** b.gz: the compressed data ends early" in text and "\\x1b" not in rendered(text).split("<p>")[0]
    )


def test_log_text_stays_text() -> None:
    """A path made to break out of its cell, to mention somebody or to link, does nothing of it."""
    path = "/x` | @octocat <img src=x onerror=alert(1)> [x](https://evil.example) \\| #1"
    hostile = replace(FAILED, resource="", path=path, request_id="a|b`@me")
    tags = shape(rendered(written([hostile])))
    assert tags == shape(rendered(written([FAILED])))


def test_secrets_are_masked() -> None:
    """Tokens in a path do not leave the process unless asked for."""
    secret = replace(FAILED, resource="", path="/x?access_token=abcdefghijklmnop")
    assert "abcdefghijkl" not in written([secret])
    assert "abcdefghijkl" in written([secret], redacted=False)


def test_the_note_stays_short() -> None:
    """Of very many categories the rarer ones are only counted, so that an issue can hold the note."""
    many = [replace(FAILED, category=f"X_KIND_{n:03}") for n in range(ROWS + 5)]
    text = written(many)
    assert text.count("\n| 1 | ") == ROWS
    assert "\nand X_KIND_020 1, X_KIND_021 1, " in text and len(text) < 10_000

"""A comparison in words, as a page, as a note and as JSON."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from loganalyzer.comparison.records import Comparison
from loganalyzer.model import Request
from loganalyzer.reports.clean import json_text
from loganalyzer.reports.comparison import cache_told, comparison_document, method, percent, told
from loganalyzer.reports.comparison_page import SHOWN, comparison_note, show_comparison
from loganalyzer.reports.page import Page
from tests.comparison.test_compare import ANEW, AT_ERROR, LATER, LET_IN, OLD, both
from tests.reports.samples import DENIED, FAILED, SUCCEEDED
from tests.reports.test_gfm import rendered, shape

HOSTILE = replace(FAILED, resource="", path="/x` | @octocat <img src=x> \x1b[31m?token=abcdefghijklmnop")


def page(comparison: Comparison, *, redacted: bool = True, width: int = 80) -> str:
    """The page as text."""
    file = io.StringIO()
    show_comparison(comparison, Page(file, width=width), redacted=redacted)
    return file.getvalue()


def test_the_outcome_is_one_sentence() -> None:
    """Better or worse, from what to what, and whether that is more than chance."""
    better = both([SUCCEEDED] * 90 + [FAILED] * 60, [SUCCEEDED] * 149 + [FAILED])
    assert list(told(better)) == [
        "Fewer failures: 60 of 150 requests (40.0 %) before, 1 of 150 requests (0.67 %) after; that is more than "
        "chance (p < 0.001).",
        "Shrunk: PROXY_INTEG_ERROR (60 → 1).",
    ]
    worse = both([SUCCEEDED] * 100, [SUCCEEDED] * 98 + [FAILED] * 2)
    assert next(told(worse)).startswith("More failures: 0 of 100 requests (0 %) before")
    assert next(told(worse)).endswith("those are too few to tell it from chance.")


def test_nothing_failed() -> None:
    """Then nothing is weighed."""
    assert list(told(both([SUCCEEDED], [SUCCEEDED]))) == [
        "Nothing failed on either side: 0 of 1 request (0 %) before, 0 of 1 request (0 %) after."
    ]


def test_no_percentages_where_only_errors_are_logged() -> None:
    """There are no shares of requests that nobody counted."""
    text = page(both([FAILED] * 40, [FAILED] * 45, **AT_ERROR))
    assert "/h" in text and "%" not in text and "an hour" in text
    unknown = both([FAILED] * 4, [FAILED] * 5, **AT_ERROR)
    assert "/h" not in page(unknown) and "whether that is chance cannot be told" in next(told(unknown))
    assert method(unknown) == "Counts alone: there is nothing to weigh them by."


def test_the_page_groups_by_what_can_be_said() -> None:
    """Certain differences come first, and nothing is wider than the page."""
    few = replace(FAILED, category="X_FEW", resource="/a/very/long/resource/that/goes/on/and/on/for/ever/{proxy+}")
    text = page(both([SUCCEEDED] * 90 + [FAILED] * 60, [SUCCEEDED] * 149 + [few]))
    assert text.index("more than chance\n    gone    PROXY_INTEG_ERROR") < text.index(
        "too few to tell\n    new     X_FEW"
    )
    assert all(len(line) <= 80 for line in text.splitlines())


def test_of_many_rows_the_rest_is_counted() -> None:
    """JSON has all of them."""
    many = [replace(FAILED, category=f"X_{n:02}") for n in range(SHOWN + 3)]
    found = both([SUCCEEDED] * 10 + many, [SUCCEEDED] * 50)
    assert "and 3 more: --format json has all" in page(found)
    assert len(comparison_document(found)["by_category"]) == SHOWN + 3


def test_log_text_stays_text() -> None:
    """Escape sequences do not reach the terminal, and a path does not break out of the note."""
    found = both([SUCCEEDED] * 5, [HOSTILE] * 5)
    assert "\x1b" not in page(found) and "abcdefghijkl" not in page(found)
    note = "".join(comparison_note(found))
    assert "<img" not in rendered(note) and "abcdefghijkl" not in note
    assert "@octocat" not in rendered(note).replace("<code>", "\0").split("\0")[0]
    plain = both([SUCCEEDED] * 5, [replace(HOSTILE, path="/x")] * 5)
    assert shape(rendered(note)) == shape(rendered("".join(comparison_note(plain))))
    assert "abcdefghijklmnop" in "".join(comparison_note(found, redacted=False)) + page(
        found, redacted=False, width=200
    )


def test_the_document_is_json() -> None:
    """Times are ISO, secrets masked, and the words are in it."""
    found = both([SUCCEEDED] * 5, [HOSTILE] * 5)
    document = json.loads(json_text(comparison_document(found)))
    assert document["before"]["start"] == "2026-11-20T12:00:00.123Z" and document["unit"] == "share"
    assert document["told"][0] == next(told(found))
    assert "abcdefghijkl" not in json.dumps(document)
    assert document["authorizer_cache"]["verdict"] == "none" and document["authorizer_cache"]["told"] == []


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ([LET_IN], [LET_IN], "No policy refused a request on either side."),
        ([ANEW], [LET_IN], "1 denial before the change and none after it: no old result answers."),
        ([ANEW], [OLD], "The authorizer's cache may still be answering: of 1 denial after 2026-11-20T13:00:00.123Z"),
        ([ANEW], [OLD, *[LET_IN] * 400], "The cache has answered, but no longer does: 1 denial after"),
        ([ANEW], [OLD, ANEW], "It is not the cache: 1 of 2 denials after"),
        (
            [ANEW],
            [replace(DENIED, authorizer="unknown")],
            "Whether the cache answered cannot be told for 1 of 1 denial",
        ),
    ],
)
def test_the_cache_in_words(before: list[Request], after: list[Request], said: str) -> None:
    """Each verdict says what it rests on and what to do."""
    assert any(sentence.startswith(said) for sentence in cache_told(both(before, after).cache))


def test_without_an_authorizer_nothing_is_said_of_its_cache() -> None:
    """The question does not arise."""
    assert "cache" not in page(both([SUCCEEDED], [FAILED]))


@pytest.mark.parametrize(
    ("share", "said"), [(0.0, "0 %"), (1.0, "100 %"), (0.00001, "< 0.01 %"), (0.99999, "99.9 %"), (0.005, "0.50 %")]
)
def test_percentages(share: float, said: str) -> None:
    """Something is never nothing, and not quite all is never all."""
    assert percent(share) == said


def test_sides_of_days_read_as_days() -> None:
    """Long periods are not counted in minutes."""
    found = both([FAILED] * 30, [FAILED] * 30, **AT_ERROR)
    long = replace(found, before=replace(found.before, end=LATER + timedelta(days=3)))
    assert "in 3.0 days" in next(told(long)) and "in 29 s" in next(told(long))

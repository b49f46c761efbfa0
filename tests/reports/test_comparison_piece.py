"""A comparison as HTML for notebooks: all that the command says of it, everything escaped, nothing secret."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loganalyzer.comparison.records import Comparison
from loganalyzer.reports.comparison import cache_told, method, side, told
from loganalyzer.reports.comparison_page import SHOWN
from loganalyzer.reports.comparison_piece import comparison_html
from tests.comparison.test_compare import ANEW, AT_ERROR, LET_IN, OLD, both
from tests.reports.samples import FAILED, SUCCEEDED
from tests.reports.test_pieces import HOSTILE, Page, checked


def page(comparison: Comparison, *, redacted: bool = True) -> Page:
    """The page of a comparison, seen to be whole and harmless."""
    return checked(comparison_html(comparison, redacted=redacted))


def bars(found: Page) -> list[tuple[str | None, str | None]]:
    """What each bar stands for and how long it is."""
    drawn = (attributes for _, attributes in found.tags if (attributes.get("class") or "").startswith("la-bar "))
    return [(bar.get("title"), bar.get("style")) for bar in drawn]


@pytest.mark.parametrize(
    "comparison",
    [
        both([SUCCEEDED] * 90 + [FAILED] * 60, [SUCCEEDED] * 149 + [FAILED]),
        both([ANEW, LET_IN], [OLD, *[LET_IN] * 400]),
        both([FAILED] * 40, [FAILED] * 45, **AT_ERROR),
        both([FAILED] * 4, [FAILED] * 5, **AT_ERROR),
        both([SUCCEEDED], []),
    ],
)
def test_it_says_what_the_command_says(comparison: Comparison) -> None:
    """The outcome, both sides, every change with its verdict, the cache, the method and the cautions are there."""
    found = page(comparison)
    sides = side(comparison.before), side(comparison.after)
    said = (*told(comparison), *sides, *cache_told(comparison.cache), method(comparison), *comparison.cautions)
    for sentence in said:
        assert re.sub(r"\s+", " ", sentence) in found.text
    for change in (*comparison.categories, *comparison.stages, *comparison.routes):
        assert re.search(rf"{change.kind} +{re.escape(change.name)} .*?{change.verdict}", found.text)


def test_bars_stand_for_rates() -> None:
    """The longest bar of a table is that of its largest rate, and what did not happen has none."""
    found = page(both([SUCCEEDED] * 50 + [FAILED] * 50, [SUCCEEDED] * 75 + [FAILED] * 25))
    assert bars(found)[:2] == [("before", "width: 100.0%"), ("after", "width: 50.0%")]
    gone = page(both([SUCCEEDED] * 50 + [FAILED] * 50, [SUCCEEDED] * 75))
    assert {when for when, _ in bars(gone)} == {"before"}
    unweighed = page(both([SUCCEEDED] * 50, [SUCCEEDED] * 50 + [replace(FAILED, resource="/new")] * 20))
    assert len(bars(unweighed)) == 2, "a new route has no share to compare, so no bar beside those of others"
    counted = page(both([FAILED] * 4, [FAILED] * 8, **AT_ERROR))
    assert bars(counted)[:2] == [("before", "width: 50.0%"), ("after", "width: 100.0%")]


def test_many_routes() -> None:
    """A long table says how much of it is not shown, and where all of it is."""
    routes = [replace(FAILED, resource=f"/r{number:02}") for number in range(SHOWN + 3)]
    assert "and 3 more rows: by_route has all" in page(both(routes, routes)).text


def test_colours_mark_what_is_certain() -> None:
    """Only a change that is more than chance is red or green."""
    for comparison, look in (
        (both([SUCCEEDED] * 100, [SUCCEEDED] * 40 + [FAILED] * 60), "stopped"),
        (both([SUCCEEDED] * 40 + [FAILED] * 60, [SUCCEEDED] * 100), "passed"),
        (both([SUCCEEDED] * 99 + [FAILED], [SUCCEEDED] * 100), "never"),
    ):
        badges = {a.get("class") for _, a in page(comparison).tags if "la-badge" in (a.get("class") or "")}
        assert badges == {f"la-badge la-{look}"}


@given(st.text(max_size=200))
def test_any_route_is_text(text: str) -> None:
    """No text of a log makes a tag, an attribute, or leaves one open."""
    plain, odd = ([replace(FAILED, resource="", path=path)] * 2 for path in ("/x", f"/{text}"))
    assert len(page(both(odd, odd)).tags) == len(page(both(plain, plain)).tags)


def test_hostile_text_and_secrets() -> None:
    """Mark-up is shown, control characters are spelt out, and tokens are masked unless they are asked for."""
    hostile = [replace(FAILED, resource="", path=f"/{HOSTILE}?token=abcdefghijklmnop")]
    comparison = both(hostile, hostile)
    comparison = replace(comparison, cautions=(HOSTILE,))
    found = page(comparison)
    assert "<script>alert(1)</script>" in found.text
    assert "\x1b" not in found.text
    assert "abcdefghijklmnop" not in found.text
    assert "abcdefghijklmnop" in page(comparison, redacted=False).text

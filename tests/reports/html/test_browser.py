"""The report in a real browser, opened from disk without a network: drawn, usable, harmless."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from tests.reports.html.conftest import Opened, wait_until
from tests.reports.html.pages import HOSTILE

CHARTS = ("over-time", "funnel", "latency-route", "heat", "latency-integration", "latency-authorizer")
pytestmark = pytest.mark.xdist_group("browser")  # one browser, however many processes run tests
SERIOUS = ("serious", "critical")


def test_charts_are_drawn(report: Path, opened: Opened, tmp_path: Path) -> None:
    """Every chart has marks in it; nothing is asked of the network and the console stays empty."""
    page = opened(report)
    for name in CHARTS:
        assert page.locator(
            f"[data-chart={name}] svg .mark-rect path, [data-chart={name}] svg .mark-symbol path"
        ).count()
    page.screenshot(path=tmp_path / "report.png")
    assert page.locator("h1").inner_text() == "438 requests failed"


def test_search_narrows_table_and_explanations(report: Path, opened: Opened) -> None:
    """All words must be in a row; the count is said, and explanations of other categories go away."""
    page = opened(report)
    page.fill("#search", "throttled 429")
    rows = page.locator("#kinds tbody tr:visible")
    assert rows.count() == 3
    assert all("THROTTLED" in text for text in rows.all_inner_texts())
    assert "kinds" in page.locator("#found").inner_text()
    assert all("THROTTLED" in text for text in page.locator("details.about:visible h3").all_inner_texts())
    page.fill("#search", "")
    assert rows.count() == 20


def test_a_long_table_is_short_until_asked(report: Path, opened: Opened) -> None:
    """Twenty rows are shown at first, those that the order puts first; the button shows all and goes on at the next."""
    page = opened(report)
    rows = page.locator("#kinds tbody tr:visible")
    assert rows.count() == 20
    page.get_by_role("button", name="Status").click()
    assert rows.count() == 20
    assert "504" in rows.first.inner_text()
    page.locator("#rest").click()
    assert rows.count() == page.locator("#kinds tbody tr").count() > 50
    assert not page.locator("#rest").is_visible()
    assert page.evaluate("document.activeElement.closest('tr').sectionRowIndex") == 20


def test_the_table_sorts(report: Path, opened: Opened) -> None:
    """A click on a column sorts by it, another one the other way; numbers as numbers."""
    page = opened(report)

    def column(number: int) -> list[str]:
        return page.locator(f"#kinds tbody td:nth-child({number})").all_inner_texts()

    page.get_by_role("button", name="Category").click()
    assert column(2) == sorted(column(2))
    page.get_by_role("button", name="Category").click()
    assert column(2) == sorted(column(2), reverse=True)
    page.get_by_role("button", name="Requests").click()
    counts = [int(text) for text in column(1)]
    assert counts == sorted(counts, reverse=True)
    assert page.locator("th[aria-sort]").inner_text().startswith("Requests")


def test_a_category_leads_to_its_explanation(report: Path, opened: Opened) -> None:
    """By keyboard alone: what is searched is reached, and its link opens the explanation with fix, strip, evidence."""
    page = opened(report)
    page.locator("#search").focus()
    page.keyboard.type("internal_error")
    page.locator("#kinds a", has_text="INTERNAL_ERROR").first.focus()
    page.keyboard.press("Enter")
    about = page.locator("#about-INTERNAL_ERROR")
    wait_until(page, "document.querySelector('#about-INTERNAL_ERROR').open")
    assert about.locator(".strip li").first.is_visible()
    assert about.locator(".line.evidence").count()
    assert "Fix" in about.inner_text()


def test_log_text_is_text(hostile: Path, opened: Opened, tmp_path: Path) -> None:
    """Script, handlers, template marks, escape sequences and overrides are shown and do nothing; 1 MB is cut."""
    page = opened(hostile)
    shown = page.locator("#explained").text_content() or ""
    for attack in HOSTILE[:5]:
        assert attack in shown, attack
    assert "\\x1b[31m" in shown
    assert "\\u202e" in shown
    assert not set("\x1b\x07\u202e\u2066") & set(page.content())
    assert "more characters" in shown
    assert page.evaluate("window.hit") is None
    assert page.locator("#explained img, #explained script, #explained [onload]").count() == 0
    assert hostile.stat().st_size < 2_500_000
    page.screenshot(path=tmp_path / "hostile.png")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(report: Path, opened: Opened, scheme: str) -> None:
    """axe-core finds no serious fault of accessibility, contrast included, in light and in dark."""
    page = opened(report, scheme=scheme)
    page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate("axe.run({resultTypes: ['violations']})")
    serious = {
        v["id"]: [n["html"][:120] for n in v["nodes"][:3]] for v in found["violations"] if v["impact"] in SERIOUS
    }
    assert serious == {}


def test_dark_follows_the_system_and_the_button(report: Path, opened: Opened) -> None:
    """The page is dark where the system is; the button changes it, chart colours included."""
    page = opened(report, scheme="dark")

    def background() -> int:
        return sum(page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)"))

    def label() -> str:
        return str(page.evaluate("getComputedStyle(document.querySelector('[data-chart=heat] text')).fill"))

    dark = background(), label()
    assert dark[0] < 150
    page.locator("#theme").click()
    assert background() > 600
    assert label() != dark[1]


def test_a_narrow_screen_is_enough(report: Path, opened: Opened, tmp_path: Path) -> None:
    """At 400 px the page does not scroll sideways, and search and examples are in reach."""
    page = opened(report, width=400)
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    assert page.locator("#search").is_visible()
    assert page.locator(".line.evidence code").first.bounding_box()["width"] > 150  # type: ignore[index]
    page.screenshot(path=tmp_path / "narrow.png")


def test_paper_shows_every_explanation(report: Path, opened: Opened, tmp_path: Path) -> None:
    """Printed, what is folded up on the screen is open, and the paper is white."""
    page = opened(report, scheme="dark")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator("details:not([open]):not(.numbers)").count() == 0
    assert page.locator("#kinds tbody tr:visible").count() == page.locator("#kinds tbody tr").count()
    assert page.locator(".example:visible").count() == page.locator("details.about").count()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details.about:not([open])").count() > 10

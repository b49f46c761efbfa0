"""A browser without a network, and the reports it opens."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.reports.html.pages import hostile_log, page_of

CAPTURES = Path(__file__).parents[3] / "fixtures" / "captures"
READY = "document.documentElement.dataset.ready === 'yes'"
PATIENCE_MS = 180_000
"""A machine that does much else may stop the browser for a minute; only what never comes is a failure."""

Opened = Callable[..., Page]


def wait_until(page: Page, expression: str) -> None:
    """Wait until an expression is true; the page forbids the evaluation that playwright's own waiting needs."""
    for _ in range(PATIENCE_MS // 50):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never true: {expression}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, or another one on the path; without one these tests are skipped, except in CI."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no chromium: apt-get install -y chromium")
        pytest.skip("no browser on the path: apt-get install -y chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox", "--disable-dev-shm-usage"], timeout=PATIENCE_MS
        )
        yield started
        started.close()


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Path:
    """The report of the captures."""
    return page_of(CAPTURES, path=tmp_path_factory.mktemp("report") / "report.html")


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Path:
    """The report of a log full of attacks."""
    directory = tmp_path_factory.mktemp("hostile")
    return page_of(*hostile_log(directory), path=directory / "report.html")


@pytest.fixture
def opened(browser: Browser) -> Iterator[Opened]:
    """Opens a file without a network and waits until its charts are drawn; whatever goes wrong in it fails the test."""
    wrong: list[str] = []
    contexts = []

    def open_file(path: Path, *, width: int = 1280, scheme: str = "light") -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
            offline=True,
        )
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda asked: None if asked.url == path.as_uri() else wrong.append(f"asked {asked.url}"))
        page.goto(path.as_uri())
        wait_until(page, READY)
        return page

    yield open_file
    for context in contexts:
        context.close()
    assert wrong == []

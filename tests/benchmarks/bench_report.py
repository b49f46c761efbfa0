"""How large the HTML report of many requests is, how long it takes to write, and how long to open in a browser.

``python tests/benchmarks/bench_report.py --requests 1000000``, or ``--log DIRECTORY`` for an export that is there
already; needs the packages for development and Chromium. Ends with 1 if the report is too large.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from playwright.sync_api import Browser, sync_playwright

from loganalyzer.simulate import simulate
from tests.benchmarks.measure import environment, say, show

READY = "html[data-ready=yes]"
"""The page says so when its charts are drawn; a selector, as the page forbids to evaluate an expression."""
MOST_MB = 5.0
PATIENCE_MS = 300_000


def opening_ms(browser: Browser, report: Path) -> tuple[float, float]:
    """Milliseconds until the page can be read, and until all charts are drawn."""
    page = browser.new_page()
    page.set_default_timeout(PATIENCE_MS)
    before = time.perf_counter()
    page.goto(report.as_uri(), wait_until="domcontentloaded")
    read = time.perf_counter()
    page.wait_for_selector(READY, state="attached")
    drawn = time.perf_counter()
    page.close()
    return 1000 * (read - before), 1000 * (drawn - before)


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=1_000_000, help="requests in the log (default: 1000000)")
    parser.add_argument("--log", type=Path, help="an export that is there already, instead of writing one")
    parser.add_argument("--failures", type=float, default=0.05, help="share that fails (default: 0.05)")
    parser.add_argument("--runs", type=int, default=5, help="openings to take medians of (default: 5)")
    parser.add_argument("--browser", default="/usr/bin/chromium", help="where Chromium is")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        report = Path(directory) / "report.html"
        log = options.log
        if log is None:
            say("writing the log")
            log = simulate(Path(directory) / "export", requests=options.requests, failures=options.failures)
        seconds, requests = {}, 0
        for form in ("json", "html"):
            say(f"analyze --format {form}")
            before = time.perf_counter()
            command = [sys.executable, "-m", "loganalyzer", "analyze", "--format", form, "-o", str(report), str(log)]
            subprocess.run(command, check=True, env=environment())
            seconds[form] = time.perf_counter() - before
            if form == "json":
                requests = json.loads(report.read_text(encoding="utf-8"))["summary"]["requests"]
        say("opening it")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=options.browser, args=["--no-sandbox"])
            times = [opening_ms(browser, report) for _ in range(options.runs)]
            browser.close()
        say("")
        read, drawn = (statistics.median(column) for column in zip(*times, strict=True))
        size = report.stat().st_size / 1e6
        show(
            [
                {"what": "requests", "value": f"{requests:,}"},
                {"what": "report, MB", "value": f"{size:.2f}"},
                {"what": "analyze --format json, s", "value": f"{seconds['json']:.1f}"},
                {"what": "analyze --format html, s", "value": f"{seconds['html']:.1f}"},
                {"what": "opened to read, ms", "value": f"{read:.0f}"},
                {"what": "all charts drawn, ms", "value": f"{drawn:.0f}"},
            ]
        )
        if size >= MOST_MB:
            sys.exit(f"the report is too large: {size:.2f} MB, at most {MOST_MB:g}")


if __name__ == "__main__":
    main()

"""Reports as files for a browser, and logs written to do harm."""

from __future__ import annotations

from pathlib import Path

from loganalyzer.cli.reporting import reported
from loganalyzer.cli.verdict import Verdict
from loganalyzer.reading import analyze
from loganalyzer.reports.html import html_document
from loganalyzer.reports.selection import Selection
from tests.parser.logs import AUTHORIZED, A, B, C, lines, on_disk, text

D = "c1d0c9a2-1f63-4e58-8a21-90c4d6e1f234"

SCRIPT = "<script>window.hit=1</script>"
HOSTILE = (
    SCRIPT,
    '"><img src=x onerror="window.hit=2">',
    "</script></style><svg onload=window.hit=3>",
    "{{ 7*7 }}{% raw %}",
    "=HYPERLINK(0)",
    "\x1b[31mred\x1b]0;title\x07",
    "\u202egnol\u2066",
    "javascript:window.hit=4",
)


def page_of(*sources: Path, path: Path) -> Path:
    """The report of some logs as the command writes it."""
    analysis = analyze(*sources, successes=False)
    report = reported(analysis, Selection(), everything=False, redacted=True, verdict=Verdict(()))
    path.write_text("".join(html_document(report, entries=analysis.entries)), encoding="utf-8")
    return path


def hostile_log(directory: Path) -> list[Path]:
    """A log whose methods, paths, bodies and error messages are attacks; one body is of 1 MB."""
    found = []
    for number, request_id in enumerate((A, B, C, D)):
        bad, worse = HOSTILE[2 * number], HOSTILE[2 * number + 1]
        found.append(
            lines(
                request_id,
                *AUTHORIZED,
                f"HTTP Method: GET{bad if number == 2 else ''}, Resource Path: /{bad}",
                f"Method request path: {{id={worse}}}",
                f"Method request body before transformations: {worse}{'<b>x</b>' * (130_000 if not number else 3)}",
                "Sending request to https://lambda.example.com/invocations",
                f"Lambda execution failed with status 200 due to customer function error: {bad} {worse}. "
                "Lambda request id: 6f6a7fe2-9f0e-4d4c-9f5c-0a1b2c3d4e5f",
                "Method completed with status: 502",
            )
        )
    return on_disk(directory, text(*found))

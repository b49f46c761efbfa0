"""``loganalyzer trace`` and ``loganalyzer explain``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Library, Run
from tests.reports.samples import FAILED


def test_one_request_is_shown(run: Run, library: Library) -> None:
    """The timeline of the request, with secrets masked unless asked for."""
    result = run("trace", "0a1b", "x.log")
    assert result.exit_code == 0
    assert f"request {FAILED.request_id}" in result.stdout
    assert "sid=0123456789" not in run("trace", "--full", "0a1b", "x.log").stdout
    assert "sid=0123456789" in run("trace", "--full", "--no-redact", "0a1b", "x.log").stdout
    assert library.asked[0][0] == ("x.log",)


def test_the_timeline_as_json(run: Run, library: Library, tmp_path: Path) -> None:
    """The document is whole, masked, and can go to a file."""
    document = json.loads(run("trace", "--format", "json", "0a1b", "x.log").stdout)
    assert document["explanation"]["title"]
    assert "0123456789}" not in json.dumps(document["steps"])
    target = tmp_path / "trace.json"
    assert run("trace", "--format", "json", "-o", str(target), "0a1b", "x.log").stdout == ""
    assert json.loads(target.read_text(encoding="utf-8")) == document


def test_the_timeline_for_trace_viewers_and_as_a_picture(run: Run, library: Library) -> None:
    """OTLP and SVG are masked like everything else, and a success has them too."""
    spans = json.loads(run("trace", "--format", "otlp", "0a1b", "x.log").stdout)
    assert spans["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["name"] == "POST /orders/{id}"
    picture = run("trace", "--format", "svg", "0a1b", "x.log").stdout
    assert picture.startswith("<svg ") and picture.endswith("</svg>\n")
    assert "sid=0123456789" not in json.dumps(spans) + picture


def test_an_unknown_id_ends_with_three(run: Run, library: Library) -> None:
    """A request that is not there is one line with a tip."""
    result = run("trace", "ffff", "x.log")
    assert result.exit_code == 3
    assert result.stderr.splitlines()[0] == "error: no request with the id 'ffff' in what was read"


def test_trace_reads_standard_input(run: Run, library: Library) -> None:
    """Without PATH the log is what is piped in."""
    assert run("trace", "0a1b", stdin=b"log").exit_code == 0


@pytest.mark.parametrize("name", ["THROTTLED", "throttled", "api-key-missing"])
def test_explain_takes_names_as_people_write_them(run: Run, name: str) -> None:
    """Case and hyphens do not matter."""
    result = run("explain", name)
    assert result.exit_code == 0
    assert result.stdout.startswith(name.upper().replace("-", "_") + "\n")


def test_explain_lists_all(run: Run) -> None:
    """Without a name all categories are listed."""
    assert "  THROTTLED " in run("explain").stdout


def test_explain_suggests(run: Run) -> None:
    """A name that is no category gets the nearest ones."""
    result = run("explain", "THROTLED")
    assert result.exit_code == 2
    assert result.stderr == "error: 'THROTLED' is no category\ntip: did you mean THROTTLED?\n"


def test_what_broke_is_told_and_masked(run: Run, library: Library) -> None:
    """The explanation is part of both forms, with secrets masked unless asked for."""
    for form in ("table", "json"):
        shown = run("trace", "--format", form, "0a1b", "x.log").stdout
        assert "body is an object" in shown and "abcdefghijklmnop" not in shown
        assert "abcdefghijklmnop" in run("trace", "--format", form, "--no-redact", "0a1b", "x.log").stdout

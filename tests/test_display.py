"""What a shell shows of analyses, timelines and comparisons: drawn in Jupyter, text in a terminal, never a secret."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import loganalyzer as la
from loganalyzer import display
from loganalyzer.model import Timeline
from tests.parser.logs import BAD, GOOD, A, B, lines, on_disk, text
from tests.reports.samples import TIMELINE

SECRET = "Method request headers: {Cookie=sid=0123456789abcdef}"


@pytest.fixture
def analysis(tmp_path: Path) -> la.Analysis:
    """A request that went well and one that failed, with a secret in its lines."""
    return la.analyze(*on_disk(tmp_path, text(lines(A, *GOOD), lines(B, SECRET, *BAD))))


class Formatters:
    """Stands in for the formatters of an IPython shell."""

    def __init__(self, *active: str) -> None:
        from IPython.core.formatters import HTMLFormatter, PlainTextFormatter

        self.active_types = active
        self.formatters: dict[str, Any] = {"text/html": HTMLFormatter(), "text/plain": PlainTextFormatter()}
        self.published: list[dict[str, str]] = []

    @property
    def display_formatter(self) -> Formatters:
        """As a shell has it."""
        return self

    @property
    def display_pub(self) -> Formatters:
        """As a shell has it."""
        return self

    def publish(self, data: dict[str, str]) -> None:
        """What was drawn."""
        self.published.append(data)


@pytest.fixture
def in_shell(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Formatters]:
    """Makes a shell that draws some types the one we are in."""
    import IPython

    def enter(*active: str) -> Formatters:
        shell = Formatters(*active)
        monkeypatch.setattr(IPython, "get_ipython", lambda: shell)
        la.load_ipython_extension(shell)
        return shell

    return enter


def test_jupyter_draws(analysis: la.Analysis, in_shell: Callable[..., Formatters]) -> None:
    """In Jupyter the HTML is drawn, and the plain text beside it is one line."""
    shell = in_shell("text/plain", "text/html")
    for drawn, said in (
        (analysis, "<Analysis: 2 requests, 1 failed"),
        (analysis.timeline(B), f"<Timeline: request {B}"),
    ):
        html, plain = (shell.formatters[kind](drawn) for kind in ("text/html", "text/plain"))
        assert "PROXY_INTEG_APIGW_TIMEOUT" in html
        assert plain.startswith(said)
        assert "\n" not in plain
        assert "0123456789" not in html + plain


def test_comparisons_are_drawn(
    analysis: la.Analysis, in_shell: Callable[..., Formatters], capsys: pytest.CaptureFixture[str]
) -> None:
    """A comparison is drawn like an analysis: HTML and one line in Jupyter, what the command writes elsewhere."""
    comparison = la.compare(analysis, analysis)
    terminal = in_shell("text/plain").formatters["text/plain"](comparison)
    assert terminal.startswith("As many failures: 1 of 2 requests (50.0 %) before")
    shell = in_shell("text/plain", "text/html")
    html, plain = (shell.formatters[kind](comparison) for kind in ("text/html", "text/plain"))
    assert "PROXY_INTEG_APIGW_TIMEOUT" in html and "Read with care" in html
    assert plain == repr(comparison)
    la.show(comparison)
    assert shell.published == [{"text/html": html, "text/plain": plain}]
    assert capsys.readouterr().out == ""


def test_terminals_show_text(analysis: la.Analysis, in_shell: Callable[..., Formatters]) -> None:
    """In a terminal the text is what the command writes."""
    shell = in_shell("text/plain")
    plain = shell.formatters["text/plain"](analysis)
    assert plain.startswith("1 of 2 requests failed (50.0 %).")
    assert "What was read" in plain
    plain = shell.formatters["text/plain"](analysis.timeline(B))
    assert "stopped here" in plain
    assert "▶ Execution failed" in plain
    assert "0123456789" not in plain


def test_show_draws_or_writes(
    analysis: la.Analysis, in_shell: Callable[..., Formatters], capsys: pytest.CaptureFixture[str]
) -> None:
    """``la.show`` writes text outside of Jupyter and draws in it; masks are taken off on demand."""
    la.show(analysis)
    assert "1 of 2 requests failed" in capsys.readouterr().out
    la.show(analysis.timeline(B), redacted=False)
    assert "Cookie=sid=0" in capsys.readouterr().out
    shell = in_shell("text/plain", "text/html")
    la.show(analysis.timeline(B))
    assert capsys.readouterr().out == ""
    (published,) = shell.published
    assert published["text/plain"].startswith("<Timeline: request ")
    assert "stopped here" in published["text/html"]


def test_a_timeline_knows_its_request(analysis: la.Analysis) -> None:
    """A timeline brings its diagnosis along; one without is shown as far as it goes."""
    timeline = analysis.timeline(B)
    assert timeline.request == analysis.diagnosis(B)
    assert timeline.explanation == analysis.explanation(B)
    bare = Timeline(B, timeline.steps, timeline.stopped_at, timeline.authorizer, timeline.order)
    assert display.text(bare).startswith(f"<Timeline: request {B}")
    assert "Execution failed" in display.html(bare)


def test_hostile_ids_in_one_line() -> None:
    """The one line about a timeline is clean."""
    hostile = Timeline("\x1b[2J", TIMELINE.steps, TIMELINE.stopped_at, "none", "time")
    assert display.brief(hostile) == r"<Timeline: request \x1b[2J, 7 steps, BACKEND>"


def test_importing_in_a_shell_is_enough() -> None:
    """In an IPython shell ``import loganalyzer`` registers the drawing and loads nothing heavy."""
    code = (
        "import sys\nfrom IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\nbefore = set(sys.modules)\nimport loganalyzer\n"
        "print(len(shell.display_formatter.formatters['text/html'].deferred_printers))\n"
        "print(sorted(name for name in set(sys.modules) - before if 'loganalyzer' not in name and name in "
        "{'pandas', 'numpy', 'jinja2', 'rich'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.split("\n")[-3:] == ["4", "[]", ""]
    alone = "import sys, loganalyzer; print('loganalyzer.display' in sys.modules, 'IPython' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", alone], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout == "False False\n"


def test_groups_of_an_account_are_drawn(in_shell: Callable[..., Formatters]) -> None:
    """What there is in an account is drawn as the command writes it, escaped, wherever it is looked at."""
    from loganalyzer.fetcher.group import LogGroup
    from loganalyzer.fetcher.survey import Survey

    group = LogGroup("API-Gateway-Execution-Logs_abcde12345/<b>", "eu-west-1", "123456789012", api_id="abcde12345")
    found = Survey("eu-west-1", "123456789012", (group,), (), None, None, None)
    shell = in_shell("text/plain", "text/html")
    html, plain = (shell.formatters[kind](found) for kind in ("text/html", "text/plain"))
    assert html.startswith("<pre>eu-west-1 of account 123456789012: 1 API, 1 log group")
    assert "&lt;b&gt;" in html
    assert "API-Gateway-Execution-Logs_abcde12345/<b>" in plain

"""Analyses, timelines and comparisons as people look at them: drawn in Jupyter, text in a terminal.

The library below knows nothing of it: where there is an IPython shell, importing ``loganalyzer`` tells its formatters
who draws what. What is drawn is masked, for a notebook is soon with somebody else.
"""

from __future__ import annotations

import io
import shutil
import sys
from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING, Any, TypeAlias

from loganalyzer.comparison.records import Comparison
from loganalyzer.model import Timeline

if TYPE_CHECKING:
    from loganalyzer.analysis import Analysis
    from loganalyzer.fetcher.survey import Survey
    from loganalyzer.reports.report import Report

    Drawn: TypeAlias = Analysis | Timeline | Comparison

_DRAWN = (
    ("loganalyzer.analysis", "Analysis"),
    ("loganalyzer.model", "Timeline"),
    ("loganalyzer.comparison.records", "Comparison"),
)
_SURVEY = ("loganalyzer.fetcher.survey", "Survey")
_SIZE = (100, 24)
"""Columns and lines where there is no terminal to ask."""

_GROUPS_SIZE = (120, 24)
"""The same for log groups, which have long names."""


def show(drawn: Drawn, *, redacted: bool = True) -> None:
    """Draw it in Jupyter, write it as text elsewhere; masked unless not ``redacted``."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is not None and "text/html" in shell.display_formatter.active_types:
        shell.display_pub.publish({"text/html": html(drawn, redacted=redacted), "text/plain": brief(drawn)})
        return
    _write(drawn, sys.stdout, redacted=redacted)


def html(drawn: Drawn, *, redacted: bool = True) -> str:
    """An analysis, timeline or comparison as a piece of HTML that loads nothing and escapes all that is logged."""
    from loganalyzer.classifier.rules import catalogue
    from loganalyzer.reports import pieces

    if isinstance(drawn, Timeline):
        return pieces.timeline_html(_shown(drawn, redacted=redacted), entries=catalogue())
    if isinstance(drawn, Comparison):
        from loganalyzer.reports.comparison_piece import comparison_html

        return comparison_html(drawn, redacted=redacted)
    return pieces.analysis_html(_report(drawn, redacted=redacted), entries=drawn.entries)


def text(drawn: Drawn, *, redacted: bool = True, width: int | None = None) -> str:
    """What is drawn, as lines of text, as the command writes them, by default as wide as the terminal."""
    page = io.StringIO()
    _write(drawn, page, redacted=redacted, width=width or shutil.get_terminal_size(_SIZE).columns)
    return page.getvalue()


def groups_text(survey: Survey, *, width: int | None = None) -> str:
    """What there is in an account as lines of text, as ``loganalyzer groups`` writes them."""
    from loganalyzer.reports.groups import show_groups
    from loganalyzer.reports.page import Page

    file = io.StringIO()
    show_groups(survey, Page(file, width=width or shutil.get_terminal_size(_GROUPS_SIZE).columns))
    return file.getvalue().rstrip()


def _write(drawn: Drawn, file: Any, *, redacted: bool, width: int | None = None) -> None:
    from loganalyzer.classifier.rules import catalogue
    from loganalyzer.reports.page import Page
    from loganalyzer.reports.table import show as show_report
    from loganalyzer.reports.trace import show_timeline

    page = Page(file, width=width)
    if isinstance(drawn, Comparison):
        from loganalyzer.reports.comparison_page import show_comparison

        show_comparison(drawn, page, redacted=redacted)
    elif not isinstance(drawn, Timeline):
        show_report(_report(drawn, redacted=redacted), page, entries=drawn.entries)
    elif drawn.request is None:
        page.line(brief(drawn))
    else:
        shown = _shown(drawn, redacted=redacted)
        assert shown.request is not None
        entry = catalogue().get(shown.request.category)
        show_timeline(shown, shown.request, page, entry=entry, explanation=shown.explanation)


def brief(drawn: Drawn) -> str:
    """One line that says what it is, with nothing from the log in it that would have to be masked."""
    if not isinstance(drawn, Timeline):
        return repr(drawn)
    from loganalyzer.reports.clean import clean

    category = f", {drawn.request.category}" if drawn.request is not None and drawn.request.category else ""
    said = f"request {clean(drawn.request_id)}, {len(drawn.steps)} steps{category}, {drawn.stopped_at.name}"
    return f"<Timeline: {said}>"


def register(shell: Any) -> None:
    """Tell the formatters of an IPython shell how to draw; nothing heavy is loaded before the first drawing."""
    formatter = shell.display_formatter
    for module, name in _DRAWN:
        formatter.formatters["text/html"].for_type_by_name(module, name, html)
        formatter.formatters["text/plain"].for_type_by_name(module, name, _Plain(formatter))
    formatter.formatters["text/html"].for_type_by_name(
        *_SURVEY, lambda survey: f"<pre>{escape(groups_text(survey))}</pre>"
    )
    formatter.formatters["text/plain"].for_type_by_name(
        *_SURVEY, lambda survey, printer, _: printer.text(groups_text(survey))
    )


class _Plain:
    """Writes the plain text of what is drawn: one line where HTML is drawn as well, all of it in a terminal."""

    def __init__(self, formatter: Any) -> None:
        self._formatter = formatter

    def __call__(self, drawn: Drawn, printer: Any, cycle: bool) -> None:  # noqa: FBT001 - IPython's way
        drawn_too = "text/html" in self._formatter.active_types
        printer.text(brief(drawn) if drawn_too else text(drawn).rstrip())


def _shown(timeline: Timeline, *, redacted: bool) -> Timeline:
    from loganalyzer.redact import redact_timeline

    return redact_timeline(timeline) if redacted else replace(timeline)


def _report(analysis: Analysis, *, redacted: bool) -> Report:
    from loganalyzer.reports.report import Report

    return Report(analysis.coverage, analysis.summary(), analysis.records, redacted=redacted)

"""Commands run against an analysis made by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from click.testing import CliRunner, Result

from loganalyzer.cli import main
from tests.live import moto, moto_server, scripted, scripted_server
from tests.reports.samples import ANSWERED, CUT_SHORT, DENIED, FAILED, SUCCEEDED, FakeAnalysis

__all__ = ["moto", "moto_server", "scripted", "scripted_server"]


@dataclass
class Library:
    """Stands in for the library: gives out ``analysis``, or raises ``error``, and remembers what it was asked."""

    analysis: FakeAnalysis
    error: BaseException | None = None
    asked: list[tuple[tuple[Any, ...], dict[str, Any]]] = field(default_factory=list)

    def analyze(self, *sources: Any, **settings: Any) -> FakeAnalysis:
        """The analysis."""
        self.asked.append((sources, settings))
        if self.error is not None:
            raise self.error
        return self.analysis


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Library:
    """An analysis of one request of each kind."""
    stands_in = Library(FakeAnalysis([FAILED, ANSWERED, DENIED, CUT_SHORT, SUCCEEDED]))
    monkeypatch.setattr("loganalyzer.reading.analyze", stands_in.analyze)
    return stands_in


Run = Callable[..., Result]


@pytest.fixture
def run() -> Run:
    """Runs the command with arguments as a shell would."""

    def run_command(*arguments: str, stdin: bytes | None = None) -> Result:
        return CliRunner().invoke(main, arguments, input=stdin)

    return run_command

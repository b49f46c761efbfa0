"""What holds for all tests."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from loganalyzer.parser import worker

settings.register_profile(
    "deterministic",
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
settings.load_profile("deterministic")


@pytest.fixture(scope="session", autouse=True)
def temporary_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Temporary files of the tests, and of the programs they start, go where pytest clears up."""
    place = str(tmp_path_factory.mktemp("temporary"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", place)
        patch.setattr(tempfile, "tempdir", place)
        yield


@pytest.fixture(autouse=True)
def no_process_stays() -> Iterator[None]:
    """A command keeps processes at hand until the program ends, which for a test is its own end."""
    yield
    worker._end_all()
    worker._staying.clear()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the accuracies that tests measured (property ``accuracy``) below their results."""
    told = [
        str(text)
        for report in terminalreporter.getreports("passed")
        for name, text in report.user_properties
        if name == "accuracy"
    ]
    if told:
        terminalreporter.section("accuracy")
        for text in sorted(told):
            terminalreporter.line(text)

"""Rules files with faults, and what is said of them: each ``cases/NAME.toml`` has its report in ``NAME.txt``."""

from __future__ import annotations

from pathlib import Path

import pytest

from loganalyzer.classifier.rulefile.files import read_rules, source_at
from loganalyzer.classifier.rules import catalogue
from loganalyzer.reports.faults import checked

CASES = sorted((Path(__file__).parent / "cases").glob("*.toml"))


def report_of(path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """What is said of a file, as if it lay in the working directory."""
    monkeypatch.chdir(path.parent)
    files = read_rules([source_at(Path(path.name))], beside=catalogue())
    return "\n".join(checked(files, catalogue=catalogue())) + "\n"


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_every_fault_is_told_in_its_place(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that is wrong is told at once, in the order of the lines: entry, line, column, what it is, what was meant."""
    assert report_of(path, monkeypatch) == path.with_suffix(".txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_sound_files_alone_are_sound(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file has faults unless it is called sound."""
    assert ("no problem" in report_of(path, monkeypatch)) == path.stem.startswith("sound")

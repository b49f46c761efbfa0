"""Every case file against the real analysis: adding a case needs no code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from loganalyzer import analyze
from loganalyzer.model import Request
from tests.classifier.cases import NEVER_SILENT, SELECTING, case_at, files, name_of, problems_of


def fits(row: Request, column: str, wanted: Any) -> bool:
    """Whether a column is as wanted; of evidence each text must be part of one line."""
    found = getattr(row, column)
    if column == "evidence":
        return all(any(part in line for line in found) for part in wanted)
    return bool((list(found) if isinstance(found, tuple) else found) == wanted)


def differences(row: Request, wanted: dict[str, Any]) -> list[str]:
    """Every column that is not as wanted, in words: pytest would take minutes to compare long lines by itself."""
    return [
        f"{column} is {str(getattr(row, column))[:300]!r} instead of {value!r}"
        for column, value in (NEVER_SILENT | wanted).items()
        if not fits(row, column, value)
    ]


def chosen(rows: list[Request], wanted: dict[str, Any]) -> Request:
    """The one request that an expectation is about."""
    selecting = {name: wanted[name] for name in SELECTING if name in wanted}
    fitting = [row for row in rows if all(getattr(row, name) == value for name, value in selecting.items())]
    if len(fitting) != 1:
        pytest.fail(f"{len(fitting)} of {len(rows)} requests fit {selecting}")
    return fitting[0]


@pytest.mark.parametrize("path", files(), ids=name_of)
def test_case(path: Path, tmp_path: Path) -> None:
    """The requests of the log get the category, stage, confidence and columns that the case file says."""
    case = case_at(path)
    log = tmp_path / "case.log"
    log.write_text(case.log, encoding="utf-8")
    rows = list(analyze(log, jobs=1).records(everything=True))
    about = [(chosen(rows, wanted), wanted) for wanted in case.expect]
    assert not [text for row, wanted in about for text in differences(row, wanted)]
    named = [id(row) for row, _ in about]
    surprises = [(row.request_id, row.category) for row in rows if id(row) not in named and row.outcome != "succeeded"]
    assert not surprises


@pytest.mark.parametrize("path", files(), ids=name_of)
def test_case_file_has_only_known_keys(path: Path) -> None:
    """A misspelt key would test nothing."""
    assert not problems_of(path)

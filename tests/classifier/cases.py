"""The case files below ``fixtures/cases``: a log, and what the analysis of it must say."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from loganalyzer.model import Request

FOLDER = Path(__file__).parents[2] / "fixtures" / "cases"

SUCCESS = "SUCCESS"
"""The folder of requests that went well; every other one is named after a category."""

NEEDED = ("category", "stopped_at", "outcome", "confidence")
"""What every expectation must say."""

NEVER_SILENT: dict[str, Any] = {"status": None}
"""Columns that an expectation speaks of even by leaving them out."""

KEYS = {"note", "log", "expect"}
COLUMNS = {field.name for field in fields(Request)}

SELECTING = ("request_id", "extended_request_id")
"""Columns that say which request an expectation is about."""


@dataclass(frozen=True, slots=True)
class Case:
    """One case file: ``folder`` is the category it hits or nearly misses, ``expect`` what each request must be."""

    folder: str
    name: str
    note: str
    log: str
    expect: tuple[dict[str, Any], ...]

    @property
    def hits(self) -> bool:
        """Whether one of its requests gets the category that the folder is named after."""
        wanted = "" if self.folder == SUCCESS else self.folder
        return any(row["category"] == wanted for row in self.expect)


def files() -> list[Path]:
    """Every case file."""
    return sorted(FOLDER.glob("*/*.toml"))


@cache
def case_at(path: Path) -> Case:
    """The case in a file."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return Case(path.parent.name, path.stem, table["note"], table["log"], tuple(table["expect"]))


def name_of(path: Path) -> str:
    """``<CATEGORY>/<name>`` of a case file."""
    return f"{path.parent.name}/{path.stem}"


def problems_of(path: Path) -> list[str]:
    """What is wrong with the form of a case file."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    found = [f"unknown key {key}" for key in table.keys() - KEYS] + [f"no {key}" for key in KEYS - table.keys()]
    for row in table.get("expect", []):
        found += [f"unknown column {key}" for key in row.keys() - COLUMNS]
        found += [f"expect without {key}" for key in NEEDED if key not in row]
    return found

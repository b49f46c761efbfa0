"""Pasted text in all its shapes comes out as the events it stands for."""

from __future__ import annotations

import io
import tomllib
from pathlib import Path
from typing import Any

import pytest

from loganalyzer.coverage import Coverage
from loganalyzer.formats.lines import Text

CASES = tomllib.loads((Path(__file__).parent / "text_cases.toml").read_text(encoding="utf-8"))["case"]


def canonical_events(text: str) -> tuple[list[str], Coverage]:
    """The events of pasted text as canonical lines, continuation lines attached, and what was lost."""
    coverage = Coverage()
    chunks = Text().chunks(io.BytesIO(text.encode()), coverage)
    whole = b"".join(chunk.text for chunk in chunks).decode()
    events: list[str] = []
    for line in whole.splitlines():
        if line.startswith("\t"):
            events[-1] += "\n" + line
        else:
            events.append(line)
    return events, coverage


@pytest.mark.parametrize("case", CASES, ids=[case["promise"] for case in CASES])
def test_pasted_text_becomes_its_events(case: dict[str, Any]) -> None:
    """Each form and each kind of damage gives the events it stands for, nothing more and nothing less."""
    events, coverage = canonical_events(case["text"])
    assert events == case["events"]
    assert coverage.unknown_lines.count == case.get("unknown", 0)

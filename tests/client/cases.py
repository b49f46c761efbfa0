"""The responses in ``fixtures/responses`` as cases: what was pasted or said, and what must be made of it."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from loganalyzer.client.records import ExplainedResponse
from loganalyzer.responses import explain_pasted, explain_response

FOLDER = Path(__file__).parents[2] / "fixtures" / "responses"


@dataclass(frozen=True)
class Case:
    """One response and what is expected of its explanation; what is not said is not looked at."""

    name: str
    best: tuple[str, ...]
    symptom: str
    pasted: str = ""
    status: int | None = None
    error_type: str = ""
    body: str | None = None
    headers: tuple[str, ...] = ()
    confidence: str = ""
    answered_by: str = ""
    customised: bool = False
    url: str | None = None
    log_group: str | None = None
    ids: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()

    def explained(self) -> ExplainedResponse:
        """The explanation of the response."""
        if self.pasted:
            (explanation,) = explain_pasted(self.pasted)
            return explanation
        return explain_response(
            status=self.status, error_type=self.error_type, body=self.body, headers=list(self.headers)
        )


def cases() -> list[Case]:
    """Every case of every file."""
    found: list[Case] = []
    for path in sorted(FOLDER.glob("*.toml")):
        rows = tomllib.loads(path.read_text(encoding="utf-8"))["case"]
        found += [msgspec.convert(row, Case) for row in rows]
    return found

"""Cases of the audit as data: a healthy API with a few answers changed, and what one check says then."""

from __future__ import annotations

import copy
import json
import tomllib
from pathlib import Path
from typing import Any

FIXTURES = Path(__file__).parents[2] / "fixtures" / "audit"
HEALTHY: dict[str, Any] = json.loads((FIXTURES / "healthy.json").read_text(encoding="utf-8"))
CASES: list[dict[str, Any]] = tomllib.loads((FIXTURES / "checks.toml").read_text(encoding="utf-8"))["case"]


def changed(changes: list[dict[str, Any]]) -> dict[str, Any]:
    """The healthy snapshot with the changes of a case made."""
    document = copy.deepcopy(HEALTHY)
    for change in changes:
        _change(document["calls"], change)
    return document


def _change(place: Any, change: dict[str, Any]) -> None:
    *way, last = change["at"]
    for step in way:
        place = place[step] if isinstance(place, list) else place.setdefault(step, {})
    if change.get("drop"):
        del place[last]
    elif "refuse" in change:
        place[last] = {"request": place[last]["request"], "error": {"code": change["refuse"], "message": ""}}
    else:
        place[last] = change["set"]

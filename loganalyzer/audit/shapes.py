"""Values taken out of JSON that may have any shape: what is not as expected counts as not there.

A saved answer may be cut, edited or another document altogether; nothing here raises.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

NOTHING: Mapping[str, object] = {}


def text(value: object) -> str:
    """The string, empty for anything else."""
    return value if isinstance(value, str) else ""


def number(value: object) -> int | None:
    """The whole number, also one written as a string or with a fraction; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16:
        return int(value)
    if isinstance(value, float):
        return int(value) if math.isfinite(value) else None
    return value if isinstance(value, int) else None


def flag(value: object) -> bool:
    """Whether the value says yes, as JSON does or as CloudFormation writes it."""
    return value is True or value == "true"


def mapping(value: object) -> Mapping[str, object]:
    """The JSON object, an empty one for anything else."""
    return value if isinstance(value, dict) else NOTHING


def listed(value: object) -> list[object]:
    """The JSON array; a single value as an array of one, none as an empty one (policies are written both ways)."""
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def mappings(value: object) -> list[Mapping[str, object]]:
    """The JSON objects in an array."""
    return [one for one in listed(value) if isinstance(one, dict)]


def texts(value: object) -> tuple[str, ...]:
    """The strings in an array, or the single string."""
    return tuple(one for one in listed(value) if isinstance(one, str))

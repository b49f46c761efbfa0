"""Sizes as people write them."""

from __future__ import annotations

import re

from loganalyzer.errors import UsageError

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?", re.IGNORECASE)


def parse_size(text: str) -> int:
    """``1GB``, ``500 MB``, ``2MiB`` or ``1500000`` in bytes: powers of 1000, with an ``i`` of 1024."""
    found = _SIZE.fullmatch(text.strip())
    if found is None or (found[3] and not found[2]):
        raise UsageError(f"{text!r} is not a size", tip="write it like 500MB, 1GB or 2MiB")
    power = " kmgt".index(found[2].lower() or " ")
    return int(float(found[1]) * (1024 if found[3] else 1000) ** power)

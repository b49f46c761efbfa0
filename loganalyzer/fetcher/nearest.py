"""What somebody may have meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

LISTED = "'loganalyzer groups' lists what there is in a region, --region names another"
"""What to say where nothing is near."""


def nearest(wanted: str, known: Iterable[str]) -> str:
    """A question with the names that come nearest to ``wanted``; empty if none is near."""
    names = sorted(set(known))
    lower = {name.lower(): name for name in names}
    near = [lower[name] for name in get_close_matches(wanted.lower(), list(lower), n=3, cutoff=0.6)]
    near = near or [name for name in names if wanted.lower() in name.lower()][:3]
    return f"did you mean {' or '.join(near)}?" if near else ""

"""What somebody may have meant by a name that does not exist."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from loganalyzer import vocabulary as words


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """A question that holds the nearest of the known names, empty if none is near."""
    if not isinstance(name, str):
        return ""
    listed = list(known)
    folded = {one.lower(): one for one in listed}
    near = get_close_matches(name.lower(), folded, n=1, cutoff=0.6)
    return f"did you mean {folded[near[0]]}?" if near else ""


def sentence_meant(text: object) -> str:
    """A tip about the sentence that somebody may have meant: by a whole message, by a part of it, or misspelt."""
    if not isinstance(text, str) or not text.strip():
        return "loganalyzer rules words lists the sentences"
    whole = words.match(text.encode("utf-8", "replace"))
    if whole.code:
        return f"sentences go by their beginning: write '{whole.head}', and look at the rest of the line with text"
    folded = {head.lower(): head for head in words.BY_HEAD if head}
    inside = [head for low, head in folded.items() if text.strip().lower() in low]
    near = get_close_matches(text.lower(), folded, n=1, cutoff=0.6)
    meant = folded[near[0]] if near else min(inside, key=len, default="")
    return f"did you mean '{meant}'?" if meant else "loganalyzer rules words lists the sentences"

"""The colours of charts: told apart by people who see colours differently, and readable on light and dark paper.

https://jfly.uni-koeln.de/color/ has the palette that these hues are taken from; they are darker here, so that each
stands out from white by 3 : 1 (https://www.w3.org/TR/WCAG22/#non-text-contrast).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ink:
    """Colours by what they are for, each anything that SVG takes for a colour.

    ``kinds`` are for categories, the most frequent first; ``other`` is for all the rest.
    """

    text: str
    faint: str
    grid: str
    passed: str
    stopped: str
    kinds: tuple[str, ...]
    other: str


PAPER = Ink(
    text="#1b2430",
    faint="#566273",
    grid="#d9dee6",
    passed="#9db4cc",
    stopped="#c2410c",
    kinds=("#c2410c", "#0a6ebd", "#00805f", "#a6477f", "#946200", "#5a56c8", "#2b8aa6"),
    other="#7b8494",
)
"""Colours for a white page."""

PAGE = Ink(
    text="var(--text)",
    faint="var(--faint)",
    grid="var(--grid)",
    passed="var(--passed)",
    stopped="var(--kind-1)",
    kinds=tuple(f"var(--kind-{number})" for number in range(1, 8)),
    other="var(--other)",
)
"""The colours of the web page around the chart: they follow when that changes from light to dark."""

"""Whether two counts differ by more than chance: exact tests, right for small numbers too.

Both are conditional tests: given how many there are in all, how likely is a division between the two sides that is no
more likely than the one seen? They take requests for independent of each other; retries are not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_TIE = 1 + 1e-7
"""Outcomes that are equally likely come out of logarithms not quite equal."""


@dataclass(frozen=True, slots=True)
class Odds:
    """``p`` is the two-sided p-value, ``least`` the smallest that so few in all could ever give."""

    p: float
    least: float


def shares(before: int, of_before: int, after: int, of_after: int) -> Odds:
    """Fisher's exact test: is the share ``before / of_before`` other than ``after / of_after``?"""
    total = before + after
    x = np.arange(max(0, total - of_after), min(total, of_before), dtype=np.float64)
    ratios = np.log(of_before - x) + np.log(total - x) - np.log(x + 1) - np.log(of_after - total + x + 1)
    return _odds(ratios, before - max(0, total - of_after))


def rates(before: int, time_before: float, after: int, time_after: float) -> Odds:
    """The exact test of two Poisson rates: is ``before / time_before`` other than ``after / time_after``?"""
    total = before + after
    x = np.arange(total, dtype=np.float64)
    ratios = np.log(total - x) - np.log(x + 1) + np.log(time_before / time_after)
    return _odds(ratios, before)


def holm(ps: Sequence[float]) -> list[float]:
    """The p-values corrected for their number (Holm), so that of many comparisons none is found by luck alone."""
    corrected = [0.0] * len(ps)
    largest = 0.0
    for rank, index in enumerate(sorted(range(len(ps)), key=ps.__getitem__)):
        largest = max(largest, min(1.0, (len(ps) - rank) * ps[index]))
        corrected[index] = largest
    return corrected


def _odds(ratios: npt.NDArray[np.float64], seen: int) -> Odds:
    """From the logarithms of how much likelier each outcome is than the one before it; ``seen`` is an outcome."""
    logs = np.concatenate([[0.0], np.cumsum(ratios)])
    likely = np.exp(logs - logs.max())
    ps = [float(likely[likely <= likely[outcome] * _TIE].sum() / likely.sum()) for outcome in (seen, 0, -1)]
    return Odds(min(1.0, ps[0]), min(1.0, *ps[1:]))

"""Exact tests against known values, and against counting all outcomes."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loganalyzer.comparison.chance import holm, rates, shares


@pytest.mark.parametrize(
    ("numbers", "p"),
    [
        ((3, 4, 1, 4), 34 / 70),  # the lady tasting tea, two-sided
        ((1, 10, 11, 14), 0.002759456185220083),  # men and women who study
        ((8, 10, 1, 6), 0.03496503496503495),  # whales and sharks
        ((0, 1000, 0, 1000), 1.0),
        ((5, 5, 0, 5), 2 / 252),
    ],
)
def test_known_shares(numbers: tuple[int, int, int, int], p: float) -> None:
    """Fisher's exact test gives what textbooks and other programs give."""
    assert shares(*numbers).p == pytest.approx(p, rel=1e-9)


@pytest.mark.parametrize(
    ("numbers", "p"),
    [
        ((0, 1.0, 5, 1.0), 0.0625),
        ((11, 800.0, 21, 3011.0), 0.07966863),  # Poisson rates of two groups of women
        ((682, 3.0, 243, 1.0), 0.3824916),  # a binomial test of 3 : 1 (Mendel's peas)
        ((7, 2.0, 7, 2.0), 1.0),
    ],
)
def test_known_rates(numbers: tuple[int, float, int, float], p: float) -> None:
    """The exact test of two Poisson rates does too."""
    assert rates(*numbers).p == pytest.approx(p, rel=1e-6)


small = st.integers(0, 12)


@given(small, small, small, small)
def test_shares_are_exact(one: int, more: int, two: int, still: int) -> None:
    """The value is that of adding up all divisions that are no more likely than the one seen."""
    of_one, of_two, total = one + more, two + still, one + two
    likely = {x: Fraction(comb(of_one, x) * comb(of_two, total - x)) for x in range(total + 1)}
    whole = sum(likely.values())
    expected = sum(value for value in likely.values() if value <= likely[one]) / whole
    found = shares(one, of_one, two, of_two)
    assert found.p == pytest.approx(float(expected), abs=1e-9)
    assert found.least <= found.p + 1e-12


@given(st.integers(0, 1000), st.integers(0, 1000), st.integers(0, 100_000), st.integers(0, 100_000))
def test_sides_may_be_swapped(one: int, two: int, more: int, still: int) -> None:
    """Which side is called first changes nothing, and a probability is between 0 and 1."""
    there = shares(one, one + more, two, two + still)
    back = shares(two, two + still, one, one + more)
    assert there.p == pytest.approx(back.p, abs=1e-9) and 0 <= there.p <= 1


def test_few_can_prove_nothing() -> None:
    """The least p-value says whether any division of so few could have been more than chance."""
    assert shares(0, 1000, 3, 1000).least > 0.05 > shares(0, 1000, 6, 1000).least
    assert rates(0, 1.0, 5, 1.0).least > 0.05 > rates(0, 1.0, 6, 1.0).least


def test_large_numbers() -> None:
    """A million requests take no time and lose no precision."""
    assert shares(100_000, 1_000_000, 101_000, 1_000_000).p == pytest.approx(0.0185, abs=5e-4)
    assert shares(0, 1_000_000, 500_000, 1_000_000).p == 0.0


def test_holm() -> None:
    """Each p-value is multiplied by how many are not smaller, and order is kept."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == [] and holm([0.7, 0.9]) == [1.0, 1.0]


@given(st.lists(st.floats(0, 1)))
def test_holm_only_raises(ps: list[float]) -> None:
    """No p-value gets smaller, none passes 1, and the smallest of all stays it."""
    corrected = holm(ps)
    assert all(before <= after <= 1 for before, after in zip(ps, corrected, strict=True))
    assert [corrected[i] for i in sorted(range(len(ps)), key=ps.__getitem__)] == sorted(corrected)

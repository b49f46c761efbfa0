"""The estimate follows its formula."""

from __future__ import annotations

import pytest

from loganalyzer.spark.plan import PRICES, RATE, START, estimate


@pytest.mark.parametrize("size", [10**9, 10**12, 10**14])
@pytest.mark.parametrize("cores", [1, 64, 1024])
def test_time_and_cost(size: int, cores: int) -> None:
    """Time is the start and each core's share of the text; cost is the time of all cores."""
    found = estimate(size, cores=cores)
    assert found.seconds == pytest.approx(START + size / cores / RATE)
    assert found.costs["Glue"] == pytest.approx(cores * found.seconds / 3600 * PRICES["Glue"])


def test_text_that_is_not_compressed_is_held_up_by_storage() -> None:
    """Where the stored bytes are as many as those of text, S3 is slower than the scanner."""
    fast = 150_000_000
    assert estimate(10**12, cores=64, ratio=1, rate=fast).seconds > estimate(10**12, cores=64, rate=fast).seconds

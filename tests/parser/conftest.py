"""What tests of the parser share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from loganalyzer.parser import scanner


@pytest.fixture(scope="module", params=[0, scanner._SHORT], ids=["alone", "together"])
def blocks(request: pytest.FixtureRequest) -> Iterator[None]:
    """Short chunks are scanned each for itself, and then together."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(scanner, "_SHORT", request.param)
        yield

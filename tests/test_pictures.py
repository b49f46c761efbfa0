"""The README's pictures: there, shown and small."""

from __future__ import annotations

import re

import pytest

from tests.pictures import NAMES, PICTURES, ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_picture_is_one_that_the_command_makes() -> None:
    """No picture lies about that ``python -m tests.pictures`` would not make anew."""
    assert sorted(path.name for path in PICTURES.iterdir()) == sorted(NAMES)
    assert set(re.findall(r"fixtures/pictures/([\w.-]+)", README)) == set(NAMES)
    assert "python -m tests.pictures" in README


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_is_shown_small_and_whole(name: str) -> None:
    """A picture is less than 300 kB, of the kind that its name says, and names nothing to be fetched."""
    data = (PICTURES / name).read_bytes()
    assert 1_000 < len(data) < 300_000
    if name.endswith(".svg"):
        assert b"</svg>" in data
        assert not re.search(rb"url\(['\"]?http|href=|<script|@import", data)
    else:
        assert data.startswith(b"\x89PNG")

"""Ids in 16 bytes: nothing of them is lost, and what does not fit is said not to."""

from __future__ import annotations

from uuid import UUID

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loganalyzer.parser.ids import id_words
from loganalyzer.parser.packing import hash_packed, packed, unpacked

CANONICAL = "9a4a83b7-22e2-4b0f-bc65-d1ff6f3a3d08"
DAMAGED = st.builds(
    lambda at, sign: (CANONICAL[:at] + sign + CANONICAL[at + 1 :]).encode(),
    st.integers(0, 35),
    st.sampled_from("0129abcdefghAFG`@/:-_~ "),
)
IDS = st.one_of(
    st.uuids().map(lambda uuid: str(uuid).encode()),
    st.binary(min_size=16, max_size=16).map(lambda raw: str(UUID(bytes=raw)).encode()),
    DAMAGED,
    st.text(st.characters(min_codepoint=33, max_codepoint=300), max_size=20).map(str.encode),
    st.binary(min_size=1, max_size=45),
)


@given(st.lists(IDS, min_size=1))
def test_packing_loses_nothing(ids: list[bytes]) -> None:
    """Ids that fit come back as they were, and different ones are packed differently."""
    words = np.array([id_words(one) for one in ids])
    small, fits = packed(words)
    assert (unpacked(small[fits]) == words[fits]).all()
    assert len({one.tobytes() for one in small[fits]}) == len({one.tobytes() for one in words[fits]})


@pytest.mark.parametrize(
    ("request_id", "fit"),
    [
        (CANONICAL, True),
        ("HcWx2EfWIAMFTXg=", True),
        ("-", True),
        (CANONICAL.upper(), False),
        (CANONICAL + "0", False),
        (CANONICAL.replace("-b", "-3"), False),
        ("Root=1-67891233-abcdef012345678912345678", False),
        ("é", False),
    ],
)
def test_usual_ids_fit(request_id: str, fit: bool) -> None:
    """Lower-case UUIDs of the usual variant and WebSocket ids fit."""
    assert packed(np.array([id_words(request_id.encode())]))[1].tolist() == [fit]


@given(st.sets(st.uuids(), min_size=2))
def test_different_ids_have_different_keys(ids: set[UUID]) -> None:
    """Every byte of an id counts."""
    small, _ = packed(np.array([id_words(str(one).encode()) for one in ids]))
    assert len(set(hash_packed(small).tolist())) == len(ids)

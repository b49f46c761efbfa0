"""Kept lines in columns say what plain lists of them would."""

from __future__ import annotations

import pickle
from operator import itemgetter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loganalyzer.parser import kept as of_kept
from loganalyzer.parser.ids import hash_ids, id_words
from loganalyzer.parser.kept import Kept, KeptLines, KeptOf
from loganalyzer.parser.summary import empty_rows

IDS = [id_words(text).tobytes() for text in (b"a", b"b", b"c", b"x" * 36, b"y" * 50)]
LINES = st.builds(
    Kept,
    st.sampled_from(IDS),
    st.integers(-1, 3),
    st.integers(0, 1 << 50),
    st.integers(0, 255),
    st.sampled_from([b"", b"Unauthorized request: a", b"Execution failed", b"z" * 5000]) | st.binary(max_size=5),
)
ALL = st.lists(LINES, max_size=30)


@given(ALL, ALL, st.data())
def test_lines_come_back(one: list[Kept], other: list[Kept], data: st.DataObject) -> None:
    """Lines are as they were put in, also from another collection or process, and until they are left out."""
    kept = KeptLines(one)
    kept.adopt(pickle.loads(pickle.dumps(KeptLines(other))))
    both = one + other
    assert list(kept) == both
    assert len(kept) == len(both)
    gone = data.draw(st.lists(st.booleans(), min_size=len(both), max_size=len(both)))
    kept.leave_out(np.array(gone, bool))
    left = [line for line, is_gone in zip(both, gone, strict=True) if not is_gone]
    assert list(kept) == left
    kept.adopt(KeptLines(one))
    assert list(kept) == left + one


@pytest.mark.parametrize("collide", [False, True])
@given(lines=ALL, several=st.permutations(IDS))
def test_each_row_has_its_lines(collide: bool, lines: list[Kept], several: list[bytes]) -> None:
    """A row is given the lines of its id in the order of time and position, even where hashes of ids are the same.

    So it is in a part of the rows, pickled.
    """

    def hashes(
        words: np.ndarray[tuple[int, ...], np.dtype[np.uint64]],
    ) -> np.ndarray[tuple[int, ...], np.dtype[np.uint64]]:
        return np.zeros(len(words), np.uint64) if collide else hash_ids(words)

    rows = empty_rows(len(several))
    rows["id"] = np.frombuffer(b"".join(several), np.uint64).reshape(len(several), -1)
    rows["key"] = hashes(rows["id"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(of_kept, "hash_ids", hashes)
        found = KeptOf.of(KeptLines(lines), rows)
        marked = KeptLines(lines).of(set(several[:2]))
    assert marked.tolist() == [line.id in several[:2] for line in lines]
    for row, raw in enumerate(several):
        own = sorted((line for line in lines if line.id == raw), key=itemgetter(1, 2))
        assert found[row] == [(line.code, line.message) for line in own]
    few = np.arange(len(several))[::-2]
    part = pickle.loads(pickle.dumps(found.part(few)))
    assert [part[place] for place in range(len(few))] == [found[row] for row in few.tolist()]


def test_what_is_left_out_takes_no_memory() -> None:
    """The messages of lines that were left out go too."""
    kept = KeptLines(Kept(IDS[0], 0, number, 1, b"%d" % number * 100) for number in range(1000))
    kept.leave_out(np.arange(1000) > 0)
    assert len(pickle.dumps(kept)) < 1000

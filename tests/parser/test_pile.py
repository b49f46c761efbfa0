"""Rows that pile up: the same wherever they stand."""

from __future__ import annotations

import errno
import mmap
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loganalyzer.analysis import Analysis
from loganalyzer.parser import pile
from loganalyzer.parser.columns import column, flags_of, stretches_of
from loganalyzer.parser.mapped import MappedFile, let_go, taken
from loganalyzer.parser.pile import Pile
from loganalyzer.reading import analyze
from loganalyzer.simulate import simulate

KIND = np.dtype([("number", "i8"), ("pair", "u1", (2,))])


def rows_of(numbers: Sequence[int]) -> np.ndarray[Any, np.dtype[np.void]]:
    """Rows that hold these numbers, the pair of each in the last two bits."""
    found = np.zeros(len(numbers), KIND)
    found["number"] = numbers
    found["pair"] = np.array([(number & 1, number >> 1 & 1) for number in numbers], np.uint8).reshape(-1, 2)
    return found


@pytest.fixture(params=[0, 100], ids=["in a file", "soon in a file"])
def most_held(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """So many bytes of rows stand in memory."""
    monkeypatch.setattr(pile, "MOST_HELD", request.param)
    monkeypatch.setattr(pile, "_ROOM", 200)
    return int(request.param)


@given(st.lists(st.lists(st.integers(0, 1 << 40), max_size=9), max_size=9), st.data())
def test_whatever_is_added_is_there(parts: list[list[int]], data: st.DataObject) -> None:
    """All rows in their order, also after they were let go of, and when some have gone and others come."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pile, "MOST_HELD", data.draw(st.sampled_from([0, 50, 1 << 20])))
        patched.setattr(pile, "_ROOM", 60)
        patched.setattr("loganalyzer.parser.columns._AT_ONCE", 3)
        patched.setattr("loganalyzer.parser.mapped._FEW", 2)
        found, whole = Pile(KIND), [number for part in parts for number in part]
        for part in parts:
            before = found.rows
            found.add(rows_of(part))
            assert before["number"].tolist() == found.rows["number"].tolist()[: len(before)]
        let_go(found.rows["pair"])
        assert found.rows.tobytes() == rows_of(whole).tobytes()
        assert column(found.rows, "pair").tolist() == rows_of(whole)["pair"].tolist()
        assert flags_of(found.rows, lambda some: some["number"] > 9).tolist() == [one > 9 for one in whole]
        some = np.array(data.draw(st.permutations(range(len(whole)))), np.int64)
        assert taken(found.rows, some).tobytes() == rows_of([whole[at] for at in some]).tobytes()
        gone = data.draw(st.lists(st.booleans(), min_size=len(whole), max_size=len(whole)))
        come = data.draw(st.lists(st.integers(0, 9), max_size=sum(gone)))
        found.exchange(np.array(gone, bool), rows_of(come))
        left = [number for number, is_gone in zip(whole, gone, strict=True) if not is_gone] + come
        assert found.rows.tobytes() == rows_of(left).tobytes()


def resident(rows: np.ndarray[Any, Any]) -> int:
    """How many kB of the mapping that rows lie in are in the memory of this process."""
    address = f"{rows.__array_interface__['data'][0]:x}-"
    told = Path("/proc/self/smaps").read_text().partition(f"\n{address}")[2]
    return int(told.partition("\nRss:")[2].split()[0])


@pytest.mark.skipif(not Path("/proc/self/smaps").exists(), reason="only Linux tells")
def test_rows_in_a_file_take_memory_only_while_they_are_looked_at() -> None:
    """Reading them brings them back; a pass over them in stretches never holds more than some."""
    rows = MappedFile().rows(100_000, KIND)
    rows["number"] = 7
    assert resident(rows) >= 900
    let_go(rows)
    assert resident(rows) == 0
    held = [resident(rows) for some in stretches_of(rows) if rows["number"][some].sum()]
    assert max(held) < 500 and resident(rows) == 0
    assert (rows["number"] == 7).all()


@pytest.mark.usefixtures("most_held")
@pytest.mark.parametrize("refused", [0, 1, 3])
def test_where_a_file_has_no_room_they_stay_in_memory(monkeypatch: pytest.MonkeyPatch, refused: int) -> None:
    """A disk that is full, from the start or from some time on, costs memory but no rows."""
    asked = 0

    def set_aside(*_: int) -> None:
        nonlocal asked
        asked += 1
        if asked > refused:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(*_)

    real = os.posix_fallocate
    monkeypatch.setattr("os.posix_fallocate", set_aside)
    found = Pile(KIND)
    for start in range(0, 400, 8):
        found.add(rows_of(range(start, start + 8)))
    assert found.rows["number"].tolist() == list(range(400))
    assert asked > refused


@pytest.mark.parametrize("lacking", ["os.posix_fallocate", "mmap.mmap"])
def test_systems_that_cannot_map_files_so_do_without(
    monkeypatch: pytest.MonkeyPatch, most_held: int, lacking: str
) -> None:
    """Rows stay in memory where room cannot be set aside, or memory not be given back."""
    if lacking == "mmap.mmap":
        monkeypatch.setattr(mmap, "mmap", type("mmap", (), {}))
    else:
        monkeypatch.delattr(lacking)
    found = Pile(KIND)
    found.add(rows_of(range(most_held + 300)))
    assert found.rows["number"].tolist() == list(range(most_held + 300))


def told(analysis: Analysis) -> list[Any]:
    """Every request that did not succeed, and the counts."""
    return [*analysis.records(), analysis.summary(), analysis.coverage.levels]


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_analysis_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: int) -> None:
    """What is told of requests does not depend on where their rows stood."""
    export = simulate(tmp_path / "export", requests=600, streams=4, failures=0.7)
    expected = told(analyze(export, successes=False))
    monkeypatch.setattr(pile, "MOST_HELD", 0)
    monkeypatch.setattr("loganalyzer.parser.columns._AT_ONCE", 7)
    assert told(analyze(export, successes=False, jobs=jobs)) == expected

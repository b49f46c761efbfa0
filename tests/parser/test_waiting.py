"""Small parts wait for others of their kind."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from loganalyzer.parser.waiting import Waiting


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 9))), st.integers(0, 20))
def test_every_part_is_worked_at_once_with_others_of_its_kind(parts: list[tuple[str, int]], enough: int) -> None:
    """All parts are worked at, in their order, those together being of one kind and no more than is enough and one."""
    worked: list[tuple[list[tuple[int, int]], str]] = []
    waiting: Waiting[tuple[int, int], str] = Waiting()
    for number, (kind, size) in enumerate(parts):
        waiting.add((number, size), kind, lambda *some: worked.append(some), size=size, enough=enough)
    waiting.end(lambda *some: worked.append(some))
    assert [(kind, size) for some, kind in worked for _, size in some] == parts
    assert [number for some, _ in worked for number, _ in some] == list(range(len(parts)))
    assert all(sum(size for _, size in some[:-1]) <= enough for some, _ in worked)

"""Distinct texts by number, and rows that merge by them."""

from __future__ import annotations

import pickle
from itertools import permutations
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loganalyzer.parser.scanner import Scanner
from loganalyzer.parser.summary import empty_rows
from loganalyzer.parser.texts import Texts

LISTS = st.lists(st.one_of(st.binary(max_size=12), st.sampled_from([b"", b"GET", b"/pets", b"/pets\0"])), max_size=60)


@given(LISTS)
def test_each_text_has_one_number(listed: list[bytes]) -> None:
    """Texts are numbered as they are seen first, the empty one 0, and are found by their numbers again."""
    texts = Texts()
    plain = {b"": 0}
    codes = [texts.code(text) for text in listed]
    assert codes == [plain.setdefault(text, len(plain)) for text in listed]
    assert list(texts) == list(plain) == texts[:]
    assert [texts[code] for code in codes] == listed
    assert [texts.find(text) for text in listed] == codes
    assert texts.find(b"never seen before") == 0


def test_many_texts_stay_apart() -> None:
    """A hundred thousand texts have as many numbers, also when they are asked for again."""
    listed = [b"/orders/%d" % number for number in range(100_000)]
    texts = Texts(listed)
    assert len(texts) == 1 + len(listed)
    assert texts.codes(listed).tolist() == list(range(1, 1 + len(listed)))


@given(LISTS, LISTS)
def test_texts_travel(listed: list[bytes], more: list[bytes]) -> None:
    """What another process is handed numbers the same texts alike and new ones behind them."""
    texts = Texts(listed)
    copy = pickle.loads(pickle.dumps(texts))
    assert list(copy) == list(texts)
    assert [copy.code(text) for text in more] == [texts.code(text) for text in more]


@given(LISTS, LISTS)
def test_rows_keep_their_texts_when_they_are_numbered_anew(listed: list[bytes], known: list[bytes]) -> None:
    """Rows that a table adopts name the same texts by its numbers."""
    own, other = Texts(known), Texts(listed)
    rows = empty_rows(len(other))
    rows["path"] = np.arange(len(other))
    own.adopt(other, rows)
    assert [own[code] for code in rows["path"].tolist()] == list(other)


@given(LISTS, st.randoms(use_true_random=False), st.integers(1, 5))
def test_rows_keep_their_texts_when_others_are_forgotten(listed: list[bytes], rng: Random, at_once: int) -> None:
    """Rows name the same texts when only theirs are held, and those are numbered as if nothing else had been seen."""
    texts = Texts(listed)
    rows = empty_rows(2)
    rows["path"] = [rng.randrange(len(texts)) for _ in rows]
    named = [texts[code] for code in rows["path"].tolist()]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("loganalyzer.parser.texts._AT_ONCE", at_once)
        forgot = texts.keep(rows)
    assert [texts[code] for code in rows["path"].tolist()] == named
    if forgot:
        assert set(texts) == {b"", *named}
    assert texts.codes(named).tolist() == rows["path"].tolist()


ID = b"6f9a1f0e-3a5b-4c1e-9d52-0a8b1c2d3e4f"
LINES = [
    b"2026-11-02T09:15:42.118Z (%s) HTTP Method: GET, Resource Path: /%s\n" % (ID, path) for path in (b"b", b"c", b"a")
]


def test_which_text_wins_does_not_depend_on_the_order_of_lines() -> None:
    """Of several paths of one id a row keeps the same, in whatever order and in whatever blocks they come."""
    for lines in permutations(LINES):
        for blocks in ([b"".join(lines)], lines, [lines[0], lines[1] + lines[2]]):
            scanner = Scanner()
            for block in blocks:
                scanner.feed(block)
            (row,) = scanner.rows()
            assert scanner.texts[int(row["path"])] == b"/c"

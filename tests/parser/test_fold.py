"""Merging of request summaries: rows combine the same way whatever is merged first, and how often."""

from __future__ import annotations

from random import Random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from loganalyzer.parser.columns import Rows
from loganalyzer.parser.merging import fold
from loganalyzer.parser.scanner import Scanner
from loganalyzer.parser.summary import empty_rows
from loganalyzer.parser.texts import Texts
from tests.strategies import Event, interleavings, raw


def row_per_event(events: list[Event]) -> tuple[Rows, Texts]:
    """Each event as a row of its own, as if every line had come in a block of its own, and the texts they number."""
    texts, position, parts = Texts(), 0, []
    for event in events:
        scanner = Scanner(texts=texts)
        scanner.feed(raw(event), base=position)
        parts.append(scanner.rows())
        position += len(raw(event))
    return np.concatenate(parts), texts


def as_set(rows: Rows) -> set[bytes]:
    """Rows regardless of their order."""
    found = {row.tobytes() for row in rows}
    assert len(found) == len(rows)
    return found


@settings(max_examples=60)
@given(interleavings(most=3), st.integers(0, 1 << 16))
def test_rows_merge_in_any_order_and_grouping(events: list[Event], seed: int) -> None:
    """However rows are shuffled and grouped, folding parts and folding again gives what folding all at once does."""
    rng = Random(seed)
    rows, texts = row_per_event(events)
    whole = as_set(fold(rows.copy(), texts))
    shuffled = rows[rng.sample(range(len(rows)), len(rows))]
    cuts = sorted(rng.choices(range(len(rows) + 1), k=rng.randrange(4)))
    parts = [fold(part.copy(), texts) for part in np.split(shuffled, cuts)]
    rng.shuffle(parts)
    assert as_set(fold(np.concatenate(parts), texts)) == whole


@settings(max_examples=40)
@given(interleavings(most=3))
def test_merging_again_changes_nothing(events: list[Event]) -> None:
    """Folding rows that were folded already, or rows together with copies of themselves, gives the same rows."""
    rows, texts = row_per_event(events)
    once = fold(rows.copy(), texts)
    assert as_set(fold(once.copy(), texts)) == as_set(once)
    assert as_set(fold(np.concatenate((once, rows, once)), texts)) == as_set(once)


@settings(max_examples=20)
@given(interleavings(most=2))
def test_rows_of_which_nothing_is_known_are_neutral(events: list[Event]) -> None:
    """Folding with empty rows of the same requests changes nothing."""
    rows, texts = row_per_event(events)
    once = fold(rows, texts)
    neutral = empty_rows(len(once))
    neutral["key"], neutral["id"] = once["key"], once["id"]
    assert as_set(fold(np.concatenate((neutral, once)), texts)) == as_set(once)


def test_nothing_merges_to_nothing() -> None:
    """No rows fold to no rows."""
    assert len(fold(empty_rows(0), Texts())) == 0

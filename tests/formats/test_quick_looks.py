"""Quick looks that spare long ones: what they let pass by holds nothing that the long look would find."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from loganalyzer.formats.grammar import HEAD, _may_hold_message
from loganalyzer.formats.hints import _ANY, _may_speak
from loganalyzer.vocabulary import SENTENCES

HEADS = [sentence.head.replace("…", "some value") for sentence in SENTENCES[1:]]
GAPS = st.sampled_from([" ", "  ", "\t", "\u00a0", "\n", ""])


@given(st.sampled_from(HEADS), GAPS, st.text(max_size=6), st.integers(0, 8))
def test_no_head_is_overlooked(head: str, gap: str, before: str, cut: int) -> None:
    """A text in which a head is found, whatever white space stands between its words, is looked through."""
    text = before + head.replace(" ", gap)[: len(head) - cut]
    if re.search(HEAD, text):
        assert _may_hold_message(text, 0)


@given(st.sampled_from(HEADS), GAPS, st.text(max_size=6), st.sampled_from([str.lower, str.upper, str.title, str]))
def test_no_failure_spoken_of_is_overlooked(head: str, gap: str, before: str, written: type[str]) -> None:
    """A line in which the words of a failure are found, in whatever letters, is looked through."""
    line = before + written(head.replace(" ", gap))
    if _ANY.search(line):
        assert _may_speak(line)

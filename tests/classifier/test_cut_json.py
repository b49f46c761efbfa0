"""JSON as the log shows it: cut anywhere, what is said of it stays true of the whole."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loganalyzer.classifier.explainers.cut_json import CUT, EMPTY, INVALID, WHOLE, Lost, Path, Reading, kind_of, read

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
"""Any value that JSON can say."""


def contradictions(reading: Reading, said: Any, whole: Any, path: Path = ()) -> list[str]:
    """Where what was read of a cut text says something else than the whole text."""
    if reading.is_whole(*path):
        return [] if said == whole and kind_of(said) == kind_of(whole) else [f"{path}: {said!r} is not {whole!r}"]
    if isinstance(said, Lost):
        return [] if said.kind in ("unknown", kind_of(whole)) else [f"{path}: no {said.kind}"]
    if kind_of(said) != kind_of(whole):
        return [f"{path}: a {kind_of(said)} is not {whole!r}"]
    if said is None or isinstance(said, bool):
        return [] if said is whole else [f"{path}: {said!r} is not {whole!r}"]
    if isinstance(said, str):
        return [] if whole.startswith(said) else [f"{path}: {said!r} does not begin {whole!r}"]
    members = said.items() if isinstance(said, dict) else enumerate(said)
    found: list[str] = []
    for key, value in members:
        if isinstance(whole, dict) and key not in whole:
            found.append(f"{path}: there is no {key!r}")
        else:
            found += contradictions(reading, value, whole[key], (*path, key))
    return found


@given(VALUES, st.booleans(), st.sampled_from([None, 2]), st.data())
def test_a_cut_text_claims_nothing_that_the_whole_contradicts(
    value: Any,
    ascii_only: bool,
    indent: int | None,
    data: st.DataObject,
) -> None:
    """Whichever byte is the last that the log shows."""
    written = json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode("utf-8", "replace")
    value = json.loads(written)
    shown = written[: data.draw(st.integers(0, len(written)))].decode("utf-8", "replace")
    reading = read(shown, cut=True)
    assert reading.state in (EMPTY, CUT, WHOLE)
    if reading.state != EMPTY:
        assert contradictions(reading, reading.value, value) == []


@given(VALUES)
def test_a_whole_text_is_read_whole(value: Any) -> None:
    """What is not cut is what it says."""
    reading = read(json.dumps(value))
    assert (reading.value, reading.state) == (value, WHOLE)


@given(st.text(max_size=60) | st.text('{}[]",:\\u0123456789.-+eEtrufalsn \n', max_size=40), st.booleans())
def test_no_text_is_too_strange(text: str, cut: bool) -> None:
    """Any text is whole, cut, empty, or no JSON, and why is said."""
    reading = read(text, cut=cut)
    assert reading.state in (WHOLE, CUT, EMPTY, INVALID)
    assert bool(reading.problem) == (reading.state == INVALID)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("OK", "it is not JSON"),
        ("{'statusCode': 200}", "JSON has double quotes, not single ones"),
        ('{"total": NaN}', "NaN is no JSON"),
        ('{"a": None, "b": 1}', "None is no JSON"),
        ('{"a": 1} and more', "there is more text behind the JSON"),
        ('{"a": 1,}', "it is not JSON"),
        ("<html>", "it is not JSON"),
        ('{"a": 01}', "it is not JSON"),
    ],
)
def test_what_is_no_json_is_told_from_what_is_cut(text: str, problem: str) -> None:
    """A fault in the text is no cut, and is named."""
    assert read(text) == Reading(None, INVALID, problem=problem)


def test_what_is_known_in_part_is_marked() -> None:
    """All around the cut is known in part, all before it is known."""
    reading = read('{"statusCode": 200, "headers": {"a": "b"}, "body": {"items": [1, 2, "thr')
    assert reading.state == CUT
    assert reading.value["body"]["items"] == [1, 2, "thr"]
    assert reading.is_whole("statusCode") and reading.is_whole("headers") and reading.is_whole("body", "items", 1)
    assert not reading.is_whole() and not reading.is_whole("body") and not reading.is_whole("body", "items", 2)


def test_depth_costs_nothing() -> None:
    """A text that is nested without end is read without recursion."""
    assert read("[" * 100_000).state == CUT
    assert read('{"a":' * 50_000).state == CUT


def test_a_number_at_the_cut_may_go_on() -> None:
    """Of a number that the cut may have shortened only the kind is known."""
    assert read('{"statusCode": 20').value == {"statusCode": Lost("number")}
    assert read("20", cut=True).value == Lost("number")


@pytest.mark.parametrize("text", ["...", "…", "[...]", "[...redacted...]", "<redacted>", "******", "xxxx", "(omitted)"])
def test_what_was_left_out_is_of_no_known_kind(text: str) -> None:
    """What stands in the place of a value tells nothing of it."""
    reading = read(text)
    assert (reading.state, kind_of(reading.value)) == (CUT, "unknown")

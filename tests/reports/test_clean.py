"""Log text in a terminal, a spreadsheet and a JSON document: seen, never obeyed."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from loganalyzer.reports.clean import clean, csv_cell, json_text

ANY = st.text() | st.text(alphabet=st.characters(categories=["Cc", "Cf", "Cs", "Zl", "Zp", "Co"]))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("GET /orders/é/日本 ok", "GET /orders/é/日本 ok"),
        ("\x1b[2J\x1b]0;owned\x07", r"\x1b[2J\x1b]0;owned\x07"),
        ("one\ntwo\r\tthree", r"one\ntwo\r\tthree"),
        ("abc\u202etxt.exe", r"abc\u202etxt.exe"),
        ("\x9b31m\x7f", r"\x9b31m\x7f"),
        ("line\u2028sep\u200bzero", r"line\u2028sep\u200bzero"),
        ("\udcff raw byte", r"\xff raw byte"),
        ("[bold red]not markup[/]", "[bold red]not markup[/]"),
    ],
)
def test_what_is_not_printable_is_written_out(text: str, shown: str) -> None:
    """Control characters, escapes and overrides are shown as escapes; letters of all scripts stay."""
    assert clean(text) == shown


@given(ANY)
def test_cleaned_text_is_printable(text: str) -> None:
    """Nothing that a terminal would act on is left, whatever went in."""
    assert clean(text).replace("\xa0", " ").isprintable() or any(c.isspace() for c in clean(text))
    assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 for c in clean(text))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝", " ="])
def test_no_cell_starts_a_formula(start: str) -> None:
    """What a spreadsheet would calculate gets an apostrophe before it."""
    assert csv_cell(f"{start}cmd|' /c calc'!A0").startswith("'")


@given(ANY)
def test_cells_stay_one_line_and_no_formula(text: str) -> None:
    """Any text makes one cell of one line that starts nothing."""
    cell = csv_cell(text)
    written = io.StringIO()
    csv.writer(written).writerow([cell])
    assert written.getvalue().count("\n") == 1
    assert cell.lstrip()[:1] not in {*"=+-@"}


@given(ANY)
def test_json_loses_nothing(text: str) -> None:
    """JSON keeps every character, those that a terminal would act on as escapes."""
    assume(text == text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass"))  # no halves that join
    written = json_text({"text": text})
    assert json.loads(written) == {"text": text}
    assert written.replace("\n", "").replace("\xa0", " ").isprintable()
    written.encode("utf-8")

"""Laws of reading rules files: any text is read or told what is wrong, and every place is a place of the text."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from loganalyzer.classifier.rulefile.files import RuleFile, Source, read_rules, source_at
from loganalyzer.classifier.rulefile.positions import Place, positions_of
from loganalyzer.classifier.rulefile.syntax import document_of
from loganalyzer.classifier.rules import catalogue, source_of
from loganalyzer.reports.clean import clean
from loganalyzer.reports.faults import checked

CASES = [path.read_text(encoding="utf-8") for path in sorted((Path(__file__).parent / "cases").glob("*.toml"))]
SCRAPS = [
    '"""',
    "'''",
    '"',
    "'",
    "[",
    "]",
    "[[",
    "{",
    "}",
    "=",
    "#",
    "\n",
    "\t",
    "\\",
    "\x00",
    ".",
    ",",
    "[X_A]\n",
    "a = 1\n",
]

printable = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12)
scalars = st.one_of(
    printable, st.integers(), st.booleans(), st.floats(allow_nan=False, allow_infinity=False), st.dates()
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(printable, inner, max_size=4),
    max_leaves=12,
)


def written(value: Any) -> str:
    """A value as TOML."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{written(key)} = {written(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list):
        return "[\n  " + ", # ] a comment\n  ".join(map(written, value)) + ("\n]" if value else "]")
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return json.dumps(value) if isinstance(value, bool | int | float) else value.isoformat()


def places(value: Any, place: Place = ()) -> dict[Place, Any]:
    """Every value within a value, by its place."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = {place: value} if place else {}
    for key, member in inner:
        found |= places(member, (*place, key))
    return found


def check(text: str) -> RuleFile:
    """The file of a text, whose faults are places of it and can be shown."""
    (file,) = read_rules([Source("own.toml", text)], beside=catalogue())
    lines = text.split("\n")
    for fault in file.faults:
        assert 1 <= fault.line <= len(lines)
        assert 1 <= fault.column <= len(lines[fault.line - 1]) + 1
        assert fault.what
        assert fault.length >= 1
    assert all(clean(line) == line for line in checked([file], catalogue=catalogue()))
    return file


@settings(deadline=None)
@given(st.dictionaries(printable, st.dictionaries(printable, values, max_size=4), max_size=3))
def test_every_value_is_found_where_it_stands(tables: dict[str, Any]) -> None:
    """The stretch of the text that is a value's place reads as that value, however it is nested."""
    text = "# a comment\n" + "".join(
        f"[{written(name)}]\n" + "".join(f"{written(key)} = {written(value)}\n" for key, value in table.items())
        for name, table in tables.items()
    )
    assert tomllib.loads(text) == tables
    found = positions_of(text)
    for place, value in places(tables).items():
        start, end = found.values[place]
        if len(place) > 1:
            assert tomllib.loads(f"value = {text[start:end]}")["value"] == value
        assert place in found.keys or isinstance(place[-1], int)


@settings(deadline=None)
@given(st.text() | st.lists(st.sampled_from(SCRAPS) | printable, max_size=40).map("".join))
@example("a = " + "[" * 5000)
@example("a = " + "{b = " * 3000)
@example("a = 1" + "0" * 5000)
@example('a = "\\ud800"')
@example("[a]\n[[a]]\n[a.b]\n[a]\na.b.c = 1\na.b = 2")
def test_any_text_is_read_or_told_what_is_wrong(text: str) -> None:
    """Whatever stands in the file: no error but faults, and none of these only if there is no rule in it."""
    file = check(text.replace("\r\n", "\n"))
    assert not file.entries
    assert file.faults or not document_of(text).tables


@settings(deadline=None)
@given(st.binary(max_size=60))
@example(b"\xef\xbb\xbf# a mark of byte order\r\n")
@example(b"# fine\n\n  \xff\xfe")
def test_any_bytes_are_read_or_told_what_is_wrong(raw: bytes) -> None:
    """A file of any bytes has faults and raises nothing; one that is not UTF-8 is told so."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "own.toml"
        path.write_bytes(raw)
        (file,) = read_rules([source_at(path)], beside=catalogue())
    assert file.faults or not file.entries
    list(checked([file], catalogue=catalogue()))


@settings(deadline=None)
@given(st.data())
def test_damaged_rules_are_told_what_is_wrong(data: st.DataObject) -> None:
    """Rules with letters lost or scraps put in: tomllib and the check agree on what is TOML; nothing is raised."""
    text = data.draw(st.sampled_from(CASES))
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = start + data.draw(st.integers(0, 6))
        text = text[:start] + data.draw(st.sampled_from(["", *SCRAPS])) + text[end:]
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        assert document_of(text).faults
    else:
        assert not document_of(text).faults
    check(text)


@settings(deadline=None)
@given(st.sampled_from(sorted(catalogue())), st.integers(0, 10))
def test_one_broken_line_is_one_fault(category: str, number: int) -> None:
    """A sound entry with one quote too few has a fault in that line, and none that follows from it."""
    lines = source_of(category).split("\n")
    texts = [at for at, line in enumerate(lines) if line.endswith('"') and line.count('"') == 2]
    at = texts[number % len(texts)]
    lines[at] = lines[at][:-1]
    (fault,) = check("\n".join(lines)).faults
    assert (fault.line, fault.entry) == (at + 1, category)
    assert "not closed" in fault.what

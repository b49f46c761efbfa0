"""The same three requests in every form that people have give the same table, up to what the form loses."""

from __future__ import annotations

import tomllib
from dataclasses import asdict
from datetime import datetime
from functools import cache
from typing import Any

import pytest

from loganalyzer import analyze
from loganalyzer.analysis import Analysis
from tests.formats.writer import FOLDER, FORMS, SOURCE, three_requests

TABLE: dict[str, Any] = tomllib.loads((FOLDER / "forms.toml").read_text(encoding="utf-8"))
LOSSES: dict[str, dict[str, Any]] = TABLE["losses"]

Row = dict[str, Any]


@cache
def analysed(name: str) -> Analysis:
    """The analysis of one file."""
    return analyze(FOLDER / name, jobs=1)


def rows_of(name: str, *, without: frozenset[str] = frozenset(), seconds: frozenset[str] = frozenset()) -> list[Row]:
    """The request table of one file: without some columns, some times to the second, blanks left out."""
    rows = [asdict(request) for request in analysed(name).records(everything=True)]
    return [{key: _alike(value, key in seconds) for key, value in row.items() if key not in without} for row in rows]


def _alike(value: object, whole: bool) -> object:
    if isinstance(value, datetime) and whole:
        return value.replace(microsecond=0)
    return tuple("".join(text.split()) for text in value) if isinstance(value, tuple) else value


def lost(name: str, key: str) -> frozenset[str]:
    """The columns that differ in a form: those of all that it loses."""
    return frozenset(column for loss in TABLE["forms"][name]["loses"] for column in LOSSES[loss].get(key, ()))


def test_every_form_has_its_row() -> None:
    """A form that is written is one whose losses are known, and the other way round."""
    assert TABLE["forms"].keys() == FORMS.keys()
    assert {path.name for path in FOLDER.iterdir()} == {*FORMS, SOURCE, "forms.toml"}


def test_the_export_gives_what_is_written_down() -> None:
    """The table that the others are held against is the right one."""
    told = [{key: row[key] for key in request} for request, row in zip(TABLE["requests"], rows_of(SOURCE), strict=True)]
    assert told == TABLE["requests"]


@pytest.mark.parametrize("name", FORMS)
def test_files_are_what_the_writer_gives(name: str) -> None:
    """A change of the writer is a change of the fixtures: run ``python -m tests.formats.writer``."""
    assert (FOLDER / name).read_bytes() == FORMS[name](three_requests())


@pytest.mark.parametrize("name", FORMS)
def test_every_form_gives_the_same_table(name: str) -> None:
    """Each column of each request is that of the export, but for what the form cannot tell."""
    columns, seconds = lost(name, "columns"), lost(name, "seconds")
    expected = rows_of(SOURCE, without=columns, seconds=seconds)
    assert rows_of(name, without=columns, seconds=seconds) == expected


@pytest.mark.parametrize("name", FORMS)
def test_what_a_form_loses_is_said(name: str) -> None:
    """Coverage names the form and each of its losses, and no others."""
    coverage = analysed(name).coverage
    expected = [LOSSES[loss]["note"] for loss in TABLE["forms"][name]["loses"] if "note" in LOSSES[loss]]
    assert list(coverage.forms) == [TABLE["forms"][name]["form"]]
    assert coverage.problems == []
    said = [next((start for start in expected if note.startswith(start)), note) for note in coverage.notes]
    assert sorted(said) == sorted(expected)


@pytest.mark.parametrize("name", FORMS)
def test_no_form_adds_events(name: str) -> None:
    """What stands twice is one event, and nothing in a body is taken for one."""
    assert analysed(name).coverage.events <= analysed(SOURCE).coverage.events
    assert analysed(name).coverage.unknown_sentences.count == 0

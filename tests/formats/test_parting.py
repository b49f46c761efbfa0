"""A long document is read in parts: together they hold what the whole holds, and what cannot be parted stays whole."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loganalyzer.coverage import Coverage
from loganalyzer.formats import find_inputs, inputs, losses, parting
from tests.formats.entries import Entry
from tests.formats.written_documents import Document, filtered

ID = "3f2b8c1e-7a45-4d09-9c6e-5b1d2e8f7a10"
T0 = 1_793_610_942_118
LENGTH = 2_000

BODIES = st.text(st.sampled_from('ab "{},:[]\\\n\té€😀'), max_size=80)
STEPS = st.lists(st.tuples(st.sampled_from([0, 0, 1, 5]), BODIES), min_size=1, max_size=60)


@pytest.fixture(autouse=True)
def short_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Documents of some kilobytes are long."""
    monkeypatch.setattr(parting, "STRETCH", LENGTH)
    monkeypatch.setattr(inputs, "LONG", 2 * LENGTH)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that each example overwrites."""
    return tmp_path_factory.mktemp("parting") / "log.json"


def events(steps: list[tuple[int, str]]) -> list[Document]:
    """Events so many milliseconds apart, with these bodies in their messages."""
    found, time = [], T0
    for number, (more, body) in enumerate(steps):
        time += more
        found.append(filtered(number, Entry(time, ID, f"Method request body before transformations: {number} {body}")))
    return found


def read(path: Path, *, whole: bool = False) -> tuple[bytes, Coverage, int]:
    """The canonical text of a file, what it lost, and in how many parts it was read."""
    (source,) = find_inputs([path])
    parts = [source] if whole else source.parts()
    coverage = Coverage()
    return b"".join(chunk.text for part in parts for chunk in part.chunks(coverage)), coverage, len(parts)


@pytest.mark.parametrize("indent", [None, 4])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, pages=st.integers(1, 3))
def test_parts_hold_what_the_whole_holds(
    place: Path, indent: int | None, steps: list[tuple[int, str]], pages: int
) -> None:
    """Whatever its messages hold, and if pages stand one behind the other, a document in parts gives the same text."""
    all_events = events(steps * 4)
    size = -(-len(all_events) // pages)
    documents = [{"events": all_events[at : at + size], "nextToken": "x"} for at in range(0, len(all_events), size)]
    place.write_text("\n".join(json.dumps(document, indent=indent) for document in documents), encoding="utf-8")
    text, coverage, _ = read(place)
    assert (text, coverage) == read(place, whole=True)[:2]
    assert losses.ONE_PAGE in coverage.notes
    assert coverage.problems == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda event: event.pop("eventId"),
        lambda event: event.update(eventId="1"),
        lambda event: event.update(message="Method completed with status: 200"),
        lambda event: event.update(timestamp=T0),
    ],
    ids=["no id", "other ids", "no request id", "one time"],
)
def test_what_cannot_be_told_apart_stays_whole(place: Path, spoil: Callable[[Document], Any]) -> None:
    """A document whose events have no order of their own, or name no request, is read in one piece."""
    several = events([(1, "x" * 100)] * 60)
    place.write_text(json.dumps({"events": several}), encoding="utf-8")
    assert read(place)[2] > 5
    for event in several:
        spoil(event)
    place.write_text(json.dumps({"events": several}), encoding="utf-8")
    assert read(place)[2] == 1


def test_a_document_that_is_cut_says_so_once(place: Path) -> None:
    """The end that a long document lacks is one problem, of its last part."""
    content = json.dumps({"events": events([(1, "x" * 100)] * 60)}, indent=4)
    place.write_text(content[:-300], encoding="utf-8")
    text, coverage, parts = read(place)
    assert parts > 5
    assert text.count(b"\n") == 59
    assert len(coverage.problems) == 1

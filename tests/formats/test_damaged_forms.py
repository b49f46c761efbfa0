"""Any log in any form that people have, whatever happened to it on the way: what is said for certain is true."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings

from loganalyzer import analyze
from loganalyzer.errors import NothingReadable
from loganalyzer.model import Request
from tests.formats.drawn import Drawn, damaged_forms, in_turn, stock
from tests.formats.writer import FORMS, SEQUENTIAL


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that each example overwrites."""
    return tmp_path_factory.mktemp("damaged") / "input"


def found_in(path: Path) -> list[Request]:
    """The requests in a file; none where nothing of a log is left."""
    try:
        return list(analyze(path, jobs=1).records(everything=True))
    except NothingReadable:
        return []


@settings(max_examples=400, deadline=None, derandomize=True, database=None)
@given(drawn=damaged_forms())
def test_damage_never_gives_a_wrong_category_with_confidence(place: Path, drawn: Drawn) -> None:
    """Whatever becomes of a log in whatever form, nothing raises, and what is said with high confidence is true."""
    place.write_bytes(drawn.content)
    rows = found_in(place)
    if "a byte" not in drawn.kinds:  # it may be one of the words that decide
        assert [r for r in rows if r.confidence == "high" and r.category not in drawn.allowed(r.request_id)] == []


@pytest.mark.parametrize("form", sorted(FORMS.keys() - SEQUENTIAL))
def test_every_form_tells_every_category(place: Path, form: str) -> None:
    """A request of every category at every level, written in a form that keeps ids, is given its category."""
    one_of_each = list({(r.truth.category, r.truth.level): r for r in stock()}.values())
    truths = {r.truth.request_id: r.truth for r in one_of_each}
    truths.update({r.truth.extended_request_id: r.truth for r in one_of_each})
    place.write_bytes(FORMS[form](in_turn(one_of_each)))
    rows = found_in(place)
    assert len(rows) == len(one_of_each)
    assert [(truths[r.request_id], r) for r in rows if r.category not in truths[r.request_id].shown] == []

"""Which lines are kept while scanning: what diagnoses and explanations need, and of what went well nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from loganalyzer.formats import find_inputs
from loganalyzer.parser.table import scan
from loganalyzer.vocabulary import CE

ONE, TWO = "aaad8ed6-f8a0-4f5b-bd00-9ec0cd44199c", "bbbd8ed6-f8a0-4f5b-bd00-9ec0cd44199c"
ANSWER = 'Endpoint response body before transformations: {"statusCode":200,"body":{}}'


def kept(tmp_path: Path, *lines: tuple[str, str]) -> set[tuple[str, str]]:
    """The kept lines of a log of these, with the ids of their requests."""
    log = tmp_path / "case.log"
    log.write_text("".join(f"2026-11-02T09:15:42.118Z ({owner}) {message}\n" for owner, message in lines))
    table = scan(find_inputs([log]), jobs=1)
    return {(table.request_id(line.id), line.message.decode()) for line in table.kept}


@pytest.mark.parametrize("failure", ["Malformed Lambda proxy response", "No match for output mapping and no default"])
def test_an_answer_that_could_not_be_used_is_kept(tmp_path: Path, failure: str) -> None:
    """The failure is kept with the answer of that very request, not with that of another one."""
    lines = [(TWO, ANSWER), (ONE, ANSWER), (ONE, CE + failure), (TWO, "Method completed with status: 200")]
    assert kept(tmp_path, *lines) == {(ONE, ANSWER), (ONE, CE + failure)}


def test_answers_of_requests_that_go_well_are_not_kept(tmp_path: Path) -> None:
    """However many there are, they cost no memory."""
    assert kept(tmp_path, (ONE, ANSWER), (ONE, "Method completed with status: 200")) == set()


def test_an_answer_is_kept_until_the_end_is_known(tmp_path: Path) -> None:
    """An answer in one file is there for a failure in the next, and goes when nothing needs it."""
    (tmp_path / "a").write_text("".join(f"2026-11-02T09:15:42.118Z ({owner}) {ANSWER}\n" for owner in (ONE, TWO)))
    ends = ((ONE, CE + "Malformed Lambda proxy response"), (TWO, "Method completed with status: 200"))
    (tmp_path / "b").write_text("".join(f"2026-11-02T09:15:42.119Z ({owner}) {end}\n" for owner, end in ends))
    table = scan(find_inputs([tmp_path]), jobs=1)
    assert {(table.request_id(line.id), line.message.decode()) for line in table.kept} == {(ONE, ANSWER), ends[0]}

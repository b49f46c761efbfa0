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
    lines = [(TWO, ANSWER), (ONE, ANSWER), (ONE, CE + failure), (TWO, "Successfully completed execution")]
    assert kept(tmp_path, *lines) == {(ONE, ANSWER), (ONE, CE + failure)}


def test_answers_of_requests_that_go_well_are_not_kept(tmp_path: Path) -> None:
    """However many there are, they cost no memory."""
    assert kept(tmp_path, (ONE, ANSWER), (ONE, "Method completed with status: 200")) == set()

"""The invented incident below fixtures/incident, which the second notebook investigates."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta

import pytest

import loganalyzer as la
from tests.incident import FOLDER, captures

MENDED = datetime(2026, 11, 18, 17, tzinfo=UTC)


@pytest.fixture(scope="module")
def whole() -> la.Analysis:
    """Both half hours."""
    return la.analyze(FOLDER)


def test_the_files_are_those_that_are_written() -> None:
    """The fixtures are what ``python -m tests.incident`` writes."""
    assert {path.name: gzip.decompress(path.read_bytes()) for path in FOLDER.iterdir()} == {
        f"{name}.gz": text for name, text in captures().items()
    }


def test_every_line_is_understood(whole: la.Analysis) -> None:
    """Nothing is left unread or unclassified, and no request is cut."""
    assert not whole.coverage.problems and whole.coverage.levels == {"info_trace": whole.coverage.requests}
    assert set(whole.summary().by_category) == {"ACCESS_DENIED", "AUTHORIZER_LAMBDA_TIMEOUT", "BACKEND_RETURNED_4XX"}


def test_each_denial_is_explained_by_an_older_policy(whole: la.Analysis) -> None:
    """Whoever was refused was refused by a policy of before the mending, not older than the cache keeps one."""
    for request in whole.records():
        if request.category == "ACCESS_DENIED":
            (maker,) = whole.explanation(request.request_id).related
            made = whole.diagnosis(maker).first_seen
            assert made and request.first_seen and made < MENDED
            assert timedelta() < request.first_seen - made < timedelta(minutes=5)

"""Excerpts of real logs, where they are at hand: each is given its category, its stage, and no false certainty.

They are read from beside the repository when the tests run and are no part of it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from loganalyzer.model import Request
from loganalyzer.reading import analyze

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus" / "real-excerpts.jsonl"
TWO_REQUESTS = frozenset({"two-requests-info-level-success-2018"})
"""Excerpts that hold the lines of a second request without saying so."""

HEDGED = ("INCOMPLETE", "UNCLASSIFIED")
Excerpt = dict[str, Any]


def excerpts() -> dict[str, Excerpt]:
    """The excerpts by id; none where there is no corpus."""
    if not CORPUS.exists():
        return {}
    records = [json.loads(line) for line in CORPUS.read_text(encoding="utf-8").splitlines()]
    return {record["id"]: record for record in records}


EXCERPTS = excerpts()
pytestmark = pytest.mark.skipif(not EXCERPTS, reason="there is no corpus beside the repository")


def as_text(excerpt: Excerpt) -> str:
    """An excerpt as it was pasted."""
    raw = excerpt["raw"]
    return raw if isinstance(raw, str) else "\n".join(raw)


def forms(excerpt: Excerpt) -> dict[str, str]:
    """An excerpt in the forms that there are of it."""
    written = {"text": as_text(excerpt)}
    if "payload" in excerpt:
        written["JSON"] = json.dumps(excerpt["payload"])
    return written


CASES = [(name, form) for name, excerpt in EXCERPTS.items() for form in forms(excerpt)]


def requests_in(directory: Path, name: str, form: str) -> list[Request]:
    """The requests that an excerpt is found to hold."""
    path = directory / "excerpt"
    path.write_text(forms(EXCERPTS[name])[form], encoding="utf-8")
    return list(analyze(path).records(everything=True))


def allowed(excerpt: Excerpt) -> set[str]:
    """The categories that are right for an excerpt."""
    return {excerpt["expected_category"], *excerpt["also_acceptable"]}


def category(request: Request) -> str:
    """The category of a request, or that it went well."""
    return request.category or "SUCCESS"


@pytest.mark.parametrize(("name", "form"), CASES)
def test_an_excerpt_gets_its_category(tmp_path: Path, name: str, form: str) -> None:
    """Every request of an excerpt has the category expected of it, or one that is as good."""
    excerpt, found = EXCERPTS[name], requests_in(tmp_path, name, form)
    listed = {request["request_id"]: request["expected_category"] for request in excerpt.get("requests", ())}
    if listed:
        assert {request.request_id: category(request) for request in found} == listed
        return
    if "UNDETERMINED" not in allowed(excerpt):
        assert {category(request) for request in found} <= allowed(excerpt)
    else:
        assert all(category(request) in HEDGED or request.confidence != "high" for request in found)


@pytest.mark.parametrize(("name", "form"), CASES)
def test_an_excerpt_stops_where_it_did(tmp_path: Path, name: str, form: str) -> None:
    """The stage of an excerpt is the one expected."""
    found = requests_in(tmp_path, name, form)
    assert EXCERPTS[name]["expected_stage"] in [request.stopped_at for request in found]


@pytest.mark.parametrize(("name", "form"), CASES)
def test_an_excerpt_holds_as_many_requests_as_it_does(tmp_path: Path, name: str, form: str) -> None:
    """The lines of one request are one request, however they were pasted."""
    listed = len(EXCERPTS[name].get("requests", ()))
    expected = listed or (2 if name in TWO_REQUESTS else 1)
    assert len(requests_in(tmp_path, name, form)) == expected


UNDETERMINED = [(name, form) for name, form in CASES if "UNDETERMINED" in allowed(EXCERPTS[name])]


@pytest.mark.parametrize(("name", "form"), UNDETERMINED)
def test_what_is_undetermined_is_never_claimed(tmp_path: Path, name: str, form: str) -> None:
    """Where the lines do not decide, nothing is claimed with high confidence, success neither."""
    assert all(request.confidence != "high" for request in requests_in(tmp_path, name, form))

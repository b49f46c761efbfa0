"""The catalogue for people."""

from __future__ import annotations

import pytest

from loganalyzer.classifier.rules import Entry, catalogue
from loganalyzer.reports.explain import explained, listed


@pytest.mark.parametrize("entry", catalogue().values(), ids=lambda entry: entry.id)
def test_every_category_is_explained(entry: Entry) -> None:
    """Title, cause, fix, link, what Lambda counts and how certain this is are told for each one."""
    told = " ".join(" ".join(explained(entry)).split())
    for part in (entry.id, entry.title, entry.cause, entry.fix, entry.link, "Lambda error", "certainty"):
        assert " ".join(part.split()) in told


def test_what_is_never_logged_says_so() -> None:
    """A category that leaves no line sends people to the access log."""
    assert "look at the access log" in " ".join(explained(catalogue()["WAF_FILTERED"]))


def test_the_list_has_every_category_once() -> None:
    """All categories are listed, each under its step of the lifecycle."""
    lines = list(listed(catalogue().values()))
    assert [sum(line.split()[:1] == [name] for line in lines) for name in catalogue()] == [1] * len(catalogue())
    assert lines[0] == "1 route match"

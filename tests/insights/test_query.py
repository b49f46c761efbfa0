"""The counting query is valid by the documented grammar, and is made of the vocabulary and the catalogue."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from loganalyzer.classifier.rules import catalogue, catalogue_with
from loganalyzer.insights.query import LONGEST, count_query
from loganalyzer.vocabulary import SENTENCES
from tests.aws.groups import Refusal
from tests.aws.pipeline import run

QUERY = count_query(catalogue())
RULES = Path(__file__).parents[2] / "fixtures" / "rules" / "shop.toml"


def test_it_is_short_and_valid() -> None:
    """It has two ``stats`` at most, sorts and limits after them, and is short enough for AWS, own rules included."""
    for query in (QUERY, count_query(catalogue_with([RULES]))):
        assert len(query.text) < LONGEST
        verbs = [line.removeprefix("| ").split()[0] for line in query.text.split("\n")]
        assert verbs[-4:] == ["stats", "stats", "sort", "limit"]
        assert set(verbs[:-4]) == {"parse", "filter"}
        assert run(query.text, []) == []


def test_each_stage_is_on_a_line_of_its_own() -> None:
    """No text of a log breaks out of its quotes or slashes, and each capturing group has a name of its own."""
    names = re.findall(r"\(\?<(\w+)>", QUERY.text)
    assert len(names) == len(set(names))
    assert all(line.count('"') % 2 == 0 for line in QUERY.text.split("\n"))


@pytest.mark.parametrize("sentence", [s for s in SENTENCES if s.rank and not s.exact], ids=lambda s: s.head[-40:])
def test_every_failing_sentence_is_told(sentence: object) -> None:
    """Each sentence of a failure is found by its words, and by no words of another one."""
    head = getattr(sentence, "head").replace("…", "abc.example.com")  # noqa: B009
    row = {"@timestamp": "2026-11-02 09:00:00.000", "@message": f"(an-id) {head} and more"}
    (found,) = run(QUERY.text, [row])
    assert QUERY.fragments[found["first_said"]] == sentence
    assert found["first_said"] == found["last_said"]


@pytest.mark.parametrize(
    "text",
    [
        "stats count(*) as n by a | stats max(n) as m by a | stats min(m) as k by a",
        "parse @message /(no name)/ | stats count(*) as n by a",
        "limit 5 | stats count(*) as n by a",
        "dedup a | stats count(*) as n by a",
        "stats count(*) as n by a | stats max(@timestamp) as m by n",
        "stats median(@message) as n by a",
    ],
)
def test_the_evaluator_refuses_what_aws_refuses(text: str) -> None:
    """What is beyond the documented grammar, or beyond the part used here, is an error and no row."""
    with pytest.raises(Refusal):
        run(text, [{"@timestamp": "", "@message": "(a) b"}])

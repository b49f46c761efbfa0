"""What exactly broke: every explainer by its cases, and what holds for all of them."""

from __future__ import annotations

import json
import tomllib
from dataclasses import astuple
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loganalyzer import vocabulary
from loganalyzer.classifier.explainers.material import ANSWER_BODY, RESULT, Material, by_head
from loganalyzer.classifier.explainers.registry import EXPLAINERS, explain
from loganalyzer.classifier.explainers.wording import sentence
from loganalyzer.classifier.rules import catalogue
from loganalyzer.model import Explanation

FOLDER = Path(__file__).parents[2] / "fixtures" / "explanations"
KEYS = {"name", "category", "says", "lines", "waited_ms", "detail", "notes", "unseen", "findings"}
SHARED = {"category", "head", "before", "case"}
FILES = sorted(FOLDER.glob("*.toml"))
TABLES = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in FILES}
CASES = [(stem, case["name"], table, case) for stem, table in TABLES.items() for case in table["case"]]


def material(category: str, messages: list[bytes], waited_ms: int | None = None) -> Material:
    """What an explainer is given of these messages."""
    return Material(category, by_head((vocabulary.match(one).code, one) for one in messages), waited_ms)


def of_case(table: dict[str, Any], case: dict[str, Any]) -> tuple[str, Explanation]:
    """The category of a case and its explanation."""
    lines = case.get("lines") or [*table.get("before", []), table["head"] + case["says"]]
    category = case.get("category") or table["category"]
    return category, explain(material(category, [line.encode() for line in lines], case.get("waited_ms")))


@pytest.mark.parametrize(("stem", "name", "table", "case"), CASES, ids=[f"{one[0]}: {one[1]}" for one in CASES])
def test_case(stem: str, name: str, table: dict[str, Any], case: dict[str, Any]) -> None:
    """The detail is that of the case; notes, findings and what is not seen are among those that there are."""
    assert case.keys() <= KEYS and table.keys() <= SHARED
    _, found = of_case(table, case)
    assert found.detail == case["detail"]
    assert set(case.get("notes", ())) <= set(found.notes)
    assert set(case.get("unseen", ())) <= set(found.unseen)
    assert set(case.get("findings", ())) <= {sentence(finding) for finding in found.findings}


def test_every_category_with_an_explainer_has_a_case() -> None:
    """Each one is explained by some case, and each file has near misses."""
    told = {of_case(table, case)[0] for _, _, table, case in CASES if case["detail"]}
    assert told == EXPLAINERS.keys()
    assert EXPLAINERS.keys() <= catalogue().keys()
    for stem, table in TABLES.items():
        assert any(case["name"].startswith("near") for case in table["case"]), stem


HEADS = sorted({head for head in vocabulary.BY_HEAD if head and "…" not in head})
JUNK = st.binary(max_size=120) | st.text('{}[]":,\\0123456789 truefalsn', max_size=60).map(str.encode)


@given(st.sampled_from(sorted(EXPLAINERS)), st.lists(st.tuples(st.sampled_from(HEADS), JUNK), max_size=5),
       st.none() | st.integers(-1, 10**9))  # fmt: skip
def test_nothing_raises(category: str, said: list[tuple[str, bytes]], waited: int | None) -> None:
    """Whatever stands in the lines, an explanation comes of it, all of text that can be written."""
    messages = [head.encode() + b" " + text for head, text in said]
    found = explain(Material(category, by_head((vocabulary.match(one).code, one) for one in messages), waited))
    for part in (found.detail, *found.notes, *found.unseen, *(text for one in found.findings for text in astuple(one))):
        assert "\n" not in part
        part.encode()


SCALARS = st.none() | st.booleans() | st.integers(-5, 700) | st.text("ab{ ", max_size=6)
LOOSE = SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(st.text("ab", max_size=2), SCALARS, max_size=2)
ANSWERS = st.dictionaries(
    st.sampled_from(
        ["statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded", "cookies", "status", "x"]
    ),
    LOOSE | st.dictionaries(st.sampled_from(["A", "B"]), LOOSE, max_size=2),
    max_size=5,
)
POLICIES = st.fixed_dictionaries(
    {},
    optional={
        "principalId": LOOSE,
        "context": st.dictionaries(st.sampled_from(["a", "b"]), LOOSE, max_size=2) | LOOSE,
        "other": LOOSE,
        "policyDocument": st.fixed_dictionaries(
            {},
            optional={
                "Version": st.sampled_from(["2012-10-17", "2012", 1]),
                "Id": LOOSE,
                "Statement": st.lists(
                    st.fixed_dictionaries(
                        {},
                        optional={
                            "Effect": st.sampled_from(["Allow", "Deny", "allow", 1, None]),
                            "Action": st.sampled_from(["execute-api:Invoke", ["*"], [], 3]),
                            "Resource": st.sampled_from(["*", "", "/x", ["arn:aws:execute-api:*"], None]),
                        },
                    ),
                    max_size=3,
                ),
            },
        ),
    },
)
FAMILIES = [("PROXY_INTEG_RESPONSE_INVALID", ANSWER_BODY, ANSWERS), ("AUTHORIZER_RESPONSE_INVALID", RESULT, POLICIES)]


def claims(found: Explanation) -> set[str]:
    """The parts of an answer that an explanation finds fault with, the count of statements aside."""
    return {finding.part.replace("the statement", "statement 1") for finding in found.findings}


@pytest.mark.parametrize(("category", "head", "answers"), FAMILIES, ids=["proxy", "authorizer"])
def test_a_cut_answer_is_not_blamed_for_what_the_whole_is_not(
    category: str, head: str, answers: st.SearchStrategy[dict[str, Any]]
) -> None:
    """Wherever the log cuts an answer, every fault that is named is one of the whole answer."""

    @given(answers, st.data())
    def holds(answer: dict[str, Any], data: st.DataObject) -> None:
        written = json.dumps(answer).encode()
        cut = written[: data.draw(st.integers(1, len(written)))]
        start = head.encode() + b" "
        whole = explain(material(category, [start + written]))
        part = explain(material(category, [start + cut + b" [TRUNCATED]"]))
        assert claims(part) <= claims(whole) | ({"the answer"} if answer.keys() & {"status", "x"} else set())

    holds()


def test_what_does_not_show_is_said_only_where_all_lines_are_known() -> None:
    """Lines that were not kept are not taken for lines that are not in the log."""
    failed = b"Execution failed due to configuration error: Malformed Lambda proxy response"
    said = by_head([(vocabulary.match(failed).code, failed)])
    assert explain(Material("PROXY_INTEG_RESPONSE_INVALID", said)) == Explanation()
    complete = explain(Material("PROXY_INTEG_RESPONSE_INVALID", said, complete=True))
    assert complete.unseen and not complete.detail


def test_other_categories_have_no_explanation() -> None:
    """Where the catalogue says all there is, nothing is added."""
    assert explain(Material("UNCLASSIFIED")) == Explanation()

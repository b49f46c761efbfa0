"""Every check against its cases: what it hits, and what it passes over though it looks alike."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from loganalyzer.audit.checks import CHECKS
from loganalyzer.audit.examine import examine
from loganalyzer.audit.finding import Finding
from loganalyzer.audit.recognise import recognised
from loganalyzer.audit.snapshot import snapshot_of
from loganalyzer.classifier.rules import catalogue
from tests.audit.cases import CASES, changed


def findings(case: dict[str, Any]) -> list[Finding]:
    """What the audit of a case finds."""
    answers = recognised(changed(case["change"]))
    audit = examine(snapshot_of(answers, api="a1b2c3d4e5", region="eu-west-1", account="123456789012"))
    return [finding for finding in audit.findings if finding.check == case["check"]]


def _fits(finding: Finding, case: dict[str, Any]) -> bool:
    return (
        all(words in f"{finding.what} {finding.why}" for words in case["says"])
        and case.get("severity", str(finding.severity)) == str(finding.severity)
        and set(case.get("categories", ())) <= set(finding.categories)
        and tuple(case.get("routes", finding.routes)) == finding.routes
        and case.get("command", "") in finding.command
        and case.get("where", finding.where) == finding.where
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['check']}: {case['name']}")
def test_cases(case: dict[str, Any]) -> None:
    """A check finds what its case says, and nothing in a near miss."""
    found = findings(case)
    if "says" in case:
        assert any(_fits(finding, case) for finding in found), found
    else:
        assert found == []


def test_every_check_has_a_hit_and_a_near_miss() -> None:
    """No check is without a case that it hits and one that it does not."""
    hits = Counter(case["check"] for case in CASES if "says" in case)
    misses = Counter(case["check"] for case in CASES if "says" not in case)
    ids = [check.id for check in CHECKS]
    assert len(set(ids)) == len(ids)
    assert set(ids) == hits.keys() == misses.keys()


@pytest.mark.parametrize("case", [case for case in CASES if "says" in case], ids=lambda case: case["name"])
def test_findings_are_whole(case: dict[str, Any]) -> None:
    """A finding says what, why, where to read on, and concerns categories of the catalogue."""
    for finding in findings(case):
        assert finding.what.endswith((".", ")")) and finding.why.endswith(".")
        assert finding.link.startswith("https://")
        assert finding.command or finding.template or str(finding.severity) == "note"
        assert set(finding.categories) <= catalogue().keys()
        assert len(set(finding.categories)) == len(finding.categories)


def test_checks_ask_for_known_calls() -> None:
    """Every call that a check needs is one that the audit makes."""
    from loganalyzer.audit.calls import OPERATIONS

    assert {need for check in CHECKS for need in check.needs} <= set(OPERATIONS)
    assert all(check.title and not check.title.endswith(".") for check in CHECKS)

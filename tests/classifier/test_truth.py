"""What the make-believe gateway did, against what the analysis says of its log."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from loganalyzer import analyze
from loganalyzer.classifier.rules import catalogue
from loganalyzer.model import Request
from loganalyzer.scales import Stage
from loganalyzer.simulate import LEVEL_CHOICES, TRUTH, simulate

Truth = dict[str, Any]

SILENT_DENIAL = {"ACCESS_DENIED", "INCOMPLETE"}
"""A request that stops after its authorizer: whether the log goes on long enough tells the two apart."""

ALIKE_SINCE_2018 = {"PROXY_INTEG_RESPONSE_INVALID", "PROXY_INTEG_LAMBDA_THROTTLED"}
"""Without data trace nothing separates them in logs of 2018; in later ones the sentence means the former."""


def stages_of(truth: Truth) -> set[str]:
    """Where the request stopped; where its lines allow several categories, where each of these stops."""
    stages = {truth["stopped_at"]}
    if len(truth["shown"]) > 1:
        for category in truth["shown"]:
            stage = catalogue()[category].stage
            stages |= {stage.name} if stage else set()
    return stages


def authorizers_of(truth: Truth) -> set[str]:
    """What may be said of the authorizer: without data trace a call cannot be told from the cache."""
    if truth["log_level"] == "info_trace" and set(truth["shown"]) != SILENT_DENIAL:
        return {truth["authorizer"]}
    return {truth["authorizer"], "unknown"}


def outcomes_of(truth: Truth) -> set[str]:
    """A silent denial at the edge of the log is incomplete."""
    return {truth["outcome"], "incomplete"} if set(truth["shown"]) == SILENT_DENIAL else {truth["outcome"]}


def differences(row: Request, truth: Truth) -> list[str]:
    """Everything that the analysis says of a request otherwise than its truth."""
    several = len(truth["shown"]) > 1 and set(truth["shown"]) != ALIKE_SINCE_2018
    allowed: dict[str, set[Any]] = {
        "category": set(truth["shown"]),
        "stopped_at": stages_of(truth),
        "outcome": outcomes_of(truth),
        "status": {truth["status"]},
        "log_level": {truth["log_level"]},
        "authorizer": authorizers_of(truth),
        "confidence": {"low", "medium"} if several else {"low", "medium", "high"},
        "method": {truth["method"], ""},
        "path": {truth["path"], ""},
        "resource": {truth["resource"], ""},
        "api_id": {truth["api_id"], ""},
        "api_stage": {truth["api_stage"], ""},
        "extended_request_id": {truth["extended_request_id"], ""},
    }
    if truth["log_level"] in ("info", "info_trace") and Stage[truth["stopped_at"]] > Stage.REQUEST_VALIDATION:
        for name in ("method", "path", "api_id", "api_stage"):
            allowed[name] = {truth[name]}
    return [f"{name} {getattr(row, name)!r}" for name, values in allowed.items() if getattr(row, name) not in values]


@pytest.mark.parametrize("odd_ids", [False, True], ids=["plain ids", "odd ids"])
@pytest.mark.parametrize("level", LEVEL_CHOICES)
def test_analysis_agrees_with_the_truth(level: str, odd_ids: bool, tmp_path: Path) -> None:
    """Every request in the log is found, and all that is said of it is what happened, as far as its lines show it."""
    out = simulate(tmp_path / "out", requests=1500, seed=31, level=level, failures=0.5, odd_ids=odd_ids)
    truths = [json.loads(line) for line in (out / TRUTH).read_text(encoding="utf-8").splitlines()]
    rows = {row.request_id: row for row in analyze(out, jobs=1).records(everything=True)}
    printed = {truth["request_id"]: truth for truth in truths if truth["lines"]}
    assert rows.keys() == printed.keys()
    wrong = [
        f"{truth['category']} at {truth['level']}, which shows {truth['shown']}: {', '.join(found)}"
        for request_id, truth in printed.items()
        if (found := differences(rows[request_id], truth))
    ]
    assert not wrong[:5], f"{len(wrong)} requests differ"

"""Whom the client suspects, who failed, and what proves that the backend never ran."""

from __future__ import annotations

from pathlib import Path

import pytest

from loganalyzer import analyze
from loganalyzer.analysis import Analysis
from loganalyzer.simulate import simulate


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    """A log with data trace in which most kinds of failure occur."""
    out = simulate(tmp_path_factory.mktemp("log") / "out", requests=700, seed=5, level="trace", failures=1.0)
    return analyze(out, jobs=1)


def first(analysis: Analysis, category: str, status: int | None = None) -> str:
    """The id of the first request of a category."""
    return next(
        one.request_id
        for one in analysis.records()
        if one.category == category and (status is None or one.client_status == status)
    )


MASKED = {
    "AUTHORIZER_ERROR_OTHER": ("the backend", "the authorizer", "the backend was never called"),
    "AUTHORIZER_LAMBDA_TIMEOUT": ("the backend", "the authorizer", "the backend was never called"),
    "AUTHORIZER_INVOKE_DENIED": ("the backend", "the permission to call the authorizer", "never called"),
    "IMPLICIT_DENY": ("the caller's token or permissions", "the authorizer's policy", "never called"),
    "API_KEY_MISSING": ("the caller's token or permissions", "the API key, which is missing", "never called"),
    "INTEGRATION_REQUEST_TRANSFORM_FAILED": ("the backend", "the mapping of the request in API Gateway", "'Sending"),
    "PROXY_INTEG_INVOKE_DENIED": ("the backend", "the permission to call the function", "no 'Received response'"),
    "PROXY_INTEG_RESPONSE_INVALID": ("the backend", "the form of the function's answer", "the backend ran"),
    "LAMBDA_ERROR_UNMAPPED": ("nobody: the status says success", "the function", "marked as a function error"),
}  # fmt: skip


@pytest.mark.parametrize(("category", "expected"), MASKED.items())
def test_a_failure_that_looks_like_anothers(traced: Analysis, category: str, expected: tuple[str, str, str]) -> None:
    """Both layers are named, and the lines that prove it."""
    masking = traced.explanation(first(traced, category)).masking
    assert masking is not None
    assert (masking.suspected, masking.failed) == expected[:2]
    assert expected[2] in masking.proof


def test_the_backend_that_refuses_like_an_authorizer(traced: Analysis) -> None:
    """A 401 or 403 of the backend's own is no authorizer's."""
    masking = traced.explanation(first(traced, "BACKEND_RETURNED_4XX", 403)).masking
    assert masking is not None and masking.failed == "the backend"


@pytest.mark.parametrize("category", ["EXPLICIT_DENY", "PROXY_INTEG_APIGW_TIMEOUT", "PROXY_INTEG_ERROR", "THROTTLED",
                                      "REQUEST_VALIDATION_FAILED", "INTEGRATION_NETWORK_ERROR"])  # fmt: skip
def test_near_misses_suspect_the_right_one(traced: Analysis, category: str) -> None:
    """Where the answer names the layer that failed, nothing is masked."""
    assert traced.explanation(first(traced, category)).masking is None


def test_of_unknown_failures_nobody_is_accused(traced: Analysis) -> None:
    """Where the culprit is not known, nobody is named."""
    assert traced.explanation(first(traced, "UNCLASSIFIED")).masking is None
    assert traced.explanation(first(traced, "INTERNAL_ERROR")).masking is None


def test_an_error_log_proves_by_the_sentence_alone(tmp_path: Path) -> None:
    """What a log of its level would not show is no proof."""
    log = tmp_path / "error.log"
    failed = "Execution failed due to configuration error: Could not parse policy"
    log.write_text(f"2026-11-02T09:15:42.118Z (3f2b8c1e-7a45-4d09-9c6e-5b1d2e8f7a10) {failed}\n")
    masking = analyze(log, jobs=1).explanation("3f2b").masking
    assert masking is not None
    assert "follows" not in masking.proof and "before any call" in masking.proof

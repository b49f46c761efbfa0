"""Text as people paste it, with all that editors, log viewers, chats and their own hands do to it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from loganalyzer import analyze
from loganalyzer.errors import NothingReadable

PASTES = tomllib.loads((Path(__file__).parent / "paste_cases.toml").read_text(encoding="utf-8"))
CASES, PROSE = PASTES["case"], PASTES["prose"]


@pytest.mark.parametrize("case", CASES, ids=[case["promise"] for case in CASES])
def test_a_paste_gets_its_category(tmp_path: Path, case: dict[str, Any]) -> None:
    """One request, of the category that its lines show, and no surer than they allow."""
    path = tmp_path / "paste"
    path.write_text(case["text"], encoding="utf-8")
    (request,) = analyze(path, jobs=1).records(everything=True)
    assert (request.category, request.confidence) == (case.get("category", ""), case["confidence"])


@pytest.mark.parametrize("case", PROSE, ids=[case["promise"] for case in PROSE])
def test_prose_is_no_request(tmp_path: Path, case: dict[str, Any]) -> None:
    """Words about logs, and logs of other programs, are not taken for a request."""
    path = tmp_path / "paste"
    path.write_text(case["text"], encoding="utf-8")
    with pytest.raises(NothingReadable):
        analyze(path, jobs=1)


@pytest.mark.parametrize(
    ("group", "api"),
    [
        ("/aws/apigateway/shop-access-log", ""),
        ("/aws/apigateway/abcde12345/prod", "abcde12345"),
        ("API-Gateway-Execution-Logs_abcde12345/prod", "abcde12345"),
    ],
)
def test_a_group_that_anybody_named_is_no_api(tmp_path: Path, group: str, api: str) -> None:
    """The API is taken from the name of a group that API Gateway has made, not from one of its owner's."""
    path = tmp_path / "paste"
    path.write_text(f"{group} Execution failed due to a timeout error\n", encoding="utf-8")
    (request,) = analyze(path, jobs=1).records(everything=True)
    assert request.api_id == api


def test_a_call_to_another_address_is_no_part_of_a_request_that_has_failed(tmp_path: Path) -> None:
    """A guide shows the ends of several Tests: each call is of the failure below it."""
    path = tmp_path / "paste"
    path.write_text(
        "1. Call the first:\n"
        "Mon Nov 02 09:15:42 UTC 2026 : Sending request to https://one.example.com/\n"
        "Mon Nov 02 09:15:43 UTC 2026 : Execution failed due to configuration error: PKIX path building failed: "
        "unable to find valid certification path to requested target\n"
        "2. Call the second:\n"
        "Mon Nov 02 09:15:52 UTC 2026 : Sending request to https://two.example.com/\n"
        "Mon Nov 02 09:15:53 UTC 2026 : Execution failed due to configuration error: PKIX path validation failed: "
        "java.security.cert.CertPathValidatorException: validity check failed\n",
        encoding="utf-8",
    )
    found = [(one.category, one.confidence) for one in analyze(path, jobs=1).records(everything=True)]
    assert found == [("INTEGRATION_TLS_CERT_UNTRUSTED", "high"), ("INTEGRATION_TLS_CERT_EXPIRED", "high")]


TIMED_OUT = "Execution failed due to a timeout error"
CLOSED = "Sending request to https://one.example.com/\n" + TIMED_OUT + "\nMethod completed with status: 504\n"


@pytest.mark.parametrize(
    ("text", "categories"),
    [
        (f"{TIMED_OUT}\n\nHTTP Method: GET, Resource Path: /a\n{CLOSED}", ["INTEGRATION_TIMEOUT"]),
        (f"{TIMED_OUT}\n\n{CLOSED}", ["INTEGRATION_TIMEOUT"]),
        (
            f"{TIMED_OUT}\nMon Nov 02 09:15:42 UTC 2026 : Starting execution for request: test-invoke-request\n"
            f"Mon Nov 02 09:16:11 UTC 2026 : Sending request to https://one.example.com/\n"
            f"Mon Nov 02 09:16:11 UTC 2026 : {TIMED_OUT}\n",
            ["INTEGRATION_TIMEOUT"],
        ),
        (
            f"{TIMED_OUT}\n\n"
            "(3f2b8c1e-7a45-4d09-9c6e-5b1d2e8f7a10) Sending request to https://one.example.com/\n"
            f"(3f2b8c1e-7a45-4d09-9c6e-5b1d2e8f7a10) {TIMED_OUT}\n",
            ["INTEGRATION_TIMEOUT"],
        ),
        (
            "Execution failed due to configuration error: Host name 'a.example.com' does not match...\n\n"
            "Sending request to https://a.example.com/\n"
            "Execution failed due to configuration error: Host name 'a.example.com' does not match the certificate "
            "subject provided by the peer (CN=b.example.com)\n",
            ["INTEGRATION_TLS_CERT_MISMATCH"],
        ),
        (
            f"{TIMED_OUT}\n\nExecution failed due to configuration error: Invalid endpoint address\n"
            "Method completed with status: 500\n",
            ["PROXY_INTEG_APIGW_TIMEOUT", "INTEGRATION_INVALID_ENDPOINT"],
        ),
    ],
)
def test_a_heading_is_no_request_of_its_own(tmp_path: Path, text: str, categories: list[str]) -> None:
    """A failure alone in front of a log that tells it is its heading; in front of another's it is a request."""
    path = tmp_path / "paste"
    path.write_text(text, encoding="utf-8")
    found = list(analyze(path, jobs=1).records(everything=True))
    assert [one.category for one in found] == categories


def test_each_of_two_requests_without_ids_fails_for_itself(tmp_path: Path) -> None:
    """A failure that one request has told already is that of the other, where lines have times and no ids."""
    path = tmp_path / "log"
    path.write_text(
        "2026-11-02T09:15:42.100Z Starting execution for request: 3f2b8c1e-7a45-4d09-9c6e-5b1d2e8f7a10\n"
        "2026-11-02T09:15:42.200Z Starting execution for request: 0d4a1e6b-2c8f-4f13-b7a5-6e9c0d2b4f81\n"
        f"2026-11-02T09:16:11.100Z {TIMED_OUT}\n"
        f"2026-11-02T09:16:11.200Z {TIMED_OUT}\n",
        encoding="utf-8",
    )
    found = list(analyze(path, jobs=1).records(everything=True))
    assert [one.category for one in found] == ["PROXY_INTEG_APIGW_TIMEOUT"] * 2

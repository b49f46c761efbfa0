"""``loganalyzer explain`` from the client's side: options, pasted text, files, logs, and bad input."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import loganalyzer as la
from tests.cli.conftest import Library, Run
from tests.client.cases import cases
from tests.reports.samples import FAILED

ROOT = Path(__file__).parents[2]
PASTED = {case.name: case for case in cases() if case.pasted}
REQUEST_IN_CAPTURES = "AUTHORIZER_LAMBDA_TIMEOUT"

DENIED = ["--status", "403", "--error-type", "AccessDeniedException"]
EXPLICIT = '{"Message":"User is not authorized to access this resource with an explicit deny"}'


def document(run: Run, *arguments: str, stdin: bytes | None = None) -> dict[str, Any]:
    """What the command writes as JSON."""
    result = run("explain", "--format", "json", *arguments, stdin=stdin)
    assert result.exit_code == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_a_response_in_options(run: Run) -> None:
    """Status, error type and body are enough: the candidates with why, what tells them apart, and the fix."""
    result = run("explain", *DENIED, "--body", EXPLICIT)
    assert result.exit_code == 0
    for part in ("EXPLICIT_DENY", "confidence high", "why", "fix", "To be sure", "a stage can customise"):
        assert part in result.stdout


def test_the_document(run: Run) -> None:
    """The JSON document has the schema, what was understood, and the candidates, best first."""
    found = document(run, "--status", "500", "--error-type", "AuthorizerConfigurationException", "--body",
                     '{"message":null}', "-H", "x-amz-apigw-id: Qx7ZkHbVoAMEf2g=")  # fmt: skip
    assert found["schema"] == "loganalyzer/1"
    assert found["response"]["status"] == 500
    assert found["response"]["error_type"] == "AuthorizerConfigurationException"
    assert found["response"]["ids"] == {"x-amz-apigw-id": "Qx7ZkHbVoAMEf2g="}
    assert found["answered_by"]["id"] == "rest_api"
    best = found["candidates"][0]
    assert best["category"] == "AUTHORIZER_ERROR_OTHER" and best["confidence"] == "low"
    assert all(best[name] for name in ("title", "why", "tell_apart", "fix", "link", "log_shows", "stopped_at"))
    assert len(found["candidates"]) == 5 and found["log"] is None and found["others"] == []


def test_what_is_no_category_has_none(run: Run) -> None:
    """CloudFront's page is explained by a candidate without a category."""
    found = document(run, "-", stdin=PASTED["CloudFront's page for a GET with a body"].pasted.encode())
    assert found["candidates"][0]["category"] is None
    assert found["answered_by"]["api_gateway"] is False


@pytest.mark.parametrize("arguments", [[], ["-"]])
def test_a_pasted_response(run: Run, arguments: list[str]) -> None:
    """A response that is piped in is explained, with or without the - that asks for it."""
    result = run("explain", *arguments, stdin=PASTED["curl -i over HTTP/2"].pasted.encode())
    assert result.exit_code == 0
    assert "x-amzn-requestid f45aad35-2dfa-455b-80f8-7032bc5c5a2f" in result.stdout
    assert "loganalyzer trace f45aad35-2dfa-455b-80f8-7032bc5c5a2f PATH" in result.stdout


def test_a_response_in_a_file(run: Run, tmp_path: Path) -> None:
    """A file is read as what is piped in is; a category goes before a file of its name."""
    path = tmp_path / "response.txt"
    path.write_text(PASTED["httpie in colour, pretty body, meta"].pasted, encoding="utf-8")
    assert "AUTHORIZER_APIGW_ID_SRC_MISSING" in run("explain", str(path)).stdout
    target = tmp_path / "explained.json"
    assert run("explain", "--format", "json", "-o", str(target), str(path)).stdout == ""
    assert json.loads(target.read_text(encoding="utf-8"))["candidates"]


@pytest.mark.parametrize("name", [case.name for case in PASTED.values() if case.hidden])
def test_secrets_are_masked_unless_asked_for(run: Run, name: str) -> None:
    """Tokens and cookies of what was pasted are not written, whatever the format."""
    case = PASTED[name]
    for form in ("table", "json"):
        told = run("explain", "--format", form, stdin=case.pasted.encode()).stdout
        assert not [secret for secret in case.hidden if secret in told]
    shown = run("explain", "--no-redact", stdin=case.pasted.encode()).stdout
    assert any(secret in shown for secret in case.hidden)


def test_control_characters_do_not_reach_the_terminal(run: Run) -> None:
    """A hostile response can neither colour nor clear the terminal."""
    head = "HTTP/1.1 403 X\ndate: x\nx-amz-apigw-id: a\x1b]0;b\nx-amzn-errortype: E\x1b[2JX\n\n"
    hostile = head + '{"message":"\\u001b[2J\\u202e"}'
    result = run("explain", stdin=hostile.encode())
    assert result.exit_code == 0
    assert "\x1b" not in result.stdout and "\u202e" not in result.stdout


def test_with_a_log(run: Run, library: Library) -> None:
    """With --in the request is looked up, and what trace would show of it is shown."""
    arguments = ["--status", "502", "-H", f"x-amzn-RequestId: {FAILED.request_id}"]
    result = run("explain", *arguments, "--in", "a.log", "--in", "b/")
    assert result.exit_code == 0
    assert library.asked[0][0] == ("a.log", "b/")
    assert "The log has this very request" in result.stdout
    assert "PROXY_INTEG_ERROR · confidence high" in result.stdout
    assert "sid=0123456789" not in result.stdout
    found = document(run, *arguments, "--in", "a.log")
    assert found["log"]["found"] and found["log"]["trace"]["explanation"]["title"]
    assert found["candidates"][0]["category"] == "PROXY_INTEG_ERROR"


def test_the_log_may_be_piped_in(run: Run, library: Library) -> None:
    """--in - reads the log from standard input; the response is then in options or a file."""
    result = run("explain", "--status", "502", "--in", "-", stdin=b"log")
    assert "The log does not have this request" in result.stdout
    assert "no id to look up" in result.stdout
    assert library.asked


def test_the_same_diagnosis_as_trace(run: Run) -> None:
    """On a real log the answer is the document that trace writes."""
    captures = str(ROOT / "fixtures" / "captures" / "info-with-data-trace.log.gz")
    request = next(row for row in la.analyze(captures, jobs=1).records() if row.category == REQUEST_IN_CAPTURES)
    found = document(run, "--status", "500", "-H", f"x-amz-apigw-id: {request.extended_request_id}", "--in", captures)
    traced = json.loads(run("trace", "--format", "json", request.request_id, captures).stdout)
    assert found["log"]["trace"] == traced
    assert found["candidates"][0]["category"] == REQUEST_IN_CAPTURES


BAD: dict[str, tuple[list[str], bytes, int, str]] = {
    "no response": (["-"], b"hello", 3, "there is no HTTP response in the text"),
    "nothing": (["-"], b"", 3, "the text is empty"),
    "junk": (["-"], bytes(range(256)) * 4, 3, "the data is binary"),
    "a success": ([], b"HTTP/1.1 200 OK\r\n\r\n", 3, "nothing failed"),
    "a HAR without failures": (["-"], b'{"log": {"entries": []}}', 3, "no failed response in the HAR file"),
    "status out of range": (["--status", "700"], b"", 2, "700 is no HTTP status"),
    "status no number": (["--status", "5xx"], b"", 2, "'5xx' is not a valid integer"),
    "header without a colon": (["--header", "Cookie"], b"", 2, "a header is no 'Name: value'"),
    "two things": (["THROTTLED", "--status", "429"], b"", 2, "both THROTTLED and the options of a response"),
    "a log and no response": (["--in", "x.log"], b"", 2, "--in needs a response"),
    "JSON of what": (["--format", "json"], b"", 2, "--format json needs a response"),
    "no such file": (["./nothing.txt"], b"", 2, "there is no file ./nothing.txt"),
    "no such category": (["THROTLED"], b"", 2, "'THROTLED' is no category"),
    "no such log": (["--status", "500", "--in", "/does/not/exist"], b"", 2, "/does/not/exist"),
}


@pytest.mark.parametrize(("arguments", "stdin", "code", "said"), BAD.values(), ids=BAD.keys())
def test_bad_input_is_one_line(run: Run, arguments: list[str], stdin: bytes, code: int, said: str) -> None:
    """What cannot be explained ends with one clear line, a tip, and the right exit code."""
    result = run("explain", *arguments, stdin=stdin)
    assert result.exit_code == code
    assert said in result.stderr.splitlines()[0]
    assert result.stderr.count("error: ") == 1 and result.stdout == ""


def test_secrets_of_bad_input_are_not_repeated(run: Run) -> None:
    """An error about a header or a text does not quote it."""
    for arguments, stdin in ((["-H", "open-sesame-1234"], b""), (["-"], b"token open-sesame-1234")):
        assert "open-sesame-1234" not in run("explain", *arguments, stdin=stdin).stderr


def _explain(*arguments: str, **settings: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "loganalyzer", "explain", *arguments],
        capture_output=True, text=True, cwd=ROOT, check=False, timeout=60, **settings,
    )  # fmt: skip


def test_standard_input_of_a_process() -> None:
    """A pipe is read where nothing else is asked for; an empty one or none gives the list; a category never waits."""
    assert _explain(input="HTTP/1.1 429 X\n\n").stdout.startswith("429\n")
    assert _explain(input="").stdout.startswith("1 route match")
    assert _explain(stdin=subprocess.DEVNULL).stdout.startswith("1 route match")
    reader, writer = os.pipe()
    try:
        assert _explain("THROTTLED", stdin=reader).stdout.startswith("THROTTLED\n")
    finally:
        os.close(reader)
        os.close(writer)


def test_explaining_loads_little() -> None:
    """Without a log neither numpy nor pandas nor boto3 is loaded."""
    code = (
        "import sys\nfrom loganalyzer.cli import main\n"
        "try:\n    main(['explain', '--status', '500'])\nexcept SystemExit:\n    pass\n"
        "print([name for name in ('numpy', 'pandas', 'boto3') if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False, timeout=60
    )
    assert done.stderr == "[]\n" and done.stdout

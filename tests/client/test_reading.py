"""Reading what people paste: HAR files, bad input, and laws that hold for any text."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loganalyzer.client import reading
from loganalyzer.client.explain import explain
from loganalyzer.client.har import looks_like_har
from loganalyzer.client.reading import read
from loganalyzer.client.records import ClientResponse, moment_of
from loganalyzer.client.understand import understand
from loganalyzer.errors import LogAnalyzerError, NothingReadable
from loganalyzer.responses import explain_pasted
from tests.client.cases import cases

PASTED = [case for case in cases() if case.pasted]


def entry(status: int, *, body: str = "", url: str = "https://api.example.com/orders", **more: Any) -> dict[str, Any]:
    """One entry of a HAR file."""
    headers = {"date": "Mon, 02 Nov 2026 09:01:00 GMT"} | more.pop("headers", {})
    content = {"text": body, "size": len(body)} | more.pop("content", {})
    response = {"status": status, "headers": [{"name": k, "value": v} for k, v in headers.items()], "content": content}
    return {"request": {"method": "GET", "url": url}, "response": response, **more}


def har(*entries: dict[str, Any]) -> str:
    """A HAR file."""
    return json.dumps({"log": {"version": "1.2", "creator": {"name": "WebInspector"}, "entries": list(entries)}})


FAILED = {"x-amz-apigw-id": "Qx7ZkHbVoAMEf2g=", "x-amzn-errortype": "AuthorizerConfigurationException"}


def test_only_failures_of_a_har_are_explained() -> None:
    """Successes are left out, like failures become one with their number, and API Gateway's come first."""
    explained = explain_pasted(
        har(
            entry(200, body='{"ok":true}'),
            entry(404, headers={"server": "nginx"}),
            entry(500, body='{"message":null}', headers=FAILED),
            entry(500, body='{"message":null}', headers=FAILED | {"x-amz-apigw-id": "Another00000="}),
            entry(0),
        )
    )
    assert [(one.answerer.id, one.alike) for one in explained] == [("rest_api", 2), ("web_server", 1)]
    assert any("5 responses, 3 of them failed" in note for note in explained[0].notes)
    assert any("status 0" in note and "CORS" in note for note in explained[0].notes)


def test_time_taken_changes_the_order() -> None:
    """An authorizer that took 30 seconds is first of all one that API Gateway gave up on; a quick one is not."""
    slow, quick = (
        [candidate.category for candidate in explain_pasted(har(one))[0].candidates]
        for one in (
            entry(500, body='{"message":null}', headers=FAILED, time=30_012.5),
            entry(500, body='{"message":null}', headers=FAILED, time=212),
        )
    )
    assert slow[0] == quick[-1] == "AUTHORIZER_APIGW_TIMEOUT"


def test_encoded_bodies_are_decoded() -> None:
    """A HAR body in base64 is read; one that is none counts as unknown."""
    body = base64.b64encode(b'{"message":"Forbidden"}').decode()
    (response,) = read(har(entry(403, content={"text": body, "encoding": "base64"}))).responses
    assert understand(response).message == "Forbidden"
    (response,) = read(har(entry(403, content={"text": "é", "encoding": "base64"}))).responses
    assert response.body in {None, ""}


def test_the_time_of_a_response() -> None:
    """The Date header tells it, else the HAR file, else nobody."""
    (response,) = read(
        har(entry(500, startedDateTime="2026-11-02T10:00:00.000+01:00", headers={"date": "?"}))
    ).responses
    assert str(moment_of(response)) == "2026-11-02 10:00:00+01:00"
    assert moment_of(ClientResponse(500, (("Date", "Mon, 02 Nov 2026 09:01:00 GMT"),))) is not None
    assert moment_of(ClientResponse(500)) is None


BAD = {
    "empty": ("  \n", "the text is empty"),
    "prose": ("It does not work since yesterday.", "no HTTP response in the text"),
    "a log": ("(3f2a) Method completed with status: 500", "no HTTP response in the text"),
    "other JSON": ('{"items": [1, 2]}', "no HTTP response in the text"),
    "a success": ("HTTP/1.1 200 OK\r\n\r\nfine", "nothing failed: the response has status 200"),
    "no status": ("HTTP/1.1 999 Odd\n\n", "999 is no HTTP status"),
    "too low": ("HTTP/1.1 099 Odd\n\n", "99 is no HTTP status"),
    "a HAR without failures": (har(entry(200)), "no failed response in the HAR file (1 entry)"),
    "a HAR without answers": (har(entry(0)), "no failed response in the HAR file"),
    "a cut HAR": (har(entry(500))[:-20], "the HAR file is no valid JSON"),
    "a HAR without entries": ('{"log": {"entries": {}}}', "has no log.entries"),
}


@pytest.mark.parametrize(("text", "said"), BAD.values(), ids=BAD.keys())
def test_bad_input_is_one_clear_line(text: str, said: str) -> None:
    """What holds no failed response is told in one line with a tip."""
    with pytest.raises(NothingReadable) as told:
        read(text)
    assert said in told.value.message and "\n" not in told.value.message and told.value.tip


def test_binary_junk_is_named_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes that are no text are called binary, too many of them are refused."""
    with pytest.raises(NothingReadable, match="the data is binary"):
        read(bytes(range(256)) * 4)
    monkeypatch.setattr(reading, "LARGEST", 1 << 20)
    with pytest.raises(NothingReadable, match="more than 1 MB"):
        read(b"HTTP/1.1 500 X\n\n" + bytes(1 << 20))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings(encoding: str) -> None:
    """What PowerShell writes with > is UTF-16, what Notepad saves has a mark at its beginning."""
    raw = "HTTP/1.1 429 Zu viele\r\n\r\n".encode(encoding)
    assert read(raw).responses[0].status == 429


def test_several_responses_are_told() -> None:
    """The last of several may have gone well: what failed is explained, and that is said."""
    found = read("HTTP/1.1 503 X\n\nHTTP/1.1 401 X\n\nHTTP/1.1 200 OK\n\n")
    assert [response.status for response in found.responses] == [503, 401]
    assert found.notes == (
        "the text holds 3 responses (503, 401, 200): 2 that failed",
        "the last response did not fail (200)",
    )


# -- laws --------------------------------------------------------------------------------------------------------------


PIECES = st.sampled_from(
    ["HTTP/1.1 500 X", "HTTP/2 200", "< HTTP/1.1 403", "> GET / HTTP/1.1", "* talk", "<", "{", "}", '{"message":null}',
     "x-amzn-errortype: A", ": x", " folded", "\x1b[31m", "```", "...", "a", "0", "Status Code: 403",
     '{"log":{"entries":',
     "Host: x", ":status: 503", "Elapsed time: 1s", "content-length: 9", "transfer-encoding: chunked", '"errorMessage"',
     "Date: x", "x-amzn-trace-id: Root=", "https://[", "Request URL: https://[::1"]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=300), st.lists(st.one_of(PIECES, st.text(max_size=12)), max_size=14).map("\n".join))


@given(TEXTS)
def test_any_text_is_explained_or_refused(text: str) -> None:
    """No text whatever ends in anything but explanations with candidates, or a clear error."""
    try:
        explained = explain_pasted(text)
    except LogAnalyzerError as error:
        assert error.message and error.tip
    else:
        assert explained and all(one.candidates for one in explained)


@given(st.binary(max_size=300))
def test_any_bytes_are_explained_or_refused(raw: bytes) -> None:
    """Nor do any bytes."""
    try:
        assert explain_pasted(raw)
    except LogAnalyzerError as error:
        assert error.message


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                ["response", "request", "status", "headers", "name", "value", "content", "text", "encoding", "time",
                 "startedDateTime", "url", "method"]
            ),
            inner,
            max_size=5,
        ),
    ),
    max_leaves=12,
)  # fmt: skip


@given(st.lists(JSON, max_size=4))
def test_any_har_is_explained_or_refused(entries: list[Any]) -> None:
    """A HAR file whose entries are anything at all is read as far as it makes sense."""
    text = json.dumps({"log": {"entries": entries}})
    assert looks_like_har(text)
    try:
        assert explain_pasted(text)
    except LogAnalyzerError as error:
        assert error.message and error.tip


@given(
    st.one_of(st.none(), st.integers(100, 599)),
    st.lists(st.tuples(st.sampled_from(["Date", "x-amzn-errortype", "x-amz-apigw-id", "server"]), st.text())),
    st.one_of(st.none(), st.text(), st.just('{"message":null}')),
    st.booleans(),
)
def test_any_response_has_candidates(
    status: int | None, headers: list[tuple[str, str]], body: str | None, whole: bool
) -> None:
    """No response is left without a candidate, and no name comes twice."""
    explained = explain(ClientResponse(status, tuple(headers), body, whole=whole))
    names = [candidate.category or candidate.title for candidate in explained.candidates]
    assert names and len(set(names)) == len(names)


@pytest.mark.parametrize("case", PASTED, ids=lambda case: case.name)
def test_line_ends_and_case_do_not_matter(case: Any) -> None:
    """CRLF or LF, capitals or none in the names of headers: what is understood is the same."""
    plain = case.pasted.replace("\r\n", "\n")
    assert understand(read(plain).responses[0]) == understand(read(plain.replace("\n", "\r\n")).responses[0])


@settings(max_examples=40)
@given(
    st.sampled_from([400, 401, 403, 404, 413, 429, 500, 502, 503, 504]),
    st.dictionaries(
        st.sampled_from(["Date", "X-Amzn-ErrorType", "x-amz-apigw-id", "Content-Type", "x-amzn-RequestId"]),
        st.from_regex(r"[A-Za-z0-9][A-Za-z0-9 =+-]{0,20}[A-Za-z0-9]", fullmatch=True),
        min_size=1,
    ),
    st.sampled_from(['{"message":null}', '{"message": "Forbidden"}', "oops", '{\n  "message": "Unauthorized"\n}']),
)
def test_curl_v_and_i_and_wget_say_the_same(status: int, headers: dict[str, str], body: str) -> None:
    """One response, as curl -i, curl -v and wget -S print it, is understood alike."""
    head = [f"HTTP/1.1 {status} Reason", *(f"{name}: {value}" for name, value in headers.items())]
    forms = [
        "\n".join([*head, "", body]),
        "\n".join(["* Connected", "> GET / HTTP/1.1", ">", *(f"< {line}" for line in head), "< ", body]),
        "\n".join(["--2026--  https://x", *(f"  {line}" for line in head), "", body]),
        "\n".join(f"> {line}" for line in [*head, "", body]),
    ]
    understood = {understand(response) for form in forms for response in read(form).responses}
    assert len(understood) == 1
    assert understood.pop().status == status

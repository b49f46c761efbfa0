"""What is masked, what stays, and that masking is stable and fast on hostile text."""
# ruff: noqa: E501  (log lines are as long as they are)

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loganalyzer.model import Explanation, Finding, Stage
from loganalyzer.redact import MASK, mask, redact, redact_explanation, redact_request, redact_step
from loganalyzer.redact.texts import masked_afresh
from tests.reports.samples import FAILED, step

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.c2lnbmF0dXJlLXBhcnQ"
STS = "IQoJb3JpZ2luX2VjEPXzaW5nbGUtdXNlLXRva2VuLWZvci10aGlz"
ARN = "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/GET/orders"
UUID = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"

CASES: dict[str, tuple[str, list[str], list[str]]] = {
    # what: (log text, gone from it, still in it)
    "gateway's own session token": (
        f"Endpoint request headers: {{X-Amz-Date=20261120T120000Z, X-Amz-Security-Token={STS}, x-amzn-apigateway-api-id=a1b2c3}}",
        [STS[:-4]],
        ["X-Amz-Date=20261120T120000Z", "x-amzn-apigateway-api-id=a1b2c3"],
    ),
    "session token cut by the gateway": (
        f"Endpoint request headers: {{Accept=*/*, X-Amz-Security-Token={STS} [TRUNCATED]",
        [STS[:-4]],
        ["Accept=*/*", " [TRUNCATED]"],
    ),
    "TOKEN authorizer's event": (
        f'Endpoint request body after transformations: {{"type":"TOKEN","authorizationToken":"let-me-in","methodArn":"{ARN}"}}',
        ["let-me-in"],
        ['"type":"TOKEN"', f'"methodArn":"{ARN}"'],
    ),
    "the same broken after the colon": ('{"authorizationToken":\n\t"let-me-in","x":1}', ["let-me-in"], ['"x":1']),
    "header copied into a proxy event": (
        f'{{"resource":"/orders","headers":{{"Authorization":"Bearer {JWT}","Host":"api.example.com"}},"requestId":"{UUID}"}}',
        [JWT, JWT[:20]],
        ['"resource":"/orders"', '"Host":"api.example.com"', f'"requestId":"{UUID}"', "Bearer "],
    ),
    "multi-value headers": (
        '{"multiValueHeaders":{"Cookie":["a=first-secret; b=second-secret"],"X-Api-Key":["k-1","k-2"],"Host":["h.example.com"]}}',
        ["first-secret", "second-secret", "k-1", "k-2"],
        ['"Host":["h.example.com"]'],
    ),
    "escaped quotes": (r'{"body":"{\"password\":\"hunter2\",\"amount\":3}"}', ["hunter2"], [r"\"amount\":3"]),
    "quotes escaped twice": (
        r'{"body":"{\"in\":\"{\\\"token\\\":\\\"abc-def\\\",\\\"n\\\":1}\"}"}', ["abc-def"], [r"\\\"n\\\":1"]
    ),
    "a quote within the secret": (r'{"secret":"ab\"cdef","next":"kept"}', ["ab", "cdef"], ['"next":"kept"']),
    "a backslash at the end of the secret": (r'{"secret":"abcdef\\","next":"kept"}', ["abcdef"], ['"next":"kept"']),
    "a string that is cut": ('{"clientSecret":"abcdefghijklmnop [TRUNCATED]', ["abcdefghijkl"], ["[TRUNCATED]"]),
    "cookies": (
        "Method request headers: {Cookie=sid=abc123def; theme=dark-mode, Host=api.example.com}",
        ["abc123def", "dark-mode"],
        ["Host=api.example.com}"],
    ),
    "several cookies set at once": (
        "{Set-Cookie=a=one-secret; Path=/; Expires=Wed, 21 Oct 2026 07:28:00 GMT, b=two-secret; Path=/, Date=today}",
        ["one-secret", "two-secret"],
        ["Date=today}"],
    ),
    "custom auth header": (
        "{X-Company-Auth=0123-4567, X-Shop-Session=s3ss10n, X-Request-Name=orders}",
        ["0123-4567", "s3ss10n"],
        ["X-Request-Name=orders}"],
    ),
    "query string map": (
        "Method request query string: {access_token=abc-def, page=2, sig=0f0f}", ["abc-def", "0f0f"], ["page=2"]
    ),
    "URL": (
        "Sending request to https://user:pw@api.example.com/x?token=abc-def&page=2&X-Amz-Signature=0f0f#top",
        ["user:pw", "abc-def", "0f0f"],
        ["api.example.com/x?token=", "&page=2&"],
    ),
    "URL in a URL": (
        "{Referer=https://example.com/?next=https%3A%2F%2Fx%2F%3Ftoken%3Dabc-def%26page%3D2}",
        ["abc-def"],
        ["%26page%3D2"],
    ),
    "OAuth code in a query": ("GET /cb?code=0123456789abcdef0123&state=1", ["0123456789abcdef01"], ["state=1"]),
    "form body": (
        "Method request body before transformations: grant_type=password&username=kim&password=hunter2&scope=read",
        ["=kim", "hunter2"],
        ["grant_type=password", "scope=read"],
    ),
    "multipart form": ('Content-Disposition: form-data; name="password"\r\n\r\nhunter2\r\n--b', ["hunter2"], ["--b"]),
    "XML": ('<wsse:Password Type="text">hunter2</wsse:Password><Id>7</Id>', ["hunter2"], ["<Id>7</Id>"]),
    "name and value apart": ('[{"name":"x-api-key","value":"k-123"}]', ["k-123"], ["x-api-key"]),
    "JWT anywhere": (f"the token {JWT} has expired", [JWT[:30], JWT[-12:]], ["has expired"]),
    "access key id": ("signed with AKIAIOSFODNN7EXAMPLE in eu-west-1", ["AKIAIOSFODNN7EXA"], ["in eu-west-1"]),
    "SigV4 header": (
        "{Authorization=AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261120/eu-west-1/execute-api/aws4_request, "
        "SignedHeaders=host, Signature=fe5f80f77d5fa3beca038a248ff027d0}",
        ["AKIAIOSFODNN7", "fe5f80f77d5fa3be"],
        ["AWS4-HMAC-SHA256", "SignedHeaders=host"],
    ),
    "Bearer in an error of the gateway": (
        "'abc123def' not a valid key=value pair (missing equal-sign) in Authorization header: 'Bearer abc123def'",
        ["abc123def"],
        ["not a valid key=value pair (missing equal-sign) in Authorization header"],
    ),
    "authorizer's result": (
        'Authorizer result body before parsing: {"principalId":"kim-7","policyDocument":{"Version":"2012-10-17","Statement":'
        f'[{{"Action":"execute-api:Invoke","Effect":"Deny","Resource":["{ARN}"]}}]}},"context":{{"tenant":"acme","n":4711,'
        '"ok":true},"usageIdentifierKey":"key-of-kim"}',
        ["kim-7", "acme", "4711", "key-of-kim"],
        ['"Effect":"Deny"', ARN, '"Action":"execute-api:Invoke"', '"ok":true'],
    ),
    "authorizer's context in a proxy event": (
        '{"requestContext":{"authorizer":{"claims":{"sub":"42","email":"kim@example.com","exp":"1795176000"},"tier":"gold",'
        f'"integrationLatency":7}},"requestId":"{UUID}"}}}}',
        ['"42"', "kim", "gold"],
        ['"exp":"1795176000"', '"integrationLatency":7', UUID],
    ),
    "incoming identity": ("Incoming identity: opensesame", ["opensesame"], ["Incoming identity: "]),
    "incoming identities": (
        "Incoming identity: {method.request.header.X-Caller=opensesame, method.request.querystring.q=simsim}",
        ["opensesame", "simsim"],
        ["method.request.header.X-Caller="],
    ),
    "principal": ("Using valid authorizer policy for principal: kim-7", ["kim-7"], ["policy for principal: "]),
    "API key in a sentence": (
        "API Key abcdefghijklmnopqrst not authorized because method 'GET /' requires API Key", ["abcdefghij"], ["'GET /'"]
    ),
    "API key of the usage plan": (
        f"Verifying Usage Plan for request: {UUID}. API Key: abcdefghij API Stage: a1b2/prod",
        ["abcdefghij"],
        [UUID, "API Stage: a1b2/prod"],
    ),
    "email address": ("no account for kim.lee+x@mail.example.com", ["kim.lee"], ["no account for", "mail.example.com"]),
    "addresses": (
        "{X-Forwarded-For=203.0.113.77, 198.51.100.23, Host=a} \"sourceIp\":\"192.0.2.44\" SourceIp: 2001:db8::beef",
        [".77", ".23", ".44", "beef"],
        ["203.0.113.", "Host=a"],
    ),
}  # fmt: skip

KEPT = {
    "empty key": "API Key  authorized because method 'ANY /{proxy+}' does not require API Key.",
    "empty key of the plan": "Usage Plan check succeeded for API Key  and API Stage a1b2c3/prod",
    "authorizer start": f"Starting authorizer: 62mgrc for request: {UUID}",
    "refusal": f"Unauthorized request: {UUID}",
    "configuration error": "Execution failed due to configuration error: Authorizer error",
    "ARN of a secret": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop/db-AbC123",
    "function": "Endpoint request URI: https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/"
    "arn:aws:lambda:eu-west-1:111122223333:function:token-service/invocations",
    "error text": "Lambda execution failed with status 200 due to customer function error: Invalid token: signature "
    "mismatch. Lambda request id: 8a1b2c3d-0000-4000-8000-5e6f7a8b9c0d",
    "error types": '{"errorMessage":"TokenExpiredError","errorType":"Runtime.Error","statusCode":500,"tokenType":"Bearer"}',
    "CORS": "{Access-Control-Allow-Headers=Authorization,X-Api-Key, Access-Control-Allow-Credentials=true}",
    "challenge": 'WWW-Authenticate=Bearer realm="shop"',
    "null": '{"token":null,"session":"","cookie":"-"}',
    "closing": "Gateway response type: AUTHORIZER_CONFIGURATION_ERROR with status code: 500",
    "trace": "X-ray Tracing ID : Root=1-65f0c0de-0123456789abcdef01234567",
    "masked by the gateway": "Incoming identity: ******a1b2c3",
    "throttle": "Key throttle limit exceeded for RestApi a1b2, Stage prod, Resource r1, HttpMethod GET. Limit: 5.00 Burst: 2",
}


@pytest.mark.parametrize("what", CASES)
def test_secrets_are_gone_and_the_diagnosis_stays(what: str) -> None:
    """Nothing of a secret but its last four characters is left, and what explains a failure is untouched."""
    text, gone, kept = CASES[what]
    masked = redact(text)
    assert [secret for secret in gone if secret in masked] == []
    assert [part for part in kept if part not in masked] == []
    assert MASK in masked or ".*" in masked


@pytest.mark.parametrize("what", KEPT)
def test_what_is_no_secret_is_left_alone(what: str) -> None:
    """Sentences without a secret come out as they went in."""
    assert redact(KEPT[what]) == KEPT[what]


@pytest.mark.parametrize("what", CASES)
def test_masking_twice_changes_nothing(what: str) -> None:
    """Masked text is its own mask, so reports can be masked again without loss."""
    once = redact(CASES[what][0])
    assert redact(once) == once


PIECES = [
    *("token", "Authorization", "password", "x-api-key", "principalId", "claims", "context", "sourceIp", "code"),
    *("=", ":", ": ", '"', '\\"', "'", '":"', "{", "}", "[", "]", ", ", "&", "?", ";", " ", "\n", "\\", "%3D", "=>"),
    *(
        "hunter2",
        "0123456789abcdefXYZ",
        "null",
        "********",
        "kim@example.com",
        "192.0.2.44",
        JWT,
        "AKIAIOSFODNN7EXAMPLE",
    ),
    *("Bearer ", "API Key: ", "Incoming identity: ", "policy for principal: ", " [TRUNCATED]", "://", "<", ">", "</"),
]


@given(st.lists(st.sampled_from([*PIECES, UUID, "2026-11-02T09:15:42.118Z", "a1b2"]), max_size=8).map("".join))
def test_ids_and_times_do_not_change_what_is_masked(text: str) -> None:
    """A text is masked the same whether or not one that differs in ids and times alone was masked before."""
    redact(text.replace(UUID, "0a1b2c3d-7b61-11e6-9a41-93e8deadbeef").replace("T09:", "T10:"))
    assert redact(text) == masked_afresh(text)


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join) | st.text(max_size=200))
def test_any_text_can_be_masked_and_stays_masked(text: str) -> None:
    """Masking never raises and is idempotent, whatever the text is."""
    once = redact(text)
    assert redact(once) == once


@pytest.mark.parametrize(
    "piece", [*PIECES, '{"token":"', "Cookie=a; path=/, b=", "expir", '"a":', "a@", "1:", "claims={a=b, "]
)
def test_time_is_linear_in_the_text(piece: str) -> None:
    """A quarter of a megabyte made to confuse the expressions is done in seconds, where backtracking would take hours."""
    text = piece * (250_000 // len(piece))
    began = time.perf_counter()
    redact(text)
    redact('{"token":"' + text)
    assert time.perf_counter() - began < 20


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        ("", ""),
        ("null", "null"),
        ("true", "true"),
        ("short", MASK),
        ("exactly16letters", MASK + "ters"),
        ("0123456789abcdef;;..", MASK),
        ("******a1b2c3", "******a1b2c3"),
        ("Bearer 0123456789abcdefghij", f"Bearer {MASK}ghij"),
        (ARN, ARN),
    ],
)
def test_one_value_in_the_style_of_the_gateway(value: str, masked: str) -> None:
    """Long values keep four characters, short ones none, and what is masked or says nothing stays."""
    assert mask(value) == masked


def test_all_texts_of_a_request_are_masked() -> None:
    """Path, evidence and reasons of a request lose their secrets; its ids do not change."""
    masked = redact_request(replace(FAILED, path="/reset/kim@example.com", evidence=("token=abc-def&x=1",)))
    assert masked.path == f"/reset/{MASK}@example.com"
    assert masked.evidence == (f"token={MASK}&x=1",)
    assert masked.request_id == FAILED.request_id


def test_all_texts_of_a_step_are_masked() -> None:
    """A step's message and the values read from it lose their secrets."""
    masked = redact_step(step("token=abc-def", Stage.ROUTE, fields={"api_key": "k-1234", "uri": "https://x/?sig=0f0f"}))
    assert masked.message == f"token={MASK}"
    assert masked.fields == {"api_key": MASK, "uri": f"https://x/?sig={MASK}"}


def test_an_explanation_is_masked_throughout() -> None:
    """Every text of an explanation may quote the log."""
    secret = "token=abcdefghijklmnopqrstuvwx"
    bare = Explanation(secret, (Finding(secret, secret, secret),), (secret,), (secret,))
    masked = redact_explanation(bare)
    assert "abcdefgh" not in str(masked)
    assert redact_request(replace(FAILED, detail=secret)).detail == masked.detail != secret

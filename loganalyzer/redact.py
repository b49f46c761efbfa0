"""Masks tokens, keys, cookies and identities in log text: on for everything that leaves the process.

API Gateway masks the ``Authorization`` header, ``x-api-key``, the incoming identity and the principal, and keeps their
last six characters.  With data trace it writes the rest in clear: the security token of its own credentials, the event
of a TOKEN authorizer, headers copied into a proxy event, cookies, query strings, forms, the authorizer's context
(https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html warns of it).  What is masked here
shows at most its last four characters.  ARNs, ids of requests, error texts, status codes and paths stay.

Every expression is possessive or bounded and the walk never goes back, so the time is linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache, partial

from loganalyzer.model import CorrelatedRequest, Explanation, Finding, Request, Step, Timeline

MASK = "********"
TAIL = 4
_TAILED_FROM = 16

_PAIR = re.compile(
    r"(?<![\w.$-])(?P<key>[\w.$-]++)(?:(?P<quote>\\{0,31}[\"'])\s{0,80}(?:=>|[:=])\s{0,80}"
    r"|[ \t]{0,8}(?P<mark>=>?|:|%3[dD])[ \t]{0,8})"
)
_SECRET = re.compile(
    r"token|secret|passw|passphrase|api_?key(?!id)|accesskey|privatekey|credential|signature|cookie|session|sessid|jwt|saml"
    r"|bearer|csrf|xsrf|auth(?!or(?!i[sz]ation)|enticated?$|enticationtype|type)"
)
_SECRET_EXACTLY = frozenset({"sig", "pwd", "pass", "otp", "pin", "sid", "assertion", "usageidentifierkey"})
_TAILLESS = re.compile(r"cookie|passw|passphrase|email|^(?:pwd|pass|pin|otp)$")
_NO_SECRET = re.compile(
    r"(?:type|errors?|exception|status|timeout|expir\w*|expiresin|ttl|age|count|length|size|limit|enabled|required|version"
    r"|source|ur[li]|endpoint|arn|latency|validity|used|left|remaining)$"
)
_IDENTITY = frozenset(
    {"principal", "principalid", "username", "user", "userid", "sub", "email", "phone", "phonenumber", "caller"}
    | {"cognitoidentityid", "cognitoauthenticationprovider"}
)
_WHOLE_OBJECTS = frozenset({"claims", "context", "authorizer"})
_ADDRESS = re.compile(r"forwardedfor|forwarded$|sourceip|clientip|connectingip|realip|remoteaddr|vieweraddress")
_KEPT_IN_OBJECTS = frozenset(
    {"exp", "iat", "nbf", "iss", "auth_time", "token_use", "scope", "scopes", "integrationlatency", "integrationstatus"}
)

_MASKED = re.compile(r"(\*++)([^*]{0,6})")
_NOTHING = frozenset({"", "-", "...", "null", "none", "nil", "true", "false", "undefined", "[binary data]"})
_ARN = re.compile(r"arn:[\w-]{2,20}:[\w:/$.@*+=,-]*+")
_SCHEME = re.compile(r"(?i)(bearer|basic|negotiate|digest|apikey|token|aws4-hmac-sha256)((?:\s|%20)+)(?=\S)")
_TAIL_CHARACTERS = re.compile(r"[A-Za-z0-9_=-]+")
_VERDICT = frozenset({"expired", "invalid", "missing", "required", "malformed", "revoked", "unknown", "empty"})

_OPENING = re.compile(r"(\\{0,31})([\"'])")
_CUT = re.compile(r"[ \t]?\[TRUNCATED\]")
_CLOSING = {quote: re.compile(rf"(?<!\\)(\\*+){quote}|[ \t]?\[TRUNCATED\]") for quote in "\"'"}
_LONG_VALUE = re.compile(r"[^&;\s\"<>\\`]{16}")
_NOTHING_FOLLOWS = re.compile(r"[.)}\]]{0,8}[ \t]{0,8}(?:[,;)}\]\n]|\Z)")
_MAP_END = re.compile(r",\s?(?=[\w.$:-]{1,80}=)|\}(?=[\s,\]})\"']|\Z)|\n|[ \t]?\[TRUNCATED\]|\Z")
_QUERY_END = re.compile(r"[&;\s\"<>\\`]|%26|\Z")
_WORD_END = re.compile(r"[\s\"'<>`,;]|\Z")
_LINE_END = re.compile(r"\n|[ \t]?\[TRUNCATED\]|\Z")
_COOKIE_GOES_ON = re.compile(r"(?i);\s?(?:path|httponly|secure|samesite|domain|max-age|expires)\b")
_IN_OBJECT = re.compile(
    r"(?P<string>(?<!\\)\\{0,31}[\"'])|(?P<open>[{\[])|(?P<close>[}\]])"
    r"|(?P<name>[\w.$:-]++[ \t]?=)|(?P<plain>[^\s{}\[\]\"',:=\\]++)"
)


def redact(text: str) -> str:
    """The text with tokens, keys, cookies and identities masked; masking twice changes nothing more."""
    if len(text) > _SHORT:
        return _redact(text)
    if "-" not in text:
        return _short(text)
    like = _VARYING.sub(_same_for_all, text)
    return text if _short(like) == like else _short(text)


@lru_cache(maxsize=4096)
def _short(text: str) -> str:
    """Most lines of evidence come again and again."""
    return _redact(text)


_VARYING = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|20\d\d-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\d\.\d{3}Z"
)
"""What sets lines apart that are masked alike: ids of requests and times."""


def _same_for_all(found: re.Match[str]) -> str:
    return "00000000-0000-4000-8000-000000000000" if found[0][8] == "-" else "2000-01-01T00:00:00.000Z"


def _redact(text: str) -> str:
    for _ in range(_ROUNDS):
        masked = _once(text)
        if masked == text:
            break
        text = masked
    return text


_SHORT = 512
_ROUNDS = 6
"""A mask may bring a value to the end of its line or sentence and so make another one recognisable: once or twice."""


def _once(text: str) -> str:
    for pattern, masked, needles in _SENTENCES:
        if any(needle in text for needle in needles):
            text = pattern.sub(masked, text)
    text = _mask_pairs(text)
    if not text.isascii() or any(scheme in text.lower() for scheme in ("bearer", "basic", "negotiate")):
        text = _IN_SCHEME.sub(_mask_bearer, text)
    for pattern, masked, needles in _FORMS:
        if any(needle in text for needle in needles):
            text = pattern.sub(masked, text)
    return text


def _redact_correlated(request: CorrelatedRequest) -> CorrelatedRequest:
    """The same with the free texts masked that come from functions' logs and access logs."""
    return replace(
        request,
        lambda_error=redact(request.lambda_error),
        authorizer_error=redact(request.authorizer_error),
        access_error_message=redact(request.access_error_message),
        access_integration_error=redact(request.access_integration_error),
        access_authorizer_error=redact(request.access_authorizer_error),
    )


def redact_request(request: Request) -> Request:
    """The request with every text that leaves the process masked."""
    if isinstance(request, CorrelatedRequest):
        request = _redact_correlated(request)
    resource, path = redact(request.resource), redact(request.path)
    evidence, reasons = tuple(map(redact, request.evidence)), tuple(map(redact, request.reasons))
    detail = redact(request.detail) if request.detail else ""
    before = (request.resource, request.path, request.evidence, request.reasons, request.detail)
    if (resource, path, evidence, reasons, detail) == before:
        return request
    return replace(request, resource=resource, path=path, evidence=evidence, reasons=reasons, detail=detail)


def redact_explanation(explanation: Explanation) -> Explanation:
    """The explanation with every text that quotes the log masked."""
    return replace(
        explanation,
        detail=redact(explanation.detail),
        findings=tuple(
            Finding(redact(one.part), redact(one.found), redact(one.required)) for one in explanation.findings
        ),
        notes=tuple(map(redact, explanation.notes)),
        unseen=tuple(map(redact, explanation.unseen)),
    )


def redact_step(step: Step) -> Step:
    """The step with its message and the values read from it masked."""
    fields = {name: MASK if _is_masked(_plain(name)) else redact(value) for name, value in step.fields.items()}
    return replace(step, message=redact(step.message), fields=fields)


def redact_timeline(timeline: Timeline) -> Timeline:
    """The timeline with its steps, its request and the explanation masked."""
    return replace(
        timeline,
        steps=tuple(map(redact_step, timeline.steps)),
        request=timeline.request and redact_request(timeline.request),
        explanation=timeline.explanation and redact_explanation(timeline.explanation),
    )


def mask(value: str, *, tail: bool = True) -> str:
    """One value masked in API Gateway's own style: stars, and (``tail``) the last four characters of a long one."""
    scheme = _SCHEME.match(value)
    words, value = (scheme[0], value[scheme.end() :]) if scheme else ("", value)
    known = _MASKED.fullmatch(value)
    if value.strip().lower() in _NOTHING or (known and len(known[1]) >= len(known[2])) or _ARN.fullmatch(value):
        return words + value
    end = value[-TAIL:] if tail and len(value) >= _TAILED_FROM else ""
    return words + MASK + (end if _TAIL_CHARACTERS.fullmatch(end) else "")


def _plain(key: str) -> str:
    """The last part of a dotted name, without case, hyphens and underscores; of an endless one only the end."""
    return key[-200:].rpartition(".")[2].lower().replace("-", "").replace("_", "")


def _is_masked(name: str) -> bool:
    return _is_secret(name) or name in _IDENTITY


def _is_secret(name: str) -> bool:
    return name in _SECRET_EXACTLY or (_SECRET.search(name) is not None and _NO_SECRET.search(name) is None)


def _mask_pairs(text: str) -> str:
    """Mask the values of all ``name: value`` and ``name=value`` pairs whose name says that they are to be masked."""
    done: list[str] = []
    position = copied = 0
    while found := _PAIR.search(text, position):
        position = found.end()
        treat = _treatment(found, text)
        if treat is None:
            continue
        done.append(text[copied:position])
        masked, position = treat(text, position)
        done.append(masked)
        copied = position
    return "".join(done) + text[copied:]


Treatment = Callable[[str, int], tuple[str, int]]


def _treatment(pair: re.Match[str], text: str) -> Treatment | None:
    """How to mask the value after this name: a function from where it starts to its mask and where it ends."""
    name = _plain(pair["key"])
    starts = text[pair.end() : pair.end() + 1]
    secret = _is_secret(name)
    if starts in ("{", "["):
        return _walk if secret or name in _WHOLE_OBJECTS else None
    if _ADDRESS.search(name):
        return lambda text, at: _replace(text, at, _end_of(pair, text, at), _mask_addresses)
    if not (secret or name in _IDENTITY or _is_grant_code(pair, name, text)):
        return None
    hide = partial(mask, tail=not _TAILLESS.search(name))
    if _OPENING.match(text, pair.end()):
        return partial(_mask_string, hide=hide)
    if pair["mark"] == ":":
        return partial(_mask_said, hide=hide) if secret and _stands_free(pair, text) else None
    end_of = _end_of_cookie if "cookie" in name else _end_of
    return lambda text, at: _replace(text, at, end_of(pair, text, at), hide)


def _is_grant_code(pair: re.Match[str], name: str, text: str) -> bool:
    """An OAuth code is a secret in a query; elsewhere a ``code`` names an error."""
    return name == "code" and pair["mark"] == "=" and _LONG_VALUE.match(text, pair.end()) is not None


def _stands_free(pair: re.Match[str], text: str) -> bool:
    """Whether the name is not a part of an ARN or URL."""
    return text[pair.start() - 1 : pair.start()] not in (":", "/") or pair.start() == 0


def _replace(text: str, start: int, end: int, masked: Callable[[str], str]) -> tuple[str, int]:
    value = text[start:end]
    return masked(value), end


def _end_of(pair: re.Match[str], text: str, start: int) -> int:
    """Where an unquoted value ends, by what the pair is a part of: a Java map, or a query, form or sentence."""
    if quoted := _OPENING.match(text, start):
        return _string_end(text, quoted)[0]
    before = text[max(0, pair.start() - 2) : pair.start()]
    if before.endswith("{") or (before[:1] == "," and before[1:].isspace()):
        return _match_start(_MAP_END, text, start)
    if pair["mark"] == ":":
        return _match_start(_LINE_END, text, start)
    end = _match_start(_QUERY_END, text, start)
    return start + len(text[start:end].rstrip(",.)}]'"))


def _end_of_cookie(pair: re.Match[str], text: str, start: int) -> int:
    """Several cookies set at once are joined with a comma: each goes on for as long as attributes follow."""
    end = _end_of(pair, text, start)
    while text.startswith(",", end):
        after = _match_start(_MAP_END, text, end + 1)
        if not _COOKIE_GOES_ON.search(text, end, after):
            break
        end = after
    return end


def _match_start(pattern: re.Pattern[str], text: str, start: int) -> int:
    found = pattern.search(text, start)
    return found.start() if found else len(text)


def _string_end(text: str, opening: re.Match[str]) -> tuple[int, int]:
    """Where the contents of a quoted string end and where its closing quote does.

    A string inside a string carries backslashes before its quotes; one with ``n`` of them ends at the next quote
    that has ``n``, or ``n`` and an even number of escaped ones.  A cut string ends where the text does.
    """
    level = len(opening[1])
    for found in _CLOSING[opening[2]].finditer(text, opening.end()):
        if found[1] is None:
            return found.start(), found.start()
        if len(found[1]) <= level or (len(found[1]) - level) % (2 * (level + 1)) == 0:
            return found.end() - 1 - min(level, len(found[1])), found.end()
    return len(text), len(text)


def _mask_string(text: str, start: int, *, hide: Callable[[str], str]) -> tuple[str, int]:
    opening = _OPENING.match(text, start)
    assert opening is not None
    end, after = _string_end(text, opening)
    return opening[0] + hide(text[opening.end() : end]) + text[end:after], after


def _mask_said(text: str, start: int, *, hide: Callable[[str], str]) -> tuple[str, int]:
    """Mask what follows ``name: `` outside quotes, if it is a value and not how a sentence goes on."""
    scheme = _SCHEME.match(text, start)
    end = _match_start(_WORD_END, text, scheme.end() if scheme else start)
    value = text[start:end].rstrip(".)}]")
    end = start + len(value)
    if value.lower() in _VERDICT or (value.isalpha() and not _NOTHING_FOLLOWS.match(text, end)):
        return value, end
    return hide(value), end


def _mask_addresses(value: str) -> str:
    """Internet addresses without their last part."""
    return _IPV6.sub(r"\1*", _IPV4.sub(r"\1.*", value))


_IPV4 = re.compile(r"(?<![\d.])(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}(?![\d.])")
_IPV6 = re.compile(r"(?<![\w:.])((?:[0-9a-fA-F]{0,4}:){2,7})[0-9a-fA-F]{1,4}(?![\w:])")


def _walk(text: str, start: int) -> tuple[str, int]:
    """Mask every value of the object, map or array that starts here, however deep; names of values stay."""
    done: list[str] = []
    depth, kept = 0, False
    position = copied = start
    while found := _IN_OBJECT.search(text, position):
        position = found.end()
        if found["open"] or found["close"]:
            depth += 1 if found["open"] else -1
            if depth <= 0:
                break
            continue
        if found["name"]:
            kept = found["name"].rstrip("= ").lower() in _KEPT_IN_OBJECTS
            end = position if kept else _match_start(_MAP_END, text, position)
            masked = "" if kept else mask(text[position:end])
            done.append(text[copied:position] + masked)
            position = copied = end
            continue
        if found["plain"] == "TRUNCATED":
            continue
        name, masked, end = _scalar(text, found, kept=kept)
        kept = name is not None and name.lower() in _KEPT_IN_OBJECTS if name is not None else kept
        done.append(text[copied : found.start()] + masked)
        position = copied = end
    end = position if depth <= 0 else len(text)
    return "".join(done) + text[copied:end], end


def _scalar(text: str, found: re.Match[str], *, kept: bool) -> tuple[str | None, str, int]:
    """A string or plain word inside an object: its text if it names a value, what to write for it, where it ends."""
    if found["plain"]:
        value = found["plain"]
        return None, value if kept else mask(value), found.end()
    opening = _OPENING.match(text, found.start())
    assert opening is not None
    end, after = _string_end(text, opening)
    value = text[opening.end() : end]
    if _NAMES_A_VALUE.match(text, after):
        return value, text[found.start() : after], after
    return None, opening[0] + (value if kept else mask(value)) + text[end:after], after


_NAMES_A_VALUE = re.compile(r"\s{0,80}[:=]")


def _mask_rest(found: re.Match[str]) -> str:
    value = found[2]
    if value.startswith("{"):
        masked, end = _walk(value, 0)
        return found[1] + masked + value[end:]
    cut = _CUT.search(value)
    end = cut.start() if cut else len(value.rstrip())
    return found[1] + mask(value[:end]) + value[end:]


def _mask_second(found: re.Match[str]) -> str:
    return found[1] + mask(found[2])


def _mask_if_secret(found: re.Match[str]) -> str:
    return found[1] + (mask(found[3]) if _is_masked(_plain(found[2])) else found[3])


def _mask_bearer(found: re.Match[str]) -> str:
    return found[0] if found[2].lower() in _BEARER_PROSE else found[1] + mask(found[2])


def _mask_email(found: re.Match[str]) -> str:
    return MASK + found[2] + found[3] if found[3].rpartition(".")[2].isalpha() else found[0]


_BEARER_PROSE = frozenset({"authentication", "authorization", "credentials", "challenge"})

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str], tuple[str, ...]]
"""What to mask and how, and words without one of which there is nothing of the kind in a text."""

_SENTENCES: tuple[Rule, ...] = (
    (
        re.compile(r"((?:Incoming identity|policy for principal):[ \t]*)(\S[^\n]*)"),
        _mask_rest,
        ("identity:", "principal:"),
    ),
    (
        re.compile(
            r"(API Key:?[ \t]{1,8})(?!(?:not )?authorized|exceeded|and API|API Stage|ID\b|was )([^\s\"={}]{1,256})"
            r"(?=[ \t]{1,8}(?:(?:not )?authorized because|exceeded|and API Stage|API Stage)|\s*\Z|[ \t]*\n)"
        ),
        _mask_second,
        ("API Key",),
    ),
    (re.compile(r"(')([^'\n]++)(?=' not a valid key=value pair)"), _mask_second, ("not a valid key",)),
    (re.compile(r"(<([\w:.-]++)(?:\s[^<>]{0,200})?>)([^<]++)(?=</)"), _mask_if_secret, ("</",)),
    (re.compile(r"(\bname=\\?\"([^\"\\\n]{1,80})\\?\"(?:\r?\n|\\r\\n){2})([^\r\n\\]++)"), _mask_if_secret, ("name=",)),
    (
        re.compile(
            r"(\"(?:name|key)\"\s{0,8}:\s{0,8}\"([^\"\\]{1,80})\"\s{0,8},\s{0,8}\"value\"\s{0,8}:\s{0,8}\")([^\"\\]++)"
        ),
        _mask_if_secret,
        ('"value"',),
    ),
)
"""Sentences and mark-up that say by their words what the value is."""

_IN_SCHEME = re.compile(r"(?i)(\b(?:Bearer|Basic|Negotiate)(?:\s|%20|\+){1,4})([A-Za-z0-9._~+/=-]{8,}+)")

_FORMS: tuple[Rule, ...] = (
    (re.compile(r"()(eyJ[\w-]{10,}+(?:\.[\w-]*+){0,4})"), _mask_second, ("eyJ",)),
    (re.compile(r"()((?:AKIA|ASIA)[A-Z0-9]{12,}+)"), _mask_second, ("AKIA", "ASIA")),
    (
        re.compile(r"()((?:FwoGZXIvYXdz|FQoGZXIvYXdz|IQoJb3JpZ2lu)[\w/+=%-]++)"),
        _mask_second,
        ("oGZXIvYXdz", "IQoJb3JpZ2lu"),
    ),
    (
        re.compile(r"()((?:gh[pousr]_|github_pat_|xox[abeoprs]-|sk_live_|sk_test_|AIza)[\w-]{16,}+)"),
        _mask_second,
        ("gh", "xox", "sk_", "AIza"),
    ),
    (re.compile(r"(-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----)([^-]++)"), _mask_second, ("PRIVATE KEY",)),
    (re.compile(r"(://)([^/\s:@\"'<>]{1,256}:[^/\s@\"'<>]{1,256})(?=@)"), _mask_second, ("://",)),
    (re.compile(r"()(\*{9,}+)"), lambda found: MASK, ("*" * 9,)),
    (re.compile(r"(?<![\w.+-])([\w.+-]++)(@|%40)([A-Za-z0-9-]++(?:\.[A-Za-z0-9-]++)++)"), _mask_email, ("@", "%40")),
)
"""Values that are known by their own form, whatever stands before them."""

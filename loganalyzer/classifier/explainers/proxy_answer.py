"""Which field of a Lambda proxy response is not as API Gateway requires it.

The form: https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html. What is
taken in spite of it (a missing statusCode, one in quotes, null, a boolean as the value of a header) and what is not
(unknown fields) is known from tests that others ran against AWS, e.g. those of LocalStack.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from loganalyzer.classifier.explainers.cut_json import CUT, EMPTY, INVALID, Lost, Reading, kind_of, read
from loganalyzer.classifier.explainers.material import ANSWER_BODY, ANSWER_HEADERS, Material
from loganalyzer.classifier.explainers.wording import a, explained, listed, meant, no_json, quoted, shown
from loganalyzer.model import Explanation, Finding

FIELDS = ("statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded")
"""All that a proxy response may hold; any other field makes it malformed."""

LARGEST = 10 * 1024 * 1024
"""Bytes of payload that API Gateway passes on (https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html)."""

_FORM = "an object with statusCode, headers and body"
_NO_BASE64 = re.compile(r"[^A-Za-z0-9+/=\s]")
_ALSO = {"status": "statusCode", "code": "statusCode", "base64encoded": "isBase64Encoded"}
_FORMAT_2 = "a field of payload format 2.0, which only HTTP APIs know"
_LEFT_OUT = "the function's answer was left out of the copy"
_HIDDEN = "the function's answer is not in the log: data trace (full request and response logging) is off"


def explain_proxy_answer(material: Material) -> Explanation:
    """What is wrong with the answer of a function behind a proxy integration."""
    if ANSWER_BODY not in material.said:
        return Explanation(unseen=(_HIDDEN,) if material.complete and not material.traced else ())
    text, cut = material.text(ANSWER_BODY)
    size = _size(material)
    return size or _explained(text, cut=cut)


def explain_answer_encoding(material: Material) -> Explanation:
    """Whether the answer of a function is marked as base64 without being it."""
    text, cut = material.text(ANSWER_BODY)
    reading = read(text, cut=cut)
    if not isinstance(reading.value, dict) or "isBase64Encoded" not in reading.value:
        return Explanation()
    return explained(list(_encoding(reading.value, reading)))


def _size(material: Material) -> Explanation | None:
    headers, _ = material.text(ANSWER_HEADERS)
    length = re.search(r"\bContent-Length=(\d{1,18})\b", headers)
    if length is None or int(length[1]) <= LARGEST:
        return None
    return explained([Finding("the answer", f"{int(length[1]):,} bytes long", f"at most {LARGEST:,}")])


@lru_cache(maxsize=4096)
def _explained(text: str, *, cut: bool) -> Explanation:
    """The same faults come again and again."""
    reading = read(text, cut=cut)
    if kind_of(reading.value) == "unknown" and reading.state == CUT:
        return Explanation(unseen=(_LEFT_OUT,))
    whole = _whole_answer(reading)
    if whole is not None:
        return explained([whole])
    findings = list(_faults(reading))
    if findings:
        return explained(findings, unseen=("the rest of the answer is cut off",) if reading.state == CUT else ())
    return _no_fault(reading)


def _no_fault(reading: Reading) -> Explanation:
    if reading.state == CUT:
        seen = [name for name in FIELDS if name in reading.value]
        fine = f"no fault in what the log shows of the answer ({listed(seen, most=5)})" if seen else ""
        return Explanation(fine, unseen=("the answer is cut off in the log: the fault stands behind the cut",))
    if "statusCode" not in reading.value:
        missing = Finding("statusCode", "missing", "an integer")
        return explained([missing], notes=("answers without a statusCode have been seen to pass as 200",))
    return Explanation(unseen=("the answer in the log has the required form",))


def _whole_answer(reading: Reading) -> Finding | None:
    """What is wrong with the answer as a whole, None if it is an object that may be a response."""
    value, part = reading.value, "the answer"
    if reading.state == EMPTY:
        return Finding(part, "empty", _FORM)
    if reading.state == INVALID:
        return Finding(part, no_json(reading), _FORM)
    if isinstance(value, dict):
        return _other_object(value, part)
    if value is None:
        return Finding(part, "null (the function returned nothing)", _FORM)
    if isinstance(value, str) and value.lstrip().startswith("{"):
        return Finding(part, "a string that holds JSON", f"the object itself ({_FORM}): serialise the body alone")
    return Finding(part, shown(value, whole=reading.is_whole()), _FORM) if kind_of(value) != "unknown" else None


def _other_object(value: dict[str, Any], part: str) -> Finding | None:
    """Objects of another kind: errors of the function (logged so until 2018) and refusals of Lambda itself."""
    if value.keys() & set(FIELDS):
        return None
    if isinstance(value.get("errorMessage"), str):
        kind = value.get("errorType")
        said = f"{kind}: {value['errorMessage']}" if isinstance(kind, str) else value["errorMessage"]
        return Finding(part, f"an error object, as of a function that threw ({quoted(said)})", _FORM)
    said = next((value[name] for name in ("Message", "message") if isinstance(value.get(name), str)), "")
    if said and value.get("Type") in ("User", "Service"):
        return Finding(part, f"a refusal of the Lambda service ({quoted(said)})", _FORM)
    return None


def _faults(reading: Reading) -> Iterator[Finding]:
    """Everything that makes a response malformed, what is most certain first."""
    value: dict[str, Any] = reading.value
    yield from _types(reading)
    yield from _unknown_fields(value, reading)
    if "statusCode" not in value and reading.is_whole() and value.keys() - set(FIELDS):
        yield Finding("statusCode", "missing", "an integer")


def _types(reading: Reading) -> Iterator[Finding]:
    value: dict[str, Any] = reading.value
    if "statusCode" in value:
        yield from _status(value["statusCode"], whole=reading.is_whole("statusCode"))
    body = value.get("body")
    if isinstance(body, dict | list):
        yield Finding("body", a(body), "a string: serialise it (json.dumps, JSON.stringify)")
    for name in ("headers", "multiValueHeaders"):
        yield from _headers(name, value.get(name))
    yield from _encoding(value, reading)


def _status(status: Any, *, whole: bool) -> Iterator[Finding]:
    other = kind_of(status) in ("object", "list", "boolean", "null")
    words = isinstance(status, str) and whole and not re.fullmatch(r"\s*[+-]?\d{1,9}\s*", status)
    if other or words or (isinstance(status, float) and not status.is_integer()):
        yield Finding("statusCode", shown(status), "an integer")
    elif isinstance(status, int | float | str) and whole and not 100 <= float(status) <= 599:
        yield Finding("statusCode", shown(status), "a status from 100 to 599")


def _headers(name: str, headers: Any) -> Iterator[Finding]:
    if headers is None or isinstance(headers, Lost):
        return
    form = "an object of strings" if name == "headers" else "an object of lists of strings"
    if not isinstance(headers, dict):
        yield Finding(name, shown(headers), form)
        return
    for key, value in headers.items():
        part = f"{name}.{quoted(key, 40)}"
        if name == "headers" and isinstance(value, list):
            yield Finding(part, "a list", "a string: several values belong into multiValueHeaders")
        elif name == "headers" and isinstance(value, dict):
            yield Finding(part, "an object", "a string")
        elif name != "headers" and kind_of(value) not in ("list", "null", "unknown"):
            yield Finding(part, a(value), "a list of strings")


def _encoding(value: dict[str, Any], reading: Reading) -> Iterator[Finding]:
    flag, body = value.get("isBase64Encoded"), value.get("body")
    if flag is not None and not isinstance(flag, bool | Lost) and str(flag).lower() not in ("true", "false"):
        yield Finding("isBase64Encoded", shown(flag), "true or false")
    elif flag is True and isinstance(body, str) and not _is_base64(body, whole=reading.is_whole("body")):
        yield Finding("body", "not base64, though isBase64Encoded is true", "base64")


def _is_base64(text: str, *, whole: bool) -> bool:
    if _NO_BASE64.search(text):
        return False
    return not whole or len("".join(text.split()).rstrip("=")) % 4 != 1


def _unknown_fields(value: dict[str, Any], reading: Reading) -> Iterator[Finding]:
    strange = [name for name in value if name not in FIELDS]
    if "cookies" in strange:
        yield Finding("cookies", _FORMAT_2, "Set-Cookie in multiValueHeaders")
        strange.remove("cookies")
    for name in list(strange) if reading.is_whole() else ():
        right = _ALSO.get(name.lower()) or meant(name, FIELDS)
        if right and right not in value:
            yield Finding(quoted(name, 40), "an unknown field", right)
            strange.remove(name)
    if strange:
        fields = f"the unknown field{'s' if len(strange) > 1 else ''} {listed(strange)}"
        yield Finding("the answer", f"an object with {fields}", f"{_FORM} alone")

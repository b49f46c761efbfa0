"""What is wrong with the answer of a Lambda authorizer.

The form: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any

from loganalyzer import vocabulary as words
from loganalyzer.classifier.explainers.cut_json import CUT, EMPTY, INVALID, Lost, Reading, kind_of, read
from loganalyzer.classifier.explainers.function_error import error_in
from loganalyzer.classifier.explainers.material import RESULT, Material
from loganalyzer.classifier.explainers.wording import a, explained, listed, meant, no_json, quoted, shown
from loganalyzer.model import Explanation, Finding

FIELDS = ("principalId", "policyDocument", "context", "usageIdentifierKey")
"""All that an authorizer's answer may hold."""

LONGEST_RESOURCE = 512
"""Characters that the ARN in a statement may have."""

_UNRECOGNIZED = words.CE + "Invalid JSON in response: Unrecognized field"
_INVALID_JSON = words.CE + "Invalid JSON in response"
_FORM = "an object with principalId and policyDocument"
_VERSIONS = ("2012-10-17", "2008-10-17")
_INNER = ("Version", "Statement", "Id")
_TOKENS = {"START_ARRAY": "a list", "START_OBJECT": "an object"}
_ELEMENTS = ("Effect", "Action", "Resource")
_EFFECTS = ("Allow", "Deny")


def explain_authorizer_answer(material: Material) -> Explanation:
    """What API Gateway could not use of the authorizer's answer."""
    told = _told_by_the_failure(material)
    if RESULT not in material.said:
        hidden = ("the authorizer's answer is not in the log: data trace is off",)
        return explained(told, unseen=hidden if material.complete and not material.traced else ())
    text, cut = material.text(RESULT)
    found = _explained(text, cut=cut)
    parts = {finding.part for finding in found.findings}
    more = [finding for finding in told if not found.findings or finding.part not in parts | {"a value"}]
    merged = explained([*more, *found.findings] if more else found.findings, notes=found.notes, unseen=found.unseen)
    return merged if merged.detail else replace(merged, detail=found.detail)


def _told_by_the_failure(material: Material) -> list[Finding]:
    """What the failure's own sentence names: an unknown field, or a value that should be a string."""
    field = material.fields(_UNRECOGNIZED).get("field", "")
    if field:
        right = meant(field, FIELDS)
        return [Finding(quoted(field, 40), "an unknown field", right or f"one of {listed(FIELDS, most=4)}")]
    said = material.message(_INVALID_JSON).decode("utf-8", "replace")
    token = re.search(r"java\.lang\.String.{0,40}?out of (START_ARRAY|START_OBJECT)", said)
    return [Finding("a value", _TOKENS[token[1]], "a string (often one in context)")] if token else []


@lru_cache(maxsize=4096)
def _explained(text: str, *, cut: bool) -> Explanation:
    reading = read(text, cut=cut)
    whole = _whole_answer(reading)
    findings = [whole] if whole else list(_faults(reading))
    unseen = ("the rest of the answer is cut off",) if reading.state == CUT else ()
    if findings or reading.state == CUT:
        return explained(findings, unseen=unseen)
    return Explanation(unseen=("the answer in the log has the required form",))


def _whole_answer(reading: Reading) -> Finding | None:
    value, part = reading.value, "the answer"
    if reading.state == EMPTY:
        return Finding(part, "empty", _FORM)
    if reading.state == INVALID:
        return Finding(part, no_json(reading), _FORM)
    if value is None:
        return Finding(part, "null (the function returned nothing)", _FORM)
    if not isinstance(value, dict):
        return Finding(part, shown(value, whole=reading.is_whole()), _FORM) if kind_of(value) != "unknown" else None
    if value.keys() & {"principalId", "policyDocument"}:
        return None
    error = error_in(value)
    if error is not None:
        return Finding(part, f"an error object ({quoted(error.said)})", _FORM)
    return _of_another_kind(value, part)


def _of_another_kind(value: dict[str, Any], part: str) -> Finding | None:
    """Answers that belong elsewhere."""
    if "isAuthorized" in value:
        return Finding(part, "a simple response with isAuthorized, which only HTTP APIs know", _FORM)
    if "statusCode" in value:
        return Finding(
            part, "a proxy response with statusCode", f"{_FORM}: to refuse, return Deny or throw Unauthorized"
        )
    if "Statement" in value:
        return Finding(part, "the bare policy", f"{_FORM}: put the policy into policyDocument")
    return None


def _faults(reading: Reading) -> Iterator[Finding]:
    value: dict[str, Any] = reading.value
    yield from _required(value, reading)
    for name in value:
        if name not in FIELDS:
            yield Finding(quoted(name, 40), "an unknown field", meant(name, FIELDS) or "in context, if anywhere")
    yield from _policy(value.get("policyDocument"), reading)
    yield from _context(value.get("context"))
    key = value.get("usageIdentifierKey")
    if kind_of(key) not in ("string", "null", "unknown"):
        yield Finding("usageIdentifierKey", a(key), "a string: an API key of the usage plan")


def _required(value: dict[str, Any], reading: Reading) -> Iterator[Finding]:
    for name, kind in (("principalId", "string"), ("policyDocument", "object")):
        if name not in value:
            if reading.is_whole():
                yield Finding(name, "missing", f"{a('' if kind == 'string' else {})}")
        elif kind_of(value[name]) not in (kind, "unknown"):
            hint = ": return the policy itself, not its JSON" if name == "policyDocument" else ""
            found = a(value[name])
            yield Finding(name, found, (a("") if kind == "string" else a({})) + (hint if found == "a string" else ""))


def _policy(policy: Any, reading: Reading) -> Iterator[Finding]:
    if not isinstance(policy, dict):
        return
    whole = reading.is_whole("policyDocument")
    version = policy.get("Version")
    if "Version" in policy and reading.is_whole("policyDocument", "Version") and version not in _VERSIONS:
        yield Finding("Version", shown(version), "'2012-10-17'")
    elif "Version" not in policy and whole:
        yield Finding("Version", "missing", "'2012-10-17'")
    for name in policy:
        if name not in _INNER:
            right = "in a Statement" if name in _ELEMENTS else meant(name, _INNER) or f"one of {listed(_INNER)}"
            yield Finding(f"policyDocument.{quoted(name, 40)}", "an unknown field", right)
    if "Statement" not in policy:
        if whole:
            yield Finding("Statement", "missing", "a list of statements")
        return
    yield from _statements(policy["Statement"], reading)


def _statements(listing: Any, reading: Reading) -> Iterator[Finding]:
    if isinstance(listing, dict):
        yield from _statement(listing, "the statement", ("policyDocument", "Statement"), reading)
    elif isinstance(listing, list):
        for number, one in enumerate(listing):
            part = f"statement {number + 1}" if len(listing) > 1 else "the statement"
            yield from _statement(one, part, ("policyDocument", "Statement", number), reading)
        if not listing and reading.is_whole("policyDocument", "Statement"):
            yield Finding("Statement", "an empty list", "a list of statements")
    elif kind_of(listing) != "unknown":
        yield Finding("Statement", shown(listing), "a list of statements")


def _statement(one: Any, part: str, path: tuple[str | int, ...], reading: Reading) -> Iterator[Finding]:
    if not isinstance(one, dict):
        if kind_of(one) != "unknown":
            yield Finding(part, shown(one), "an object with Effect, Action and Resource")
        return
    whole = reading.is_whole(*path)
    for name in _ELEMENTS:
        if name in one:
            if reading.is_whole(*path, name):
                yield from _element(name, one[name], f"{name} of {part}")
        elif whole and f"Not{name}" not in one:
            written = next((key for key in one if key.lower() == name.lower()), "")
            yield Finding(
                f"{name} of {part}", f"missing ('{written}' is not it)" if written else "missing", _rule(name)
            )


def _element(name: str, value: Any, part: str) -> Iterator[Finding]:
    if name == "Effect":
        if value not in _EFFECTS:
            yield Finding(part, shown(value), _rule(name))
        return
    if not isinstance(value, list):
        value = [value]
    elif not value:
        yield Finding(part, "an empty list", _rule(name))
    for entry in value:
        if not isinstance(entry, str) or not entry or (name == "Resource" and not _is_resource(entry)):
            yield Finding(part, shown(entry), _rule(name))
        elif name == "Resource" and len(entry) > LONGEST_RESOURCE:
            yield Finding(part, f"{len(entry)} characters long", f"at most {LONGEST_RESOURCE}")


def _is_resource(text: str) -> bool:
    return text[0] in "*?" or text.startswith("arn:")


def _rule(name: str) -> str:
    return {"Effect": "Allow or Deny", "Action": "execute-api:Invoke", "Resource": "the ARN of a method, or *"}[name]


def _context(context: Any) -> Iterator[Finding]:
    if context is None or isinstance(context, Lost):
        return
    if not isinstance(context, dict):
        yield Finding("context", shown(context), "a flat object")
        return
    for name, value in context.items():
        if isinstance(value, dict | list):
            yield Finding(f"context.{quoted(name, 40)}", a(value), "a string, number or boolean")

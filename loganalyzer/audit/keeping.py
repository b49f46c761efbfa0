"""What is kept of an answer: what a check reads, and never a secret.

Environment variables of functions and values of API keys are dropped before anything else sees them; constants, stage
variables and templates are masked as log text is, except where a name of a function or host stands in a variable.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from loganalyzer.audit import calls
from loganalyzer.audit.shapes import mapping, mappings, text
from loganalyzer.redact import MASK, redact

_FUNCTION = (
    "FunctionName", "FunctionArn", "Version", "Runtime", "Role", "Timeout", "MemorySize", "State", "StateReason",
    "StateReasonCode", "LastUpdateStatus", "LastUpdateStatusReason", "LastUpdateStatusReasonCode", "LoggingConfig",
    "PackageType",
)  # fmt: skip
_KEY = ("id", "name", "enabled", "stageKeys")
_CALLER = ("Account",)
_DROPPED = frozenset({"tags", "Tags", "ResponseMetadata", "pemEncodedCertificate", "description", "Description"})
_AS_IT_IS = frozenset(
    {"policy", "Policy", "AssumeRolePolicyDocument", "x-amazon-apigateway-policy", "format", "Format"}
    | {"identitySource", "IdentitySource", "uri", "IntegrationUri", "authorizerUri", "AuthorizerUri"}
    | {"identityValidationExpression", "selectionPattern", "responseType", "type"}
)
"""Holds no secret by its nature, and masking would take away what a check reads; URIs are masked by their forms."""
_DEEPEST = 40
_VARIABLE = re.compile(r"\$\{stageVariables\.(\w{1,128})\}")
_NAMES_WHAT_IS_CALLED = re.compile(r"function:[^/]{0,300}|^https?://[^/?#]{0,300}")


def kept(operation: str, body: Mapping[str, object]) -> dict[str, object]:
    """What is kept of the answer to ``operation``, masked; a new object."""
    if operation == calls.GET_FUNCTION:
        body = {name: body[name] for name in _FUNCTION if name in body}
    elif operation == calls.GET_API_KEYS:
        keys = mappings(body.get("items"))
        body = {"items": [{name: key[name] for name in _KEY if name in key} for key in keys]}
    elif operation == calls.GET_CALLER:
        body = {name: body[name] for name in _CALLER if name in body}
    masked = _masked(body, name="", depth=0)
    return masked if isinstance(masked, dict) else {}


def _masked(value: object, *, name: str, depth: int) -> object:
    if depth > _DEEPEST:
        return None
    if isinstance(value, Mapping):
        inside = {str(key): one for key, one in value.items() if key not in _DROPPED}
        if name == "Environment":
            return None
        return {key: _masked(one, name=key, depth=depth + 1) for key, one in inside.items()}
    if isinstance(value, list | tuple):
        return [_masked(one, name=name, depth=depth + 1) for one in value]
    return _masked_text(value, name) if isinstance(value, str) else value


def _masked_text(value: str, name: str) -> str:
    if name in ("uri", "IntegrationUri"):
        return redact(value)
    if name in _AS_IT_IS or name in ("variables", "StageVariables", "stageVariableOverrides"):
        return value
    before = f"{name}="
    masked = redact(before + value)
    return masked.removeprefix(before) if masked.startswith(before) else redact(value)


def names_called(uris: Iterable[str]) -> frozenset[str]:
    """The stage variables that stand for the name of a function or of a host in one of the URIs."""
    return frozenset(name for uri in uris for name in _names_in(uri))


def _names_in(uri: str) -> Iterator[str]:
    for part in _NAMES_WHAT_IS_CALLED.finditer(uri):
        yield from _VARIABLE.findall(part[0])


def with_variables_masked(stage: dict[str, object], *, known: frozenset[str]) -> dict[str, object]:
    """The stage with every variable masked that is not ``known`` to name a function or a host."""
    shown = dict(stage)
    for key in ("variables", "StageVariables"):
        if key in stage:
            shown[key] = _hidden(mapping(stage[key]), known=known)
    canary = mapping(stage.get("canarySettings"))
    if "stageVariableOverrides" in canary:
        overrides = _hidden(mapping(canary["stageVariableOverrides"]), known=known)
        shown["canarySettings"] = {**canary, "stageVariableOverrides": overrides}
    return shown


def _hidden(variables: Mapping[str, object], *, known: frozenset[str]) -> dict[str, str]:
    return {name: text(value) if name in known else MASK for name, value in variables.items()}

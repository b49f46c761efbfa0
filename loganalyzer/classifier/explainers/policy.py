"""The policy that an authorizer returned, evaluated against the method that was called, as API Gateway does.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

ALLOW, EXPLICIT_DENY, IMPLICIT_DENY = "policy_allows", "policy_denies", "policy_does_not_match"


def judge(result: bytes, method_arn: str) -> str | None:
    """What the policy in an authorizer's result says of a method: the name of a fact, or None if it cannot be told.

    ``result`` is the JSON text that the function returned; it cannot be told if that is cut or no policy, if a
    statement has conditions or negations, or if the method is unknown and the policy does not treat all alike.
    """
    try:
        answer = msgspec.json.decode(result)
        statements = _listed(answer["policyDocument"]["Statement"])
        if not all(_plain(statement) for statement in statements):
            return None
        matching = [statement for statement in statements if _covers(statement, method_arn)]
        if not method_arn and len(matching) < len(statements):
            return None
    except (msgspec.MsgspecError, ValueError, KeyError, TypeError, RecursionError):
        return None
    effects = {str(statement["Effect"]).lower() for statement in matching}
    if "deny" in effects:
        return EXPLICIT_DENY
    return ALLOW if "allow" in effects else IMPLICIT_DENY


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _plain(statement: Any) -> bool:
    return isinstance(statement, dict) and {"Effect", "Action", "Resource"} <= statement.keys() <= {
        "Sid", "Effect", "Action", "Resource", "Principal"
    }  # fmt: skip


def _covers(statement: dict[str, Any], method_arn: str) -> bool:
    actions: Iterable[str] = (str(action).lower() for action in _listed(statement["Action"]))
    resources = (str(resource) for resource in _listed(statement["Resource"]))
    return any(matches(action, "execute-api:invoke") for action in actions) and any(
        matches(resource, method_arn) if method_arn else resource == "*" for resource in resources
    )


def matches(pattern: str, text: str) -> bool:
    """Whether ``text`` fits a policy's wildcard ``pattern`` (``*`` any run, ``?`` one character)."""
    at = place = mark = 0
    star = -1
    while at < len(text):
        if place < len(pattern) and pattern[place] == "*":
            star, mark = place, at
            place += 1
        elif place < len(pattern) and pattern[place] in ("?", text[at]):
            place += 1
            at += 1
        elif star >= 0:
            place, mark = star + 1, mark + 1
            at = mark
        else:
            return False
    return all(letter == "*" for letter in pattern[place:])

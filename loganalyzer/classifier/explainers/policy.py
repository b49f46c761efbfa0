"""The policy that an authorizer returned, evaluated against the method that was called, as API Gateway does.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
"""

from __future__ import annotations

import enum
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from loganalyzer.classifier.explainers.cut_json import Reading, read
from loganalyzer.parser.reader import TRUNCATED

ALLOW, EXPLICIT_DENY, IMPLICIT_DENY = "policy_allows", "policy_denies", "policy_does_not_match"

_KNOWN = frozenset({"Sid", "Effect", "Action", "Resource", "Principal"})
_NEGATED = ("NotAction", "NotResource", "NotPrincipal")


class Covers(enum.Enum):
    """Whether a statement is about a call; ``PERHAPS`` where that depends on what the log does not show."""

    NO = 0
    YES = 1
    PERHAPS = 2


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement as far as it matters here: ``number`` counts from 1; ``why`` says what ``covers`` rests on.

    ``allows`` is None for an effect that is neither Allow nor Deny.
    """

    number: int
    allows: bool | None
    resources: tuple[str, ...]
    covers: Covers
    why: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a policy says of a call: the name of a fact, None if it cannot be told, and its statements one by one."""

    fact: str | None
    statements: tuple[Statement, ...] = ()


def judge(result: bytes, method_arn: str) -> str | None:
    """What the policy in an authorizer's result says of a method: the name of a fact, or None if it cannot be told.

    ``result`` is the JSON text that the function returned. It cannot be told if that is no policy, if a statement that
    may decide has conditions or negations, if the method is unknown and the policy does not treat all alike, or if the
    text is cut: unless a statement before the cut denies, which nothing behind it can undo.
    """
    text = result.strip()
    cut = text.endswith(TRUNCATED)
    reading = read(text.removesuffix(TRUNCATED).decode("utf-8", "replace"), cut=cut)
    if reading.is_whole():
        return evaluate(reading.value, method_arn).fact
    return EXPLICIT_DENY if evaluate(before_cut(reading), method_arn).fact == EXPLICIT_DENY else None


def before_cut(reading: Reading) -> dict[str, Any]:
    """The answer of an authorizer with those statements of its policy alone that stand in the text as a whole."""
    path = ("policyDocument", "Statement")
    value: Any = reading.value
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    whole = [one for at, one in enumerate(value) if reading.is_whole(*path, at)] if isinstance(value, list) else []
    return {"policyDocument": {"Statement": whole}}


def evaluate(answer: Any, method_arn: str) -> Verdict:
    """What an authorizer's whole answer says of a method: explicit denials first, then what is allowed.

    Negations are known in IAM's policies but documented nowhere for authorizers, so they decide nothing.
    """
    try:
        listing = _listed(answer["policyDocument"]["Statement"])
        statements = tuple(_statement(one, number, method_arn) for number, one in enumerate(listing, start=1))
    except (KeyError, TypeError, AttributeError):
        return Verdict(None)
    return Verdict(_decided(statements), statements)


def _decided(statements: Sequence[Statement]) -> str | None:
    covering = {one.allows for one in statements if one.covers is Covers.YES}
    doubtful = {one.allows for one in statements if one.covers is Covers.PERHAPS}
    if None in covering | doubtful:
        return None
    for allows, fact in ((False, EXPLICIT_DENY), (True, ALLOW)):
        if allows in covering:
            return fact
        if allows in doubtful:
            return None
    return IMPLICIT_DENY


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _statement(one: Any, number: int, method_arn: str) -> Statement:
    effect = str(one.get("Effect", "")).lower()
    allows = {"allow": True, "deny": False}.get(effect)
    resources = tuple(str(resource) for resource in _listed(one.get("Resource", [])))
    covers, why = _coverage(one, resources, method_arn)
    return Statement(number, allows, resources, covers, why)


def _coverage(one: dict[str, Any], resources: Sequence[str], method_arn: str) -> tuple[Covers, str]:
    """Whether a statement is about calling this method, and why that is open if it is."""
    actions = [str(action).lower() for action in _listed(one.get("Action", []))]
    if "Action" in one and not any(matches(action, "execute-api:invoke") for action in actions):
        return Covers.NO, "it is about another action"
    if method_arn and "Resource" in one and not any("${" in text or matches(text, method_arn) for text in resources):
        return Covers.NO, "it is about other methods"
    if not {"Effect", "Action", "Resource"} <= one.keys() <= _KNOWN:
        return Covers.PERHAPS, _doubt(one)
    if any(resource == "*" or (method_arn and matches(resource, method_arn)) for resource in resources):
        return Covers.YES, ""
    if any("${" in text for text in resources):
        return Covers.PERHAPS, "its resource has a variable"
    return (Covers.PERHAPS, "the method is not in the log") if resources else (Covers.NO, "it names no method")


def _doubt(one: dict[str, Any]) -> str:
    negated = [name for name in _NEGATED if name in one]
    if negated:
        return f"it has {' and '.join(negated)}, which is documented for IAM, not for authorizers"
    if "Condition" in one:
        return "it has a Condition on values that the log does not show"
    missing = [name for name in ("Effect", "Action", "Resource") if name not in one]
    return f"it has no {' and no '.join(missing)}" if missing else "it has elements of an unknown kind"


_LITERAL = re.compile(r"[^*?]*")


def matches(pattern: str, text: str) -> bool:
    """Whether ``text`` fits a policy's wildcard ``pattern`` (``*`` any run, ``?`` one character)."""
    head = _LITERAL.match(pattern)
    literal = head[0] if head else ""
    if not text.startswith(literal):
        return False
    at = place = len(literal)
    mark, star = 0, -1
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

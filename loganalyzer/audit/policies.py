"""Resource policies of functions and trust policies of roles: whether they let API Gateway in.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

import enum
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import unquote

from loganalyzer.audit.shapes import listed, mapping, mappings, text, texts
from loganalyzer.classifier.explainers.policy import matches

GATEWAY = "apigateway.amazonaws.com"
"""The service that calls functions and takes on roles."""

Conditions: TypeAlias = tuple[tuple[str, str, tuple[str, ...]], ...]
"""Operator, key and values, the first two in lower case."""


class Verdict(enum.Enum):
    """Whether a policy lets something happen; UNSURE where a condition cannot be judged from here."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a policy; ``services`` are the principals, ``*`` for everybody."""

    allows: bool
    services: tuple[str, ...]
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: Conditions
    negated: bool = False

    @property
    def sources(self) -> tuple[str, ...]:
        """The source ARNs that the statement is limited to."""
        return tuple(value for _, key, values in self.conditions if key == "aws:sourcearn" for value in values)


def statements_of(policy: object) -> tuple[Statement, ...]:
    """The statements of a policy: an object, its JSON text, or that text URL-encoded or with escaped quotes."""
    document = mapping(_decoded(policy))
    return tuple(_statement(one) for one in mappings(document.get("Statement")))


def _decoded(policy: object) -> object:
    if not isinstance(policy, str):
        return policy
    for written in (policy, unquote(policy), policy.replace('\\"', '"')):
        try:
            document: object = json.loads(written)
        except (ValueError, RecursionError):
            continue
        return document
    return None


def _statement(one: Mapping[str, object]) -> Statement:
    principal = one.get("Principal")
    services = (*texts(mapping(principal).get("Service")), *_everybody(principal))
    return Statement(
        allows=text(one.get("Effect")) == "Allow",
        services=services,
        actions=tuple(action.lower() for action in texts(one.get("Action"))),
        resources=texts(one.get("Resource")),
        conditions=tuple(_conditions(mapping(one.get("Condition")))),
        negated=bool({"NotPrincipal", "NotAction", "NotResource"} & one.keys()),
    )


def _everybody(principal: object) -> tuple[str, ...]:
    return ("*",) if principal == "*" or "*" in texts(mapping(principal).get("AWS")) else ()


def _conditions(condition: Mapping[str, object]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for operator, keys in condition.items():
        for key, values in mapping(keys).items():
            yield operator.lower(), key.lower(), tuple(str(value) for value in listed(values))


def lets_invoke(statements: Iterable[Statement], *, sources: Iterable[str], account: str) -> Verdict:
    """Whether a function's policy lets API Gateway call it.

    ``sources`` are forms of the ARN that API Gateway presents, one of which must fit; ``account`` is that of the API.
    """
    return _judged(statements, action="lambda:invokefunction", sources=tuple(sources), account=account)


def lets_assume(statements: Iterable[Statement], *, account: str) -> Verdict:
    """Whether a role's trust policy lets API Gateway take it on."""
    return _judged(statements, action="sts:assumerole", sources=(), account=account)


def _judged(statements: Iterable[Statement], *, action: str, sources: tuple[str, ...], account: str) -> Verdict:
    verdict = Verdict.NO
    for statement in statements:
        held = _holds(statement, action=action, sources=sources, account=account)
        if held is Verdict.NO:
            continue
        if not statement.allows:
            return Verdict.NO if held is Verdict.YES else Verdict.UNSURE
        verdict = Verdict.YES if Verdict.YES in (held, verdict) else Verdict.UNSURE
    return verdict


def _holds(statement: Statement, *, action: str, sources: tuple[str, ...], account: str) -> Verdict:
    if statement.negated:
        return Verdict.UNSURE
    if not ({"*", GATEWAY} & set(statement.services) and any(matches(one, action) for one in statement.actions)):
        return Verdict.NO
    verdicts = {_meets(one, sources=sources, account=account) for one in statement.conditions}
    if Verdict.NO in verdicts:
        return Verdict.NO
    return Verdict.UNSURE if Verdict.UNSURE in verdicts else Verdict.YES


def _meets(condition: tuple[str, str, tuple[str, ...]], *, sources: tuple[str, ...], account: str) -> Verdict:
    operator, key, values = condition
    if key == "aws:sourcearn" and operator.removesuffix("ifexists") in _LIKE:
        if not sources:
            return Verdict.UNSURE
        return _said(any(matches(value, source) for value in values for source in sources))
    if key == "aws:sourceaccount" and operator.removesuffix("ifexists") in _LIKE:
        return _said(account in values) if account else Verdict.UNSURE
    if key == "lambda:functionurlauthtype":  # only calls of a function's own URL carry it
        return Verdict.NO
    return Verdict.UNSURE


def _said(yes: bool) -> Verdict:  # noqa: FBT001
    return Verdict.YES if yes else Verdict.NO


_LIKE = frozenset({"arnlike", "arnequals", "stringlike", "stringequals", "stringequalsignorecase"})

"""The policy of an authorizer is judged as API Gateway judges it, and not at all where the log does not show enough."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loganalyzer.classifier.explainers.policy import (
    ALLOW,
    EXPLICIT_DENY,
    IMPLICIT_DENY,
    Covers,
    evaluate,
    judge,
    matches,
)

API = "arn:aws:execute-api:eu-west-1:123456789012:abcde12345"
ARN = f"{API}/prod/GET/orders/17"

Statement = dict[str, Any]


def statement(effect: str, resource: str | list[str], **more: Any) -> Statement:
    """A statement about calling methods, with ``more`` in it."""
    return {"Action": "execute-api:Invoke", "Effect": effect, "Resource": resource} | more


def answer(*statements: Statement) -> bytes:
    """What an authorizer's function returns."""
    policy = {"Version": "2012-10-17", "Statement": list(statements)}
    return json.dumps({"principalId": "guest", "policyDocument": policy}).encode()


JUDGED: dict[str, tuple[list[Statement], str | None]] = {
    "allow": ([statement("Allow", "*")], ALLOW),
    "deny": ([statement("Deny", ARN)], EXPLICIT_DENY),
    "a Deny wins, last": ([statement("Allow", "*"), statement("Deny", f"{API}/prod/GET/*")], EXPLICIT_DENY),
    "a Deny wins, first": ([statement("Deny", f"{API}/*/GET/orders/1?"), statement("Allow", "*")], EXPLICIT_DENY),
    "another path": ([statement("Allow", f"{API}/prod/GET/menu")], IMPLICIT_DENY),
    "another verb": ([statement("Deny", f"{API}/prod/POST/*")], IMPLICIT_DENY),
    "no statement": ([], IMPLICIT_DENY),
    "a list of resources": ([statement("Allow", [f"{API}/prod/GET/menu", f"{API}/prod/*"])], ALLOW),
    "a list of actions": ([statement("Allow", "*", Action=["s3:GetObject", "execute-api:*"])], ALLOW),
    "action in capitals": ([statement("Allow", "*", Action="EXECUTE-API:INVOKE")], ALLOW),
    "any action": ([statement("Deny", "*", Action="*")], EXPLICIT_DENY),
    "another action": ([statement("Deny", "*", Action="execute-api:ManageConnections")], IMPLICIT_DENY),
    "effect in small letters": ([statement("deny", "*")], EXPLICIT_DENY),
    "with Sid and Principal": ([statement("Allow", "*", Sid="one", Principal="*")], ALLOW),
    "a condition": ([statement("Deny", "*", Condition={"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}})], None),
    "a condition beside others": ([statement("Allow", "*"), statement("Deny", "*", Condition={})], None),
    "NotResource": ([{"Action": "execute-api:Invoke", "Effect": "Allow", "NotResource": ARN}], None),
    "NotAction": ([{"NotAction": "execute-api:Invoke", "Effect": "Allow", "Resource": "*"}], None),
    "no effect": ([{"Action": "execute-api:Invoke", "Resource": "*"}], None),
}


@pytest.mark.parametrize(("statements", "verdict"), JUDGED.values(), ids=JUDGED.keys())
def test_judgement(statements: list[Statement], verdict: str | None) -> None:
    """Explicit before implicit, lists as single values, and no word on what depends on more than the method."""
    assert judge(answer(*statements), ARN) == verdict


@pytest.mark.parametrize("result", [
    b"", b"null", b"[]", b'"Allow"', b"{}", b'{"policyDocument":null}', b'{"policyDocument":{"Statement":"Allow"}}',
    b'{"policyDocument":{"Statement":[null]}}', b"\xff\xfe", answer(statement("Allow", "*"))[:-3],
    answer(statement("Deny", "*"))[:60] + b" [TRUNCATED]", answer(statement("Deny", "*"))[:-6],
])  # fmt: skip
def test_what_is_cut_or_no_policy_is_not_judged(result: bytes) -> None:
    """A result that is cut, null or of another form says nothing about the method."""
    assert judge(result, ARN) is None


def test_a_denial_before_the_cut_is_enough() -> None:
    """Nothing that stands behind a Deny can undo it."""
    whole = answer(statement("Deny", f"{API}/prod/GET/*"), statement("Allow", "*"))
    cut = whole[: whole.index(b'"Allow"')] + b" [TRUNCATED]"
    assert judge(cut, ARN) == EXPLICIT_DENY
    assert judge(cut, f"{API}/prod/POST/orders") is None


def test_one_statement_need_not_be_a_list() -> None:
    """The policy language allows a single statement without brackets."""
    result = {"policyDocument": {"Statement": statement("Deny", "*")}}
    assert judge(json.dumps(result).encode(), ARN) == EXPLICIT_DENY


def test_without_the_method_only_a_policy_for_everything_is_judged() -> None:
    """Where the method is unknown, statements about some resources leave it open."""
    assert judge(answer(statement("Deny", "*")), "") == EXPLICIT_DENY
    assert judge(answer(statement("Deny", "*"), statement("Allow", f"{API}/prod/GET/*")), "") == EXPLICIT_DENY
    assert judge(answer(statement("Allow", "*"), statement("Deny", f"{API}/prod/GET/*")), "") is None
    assert judge(answer(statement("Allow", f"{API}/*")), "") is None


def reference(pattern: str, text: str) -> bool:
    """The same question, put to a regular expression."""
    parts = {"*": ".*", "?": "."}
    expression = "".join(parts.get(letter, re.escape(letter)) for letter in pattern)
    return re.fullmatch(expression, text, re.DOTALL) is not None


@settings(deadline=None)
@given(st.text("ab/*?", max_size=12), st.text("ab/", max_size=12))
def test_wildcards_mean_what_they_mean_elsewhere(pattern: str, text: str) -> None:
    """``*`` stands for any run of characters, ``?`` for one, everything else for itself."""
    assert matches(pattern, text) == reference(pattern, text)


@settings(deadline=None)
@given(st.text("ab*?", max_size=8), st.text(max_size=8))
def test_any_text_may_be_matched(pattern: str, text: str) -> None:
    """Line breaks and wildcards in the text itself are characters like any other."""
    assert matches(pattern, text) == reference(pattern, text)


def test_many_wildcards_take_no_time() -> None:
    """A policy cannot be written that keeps the tool busy."""
    assert not matches("*a" * 200 + "b", "a" * 2_000)


@settings(deadline=None)
@given(st.binary(max_size=200), st.text(max_size=40))
def test_nothing_raises(result: bytes, arn: str) -> None:
    """Whatever an authorizer returned, judging it ends in a verdict or in none."""
    assert judge(result, arn) in {ALLOW, EXPLICIT_DENY, IMPLICIT_DENY, None}


RESOURCES = st.sampled_from([
    "*", f"{API}/*", f"{API}/prod/*", f"{API}/prod/GET/orders/*", f"{API}/*/GET/orders/1?", ARN, f"{API}/test/*", "?",
    f"{API}/prod/POST/*", f"{API}/prod/GET/menu", "arn:aws:execute-api:*",
])  # fmt: skip
STATEMENTS = st.fixed_dictionaries(
    {
        "Effect": st.sampled_from(["Allow", "Deny"]),
        "Action": st.sampled_from(
            ["execute-api:Invoke", "*", "execute-api:*", ["s3:Get*", "execute-api:in*"], "s3:*", []]
        ),
    },
    optional={
        "Resource": RESOURCES | st.lists(RESOURCES, max_size=3),
        "NotResource": RESOURCES,
        "Condition": st.just({"Bool": {"aws:SecureTransport": "true"}}),
    },
)


def plainly(statements: list[Statement], arn: str, *, conditions: bool, negations: bool) -> str:
    """A plain reading of the policy, in which all conditions, and all negations, hold or do not hold."""

    def listed(value: Any) -> list[str]:
        return value if isinstance(value, list) else [value]

    def covers(one: Statement) -> bool:
        about = any(reference(action.lower(), "execute-api:invoke") for action in listed(one["Action"]))
        named = any(reference(resource, arn) for resource in listed(one.get("Resource", [])))
        if "NotResource" in one:
            named = negations and ("Resource" not in one or named)
        elif "Resource" not in one:
            named = negations
        return about and named and (conditions or "Condition" not in one)

    effects = {one["Effect"] for one in statements if covers(one)}
    return EXPLICIT_DENY if "Deny" in effects else ALLOW if "Allow" in effects else IMPLICIT_DENY


@given(st.lists(STATEMENTS, max_size=4))
def test_judgement_is_that_of_a_plain_reading(statements: list[Statement]) -> None:
    """Where a verdict is given, every reading of what the log does not show comes to it; where none is, they differ."""
    readings = {
        plainly(statements, ARN, conditions=conditions, negations=negations)
        for conditions in (False, True)
        for negations in (False, True)
    }
    verdict = judge(answer(*statements), ARN)
    if verdict is not None:
        assert readings == {verdict}
    else:
        assert any({"NotResource", "Condition"} & one.keys() or "Resource" not in one for one in statements)


def test_every_statement_is_accounted_for() -> None:
    """Of each statement is said whether it is about the call, and what that rests on."""
    statements = [
        statement("Allow", f"{API}/prod/GET/*"),
        statement("Deny", "*", Action="s3:GetObject"),
        statement("Deny", f"{API}/prod/POST/*", Condition={"Bool": {}}),
        statement("Deny", f"{API}/prod/GET/${{aws:username}}"),
    ]
    verdict = evaluate(json.loads(answer(*statements)), ARN)
    assert [one.covers for one in verdict.statements] == [Covers.YES, Covers.NO, Covers.NO, Covers.PERHAPS]
    assert [one.number for one in verdict.statements] == [1, 2, 3, 4]
    assert verdict.fact is None

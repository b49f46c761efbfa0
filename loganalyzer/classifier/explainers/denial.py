"""Why a policy refused a call: the statement that denied, or why none covers the method."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from loganalyzer.classifier.explainers.cut_json import Reading, read
from loganalyzer.classifier.explainers.material import RESULT, Material
from loganalyzer.classifier.explainers.policy import (
    EXPLICIT_DENY,
    IMPLICIT_DENY,
    Covers,
    Statement,
    Verdict,
    before_cut,
    evaluate,
    matches,
)
from loganalyzer.classifier.explainers.wording import listed, quoted
from loganalyzer.model import Explanation, Finding

_PARTS = ("API", "stage", "method", "path")
CACHED = (
    "the policy came from the authorizer's cache: the function was not called, an earlier request's policy was applied"
)


_CALLERS = ("User: anonymous is not authorized to perform", "User: arn:… is not authorized to perform")


def explain_denial(material: Material) -> Explanation:
    """Which statement of the authorizer's policy refused the call, as far as the policy is in the log."""
    if RESULT not in material.said:
        return _unseen_policy(material)
    text, cut = material.text(RESULT)
    return _explained(text, material.method_arn(), cut=cut)


def _unseen_policy(material: Material) -> Explanation:
    if material.authorizer == "cached":
        return Explanation(CACHED)
    if material.category == "RESOURCE_POLICY_DENY":
        told = next((found for head in _CALLERS if (found := material.fields(head))), None)
        return (
            _refused(told)
            if told
            else Explanation(unseen=("resource policies and the caller's IAM policies are never in this log",))
        )
    return Explanation(unseen=("the authorizer's policy is not in the log",) if material.complete else ())


def _refused(told: Mapping[str, str]) -> Explanation:
    """Who may not call what, as the line says; only for somebody who signed may a policy of their own be at fault."""
    caller, arn = told.get("caller", ""), told.get("resource_arn", "")
    why = "a Deny statement covers the call" if told.get("explicit") else "no statement allows the call"
    if caller == "anonymous":
        whose = "the caller did not sign, so the API's resource policy or its VPC endpoint's decides"
    else:
        whose = "the caller's IAM policy, the API's resource policy or its VPC endpoint's decides"
    who = "a caller who did not sign" if caller == "anonymous" else quoted(caller)
    return Explanation(f"{who} may not call {target(arn)}: {why}", notes=(whose,))


@lru_cache(maxsize=4096)
def _explained(text: str, method_arn: str, *, cut: bool) -> Explanation:
    reading = read(text, cut=cut)
    if not reading.is_whole():
        return _of_cut_policy(reading, method_arn)
    verdict = evaluate(reading.value, method_arn)
    if verdict.fact == EXPLICIT_DENY:
        return _denied(verdict, method_arn)
    if verdict.fact == IMPLICIT_DENY:
        return _not_covered(verdict, method_arn)
    return _undecided(verdict)


def _denied(verdict: Verdict, method_arn: str, *, cut: bool = False) -> Explanation:
    guilty = [one for one in verdict.statements if one.allows is False and one.covers is Covers.YES]
    one = guilty[0]
    by = next((text for text in one.resources if text == "*" or matches(text, method_arn)), "*")
    called = f" covers {target(method_arn)}" if method_arn else " covers every method"
    allowed = any(other.allows and other.covers is Covers.YES for other in verdict.statements)
    notes = ("another statement allows it, but a Deny goes before every Allow",) if allowed else ()
    return Explanation(f"{_named(one, verdict, cut=cut)} denies {target(by)}, which{called}", notes=notes)


def _not_covered(verdict: Verdict, method_arn: str) -> Explanation:
    allowing = [one for one in verdict.statements if one.allows]
    findings = tuple(_misses(allowing, verdict, method_arn))
    if not allowing:
        kind = "has no statement" if not verdict.statements else "allows nothing"
        return Explanation(f"the policy {kind}, so everything is denied", findings)
    resources = [target(text) for one in allowing for text in one.resources]
    actions = [one for one in allowing if one.why == "it is about another action"]
    if len(actions) == len(allowing):
        return Explanation("the policy allows another action than execute-api:Invoke", findings)
    return Explanation(f"the policy allows {listed(resources)} only, not {target(method_arn)}", findings)


def _misses(allowing: Sequence[Statement], verdict: Verdict, method_arn: str) -> Iterator[Finding]:
    """For each statement that allows something, in what it misses the method."""
    for one in allowing[:8]:
        if one.why == "it is about another action":
            yield Finding(f"the action of {_named(one, verdict)}", "another one", "execute-api:Invoke")
            continue
        for resource in one.resources[:4]:
            parts = _differing(resource, method_arn)
            differs = f" (the {listed(parts, most=4)} differ{'s' if len(parts) == 1 else ''})" if parts else ""
            yield Finding(f"the resource of {_named(one, verdict)}", f"{target(resource)}{differs}",
                          f"a pattern that covers {target(method_arn)}")  # fmt: skip


def _differing(resource: str, method_arn: str) -> list[str]:
    """The parts of ``api/stage/method/path`` in which a resource misses a method."""
    wanted, called = resource.split(":", 5), method_arn.split(":", 5)
    if len(wanted) < 6 or len(called) < 6:
        return []
    if not all(matches(pattern, text) for pattern, text in zip(wanted[:5], called[:5], strict=True)):
        return ["region, account or partition"]
    patterns, texts = wanted[5].split("/", 3), called[5].split("/", 3)
    if len(patterns) < len(texts):
        return [] if patterns[-1].endswith("*") else [_PARTS[len(patterns)]]
    pairs = zip(_PARTS, patterns, texts, strict=False)
    return [name for name, pattern, text in pairs if not matches(pattern, text)]


def _undecided(verdict: Verdict) -> Explanation:
    if verdict.fact is not None:
        return Explanation(
            "the authorizer's policy allows the call: something else refused it",
            notes=("a resource policy, or the policy of a VPC endpoint, may refuse what the authorizer allows",),
        )
    doubts = [
        f"{_named(one, verdict)} does not tell: {one.why}" for one in verdict.statements if one.covers is Covers.PERHAPS
    ]
    return Explanation(doubts[0] if doubts else "", unseen=tuple(doubts[1:4]))


def _of_cut_policy(reading: Reading, method_arn: str) -> Explanation:
    """What the visible statements of a policy tell, of which the rest is cut."""
    cut = ("the policy is cut off in the log",)
    visible = before_cut(reading)
    seen, verdict = visible["policyDocument"]["Statement"], evaluate(visible, method_arn)
    if verdict.fact == EXPLICIT_DENY:
        return replace(_denied(verdict, method_arn, cut=True), unseen=cut)
    doubtful = [one for one in verdict.statements if one.covers is Covers.PERHAPS]
    if doubtful:
        return Explanation(f"{_named(doubtful[0], verdict, cut=True)} does not tell: {doubtful[0].why}", unseen=cut)
    return Explanation("no statement that the log shows of the policy denies the call" if seen else "", unseen=cut)


def _named(one: Statement, verdict: Verdict, *, cut: bool = False) -> str:
    return f"statement {one.number}" if cut or len(verdict.statements) > 1 else "the statement"


def target(arn: str) -> str:
    """An ARN of a method in short: ``<api>/<stage>/<method>/<path>``."""
    return quoted(arn.split(":", 5)[5] if arn.count(":") >= 5 else arn)

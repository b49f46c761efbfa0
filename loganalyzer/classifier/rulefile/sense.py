"""What can be told of a condition without any log: that it can never hold, or that it holds for successes too."""

from __future__ import annotations

from collections.abc import Iterator

from loganalyzer import vocabulary as words
from loganalyzer.classifier.conditions import NO_STATUS, Condition, union

_BIT = words.FACT_BIT

SUCCESSES, TESTS = "requests that went well", "console tests of an authorizer that went well"

_EXCLUSIVE = (
    ("in_authorizer", "in_integration"),
    ("in_authorizer", "phase_unknown"),
    ("in_integration", "phase_unknown"),
    ("policy_allows", "policy_denies"),
    ("policy_allows", "policy_does_not_match"),
    ("policy_denies", "policy_does_not_match"),
    ("undecided", "cause_untold"),
)
"""Facts of which a request has one at most, as :mod:`loganalyzer.classifier.evidence` defines them."""

_DECIDING = union(1 << s.code for s in words.SENTENCES if s.rank)
"""The sentences that decide over a failure; a request is ``undecided`` that has none of them."""

_OF_DECIDING = union(
    _BIT[name]
    for name in words.FACTS
    if (carriers := [s for s in words.SENTENCES if any(fact.name == name for fact in s.facts)])
    and all(s.rank for s in carriers)
)
"""Facts that only such sentences carry."""

_FAILING = _OF_DECIDING | union(
    _BIT[name]
    for name in (
        "cut_decisive",
        "cause_untold",
        "function_error",
        "stopped_after_authorizer",
        "policy_denies",
        "policy_does_not_match",
    )
)
"""Facts that no request has that went well."""

_METHOD = union(1 << s.code for s in words.SENTENCES if s.method_phase)
_HEADERS = union(1 << code for code in words.BY_HEAD["Endpoint response headers:"])
_OUTCOME = union(1 << code for code in words.BY_HEAD["Method completed with status:"])


def contradiction(condition: Condition) -> str:
    """Why no request can fulfil the condition; empty if one may."""
    return next(_contradictions(condition), "")


def _contradictions(condition: Condition) -> Iterator[str]:
    needed = condition.facts
    for name in words.FACTS:
        if needed & condition.not_facts & _BIT[name]:
            yield f"{name} stands in fact and in not_fact"
    if condition.fact_any and not condition.fact_any & ~condition.not_facts:
        yield "not_fact excludes all of fact_any"
    if any(not mask & ~condition.not_said for mask in condition.said):
        yield "a sentence stands in said and in not_said"
    if condition.said_any and not condition.said_any & ~condition.not_said:
        yield "not_said excludes all of said_any"
    for one, other in _EXCLUSIVE:
        if needed & _BIT[one] and needed & _BIT[other]:
            yield f"no request is both {one} and {other}"
    if needed & _BIT["undecided"]:
        yield from _against_undecided(condition)


def _against_undecided(condition: Condition) -> Iterator[str]:
    """A request is undecided if no line decides over its failure."""
    if condition.text:
        yield "a request that is undecided has no deciding line for text to look at"
    if _demands(condition, _DECIDING):
        yield "a request with a line that names a failure is not undecided"
    for name in words.FACTS:
        if condition.facts & _OF_DECIDING & _BIT[name]:
            yield f"a request that is {name} is not undecided"


def holds_for_success(condition: Condition) -> str:
    """Which requests that went well may fulfil the condition, in words; empty if none may."""
    if condition.text or condition.gateway or condition.facts & _FAILING or condition.not_facts & _BIT["undecided"]:
        return ""
    if condition.fact_any and not condition.fact_any & ~_FAILING:
        return ""
    if _demands(condition, _DECIDING) or _asks_for_function_error(condition):
        return ""
    if _fits_completed(condition):
        return SUCCESSES
    return TESTS if _fits_tested_authorizer(condition) else ""


def _demands(condition: Condition, sentences: int) -> bool:
    """Whether only a request that says one of these sentences fulfils it."""
    return any(mask and not mask & ~sentences for mask in (*condition.said, condition.said_any))


def _asks_for_function_error(condition: Condition) -> bool:
    """Whether it asks for a function's body that is an error, without the headers that would tell that it is none.

    Such a body alone may as well be what a backend has to say.
    """
    body = _BIT["lambda_error_body"] | _BIT["lambda_endpoint"]
    headers_missing = condition.facts & _BIT["cut_answer"] or not _HEADERS & ~condition.not_said
    no_other = condition.not_facts & _BIT["other_endpoint"]
    return condition.facts & body == body and bool(headers_missing and no_other)


def _fits_completed(condition: Condition) -> bool:
    """Whether a request whose logged status is no error may fulfil it."""
    told = {str(status)[0] for status in condition.status}
    closed = not condition.not_facts & _BIT["closed"] and _OUTCOME & ~condition.not_said
    return bool(closed) and (not told or not told.isdisjoint("123"))


def _fits_tested_authorizer(condition: Condition) -> bool:
    """Whether a console test of an authorizer that returned a policy may fulfil it: it ends without a status."""
    if condition.status and NO_STATUS not in condition.status:
        return False
    has = _BIT["test_log"] | _BIT["authorizer_done"]
    lacks = _BIT["executed"] | _BIT["completed"] | _BIT["closed"]
    return not (condition.not_facts & has or condition.facts & lacks or _demands(condition, _METHOD | _OUTCOME))

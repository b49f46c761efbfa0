"""Requests that were judged by a policy made for another one, because the authorizer's answer was cached.

What is cached is the policy, under the identity alone, for up to an hour; it is evaluated anew for every method:
https://docs.aws.amazon.com/apigateway/latest/developerguide/configure-api-gateway-lambda-authorization-with-console.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from loganalyzer.classifier.explainers.cut_json import read
from loganalyzer.classifier.explainers.denial import target
from loganalyzer.classifier.explainers.material import AUTHORIZER_EVENT, RESULT, Material, behind
from loganalyzer.classifier.explainers.policy import ALLOW, Covers, evaluate
from loganalyzer.classifier.explainers.wording import listed
from loganalyzer.model import Explanation

STARTED = "Starting authorizer:"
IDENTITY = "Incoming identity:"
READS = (STARTED, IDENTITY, AUTHORIZER_EVENT, RESULT)
"""Sentences by which two requests are told to share a policy."""

LONGEST_TTL_MS = 3_600_000
"""The longest that an authorizer's answer can be cached."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One request that went through an authorizer: its id or row, when, by which one, under which (masked) identity.

    ``policy`` is the authorizer's result where the function ran, ``method_arn`` the method it was asked about.
    """

    request_id: str
    time: int
    authorizer: str
    identity: str
    policy: str = ""
    method_arn: str = ""
    allowed: bool = False


def judged(request_id: str, time: int, material: Material, *, allowed: bool) -> Judged | None:
    """What the lines of a request tell of its authorizer, None if its identity is not among them."""
    identity, _ = behind(material.message(IDENTITY), IDENTITY)
    authorizer = material.fields(STARTED).get("authorizer_id", "")
    if not identity or not authorizer:
        return None
    result, cut = material.text(RESULT)
    policy = "" if cut else result
    return Judged(request_id, time, authorizer, identity, policy, material.method_arn(), allowed)


def makers(denied: Iterable[Judged], runs: Iterable[Judged]) -> Mapping[str, Judged]:
    """For each denied request (by its id) the run of the authorizer whose policy it was judged by.

    That is the last run before it of the same authorizer for the same identity, an hour back at most.
    """
    by_identity: dict[tuple[str, str], list[Judged]] = {}
    for run in sorted(runs, key=lambda run: run.time):
        by_identity.setdefault((run.authorizer, run.identity), []).append(run)
    found = {}
    for one in denied:
        earlier = [
            run
            for run in by_identity.get((one.authorizer, one.identity), ())
            if 0 <= one.time - run.time <= LONGEST_TTL_MS and run.request_id != one.request_id
        ]
        if earlier:
            found[one.request_id] = earlier[-1]
    return found


def explain_cached(maker: Judged, before: Explanation) -> Explanation:
    """The explanation of a denial from the cache, completed by the request that its policy was made for."""
    asked = f" ({target(maker.method_arn)}{', allowed' if maker.allowed else ''})" if maker.method_arn else ""
    made = f"the cached policy was made for request {maker.request_id}{asked}"
    notes = ["the two requests show the same masked identity and no authorizer call lies between them", *before.notes]
    reach = _reach(maker.policy)
    if reach == _EVERYTHING:
        notes.insert(0, "that policy allows everything: a resource policy, or another Deny, refused this request")
        reach = ""
    detail = f"policy cached for another resource: {made}" + (f" and {reach}" if reach else "")
    unseen = ("the path of this request is not in the log: API Gateway prints it only after the authorizer",)
    return replace(before, detail=detail, notes=tuple(notes), unseen=unseen, related=(maker.request_id,))


_EVERYTHING = "everything"


@lru_cache(maxsize=1024)
def _reach(policy: str) -> str:
    """What a policy is about, in words; :data:`_EVERYTHING` if it allows all methods."""
    reading = read(policy)
    verdict = evaluate(reading.value, "")
    if verdict.fact == ALLOW:
        return _EVERYTHING
    allowed = [target(text) for one in verdict.statements if one.allows for text in one.resources]
    denied = [target(text) for one in verdict.statements if one.allows is False for text in one.resources]
    if any(one.covers is Covers.YES and one.allows is False for one in verdict.statements):
        return "denies everything"
    said = [f"allows {listed(allowed)} only"] if allowed else []
    said += [f"denies {listed(denied)}"] if denied else []
    return " and ".join(said)

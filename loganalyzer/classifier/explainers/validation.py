"""What the request validator and the usage plan found: the property, the parameter, the limit."""

from __future__ import annotations

import re
from collections.abc import Iterator

from loganalyzer.classifier.explainers.material import Material
from loganalyzer.classifier.explainers.wording import listed, quoted
from loganalyzer.model import Explanation

_SCHEMA = "Request body does not match model schema"
_PARAMETERS = "Missing required request parameters:"
_DETAILS = re.compile(r":\s*\[(.*)\]?\s*\Z", re.DOTALL)
_NAMES = re.compile(r'"((?:[^"\\]|\\.){1,120})"')
_STRAIGHT = str.maketrans("“”„", '"""')
"""Editors make quotation marks curly."""

_LIMITS = re.compile(
    r"Limit:\s*([\d.]{1,20})(?:\s*Burst:\s*(\d{1,12}))?(?:\s*Period:\s*(DAY|WEEK|MONTH|[A-Za-z]{1,12}))?"
)

_SAYINGS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"object has missing required properties \(\[([^\]]{0,600})\]\)"), "required and missing: {names}"),
    (re.compile(r"properties which are not allowed by the schema: \[([^\]]{0,600})\]"), "not allowed: {names}"),
    (re.compile(r"instance type \((\w+)\) does not match any allowed primitive type \(allowed: \[([^\]]{0,200})\]"),
     "a value is of type {0}, must be {either}"),
    (re.compile(r"Unknown error parsing request body"), "the body is no JSON"),
    (re.compile(r"instance value \([^)]{0,300}\) not found in enum \(possible values: \[([^\]]{0,400})\]"),
     "a value is not {either}"),
    (re.compile(r"numeric instance is (lower|greater) than the required (\w+) \(\w+: ([\d.eE+-]{1,40})"),
     "a number is {0} than the {1} of {2}"),
    (re.compile(r"string \"[^\"]{0,300}\" is too (long|short) \(length: (\d+), [^:]{1,40}: (\d+)\)"),
     "a string is too {0}: {1} characters, the limit is {2}"),
)  # fmt: skip
"""What the schema validator says, and how to put it; ``{names}`` and ``{either}`` are the names in the last group."""

_PLAN_REASONS = {
    "API Key was required but not present": "the request has no API key",
    "No Usage Plan found for key and API Stage": "the key is in no usage plan for this stage, or does not exist",
    "API Stage is not in a Usage Plan": "this stage is in no usage plan",
}
_REFUSED = "API Key … not authorized because"
_LIMITED = (
    "API Key … exceeded throttle limit",
    "Key throttle limit exceeded for",
    "API Key … exceeded quota limit",
    "Key quota limit exceeded for",
    "Key quota exhausted for",
)


def explain_invalid_request(material: Material) -> Explanation:
    """Which property of the body or which parameter the validator refused."""
    if _PARAMETERS in material.said:
        names = material.fields(_PARAMETERS).get("parameters", "").strip("[] ")
        return Explanation(f"required and missing: {listed(re.split(r', *', names), most=6)}" if names else "")
    said = material.message(_SCHEMA).decode("utf-8", "replace").translate(_STRAIGHT).replace('\\"', '"')
    cut = "[TRUNCATED]" in said
    details = _DETAILS.search(said)
    found = list(_said(details[1].removesuffix("]"))) if details and details[1].strip("] ") else []
    unseen = ("further details are cut off in the log",) if cut else ()
    return Explanation("; ".join(found[:3]), notes=tuple(found[3:12]), unseen=unseen)


def _said(details: str) -> Iterator[str]:
    """The validator's findings, in its own words where they are of no known kind."""
    known = False
    for pattern, words_ in _SAYINGS:
        for found in pattern.finditer(details):
            known = True
            names = _NAMES.findall(found[found.re.groups] if found.re.groups else "")
            both, either = listed(names, most=6), listed(names, most=6, last="or")
            yield words_.format(*found.groups(), names=both, either=either)
    if not known:
        yield quoted(details, 160)


def explain_plan(material: Material) -> Explanation:
    """Which reason or limit the usage plan names."""
    if _REFUSED in material.said:
        said = material.message(_REFUSED).decode("utf-8", "replace")
        reason = next((text for words_, text in _PLAN_REASONS.items() if words_ in said), "")
        return Explanation(reason)
    head = next((head for head in _LIMITED if head in material.said), "")
    if not head:
        return Explanation()
    said = material.message(head).decode("utf-8", "replace")
    whose, numbers = _whose(said), _limit(_LIMITS.search(said))
    return Explanation(f"{whose or 'the limit'}{numbers}" if whose or numbers else "")


def _whose(said: str) -> str:
    """Which limit it is: that of a plan, of one method in a plan, or of the stage's method; empty if it is not told."""
    plan = re.search(r"Usage Plan ID\s+(\w{1,40})", said)
    method = re.search(r"HttpMethod\s+([A-Z]{1,10})", said)
    resource = re.search(r"Resource\s+(\w{1,40})", said)
    named = f"method {method[1]} of resource {resource[1]}" if method and resource else ""
    if plan and named:
        return f"the limit for {named} in usage plan {plan[1]}"
    if plan:
        return f"the limit of usage plan {plan[1]}"
    return f"the stage's limit for {named}" if named else ""


def _limit(limits: re.Match[str] | None) -> str:
    if limits is None:
        return ""
    rate = limits[1].rstrip(".")
    rate = rate.removesuffix(".00") if "." in rate else rate
    if limits[3]:
        return f": {rate} requests per {limits[3].lower()}"
    return f": {rate} requests per second" + (f", bursts of {limits[2]}" if limits[2] else "")

"""Answers that no mapping takes: what the backend really said."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from loganalyzer import vocabulary as words
from loganalyzer.classifier.explainers.cut_json import kind_of, read
from loganalyzer.classifier.explainers.function_error import error_in
from loganalyzer.classifier.explainers.material import ANSWER_BODY, Material
from loganalyzer.classifier.explainers.wording import quoted
from loganalyzer.model import Explanation

_MISSING = words.CE + "No match for output mapping"
_INVALID = words.CE + "Output mapping refers to an invalid method response"
_RECEIVED = "Received response."
_XML = re.compile(r"(?:<Code>([^<]{1,120})</Code>|<(\w{1,80}Exception)>)(?:\s*<Message>([^<]{1,400})</Message>)?")
_TYPES = ("__type", "Reason", "Code", "code", "errorType", "Type", "type")
_MESSAGES = ("message", "Message", "errorMessage", "error_description", "error", "detail", "title")
_SAID = 160


def explain_missing_mapping(material: Material) -> Explanation:
    """Which status found no integration response, and the backend's own error behind it."""
    status = material.fields(_MISSING).get("backend_status", "") or material.fields(_RECEIVED).get("backend_status", "")
    return _explained(status, service_error(material), missing=True)


def explain_invalid_mapping(material: Material) -> Explanation:
    """Which status the method does not declare, and the backend's own error if there is one."""
    return _explained(material.fields(_INVALID).get("backend_status", ""), service_error(material), missing=False)


def _explained(status: str, own: str, *, missing: bool) -> Explanation:
    what = f"the backend answered {status}, which no integration response takes" if missing else (
        f"status {status} is not among the method's responses"
    )  # fmt: skip
    if not status:
        return Explanation(f"the backend's own error: {own}" if own else "")
    if not own:
        return Explanation(what)
    return Explanation(
        f"{what}; its own error: {own}", notes=("the backend's error is the cause, the mapping only hides it",)
    )


def explain_passed_on_error(material: Material) -> Explanation:
    """The error that a function or backend returned and that was passed on to the client."""
    own = service_error(material)
    return Explanation(own and f"the function's error: {own}")


def service_error(material: Material) -> str:
    """The error of an AWS service, a function or another backend in the endpoint's answer; empty if there is none."""
    text, cut = material.text(ANSWER_BODY)
    return _error_in(text, cut=cut) if text else ""


@lru_cache(maxsize=4096)
def _error_in(text: str, *, cut: bool) -> str:
    if text.startswith("<"):
        found = _XML.search(text)
        return quoted(": ".join(filter(None, found.groups())), _SAID) if found else ""
    value: Any = read(text, cut=cut).value
    if isinstance(value, dict):
        for name in ("Error", "error", "__error"):
            if isinstance(value.get(name), dict):
                value = value[name]
                break
    error = error_in(value)
    return quoted(error.said if error else _typed(value), _SAID)


def _typed(value: Any) -> str:
    """Type and message of an error object, empty if it has not the looks of one."""
    if not isinstance(value, dict):
        return ""
    kind = next((value[name] for name in _TYPES if isinstance(value.get(name), str)), "").rpartition("#")[2]
    said = next((value[name] for name in _MESSAGES if kind_of(value.get(name)) == "string"), "")
    return f"{kind}: {said}" if kind and said else said

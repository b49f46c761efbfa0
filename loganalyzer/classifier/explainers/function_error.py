"""Errors of Lambda functions: what was thrown, where, and what kind of fault it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from loganalyzer.classifier.explainers.cut_json import Reading, read
from loganalyzer.classifier.explainers.material import ANSWER_BODY, RESULT, Material
from loganalyzer.classifier.explainers.wording import quoted
from loganalyzer.model import Explanation

FAILED = ("Lambda execution failed with status", "Lambda execution failed due to customer function error")
_CUT_NOTE = "the error is cut off in the log"
_NOISE = re.compile(
    r"(?:RequestId:\s*)?\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b:?\s*"
    r"|\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z\s*"
)
"""Ids and times differ with every request and say nothing of the error."""

_SAID = 160
_PYTHON_FRAME = re.compile(r'File "([^"]{1,200})", line (\d+)')
_NODE_FRAME = re.compile(r"^\s*at\s+(.{1,200}?)\s*$")


@dataclass(frozen=True, slots=True)
class Error:
    """An error object of a Lambda runtime: its type and message in one text, and where it was thrown if that shows."""

    said: str
    thrown_at: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of error that its text tells: what it means, in words that may take what the pattern captured."""

    pattern: re.Pattern[str]
    means: str


def _kind(pattern: str, means: str) -> Kind:
    return Kind(re.compile(pattern), means)


KINDS: tuple[Kind, ...] = (
    _kind(r"Task timed out after (?P<a>[\d.]+) seconds", "the function ran into its timeout of {a} s"),
    _kind(r"Unable to import module '(?P<b>[^']{1,120})': No module named '(?P<a>[^']{1,120})'",
          "the package lacks the module '{a}', which '{b}' imports"),
    _kind(r"Cannot find (?:module|package) '(?P<a>[^']{1,120})'", "the package lacks the module '{a}'"),
    _kind(r"No module named '(?P<a>[^']{1,120})'", "the package lacks the module '{a}'"),
    _kind(r"Handler '(?P<a>[^']{1,120})' missing on module '(?P<b>[^']{1,120})'",
          "the module '{b}' has no handler '{a}': the handler setting does not fit the code"),
    _kind(r"Runtime\.HandlerNotFound|HandlerNotFound|is undefined or not exported|Bad handler",
          "the handler setting does not fit the code"),
    _kind(r"Unable to import module '(?P<a>[^']{1,120})'|Runtime\.ImportModuleError|ImportModuleError",
          "the function's module cannot be loaded"),
    _kind(r"Syntax error in (?:module|file)|UserCodeSyntaxError", "the code has a syntax error"),
    _kind(r"(?:Class not found|ClassNotFoundException): (?P<a>[\w.$]{1,160})", "the package lacks the class '{a}'"),
    _kind(r"No public method named (?P<a>\w{1,80})", "the class has no method '{a}': the handler setting does not fit"),
    _kind(r"signal: killed|Java heap space|Metaspace|OutOfMemory|heap out of memory|MemoryError|Runtime\.OutOfMemory",
          "the function ran out of memory"),
    _kind(r"Response payload size (?:\(\d+ bytes\) )?exceeded maximum allowed payload size \((?P<a>\d+) bytes\)",
          "the answer is larger than the {a} bytes that Lambda returns"),
    _kind(r"ResponseSizeTooLarge|^body size is too long", "the answer is larger than Lambda returns (6 MB)"),
    _kind(r"Unable to marshal response: (?P<a>[^\n]{0,120})",
          "the function's answer cannot be written as JSON: {a}"),
    _kind(r"\bExtension\.(?:Crash|InitError|ExitError)|\bextension[^\n]{0,80}\b(?:crashed|exited)",
          "an extension of the function (a layer) ended before it answered"),
    _kind(r"Permission denied: '(?P<a>/var/task[^']{0,160})'",
          "files of the package may not be read: give '{a}' read permission before zipping"),
    _kind(r"Runtime\.InvalidEntrypoint|InvalidEntrypoint|exec format error|valid bootstrap",
          "the runtime cannot be started: entry point or processor architecture is wrong"),
    _kind(r"Init(?:ialization)?(?: phase)? (?:has )?timed out|INIT_REPORT[^\n]{0,80}timeout",
          "the function's start took too long"),
    _kind(r"Runtime exited with error: (?P<a>exit status \d+|signal: [\w ]{1,30})",
          "the function's process ended by itself ({a})"),
    _kind(r"Process exited before completing request|Runtime exited without providing a reason|Runtime\.ExitError",
          "the function's process ended before it answered"),
    _kind(r"is not authorized to perform: (?P<a>[\w:*-]{1,80})", "the function's own role does not allow {a}"),
    _kind(r"\b(?P<a>ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND|EAI_AGAIN)\b",
          "the function could not reach something that it calls ({a})"),
    _kind(r"\bTooManyRequestsException\b|\bThrottlingException\b",
          "a service that the function calls throttled it"),
)  # fmt: skip
"""Kinds by their text, the more telling ones first. https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html"""


def meaning(said: str) -> tuple[str, str]:
    """What kind of fault an error's text tells, and by which words; both empty for an error of the function's own."""
    for kind in KINDS:
        found = kind.pattern.search(said)
        if found:
            return kind.means.format(**found.groupdict("")), found[0]
    return "", ""


def error_in(value: Any, *, whole: bool = True) -> Error | None:
    """The error that an object of a Lambda runtime stands for, None if it is no such object.

    ``whole`` says whether all of its stack is there. https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html
    """
    if not isinstance(value, dict) or not ({"errorMessage", "errorType"} & value.keys()):
        return None
    parts = [value.get(name) for name in ("errorType", "errorMessage")]
    kind, message = (part if isinstance(part, str) else "" for part in parts)
    message = _NOISE.sub("", message).strip()
    said = message if not kind or message.startswith(kind) else f"{kind}: {message}".rstrip(": ")
    stack = value.get("stackTrace", value.get("trace"))
    return Error(said, _thrown_at(stack, whole=whole) if isinstance(stack, list) else "")


def _thrown_at(stack: list[Any], *, whole: bool) -> str:
    """Where it was thrown: the innermost frame that shows, which Python prints last and other languages first."""
    frames = [_frame(one) for one in stack[:64]]
    python = [text for text, is_python in frames if is_python]
    if python:
        return python[-1] if whole else python[0]
    return next((text for text, _ in frames if text), "")


def _frame(one: Any) -> tuple[str, bool]:
    """A frame in words, and whether it is one of Python's; empty for what is none."""
    if isinstance(one, list) and len(one) >= 2 and isinstance(one[0], str):
        return f"{quoted(one[0])} line {one[1]}", True
    if not isinstance(one, str):
        return "", False
    one = one[:400]
    python = _PYTHON_FRAME.search(one)
    if python:
        return f"{quoted(python[1])} line {python[2]}", True
    node = _NODE_FRAME.match(one)
    if node:
        return quoted(node[1]), False
    return (quoted(one), False) if re.match(r"[\w.$]{1,160}\([\w.]{1,80}:\d+\)", one) else ("", False)


@lru_cache(maxsize=4096)
def _explained(said: str, thrown_at: str, *, cut: bool) -> Explanation:
    said, unseen = quoted(said.rstrip("."), _SAID), (_CUT_NOTE,) if cut else ()
    means, by = meaning(said)
    if not means:
        return Explanation(f"the function threw {said}{f' (at {thrown_at})' if thrown_at else ''}", unseen=unseen)
    notes = [f"the error: {said}"] if len(said) > len(by) + len("Error: ") else []
    return Explanation(means, notes=(*notes, *([f"thrown at {thrown_at}"] if thrown_at else [])), unseen=unseen)


def explain_function_error(material: Material) -> Explanation:
    """What the function behind the integration failed with: its own words, and what kind of fault that is."""
    shown = _shown_error(material, ANSWER_BODY)
    said = next((told for head in FAILED if (told := material.fields(head).get("error"))), "")
    error, cut = shown or (Error(""), said.endswith("[TRUNCATED]"))
    text = error.said or _NOISE.sub("", said.removesuffix("[TRUNCATED]")).strip()
    return _explained(text, error.thrown_at, cut=cut) if text else Explanation()


def explain_authorizer_error(material: Material) -> Explanation:
    """What the authorizer's function failed with."""
    shown = _shown_error(material, RESULT)
    if shown is None:
        return Explanation()
    error, cut = shown
    return _explained(error.said, error.thrown_at, cut=cut) if error.said else Explanation()


def _shown_error(material: Material, head: str) -> tuple[Error, bool] | None:
    """The error object in a line of this sentence, and whether it is cut."""
    if head not in material.said:
        return None
    text, cut = material.text(head)
    return _read_error(text, cut=cut)


@lru_cache(maxsize=4096)
def _read_error(text: str, *, cut: bool) -> tuple[Error, bool] | None:
    reading: Reading = read(text, cut=cut)
    stack = "stackTrace" if isinstance(reading.value, dict) and "stackTrace" in reading.value else "trace"
    error = error_in(reading.value, whole=reading.is_whole(stack))
    return None if error is None else (error, not reading.is_whole("errorMessage"))

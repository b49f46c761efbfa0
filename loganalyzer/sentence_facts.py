"""Facts of sentences: which words are decisive, however a paste has broken them apart."""

from __future__ import annotations

import re

from loganalyzer.sentences import Fact, compiled


def fact(name: str, *needles: bytes, finds: bytes = b"", late: bool = False) -> Fact:
    """Words one of which holds, and an expression that finds it."""
    found = lambda message: compiled(finds).search(message) is not None  # noqa: E731
    return Fact(name, needles, found if finds else None, late=late)


def spread(name: str, words: bytes) -> Fact:
    """Words that hold wherever lines were broken between or within them."""
    letters = b"".join(words.split())
    found = lambda message: letters in b"".join(message.split())  # noqa: E731
    return Fact(name, (words.split()[0][:3],), found, plain=(words,))


def found_in(name: str, needle: bytes, letters: bytes) -> Fact:
    """Letters that are found wherever white space was put between them."""
    return Fact(name, (needle,), lambda message: compiled(letters).search(b"".join(message.split())) is not None)


TIMED_OUT = b"Task timed out after"
_LEAD = re.compile(rb"(?:RequestId:?\s*)?(?:\d{4}-\S*\s*)?(?:[0-9a-f]{8}-[0-9a-f-]*\s*)?(?:Error:?\s*)?")
_CUT = re.compile(rb"[0-9a-f-]{0,36}")


def tells_error(message: bytes) -> bool:
    """Whether the error of a function is there, and more than what a timeout would begin with."""
    error = b" ".join(message.partition(b"error:")[2].split())
    if b"request id:" in error:
        return True
    rest = error[_LEAD.match(error).end() :]  # type: ignore[union-attr]
    beginnings = (TIMED_OUT, b"RequestId: ")
    return not _CUT.fullmatch(rest) and not any(words.startswith(rest) for words in beginnings)


def tells_reason(message: bytes) -> bool:
    """Whether a reason is there that is not the beginning of the most usual one."""
    reason = b"".join(message.partition(b"response")[2].lstrip(b": ").split())
    return bool(reason) and not b"Unrecognizedfield".startswith(reason)


LAMBDA_ERROR_KEYS = frozenset({"errorMessage", "errorType", "stackTrace", "trace", "requestId", "cause", "cause_type"})
"""What a Lambda runtime puts in the object that stands for an error
(https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html)."""


def is_lambda_error(message: bytes) -> bool:
    """Whether the endpoint's answer is exactly an error object of a Lambda runtime."""
    import msgspec  # not needed to start up

    start = message.find(b"{")
    if start < 0 or b'"error' not in message[start : start + 64]:
        return False
    try:
        body = msgspec.json.decode(message[start:])
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return False
    return isinstance(body, dict) and "errorMessage" in body and body.keys() <= LAMBDA_ERROR_KEYS

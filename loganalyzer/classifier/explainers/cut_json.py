"""JSON as the log shows it: whole, cut in the middle, or none; what is read of a cut text is true of the whole one.

API Gateway cuts events at 1 KB (https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-execution-logging.html),
so most answers worth explaining are not whole.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import msgspec

WHOLE, CUT, INVALID, EMPTY = "whole", "cut", "invalid", "empty"
NOT_JSON = "it is not JSON"
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Lost:
    """Stands for a value of which no more than its kind is in the text, not even that if ``kind`` is ``unknown``."""

    kind: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What could be read of a text.

    ``state`` is ``whole | cut | invalid | empty``. Of a cut text ``value`` holds what stands before the cut, and
    ``open`` is the path to the innermost value whose end is missing: that and everything around it is known in part.
    ``problem`` says in words why a text is invalid.
    """

    value: Any
    state: str
    open: Path = ()
    problem: str = ""

    def is_whole(self, *path: str | int) -> bool:
        """Whether all of the value at this path is in the text."""
        return self.state == WHOLE or (self.state == CUT and self.open[: len(path)] != path)


def kind_of(value: Any) -> str:
    """``object | list | string | number | boolean | null | unknown``."""
    if isinstance(value, Lost):
        return value.kind
    if isinstance(value, bool):
        return "boolean"
    kinds = {dict: "object", list: "list", str: "string", int: "number", float: "number", type(None): "null"}
    return kinds.get(type(value), "unknown")


def read(text: str, *, cut: bool = False) -> Reading:
    """Read a JSON text; ``cut`` says that it is known to be cut, so that a number at its end may go on.

    Of a name that an object has twice the last value counts, as for API Gateway.
    """
    text = text.strip()
    if not text:
        return Reading(None, EMPTY)
    if _LEFT_OUT.fullmatch(text):
        return Reading(Lost("unknown"), CUT)
    if text.startswith(("{", "[")):
        text = _PAGE_END.sub("", text)
    try:
        value = msgspec.json.decode(text.encode("utf-8", "replace"))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return _Reader(text).read()
    if cut and kind_of(value) == "number":
        return Reading(Lost("number"), CUT)
    return Reading(value, WHOLE)


_PAGE_END = re.compile(r"(?<=[}\]])(?:\s{0,80}</\w{1,20}>){1,20}\s{0,80}\Z")
"""Ends of elements behind a JSON text: it was copied from the source of a web page."""

_DOTS = ("...", "…")
_LEFT_OUT = re.compile(
    r"[\[<({*_.…\s-]{0,20}(?:\.\.|…|redacted|omitted|removed|hidden|masked|snip|snipped|x{3,80}|\*{2,80})[\]>)}*_.…\s-]{0,20}",
    re.IGNORECASE,
)
"""What people put in the place of a value that they do not want to show."""

_TOKEN = re.compile(
    r"\s*+(?:(?P<mark>[{}\[\],:])"
    r'|(?P<string>"(?:[^"\\]|\\.)*+")|(?P<half>"(?:[^"\\]|\\.)*+\\?\Z)'
    r"|(?P<number>-?\d++(?:\.\d*+)?(?:[eE][+-]?\d*+)?(?=[\s,}\]]|\Z)|-\Z)|(?P<word>[A-Za-z]++)"
    r"|(?P<end>\Z)|(?P<other>.))",
    re.DOTALL,
)
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None}
_NO_JSON = {"NaN", "Infinity", "None", "True", "False", "undefined"}
_SOUND = re.compile(r'"(?:[^"\\]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+')
_UNPAIRED = re.compile("[\ud800-\udbff]\\Z")

_VALUE, _FIRST, _KEY, _FIRST_KEY, _COLON, _NEXT, _END = range(7)


class _Reader:
    """Reads as far as the text is JSON, without recursion: it may be nested as deep as it likes."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._root: list[Any] = []
        self._stack: list[dict[str, Any] | list[Any]] = [self._root]
        self._path: list[str | int] = [0]
        self._want = _VALUE

    def read(self) -> Reading:
        position = 0
        while True:
            token = _TOKEN.match(self._text, position)
            assert token is not None  # the last branch takes any character
            position = token.end()
            kind, said = str(token.lastgroup), token[0].strip()
            if kind == "other" and self._text.startswith(_DOTS, token.start("other")):
                return self._ended("")  # somebody left the rest out
            if kind == "end" or kind == "half":
                return self._ended(said)
            if kind in ("number", "word") and position == len(self._text) and self._wants_value():
                return self._ended_in(said, kind)
            problem = self._take(kind, said)
            if problem:
                return Reading(None, INVALID, problem=problem)

    def _wants_value(self) -> bool:
        return self._want in (_VALUE, _FIRST)

    def _take(self, kind: str, said: str) -> str:
        """Take one token in; what is wrong with it, empty if nothing is."""
        if self._want == _END:
            return "there is more text behind the JSON"
        if kind == "mark" and self._mark(said):
            return ""
        if kind == "string" and self._want in (_KEY, _FIRST_KEY):
            self._path[-1] = _text_of(said)
            self._want = _COLON
            return ""
        if kind in ("string", "number", "word") and self._wants_value():
            return self._scalar(kind, said)
        return _not_json(said)

    def _scalar(self, kind: str, said: str) -> str:
        if kind == "word" and said not in _WORDS:
            return _not_json(said)
        if kind == "number" and not _is_number(said):
            return _not_json(said)
        self._put(_WORDS[said] if kind == "word" else _number(said) if kind == "number" else _text_of(said))
        self._want = _NEXT if len(self._stack) > 1 else _END
        return ""

    def _mark(self, mark: str) -> bool:
        """Whether the mark may stand here."""
        if mark in "{[" and self._wants_value():
            inner: dict[str, Any] | list[Any] = {} if mark == "{" else []
            self._put(inner)
            self._stack.append(inner)
            self._path.append("" if mark == "{" else 0)
            self._want = _FIRST_KEY if mark == "{" else _FIRST
        elif mark in "}]" and self._closes(mark):
            self._stack.pop()
            self._path.pop()
            self._want = _NEXT if len(self._stack) > 1 else _END
        elif mark == "," and self._want == _NEXT:
            self._want = _KEY if isinstance(self._stack[-1], dict) else _VALUE
        elif mark == ":" and self._want == _COLON:
            self._want = _VALUE
        else:
            return False
        return True

    def _closes(self, mark: str) -> bool:
        inside = isinstance(self._stack[-1], dict)
        return self._want in (_NEXT, _FIRST_KEY if inside else _FIRST) and inside == (mark == "}")

    def _put(self, value: Any) -> None:
        holder = self._stack[-1]
        if isinstance(holder, dict):
            holder[str(self._path[-1])] = value
        else:
            self._path[-1] = len(holder)
            holder.append(value)

    def _ended(self, rest: str) -> Reading:
        """The text is over; ``rest`` is a string that it broke off in."""
        if self._want == _END and not rest:
            return Reading(self._root[0], WHOLE)
        inside = False
        if rest and self._wants_value():
            self._put(_half(rest))
            inside = True
        elif self._want == _COLON or (self._want == _VALUE and isinstance(self._stack[-1], dict)):
            self._put(Lost("unknown"))
            inside = True
        elif rest and self._want not in (_KEY, _FIRST_KEY):
            return Reading(None, INVALID, problem=_not_json(rest))
        return self._cut(inside=inside)

    def _ended_in(self, said: str, kind: str) -> Reading:
        """The text is over in or behind a number or a word."""
        if kind == "word":
            whole = next((word for word in _WORDS if word.startswith(said)), None)
            if whole is None:
                return Reading(None, INVALID, problem=_not_json(said))
            self._put(_WORDS[whole])
            if len(self._stack) == 1 and whole == said:
                return Reading(self._root[0], WHOLE)
            return self._cut(inside=False)
        self._put(Lost("number"))
        return self._cut(inside=True)

    def _cut(self, *, inside: bool) -> Reading:
        """What there is of a text that ends too early, ``inside`` the value that was put last."""
        if not self._root:
            return Reading(Lost("unknown"), CUT)
        path = self._path[1 : len(self._path) if inside else len(self._path) - 1]
        return Reading(self._root[0], CUT, tuple(path))


def _text_of(token: str) -> str:
    try:
        text = json.loads(token, strict=False)
    except ValueError:  # an escape that JSON does not know
        text = token[1:-1]
    return str(text).encode("utf-8", "replace").decode()


def _half(token: str) -> str:
    """A string without its end; half an escape or half a character at the cut is left out."""
    sound = _SOUND.match(token)
    assert sound is not None
    text = _UNPAIRED.sub("", str(json.loads(f'{sound[0]}"', strict=False))).removesuffix("\ufffd")
    return text.encode("utf-8", "replace").decode()


def _is_number(said: str) -> bool:
    return re.fullmatch(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?", said) is not None


def _number(said: str) -> int | float:
    try:
        return int(said) if said.lstrip("-").isdigit() else float(said)
    except ValueError:  # more digits than Python turns into a number
        return float("inf")


def _not_json(said: str) -> str:
    if said in _NO_JSON:
        return f"{said} is no JSON"
    if said.startswith("'"):
        return "JSON has double quotes, not single ones"
    return NOT_JSON

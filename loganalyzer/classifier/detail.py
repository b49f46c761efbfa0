"""What the kept lines of one request tell: its evidence, what exactly broke, the route that only an ARN names."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import numpy.typing as npt

from loganalyzer import vocabulary as words
from loganalyzer.classifier.evidence import RESULT
from loganalyzer.classifier.explainers.material import Material, by_head
from loganalyzer.classifier.explainers.registry import EXPLAINERS, explain
from loganalyzer.classifier.rules import Entry
from loganalyzer.parser.columns import places

if TYPE_CHECKING:
    from functools import _lru_cache_wrapper

Flags = npt.NDArray[np.bool_]
Lines = tuple[tuple[int, bytes], ...]
"""Code and message of each kept line, by time."""

_T = TypeVar("_T")

MAX_EVIDENCE = 8
"""So many lines of evidence are kept of one request."""

ARN_HEADS = (
    "Endpoint request body after transformations:",
    "Endpoint request headers:",
    "User: anonymous is not authorized to perform",
    "User: arn:… is not authorized to perform",
)
_ARN_CODES = frozenset(code for head in ARN_HEADS for code in words.BY_HEAD[head])
_ARNS = ("method_arn", "source_arn", "resource_arn")
_VERB = re.compile("[A-Z]{3,20}")
_OUTCOME = ("Method completed with status:", "Gateway response type:")
_SHOWN_BY = {"policy_denies": RESULT, "policy_does_not_match": RESULT, "policy_allows": RESULT}
"""Facts of the second look, and the sentence that shows them."""

_CONSTANT = {
    "completed": "Successfully completed execution",
    "stopped_after_authorizer": "Successfully completed authorizer execution",
}
"""Facts that a sentence without any value shows: it need not be kept to be quoted."""


_CALL_ID = b" Lambda request id:"
_CALLS = frozenset(
    code
    for head in (
        "Lambda execution failed with status",
        "Lambda execution failed due to customer function error",
        "Lambda invocation failed with status:",
    )
    for code in words.BY_HEAD[head]
)
"""Sentences that end in the id of the function's call, which alone may tell them from the same of other requests."""

_CLOSING = frozenset(code for head in (*_OUTCOME, "Unauthorized request:") for code in words.BY_HEAD[head])
"""Sentences that no explainer reads: the status, or what only the id tells from others."""

_SHORT = 1024
"""Bytes of lines that are worth remembering."""

_PAIRS = 4096


@dataclass(frozen=True, slots=True)
class Detail:
    """What only the text of a request tells: its evidence, API, method and path from its ARNs, what exactly broke."""

    evidence: tuple[str, ...]
    api: bytes = b""
    method: bytes = b""
    path: bytes = b""
    broke: str = ""


NO_DETAIL = Detail(())


def evidence_heads(entry: Entry | None) -> tuple[str, ...]:
    """The sentences that a diagnosis of a category rests on: those its rules name, or that show a fact they name."""
    heads: dict[str, None] = {}
    for condition in entry.when if entry else ():
        for sentence in words.SENTENCES[1:]:
            if condition.names(sentence.code) or any(
                words.FACT_BIT[fact.name] & (condition.facts | condition.fact_any) for fact in sentence.facts
            ):
                heads[sentence.head] = None
        for name, head in (*_SHOWN_BY.items(), *_CONSTANT.items()):
            if words.FACT_BIT[name] & (condition.facts | condition.fact_any):
                heads[head] = None
    return (*heads, *_OUTCOME)


class Wanted:
    """What is evidence in the requests of a category: a flag for each sentence, the codes of those that have
    it; of constant ones it is enough that they are said."""

    __slots__ = ("_constant", "_said", "codes", "shown")

    def __init__(self, entry: Entry | None) -> None:
        heads = evidence_heads(entry)
        self.codes: Flags = np.array([bool(s.rank) or s.head in heads for s in words.SENTENCES])
        self.shown = frozenset(places(self.codes).tolist())
        self._constant = [(head, *_bits_of(head)) for head in heads if head in _CONSTANT.values()]
        self._said: dict[tuple[int, int], tuple[str, ...]] = {}

    def said_by(self, said: tuple[int, int]) -> tuple[str, ...]:
        """The constant sentences among those of a request, which are given as two words; few pairs are distinct."""
        found = self._said.get(said)
        if found is None:
            if len(self._said) >= _PAIRS:
                self._said.clear()
            found = tuple(head for head, low, high in self._constant if said[0] & low or said[1] & high)
            self._said[said] = found
        return found


def _bits_of(head: str) -> tuple[int, int]:
    codes = words.BY_HEAD[head]
    low, high = (sum(1 << (code % 64) for code in codes if code // 64 == part) for part in (0, 1))
    return low, high


def detail_of(
    lines: Lines, category: str, waited: int | None, authorizer: str, *, wanted: Wanted, said: tuple[int, int]
) -> Detail:
    """What the kept lines of a failed request tell, given its category and what became of its authorizer.

    ``waited`` is how long it was waited for what timed out, in ms, ``said`` the two words of all its sentences.
    """
    return _if_short(_read, lines)(lines, category, waited, authorizer, wanted, wanted.said_by(said))


def _if_short(told: _lru_cache_wrapper[_T], lines: Lines) -> Callable[..., _T]:
    """What remembers what lines tell; where they are too long to be kept in their thousands, what does not."""
    length = 0
    for _, message in lines:
        length += len(message)
    return told if length <= _SHORT else told.__wrapped__


@lru_cache(maxsize=4096)
def _read(
    lines: Lines, category: str, waited: int | None, authorizer: str, wanted: Wanted, constant: tuple[str, ...]
) -> Detail:
    """What the kept lines of a request tell; the same lines come again and again."""
    evidence = dict.fromkeys(constant)
    for code, message in lines:
        if code in wanted.shown:
            evidence[message.decode("utf-8", "replace")] = None
    broke = ""
    if category in EXPLAINERS:
        telling = tuple(
            (code, message.partition(_CALL_ID)[0] if code in _CALLS else message)
            for code, message in lines
            if code not in _CLOSING
        )
        broke = _if_short(_broke, telling)(telling, category, waited, authorizer)
    return Detail(tuple(evidence)[:MAX_EVIDENCE], *told_route(lines), broke=broke)


@lru_cache(maxsize=4096)
def _broke(lines: Lines, category: str, waited: int | None, authorizer: str) -> str:
    """What exactly broke, by lines without what sets those apart that tell the same."""
    return explain(Material(category, by_head(lines), waited, authorizer)).detail


def told_route(lines: Lines) -> tuple[bytes, bytes, bytes]:
    """API, method and path by the first ARN that names a method, else by the last one."""
    route = (b"", b"", b"")
    for code, message in lines:
        if code in _ARN_CODES and not route[1]:
            fields = words.SENTENCES[code].captured(message)
            route = route_of(next((fields[name] for name in _ARNS if name in fields), ""))
    return route


def route_of(arn: str) -> tuple[bytes, bytes, bytes]:
    """``<api>/<stage>``, method and path from ``arn:aws:execute-api:<region>:<account>:<api>/<stage>/<verb>/<path>``.

    A WebSocket API's has the key of the route in the place of verb and path: the path is that of its predefined routes.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html
    """
    parts = arn.rpartition(":")[2].split("/", 3) if ":execute-api:" in arn else []
    if len(parts) < 2 or parts[1] == "authorizers":
        return (b"", b"", b"")
    api = f"{parts[0]}/{parts[1]}" if parts[0] and parts[1] not in ("null", "") else ""
    verb = parts[2] if len(parts) > 2 else ""
    if not _VERB.fullmatch(verb):
        return api.encode(), b"", verb.encode() if verb.startswith("$") else b""
    return api.encode(), verb.encode(), f"/{parts[3] if len(parts) > 3 else ''}".encode()

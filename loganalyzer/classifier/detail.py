"""What the kept lines of one request tell: its evidence, what exactly broke, the route that only an ARN names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeVar

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

_SHORT = 1024
"""Bytes of lines that are worth remembering."""

_PAIRS = 4096


class Detail(NamedTuple):
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
    """What is evidence in the requests of a category: ``codes`` has a flag for each sentence, ``shown`` the codes of
    those that have it; of constant ones it is enough that they are said. ``explained`` are the codes of the sentences
    that its explainer has asked for so far, ``read`` those of all that a :class:`Detail` rests on."""

    __slots__ = ("_constant", "_said", "codes", "explained", "read", "shown")

    def __init__(self, entry: Entry | None) -> None:
        heads = evidence_heads(entry)
        self.codes: Flags = np.array([bool(s.rank) or s.head in heads for s in words.SENTENCES])
        self.shown = frozenset(places(self.codes).tolist())
        self.explained: frozenset[int] = frozenset()
        self.read = self.shown | _ARN_CODES
        self._constant = [(head, *_bits_of(head)) for head in heads if head in _CONSTANT.values()]
        self._said: dict[tuple[int, int], tuple[str, ...]] = {}

    def add(self, heads: frozenset[str]) -> bool:
        """Note that the explainer has asked for these; whether it had not asked for all of them before."""
        asked = _codes_of(heads)
        if asked <= self.explained:
            return False
        self.explained |= asked
        self.read |= asked
        return True

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


@lru_cache(maxsize=1024)
def _codes_of(heads: frozenset[str]) -> frozenset[int]:
    return frozenset(code for head in heads for code in words.BY_HEAD[head])


def detail_of(
    lines: Lines, category: str, waited: int | None, authorizer: str, *, wanted: Wanted, said: tuple[int, int]
) -> Detail:
    """What the kept lines of a failed request tell, given its category and what became of its authorizer.

    ``waited`` is how long it was waited for what timed out, in ms, ``said`` the two words of all its sentences.
    """
    constant = wanted.said_by(said)
    while True:
        read = tuple([line for line in lines if line[0] in wanted.read])
        try:
            return _if_short(_read, read)(read, category, waited, authorizer, wanted, constant)
        except _AskedMore:
            continue


def _if_short(told: _lru_cache_wrapper[_T], lines: Lines) -> Callable[..., _T]:
    """What remembers what lines tell; where they are too long to be kept in their thousands, what does not."""
    length = 0
    for _, message in lines:
        length += len(message)
    return told if length <= _SHORT else told.__wrapped__


class _AskedMore(Exception):
    """An explainer has asked for lines that were thought to be of no use, so it has not seen them."""


@lru_cache(maxsize=4096)
def _read(
    lines: Lines, category: str, waited: int | None, authorizer: str, wanted: Wanted, constant: tuple[str, ...]
) -> Detail:
    """What those lines of a request tell that are read; the same lines come again and again."""
    evidence = dict.fromkeys(constant)
    for code, message in lines:
        if code in wanted.shown:
            evidence[message.decode("utf-8", "replace")] = None
    broke = ""
    if category in EXPLAINERS:
        telling = tuple(
            [
                (code, message.partition(_CALL_ID)[0] if code in _CALLS else message)
                for code, message in lines
                if code in wanted.explained
            ]
        )
        broke, asked = _if_short(_broke, telling)(telling, category, waited, authorizer)
        if wanted.add(asked):
            raise _AskedMore
    return Detail(tuple(evidence)[:MAX_EVIDENCE], *told_route(lines), broke=broke)


@lru_cache(maxsize=4096)
def _broke(lines: Lines, category: str, waited: int | None, authorizer: str) -> tuple[str, frozenset[str]]:
    """What exactly broke, by lines without what sets those apart that tell the same, and the heads asked for."""
    said = _Asked(by_head(lines))
    return explain(Material(category, said, waited, authorizer)).detail, frozenset(said.heads)


class _Asked(Mapping[str, tuple[bytes, ...]]):
    """Messages by head, and the ``heads`` that were asked for."""

    def __init__(self, said: Mapping[str, tuple[bytes, ...]]) -> None:
        self._said = said
        self.heads: set[str] = set()

    def __getitem__(self, head: str) -> tuple[bytes, ...]:
        self.heads.add(head)
        return self._said[head]

    def __iter__(self) -> Iterator[str]:
        self.heads.update(sentence.head for sentence in words.SENTENCES[1:])
        return iter(self._said)

    def __len__(self) -> int:
        return len(self._said)


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

"""What an explainer may read of one request: its lines by sentence, and a few facts of its row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from loganalyzer import vocabulary as words
from loganalyzer.parser.reader import TRUNCATED

RESULT = "Authorizer result body before parsing:"
AUTHORIZER_EVENT = "Endpoint request body after transformations:"
ENDPOINT_URI = "Endpoint request URI:"
ENDPOINT_HEADERS = "Endpoint request headers:"
ANSWER_HEADERS = "Endpoint response headers:"
ANSWER_BODY = "Endpoint response body before transformations:"

LONGEST = 4096
"""Kept lines are cut here by us: a message that long may have gone on."""


@dataclass(frozen=True, slots=True)
class Material:
    """The lines of a request, or those of them that were kept, by the head of their sentence and in their order.

    ``waited_ms`` is the time from the last call (else the last milestone before it) to the decisive line;
    ``authorizer`` says what became of it (``none | ran | cached | failed | unknown``); ``traced`` whether data trace
    shows; ``complete`` whether all lines are here, so that what is missing is not in the log.
    """

    category: str
    said: Mapping[str, tuple[bytes, ...]] = field(default_factory=dict)
    waited_ms: int | None = None
    authorizer: str = "unknown"
    traced: bool = False
    complete: bool = False

    def message(self, head: str) -> bytes:
        """The first message of a sentence, empty if there is none."""
        return self.said.get(head, (b"",))[0]

    def text(self, head: str) -> tuple[str, bool]:
        """What the last message of a sentence says behind its head, and whether its end is missing."""
        return behind(self.said[head][-1], head) if head in self.said else ("", False)

    def fields(self, head: str) -> dict[str, str]:
        """The values that the first message of a sentence carries, by name."""
        message = self.message(head)
        return words.SENTENCES[words.BY_HEAD[head][0]].captured(message) if message else {}

    def method_arn(self) -> str:
        """The ARN of the method that was called, as the authorizer was told it; empty if the lines do not show it."""
        for head in (AUTHORIZER_EVENT, ENDPOINT_HEADERS):
            for message in self.said.get(head, ()):
                found = words.SENTENCES[words.BY_HEAD[head][0]].captured(message)
                arn = found.get("method_arn") or found.get("source_arn", "")
                if arn and "/authorizers/" not in arn:
                    return arn
        return ""


def behind(message: bytes, head: str) -> tuple[str, bool]:
    """What a message says behind the head of its sentence, and whether its end is missing."""
    text = message[len(head.encode()) :].strip()
    cut = text.endswith(TRUNCATED)
    text = text.removesuffix(TRUNCATED).rstrip() if cut else text
    return text.decode("utf-8", "replace"), cut or len(message) >= LONGEST


def by_head(lines: Iterable[tuple[int, bytes]]) -> dict[str, tuple[bytes, ...]]:
    """Messages with the codes of their sentences, put together by head."""
    found: dict[str, tuple[bytes, ...]] = {}
    for code, message in lines:
        head = words.SENTENCES[code].head
        found[head] = (*found.get(head, ()), message)
    return found

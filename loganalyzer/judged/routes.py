"""What requests were for: API, deployment stage, method, resource."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

_KNOWN = 4096


class Route(NamedTuple):
    """What a request was for: API, deployment stage, method, template of the path."""

    api_id: str
    api_stage: str
    method: str
    resource: str


RouteKey = tuple[int, int, int, int, bytes, bytes]
"""Codes of API, origin, method and resource, API and method as an ARN tells them."""


class Routes:
    """Routes by the numbers of ``texts`` that rows hold; few are distinct."""

    def __init__(self, texts: Sequence[bytes]) -> None:
        self._texts = texts
        self._known: dict[RouteKey, Route] = {}

    def of(self, key: RouteKey) -> Route:
        """The route of a request."""
        if key not in self._known:
            if len(self._known) >= _KNOWN:
                self._known.clear()
            self._known[key] = self._read(*key)
        return self._known[key]

    def _read(self, api: int, origin: int, method: int, resource: int, api_told: bytes, method_told: bytes) -> Route:
        texts = self._texts
        api_id, _, api_stage = (texts[api] or api_told or texts[origin]).partition(b"/")
        named = self.method(method, resource, method_told)
        return Route(text_of(api_id), text_of(api_stage), text_of(named), text_of(template_of(texts[resource])))

    def method(self, method: int, resource: int, told: bytes = b"") -> bytes:
        """The verb by the codes of method and resource, else the one that an ARN has told."""
        texts = self._texts
        verb = texts[resource].partition(b" ")[0]
        return next((text for text in (texts[method], verb, told) if text not in (b"", b"ANY")), b"")


def template_of(resource: bytes) -> bytes:
    """The path of a resource, which stands with its verb."""
    return resource.partition(b" ")[2]


def text_of(raw: bytes) -> str:
    """A text of the log as it is shown: what is no UTF-8 is replaced."""
    return raw.decode("utf-8", "replace")

"""Reads the responses of a HAR file, as browsers save them from their network tab.

http://www.softwareishard.com/blog/har-12-spec/
"""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Any

import msgspec

from loganalyzer.client.records import ClientResponse
from loganalyzer.errors import NothingReadable


def looks_like_har(text: str) -> bool:
    """Whether the text is meant to be a HAR file, whole or not."""
    head = text[:4000].lstrip("\ufeff \t\r\n")
    return head.startswith("{") and '"log"' in head and ('"entries"' in text or '"creator"' in head)


def har_responses(text: str) -> list[ClientResponse]:
    """The responses of a HAR file in its order; those that the browser got no answer to have status 0.

    Raises :class:`NothingReadable` for one that is cut or has another shape.
    """
    try:
        document = msgspec.json.decode(text.lstrip("\ufeff").encode("utf-8", "replace"))
    except (msgspec.DecodeError, RecursionError) as error:
        raise NothingReadable(
            f"the HAR file is no valid JSON: {str(error) or type(error).__name__}",
            tip="save it again: a HAR file cut in the middle cannot be read",
        ) from error
    entries = _get(_get(document, "log"), "entries")
    if not isinstance(entries, list):
        raise NothingReadable("the HAR file has no log.entries", tip="save it from the browser's network tab")
    return [_response(entry) for entry in entries if isinstance(_get(entry, "response"), dict)]


def _get(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _response(entry: Any) -> ClientResponse:
    response, request = entry["response"], _get(entry, "request")
    status = _get(response, "status")
    took = _get(entry, "time")
    return ClientResponse(
        status=status if isinstance(status, int) and not isinstance(status, bool) else 0,
        headers=tuple(_headers(_get(response, "headers"))),
        body=_body(_get(response, "content")),
        method=_text(_get(request, "method")),
        url=_text(_get(request, "url")),
        whole=True,
        elapsed_ms=round(took) if isinstance(took, int | float) and 0 <= took < 1e9 else None,
        at=_moment(_text(_get(entry, "startedDateTime"))),
    )


def _headers(rows: Any) -> list[tuple[str, str]]:
    rows = rows if isinstance(rows, list) else []
    return [(_text(_get(row, "name")), _text(_get(row, "value"))) for row in rows if _text(_get(row, "name"))]


def _body(content: Any) -> str | None:
    text = _get(content, "text")
    if not isinstance(text, str):
        return "" if _get(content, "size") == 0 else None
    if _get(content, "encoding") != "base64":
        return text
    try:
        return base64.b64decode(text, validate=False).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return None


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None

"""Answers that come in pages, read to the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from loganalyzer.fetcher.session import ask

if TYPE_CHECKING:
    from botocore.client import BaseClient

TOKENS = {
    "logs": ("nextToken", "nextToken"),
    "apigateway": ("position", "position"),
    "apigatewayv2": ("NextToken", "NextToken"),
    "s3": ("NextContinuationToken", "ContinuationToken"),
}
"""What the token is called in the answer and in the next question, by service."""


def items_of(
    source: BaseClient, operation: str, *, key: str, parameters: Mapping[str, object] | None = None
) -> Iterator[dict[str, Any]]:
    """What stands under ``key`` in all pages of an answer; a token that comes twice in a row ends the reading."""
    given, asked = TOKENS[source.meta.service_model.service_name]
    said, token = dict(parameters or {}), None
    while True:
        page = ask(source, operation, said)
        yield from page.get(key) or ()
        before, token = token, page.get(given)
        if not token or token == before:
            return
        said[asked] = token

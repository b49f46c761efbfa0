"""From what was pasted to the responses that failed."""

from __future__ import annotations

import codecs
import json
from dataclasses import dataclass

from loganalyzer.client.har import har_responses, looks_like_har
from loganalyzer.client.pasted import responses_in
from loganalyzer.client.records import ClientResponse, header
from loganalyzer.errors import NothingReadable

LARGEST = 256 << 20
"""So many bytes are read at most: a HAR file of a long session has some ten million."""

_PASTE = "paste the output of curl -i, curl -v or http, or a HAR file; or say --status and --body"
_UTF_16 = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


@dataclass(frozen=True, slots=True)
class Reading:
    """The responses that failed, in their order, and what is to be said of the others."""

    responses: tuple[ClientResponse, ...]
    notes: tuple[str, ...] = ()


def read(pasted: str | bytes) -> Reading:
    """The failed responses in the text of curl, httpie, wget or a browser, or in a HAR file.

    Raises :class:`NothingReadable` where it holds no HTTP response, or none that failed.
    """
    text = pasted if isinstance(pasted, str) else decoded(pasted)
    if looks_like_har(text):
        return _of_har(har_responses(text))
    responses = responses_in(text)
    if not responses:
        raise _no_response(text)
    return _of_text(responses)


def decoded(raw: bytes) -> str:
    """The bytes as text: UTF-8, or the UTF-16 that PowerShell writes; raises :class:`NothingReadable` for too many."""
    if len(raw) > LARGEST:
        raise NothingReadable(f"more than {LARGEST >> 20} MB: that is no response", tip=_PASTE)
    return raw.decode(_UTF_16.get(raw[:2], "utf-8-sig"), "replace")


def _no_response(text: str) -> NothingReadable:
    if not text.strip():
        return NothingReadable("there is no HTTP response: the text is empty", tip=_PASTE)
    odd = sum(character == "\ufffd" or (character < " " and not character.isspace()) for character in text[:4000])
    if odd * 20 > len(text[:4000]):
        return NothingReadable("there is no HTTP response in it: the data is binary", tip=_PASTE)
    return NothingReadable("there is no HTTP response in the text", tip=_PASTE)


def failed(response: ClientResponse) -> bool:
    """Whether there is something to explain: a status from 400 or unknown, or a failure that poses as a success."""
    if response.status is None or response.status >= 400 or header(response, "x-amzn-waf-action"):
        return True
    return response.status >= 200 and lambda_error_in(response.body)


def lambda_error_in(body: str | None) -> bool:
    """Whether a body is the error object that Lambda writes for a function that failed.

    https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html
    """
    if body is None or '"errorMessage"' not in body:
        return False
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return body.lstrip().startswith('{"errorMessage"')
    kinds = {"errorMessage", "errorType", "stackTrace", "requestId", "trace", "cause"}
    return isinstance(value, dict) and "errorMessage" in value and value.keys() <= kinds


def _of_text(responses: list[ClientResponse]) -> Reading:
    for response in responses:
        if response.status is not None and not 100 <= response.status <= 599:
            raise NothingReadable(f"{response.status} is no HTTP status", tip="a status is between 100 and 599")
    failures = [response for response in responses if failed(response)]
    if not failures:
        raise NothingReadable(
            f"nothing failed: the response has status {responses[-1].status}", tip="paste a response that failed"
        )
    notes = []
    if len(responses) > 1:
        told = ", ".join(str(response.status) for response in responses[:8]) + (", …" if len(responses) > 8 else "")
        which = "the one that failed is explained" if len(failures) == 1 else f"{len(failures)} that failed"
        notes.append(f"the text holds {len(responses)} responses ({told}): {which}")
    if not failed(responses[-1]):
        notes.append(f"the last response did not fail ({responses[-1].status})")
    return Reading(tuple(failures), tuple(notes))


def _of_har(responses: list[ClientResponse]) -> Reading:
    answered = [response for response in responses if response.status and 100 <= response.status <= 599]
    failures = [response for response in answered if failed(response)]
    unanswered = len(responses) - len(answered)
    hidden = (
        f"{unanswered} with status 0, without a response that the browser would show: aborted, no connection, or "
        "hidden because CORS headers are missing, which API Gateway's own error responses lack unless customised"
    )
    if not failures:
        many = len(responses)
        raise NothingReadable(
            f"no failed response in the HAR file ({many} {'entry' if many == 1 else 'entries'})",
            tip=hidden if unanswered else "record the failing call, then save the HAR file",
        )
    notes = [f"the HAR file has {len(responses)} responses, {len(failures)} of them failed"]
    return Reading(tuple(failures), (*notes, *((hidden,) if unanswered else ())))

"""A log as the console's Test prints it, and TestInvokeMethod and TestInvokeAuthorizer answer it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from loganalyzer.scales import Stage
from loganalyzer.sentences import Sentence
from loganalyzer.vocabulary import match
from tests.formats.entries import Entry, Log, at, lines, requests_of

_NOT_IN_TESTS = ("request header", "correlation")
_WIDTH = 80

STATUS = "Method completed with status: "
_FAILED_AUTHORIZERS = {"Unauthorized request:": "Unauthorized"}
PANEL = {
    "en": ("Request: ", "Status: ", "Latency: ", "Response Body", "Response Headers", "Logs"),
    "ja": ("リクエスト: ", "ステータス: ", "レーテンシー: ", "レスポンス本文", "レスポンスヘッダー", "ログ"),
}


def sentence(entry: Entry) -> Sentence:
    """The sentence that an event says."""
    return match(entry.message.encode())


def is_authorizer_test(entries: Log) -> bool:
    """Whether a request is tested with its authorizer: it got no further."""
    return not any(sentence(entry).method_phase for entry in entries)


def as_test(entries: Log) -> list[Entry]:
    """The events that a test of this request prints behind its header."""
    if is_authorizer_test(entries):
        kept = [e for e in entries if sentence(e).step not in (*_NOT_IN_TESTS, "outcome")]
        failures = [e for e in kept if sentence(e).rank]
        if failures:
            ending = _FAILED_AUTHORIZERS.get(sentence(failures[-1]).head, "AuthorizerConfigurationException")
            kept.append(Entry(kept[-1].time, kept[-1].id, ending))
        return kept
    start = next(
        n
        for n, entry in enumerate(entries)
        if sentence(entry).stage >= Stage.REQUEST_VALIDATION and not sentence(entry).shared
    )
    return [e for e in entries[start:] if sentence(e).step not in _NOT_IN_TESTS]


def test_text(entries: Log) -> str:
    """The log of one test."""
    header = f"Execution log for request {entries[0].id}\n"
    return header + "".join(f"{at(e.time):%a %b %d %H:%M:%S UTC %Y} : {e.message}\n" for e in as_test(entries))


def status_of(entries: Log) -> int:
    """The status that the test answers."""
    found = [int(e.message.removeprefix(STATUS)) for e in entries if e.message.startswith(STATUS)]
    return found[-1] if found else 500


def answer(entries: Log) -> dict[str, Any]:
    """What TestInvokeMethod or TestInvokeAuthorizer answers."""
    latency = entries[-1].time - entries[0].time
    if is_authorizer_test(entries):
        return {"clientStatus": status_of(entries), "log": test_text(entries), "latency": latency}
    return {
        "status": status_of(entries),
        "body": '{"message": "Internal server error"}',
        "headers": {"x-amzn-ErrorType": "InternalServerErrorException"},
        "log": test_text(entries),
        "latency": latency,
    }


def test_invoke_json(log: Log) -> bytes:
    """The answers of the AWS CLI one behind the other."""
    return b"".join(json.dumps(answer(entries), indent=4).encode() + b"\n" for entries in requests_of(log))


def test_invoke_yaml(log: Log) -> bytes:
    """The same with ``--output yaml``."""
    return "".join("".join(_yaml(answer(entries))) for entries in requests_of(log)).encode()


def _yaml(value: dict[str, Any]) -> Iterator[str]:
    for key, inner in value.items():
        if isinstance(inner, dict):
            yield f"{key}:\n"
            yield from (f"  {line}" for line in _yaml(inner))
        elif isinstance(inner, str):
            yield from _folded(f"{key}: ", inner)
        else:
            yield f"{key}: {inner}\n"


def _folded(key: str, text: str) -> Iterator[str]:
    """A double-quoted scalar, folded in front of blanks as YAML writers do."""
    words = json.dumps(text, ensure_ascii=False).split(" ")
    row = key + words[0]
    for word in words[1:]:
        if len(row) + len(word) > _WIDTH:
            yield row + "\\\n"
            row = "  \\ " + word
        else:
            row += " " + word
    yield row + "\n"


def console_test(log: Log, *, language: str = "en") -> bytes:
    """The whole panel of the console's Test, one after another."""
    return "".join(_panel(entries, PANEL[language]) for entries in requests_of(log)).encode()


def localised_test(log: Log) -> bytes:
    """The panel in Japanese; the log stays English."""
    return console_test(log, language="ja")


def _panel(entries: Log, labels: tuple[str, ...]) -> str:
    request, status, latency, body, headers, logs = labels
    return (
        f"{request}/orders\n{status}{status_of(entries)}\n{latency}{entries[-1].time - entries[0].time} ms\n{body}\n"
        f'{{\n  "message": "Internal server error"\n}}\n{headers}\n'
        f'{{"x-amzn-ErrorType":"InternalServerErrorException"}}\n{logs}\n{test_text(entries)}\n'
    )


def test_on_one_line(log: Log) -> bytes:
    """Tests whose line breaks were lost, one a line."""
    return lines(" ".join(test_text(entries).split()) for entries in requests_of(log))

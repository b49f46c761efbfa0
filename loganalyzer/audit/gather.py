"""Asks AWS for the settings of an API: read-only calls, each answer or refusal kept in a snapshot."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from loganalyzer.audit import calls
from loganalyzer.audit.asking import Request, first_questions, further_questions
from loganalyzer.audit.reading import read
from loganalyzer.audit.settings import HTTP, REST, WEBSOCKET
from loganalyzer.audit.shapes import text
from loganalyzer.audit.snapshot import Answer, Snapshot, snapshot_of
from loganalyzer.errors import AwsError
from loganalyzer.fetcher.refusals import CREDENTIALS, EXPIRED, REGION, UNREACHABLE, AwsRefused
from loganalyzer.fetcher.session import ask

if TYPE_CHECKING:
    from botocore.client import BaseClient

Clients: TypeAlias = "Callable[[str], BaseClient]"
"""Gives a client for a service, all of one account and region."""

_AT_ONCE = 4
_PAGES = 200
_HOPELESS = (EXPIRED, CREDENTIALS, REGION)
"""Refusals that every other call would meet as well."""
_TOKENS = {"position": "position", "nextToken": "nextToken", "NextToken": "NextToken"}
"""The member that holds the token of the next page, by service; the next call takes it under the same name."""


def gather(clients: Clients, *, api: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Snapshot:
    """The settings of an API, as far as they may be read.

    What AWS refuses is kept as refused. Raises :class:`AwsError` if AWS cannot be reached, does not take the
    credentials, refuses every call, or has no such API in the region.
    """
    asker = _Asker(clients)
    kind = _kind(asker, api)
    answers = asker.all(first_questions(kind, api=api))
    answers.append(asker.ask(calls.GET_CALLER, {}))
    _demand_something(answers, api)
    for _ in range(2):  # what is learned in the first round gives rise to a second
        known = snapshot_of(answers, api=api, region=asker.region)
        asked = {(one.operation, tuple(one.request.items())) for one in answers}
        open_questions = further_questions(read(known))
        answers += asker.all(one for one in open_questions if (one[0], tuple(one[1].items())) not in asked)
    account = next((text((one.body or {}).get("Account")) for one in answers if one.operation == calls.GET_CALLER), "")
    taken = now().astimezone(UTC).isoformat(timespec="seconds")
    return snapshot_of(answers, api=api, region=asker.region, account=account, taken=taken)


def _kind(asker: _Asker, api: str) -> str:
    """REST, WebSocket or HTTP: two services know APIs, each its own."""
    answer = asker.ask(calls.GET_REST_API, {"restApiId": api})
    if not answer.missing:
        return REST
    other = asker.ask(calls.GET_API_V2, {"ApiId": api})
    if other.body is not None:
        return HTTP if text(other.body.get("ProtocolType")) == HTTP else WEBSOCKET
    if other.missing:
        raise AwsError(
            f"there is no API '{api}' in {asker.region or 'this region'}",
            tip="aws apigateway get-rest-apis lists the APIs; check --api, --region and --profile",
        )
    return REST


def _demand_something(answers: Iterable[Answer], api: str) -> None:
    asked = [answer for answer in answers if answer.operation != calls.GET_CALLER]
    if all(answer.refused for answer in asked):
        raise AwsError(
            f"AWS refused every call about API '{api}': {asked[0].error}",
            tip="ask for the permissions: 'loganalyzer policy --for audit' prints the policy that is needed",
        )


class _Asker:
    """Makes calls and keeps what came of them; a client of each service is made once."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._made: dict[str, BaseClient] = {}
        self._given: dict[tuple[str, ...], Answer] = {}

    @property
    def region(self) -> str:
        return text(self._client("apigateway").meta.region_name)

    def _client(self, service: str) -> BaseClient:
        if service not in self._made:
            self._made[service] = self._clients(service)
        return self._made[service]

    def all(self, questions: Iterable[tuple[str, Request]]) -> list[Answer]:
        """The answers, in the order of the questions; a few calls are under way at once."""
        listed = list(questions)
        for operation, _ in listed:
            self._client(operation.partition(":")[0])
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return list(pool.map(lambda question: self.ask(*question), listed))

    def ask(self, operation: str, request: Request) -> Answer:
        """What AWS answers, or why it does not; asked once, however often one wants to know."""
        question = (operation, *request.values())
        if question not in self._given:
            self._given[question] = self._answer(operation, request)
        return self._given[question]

    def _answer(self, operation: str, request: Request) -> Answer:
        from botocore.parsers import ResponseParserError

        try:
            return Answer(operation, request, self._body(operation, request))
        except AwsRefused as refused:
            if refused.kind in _HOPELESS or (refused.kind == UNREACHABLE and operation == calls.GET_REST_API):
                raise
            return Answer(operation, request, None, refused.code or refused.kind, refused.message)
        except (ValueError, ResponseParserError):
            return Answer(operation, request, None, "UnreadableAnswer", "what came back is no answer of AWS")

    def _body(self, operation: str, request: Request) -> dict[str, object]:
        service, _, name = operation.partition(":")
        client = self._client(service)
        asked: dict[str, Any] = {**request, **_EXTRA.get(operation, {})}
        whole: dict[str, object] = {}
        for _ in range(_PAGES):
            page = ask(client, _snake(name), asked)
            _add(whole, _plain(operation, page))
            token = next((name for name in _TOKENS if page.get(name)), "")
            if not token or asked.get(token) == page[token]:
                break
            asked[token] = page[token]
        else:
            raise ValueError(f"more than {_PAGES} pages")
        return whole


_EXTRA: Mapping[str, Mapping[str, object]] = {
    calls.GET_RESOURCES: {"embed": ["methods"], "limit": 500},
    calls.GET_AUTHORIZERS: {"limit": 500},
    calls.GET_GATEWAY_RESPONSES: {"limit": 500},
    calls.GET_DEPLOYMENTS: {"limit": 500},
    calls.GET_USAGE_PLANS: {"limit": 500},
    calls.GET_API_KEYS: {"limit": 500, "includeValues": False},
    calls.GET_EXPORT: {
        "exportType": "oas30",
        "parameters": {"extensions": "apigateway"},
        "accepts": "application/json",
    },
}
"""What is asked besides: whole methods with the resources, never the values of keys, the extensions of the export."""


def _plain(operation: str, page: Mapping[str, Any]) -> dict[str, object]:
    """A page as plain JSON, without its token and its transport."""
    if operation == calls.GET_EXPORT:
        body = json.loads(page["body"].read())
        return body if isinstance(body, dict) else {}
    plain: dict[str, object] = json.loads(json.dumps(dict(page), default=_written))
    return {name: value for name, value in plain.items() if name not in _TOKENS and name != "ResponseMetadata"}


def _written(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _add(whole: dict[str, object], page: Mapping[str, object]) -> None:
    for name, value in page.items():
        before = whole.get(name)
        whole[name] = before + value if isinstance(before, list) and isinstance(value, list) else value


def _snake(name: str) -> str:
    from botocore import xform_name

    return str(xform_name(name))

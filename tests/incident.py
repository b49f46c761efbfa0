"""An invented incident, the log of notebooks/02_incident.ipynb: ``python -m tests.incident`` writes fixtures/incident
anew.

The authorizer of a bicycle rental has got a new release. It asks a slow key server at every run, so that some runs end
in Lambda's time limit; and its policy allows nothing but the path that was asked for, which is then cached for the
caller's next path. At 17:00 it is mended. Half an hour before and half an hour after are logged with data trace.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random

FOLDER = Path(__file__).resolve().parents[1] / "fixtures" / "incident"

_MENDED = int(datetime(2026, 11, 18, 17, 0, tzinfo=UTC).timestamp() * 1000)
_HALF_HOUR = 1_800_000
_TTL = 300_000
_LIMIT = 3_000
"""The time limit of the authorizer's function, in ms."""

_SLOW = 0.3
"""The share of runs for which the key server took too long."""

_PEOPLE = 90
_ARN = "arn:aws:execute-api:eu-west-1:123456789012:pedal4r3nt"
_FUNCTION = (
    "https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:function:"
)
_VISIT = (
    ("GET", "/bikes", "/bikes"),
    ("GET", "/rides/{rideId}", "/rides/{}"),
    ("GET", "/bikes", "/bikes"),
    ("POST", "/rides", "/rides"),
)
"""What the app asks for, screen by screen: method, resource, path."""


@dataclass(slots=True)
class _Person:
    """Somebody with the app open; ``allowed`` is the path of the cached policy (``*`` for all), until when it lives."""

    identity: str
    principal: str
    ride: str
    allowed: str = ""
    until: int = 0


class _Log:
    """The lines of all requests, by when they were written."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self.lines: list[tuple[int, int, str]] = []

    def uuid(self) -> str:
        """A random UUID (version 4)."""
        digits = f"{self._rng.getrandbits(128):032x}"
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"

    def extended_id(self) -> str:
        """An extended request id."""
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
        return "".join(self._rng.choices(letters, k=15)) + "="

    def say(self, at: int, request: str, *messages: str) -> None:
        """Have a request say something."""
        self.lines += [(at, len(self.lines) + n, f"({request}) {message}") for n, message in enumerate(messages)]

    def call(self, at: int, request: str, function: str, source: str, body: str) -> None:
        """Have a request call a function."""
        headers = (
            f"{{x-amzn-lambda-integration-tag={request}, Authorization={'*' * 24}{self._rng.getrandbits(24):06x}, "
            f"X-Amz-Source-Arn={_ARN}/{source}, Accept=application/json, User-Agent=AmazonAPIGateway_pedal4r3nt}}"
        )
        url = f"{_FUNCTION}{function}/invocations"
        self.say(at, request, f"Endpoint request URI: {url}", f"Endpoint request headers: {headers}")
        self.say(at, request, f"Endpoint request body after transformations: {body}", f"Sending request to {url}")


def captures() -> dict[str, bytes]:
    """The two files by name, as plain text."""
    rng = Random(1700)
    log = _Log(rng)
    for at, person, screen in sorted(_visits(rng), key=lambda visit: visit[0]):
        _request(log, rng, at, person, screen)
    sides = {"before.log": (_MENDED - _HALF_HOUR, _MENDED), "after.log": (_MENDED, _MENDED + _HALF_HOUR)}
    return {
        name: "".join(f"{_iso(at)} {text}\n" for at, _, text in sorted(log.lines) if start <= at < end).encode()
        for name, (start, end) in sides.items()
    }


def _visits(rng: Random) -> Iterator[tuple[int, _Person, int]]:
    """When somebody opens which screen; nobody is at it when the log is cut."""
    for number in range(_PEOPLE):
        secret = f"{rng.getrandbits(24):06x}"
        ride = str(rng.randrange(4000, 9000))
        person = _Person("*" * 60 + secret, "*" * 8 + f"{rng.getrandbits(16):04x}", ride)
        at = _MENDED - _HALF_HOUR + 20_000 + number * (2 * _HALF_HOUR - 300_000) // _PEOPLE + rng.randrange(30_000)
        for screen in range(len(_VISIT)):
            yield at - at % 60_000 + min(at % 60_000, 55_000), person, screen
            at += rng.randrange(15_000, 75_000)


def _request(log: _Log, rng: Random, at: int, person: _Person, screen: int) -> None:
    verb, resource, path = _VISIT[screen]
    path, request = path.format(person.ride), log.uuid()
    log.say(at, request, f"Extended Request Id: {log.extended_id()}")
    log.say(at, request, f"Starting authorizer: gu4rd9 for request: {request}", f"Incoming identity: {person.identity}")
    method = f"{verb}{path}"
    if at >= person.until:
        at = _ask(log, rng, at, request, person, method)
        if at >= person.until:
            return
    log.say(at, request, f"Using valid authorizer policy for principal: {person.principal}")
    log.say(at, request, "Successfully completed authorizer execution")
    if person.allowed not in ("*", method):
        log.say(at, request, "The client is not authorized to perform this operation.")
        return
    _serve(log, rng, at, request, verb, resource, path)


def _ask(log: _Log, rng: Random, at: int, request: str, person: _Person, method: str) -> int:
    """Run the authorizer for a method; the time when it is done."""
    event = f'{{"type":"TOKEN","methodArn":"{_ARN}/prod/{method}","authorizationToken":"Bearer {person.identity}"}}'
    log.call(at, request, "rental-guard", "authorizers/gu4rd9", event)
    said = "Authorizer result body before parsing: "
    if at < _MENDED and rng.random() < _SLOW:
        at += _LIMIT + rng.randrange(2, 12)
        late = f"RequestId: {log.uuid()} Error: Task timed out after 3.00 seconds"
        log.say(at, request, f'{said}{{"errorType":"Sandbox.Timedout","errorMessage":"{late}"}}')
        unusable = 'Unrecognized field "errorType" , not marked as ignorable'
        log.say(at, request, f"Execution failed due to configuration error: Invalid JSON in response: {unusable}")
        return at
    person.allowed, person.until = (method if at < _MENDED else "*"), at + _TTL
    at += rng.randrange(700, 2_600) if at < _MENDED else rng.randrange(12, 40)
    allowed = person.allowed if person.allowed != "*" else "*/*"
    statement = f'{{"Action":"execute-api:Invoke","Effect":"Allow","Resource":"{_ARN}/prod/{allowed}"}}'
    policy = f'{{"Version":"2012-10-17","Statement":[{statement}]}}'
    log.say(at, request, f'{said}{{"principalId":"{person.principal}","policyDocument":{policy}}}')
    return at


def _serve(log: _Log, rng: Random, at: int, request: str, verb: str, resource: str, path: str) -> None:
    """What a request says that was let in: its function answers, now and then that there is no such ride."""
    stage = "pedal4r3nt/prod"
    unlimited = "does not require API Key. Request will not contribute to throttle or quota limits"
    status = 404 if "{" in resource and rng.random() < 0.15 else 201 if verb == "POST" else 200
    answer = f'{{"statusCode":{status},"headers":{{"Content-Type":"application/json"}},"body":"{{}}"}}'
    log.say(
        at, request,
        f"Verifying Usage Plan for request: {request}. API Key:  API Stage: {stage}",
        f"API Key  authorized because method '{verb} {resource}' {unlimited}",
        f"Usage Plan check succeeded for API Key  and API Stage {stage}",
        f"Starting execution for request: {request}",
        f"HTTP Method: {verb}, Resource Path: {path}",
    )  # fmt: skip
    event = f'{{"resource":"{resource}","path":"{path}","httpMethod":"{verb}","headers":null,"body":null}}'
    log.call(at + 1, request, f"rental-{path.split('/')[1]}", f"prod/{verb}{resource}", event)
    took, run = rng.randrange(18, 140), log.uuid()
    log.say(
        at + 1 + took, request,
        f"Received response. Status: 200, Integration latency: {took} ms",
        f"Endpoint response headers: {{Content-Type=application/json, Connection=keep-alive, x-amzn-RequestId={run}}}",
        f"Endpoint response body before transformations: {answer}",
        "Method response body after transformations: {}",
        "Method response headers: {Content-Type=application/json}",
        "Successfully completed execution",
        f"Method completed with status: {status}",
        f"AWS Integration Endpoint RequestId : {run}",
    )  # fmt: skip


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at % 1000:03d}Z"


def write() -> None:
    """Write both files, compressed, the same bytes every time."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in captures().items():
        (FOLDER / f"{name}.gz").write_bytes(gzip.compress(text, 9, mtime=0))


if __name__ == "__main__":
    write()

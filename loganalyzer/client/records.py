"""What was pasted, what was understood of it, and what it may mean, as frozen records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

from loganalyzer.model import Explanation, Request, Timeline
from loganalyzer.scales import Confidence


@dataclass(frozen=True, slots=True)
class ClientResponse:
    """One HTTP response as a client has it, nothing masked.

    ``status`` is None where the text does not tell; ``headers`` are names and values in the order received; ``body`` is
    None where it is not known. ``whole`` says that all headers are there, so that a missing one means something;
    ``cut`` says in words what of the response is missing. ``method``, ``url``, ``elapsed_ms`` and ``at`` are known
    where the request or a HAR file is.
    """

    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: str | None = None
    method: str = ""
    url: str = ""
    whole: bool = False
    cut: str = ""
    elapsed_ms: int | None = None
    at: datetime | None = None


def values_of(response: ClientResponse, name: str) -> Iterator[str]:
    """The values of a header, whatever its case."""
    wanted = name.lower()
    return (value for own, value in response.headers if own.lower() == wanted)


def header(response: ClientResponse, name: str) -> str:
    """The first value of a header, whatever its case; empty where it is not there."""
    return next(values_of(response, name), "")


def moment_of(response: ClientResponse) -> datetime | None:
    """When the response was sent: its Date header, else what a HAR file says."""
    try:
        sent = parsedate_to_datetime(header(response, "date"))
    except (ValueError, TypeError, IndexError, OverflowError):
        return response.at
    return sent if sent.tzinfo is not None else response.at


@dataclass(frozen=True, slots=True)
class Ids:
    """The ids by which a response can be found again, empty where it has none.

    ``extended`` (x-amz-apigw-id) is API Gateway's own and no client can set it; ``request`` (x-amzn-RequestId) names
    the lines of the execution log; ``trace`` is X-Ray's.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
    """

    extended: str = ""
    request: str = ""
    trace: str = ""

    def __bool__(self) -> bool:
        return bool(self.extended or self.request or self.trace)


@dataclass(frozen=True, slots=True)
class Understood:
    """What a response says, read: what the symptom table can speak of.

    ``error_type`` is without its namespace, empty where there is none, None where that is not known; ``message`` is the
    text in the body, empty for a body without one, None where the body is not known; ``null_message`` marks
    ``{"message": null}``; ``marks`` are named findings (see ``symptoms.toml``).
    """

    status: int | None
    error_type: str | None
    message: str | None
    null_message: bool
    cut: bool
    marks: frozenset[str]
    ids: Ids
    log_group: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One thing that the response may mean, the likeliest first.

    ``category`` is a category of the catalogue, empty for what never is one (a proxy before API Gateway, say);
    ``roots`` are the separate causes that lead to it, ``log_shows`` the sentences by which the execution log would show
    it, ``logged`` whether it reaches that log as a rule. ``symptom`` is the row of the table that names it.
    """

    category: str
    title: str
    confidence: Confidence
    why: str
    tell_apart: str
    fix: str
    link: str
    symptom: str
    roots: tuple[str, ...] = ()
    log_shows: tuple[str, ...] = ()
    stopped_at: str = ""
    lambda_error: str = "?"
    logged: bool = True


@dataclass(frozen=True, slots=True)
class Answerer:
    """Who gave the response: ``api_gateway`` is False where that is not a REST (or WebSocket) API, None if unknown."""

    id: str
    title: str
    api_gateway: bool | None
    means: str = ""
    fix: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class LogAnswer:
    """What a log says of the very request: ``request`` and ``timeline`` are None where it is not in it.

    ``broke`` says what exactly broke in it; ``searched`` are the ids that were looked for; ``covered`` says whether the
    log covers the time of the response, None where that cannot be told; ``ruled_out`` are the categories that the
    response alone would have allowed.
    """

    searched: tuple[str, ...]
    request: Request | None = None
    timeline: Timeline | None = None
    broke: Explanation | None = None
    covered: bool | None = None
    remarks: tuple[str, ...] = ()
    ruled_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExplainedResponse:
    """A response explained: who answered, what it may mean (best first), and what else is to be said.

    ``alike`` counts the responses of a HAR file that say the same; ``customised`` is True where the response
    contradicts AWS's defaults, so that its status and body prove nothing; ``log`` is what a log said, if one was asked.
    """

    response: ClientResponse
    understood: Understood
    answerer: Answerer
    candidates: tuple[Candidate, ...]
    notes: tuple[str, ...] = ()
    customised: bool = False
    alike: int = 1
    log: LogAnswer | None = None

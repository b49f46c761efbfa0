"""The nouns of the project as frozen records without behaviour beyond their own arithmetic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from loganalyzer.scales import Confidence, Stage


@dataclass(frozen=True, slots=True)
class Event:
    """One CloudWatch event of the canonical log.

    ``time`` is in milliseconds since 1970 UTC, None where the source gives none; ``position`` orders events that share
    a millisecond (source number in the high bits, offset in the canonical text in the low 40); ``message`` may hold
    newlines and bytes that are no UTF-8.
    """

    time: int | None
    request_id: str
    message: bytes
    position: int


@dataclass(frozen=True, slots=True)
class Step:
    """One event of a request, read: which sentence it is, which stage it belongs to, what it says.

    ``sentence`` is the head of the sentence in the vocabulary, empty for one that is not in it; ``gap_ms`` the time
    since the step before, None where either time is unknown.
    """

    time: datetime | None
    stage: Stage
    sentence: str
    step: str
    message: str
    fields: Mapping[str, str]
    gap_ms: int | None
    truncated: bool
    evidence: bool = False


@dataclass(frozen=True, slots=True)
class Timeline:
    """The ordered steps of one request and what follows from their order.

    ``authorizer`` is ``none | ran | cached | failed | unknown``; ``order`` says what the order rests on; ``request`` is
    the row of the request with its diagnosis, ``explanation`` what exactly broke; None where the steps are all that is
    known.
    """

    request_id: str
    steps: tuple[Step, ...]
    stopped_at: Stage
    authorizer: str
    order: str
    request: Request | None = None
    explanation: Explanation | None = None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What is wrong with one request: category, stage, confidence, and what else the lines allow.

    ``category`` is empty for a request that succeeded; ``reasons`` says in words what lowered the confidence.
    """

    category: str
    stopped_at: Stage
    outcome: str
    confidence: Confidence
    alternatives: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it must be: in which ``part``, what is ``found`` there, what is ``required``.

    The three read as one sentence: *part* is *found*, must be *required*.
    """

    part: str
    found: str
    required: str = ""


@dataclass(frozen=True, slots=True)
class Masking:
    """A failure that looks like another one's: whom the client suspects, who failed, what the log shows to prove it."""

    suspected: str
    failed: str
    proof: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """What exactly broke in one request.

    ``detail`` is one sentence, empty where the lines tell no more than the category; ``findings`` are faults of an
    answer one by one; ``notes`` say what else the lines tell, ``unseen`` what they do not show; ``related`` are ids of
    other requests that the notes speak of. Texts may quote the log: neither redacted nor cleaned.
    """

    detail: str = ""
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    masking: Masking | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """One row of the request table: what one request did, and the diagnosis if it failed.

    Texts are as logged, neither redacted nor cleaned of control characters; ``stopped_at`` and ``confidence`` are the
    names of :class:`Stage` and :class:`Confidence` (the latter in lower case); ``status`` is None where none was
    logged, ``client_status`` is then the category's default. ``detail`` says in one sentence what exactly broke, empty
    where the lines tell no more than the category.
    """

    request_id: str
    extended_request_id: str
    api_id: str
    api_stage: str
    method: str
    resource: str
    path: str
    first_seen: datetime | None
    last_seen: datetime | None
    duration_ms: int | None
    integration_latency_ms: int | None
    status: int | None
    client_status: int | None
    outcome: str
    category: str
    stopped_at: str
    confidence: str
    alternatives: tuple[str, ...]
    evidence: tuple[str, ...]
    authorizer: str
    log_level: str
    reasons: tuple[str, ...] = ()
    detail: str = ""

    @property
    def api(self) -> str:
        """``<api id>/<deployment stage>``, of both what is known."""
        return "/".join(filter(None, (self.api_id, self.api_stage)))


@dataclass(frozen=True, slots=True)
class CorrelatedRequest(Request):
    """One row of the request table with what Lambda logs and access logs say of the request.

    ``lambda_…`` is the run of the function behind the integration, ``authorizer_…`` that of the authorizer's; a status
    is ``success | error | failure | timeout``, times are in ms, ``lambda_init_ms`` is that of a cold start.
    ``access_…`` is what the access log holds. All are empty or None where no log tells. ``in_execution_log`` is False
    for a request that API Gateway writes no execution log for; ``settled_by`` names the logs that settled the category.
    """

    lambda_request_id: str = ""
    lambda_status: str = ""
    lambda_error: str = ""
    lambda_timed_out: bool | None = None
    lambda_duration_ms: float | None = None
    lambda_billed_ms: int | None = None
    lambda_memory_mb: int | None = None
    lambda_max_memory_mb: int | None = None
    lambda_init_ms: float | None = None
    authorizer_request_id: str = ""
    authorizer_status: str = ""
    authorizer_error: str = ""
    authorizer_duration_ms: float | None = None
    access_status: int | None = None
    access_error_type: str = ""
    access_error_message: str = ""
    access_integration_error: str = ""
    access_authorizer_error: str = ""
    access_waf: str = ""
    trace_id: str = ""
    in_execution_log: bool = True
    settled_by: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts over all requests of an analysis.

    ``by_category`` counts failed and incomplete requests, ``by_stopped_at`` too; ``gateway_failed`` are those that API
    Gateway failed itself, ``backend_failed`` those whose 4xx or 5xx is the backend's own answer; ``incomplete_at`` says
    where incomplete ones were last seen.
    """

    requests: int
    succeeded: int
    failed: int
    incomplete: int
    gateway_failed: int
    backend_failed: int
    by_category: Mapping[str, int]
    by_stopped_at: Mapping[str, int]
    routes: tuple[RouteSummary, ...] = ()
    incomplete_at: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RouteSummary:
    """One route (method and resource template, else path): requests, failures, latency quantiles in milliseconds."""

    method: str
    resource: str
    requests: int
    failed: int
    p50_ms: float | None
    p95_ms: float | None
    max_ms: float | None


@dataclass(frozen=True, slots=True)
class Trend:
    """Requests by the time they were first seen, in stretches of ``width_s`` seconds from ``start`` on.

    ``requests`` counts all that left a line, ``by_category`` the failed and incomplete ones, the most frequent category
    first; all are of the same length. ``untimed`` requests have no time and are in no stretch.
    """

    start: datetime
    width_s: int
    requests: tuple[int, ...]
    by_category: Mapping[str, tuple[int, ...]]
    untimed: int = 0

    @property
    def failures(self) -> tuple[int, ...]:
        """Failed and incomplete requests of all categories in each stretch."""
        return tuple(map(sum, zip(*self.by_category.values(), strict=True))) or (0,) * len(self.requests)


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """One step of the lifecycle: how many requests ``reached`` it, and how many of these ended in it.

    ``failed`` stopped here, ``incomplete`` were last seen here; the rest went on.
    """

    step: str
    reached: int
    failed: int
    incomplete: int

    @property
    def passed(self) -> int:
        """How many went on from here."""
        return self.reached - self.failed - self.incomplete


@dataclass(frozen=True, slots=True)
class Latency:
    """Quantiles in milliseconds over ``requests`` whose time is known.

    ``of`` is ``route`` (the whole request, by route), ``authorizer`` (the whole request, by what became of the
    authorizer) or ``integration`` (the integration alone, by route); ``name`` the route or ``ran | cached | …``.
    """

    of: str
    name: str
    requests: int
    p50_ms: float
    p95_ms: float
    max_ms: float

"""What is kept of other logs: one run of a function, one line of an access log, what both come to for a request."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Invocation:
    """One run of a Lambda function, put together from its lines as they come.

    ``status`` is ``success | error | failure | timeout``, empty where no line tells it; times are in ms, sizes in MB;
    ``gateway_id`` is the id of an API Gateway request that a line of this run names, ``source`` the log it stands in.
    https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-advanced.html
    """

    id: str
    duration_ms: float | None = None
    billed_ms: int | None = None
    memory_mb: int | None = None
    max_memory_mb: int | None = None
    init_ms: float | None = None
    status: str = ""
    error: str = ""
    trace_id: str = ""
    gateway_id: str = ""
    source: int = 0

    @property
    def timed_out(self) -> bool:
        """Whether Lambda stopped the function at its own timeout."""
        return self.status == "timeout"

    @property
    def failed(self) -> bool:
        """Whether the run ended with an error of any kind."""
        return self.status in ("error", "failure", "timeout") or bool(self.error)

    @property
    def out_of_memory(self) -> bool:
        """Whether the run failed with all its memory used."""
        full = self.memory_mb is not None and self.max_memory_mb is not None and self.max_memory_mb >= self.memory_mb
        return self.failed and not self.timed_out and full


@dataclass(frozen=True, slots=True)
class AccessRecord:
    """One line of an access log, its fields by what they hold; empty or None for what it does not tell.

    ``unset`` names the id fields that this log is known to hold and that are ``-`` in this line: there was no such id.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
    """

    request_id: str = ""
    extended_id: str = ""
    trace_id: str = ""
    time: int | None = None
    status: int | None = None
    error_type: str = ""
    error_message: str = ""
    integration_id: str = ""
    integration_status: int | None = None
    integration_error: str = ""
    authorizer_id: str = ""
    authorizer_status: int | None = None
    authorizer_error: str = ""
    waf: str = ""
    method: str = ""
    path: str = ""
    resource: str = ""
    unset: frozenset[str] = frozenset()


@dataclass(slots=True)
class Tie:
    """What other logs say of one request: its function's run, its authorizer's run, its line in the access log.

    ``integration_id`` and ``trace_id`` are as the execution log has them, the access log's where it has none;
    ``facts`` are the words by which rules settle, ``settled_by`` names the logs that settled something.
    """

    integration_id: str = ""
    trace_id: str = ""
    access: AccessRecord | None = None
    function: Invocation | None = None
    authorizer: Invocation | None = None
    facts: frozenset[str] = frozenset()
    settled_by: str = ""

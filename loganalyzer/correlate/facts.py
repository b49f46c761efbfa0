"""What the joined logs of one request come to: the facts that rules settle by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from loganalyzer.correlate.records import AccessRecord, Invocation, Tie

GATEWAY_WAITS_MS = 28_900
"""API Gateway gives an integration up after 29 s by default, an authorizer after about 30 s
(https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html)."""

ACCESS, LAMBDA = "access log", "Lambda log"

FACTS: dict[str, str] = {
    "authorizer_ran": LAMBDA,
    "authorizer_not_called": ACCESS,
    "authorizer_not_named": ACCESS,
    "authorizer_on_route": ACCESS,
    "authorizer_said_unauthorized": LAMBDA,
    "authorizer_failed": LAMBDA,
    "authorizer_timed_out": LAMBDA,
    "authorizer_succeeded": LAMBDA,
    "authorizer_slow": LAMBDA,
    "function_ran": LAMBDA,
    "function_failed": LAMBDA,
    "function_timed_out": LAMBDA,
    "function_out_of_memory": LAMBDA,
    "function_slow": LAMBDA,
    "route_calls_aws": ACCESS,
    "route_calls_no_aws": ACCESS,
    "integration_answered": ACCESS,
    "integration_not_called": ACCESS,
    "integration_throttled": ACCESS,
    "message_explicit_deny": ACCESS,
    "message_implicit_deny": ACCESS,
    "message_resource_policy": ACCESS,
}
"""Every fact that rules may ask for, and the log that tells it."""

ENOUGH = 3
"""So many requests of a route without a call to AWS show that it makes none."""


@dataclass(slots=True)
class RouteSeen:
    """What the access log shows of one route: completed requests with and without an id of an AWS endpoint (a Lambda
    function has one, and so has any other AWS service), requests whose authorizer's function was called."""

    with_aws: int = 0
    without: int = 0
    with_authorizer: int = 0

    def add(self, record: AccessRecord) -> None:
        """Count one more line of the access log."""
        self.with_authorizer += bool(record.authorizer_id)
        if record.integration_id:
            self.with_aws += 1
        elif "integration_id" in record.unset and not record.error_type and record.status is not None:
            self.without += 1


def told_by(fact: str, tie: Tie) -> str:
    """The log that tells a fact about a request: whether the authorizer was called, either may."""
    if fact == "authorizer_ran" and tie.authorizer is None:
        return ACCESS
    unset = tie.access.unset if tie.access else frozenset()
    return LAMBDA if fact == "authorizer_not_called" and "authorizer_id" not in unset else FACTS[fact]


def facts_of(
    tie: Tie, route: RouteSeen | None, *, authorizer_absent: bool, refusals_named: bool = True
) -> frozenset[str]:
    """The facts about one request.

    ``authorizer_absent``: the authorizer's own log shows that it did not run. ``refusals_named``: the access log is
    known to name the authorizer's run also for a request that it refused, so that none named means none.
    """
    found = [*_of_authorizer(tie, absent=authorizer_absent, named=refusals_named), *_of_function(tie.function)]
    if route is not None:
        found += ["authorizer_on_route"] if route.with_authorizer else []
        found += ["route_calls_aws"] if route.with_aws and not route.without else []
        found += ["route_calls_no_aws"] if route.without >= ENOUGH and not route.with_aws else []
    if tie.access is not None:
        found += _of_access(tie.access)
    return frozenset(found)


def _of_authorizer(tie: Tie, *, absent: bool, named: bool) -> Iterator[str]:
    run, access = tie.authorizer, tie.access
    if run is None:
        unset = access is not None and "authorizer_id" in access.unset
        if absent or (unset and named):
            yield "authorizer_not_called"
        elif unset:
            yield "authorizer_not_named"
        elif access is not None and access.authorizer_id:
            yield "authorizer_ran"
        return
    yield "authorizer_ran"
    if run.timed_out:
        yield "authorizer_timed_out"
    if run.failed:
        yield "authorizer_failed"
        if "Unauthorized" in run.error:
            yield "authorizer_said_unauthorized"
    elif run.duration_ms is not None:
        yield "authorizer_succeeded"
    if (run.duration_ms or 0) >= GATEWAY_WAITS_MS:
        yield "authorizer_slow"


def _of_function(run: Invocation | None) -> Iterator[str]:
    if run is None:
        return
    yield "function_ran"
    if run.failed:
        yield "function_failed"
    if run.timed_out:
        yield "function_timed_out"
    if run.out_of_memory:
        yield "function_out_of_memory"
    if (run.duration_ms or 0) >= GATEWAY_WAITS_MS:
        yield "function_slow"


def _of_access(record: AccessRecord) -> Iterator[str]:
    message = record.error_message
    if "execute-api:Invoke" in message:
        yield "message_resource_policy"
    elif "not authorized to access this resource" in message:
        yield "message_explicit_deny" if "explicit deny" in message else "message_implicit_deny"
    if record.integration_id or record.integration_status is not None:
        yield "integration_answered"
    elif "integration_id" in record.unset:
        yield "integration_not_called"
    if record.integration_status == 429:
        yield "integration_throttled"

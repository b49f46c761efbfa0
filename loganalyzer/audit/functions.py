"""What the answers say of Lambda functions, put together by function and alias."""

from __future__ import annotations

from dataclasses import replace

from loganalyzer.audit import calls
from loganalyzer.audit.arns import function_in
from loganalyzer.audit.policies import statements_of
from loganalyzer.audit.settings import Function
from loganalyzer.audit.shapes import mapping, number, text
from loganalyzer.audit.snapshot import Answer, Snapshot


def functions_of(snapshot: Snapshot) -> dict[str, Function]:
    """The functions that were asked about, by the ARN with which they are called."""
    functions: dict[str, Function] = {}
    for operation, add in ((calls.GET_FUNCTION, _configured), (calls.GET_POLICY, _with_policy),
                           (calls.GET_CONCURRENCY, _with_concurrency)):  # fmt: skip
        for answer in snapshot.of(operation):
            name = function_in(answer.request.get("FunctionName", ""))
            if name is not None and not answer.refused:
                arn = name.arn
                functions[arn] = add(functions.get(arn, Function(name)), answer)
    return functions


def _configured(function: Function, answer: Answer) -> Function:
    if answer.body is None:
        return replace(function, exists=False)
    body = answer.body
    logging = mapping(body.get("LoggingConfig"))
    return replace(
        function,
        exists=True,
        timeout_s=number(body.get("Timeout")),
        state=text(body.get("State")),
        state_reason=text(body.get("StateReason")) or text(body.get("LastUpdateStatusReason")),
        last_update=text(body.get("LastUpdateStatus")),
        log_group=text(logging.get("LogGroup")),
        log_level=text(logging.get("SystemLogLevel")),
    )


def _with_policy(function: Function, answer: Answer) -> Function:
    return replace(function, policy=statements_of(answer.body.get("Policy")) if answer.body is not None else ())


def _with_concurrency(function: Function, answer: Answer) -> Function:
    return replace(function, reserved=number((answer.body or {}).get("ReservedConcurrentExecutions")))

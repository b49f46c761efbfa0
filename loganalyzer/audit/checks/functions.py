"""The functions behind the methods: time limits, state, concurrency, and where their log goes."""

from __future__ import annotations

from collections.abc import Iterator

from loganalyzer.audit import calls
from loganalyzer.audit.finding import Effect, Finding, Severity, check
from loganalyzer.audit.mend import aws, change_method, patch
from loganalyzer.audit.settings import LONGEST_INTEGRATION_MS, REST, Function, Method, Settings
from loganalyzer.audit.targets import (
    Calls,
    called_functions,
    calls_of,
    functions_named,
    integrated,
    judges,
    known,
    stages_of,
)

_LIMITS = "https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html"
_TIMEOUTS = "https://repost.aws/knowledge-center/api-gateway-504-errors"
_STATES = "https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html"
_CONCURRENCY = "https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html"
_LOGS = "https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html"
_LAMBDA_DEFAULT_S = 3


@check("integration-timeout", "Functions and backends are done before the gateway gives up",
       needs=(calls.GET_RESOURCES, calls.GET_STAGES, calls.GET_FUNCTION), about=called_functions)  # fmt: skip
def integration_timeout(settings: Settings) -> Iterator[Finding]:
    """A function that may run longer than the integration waits succeeds while the client gets a 504."""
    seen: set[tuple[str, tuple[str, ...]]] = set()
    for stage in stages_of(settings):
        for called in calls_of(settings, stage):
            timeout = known(settings, called.function).timeout_s
            if timeout is None or (called.function.arn, called.routes) in seen:
                continue
            seen.add((called.function.arn, called.routes))
            yield from _of_function(settings, called, timeout)
    short = [
        (method, one.timeout_ms)
        for method, one in integrated(settings)
        if one.kind.startswith("HTTP") and one.timeout_ms < 5_000
    ]
    for method, limit in short:
        yield _short(settings, method, limit)


def _of_function(settings: Settings, called: Calls, timeout: int) -> Iterator[Finding]:
    waiting = [one for one in called.methods if one.integration is not None and not one.integration.asynchronous]
    cut = [one for one in waiting if one.integration is not None and timeout * 1000 > one.integration.timeout_ms]
    if cut:
        limit = min(one.integration.timeout_ms for one in cut if one.integration is not None)
        seconds = max(1, (limit - 1) // 1000)
        yield Finding(
            Severity.WARNING,
            Effect.CAUSES,
            where=f"function {called.function}",
            what=f"Function {called.function} may run {timeout} s, but API Gateway waits {limit / 1000:g} s for it in "
            f"{_some(cut)}.",
            why="When it takes longer the client gets a 504 while the function succeeds and counts no error: work may "
            "be done twice when the client tries again.",
            link=_TIMEOUTS,
            categories=("PROXY_INTEG_APIGW_TIMEOUT",),
            command=aws(settings, "lambda", "update-function-configuration", "--function-name", called.function.name,
                        "--timeout", str(seconds)),
            template=_function_template(f"Timeout: {seconds}"),
            routes=tuple(map(str, cut)),
        )  # fmt: skip
    elif waiting and timeout <= _LAMBDA_DEFAULT_S:
        yield Finding(
            Severity.NOTE,
            Effect.CAUSES,
            where=f"function {called.function}",
            what=f"Function {called.function} may run {timeout} s only; {_some(waiting)} would wait longer.",
            why="A cold start or a slow dependency takes longer than Lambda's default: the client gets a 502.",
            link=_TIMEOUTS,
            categories=("PROXY_INTEG_LAMBDA_TIMEOUT",),
            command=aws(settings, "lambda", "update-function-configuration", "--function-name", called.function.name,
                        "--timeout", "15"),
            template=_function_template("Timeout: 15"),
            routes=tuple(map(str, waiting)),
        )  # fmt: skip


def _short(settings: Settings, method: Method, limit: int) -> Finding:
    longer = patch({"/timeoutInMillis": str(LONGEST_INTEGRATION_MS)})
    return Finding(
        Severity.NOTE,
        Effect.CAUSES,
        where=str(method),
        what=f"{method} waits only {limit:,} ms for its backend.",
        why=f"A backend that takes longer makes a 504; the limit may be up to {LONGEST_INTEGRATION_MS:,} ms.",
        link=_LIMITS,
        categories=("INTEGRATION_TIMEOUT",),
        command=change_method(settings, method, "update-integration", "--patch-operations", *longer)
        if settings.kind == REST
        else "",
        template="Method:\n  Type: AWS::ApiGateway::Method\n  Properties:\n    Integration:\n"
        f"      TimeoutInMillis: {LONGEST_INTEGRATION_MS}\n",
        routes=(str(method),),
    )


@check("function-state", "The functions are ready to run", needs=(calls.GET_RESOURCES, calls.GET_FUNCTION))
def function_state(settings: Settings) -> Iterator[Finding]:
    """A function that is not active, or whose last update failed, answers with errors of the Lambda service."""
    for function in _all(settings):
        bad = function.state not in ("", "Active", "Inactive")
        failed = function.last_update == "Failed"
        if not (bad or failed):
            continue
        what = f"is {function.state}" if bad else "runs its old code: its last update failed"
        reason = f" ({function.state_reason})" if function.state_reason else ""
        yield Finding(
            Severity.ERROR if bad else Severity.WARNING,
            Effect.CAUSES,
            where=f"function {function.name}",
            what=f"Function {function.name} {what}{reason}.",
            why="Calls of it fail in the Lambda service, or run something else than was meant.",
            link=_STATES,
            categories=("PROXY_INTEG_LAMBDA_SERVICE_ERROR", "PROXY_INTEG_ERROR") if not _is_judge(settings, function)
            else ("AUTHORIZER_ERROR_OTHER",),
            command=aws(settings, "lambda", "get-function-configuration", "--function-name", function.name.arn),
            routes=_routes(settings, function),
        )  # fmt: skip


@check("function-concurrency", "The functions may run at all", needs=(calls.GET_RESOURCES, calls.GET_CONCURRENCY))
def function_concurrency(settings: Settings) -> Iterator[Finding]:
    """Reserved concurrency is the most that a function may run at once; zero switches it off."""
    for name in functions_named(settings).values():
        reserved = settings.functions.get(name.unqualified)
        if reserved is None or reserved.reserved is None or reserved.reserved > 10:
            continue
        number = reserved.reserved
        function = known(settings, name)
        yield Finding(
            Severity.WARNING if number else Severity.ERROR,
            Effect.CAUSES,
            where=f"function {name}",
            what=f"Function {name} may not run at all: its reserved concurrency is 0." if not number else
            f"Function {name} may run {number} times at once: so much concurrency is reserved for it.",
            why="What is more is refused by Lambda (429), which API Gateway passes on as a 500 without a word about "
            "it.",
            link=_CONCURRENCY,
            categories=("PROXY_INTEG_LAMBDA_THROTTLED",) if not _is_judge(settings, function)
            else ("AUTHORIZER_ERROR_OTHER", "PROXY_INTEG_LAMBDA_THROTTLED"),
            command=aws(settings, "lambda", "delete-function-concurrency", "--function-name", name.name),
            template=_function_template("ReservedConcurrentExecutions: 100"),
            routes=_routes(settings, function),
        )  # fmt: skip


@check("function-log", "The functions' own logs tell of every run", needs=(calls.GET_RESOURCES, calls.GET_FUNCTION))
def function_log(settings: Settings) -> Iterator[Finding]:
    """A level above INFO leaves out the reports of runs, a group of its own is looked for in the wrong place."""
    for function in _all(settings):
        usual = f"/aws/lambda/{function.name.name}"
        quiet = function.log_level in ("WARN", "ERROR")
        if not quiet and function.log_group in ("", usual):
            continue
        said = [f"logs to {function.log_group} instead of {usual}"] if function.log_group not in ("", usual) else []
        said += [f"leaves out the reports of its runs (system log level {function.log_level})"] if quiet else []
        yield Finding(
            Severity.NOTE,
            Effect.HIDES,
            where=f"function {function.name}",
            what=f"Function {function.name} {' and '.join(said)}.",
            why="Its runs are joined to requests by these reports: their duration, memory and cold starts, and the "
            "proof that it ran at all.",
            link=_LOGS,
            categories=("PROXY_INTEG_APIGW_TIMEOUT", "PROXY_INTEG_LAMBDA_TIMEOUT", "PROXY_INTEG_ERROR"),
            command=aws(settings, "lambda", "update-function-configuration", "--function-name", function.name.name,
                        "--logging-config", "LogFormat=JSON,SystemLogLevel=INFO"),
            template=_function_template("LoggingConfig:\n      LogFormat: JSON\n      SystemLogLevel: INFO"),
            routes=_routes(settings, function),
        )  # fmt: skip


def _all(settings: Settings) -> Iterator[Function]:
    return (known(settings, name) for name in functions_named(settings).values())


def _is_judge(settings: Settings, function: Function) -> bool:
    return any(name == function.name for stage in stages_of(settings) or (None,) for _, name in judges(settings, stage))


def _routes(settings: Settings, function: Function) -> tuple[str, ...]:
    """The methods that call a function; none for one that judges for an authorizer."""
    if _is_judge(settings, function):
        return ()
    found = (
        call.routes
        for stage in stages_of(settings)
        for call in calls_of(settings, stage)
        if call.function == function.name
    )
    return tuple(dict.fromkeys(route for routes in found for route in routes))


def _some(methods: list[Method]) -> str:
    shown = ", ".join(map(str, methods[:3]))
    return shown if len(methods) <= 3 else f"{shown} and {len(methods) - 3} more"


def _function_template(line: str) -> str:
    return f"Function:\n  Type: AWS::Lambda::Function  # SAM: AWS::Serverless::Function\n  Properties:\n    {line}\n"

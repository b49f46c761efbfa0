"""Authorizers: what they want, what they keep, how long they may take."""

from __future__ import annotations

from collections.abc import Iterator

from loganalyzer.audit import calls
from loganalyzer.audit.finding import Effect, Finding, Severity, check
from loganalyzer.audit.mend import api_id, aws, patch, scalar
from loganalyzer.audit.settings import REST, Authorizer, Method, Settings
from loganalyzer.audit.targets import guarded, judges, judging_functions, known, stages_of

_AUTHORIZERS = "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html"
_CONFIGURE = (
    "https://docs.aws.amazon.com/apigateway/latest/developerguide/configure-api-gateway-lambda-authorization.html"
)
_COGNITO = "https://repost.aws/knowledge-center/api-gateway-cognito-401-unauthorized"
_TIMEOUT = "https://dev.to/marcogrcr/api-gateway-lambda-authorizer-lambda-proxy-integration-failure-modes-52bc"

LONGEST_AUTHORIZER_S = 29
"""API Gateway gives an authorizer about 30 s; measured by one author, not documented for REST APIs."""
_LAMBDA_DEFAULT_S = 3
_ROOM_S = 10
_LONGEST_TTL = 3600
_BY_ROUTE = ("context.path", "context.resourcepath", "context.httpmethod", "context.resourceid", "context.routekey")


@check("authorizer-missing", "Methods that want an authorizer have one",
       needs=(calls.GET_RESOURCES, calls.GET_AUTHORIZERS))  # fmt: skip
def authorizer_missing(settings: Settings) -> Iterator[Finding]:
    """A method names an authorizer that the API does not have."""
    if settings.methods is None or settings.authorizers is None:
        return
    there = {one.id for one in settings.authorizers}
    lost = [
        one
        for one in settings.methods
        if one.authorization in ("CUSTOM", "COGNITO_USER_POOLS") and one.authorizer not in there
    ]
    for method in lost:
        yield Finding(
            Severity.ERROR,
            Effect.CAUSES,
            where=str(method),
            what=f"{method} wants the authorizer '{method.authorizer}', which the API does not have.",
            why="No caller can be authorized.",
            link=_CONFIGURE,
            categories=("AUTHORIZER_INVOKE_DENIED", "AUTHORIZER_ERROR_OTHER"),
            command=aws(settings, "apigateway", "get-authorizers", "--rest-api-id", api_id(settings)),
            template="Method:\n  Type: AWS::ApiGateway::Method\n  Properties:\n    AuthorizationType: CUSTOM\n"
            "    AuthorizerId: !Ref Authorizer\n",
            routes=(str(method),),
        )


@check("authorizer-kind", "Authorizers are judged by Lambda functions", needs=(calls.GET_AUTHORIZERS,))
def authorizer_kind(settings: Settings) -> Iterator[Finding]:
    """A user pool or a JWT authorizer runs no function: its refusals look like a missing identity."""
    for authorizer in settings.authorizers or ():
        if authorizer.runs_function or authorizer.kind not in ("COGNITO_USER_POOLS", "JWT"):
            continue
        kind = "a Cognito user pool" if authorizer.kind == "COGNITO_USER_POOLS" else "the issuer of JSON Web Tokens"
        yield Finding(
            Severity.NOTE,
            Effect.CAUSES,
            where=str(authorizer),
            what=f"{_named(authorizer)} is {kind}: no Lambda function judges.",
            why="Its 401 means a token that is missing, expired, of another pool or client, or of the wrong kind (id "
            "token without scopes, access token with scopes); there is no function log to look into.",
            link=_COGNITO,
            categories=("COGNITO_UNAUTHORIZED", "AUTHORIZER_APIGW_ID_SRC_MISSING", "AUTHORIZER_ERROR_UNAUTHORIZED"),
            command=_get(settings, authorizer),
            routes=_routes(guarded(settings, authorizer)),
        )  # fmt: skip


@check("authorizer-identity", "What callers must send is known", needs=(calls.GET_AUTHORIZERS,))
def authorizer_identity(settings: Settings) -> Iterator[Finding]:
    """Requests without every identity source are refused before the function runs."""
    for authorizer in settings.authorizers or ():
        if not authorizer.runs_function or not authorizer.sources:
            continue
        sources = " and ".join(_source(one) for one in authorizer.sources)
        if authorizer.kind == "TOKEN":
            sources += " that is not empty" if not authorizer.expression else ""
        fits = f' that fits "{authorizer.expression}"' if authorizer.expression else ""
        yield Finding(
            Severity.NOTE,
            Effect.CAUSES,
            where=str(authorizer),
            what=f"{_named(authorizer)} wants {sources}{fits}.",
            why="A request without it is answered with 401 and the function is never called, so its log is empty.",
            link=_AUTHORIZERS,
            categories=("AUTHORIZER_APIGW_ID_SRC_MISSING",),
            command=_get(settings, authorizer),
            template=_snippet(authorizer, "IdentitySource", scalar(",".join(authorizer.sources))),
            routes=_routes(guarded(settings, authorizer)),
        )


@check("authorizer-cache", "Cached policies fit every route that they are used for",
       needs=(calls.GET_AUTHORIZERS, calls.GET_RESOURCES))  # fmt: skip
def authorizer_cache(settings: Settings) -> Iterator[Finding]:
    """A policy for one path, kept and used for another, denies callers who are allowed."""
    for authorizer in settings.authorizers or ():
        if not authorizer.runs_function or authorizer.ttl <= 0 or settings.kind != REST:
            continue
        methods = guarded(settings, authorizer)
        paths = len(methods) > 1 or any("{" in method.path for method in methods)
        if (settings.methods is not None and not paths) or any(one.lower() in _BY_ROUTE for one in authorizer.sources):
            continue
        many = (
            f"{len(methods)} methods"
            if len(methods) > 1
            else f"every path of {methods[0]}"
            if methods
            else "every method"
        )
        yield Finding(
            Severity.WARNING,
            Effect.CAUSES,
            where=str(authorizer),
            what=f"{_named(authorizer)} keeps each policy for {authorizer.ttl} s and uses it for {many} that "
            "the same caller calls.",
            why="If the function's policy allows only the method that was called first, every other one is denied "
            "until the time is over; a mended function seems not to help for as long.",
            link=_CONFIGURE,
            categories=("IMPLICIT_DENY", "EXPLICIT_DENY", "ACCESS_DENIED"),
            command=_update(settings, authorizer, "/authorizerResultTtlInSeconds", "0"),
            template=_snippet(authorizer, "AuthorizerResultTtlInSeconds", "0  # SAM: ReauthorizeEvery: 0"),
            routes=_routes(methods),
        )


@check("authorizer-timeout", "Authorizers are done before API Gateway gives up",
       needs=(calls.GET_AUTHORIZERS, calls.GET_FUNCTION), about=judging_functions)  # fmt: skip
def authorizer_timeout(settings: Settings) -> Iterator[Finding]:
    """API Gateway waits about 30 s; a function with Lambda's default of 3 s may be too short at a cold start."""
    for authorizer, (name, timeout) in _slowest(settings).items():
        if timeout > LONGEST_AUTHORIZER_S:
            yield _too_long(settings, authorizer, name, timeout)
        elif timeout <= _LAMBDA_DEFAULT_S:
            yield _too_short(settings, authorizer, name, timeout)


def _slowest(settings: Settings) -> dict[Authorizer, tuple[str, int]]:
    """Name and time limit of each authorizer's function; of several (by stage) the one that may take longest."""
    found: dict[Authorizer, tuple[str, int]] = {}
    for stage in stages_of(settings) or (None,):
        for authorizer, function in judges(settings, stage):
            timeout = known(settings, function).timeout_s
            if timeout is not None and timeout > found.get(authorizer, ("", -1))[1]:
                found[authorizer] = (function.name, timeout)
    return found


def _too_long(settings: Settings, authorizer: Authorizer, name: str, timeout: int) -> Finding:
    return Finding(
        Severity.WARNING,
        Effect.CAUSES,
        where=str(authorizer),
        what=f"The function of {authorizer} may run {timeout} s; API Gateway gives up at about 30 s.",
        why="What it answers later is thrown away and still paid for, and its timeouts cannot be told from those of "
        "the gateway.",
        link=_TIMEOUT,
        categories=("AUTHORIZER_APIGW_TIMEOUT", "AUTHORIZER_LAMBDA_TIMEOUT"),
        command=_set_timeout(settings, name, LONGEST_AUTHORIZER_S),
        template=_timeout_template(LONGEST_AUTHORIZER_S),
        routes=_routes(guarded(settings, authorizer)),
    )


def _too_short(settings: Settings, authorizer: Authorizer, name: str, timeout: int) -> Finding:
    return Finding(
        Severity.NOTE,
        Effect.CAUSES,
        where=str(authorizer),
        what=f"The function of {authorizer} may run {timeout} s only.",
        why="A cold start or a slow identity provider takes longer: the client gets a 500 that looks like a failure of "
        "the backend.",
        link=_TIMEOUT,
        categories=("AUTHORIZER_LAMBDA_TIMEOUT",),
        command=_set_timeout(settings, name, _ROOM_S),
        template=_timeout_template(_ROOM_S),
        routes=_routes(guarded(settings, authorizer)),
    )


def _set_timeout(settings: Settings, name: str, seconds: int) -> str:
    return aws(settings, "lambda", "update-function-configuration", "--function-name", name, "--timeout", str(seconds))


def _timeout_template(seconds: int) -> str:
    return (
        "AuthorizerFunction:\n  Type: AWS::Lambda::Function  # SAM: AWS::Serverless::Function\n  Properties:\n"
        f"    Timeout: {seconds}\n"
    )


def _named(authorizer: Authorizer) -> str:
    named = str(authorizer)
    return named[:1].upper() + named[1:]


def _source(source: str) -> str:
    """An identity source in words."""
    for start, said in (
        ("method.request.header.", "the header "),
        ("method.request.querystring.", "the query parameter "),
        ("route.request.header.", "the header "),
        ("route.request.querystring.", "the query parameter "),
        ("stageVariables.", "the stage variable "),
        ("context.", "the context variable "),
    ):
        if source.startswith(start):
            return said + source.removeprefix(start)
    return source


def _routes(methods: tuple[Method, ...]) -> tuple[str, ...]:
    return tuple(map(str, methods))


def _get(settings: Settings, authorizer: Authorizer) -> str:
    service, option = ("apigateway", "--rest-api-id") if settings.kind == REST else ("apigatewayv2", "--api-id")
    return aws(settings, service, "get-authorizer", option, api_id(settings), "--authorizer-id", authorizer.id)


def _update(settings: Settings, authorizer: Authorizer, path: str, value: str) -> str:
    return aws(settings, "apigateway", "update-authorizer", "--rest-api-id", api_id(settings),
               "--authorizer-id", authorizer.id, "--patch-operations", *patch({path: value}))  # fmt: skip


def _snippet(authorizer: Authorizer, name: str, value: str) -> str:
    return (
        f"Authorizer:\n  Type: AWS::ApiGateway::Authorizer\n  Properties:\n    Name: {scalar(authorizer.name)}\n"
        f"    Type: {authorizer.kind}\n    {name}: {value}\n"
    )

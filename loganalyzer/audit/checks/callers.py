"""API keys, usage plans and limits of rate: who is turned away before anything runs."""

from __future__ import annotations

from collections.abc import Iterator

from loganalyzer.audit import calls
from loganalyzer.audit.finding import Effect, Finding, Severity, check
from loganalyzer.audit.mend import api_id, aws, method_pointer, scalar, update_stage
from loganalyzer.audit.settings import REST, Logging, Plan, Settings, Stage
from loganalyzer.audit.targets import stages_of

_PLANS = "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-create-usage-plans.html"
_THROTTLING = "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html"
_SOURCE = "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-key-source.html"


_NEEDS = (calls.GET_RESOURCES, calls.GET_STAGES, calls.GET_REST_API, calls.GET_USAGE_PLANS, calls.GET_API_KEYS)


@check("usage-plan", "Methods that want an API key can be called with one", needs=_NEEDS)
def usage_plan(settings: Settings) -> Iterator[Finding]:
    """No plan holds for the stage, a key is disabled, or the key is to come from the authorizer."""
    wanting = tuple(str(method) for method in settings.methods or () if method.key_required)
    if not wanting:
        return
    for stage in stages_of(settings):
        if settings.plans is not None and settings.api and not _plans_for(settings, stage):
            yield _no_plan(settings, stage, wanting)
    yield from _keys(settings, wanting)
    if settings.key_source == "AUTHORIZER":
        yield _from_authorizer(settings, wanting)


def _plans_for(settings: Settings, stage: Stage) -> list[Plan]:
    return [plan for plan in settings.plans or () if f"{settings.api}:{stage.name}" in plan.stages]


def _no_plan(settings: Settings, stage: Stage, wanting: tuple[str, ...]) -> Finding:
    plan = next(iter(settings.plans or ()), None)
    pair = f"{settings.api}:{stage.name}"
    if plan is not None:
        command = aws(settings, "apigateway", "update-usage-plan", "--usage-plan-id", plan.id, "--patch-operations",
                      f"op=add,path=/apiStages,value={pair}")  # fmt: skip
    else:
        command = aws(settings, "apigateway", "create-usage-plan", "--name", f"{settings.api}-{stage.name}",
                      "--api-stages", f"apiId={settings.api},stage={stage.name}")  # fmt: skip
    return Finding(
        Severity.ERROR,
        Effect.CAUSES,
        where=f"stage {stage.name}",
        what=f"An API key is wanted by {_some(wanting)}, but no usage plan holds for stage {stage.name}.",
        why="Every call of them is answered with 403 'Forbidden', whatever key is sent.",
        link=_PLANS,
        categories=("API_KEY_INVALID",),
        command=command,
        template="UsagePlan:\n  Type: AWS::ApiGateway::UsagePlan\n  Properties:\n    ApiStages:\n"
        f"      - ApiId: {scalar(settings.api)}\n        Stage: {scalar(stage.name)}\n",
        stage=stage.name,
        routes=wanting,
    )


def _keys(settings: Settings, wanting: tuple[str, ...]) -> Iterator[Finding]:
    if settings.keys is None:
        return
    if not settings.keys:
        yield Finding(
            Severity.ERROR,
            Effect.CAUSES,
            where="API keys",
            what=f"An API key is wanted by {_some(wanting)}, but the account has none in this region.",
            why="Every call of them is answered with 403 'Forbidden'.",
            link=_PLANS,
            categories=("API_KEY_INVALID", "API_KEY_MISSING"),
            command=aws(settings, "apigateway", "create-api-key", "--name", "first", "--enabled"),
            template="Key:\n  Type: AWS::ApiGateway::ApiKey\n  Properties:\n    Enabled: true\n",
            routes=wanting,
        )
    for key in settings.keys:
        if not key.enabled:
            yield Finding(
                Severity.NOTE,
                Effect.CAUSES,
                where=f"API key {key.name or key.id}",
                what=f"The API key {key.name or key.id} is disabled.",
                why="Whoever sends it gets 403 'Forbidden', as if it did not exist.",
                link=_PLANS,
                categories=("API_KEY_INVALID",),
                command=aws(settings, "apigateway", "update-api-key", "--api-key", key.id, "--patch-operations",
                            "op=replace,path=/enabled,value=true"),
                template="Key:\n  Type: AWS::ApiGateway::ApiKey\n  Properties:\n    Enabled: true\n",
                routes=wanting,
            )  # fmt: skip


def _from_authorizer(settings: Settings, wanting: tuple[str, ...]) -> Finding:
    return Finding(
        Severity.NOTE,
        Effect.CAUSES,
        where=f"API {settings.api}",
        what="The API key comes from the authorizer (usageIdentifierKey), not from the header x-api-key.",
        why="An authorizer that returns none, or another value than that of the key, has every call refused with 403.",
        link=_SOURCE,
        categories=("API_KEY_MISSING", "API_KEY_INVALID"),
        command=aws(settings, "apigateway", "update-rest-api", "--rest-api-id", api_id(settings),
                    "--patch-operations", "op=replace,path=/apiKeySource,value=HEADER"),
        template="Api:\n  Type: AWS::ApiGateway::RestApi\n  Properties:\n    ApiKeySourceType: HEADER\n",
        routes=wanting,
    )  # fmt: skip


@check("throttling", "Limits of rate leave room for calls", needs=(calls.GET_STAGES, calls.GET_USAGE_PLANS))
def throttling(settings: Settings) -> Iterator[Finding]:
    """A limit of zero turns everything away; a quota is used up at some time."""
    for stage in stages_of(settings):
        closed = [(key, one) for key, one in stage.logging.items() if one.rate == 0 or one.burst == 0]
        for key, one in closed:
            yield _closed(settings, stage, key, one)
        for plan in _plans_for(settings, stage):
            yield from _of_plan(settings, stage, plan)


def _closed(settings: Settings, stage: Stage, key: tuple[str, str], limits: Logging) -> Finding:
    path, verb = key
    which = f"Stage {stage.name}" if path == "*" else f"{verb} {path} on stage {stage.name}".strip()
    pointer = method_pointer(path, verb)
    return Finding(
        Severity.ERROR,
        Effect.CAUSES,
        where=f"stage {stage.name}",
        what=f"{which} is limited to {'no request a second' if limits.rate == 0 else 'bursts of 0'}.",
        why="Every request is answered with 429, most of them without a line in the execution log.",
        link=_THROTTLING,
        categories=("THROTTLED",),
        command=update_stage(settings, stage, {f"{pointer}/throttling/rateLimit": "1000",
                                               f"{pointer}/throttling/burstLimit": "500"})
        if settings.kind == REST else
        aws(settings, "apigatewayv2", "update-stage", "--api-id", api_id(settings), "--stage-name", stage.name,
            "--default-route-settings", "ThrottlingRateLimit=1000,ThrottlingBurstLimit=500"),
        template="Stage:\n  Type: AWS::ApiGateway::Stage\n  Properties:\n    MethodSettings:\n"
        f"      - ResourcePath: {scalar('/*' if path == '*' else path)}\n        HttpMethod: {scalar(verb)}\n"
        "        ThrottlingRateLimit: 1000\n        ThrottlingBurstLimit: 500\n",
        stage=stage.name,
        routes=() if "*" in key else (f"{verb} {path}".strip(),),
    )  # fmt: skip


def _of_plan(settings: Settings, stage: Stage, plan: Plan) -> Iterator[Finding]:
    limits = [f"{plan.rate} requests a second"] if plan.rate is not None else []
    limits += [f"bursts of {plan.burst}"] if plan.burst is not None else []
    limits += [f"a quota of {plan.quota}"] if plan.quota is not None else []
    if not limits:
        return
    shut = 0 in (plan.rate, plan.burst, plan.quota)
    categories = ("THROTTLED",) if plan.rate is not None or plan.burst is not None else ()
    yield Finding(
        Severity.ERROR if shut else Severity.NOTE,
        Effect.CAUSES,
        where=f"usage plan {plan.name or plan.id}",
        what=f"Usage plan {plan.name or plan.id} limits each key on stage {stage.name} to {', '.join(limits)}.",
        why="What is more is answered with 429: 'Too Many Requests' by rate, 'Limit Exceeded' by quota.",
        link=_PLANS,
        categories=(*categories, *(("QUOTA_EXCEEDED",) if plan.quota is not None else ())),
        command=aws(settings, "apigateway", "update-usage-plan", "--usage-plan-id", plan.id, "--patch-operations",
                    "op=replace,path=/throttle/rateLimit,value=1000"),
        template="UsagePlan:\n  Type: AWS::ApiGateway::UsagePlan\n  Properties:\n    Throttle:\n"
        "      RateLimit: 1000\n      BurstLimit: 500\n",
        stage=stage.name,
    )  # fmt: skip


def _some(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"

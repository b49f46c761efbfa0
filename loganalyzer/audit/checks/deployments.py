"""What was edited but not deployed: the rest of the audit sees the edited API, clients the deployed one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from loganalyzer.audit import calls
from loganalyzer.audit.finding import Effect, Finding, Severity, check
from loganalyzer.audit.mend import api_id, aws, deploy
from loganalyzer.audit.settings import REST, DeployedMethod, Method, Settings, Stage
from loganalyzer.audit.targets import stages_of

_LINK = "https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-deploy-api.html"
_INTEGRATION = (
    "PROXY_INTEG_INVOKE_DENIED", "PROXY_INTEG_APIGW_TIMEOUT", "PROXY_INTEG_ERROR", "PROXY_INTEG_RESPONSE_INVALID",
    "INTEGRATION_INVALID_ENDPOINT", "INTEGRATION_TIMEOUT", "INTEGRATION_NETWORK_ERROR",
)  # fmt: skip


@check(
    "undeployed-changes", "What was edited is deployed", needs=(calls.GET_RESOURCES, calls.GET_STAGES, calls.GET_EXPORT)
)
def undeployed_changes(settings: Settings) -> Iterator[Finding]:
    """The export of a stage against the API as it is edited: methods that are new, gone, or changed."""
    if settings.methods is None or settings.kind != REST:
        return
    now = {(method.path, method.verb): method for method in settings.methods if method.integration is not None}
    for stage in stages_of(settings):
        if stage.name not in settings.deployed:
            continue
        then = settings.deployed[stage.name]
        new = [str(method) for key, method in now.items() if key not in then]
        gone = [f"{verb} {path}" for path, verb in then if (path, verb) not in now]
        changed = _changed(now, then)
        if new:
            yield _finding(settings, stage, new, "not deployed yet", *_NEW)
        if gone:
            yield _finding(settings, stage, gone, "deleted but still deployed", *_GONE)
        for names, what in changed:
            yield _finding(settings, stage, names, f"edited since the deployment ({what})", *_EDITED)


_NEW = (
    ("MISSING_AUTHENTICATION_TOKEN",),
    "Calls of them are answered with 403 'Missing Authentication Token', without a line in the log.",
)
_GONE: tuple[tuple[str, ...], str] = (
    (),
    "They still answer; what the audit says of other methods does not hold for them.",
)
_EDITED = (_INTEGRATION, "Clients meet the deployed version: a fix that is not deployed mends nothing.")


Methods = Mapping[tuple[str, str], Method]
Deployed = Mapping[tuple[str, str], DeployedMethod]


def _changed(now: Methods, then: Deployed) -> list[tuple[list[str], str]]:
    by_change: dict[str, list[str]] = {}
    for key, method in now.items():
        if key in then and (what := _difference(method, then[key])):
            by_change.setdefault(what, []).append(str(method))
    return [(names, what) for what, names in by_change.items()]


def _difference(now: Method, then: DeployedMethod) -> str:
    if now.integration is None:
        return ""
    pairs = (
        ("another integration", now.integration.kind, then.kind),
        ("another address", now.integration.uri, then.uri),
        ("another timeout", now.integration.timeout_ms, then.timeout_ms),
        ("API key wanted or not", now.key_required, then.key_required),
    )
    return ", ".join(name for name, mine, theirs in pairs if mine != theirs)


def _finding(
    settings: Settings, stage: Stage, names: list[str], state: str, categories: tuple[str, ...], why: str
) -> Finding:
    shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    return Finding(
        Severity.WARNING,
        Effect.CAUSES,
        where=f"stage {stage.name}",
        what=f"On stage {stage.name}, {shown}: {state}.",
        why=why,
        link=_LINK,
        categories=categories,
        command=deploy(settings, stage.name),
        template=_TEMPLATE,
        stage=stage.name,
        routes=tuple(names),
    )


_TEMPLATE = """\
Deployment20261121:  # a new logical id makes a new deployment; SAM makes one by itself
  Type: AWS::ApiGateway::Deployment
  Properties:
    RestApiId: !Ref Api
"""


@check("older-deployment", "Stages stand on the newest deployment", needs=(calls.GET_STAGES, calls.GET_DEPLOYMENTS))
def older_deployment(settings: Settings) -> Iterator[Finding]:
    """A stage that points to an older deployment does not have what was deployed since."""
    if not settings.deployments:
        return
    newest = settings.deployments[0][0]
    times = dict(settings.deployments)
    canaries = {stage.canary_deployment for stage in stages_of(settings)}
    for stage in stages_of(settings):
        if stage.deployment in ("", newest) or stage.deployment not in times or newest in canaries:
            continue
        yield Finding(
            Severity.NOTE,
            Effect.CAUSES,
            where=f"stage {stage.name}",
            what=f"Stage {stage.name} stands on deployment {stage.deployment} of {_day(times[stage.deployment])}; "
            f"the newest is {newest} of {_day(times[newest])}.",
            why="What was deployed since, to another stage perhaps, is not there: new routes answer 403 'Missing "
            "Authentication Token'.",
            link=_LINK,
            categories=("MISSING_AUTHENTICATION_TOKEN",),
            command=aws(settings, "apigateway", "update-stage", "--rest-api-id", api_id(settings),
                        "--stage-name", stage.name, "--patch-operations",
                        f"op=replace,path=/deploymentId,value={newest}"),
            template=f"Stage:\n  Type: AWS::ApiGateway::Stage\n  Properties:\n    DeploymentId: {newest}\n",
            stage=stage.name,
        )  # fmt: skip


def _day(written: str) -> str:
    return written[:10] or "an unknown day"

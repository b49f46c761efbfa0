"""Integrations that cannot work as they are configured, for some requests or for all."""

from __future__ import annotations

from collections.abc import Iterator

from loganalyzer.audit import calls
from loganalyzer.audit.arns import function_in, resolved, variables_in
from loganalyzer.audit.finding import Effect, Finding, Severity, check
from loganalyzer.audit.mend import api_id, aws, change_method, scalar, update_stage
from loganalyzer.audit.settings import REST, Integration, Method, Settings
from loganalyzer.audit.targets import integrated, stages_of

_VARIABLES = (
    "https://docs.aws.amazon.com/apigateway/latest/developerguide/aws-api-gateway-stage-variables-reference.html"
)
_MOCK = "https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-mock-integration.html"
_PASSTHROUGH = "https://docs.aws.amazon.com/apigateway/latest/developerguide/integration-passthrough-behaviors.html"
_RESPONSES = "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-integration-settings-integration-response.html"
_ERRORS = "https://docs.aws.amazon.com/apigateway/latest/developerguide/handle-errors-in-lambda-integration.html"
_LINKS = "https://repost.aws/knowledge-center/api-gateway-500-error-vpc"


@check("stage-variables", "Every stage sets the variables that its integrations need",
       needs=(calls.GET_RESOURCES, calls.GET_STAGES))  # fmt: skip
def stage_variables(settings: Settings) -> Iterator[Finding]:
    """A variable that is not set leaves a hole in the address."""
    for stage in stages_of(settings):
        lacking: dict[str, list[Method]] = {}
        for method, integration in integrated(settings):
            for name in variables_in(integration.uri):
                if not stage.variables.get(name):
                    lacking.setdefault(name, []).append(method)
        for name, methods in lacking.items():
            of_function = any(":lambda:" in (one.integration.uri if one.integration else "") for one in methods)
            yield Finding(
                Severity.ERROR,
                Effect.CAUSES,
                where=f"stage {stage.name}",
                what=f"Stage {stage.name} does not set the stage variable {name}, which {methods[0]} needs in its "
                f"address.",
                why="The address has a hole: the endpoint is invalid, or names another function, which no permission "
                "is for.",
                link=_VARIABLES,
                categories=("PROXY_INTEG_INVOKE_DENIED", "INTEGRATION_INVALID_ENDPOINT") if of_function
                else ("INTEGRATION_INVALID_ENDPOINT", "INTEGRATION_REQUEST_URI_INVALID"),
                command=update_stage(settings, stage, {f"/variables/{name}": "VALUE"}) if settings.kind == REST else
                aws(settings, "apigatewayv2", "update-stage", "--api-id", api_id(settings), "--stage-name",
                    stage.name, "--stage-variables", f"{name}=VALUE"),
                template=f"Stage:\n  Type: AWS::ApiGateway::Stage\n  Properties:\n    Variables:\n"
                f"      {scalar(name)}: VALUE\n",
                stage=stage.name,
                routes=tuple(map(str, methods)),
            )  # fmt: skip


_MOCK_TEMPLATE = '[{"op":"add","path":"/requestTemplates/application~1json","value":"{\\"statusCode\\": 200}"}]'


@check("mock-template", "MOCK integrations say which status to return", needs=(calls.GET_RESOURCES,))
def mock_template(settings: Settings) -> Iterator[Finding]:
    """The request template of a MOCK integration has to hold a statusCode, for every content type that comes."""
    for method, integration in integrated(settings):
        if integration.kind != "MOCK" or settings.kind != REST:
            continue
        if any("statusCode" in template for template in integration.templates.values()):
            continue
        yield Finding(
            Severity.ERROR,
            Effect.CAUSES,
            where=str(method),
            what=f"{method} is a MOCK integration without a statusCode in its request template.",
            why="API Gateway does not know what to answer: 500, also to the browser's preflight request (CORS).",
            link=_MOCK,
            categories=("INTEGRATION_MOCK_STATUS_INVALID",),
            command=change_method(settings, method, "update-integration", "--patch-operations", _MOCK_TEMPLATE),
            template=_integration("RequestTemplates:\n        application/json: '{\"statusCode\": 200}'"),
            routes=(str(method),),
        )


@check("passthrough", "Integrations take the content types that clients send", needs=(calls.GET_RESOURCES,))
def passthrough(settings: Settings) -> Iterator[Finding]:
    """Where only mapped content types pass, any other one gets a 415."""
    for method, integration in integrated(settings):
        if integration.kind.endswith("_PROXY") or integration.kind == "MOCK":
            continue
        strict = integration.passthrough == "NEVER"
        if not strict and not (integration.passthrough == "WHEN_NO_TEMPLATES" and integration.templates):
            continue
        types = ", ".join(sorted(integration.templates)) or "none"
        yield Finding(
            Severity.NOTE,
            Effect.CAUSES,
            where=str(method),
            what=f"{method} takes only content types that have a template ({types}).",
            why="A request of another type is answered with 415; one without Content-Type counts as application/json.",
            link=_PASSTHROUGH,
            categories=("UNSUPPORTED_MEDIA_TYPE",),
            command=change_method(
                settings,
                method,
                "update-integration",
                "--patch-operations",
                "op=replace,path=/passthroughBehavior,value=WHEN_NO_MATCH",
            ),
            template=_integration("PassthroughBehavior: WHEN_NO_MATCH"),
            routes=(str(method),),
        )


@check("response-mapping", "Every answer of a backend has a mapping", needs=(calls.GET_RESOURCES,))
def response_mapping(settings: Settings) -> Iterator[Finding]:
    """No default among the integration responses, or one for a status that the method does not declare."""
    for method, integration in integrated(settings):
        if integration.kind not in ("AWS", "HTTP", "MOCK") or settings.kind != REST:
            continue
        if not any(one.pattern == "" for one in integration.responses):
            yield _no_default(settings, method, integration)
        undeclared = sorted({one.status for one in integration.responses} - method.statuses)
        if undeclared:
            yield _undeclared(settings, method, undeclared)


def _no_default(settings: Settings, method: Method, integration: Integration) -> Finding:
    patterns = ", ".join(f'"{one.pattern}"' for one in integration.responses) or "none at all"
    return Finding(
        Severity.WARNING,
        Effect.CAUSES,
        where=str(method),
        what=f"{method} has no default integration response (patterns: {patterns}).",
        why="An answer of the backend that fits no pattern is turned into a 500.",
        link=_RESPONSES,
        categories=("INTEGRATION_RESPONSE_MAPPING_MISSING",),
        command=change_method(
            settings, method, "put-integration-response", "--status-code", "200", "--selection-pattern", ""
        ),
        template=_integration(
            "IntegrationResponses:\n        - StatusCode: 200  # without SelectionPattern: the default"
        ),
        routes=(str(method),),
    )


def _undeclared(settings: Settings, method: Method, statuses: list[str]) -> Finding:
    return Finding(
        Severity.ERROR,
        Effect.CAUSES,
        where=str(method),
        what=f"{method} maps answers to status {', '.join(statuses)}, which the method does not declare.",
        why="API Gateway refuses such a mapping when it is needed: the client gets a 500 instead.",
        link=_RESPONSES,
        categories=("INTEGRATION_RESPONSE_MAPPING_INVALID",),
        command=change_method(settings, method, "put-method-response", "--status-code", statuses[0]),
        template="Method:\n  Type: AWS::ApiGateway::Method\n  Properties:\n    MethodResponses:\n"
        + "".join(f"      - StatusCode: {scalar(status)}\n" for status in statuses),
        routes=(str(method),),
    )


@check("function-errors", "Errors of functions behind mappings reach the client", needs=(calls.GET_RESOURCES,))
def function_errors(settings: Settings) -> Iterator[Finding]:
    """A mapped Lambda integration without a pattern for errors answers 200 when the function fails."""
    for method, integration in integrated(settings):
        is_function = function_in(resolved(integration.uri, {})) is not None or ":lambda:path" in integration.uri
        if integration.kind != "AWS" or not is_function or integration.asynchronous or settings.kind != REST:
            continue
        if any(one.pattern for one in integration.responses):
            continue
        yield Finding(
            Severity.WARNING,
            Effect.CAUSES,
            where=str(method),
            what=f"{method} has no selection pattern for errors of its function.",
            why="When the function fails the client gets a 200 with errorMessage in the body, and nobody notices.",
            link=_ERRORS,
            categories=("LAMBDA_ERROR_UNMAPPED",),
            command=change_method(settings, method, "put-integration-response", "--status-code", "500",
                                  "--selection-pattern", "(\\n|.)+"),
            template=_integration("IntegrationResponses:\n        - StatusCode: 200\n        - StatusCode: 500\n"
                                  "          SelectionPattern: '(\\n|.)+'"),
            routes=(str(method),),
        )  # fmt: skip


@check("vpc-link", "VPC links are available", needs=(calls.GET_RESOURCES, calls.GET_VPC_LINK))
def vpc_link(settings: Settings) -> Iterator[Finding]:
    """A link that is not available leads nowhere."""
    for link, (status, said) in settings.vpc_links.items():
        if status in ("AVAILABLE", ""):
            continue
        users = tuple(str(method) for method, integration in integrated(settings) if integration.vpc_link == link)
        yield Finding(
            Severity.ERROR,
            Effect.CAUSES,
            where=f"VPC link {link}",
            what=f"VPC link {link} is {status}" + (f" ({said})." if said else "."),
            why="No call of the methods behind it gets through.",
            link=_LINKS,
            categories=("INTEGRATION_VPC_LINK_ERROR", "INTEGRATION_NETWORK_ERROR", "INTEGRATION_TIMEOUT"),
            command=aws(settings, "apigateway", "get-vpc-link", "--vpc-link-id", link),
            template="VpcLink:\n  Type: AWS::ApiGateway::VpcLink\n  Properties:\n    TargetArns:\n"
            "      - !Ref NetworkLoadBalancer\n",
            routes=users,
        )


def _integration(line: str) -> str:
    return f"Method:\n  Type: AWS::ApiGateway::Method\n  Properties:\n    Integration:\n      {line}\n"

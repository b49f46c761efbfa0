"""What stands before the API: its addresses, WAF, the resource policy, a canary. Much of it leaves no line in the "
"log."""

from __future__ import annotations

from collections.abc import Iterator

from loganalyzer.audit import calls
from loganalyzer.audit.finding import Effect, Finding, Severity, check
from loganalyzer.audit.mend import api_id, aws
from loganalyzer.audit.settings import REST, Settings
from loganalyzer.audit.targets import stages_of

_ENDPOINT = "https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-disable-default-endpoint.html"
_FORBIDDEN = "https://repost.aws/knowledge-center/api-gateway-troubleshoot-403-forbidden"
_MTLS = "https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mutual-tls.html"
_WAF = "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-aws-waf.html"
_POLICY = "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html"
_CANARY = "https://docs.aws.amazon.com/apigateway/latest/developerguide/canary-release.html"


@check("default-endpoint", "The API answers at its default address", needs=(calls.GET_REST_API,))
def default_endpoint(settings: Settings) -> Iterator[Finding]:
    """Where the default address is switched off, calls of it get a 403 that no log has."""
    if settings.default_endpoint:
        return
    rest = settings.kind == REST
    command = aws(settings, "apigateway", "update-rest-api", "--rest-api-id", api_id(settings),
                  "--patch-operations", "op=replace,path=/disableExecuteApiEndpoint,value=false") if rest else aws(
                  settings, "apigatewayv2", "update-api", "--api-id", api_id(settings),
                  "--no-disable-execute-api-endpoint")  # fmt: skip
    yield Finding(
        Severity.NOTE,
        Effect.CAUSES,
        where=f"API {settings.api}",
        what="The default address (execute-api) is switched off; only custom domains lead to the API.",
        why="Calls of it are answered with 403 'Forbidden' before any line is written.",
        link=_ENDPOINT,
        categories=("MISSING_AUTHENTICATION_TOKEN", "WAF_FILTERED"),
        command=command,
        template="Api:\n  Type: AWS::ApiGateway::RestApi\n  Properties:\n    DisableExecuteApiEndpoint: false\n",
    )


@check(
    "mutual-tls",
    "Custom domains want no client certificate",
    needs=(calls.GET_DOMAIN_NAMES, calls.GET_BASE_PATH_MAPPINGS),
)
def mutual_tls(settings: Settings) -> Iterator[Finding]:
    """With mutual TLS, callers without a fitting certificate are turned away before the API."""
    for domain, ours in (settings.mutual_tls or {}).items():
        if ours is False:
            continue
        yield Finding(
            Severity.NOTE,
            Effect.CAUSES,
            where=f"domain {domain}",
            what=f"The domain {domain} wants client certificates (mutual TLS)"
            + ("." if ours else "; whether it leads to this API could not be seen."),
            why="Callers without a certificate of the trust store get no answer or a 403 'Forbidden', without any "
            "line in the execution log. If the default address is open they can go round it.",
            link=_MTLS,
            categories=("WAF_FILTERED", "MISSING_AUTHENTICATION_TOKEN"),
            command=aws(settings, "apigateway", "get-domain-name", "--domain-name", domain),
            template="Domain:\n  Type: AWS::ApiGateway::DomainName\n  Properties:\n    MutualTlsAuthentication:\n"
            "      TruststoreUri: s3://bucket/truststore.pem\n",
        )


@check("web-acl", "No web ACL stands before the stage", needs=(calls.GET_STAGES, calls.GET_WAF_LOGGING))
def web_acl(settings: Settings) -> Iterator[Finding]:
    """What WAF blocks never reaches the execution log."""
    for stage in stages_of(settings):
        if not stage.web_acl:
            continue
        logged = settings.waf_logs.get(stage.web_acl)
        silent = "; the web ACL writes no log either" if logged is False else ""
        arn = f"arn:{settings.partition}:logs:{settings.region or 'eu-west-1'}:{settings.account or '123456789012'}"
        name = stage.web_acl.rpartition("webacl/")[2].partition("/")[0] or stage.web_acl
        yield Finding(
            Severity.WARNING if logged is False else Severity.NOTE,
            Effect.HIDES,
            where=f"stage {stage.name}",
            what=f"The web ACL {name} stands before stage {stage.name}{silent}.",
            why="What it blocks gets a 403 'Forbidden' (or an answer of WAF's own) and has no line in the execution "
            "log: look into the log of WAF, or $context.waf.status in the access log.",
            link=_WAF,
            categories=("WAF_FILTERED",),
            command=aws(settings, "wafv2", "put-logging-configuration", "--logging-configuration",
                        f"ResourceArn={stage.web_acl},LogDestinationConfigs={arn}:log-group:aws-waf-logs-{name}"),
            template="WafLog:\n  Type: AWS::WAFv2::LoggingConfiguration\n  Properties:\n"
            "    ResourceArn: !GetAtt WebACL.Arn\n"
            "    LogDestinationConfigs:\n      - !GetAtt WafLogGroup.Arn\n",
            stage=stage.name,
        )  # fmt: skip


@check("resource-policy", "No resource policy turns callers away", needs=(calls.GET_REST_API,))
def resource_policy(settings: Settings) -> Iterator[Finding]:
    """A resource policy denies before the authorizer; changes of it want a deployment."""
    private = settings.endpoint == "PRIVATE"
    if not settings.policy and not private:
        return
    denies = any(not statement.allows for statement in settings.policy)
    if not settings.policy:
        what, severity = "The API is private and has no resource policy: nobody may call it.", Severity.ERROR
    elif denies:
        what, severity = "The API has a resource policy that denies some callers.", Severity.NOTE
    else:
        what, severity = "The API has a resource policy; whom it does not name may be denied.", Severity.NOTE
    yield Finding(
        severity,
        Effect.CAUSES,
        where=f"API {settings.api}",
        what=what,
        why="Its denials come before any authorizer runs, and a change of it holds only after the next deployment.",
        link=_POLICY,
        categories=("RESOURCE_POLICY_DENY", "ACCESS_DENIED"),
        command=aws(settings, "apigateway", "get-rest-api", "--rest-api-id", api_id(settings), "--query", "policy"),
        template="Api:\n  Type: AWS::ApiGateway::RestApi\n  Properties:\n    Policy:\n      Version: '2012-10-17'\n"
        "      Statement:\n        - Effect: Allow\n          Principal: '*'\n          Action: execute-api:Invoke\n"
        "          Resource: execute-api:/*\n",
    )


@check("canary", "One deployment answers on each stage", needs=(calls.GET_STAGES,))
def canary(settings: Settings) -> Iterator[Finding]:
    """With a canary two deployments answer, and their requests stand in one log."""
    for stage in stages_of(settings):
        if not stage.canary_percent:
            continue
        yield Finding(
            Severity.NOTE,
            Effect.HIDES,
            where=f"stage {stage.name}",
            what=f"A canary answers {stage.canary_percent} % of the requests of stage {stage.name} from deployment "
            f"{stage.canary_deployment or 'unknown'}.",
            why="The same call may fail one time and succeed the next. The canary's requests stand in the stage's log "
            f"group and once more in {settings.execution_group(stage)}/Canary: there they can be told apart.",
            link=_CANARY,
            command=aws(settings, "apigateway", "update-stage", "--rest-api-id", api_id(settings),
                        "--stage-name", stage.name, "--patch-operations", "op=remove,path=/canarySettings"),
            stage=stage.name,
        )  # fmt: skip

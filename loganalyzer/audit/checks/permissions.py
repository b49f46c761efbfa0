"""Whether API Gateway may call what it has to call: resource policies of functions, trust of roles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from loganalyzer.audit import calls
from loganalyzer.audit.arns import FunctionName, method_sources, role_name, starred
from loganalyzer.audit.checks.account import TRUST, TRUST_TEMPLATE
from loganalyzer.audit.finding import Effect, Finding, Severity, check
from loganalyzer.audit.mend import aws, scalar
from loganalyzer.audit.policies import Statement, Verdict, lets_assume, lets_invoke
from loganalyzer.audit.settings import Authorizer, Method, Settings, Stage
from loganalyzer.audit.targets import (
    called_functions,
    calls_of,
    guarded,
    judges,
    judging_functions,
    known,
    roles_of,
    stages_of,
    wanted_roles,
)

_LINK = "https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html"
_ROLES = "https://repost.aws/knowledge-center/api-gateway-rest-api-lambda-integrations"


@check("function-permission", "The functions behind the methods let API Gateway call them",
       needs=(calls.GET_RESOURCES, calls.GET_STAGES, calls.GET_POLICY, calls.GET_FUNCTION),
       about=called_functions)  # fmt: skip
def function_permission(settings: Settings) -> Iterator[Finding]:
    """By function, alias and stage: the methods that its policy leaves out."""
    for stage in stages_of(settings):
        for called in calls_of(settings, stage):
            function = known(settings, called.function)
            if function.exists is False:
                yield _gone(settings, called.function, stage, called.routes)
            elif function.policy is not None:
                methods = [one for one in called.methods if not (one.integration and one.integration.credentials)]
                left_out = [
                    one
                    for one in methods
                    if _verdict(settings, stage, one, called.function, function.policy) is Verdict.NO
                ]
                if left_out:
                    yield _not_let_in(settings, stage, called.function, left_out, function.policy)


def _verdict(
    settings: Settings, stage: Stage, method: Method, function: FunctionName, policy: tuple[Statement, ...]
) -> Verdict:
    if not settings.api:
        return Verdict.UNSURE
    start = settings.arn_of_calls(account=function.account, region=function.region) + f"/{stage.name}"
    account = settings.account or function.account
    verdicts = [
        lets_invoke(policy, sources=sources, account=account)
        for sources in method_sources(start, method.verb, method.path)
    ]
    if Verdict.NO not in verdicts:
        return Verdict.UNSURE if Verdict.UNSURE in verdicts else Verdict.YES
    # nobody documents what a method of any verb presents: a policy that says ANY is not called wrong
    literal = (f"{start}/ANY{method.path}",)
    says_any = method.verb == "ANY" and lets_invoke(policy, sources=literal, account=account) is Verdict.YES
    return Verdict.UNSURE if says_any else Verdict.NO


def _gone(settings: Settings, function: FunctionName, stage: Stage, routes: tuple[str, ...]) -> Finding:
    return Finding(
        Severity.ERROR,
        Effect.CAUSES,
        where=f"function {function}",
        what=f"{_some(routes)} of stage {stage.name} should call function {function}, which does not exist.",
        why="API Gateway reports it like a missing permission, so one looks in the wrong place.",
        link=_ROLES,
        categories=("PROXY_INTEG_INVOKE_DENIED", "PROXY_INTEG_LAMBDA_SERVICE_ERROR"),
        command=aws(settings, "lambda", "list-aliases", "--function-name", function.unqualified),
        stage=stage.name,
        routes=routes,
    )


def _not_let_in(
    settings: Settings, stage: Stage, function: FunctionName, methods: list[Method], policy: tuple[Statement, ...]
) -> Finding:
    start = settings.arn_of_calls(account=function.account, region=function.region)
    one = methods[0]
    path = starred(one.path)
    verb = "*" if one.verb == "ANY" else one.verb
    source = f"{start}/{stage.name}/{verb}{path}" if len(methods) == 1 and one.verb else f"{start}/{stage.name}/*"
    routes = tuple(map(str, methods))
    return Finding(
        Severity.ERROR,
        Effect.CAUSES,
        where=f"function {function}",
        what=f"The policy of function {function} does not let {_some(routes)} of stage {stage.name} call it"
        f"{_instead(policy, function)}.",
        why="API Gateway answers with 500 'Internal server error' and the function never runs, so its log is empty.",
        link=_LINK,
        categories=("PROXY_INTEG_INVOKE_DENIED", "PROXY_INTEG_LAMBDA_SERVICE_ERROR"),
        command=_add_permission(settings, function, source, f"apigateway-{settings.api}-{stage.name}"),
        template=_permission(function, source),
        stage=stage.name,
        routes=routes,
    )


@check("authorizer-permission", "The functions of the authorizers let API Gateway call them",
       needs=(calls.GET_AUTHORIZERS, calls.GET_POLICY, calls.GET_FUNCTION), about=judging_functions)  # fmt: skip
def authorizer_permission(settings: Settings) -> Iterator[Finding]:
    """The policy must name the authorizer's own ARN: a permission for the methods does not do."""
    done: set[tuple[str, str]] = set()
    for stage in stages_of(settings) or (None,):
        for authorizer, name in judges(settings, stage):
            if (authorizer.id, name.arn) in done or authorizer.credentials:
                continue
            done.add((authorizer.id, name.arn))
            function = known(settings, name)
            source = settings.arn_of_calls(account=name.account, region=name.region) + f"/authorizers/{authorizer.id}"
            account = settings.account or name.account
            if function.exists is False or (
                settings.api
                and function.policy is not None
                and lets_invoke(function.policy, sources=(source,), account=account) is Verdict.NO
            ):
                yield _authorizer_not_called(
                    settings, authorizer, name, source, function.policy, gone=function.exists is False
                )


def _authorizer_not_called(
    settings: Settings,
    authorizer: Authorizer,
    name: FunctionName,
    source: str,
    policy: tuple[Statement, ...] | None,
    *,
    gone: bool,
) -> Finding:
    what = (
        f"Function {name}, which is to judge for {authorizer}, does not exist."
        if gone
        else f"The policy of function {name} does not let {authorizer} call it{_instead(policy or (), name)}."
    )
    return Finding(
        Severity.ERROR,
        Effect.CAUSES,
        where=str(authorizer),
        what=what,
        why='Every request that it guards is answered with 500 {"message":null}; neither function runs, both logs are '
        "empty.",
        link=_ROLES,
        categories=("AUTHORIZER_INVOKE_DENIED",),
        command=_add_permission(settings, name, source, f"authorizer-{authorizer.id}"),
        template=_permission(name, source),
        routes=tuple(map(str, guarded(settings, authorizer))),
    )


@check(
    "role-trust",
    "The roles that API Gateway takes on let it",
    needs=(calls.GET_RESOURCES, calls.GET_AUTHORIZERS, calls.GET_ROLE),
    about=wanted_roles,
)
def role_trust(settings: Settings) -> Iterator[Finding]:
    """A role without apigateway.amazonaws.com in its trust policy cannot be taken on."""
    for name, users in roles_of(settings).items():
        role = settings.roles.get(name)
        if role is None or (role.exists and lets_assume(role.trust, account=settings.account) is not Verdict.NO):
            continue
        of_authorizers = {str(one) for one in settings.authorizers or () if role_name(one.credentials) == name}
        what = "does not trust apigateway.amazonaws.com" if role.exists else "does not exist"
        only_judges = of_authorizers >= set(users)
        categories = [] if only_judges else ["INTEGRATION_ROLE_ASSUME_DENIED"]
        categories += ["AUTHORIZER_INVOKE_DENIED"] if of_authorizers else []
        verb = "update-assume-role-policy" if role.exists else "create-role"
        document = "--policy-document" if role.exists else "--assume-role-policy-document"
        yield Finding(
            Severity.ERROR,
            Effect.CAUSES,
            where=f"role {name}",
            what=f"Role {name}, with which {_some(tuple(users))} should be called, {what}.",
            why="API Gateway cannot take it on, so what it should call never runs.",
            link=_ROLES,
            categories=tuple(categories),
            command=aws(settings, "iam", verb, "--role-name", name, document, TRUST),
            template=f"Role:\n  Type: AWS::IAM::Role\n  Properties:\n    RoleName: {scalar(name)}\n{TRUST_TEMPLATE}",
            routes=() if of_authorizers else tuple(users),
        )


def _some(names: Iterable[str]) -> str:
    listed = list(dict.fromkeys(names))
    shown = ", ".join(listed[:3])
    return shown if len(listed) <= 3 else f"{shown} and {len(listed) - 3} more"


def _instead(policy: tuple[Statement, ...], function: FunctionName) -> str:
    """What the policy says instead."""
    if not policy:
        return " (it has none" + (f" on the alias or version {function.qualifier})" if function.qualifier else ")")
    sources = list(dict.fromkeys(source for statement in policy for source in statement.sources))
    return f" (it names {_some(sources)})" if sources else " (it is about others)"


def _add_permission(settings: Settings, function: FunctionName, source: str, statement: str) -> str:
    qualifier = ("--qualifier", function.qualifier) if function.qualifier else ()
    return aws(settings, "lambda", "add-permission", "--function-name", function.name, *qualifier, "--statement-id",
               statement, "--action", "lambda:InvokeFunction", "--principal", "apigateway.amazonaws.com",
               "--source-arn", source)  # fmt: skip


def _permission(function: FunctionName, source: str) -> str:
    return (
        "Permission:\n  Type: AWS::Lambda::Permission\n  Properties:\n"
        f"    FunctionName: {scalar(function.arn)}\n    Action: lambda:InvokeFunction\n"
        f"    Principal: apigateway.amazonaws.com\n    SourceArn: {scalar(source)}\n"
    )

"""Whether there can be an execution log at all: the kind of API, and the role that the account lets API Gateway use."""

from __future__ import annotations

from collections.abc import Iterator

from loganalyzer.audit import calls
from loganalyzer.audit.arns import role_name
from loganalyzer.audit.finding import Effect, Finding, Severity, check
from loganalyzer.audit.mend import api_id, aws
from loganalyzer.audit.policies import Verdict, lets_assume
from loganalyzer.audit.settings import HTTP, WEBSOCKET, Settings

PUSH_POLICY = "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
"""AWS's own policy with what API Gateway needs to write logs."""

TRUST = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"apigateway.amazonaws.com"},'
    '"Action":"sts:AssumeRole"}]}'
)
"""The trust policy that lets API Gateway take a role on."""

TRUST_TEMPLATE = """\
    AssumeRolePolicyDocument:
      Version: '2012-10-17'
      Statement:
        - Effect: Allow
          Principal:
            Service: apigateway.amazonaws.com
          Action: sts:AssumeRole
"""

_LINK = "https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html"

_ROLE_TEMPLATE = f"""\
CloudWatchRole:
  Type: AWS::IAM::Role
  Properties:
{TRUST_TEMPLATE}    ManagedPolicyArns:
      - !Sub arn:${{AWS::Partition}}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs
Account:  # one a region and account: keep it in one stack of its own
  Type: AWS::ApiGateway::Account
  Properties:
    CloudWatchRoleArn: !GetAtt CloudWatchRole.Arn
"""


_NAME = "apigateway-cloudwatch"


def _create_role(settings: Settings, name: str) -> str:
    create = aws(settings, "iam", "create-role", "--role-name", name, "--assume-role-policy-document", TRUST)
    attach = aws(settings, "iam", "attach-role-policy", "--role-name", name, "--policy-arn", PUSH_POLICY)
    return f"{create}\n{attach}"


@check("kind-of-api", "The API is of a kind that writes execution logs", needs=(calls.GET_REST_API,))
def kind_of_api(settings: Settings) -> Iterator[Finding]:
    """HTTP APIs have no execution log; what is known of WebSocket logs is little."""
    if settings.kind == HTTP:
        yield Finding(
            Severity.ERROR,
            Effect.HIDES,
            where=f"API {settings.api}",
            what="This is an HTTP API: it writes no execution log, only an access log.",
            why="No failure of it can be read from a log group; the access log has to tell.",
            link="https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging.html",
            command=aws(settings, "apigatewayv2", "get-stages", "--api-id", api_id(settings)),
        )
    elif settings.kind == WEBSOCKET:
        yield Finding(
            Severity.NOTE,
            Effect.HIDES,
            where=f"API {settings.api}",
            what="This is a WebSocket API: AWS documents its log sentences less than those of REST APIs.",
            why="Diagnoses rest on sentences that both kinds share; some are known from emulators only.",
            link="https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-logging.html",
        )


@check("account-role", "API Gateway has a role to write logs with", needs=(calls.GET_ACCOUNT,))
def account_role(settings: Settings) -> Iterator[Finding]:
    """Without the account's role nothing is written, whatever the stages say."""
    if settings.account_role != "" or settings.kind == HTTP:
        return
    where = f" in {settings.region}" if settings.region else ""
    yield Finding(
        Severity.ERROR,
        Effect.HIDES,
        where="account",
        what=f"API Gateway has no role to write logs with{where}: no API of the account writes any log there.",
        why="Every failure of every category stays invisible; an empty log group says nothing.",
        link=_LINK,
        command=f"{_create_role(settings, _NAME)}\n"
        + aws(settings, "apigateway", "update-account", "--patch-operations",
              f"op=replace,path=/cloudwatchRoleArn,value=arn:{settings.partition}:iam::"
              f"{settings.account or '123456789012'}:role/{_NAME}"),
        template=_ROLE_TEMPLATE,
    )  # fmt: skip


@check("account-role-trust", "The logging role lets API Gateway in", needs=(calls.GET_ACCOUNT, calls.GET_ROLE),
       about=lambda settings: frozenset({role_name(settings.account_role or "")}))  # fmt: skip
def account_role_trust(settings: Settings) -> Iterator[Finding]:
    """A role that is gone or trusts somebody else writes nothing."""
    name = role_name(settings.account_role or "")
    role = settings.roles.get(name)
    if (
        not name
        or role is None
        or (role.exists and lets_assume(role.trust, account=settings.account) is not Verdict.NO)
    ):
        return
    what = "does not let API Gateway take it on" if role.exists else "does not exist any more"
    command = aws(settings, "iam", "update-assume-role-policy", "--role-name", name, "--policy-document", TRUST)
    if not role.exists:
        command = _create_role(settings, name)
    yield Finding(
        Severity.ERROR,
        Effect.HIDES,
        where=f"role {name}",
        what=f"The role {name}, with which API Gateway is to write logs, {what}: nothing is logged.",
        why="Every failure of every category stays invisible from the moment the role was changed.",
        link=_LINK,
        command=command,
        template=_ROLE_TEMPLATE,
    )

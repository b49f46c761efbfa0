"""Settings gathered from an account: moto for what it does right, a scripted server for refusals."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest

from loganalyzer.audit import calls
from loganalyzer.audit.examine import Audit, examine
from loganalyzer.audit.gather import gather
from loganalyzer.audit.snapshot import Snapshot, answers_in, snapshot_of
from loganalyzer.errors import AwsError
from loganalyzer.fetcher.session import client
from tests.live import ACCOUNT, REGION, Answer, Script, boto, denied, failed

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def gathered(api: str) -> Snapshot:
    """The settings of an API as the program asks for them."""
    return gather(partial(client, attempts=1), api=api, now=lambda: NOON)


def checks(audit: Audit) -> set[str]:
    """The checks that found something."""
    return {finding.check for finding in audit.findings}


# -- moto --------------------------------------------------------------------------------------------------------------


def _role(name: str, service: str) -> str:
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}]}
    role = boto("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
    return str(role["Role"]["Arn"])


def _function(name: str, *, timeout: int) -> str:
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("app.py", "def handler(event, context): ...")
    made = boto("lambda").create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role=_role(f"{name}-role", "lambda.amazonaws.com"),
        Handler="app.handler",
        Code={"ZipFile": code.getvalue()},
        Timeout=timeout,
        Environment={"Variables": {"DATABASE_PASSWORD": "hunter2-never-to-be-seen"}},
    )
    return str(made["FunctionArn"])


@pytest.fixture
def shop(moto: str) -> str:
    """An API with a function that it may not call, and an authorizer's function that it may."""
    gate, functions = boto("apigateway"), boto("lambda")
    api = gate.create_rest_api(name="shop")["id"]
    root = gate.get_resources(restApiId=api)["items"][0]["id"]
    orders = gate.create_resource(restApiId=api, parentId=root, pathPart="orders")["id"]
    arn, judge = _function("orders", timeout=60), _function("judge", timeout=10)
    uri = f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions"
    authorizer = gate.create_authorizer(
        restApiId=api, name="tokens", type="TOKEN", authorizerUri=f"{uri}/{judge}/invocations",
        identitySource="method.request.header.Authorization", authorizerResultTtlInSeconds=0,
    )["id"]  # fmt: skip
    functions.add_permission(
        FunctionName="judge", StatementId="gateway", Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceArn=f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api}/authorizers/{authorizer}",
    )  # fmt: skip
    method = {"restApiId": api, "resourceId": orders, "httpMethod": "GET"}
    gate.put_method(**method, authorizationType="CUSTOM", authorizerId=authorizer)
    gate.put_integration(**method, type="AWS_PROXY", integrationHttpMethod="POST", uri=f"{uri}/{arn}/invocations")
    gate.create_deployment(restApiId=api, stageName="prod")
    return str(api)


def test_an_account_as_it_is(shop: str) -> None:
    """What is wrong is found, what is right is passed, and what moto cannot say is named as not seen."""
    audit = examine(gathered(shop))
    assert {"account-role", "execution-logging", "access-log", "function-permission", "integration-timeout"} <= checks(
        audit
    )
    assert {"authorizer-permission", "authorizer-timeout", "authorizer-cache", "gateway-responses"} <= set(audit.passed)
    assert (audit.api, audit.kind, audit.stages, audit.region) == (shop, "REST", ("prod",), REGION)
    assert audit.taken == "2026-11-20T12:00:00+00:00"
    assert {one.call for one in audit.unseen} <= {
        calls.GET_EXPORT,
        calls.DESCRIBE_DELIVERY_SOURCES,
        calls.GET_DOMAIN_NAMES,
    }


def test_the_found_command_mends(shop: str) -> None:
    """The permission that the audit tells to add is the one that was missing."""
    import shlex

    [found] = [one for one in examine(gathered(shop)).findings if one.check == "function-permission"]
    words = shlex.split(found.command)
    value = {name: words[words.index(name) + 1] for name in words if name.startswith("--")}
    boto("lambda").add_permission(
        FunctionName=value["--function-name"], StatementId=value["--statement-id"], Action=value["--action"],
        Principal=value["--principal"], SourceArn=value["--source-arn"],
    )  # fmt: skip
    assert "function-permission" not in checks(examine(gathered(shop)))


def test_switched_on(shop: str) -> None:
    """With the account's role and the stage's level set, nothing is said about execution logging any more."""
    gate = boto("apigateway")
    role = _role("cloudwatch", "apigateway.amazonaws.com")
    gate.update_account(patchOperations=[{"op": "replace", "path": "/cloudwatchRoleArn", "value": role}])
    change = [{"op": "replace", "path": "/*/*/logging/loglevel", "value": "INFO"}]
    gate.update_stage(restApiId=shop, stageName="prod", patchOperations=change)
    audit = examine(gathered(shop))
    assert {"account-role", "account-role-trust", "execution-logging"} <= set(audit.passed)


def test_no_secret_is_kept(shop: str) -> None:
    """Environment variables of functions are not in the snapshot, in whatever form it is written."""
    document = json.dumps(gathered(shop).document())
    assert "hunter2" not in document
    assert "Environment" not in document


def test_a_saved_snapshot_is_judged_alike(shop: str) -> None:
    """Saving and reading again changes no finding."""
    taken = gathered(shop)
    document: Any = json.loads(json.dumps(taken.document()))
    again = snapshot_of(answers_in(document), api=taken.api, region=taken.region, account=taken.account)
    assert examine(again).findings == examine(taken).findings
    assert again.document()["calls"] == taken.document()["calls"]


def test_an_api_that_is_not_there(moto: str) -> None:
    """A wrong id ends in one line that names it and the region."""
    with pytest.raises(AwsError, match=f"no API 'nothing' in {REGION}") as raised:
        gathered("nothing")
    assert raised.value.exit_code == 5


def test_a_websocket_api(moto: str) -> None:
    """WebSocket APIs are asked through their own service."""
    gate = boto("apigatewayv2")
    api = gate.create_api(Name="chat", ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.action")[
        "ApiId"
    ]
    gate.create_stage(ApiId=api, StageName="live")
    audit = examine(gathered(api))
    assert audit.kind == "WEBSOCKET"
    assert {"kind-of-api", "execution-logging", "access-log"} <= checks(audit)
    [off] = [one for one in audit.findings if one.check == "execution-logging"]
    assert "apigatewayv2 update-stage" in off.command


def test_an_http_api(moto: str) -> None:
    """An HTTP API is told to have no execution log, and only its access log is looked at."""
    gate = boto("apigatewayv2")
    api = gate.create_api(Name="web", ProtocolType="HTTP")["ApiId"]
    gate.create_stage(ApiId=api, StageName="$default")
    assert checks(examine(gathered(api))) == {"kind-of-api", "access-log"}


# -- refusals ----------------------------------------------------------------------------------------------------------


def _rest(path: str) -> str:
    return f"GET /restapis/abcde12345{path}"


STAGE = {"stageName": "prod", "deploymentId": "d1", "methodSettings": {"*/*": {"loggingLevel": "INFO"}}}
PARTLY: Mapping[str, Answer] = {
    _rest(""): Answer({"id": "abcde12345", "name": "shop"}),
    _rest("/stages"): Answer({"item": [STAGE]}),
    _rest("/resources"): Answer({"item": []}),
    _rest("/authorizers"): denied("apigateway:GET", status=403),
    "GET /account": denied("apigateway:GET", status=403),
}


def test_missing_permissions_are_named_per_check(scripted: Script) -> None:
    """A call that is refused is named with its permission by every check that wants its answer; the others go on."""
    scripted(PARTLY)
    audit = examine(gathered("abcde12345"))
    missing = {(one.check, one.permission) for one in audit.unseen}
    assert ("account-role", "apigateway:GET on /account") in missing
    assert ("authorizer-cache", "apigateway:GET on /restapis/abcde12345/authorizers") in missing
    assert "account-role" not in checks(audit) | set(audit.passed)
    assert "execution-logging" in audit.passed
    assert all("ann" not in one.reason for one in audit.unseen)


def test_everything_is_refused(scripted: Script) -> None:
    """Where nothing may be seen there is no audit, but one line with the way to the policy."""
    scripted(dict.fromkeys([*PARTLY, *(_rest(p) for p in _LISTINGS), *_OTHERS], denied("apigateway:GET", status=403)))
    with pytest.raises(AwsError, match="refused every call") as raised:
        gathered("abcde12345")
    assert "loganalyzer policy" in raised.value.tip


_LISTINGS = ("/gatewayresponses", "/deployments")
_OTHERS = ("GET /domainnames", "DescribeDeliverySources", "POST /")


def test_credentials_that_aws_does_not_take(scripted: Script) -> None:
    """Wrong credentials end at the first call."""
    server = scripted({_rest(""): failed("UnrecognizedClientException", status=403)})
    with pytest.raises(AwsError, match="credentials"):
        gathered("abcde12345")
    assert server.names() == [_rest("")]


def test_pages_are_put_together(scripted: Script) -> None:
    """A listing of several pages is one answer; the token of one page asks for the next."""
    pages: Iterator[Answer] = iter(
        [
            Answer({"item": [{"id": "r1", "path": "/a"}], "position": "next"}),
            Answer({"item": [{"id": "r2", "path": "/b"}]}),
        ]
    )
    server = scripted({**PARTLY, _rest("/resources"): lambda asked: next(pages)})
    taken = gathered("abcde12345")
    assert [one["path"] for one in taken.items(calls.GET_RESOURCES) or ()] == ["/a", "/b"]
    assert [one.query.get("position") for one in server.asked if one.name == _rest("/resources")] == [None, "next"]


def test_keys_are_asked_for_without_values(scripted: Script) -> None:
    """Where a method wants a key, keys and plans are asked for; a value that comes all the same is not kept."""
    wanting = {"id": "r1", "path": "/a", "resourceMethods": {"GET": {"httpMethod": "GET", "apiKeyRequired": True}}}
    server = scripted(
        {
            **PARTLY,
            _rest("/resources"): Answer({"item": [wanting]}),
            "GET /usageplans": Answer({"item": []}),
            "GET /apikeys": Answer({"item": [{"id": "k1", "name": "n", "enabled": True, "value": "s3cr3t-value"}]}),
        }
    )
    taken = gathered("abcde12345")
    [asked] = [one for one in server.asked if one.name == "GET /apikeys"]
    assert asked.query["includeValues"] == "false"
    assert "s3cr3t-value" not in json.dumps(taken.document())
    assert "usage-plan" in checks(examine(taken))

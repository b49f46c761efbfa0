"""That nothing but reading ever happens, and that the policy is exactly what reading takes."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import botocore.session
import pytest
from botocore import xform_name

from loganalyzer.errors import UsageError
from loganalyzer.fetcher.calls import CALLS, OBJECTS, Call
from loganalyzer.fetcher.policy import USES, policy
from loganalyzer.fetcher.session import ask, client
from tests.live import Answer, Script

PACKAGE = Path(__file__).parents[2] / "loganalyzer"
READING = ("Get", "List", "Describe", "Filter", "Head")
QUERIES = {"StartQuery", "StopQuery"}
"""IAM's own table calls these two reading as well: a query changes nothing but its own state."""


def test_every_call_reads() -> None:
    """The table holds no operation that creates, changes or deletes."""
    assert [call.operation for call in CALLS if not call.operation.startswith(READING)] == [
        name for name in ("StartQuery", "StopQuery") if name in QUERIES
    ]


@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call.service} {call.operation}")
def test_every_call_exists(call: Call) -> None:
    """Operations are spelt as the SDK spells them, and the action belongs to the service."""
    model = botocore.session.get_session().get_service_model(call.service)
    assert call.operation in model.operation_names
    assert call.action.partition(":")[0] in (call.service, "apigateway")


@pytest.mark.parametrize("service", sorted({call.service for call in CALLS}))
def test_a_client_refuses_what_is_not_in_the_table(scripted: Script, service: str) -> None:
    """Of all operations that a service has, those of the table alone are sent."""
    server = scripted({})
    source = client(service)
    known = {call.operation for call in CALLS if call.service == service}
    others = sorted(set(source.meta.service_model.operation_names) - known)
    for operation in others:
        with pytest.raises(AssertionError, match=operation):
            ask(source, xform_name(operation), {})
    assert others
    assert server.asked == []


def literals() -> Iterator[str]:
    """Every word in quotes in the package."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def test_every_call_in_the_table_is_made() -> None:
    """No permission is asked for that nothing uses."""
    said = set(literals())
    asked = [call for call in CALLS if call.purpose != OBJECTS]
    spelt = {call: {xform_name(call.operation), f"{call.service}:{call.operation}"} for call in asked}
    assert [call for call in asked if not spelt[call] & said] == []


def statements(document: dict[str, object]) -> list[dict[str, object]]:
    """The statements of a policy."""
    return cast(list[dict[str, object]], document["Statement"])


def actions(document: dict[str, object]) -> set[str]:
    """All actions that a policy permits."""
    return {action for one in statements(document) for action in cast(list[str], one["Action"])}


def resources(document: dict[str, object], sid: str) -> object:
    """The resources of one statement."""
    return next(one["Resource"] for one in statements(document) if one["Sid"] == sid)


def test_the_policy_is_the_table() -> None:
    """All uses together take every action of the table and no other."""
    assert actions(policy(uses=tuple(USES))) == {call.action for call in CALLS}


def test_a_policy_is_limited_to_what_is_named() -> None:
    """With an API, a stage, a region and an account no other group and no list of APIs is permitted."""
    made = policy(apis=["abc"], stages=["prod"], region="eu-central-1", account="123456789012")
    assert resources(made, "Read") == [
        "arn:aws:logs:eu-central-1:123456789012:log-group:API-Gateway-Execution-Logs_abc/prod:*",
        "arn:aws:logs:eu-central-1:123456789012:log-group:/aws/apigateway/abc/prod:*",
    ]
    assert resources(made, "Names") == [
        "arn:aws:apigateway:eu-central-1::/restapis/abc/stages",
        "arn:aws:apigateway:eu-central-1::/account",
        "arn:aws:apigateway:eu-central-1::/apis/abc",
        "arn:aws:apigateway:eu-central-1::/apis/abc/stages",
    ]


def test_groups_are_limited_to_by_name_and_arn() -> None:
    """A log group may be named either way, and stands beside an API that is named too."""
    arn = "arn:aws:logs:eu-west-1:1:log-group:own"
    made = policy(uses=["fetch"], log_groups=["mine", f"{arn}:*"], apis=["abc"])
    read = cast(list[str], resources(made, "Read"))
    assert read[:2] == ["arn:aws:logs:*:*:log-group:mine:*", f"{arn}:*"]
    assert read[2].endswith("API-Gateway-Execution-Logs_abc/*:*")


def test_a_bucket_is_limited_to_its_prefix() -> None:
    """Naming a bucket asks for S3 as well: the listing of it, and what stands below the prefix."""
    made = policy(uses=["fetch"], buckets=["s3://bucket/logs/"], region="cn-north-1")
    assert resources(made, "Objects") == ["arn:aws-cn:s3:::bucket"]
    assert resources(made, "Objects2") == ["arn:aws-cn:s3:::bucket/logs/*"]


@pytest.mark.parametrize("wrong", [{"buckets": ["bucket"]}, {"log_groups": ["arn:aws:apigateway:x::/apis/y"]}])
def test_what_cannot_be_limited_to(wrong: dict[str, list[str]]) -> None:
    """A bucket that is no URL and an ARN of something else end in one line."""
    with pytest.raises(UsageError) as raised:
        policy(**wrong)  # type: ignore[arg-type]
    assert raised.value.tip


def test_a_policy_fits_into_one() -> None:
    """Even the widest policy is shorter than what IAM takes for a managed one (6,144 characters without spaces)."""
    assert len(json.dumps(policy(uses=tuple(USES)), separators=(",", ":"))) < 6_144


def test_regions_are_taken_from_the_environment(scripted: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS_REGION counts as it does for the AWS command line; a region that is given goes first."""
    scripted({"DescribeLogGroups": Answer({"logGroups": []})})
    monkeypatch.setenv("AWS_REGION", "ap-south-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "sa-east-1")
    assert client("logs").meta.region_name == "ap-south-1"
    assert client("logs", region="eu-west-3").meta.region_name == "eu-west-3"
    monkeypatch.delenv("AWS_REGION")
    assert client("logs").meta.region_name == "sa-east-1"

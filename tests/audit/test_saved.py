"""Settings from saved files, in whatever way people saved them, and what is never kept of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from loganalyzer.audit import calls
from loganalyzer.audit.examine import examine
from loganalyzer.audit.recognise import recognised
from loganalyzer.audit.saved import load
from loganalyzer.audit.snapshot import Answer, snapshot_of
from loganalyzer.errors import NothingReadable, UsageError
from tests.audit.cases import FIXTURES, HEALTHY

CLI = FIXTURES / "cli"


def test_answers_of_the_aws_cli() -> None:
    """A directory of answers under any name is as good as a snapshot, as far as it goes."""
    taken = load(CLI, api="abcde12345")
    assert {answer.operation for answer in taken.answers} == {
        calls.GET_STAGES, calls.GET_RESOURCES, calls.GET_AUTHORIZERS, calls.GET_FUNCTION, calls.GET_POLICY,
    }  # fmt: skip
    audit = examine(taken)
    found = {finding.check for finding in audit.findings}
    assert {"authorizer-timeout", "authorizer-permission", "mock-template", "access-log-fields"} <= found
    assert "account-role" in {one.check for one in audit.unseen}
    assert {one.reason for one in audit.unseen} == {"not asked, or not saved"}
    assert audit.region == "eu-west-1"


def test_without_the_id_of_the_api() -> None:
    """No permission is judged for an API whose id is not known; commands have a place for it."""
    audit = examine(load(CLI))
    assert "authorizer-permission" not in {finding.check for finding in audit.findings}
    assert any("--rest-api-id $API_ID" in finding.command for finding in audit.findings)


SINGLE = [
    (operation, answer["answer"])
    for operation, answers in HEALTHY["calls"].items()
    for answer in answers
    if answer["answer"] and operation not in (calls.GET_CONCURRENCY, calls.GET_CALLER)
]
"""A function's concurrency does not say whose it is, and of a caller the account alone is kept."""


@pytest.mark.parametrize(("operation", "body"), SINGLE)
def test_answers_are_told_by_their_content(operation: str, body: dict[str, Any]) -> None:
    """Each answer about an account is recognised for what it is."""
    assert [answer.operation for answer in recognised(body)] == [operation]


def test_functions_are_told_apart_by_their_policy() -> None:
    """A policy says itself which function and alias it is of."""
    policy = HEALTHY["calls"][calls.GET_POLICY][0]["answer"]
    [answer] = recognised(policy)
    assert answer.request["FunctionName"].endswith(":function:orders:live")


def test_get_function_has_the_configuration_inside() -> None:
    """``aws lambda get-function`` will do as well as ``get-function-configuration``."""
    configuration = HEALTHY["calls"][calls.GET_FUNCTION][0]["answer"]
    [answer] = recognised({"Configuration": configuration, "Code": {"Location": "https://example.com/code"}})
    assert (answer.operation, answer.body) == (calls.GET_FUNCTION, configuration)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    """What PowerShell writes is read as well."""
    stage = {"stageName": "prod", "deploymentId": "d1", "description": "für alle"}
    (tmp_path / "x.json").write_text(json.dumps(stage, ensure_ascii=False), encoding=encoding)
    assert load(tmp_path / "x.json").of(calls.GET_STAGES)


def test_what_cannot_be_used_is_named(tmp_path: Path) -> None:
    """Files that are cut, of something else, or listings of nothing are named; the rest is used."""
    (tmp_path / "a.json").write_text('{"stageName": "prod", "deploymentId": "d1"}')
    (tmp_path / "b.json").write_text('{"stageName": "pr')
    (tmp_path / "c.json").write_text('{"Buckets": []}')
    (tmp_path / "d.json").write_text('{"items": []}')
    (tmp_path / "e.json").write_bytes(b"\xff\xfe\x00")
    audit = examine(load(tmp_path))
    assert {Path(problem.where).name: problem.what for problem in audit.problems} == {
        "b.json": "not JSON, or cut",
        "c.json": "not the answer of a call that the audit makes",
        "d.json": "a listing of nothing, which does not say of what",
        "e.json": "not JSON, or cut",
    }


def test_nothing_of_use(tmp_path: Path) -> None:
    """Where nothing can be used there is one line that says which file and how to save one."""
    (tmp_path / "a.json").write_text("[1, 2")
    with pytest.raises(NothingReadable, match="not JSON, or cut") as raised:
        load(tmp_path)
    assert raised.value.tip
    with pytest.raises(UsageError, match="no such file"):
        load(tmp_path / "none")
    (tmp_path / "empty").mkdir()
    with pytest.raises(NothingReadable, match="no JSON file"):
        load(tmp_path / "empty")


def test_several_apis_are_not_mixed() -> None:
    """Settings of two APIs are not taken for those of one."""
    with pytest.raises(UsageError, match="several APIs: a1b2c3d4e5, abcde12345"):
        load(FIXTURES / "healthy.json", FIXTURES / "shop.json")


def test_a_stage_that_is_not_there() -> None:
    """A wrong stage is named with those that there are."""
    with pytest.raises(UsageError, match="no stage 'production'") as raised:
        examine(load(FIXTURES / "healthy.json"), stage="production")
    assert "prod" in raised.value.tip


# -- secrets -----------------------------------------------------------------------------------------------------------


def test_environment_variables_are_never_kept() -> None:
    """What stands in a saved answer of a function's configuration is dropped when it is read."""
    assert "never-to-be-seen" in (CLI / "function.json").read_text()
    assert "never-to-be-seen" not in repr(load(CLI))


STAGE = {
    "stageName": "prod",
    "variables": {
        "fn": "orders", "host": "backend.example.com", "password": "pa55-w0rd", "note": "pa55-w0rd", "key": "pa55-w0rd",
    },
    "canarySettings": {"percentTraffic": 5.0, "stageVariableOverrides": {"fn": "orders-next", "note": "pa55-w0rd"}},
}  # fmt: skip


def _method(**integration: object) -> dict[str, object]:
    return {"id": "r1", "path": "/a", "resourceMethods": {"GET": {"methodIntegration": integration}}}


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        (calls.GET_STAGES, {"item": [STAGE]}),
        (calls.GET_API_KEYS, {"items": [{"id": "k", "name": "n", "enabled": True, "value": "pa55-w0rd"}]}),
        (calls.GET_FUNCTION, {"FunctionArn": "x", "Environment": {"Variables": {"A": "pa55-w0rd"}}}),
        (calls.GET_FUNCTION, {"FunctionArn": "x", "Description": "pa55-w0rd", "Tags": {"a": "pa55-w0rd"}}),
        (
            calls.GET_RESOURCES,
            {"items": [_method(requestParameters={"integration.request.header.x-api-key": "'pa55-w0rd'"})]},
        ),
        (calls.GET_RESOURCES, {"items": [_method(requestTemplates={"application/json": '{"password": "pa55-w0rd"}'})]}),
        (calls.GET_RESOURCES, {"items": [_method(uri="https://user:pa55-w0rd@backend.example.com/")]}),
        (calls.GET_RESOURCES, {"items": [_method(uri="https://backend.example.com/?api_key=pa55-w0rd")]}),
        (calls.GET_REST_API, {"id": "a", "tags": {"secret": "pa55-w0rd"}}),
        (calls.GET_CALLER, {"Account": "123456789012", "Arn": "arn:aws:iam::1:user/pa55-w0rd", "UserId": "pa55-w0rd"}),
    ],
)
def test_secrets_are_not_kept(operation: str, body: dict[str, object]) -> None:
    """Keys, passwords, constants of secret headers and stage variables that name nothing are dropped or masked."""
    uris = {"items": [_method(uri="arn:x:function:${stageVariables.fn}/invocations"),
                      _method(uri="https://${stageVariables.host}/?key=${stageVariables.key}")]}  # fmt: skip
    taken = snapshot_of([Answer(operation, {}, body), Answer(calls.GET_RESOURCES, {}, uris)])
    assert "pa55" not in json.dumps(taken.document())
    if operation == calls.GET_STAGES:
        [stage] = taken.items(calls.GET_STAGES) or [{}]
        hidden = dict.fromkeys(("password", "note", "key"), "********")
        assert stage["variables"] == {"fn": "orders", "host": "backend.example.com", **hidden}


def test_who_asked_is_not_kept() -> None:
    """The message of a refusal loses the name of the user."""
    said = "User: arn:aws:sts::123456789012:assumed-role/Admin/ann is not authorized to perform: lambda:GetPolicy"
    taken = snapshot_of([Answer(calls.GET_POLICY, {"FunctionName": "f"}, None, "AccessDeniedException", said)])
    assert taken.answers[0].message == "not authorized to perform: lambda:GetPolicy"

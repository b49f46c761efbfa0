"""What ``groups`` finds: everything, less what the credentials may not see, which is said once."""

from __future__ import annotations

import io
from collections.abc import Mapping

import pytest

from loganalyzer.fetcher.account import Account
from loganalyzer.fetcher.refusals import AwsRefused
from loganalyzer.fetcher.survey import Survey, survey
from loganalyzer.reports.groups import groups_document, show_groups
from loganalyzer.reports.page import Page
from tests.live import ACCOUNT, REGION, Answer, Asked, Says, Script, boto, denied, failed, make_account

API = "abcde12345"
GROUP = f"API-Gateway-Execution-Logs_{API}/prod"
ARN = f"arn:aws:logs:{REGION}:{ACCOUNT}"


def page(found: Survey, *, width: int = 120) -> str:
    """The survey as people see it."""
    text = io.StringIO()
    show_groups(found, Page(text, width=width))
    return text.getvalue()


def listed(*names: str) -> Says:
    """Answers with those of the groups whose name begins as asked."""

    def answer(asked: Asked) -> Answer:
        prefix = asked.body["logGroupNamePrefix"]
        return Answer({"logGroups": [
            {"logGroupName": name, "arn": f"{ARN}:log-group:{name}:*", "storedBytes": 1_500_000_000,
             "creationTime": 1, "logGroupClass": "INFREQUENT_ACCESS"}
            for name in names if name.startswith(prefix)
        ]})  # fmt: skip

    return answer


SETTINGS = {"*/*": {"loggingLevel": "INFO", "dataTraceEnabled": True}}
ROUTES = {"connect": {"LoggingLevel": "OFF", "DataTraceEnabled": True}}

WHOLE: Mapping[str, Says] = {
    "DescribeLogGroups": listed(GROUP, "/mine/delivered", "/aws/apigateway/wsapi67890/live"),
    "GET /restapis": Answer({"item": [{"id": API, "name": "orders"}]}),
    f"GET /restapis/{API}/stages": Answer({"item": [{"stageName": "prod", "methodSettings": SETTINGS}]}),
    "GET /v2/apis": Answer({"items": [{"apiId": "wsapi67890", "name": "chat", "protocolType": "WEBSOCKET"}]}),
    "GET /v2/apis/wsapi67890/stages": Answer({"items": [
        {"stageName": "live", "defaultRouteSettings": {"loggingLevel": "ERROR"}, "routeSettings": {
            "connect": {"loggingLevel": "OFF", "dataTraceEnabled": True}}},
    ]}),
    "GET /account": Answer({"cloudwatchRoleArn": "arn:aws:iam::1:role/x"}),
    "DescribeDeliverySources": Answer({"deliverySources": [
        {"name": "mine", "logType": "EXECUTION_LOGS",
         "resourceArns": [f"arn:aws:apigateway:{REGION}::/restapis/{API}/stages/prod"]},
        {"name": "other", "logType": "ACCESS_LOGS", "resourceArns": ["arn:aws:cloudfront::1:distribution/x"]},
        {"name": "odd", "logType": "EXECUTION_LOGS", "resourceArns": ["arn:aws:something:::else"]},
    ]}),
    "DescribeDeliveries": Answer({"deliveries": [
        {"deliverySourceName": "mine", "deliveryDestinationArn": f"{ARN}:delivery-destination:{kind}",
         "deliveryDestinationType": kind} for kind in ("CWL", "S3", "FH")
    ] + [{"deliverySourceName": "other", "deliveryDestinationArn": "x", "deliveryDestinationType": "S3"}]}),
    "DescribeDeliveryDestinations": Answer({"deliveryDestinations": [
        {"arn": f"{ARN}:delivery-destination:{kind}", "outputFormat": form,
         "deliveryDestinationConfiguration": {"destinationResourceArn": end}}
        for kind, form, end in (
            ("CWL", "json", f"{ARN}:log-group:/mine/delivered:*"),
            ("S3", "parquet", "arn:aws:s3:::bucket/prefix"),
            ("FH", "raw", f"arn:aws:firehose:{REGION}:{ACCOUNT}:deliverystream/stream"),
        )
    ]}),
}  # fmt: skip


def look() -> Survey:
    """The survey of the account that the environment leads to."""
    return survey(Account.reached())


def test_an_account_of_every_kind(moto: str) -> None:
    """REST and WebSocket groups are found with their stages; access logs, and groups of other services, are not."""
    made = make_account()
    found = look()
    told = {group.name: (group.api_name, group.level, group.data_trace, group.retention_days) for group in found.groups}
    assert told == {
        f"API-Gateway-Execution-Logs_{made.orders}/prod": ("orders", "INFO", True, 30),
        f"API-Gateway-Execution-Logs_{made.billing}/prod": ("billing", "MIXED", False, None),
        f"/aws/apigateway/{made.chat}/live": ("chat", "INFO", False, None),
        "API-Gateway-Execution-Logs_gone123456/prod": ("", "", None, None),
    }
    assert {(stage.api_id, stage.api_stage) for stage in found.stages if stage.level == "OFF"} == {
        (made.orders, "test"),
        (made.billing, "test"),
    }
    assert (found.account, found.region, found.missing) == (ACCOUNT, REGION, ())


def test_what_people_see_of_it(moto: str) -> None:
    """By API and stage: level, group, what is kept; stages that do not log, with the command that changes it."""
    made = make_account()
    told = page(look())
    assert f"orders · {made.orders} · REST" in told
    assert f"prod     INFO + trace  API-Gateway-Execution-Logs_{made.orders}/prod  0 bytes  kept 30 days" in told
    assert "prod     INFO/ERROR" in told
    assert "test     off           no log group" in told
    assert "gone123456 · REST · no such API any more" in told
    assert "2 stages with logging switched off; switch it on: aws apigateway update-stage" in told
    assert "no role to write logs with" in told
    assert told.index("billing") < told.index("chat") < told.index("orders ·") < told.index("gone123456 ·")


def test_deliveries(scripted: Script) -> None:
    """Where a stage's execution logs are delivered to: groups, which are groups like others, buckets and streams."""
    scripted(WHOLE)
    found = look()
    assert [(one.to, one.where, one.form) for one in found.deliveries or ()] == [
        ("Firehose", "stream", "raw"),
        ("S3", "s3://bucket/prefix", "parquet"),
        ("log group", "/mine/delivered", "json"),
    ]
    (delivered,) = [group for group in found.groups if group.kind == "DELIVERY"]
    assert (delivered.name, delivered.api_id, delivered.level, delivered.api_name) == (
        "/mine/delivered", API, "INFO", "orders",
    )  # fmt: skip
    told = page(found)
    assert "→ s3://bucket/prefix as parquet (delivery to S3)" in told
    assert "→ /mine/delivered as json (delivery to a log group)  1.5 GB" in told
    assert "1.5 GB  kept for ever  infrequent access" in told


def test_the_levels_of_a_websocket_api(scripted: Script) -> None:
    """Routes may differ from the default; trace of a route that logs nothing is no trace."""
    scripted(WHOLE)
    (stage,) = [stage for stage in look().stages if stage.kind == "WEBSOCKET"]
    assert (stage.level, stage.data_trace, dict(stage.levels)) == ("MIXED", False, {"*/*": "ERROR", "connect": "OFF"})


GATEWAY = {
    "GET /restapis": denied("apigateway:GET", resource=f"arn:aws:apigateway:{REGION}::/restapis", status=403),
    "GET /v2/apis": denied("apigateway:GET", resource=f"arn:aws:apigateway:{REGION}::/apis", status=403),
    "GET /account": denied("apigateway:GET", status=403),
}
STAGES = {
    f"GET /restapis/{API}/stages": denied("apigateway:GET", status=403),
    "GET /v2/apis/wsapi67890/stages": denied("apigateway:GET", status=403),
}

POORER: dict[str, tuple[Mapping[str, Says], list[str], str]] = {
    "no API Gateway": (
        GATEWAY | STAGES, ["apigateway:GET"], f"prod     ?             {GROUP}  1.5 GB",
    ),
    "no list of APIs, but their stages": (GATEWAY, ["apigateway:GET"], f"prod     INFO + trace  {GROUP}"),
    "no stages": (STAGES, ["apigateway:GET"], f"orders · {API} · REST\n  prod     ?             {GROUP}"),
    "no list of groups": (
        {"DescribeLogGroups": denied("logs:DescribeLogGroups")}, ["logs:DescribeLogGroups"],
        f"prod     INFO + trace  {GROUP}  (expected)",
    ),
    "no deliveries": (
        {"DescribeDeliverySources": denied("logs:DescribeDeliverySources")}, ["logs:DescribeDeliverySources"],
        "deliveries to other groups or buckets are not",
    ),
    "no ends of deliveries": (
        {"DescribeDeliveryDestinations": denied("logs:DescribeDeliveryDestinations")},
        ["logs:DescribeDeliveryDestinations"], "→ S3 (delivery to S3)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", POORER)
def test_with_fewer_permissions(scripted: Script, what: str) -> None:
    """What may be seen is shown, what may not is said once by its action, with the way to the policy."""
    script, missing, shown = POORER[what]
    scripted({**WHOLE, **script})
    found = look()
    assert [refused.action for refused in found.missing] == missing
    told = page(found, width=200)
    assert shown in told
    assert told.count(f"{missing[0]} is not permitted") == 1
    assert "loganalyzer policy" in told
    assert groups_document(found)["not_permitted"]


def test_with_no_permission_at_all(scripted: Script) -> None:
    """Where nothing may be seen there is no page, only the refusal."""
    scripted(GATEWAY | {"DescribeLogGroups": denied("logs:DescribeLogGroups")})
    with pytest.raises(AwsRefused, match="logs:DescribeLogGroups is not permitted"):
        look()


def test_other_errors_are_not_passed_over(scripted: Script) -> None:
    """Only a missing permission is worked around: with an expired token nothing said would be true."""
    scripted({**WHOLE, "GET /restapis": failed("ExpiredTokenException", status=403)})
    with pytest.raises(AwsRefused, match="expired"):
        look()


def test_few_refusals_are_provoked(scripted: Script) -> None:
    """Where stages may not be seen one API is tried, not a thousand: a refusal is an alarm elsewhere."""
    names = [f"API-Gateway-Execution-Logs_api{number:07}/prod" for number in range(30)]
    stages = {f"GET /restapis/api{number:07}/stages": denied("apigateway:GET", status=403) for number in range(30)}
    server = scripted({**WHOLE, **GATEWAY, **stages, "DescribeLogGroups": listed(*names)})
    assert len(look().groups) == 30
    assert sum(name.endswith("/stages") for name in server.names()) == 1


def test_pages_are_read_to_the_end(scripted: Script) -> None:
    """All pages of a list are read; a token that comes back unchanged ends it."""
    pages = {"": ("a", "1"), "1": ("b", "2"), "2": ("c", "2")}

    def answer(asked: Asked) -> Answer:
        name, token = pages[asked.query.get("position", "")]
        return Answer({"item": [{"id": f"api{name}", "name": name}], "position": token})

    scripted({**WHOLE, "GET /restapis": answer})
    apis = Account.reached().apis()
    assert apis is not None
    assert [api for api in apis if api.startswith("api")] == ["apia", "apib", "apic"]


def test_an_empty_region(moto: str) -> None:
    """A region without anything is said to be one."""
    boto("logs").create_log_group(logGroupName="/aws/lambda/x")
    assert page(look()).startswith(f"{REGION}: no execution logs, and no stage of an API that could write some.")

"""From what a person names to log groups; what does not exist, or logs nothing, ends in one line with what to do."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from loganalyzer.errors import LogAnalyzerError, NothingReadable, UsageError
from loganalyzer.fetcher.choose import Chosen, choose
from tests.fetcher.test_survey import listed
from tests.live import ACCOUNT, REGION, Answer, Made, Says, Script, boto, denied, failed, make_account

API = "abcde12345"


@pytest.fixture
def made(moto: str) -> Made:
    """An account with something of everything."""
    return make_account()


def names(chosen: Chosen) -> list[str]:
    """What the chosen groups are called."""
    return [group.name for group in chosen.groups]


def test_an_api_by_id_and_by_name(made: Made) -> None:
    """Both give the groups of its stages, with what is known of their logging."""
    (group,) = choose(apis=[made.orders]).groups
    assert group.name == f"API-Gateway-Execution-Logs_{made.orders}/prod"
    assert (group.level, group.data_trace, group.kind, group.region) == ("INFO", True, "REST", REGION)
    assert names(choose(apis=["orders"])) == [group.name]
    assert choose(apis=["orders"]).groups[0].api_name == "orders"


def test_stages_without_a_log_are_said(made: Made) -> None:
    """All stages are meant where none is named: those that have no log are not passed over in silence."""
    assert choose(apis=[made.orders]).notes == (f"note: API {made.orders} has stages without a log: test",)
    assert choose(apis=[made.orders], stages=["prod"]).notes == ()


def test_several_at_once(made: Made) -> None:
    """APIs, groups, URLs and ARNs mix, in the order in which they are named, each group once."""
    billing, chat = f"API-Gateway-Execution-Logs_{made.billing}/prod", f"/aws/apigateway/{made.chat}/live"
    chosen = choose(
        apis=[made.orders],
        log_groups=[billing, f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{billing}:*"],
        places=[
            f"wss://{made.chat}.execute-api.{REGION}.amazonaws.com/live",
            f"https://{made.orders}.execute-api.{REGION}.amazonaws.com/prod/x",
        ],
    )
    assert names(chosen) == [f"API-Gateway-Execution-Logs_{made.orders}/prod", billing, chat]


def test_regions_of_urls_count(made: Made) -> None:
    """A URL or ARN leads to its own region, whatever the environment says."""
    boto("logs", region="us-west-2").create_log_group(logGroupName=f"API-Gateway-Execution-Logs_{API}/prod")
    (group,) = choose(places=[f"https://{API}.execute-api.us-west-2.amazonaws.com/prod"]).groups
    assert group.region == "us-west-2"


def test_the_log_of_an_api_that_is_gone(made: Made) -> None:
    """What an API has logged outlives it."""
    assert names(choose(apis=["gone123456"])) == ["API-Gateway-Execution-Logs_gone123456/prod"]


def test_logging_that_was_switched_off_since(made: Made) -> None:
    """A group whose stage logs no more can be read, and this is said."""
    boto("logs").create_log_group(logGroupName=f"API-Gateway-Execution-Logs_{made.orders}/test")
    (note,) = choose(apis=[made.orders], stages=["test"]).notes
    assert note.startswith(f"note: logging is switched off on stage test of {made.orders} now")


def wrong(error: type[LogAnalyzerError], **named: object) -> LogAnalyzerError:
    """What choosing ends with; it is one line, with a tip."""
    with pytest.raises(error) as raised:
        choose(**named)  # type: ignore[arg-type]
    assert "\n" not in raised.value.message
    assert raised.value.tip
    return raised.value


def test_what_does_not_exist(made: Made) -> None:
    """For an API, stage or group that does not exist the nearest names are shown."""
    assert wrong(UsageError, apis=["oders"]).tip == "did you mean orders?"
    assert wrong(UsageError, apis=["Orders API"]).message == f"there is no API 'Orders API' in {REGION}"
    assert wrong(UsageError, apis=[made.orders], stages=["prd"]).tip == "it has: prod, test"
    assert wrong(UsageError, places=[f"https://{made.orders}.execute-api.{REGION}.amazonaws.com/x"]).exit_code == 2
    near = wrong(UsageError, log_groups=[f"API-Gateway-Execution-Logs/{made.orders}/prod"])
    assert f"API-Gateway-Execution-Logs_{made.orders}/prod" in near.tip
    assert "is no name of a log group" in wrong(UsageError, log_groups=["what?"]).message
    assert wrong(UsageError, apis=["orders"], region="us-east-1").message == "there is no API 'orders' in us-east-1"


def test_two_apis_of_one_name(made: Made) -> None:
    """A name that several APIs have is not guessed about."""
    other = boto("apigateway").create_rest_api(name="orders")["id"]
    tip = wrong(UsageError, apis=["orders"]).tip
    assert made.orders in tip
    assert other in tip


def test_an_http_api(made: Made) -> None:
    """HTTP APIs have no execution log, by id or by name, even where a group is named like one."""
    for named in (made.web, "web"):
        assert "is an HTTP API, which has no execution log" in wrong(UsageError, apis=[named]).message


def test_what_logs_nothing(made: Made) -> None:
    """Logging that is off is said with the command that switches it on; so is a missing role."""
    error = wrong(NothingReadable, apis=[made.orders], stages=["test"])
    assert error.message == f"execution logging is switched off on stage test of API {made.orders}"
    assert error.tip.startswith(f"switch it on: aws apigateway update-stage --rest-api-id {made.orders}")
    boto("logs").delete_log_group(logGroupName=f"API-Gateway-Execution-Logs_{made.billing}/prod")
    assert "no role to write logs with" in wrong(NothingReadable, apis=["billing"], stages=["prod"]).message


def test_what_should_log_but_does_not(scripted: Script) -> None:
    """With logging on and a role, a missing group means no request yet, or that it was deleted."""
    scripted({**APIS, "DescribeLogGroups": listed(), "GET /account": Answer({"cloudwatchRoleArn": "x"})})
    error = wrong(NothingReadable, apis=[API], stages=["prod"])
    assert error.message == f"stage prod of API {API} should log, but has no log group"
    assert "deploy the stage again" in error.tip


def test_a_name_that_others_begin_with(made: Made) -> None:
    """Of groups whose names begin alike the one that is named is found, in one call; its longer siblings are others."""
    logs = boto("logs")
    for name in ("/x/orders", "/x/orders-old"):
        logs.create_log_group(logGroupName=name)
    assert names(choose(log_groups=["/x/orders"])) == ["/x/orders"]
    assert wrong(UsageError, log_groups=["/x/order"]).message == f"there is no log group /x/order in {REGION}"


def test_options_that_do_not_fit_together(made: Made) -> None:
    """A stage without an API, and a region that is not the one of the URL, are mistakes in the command."""
    assert wrong(UsageError, stages=["prod"], log_groups=["x"]).message == "--stage needs an API"
    url = f"https://{made.orders}.execute-api.us-east-1.amazonaws.com/prod"
    assert "--region says" in wrong(UsageError, places=[url], region=REGION).message


# -- with fewer permissions --------------------------------------------------------------------------------------------

GROUP = f"API-Gateway-Execution-Logs_{API}/prod"
STAGE = {"item": [{"stageName": "prod", "methodSettings": {"*/*": {"loggingLevel": "ERROR"}}}, {"stageName": "test"}]}
APIS: Mapping[str, Says] = {
    "DescribeLogGroups": listed(GROUP),
    f"GET /restapis/{API}/stages": Answer(STAGE),
    "GET /restapis": Answer({"item": [{"id": API, "name": "orders"}]}),
    "GET /v2/apis": Answer({"items": []}),
}
LOOKS = (f"GET /restapis/{API}/stages", f"GET /v2/apis/{API}", "GET /restapis", "GET /v2/apis", "GET /domainnames")
NO_GATEWAY: Mapping[str, Says] = {name: denied("apigateway:GET", status=403) for name in LOOKS}
NO_LIST = {"DescribeLogGroups": denied("logs:DescribeLogGroups")}


def test_with_logs_alone(scripted: Script) -> None:
    """Finding and reading groups is enough: the level is not known, and this is said once."""
    scripted({**APIS, **NO_GATEWAY})
    chosen = choose(apis=[API], log_groups=[GROUP])
    assert names(chosen) == [GROUP]
    assert chosen.groups[0].level == ""
    (note,) = chosen.notes
    assert note.startswith("note: apigateway:GET is not permitted")
    assert note.endswith("names and logging levels of APIs are not known")


def test_without_a_list_of_groups(scripted: Script) -> None:
    """The group's name follows from API and stage, and a name that is given is believed."""
    scripted({**APIS, **NO_LIST})
    chosen = choose(apis=[API], log_groups=["/mine"])
    assert names(chosen) == [GROUP, "/mine"]
    assert chosen.groups[0].level == "ERROR"
    assert any("logs:DescribeLogGroups is not permitted" in note for note in chosen.notes)


def test_with_reading_alone(scripted: Script) -> None:
    """Even so an API and its stage lead to a group; only a name leads nowhere."""
    scripted({**NO_GATEWAY, **NO_LIST})
    assert names(choose(apis=[API], stages=["prod"])) == [GROUP]
    error = wrong(UsageError, apis=["My Orders"])
    assert "give the id" in error.tip
    error = wrong(UsageError, apis=[API])
    assert error.message == f"the stages of API {API} may not be looked up"
    assert "--stage" in error.tip


def test_groups_of_another_account(scripted: Script) -> None:
    """An ARN of another account is used as it is: groups can be shared between accounts."""
    scripted(APIS)
    arn = f"arn:aws:logs:{REGION}:999999999999:log-group:theirs"
    (group,) = choose(log_groups=[f"{arn}:*"]).groups
    assert (group.name, group.account, group.arn) == ("theirs", "999999999999", arn)


# -- custom domains ----------------------------------------------------------------------------------------------------

FOUR = [f"API-Gateway-Execution-Logs_api000000{number}/{stage}" for number in (1, 2) for stage in ("prod", "beta")]
TWO = {
    "DescribeLogGroups": listed(*FOUR),
    **{
        f"GET /restapis/api000000{n}/stages": Answer({"item": [{"stageName": "prod"}, {"stageName": "beta"}]})
        for n in (1, 2)
    },
}  # fmt: skip


def domain(mappings: list[dict[str, str]], newer: list[dict[str, str]], **settings: str) -> Mapping[str, Says]:
    """An account with one custom domain, mapped in the older and in the newer way."""
    name = settings.pop("name", "api.example.com")
    return {
        **TWO,
        "GET /domainnames": Answer({"item": [{"domainName": name, **settings}]}),
        f"GET /domainnames/{name}/basepathmappings": Answer({"item": mappings}),
        f"GET /v2/domainnames/{name}/apimappings": Answer({"items": newer}),
    }


ONE, OTHER = "api0000001", "api0000002"
PLAIN = domain(
    [
        {"basePath": "v1", "restApiId": ONE, "stage": "prod"},
        {"basePath": "(none)", "restApiId": OTHER, "stage": "prod"},
        {"basePath": "any", "restApiId": ONE, "stage": "(none)"},
    ],
    [
        {"apiMappingKey": "v1/beta", "apiId": ONE, "stage": "beta"},
        {"apiMappingKey": "v1", "apiId": ONE, "stage": "prod"},
    ],
)

DOMAINS = {
    "https://api.example.com/v1/orders": [f"{ONE}/prod"],
    "https://api.example.com/v1": [f"{ONE}/prod"],
    "https://api.example.com/v1/beta/orders": [f"{ONE}/beta"],
    "https://api.example.com/v1beta": [f"{OTHER}/prod"],
    "https://api.example.com": [f"{OTHER}/prod"],
    "https://API.example.com./": [f"{OTHER}/prod"],
    "https://api.example.com/any/beta/orders": [f"{ONE}/beta"],
    "https://api.example.com/any": [f"{ONE}/beta", f"{ONE}/prod"],
}


@pytest.mark.parametrize("url", DOMAINS)
def test_custom_domains(scripted: Script, url: str) -> None:
    """The longest base path that fits leads to API and stage; a mapping may leave the stage to the URL."""
    scripted(PLAIN)
    assert names(choose(places=[url])) == [f"API-Gateway-Execution-Logs_{where}" for where in DOMAINS[url]]


def test_a_domain_without_a_path(scripted: Script) -> None:
    """Where nothing is mapped to the root, a domain without a path means all that is mapped."""
    scripted(
        domain([{"basePath": path, "restApiId": api, "stage": "prod"} for path, api in (("a", ONE), ("b", OTHER))], [])
    )
    assert len(names(choose(places=["https://api.example.com"]))) == 2
    error = wrong(UsageError, places=["https://api.example.com/c"])
    assert (error.message, error.tip) == ("api.example.com maps no API to /c", "its base paths: a, b")


def test_a_wildcard_domain(scripted: Script) -> None:
    """A host may fall under a wildcard domain."""
    scripted(domain([{"basePath": "(none)", "restApiId": ONE, "stage": "prod"}], [], name="*.example.com"))
    assert names(choose(places=["https://shop.example.com/x"])) == [f"API-Gateway-Execution-Logs_{ONE}/prod"]


def test_a_private_domain(scripted: Script) -> None:
    """Private domains are told apart by an id, which the mappings are asked for with."""
    server = scripted(domain([{"basePath": "(none)", "restApiId": ONE, "stage": "prod"}], [], domainNameId="p1"))
    assert names(choose(places=["https://api.example.com"])) == [f"API-Gateway-Execution-Logs_{ONE}/prod"]
    (asked,) = [one for one in server.asked if one.name.endswith("basepathmappings")]
    assert asked.query["domainNameId"] == "p1"


@pytest.mark.parametrize(
    ("path", "wrong_for"),
    [("", "/v2/domainnames/{}/apimappings"), ("v1/beta", "/domainnames/{}/basepathmappings")],
)
def test_domains_that_one_api_refuses(scripted: Script, path: str, wrong_for: str) -> None:
    """The newer API does not look at edge-optimized domains, the older one not at longer paths: the other one does."""
    older = {"basePath": "(none)", "restApiId": ONE, "stage": "prod"}
    newer = {"apiMappingKey": path, "apiId": ONE, "stage": "prod"}
    refused = failed("BadRequestException", "Only REGIONAL domain names can be managed through the API Gateway V2 API.")
    scripted({**domain([older], [newer]), f"GET {wrong_for.format('api.example.com')}": refused})
    assert names(choose(places=[f"https://api.example.com/{path}"])) == [f"API-Gateway-Execution-Logs_{ONE}/prod"]


def test_routing_rules(scripted: Script) -> None:
    """Rules go before mappings, by priority; where one looks at headers the URL may lead to several APIs."""
    rules = [
        {"priority": 20, "conditions": [{"matchBasePaths": {"anyOf": ["v1"]}}],
         "actions": [{"invokeApi": {"apiId": ONE, "stage": "prod"}}]},
        {"priority": 10, "conditions": [{"matchHeaders": {"anyOf": [{"header": "x", "valueGlob": "beta"}]}}],
         "actions": [{"invokeApi": {"apiId": ONE, "stage": "beta"}}]},
    ]  # fmt: skip
    script = domain([{"basePath": "(none)", "restApiId": OTHER, "stage": "prod"}], [],
                    routingMode="ROUTING_RULE_THEN_BASE_PATH_MAPPING")  # fmt: skip
    scripted({**script, "GET /v2/domainnames/api.example.com/routingrules": Answer({"routingRules": rules})})
    group = "API-Gateway-Execution-Logs_"
    assert names(choose(places=["https://api.example.com/v1"])) == [f"{group}{ONE}/beta", f"{group}{ONE}/prod"]
    assert names(choose(places=["https://api.example.com/w"])) == [f"{group}{ONE}/beta", f"{group}{OTHER}/prod"]


def test_domains_that_do_not_exist(scripted: Script) -> None:
    """A host that is no custom domain is said with the nearest, or with where to look."""
    scripted(PLAIN)
    assert wrong(UsageError, places=["https://ap.example.com/v1"]).tip == "did you mean api.example.com?"
    assert "--region" in wrong(UsageError, places=["https://www.amazon.de/"]).tip


def test_domains_that_may_not_be_seen(scripted: Script) -> None:
    """Without the permission to look a domain up there is no way on: the refusal itself is shown."""
    names = ("GET /domainnames", "GET /domainnames/api.example.com/basepathmappings")
    scripted({name: denied("apigateway:GET", status=403) for name in names})
    with pytest.raises(LogAnalyzerError, match="apigateway:GET is not permitted"):
        choose(places=["https://api.example.com/v1"])


def test_a_newer_domain_in_a_list_of_its_own(moto: str) -> None:
    """A domain that only the newer API knows is found as well."""
    made = make_account()
    newer = boto("apigatewayv2")
    newer.create_domain_name(DomainName="chat.example.com", DomainNameConfigurations=[{}])
    newer.create_api_mapping(ApiId=made.chat, DomainName="chat.example.com", Stage="live", ApiMappingKey="")
    assert names(choose(places=["wss://chat.example.com"])) == [f"/aws/apigateway/{made.chat}/live"]

"""``loganalyzer audit``, and ``analyze`` with settings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.audit.test_gather import PARTLY
from tests.cli.conftest import Run
from tests.live import Script, boto, failed, moto, moto_server, scripted, scripted_server

__all__ = ["moto", "moto_server", "scripted", "scripted_server"]

FIXTURES = Path(__file__).parents[2] / "fixtures"
SHOP, HEALTHY = str(FIXTURES / "audit" / "shop.json"), str(FIXTURES / "audit" / "healthy.json")
LOG = str(FIXTURES / "captures" / "info-with-data-trace.log.gz")


def test_a_page_for_people(run: Run) -> None:
    """What, why, for which categories, how to mend it, where to read on; what was not seen; what was passed."""
    told = run("audit", "--from", SHOP)
    assert told.exit_code == 0
    assert told.stdout.startswith("REST API abcde12345 · stage prod · eu-west-1 · settings of 2026-11-02 12:00:00Z\n")
    for words in (
        "ERROR  function-permission · function shop-orders-list",
        "  for     PROXY_INTEG_INVOKE_DENIED",
        "aws lambda add-permission --function-name shop-orders-list",
        "Type: AWS::Lambda::Permission",
        "Could not see (2 checks are not complete)",
        "function-permission: GetPolicy of shop-pages:live was not seen",
        "Nothing to say about (",
    ):
        assert words in told.stdout


def test_a_document_for_programs(run: Run) -> None:
    """The same as JSON."""
    document = json.loads(run("audit", "--from", SHOP, "--format", "json").stdout)
    assert document["schema"] == "loganalyzer-audit/1"
    [finding] = [one for one in document["findings"] if one["check"] == "function-permission"]
    assert finding["severity"] == "error"
    assert finding["routes"] == ["GET /orders"]
    assert finding["command"].startswith("aws lambda add-permission")
    assert {one["permission"] for one in document["unseen"]} == {"iam:GetRole", "lambda:GetPolicy"}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--from", SHOP], 0),
        (["--from", SHOP, "--fail-on", "error"], 1),
        (["--from", HEALTHY, "--fail-on", "error"], 0),
        (["--from", HEALTHY, "--fail-on", "note"], 1),
        (["--from", SHOP, "--strict"], 4),
        (["--from", HEALTHY, "--strict"], 0),
        (["--from", SHOP, "--stage", "test"], 2),
        (["--from", "/nowhere"], 2),
        (["--from", LOG], 3),
        ([], 2),
        (["--from", HEALTHY, "--save", "/nowhere/x.json"], 2),
    ],
)
def test_exit_codes(run: Run, arguments: list[str], code: int) -> None:
    """The command ends as its help says, a failure with one line and a tip."""
    told = run("audit", *arguments)
    assert told.exit_code == code
    if code > 1:
        assert told.stderr.startswith("error: ")
        assert "\ntip: " in told.stderr


def test_save_and_read_again(run: Run, tmp_path: Path) -> None:
    """What --save writes, --from reads, to the same findings."""
    saved = tmp_path / "settings.json"
    first = run("audit", "--from", SHOP, "--save", str(saved), "--format", "json")
    again = run("audit", "--from", str(saved), "--format", "json")
    assert json.loads(again.stdout) == json.loads(first.stdout)


def test_the_enabling_template(run: Run, tmp_path: Path) -> None:
    """The template goes to standard output or into a file, without any question to AWS."""
    told = run("audit", "--enable-logging-template", "--api", "abcde12345", "--stage", "live")
    assert "AWS::ApiGateway::Account" in told.stdout
    assert "--rest-api-id abcde12345 --stage-name live" in told.stdout
    run("audit", "--enable-logging-template", "-o", str(tmp_path / "x.yaml"))
    assert (tmp_path / "x.yaml").read_text().startswith("# Switches on")


def test_a_live_api(run: Run, scripted: Script) -> None:
    """An API in an account: what may be seen is judged, what may not is named with its permission."""
    scripted(PARTLY)
    told = run("audit", "--api", "abcde12345")
    assert told.exit_code == 0
    assert "Stage prod writes no access log." in told.stdout
    assert "account-role: GetAccount was not seen (AccessDeniedException" in " ".join(told.stdout.split())


def test_an_api_by_its_name(run: Run, moto: str) -> None:
    """An API may be given by its name, if only one has it."""
    gate = boto("apigateway")
    ids = [gate.create_rest_api(name=name)["id"] for name in ("orders", "twins", "twins")]
    assert run("audit", "--api", "orders").stdout.startswith(f"REST API {ids[0]} · eu-central-1")
    told = run("audit", "--api", "twins")
    assert told.exit_code == 2
    assert "2 APIs are called 'twins'" in told.stderr
    assert run("audit", "--api", "nobody").exit_code == 5


def test_aws_refuses(run: Run, scripted: Script) -> None:
    """Credentials that AWS does not take end with 5."""
    scripted({"GET /restapis/abcde12345": failed("UnrecognizedClientException", status=403)})
    told = run("audit", "--api", "abcde12345")
    assert (told.exit_code, told.stdout) == (5, "")
    assert told.stderr.startswith("error: ")


def test_analyze_names_the_settings_that_explain(run: Run) -> None:
    """Below each kind of failure stands the setting that explains it, sure or perhaps, and how to mend it."""
    told = run("analyze", "--audit-from", SHOP, LOG).stdout
    after = told.partition("PROXY_INTEG_INVOKE_DENIED · ")[2].partition("────")[0]
    assert "setting The policy of function shop-orders-list does not let GET /orders" in after
    assert "mend    aws lambda add-permission --function-name shop-orders-list" in after
    assert "Settings of API abcde12345/prod as of 2026-11-02 12:00Z" in told


def test_analyze_as_json(run: Run) -> None:
    """The JSON document has the explaining findings by category, beside everything it had."""
    plain = json.loads(run("analyze", "--format", "json", LOG).stdout)
    with_settings = json.loads(run("analyze", "--audit-from", SHOP, "--format", "json", LOG).stdout)
    settings = with_settings.pop("settings")
    assert with_settings == plain
    [finding, *_] = settings["explains"]["PROXY_INTEG_INVOKE_DENIED"]
    assert (finding["check"], finding["sure"]) == ("function-permission", True)
    assert settings["apis"][0]["api"] == "abcde12345"


def test_analyze_with_settings_of_another_api(run: Run) -> None:
    """Settings of another API are said to explain nothing, rather than guessed over."""
    told = run("analyze", "--audit-from", HEALTHY, LOG).stdout
    assert "Settings of API a1b2c3d4e5/prod: no failed request is of that API" in " ".join(told.split())


def test_analyze_asks_for_the_apis_that_failed(run: Run, scripted: Script) -> None:
    """With --audit the APIs named in the log are asked for."""
    scripted(PARTLY)
    told = run("analyze", "--audit", LOG)
    assert told.exit_code == 0
    assert "Settings of API abcde12345/prod" in told.stdout


def test_analyze_goes_on_without_settings(run: Run, scripted: Script) -> None:
    """What AWS refuses is said, and the report is there all the same."""
    scripted({})
    told = run("analyze", "--audit", LOG)
    assert told.exit_code == 0
    assert "warning: the settings of API abcde12345 were not seen" in told.stderr
    assert "Settings of API abcde12345 were not seen" in told.stdout


def of_category(run: Run, category: str) -> str:
    """The id of a failed request of a category in the log."""
    rows = json.loads(run("analyze", "--format", "json", "--category", category, LOG).stdout)["requests"]
    return str(rows[0]["request_id"])


def test_trace_names_the_settings_that_explain(run: Run) -> None:
    """The timeline of one request names the setting behind its failure, in text and in JSON."""
    wanted = of_category(run, "PROXY_INTEG_INVOKE_DENIED")
    told = run("trace", "--audit-from", SHOP, wanted, LOG).stdout
    assert "setting The policy of function shop-orders-list does not let GET /orders" in told
    assert "mend    aws lambda add-permission" in told
    assert "Settings of API abcde12345/prod as of 2026-11-02 12:00Z" in " ".join(told.split())
    settings = json.loads(run("trace", "--format", "json", "--audit-from", SHOP, wanted, LOG).stdout)["settings"]
    assert list(settings["explains"]) == ["PROXY_INTEG_INVOKE_DENIED"]
    assert "settings" not in json.loads(run("trace", "--format", "json", wanted, LOG).stdout)


def test_trace_asks_aws_for_the_settings(run: Run, scripted: Script) -> None:
    """With --audit the API of the request is asked for."""
    scripted(PARTLY)
    told = run("trace", "--audit", of_category(run, "PROXY_INTEG_INVOKE_DENIED"), LOG)
    assert "Settings of API abcde12345/prod" in " ".join(told.stdout.split())


def test_trace_goes_on_without_settings(run: Run, scripted: Script) -> None:
    """What AWS refuses is said, and the timeline is there all the same."""
    wanted = of_category(run, "PROXY_INTEG_INVOKE_DENIED")
    scripted({})
    told = run("trace", "--audit", wanted, LOG)
    assert told.exit_code == 0
    assert "warning: the settings of API abcde12345 were not seen" in told.stderr


@pytest.mark.parametrize("form", ["md", "html"])
def test_other_forms_name_the_settings_too(run: Run, form: str, tmp_path: Path) -> None:
    """A note and a page tell of the setting behind a category like the text does."""
    target = tmp_path / "report"
    only = ("--category", "PROXY_INTEG_INVOKE_DENIED")
    assert run("analyze", "--audit-from", SHOP, *only, "--format", form, "-o", str(target), LOG).exit_code == 0
    assert "The policy of function shop-orders-list does not let" in target.read_text(encoding="utf-8").replace(
        "\\", ""
    )

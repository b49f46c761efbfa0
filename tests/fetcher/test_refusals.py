"""Every way in which AWS can refuse, over the wire: one line that says what, and a tip that says what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from loganalyzer.errors import UsageError
from loganalyzer.fetcher.refusals import (
    CREDENTIALS,
    DENIED,
    EXPIRED,
    FAILED,
    MISSING,
    OTHER,
    REGION,
    THROTTLED,
    UNREACHABLE,
    AwsRefused,
)
from loganalyzer.fetcher.session import ask, client, region_of
from tests.live import Answer, Script, denied, failed

GROUPS = "DescribeLogGroups"

ANSWERS = {
    "denied": (
        denied("logs:DescribeLogGroups", resource="arn:aws:logs:eu-central-1:1:log-group::log-stream:"),
        DENIED, "logs:DescribeLogGroups is not permitted on arn:aws:logs:eu-central-1:1:log-group:",
        "loganalyzer policy",
    ),
    "denied without a word on what": (
        failed("AccessDeniedException", "Access denied"), DENIED, "logs:DescribeLogGroups is not permitted", "policy",
    ),
    "denied by an organization": (
        failed("AccessDeniedException", "User: x is not authorized to perform: logs:DescribeLogGroups with an explicit "
               "deny in a service control policy"),
        DENIED, "a service control policy of the organization forbids it", "policy",
    ),
    "denied on purpose": (
        failed("AccessDeniedException", "User: x is not authorized to perform: kms:Decrypt with an explicit deny in an "
               "identity-based policy"),
        DENIED, "kms:Decrypt is not permitted: a policy forbids it expressly", "policy",
    ),
    "an expired token": (
        failed("ExpiredTokenException", "The security token included in the request is expired"),
        EXPIRED, "the AWS credentials have expired", "aws sso login",
    ),
    "wrong credentials": (
        failed("UnrecognizedClientException", "The security token included in the request is invalid."),
        CREDENTIALS, "AWS does not accept the credentials", "--profile",
    ),
    "a clock that is wrong": (failed("RequestTimeTooSkewed"), OTHER, "the clock of this computer is wrong", "set it"),
    "too many calls": (failed("ThrottlingException", "Rate exceeded"), THROTTLED, "Rate exceeded", "in a minute"),
    "an error of AWS": (failed("InternalFailure", status=500), FAILED, "InternalFailure", "in a minute"),
    "an error of AWS without a name": (Answer(b"<html>", 502), FAILED, "AWS refused DescribeLogGroups: 502", "minute"),
    "something missing": (failed("ResourceNotFoundException", "no such\n group"), MISSING, "no such group", ""),
    "something else": (failed("InvalidParameterException", "1 validation error"), OTHER, "1 validation error", ""),
}  # fmt: skip


@pytest.mark.parametrize("what", ANSWERS)
def test_what_aws_answers(scripted: Script, what: str) -> None:
    """An error code becomes a kind, a sentence on one line, and a tip."""
    answer, kind, said, tip = ANSWERS[what]
    scripted({GROUPS: answer})
    with pytest.raises(AwsRefused) as raised:
        ask(client("logs", attempts=1), "describe_log_groups", {})
    assert raised.value.kind == kind
    assert said in raised.value.message
    assert "\n" not in raised.value.message
    assert tip in raised.value.tip
    assert raised.value.exit_code == 5


def test_the_action_that_is_denied(scripted: Script) -> None:
    """A denied action has its name by itself too, in the words of IAM."""
    scripted({GROUPS: failed("AccessDenied"), "GET /account": denied("apigateway:GET", status=403)})
    for service, operation, action in (
        ("logs", "describe_log_groups", "logs:DescribeLogGroups"),
        ("apigateway", "get_account", "apigateway:GET"),
    ):
        with pytest.raises(AwsRefused) as raised:
            ask(client(service, attempts=1), operation, {})
        assert raised.value.action == action


def refused() -> AwsRefused:
    """What a first call ends with."""
    with pytest.raises(AwsRefused) as raised:
        ask(client("logs", attempts=1), "describe_log_groups", {})
    return raised.value


def test_no_credentials(scripted: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without credentials the tip says how to get some."""
    scripted({})
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    error = refused()
    assert (error.kind, error.message) == (CREDENTIALS, "there are no AWS credentials")
    assert "aws sso login" in error.tip


def test_half_a_pair_of_credentials(scripted: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key without its secret is said to be half of a pair."""
    scripted({})
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    error = refused()
    assert error.kind == CREDENTIALS
    assert "AWS_SECRET_ACCESS_KEY" in error.message.upper() or "Partial" in error.message


def test_no_region(scripted: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a region the tip says how to name one."""
    scripted({})
    monkeypatch.delenv("AWS_REGION")
    error = refused()
    assert (error.kind, error.message) == (REGION, "no AWS region is set")
    assert "--region" in error.tip
    assert region_of() == ""


def test_nobody_listens(monkeypatch: pytest.MonkeyPatch, scripted: Script) -> None:
    """An endpoint that does not answer is named, with where to look."""
    scripted({})
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    error = refused()
    assert error.kind == UNREACHABLE
    assert "http://127.0.0.1:1" in error.message
    assert "AWS_ENDPOINT_URL" in error.tip


def test_a_region_that_does_not_exist(monkeypatch: pytest.MonkeyPatch, scripted: Script) -> None:
    """Where nobody answers in a region that is not known, the nearest ones are shown."""
    scripted({})
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with pytest.raises(AwsRefused) as raised:
        ask(client("logs", region="eu-centrl-1", attempts=1), "describe_log_groups", {})
    assert raised.value.kind == REGION
    assert "eu-central-1" in raised.value.tip


def test_a_region_that_is_none(scripted: Script) -> None:
    """What cannot be the name of a region is refused before anybody is asked."""
    scripted({})
    with pytest.raises(AwsRefused, match="is no AWS region"):
        client("logs", region="eu central")


def test_a_profile_that_does_not_exist(scripted: Script) -> None:
    """A profile that is in no file is a mistake in the command."""
    scripted({})
    with pytest.raises(UsageError, match=r"\(ann\)") as raised:
        client("logs", profile="ann")
    assert "list-profiles" in raised.value.tip


def test_a_profile_from_the_files(scripted: Script, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The standard chain is used: a profile's region and credentials come from the user's files."""
    server = scripted({GROUPS: Answer({"logGroups": []})})
    (tmp_path / "config").write_text(
        "[profile ann]\nregion = eu-north-1\naws_access_key_id = AKIAANN\naws_secret_access_key = x\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.delenv("AWS_REGION")
    ask(client("logs", profile="ann"), "describe_log_groups", {})
    assert "AKIAANN" in server.asked[0].headers["Authorization"]
    assert "/eu-north-1/" in server.asked[0].headers["Authorization"]
    assert region_of(profile="ann") == "eu-north-1"


def test_a_file_that_is_broken(scripted: Script, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A configuration file that cannot be parsed is named."""
    scripted({})
    (tmp_path / "config").write_text("[profile ann\nregion")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    with pytest.raises(AwsRefused, match="config"):
        client("logs")

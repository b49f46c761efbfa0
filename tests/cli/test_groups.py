"""The commands that look around in an account, as a shell runs them."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from loganalyzer.cli.commands import Command, CommandGroup
from loganalyzer.cli.live import Asked, is_live, live, resolve
from tests.cli.conftest import Run
from tests.fetcher.test_choose import API, APIS, GROUP, NO_GATEWAY
from tests.fetcher.test_survey import WHOLE
from tests.live import ACCOUNT, REGION, Says, Script, denied, failed, make_account


def test_groups_for_people(run: Run, moto: str) -> None:
    """The page shows what is there, and nothing is said on standard error."""
    made = make_account()
    done = run("groups")
    assert done.exit_code == 0
    assert f"orders · {made.orders} · REST" in done.stdout
    assert done.stderr == ""


def test_groups_for_programs(run: Run, scripted: Script, tmp_path: Path) -> None:
    """The document holds groups, stages and deliveries; -o writes it to a file."""
    scripted(WHOLE)
    assert run("groups", "--format", "json", "-o", str(tmp_path / "out.json")).exit_code == 0
    told = json.loads((tmp_path / "out.json").read_text())
    assert {group["name"]: group["kind"] for group in told["groups"]} == {
        GROUP: "REST", "/mine/delivered": "DELIVERY", "/aws/apigateway/wsapi67890/live": "WEBSOCKET",
    }  # fmt: skip
    assert told["stages"][0]["levels"] == {"*/*": "INFO"}
    assert told["deliveries"][1]["where"] == "s3://bucket/prefix"
    assert told["groups"][1]["stored_bytes"] == 1_500_000_000


def test_hostile_names_cannot_reach_the_terminal(run: Run, scripted: Script) -> None:
    """An API may be called anything; control characters are written out."""
    from tests.live import Answer

    scripted({**WHOLE, "GET /restapis": Answer({"item": [{"id": API, "name": "\x1b[31mred\n"}]})})
    assert "\\x1b[31mred\\n" in run("groups").stdout


REFUSALS: dict[str, tuple[dict[str, Says], str, str]] = {
    "denied": (
        {"DescribeLogGroups": denied("logs:DescribeLogGroups"), **NO_GATEWAY},
        "error: logs:DescribeLogGroups is not permitted", "tip: ask for the permission: 'loganalyzer policy'",
    ),
    "expired": (
        {"DescribeLogGroups": failed("ExpiredTokenException")}, "error: the AWS credentials have expired", "tip: sign",
    ),
    "wrong": (
        {"DescribeLogGroups": failed("InvalidSignatureException")}, "error: AWS does not accept", "tip: sign in with",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSALS)
def test_refusals_are_one_line(run: Run, scripted: Script, what: str) -> None:
    """What AWS refuses ends with 5, one line and one tip, and nothing on standard output."""
    script, said, tip = REFUSALS[what]
    scripted(script)
    done = run("groups")
    assert (done.exit_code, done.stdout) == (5, "")
    lines = done.stderr.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith(said)
    assert lines[1].startswith(tip)


def test_no_credentials_and_no_region(run: Run, scripted: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the standard chain does not give is named, with how to give it."""
    scripted({})
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    assert "error: there are no AWS credentials" in run("groups").stderr
    monkeypatch.delenv("AWS_REGION")
    done = run("groups")
    assert (done.exit_code, done.stderr.splitlines()[0]) == (5, "error: no AWS region is set")
    done = run("groups", "--profile", "nobody")
    assert (done.exit_code, done.stderr.count("error:")) == (2, 1)


def test_the_policy(run: Run) -> None:
    """The policy is JSON on standard output and takes no account."""
    done = run("policy", "--for", "fetch", "--api", "abc", "--stage", "prod", "--region", REGION, "--account", "1")
    assert done.exit_code == 0
    told = json.loads(done.stdout)
    assert told["Statement"][1]["Resource"][0] == (
        f"arn:aws:logs:{REGION}:1:log-group:API-Gateway-Execution-Logs_abc/prod:*"
    )
    assert run("policy", "--bucket", "nowhere").exit_code == 2


# -- the options that other commands share -----------------------------------------------------------------------------


@click.command(cls=Command)
@click.argument("sources", nargs=-1)
@live
def show(*, asked: Asked, sources: tuple[str, ...]) -> None:
    """Show what is meant."""
    for group in resolve(asked, sources=tuple(filter(is_live, sources))):
        click.echo(f"{group.region} {group.name}")


GROUP_OF_SHOW = CommandGroup(name="x", commands_at={"show": f"{__name__}:show"})


def shown(*arguments: str) -> tuple[int, list[str], list[str]]:
    """Exit code, lines of standard output and of standard error."""
    done = CliRunner().invoke(GROUP_OF_SHOW, ["show", *arguments])
    return done.exit_code, done.stdout.splitlines(), done.stderr.splitlines()


def test_everything_that_can_be_named(scripted: Script) -> None:
    """APIs, stages, groups, URLs and ARNs, by option or by position, with a region."""
    scripted(APIS)
    url = f"https://{API}.execute-api.{REGION}.amazonaws.com/prod"
    arn = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{GROUP}"
    for arguments in (
        ("--api", API, "--stage", "prod"), ("--api", "orders", "--stage", "prod"), ("--log-group", GROUP),
        ("--url", url), (url,), (arn,), ("--api", API, url, "--stage", "prod", "--log-group", arn),
    ):  # fmt: skip
        code, out, _ = shown(*arguments, "--region", REGION)
        assert (code, out) == (0, [f"{REGION} {GROUP}"]), arguments


def test_notes_are_talk(scripted: Script) -> None:
    """What is to be said about the groups goes to standard error."""
    scripted({**APIS, **NO_GATEWAY})
    code, out, err = shown("--api", API)
    assert (code, len(out), len(err)) == (0, 1, 1)
    assert err[0].startswith("note: apigateway:GET is not permitted")


def test_what_is_live() -> None:
    """URLs of APIs and ARNs are live, paths and S3 URLs are not."""
    assert [is_live(source) for source in ("https://x.example.com", "wss://x", "arn:aws:logs:x")] == [True] * 3
    assert [is_live(source) for source in ("exports/", "s3://bucket/x", "-", "https")] == [False] * 4
    assert not Asked(region="eu-west-1")
    assert Asked(urls=("x",))

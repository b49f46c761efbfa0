"""``loganalyzer audit``: the settings of an API that explain its failures or hide them."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from loganalyzer.cli import options
from loganalyzer.cli.commands import Command
from loganalyzer.errors import Unread, UsageError

if TYPE_CHECKING:
    from loganalyzer.audit.examine import Audit
    from loganalyzer.audit.snapshot import Snapshot
    from loganalyzer.fetcher.account import Account

SEVERITIES = ("error", "warning", "note")

EXAMPLES = (
    ("What in the settings explains or hides failures", "loganalyzer audit --api abcde12345 --stage prod"),
    ("Keep the settings, to judge them later", "loganalyzer audit --api abcde12345 --save settings.json"),
    ("Without an account, from answers that somebody saved", "loganalyzer audit --from settings/"),
    ("Settings beside the failures that they explain", "loganalyzer analyze --audit-from settings.json exports/"),
    ("Switch execution logging on",
     "loganalyzer audit --enable-logging-template --api abcde12345 > logging.yaml"),
)  # fmt: skip


@click.command(
    cls=Command,
    short_help="Find the settings that explain or hide failures.",
    examples=EXAMPLES,
    exits=("0", "1", "2", "3", "4", "5"),
)
@click.option("--api", metavar="API", default="", help="The API of this id or name.")
@click.option("--stage", metavar="STAGE", default="", help="This stage alone, by default all.")
@options.aws
@click.option(
    "--from", "saved", multiple=True, metavar="PATH", type=click.Path(path_type=Path),
    help="Read the settings from there instead of AWS: a file of --save, answers of the AWS CLI (aws apigateway "
    "get-stages and so on) under any name, or a directory of such; repeatable.",
)  # fmt: skip
@click.option(
    "--save", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False),
    help="Write the settings there as well, for --from; no environment variables or keys, secrets masked.",
)  # fmt: skip
@click.option("--format", "form", type=click.Choice(("table", "json")), default="table", show_default=True,
              help="What to write.")  # fmt: skip
@options.output
@click.option(
    "--fail-on", type=click.Choice(SEVERITIES), metavar="SEVERITY",
    help="End with 1 if there is a finding of this severity or worse: error|warning|note.",
)  # fmt: skip
@click.option("--strict", is_flag=True, help="End with 4 if a check could not see all that it needs.")
@click.option(
    "--enable-logging-template", "template", is_flag=True,
    help="Print a CloudFormation template that switches execution logging on, and do nothing else.",
)  # fmt: skip
def audit(
    *,
    api: str,
    stage: str,
    profile: str | None,
    region: str | None,
    saved: tuple[Path, ...],
    save: Path | None,
    form: str,
    output: Path | None,
    fail_on: str | None,
    strict: bool,
    template: bool,
) -> int:
    """Find the settings of an API that make requests fail or hide how they failed, and say how to mend them.

    Only reads: logging, authorizers, permissions, time limits, gateway responses, deployments, keys, WAF. What may not
    be read is named, per check, with the permission that is missing.
    """
    from loganalyzer.cli import output as out

    if template:
        from loganalyzer.audit.enabling import enabling_template

        out.write([enabling_template(api=api, stage=stage)], output)
        return 0
    snapshot = load_settings(saved, api=api) if saved else ask_aws(api, profile=profile, region=region)
    if save is not None:
        _save(snapshot, save)
    from loganalyzer.audit.examine import examine

    judged = examine(snapshot, stage=stage)
    _write(judged, form=form, output=output)
    return _outcome(judged, fail_on=fail_on, strict=strict)


def load_settings(paths: tuple[Path, ...], *, api: str = "") -> Snapshot:
    """The settings in saved files."""
    from loganalyzer.audit.saved import load

    return load(*paths, api=api)


def ask_aws(api: str, *, profile: str | None = None, region: str | None = None) -> Snapshot:
    """The settings as AWS gives them now."""
    if not api:
        raise UsageError("no API given", tip="name it with --api ID, or read saved settings with --from PATH")
    from loganalyzer.audit.gather import gather
    from loganalyzer.fetcher.account import Account
    from loganalyzer.fetcher.session import client

    if not _ID.fullmatch(api):
        api = _called(api, Account.reached(profile=profile, region=region))
    return gather(partial(client, profile=profile, region=region, attempts=5), api=api)


_ID = re.compile(r"[a-z0-9]{10}")
"""What ids of APIs look like; anything else may be a name."""


def _called(name: str, account: Account) -> str:
    """The id of the API of that name, the name itself where none has it."""
    found = [api.id for api in (account.apis() or {}).values() if api.name == name]
    if len(found) > 1:
        raise UsageError(f"{len(found)} APIs are called '{name}': {', '.join(found)}", tip="give the id of one")
    return found[0] if found else name


def _save(snapshot: Snapshot, path: Path) -> None:
    from loganalyzer.cli import output as out
    from loganalyzer.reports.clean import json_text

    if not path.parent.is_dir():
        raise UsageError(f"{path}: there is no directory {path.parent}", tip="make it first, or name another file")
    out.write([json_text(snapshot.document(), indent=1), "\n"], path)


def _write(judged: Audit, *, form: str, output: Path | None) -> None:
    from loganalyzer.cli import output as out
    from loganalyzer.reports.audit import audit_document, show_audit

    if form == "json":
        from loganalyzer.reports.clean import json_text

        out.write([json_text(audit_document(judged), indent=2), "\n"], output)
        return
    from loganalyzer.reports.page import Page

    with out.page_file(output) as file:
        show_audit(judged, Page(file))


def _outcome(judged: Audit, *, fail_on: str | None, strict: bool) -> int:
    bad = SEVERITIES[: SEVERITIES.index(fail_on) + 1] if fail_on else ()
    if any(str(finding.severity) in bad for finding in judged.findings):
        return 1
    if strict and judged.unseen:
        checks = ", ".join(dict.fromkeys(one.check for one in judged.unseen))
        raise Unread(
            f"not every check could see all it needs: {checks}", tip="the report says which permission is missing"
        )
    return 0

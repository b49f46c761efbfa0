"""Settings of an API beside its log: the options that name them, and the audits that come of it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from loganalyzer.cli.options import shared
from loganalyzer.errors import AwsError, UsageError

if TYPE_CHECKING:
    from loganalyzer.audit.explaining import Explanations
    from loganalyzer.coverage import Coverage
    from loganalyzer.model import Request

_NO_API = "save its settings with loganalyzer audit --api ID --save FILE and name them with --audit-from FILE"

audits = shared(
    click.option(
        "--audit",
        "audited",
        is_flag=True,
        help="Ask AWS for the settings of the APIs that failed, and name those that explain the failures.",
    ),
    click.option(
        "--audit-from",
        "settings",
        multiple=True,
        metavar="PATH",
        type=click.Path(path_type=Path),
        help="The same with settings of an API that were saved: a file of loganalyzer audit --save, or a directory of "
        "answers of the AWS CLI; repeatable.",
    ),
)
"""Which settings to look at."""


def explaining(
    requests: Iterable[Request],
    paths: tuple[Path, ...],
    *,
    live: bool,
    coverage: Coverage,
    profile: str | None,
    region: str | None,
) -> Explanations:
    """The audits of saved settings (each path is those of one API) and, if ``live``, of every API of the requests."""
    from loganalyzer.audit.examine import examine
    from loganalyzer.audit.explaining import Explanations
    from loganalyzer.cli.audit import ask_aws, load_settings
    from loganalyzer.reports.clean import clean

    snapshots = [load_settings((path,)) for path in paths]
    if live:
        failed = dict.fromkeys(request.api_id for request in requests if request.api_id)
        if not failed:
            raise UsageError("no failed request names its API, so there is none to audit", tip=_NO_API)
        for api in failed:
            try:
                snapshots.append(ask_aws(api, profile=profile, region=region))
            except AwsError as error:
                coverage.note(f"Settings of API {api} were not seen: {error.message}")
                click.echo(f"warning: the settings of API {clean(api)} were not seen: {clean(error.message)}", err=True)
    return Explanations([examine(snapshot) for snapshot in snapshots])

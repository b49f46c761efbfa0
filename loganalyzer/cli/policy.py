"""``loganalyzer policy``: the permissions that reading a live account takes."""

from __future__ import annotations

import json

import click

from loganalyzer.cli.commands import Command

EXAMPLES = (
    ("Everything but S3, for a whole account", "loganalyzer policy > policy.json"),
    ("Reading the log of one stage and no more",
     "loganalyzer policy --for fetch --api abcde12345 --stage prod --region eu-central-1 --account 123456789012"),
    ("Exported logs in a bucket", "loganalyzer policy --for s3 --bucket s3://bucket/prefix/"),
)  # fmt: skip


@click.command(
    cls=Command, short_help="Print the IAM policy that reading an account takes.", examples=EXAMPLES, exits=("0", "2")
)
@click.option(
    "--for", "uses", type=click.Choice(("fetch", "other-logs", "groups", "audit", "s3")), multiple=True,
    default=("fetch", "groups"), show_default=True,
    help="What to permit: reading log groups, those of functions and access logs (name the latter with --log-group), "
    "listing APIs and groups with names and levels, auditing settings, reading S3; repeatable.",
)  # fmt: skip
@click.option("--api", "apis", multiple=True, metavar="ID", help="Only this API; repeatable.")
@click.option("--stage", "stages", multiple=True, metavar="STAGE", help="Only this stage of the APIs; repeatable.")
@click.option(
    "--log-group", "log_groups", multiple=True, metavar="GROUP", help="Only this group, name or ARN; repeatable."
)
@click.option("--bucket", "buckets", multiple=True, metavar="URL", help="Only this bucket or s3:// prefix; repeatable.")
@click.option("--region", metavar="REGION", help="Only this region.")
@click.option("--account", metavar="NUMBER", help="Only this account.")
def policy(
    *,
    uses: tuple[str, ...],
    apis: tuple[str, ...],
    stages: tuple[str, ...],
    log_groups: tuple[str, ...],
    buckets: tuple[str, ...],
    region: str | None,
    account: str | None,
) -> None:
    """Print the IAM policy for exactly the calls this program makes; all of them only read.

    AWS is not asked. A log group or bucket encrypted with a key of your own may need kms:Decrypt on that key as well.
    """
    from loganalyzer.fetcher.policy import policy as made

    document = made(
        uses=uses, apis=apis, stages=stages, log_groups=log_groups, buckets=buckets, region=region, account=account
    )
    click.echo(json.dumps(document, indent=2))

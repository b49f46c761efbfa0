"""``loganalyzer cache``: what earlier commands have fetched and kept."""

from __future__ import annotations

from pathlib import Path

import click

from loganalyzer.cli.commands import Command
from loganalyzer.cli.fetching import cache_dir

EXAMPLES = (
    ("What is kept, and how much that is", "loganalyzer cache info"),
    ("Remove it", "loganalyzer cache clear"),
)

_KINDS = {"failures": ", failures only", "as-is": ", beside execution logs"}


@click.command(
    cls=Command,
    short_help="Show or remove the logs kept from live accounts.",
    examples=EXAMPLES,
    exits=("0", "2"),
)
@click.argument("action", type=click.Choice(("info", "clear")))
@cache_dir
def cache(*, action: str, cache: Path | None) -> None:
    """Show what "analyze" has fetched from live accounts and kept (info), or remove all of it (clear).

    The logs are kept as they came, unmasked, in files that only you may read.
    """
    from loganalyzer.fetcher.cache import cache_directory, cached, clear
    from loganalyzer.fetcher.plan import size_text
    from loganalyzer.formats.stored import between

    directory = cache or cache_directory()
    if action == "clear":
        click.echo(f"{size_text(clear(directory))} removed from {directory}", err=True)
        return
    found = list(cached(directory))
    for one in found:
        click.echo(f"{one.group}  {one.region}  {one.account}{_KINDS.get(one.mode, '')}")
        click.echo(f"  {size_text(one.bytes)} in {one.files:,} files, {one.events:,} events")
        for span in one.spans:
            click.echo(f"  {between(span)}")
    click.echo(f"{size_text(sum(one.bytes for one in found))} in {directory}", err=True)

"""``loganalyzer explain``: the catalogue of error categories."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from loganalyzer.cli import options
from loganalyzer.cli.commands import Command

if TYPE_CHECKING:
    from loganalyzer.classifier.rules import Entry

EXAMPLES = (
    ("All categories", "loganalyzer explain"),
    ("One of them: what happened, why, what to do", "loganalyzer explain AUTHORIZER_LAMBDA_TIMEOUT"),
    ("One of your own", "loganalyzer explain --rules shop.toml X_ORDER_GONE"),
)


@click.command(cls=Command, short_help="Explain an error category, or list all.", examples=EXAMPLES, exits=("0", "2"))
@click.argument("category", required=False, shell_complete=options.complete_category)
@options.rules
def explain(*, category: str | None, entries: Mapping[str, Entry]) -> None:
    """Explain an error category: cause, fix, what the client sees, and whether Lambda counts an error.

    Without CATEGORY all of them are listed.
    """
    from loganalyzer.reports.explain import explained, listed

    if category is None:
        lines = listed(entries.values())
    else:
        lines = explained(entries[options.known_category(category, entries=entries)])
    click.echo("\n".join(lines))

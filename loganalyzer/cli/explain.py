"""``loganalyzer explain``: the catalogue of error categories."""

from __future__ import annotations

import click

from loganalyzer.cli.commands import Command
from loganalyzer.cli.options import complete_category, known_category

EXAMPLES = (
    ("All categories", "loganalyzer explain"),
    ("One of them: what happened, why, what to do", "loganalyzer explain AUTHORIZER_LAMBDA_TIMEOUT"),
)


@click.command(cls=Command, short_help="Explain an error category, or list all.", examples=EXAMPLES, exits=("0", "2"))
@click.argument("category", required=False, shell_complete=complete_category)
def explain(*, category: str | None) -> None:
    """Explain an error category: cause, fix, what the client sees, and whether Lambda counts an error.

    Without CATEGORY all of them are listed.
    """
    from loganalyzer.classifier.rules import catalogue
    from loganalyzer.reports.explain import explained, listed

    entries = catalogue()
    lines = listed(entries.values()) if category is None else explained(entries[known_category(category)])
    click.echo("\n".join(lines))

"""``loganalyzer rules``: checking rules of one's own, and what to begin them with."""

from __future__ import annotations

from pathlib import Path

import click

from loganalyzer.cli import options
from loganalyzer.cli.commands import Command, CommandGroup

COMMANDS = {
    "check": "loganalyzer.cli.rules:check",
    "show": "loganalyzer.cli.rules:show",
    "words": "loganalyzer.cli.rules:vocabulary",
}
"""The commands about rules."""


@click.group(cls=CommandGroup, commands_at=COMMANDS, short_help="Check rules of your own, and show the catalogue's.")
def rules() -> None:
    """Check rules of your own, and show what to begin them with.

    A rules file has the form of the catalogue: one TOML table a category. An id of the catalogue overrides that entry;
    ids of your own begin with X_. Hand it to analyze, trace and explain with --rules.
    """


@click.command(
    cls=Command,
    short_help="Report everything that is wrong with rules files.",
    examples=(("Every problem, each in its place", "loganalyzer rules check shop.toml"),),
    exits=("0", "2"),
)
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
def check(*, files: tuple[Path, ...]) -> int:
    """Report everything that is wrong with rules files, each problem with its line; ends with 2 if there is any.

    Of a sound file it says what it adds to the catalogue and what it overrides.
    """
    from loganalyzer.classifier.rules import catalogue, rule_files
    from loganalyzer.reports.faults import checked

    read = rule_files(files)
    click.echo("\n".join(checked(read, catalogue=catalogue())))
    return 2 if any(file.faults for file in read) else 0


@click.command(
    cls=Command,
    short_help="Print an entry of the catalogue as TOML.",
    examples=(("An entry to begin your own with", "loganalyzer rules show PROXY_INTEG_ERROR >> shop.toml"),),
    exits=("0", "2"),
)
@click.argument("category", shell_complete=options.complete_category)
def show(*, category: str) -> None:
    """Print an entry of the catalogue as it is written, for a rule of your own to begin with."""
    from loganalyzer.classifier.rules import catalogue, source_of

    click.echo(source_of(options.known_category(category, entries=catalogue())), nl=False)


@click.command(
    "words",
    cls=Command,
    short_help="List the sentences, facts and other words that rules know.",
    examples=(
        ("All of them", "loganalyzer rules words"),
        ("Those with 'authorizer' in them", "loganalyzer rules words authorizer"),
    ),
    exits=("0",),
)
@click.argument("part", required=False, default="")
def vocabulary(*, part: str) -> None:
    """List the words that rules know: sentences, facts, gateway response types, stages; with PART those with it."""
    from loganalyzer.reports.words import listed

    click.echo("\n".join(listed(part)))

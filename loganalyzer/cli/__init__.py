"""The ``loganalyzer`` command: nothing here that a notebook could not do in three lines."""

from __future__ import annotations

import os

import click

from loganalyzer import __version__
from loganalyzer.cli.commands import CommandGroup

COMMANDS = {
    "analyze": "loganalyzer.cli.analyze:analyze",
    "trace": "loganalyzer.cli.trace:trace",
    "compare": "loganalyzer.cli.compare:compare",
    "fetch": "loganalyzer.cli.fetch:fetch",
    "watch": "loganalyzer.cli.watch:watch",
    "groups": "loganalyzer.cli.groups:groups",
    "policy": "loganalyzer.cli.policy:policy",
    "cache": "loganalyzer.cli.cache:cache",
    "explain": "loganalyzer.cli.explain:explain",
    "rules": "loganalyzer.cli.rules:rules",
    "audit": "loganalyzer.cli.audit:audit",
    "plan": "loganalyzer.cli.plan:plan",
    "simulate": "loganalyzer.cli.simulate:simulate",
}
"""Every command by name and where it is; each is imported when it is asked for."""


@click.group(
    cls=CommandGroup,
    commands_at=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog='Completion of commands, options and categories: eval "$(_LOGANALYZER_COMPLETE=bash_source loganalyzer)" '
    "(or zsh_source, fish_source).",
)
@click.version_option(__version__, prog_name="loganalyzer")
def main() -> None:
    """Which requests failed on my API Gateway API, why, and where did each one stop?

    Reads Amazon API Gateway execution logs (S3 exports, CloudWatch JSON and lines, console Test output) and names
    every failed request by error category.
    """
    # Threads for numpy's linear algebra, of which nothing is used, would take a core from those who read.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

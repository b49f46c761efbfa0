"""Commands that load when they are asked for, and help that ends with examples and exit codes."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

import click

from loganalyzer.cli.failing import ClosedPipe, outcome_of

EXIT_CODES = (
    ("0", "done"),
    ("1", "a --fail-on condition is met"),
    ("2", "usage: an argument or option makes no sense, a path does not exist, a rule has a fault"),
    ("3", "nothing readable as an execution log, or no such request"),
    ("4", "--strict, and something was unread or incomplete"),
    ("5", "AWS refused a call or could not be reached"),
)
"""What the command ends with."""


class Command(click.Command):
    """A command whose help ends with ``examples`` (what it does, how to say it) and its ``exits``."""

    def __init__(
        self, *args: Any, examples: Sequence[tuple[str, str]] = (), exits: Sequence[str] = (), **settings: Any
    ) -> None:
        super().__init__(*args, **settings)
        self.examples = examples
        self.exits = exits

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples and the exit codes below the options."""
        with formatter.section("Examples"):
            for what, how in self.examples:
                formatter.write_text(f"# {what}")
                formatter.write(f"{'':>{formatter.current_indent}}{how}\n")
        with formatter.section("Exit codes"):
            formatter.write_dl([(code, meaning) for code, meaning in EXIT_CODES if code in self.exits])


class CommandGroup(click.Group):
    """A group that imports a command when it is asked for, and ends with one clear line where something fails."""

    def __init__(self, *args: Any, commands_at: Mapping[str, str], **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.commands_at = commands_at

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the commands, in the order in which people need them."""
        return list(self.commands_at)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now."""
        if cmd_name not in self.commands_at:
            return None
        module, _, name = self.commands_at[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def main(self, *args: Any, standalone_mode: bool = True, **extra: Any) -> Any:
        """Run the command and, unless called from a program, end the process with its exit code."""
        run: Callable[..., Any] = super().main
        if not standalone_mode:
            return run(*args, standalone_mode=False, **extra)
        return sys.exit(outcome_of(lambda: run(*args, standalone_mode=False, **extra)))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what it has written is out when this returns, so that a closed pipe shows here."""
        try:
            done = super().invoke(ctx)
            sys.stdout.flush()
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise ClosedPipe from error
            raise
        return done

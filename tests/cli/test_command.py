"""The command as a whole: help, start-up, pipes and interrupts, in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from loganalyzer import __version__
from loganalyzer.cli import COMMANDS, main
from tests.cli.conftest import Run

ROOT = Path(__file__).parents[2]


def _commands() -> list[tuple[str, click.Command]]:
    context = click.Context(main)
    return [(name, command) for name in COMMANDS if (command := main.get_command(context, name)) is not None]


def _python(*arguments: str, **settings: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # type: ignore[call-overload, no-any-return]
        [sys.executable, *arguments], capture_output=True, text=True, cwd=ROOT, check=False, timeout=120, **settings
    )


def test_the_version(run: Run) -> None:
    """--version names the command and its version."""
    assert run("--version").stdout == f"loganalyzer, version {__version__}\n"


@pytest.mark.parametrize(("name", "command"), _commands())
def test_every_command_and_option_has_help(name: str, command: click.Command) -> None:
    """No command, and no option of one, is without a sentence that says what it does."""
    assert command.help
    for option in command.params:
        assert not isinstance(option, click.Option) or option.help, option.name


@pytest.mark.parametrize("name", ["analyze", "trace", "compare", "explain"])
def test_help_ends_with_examples_and_exit_codes(run: Run, name: str) -> None:
    """Each command's help shows how it is used and what it ends with."""
    told = run(name, "--help").stdout
    assert "Examples:" in told
    assert f"  loganalyzer {name}" in told
    assert "Exit codes:\n  0  done" in told
    assert all(len(line) <= 80 for line in told.splitlines())


def test_the_list_of_commands_fits(run: Run) -> None:
    """The commands are listed, each with one whole sentence."""
    told = run("--help").stdout
    assert all(f"  {name}  " in told for name in ("analyze", "trace", "explain"))
    assert "Name every failed request in exported or live logs." in told


@pytest.mark.parametrize(
    ("arguments", "absent"),
    [
        (["--help"], ["numpy", "pandas", "boto3", "rich", "dateutil", "msgspec", "isal"]),
        (["analyze", "--help"], ["numpy", "pandas", "boto3", "rich", "dateutil"]),
        (["groups", "--help"], ["numpy", "pandas", "boto3", "botocore", "rich", "dateutil"]),
        (["policy"], ["numpy", "pandas", "boto3", "botocore", "rich", "dateutil"]),
        (["explain", "THROTTLED"], ["numpy", "pandas", "boto3", "rich", "dateutil"]),
        (["audit", "--from", "fixtures/audit/shop.json"], ["numpy", "pandas", "boto3", "botocore"]),
        (["audit", "--enable-logging-template"], ["numpy", "pandas", "boto3", "rich", "dateutil"]),
        (["explain"], ["numpy", "pandas", "boto3", "rich", "dateutil"]),
    ],
)
def test_start_up_imports_little(arguments: list[str], absent: list[str]) -> None:
    """Help and explanations load none of the heavy libraries, so they are there at once."""
    code = (
        "import sys\nfrom loganalyzer.cli import main\n"
        f"try:\n    main({arguments!r})\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {absent!r} if name in sys.modules], file=sys.stderr)"
    )
    done = _python("-c", code)
    assert done.stderr == "[]\n"
    assert done.stdout


def test_python_m_runs_the_command() -> None:
    """``python -m loganalyzer`` is the command."""
    done = _python("-m", "loganalyzer", "--version")
    assert (done.returncode, done.stdout) == (0, f"loganalyzer, version {__version__}\n")


@pytest.mark.parametrize("words", [("explain",), ("analyze", "fixtures/captures"), ("rules", "words")], ids=" ".join)
def test_a_closed_pipe_is_no_error(words: tuple[str, ...]) -> None:
    """Whoever stops reading has enough: the command ends with 0 and says nothing."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as pipe:
        done = subprocess.run(
            [sys.executable, "-m", "loganalyzer", *words],
            stdout=pipe,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            check=False,
            timeout=120,
        )
    assert (done.returncode, done.stderr) == (0, "")


def test_the_shell_can_complete_categories() -> None:
    """Completion knows commands and categories."""
    asked = {"_LOGANALYZER_COMPLETE": "bash_complete", "COMP_WORDS": "loganalyzer explain THR", "COMP_CWORD": "2"}
    code = "from loganalyzer.cli import main; main(prog_name='loganalyzer')"
    done = _python("-c", code, env={**os.environ, **asked})
    assert done.stdout.split() == ["plain,THROTTLED"]

"""``loganalyzer rules``, and ``--rules`` of the commands that judge and explain."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest

from loganalyzer import vocabulary
from loganalyzer.classifier.rules import catalogue, catalogue_with
from loganalyzer.cli import main
from loganalyzer.cli.rules import COMMANDS, rules
from loganalyzer.reports.words import MEANINGS
from tests.cli.conftest import Library, Run

ROOT = Path(__file__).parents[2]
SHOP = str(ROOT / "fixtures" / "rules" / "shop.toml")
CAPTURE = str(ROOT / "fixtures" / "captures" / "error.log")
OWN = "X_PACKAGE_UNREADABLE"


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """Rules with two faults."""
    path = tmp_path / "broken.toml"
    text = Path(SHOP).read_text(encoding="utf-8")
    path.write_text(text.replace('"BACKEND"', '"BACKND"').replace("https://wiki.example.com/partner", "partner"))
    return path


def test_sound_rules_are_summed_up(run: Run) -> None:
    """Of a sound file the check says what it adds and what it overrides, and ends with 0."""
    result = run("rules", "check", SHOP)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        f"{SHOP}: 2 rules, no problem",
        f"  adds       {OWN}: Lambda may not read the files of the deployment package",
        "  overrides  THROTTLED (of the catalogue): A client of the shop calls too often",
    ]


def test_a_check_tells_all_problems_of_all_files(run: Run, broken: Path) -> None:
    """Every problem stands on standard output with its place, a sound file among broken ones too; it ends with 2."""
    result = run("rules", "check", str(broken), SHOP)
    assert (result.exit_code, result.stderr) == (2, "")
    assert f"{broken}:5:9: {OWN}: stage cannot be 'BACKND'\n     5 | stage = \"BACKND\"\n" in result.stdout
    assert f"{broken}:19:8: THROTTLED: link must start with https://" in result.stdout
    assert f"{broken}: 2 problems\n{SHOP}: 2 rules, no problem" in result.stdout


def test_a_check_of_what_is_no_file(run: Run, tmp_path: Path) -> None:
    """A file that is not there, and none at all, are one line and a tip."""
    missing = run("rules", "check", str(tmp_path / "none.toml"))
    assert (missing.exit_code, missing.stdout) == (2, "")
    assert missing.stderr.splitlines()[0] == f"error: {tmp_path / 'none.toml'}: no such file or directory"
    nothing = run("rules", "check")
    assert (nothing.exit_code, len(nothing.stderr.splitlines())) == (2, 2)


def test_a_check_without_the_package_for_patterns(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where RE2's package is missing, the check says once what to install."""
    monkeypatch.setitem(sys.modules, "re2", None)
    result = run("rules", "check", SHOP)
    assert result.exit_code == 2
    assert "patterns need the package google-re2, which is not installed" in result.stdout
    assert "pip install 'loganalyzer[rules]'" in result.stdout
    assert f"{SHOP}: 1 problem" in result.stdout


@pytest.mark.parametrize("category", ["THROTTLED", "proxy-integ-error"])
def test_an_entry_to_begin_with(run: Run, tmp_path: Path, category: str) -> None:
    """What is shown of an entry is a sound rules file, which overrides the entry with itself."""
    name = category.upper().replace("-", "_")
    shown = run("rules", "show", category)
    assert shown.exit_code == 0
    assert list(tomllib.loads(shown.stdout)) == [name]
    own = tmp_path / "own.toml"
    own.write_text(shown.stdout, encoding="utf-8")
    assert catalogue_with(own) == catalogue()
    assert f"overrides  {name}" in run("rules", "check", str(own)).stdout


def test_only_categories_are_shown(run: Run) -> None:
    """A name that is no category gets the nearest ones."""
    assert run("rules", "show", "THROTLED").stderr == "error: 'THROTLED' is no category\ntip: did you mean THROTTLED?\n"


def test_all_words_are_listed(run: Run) -> None:
    """Every sentence, fact, gateway type and stage that rules may name is listed; facts with what they mean."""
    listed = run("rules", "words").stdout
    for word in (*filter(None, vocabulary.BY_HEAD), *vocabulary.FACTS, *vocabulary.GATEWAY_RESPONSE_TYPES, "REACHED"):
        assert word in listed
    assert MEANINGS.keys() == set(vocabulary.FACTS)


def test_words_can_be_looked_for(run: Run) -> None:
    """With a part of it, only what holds that is listed; where nothing does, that is said."""
    some = run("rules", "words", "timed_out").stdout.splitlines()
    assert [line.split()[0] for line in some if line.startswith("  ")] == ["authorizer_timed_out", "task_timed_out"]
    assert run("rules", "words", "zzz").stdout == "no word that rules know has 'zzz' in it\n"


def test_own_rules_are_in_every_report(run: Run) -> None:
    """Category, title, cause and fix of the user's rules are in the table, and the category in JSON and CSV."""
    table = run("analyze", "--rules", SHOP, "--jobs", "1", CAPTURE).stdout
    for text in (OWN, "Lambda may not read", "chmod -R a+rX", "https://wiki.example.com/deploying", "#api-plans"):
        assert text in table
    assert OWN not in run("analyze", "--jobs", "1", CAPTURE).stdout
    document = json.loads(run("analyze", "--rules", SHOP, "--format", "json", "--jobs", "1", CAPTURE).stdout)
    assert document["summary"]["by_category"][OWN] == sum(row["category"] == OWN for row in document["requests"]) > 0


def test_own_categories_are_known_to_filters_and_conditions(run: Run) -> None:
    """--category and --fail-on take the user's ids, in any order of the options, and no others."""
    options = ["--format", "ndjson", "--jobs", "1", CAPTURE]
    rows = run("analyze", "--category", OWN.lower(), "--rules", SHOP, *options).stdout.splitlines()
    assert {json.loads(row)["category"] for row in rows} == {OWN}
    assert run("analyze", "--fail-on", OWN, "--rules", SHOP, *options).exit_code == 1
    unknown = run("analyze", "--category", OWN, *options)
    assert (unknown.exit_code, unknown.stdout) == (2, "")
    assert f"'{OWN}' is no category" in unknown.stderr
    assert f"did you mean {OWN}" in run("analyze", "--rules", SHOP, "--category", OWN[:-3], *options).stderr


def test_a_trace_tells_the_users_cause_and_fix(run: Run) -> None:
    """The timeline ends in the user's words, as page and as JSON."""
    listed = run("analyze", "--rules", SHOP, "--category", OWN, "--format", "ndjson", "--jobs", "1", CAPTURE).stdout
    wanted = json.loads(listed.splitlines()[0])["request_id"]
    assert "chmod -R a+rX" in run("trace", "--rules", SHOP, wanted, CAPTURE).stdout
    document = json.loads(run("trace", "--rules", SHOP, "--format", "json", wanted, CAPTURE).stdout)
    assert document["explanation"]["title"] == "Lambda may not read the files of the deployment package"
    assert next(step for step in document["steps"] if step["evidence"])["message"].startswith("Lambda execution failed")


def test_own_categories_are_explained(run: Run) -> None:
    """explain knows the user's categories and what shows them; the list has them where they belong."""
    told = run("explain", "--rules", SHOP, OWN.lower()).stdout
    assert told.startswith(f"{OWN}\nLambda may not read")
    assert r"a text that fits \[Errno 13\] Permission denied" in told
    assert "the shop's plans" in run("explain", "--rules", SHOP, "THROTTLED").stdout.lower()
    assert f"  {OWN} " in run("explain", "--rules", SHOP).stdout
    assert run("explain", OWN).exit_code == 2


@pytest.mark.parametrize("command", [["analyze", CAPTURE], ["trace", "0a1b", CAPTURE], ["explain"]])
def test_rules_with_a_fault_are_one_line(run: Run, library: Library, broken: Path, command: list[str]) -> None:
    """The first problem and where to see all of them; nothing is read before."""
    result = run(*command, "--rules", str(broken))
    assert (result.exit_code, result.stdout) == (2, "")
    error, tip = result.stderr.splitlines()
    assert error == f"error: {broken}:5: {OWN}: stage cannot be 'BACKND' (and 1 more)"
    assert tip == f"tip: loganalyzer rules check {broken} shows every problem in its place"
    assert library.asked == []


def test_rules_come_from_anything_that_can_be_read_once(tmp_path: Path) -> None:
    """A pipe, as the shell makes one of <(…), is read once."""
    reader, writer = os.pipe()
    os.write(writer, Path(SHOP).read_bytes())
    os.close(writer)
    done = subprocess.run(
        [sys.executable, "-m", "loganalyzer", "analyze", "--rules", f"/dev/fd/{reader}", "--category", OWN, CAPTURE],
        pass_fds=[reader], capture_output=True, text=True, cwd=ROOT, check=False, timeout=120,
    )  # fmt: skip
    os.close(reader)
    assert (done.returncode, done.stderr) == (0, "")
    assert OWN in done.stdout


def test_rules_cost_no_start_up() -> None:
    """Explaining by the user's rules loads none of the heavy libraries; help needs not even the catalogue."""
    code = (
        "import sys\nfrom loganalyzer.cli import main\n"
        f"try:\n    main(['explain', '--rules', {SHOP!r}, {OWN!r}])\nexcept SystemExit:\n    pass\n"
        "print([n for n in ('numpy', 'pandas', 'boto3', 'rich', 'dateutil') if n in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stderr == "[]\n"
    assert done.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_the_commands_about_rules_have_help(run: Run, name: str) -> None:
    """Each says what it does, with examples and exit codes."""
    command = rules.get_command(click.Context(main), name)
    assert command is not None
    assert command.help
    told = run("rules", name, "--help").stdout
    assert f"  loganalyzer rules {name}" in told
    assert "Exit codes:\n  0  done" in told
    assert all(len(line) <= 80 for line in told.splitlines())
    assert f"  {name}  " in run("rules", "--help").stdout


def test_the_shell_can_complete_own_categories() -> None:
    """Completion knows the user's categories where the rules are named before, and minds no faults in them."""
    env = {**os.environ, "_LOGANALYZER_COMPLETE": "bash_complete", "COMP_CWORD": "4"}
    for file, found in ((SHOP, [f"plain,{OWN}"]), ("/nowhere.toml", [])):
        words = f"loganalyzer explain --rules {file} X_"
        code = "from loganalyzer.cli import main; main(prog_name='loganalyzer')"
        done = subprocess.run(
            [sys.executable, "-c", code], env={**env, "COMP_WORDS": words}, capture_output=True, text=True, cwd=ROOT,
            check=False, timeout=120,
        )  # fmt: skip
        assert done.stdout.split() == found

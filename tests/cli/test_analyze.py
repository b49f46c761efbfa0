"""``loganalyzer analyze``: formats, filters, exit codes, and where the output goes."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from loganalyzer.coverage import Example, Problem
from loganalyzer.errors import NothingReadable, UsageError
from tests.cli.conftest import Library, Run
from tests.reports.samples import ANSWERED, CUT_SHORT, DENIED, FAILED, SUCCEEDED, FakeAnalysis, coverage


def test_the_table_is_the_default(run: Run, library: Library) -> None:
    """Without options people get the table, all of it on standard output."""
    result = run("analyze", "x.log")
    assert result.exit_code == 0
    assert "PROXY_INTEG_ERROR · 1 request · stopped at BACKEND" in result.stdout
    assert result.stderr == ""
    assert library.asked[0][0] == ("x.log",)


def test_json_has_failed_and_incomplete_requests(run: Run, library: Library) -> None:
    """The document lists what failed or is incomplete; --all adds the rest; the summary counts all either way."""
    for more, listed in (([], 4), (["--all"], 5)):
        document = json.loads(run("analyze", "--format", "json", *more, "x.log").stdout)
        assert len(document["requests"]) == listed
        assert document["summary"]["requests"] == 5


def test_a_note_to_paste(run: Run, library: Library) -> None:
    """Markdown has headline and table, and filters count."""
    text = run("analyze", "--format", "md", "x.log").stdout
    assert text.startswith("**3 of 5 requests failed (60.0 %).**\n")
    assert "| 1 | [PROXY_INTEG_ERROR](https://" in text
    assert "PROXY_INTEG_ERROR" not in run("analyze", "--format", "md", "--method", "GET", "x.log").stdout


def test_ndjson_and_csv(run: Run, library: Library) -> None:
    """Both give one request a row."""
    lines = run("analyze", "--format", "ndjson", "x.log").stdout.splitlines()
    assert [json.loads(line)["category"] for line in lines] == [
        *("PROXY_INTEG_ERROR", "BACKEND_RETURNED_4XX", "ACCESS_DENIED", "INCOMPLETE")
    ]
    result = run("analyze", "--format", "csv", "x.log")
    assert result.stdout_bytes.count(b"\r\n") == 5
    assert len(list(csv.DictReader(io.StringIO(result.stdout_bytes.decode())))) == 4


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        (["--category", "access-denied"], [DENIED]),
        (["--category", "ACCESS_DENIED", "--category", "INCOMPLETE"], [DENIED, CUT_SHORT]),
        (["--client-status", "5xx"], [FAILED]),
        (["--client-status", "404", "--client-status", "403"], [ANSWERED, DENIED]),
        (["--path", "/orders"], [FAILED, ANSWERED, CUT_SHORT]),
        (["--method", "get"], [ANSWERED]),
        (["--since", "2026-11-21T00:00Z"], []),
        (["--until", "2026-11-20T12:00:01Z"], [FAILED, ANSWERED, DENIED, CUT_SHORT]),
    ],
)
def test_filters(run: Run, library: Library, options: list[str], ids: list[object]) -> None:
    """Only what passes the filters is listed and counted, and the report says that a filter was on."""
    document = json.loads(run("analyze", "--format", "json", *options, "x.log").stdout)
    assert [row["request_id"] for row in document["requests"]] == [r.request_id for r in ids]  # type: ignore[attr-defined]
    assert len(document["summary"]["filters"]) == 1
    assert run("analyze", *options, "x.log").stdout.startswith("Only requests ")


@pytest.mark.parametrize(
    ("options", "moment"),
    [
        (["--since", "2026-11-20 13:00"], "2026-11-20 11:00:00Z"),
        (["--since", "2026-11-20 13:00", "--utc"], "2026-11-20 13:00:00Z"),
        (["--utc", "--since", "2026-11-20 13:00"], "2026-11-20 13:00:00Z"),
        (["--since", "2026-11-20 13:00Z"], "2026-11-20 13:00:00Z"),
        (["--since", "2026-10-25 03:30"], "2026-10-25 00:30:00Z"),
        (["--until", "2026-10-25 03:30"], "2026-10-25 01:30:00Z"),
    ],
)
def test_times_are_local(
    run: Run, library: Library, monkeypatch: pytest.MonkeyPatch, options: list[str], moment: str
) -> None:
    """Times without a zone are those of this computer, or UTC with --utc; the report tells in UTC what it took."""
    monkeypatch.setenv("TZ", "Europe/Helsinki")
    told = run("analyze", "--format", "json", *options, "x.log")
    assert moment in json.loads(told.stdout)["summary"]["filters"][0]


@pytest.mark.parametrize(
    ("condition", "code"),
    [("PROXY_INTEG_ERROR", 1), ("THROTTLED", 0), ("gateway", 1), ("5xx", 1), ("any", 1), ("GATEWAY", 1)],
)
def test_fail_on(run: Run, library: Library, condition: str, code: int) -> None:
    """The command ends with 1 if a reported request meets a condition."""
    assert run("analyze", "--fail-on", condition, "x.log").exit_code == code


@pytest.mark.parametrize(
    ("requests", "conditions", "code"),
    [
        ([ANSWERED], ["gateway", "5xx"], 0),
        ([ANSWERED], ["any"], 1),
        ([CUT_SHORT, SUCCEEDED], ["any", "gateway", "5xx"], 0),
        ([CUT_SHORT], ["INCOMPLETE"], 1),
        ([DENIED], ["THROTTLED", "gateway"], 1),
    ],
)
def test_what_fail_on_means(
    run: Run, library: Library, requests: list[object], conditions: list[str], code: int
) -> None:
    """The backend's answers are no failures of the gateway, and incomplete requests fail only by name."""
    library.analysis = FakeAnalysis(requests)  # type: ignore[arg-type]
    options = [word for condition in conditions for word in ("--fail-on", condition)]
    for form in ("table", "json", "ndjson", "csv"):
        assert run("analyze", "--format", form, *options, "x.log").exit_code == code


def test_fail_on_looks_at_reported_requests(run: Run, library: Library) -> None:
    """A failure that the filters keep out does not count."""
    assert run("analyze", "--fail-on", "any", "--method", "DELETE", "x.log").exit_code == 0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"problems": [Problem("b.gz", "ends early")]}, "1 input problem"),
        ({"unknown_lines": Example(2, "?")}, "2 unreadable lines"),
        ({"unknown_sentences": Example(1, "?")}, "1 unknown message"),
    ],
)
def test_strict_demands_that_all_was_read(run: Run, library: Library, change: dict[str, object], said: str) -> None:
    """With --strict the report is written, then the command ends with 4 and says what was not read."""
    library.analysis = FakeAnalysis([FAILED], covered=coverage(**change))
    assert run("analyze", "x.log").exit_code == 0
    result = run("analyze", "--strict", "x.log")
    assert result.exit_code == 4
    assert "PROXY_INTEG_ERROR" in result.stdout
    assert said in result.stderr


def test_strict_demands_that_all_was_judged(run: Run, library: Library) -> None:
    """Incomplete and unclassified requests are not all there is to know; a clean log passes; --fail-on comes first."""
    assert run("analyze", "--strict", "x.log").exit_code == 4
    library.analysis = FakeAnalysis([replace(FAILED, category="UNCLASSIFIED")])
    assert "1 UNCLASSIFIED request" in run("analyze", "--strict", "x.log").stderr
    assert run("analyze", "--strict", "--fail-on", "any", "x.log").exit_code == 1
    library.analysis = FakeAnalysis([FAILED, SUCCEEDED])
    assert run("analyze", "--strict", "x.log").exit_code == 0


def test_output_goes_to_a_file_whole_or_not_at_all(run: Run, library: Library, tmp_path: Path) -> None:
    """--output replaces the file when all is written; if something fails the old one stays and nothing is left over."""
    target = tmp_path / "report.json"
    target.write_text("old")
    library.analysis = FakeAnalysis([FAILED, replace(FAILED, first_seen="no time")])  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        raise run("analyze", "--format", "json", "-o", str(target), "x.log").exception or AssertionError
    assert target.read_text() == "old"
    library.analysis = FakeAnalysis([FAILED])
    result = run("analyze", "--format", "json", "-o", str(target), "x.log")
    assert (result.exit_code, result.stdout) == (0, "")
    assert json.loads(target.read_text())["requests"][0]["request_id"] == FAILED.request_id
    assert list(tmp_path.iterdir()) == [target]


def test_a_table_in_a_file_is_plain(run: Run, library: Library, tmp_path: Path) -> None:
    """The table can be written to a file as text."""
    assert run("analyze", "-o", str(tmp_path / "report.txt"), "x.log").exit_code == 0
    assert "PROXY_INTEG_ERROR" in (tmp_path / "report.txt").read_text(encoding="utf-8")


def test_output_that_cannot_be_written_is_one_line(run: Run, library: Library, tmp_path: Path) -> None:
    """A directory that is not there is named in one line, before anything is read."""
    result = run("analyze", "-o", str(tmp_path / "none" / "report.txt"), "x.log")
    assert result.exit_code == 2
    assert "there is no directory" in result.stderr
    assert library.asked == []


@pytest.mark.parametrize("form", ["table", "json", "ndjson", "csv"])
def test_secrets_are_masked_unless_asked_for(run: Run, library: Library, form: str) -> None:
    """Every format masks what is secret in evidence, paths and examples; --no-redact shows it."""
    leaky = replace(FAILED, evidence=("token=top-secret-1",), path="/x/kim@example.com", resource="")
    library.analysis = FakeAnalysis([leaky], covered=coverage(unknown_lines=Example(1, "password=top-secret-2")))
    assert "top-secret" not in run("analyze", "--format", form, "x.log").stdout
    assert "kim@" not in run("analyze", "--format", form, "x.log").stdout
    assert "top-secret-1" in run("analyze", "--format", form, "--no-redact", "x.log").stdout


def test_parquet_is_not_written_to_a_terminal(run: Run, library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes that are no text need a file; that is said before anything is read."""
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda self: True, raising=False)
    result = run("analyze", "--format", "parquet", "x.log")
    assert result.exit_code == 2
    assert "tip: name a file for it: -o requests.parquet" in result.stderr
    assert library.asked == []


def test_parquet_that_cannot_be_written_leaves_nothing(run: Run, library: Library, tmp_path: Path) -> None:
    """If writing fails half-way, the file that was there stays, and no other is left."""
    target = tmp_path / "requests.parquet"
    target.write_text("before")
    library.analysis = FakeAnalysis([replace(FAILED, status="no number")])  # type: ignore[arg-type]
    assert run("analyze", "--format", "parquet", "-o", str(target), "x.log").exit_code != 0
    assert [(path, path.read_text()) for path in tmp_path.iterdir()] == [(target, "before")]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (["--field", "message=payload"], {"message": "payload"}),
        (["--field", "Request-Id = rid", "--field", "timestamp=a=b"], {"request_id": "rid", "timestamp": "a=b"}),
    ],
)
def test_fields_are_passed_on(run: Run, library: Library, said: list[str], expected: dict[str, str]) -> None:
    """The user's word on fields goes to the library, for analyze and trace."""
    assert run("analyze", *said, "x.log").exit_code == 0
    assert run("trace", *said, FAILED.request_id, "x.log").exit_code == 0
    assert [asked[1]["fields"] for asked in library.asked] == [expected, expected]


def test_filters_see_what_is_masked(run: Run, library: Library) -> None:
    """A path can be asked for by what it was, though it is shown masked."""
    library.analysis = FakeAnalysis([replace(FAILED, path="/x/kim@example.com", resource="")])
    document = json.loads(run("analyze", "--format", "json", "--path", "/x/kim*", "x.log").stdout)
    assert document["requests"][0]["path"] == "/x/********@example.com"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--category", "PROXY_INTEG_EROR"], "did you mean PROXY_INTEG_ERROR"),
        (["--category", "zzz"], "explain lists all categories"),
        (["--fail-on", "gatewy"], "did you mean GATEWAY"),
        (["--client-status", "5x"], "502 or a class of them as 5xx"),
        (["--client-status", "999"], "is no status"),
        (["--since", "10 mai"], "'10 mai' is not a time"),
        (["--since", "1h", "--until", "2h"], "--since is later than --until"),
        (["--format", "xml"], "'xml'"),
        (["--jobs", "0"], "--jobs"),
        (["--field", "message"], "there is no '='"),
        (["--field", "mesage=x"], "did you mean message?"),
        (["--field", "message="], "message=NAME"),
        (["--nonsense"], "No such option"),
    ],
)
def test_values_that_make_no_sense(run: Run, library: Library, arguments: list[str], said: str) -> None:
    """A wrong option ends with 2, one line that names it, and a tip."""
    result = run("analyze", *arguments, "x.log")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert said in result.stderr
    error, tip = result.stderr.splitlines()
    assert error.startswith("error: ")
    assert tip.startswith("tip: ")


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (
            NothingReadable("x.log: an access log", tip="take the execution log"),
            3,
            "error: x.log: an access log\ntip: take",
        ),
        (UsageError("x.log: no such file"), 2, "error: x.log: no such file"),
        (PermissionError(13, "Permission denied", "x.log"), 2, "error: x.log: permission denied\ntip: check who"),
        (UsageError("\x1b[2J.log: no such file"), 2, r"error: \x1b[2J.log"),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_failures_are_one_line_and_a_code(
    run: Run, library: Library, error: BaseException, code: int, said: str
) -> None:
    """Whatever goes wrong is said in one line, without a traceback, and the exit code tells which kind it was."""
    library.error = error
    result = run("analyze", "x.log")
    assert result.exit_code == code
    assert result.stderr.strip().startswith(said)


def test_standard_input_is_read_where_something_is_piped_in(run: Run, library: Library) -> None:
    """Without PATH, or with -, the source is standard input as bytes."""
    for arguments in ([], ["-"]):
        assert run("analyze", *arguments, stdin=b"log").exit_code == 0
        ((source,), _) = library.asked[-1]
        assert hasattr(source, "read")


def test_a_terminal_is_not_waited_for(run: Run, library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without PATH and with nobody piping, the command says what to do instead of waiting for typing."""
    monkeypatch.setattr("loganalyzer.cli.options._nothing_is_piped_in", lambda: True)
    result = run("analyze")
    assert result.exit_code == 2
    assert "no PATH given" in result.stderr
    assert "exports/" in result.stderr


def test_jobs_are_passed_on(run: Run, library: Library) -> None:
    """The number of processes goes to the library."""
    run("analyze", "--jobs", "2", "x.log")
    assert library.asked[0][1]["jobs"] == 2

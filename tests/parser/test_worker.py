"""Scanning in several processes: the same table, from scripts of any kind."""

from __future__ import annotations

import gzip
import io
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import loganalyzer
from loganalyzer.analysis import Analysis
from loganalyzer.formats import find_inputs, inputs, parting
from loganalyzer.formats.export import seams
from loganalyzer.parser import reader, table, worker
from loganalyzer.parser.worker import in_order, run_in_processes
from loganalyzer.reading import analyze
from loganalyzer.reports.documents import csv_table, json_document, ndjson
from loganalyzer.reports.report import Report
from loganalyzer.simulate import simulate
from tests.formats.entries import Entry
from tests.formats.written_documents import filter_log_events
from tests.parser.logs import BAD, A, lines, on_disk, text

ROOT = Path(loganalyzer.__file__).parents[1]


PIECES = (
    b"2026-11-02T09:15:42.118Z (3f2b8c1e-7a45-4d09-9c6e-5b1d2e8f7a10) HTTP Method: GET\n",
    b"2026-11-02T09:15:42.118Z (c2VsZi1tYWRl=) Endpoint response body before transformations: {" + b"x" * 500 + b"\n",
    b"}\n\n\tmore\n",
    b"y" * 300 + b"\n",
)


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export of several streams."""
    return simulate(tmp_path_factory.mktemp("worker") / "export", requests=400, streams=6, failures=0.4, odd_ids=True)


def counts(analysis: Analysis) -> dict[str, Any]:
    """What coverage says, but for examples (any will do) and the order of problems."""
    coverage = asdict(analysis.coverage)
    for name in ("unknown_lines", "unknown_sentences"):
        coverage[name] = coverage[name]["count"]
    return {**coverage, "problems": sorted(map(str, coverage["problems"]))}


@pytest.mark.parametrize("cores", [2, 64])
def test_processes_find_what_one_finds(export: Path, cores: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes give the table, the counts and the timelines that one gives, also where each reads ahead."""
    monkeypatch.setattr(table, "cores", lambda: cores)
    one, two = analyze(export, jobs=1), analyze(export, jobs=2)
    assert list(two.records(everything=True)) == list(one.records(everything=True))
    assert two.summary() == one.summary()
    assert counts(two) == counts(one)
    failed = next(record.request_id for record in one.records() if record.evidence)
    assert two.timeline(failed) == one.timeline(failed)


def test_a_long_file_is_shared_between_processes(export: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An uncompressed file is read in stretches, with the table, counts and timelines that reading it whole gives."""
    path = tmp_path / "whole.log"
    path.write_bytes(b"".join(gzip.decompress(part.read_bytes()) for part in sorted(export.rglob("*.gz"))))
    one = analyze(path, jobs=1)
    monkeypatch.setattr(table, "_LEAST", 10_000)
    assert len(table._stretches(list(enumerate(find_inputs([path]))), 10_000)) > 10
    two = analyze(path, jobs=2)
    assert list(two.records(everything=True)) == list(one.records(everything=True))
    assert counts(two) == counts(one)
    request_id = next(one.records()).request_id
    assert two.timeline(request_id) == one.timeline(request_id)


def test_a_long_document_is_shared_between_processes(
    export: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A document of JSON is read in parts, with the same table, counts and timelines by one process and by two."""
    whole = b"".join(gzip.decompress(part.read_bytes()) for part in sorted(export.rglob("*.gz")))
    log = [Entry(event.time or 0, event.request_id, event.message.decode()) for event in reader.events([whole])]
    path = tmp_path / "whole.json"
    path.write_bytes(filter_log_events(sorted(log, key=lambda entry: entry.time)))
    unparted = analyze(path, jobs=1)
    records = list(unparted.records(everything=True))
    timelines = [unparted.timeline(request.request_id) for request in records[:5]]
    monkeypatch.setattr(table, "_LEAST", 10_000)
    monkeypatch.setattr(inputs, "LONG", 100_000)
    monkeypatch.setattr(parting, "STRETCH", 50_000)
    assert len(table._stretches(list(enumerate(find_inputs([path]))), 10_000)) > 10
    for jobs in (1, 2):
        parted = analyze(path, jobs=jobs)
        assert list(parted.records(everything=True)) == records
        assert counts(parted) == counts(unparted)
        assert [parted.timeline(request.request_id) for request in records[:5]] == timelines


def test_nothing_of_the_working_directory_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers load the modules of this process, whatever files of these names lie where it was started."""
    for name in ("loganalyzer", "numpy", "pickle"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('a stranger')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(ROOT), *(entry for entry in sys.path if entry)])
    assert list(in_order(len, ["a", "bb"], processes=2)) == [1, 2]


@given(st.integers(1, 4000), st.lists(st.sampled_from(PIECES), min_size=1, max_size=40))
def test_stretches_are_whole_events(length: int, drawn: list[bytes]) -> None:
    """Wherever a text is cut into stretches, an event begins there, and together they are the text."""
    whole = PIECES[0] + b"".join(drawn)
    cuts = seams(io.BytesIO(whole), len(whole), length)
    assert (cuts[0], cuts[-1]) == (0, len(whole))
    assert cuts == sorted(set(cuts))
    assert all(whole[cut - 1 : cut] == b"\n" and whole[cut:].startswith(b"2026-") for cut in cuts[1:-1])


def test_a_request_may_be_spread_over_the_files_of_two_processes(tmp_path: Path) -> None:
    """A request whose lines stand in files that different processes read is one request."""
    events = lines(A, *BAD)
    analysis = analyze(*on_disk(tmp_path, text(events[:6]), text(events[6:])), jobs=2)
    (request,) = analysis.records()
    assert (request.category, request.duration_ms) == ("PROXY_INTEG_APIGW_TIMEOUT", len(BAD) - 1)
    assert analysis.coverage.files == 2


def test_problems_of_all_processes_are_told(tmp_path: Path) -> None:
    """What one of the processes cannot read stands in coverage."""
    analysis = analyze(*on_disk(tmp_path, text(lines(A, *BAD)), b"", b"\x89PNG\r\n"), jobs=3)
    assert sorted(Path(problem.where).name for problem in analysis.coverage.problems) == ["000001", "000002"]


def test_a_script_needs_no_guard(export: Path, tmp_path: Path) -> None:
    """A script that calls the library at its top level, without a guard, gets its answer once."""
    script = tmp_path / "script.py"
    script.write_text(
        f"import loganalyzer\nprint(loganalyzer.analyze({str(export)!r}, jobs=2).coverage.files, flush=True)\n"
    )
    done = run(sys.executable, str(script), cwd=tmp_path)
    assert (done.stdout, done.stderr) == ("6\n", "")


def test_standard_input_as_a_script_needs_no_guard(export: Path, tmp_path: Path) -> None:
    """So does a script that is piped into the interpreter, as a notebook's cells are."""
    program = f"import loganalyzer\nprint(loganalyzer.analyze({str(export)!r}, jobs=2).coverage.files)\n"
    done = run(sys.executable, "-", cwd=tmp_path, program=program)
    assert (done.stdout, done.stderr) == ("6\n", "")


def run(*command: str, cwd: Path, program: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command that imports the library from this tree."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, cwd=cwd, input=program, env=environment, capture_output=True, text=True, check=True, timeout=120
    )


def doubled(number: int) -> int:
    """Twice the number."""
    return 2 * number


def refused(number: int) -> int:
    """Nothing: it fails."""
    raise ValueError(f"no {number}")


def each_doubled(numbers: Iterator[int]) -> Iterator[int]:
    """Twice each number, then how many there were."""
    found = []
    for number in numbers:
        found.append(number)
        yield doubled(number)
    yield -len(found)


@pytest.mark.parametrize("here", [None, each_doubled])
def test_every_job_gives_its_result(here: Callable[[Iterator[int]], Iterator[int]] | None) -> None:
    """Each job comes back once, in whatever order, and every process tells in the end of what it has done."""
    found = list(run_in_processes(each_doubled, [1, 2, 3], processes=2, here=here))
    assert sorted(one for one in found if one > 0) == [2, 4, 6]
    assert sum(one for one in found if one <= 0) == -3
    assert len(found) == 3 + 2


def test_no_jobs_give_no_results() -> None:
    """Without jobs nothing is started."""
    assert list(run_in_processes(each_doubled, [], processes=2)) == []


def test_a_job_that_fails_is_not_silent(capfd: pytest.CaptureFixture[str]) -> None:
    """A job that raises ends the run with an error; in order, where it is done again, with its own."""
    with pytest.raises(subprocess.CalledProcessError):
        list(run_in_processes(partial(map, refused), [1], processes=1))
    assert "no 1" in capfd.readouterr().err
    with pytest.raises(ValueError, match="no 1"):
        list(in_order(refused, [1], processes=2))


@pytest.mark.parametrize("processes", [1, 2, 5])
def test_results_come_in_order(processes: int) -> None:
    """However many processes there are, the results come in the order of the jobs, also if some are left."""
    assert list(in_order(doubled, range(100), processes=processes)) == list(range(0, 200, 2))
    some = in_order(doubled, range(100), processes=processes)
    assert [next(some) for _ in range(7)] == list(range(0, 14, 2))
    some.close()  # type: ignore[attr-defined]


def test_processes_at_hand_do_further_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where processes are kept at hand, the same one does one piece of work after another."""
    monkeypatch.setattr(worker, "_staying", [""])
    monkeypatch.setattr(worker, "_at_hand", [])
    try:
        first = list(run_in_processes(process_ids, [1], processes=1))
        assert list(run_in_processes(process_ids, [1], processes=1)) == first
        assert len(worker._at_hand) == 1
    finally:
        worker._end_all()


def test_a_process_started_early_does_the_work_or_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that gets ready in a block is the one that does the work in it; without work it ends with the block."""
    monkeypatch.setattr(worker, "_staying", [])
    monkeypatch.setattr(worker, "_at_hand", [])
    with worker.started_early():
        (early,) = worker._at_hand
        assert list(run_in_processes(process_ids, [1], processes=1)) == [early._child.pid]
    with worker.started_early():
        (idle,) = worker._at_hand
        assert idle._child.poll() is None
    assert not worker._at_hand
    assert early._child.returncode is not None
    assert idle._child.returncode is not None


def test_an_interrupt_is_left_to_who_asked(capfd: pytest.CaptureFixture[str]) -> None:
    """A process that is interrupted from the keyboard goes on without a word: whoever started it ends it."""
    process = worker._Process()
    try:
        found = process.results(process_ids, iter([1, 2]))
        own = next(found)
        os.kill(own, signal.SIGINT)
        assert list(found) == [own]
    finally:
        process.end()
    assert capfd.readouterr().err == ""


def process_ids(jobs: Iterator[int]) -> Iterator[int]:
    """The id of the process for each job."""
    return (os.getpid() for _ in jobs)


def test_requests_are_written_alike_by_several_processes(
    export: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """JSON, lines of JSON and CSV are the same to a byte, whether one process writes all requests or several do."""
    monkeypatch.setattr("loganalyzer.analysis.READ_AGAIN", 0)
    monkeypatch.setattr("loganalyzer.judged.records._PART", 7)
    analysis = analyze(export, jobs=1)
    assert len(analysis.parts(everything=True)) > 50
    told = Report(analysis.coverage, analysis.summary(), partial(analysis.records, everything=True))
    several = replace(told, parts=partial(analysis.parts, everything=True), processes=3)
    for form in (partial(json_document, entries=analysis.entries), ndjson, csv_table):
        assert "".join(form(several)) == "".join(form(told))


@pytest.mark.parametrize("count", [0, 1, 9])
def test_parts_are_told_elsewhere_as_here(export: Path, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A part that was pickled tells the requests that it tells here."""
    monkeypatch.setattr("loganalyzer.analysis.READ_AGAIN", 0)
    monkeypatch.setattr("loganalyzer.judged.records._PART", max(count, 1))
    analysis = analyze(export, jobs=1)
    parts = analysis.parts()
    assert [request for part in parts for request in part] == list(analysis.records())
    for part in parts[:count]:
        assert list(pickle.loads(pickle.dumps(part))) == list(part)


@pytest.mark.parametrize("command", [("/nowhere/python",), (sys.executable, "-c", "raise SystemExit(3)")])
def test_without_processes_the_work_is_done_alone(
    export: Path, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no process can be started, or one is killed, the answer is the same."""
    alone = [request.category for request in analyze(export, jobs=1).records(everything=True)]
    monkeypatch.setattr(worker, "_COMMAND", command)
    assert [request.category for request in analyze(export, jobs=2).records(everything=True)] == alone

"""The make-believe gateway: what it writes is in the true shape, complete, and the same for the same seed."""

from __future__ import annotations

import gzip
import json
import re
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from loganalyzer.cli.simulate import simulate as command
from loganalyzer.errors import UsageError
from loganalyzer.scales import Stage
from loganalyzer.simulate import FAILURES, LEVEL_CHOICES, SUCCESSES, make_requests, parse_size, simulate
from loganalyzer.simulate.interleave import IN_FLIGHT
from loganalyzer.vocabulary import UNKNOWN, match

EVENT = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) \(([^)]+)\) (.*)", re.DOTALL)
NEVER_LOGGED = {
    "COGNITO_UNAUTHORIZED",
    "EXPIRED_TOKEN",
    "INVALID_SIGNATURE",
    "MISSING_AUTHENTICATION_TOKEN",
    "REQUEST_TOO_LARGE",
    "WAF_FILTERED",
}


def files_of(out: Path) -> list[Path]:
    """The log files of an export."""
    return sorted(path for path in out.rglob("000000*"))


def text_of(path: Path) -> bytes:
    """The text of a log file, compressed or not."""
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def events_of(text: bytes) -> list[tuple[bytes, str, bytes]]:
    """Events of exported text (time, request id, message); lines without a prefix continue the event above."""
    events: list[tuple[bytes, str, bytes]] = []
    for line in text.decode().split("\n")[:-1]:
        found = EVENT.fullmatch(line.encode())
        if found:
            events.append((found[1], found[2].decode(), found[3]))
        else:
            at, request_id, message = events[-1]
            events[-1] = (at, request_id, message + b"\n" + line.encode())
    return events


def truths_of(out: Path) -> list[dict[str, Any]]:
    """What the truth file says, one record a request."""
    return [json.loads(line) for line in (out / "truth.ndjson").read_text(encoding="utf-8").splitlines()]


def tree_of(out: Path) -> dict[str, bytes]:
    """Every file below ``out`` by its relative name."""
    return {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export of 3000 mixed requests."""
    return simulate(tmp_path_factory.mktemp("simulated") / "out", requests=3000, seed=5, failures=0.3, streams=8)


def test_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    """The same arguments write the same files, another seed writes others."""
    first, again, other = (
        tree_of(simulate(tmp_path / name, requests=60, seed=seed)) for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert first == again
    assert first.keys() != other.keys()


def test_export_has_the_shape_of_an_s3_export(export: Path) -> None:
    """Streams of 32 hexadecimal digits lie below one task, the write test beside it, the truth outside."""
    names = sorted(tree_of(export))
    logs = [name for name in names if name.endswith(".gz")]
    assert len(logs) == 8
    assert all(re.fullmatch(r"exportedlogs/[0-9a-f-]{36}/[0-9a-f]{32}/000000\.gz", name) for name in logs)
    assert set(names) - set(logs) == {"exportedlogs/aws-logs-write-test", "truth.ndjson"}


def test_truth_covers_every_request_in_the_log(export: Path) -> None:
    """Each request stands in the truth once, with the number of events that it has in its one stream."""
    logged: dict[str, int] = defaultdict(int)
    streams: dict[str, set[Path]] = defaultdict(set)
    for path in files_of(export):
        for _, request_id, _ in events_of(text_of(path)):
            logged[request_id] += 1
            streams[request_id].add(path)
    truths = truths_of(export)
    assert len(truths) == 3000
    assert {truth["request_id"]: truth["lines"] for truth in truths if truth["lines"]} == logged
    assert all(len(where) == 1 for where in streams.values())


def test_failures_have_their_share(export: Path) -> None:
    """As many requests fail as were asked for, within chance; all of them with a share of 1, none with 0."""
    assert sum(bool(truth["category"]) for truth in truths_of(export)) == pytest.approx(900, abs=100)
    assert all(request.truth.category for request in make_requests(200, failures=1.0))
    assert not any(request.truth.category for request in make_requests(200, failures=0.0))


@pytest.mark.parametrize("level", LEVEL_CHOICES)
def test_every_category_occurs_at_every_level(level: str) -> None:
    """Among many failures there is each category that the log can show, rare ones included."""
    found = {request.truth.category for request in make_requests(2500, seed=3, level=level, failures=1.0)}
    assert found == {scenario.category for scenario in FAILURES}
    assert not found & NEVER_LOGGED
    assert len(found) == 46


def test_every_line_is_a_sentence_of_the_vocabulary() -> None:
    """No line of any scenario is unknown to the vocabulary."""
    for failures in (0.0, 1.0):
        for request in make_requests(1500, seed=4, level="trace", failures=failures):
            for _, message in request.lines:
                assert match(message) is not UNKNOWN, message


@pytest.mark.parametrize(
    ("level", "printed"),
    [
        ("trace", {"trace", "info", "always"}),
        ("info", {"info", "always"}),
        ("error", {"always"}),
    ],
)
def test_a_level_prints_only_its_own_lines(level: str, printed: set[str]) -> None:
    """Bodies and headers need data trace; at ERROR there are only failure and closing lines, and none of a success."""
    requests = list(make_requests(800, seed=6, level=level, failures=0.5))
    assert {match(message).printed for request in requests for _, message in request.lines} == printed
    if level == "error":
        assert not any(request.lines for request in requests if not request.truth.category)


def test_lines_are_as_many_and_as_long_as_real_ones() -> None:
    """With data trace a request has some 25 lines of some 300 bytes, and no value is longer than AWS lets it be."""
    requests = list(make_requests(1000, seed=7, level="trace"))
    messages = [message for request in requests for _, message in request.lines]
    assert 20 <= len(messages) / len(requests) <= 30
    assert 250 <= sum(map(len, messages)) / len(messages) + 65 <= 350
    longest = max(messages, key=len)
    assert longest.endswith(b" [TRUNCATED]")
    assert len(longest.decode()) < 1080


def test_bodies_hold_newlines_now_and_then() -> None:
    """A few per cent of the bodies are pretty-printed over several lines."""
    bodies = [
        message
        for request in make_requests(3000, seed=8, level="trace")
        for _, message in request.lines
        if message.startswith(b"Method response body") and message.endswith(b"}")
    ]
    assert 0.01 < sum(b"\n" in body for body in bodies) / len(bodies) < 0.06


def test_interleaving_keeps_the_order_within_a_request(tmp_path: Path) -> None:
    """Requests of a stream mix, up to six at a time; times of a request never run back, nor does it start twice."""
    out = simulate(tmp_path / "out", requests=400, seed=9, level="trace", streams=1, compress=False)
    expected = {truth["request_id"]: truth["lines"] for truth in truths_of(out)}
    (path,) = files_of(out)
    last: dict[str, bytes] = {}
    seen: dict[str, int] = defaultdict(int)
    most = 0
    for at, request_id, message in events_of(text_of(path)):
        assert (match(message).head == "Extended Request Id:") == (request_id not in seen)
        assert last.get(request_id, b"") <= at
        last[request_id] = at
        seen[request_id] += 1
        most = max(most, sum(seen[key] < expected[key] for key in seen))
    assert 2 <= most <= IN_FLIGHT


def test_lines_share_milliseconds() -> None:
    """Most lines of a request come in the same millisecond as the line before, calls take longer."""
    for request in make_requests(50, seed=10, level="trace"):
        times = [at for at, _ in request.lines]
        assert times == sorted(times)
        assert len(set(times)) <= 8


def test_some_files_have_their_halves_swapped(export: Path) -> None:
    """In some streams time jumps back once, in the others it never does."""
    jumps = []
    for path in files_of(export):
        times = [at for at, _, _ in events_of(text_of(path))]
        jumps.append(sum(later < earlier for earlier, later in pairwise(times)))
    assert set(jumps) == {0, 1}


@pytest.mark.parametrize("size", [1_000_000, 5_000_000])
def test_size_is_met_within_five_per_cent(tmp_path: Path, size: int) -> None:
    """The text of all files together is as long as was asked for."""
    out = simulate(tmp_path / "out", size=size, seed=11, streams=3)
    assert sum(len(text_of(path)) for path in files_of(out)) == pytest.approx(size, rel=0.05)


def test_truth_is_what_the_lines_allow() -> None:
    """Status, category and stage of the truth agree with the lines: a status only where one closes the request."""
    for request in make_requests(3000, seed=12, failures=0.6):
        truth = request.truth
        statuses = [match(message).captured(message).get("status") for _, message in request.lines]
        assert [str(truth.status)] == [status for status in statuses if status] or truth.status is None
        assert truth.stopped_at in Stage.__members__
        assert truth.outcome == "succeeded" if "" in truth.shown else truth.outcome in {"failed", "incomplete"}
        if truth.log_level == "info_trace":
            assert truth.category in truth.shown or truth.category == ""


def test_odd_ids_are_mixed_in_only_when_asked_for() -> None:
    """WebSocket ids and replaced invalid ids occur with ``odd_ids`` alone, and then in a few requests."""
    plain = {request.truth.request_id for request in make_requests(400, seed=13)}
    odd = [request.truth.request_id for request in make_requests(400, seed=13, odd_ids=True)]
    assert all(len(request_id) == 36 for request_id in plain)
    assert any(re.fullmatch(r"[\w-]{15}=", request_id) for request_id in odd)
    assert any(request_id.endswith("_REPLACED_INVALID_REQUEST_ID") for request_id in odd)
    assert sum(len(request_id) == 36 for request_id in odd) > 300


def test_scenarios_can_all_happen() -> None:
    """Each scenario is weighted, names a stage or leaves it to the lines, and fits at least one route."""
    from loganalyzer.simulate.api import ROUTES

    for scenario in (*SUCCESSES, *FAILURES):
        assert scenario.weight > 0
        assert any(r.kind in scenario.on and r.traits >= set(scenario.needs) for r in ROUTES), scenario


@pytest.mark.parametrize(
    ("text", "size"),
    [("1GB", 10**9), ("500 MB", 5 * 10**8), ("2MiB", 2 * 2**20), ("1.5kb", 1500), ("4096", 4096), ("3G", 3 * 10**9)],
)
def test_sizes_are_read_as_people_write_them(text: str, size: int) -> None:
    """Decimal and binary units, with and without a space or a B."""
    assert parse_size(text) == size


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--size", "big"], "'big' is not a size"),
        (["--size", "0GB"], "cannot write 0 bytes"),
        (["--requests", "0"], "cannot write 0 requests"),
        (["--requests", "5", "--size", "1MB"], "both"),
        (["--streams", "0"], "cannot write 0 streams"),
        (["--failures", "7.5"], "no share"),
    ],
)
def test_bad_arguments_get_one_clear_line(tmp_path: Path, arguments: list[str], words: str) -> None:
    """A value that makes no sense is named, with a tip, and nothing is written."""
    out = tmp_path / "out"
    result = CliRunner().invoke(command, [*arguments, str(out)])
    assert isinstance(result.exception, UsageError)
    assert words in result.exception.message
    assert result.exception.tip
    assert not out.exists()


def test_nothing_is_written_over(tmp_path: Path) -> None:
    """A directory that holds something, and a file, are refused."""
    (tmp_path / "mine.txt").write_text("keep me", encoding="ascii")
    for out in (tmp_path, tmp_path / "mine.txt"):
        with pytest.raises(UsageError, match="not an empty directory"):
            simulate(out, requests=1)
    assert tree_of(tmp_path) == {"mine.txt": b"keep me"}


def test_command_writes_an_export_and_says_where(tmp_path: Path) -> None:
    """The command prints the directory alone on stdout; ``--no-gzip`` writes plain text."""
    out = tmp_path / "new" / "out"
    result = CliRunner().invoke(command, ["--requests", "30", "--no-gzip", "--level", "info", str(out)])
    assert result.exit_code == 0
    assert result.stdout == f"{out}\n"
    assert len(truths_of(out)) == 30
    assert all(EVENT.match(text_of(path)) for path in files_of(out))


def test_command_offers_every_level() -> None:
    """The levels of the command are those of the library."""
    (option,) = (parameter for parameter in command.params if parameter.name == "level")
    assert option.to_info_dict()["type"]["choices"] == LEVEL_CHOICES


def test_progress_is_told(tmp_path: Path) -> None:
    """Whoever asks is told how far the export is, up to its end."""
    told: list[tuple[int, int]] = []
    simulate(tmp_path / "out", requests=50, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (50, 50)

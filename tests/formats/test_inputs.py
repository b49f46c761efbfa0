"""From paths to inputs: what is found, what is unpacked, and what is said of that which cannot be read."""

from __future__ import annotations

import base64
import gzip
import io
import json
import os
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

from loganalyzer.coverage import Coverage
from loganalyzer.errors import UsageError
from loganalyzer.formats import Input, find_inputs

ID = "3f2b8c1e-7a45-4d09-9c6e-5b1d2e8f7a10"
LOG = (
    f"2026-11-02T09:15:42.118Z ({ID}) Extended Request Id: Qx7ZkHbVoAMEf2g=\n"
    f"2026-11-02T09:15:42.119Z ({ID}) Method request body before transformations: {{\n  1\n}}\n"
    f"2026-11-02T09:15:42.535Z ({ID}) Method completed with status: 502\n"
).encode()


def read(source: Input) -> tuple[bytes, Coverage]:
    """The canonical text of an input and what was lost of it."""
    coverage = Coverage()
    return b"".join(chunk.text for chunk in source.chunks(coverage)), coverage


def at(path: Path, content: bytes) -> Input:
    """The input that a file with ``content`` is."""
    path.write_bytes(content)
    (source,) = find_inputs([path])
    return source


WRAPPINGS: dict[str, Callable[[bytes], bytes]] = {
    "as it is": lambda log: log,
    "gzip": gzip.compress,
    "several gzip members, cut inside a line": lambda log: gzip.compress(log[:100]) + gzip.compress(log[100:]),
    "gzip in gzip": lambda log: gzip.compress(gzip.compress(log)),
    "gzip with zeros behind it": lambda log: gzip.compress(log) + b"\0" * 512,
    "base64 of gzip": lambda log: base64.encodebytes(gzip.compress(log)),
    "a byte order mark": lambda log: b"\xef\xbb\xbf" + log,
    "UTF-16": lambda log: log.decode().encode("utf-16"),
    "UTF-16 without a mark": lambda log: log.decode().encode("utf-16-le"),
}


@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_layers_around_a_log_come_off(tmp_path: Path, wrapping: str) -> None:
    """Whatever a log is wrapped in, and whatever the file is called, its text comes out."""
    text, coverage = read(at(tmp_path / "misleading.json", WRAPPINGS[wrapping](LOG)))
    assert text == LOG
    assert coverage.problems == []


@pytest.mark.parametrize("cut", [1, 8, 200, 2000])
def test_a_truncated_gzip_gives_what_stands_before_the_cut(tmp_path: Path, cut: int) -> None:
    """All that can be inflated is given, and the loss is said."""
    log = b"".join(LOG.replace(b"Qx7Z", os.urandom(16).hex().encode()) for _ in range(500))
    text, coverage = read(at(tmp_path / "000000.gz", gzip.compress(log)[:-cut]))
    assert log.startswith(text.rstrip(b"\n"))
    assert len(text) > len(log) * 0.6
    (problem,) = coverage.problems
    assert "ends early" in problem.what
    assert problem.where.endswith("000000.gz")
    assert problem.tip


@pytest.mark.parametrize("place", [0.3, 0.6, 0.95])
def test_a_damaged_gzip_gives_what_stands_before_the_damage(tmp_path: Path, place: float) -> None:
    """Damage in the midst loses what is behind it, nothing in front of it."""
    log = b"".join(LOG.replace(b"Qx7Z", os.urandom(16).hex().encode()) for _ in range(3000))
    packed = bytearray(gzip.compress(log))
    spot = int(len(packed) * place)
    packed[spot : spot + 40] = b"\xff" * 40
    text, coverage = read(at(tmp_path / "000000.gz", bytes(packed)))
    sound = int(len(log) * (place - 0.1))
    assert text[:sound] == log[:sound]
    assert coverage.problems


def test_a_bomb_without_line_breaks_is_given_up(tmp_path: Path) -> None:
    """A line that no log can hold is not kept in memory; what is lost is said."""
    text, coverage = read(at(tmp_path / "bomb.gz", gzip.compress(b"a" * (40 << 20), 1)))
    assert text == b""
    assert "longer than 16 MB" in coverage.problems[0].what


FOREIGN = {
    "empty": (b"", "empty"),
    "blank": (b"\n  \n", "empty"),
    "binary": (bytes(range(256)) * 20, "binary data"),
    "a ZIP archive": (b"PK\x03\x04" + b"x" * 50, "ZIP"),
    "a Parquet file": (b"PAR1" + b"\x15\x04" * 50, "Parquet"),
    "an access log in CLF": (
        b'1.2.3.4 - - [02/Nov/2026:09:15:42 +0000] "GET / HTTP/1.1" 200 12 Qx7Z=\n' * 3,
        "access log",
    ),
    "an access log in JSON": (
        (json.dumps({"requestId": ID, "ip": "1.2.3.4", "httpMethod": "GET", "status": "502"}) + "\n").encode() * 3,
        "access log",
    ),
    "an HTTP API's log": (
        (json.dumps({"requestId": "Qx7=", "ip": "1.2.3.4", "routeKey": "GET /", "status": "502"}) + "\n").encode() * 3,
        "HTTP API",
    ),
    "a Lambda log": (f"2026-11-02T09:15:42.118Z START RequestId: {ID} Version: $LATEST\nhello\n".encode(), "Lambda"),
    "a Lambda log as JSON": (
        json.dumps({"events": [{"timestamp": 1, "message": f"REPORT RequestId: {ID} Duration: 3 ms"}]}).encode(),
        "Lambda",
    ),
    "an empty page": (b'{"events": [], "nextToken": "x"}', "empty"),
    "prose": (b"Dear all,\nthe API is down again.\n", "no line of this"),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_what_is_no_execution_log_is_named(tmp_path: Path, kind: str) -> None:
    """One clear sentence and a tip, no events and no exception."""
    content, words = FOREIGN[kind]
    text, coverage = read(at(tmp_path / "input", content))
    assert text == b""
    (problem,) = coverage.problems
    assert words in problem.what
    assert problem.tip
    assert problem.where.endswith("input")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_a_problem(tmp_path: Path) -> None:
    """A file that may not be read is said, the others are read."""
    source = at(tmp_path / "secret", LOG)
    source.path.chmod(0)
    assert "permission" in read(source)[1].problems[0].what


def test_a_file_that_is_gone_is_a_problem(tmp_path: Path) -> None:
    """A file that vanished after it was found is no exception."""
    source = at(tmp_path / "gone", LOG)
    source.path.unlink()
    text, coverage = read(source)
    assert text == b""
    assert "cannot be read" in coverage.problems[0].what


def test_directories_are_walked_in_order(tmp_path: Path) -> None:
    """Files at any depth, sorted, without hidden ones and the object that only tests permissions."""
    for name in ("b/000000.gz", "a/000000.gz", "a/.hidden", ".git/x", "aws-logs-write-test", "c"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(LOG)
    found = [Path(source.name).relative_to(tmp_path).as_posix() for source in find_inputs([tmp_path])]
    assert found == ["c", "a/000000.gz", "b/000000.gz"]


def test_globs_are_resolved_and_each_file_is_read_once(tmp_path: Path) -> None:
    """A glob that the shell left alone works, and a file named twice is one input."""
    for name in ("one.log", "two.log", "other.txt"):
        (tmp_path / name).write_bytes(LOG)
    found = find_inputs([f"{tmp_path}/*.log", tmp_path / "one.log"])
    assert [Path(source.name).name for source in found] == ["one.log", "two.log"]
    assert [source.size for source in found] == [len(LOG), len(LOG)]


@pytest.mark.parametrize("path", ["missing.log", "missing/*.log"])
def test_what_is_not_there_is_a_usage_error(tmp_path: Path, path: str) -> None:
    """A path that does not exist and a glob without a match end in one line with a tip."""
    with pytest.raises(UsageError) as caught:
        find_inputs([str(tmp_path / path)])
    assert caught.value.tip
    assert caught.value.exit_code == 2


def test_standard_input_can_be_read_again() -> None:
    """Standard input is spooled once into a file that only its owner can read."""
    (source,) = find_inputs(["-"], stdin=io.BytesIO(LOG))
    assert read(source)[0] == read(source)[0] == LOG
    assert source.name == "standard input"
    assert source.path.stat().st_mode & 0o077 == 0


def test_file_objects_are_inputs() -> None:
    """An open file is read from where it stands, as often as needed."""
    stream = io.BytesIO(b"skipped\n" + LOG)
    stream.readline()
    (source,) = find_inputs([stream])
    assert read(source)[0] == read(source)[0] == LOG


def test_inputs_travel_to_other_processes(tmp_path: Path) -> None:
    """An input survives pickling, and says the same afterwards."""
    source = at(tmp_path / "log", LOG)
    assert read(pickle.loads(pickle.dumps(source))) == read(source)


def test_made_up_ids_of_two_inputs_do_not_meet(tmp_path: Path) -> None:
    """Bare messages of two files are two requests, though neither has an id."""
    for name in ("one", "two"):
        (tmp_path / name).write_text("Execution failed due to a timeout error\n")
    one, two = (read(source)[0] for source in find_inputs([tmp_path]))
    assert one != two


def test_an_export_passes_untouched_in_large_blocks(tmp_path: Path) -> None:
    """Blocks are cut where an event begins, whatever the length of events."""
    log = LOG * 30_000 + LOG.replace(b"  1\n", b"  1\n" * 2_000_000) + LOG
    source = at(tmp_path / "000000", log)
    chunks = list(source.chunks(Coverage()))
    assert b"".join(chunk.text for chunk in chunks) == log
    assert len(chunks) < 20
    assert all(chunk.text.startswith(b"2026-11-02T09:15:42") and chunk.text.endswith(b"\n") for chunk in chunks)


def test_an_export_that_is_not_clean_is_read_line_by_line(tmp_path: Path) -> None:
    """A foreign line behind a complete sentence is noise, not part of the event."""
    text, coverage = read(at(tmp_path / "pasted", LOG + b"Thanks in advance!\n" + LOG.replace(b"42.", b"43.")))
    assert b"Thanks" not in text
    assert coverage.unknown_lines.count == 1

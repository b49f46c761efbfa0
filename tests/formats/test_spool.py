"""Spooled input leaves nothing behind."""

from __future__ import annotations

import gc
import io
import os
import pickle
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from loganalyzer.formats import spool
from loganalyzer.formats.spool import spooled

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files of the test go."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


@pytest.fixture(params=["nameless", "named"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways to spool: where the system shows nameless files, and where it does not."""
    if request.param == "named":
        monkeypatch.setattr(spool, "MOST_NAMELESS", 0)
    elif not Path("/proc/self/fd").exists():
        pytest.skip("this system does not show files without a name")
    return str(request.param)


def test_it_is_there_as_long_as_its_path(place: Path, way: str) -> None:
    """The text can be read again and again, by its owner alone; when nobody wants it any more it is gone."""
    path = spooled(io.BytesIO(b"secret"))
    assert path.read_bytes() == path.read_bytes() == b"secret"
    assert path.stat().st_mode & 0o077 == 0
    assert len(list(place.iterdir())) == (way == "named")
    del path
    gc.collect()
    assert not list(place.iterdir())
    assert not spool._nameless_files


def test_other_processes_can_read_it(way: str) -> None:
    """A path that was sent to another process is read there, and a copy that goes takes nothing with it."""
    path = spooled(io.BytesIO(b"secret"))
    code = "import pickle, sys; sys.stdout.buffer.write(pickle.load(sys.stdin.buffer).read_bytes())"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    read = subprocess.run(
        [sys.executable, "-c", code], input=pickle.dumps(path), capture_output=True, env=environment, check=True
    )
    assert read.stdout == path.read_bytes() == b"secret"


def test_many_are_spooled_all_the_same(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond a number of open files the others get names."""
    monkeypatch.setattr(spool, "MOST_NAMELESS", 3)
    paths = [spooled(io.BytesIO(b"%d" % number)) for number in range(5)]
    assert [path.read_bytes() for path in paths] == [b"0", b"1", b"2", b"3", b"4"]
    paths.clear()
    gc.collect()
    assert not list(place.iterdir())


@pytest.mark.parametrize(
    ("ending", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130), (signal.SIGKILL, -9)]
)
def test_a_command_that_is_ended_leaves_nothing(place: Path, ending: signal.Signals, code: int) -> None:
    """However a command ends while it works on standard input, no log text is left, and no traceback."""
    program = (
        "import sys, time, loganalyzer.parser.table as table\n"
        "def scan(*_, **__):\n    print('spooled', flush=True)\n    time.sleep(600)\n"
        "table.scan = scan\n"
        "from loganalyzer.cli import main\nmain(['analyze', '-'])"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", program], stdin=pipe, stdout=pipe, stderr=pipe, env=environment) as it:
        assert it.stdin is not None
        assert it.stdout is not None
        it.stdin.write((ROOT / "fixtures" / "captures" / "error.log").read_bytes())
        it.stdin.close()
        it.stdin = None
        assert it.stdout.readline() == b"spooled\n"
        it.send_signal(ending)
        _, said = it.communicate(timeout=60)
    assert it.returncode == code
    assert b"Traceback" not in said
    assert not list(place.iterdir())

"""Batches of Arrow hold the very requests of the analysis."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from loganalyzer import analyze
from loganalyzer.analysis import Analysis
from loganalyzer.arrow.batches import AT_ONCE, Mask
from loganalyzer.model import Request
from loganalyzer.redact import redact, redact_request
from loganalyzer.simulate import simulate
from tests.classifier.cases import case_at, files

ROOT = Path(__file__).parents[2]
MASK = Mask(redact_request, redact)


def requests_in(analysis: Analysis, *, mask: Mask | None = None) -> list[Request]:
    """The requests that the batches of an analysis hold."""
    return [
        Request(**{name: _plain(value) for name, value in row.items()})
        for batch in analysis.batches(everything=True, mask=mask)
        for row in batch.to_pylist()
    ]


def _plain(value: object) -> Any:
    if isinstance(value, list):
        return tuple(value)
    return value.astimezone(UTC) if isinstance(value, datetime) else value


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    """Every fixture, a made-up export, and requests whose texts are none."""
    folder = tmp_path_factory.mktemp("everything")
    for number, path in enumerate(files()):
        (folder / f"{number:06d}.log").write_text(case_at(path).log, encoding="utf-8")
    simulate(folder / "export", requests=400, failures=0.2, odd_ids=True, seed=5)
    line = "2026-01-02T03:04:05.678Z ({}) {}\n"
    odd = [b"a" * 60, b"\xff\xfe-1", "größer".encode(), b"x"]
    told = ("HTTP Method: GET, Resource Path: /p\xe9?token=abcdefgh12345", "Method completed with status: 200")
    text = b"".join(line.format("@", one).encode("latin-1").replace(b"@", raw) for raw in odd for one in told)
    (folder / "odd.log").write_bytes(text)
    return analyze(folder, ROOT / "fixtures" / "captures", jobs=1)


@pytest.mark.parametrize("mask", [None, MASK], ids=["as logged", "masked"])
def test_they_are_the_requests(everything: Analysis, mask: Mask | None) -> None:
    """Row for row, in the same order, each value is that of the request, masked where it is to be."""
    rows = list(everything.records(everything=True))
    wanted = list(map(mask.request, rows)) if mask else rows
    found = requests_in(everything, mask=mask)
    assert len(found) == len(wanted)
    assert [(one, other) for one, other in zip(found, wanted, strict=True) if one != other][:3] == []
    assert {request.outcome for request in found} >= {"failed", "succeeded", "incomplete"}


def test_failures_alone(everything: Analysis) -> None:
    """Without successes the batches hold what the analysis hands out by itself."""
    ids = [name for batch in everything.batches() for name in batch.column("request_id").to_pylist()]
    assert ids == [request.request_id for request in everything.records()]


def test_batches_are_bounded(tmp_path: Path) -> None:
    """A batch holds no more than so many requests, and the types are the same in each."""
    analysis = analyze(simulate(tmp_path / "export", requests=AT_ONCE + 50, level="error", failures=1.0), jobs=1)
    batches = list(analysis.batches(everything=True))
    assert max(batch.num_rows for batch in batches) <= AT_ONCE
    assert pa.Table.from_batches(batches).num_rows == len(list(analysis.records(everything=True)))


def test_pandas_stays_away(tmp_path: Path) -> None:
    """No batch needs pandas, which costs a quarter of a second to load."""
    simulate(tmp_path / "export", requests=100, failures=0.3)
    code = (
        "import sys; from loganalyzer.reading import analyze; "
        f"n = sum(b.num_rows for b in analyze({str(tmp_path / 'export')!r}, jobs=1).batches(everything=True)); "
        "print(n, 'pandas' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.split()[1] == "False"

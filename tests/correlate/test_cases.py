"""Lines of other logs, each with what it comes to: cases as data."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from loganalyzer.correlate.access import records_of
from loganalyzer.correlate.lambdas import LambdaReader
from loganalyzer.correlate.wanted import Wanted
from loganalyzer.coverage import Coverage
from loganalyzer.formats import find_inputs
from loganalyzer.formats.messages import Message, messages_of

G = "3f2a6c1e-9b1d-4c7e-8a55-0d2f7b6c1e90"
L = "8a1b2c3d-0000-4000-8000-5e6f7a8b9c0d"
X = "Qx7ZkHbVoAMEf2g="
T = "1-6ae85181-885adca938cb2af258ed04a1"

Case = dict[str, Any]


def cases(name: str) -> dict[str, Case]:
    """The cases of one file by name."""
    return tomllib.loads((Path(__file__).parent / "cases" / f"{name}.toml").read_text(encoding="utf-8"))


def filled(text: str) -> str:
    """A text of a case with the ids in it."""
    return text.format(G=G, L=L, X=X, T=T) if "{" in text else text


def wanted(*, integration: str = L) -> Wanted:
    """One request with all its ids."""
    found = Wanted(by_request={G: [0]}, by_extended={X: [0]})
    found.add_integration(0, integration)
    found.add_trace(0, T)
    return found


def messages(tmp_path: Path, text: str) -> list[Message]:
    """The events of a text in a file."""
    path = tmp_path / "log"
    path.write_text(text, encoding="utf-8")
    (source,) = find_inputs([path])
    return list(messages_of(source, Coverage()))


LAMBDA = cases("lambda_logs")
ACCESS = cases("access_logs")


@pytest.mark.parametrize("name", LAMBDA)
def test_lambda_logs(name: str, tmp_path: Path) -> None:
    """The lines of a run come to its measures, its error and its end; runs of other requests are not kept."""
    case = LAMBDA[name]
    reader = LambdaReader(wanted())
    reader.read("log", messages(tmp_path, filled(case["log"].lstrip("\n"))))
    reader.finish()
    if "run" not in case:
        assert reader.kept == {}
        return
    run = reader.kept[case.get("named", L)]
    expected = {key: filled(value) if isinstance(value, str) else value for key, value in case["run"].items()}
    assert {key: getattr(run, key) for key in expected} == expected


@pytest.mark.parametrize("name", ACCESS)
def test_access_logs(name: str, tmp_path: Path) -> None:
    """A line in any format comes to a record, whatever its fields are called."""
    case = ACCESS[name]
    record, has_id = list(records_of(messages(tmp_path, filled(case["log"].lstrip("\n"))), wanted()))[-1]
    expected = {key: filled(value) if isinstance(value, str) else value for key, value in case["record"].items()}
    expected = {key: None if value == -1 else value for key, value in expected.items()}
    if "unset" in expected:
        expected["unset"] = frozenset(expected["unset"])
    assert {key: getattr(record, key) for key in expected} == expected
    assert has_id == bool(record.request_id)

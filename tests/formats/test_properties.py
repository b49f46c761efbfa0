"""Whatever bytes come in: nothing raises, what goes out is canonical, and a second look sees the same."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loganalyzer.coverage import Coverage
from loganalyzer.formats import Chunk, find_inputs
from loganalyzer.vocabulary import SENTENCES

EVENT = re.compile(rb"(?:\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z|-) \([^\s()]+\) ?")

PIECES = [
    *(sentence.head.replace("…", "x y") for sentence in SENTENCES[1:]),
    "3f2b8c1e-7a45-4d09-9c6e-5b1d2e8f7a10",
    "(3f2b8c1e-7a45-4d09-9c6e-5b1d2e8f7a10) ",
    "(Qx7ZkHbVoAMEf2g=) ",
    "(xx..) ",
    "Mon Nov 02 09:15:42 UTC 2026 : ",
    "2026-11-02T09:15:42.118Z ",
    "2026-11-02T09:15:42.118+09:00\t",
    "0f1e2d3c4b5a69788796a5b4c3d2e1f0 ",
    "1793610942118\t",
    '{"a": "b',
    "#Fields: timestamp requestId message\n",
    '{"event_timestamp": 1793610942118, "payload": "(a) ',
    "2026-11-02T09:15:42.118Z {",
    "timestamp|payload\n",
    '"}',
    '"}',
    "{a=b}",
    "[TRUNCATED]",
    " ",
    "\n",
    "\n\n",
    "\r\n",
    "\t",
    "`",
    '"',
    "| ",
    "<br>",
    "&quot;",
    "\x1b[31m",
    "\u200b",
    "\ufffd",
    "\\n",
    '{"events": [{"timestamp": 1793610942118, "message": "',
    '{"timestamp": 1, "message": "x", "eventId": "1"},',
    '"}]}',
    '{"log": "Execution log for request x\\nMon Nov 02 09:15:42 UTC 2026 : y"}',
    "502",
    "prose and more of it",
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=30).map("".join).map(lambda text: text.encode("utf-8"))
ANY = st.one_of(st.binary(max_size=2000), TEXTS, TEXTS.map(gzip.compress), TEXTS.map(lambda t: gzip.compress(t)[:-5]))


def read(path: Path) -> tuple[list[Chunk], Coverage]:
    """All chunks of the one input at ``path``."""
    coverage = Coverage()
    (source,) = find_inputs([path])
    return list(source.chunks(coverage)), coverage


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that each example overwrites."""
    return tmp_path_factory.mktemp("any") / "input"


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=ANY)
def test_any_bytes_become_canonical_text_or_a_problem(place: Path, content: bytes) -> None:
    """No input raises; each line given out is an event or continues one; nothing at all is said aloud."""
    place.write_bytes(content)
    chunks, coverage = read(place)
    again, coverage_again = read(place)
    assert chunks == again
    assert coverage == coverage_again
    assert chunks or coverage.problems
    for chunk in chunks:
        assert chunk.text.endswith(b"\n")
        if chunk.origin.form == "S3 export":
            continue
        lines = chunk.text[:-1].split(b"\n")
        assert EVENT.match(lines[0])
        assert all(line.startswith(b"\t") or EVENT.match(line) for line in lines)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(messages=st.lists(TEXTS, min_size=1, max_size=8))
def test_a_logged_body_never_poses_as_an_event(place: Path, messages: list[bytes]) -> None:
    """A document tells where its events end: whatever they hold, there are as many as in the document."""
    import json

    events = [
        {
            "timestamp": 1793610942118 + i,
            "message": f"(request-{i}) Method request body before transformations: {m.decode()}",
        }
        for i, m in enumerate(messages)
    ]
    place.write_text(json.dumps({"events": events}), encoding="utf-8")
    chunks, _ = read(place)
    text = b"".join(chunk.text for chunk in chunks)
    assert sum(1 for line in text.split(b"\n")[:-1] if not line.startswith(b"\t")) == len(events)

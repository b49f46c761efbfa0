"""Tables of messages - CSV, TSV, Markdown, the text output of the CLI - give their events."""

from __future__ import annotations

from pathlib import Path

import pytest

from loganalyzer.coverage import Coverage
from loganalyzer.formats import find_inputs

ID = "3f2b8c1e-7a45-4d09-9c6e-5b1d2e8f7a10"
STREAM = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
FAILED = "Execution failed due to configuration error: Malformed Lambda proxy response"
PATH = f"2026-11-02T09:15:42.118Z ({ID}) Method request path: {{}}"
CAUSE = f"2026-11-02T09:15:42.535Z ({ID}) {FAILED}"
END = f"2026-11-02T09:15:42.535Z ({ID}) Method completed with status: 502"

CASES: dict[str, tuple[str, list[str], str]] = {
    "the console's CSV, with a body over several lines": (
        f"timestamp,message\r\n1793610942118,({ID}) Method request path: {{}}\r\n"
        f'1793610942534,"({ID}) Method request body before transformations: {{""a"": 1,\n ""b"": 2}}"\r\n'
        f"1793610942535,({ID}) Method completed with status: 502\r\n",
        [
            PATH,
            f'2026-11-02T09:15:42.534Z ({ID}) Method request body before transformations: {{"a": 1,\n\t "b": 2}}',
            END,
        ],
        "console CSV",
    ),
    "Insights as CSV, newest first": (
        f"@logStream,@timestamp,@message\n"
        f"{STREAM},2026-11-02 09:15:42.535,({ID}) Method completed with status: 502\n"
        f"{STREAM},2026-11-02 09:15:42.535,({ID}) {FAILED}\n"
        f"{STREAM},2026-11-02 09:15:42.118,({ID}) Method request path: {{}}\n",
        [PATH, CAUSE, END],
        "Logs Insights",
    ),
    "Insights with the message alone": (
        f"@message\n({ID}) {FAILED}\n({ID}) Method completed with status: 502\n",
        [f"- ({ID}) {FAILED}", f"- ({ID}) Method completed with status: 502"],
        "Logs Insights",
    ),
    "a Markdown table": (
        f"| @timestamp | @message | @logStream |\n|---|:---:|---|\n"
        f"| 2026-11-02 09:15:42.535 | ({ID}) Method completed with status: 502 | {STREAM} |\n"
        f"| 2026-11-02 09:15:42.118 | ({ID}) Method request path: {{}} | {STREAM} |\n",
        [PATH, END],
        "Logs Insights",
    ),
    "a pasted table with row numbers": (
        f"@timestamp\t@message\t@logStream\n"
        f"1\t2026-11-02 09:15:42.118\t({ID}) Method request path: {{}}\t{STREAM}\n"
        f"2\t2026-11-02 09:15:42.535\t({ID}) {FAILED}\t{STREAM}\n",
        [PATH, CAUSE],
        "Logs Insights",
    ),
    "id and message in columns of their own": (
        f"@timestamp,rid,msg\n2026-11-02 09:15:42.118,{ID},Method request path: {{}}\n"
        f"2026-11-02 09:15:42.535,{ID},{FAILED}\n",
        [PATH, CAUSE],
        "Logs Insights",
    ),
    "the CLI's text output": (
        f"EVENTS\t39998860605477836638742998398207632458050793446583083264\t1793610945101\t{STREAM}\t"
        f"({ID}) Method request path: {{}}\t1793610942118\n"
        f"EVENTS\t1793610945101\t({ID}) Method request body before transformations: {{\n\ta\n}}\t1793610942534\n"
        f"EVENTS\t1793610945101\t({ID}) {FAILED}\t1793610942535\n",
        [PATH, f"2026-11-02T09:15:42.534Z ({ID}) Method request body before transformations: {{\n\t\ta\n\t}}", CAUSE],
        "AWS CLI text",
    ),
}


@pytest.mark.parametrize(("content", "expected", "form"), CASES.values(), ids=CASES)
def test_tables_become_their_events(tmp_path: Path, content: str, expected: list[str], form: str) -> None:
    """Columns are found by name, rows are put in order of time, and cells keep their line breaks."""
    path = tmp_path / "table"
    path.write_bytes(content.encode())
    (source,) = find_inputs([path])
    chunks = list(source.chunks(Coverage()))
    events: list[str] = []
    for line in b"".join(chunk.text for chunk in chunks).decode().splitlines():
        if line.startswith("\t"):
            events[-1] += "\n" + line
        else:
            events.append(line)
    assert events == expected
    assert chunks[0].origin.form == form


def test_rows_without_a_message_are_counted(tmp_path: Path) -> None:
    """A row of another log is no event, and is not dropped in silence."""
    path = tmp_path / "table.csv"
    path.write_text(f"timestamp,message\n1793610942118,hello\n1793610942535,({ID}) {FAILED}\n")
    coverage = Coverage()
    (source,) = find_inputs([path])
    assert len(list(source.chunks(coverage))) == 1
    assert coverage.unknown_lines.count == 1

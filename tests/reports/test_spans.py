"""What each part of a request's life took."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from loganalyzer.model import Event, Timeline
from loganalyzer.parser.timeline import read_timeline
from loganalyzer.reports.spans import call_spans, lifecycle_spans, stage_spans, whole
from loganalyzer.scales import Stage
from tests.parser.logs import START
from tests.reports.samples import NOON, TIMELINE, step

CALLED = """
0 Extended Request Id: Qx7ZkHbVoAMEf2g=
0 Starting authorizer: aaaaaa for request: r
2 Sending request to https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/arn:aws:lambda:eu-west-1:1:function:auth/invocations
52 Authorizer result body before parsing: {}
52 Successfully completed authorizer execution
53 Starting execution for request: r
54 Endpoint request URI: https://x.example
60 Sending request to https://x.example
"""
ANSWERED = (
    CALLED
    + """
100 Received response. Status: 200, Integration latency: 40 ms
101 Execution failed due to configuration error: Malformed Lambda proxy response
101 Method completed with status: 502
"""
)
TIMED_OUT = (
    CALLED
    + """
29060 Execution failed due to a timeout error
29061 Method completed with status: 504
29070 X-ray Tracing ID : Root=1-6ae8514c-dc12e57c3f8a97402ce265cf
"""
)


def timeline(text: str) -> Timeline:
    """The timeline of some lines, each after so many milliseconds."""
    said = (line.strip().partition(" ") for line in text.splitlines() if line.strip())
    return read_timeline(Event(START + int(ms), "r", words.encode(), n) for n, (ms, _, words) in enumerate(said))


def lengths(text: str) -> dict[str, tuple[int, int]]:
    """Start and length of each stage in milliseconds."""
    found = timeline(text)
    start = whole(found)
    assert start is not None
    return {s.name: ((s.start - start.start) // timedelta(milliseconds=1), s.milliseconds) for s in stage_spans(found)}


def test_waiting_counts_for_the_backend_that_answered() -> None:
    """The backend's part begins when it was called."""
    assert lengths(ANSWERED) == {
        "ROUTE": (0, 0),
        "AUTHORIZATION": (0, 52),
        "REQUEST_VALIDATION": (53, 0),
        "INTEGRATION_REQUEST": (54, 0),
        "INTEGRATION_INVOCATION": (60, 0),
        "BACKEND": (60, 40),
        "INTEGRATION_RESPONSE": (101, 0),
    }


def test_waiting_in_vain_counts_for_the_call() -> None:
    """Without an answer nothing shows that there is a backend; the closing lines reach no stage."""
    found = lengths(TIMED_OUT)
    assert found["INTEGRATION_INVOCATION"] == (60, 29_000)
    assert "BACKEND" not in found and "COMPLETED" not in found
    assert [part.name for part in lifecycle_spans(timeline(TIMED_OUT))] == [
        "route match", "authorization", "integration invocation",
    ]  # fmt: skip
    total = whole(timeline(TIMED_OUT))
    assert total is not None and total.milliseconds == 29_070


def test_calls_are_told_apart() -> None:
    """The authorizer's call and the integration's, each from sending to the next line."""
    calls = [(call.name, call.milliseconds, call.target[:20]) for call in call_spans(timeline(ANSWERED))]
    assert calls == [
        ("authorizer call", 50, "https://lambda.eu-we"),
        ("integration call", 40, "https://x.example"),
    ]


def test_lines_without_a_time() -> None:
    """A line without a time has that of the line before; where no line has one there is no span."""
    untimed = replace(TIMELINE.steps[3], time=None)
    steps = (*TIMELINE.steps[:3], untimed, *TIMELINE.steps[4:])
    assert whole(replace(TIMELINE, steps=steps)) is not None
    nothing = replace(TIMELINE, steps=tuple(replace(one, time=None) for one in TIMELINE.steps))
    assert whole(nothing) is None and stage_spans(nothing) == [] and list(call_spans(nothing)) == []


moments = st.one_of(st.none(), st.integers(0, 100_000))


@given(st.lists(st.tuples(st.sampled_from(Stage), moments, st.booleans()), max_size=8), st.sampled_from(Stage))
def test_every_part_lies_within_the_whole(rows: list[tuple[Stage, int | None, bool]], stopped: Stage) -> None:
    """Whatever clocks do, no span is of negative length or reaches beyond the request."""
    steps = tuple(
        replace(
            step("Sending request to https://x" if call else "said", stage),
            time=None if at is None else NOON + timedelta(milliseconds=at),
            sentence="Sending request to" if call else "said",
        )
        for stage, at, call in rows
    )
    found = Timeline("r", steps, stopped, "none", "time")
    total = whole(found)
    for span in (*lifecycle_spans(found), *stage_spans(found), *call_spans(found)):
        assert total is not None and total.start <= span.start <= span.end <= total.end

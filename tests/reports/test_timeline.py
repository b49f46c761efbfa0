"""One request: its way through the four steps, its lines with the evidence marked, and what to do."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest

from loganalyzer.classifier.rules import catalogue
from loganalyzer.model import Request, Timeline
from loganalyzer.reports.clean import json_text
from loganalyzer.reports.page import Page
from loganalyzer.reports.timeline import by_stage, gap, lifecycle, timeline_document
from loganalyzer.reports.trace import show_timeline
from loganalyzer.scales import Stage
from tests.reports.samples import CUT_SHORT, EXPLANATION, FAILED, SUCCEEDED, THREW, TIMELINE, step

ENTRY = catalogue()["PROXY_INTEG_ERROR"]


def _page(timeline: Timeline = TIMELINE, request: Request = FAILED, *, width: int = 80, full: bool = False) -> str:
    file = io.StringIO()
    show_timeline(timeline, request, Page(file, width=width), entry=catalogue().get(request.category), full=full)
    return file.getvalue()


@pytest.mark.parametrize(
    ("stage", "request_made", "authorizer", "states"),
    [
        (Stage.ROUTE, FAILED, "none", ["stopped here", "never ran", "never ran", "never ran"]),
        (Stage.AUTHORIZATION, FAILED, "failed", ["passed", "stopped here", "never ran", "never ran"]),
        (Stage.USAGE_PLAN, FAILED, "ran", ["passed", "stopped here", "never ran", "never ran"]),
        (Stage.INTEGRATION_REQUEST, FAILED, "ran", ["passed", "passed", "stopped here", "never ran"]),
        (Stage.BACKEND, FAILED, "cached", ["passed", "passed (cached)", "passed", "stopped here"]),
        (Stage.METHOD_RESPONSE, FAILED, "none", ["passed", "no authorizer", "passed", "answer unusable"]),
        (Stage.COMPLETED, FAILED, "unknown", ["passed", "passed", "passed", "answered"]),
        (Stage.COMPLETED, SUCCEEDED, "ran", ["passed"] * 4),
        (Stage.INTEGRATION_INVOCATION, CUT_SHORT, "ran", ["passed", "passed", "last seen here", "never ran"]),
    ],
)
def test_the_lifecycle_strip(stage: Stage, request_made: Request, authorizer: str, states: list[str]) -> None:
    """Steps before the one a request stopped in were passed, later ones never ran."""
    timeline = replace(TIMELINE, stopped_at=stage, authorizer=authorizer)
    assert [state for _, state in lifecycle(timeline, request_made)] == states


def test_steps_are_shown_with_time_gap_and_stage() -> None:
    """Each step has its time and the time since the one before; the evidence, cuts and unknown messages are marked."""
    page = _page(width=140)
    for part in (
        f"12:00:00.126     +3 ms ▏{'':16}   Sending request to",
        f"12:00:29.524   +29.4 s {'█' * 17} ▶ {THREW[:60]}",
        "(cut)",
        "Something nobody knows (not a known sentence)",
        "7 steps, by time",
        "✗ backend execution",
        "stopped here",
        ENTRY.fix,
        ENTRY.link,
    ):
        assert part in page, part


@pytest.mark.parametrize("width", [60, 80, 100, 160])
def test_lines_keep_to_the_width(width: int) -> None:
    """Messages are shortened to the page; only links are longer."""
    long = replace(TIMELINE, steps=(*TIMELINE.steps, step("x" * 5000, Stage.BACKEND)))
    for full in (False, True):
        page = _page(long, width=width, full=full)
        assert [line for line in page.splitlines() if len(line) > width and "https://" not in line] == []
        assert (page.count("x") > 5000) is full


def test_the_document_holds_everything() -> None:
    """JSON has the request, the lifecycle, every step whole, and the explanation."""
    document = json.loads(json_text(timeline_document(TIMELINE, FAILED, entry=ENTRY)))
    assert document["schema"] == "loganalyzer/1"
    assert document["request"]["request_id"] == FAILED.request_id
    assert document["lifecycle"][3] == {"step": "backend execution", "state": "stopped here"}
    assert [step["message"] for step in document["steps"]] == [step.message for step in TIMELINE.steps]
    assert [step["evidence"] for step in document["steps"]].count(True) == 1
    assert document["steps"][4]["time"] == "2026-11-20T12:00:29.524Z"
    assert document["explanation"]["fix"] == ENTRY.fix
    assert timeline_document(TIMELINE, SUCCEEDED, entry=None)["explanation"] is None


def test_ids_printed_at_the_end_open_no_stage_again() -> None:
    """API Gateway prints the backend's request id after the closing line; the way of the request ends before that."""
    late = step("AWS Integration Endpoint RequestId : 77aa", Stage.INTEGRATION_INVOCATION, step="correlation")
    stages = [stage for stage, _ in by_stage((*TIMELINE.steps, late))]
    assert stages[-1] == "COMPLETED"
    assert len(stages) == len(set(stages))


def test_messages_cannot_move_the_cursor() -> None:
    """Newlines and escapes in a body are shown as such, on one line."""
    page = _page(replace(TIMELINE, steps=(step("body {\n\x1b[2J[red]}", Stage.BACKEND),)), full=True)
    assert r"body {\n\x1b[2J[red]}" in page


def test_a_request_that_succeeded_says_so() -> None:
    """A success has no diagnosis to show."""
    page = _page(replace(TIMELINE, stopped_at=Stage.COMPLETED), SUCCEEDED)
    assert "succeeded" in page
    assert "confidence" not in page


@pytest.mark.parametrize(
    ("milliseconds", "said"), [(None, ""), (0, ""), (7, "+7 ms"), (999, "+999 ms"), (29_004, "+29.0 s"), (-5, "-5 ms")]
)
def test_gaps(milliseconds: int | None, said: str) -> None:
    """Gaps are short, and none is said where none is known."""
    assert gap(milliseconds) == said


def test_what_broke_is_shown() -> None:
    """The sentence comes first, then each finding, what the lines do not show, and who only seems to be at fault."""
    file = io.StringIO()
    show_timeline(TIMELINE, FAILED, Page(file, width=140), entry=ENTRY, explanation=EXPLANATION)
    page = file.getvalue()
    for part in (
        "what    body is an object, must be a string; cookies is an unknown field",
        "cookies: an unknown field; required: in multiValueHeaders",
        "unseen  the rest of the answer is cut off",
        "not     the backend, as the answer suggests, but the form of the answer: 'Received response' shows",
    ):
        assert part in page


def test_what_broke_as_json() -> None:
    """Programs get the same in fields."""
    document = json.loads(json_text(timeline_document(TIMELINE, FAILED, entry=ENTRY, explanation=EXPLANATION)))
    assert document["what_broke"]["detail"] == EXPLANATION.detail
    assert document["what_broke"]["findings"][0] == {"part": "body", "found": "an object", "required": "a string"}
    assert document["what_broke"]["masking"]["failed"] == "the form of the answer"
    assert timeline_document(TIMELINE, FAILED, entry=ENTRY)["what_broke"] is None
    assert document["explanation"]["advice"] == list(ENTRY.advice)


def test_wording_known_from_emulators_is_marked() -> None:
    """A sentence that nobody has seen in AWS's own output says so."""
    message = "WebSocket Request Route: [sendOrder]"
    emulated = step(message, Stage.REQUEST_VALIDATION, sentence="WebSocket Request Route:")
    timeline = replace(TIMELINE, steps=(*TIMELINE.steps, emulated))
    assert "(known from emulators only)" in _page(timeline, width=140)
    assert "(known from emulators only)" not in _page(width=140)
    steps = timeline_document(timeline, FAILED, entry=None)["steps"]
    assert [one["emulated"] for one in steps[-2:]] == [False, True]

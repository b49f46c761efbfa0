"""The picture of a request."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from loganalyzer.classifier.rules import catalogue
from loganalyzer.model import Request, Timeline
from loganalyzer.reports.waterfall import waterfall_svg
from loganalyzer.scales import Stage
from tests.reports.samples import FAILED, SUCCEEDED, TIMELINE, step

SVG = "{http://www.w3.org/2000/svg}"


def drawn(timeline: Timeline = TIMELINE, request: Request = FAILED) -> ElementTree.Element:
    """The picture, parsed."""
    return ElementTree.fromstring(waterfall_svg(timeline, request, entry=catalogue().get(request.category)))


def texts(svg: ElementTree.Element) -> list[str]:
    """What is written in it."""
    return [node.text or "" for node in svg.iter(f"{SVG}text")]


def test_the_picture_says_what_happened() -> None:
    """Headline, lifecycle strip, a bar for each stage, evidence, cause and fix."""
    said = texts(drawn())
    assert said[0] == "POST /orders/{id} → 502 · PROXY_INTEG_ERROR"
    assert {"route match", "passed (cached)", "stopped here", "BACKEND", "29,398 ms"} <= set(said)
    assert any(text.startswith("▶ Lambda execution failed with status 200") for text in said)
    assert said[-1].startswith("fix: ")


def test_it_can_be_heard() -> None:
    """A screen reader gets the title and the whole in words."""
    svg = drawn()
    assert svg.get("role") == "img" and svg.get("aria-labelledby") == "title desc"
    named = {node.get("id"): node.text or "" for node in svg if node.get("id")}
    assert named["title"] == "POST /orders/{id} → 502 · PROXY_INTEG_ERROR"
    assert "backend execution: stopped here" in named["desc"] and "BACKEND 29,398 ms" in named["desc"]


def test_it_stands_alone_and_follows_light_and_dark() -> None:
    """Nothing is loaded, nothing runs, and colours come from the reader's settings."""
    text = waterfall_svg(TIMELINE, FAILED, entry=None)
    assert "prefers-color-scheme:dark" in text
    assert not any(word in text for word in ("href", "<script", "<image", "url(", "@import", "<foreignObject"))


def test_without_times_there_is_no_waterfall() -> None:
    """The strip and the diagnosis are drawn all the same."""
    untimed = replace(TIMELINE, steps=tuple(replace(one, time=None) for one in TIMELINE.steps))
    assert "The lines have no times, so there is no waterfall." in texts(drawn(untimed))


def test_a_success_has_no_evidence() -> None:
    """Nothing is marked as failed."""
    fine = replace(
        TIMELINE, stopped_at=Stage.COMPLETED, steps=tuple(replace(s, evidence=False) for s in TIMELINE.steps)
    )
    svg = drawn(fine, SUCCEEDED)
    assert not any("bad" in (node.get("class") or "").split() for node in svg.iter())


@settings(max_examples=50)
@given(st.text(), st.text())
def test_any_text_makes_a_picture(path: str, message: str) -> None:
    """Whatever a client sends is text in a well-formed document: no element comes of it."""
    hostile = replace(FAILED, resource="", path=f"/<script>{path}\x00\x1b\ufffe\udc80", request_id=path)
    timeline = replace(TIMELINE, steps=(step(f"]]><x/>{message}", Stage.BACKEND, evidence=True),))
    assert {node.tag.removeprefix(SVG) for node in drawn(timeline, hostile).iter()} <= {
        "svg", "title", "desc", "style", "rect", "text", "g", "line",
    }  # fmt: skip

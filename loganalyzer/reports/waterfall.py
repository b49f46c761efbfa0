"""One request as a picture: the lifecycle strip, and below it a waterfall of what each stage took. Standalone SVG."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from loganalyzer.model import Request, Timeline
from loganalyzer.reports.clean import clean
from loganalyzer.reports.page import shortened
from loganalyzer.reports.report import iso
from loganalyzer.reports.spans import Span, call_spans, stage_spans, whole
from loganalyzer.reports.table import answer, route, where
from loganalyzer.reports.timeline import ANSWERED, LAST_SEEN, NEVER, STOPPED, UNUSED, lifecycle

if TYPE_CHECKING:
    from loganalyzer.classifier.rules import Entry

WIDTH = 960
_MARGIN = 24
_STRIP_TOP, _STRIP_HIGH = 84, 52
_ROW, _BAR = 26, 14
_LABELS = 220
_ROOM = 96
"""Pixels to the right of the bars, for how long the last of them took."""
_WIDE = WIDTH - 2 * _MARGIN - _LABELS - _ROOM
_LINE = 116
"""Characters of a line of evidence that fit."""

_NAME = "{http://www.w3.org/2000/svg}"
_CLASSES = {STOPPED: "bad", UNUSED: "bad", NEVER: "off", LAST_SEEN: "odd", ANSWERED: "odd"}
_MARKS = {"bad": "✗", "off": "·", "odd": "?", "good": "✓"}

STYLE = """
svg{--back:#fff;--text:#1f2328;--dim:#59636e;--line:#d1d9e0;--good:#1a7f37;--bad:#cf222e;--odd:#9a6700;--bar:#54aeff;
--wait:#0969da;font:13px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
@media (prefers-color-scheme:dark){svg{--back:#0d1117;--text:#e6edf3;--dim:#9198a1;--line:#3d444d;--good:#3fb950;
--bad:#f85149;--odd:#d29922;--bar:#1f6feb;--wait:#79c0ff}}
text{fill:var(--text)}.dim,.off text{fill:var(--dim)}.title{font-size:18px;font-weight:600}.strong{font-weight:600}
.back{fill:var(--back)}.box{fill:none;stroke:var(--line)}.good .box{stroke:var(--good)}.bad .box{stroke:var(--bad);
stroke-width:2}.odd .box{stroke:var(--odd)}.off .box{stroke-dasharray:4 4}.good .mark{fill:var(--good)}
.bad .mark,.fail{fill:var(--bad)}.odd .mark{fill:var(--odd)}.grid{stroke:var(--line)}.bar{fill:var(--bar)}
.wait{fill:var(--wait)}.bar.stop{fill:var(--bad)}.log{font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
"""


def waterfall_svg(timeline: Timeline, request: Request, *, entry: Entry | None) -> str:
    """The picture as an SVG document that needs nothing but itself; colours follow the reader's light or dark mode."""
    ElementTree.register_namespace("", _NAME[1:-1])
    svg = ElementTree.Element(f"{_NAME}svg", {"role": "img", "aria-labelledby": "title desc", "width": str(WIDTH)})
    _add(svg, "title", _headline(request), id="title")
    _add(svg, "desc", " ".join(_told(timeline, request)), id="desc")
    _add(svg, "style", STYLE)
    back = _add(svg, "rect", width="100%", height="100%", class_="back")
    _text(svg, _MARGIN, 34, shortened(_headline(request), 90), class_="title")
    _text(svg, _MARGIN, 58, shortened(_identity(request), 130), class_="dim")
    _strip(svg, timeline, request)
    bottom = _rows(svg, timeline, top=_STRIP_TOP + _STRIP_HIGH + 36)
    bottom = _evidence(svg, timeline, request, top=bottom + 28, entry=entry)
    back.set("height", str(bottom))
    svg.set("height", str(bottom))
    svg.set("viewBox", f"0 0 {WIDTH} {bottom}")
    return ElementTree.tostring(svg, encoding="unicode") + "\n"


def _add(
    parent: ElementTree.Element, name: str, text: str = "", *, class_: str = "", **facts: str
) -> ElementTree.Element:
    """A child element; what it says holds no character that XML forbids."""
    named = {key.replace("_", "-"): value for key, value in facts.items()}
    child = ElementTree.SubElement(parent, f"{_NAME}{name}", named | ({"class": class_} if class_ else {}))
    child.text = text if name == "style" else clean(text)
    return child


def _text(
    parent: ElementTree.Element, x: float, y: float, text: str, *, class_: str = "", anchor: str = ""
) -> ElementTree.Element:
    where = {"text_anchor": anchor} if anchor else {}
    return _add(parent, "text", text, class_=class_, x=f"{x:g}", y=f"{y:g}", **where)


def _headline(request: Request) -> str:
    outcome = request.category or "succeeded"
    return f"{route(request)}{answer(request)} · {outcome}"


def _identity(request: Request) -> str:
    said = (f"request {request.request_id}", iso(request.first_seen) or "", f"api {request.api}" if request.api else "")
    return " · ".join(part for part in said if part)


def _told(timeline: Timeline, request: Request) -> Iterator[str]:
    """The picture in words, for those who do not see it."""
    yield "; ".join(f"{step}: {state}" for step, state in lifecycle(timeline, request)) + "."
    if request.category:
        yield f"{request.category}, confidence {request.confidence}, {where(request)}."
    for span in stage_spans(timeline):
        yield f"{span.name} {_took(span)}."


def _strip(svg: ElementTree.Element, timeline: Timeline, request: Request) -> None:
    steps = lifecycle(timeline, request)
    space = 16
    wide = (WIDTH - 2 * _MARGIN - space * (len(steps) - 1)) / len(steps)
    for number, (step, state) in enumerate(steps):
        kind = _CLASSES.get(state, "good")
        left = _MARGIN + number * (wide + space)
        box = _add(svg, "g", class_=kind)
        _add(
            box,
            "rect",
            class_="box",
            x=f"{left:g}",
            y=str(_STRIP_TOP),
            width=f"{wide:g}",
            height=str(_STRIP_HIGH),
            rx="6",
        )
        _text(box, left + 12, _STRIP_TOP + 22, _MARKS[kind], class_="mark strong")
        _text(box, left + 30, _STRIP_TOP + 22, step, class_="strong")
        _text(box, left + 30, _STRIP_TOP + 41, state, class_="dim")


def _rows(svg: ElementTree.Element, timeline: Timeline, *, top: int) -> int:
    """The waterfall; the y of its end. Calls stand below the stage in which they were sent."""
    total = whole(timeline)
    if total is None:
        _text(svg, _MARGIN, top, "The lines have no times, so there is no waterfall.", class_="dim")
        return top + _ROW
    rows = sorted([*stage_spans(timeline), *call_spans(timeline)], key=lambda span: span.start)
    length = max(total.milliseconds, 1)
    bottom = top + _ROW * len(rows)
    left = _MARGIN + _LABELS
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        x = left + share * _WIDE
        _add(svg, "line", class_="grid", x1=f"{x:g}", x2=f"{x:g}", y1=str(top - 4), y2=str(bottom))
        if share * length == round(share * length):
            _text(svg, x, top - 10, f"{share * length:,.0f} ms", class_="dim", anchor="middle")
    for number, span in enumerate(rows):
        _row(svg, span, timeline, start=(span.start - total.start).total_seconds() * 1000, scale=_WIDE / length,
             y=top + number * _ROW)  # fmt: skip
    return bottom


def _row(svg: ElementTree.Element, span: Span, timeline: Timeline, *, start: float, scale: float, y: int) -> None:
    call = bool(span.target)
    stopped = not call and any(step.evidence for step in span.steps) and span.name == timeline.stopped_at.name
    _text(
        svg,
        _MARGIN + (14 if call else 0),
        y + 17,
        span.name,
        class_="dim" if call else "fail strong" if stopped else "",
    )
    left, wide = _MARGIN + _LABELS + start * scale, max(span.milliseconds * scale, 2)
    bar = _add(svg, "rect", class_="wait" if call else "bar stop" if stopped else "bar", x=f"{left:.1f}", y=str(y + 6),
               width=f"{wide:.1f}", height=str(_BAR), rx="2")  # fmt: skip
    _add(bar, "title", span.target if call else span.name)
    _text(svg, left + wide + 6, y + 17, _took(span), class_="dim")


def _took(span: Span) -> str:
    """How long a span took; the log tells milliseconds."""
    return f"{span.milliseconds:,} ms" if span.milliseconds else "< 1 ms"


def _evidence(svg: ElementTree.Element, timeline: Timeline, request: Request, *, top: int, entry: Entry | None) -> int:
    """What the diagnosis rests on and what to do; the y of the end of the picture."""
    y = top
    for step in timeline.steps:
        if step.evidence:
            _text(svg, _MARGIN, y, f"▶ {shortened(step.message, _LINE)}", class_="log")
            y += 20
    if request.category and entry is not None:
        for label, text in (("cause", entry.cause), ("fix", entry.fix)):
            _text(
                svg,
                _MARGIN,
                y + 8,
                f"{label}: {shortened(text, _LINE + 16)}",
                class_="strong" if label == "fix" else "",
            )
            y += 22
    return y + 16

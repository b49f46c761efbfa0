"""A scenario played on a route at one logging level: the lines that are printed, and the truth they allow."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from loganalyzer.scales import Stage
from loganalyzer.simulate.api import Route
from loganalyzer.simulate.rows import rows_by_milestone
from loganalyzer.simulate.scenario import MILESTONES, Scenario
from loganalyzer.vocabulary import match

LEVELS = ("trace", "info", "error")
SEPARATOR = "\x1f"

_PRINTED = {
    "trace": frozenset({"trace", "info", "always"}),
    "info": frozenset({"info", "always"}),
    "error": frozenset({"always"}),
}
_AUTHORIZER = frozenset({"authorizer_started", "identified", "authorizer_called", "authorizer_answered", "authorized"})


@dataclass(frozen=True, slots=True)
class Line:
    """One line before its values are known; ``waits`` names the calls (``authorizer | endpoint``) it comes after."""

    text: str
    milestone: str
    waits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Script:
    """What :class:`Scenario` and :class:`Route` come to at one level.

    ``template`` holds the printed lines joined by :data:`SEPARATOR`; ``waits`` are the positions in it where time
    passes, and for which call; ``last_wait`` is the call that the scenario's own ``wait`` is about.
    """

    route: Route
    scenario: Scenario
    level: str
    template: str
    count: int
    waits: tuple[tuple[int, str], ...]
    last_wait: str
    stopped_at: Stage
    closed: bool
    authorizer: str
    log_level: str
    shown: tuple[str, ...]


def _closing(route: Route, scenario: Scenario) -> list[str]:
    lines: list[str] = []
    if scenario.closing == "cut":
        return lines
    if scenario.closing == "status":
        lines.append("Method completed with status: %(status)s")
    elif scenario.closing.startswith("gateway:"):
        kind = scenario.closing.removeprefix("gateway:")
        lines.append(f"Gateway response type: {kind} with status code: %(status)s")
    reached = MILESTONES.index(scenario.after)
    answered = reached >= MILESTONES.index("answered") or any("request id: " in line for line in scenario.says)
    if answered and route.kind in {"lambda_proxy", "lambda", "aws"}:
        lines.append("AWS Integration Endpoint RequestId : %(endpoint_id)s")
    if route.traced:
        lines.append("X-ray Tracing ID : Root=%(trace)s")
    return lines


def _lines(route: Route, scenario: Scenario, *, cached: bool) -> list[Line]:
    """Every line that the request would print with data trace, in order."""
    rows = rows_by_milestone(route, scenario, cached=cached)
    played = MILESTONES[: MILESTONES.index(scenario.after) + 1]
    texts = [(text, milestone) for milestone in played for text in rows.get(milestone, ())]
    end = "authorized" if scenario.after in _AUTHORIZER else "said"
    texts += [(text, end) for text in scenario.says]
    texts += [(text, "closed") for text in _closing(route, scenario)]
    lines: list[Line] = []
    calls = ""
    for text, milestone in texts:
        lines.append(Line(text, milestone, (calls,) if calls else ()))
        calls = ""
        if text.startswith("Sending request to"):
            calls = "authorizer" if milestone in _AUTHORIZER else "endpoint"
    return lines


def _printed(lines: list[Line], scenario: Scenario, level: str) -> list[Line]:
    """Those of ``lines`` that ``level`` prints; time that passes before a hidden line passes before the next one."""
    if level == "error" and scenario.answered_by_backend:
        return []
    kept: list[Line] = []
    waits: tuple[str, ...] = ()
    for line in lines:
        waits += line.waits
        if match(line.text.encode()).printed in _PRINTED[level]:
            kept.append(Line(line.text, line.milestone, waits))
            waits = ()
    return kept


def _furthest(lines: list[Line]) -> Stage:
    said = [(line, match(line.text.encode())) for line in lines]
    reached = [
        Stage.AUTHORIZATION if line.milestone in _AUTHORIZER else sentence.reached
        for line, sentence in said
        if not (sentence.rank and sentence.stage == Stage.ROUTE)  # a failure of no known kind tells no stage
    ]
    return max(reached, default=Stage.ROUTE)


def _log_level(lines: list[Line]) -> str:
    seen = {match(line.text.encode()).printed for line in lines}
    if "trace" in seen:
        return "info_trace"
    return "info" if "info" in seen else "error" if seen else "unknown"


def _authorizer(lines: list[Line], scenario: Scenario, *, cached: bool) -> str:
    if not any(line.milestone in _AUTHORIZER for line in lines):
        return "none"
    if scenario.after in _AUTHORIZER and scenario.after != "authorized":
        return "failed" if scenario.says else "unknown"
    return "cached" if cached else "ran"


@cache
def script(route: Route, scenario: Scenario, level: str, *, cached: bool) -> Script:
    """Play ``scenario`` on ``route`` as ``level`` prints it; ``cached``: its authorizer's result is an old one."""
    everything = _lines(route, scenario, cached=cached)
    lines = _printed(everything, scenario, level)
    calls = [call for line in everything for call in line.waits]
    return Script(
        route=route,
        scenario=scenario,
        level=level,
        template=SEPARATOR.join(line.text for line in lines),
        count=len(lines),
        waits=tuple((n, call) for n, line in enumerate(lines) for call in line.waits),
        last_wait=calls[-1] if calls else "",
        stopped_at=_furthest(lines) if scenario.stage is None else scenario.stage,
        closed=any("%(status)s" in line.text and line.milestone == "closed" for line in lines),
        authorizer=_authorizer(everything, scenario, cached=cached),
        log_level=_log_level(lines),
        shown=scenario.shown(level),
    )

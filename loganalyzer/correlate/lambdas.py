"""Lambda logs, text or JSON → the runs that matter to the wanted requests.

https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from loganalyzer.correlate.records import Invocation
from loganalyzer.correlate.wanted import UUID, Wanted, root_of
from loganalyzer.formats import clock
from loganalyzer.formats.messages import Message

MOST_OPEN = 4_096
"""So many runs without a REPORT are remembered: theirs comes within minutes."""

MOST_ERROR = 500
"""Characters that are kept of an error."""

_ID = UUID.pattern
_STAMP = r"(?:\d{4}-\d\d-\d\dT[\d:.]+Z\s+)?"
_START = re.compile(rf"{_STAMP}START RequestId: ({_ID})")
_REPORT = re.compile(rf"{_STAMP}REPORT RequestId: ({_ID})\s")
_TIMED_OUT = re.compile(rf"({_ID}) (?:Error: )?Task timed out after [\d.]+ seconds")
_RUNTIME = re.compile(rf"RequestId: ({_ID}) (?:Error: )?((?:Runtime exited|Process exited|Error:|Runtime\.)[^\r\n]*)")
_LEVELLED = re.compile(rf"\s({_ID})\s(?:ERROR|FATAL)\s([^\r\n]*)")
_BARE_ERROR = re.compile(rf"{_STAMP}\[ERROR\] ([^\r\n]+)")
_MEASURE = re.compile(r"(Duration|Billed Duration|Memory Size|Max Memory Used|Init Duration): ([\d.]+) (?:ms|MB)")
_STATUS = re.compile(r"Status: (\w+)")
_ERROR_TYPE = re.compile(r"Error Type: (\S+)")
_MESSAGE_IN_JSON = re.compile(r'"errorMessage"\s*:\s*"((?:[^"\\]|\\.){0,500})"')
_OF_LAMBDA = ("RequestId", "timed out", "ERROR", "FATAL")


@dataclass(slots=True)
class Source:
    """What one Lambda log came to: runs reported and those of them with a trace id, the time it covers in ms.

    ``roles`` are what its runs turned out to be: ``function``, ``authorizer``.
    """

    name: str
    reports: int = 0
    traced: int = 0
    first: int | None = None
    last: int | None = None
    roles: set[str] = field(default_factory=set)

    def saw(self, time: int | None) -> None:
        """Something happened in it at that time."""
        if time is not None:
            self.first = time if self.first is None else min(self.first, time)
            self.last = time if self.last is None else max(self.last, time)


class LambdaReader:
    """Reads Lambda logs line by line and keeps the runs that belong to a wanted request."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self.kept: dict[str, Invocation] = {}
        self.sources: list[Source] = []
        self._number = 0
        self._last: Invocation | None = None
        self._open: OrderedDict[str, Invocation] = OrderedDict()
        self._running: OrderedDict[str, None] = OrderedDict()

    def read(self, name: str, messages: Iterable[Message]) -> Source:
        """Take in a log, or one more stream of the log of this ``name``."""
        source = next((known for known in self.sources if known.name == name), None) or Source(name)
        if source not in self.sources:
            self.sources.append(source)
        self._number = self.sources.index(source)
        self.finish()
        self._running.clear()
        for message in messages:
            if message.value is not None:
                self._record(message.value, message.time, source)
            elif message.text:
                self._line(message.text, message.time, source)
        return source

    # -- text ----------------------------------------------------------------------------------------------------------

    def _line(self, text: str, time: int | None, source: Source) -> None:
        brace = text.find("{", 0, 40)
        if brace >= 0 and not text[:brace].strip("0123456789-:.TZ \t"):
            value = _decoded(text[brace:])
            if value is not None:
                self._record(value, time if time is not None else _time_in(text), source)
                return
        if text.startswith("XRAY TraceId:"):
            self._trace(text, source)
        elif any(word in text for word in _OF_LAMBDA):
            self._event(text, time, source)
        self._mention(text)

    def _event(self, text: str, time: int | None, source: Source) -> None:
        if report := _REPORT.match(text):
            self._report(report[1], text, source, time if time is not None else _time_in(text))
        elif start := _START.match(text):
            self._running[start[1]] = None
            while len(self._running) > MOST_OPEN:
                self._running.popitem(last=False)
        elif found := _TIMED_OUT.search(text):
            run = self._run(found[1])
            run.status, run.error = "timeout", found[0].partition(" ")[2].removeprefix("Error: ")
        elif found := _RUNTIME.search(text):
            self._fails(self._run(found[1]), found[2])
        elif found := _LEVELLED.search(text):
            self._fails(self._run(found[1]), _said(found[2]), status="")
        elif (found := _BARE_ERROR.match(text)) and len(self._running) == 1:
            # Python prints an exception without the id: it is told only where one run alone is going on.
            self._fails(self._run(next(iter(self._running))), found[1].split("\r")[0].partition("Traceback")[0])

    def _trace(self, text: str, source: Source) -> None:
        """The line below a REPORT: that event has a line break in it, which exports do not mark."""
        run, self._last = self._last, None
        if run is not None and not run.trace_id:
            run.trace_id = root_of(text)
            source.traced += bool(run.trace_id)
            self._settle(run)

    def _report(self, run_id: str, text: str, source: Source, time: int | None) -> None:
        run = self._run(run_id)
        said = {name: float(number) for name, number in _MEASURE.findall(text)}
        run.duration_ms, run.init_ms = said.get("Duration"), said.get("Init Duration")
        run.billed_ms = _whole(said.get("Billed Duration"))
        run.memory_mb, run.max_memory_mb = _whole(said.get("Memory Size")), _whole(said.get("Max Memory Used"))
        run.trace_id = root_of(text.partition("XRAY TraceId")[2])
        if status := _STATUS.search(text):
            run.status = status[1].lower()
        if (kind := _ERROR_TYPE.search(text)) and not run.error:
            run.error = kind[1]
        self._end(run, source, time)

    # -- JSON ----------------------------------------------------------------------------------------------------------

    def _record(self, value: dict[str, Any], time: int | None, source: Source) -> None:
        kind, record = value.get("type"), value.get("record")
        if time is None:
            stamp = value.get("time") or value.get("timestamp")
            time = clock.from_iso(stamp) if isinstance(stamp, str) else None
        if isinstance(kind, str) and kind.startswith("platform.") and isinstance(record, dict):
            self._platform(kind, record, time, source)
            return
        run_id = next((v for k in _RUN_IDS if isinstance(v := value.get(k), str) and UUID.fullmatch(v)), "")
        if run_id and str(value.get("level", "")).upper() in ("ERROR", "FATAL"):
            said = value.get("errorMessage") or value.get("message") or value.get("errorType") or ""
            if isinstance(said, dict):
                said = said.get("errorMessage") or said.get("errorType") or ""
            self._fails(self._run(run_id), _said(str(said)), status="")
        if run_id:
            self._names(run_id, msgspec.json.encode(value).decode("utf-8", "replace"))

    def _platform(self, kind: str, record: dict[str, Any], time: int | None, source: Source) -> None:
        run_id = record.get("requestId")
        if not isinstance(run_id, str) or kind not in ("platform.report", "platform.runtimeDone", "platform.start"):
            return
        run = self._run(run_id)
        tracing = record.get("tracing")
        run.trace_id = root_of(str(tracing.get("value", ""))) if isinstance(tracing, dict) else run.trace_id
        if kind == "platform.start":
            return
        if isinstance(record.get("status"), str):
            run.status = record["status"]
        if isinstance(record.get("errorType"), str):
            run.error = run.error or record["errorType"]
        if kind == "platform.report":
            metrics = record.get("metrics")
            said = metrics if isinstance(metrics, dict) else {}
            run.duration_ms, run.init_ms = _number(said.get("durationMs")), _number(said.get("initDurationMs"))
            run.billed_ms = _whole(_number(said.get("billedDurationMs")))
            run.memory_mb = _whole(_number(said.get("memorySizeMB")))
            run.max_memory_mb = _whole(_number(said.get("maxMemoryUsedMB")))
            self._end(run, source, time)

    # -- what is kept --------------------------------------------------------------------------------------------------

    def _run(self, run_id: str) -> Invocation:
        """The run of this id: one that is kept, or one that is remembered until its end."""
        known = self.kept.get(run_id) or self._open.get(run_id)
        if known is None:
            known = self._open[run_id] = Invocation(run_id, source=self._number)
            if len(self._open) > MOST_OPEN:
                self._settle(self._open.popitem(last=False)[1])
        return known

    def _end(self, run: Invocation, source: Source, time: int | None) -> None:
        source.reports += 1
        source.saw(time)
        if run.trace_id:
            source.traced += 1
        self._last = run
        self._running.pop(run.id, None)
        self._open.pop(run.id, None)
        self._settle(run)

    def _settle(self, run: Invocation) -> None:
        """Keep a run that is wanted, forget it otherwise."""
        wanted = self._wanted
        named = run.id in wanted.by_integration or run.id in wanted.by_authorizer
        if named or run.gateway_id or run.trace_id in wanted.by_trace:
            self.kept[run.id] = run

    def finish(self) -> None:
        """Keep what is wanted of runs whose end is not in the logs."""
        for run in self._open.values():
            self._settle(run)
        self._open.clear()

    @staticmethod
    def _fails(run: Invocation, said: str, *, status: str = "error") -> None:
        run.error = run.error or " ".join(said.split())[:MOST_ERROR]
        run.status = run.status or status

    def _mention(self, text: str) -> None:
        """A line of a run's own that names a request of the gateway ties the two together."""
        if text.count("-") < 8:
            return
        ids = UUID.findall(text)
        if len(ids) > 1:
            self._names(ids[0], text, ids=ids[1:])

    def _names(self, run_id: str, text: str, *, ids: list[str] | None = None) -> None:
        found = ids if ids is not None else UUID.findall(text)
        named = next((one for one in found if one != run_id and one in self._wanted.by_request), "")
        if named:
            self._run(run_id).gateway_id = named


_RUN_IDS = ("requestId", "AWSRequestId", "function_request_id", "awsRequestId")


def _said(text: str) -> str:
    """The message of an error that is printed as JSON, else the text."""
    found = _MESSAGE_IN_JSON.search(text)
    return found[1] if found else text


def _decoded(text: str) -> dict[str, Any] | None:
    try:
        value = msgspec.json.decode(text)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return None
    return value if isinstance(value, dict) else None


def _time_in(text: str) -> int | None:
    return clock.from_iso(text[:24]) if text[:2] == "20" and text[10:11] == "T" else None


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)

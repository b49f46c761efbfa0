"""A failure as the client sees it: :func:`explain_response`, :func:`explain_pasted`, and what a log says of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from loganalyzer.classifier.rules import catalogue
from loganalyzer.client.explain import candidate, explain, explain_all, folded
from loganalyzer.client.reading import failed, read
from loganalyzer.client.records import Candidate, ClientResponse, ExplainedResponse, LogAnswer, moment_of
from loganalyzer.client.symptoms import symptom_table
from loganalyzer.coverage import Coverage
from loganalyzer.errors import NothingReadable, UsageError
from loganalyzer.model import Request
from loganalyzer.scales import Confidence

if TYPE_CHECKING:
    from loganalyzer.analysis import Analysis

_UNJUDGED = ("INCOMPLETE", "UNCLASSIFIED")
_CLOCKS_DIFFER = timedelta(seconds=60)
_WHOLE_ID = 16
"""An id of so many characters means one request, even where it is but the beginning of the id in the log."""


def explain_response(
    *,
    status: int | None = None,
    error_type: str = "",
    body: str | None = None,
    headers: Mapping[str, str] | Iterable[str] = (),
    logs: Analysis | None = None,
) -> ExplainedResponse:
    """What a failed response may mean: candidates (best first), what tells them apart, and the ids to look up.

    ``error_type`` is the value of x-amzn-ErrorType, ``headers`` names and values, or lines ``Name: value``; what is not
    given counts as unknown. With ``logs`` the request is looked up by its ids, and if it is there, the log's diagnosis
    comes first. Raises :class:`UsageError` for a status that is none, a header without a colon, and a success.
    """
    pairs = tuple(_pairs(headers))
    if error_type.strip():
        pairs = (("x-amzn-ErrorType", error_type.strip()), *pairs)
    if status is not None and not 100 <= status <= 599:
        raise UsageError(f"{status} is no HTTP status", tip="a status is between 100 and 599")
    response = ClientResponse(status, pairs, body)
    if status is None and not pairs and not (body or "").strip():
        raise UsageError("nothing is said of the response", tip="give its status, error type, body or headers")
    if not failed(response):
        raise UsageError(f"nothing failed: {status} is no failure", tip="say the status of the response that failed")
    explained = explain(response)
    return explained if logs is None else with_log(explained, logs)


def explain_pasted(pasted: str | bytes, *, logs: Analysis | None = None) -> tuple[ExplainedResponse, ...]:
    """Every failed response in pasted text: curl -i, curl -v, httpie, wget -S, a browser's headers, or a HAR file.

    As a rule that is one; those of a HAR file that say the same are one with their number in ``alike``. Raises
    :class:`NothingReadable` where there is no HTTP response in it or none that failed.
    """
    reading = read(pasted)
    explained = explain_all(reading.responses)
    if logs is not None:
        explained = [with_log(one, logs) for one in explained]
    best, *others = folded(explained)
    return (replace(best, notes=(*reading.notes, *best.notes)), *others)


def _pairs(headers: Mapping[str, str] | Iterable[str]) -> Iterable[tuple[str, str]]:
    if isinstance(headers, Mapping):
        yield from headers.items()
        return
    for line in headers:
        name, colon, value = line.partition(":")
        if not colon or not name.strip() or any(character.isspace() for character in name.strip()):
            raise UsageError("a header is no 'Name: value'", tip="write it as 'x-amzn-ErrorType: ForbiddenException'")
        yield name.strip(), value.strip()


def with_log(explained: ExplainedResponse, logs: Analysis) -> ExplainedResponse:
    """The explanation with what the log says of that very request, found by its ids."""
    ids = explained.understood.ids
    searched = tuple(dict.fromkeys(name for name in (ids.extended, ids.request, ids.trace) if name))
    remarks: list[str] = []
    for wanted in searched:
        try:
            request = logs.diagnosis(wanted)
        except NothingReadable:
            continue
        except UsageError:
            remarks.append(f"several requests of the log have the id {wanted}")
            continue
        if len(wanted) >= _WHOLE_ID or wanted in (request.request_id, request.extended_request_id):
            answer = LogAnswer(
                searched,
                request,
                logs.timeline(wanted),
                logs.explanation(wanted),
                covered=True,
                remarks=tuple(remarks),
            )
            return _found(explained, answer, request)
    return _not_found(explained, LogAnswer(searched, remarks=tuple(remarks)), logs.coverage)


# -- the log has the request -------------------------------------------------------------------------------------------


def _found(explained: ExplainedResponse, answer: LogAnswer, request: Request) -> ExplainedResponse:
    remarks = [*answer.remarks, *_differences(explained, request)]
    if request.outcome == "succeeded":
        changed = _changed_later(request)
        return replace(explained, candidates=(changed,), log=replace(answer, remarks=tuple(remarks)))
    if request.category in _UNJUDGED:
        remarks.append(f"the log has the request but not its cause ({request.category}): see the candidates below")
        return replace(explained, log=replace(answer, remarks=tuple(remarks)))
    settled = _settled(explained, request)
    if settled:
        remarks.append(f"the response settles what the log leaves open: {settled}")
    candidates = [_logged(request.category, str(request.confidence), why="the log of this very request says so")]
    for other in sorted(request.alternatives, key=lambda name: name != settled):
        why = (
            "the response says so, and the log does not rule it out"
            if other == settled
            else "the log does not rule it out"
        )
        candidates.append(_logged(other, "medium" if other == settled else "low", why=why))
    named = {one.category for one in candidates}
    ruled_out = tuple(
        dict.fromkeys(one.category for one in explained.candidates if one.category and one.category not in named)
    )
    log = replace(answer, remarks=tuple(remarks), ruled_out=ruled_out)
    return replace(explained, candidates=tuple(candidates), log=log)


def _logged(category: str, sure: str, *, why: str) -> Candidate:
    entry = catalogue()[category]
    return Candidate(
        category=category,
        title=entry.title,
        confidence=Confidence[sure.upper()],
        why=why,
        tell_apart="",
        fix=entry.fix,
        link=entry.link,
        symptom="log",
        log_shows=entry.seen_as,
        stopped_at=entry.stage.name if entry.stage is not None else "",
        lambda_error=entry.lambda_error,
        logged=entry.logged,
    )


def _settled(explained: ExplainedResponse, request: Request) -> str:
    """The alternative of the log's diagnosis that the response names for certain, if it does."""
    best = explained.candidates[0]
    return best.category if best.confidence == Confidence.HIGH and best.category in request.alternatives else ""


def _differences(explained: ExplainedResponse, request: Request) -> Iterable[str]:
    seen = explained.understood.status
    if seen is None:
        return
    if request.status is not None and request.status != seen:
        yield (
            f"the log says {request.status}, the client got {seen}: a gateway response is customised, or something "
            "between API Gateway and the client changed the answer"
        )
    elif request.status is None and request.client_status not in (None, seen):
        yield f"the default status of {request.category} is {request.client_status}: the gateway response is customised"


def _changed_later(request: Request) -> Candidate:
    return Candidate(
        category="",
        title="API Gateway answered well; what the client got was made or changed later",
        confidence=Confidence.MEDIUM,
        why=f"the log of this very request ends with status {request.status}",
        tell_apart="Compare the answer with one that goes straight to the API's own execute-api address.",
        fix="Look at what lies between API Gateway and the client: error pages of CloudFront, proxies, a library.",
        link="https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/troubleshooting-response-errors.html",
        symptom="log",
    )


# -- it has not --------------------------------------------------------------------------------------------------------


def _not_found(explained: ExplainedResponse, answer: LogAnswer, coverage: Coverage) -> ExplainedResponse:
    covered = _covers(coverage, moment_of(explained.response))
    if not answer.searched:
        remark = "the response has no id to look up (x-amz-apigw-id, x-amzn-RequestId)"
    elif covered:
        remark = (
            "the log covers the time of the response but has no line of the request: it was refused before the first "
            "line is written, or the log is of another API, stage or method"
        )
    elif covered is False:
        remark = f"the response is not of the time that the log covers ({_span(coverage)})"
    else:
        remark = f"the log ({_span(coverage)}) has no line of the request; the response does not say when it was sent"
    log = replace(answer, covered=covered, remarks=(*answer.remarks, remark))
    candidates = explained.candidates
    if answer.searched and covered and explained.answerer.api_gateway is not False:
        candidates = _unlogged_first(candidates, explained.understood.status)
    return replace(explained, candidates=candidates, log=log)


def _unlogged_first(candidates: tuple[Candidate, ...], status: int | None) -> tuple[Candidate, ...]:
    """What leaves no line by design, and has this status, comes before what would have left one."""
    silent = [one for one in candidates if not one.logged]
    if not silent:
        row = next(row for row in symptom_table().symptom if "not_in_log" in row.when.mark)
        possible = [candidate(row, one, Confidence.LOW, status) for one in row.candidates]
        silent = [
            one for one in possible if not one.category or catalogue()[one.category].client_status in (status, None)
        ]
    named = {one.category or one.title for one in silent}
    return (*silent, *(one for one in candidates if (one.category or one.title) not in named))


def _covers(coverage: Coverage, sent: datetime | None) -> bool | None:
    if sent is None or coverage.first_seen is None or coverage.last_seen is None:
        return None
    first, last = _time(coverage.first_seen), _time(coverage.last_seen)
    return first - _CLOCKS_DIFFER <= sent <= last + _CLOCKS_DIFFER


def _time(ms: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)


def _span(coverage: Coverage) -> str:
    if coverage.first_seen is None or coverage.last_seen is None:
        return "which has no times"
    first, last = _time(coverage.first_seen), _time(coverage.last_seen)
    return f"{first:%Y-%m-%d %H:%M:%SZ} to {last:%Y-%m-%d %H:%M:%SZ}"

"""All answers of AWS that an audit rests on, as one plain JSON document that can be saved and read again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from loganalyzer.audit import calls
from loganalyzer.audit.keeping import kept, names_called, with_variables_masked
from loganalyzer.audit.shapes import mapping, mappings, text
from loganalyzer.coverage import Problem
from loganalyzer.redact import redact

SCHEMA = "loganalyzer-snapshot/1"
"""Names the form of the saved document."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What AWS answered to one call: ``body``, or an ``error`` code and ``message`` where there is none.

    ``operation`` is ``service:Operation``; ``request`` holds what was asked for, as the call's own parameters. The
    pages of a listing are one answer.
    """

    operation: str
    request: Mapping[str, str]
    body: Mapping[str, object] | None = None
    error: str = ""
    message: str = ""

    @property
    def refused(self) -> bool:
        """Whether nothing is known, as opposed to known not to exist."""
        return self.body is None and self.error not in calls.NOT_THERE

    @property
    def missing(self) -> bool:
        """Whether AWS says that what was asked for does not exist."""
        return self.body is None and self.error in calls.NOT_THERE


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The answers, which API they are about, and when they were given (ISO-8601); empty where that is not known.

    ``problems`` are saved files that could not be used.
    """

    api: str = ""
    region: str = ""
    account: str = ""
    taken: str = ""
    answers: tuple[Answer, ...] = ()
    problems: tuple[Problem, ...] = ()

    def of(self, operation: str) -> tuple[Answer, ...]:
        """The answers to one operation."""
        return tuple(answer for answer in self.answers if answer.operation == operation)

    def bodies(self, operation: str) -> Iterator[Mapping[str, object]]:
        """What was answered to one operation, refusals left out."""
        return (answer.body for answer in self.of(operation) if answer.body is not None)

    def items(self, operation: str) -> list[Mapping[str, object]] | None:
        """What a listing listed; None where it was never given, which is not the same as empty."""
        given = list(self.bodies(operation))
        if not given:
            return None
        names = ("items", "item", "Items", "logGroups", "deliverySources", "deliveries", "deliveryDestinations")
        return [one for body in given for name in names if name in body for one in mappings(body[name])]

    def document(self) -> dict[str, object]:
        """The snapshot as a JSON object: ``calls`` holds the answers by operation."""
        by_operation: dict[str, list[dict[str, object]]] = {}
        for answer in self.answers:
            by_operation.setdefault(answer.operation, []).append(_document(answer))
        return {
            "schema": SCHEMA,
            "api": self.api,
            "region": self.region,
            "account": self.account,
            "taken": self.taken,
            "calls": by_operation,
        }


_CALLER = re.compile(r"^User: \S{1,300} (?:is )?")
"""Who asked is nobody's business."""


def snapshot_of(
    answers: Iterable[Answer],
    *,
    api: str = "",
    region: str = "",
    account: str = "",
    taken: str = "",
    problems: Iterable[Problem] = (),
) -> Snapshot:
    """A snapshot of the answers with everything dropped or masked that must not be kept; the only way to make one."""
    held = [_kept(answer) for answer in answers]
    known = names_called(_uris(held))
    held = [_with_stages_masked(answer, known=known) for answer in held]
    return Snapshot(api, region, account, taken, tuple(held), tuple(problems))


def _kept(answer: Answer) -> Answer:
    if answer.body is None:
        return replace(answer, message=redact(_CALLER.sub("", answer.message[:500])))
    return replace(answer, body=kept(answer.operation, answer.body))


def _with_stages_masked(answer: Answer, *, known: frozenset[str]) -> Answer:
    if answer.body is None or answer.operation not in (calls.GET_STAGES, calls.GET_STAGES_V2):
        return answer
    body = {
        name: [with_variables_masked(dict(stage), known=known) for stage in mappings(value)]
        for name, value in answer.body.items()
        if name in ("item", "Items")
    }
    return replace(answer, body=body)


def _uris(answers: Iterable[Answer]) -> Iterator[str]:
    for answer in answers:
        body = answer.body or {}
        for item in mappings(body.get("items")) + mappings(body.get("Items")):
            for name in ("authorizerUri", "AuthorizerUri", "IntegrationUri"):
                yield text(item.get(name))
            for method in mapping(item.get("resourceMethods")).values():
                yield text(mapping(mapping(method).get("methodIntegration")).get("uri"))


def _document(answer: Answer) -> dict[str, object]:
    asked: dict[str, object] = {"request": dict(answer.request)}
    if answer.body is not None:
        return {**asked, "answer": answer.body}
    return {**asked, "error": {"code": answer.error, "message": answer.message}}


def answers_in(document: Mapping[str, object]) -> Iterator[Answer]:
    """The answers of a saved snapshot; what is of no known operation is left out."""
    for operation, given in mapping(document.get("calls")).items():
        if operation not in calls.OPERATIONS:
            continue
        for one in mappings(given):
            request = {name: text(value) for name, value in mapping(one.get("request")).items()}
            error = mapping(one.get("error"))
            body = one.get("answer")
            if isinstance(body, dict):
                yield Answer(operation, request, body)
            elif error:
                yield Answer(operation, request, None, text(error.get("code")) or "Error", text(error.get("message")))

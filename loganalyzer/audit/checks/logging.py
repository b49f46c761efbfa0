"""What the stages write to the execution log: level and data trace, of all methods and of single ones."""

from __future__ import annotations

from collections.abc import Iterator

from loganalyzer.audit import calls
from loganalyzer.audit.finding import Effect, Finding, Severity, check
from loganalyzer.audit.mend import logging_template, method_pointer, update_logging, update_stage
from loganalyzer.audit.settings import HTTP, WEBSOCKET, Settings, Stage
from loganalyzer.audit.targets import stages_of

_LINK = "https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html"
_SHOWN = 5

UNCLEAR_AT_ERROR = (
    "ACCESS_DENIED", "EXPLICIT_DENY", "IMPLICIT_DENY", "RESOURCE_POLICY_DENY", "AUTHORIZER_APIGW_ID_SRC_MISSING",
    "AUTHORIZER_ERROR_UNAUTHORIZED", "PROXY_INTEG_APIGW_TIMEOUT", "INTEGRATION_TIMEOUT", "INTERNAL_ERROR",
    "INTEGRATION_ROLE_ASSUME_DENIED", "PROXY_INTEG_INVOKE_DENIED", "AUTHORIZER_INVOKE_DENIED",
    "CONFIGURATION_ERROR_UNSPECIFIED", "UNCLASSIFIED", "INCOMPLETE",
)  # fmt: skip
"""What lines of level ERROR alone cannot tell apart: they name neither method nor phase."""

UNSEEN_AT_ERROR = ("BACKEND_RETURNED_4XX", "BACKEND_RETURNED_5XX", "LAMBDA_ERROR_MAPPED", "LAMBDA_ERROR_UNMAPPED")
"""Answers of the backend are no error of the gateway, so level ERROR may not show them."""

UNCLEAR_WITHOUT_TRACE = (
    "ACCESS_DENIED", "EXPLICIT_DENY", "IMPLICIT_DENY", "RESOURCE_POLICY_DENY", "AUTHORIZER_APIGW_ID_SRC_MISSING",
    "AUTHORIZER_ERROR_UNAUTHORIZED", "AUTHORIZER_LAMBDA_TIMEOUT", "AUTHORIZER_ERROR_OTHER", "COGNITO_UNAUTHORIZED",
    "PROXY_INTEG_RESPONSE_INVALID", "LAMBDA_ERROR_MAPPED", "LAMBDA_ERROR_UNMAPPED", "BACKEND_RETURNED_4XX",
    "BACKEND_RETURNED_5XX",
)  # fmt: skip
"""What rests on bodies and headers, which only data trace writes."""


@check("execution-logging", "Every method writes an execution log at level INFO", needs=(calls.GET_STAGES,))
def execution_logging(settings: Settings) -> Iterator[Finding]:
    """Off, at ERROR only, or different for single methods."""
    if settings.kind == HTTP:
        return
    for stage in stages_of(settings):
        if stage.default.level == "OFF":
            yield _off(settings, stage)
        elif stage.default.level == "ERROR":
            yield _errors_only(settings, stage)
        yield from _overridden(settings, stage)


def _off(settings: Settings, stage: Stage) -> Finding:
    logged = [_named(path, verb) for (path, verb), one in stage.logging.items() if one.level != "OFF"]
    if logged:
        what = f"Stage {stage.name} logs only {_listed(logged)}; every other method writes nothing."
    else:
        what = f"Stage {stage.name} writes no execution log: its logging level is OFF."
    return Finding(
        Severity.ERROR,
        Effect.HIDES,
        where=f"stage {stage.name}",
        what=what,
        why="Failures leave no line, so none of any category can be found; an empty log is no sign of health.",
        link=_LINK,
        command=update_logging(settings, stage, level="INFO", trace=False),
        template=logging_template(settings, stage, level="INFO", trace=False),
        stage=stage.name,
    )


def _errors_only(settings: Settings, stage: Stage) -> Finding:
    return Finding(
        Severity.WARNING,
        Effect.HIDES,
        where=f"stage {stage.name}",
        what=f"Stage {stage.name} logs errors only.",
        why="The lines name neither method nor path nor phase, so several causes look alike, and what succeeded is not "
        "counted: there is no failure rate.",
        link=_LINK,
        categories=(*UNCLEAR_AT_ERROR, *UNSEEN_AT_ERROR),
        command=update_logging(settings, stage, level="INFO", trace=False),
        template=logging_template(settings, stage, level="INFO", trace=False),
        stage=stage.name,
    )


_RANK = {"OFF": 0, "ERROR": 1, "INFO": 2}


def _overridden(settings: Settings, stage: Stage) -> Iterator[Finding]:
    """Methods that log less than the stage as a whole: their own settings win."""
    default = stage.default.level
    less = [
        (path, verb)
        for (path, verb), one in stage.logging.items()
        if (path, verb) != ("*", "*") and _RANK[one.level] < _RANK[default] and _exists(settings, path, verb)
    ]
    if not less:
        return
    levels = {stage.logging[key].level for key in less}
    yield Finding(
        Severity.WARNING,
        Effect.HIDES,
        where=f"stage {stage.name}",
        what=f"On stage {stage.name}, settings of their own make {_listed([_named(*key) for key in less])} log less "
        f"than the rest ({' and '.join(sorted(levels))} instead of {default}).",
        why="Failures of these methods are missing from the log or told without their steps.",
        link=_LINK,
        categories=() if "OFF" in levels else (*UNCLEAR_AT_ERROR, *UNSEEN_AT_ERROR),
        command=_raise_methods(settings, stage, less, level=default),
        template=logging_template(settings, stage, level=default, trace=stage.default.trace),
        stage=stage.name,
        routes=tuple(_named(*key) for key in less if "*" not in key),
    )


def _raise_methods(settings: Settings, stage: Stage, methods: list[tuple[str, str]], *, level: str) -> str:
    if settings.kind == WEBSOCKET:
        return update_logging(settings, stage, level=level, trace=stage.default.trace)
    changes = {f"{method_pointer(path, verb)}/logging/loglevel": level for path, verb in methods}
    return update_stage(settings, stage, changes)


def _exists(settings: Settings, path: str, verb: str) -> bool:
    """Whether settings are of a method that is still there: they outlive it."""
    if settings.methods is None or "*" in (path, verb):
        return True
    return any(method.path == path and method.verb in (verb, "ANY") for method in settings.methods)


@check("data-trace", "Data trace is on while something is investigated, and off otherwise", needs=(calls.GET_STAGES,))
def data_trace(settings: Settings) -> Iterator[Finding]:
    """With it secrets stand in the log, without it some categories cannot be told apart."""
    for stage in stages_of(settings):
        traced = [_named(path, verb) for (path, verb), one in stage.logging.items() if one.trace and one.level != "OFF"]
        if traced:
            yield _traced(settings, stage, traced)
        if stage.default.level == "INFO" and not stage.default.trace:
            yield _untraced(settings, stage)


def _traced(settings: Settings, stage: Stage, traced: list[str]) -> Finding:
    which = "everything" if "* *" in traced else _listed(traced)
    return Finding(
        Severity.WARNING,
        Effect.RISKS,
        where=f"stage {stage.name}",
        what=f"Stage {stage.name} logs whole requests and responses (data trace) of {which}.",
        why="Tokens of authorizer events, cookies, query strings and personal data stand in the log in clear; AWS "
        "advises against it in production.",
        link=_LINK,
        command=update_logging(settings, stage, level=stage.default.level, trace=False),
        template=logging_template(settings, stage, level=stage.default.level, trace=False),
        stage=stage.name,
    )


def _untraced(settings: Settings, stage: Stage) -> Finding:
    return Finding(
        Severity.NOTE,
        Effect.HIDES,
        where=f"stage {stage.name}",
        what=f"Stage {stage.name} logs no bodies and headers: data trace is off.",
        why="Denials, refused identities and malformed answers are then told apart by less, and their details are "
        "missing. Switch it on while you investigate, and off again: it writes secrets in clear.",
        link=_LINK,
        categories=UNCLEAR_WITHOUT_TRACE,
        command=update_logging(settings, stage, level="INFO", trace=True),
        template=logging_template(settings, stage, level="INFO", trace=True),
        stage=stage.name,
    )


def _named(path: str, verb: str) -> str:
    return f"{verb} {path}".strip()


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:_SHOWN])
    return shown if len(names) <= _SHOWN else f"{shown} and {len(names) - _SHOWN} more"

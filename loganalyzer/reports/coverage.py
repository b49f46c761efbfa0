"""What was looked at and what was not, in words: part of every report, so that silence is never taken for health."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from loganalyzer.coverage import Coverage, Example
from loganalyzer.redact import redact
from loganalyzer.reports.clean import clean
from loganalyzer.reports.headline import LEVELS, count
from loganalyzer.reports.report import moment

EXAMPLE = 160
"""How many characters of an example are shown."""
_PROBLEMS = 20

Line = tuple[str, str]
"""``fact | loss | note``, and the sentence."""


def coverage_lines(coverage: Coverage, *, secret: Callable[[str], str] = redact) -> Iterator[Line]:
    """The coverage as sentences, cleaned and masked: facts first, then what was lost, then what to keep in mind."""
    yield "fact", " · ".join(_read(coverage))
    if window := _window(coverage):
        yield "fact", window
    if coverage.levels:
        levels = sorted(coverage.levels.items(), key=lambda item: -item[1])
        yield "fact", "Logging level: " + ", ".join(f"{LEVELS.get(k, clean(k))} {n:,}" for k, n in levels)
    for problem in coverage.problems[:_PROBLEMS]:
        said = f"{clean(problem.where)}: {clean(secret(problem.what))}"
        yield "loss", f"{said} (tip: {clean(problem.tip)})" if problem.tip else said
    if len(coverage.problems) > _PROBLEMS:
        yield "loss", f"… and {count(len(coverage.problems) - _PROBLEMS, 'more problem')} (--format json names all)"
    yield from _examples(coverage, secret=secret)
    if coverage.truncated_events:
        yield "note", f"{count(coverage.truncated_events, 'event')} cut by API Gateway ([TRUNCATED])"
    yield from (("note", clean(secret(note))) for note in coverage.notes)


def _read(coverage: Coverage) -> Iterator[str]:
    yield count(coverage.files, "input")
    if coverage.bytes:
        yield size(coverage.bytes)
    yield count(coverage.events, "event")
    yield count(coverage.requests, "request")
    if coverage.forms:
        yield ", ".join(f"{clean(form)} {number:,}" for form, number in sorted(coverage.forms.items()))


def _window(coverage: Coverage) -> str:
    first, last = moment(coverage.first_seen), moment(coverage.last_seen)
    if first is None or last is None:
        return ""
    until = f"{last:%H:%M:%SZ}" if first.date() == last.date() else f"{last:%Y-%m-%d %H:%M:%SZ}"
    return f"{first:%Y-%m-%d %H:%M:%SZ} to {until}"


def _examples(coverage: Coverage, *, secret: Callable[[str], str]) -> Iterator[Line]:
    kinds = (
        (coverage.unknown_lines, "line", "of no known form"),
        (coverage.unknown_sentences, "message", "that API Gateway is not known to write"),
    )
    for seen, noun, what in kinds:
        if seen.count:
            yield "loss", f"{count(seen.count, noun)} {what}{_example(seen, secret=secret)}"


def _example(seen: Example, *, secret: Callable[[str], str]) -> str:
    text = clean(secret(seen.example))
    if not text:
        return ""
    return f", such as: {text if len(text) <= EXAMPLE else text[: EXAMPLE - 1] + '…'}"


def size(number: float) -> str:
    """Bytes in decimal units."""
    for unit in ("bytes", "kB", "MB"):
        if number < 1000:
            return f"{number:,.0f} {unit}" if unit == "bytes" or number >= 100 else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:,.1f} GB"

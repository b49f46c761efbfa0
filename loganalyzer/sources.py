"""What people hand over to be analysed: told apart, and why there is nothing to analyse in it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard, cast

from loganalyzer.coverage import Coverage
from loganalyzer.errors import AwsError, LogAnalyzerError, NothingReadable, UsageError
from loganalyzer.formats import Fields, Input, Source
from loganalyzer.formats.fields import WrongField
from loganalyzer.formats.stored import Fetched, Stored

if TYPE_CHECKING:
    import pandas as pd


def readable(sources: Sequence[Source | pd.DataFrame], fields: Fields) -> list[Source]:
    """The sources as :func:`find_inputs` takes them, DataFrames as the records in them."""
    several = sum(map(_is_frame, sources)) > 1
    readable: list[Source] = []
    frames = 0
    for source in sources:
        if _is_frame(source):
            from loganalyzer.frames import records_of

            frames += 1
            name = f"DataFrame {frames}" if several else "DataFrame"
            readable.append(records_of(source, name=name, fields=fields))
        elif isinstance(source, str | Path | Stored | Fetched) or hasattr(source, "read"):
            readable.append(cast(Source, source))
        else:
            raise UsageError(
                f"cannot read a {type(source).__name__}",
                tip="give paths, globs, open binary files or DataFrames, each as an argument of its own",
            )
    return readable


def _is_frame(source: object) -> TypeGuard[pd.DataFrame]:
    """Whether a source is a DataFrame, told without importing pandas."""
    return hasattr(source, "columns") and hasattr(source, "iloc")


def demand_readable(coverage: Coverage, inputs: Sequence[Input], sources: Sequence[object]) -> None:
    """Raise what is wrong if nothing of the inputs was an execution log; ``coverage`` says what was read of them."""
    wrong = [problem for problem in coverage.problems if isinstance(problem, WrongField)]
    if wrong and {source.name for source in inputs} == {problem.where for problem in wrong}:
        raise UsageError(f"{wrong[0].where}: {wrong[0].what}", tip=wrong[0].tip)
    if not coverage.events and not any(source.is_journal and source.covers for source in inputs):
        raise nothing_readable(coverage, inputs, sources)


def nothing_readable(coverage: Coverage, inputs: Sequence[Input], sources: Sequence[object]) -> LogAnalyzerError:
    """Why there is nothing to analyse: what AWS refuses, the first problem, or no line of an execution log at all."""
    if refused := next(filter(None, map(_refusal, inputs[:1])), None):
        return refused
    if coverage.problems:
        problem = coverage.problems[0]
        more = f" (and {len(coverage.problems) - 1} more)" if len(coverage.problems) > 1 else ""
        return NothingReadable(f"{problem.where}: {problem.what}{more}", tip=problem.tip)
    names = ", ".join(source.name for source in inputs[:3]) or ", ".join(map(str, sources)) or "the input"
    return NothingReadable(
        f"{names}: no line of an API Gateway execution log",
        tip="execution logs are in CloudWatch groups named API-Gateway-Execution-Logs_<api>/<stage>",
    )


def _refusal(source: Input) -> AwsError | None:
    """Why AWS does not give out an input, None if it does or has no say in it."""
    if source.remote is None:
        return None
    try:
        with source.remote.open() as stream:
            stream.read(1)
    except AwsError as refused:
        return AwsError(f"{source.name}: {refused.message}", tip=refused.tip)
    return None

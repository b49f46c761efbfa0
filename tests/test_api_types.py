"""The public library as a user with a type checker sees it: mypy reads this file, and it runs as well."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import loganalyzer as la

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    import pandas as pd

    from loganalyzer.classifier.rules import Entry
    from loganalyzer.client.records import Candidate, ExplainedResponse
    from loganalyzer.comparison.records import Change
    from loganalyzer.coverage import Coverage
    from loganalyzer.model import Explanation, Request, Step, Summary, Timeline
    from loganalyzer.scales import Stage

CAPTURES = Path(__file__).parents[1] / "fixtures" / "captures"
SHOP = Path(__file__).parents[1] / "fixtures" / "rules" / "shop.toml"


def test_analysis_is_typed() -> None:
    """What ``analyze`` returns has types that say what is in it."""
    analysis: la.Analysis = la.analyze(CAPTURES / "error.log", str(CAPTURES / "error.log"), jobs=1, progress=None)
    coverage: Coverage = analysis.coverage
    requests: int = coverage.requests
    summary: Summary = analysis.summary()
    by_category: Mapping[str, int] = summary.by_category
    assert 0 < sum(by_category.values()) <= requests


def test_frames_are_sources() -> None:
    """DataFrames are sources too, and the fields of records can be said."""
    import pandas as pd

    frame: pd.DataFrame = pd.DataFrame(
        {"said": ["(3f2b8c1e-7a45-4d09-9c6e-5b1d2e8f7a10) Method completed with status: 502"]}
    )
    analysis = la.analyze(frame, str(CAPTURES / "error.log"), fields={"message": "said"})
    shown: None = la.show(analysis, redacted=True)  # type: ignore[func-returns-value]
    assert shown is None and analysis.coverage.events


def test_open_files_are_sources() -> None:
    """Binary files are sources like paths."""
    with (CAPTURES / "error.log").open("rb") as file:
        analysis = la.analyze(file, jobs=1)
    assert analysis.coverage.events


def test_tables_are_typed() -> None:
    """Requests come as records or as a pandas table."""
    analysis = la.analyze(CAPTURES / "error.log", jobs=1)
    records: Iterator[Request] = analysis.records(everything=True)
    first: Request = next(records)
    seen: datetime | None = first.first_seen
    status: int | None = first.status
    alternatives: tuple[str, ...] = first.alternatives
    requests: pd.DataFrame = analysis.requests
    failures: pd.DataFrame = analysis.failures
    assert seen is not None and (status is None or status >= 100) and isinstance(alternatives, tuple)
    assert len(failures) <= len(requests)


def test_timelines_are_typed() -> None:
    """A timeline is a tuple of steps, each in a stage."""
    analysis = la.analyze(CAPTURES / "error.log", jobs=1)
    row: Request = next(analysis.records())
    timeline: Timeline = analysis.timeline(row.request_id)
    diagnosed: Request | None = timeline.request
    steps: tuple[Step, ...] = timeline.steps
    stopped_at: Stage = timeline.stopped_at
    lifecycle: str = stopped_at.lifecycle
    again: Request = analysis.diagnosis(row.request_id)
    explanation: Explanation = analysis.explanation(row.request_id)
    detail: str = explanation.detail
    assert steps and lifecycle and again == row == diagnosed and isinstance(detail, str)


def test_catalogue_is_typed() -> None:
    """An entry of the catalogue has texts and a default status; errors are of one kind."""
    entry: Entry = la.explain("PROXY_INTEG_ERROR")
    fix: str = entry.fix
    status: int | None = entry.client_status
    assert fix and status == 502
    assert issubclass(la.LogAnalyzerError, Exception)


def test_explanations_are_typed() -> None:
    """A response explained has candidates with texts and a confidence; pasted text gives one explanation or several."""
    explained: ExplainedResponse = la.explain_response(status=429, headers={"x-amz-apigw-id": "Qx7ZkHbVoAMEf2g="})
    best: Candidate = explained.candidates[0]
    category: str = best.category
    roots: tuple[str, ...] = best.roots
    several: tuple[ExplainedResponse, ...] = la.explain_pasted(b"HTTP/1.1 429 Too Many Requests\r\n\r\n")
    assert category == several[0].candidates[0].category == "THROTTLED" and isinstance(roots, tuple)


def test_rules_are_typed() -> None:
    """The user's rules are paths, one or several; the catalogue that counts is a mapping, and is taken as one again."""
    analysis = la.analyze(CAPTURES / "error.log", rules=[SHOP, str(SHOP)], jobs=1)
    entries: Mapping[str, Entry] = analysis.entries
    again = la.analyze(CAPTURES / "error.log", rules=entries, jobs=1)
    entry: Entry = la.explain("X_PACKAGE_UNREADABLE", rules=SHOP)
    assert entries[entry.id] == entry
    assert again.summary() == analysis.summary()


def test_comparisons_are_typed() -> None:
    """A comparison has periods, changes with a kind and a verdict, and tables."""
    compared: la.Comparison = la.compare(CAPTURES / "info.log", [CAPTURES / "info-with-data-trace.log.gz"])
    first: Change = compared.categories[0]
    verdict: str = first.verdict
    rate: float | None = compared.overall.before_rate
    frame: pd.DataFrame = compared.by_category
    assert verdict and rate and len(frame) == len(compared.categories)

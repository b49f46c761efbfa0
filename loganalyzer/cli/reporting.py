"""What an analysis came to, filtered and weighed, in one of the forms of a report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

    from loganalyzer.analysis import Analysis
    from loganalyzer.arrow.batches import Mask
    from loganalyzer.audit.explaining import Explanations
    from loganalyzer.classifier.rules import Entry
    from loganalyzer.cli.verdict import Verdict
    from loganalyzer.judged.records import Part
    from loganalyzer.model import Request
    from loganalyzer.reports.report import Report
    from loganalyzer.reports.selection import Selection
    from loganalyzer.spark.gathered import Gathered


def reported(
    analysis: Analysis | Gathered,
    selection: Selection,
    *,
    everything: bool,
    redacted: bool,
    verdict: Verdict,
    explanations: Explanations | None = None,
    jobs: int | None = None,
) -> Report:
    """What passes the filters, counted; the requests are weighed as they are handed out.

    Where nothing but writing is to be done with them, ``jobs`` processes may write them.
    """
    from loganalyzer.parser.worker import cores
    from loganalyzer.reports.report import Report
    from loganalyzer.reports.selection import tally
    from loganalyzer.trends import columns_of, latency, over_time

    def begin() -> None:
        if explanations is not None:
            explanations.reset()

    def weighed(request: Request) -> Request:
        verdict.weigh(request)
        if explanations is not None:
            explanations.note(request)
        return request

    def requests() -> Iterator[Request]:
        begin()
        yield from map(weighed, _admitted(analysis.records(everything=everything), selection))

    def batches(mask: Mask | None) -> Iterator[pa.RecordBatch]:
        return analysis.batches(everything=everything, mask=mask)

    def parts() -> Sequence[Part]:
        return analysis.parts(everything=everything)

    def chosen() -> Iterator[Request]:
        return _admitted(analysis.records(everything=True), selection)

    weighing = bool(selection or explanations or verdict.conditions)
    counted = tally(chosen()) if selection else analysis.summary()
    return Report(
        analysis.coverage,
        counted,
        requests,
        selection.words(),
        redacted=redacted,
        explanations=explanations,
        kind=analysis.row_type,
        trend=lambda: over_time(columns_of(chosen())) if selection else analysis.over_time(),
        latency=lambda: latency(columns_of(chosen())) if selection else analysis.latency(),
        timelines=analysis.timelines,
        batches=None if weighing else batches,
        parts=tuple if weighing else parts,
        processes=jobs or cores(),
    )


def _admitted(requests: Iterable[Request], selection: Selection) -> Iterator[Request]:
    return filter(selection.admits, requests) if selection else iter(requests)


def write(report: Report, *, form: str, output: Path | None, entries: Mapping[str, Entry], everything: bool) -> None:
    """Write the report in one of the formats."""
    from loganalyzer.cli import output as out

    if form == "table":
        from loganalyzer.reports.page import Page
        from loganalyzer.reports.table import show

        with out.page_file(output) as file:
            show(report, Page(file), entries=entries, everything=everything)
        return
    if form == "md":
        from loganalyzer.reports.note import note

        out.write(note(report, entries=entries), output)
        return
    if form == "html":
        from loganalyzer.reports.html import html_document

        out.write(html_document(report, entries=entries), output)
        return
    if form == "parquet":
        from loganalyzer.reports.parquet import write_parquet

        with out.binary_file(output) as binary:
            write_parquet(report, binary)
        return
    from loganalyzer.reports import documents

    chunks = {
        "json": lambda: documents.json_document(report, entries=entries),
        "ndjson": lambda: documents.ndjson(report),
        "csv": lambda: documents.csv_table(report),
    }[form]()
    out.write(chunks, output)

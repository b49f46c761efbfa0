"""The requests as Parquet, for tables and engines: typed columns, written batch by batch.

Texts stand as they are logged, but for what is masked: no spreadsheet opens Parquet, so nothing in it is a formula.
What was read and what was not, and the counts, stand in the metadata of the file (keys ``loganalyzer.coverage``,
``loganalyzer.summary``, ``loganalyzer.schema``); so do pandas' own types, with which ``pandas.read_parquet`` gives the
very columns of ``analysis.requests``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields
from typing import TYPE_CHECKING, Any, BinaryIO

from loganalyzer.arrow.batches import Mask, grouped
from loganalyzer.errors import UsageError
from loganalyzer.model import Request
from loganalyzer.reports.clean import json_text
from loganalyzer.reports.documents import coverage_document, summary_document
from loganalyzer.reports.report import SCHEMA, Report

if TYPE_CHECKING:
    import pyarrow as pa

_PANDAS = {
    "str": ("unicode", "str"),
    "datetime | None": ("datetimetz", "datetime64[ms, UTC]"),
    "int | None": ("int64", "Int64"),
    "float | None": ("float64", "Float64"),
    "bool": ("bool", "bool"),
    "bool | None": ("bool", "boolean"),
    "tuple[str, ...]": ("list[unicode]", "object"),
}
"""The types of a request's columns as pandas writes them: https://pandas.pydata.org/docs/development/developer.html"""


def demand_pyarrow() -> None:
    """Raise :class:`UsageError` where pyarrow is not installed."""
    try:
        import pyarrow.parquet  # noqa: F401
    except ImportError as error:
        raise UsageError("writing Parquet needs pyarrow, which is not there",
                         tip="install 'loganalyzer[parquet]'") from error  # fmt: skip


def write_parquet(report: Report, file: BinaryIO) -> None:
    """Write the requests to ``file``, which can be sought in; so many at once that memory stays flat."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = schema_of(report)
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for batch in _batches(report):
            writer.write_table(pa.Table.from_batches([batch]).cast(schema))


def _batches(report: Report) -> Iterator[pa.RecordBatch]:
    mask = Mask(report.shown, report.secret if report.redacted else None)
    return report.batches(mask) if report.batches else grouped(iter(report.requests()), kind=report.kind, mask=mask)


def schema_of(report: Report) -> pa.Schema:
    """The columns with their types, and what else the file tells."""
    import pyarrow as pa

    types = {
        "str": pa.string(),
        "datetime | None": pa.timestamp("ms", "UTC"),
        "int | None": pa.int64(),
        "float | None": pa.float64(),
        "bool": pa.bool_(),
        "bool | None": pa.bool_(),
        "tuple[str, ...]": pa.list_(pa.string()),
    }
    told = {
        "pandas": json.dumps(_pandas_metadata(report.kind)),
        "loganalyzer.schema": SCHEMA,
        "loganalyzer.coverage": json_text(coverage_document(report.coverage, secret=report.secret)),
        "loganalyzer.summary": json_text(summary_document(report.summary, filters=report.filters)),
    }
    return pa.schema([(field.name, types[str(field.type)]) for field in fields(report.kind)], metadata=told)


def _pandas_metadata(kind: type[Request]) -> dict[str, Any]:
    columns = [
        {
            "name": field.name,
            "field_name": field.name,
            "pandas_type": _PANDAS[str(field.type)][0],
            "numpy_type": _PANDAS[str(field.type)][1],
            "metadata": {"timezone": "UTC"} if str(field.type).startswith("datetime") else None,
        }
        for field in fields(kind)
    ]
    return {"index_columns": [], "column_indexes": [], "columns": columns, "pandas_version": "2.2.0"}

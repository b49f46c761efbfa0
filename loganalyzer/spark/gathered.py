"""A table of requests on a cluster → what fits one machine: its failures, and counts of all of it."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from loganalyzer import trends
from loganalyzer.arrow.arrays import binaries
from loganalyzer.arrow.batches import Mask, grouped
from loganalyzer.classifier.classify import FAILED, SUCCEEDED
from loganalyzer.classifier.rules import Entry, Rules, catalogue_with
from loganalyzer.errors import UsageError
from loganalyzer.model import FunnelStep, Latency, Request, Summary, Timeline, Trend
from loganalyzer.rows import frame_of
from loganalyzer.spark import counts
from loganalyzer.spark.columns import requests_of
from loganalyzer.spark.flow import coverage_of
from loganalyzer.spark.session import ignore_age_of_pandas

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from pyspark.sql import DataFrame

    from loganalyzer.judged.records import Part

MOST = 100_000
"""So many failing requests are brought back unless another number is asked for."""


def from_spark(requests: DataFrame, *, most: int = MOST, rules: Rules = ()) -> Gathered:
    """The failures of a table of requests, back from the cluster, with counts of all requests in it.

    ``requests`` comes from :func:`loganalyzer.spark.analyze` or was read from where such a table was written. At most
    ``most`` failed and incomplete requests are brought, the earliest; the counts are of all, and worked out by Spark.
    ``rules`` are those that the requests were judged by.
    """
    return Gathered(requests, most=most, entries=catalogue_with(rules))


class Gathered:
    """What :func:`from_spark` brings: like an analysis, without the text of the log."""

    def __init__(self, requests: DataFrame, *, most: int, entries: Mapping[str, Entry]) -> None:
        self.entries = entries
        self.row_type: type[Request] = Request
        self.coverage = coverage_of(requests)
        self._table = requests
        self._counted = counts.counted(requests)
        failing = requests.where(f"outcome <> '{SUCCEEDED}'")
        self._held = list(requests_of(arrow_of(failing.orderBy("first_seen", "request_id").limit(most))))
        self._cover()

    def _cover(self) -> None:
        levels: Counter[str] = Counter()
        for row in self._counted:
            levels[row.log_level] += row.number
        self.coverage.requests = levels.total()
        self.coverage.levels = dict(sorted(levels.items()))
        failing = sum(row.number for row in self._counted if row.outcome != SUCCEEDED)
        if failing > len(self._held):
            self.coverage.note(f"{len(self._held)} of {failing} failed and incomplete requests were brought back")

    def records(self, *, everything: bool = False) -> Iterator[Request]:
        """The failed and incomplete requests that were brought back; with ``everything`` :class:`UsageError`."""
        if everything:
            raise UsageError("requests that succeeded are on the cluster", tip="ask the table itself for them")
        yield from self._held

    def parts(self, *, everything: bool = False) -> list[Part]:
        """None: these requests are told already."""
        return []

    def batches(self, *, everything: bool = False, mask: Mask | None = None) -> Iterator[pa.RecordBatch]:
        """The same as batches of Arrow, masked as told."""
        return grouped(self.records(everything=everything), mask=mask)

    @property
    def requests(self) -> pd.DataFrame:
        """The requests that were brought back, with the columns of ``analysis.requests``."""
        return frame_of(self._held)

    @property
    def failures(self) -> pd.DataFrame:
        """The failed ones of them, with ``title``, ``cause``, ``fix`` and ``link`` of their category."""
        import pandas as pd

        frame = frame_of(request for request in self._held if request.outcome == FAILED)
        for name in ("title", "cause", "fix", "link"):
            texts = [getattr(self.entries[category], name) for category in frame["category"]]
            frame[name] = pd.Series(texts, frame.index, dtype="str")
        return frame

    @cached_property
    def _summary(self) -> Summary:
        return counts.summary_of(self._counted, counts.routes_in(self._table))

    def summary(self) -> Summary:
        """Counts of all requests of the table, and latency by route."""
        return self._summary

    def over_time(self, *, stretches: int = trends.MAX_STRETCHES) -> Trend | None:
        """All requests and failures by time; None if no time is known."""
        return counts.over_time(self._table, stretches=stretches)

    def funnel(self) -> tuple[FunnelStep, ...]:
        """How many of all requests reached each step of the lifecycle, and how many ended in it."""
        return trends.funnel(self.summary())

    def latency(self) -> tuple[Latency, ...]:
        """Latency quantiles of all requests by route, by what became of the authorizer, and of the integration."""
        return counts.latency(self._table)

    def timeline(self, request_id: str) -> Timeline:
        """Raises :class:`UsageError`: the lines of a request are in the log, which is not here."""
        raise UsageError(
            f"the lines of '{request_id}' are in the log, not in this table",
            tip="read the stream that holds it with loganalyzer trace",
        )

    def timelines(self, requests: Sequence[Request]) -> list[Timeline]:
        """None: the lines of these requests are in the log, which is not here."""
        return []

    def __repr__(self) -> str:
        summary = self.summary()
        return f"<Gathered: {summary.requests} requests, {summary.failed} failed, {summary.incomplete} incomplete>"


def arrow_of(frame: DataFrame) -> pa.Table:
    """A table of Spark as one of Arrow, here; what ``toPandas`` brings has lost that its times are UTC."""
    with warnings.catch_warnings():
        ignore_age_of_pandas()
        return frame.toArrow() if hasattr(frame, "toArrow") else packed(frame)


def packed(frame: DataFrame) -> pa.Table:
    """The same before Spark 4, which has no ``toArrow``: workers pack their batches as streams of Arrow."""
    import pyarrow as pa

    def pack(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, batch.schema) as stream:
                stream.write_batch(batch)
            yield pa.RecordBatch.from_arrays([binaries([sink.getvalue().to_pybytes()])], names=["stream"])

    streams = [bytes(row["stream"]) for row in frame.mapInArrow(pack, "stream binary").collect()]
    if not streams:
        return pa.table({name: [] for name in frame.columns})
    return pa.concat_tables([pa.ipc.open_stream(stream).read_all() for stream in streams])

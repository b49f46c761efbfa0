"""What the workers do once all is scanned: merge rows of one request, look at some again, judge.

Each is an object that Spark sends to its workers and calls with the batches of a partition; each gives the same for
the same batches, so Spark may run it again whenever a machine is lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from loganalyzer.analysis import READ_AGAIN, Analysis
from loganalyzer.arrow.batches import Mask
from loganalyzer.classifier import evidence
from loganalyzer.classifier.rules import Entry
from loganalyzer.coverage import Coverage
from loganalyzer.formats import Chunk, Input
from loganalyzer.formats.base import Origin, canonical
from loganalyzer.parser.columns import Rows
from loganalyzer.parser.evidence import prune
from loganalyzer.parser.ids import hash_ids
from loganalyzer.parser.look import Look
from loganalyzer.parser.merging import fold
from loganalyzer.parser.shared import split_shared
from loganalyzer.parser.summary import SOURCE_SHIFT, empty_rows
from loganalyzer.parser.table import Table
from loganalyzer.redact import redact, redact_request
from loganalyzer.spark import records, slices
from loganalyzer.spark.scan import inputs_in
from loganalyzer.spark.unsettled import note_of, wanted_of, window_note

if TYPE_CHECKING:
    import pyarrow as pa

    Batches = Iterable[pa.RecordBatch]

EXCERPT_ROWS = 64
"""So many requests that were read again are judged together."""

MAX_EXCERPT = 64_000_000
"""So many bytes of one request are read again from one input at most."""


@dataclass(frozen=True, slots=True)
class Merge:
    """Records, those of one request in one partition → one record a request, and a note on all of them.

    With ``policies`` requests are looked at again too that may share a policy with another one.
    """

    policies: bool = False

    def __call__(self, batches: Batches) -> Iterator[pa.RecordBatch]:
        """Merge all records of a partition."""
        held = []
        note = records.Note()
        for batch in batches:
            told = batch.column("note").drop_null().to_pylist()
            for raw in told:
                note.merge(records.note_of(raw))
            held.append(batch.filter(batch.column("note").is_null()) if told else batch)
        table = records.table_of(held)
        table.rows = fold(table.rows, table.texts)
        prune(table.kept, table.rows)
        wanted = wanted_of(table.rows, policies=self.policies)
        note.merge(note_of(table.rows, wanted))
        yield from records.batches_of(table, sources=_sources(held, table.rows[wanted > 0]), wanted=wanted)
        yield records.note_batch(note)


def _sources(batches: Sequence[pa.RecordBatch], wanted: Rows) -> dict[bytes, list[int]]:
    """The inputs in which wanted requests stand, by id."""
    found: dict[bytes, set[int]] = {raw.tobytes(): set() for raw in wanted["id"]}
    if found:
        for batch in batches:
            for raw, numbers in zip(batch.column("id").to_pylist(), batch.column("sources").to_pylist(), strict=True):
                if raw in found:
                    found[raw].update(numbers)
    return {raw: sorted(numbers) for raw, numbers in found.items()}


@dataclass(frozen=True, slots=True)
class LookAgain:
    """Inputs, each with the requests that are wanted from it → all lines of these requests, as canonical text."""

    def __call__(self, batches: Batches) -> Iterator[pa.RecordBatch]:
        """Read each input once."""
        for batch in batches:
            wanted = batch.column("wanted").to_pylist()
            for numbered, ids in zip(inputs_in(batch), wanted, strict=True):
                for number, source in numbered:
                    yield _excerpts(number, source, ids)


def _excerpts(number: int, source: Input, wanted: Sequence[Mapping[str, bytes | None]]) -> pa.RecordBatch:
    import pyarrow as pa

    from loganalyzer.arrow import arrays

    ids = sorted({(row["id"] or b"", records.long_id_of(row["more"])) for row in wanted})
    rows = empty_rows(len(ids))
    rows["id"] = np.frombuffer(b"".join(raw for raw, _ in ids), np.uint64).reshape(len(ids), -1)
    rows["key"] = hash_ids(rows["id"])
    rows["first_pos"], rows["last_pos"] = 0, (1 << SOURCE_SHIFT) - 1
    table = Table(rows=rows, long_ids={raw: full for raw, full in ids if full})
    found = Look([source], table, rows).events()
    texts = [
        b"".join(canonical(event.time, event.request_id, event.message) for event in events)[:MAX_EXCERPT]
        for events in found
    ]
    return pa.RecordBatch.from_arrays(
        [arrays.binaries([raw for raw, _ in ids]), arrays.integers([number] * len(ids)), arrays.binaries(texts)],
        names=["id", "number", "text"],
    )


@dataclass(frozen=True, slots=True)
class Excerpt(Input):
    """Lines of one request from one input, as canonical text."""

    text: bytes = field(default=b"", repr=False)

    def chunks(self, coverage: Coverage) -> Iterator[Chunk]:
        """The lines."""
        yield Chunk(self.text, Origin("excerpt"))


def _looked_at(batches: Sequence[pa.RecordBatch]) -> tuple[list[Input], Table]:
    """Records with what was read again of them: excerpts as inputs, and rows that stand in these."""
    table = records.table_of(batches)
    inputs: list[Input] = []
    seen = (one for batch in batches if "excerpts" in batch.schema.names for one in batch.column("excerpts"))
    for row, excerpts in zip(table.rows, seen, strict=False):
        row["first_pos"] = len(inputs) << SOURCE_SHIFT
        for excerpt in sorted(excerpts.as_py() or (), key=lambda excerpt: int(excerpt["number"])):
            inputs.append(Excerpt("", Path(), text=excerpt["text"]))
        row["last_pos"] = max(int(row["first_pos"]), (len(inputs) << SOURCE_SHIFT) - 1)
    table.rows = table.rows[np.argsort(table.rows["key"], kind="stable")]
    return inputs, table


def _slices(batches: Batches) -> Iterator[pa.RecordBatch]:
    """The batches as large as is right to work on at once."""
    for batch in batches:
        size = EXCERPT_ROWS if "excerpts" in batch.schema.names else records.AT_ONCE
        for start in range(0, batch.num_rows, size):
            yield batch.slice(start, size)


@dataclass(frozen=True, slots=True)
class Window:
    """Records of requests that share an id, with their lines → a note on the log as these requests tell it, split."""

    def __call__(self, batches: Batches) -> Iterator[pa.RecordBatch]:
        """One note for a partition."""
        note = records.Note()
        for batch in _slices(batches):
            inputs, table = _looked_at([batch])
            split_shared(inputs, table)
            note.merge(window_note(table.rows))
        yield records.note_batch(note)


@dataclass(frozen=True, slots=True)
class Judge:
    """Tables with one row a request → the requests, diagnosed.

    ``entries`` is None for the built-in catalogue; the log as a whole is ``small`` where other requests are looked for
    that explain one.
    """

    around: evidence.Window
    entries: Mapping[str, Entry] | None = None
    redacted: bool = False
    small: bool = False

    def of(self, inputs: Sequence[Input], table: Table) -> Iterator[pa.RecordBatch]:
        """The requests of one table, with those of their lines that were read again."""
        table.coverage.bytes = 0 if self.small else READ_AGAIN + 1
        analysis = Analysis(inputs, table, entries=self.entries, around=self.around)
        yield from analysis.batches(everything=True, mask=Mask(redact_request, redact) if self.redacted else None)


@dataclass(frozen=True, slots=True)
class JudgeSlices:
    """Slices → those of their requests that stand for themselves, diagnosed."""

    judge: Judge

    def __call__(self, batches: Batches) -> Iterator[pa.RecordBatch]:
        """Judge each slice by itself, small ones together."""
        for table in slices.joined(map(_without_apart, slices.opened(batches)), size=slices.AT_ONCE // 2):
            yield from self.judge.of((), table)


def _without_apart(one: slices.Opened) -> Table:
    one.table.rows = one.table.rows[~one.apart]
    return one.table


@dataclass(frozen=True, slots=True)
class JudgeRecords:
    """Records, one a request → the requests, diagnosed; with ``together`` all of a partition as one log."""

    judge: Judge
    together: bool = False

    def __call__(self, batches: Batches) -> Iterator[pa.RecordBatch]:
        """Judge each batch for itself, or all of them together."""
        for part in [list(batches)] if self.together else ([batch] for batch in _slices(batches)):
            yield from self.judge.of(*_looked_at(part))

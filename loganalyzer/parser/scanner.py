"""Blocks of canonical text → rows of the request table.  The hot path."""

from __future__ import annotations

import numpy as np

from loganalyzer import vocabulary as words
from loganalyzer.model import Coverage
from loganalyzer.parser import content
from loganalyzer.parser.evidence import Kept, keep, passed, prune
from loganalyzer.parser.lines import LineFinder, Lines
from loganalyzer.parser.requests import requests_of, rows_of
from loganalyzer.parser.summary import Ints, Rows, Texts, empty_rows, fold
from loganalyzer.parser.values import ValueReader

_FOLD_AT = 1 << 16


class Scanner:
    """Reads blocks of canonical text into one table of rows.

    ``texts`` numbers the distinct texts in the rows; ``kept`` is the text that diagnoses rest on; ``coverage`` counts
    what was read and what was not understood.
    """

    def __init__(self, coverage: Coverage | None = None, texts: Texts | None = None) -> None:
        self.coverage = Coverage() if coverage is None else coverage
        self.texts = Texts() if texts is None else texts
        self.finder = LineFinder(self.coverage)
        self.kept: list[Kept] = []
        self._values = ValueReader(self.texts)
        self._pending: list[Rows] = []
        self._pending_count = 0

    @property
    def long_ids(self) -> dict[bytes, bytes]:
        """Request ids that do not fit a row, by the digest that stands for them."""
        return self.finder.long_ids

    def lines(self, text: bytes) -> Lines:
        """The events of a chunk."""
        return self.finder.lines(text)

    def feed(self, text: bytes, *, base: int = 0, facts: tuple[str, ...] = (), api: bytes = b"") -> None:
        """Take in one chunk of whole events that starts at position ``base``.

        ``facts`` hold for all its requests; ``api`` is ``<api id>/<stage>`` as the log group's name gives it.
        """
        lines = self.lines(text)
        self.coverage.bytes += len(text)
        self.coverage.events += len(lines.code)
        if len(lines.code):
            rows = self._rows(text, lines, base)
            rows["facts"] |= np.uint64(sum(words.FACT_BIT[name] for name in facts))
            rows["origin"] = self.texts.code(api)
            self._pending.append(rows)
            self._pending_count += len(rows)
        if self._pending_count > _FOLD_AT:
            self._consolidate()

    def rows(self) -> Rows:
        """Everything taken in so far, one row a request."""
        self._consolidate()
        return self._pending[0] if self._pending else empty_rows(0)

    def adopt(self, rows: Rows, texts: Texts, long_ids: dict[bytes, bytes], kept: list[Kept]) -> None:
        """Merge the table of another scanner into this one."""
        self.texts.adopt(texts, rows)
        self.finder.long_ids.update(long_ids)
        self.kept.extend(kept)
        self._pending.append(rows)
        self._pending_count += len(rows)
        if self._pending_count > 16 * _FOLD_AT:
            self._consolidate()

    def _consolidate(self) -> None:
        if self._pending:
            merged = fold(np.concatenate(self._pending) if len(self._pending) > 1 else self._pending[0])
            self._pending = [merged]
            self._pending_count = 0
            self.kept = prune(self.kept, merged)

    def _rows(self, text: bytes, lines: Lines, base: int) -> Rows:
        """One row for each request that has lines in the block."""
        facts, cut = content.facts(text, lines)
        self.coverage.truncated_events += int(cut.sum())
        grouping = requests_of(lines)
        rows = rows_of(lines, grouping, facts, base)
        self._carry(text, lines, rows, grouping.row)
        self.kept.extend(keep(text, lines, facts, base, passed(rows)[grouping.row]))
        return rows

    def _carry(self, text: bytes, lines: Lines, rows: Rows, row_of: Ints) -> None:
        """Put the values of single lines into the rows: status, latency, method, path, route, API, extended id."""
        for column, events, values in self._values.read(text, lines):
            which = row_of[events]
            if column == "xid":
                _merge(np.minimum, rows["xid_min"], which, values)
                column = "xid_max"
            _merge(np.maximum, rows[column], which, values)


def _merge(choose: np.ufunc, column: Ints, which: Ints, values: Ints) -> None:
    """Merge values into a column; a row that has several of them, which is rare, takes the slow way."""
    chosen = choose(column[which], values)
    column[which] = chosen
    if (column[which] != chosen).any():
        choose.at(column, which, values)

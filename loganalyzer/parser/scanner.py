"""Blocks of canonical text → rows of the request table.  The hot path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from loganalyzer import vocabulary as words
from loganalyzer.coverage import Coverage
from loganalyzer.parser import content, reader
from loganalyzer.parser.allocation import give_back_freed_memory
from loganalyzer.parser.columns import Ints, Rows, among, changes, places, spread
from loganalyzer.parser.evidence import passed, prune, telling
from loganalyzer.parser.heads import Words
from loganalyzer.parser.kept import KeptLines
from loganalyzer.parser.lines import LineFinder, Lines, grouped, joined
from loganalyzer.parser.merging import greatest
from loganalyzer.parser.pile import Pile
from loganalyzer.parser.requests import requests_of, rows_of
from loganalyzer.parser.routes import MANY_PATHS, MOST_PATHS, are_many, without_paths
from loganalyzer.parser.successes import SUCCESS, condensed, settled
from loganalyzer.parser.summary import ROW, empty_rows
from loganalyzer.parser.texts import TEXTS, Texts
from loganalyzer.parser.values import ValueReader
from loganalyzer.parser.waiting import Waiting

_EXTENDED = {*words.BY_HEAD["Extended Request Id:"]}
_FOLD_AT = 1 << 13
_MANY_TEXTS = 1 << 14

_SHORT = 2 << 20
"""Chunks of fewer bytes wait for others: what a block costs is much the same for few lines."""

_TOGETHER = 4 << 20
"""Bytes of such chunks that are enough."""

_TAKE_AT = 1 << 21
"""Bytes of lines that were put by which are enough."""


class Origin(NamedTuple):
    """What the source of a block tells of all its requests: ``<api id>/<stage>``, fact bits."""

    api: bytes
    facts: int


class Block(NamedTuple):
    """A chunk of whole events and the position of its first byte."""

    text: bytes
    base: int


class Scanner:
    """Reads blocks of canonical text into one table of rows.

    ``texts`` numbers the distinct texts in the rows; ``kept`` is the text that diagnoses rest on; ``coverage`` counts
    what was read and what was not understood: all that is complete once rows were asked for. With ``brief`` the
    requests that succeeded are left out of the rows, as far as one block shows them to have, and stand in
    ``successes``.
    """

    def __init__(self, coverage: Coverage | None = None, texts: Texts | None = None, *, brief: bool = False) -> None:
        self.coverage = Coverage() if coverage is None else coverage
        self.finder = LineFinder(self.coverage)
        self._brief = brief
        self._begin(Texts() if texts is None else texts)
        self._short: Waiting[Block, Origin] = Waiting()
        self._put_by: Waiting[tuple[bytes, Lines], Origin] = Waiting()

    def _begin(self, texts: Texts) -> None:
        self.texts = texts
        self.kept = KeptLines()
        self._values = ValueReader(texts, self.finder.long_ids)
        self._pile, self._folded = Pile(ROW), 0
        self._texts_kept = 0
        self._successes = Pile(SUCCESS)

    @property
    def long_ids(self) -> dict[bytes, bytes]:
        """Request and extended ids that do not fit a row, by the digest that stands for them."""
        return self.finder.long_ids

    @property
    def held(self) -> int:
        """How many rows there are so far, requests of several chunks counted more than once."""
        return len(self._pile)

    def feed(self, text: bytes, *, base: int = 0, facts: tuple[str, ...] = (), api: bytes = b"") -> bool:
        """Take in one chunk of whole events that starts at position ``base``; returns whether there are any in it.

        ``facts`` hold for all its requests; ``api`` is ``<api id>/<stage>`` as the log group's name gives it.
        """
        origin = Origin(api, sum(words.FACT_BIT[name] for name in facts))
        self.coverage.bytes += len(text)
        if len(text) >= _SHORT or not _begins_with_event(text):
            return self._scan([Block(text, base)], origin)
        self._short.add(Block(text, base), origin, self._scan, size=len(text), enough=_TOGETHER)
        return True

    def _scan(self, blocks: Sequence[Block], origin: Origin) -> bool:
        """Take in blocks of one origin; returns whether there are events in them."""
        blocks = sorted(blocks, key=lambda block: block.base)
        text = b"".join([block.text for block in blocks]) if len(blocks) > 1 else blocks[0].text
        lines = _placed(self.finder.lines(text), blocks)
        self.coverage.events += len(lines.code)
        self.coverage.truncated_events += len(lines.cut)
        if self._brief and not origin.facts and len(lines.code):
            self._settle(text, lines, origin)
        elif len(lines.code):
            self._take(text, lines, origin)
        return len(lines.code) > 0

    @property
    def size(self) -> int:
        """Bytes of what there is so far, texts apart."""
        return self._pile.rows.nbytes + self._successes.rows.nbytes + self.kept.size

    def hand_over(self) -> tuple[Rows, Rows, Texts, KeptLines]:
        """Rows, successes, the texts that they number and kept lines so far, which are forgotten.

        More may come of any of these requests.
        """
        rows, successes = self.rows(), self.successes()
        self.texts.keep(rows, successes, most=1)
        found = rows, successes, self.texts, self.kept
        self._begin(Texts())
        return found

    def rows(self) -> Rows:
        """Everything taken in so far, one row a request."""
        self._take_rest()
        return self._pile.rows

    def successes(self) -> Rows:
        """The requests that were left out; other lines of some may stand in the rows."""
        self._take_rest()
        return self._successes.rows

    def _take_rest(self) -> None:
        self._short.end(self._scan)
        self._put_by.end(self._take_together)
        self._consolidate()

    def adopt(self, rows: Rows, successes: Rows, texts: Texts, long_ids: dict[bytes, bytes], kept: KeptLines) -> None:
        """Merge the table of another scanner into this one."""
        self.texts.adopt(texts, rows, successes)
        self._successes.add(successes)
        self.finder.long_ids.update(long_ids)
        self.kept.adopt(kept)
        self._add(rows)

    def _add(self, rows: Rows) -> None:
        self._pile.add(rows)
        if len(self._pile) - self._folded > max(_FOLD_AT, self._folded // 4):
            self._consolidate()
            give_back_freed_memory()

    def _consolidate(self) -> None:
        """Merge the rows of each request, and leave out those that turn out to have succeeded."""
        self._pile.fold(self.texts)
        prune(self.kept, self._pile.rows)
        if self._brief:
            successes, which = condensed(self._pile.rows, self.texts)
            self._successes.add(successes)
            self._pile.exchange(which, empty_rows(0))
            self._forget_paths()
            self._forget_texts()
        self._folded = len(self._pile)

    def _forget_paths(self) -> None:
        """Tell successes apart by path no more where there are too many: each request may have its own."""
        routes = self._successes.rows["route"]
        if len(self.texts) > MOST_PATHS and are_many(routes):
            self.coverage.note(MANY_PATHS)
        if MANY_PATHS in self.coverage.notes:
            without_paths(routes)

    def _forget_texts(self) -> None:
        """Keep none that only rows had which have gone, where there are many: each request may have its own path."""
        if len(self.texts) > 2 * self._texts_kept + _MANY_TEXTS:
            if self.texts.keep(self._pile.rows, self._successes.rows):
                self._values.forget()
            self._texts_kept = len(self.texts)

    def _settle(self, text: bytes, lines: Lines, origin: Origin) -> None:
        """Take in the requests of a block that are seen to have succeeded; few lines of others are put by."""
        requests = requests_of(lines)
        successes, which = settled(text, lines, requests, self._values, self.texts.code(origin.api))
        self._successes.add(successes)
        left = places(~which[requests.row])
        if (lines.end[left] - lines.start[left]).sum() > len(text) // 2:
            self._take(text, lines if len(left) == len(lines.code) else lines.take(left), origin)
        elif len(left):
            part = lines.take(left).alone(text)
            self._put_by.add(part, origin, self._take_together, size=len(part[0]), enough=_TAKE_AT)

    def _take_together(self, parts: Sequence[tuple[bytes, Lines]], origin: Origin) -> None:
        """Take in all requests of lines that were put by."""
        self._take(*joined(sorted(parts, key=lambda part: int(part[1].position[0]))), origin)

    def _take(self, text: bytes, lines: Lines, origin: Origin) -> None:
        """Take in all requests of some lines."""
        rows = self._rows_of(text, lines)
        rows["facts"] |= np.uint64(origin.facts)
        rows["origin"] = self.texts.code(origin.api)
        self._add(rows)

    def _rows_of(self, text: bytes, lines: Lines) -> Rows:
        """One row for each request that has lines in the block."""
        by_code = grouped(lines.code)
        facts = content.facts(text, lines, by_code)
        grouping = requests_of(lines)
        rows = rows_of(lines, grouping, facts)
        self._carry(text, lines, by_code, rows, grouping.row)
        self.kept.take(text, lines, telling(text, lines, facts, passed(rows)[grouping.row]))
        return rows

    def _carry(self, text: bytes, lines: Lines, by_code: Mapping[int, Ints], rows: Rows, row_of: Ints) -> None:
        """Put the values of single lines into the rows: status, latency, method, path, route, API, extended id."""
        for column, events, values in self._values.read(text, lines, by_code):
            which = row_of[events]
            if column in TEXTS:
                _put_texts(rows[column], which, values, self.texts)
            else:
                _merge(rows[column], which, values)
        for code in _EXTENDED & by_code.keys():
            events = by_code[code]
            _put_extended(rows, row_of[events], self._values.extended(text, lines, events))


def _begins_with_event(text: bytes) -> bool:
    """Whether nothing of a chunk would be taken for the rest of an event in front of it, nor its end for another's."""
    return text.endswith(b"\n") and reader.split_line(text[: text.index(b"\n")]) is not None


def _placed(lines: Lines, blocks: Sequence[Block]) -> Lines:
    """The events with the positions that they have in the blocks of which the text was joined."""
    sizes = np.array([len(block.text) for block in blocks], np.int64)
    starts = np.cumsum(sizes) - sizes
    shifts = np.array([block.base for block in blocks], np.int64) - starts
    position: Ints = lines.position + spread(shifts, np.searchsorted(lines.start, starts), len(lines.start))
    return lines._replace(position=position)


def _merge(column: Ints, which: Ints, values: Ints) -> None:
    """Have a column hold the greatest values; a row that has several, which is rare, takes the slow way."""
    chosen = np.maximum(column[which], values)
    column[which] = chosen
    if (column[which] != chosen).any():
        np.maximum.at(column, which, values)


def _put_texts(column: Ints, which: Ints, codes: Ints, texts: Texts) -> None:
    """Have a column hold the greatest texts; a row that has several, which is rare, takes the slow way."""
    before = column[which]
    column[which] = codes
    several = places((column[which] != codes) | ((before != codes) & (before != 0)))
    if len(several):
        which, codes = np.append(which, which[several]), np.append(codes, before[several])
        order = np.argsort(which, kind="stable")
        starts = changes(which[order])
        column[which[order][starts]] = greatest(codes[order], starts, texts)


def _put_extended(rows: Rows, which: Ints, ids: Words) -> None:
    """Have rows hold their extended ids, the greatest where there are several, which is rare."""
    known = ids.any(axis=1)
    which, ids = which[known], ids[known]
    rows["xid"][which] = ids
    shared = which[(rows["xid"][which] != ids).any(axis=1)]
    if len(shared):
        rows["shared"][shared] = 1
        for at in places(among(which, shared)).tolist():
            rows["xid"][which[at]] = max(rows["xid"][which[at]].tolist(), ids[at].tolist())

"""All inputs → one request table, in this process or in several."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain

import numpy as np

from loganalyzer.coverage import Coverage
from loganalyzer.formats import Chunk, Input
from loganalyzer.parser.ahead import ahead, side_by_side
from loganalyzer.parser.allocation import give_back_freed_memory
from loganalyzer.parser.columns import Ints, Rows
from loganalyzer.parser.heads import Words
from loganalyzer.parser.kept import KeptLines
from loganalyzer.parser.mapped import taken
from loganalyzer.parser.scanner import Scanner
from loganalyzer.parser.successes import SUCCESS, united
from loganalyzer.parser.summary import SOURCE_SHIFT, empty_rows
from loganalyzer.parser.texts import Texts
from loganalyzer.parser.worker import PARALLEL_FROM, cores, run_in_processes

Progress = Callable[[int, int], None]

OVERLAP_FROM = 1_000_000
"""Bytes on disk from which reading in another thread pays."""

OVERLAP_EACH = 200_000
"""Bytes of a file, on the average, from which it does: threads that take turns at short files cost more than that."""

AT_ONCE = 6
"""So many inputs that are elsewhere are read at once: it is waiting for them that takes the time."""

_BATCHES = 8

_PIECE = 4 << 20
"""Bytes of what was found that are handed over as soon as there are so many."""

_LEAST = 4_000_000
"""Shorter stretches than so many bytes are not worth the parting."""


@dataclass(slots=True)
class Table:
    """The request table: one row a request, the texts its columns number, the lines that are evidence, the coverage.

    ``successes`` are requests without a row, in the few columns of :mod:`loganalyzer.parser.successes`; ``torn`` rows
    hold nothing but the id of a request that must be read again, and where it stands.
    """

    rows: Rows = field(default_factory=lambda: empty_rows(0))
    successes: Rows = field(default_factory=lambda: np.zeros(0, SUCCESS))
    torn: Rows = field(default_factory=lambda: empty_rows(0))
    texts: Texts = field(default_factory=Texts)
    long_ids: dict[bytes, bytes] = field(default_factory=dict)
    kept: KeptLines = field(default_factory=KeptLines)
    coverage: Coverage = field(default_factory=Coverage)

    def part(self, which: Ints) -> Table:
        """Some rows, in this order, with no more texts and long ids than are theirs; without their kept lines."""
        rows = taken(self.rows, which)
        texts = self.texts.part(rows)
        ids = {raw.tobytes() for name in ("id", "xid") for raw in rows[name]} if self.long_ids else set()
        long_ids = {raw: full for raw, full in self.long_ids.items() if raw in ids}
        return Table(rows=rows, texts=texts, long_ids=long_ids)

    def request_id(self, raw: bytes) -> str:
        """The id of a row (its ``id`` column as bytes) as text."""
        return self.long_ids.get(raw, raw.rstrip(b"\0")).decode("utf-8", "backslashreplace")

    def request_ids(self, ids: Words) -> list[str]:
        """The ids of rows, the words of which are given, as texts."""
        return [raw.decode("utf-8", "backslashreplace") for raw in self._whole(ids)]

    def extended_ids(self, ids: Words) -> list[str]:
        """The extended ids of rows as texts, empty for none."""
        return [raw.decode("utf-8", "replace") for raw in self._whole(ids)]

    def _whole(self, ids: Words) -> Iterator[bytes]:
        """The ids in a column of words, those that do not fit too."""
        size = 8 * ids.shape[1]
        raw: list[bytes] = np.ascontiguousarray(ids).view(f"S{size}").ravel().tolist()
        return (self.long_ids.get(one.ljust(size, b"\0"), one) if one[:1] == b"\0" else one for one in raw)

    def extended_id(self, raw: bytes) -> str:
        """The extended id of a row (its ``xid`` column as bytes) as text, empty for none."""
        return self.long_ids.get(raw, raw.rstrip(b"\0")).decode("utf-8", "replace")


def chunks_of(number: int, source: Input, coverage: Coverage) -> Iterator[tuple[int, Chunk]]:
    """The chunks of one input with the position of their first byte."""
    for part in source.parts():
        position = (number << SOURCE_SHIFT) + (part.stretch[0] if part.stretch else 0)
        for chunk in part.chunks(coverage):
            size = len(chunk.text)
            yield position, chunk
            del chunk  # what was scanned takes no memory while more is read
            position += size


def opened(numbered: Sequence[tuple[int, Input]]) -> Iterator[Iterator[tuple[int, Chunk]]]:
    """The chunks of each input, as :func:`chunks_of` gives them; of inputs elsewhere several are on the way."""
    parts = (chunks_of(number, source, Coverage()) for number, source in numbered)
    return side_by_side(parts, width=AT_ONCE) if _any_remote(numbered) else parts


def _any_remote(numbered: Sequence[tuple[int, Input]]) -> bool:
    return any(source.remote is not None for _, source in numbered)


def scan(
    inputs: Sequence[Input],
    *,
    brief: bool = False,
    jobs: int | None = None,
    progress: Progress | None = None,
    meanwhile: Callable[[], object] = lambda: None,
) -> Table:
    """Read every input into one table; ``jobs`` processes at most, by default as many as pay.

    With ``brief`` requests that succeeded get no row, see :class:`Table`. Where other processes have a share,
    ``meanwhile`` is called when they have begun theirs.
    """
    total = sum(source.size for source in inputs)
    numbered = list(enumerate(inputs))
    workers = _workers(inputs, total, jobs)
    tell = _Teller(progress, total)
    stretches = _stretches(numbered, max(total // (_BATCHES * workers), _LEAST)) if workers > 1 else numbered
    if len(stretches) > 1 and workers > 1:
        try:
            return _scan_parallel(stretches, min(workers, len(stretches)), tell, brief=brief, meanwhile=meanwhile)
        except (OSError, subprocess.CalledProcessError):  # no processes to be had, or one was killed: do it alone
            tell.again()
    overlap = total >= max(OVERLAP_FROM, OVERLAP_EACH * len(inputs)) and cores() > 1
    scanner = Scanner(brief=brief)
    for _ in _scan_part(numbered, scanner, tell.add, overlap=overlap):
        pass
    return _united(table_of(scanner))


class _Teller:
    """Adds up bytes read and passes them on."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0

    def again(self) -> None:
        """Begin anew."""
        self._done = 0

    def add(self, count: int) -> None:
        self._done += count
        if self._progress is not None:
            self._progress(min(self._done, self._total), self._total)


def _workers(inputs: Sequence[Input], total: int, jobs: int | None) -> int:
    if jobs is None and (total < PARALLEL_FROM or _any_remote(list(enumerate(inputs)))):
        return 1  # what is elsewhere comes slower than one process reads it, and credentials are asked for once
    return jobs or cores()


def _stretches(numbered: Sequence[tuple[int, Input]], length: int) -> list[tuple[int, Input]]:
    """The inputs, long ones in stretches of about so many bytes."""
    return [(number, part) for number, source in numbered for part in source.split(length)]


def _scan_part(
    numbered: Sequence[tuple[int, Input]], scanner: Scanner, done: Callable[[int], None], *, overlap: bool
) -> Iterator[None]:
    """Scan some inputs one after the other; with ``overlap`` the next part is read while one is scanned.

    Yields after every chunk. What is elsewhere is read ahead in any case, several inputs at once.
    """
    if _any_remote(numbered):
        inputs = (parts_of([one]) for one in numbered)
        parts = chain.from_iterable(side_by_side(inputs, width=AT_ONCE))
    else:
        parts = chain(ahead(parts_of(numbered)) if overlap else parts_of(numbered))
    heard, form = False, ""
    for source, position, chunk, coverage in parts:
        if chunk is not None:
            form = form or chunk.origin.form
            heard |= take(scanner, chunk, position)
            del chunk  # as above
            yield
            continue
        scanner.coverage.merge(coverage)
        if heard and not (source.stretch and source.stretch[0]):
            scanner.coverage.add_file(form)
        heard, form = False, ""
        done(source.size)


def take(scanner: Scanner, chunk: Chunk, position: int) -> bool:
    """Have a chunk that begins at a position scanned, with what its origin tells; returns whether it has any event."""
    origin = chunk.origin
    api = "/".join(origin.api) if origin.api[0] else ""
    return scanner.feed(chunk.text, base=position, facts=origin.facts, api=api.encode())


def parts_of(numbered: Iterable[tuple[int, Input]]) -> Iterator[tuple[Input, int, Chunk | None, Coverage]]:
    """The chunks of all inputs, after those of each one more part without a chunk, when its coverage is complete."""
    for number, source in numbered:
        coverage = Coverage()
        for position, chunk in chunks_of(number, source, coverage):
            yield source, position, chunk, coverage
            del chunk  # as above
        yield source, 0, None, coverage


def table_of(scanner: Scanner) -> Table:
    """All that a scanner has taken in, requests that stand in two places not yet united."""
    return Table(
        rows=scanner.rows(),
        successes=scanner.successes(),
        texts=scanner.texts,
        long_ids=scanner.long_ids,
        kept=scanner.kept,
        coverage=scanner.coverage,
    )


def _united(table: Table) -> Table:
    """The table with each request in one place."""
    give_back_freed_memory()
    table.successes, table.rows, table.torn = united(table.successes, table.rows, table.texts)
    give_back_freed_memory()
    return table


def _share(
    batches: Iterator[list[tuple[int, Input]]], *, brief: bool, overlap: bool, into: Scanner | None = None
) -> Iterator[int | Table]:
    """What one process does: it scans batches of inputs and yields the size of each, and what it has found.

    That comes when it is much, and in the end. Of what it has scanned ``into`` a scanner that was given nothing comes,
    but a 0 after every chunk, lest what others have found waits.
    """
    scanner = into or Scanner(brief=brief)
    for batch in batches:
        for _ in _scan_part(batch, scanner, lambda count: None, overlap=overlap):
            if into is not None:
                yield 0
            elif scanner.size >= _PIECE:
                yield _so_far(scanner)
        yield sum(source.size for _, source in batch)
    if into is None:
        found = _so_far(scanner)
        found.coverage = scanner.coverage
        yield found


def _so_far(scanner: Scanner) -> Table:
    """What a scanner has found so far, which it forgets."""
    rows, successes, texts, kept = scanner.hand_over()
    return Table(rows=rows, successes=successes, texts=texts, long_ids=scanner.long_ids, kept=kept)


def _scan_parallel(
    numbered: list[tuple[int, Input]], workers: int, tell: _Teller, *, brief: bool, meanwhile: Callable[[], object]
) -> Table:
    """Hand batches of inputs, the large ones first, to processes, this one among them, and merge their tables."""
    whole = Scanner(brief=brief)
    work = partial(_share, brief=brief, overlap=cores() > workers)

    def own(batches: Iterator[list[tuple[int, Input]]]) -> Iterator[int | Table]:
        meanwhile()
        return work(batches, into=whole)

    _take_in(run_in_processes(work, _batches(numbered, workers), processes=workers, here=own), whole, tell)
    return _united(table_of(whole))


def _take_in(shares: Iterator[int | Table], whole: Scanner, tell: _Teller) -> None:
    """Merge what processes have found, and tell how much they have read."""
    for done in shares:
        if isinstance(done, int):
            tell.add(done)
        else:
            whole.adopt(done.rows, done.successes, done.texts, done.long_ids, done.kept)
            whole.coverage.merge(done.coverage)


def _batches(numbered: list[tuple[int, Input]], workers: int) -> list[list[tuple[int, Input]]]:
    """Batches of a small part of a worker's share, so that the last ones end together."""
    ordered = sorted(numbered, key=lambda item: -item[1].size)
    share = sum(source.size for _, source in ordered) / (_BATCHES * workers)
    batches: list[list[tuple[int, Input]]] = [[]]
    filled = 0
    for item in ordered:
        if batches[-1] and filled + item[1].size > share:
            batches.append([])
            filled = 0
        batches[-1].append(item)
        filled += item[1].size
    return batches

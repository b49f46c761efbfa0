"""The tables of some inputs piece by piece, for whoever merges pieces: bounded however large an input is.

Rows merge by minimum, maximum and bit-or alone, so pieces may be handed out while an input is still read, and may be
handed out twice: where an input turns out to be unreadable in a way that no reader foresaw, the others are read again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from loganalyzer.coverage import Coverage, Problem
from loganalyzer.formats import Chunk, Input
from loganalyzer.parser.ahead import side_by_side
from loganalyzer.parser.scanner import Scanner
from loganalyzer.parser.table import AT_ONCE, Table, parts_of, table_of, take

PIECE = 256_000_000
"""So many bytes of text are scanned into one piece."""

PIECE_ROWS = 60_000
"""So many requests, of which more would be in a piece where each leaves a line or two."""

Parts = Iterable[tuple[Input, int, Chunk | None, Coverage]]


def pieces(numbered: Sequence[tuple[int, Input]], *, size: int = PIECE) -> Iterator[Table]:
    """The tables of numbered inputs, one for each ``size`` bytes of text, or for :data:`PIECE_ROWS` requests if these
    come sooner; the last one holds the whole coverage.

    Never raises for what an input holds: what cannot be read is a problem in the coverage.
    """
    try:
        yield from _pieces(numbered, size)
    except Exception as error:
        if len(numbered) > 1:
            yield from _each_alone(numbered, size)
            return
        name = numbered[0][1].name
        problem = Problem(
            name, f"reading it failed: {type(error).__name__}: {error}"[:300], "leave it out or report it"
        )
        yield Table(coverage=Coverage(problems=[problem]))


def _each_alone(numbered: Sequence[tuple[int, Input]], size: int) -> Iterator[Table]:
    """The same of every input for itself, with one coverage of all at the end."""
    whole = Coverage()
    for one in numbered:
        for piece in pieces([one], size=size):
            whole.merge(piece.coverage)
            piece.coverage = Coverage()
            yield piece
    yield Table(coverage=whole)


def _pieces(numbered: Sequence[tuple[int, Input]], size: int) -> Iterator[Table]:
    whole = Coverage()
    scanner = Scanner()
    form, heard = "", False
    for _, position, chunk, coverage in _read(numbered):
        if chunk is None:
            whole.merge(coverage)
            if heard:
                whole.add_file(form)
            form, heard = "", False
            continue
        form = form or chunk.origin.form
        heard |= take(scanner, chunk, position)
        if scanner.coverage.bytes >= size or scanner.held >= PIECE_ROWS:
            yield _without_coverage(scanner, whole)
            scanner = Scanner()
    last = _without_coverage(scanner, whole)
    last.coverage = whole
    yield last


def _without_coverage(scanner: Scanner, whole: Coverage) -> Table:
    """What was scanned; how much that was is added to the whole."""
    piece = table_of(scanner)
    whole.merge(scanner.coverage)
    piece.coverage = Coverage()
    return piece


def _read(numbered: Sequence[tuple[int, Input]]) -> Parts:
    """The parts of all inputs; of those elsewhere several are on the way."""
    if any(source.remote is not None for _, source in numbered):
        return chain.from_iterable(side_by_side((parts_of([one]) for one in numbered), width=AT_ONCE))
    return parts_of(numbered)

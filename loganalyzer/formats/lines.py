"""The family "text": CloudWatch lines, command-line output, console copies, console Test, bare messages, all mixed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice, pairwise
from typing import BinaryIO

from loganalyzer.coverage import Coverage
from loganalyzer.formats import losses
from loganalyzer.formats.assembly import Assembly
from loganalyzer.formats.base import Chunk, Origin, Stamps, one_event
from loganalyzer.formats.cleaning import lines_of, physical_lines
from loganalyzer.formats.grammar import encoded
from loganalyzer.formats.naming import Naming
from loganalyzer.formats.opened import Said
from loganalyzer.formats.order import order_of
from loganalyzer.formats.prefixes import BARE, TEST
from loganalyzer.formats.shapes import INSIGHTS

CHUNK = 1 << 20

_MOST_TURNED = 5_000
_LEAST_BACK = 3

_CUT_FORMS = ("console Test", "console copy", "CloudWatch lines without time", "bare messages")


class Text:
    """Reads any text line by line; see :class:`loganalyzer.formats.base.Family`."""

    name = "text"

    def __init__(self, *, suffix: str = "") -> None:
        self._suffix = suffix

    def recognises(self, head: bytes) -> bool:
        """Any text may hold an execution log."""
        return bool(head)

    def chunks(self, stream: BinaryIO, coverage: Coverage) -> Iterator[Chunk]:
        """The events of all lines, in the order in which they stand."""
        naming = Naming(coverage, suffix=self._suffix)
        return chunks_of(said_in(physical_lines(stream, coverage), coverage, naming=naming))


def said_in(lines: Iterable[str], coverage: Coverage, *, naming: Naming) -> Iterator[Said]:
    """The events in lines of text, each with its request."""
    times = losses.Times(coverage)
    for said in forwards(_assembled(lines, coverage, naming)):
        if said.kind == TEST:
            coverage.note(losses.TEST)
        else:
            times.see(said.time)
            if not said.id:
                coverage.note(losses.NO_IDS)
        yield from naming.place(said)
    yield from naming.rest()
    times.tell()


def _assembled(lines: Iterable[str], coverage: Coverage, naming: Naming) -> Iterator[Said]:
    assembly = Assembly(coverage)
    for line in lines_of(lines):
        yield from assembly.feed(line)
    yield from assembly.finish()
    hints = [] if naming.logged else assembly.hints()
    if hints:
        coverage.note(losses.QUOTED)
    yield from hints


def forwards(events: Iterator[Said]) -> Iterator[Said]:
    """The events, turned round if they stand newest first; a text too long to be a paste is left as it is."""
    first = list(islice(events, _MOST_TURNED))
    rest = next(events, None)
    if rest is None and is_backwards(first):
        first.reverse()
    yield from first
    if rest is not None:
        yield rest
        yield from events


def is_backwards(events: list[Said]) -> bool:
    """Whether events stand newest first: by their times, or by what they say where these do not tell."""
    times = [said.time for said in events if said.time is not None]
    if len(set(times)) > 1:
        return all(later <= earlier for earlier, later in pairwise(times))
    known = [said for said in events if said.sentence.code and said.sentence.step != "correlation"]
    steps = [
        order_of(later.sentence, -1) - order_of(earlier.sentence, -1)
        for earlier, later in pairwise(known)
        if earlier.id == later.id
    ]
    back = sum(step < 0 for step in steps)
    return back >= _LEAST_BACK and back > 3 * sum(step > 0 for step in steps)


def origin_of(said: Said) -> Origin:
    """Where an event comes from, as far as its line told."""
    facts = {
        "test_log": said.kind == TEST,
        "paste": said.kind == BARE or said.form in _CUT_FORMS,
        "order_lost": said.form == INSIGHTS,
        "line_guessed": said.guessed,
    }
    order = "time" if said.form == INSIGHTS else "position"
    return Origin(said.form, order, group=said.group, facts=tuple(name for name, holds in facts.items() if holds))


def chunks_of(events: Iterable[Said]) -> Iterator[Chunk]:
    """Events as chunks of canonical text, a new one wherever the form changes."""
    origin: Origin | None = None
    lines: list[str] = []
    size = 0
    stamp = Stamps()
    for said in events:
        found = origin_of(said)
        if lines and (found != origin or size > CHUNK):
            yield Chunk(encoded("".join(lines)), origin or found)
            lines, size = [], 0
        origin = found
        lines.append(f"{stamp(said.time)} ({said.id or '-'}) {one_event(said.text)}\n")
        size += len(lines[-1])
    if lines and origin is not None:
        yield Chunk(encoded("".join(lines)), origin)

"""One source of log text, which can be read again and again, whole or in stretches."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from loganalyzer.coverage import Coverage, Problem
from loganalyzer.errors import LogAnalyzerError
from loganalyzer.formats import foreign, unpack
from loganalyzer.formats.base import PARQUET, Chunk, Family, Origin
from loganalyzer.formats.export import S3Export, seams
from loganalyzer.formats.families import family_of
from loganalyzer.formats.fields import NO_FIELDS, Fields
from loganalyzer.formats.stored import JOURNAL, Span, Stored

LONG = 32 << 20
"""Shorter files are not parted unless they are canonical text."""

_DAMAGE_TIP = "copy or download the file again"


class Remote(Protocol):
    """Something to read that is not on this computer; it can be opened again, and sent to another process."""

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    @property
    def size(self) -> int:
        """Its size in bytes."""
        ...

    def open(self) -> BinaryIO:
        """Its bytes from the first on; raises :class:`LogAnalyzerError` or OSError when they cannot be had."""
        ...


@dataclass(frozen=True, slots=True)
class Input:
    """One source of log text. ``name`` is for people; ``size`` is in bytes as stored.

    It is read from ``remote`` if that is set, else from ``path``. ``fields`` says which field of its records plays
    which role, as far as the user does; ``form`` names the form for people where the content would not tell. Of what a
    fetch has stored the ``origin`` is known; of a long file that is read in parts, ``stretch`` is where one begins and
    ends. The journal beside what was fetched is an input without text, which tells what is missing of the stretch
    ``span``. An input holds nothing but names, so it can be sent to another process.
    """

    name: str
    path: Path
    number: int = 1
    size: int = field(default=0, compare=False)
    remote: Remote | None = None
    fields: Fields = NO_FIELDS
    form: str = ""
    origin: Origin | None = field(default=None, compare=False)
    span: Span | None = field(default=None, compare=False)
    stretch: tuple[int, int] | None = field(default=None, compare=False)

    @property
    def is_journal(self) -> bool:
        """Whether this is the journal of a fetch, not a log."""
        return self.path.name == JOURNAL

    @property
    def covers(self) -> bool:
        """Whether anything of the stretch was read by the fetch whose journal this is, be it without any event."""
        return self.journalled.covers

    @property
    def journalled(self) -> Stored:
        """What the journal is of, if this is one."""
        return Stored(self.path.parent, self.span)

    def split(self, length: int) -> list[Input]:
        """Stretches of about so many bytes, each of whole events, of what is canonical text already; else its parts."""
        if self.size < 2 * length or self.remote or self.origin or self.form or self.stretch:
            return [self]
        try:
            with self.path.open("rb") as file:
                if not S3Export().recognises(file.read(unpack.HEAD)):
                    return self.parts()
                return self._cut_at(seams(file, self.size, length))
        except OSError:  # said when it is read
            return [self]

    def parts(self) -> list[Input]:
        """The parts that a long JSON document is read in, by one process or by several; itself if there are none."""
        if self.size < LONG or self.remote or self.origin or self.form or self.fields or self.stretch:
            return [self]
        try:
            with self.path.open("rb") as file:
                if not file.read(unpack.HEAD).lstrip().startswith(b"{"):
                    return [self]
                from loganalyzer.formats.parting import partings

                file.seek(0)
                return self._cut_at(partings(file, self.size))
        except OSError:  # said when it is read
            return [self]

    def _cut_at(self, places: list[int]) -> list[Input]:
        if len(places) == 2:
            return [self]
        return [replace(self, size=end - start, stretch=(start, end)) for start, end in pairwise(places)]

    def chunks(self, coverage: Coverage) -> Iterator[Chunk]:
        """The canonical text of this input, the same every time; what cannot be read stands in ``coverage``."""
        own = Coverage()
        try:
            yield from self._chunks(own)
        except OSError as error:
            own.problems.append(Problem(self.name, _unreadable(error), "check the path and the permissions"))
        except LogAnalyzerError as error:
            own.problems.append(Problem(self.name, error.message, error.tip))
        finally:
            own.problems = [_placed(problem, self.name) for problem in own.problems]
            coverage.merge(own)

    def _chunks(self, coverage: Coverage) -> Iterator[Chunk]:
        if self.is_journal:
            self.journalled.cover(coverage)
            return
        if self.stretch:
            yield from self._stretch(*self.stretch, coverage)
            return
        damage: dict[str, None] = {}
        with _Opener(self) as reopen:
            head, stream = unpack.unpacked(reopen, damage.setdefault)
            own = Coverage()
            found = False
            if head.startswith(PARQUET):
                stream = _seekable(reopen(), stream)
            if head.startswith(PARQUET) or (head.strip() and not foreign.is_binary(head)):
                family = self._family(head)
                for chunk in family.chunks(stream, own):
                    found = True
                    yield self._told(chunk)
                    del chunk  # what was scanned takes no memory while more is read
        coverage.problems.extend(Problem(self.name, what, _DAMAGE_TIP) for what in damage)
        if found:
            coverage.merge(own)
        else:
            coverage.problems.extend(own.problems)
            if not (own.problems or (damage and not head)):
                coverage.problems.append(foreign.describe(self.name, head))

    def _stretch(self, start: int, end: int, coverage: Coverage) -> Iterator[Chunk]:
        with self.path.open("rb") as file:
            head = file.read(unpack.HEAD)
            family = self._family(head)
            if isinstance(family, S3Export):
                file.seek(start)
                stream = cast(BinaryIO, unpack.Limited(file, end - start))
            else:
                from loganalyzer.formats.parting import as_document

                stream = as_document(file, start, end)
            yield from family.chunks(stream, coverage)

    def _family(self, head: bytes) -> Family:
        """The family that reads it; what a fetch has stored is canonical, whatever it says."""
        if self.origin:
            return S3Export()
        return family_of(head, suffix=f"@{self.number}" if self.number > 1 else "", fields=self.fields)

    def _told(self, chunk: Chunk) -> Chunk:
        """The chunk with what is known of it besides its text."""
        if self.origin:
            return Chunk(chunk.text, self.origin)
        return replace(chunk, origin=replace(chunk.origin, form=self.form)) if self.form else chunk


class _Opener:
    """Opens an input anew each time it is called, and closes all it opened."""

    def __init__(self, source: Input) -> None:
        self._source = source
        self._opened: list[BinaryIO] = []

    def __enter__(self) -> _Opener:
        return self

    def __call__(self) -> BinaryIO:
        remote = self._source.remote
        stream = remote.open() if remote else self._source.path.open("rb")
        self._opened.append(stream)
        return stream

    def __exit__(self, *_: object) -> None:
        for stream in self._opened:
            stream.close()


def _seekable(file: BinaryIO, stream: BinaryIO) -> BinaryIO:
    """The file itself where it is Parquet without a layer around it, else the ``stream`` of what the layers hold."""
    if not file.seekable() or file.read(len(PARQUET)) != PARQUET:
        return stream
    file.seek(0)
    return file


def _unreadable(error: OSError) -> str:
    if error.errno in (errno.EACCES, errno.EPERM):
        return "the file cannot be read: permission denied"
    return f"the file cannot be read: {error.strerror or error}"


def _placed(problem: Problem, name: str) -> Problem:
    return problem if problem.where else replace(problem, where=name)

"""From what a person names - files, directories, globs, standard input - to inputs that can be read again and again."""

from __future__ import annotations

import errno
import glob
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from loganalyzer.errors import LogAnalyzerError, UsageError
from loganalyzer.formats import foreign, losses, unpack
from loganalyzer.formats.base import PARQUET, Chunk, Family, Origin
from loganalyzer.formats.export import S3Export, seams
from loganalyzer.formats.fields import NO_FIELDS, Fields
from loganalyzer.formats.spool import spooled
from loganalyzer.formats.stored import JOURNAL, Fetched, Span, Stored, read_journal
from loganalyzer.model import Coverage, Problem

IGNORED = frozenset({"aws-logs-write-test", "truth.ndjson"})
"""Objects that CloudWatch's export task writes to see whether it may; they hold no log."""

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
    ends; the journal beside it is an input without text, which tells what is
    missing of the stretch ``span``. An input holds nothing but names, so it can be sent to another process.
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


def family_of(head: bytes, *, suffix: str = "", fields: Fields = NO_FIELDS) -> Family:
    """The family that reads an input beginning with ``head``.

    ``suffix`` marks request ids made up for this input, ``fields`` is the user's word on the fields of its records.
    """
    export = S3Export()
    if export.recognises(head):
        return export
    # Exports are what speed matters for, and they need none of these.
    from loganalyzer.formats.delimited import Delivered
    from loganalyzer.formats.documents import Json
    from loganalyzer.formats.lines import Text
    from loganalyzer.formats.parquet import Parquet
    from loganalyzer.formats.tables import Tables
    from loganalyzer.formats.wrapped import Wrapped

    families: tuple[Family, ...] = (
        Parquet(suffix=suffix, fields=fields),
        Json(suffix=suffix, fields=fields),
        Tables(suffix=suffix, fields=fields),
        Wrapped(suffix=suffix, fields=fields),
        Delivered(suffix=suffix, fields=fields),
        Text(suffix=suffix),
    )
    return next((family for family in families if family.recognises(head)), families[-1])


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """Records that the program itself writes, of a source that is no file: JSON lines, their name and their form."""

    name: str
    form: str
    pieces: Iterator[bytes]


Source = str | Path | BinaryIO | Made | Stored | Fetched
"""What can be read: the path of a file or directory, a glob, an ``s3://`` URL, ``-``, an open binary file, records that
were made, what was fetched."""


def find_inputs(
    paths: Sequence[Source],
    *,
    stdin: BinaryIO | None = None,
    profile: str | None = None,
    region: str | None = None,
    fields: Fields = NO_FIELDS,
) -> list[Input]:
    """The inputs that ``paths`` name, in the order given, those of a directory or glob sorted; each file once.

    ``-`` is ``stdin``, by default that of the program; ``s3://bucket/prefix`` are objects, listed with the credentials
    of ``profile`` in ``region``; ``fields`` is the user's word on the fields of records. Raises UsageError for a path
    that does not exist and for a glob that matches nothing, :class:`~loganalyzer.errors.AwsError` where AWS refuses to
    list.
    """
    found: dict[Path | Remote, Input] = {}
    for path in dict.fromkeys(paths):
        if isinstance(path, str) and path.startswith("s3://"):
            for remote in _remote(path, profile=profile, region=region):
                found.setdefault(remote, Input(remote.name, Path(remote.name), size=remote.size, remote=remote))
            continue
        for source in _named(path, stdin):
            found.setdefault(source.path, replace(source, size=_size(source.path)))
    return [replace(source, number=number, fields=fields) for number, source in enumerate(found.values(), start=1)]


def _remote(url: str, *, profile: str | None, region: str | None) -> Iterator[Remote]:
    """The objects in S3 that hold something, without what AWS leaves there."""
    from loganalyzer.fetcher.objects import find_objects

    for found in find_objects(url, profile=profile, region=region):
        if found.name.rpartition("/")[2] not in IGNORED:
            yield found


def _named(path: Source, stdin: BinaryIO | None) -> Iterator[Input]:
    if isinstance(path, Made):
        yield Input(path.name, spooled(unpack.as_stream(path.pieces)), form=path.form)
    elif isinstance(path, Fetched):
        for one in path.stored:
            yield from _stored(one)
    elif isinstance(path, Stored):
        yield from _stored(path)
    elif not isinstance(path, str | Path):
        yield Input(_stream_name(path), spooled(path))
    elif str(path) == "-":
        yield Input("standard input", spooled(stdin or sys.stdin.buffer))
    else:
        yield from _files(path)


_UNORDERED = ("order_lost",)


def _stored(stored: Stored) -> Iterator[Input]:
    """The files of a fetch that count, after their journal."""
    header = read_journal(stored.directory).header
    group, account = (header.group, header.account) if header else ("", "")
    yield Input(group or str(stored.directory), stored.directory / JOURNAL, span=stored.span)
    origin = Origin("CloudWatch Logs", "event id", group, account=account)
    for window in stored.windows():
        path = stored.directory / window.file
        unordered = losses.ORDER in window.notes
        yield Input(str(path), path, origin=replace(origin, order="time", facts=_UNORDERED) if unordered else origin)


def _stream_name(stream: BinaryIO) -> str:
    name = getattr(stream, "name", None)
    return name if isinstance(name, str) else "file object"


def _files(path: str | Path) -> Iterator[Input]:
    plain = Path(path).expanduser()
    if plain.is_dir():
        yield from _walk(plain)
    elif os.path.lexists(plain) and not plain.is_fifo():
        yield _file(plain)
    elif plain.is_fifo():
        with plain.open("rb") as stream:
            yield Input(str(plain), spooled(stream))
    else:
        yield from _globbed(str(plain))


def _file(path: Path) -> Input:
    return Input(str(path), path)


def _globbed(pattern: str) -> Iterator[Input]:
    if not glob.has_magic(pattern):
        raise UsageError(f"there is no file or directory {pattern}", tip=_nearby(Path(pattern)))
    matches = sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207 - pathlib knows no absolute patterns
    if not matches:
        raise UsageError(f"no file matches {pattern}", tip="check the pattern; ** matches directories at any depth")
    for match in map(Path, matches):
        if match.is_dir():
            yield from _walk(match)
        elif match.name not in IGNORED:
            yield _file(match)


def _nearby(path: Path) -> str:
    parent = path.parent
    if not parent.is_dir():
        return f"{parent} does not exist either; check the path"
    return "check the path; give files, directories, globs or - for standard input"


def _walk(directory: Path) -> Iterator[Input]:
    """The files below ``directory`` in sorted order, without hidden ones and what AWS leaves there.

    Where a fetch has stored what it read, those that its journal names.
    """
    for parent, directories, names in os.walk(directory, onerror=_raise_if_first(directory)):
        directories[:] = sorted(name for name in directories if not name.startswith("."))
        if JOURNAL in names:
            yield from _stored(Stored(Path(parent)))
            continue
        for name in sorted(names):
            if not name.startswith(".") and name not in IGNORED:
                yield _file(Path(parent) / name)


def _raise_if_first(directory: Path) -> partial[None]:
    return partial(_denied, directory)


def _denied(directory: Path, error: OSError) -> None:
    if error.filename is not None and Path(error.filename) == directory:
        raise UsageError(f"the directory {directory} cannot be read", tip="check its permissions") from error


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _unreadable(error: OSError) -> str:
    if error.errno in (errno.EACCES, errno.EPERM):
        return "the file cannot be read: permission denied"
    return f"the file cannot be read: {error.strerror or error}"


def _placed(problem: Problem, name: str) -> Problem:
    return problem if problem.where else replace(problem, where=name)

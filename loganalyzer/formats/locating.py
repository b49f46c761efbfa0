"""From what a person names - files, directories, globs, standard input, objects in S3 - to inputs."""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import BinaryIO

from loganalyzer.errors import UsageError
from loganalyzer.formats import losses, unpack
from loganalyzer.formats.base import Origin
from loganalyzer.formats.fields import NO_FIELDS, Fields
from loganalyzer.formats.inputs import Input, Remote
from loganalyzer.formats.spool import spooled
from loganalyzer.formats.stored import JOURNAL, Fetched, Stored, read_journal

IGNORED = frozenset({"aws-logs-write-test", "truth.ndjson"})
"""Objects that CloudWatch's export task writes to see whether it may; they hold no log."""


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

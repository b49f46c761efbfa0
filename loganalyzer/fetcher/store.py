"""Where a fetch puts what it reads: one directory a group, one file a window, and the journal that makes them count.

A window's file is written beside its place, made lasting and renamed; then the journal gets its line. Whatever moment
the program ends at, a file that the journal names is whole, and one that it does not name is removed by the next fetch.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import BinaryIO, cast

import msgspec
from isal import igzip

from loganalyzer.errors import UsageError
from loganalyzer.fetcher.group import LogGroup
from loganalyzer.formats.stored import (
    JOURNAL,
    Asked,
    Had,
    Header,
    Journal,
    Line,
    Lost,
    Span,
    Stored,
    overlaps,
    read_journal,
)

LOCK = ".lock"
SUFFIX = ".log.gz"
ALL, FAILURES, AS_IS = "all", "failures", "as-is"
"""What a directory holds: every event, the requests that failed, or every event of a log of another kind."""

_ENDINGS = {ALL: "", FAILURES: "+failures", AS_IS: "+as-is"}

_COMPRESSION = 2
_LONGEST_NAME = 200


def directory_name(group: str) -> str:
    """A group's name as the name of a directory: ``/`` becomes ``@``, which no name of a group can hold.

    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
    """
    name = group.replace("/", "@")
    if name.startswith("."):
        name = f"+{name}"
    if len(name) > _LONGEST_NAME:
        name = f"{name[:_LONGEST_NAME]}+{sha256(group.encode()).hexdigest()[:16]}"
    return name


def file_name(span: Span) -> str:
    """The name of a window's file, so that names sort as times do."""
    return f"{_stamp(span[0])}_{_stamp(span[1])}{SUFFIX}"


def _stamp(time: int) -> str:
    return f"{datetime.fromtimestamp(time // 1000, UTC):%Y-%m-%dT%H%M%S}.{time % 1000:03d}Z"


class Draft:
    """A window's file before it counts."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / f".{os.urandom(8).hex()}.part"
        self._file: BinaryIO = os.fdopen(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self._gzip = cast(BinaryIO, igzip.IGzipFile("", "wb", _COMPRESSION, self._file, mtime=0))  # type: ignore[no-untyped-call]

    def write(self, text: bytes) -> None:
        """Add some lines."""
        self._gzip.write(text)

    def finish(self) -> None:
        """Make it last."""
        self._gzip.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def discard(self) -> None:
        """Drop it."""
        with suppress(OSError):
            self._file.close()
        self.path.unlink(missing_ok=True)


class Store:
    """The directory of one group, for one fetch at a time; its methods may be called from any thread."""

    def __init__(self, root: Path, group: LogGroup, *, mode: str = ALL) -> None:
        self.group = group
        self.mode = mode
        self.directory = _directory(root, group, mode)
        self._lock = Lock()
        self.journal = Journal()

    @contextmanager
    def opened(self) -> Iterator[Store]:
        """The store, locked, without what an earlier fetch left unfinished. Raises :class:`UsageError`."""
        for directory in (self.directory.parent, self.directory):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _locked(self.directory):
            self._mend()
            self.journal = read_journal(self.directory)
            if self.journal.header is None:
                self._append(Header(self.group.name, self.group.region, self.group.account, self.mode))
            self._remove_strays()
            yield self

    def looked_at(self) -> Store:
        """The store with what its journal says now, neither made nor locked: for a plan."""
        self.journal = read_journal(self.directory)
        return self

    def ask(self, span: Span, *, now: int) -> None:
        """Note that a stretch of time is about to be fetched."""
        self._append(Asked(*span, now))

    def wanted(self, span: Span) -> list[Span]:
        """What is still to be fetched of ``span``: windows that are not final are read again, from end to end."""
        final = [window.span for window in self.journal.windows.values() if window.final]
        young = [w.span for w in self.journal.windows.values() if not w.final and overlaps(w.span, span)]
        first, last = min([span[0], *(s[0] for s in young)]), max([span[1], *(s[1] for s in young)])
        return Journal(windows={s: Had(*s) for s in final}).missing((first, last))

    def draft(self) -> Draft:
        """A new file to write a window into."""
        return Draft(self.directory)

    def keep(
        self, span: Span, draft: Draft | None, *, events: int, size: int, final: bool, notes: tuple[str, ...] = ()
    ) -> None:
        """Make a window count; it takes the place of all that are not final and overlap it."""
        name = ""
        if draft is not None:
            draft.finish()
            name = file_name(span)
            draft.path.replace(self.directory / name)
            _sync(self.directory)
        with self._lock:
            old = [window for window in self.journal.windows.values() if overlaps(window.span, span)]
            replaced = tuple(window.span for window in old)
            self._append(Had(*span, name, events, size, final, replaced, notes), locked=True)
        for window in old:
            if window.file and window.file != name:
                (self.directory / window.file).unlink(missing_ok=True)

    def lose(self, span: Span, what: str, tip: str = "") -> None:
        """Note that a stretch of time could not be had."""
        self._append(Lost(*span, what, tip))

    def stored(self, span: Span) -> Stored:
        """A stretch of what is stored, to be analysed."""
        return Stored(self.directory, span)

    def _append(self, line: Line, *, locked: bool = False) -> None:
        if not locked:
            with self._lock:
                self._append(line, locked=True)
            return
        descriptor = os.open(self.directory / JOURNAL, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "ab", buffering=0) as file:
            size = os.fstat(descriptor).st_size
            text = msgspec.json.encode(line) + b"\n"
            try:
                while text:
                    text = text[file.write(text) :]
                os.fsync(descriptor)
            except OSError:  # the disk is full: half a line would spoil the next one
                os.ftruncate(descriptor, size)
                raise
        self.journal.take(line)

    def _mend(self) -> None:
        """Cut off the last line of the journal if the program ended while it wrote it."""
        path = self.directory / JOURNAL
        if path.exists():
            text = path.read_bytes()
            if not text.endswith(b"\n"):
                os.truncate(path, text.rfind(b"\n") + 1)

    def _remove_strays(self) -> None:
        """Remove files that the journal does not name: their windows were never finished, or are replaced."""
        counting = {window.file for window in self.journal.windows.values()}
        for path in self.directory.iterdir():
            if path.name.endswith((SUFFIX, ".part")) and path.name not in counting:
                path.unlink()


def _directory(root: Path, group: LogGroup, mode: str) -> Path:
    """The group's directory under ``root``; a longer name if another group of that name has it."""
    name = directory_name(group.name) + _ENDINGS[mode]
    header = read_journal(root / name).header
    if header is not None and not _is_of(header, group):
        name = f"{name}+{group.region}+{group.account}"
    return root / name


def _is_of(header: Header, group: LogGroup) -> bool:
    """Whether a directory is the group's, as far as the account is known."""
    same_account = not header.account or not group.account or header.account == group.account
    return header.group == group.name and header.region == group.region and same_account


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    """Hold the directory for this process; the lock goes with the process, however it ends."""
    try:
        import fcntl
    except ImportError:  # no such locks on this system
        yield
        return
    descriptor = os.open(directory / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise UsageError(
                f"another fetch is writing to {directory}",
                tip="wait until it ends, or name another directory with --out",
            ) from error
        yield
    finally:
        os.close(descriptor)


def _sync(directory: Path) -> None:
    """Make a renaming last."""
    with suppress(OSError):
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

"""Input that can be read only once, put into a private temporary file so that it can be read again."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from contextlib import suppress
from pathlib import Path
from typing import IO, BinaryIO

_BLOCK = 1 << 20

MOST_NAMELESS = 64
"""Each nameless file takes one of the descriptors of this process, which may have no more than 256."""

_nameless_files: set[IO[bytes]] = set()


class Spool(type(Path())):  # type: ignore[misc]
    """The path of a spooled file, which goes when this object does."""


def spooled(stream: BinaryIO) -> Path:
    """A file, readable by its owner alone, with all that is left of ``stream``; it goes when nobody has the path.

    Where the system allows it the file has no name in any directory, so that no log text stays on the disk however the
    program ends.
    """
    spool = _nameless(stream)
    return _named(stream) if spool is None else spool


def _nameless(stream: BinaryIO) -> Path | None:
    """An open file without a name; Linux shows it to every process of this user below ``/proc``."""
    if len(_nameless_files) >= MOST_NAMELESS:
        return None
    file = tempfile.TemporaryFile()  # noqa: SIM115 - it stays open as long as its path is wanted
    path = Spool(f"/proc/{os.getpid()}/fd/{file.fileno()}")
    try:
        path.open("rb").close()
    except OSError:
        file.close()
        return None
    _nameless_files.add(file)
    weakref.finalize(path, _close, file)
    shutil.copyfileobj(stream, file, _BLOCK)
    file.flush()
    return path


def _close(file: IO[bytes]) -> None:
    _nameless_files.discard(file)
    file.close()


def _named(stream: BinaryIO) -> Path:
    """A temporary file that is removed when its path is wanted no more, and at the latest when the program ends."""
    handle, name = tempfile.mkstemp(prefix="loganalyzer-")
    path = Spool(name)
    weakref.finalize(path, _remove, name, os.getpid())
    with os.fdopen(handle, "wb") as file:
        shutil.copyfileobj(stream, file, _BLOCK)
    return path


def _remove(name: str, owner: int) -> None:
    """Remove the file, but not from a worker process that was forked off with it."""
    if os.getpid() == owner:
        with suppress(OSError):
            Path(name).unlink()

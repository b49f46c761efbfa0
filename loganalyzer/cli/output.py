"""Where a report goes: standard output, or a file that is written whole or not at all."""

from __future__ import annotations

import io
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


def write(chunks: Iterable[str], path: Path | None) -> None:
    """Write the pieces of a document in UTF-8, lines ended as they are; ``None`` is standard output."""
    if path is not None:
        with _whole(path) as file:
            file.writelines(chunks)
        return
    out = sys.stdout.buffer
    for chunk in chunks:
        out.write(chunk.encode("utf-8", "backslashreplace"))
    out.flush()


@contextmanager
def page_file(path: Path | None) -> Iterator[TextIO]:
    """A file for a page of text: standard output as the terminal has it, or a file."""
    if path is not None:
        with _whole(path) as file:
            yield file
        return
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    yield sys.stdout
    sys.stdout.flush()


@contextmanager
def _whole(path: Path) -> Iterator[TextIO]:
    """A file beside ``path`` that takes its place when all went well."""
    if path.exists() and not path.is_file():
        with path.open("w", encoding="utf-8", newline="") as device:
            yield device
        return
    target = path.resolve()
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
    beside = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            yield file
        beside.chmod(_mode(target))
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _mode(target: Path) -> int:
    """The permissions of the file that is replaced, else those that a new file gets."""
    if target.exists():
        return target.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask

"""Where a report goes: standard output, or a file that is written whole or not at all."""

from __future__ import annotations

import io
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from loganalyzer.errors import UsageError


def write(chunks: Iterable[str], path: Path | None) -> None:
    """Write the pieces of a document in UTF-8, lines ended as they are; ``None`` is standard output."""
    if path is not None:
        with _text(path) as file:
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
        with _text(path) as file:
            yield file
        return
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    yield sys.stdout
    sys.stdout.flush()


def demand_no_terminal(path: Path | None, *, form: str) -> None:
    """Raise :class:`UsageError` where bytes that are no text would go to a terminal."""
    if path is None and sys.stdout.isatty():
        raise UsageError(f"{form} is no text for a terminal", tip=f"name a file for it: -o requests.{form}")


@contextmanager
def binary_file(path: Path | None) -> Iterator[BinaryIO]:
    """A file for bytes that can be sought in; it goes to its place, or to standard output, when all went well."""
    if path is not None and not _is_device(path):
        with _whole(path) as file:
            yield file
        return
    with tempfile.TemporaryFile() as whole:
        yield cast(BinaryIO, whole)
        whole.seek(0)
        if path is not None:
            with path.open("wb") as device:
                shutil.copyfileobj(whole, device)
            return
        shutil.copyfileobj(whole, sys.stdout.buffer)
        sys.stdout.flush()


def _is_device(path: Path) -> bool:
    return path.exists() and not path.is_file()


@contextmanager
def _text(path: Path) -> Iterator[TextIO]:
    """A file beside ``path`` for text in UTF-8."""
    with _whole(path) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", errors="backslashreplace", newline="")
        yield text
        text.detach()


@contextmanager
def _whole(path: Path) -> Iterator[BinaryIO]:
    """A file beside ``path`` that takes its place when all went well."""
    if _is_device(path):
        with path.open("wb") as device:
            yield device
        return
    target = path.resolve()
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
    beside = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
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

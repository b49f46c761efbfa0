"""Input that can be read only once, put into a private temporary file so that it can be read again."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

_BLOCK = 1 << 20


def spooled(stream: BinaryIO) -> Path:
    """A file, readable by its owner alone, with all that is left of ``stream``; it goes when the program ends."""
    handle, name = tempfile.mkstemp(prefix="loganalyzer-")
    path = Path(name)
    atexit.register(_remove, path, os.getpid())
    with os.fdopen(handle, "wb") as spool:
        shutil.copyfileobj(stream, spool, _BLOCK)
    return path


def _remove(path: Path, owner: int) -> None:
    """Remove the file, but not from a worker process that was forked off with it."""
    if os.getpid() == owner:
        with suppress(OSError):
            path.unlink()

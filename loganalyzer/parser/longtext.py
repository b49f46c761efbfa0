"""Bytes that pile up while a log is read; beyond some megabytes they stand in a temporary file.

What failed requests say may differ with each of them, and would fill the memory in proportion to the log.
"""

from __future__ import annotations

import tempfile
from contextlib import suppress
from io import FileIO
from threading import Lock

MOST_HELD = 12 << 20
"""Bytes that stand in memory before a file is asked for; from then on a few at a time."""

AT_ONCE = 2 << 20


class LongText:
    """One text that only grows. The file has no name and goes with this object; where none can be, memory has to do."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._written = 0
        self._file: FileIO | None = None
        self._refused = False
        self._reading = Lock()
        """A file has one place at which it is read, and whoever feeds other processes reads in a thread of its own."""

    def __len__(self) -> int:
        return self._written + len(self._held)

    def __getitem__(self, span: slice) -> bytes:
        """The bytes from ``span.start`` to ``span.stop``, which are within the text."""
        start, stop = span.start, span.stop
        if start >= self._written:
            return bytes(self._held[start - self._written : stop - self._written])
        found = self._read(start, min(stop, self._written))
        return found + self._held[: stop - self._written] if stop > self._written else found

    @property
    def held(self) -> int:
        """How many bytes stand in memory."""
        return len(self._held)

    def add(self, text: bytes) -> None:
        """Put bytes behind the others."""
        self._held += text
        if len(self._held) > (MOST_HELD if self._file is None else AT_ONCE) and not self._refused:
            self._write()

    def _read(self, start: int, stop: int) -> bytes:
        assert self._file is not None
        with self._reading:
            self._file.seek(start)
            found = self._file.read(stop - start)
            while len(found) < stop - start and (more := self._file.read(stop - start - len(found))):
                found += more
        return found

    def _write(self) -> None:
        """Have the file hold what is in memory."""
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(prefix="loganalyzer-", buffering=0)  # noqa: SIM115 - see __del__
            self._file.seek(self._written)
            rest = memoryview(self._held)
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError:  # no place for it, or no more: what has been written before still stands there
            self._refused = True
            return
        self._written += len(self._held)
        self._held = bytearray()

    def __del__(self) -> None:
        if self._file is not None:
            with suppress(OSError):
                self._file.close()

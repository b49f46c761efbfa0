"""Messages between processes, through a pipe."""

from __future__ import annotations

import pickle
import struct
from typing import IO, Any

_COUNT = struct.Struct("<Q")
"""How many arrays there are, how many bytes something has."""


def send(message: object, stream: IO[bytes]) -> None:
    """Pickle a message, its arrays behind it as they lie in memory: copies of a large table would take much of it."""
    arrays: list[pickle.PickleBuffer] = []
    pickled = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL, buffer_callback=arrays.append)
    stream.write(_COUNT.pack(len(arrays)))
    for part in (memoryview(pickled), *(array.raw() for array in arrays)):
        stream.write(_COUNT.pack(len(part)))
        stream.write(part)
    stream.flush()


def received(stream: IO[bytes]) -> Any:
    """What the process at the other end wrote; raises :class:`EOFError` if it has ended."""
    pickled, *parts = (_exactly(_count(stream), stream) for _ in range(_count(stream) + 1))
    return pickle.loads(pickled, buffers=parts)  # noqa: S301


def _count(stream: IO[bytes]) -> int:
    return int(_COUNT.unpack(_exactly(_COUNT.size, stream))[0])


def _exactly(count: int, stream: IO[bytes]) -> bytearray:
    found = bytearray(count)
    rest = memoryview(found)
    while rest:
        taken = stream.readinto(rest)  # type: ignore[attr-defined]
        if not taken:
            raise EOFError
        rest = rest[taken:]
    return found

"""Columns of Arrow from Python values and NumPy arrays.

``pyarrow.array`` loads pandas where that is installed, a quarter of a second and 50 MB in every worker process; arrays
made of buffers do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pyarrow as pa

Flags = npt.NDArray[np.bool_]

NO_TIME = np.iinfo(np.int64).max
"""Stands for a time that is not known."""


def binaries(values: Sequence[bytes | None], *, text: bool = False) -> pa.Array:
    """Byte strings, or what is UTF-8 as ``text``; None is null."""
    import pyarrow as pa

    held = [value or b"" for value in values]
    known = None if None not in values else np.array([value is not None for value in values], bool)
    buffers = [_valid(known), _offsets(list(map(len, held))), pa.py_buffer(b"".join(held))]
    return pa.Array.from_buffers(pa.string() if text else pa.binary(), len(values), buffers)


def chosen(values: pa.Array, codes: npt.NDArray[np.int32] | npt.NDArray[np.int64]) -> pa.Array:
    """Of an array those values whose numbers are given; null for -1."""
    import pyarrow as pa

    known = codes >= 0
    valid = None if known.all() else _valid(known)
    numbers = pa.py_buffer(codes.astype(np.int32, copy=False).tobytes())
    return values.take(pa.Array.from_buffers(pa.int32(), len(codes), [valid, numbers]))


def padded(rows: npt.NDArray[Any]) -> pa.Array:
    """The bytes of each row of an array as text, without zeros at the end; they must be UTF-8."""
    import pyarrow as pa

    raw = np.ascontiguousarray(rows).view(np.uint8).reshape(len(rows), -1)
    lengths = np.char.str_len(raw.view(f"S{raw.shape[1]}").ravel())
    held = raw[np.arange(raw.shape[1]) < lengths[:, None]]
    return pa.Array.from_buffers(pa.string(), len(rows), [None, _offsets(lengths), pa.py_buffer(held.tobytes())])


def joined(column: pa.Array) -> bytes:
    """All values of a column of byte strings, one after the other."""
    _, ends, held = column.buffers()
    if held is None or not len(column):
        return b""
    offsets = np.frombuffer(ends, np.int32)
    first, last = int(offsets[column.offset]), int(offsets[column.offset + len(column)])
    return bytes(memoryview(held)[first:last])


def records(rows: npt.NDArray[np.void] | npt.NDArray[np.uint64]) -> pa.Array:
    """Each row of an array as its bytes."""
    import pyarrow as pa

    width = rows.nbytes // len(rows) if len(rows) else 0
    return pa.Array.from_buffers(
        pa.binary(), len(rows), [None, _offsets([width] * len(rows)), pa.py_buffer(rows.tobytes())]
    )


def integers(values: Sequence[int | None] | npt.NDArray[np.int64], *, kind: pa.DataType | None = None) -> pa.Array:
    """64-bit integers, or something of a ``kind`` that is stored as such; None is null."""
    import pyarrow as pa

    if isinstance(values, np.ndarray):
        return pa.Array.from_buffers(kind or pa.int64(), len(values), [None, pa.py_buffer(values.tobytes())])
    known = np.array([value is not None for value in values], bool)
    return known_integers(np.array([value or 0 for value in values], np.int64), known, kind=kind)


def known_integers(values: npt.NDArray[Any], known: Flags, *, kind: pa.DataType | None = None) -> pa.Array:
    """64-bit integers, or something of a ``kind`` that is stored as such; null where they are not ``known``."""
    import pyarrow as pa

    buffers = [None if known.all() else _bits(known), pa.py_buffer(values.astype(np.int64, copy=False).tobytes())]
    return pa.Array.from_buffers(kind or pa.int64(), len(values), buffers)


def moments(milliseconds: npt.NDArray[np.int64]) -> pa.Array:
    """Times in UTC, as Spark has them; null for :data:`NO_TIME`."""
    import pyarrow as pa

    known = milliseconds != NO_TIME
    microseconds = np.where(known, milliseconds, 0) * 1000
    return known_integers(microseconds, known, kind=pa.timestamp("us", tz="UTC"))


def floats(values: Sequence[float | None]) -> pa.Array:
    """64-bit floats; None is null."""
    import pyarrow as pa

    known = np.array([value is not None for value in values], bool)
    held = np.array([value or 0 for value in values], np.float64)
    buffers = [None if known.all() else _bits(known), pa.py_buffer(held.tobytes())]
    return pa.Array.from_buffers(pa.float64(), len(held), buffers)


def flags(values: Sequence[bool | None]) -> pa.Array:
    """Booleans; None is null."""
    import pyarrow as pa

    known = np.array([value is not None for value in values], bool)
    buffers = [None if known.all() else _bits(known), _bits(np.array([bool(value) for value in values], bool))]
    return pa.Array.from_buffers(pa.bool_(), len(values), buffers)


def lists(values: Sequence[Sequence[str]]) -> pa.Array:
    """Lists of texts."""
    import pyarrow as pa

    inner = binaries([text.encode("utf-8", "replace") for text in chain.from_iterable(values)], text=True)
    return _listed(inner, [len(value) for value in values], pa.string())


def numbers(values: Sequence[Sequence[int]]) -> pa.Array:
    """Lists of 64-bit integers."""
    import pyarrow as pa

    return _listed(integers(list(chain.from_iterable(values))), [len(value) for value in values], pa.int64())


def one_list(values: npt.NDArray[np.int64]) -> pa.Array:
    """One list of 64-bit integers."""
    import pyarrow as pa

    return _listed(integers(values), [len(values)], pa.int64())


def numpy_of(column: pa.Array) -> npt.NDArray[np.int64]:
    """64-bit integers, none of them null, as NumPy has them."""
    held = column.buffers()[1]
    return np.frombuffer(held, np.int64)[column.offset :][: len(column)] if len(column) else np.zeros(0, np.int64)


def _listed(inner: pa.Array, lengths: Sequence[int], kind: pa.DataType) -> pa.Array:
    import pyarrow as pa

    return pa.Array.from_buffers(pa.list_(kind), len(lengths), [None, _offsets(lengths)], children=[inner])


def _offsets(lengths: Sequence[int] | npt.NDArray[np.int64]) -> pa.Buffer:
    import pyarrow as pa

    offsets = np.zeros(len(lengths) + 1, np.int32)
    np.cumsum(np.array(lengths, np.int64), out=offsets[1:], dtype=np.int32)
    return pa.py_buffer(offsets.tobytes())


def _valid(known: Flags | None) -> pa.Buffer | None:
    return None if known is None else _bits(known)


def _bits(values: Flags) -> pa.Buffer:
    import pyarrow as pa

    return pa.py_buffer(np.packbits(values, bitorder="little").tobytes())

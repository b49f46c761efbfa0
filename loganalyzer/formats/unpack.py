"""Layers around a log: gzip in any number of members and wrappings, base64, UTF-16, a byte order mark.

What a layer holds is read in bounded memory. A damaged gzip gives everything in front of the damage.
"""

from __future__ import annotations

import base64
import codecs
import io
import re
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, cast

from isal import igzip_lib

HEAD = 64 << 10
"""Bytes by which the form of an input is told."""

GZIP = b"\x1f\x8b\x08"
_DAMAGE = cast(type[Exception], igzip_lib.error)
Open = Callable[[], BinaryIO]
Report = Callable[[str], None]

_BLOCK = 512 << 10
_PIECE = 1 << 20
_STEP = 512
_MOST_LAYERS = 6
_BASE64 = re.compile(rb"\s*H4sI[A-Za-z0-9+/=\s]*\Z")
_SPACE = re.compile(rb"[^A-Za-z0-9+/]+")


class Pieces(io.RawIOBase):
    """A readable stream over pieces of bytes that come one by one."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        super().__init__()
        self._pieces = pieces
        self._piece = b""
        self._read = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Up to ``size`` bytes, all of them if it is negative; empty at the end."""
        if self._read == len(self._piece):
            self._piece, self._read = next(self._pieces, b""), 0
        if size < 0:
            begin, self._read = self._read, len(self._piece)
            return self._piece[begin:] + b"".join(self._pieces)
        data = self._piece[self._read : self._read + size]
        self._read += len(data)
        return data


class Rejoined(io.RawIOBase):
    """A stream from which ``head`` had been read, as if it had not."""

    def __init__(self, head: bytes, stream: BinaryIO) -> None:
        super().__init__()
        self._head = head
        self._stream = stream

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Up to ``size`` bytes, empty only at the end."""
        if not self._head:
            return self._stream.read(size)
        head, self._head = self._head, b""
        if 0 <= size < len(head):
            head, self._head = head[:size], head[size:]
        return head if size >= 0 else head + self._stream.read()


class Limited(io.RawIOBase):
    """The next ``length`` bytes of a stream."""

    def __init__(self, stream: BinaryIO, length: int) -> None:
        super().__init__()
        self._stream = stream
        self._left = length

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Up to ``size`` bytes, all that are left if it is negative; empty at the end."""
        data = self._stream.read(min(size, self._left) if size >= 0 else self._left)
        self._left -= len(data)
        return data


def as_stream(pieces: Iterator[bytes]) -> BinaryIO:
    """Pieces of bytes as a stream to read."""
    return cast(BinaryIO, Pieces(pieces))


def blocks(stream: BinaryIO) -> Iterator[bytes]:
    """The bytes of ``stream`` block by block."""
    while block := stream.read(_BLOCK):
        yield block


def inflated(reopen: Open, report: Report) -> Iterator[bytes]:
    """The contents of all gzip members; ``report`` hears of damage."""
    given = 0
    try:
        for piece in _inflate(reopen(), report):
            given += len(piece)
            yield piece
    except (_DAMAGE, EOFError) as error:
        # The fast decompressor keeps what it made of the block with the damage in it; a patient one gives it.
        for piece in _salvage(reopen()):
            if given < len(piece):
                yield piece[given:]
            given = max(0, given - len(piece))
        report(f"the gzip data is damaged ({error}): what stands in front of the damage was read")


def _inflate(stream: BinaryIO, report: Report) -> Iterator[bytes]:
    block = stream.read(_BLOCK)
    while block:
        member = igzip_lib.IgzipDecompressor(flag=igzip_lib.DECOMP_GZIP)
        while not member.eof:
            piece = member.decompress(block, _PIECE)
            if piece:
                yield piece
            block = b""
            if member.needs_input and not member.eof:
                block = stream.read(_BLOCK)
                if not block:
                    report("the gzip data ends early: what is there was read")
                    return
        block = (member.unused_data + stream.read(_BLOCK)).lstrip(b"\0")
        if block and not block.startswith(GZIP[: len(block)]):
            report("behind the gzip data stand bytes that are none: they were not read")
            return


def _salvage(stream: BinaryIO) -> Iterator[bytes]:
    """Everything in front of the first damage, in small steps."""
    member = zlib.decompressobj(31)
    while step := stream.read(_STEP):
        while step:
            whole = member.copy()
            try:
                yield member.decompress(step)
            except zlib.error:
                yield from _byte_by_byte(whole, step)
                return
            step = member.unused_data if member.eof else b""
            if member.eof:
                member = zlib.decompressobj(31)


def _byte_by_byte(member: zlib._Decompress, step: bytes) -> Iterator[bytes]:
    for byte in step:
        try:
            yield member.decompress(bytes([byte]))
        except zlib.error:
            return


def _unbased(stream: BinaryIO) -> Iterator[bytes]:
    """The bytes that base64 text stands for, up to where it is none."""
    held = b""
    for block in blocks(stream):
        held += _SPACE.sub(b"", block)
        whole = len(held) - len(held) % 4
        yield base64.b64decode(held[:whole])
        held = held[whole:]
    if len(held) > 1:
        yield base64.b64decode(held + b"=" * (-len(held) % 4))


def _recoded(stream: BinaryIO, encoding: str) -> Iterator[bytes]:
    """UTF-16 text as UTF-8."""
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    for block in blocks(stream):
        yield decoder.decode(block).encode("utf-8", "replace")
    yield decoder.decode(b"", final=True).encode("utf-8", "replace")


def _encoding(head: bytes) -> str:
    """The UTF-16 that ``head`` is, by its mark or because every other byte is zero; empty if it is none."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    sample = head[:512]
    if len(sample) >= 8 and sample[1::2].count(0) > len(sample) * 0.45 and 0 not in sample[::2]:
        return "utf-16-le"
    if len(sample) >= 8 and sample[::2].count(0) > len(sample) * 0.45 and 0 not in sample[1::2]:
        return "utf-16-be"
    return ""


def _layer(head: bytes, reopen: Open, report: Report) -> Open | None:
    """How to open what the outermost layer holds; None where there is no layer left."""
    if head.startswith(GZIP):
        return lambda: as_stream(p for p in inflated(reopen, report) if p)
    if _BASE64.match(head):
        return lambda: as_stream(p for p in _unbased(reopen()) if p)
    encoding = _encoding(head)
    if encoding:
        return lambda: as_stream(p for p in _recoded(reopen(), encoding) if p)
    return None


def filled(stream: BinaryIO, size: int) -> bytes:
    """``size`` bytes, fewer only at the end of ``stream``."""
    got = bytearray()
    while len(got) < size and (block := stream.read(size - len(got))):
        got += block
    return bytes(got)


def unpacked(reopen: Open, report: Report) -> tuple[bytes, BinaryIO]:
    """The first bytes of what all layers hold, and a stream over all of it.

    ``reopen`` opens the outermost bytes anew; ``report`` hears of damage, possibly more than once of the same.
    """
    stream = reopen()
    head = filled(stream, HEAD)
    for _ in range(_MOST_LAYERS):
        inner = _layer(head, reopen, report)
        if inner is None:
            break
        reopen, stream = inner, inner()
        head = filled(stream, HEAD)
    if head.startswith(codecs.BOM_UTF8):
        head = head[len(codecs.BOM_UTF8) :]
    return head, cast(BinaryIO, Rejoined(head, stream))

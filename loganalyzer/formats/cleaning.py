"""Lines as people copied them → lines as they were printed: colours, invisible characters, entities, escaped text."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from loganalyzer.coverage import Coverage, Problem
from loganalyzer.formats.clock import ISO, STAMP
from loganalyzer.formats.emphasis import unmarked
from loganalyzer.formats.grammar import HEAD, UUID
from loganalyzer.formats.prefixes import TAG, read
from loganalyzer.formats.spelling import respelled

LONGEST_LINE = 16 << 20
"""Bytes of one line that are looked at: an event holds 1 MB at most, whatever is longer is no log line."""

_BLOCK = 1 << 20
_ANSI = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-_])")
_INVISIBLE = dict.fromkeys([*range(0x200B, 0x2010), 0x2060, 0xFEFF, 0xAD, *range(0x202A, 0x202F)])
_BLANKS = dict.fromkeys([0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000], " ")
_ESCAPED_BLANK = re.compile(r"\\+u(00a0|200[b-f]|feff)")
_TABLE = {**_INVISIBLE, **_BLANKS, 0: None}
_ENTITY = re.compile(r"&(?:quot|lt|gt|amp|apos|nbsp|ldquo|rdquo|lsquo|rsquo|#\d{1,5}|#x[0-9a-fA-F]{1,4});")
_RAW = {"&quot;": '"', "&lt;": "<", "&gt;": ">", "&#34;": '"', "&#39;": "'", "&apos;": "'", "&#x27;": "'"}
_BREAK = re.compile(rf"<br\s*/?>(?=\s*(?:{STAMP}|\(|[A-Z]|\d{{4}}-))")
_TAGS = re.compile(TAG)
_MARKUP_LINE = re.compile(rf"(?:\s*{TAG})+\s*$")
_ESCAPED = re.compile(
    rf"\\[ntr][\s>*`|-]*(?:\d{{1,4}}[.):]\s+)?(?:{STAMP}|{ISO}|1\d{{12}}\b|\([0-9a-f]{{8}}-|{HEAD})"
    r"|Execution log for request \S+?\\n"
)
_QUOTED = re.compile(r"(?:\s*>(?:\s|$))+")
_SMART_JSON = re.compile(r"\{\s*[“”„]\w|[“”]\s*:\s*[“”„{\[\dtfn]")
"""JSON in the quotation marks of a word processor."""

_SMART = dict.fromkeys(map(ord, "“”„"), '"')
_WIDE_COLON = re.compile(r"(?<=[A-Za-z])\uff1a\s*")
_STAMP = re.compile(STAMP)
_ID = re.compile(rf"\({UUID}\)\s")
_TORN = re.compile(
    r"\([0-9a-f-]{0,36}$|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\s*$|"
    r"[A-Z][a-z]{2} [A-Z][a-z]{2}(?: \d\d?(?: [\d:]*(?: U?T?C?(?: \d{0,4})?)?)?)?\s*$"
)
_STARTS = re.compile(rf"{STAMP}|(?:{ISO}\s+)?\({UUID}\)\s(?=[A-Z])")
_LONG = 256 << 10
_LONGEST_START = 60
_MOST_ESCAPED = 4
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_PLAIN_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


def physical_lines(stream: BinaryIO, coverage: Coverage) -> Iterator[str]:
    """The lines of ``stream`` in bounded memory; what is beyond :data:`LONGEST_LINE` on a line is lost and said so."""
    held, lost = bytearray(), 0
    while block := stream.read(_BLOCK):
        *whole, last = block.split(b"\n")
        for line in whole:
            yield _decoded(bytes(held + line) if held else line)
            held.clear()
        room = LONGEST_LINE - len(held)
        held += last[:room]
        lost += max(0, len(last) - room)
    if held:
        yield _decoded(bytes(held))
    if lost:
        what = f"a line is longer than {LONGEST_LINE >> 20} MB: {lost} bytes of it were not read"
        coverage.problems.append(
            Problem("", what, "an execution log has a line for each event; check how it was written")
        )


def _decoded(line: bytes) -> str:
    return line.rstrip(b"\r").decode("utf-8", "surrogateescape")


def clean(line: str) -> str:
    """``line`` without colours, invisible characters and the escaping of a web page."""
    if line.lstrip()[:1] == ">":
        line = _QUOTED.sub("", line, count=1) if _QUOTED.match(line) else line
    if "\x1b" in line:
        line = _ANSI.sub("", line)
    if "\\u" in line:
        line = _ESCAPED_BLANK.sub(lambda found: " " if found[1] == "00a0" else "", line)
    if not line.isascii() or "\x00" in line:
        line = _WIDE_COLON.sub(": ", line.translate(_TABLE))
        if _SMART_JSON.search(line) and sum(map(line.count, "“”„")) > line.count('"'):
            line = line.translate(_SMART)
    if "&" in line and _ENTITY.search(line) and _is_escaped_page(line):
        line = html.unescape(line).translate(_BLANKS)
    return respelled(unmarked(line))


def _is_escaped_page(line: str) -> bool:
    """Whether the line was escaped as a whole: it has entities, and none of the characters they stand for."""
    text = _TAGS.sub("", line) if "<" in line else line
    return not any(raw in text for entity, raw in _RAW.items() if entity in text)


def is_markup(line: str) -> bool:
    """Whether there is nothing on the line but pieces of HTML."""
    return "<" in line and _MARKUP_LINE.match(line) is not None


def lines_of(raw: Iterable[str]) -> Iterator[str]:
    """Cleaned lines, escaped ones spread out, with no Test stamp or request id torn apart by a line break."""
    torn = ""
    for line in _spread(raw):
        if torn:
            at = _TORN.search(torn, max(0, len(torn) - _LONGEST_START))
            tail = torn[at.start() :] if at else torn
            begun = _ID if tail.startswith("(") else _STAMP
            whole = next((gap for gap in (" ", "") if begun.match(tail.rstrip() + gap + line.lstrip())), None)
            if whole is None:
                yield torn
            else:
                line = torn.rstrip() + whole + line.lstrip()
        torn = line if _TORN.search(line, max(0, len(line) - _LONGEST_START)) else ""
        if not torn:
            yield line
    if torn:
        yield torn


def _spread(raw: Iterable[str]) -> Iterator[str]:
    """Cleaned lines: a log that stands in one string with its line breaks escaped is spread out over lines."""
    folded = ""
    for line in raw:
        line = clean(line)
        if folded:
            line = folded + _unfold(line)
            folded = ""
        if "\\n" in line and _ESCAPED.search(line) and _is_string(line):
            if line.endswith("\\") and len(line) < LONGEST_LINE and not line.endswith("\\\\"):
                folded = line[:-1]
                continue
            yield from _unescaped_lines(line)
        elif len(line) > _LONG:
            yield from _cut(line)
        elif "<br" in line:
            yield from _BREAK.sub("\n", line).split("\n")
        else:
            yield line
    if folded:
        yield from _unescaped_lines(folded)


def _cut(line: str) -> Iterator[str]:
    """A line with a whole log on it, cut in front of stamps and request ids into pieces of a length that reads fast."""
    start = 0
    for found in _STARTS.finditer(line):
        if found.start() - start > _LONG // 4:
            yield line[start : found.start()]
            start = found.start()
    yield line[start:]


def _unfold(line: str) -> str:
    """A continuation line of a folded YAML scalar: indentation goes, ``\\ `` stands for a blank."""
    line = line.lstrip()
    return line[1:] if line.startswith("\\ ") else line


def _is_string(line: str) -> bool:
    """Whether what stands on a line is the text of a string, not an event whose value has escapes in it."""
    prefix = read(line)
    return not prefix.explicit or prefix.quote == '"'


def _unescaped_lines(line: str) -> Iterator[str]:
    """The lines of a string; one that was escaped more than once is still one line after the first time."""
    for _ in range(_MOST_ESCAPED):
        line = unescaped(line)
        if "\n" in line.strip() or not _ESCAPED.search(line):
            break
    yield from line.split("\n")


def unescaped(text: str) -> str:
    """``text`` with the escapes of a JSON string resolved, whether or not the string is whole."""
    return _ESCAPE.sub(_resolve, text)


def _resolve(found: re.Match[str]) -> str:
    code = found.group(1)
    if len(code) == 5:
        char = chr(int(code[1:], 16))
        return char if not 0xD800 <= ord(char) < 0xE000 else "\N{REPLACEMENT CHARACTER}"
    return _PLAIN_ESCAPES.get(code, code)

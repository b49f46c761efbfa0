"""What happens to a log on its way into a chat: each kind of damage as a function from text to text."""

from __future__ import annotations

import html
import json
import re
import textwrap
from collections.abc import Callable, Sequence
from random import Random

Damage = Callable[[str, Random], str]

_ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?")
_STAMP = re.compile(r"[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d UTC \d{4}")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MASKS = ("xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", "<request-id>", "*****", "xxxx", "...", "REDACTED")


def _lines(change: Callable[[list[str], Random], list[str]]) -> Damage:
    """Damage to the lines of a text."""

    def damage(text: str, rng: Random) -> str:
        lines = text.removesuffix("\n").split("\n")
        return "\n".join(change(lines, rng)) + "\n"

    return damage


def _each(change: Callable[[str, Random], str]) -> Damage:
    """The same damage to every line."""
    return _lines(lambda lines, rng: [change(line, rng) for line in lines])


def _hard_wrapped(lines: list[str], rng: Random) -> list[str]:
    width = rng.randint(60, 180)
    return [line[at : at + width] for line in lines for at in range(0, max(1, len(line)), width)]


def _soft_wrapped(lines: list[str], rng: Random) -> list[str]:
    width = rng.randint(60, 180)
    return [part for line in lines for part in textwrap.wrap(line, width, break_on_hyphens=False) or [""]]


def _glued(lines: list[str], rng: Random) -> list[str]:
    gap, share = rng.choice(("", " ")), rng.choice((0.1, 0.5, 1.0))
    joined = [lines[0]]
    for line in lines[1:]:
        if rng.random() < share:
            joined[-1] += gap + line
        else:
            joined.append(line)
    return joined


def _doubled(lines: list[str], rng: Random) -> list[str]:
    share = rng.choice((0.2, 1.0))
    return [copy for line in lines for copy in ((line, "", line, "") if rng.random() < share else (line,))]


def _without_head(lines: list[str], rng: Random) -> list[str]:
    lines = lines[rng.randrange(len(lines)) :]
    return [lines[0][rng.randrange(len(lines[0]) + 1) :], *lines[1:]] if rng.random() < 0.3 else lines


def _without_tail(lines: list[str], rng: Random) -> list[str]:
    lines = lines[: rng.randrange(len(lines)) + 1]
    return [*lines[:-1], lines[-1][: rng.randrange(len(lines[-1]) + 1)]] if rng.random() < 0.3 else lines


def _elided(lines: list[str], rng: Random) -> list[str]:
    start = rng.randrange(len(lines))
    end = min(len(lines), start + rng.randint(1, 6))
    return [*lines[:start], *rng.choice(([], ["..."], ["[...]", ""])), *lines[end:]]


def _noted(lines: list[str], rng: Random) -> list[str]:
    at = rng.randrange(len(lines) + 1)
    note = rng.choice(("Any help?", "// Put your logs below this line", "Log:", "ログ", "Thanks in advance", "---"))
    return [*lines[:at], note, *lines[at:]]


def _told(line: str, rng: Random) -> str:
    return f"I receive {line} . What now?" if rng.random() < 0.2 else line


def _masked(text: str, rng: Random) -> str:
    masks = {found: rng.choice(_MASKS) for found in set(_UUID.findall(text))}
    return _UUID.sub(lambda found: masks[found.group()], text)


def _timeless(text: str, rng: Random) -> str:
    mark = rng.choice(("Date", "...", "<timestamp>", ""))
    return _STAMP.sub(mark, _ISO.sub("" if mark == "Date" else mark, text))


def _swallowed(text: str, rng: Random) -> str:
    return re.sub(r"\[TRUNCATED\]\n", lambda found: rng.choice(("[TRUNCATED]", "[TRUNCATED] ", found.group())), text)


def _numbered(lines: list[str], _: Random) -> list[str]:
    return [f"{number}. {line}" for number, line in enumerate(lines, start=1)]


def _strings(lines: list[str], _: Random) -> list[str]:
    return [f"  {json.dumps(line)}," for line in lines]


def _fenced(lines: list[str], _: Random) -> list[str]:
    return ["Here it is:", "```", *lines, "```", "Regards"]


def _rows(lines: list[str], _: Random) -> list[str]:
    return [f"| {line} |" for line in lines]


TEXT_DAMAGE: dict[str, Damage] = {
    "broken at a column": _lines(_hard_wrapped),
    "wrapped": _lines(_soft_wrapped),
    "collapsed blanks": _each(lambda line, rng: " ".join(line.split())),
    "glued": _lines(_glued),
    "doubled": _lines(_doubled),
    "blank lines": lambda text, rng: text.replace("\n", "\n\n"),
    "no head": _lines(_without_head),
    "no tail": _lines(_without_tail),
    "elided": _lines(_elided),
    "newest first": _lines(lambda lines, rng: lines[::-1]),
    "notes": _lines(_noted),
    "prose": _each(_told),
    "masked ids": _masked,
    "no times": _timeless,
    "swallowed breaks": _swallowed,
    "quoted": _each(lambda line, rng: "> " + line),
    "bullets": _each(lambda line, rng: f"- `{line}`"),
    "indented": _each(lambda line, rng: "\t" + line),
    "numbered": _lines(_numbered),
    "strings": _lines(_strings),
    "one string": lambda text, rng: json.dumps(text),
    "a cut string": lambda text, rng: '"log": ' + json.dumps(text)[:-3],
    "a web page": _each(lambda line, rng: f"<p>{html.escape(line)}</p>"),
    "breaks of a web page": lambda text, rng: text.replace("\n", "<br>"),
    "table": _lines(_rows),
    "fence": _lines(_fenced),
    "CRLF": lambda text, rng: text.replace("\n", "\r\n"),
    "odd blanks": lambda text, rng: re.sub(" ", lambda _: rng.choice((" ", " ", "\xa0", " \u200b")), text),
}
"""Damage to text, by name."""


def _cut(data: bytes, rng: Random) -> bytes:
    return data[: rng.randrange(len(data)) + 1]


DATA_DAMAGE: dict[str, Callable[[bytes, Random], bytes]] = {
    "no tail": _cut,
    "no head": lambda data, rng: data[rng.randrange(len(data)) :],
    "twice": lambda data, rng: data + data,
    "a byte": lambda data, rng: data[: (at := rng.randrange(len(data)))] + rng.randbytes(1) + data[at + 1 :],
    "in prose": lambda data, rng: b"Here it is:\n\n" + data + b"\n\nAny idea?\n",
    "indented": lambda data, rng: data.replace(b"\n", b"\n    "),
}
"""Damage to documents and to what is compressed, by name."""


def damaged(data: bytes, names: Sequence[str], rng: Random, *, text: bool) -> bytes:
    """A log with damage of these kinds, one after the other."""
    for name in names:
        if not data:
            break
        data = TEXT_DAMAGE[name](data.decode(), rng).encode() if text else DATA_DAMAGE[name](data, rng)
    return data

"""What stands in front of a message on a line: time, request id, stream, list marks, quotation marks."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from loganalyzer.formats import clock
from loganalyzer.formats.grammar import HEAD, UUID, head_end, holds_message
from loganalyzer.formats.losses import NO_ZONE

ROW = "row"
TEST = "test"
BARE = "bare"

TAG = (
    r"(?:<!--.*?-->|</?(?:html|head|body|meta|pre|code|p|br|hr|div|span|table|tbody|thead|tr|td|th|ul|ol|li|strong|em|b|i"
    r"|a|blockquote|samp|kbd|font|h[1-6])\b[^<>]{0,300}>)"
)
"""A piece of markup that is never part of a message; ``<account id>`` and its like are."""

QUOTES = "\"'`“”„‘’«»「」『』"
CLOSING = {"“": "”“", "„": "“”", "‘": "’", "«": "»", "”": "”", "「": "」", "『": "』"}

_ZONE_COLON = re.compile(r"\s?(?:[A-Z]{2,4}\s)?\s?:\s+")
_ID = r"\((?P<id>[^\s()]{1,128})\)"
_STREAM = r"[0-9a-f]{32}"
_GROUP = r"(?:\d{12}:)?(?P<group>(?:API-Gateway-Execution-Logs_|/aws/apigateway/[^\s|,:/]+/)[^\s|,:]+)"
_COLUMNS = rf"(?P<columns>(?:[\w./:@-]{{1,64}}[ \t|,;]+){{1,5}}?)(?=\[?{UUID}\]?[\s|,:]+{HEAD})"
_TOKEN = re.compile(
    "|".join(
        (
            rf"(?P<wrap>(?:[\s>#*•·|…,;+–—▶▼►▸▾→{QUOTES}-]|\.\.\.|//+(?=\s)|[$%❯➜](?=\s)|{TAG})+)",
            rf"\[?(?P<iso>{clock.ISO})\]?(?=[\s|,:;{QUOTES}(<]|$)",
            rf"(?P<stamp>{clock.STAMP})",
            rf"\[?(?P<stream>{_STREAM})\]?(?=[\s|,:]|$)",
            rf"{_GROUP}(?=[\s|,:]|$)",
            r"(?P<epoch>1\d{9}(?:\d{3}){0,2})(?=[\s|,])",
            r"(?P<event>\d{50,60})(?=[\s|,])",
            rf"\[?(?P<uuid>{UUID})\]?:?(?=[\s|,:]|$)",
            r"(?P<number>\d{1,4}[.):]?)(?=\s)",
            r"(?P<clock>\d\d:\d\d:\d\d(?:[.,]\d+)?(?: ?[AP]M)?)(?=[\s|]|$)",
            rf"{_ID}(?:[ \t]*:|[`*]{{1,3}})?(?=\s|$|{HEAD})\s*",
            _COLUMNS,
        )
    ),
    re.DOTALL,
)
_TIMES = {"iso", "epoch", "clock"}
_PLAIN = re.compile(rf"(?P<iso>\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{{3}}Z)[ ]{_ID}[ ]")
_PLAIN_ID = re.compile(rf"{_ID}[ ]")
_ID_SHAPE = re.compile(
    r"[0-9a-fA-F]{8}-[0-9a-fA-F-]{4,}|[\w+/-]{8,30}=|.*(?:\.\.|…|[x*X]{2}).*|<.*>|(?=.*\d)(?=.*[a-zA-Z-])[\w-]{6,}|test-.*"
)
_INNER_ID = re.compile(rf"\({UUID}\)\s")
"""Some tools put the stream in parentheses in front of the id."""

_LOOSE = re.compile(
    r"(?:[^(){}=\"'`]*\b(?:UTC|GMT)\b[ \d]*|[\s.*…>x_-]*|\W*<[\w -]{1,30}>|(?i:\W*(?:date|time(?:stamp)?)))\s?:\s*$"
)
_LOOSEST = 60
_MARKED = re.compile(r"\s*(?:#+|//+|[*•·+–—▶►▸→|-]|\d{1,4}[.):]?)\s")
_STAMPISH = re.compile(
    r"(?:[^\w(){}]|\d|(?:UTC|GMT|[AP]M|WE|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
    r"|(?i:date|time|timestamp)|x+)\b)*:\s*"
)
_TRANSLATED = re.compile(
    r"\s*+(?:[^\W\d_]{1,10}+\.?,?(?:\s++|(?=:))|\d++(?:[:./-]\d++)*+[^\W\d_]{0,2}+\.?,?\s*+){4,10}+:\s*"
)
"""The stamp of a Test in the words of another language: articles are translated with the log in them."""

_CLOCK = re.compile(r".{0,40}?\d\d:\d\d:\d\d\b")

_COLON = re.compile(r"\s?:\s*")
MARK = re.compile(
    rf"(?:{clock.ISO}\]?[\s|]+(?:\[?{_STREAM}\]?\s+)?(?=\([^\s()]{{1,128}}\)\s))?(?:\([^\s()]{{1,128}}\)\s*)?(?P<head>{HEAD})"
    rf"|(?P<row>{clock.ISO}\]?[\s|]+(?:(?:\[?{_STREAM}\]?\s+)?(?=\([0-9a-f-]{{36}}\)\s)"
    rf"|(?:[\w./:@-]{{1,64}}[ \t|,;]+){{0,5}}?(?={UUID}[\s|,:]+{HEAD})))"
    rf"|(?P<stamp>{clock.STAMP})"
)
"""Where an event may begin in the midst of a line."""


_ANY_ID = re.compile(r"\([0-9a-f-]{36}\)\s")


def may_hold_mark(text: str, start: int = 0) -> bool:
    """Whether :data:`MARK` is worth looking for, which takes ten times as long."""
    if "UTC" in text or "yyyy" in text:
        return True
    return holds_message(text, start=start) or _ANY_ID.search(text, start) is not None


@dataclass(frozen=True, slots=True)
class Prefix:
    """What was found in front of a message.

    ``kind`` is ROW (time or request id), TEST (stamp of a console Test) or BARE; ``timed`` says that a time stood there
    even if ``time`` could not be read; ``end`` is where the message starts, ``indent`` how many blanks begin the line,
    ``marked`` says that it begins with a list mark or number;
    ``quote`` is the quotation mark right in front of the message; ``prose`` says that other words stand in front of it,
    ``guessed`` that it may be part of a value that is still open, ``inherited`` that it is that of the message before.
    """

    time: int | None = None
    timed: bool = False
    id: str = ""
    kind: str = BARE
    form: str = "bare messages"
    group: str = ""
    end: int = 0
    indent: int = 0
    marked: bool = False
    quote: str = ""
    prose: bool = False
    guessed: bool = False
    inherited: bool = False
    notes: tuple[str, ...] = ()

    @property
    def explicit(self) -> bool:
        """Whether the line itself says that an event starts here."""
        return self.kind != BARE


def read(line: str) -> Prefix:
    """The prefix at the start of ``line``, BARE where the line gives none."""
    found = _PLAIN.match(line)
    if found:
        iso = found["iso"]
        second = clock.second_of(iso[:19])
        ms = None if second is None else second + int(iso[20:23])
        return Prefix(ms, timed=True, id=found["id"], kind=ROW, form="CloudWatch lines", end=found.end())
    prefix = _by_tokens(line)
    if prefix.explicit:
        return _past_colon(prefix, line)
    return prefix if ":" not in line[:_LOOSEST] else _by_colon(line) or prefix


def _past_colon(prefix: Prefix, line: str) -> Prefix:
    """The prefix with the colon behind it that somebody kept of the stamp of a Test, and the zone in front of that."""
    colon = _ZONE_COLON.match(line, prefix.end)
    return replace(prefix, end=colon.end()) if colon and head_end(line[colon.end() :]) else prefix


def _by_colon(line: str) -> Prefix | None:
    """The prefix of a line on which something stands in place of the stamp of a Test."""
    shapes = (_STAMPISH, _TRANSLATED) if _CLOCK.match(line) else (_STAMPISH,)
    for colon in _COLON.finditer(line, 0, _LOOSEST):
        stampish = any(shape.fullmatch(line, 0, colon.end()) for shape in shapes)
        if stampish and line[: colon.end()].strip() and head_end(line[colon.end() :]):
            indent = len(line) - len(line.lstrip())
            return Prefix(timed=True, kind=TEST, form="console Test", end=colon.end(), indent=indent)
    return None


def _by_tokens(line: str) -> Prefix:
    pos = 0
    seen: dict[str, str] = {}
    order: list[str] = []
    before_uuid = 0
    while found := _TOKEN.match(line, pos):
        name = str(found.lastgroup)
        text = found[name]
        if name == "id" and _INNER_ID.match(line, found.end()):
            pos = found.end()
            continue
        if name == "id" and not _is_id(text, line[found.end() :]):
            break
        if (name in seen and name not in ("wrap", "number")) or (name == "columns" and not seen.keys() & _TIMES):
            break
        seen[name] = text
        order.append(name)
        before_uuid = pos if name == "uuid" else before_uuid
        pos = found.end()
        if name in ("id", "stamp"):
            break
    if "uuid" in seen and "id" not in seen and "stamp" not in seen:
        pos = pos if _settled(line[pos:], seen, order) else before_uuid
    quote = seen.get("wrap", "").strip()[-1:] if order and order[-1] == "wrap" else _quote_before(line, order)
    return _prefix(line, seen, tuple(name for name in order if name != "wrap"), pos, quote if quote in QUOTES else "")


def _settled(rest: str, seen: dict[str, str], order: list[str]) -> bool:
    """Whether an id without parentheses is that of a request, because a message follows; if not, it is dropped."""
    if head_end(rest):
        seen["id"] = seen["uuid"]
        return True
    at = order.index("uuid")
    for name in order[at:]:
        if name not in order[:at]:
            seen.pop(name, None)
    del order[at:]
    return False


def _quote_before(line: str, order: list[str]) -> str:
    """The quotation mark in front of the whole prefix: it closes behind the message."""
    if not order or order[0] != "wrap":
        return ""
    found = _TOKEN.match(line)
    return found.group().strip()[-1:] if found else ""


def _is_id(text: str, rest: str) -> bool:
    return _ID_SHAPE.fullmatch(text) is not None or head_end(rest.lstrip()) > 0


def _prefix(line: str, seen: dict[str, str], order: tuple[str, ...], end: int, quote: str) -> Prefix:
    group = seen.get("group", "")
    if "stamp" in seen:
        time = clock.from_stamp(seen["stamp"])
        return Prefix(time, timed=True, kind=TEST, form="console Test", end=end, quote=quote, group=group)
    iso, epoch = seen.get("iso", ""), seen.get("epoch", "")
    timed = bool(iso or epoch or "clock" in seen)
    if not timed and "id" not in seen:
        indent = len(line) - len(line.lstrip())
        return Prefix(end=end, indent=indent, marked=_MARKED.match(line) is not None, quote=quote, group=group)
    time = clock.from_iso(iso) if iso else clock.from_epoch(epoch) if epoch else None
    form, notes = _form(line, seen, order)
    return Prefix(
        time,
        timed=timed,
        id=seen.get("id", ""),
        kind=ROW,
        form=form,
        group=group,
        end=end,
        indent=len(line) - len(line.lstrip()),
        marked=_MARKED.match(line) is not None,
        quote=quote,
        notes=notes,
    )


def _form(line: str, seen: dict[str, str], order: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The name of the form for people, and what it loses."""
    iso = seen.get("iso", "")
    if not iso:
        if "epoch" in seen:
            return "epoch and message", ()
        return ("awslogs" if "group" in seen else "CloudWatch lines without time"), ()
    notes = () if clock.has_zone(iso) or "stream" in order else (NO_ZONE,)
    if "group" in order:
        return "awslogs", notes
    if order[0] == "stream":
        return ("zappa" if line.lstrip().startswith("[") else "sam logs"), notes
    if "stream" in order:
        return "aws logs tail", notes
    if not clock.is_exact(iso) and not clock.has_zone(iso) and "T" in iso:
        return "aws logs tail --format short", notes
    return ("CloudWatch lines" if iso.endswith("Z") and "\t" not in line else "console copy"), notes


def loose_stamp(lead: str) -> bool:
    """Whether ``lead``, in front of a head, is what is left of a Test stamp: ``... : ``, ``Date : ``, ``UTC 2018:``."""
    return len(lead) <= _LOOSEST and _LOOSE.match(lead) is not None and lead.strip() != ""

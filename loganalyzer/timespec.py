"""Times as people write them, read into aware UTC: the one place that parses a time given on the command line."""

from __future__ import annotations

import os
import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from loganalyzer.errors import UsageError

ACCEPTED = "2h, 30m, 1d12h, '2 hours ago', now, today, 'yesterday 14:00', 14:00, 2026-11-20, 2026-11-20T14:00Z"
"""The accepted forms, for help texts and tips."""

_UNITS = {
    "seconds": ("s", "sec", "secs", "second", "seconds"),
    "minutes": ("m", "min", "mins", "minute", "minutes"),
    "hours": ("h", "hr", "hrs", "hour", "hours"),
    "days": ("d", "day", "days"),
    "weeks": ("w", "week", "weeks"),
}
_UNIT = {word: unit for unit, words in _UNITS.items() for word in words}
_AMOUNT = re.compile(r"(\d{1,9}(?:\.\d{1,3})?) *([a-z]+),? *")
_SPAN = re.compile(r"(?:\d{1,9}(?:\.\d{1,3})? *[a-z]+,? *)+(?:ago)?")
_DAYS = {"today": 0, "yesterday": 1}
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,6}))?)?(?: ?(am|pm))?")
_EPOCH = re.compile(r"@?(\d{10})(\d{3})?")

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_TIME = r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?: ?[ap]m)?"
_ZONE = r" ?(?:z|utc|gmt|[+-]\d{2}:?\d{2})"
_DATE = re.compile(
    rf"(?:\d{{4}}-\d{{2}}-\d{{2}}|{_DAY} {_MONTH},? \d{{4}}|{_MONTH} {_DAY},? \d{{4}}|{_DAY}-{_MONTH}-\d{{4}}"
    rf"|{_DAY}/{_MONTH}/\d{{4}})(?:(?:t|:|,? )(?P<time>{_TIME})(?:{_ZONE})?)?"
)


class _Skipped(ValueError):
    """A time of day that clocks passed over, and what they showed instead."""

    def __init__(self, shown: datetime) -> None:
        super().__init__()
        self.shown = shown


def local_zone() -> tzinfo:
    """The time zone of this computer, with its summer time (``TZ`` if that is set)."""
    from dateutil import tz

    if os.environ.get("TZ") == "":
        return UTC
    return tz.gettz() or tz.tzlocal()


def parse_time(text: str, *, now: datetime, zone: tzinfo, late: bool = False) -> datetime:
    """The moment that ``text`` names, in UTC.

    A span (``2h``) counts back from ``now``; a time or date without a zone is one of ``zone``. Where clocks are put
    back, a time that they show twice is the first of the two, the second with ``late``: so a window holds both. All of
    the text must be understood, else :class:`UsageError`: a wrong window would look like an answer. A time that clocks
    skip is refused too.
    """
    words = " ".join(text.lower().split())
    try:
        moment = _read(words, now=now, zone=zone, late=late)
        found = moment.astimezone(UTC) if moment else None
    except _Skipped as skipped:
        shown, utc = f"{skipped.shown:%H:%M}", f"{skipped.shown.astimezone(UTC):%Y-%m-%dT%H:%MZ}"
        said = f"{text!r} never was: clocks were put forward past it, to {skipped.shown.tzname()}"
        raise UsageError(said, tip=f"write {shown} for it, or a time with its zone as {utc}") from None
    except (ValueError, OverflowError):
        found = None
    if found is None:
        home = now.astimezone(zone).tzname()
        raise UsageError(f"{text!r} is not a time", tip=f"write it as {ACCEPTED}; without a zone it is {home}")
    return found


def _read(words: str, *, now: datetime, zone: tzinfo, late: bool) -> datetime | None:
    if words == "now":
        return now
    if _SPAN.fullmatch(words):
        span = _span(words)
        return None if span is None else now - span
    if epoch := _EPOCH.fullmatch(words):
        return datetime.fromtimestamp(int(epoch[1]), UTC) + timedelta(milliseconds=int(epoch[2] or 0))
    day, _, rest = words.partition(" ")
    today = now.astimezone(zone).date()
    if day in _DAYS and not rest:
        return _placed(datetime.combine(today - timedelta(days=_DAYS[day]), time()), zone=zone, late=late, whole=True)
    if day in _DAYS:
        return _at(today - timedelta(days=_DAYS[day]), rest.removeprefix("at "), zone=zone, late=late)
    if _CLOCK.fullmatch(words):
        return _at(today, words, zone=zone, late=late)
    return _date(words, zone=zone, late=late) if _DATE.fullmatch(words) else None


def _placed(shown: datetime, *, zone: tzinfo, late: bool, whole: bool = False) -> datetime:
    """What clocks in ``zone`` show, as a moment; a ``whole`` day begins when its first minute does."""
    moment = shown.replace(tzinfo=zone)
    if moment.astimezone(UTC).astimezone(zone).replace(tzinfo=None, fold=0) == shown:
        return moment.replace(fold=int(late and not whole))
    from dateutil import tz

    there = tz.resolve_imaginary(moment)
    if not whole:
        raise _Skipped(there)
    return there


def _span(words: str) -> timedelta | None:
    """``1d12h`` or ``2 hours ago`` as a length of time; None for units that are none."""
    total = timedelta()
    for amount, word in _AMOUNT.findall(words.removesuffix("ago").rstrip()):
        if word not in _UNIT:
            return None
        total += timedelta(**{_UNIT[word]: float(amount)})
    return total


def _at(day: date, clock: str, *, zone: tzinfo, late: bool) -> datetime | None:
    """A time of day on ``day``; None if ``clock`` is none."""
    found = _CLOCK.fullmatch(clock)
    if found is None:
        return None
    hour = int(found[1])
    if found[5]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found[5] == "pm" else 0)
    shown = time(hour, int(found[2]), int(found[3] or 0), int((found[4] or "0").ljust(6, "0")))
    return _placed(datetime.combine(day, shown), zone=zone, late=late)


def _date(words: str, *, zone: tzinfo, late: bool) -> datetime:
    """A date with or without a time; dateutil reads it, the pattern has made sure that there is nothing to guess."""
    from dateutil import parser

    clock = _DATE.fullmatch(words)
    start = clock.start("time") if clock and clock["time"] else -1
    text = words if start < 0 else f"{words[: start - 1]} {words[start:]}"
    shown = parser.parse(text.upper(), default=datetime(2000, 1, 1), tzinfos={"UTC": UTC, "GMT": UTC, "Z": UTC})
    return shown if shown.tzinfo else _placed(shown, zone=zone, late=late, whole=start < 0)

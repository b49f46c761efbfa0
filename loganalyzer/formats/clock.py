"""Times as sources print them → milliseconds since 1970 UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache

ISO = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?Z\b| ?UTC\b|[+-]\d\d:?\d\d)?"
"""``2026-11-02T09:15:42.118Z``, with a blank for the ``T``, any fraction, any offset or none."""

STAMP = (
    r"(?:[A-Z][a-z]{2},? [A-Z][a-z]{2} {1,2}\d{1,2} \d\d:\d\d:\d\d [A-Z]{2,5} \d{4}"
    r"|[DE]{3} MMM [dD]{2} [hH]{2}:mm:ss \w{1,4} y{4})\s?:(?=\s|[A-Z]|$)\s?"
)
"""``Mon Nov 02 09:15:42 UTC 2026 : `` of the console's Test, and the placeholder that documents put there."""

_STAMP = re.compile(r"\w{3},? (?P<month>\w{3}) +(?P<day>\d+) (?P<clock>[\d:]{8}) (?P<zone>[A-Z]+) (?P<year>\d{4})")
_ISO = re.compile(ISO)
_EPOCH = re.compile(r"(?<!\d)1\d{12}(?!\d)")
_SHORT_ZONE = re.compile(r"([+-]\d\d)(\d\d)$")
_FRACTION = re.compile(r"[.,](\d+)")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_EPOCHS = (10, 13, 16, 19)


def _ms(when: datetime) -> int:
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return int(when.timestamp()) * 1000 + when.microsecond // 1000


def from_iso(text: str) -> int | None:
    """The time that an ISO text names, UTC where it has no zone; None if no calendar has it."""
    plain = text.strip().replace(" UTC", "Z").replace("UTC", "Z").replace(" Z", "Z")
    plain = _FRACTION.sub(lambda found: "." + (found.group(1) + "00000")[:6], plain, count=1)
    try:
        ms = _ms(datetime.fromisoformat(_SHORT_ZONE.sub(r"\1:\2", plain)))
    except (ValueError, OverflowError, OSError):
        return None
    return ms if ms >= 0 else None


@lru_cache(maxsize=256)
def second_of(text: str) -> int | None:
    """Milliseconds at ``2026-11-02T09:15:42``, UTC; lines of a log share their seconds."""
    return from_iso(text)


def from_stamp(text: str) -> int | None:
    """The time of a Test stamp; None for a placeholder, another zone than UTC or a date that does not exist."""
    found = _STAMP.search(text)
    if found is None or found["month"] not in _MONTHS or found["zone"] not in ("UTC", "GMT"):
        return None
    month = _MONTHS.index(found["month"]) + 1
    return from_iso(f"{found['year']}-{month:02d}-{int(found['day']):02d}T{found['clock']}Z")


def from_epoch(digits: str) -> int | None:
    """The time of an epoch in seconds, milli-, micro- or nanoseconds, told apart by length."""
    if len(digits) not in _EPOCHS or not (digits.isascii() and digits.isdecimal()):
        return None
    return int(digits) * 1000 if len(digits) == _EPOCHS[0] else int(digits[:13])


def is_exact(text: str) -> bool:
    """Whether an ISO text gives milliseconds."""
    return _FRACTION.search(text) is not None


def has_zone(text: str) -> bool:
    """Whether an ISO text says which zone it is in."""
    return re.search(r"(?:Z|UTC|[+-]\d\d:?\d\d)\s*$", text) is not None


def find_time(text: str) -> int | None:
    """The first time in ``text``, as ISO text or as an epoch in milliseconds."""
    found = _ISO.search(text)
    if found:
        return from_iso(found.group())
    epoch = _EPOCH.search(text)
    return from_epoch(epoch.group()) if epoch else None

"""Which moments people's words for times mean, and that nonsense is refused instead of guessed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
from dateutil import tz
from hypothesis import given
from hypothesis import strategies as st

from loganalyzer.errors import UsageError
from loganalyzer.timespec import local_zone, parse_time

NOW = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")

MOMENTS = {
    "now": "2026-11-20T12:30:00",
    "90s": "2026-11-20T12:28:30",
    "30m": "2026-11-20T12:00:00",
    "2h": "2026-11-20T10:30:00",
    "2 h": "2026-11-20T10:30:00",
    "1d": "2026-11-19T12:30:00",
    "1w": "2026-11-13T12:30:00",
    "1d12h": "2026-11-19T00:30:00",
    "1.5h": "2026-11-20T11:00:00",
    "2 hours ago": "2026-11-20T10:30:00",
    "1 hour, 5 minutes ago": "2026-11-20T11:25:00",
    "  2   Hours  AGO ": "2026-11-20T10:30:00",
    "today": "2026-11-20T00:00:00",
    "yesterday": "2026-11-19T00:00:00",
    "yesterday 14:00": "2026-11-19T14:00:00",
    "yesterday at 2:05 pm": "2026-11-19T14:05:00",
    "today 12:00 am": "2026-11-20T00:00:00",
    "14:00": "2026-11-20T14:00:00",
    "14:00:05.5": "2026-11-20T14:00:05.500000",
    "2026-11-20": "2026-11-20T00:00:00",
    "2026-11-20T14:00": "2026-11-20T14:00:00",
    "2026-11-20 14:00:01.123": "2026-11-20T14:00:01.123000",
    "2026-11-20T14:00:00Z": "2026-11-20T14:00:00",
    "2026-11-20T14:00:00+02:00": "2026-11-20T12:00:00",
    "2026-11-20 14:00 UTC": "2026-11-20T14:00:00",
    "10 may 2020": "2020-05-10T00:00:00",
    "May 10th, 2020 14:00": "2020-05-10T14:00:00",
    "20/Nov/2026:13:55:36 +0000": "2026-11-20T13:55:36",
    "1732104000": "2024-11-20T12:00:00",
    "1732104000123": "2024-11-20T12:00:00.123000",
}


@pytest.mark.parametrize("text", MOMENTS)
def test_words_for_times(text: str) -> None:
    """Spans count back from now; days, clocks and dates are what they say."""
    assert parse_time(text, now=NOW, zone=UTC) == datetime.fromisoformat(MOMENTS[text]).replace(tzinfo=UTC)


ZONES: dict[str, Callable[[str], tzinfo | None]] = {"zoneinfo": ZoneInfo, "dateutil": tz.gettz}
"""Both kinds of zones that programs use."""


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("yesterday 14:00", "2026-11-19T13:00:00"),
        ("14:00", "2026-11-20T13:00:00"),
        ("2026-07-01 14:00", "2026-07-01T12:00:00"),
        ("2026-07-01 14:00Z", "2026-07-01T14:00:00"),
        ("today", "2026-11-19T23:00:00"),
        ("2h", "2026-11-20T10:30:00"),
    ],
)
def test_times_without_a_zone_are_of_the_given_one(text: str, utc: str) -> None:
    """A time that names no zone is read in the caller's, summer time included; others are not touched by it."""
    assert parse_time(text, now=NOW, zone=BERLIN) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


SEASONS = {
    # in Berlin clocks go from 02:00 to 03:00 on 29 March and from 03:00 back to 02:00 on 25 October 2026
    ("Europe/Berlin", "2026-03-29 01:59"): ("2026-03-29T00:59", "2026-03-29T00:59"),
    ("Europe/Berlin", "2026-03-29 03:00"): ("2026-03-29T01:00", "2026-03-29T01:00"),
    ("Europe/Berlin", "2026-10-25 01:59"): ("2026-10-24T23:59", "2026-10-24T23:59"),
    ("Europe/Berlin", "2026-10-25 02:30"): ("2026-10-25T00:30", "2026-10-25T01:30"),
    ("Europe/Berlin", "2026-10-25 02:30+02:00"): ("2026-10-25T00:30", "2026-10-25T00:30"),
    ("Europe/Berlin", "2026-10-25 03:00"): ("2026-10-25T02:00", "2026-10-25T02:00"),
    # in Santiago clocks go from 00:00 to 01:00 on 6 September 2026: the day begins at 01:00
    ("America/Santiago", "2026-09-06"): ("2026-09-06T04:00", "2026-09-06T04:00"),
    ("America/Santiago", "2026-09-05"): ("2026-09-05T04:00", "2026-09-05T04:00"),
    # in Havana they go from 01:00 back to 00:00 on 1 November 2026: the day begins at the first midnight
    ("America/Havana", "2026-11-01"): ("2026-11-01T04:00", "2026-11-01T04:00"),
    ("America/Havana", "2026-11-01 00:00"): ("2026-11-01T04:00", "2026-11-01T05:00"),
}


@pytest.mark.parametrize("kind", ZONES)
@pytest.mark.parametrize(("place", "text"), SEASONS)
def test_when_clocks_change(kind: str, place: str, text: str) -> None:
    """A time that clocks show twice is the first, or the later one at the end of a window; days begin when they do."""
    zone = ZONES[kind](place)
    assert zone is not None
    for late, utc in zip((False, True), SEASONS[place, text], strict=True):
        found = parse_time(text, now=NOW, zone=zone, late=late)
        assert found == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize("kind", ZONES)
@pytest.mark.parametrize(
    "text", ["2026-03-29 02:00", "2026-03-29T02:59:59", "29 march 2026 2:30 am", "2026-03-29 02:30"]
)
def test_times_that_clocks_skip(kind: str, text: str) -> None:
    """A time that never was is refused, with the one that clocks showed instead; in UTC it is a time like any other."""
    zone = ZONES[kind]("Europe/Berlin")
    assert zone is not None
    with pytest.raises(UsageError, match="never was") as raised:
        parse_time(text, now=NOW, zone=zone)
    assert "write 03:" in raised.value.tip
    assert "2026-03-29T01:" in raised.value.tip
    assert parse_time(text, now=NOW, zone=UTC)


def test_spans_do_not_care_for_clocks() -> None:
    """A day back is 24 hours, whatever clocks did; yesterday is the day before by the calendar."""
    now = datetime(2026, 3, 29, 12, tzinfo=UTC)
    assert parse_time("1d", now=now, zone=BERLIN) == datetime(2026, 3, 28, 12, tzinfo=UTC)
    assert parse_time("yesterday 14:00", now=now, zone=BERLIN) == datetime(2026, 3, 28, 13, tzinfo=UTC)
    assert parse_time("today 14:00", now=now, zone=BERLIN) == datetime(2026, 3, 29, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("setting", "hours"), [("Europe/Berlin", (1, 2)), ("", (0, 0)), ("UTC", (0, 0)), ("XYZ-3", (3, 3)), (None, None)]
)
def test_the_zone_of_this_computer(
    monkeypatch: pytest.MonkeyPatch, setting: str | None, hours: tuple[int, int] | None
) -> None:
    """TZ names it, in every form that the system takes; summer time is in it."""
    monkeypatch.delenv("TZ", raising=False)
    if setting is not None:
        monkeypatch.setenv("TZ", setting)
    zone = local_zone()
    offsets = tuple(datetime(2026, month, 1, tzinfo=zone).utcoffset() for month in (1, 7))
    assert None not in offsets
    assert hours is None or offsets == tuple(timedelta(hours=number) for number in hours)


@given(st.datetimes(datetime(1990, 1, 1), datetime(2040, 1, 1)), st.sampled_from(["Europe/Berlin", "America/Havana"]))
def test_what_clocks_show_is_understood(moment: datetime, place: str) -> None:
    """Every time that clocks in a place have shown is read as a moment at which they showed it."""
    zone = ZoneInfo(place)
    shown = moment.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None, fold=0)
    for late in (False, True):
        found = parse_time(shown.isoformat(sep=" "), now=NOW, zone=zone, late=late)
        assert found.astimezone(zone).replace(tzinfo=None, fold=0) == shown


NONSENSE = (
    *("", " ", "ago", "h", "12", "2020", "10 may", "2x", "-2h", "2h later", "1e5h", "2h; ls", "999999999w"),
    *("tomorrow", "yesterday 99:00", "25:00", "13:00 pm", "5 may 2020 10 minutes"),
    *("2026-13-01", "2026-02-30", "2026-11-20T14:00 CEST"),
)


@pytest.mark.parametrize("text", NONSENSE)
def test_nonsense_is_refused(text: str) -> None:
    """What is not understood as a whole raises an error that names it and shows the accepted forms."""
    with pytest.raises(UsageError) as raised:
        parse_time(text, now=NOW, zone=UTC)
    assert repr(text) in raised.value.message
    assert "yesterday 14:00" in raised.value.tip


@given(st.text(max_size=30) | st.text("0123456789hmsd: -T/.+Zago", max_size=24))
def test_any_text_is_a_time_or_a_usage_error(text: str) -> None:
    """Whatever is given, the answer is a moment in UTC or a clear error."""
    try:
        moment = parse_time(text, now=NOW, zone=UTC)
    except UsageError:
        return
    assert moment.utcoffset() is not None
    assert moment.tzinfo is UTC

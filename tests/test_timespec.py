"""Which moments people's words for times mean, and that nonsense is refused instead of guessed."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loganalyzer.errors import UsageError
from loganalyzer.timespec import parse_time

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

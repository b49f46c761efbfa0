"""The plain reader: what starts an event, when it was, whose it is, and what belongs to it."""

from __future__ import annotations

import pytest

from loganalyzer.parser.reader import events, milliseconds, split_line, stray_lines

ID = b"3f2b8c1e-7a45-4d09-9c6e-5b1d2e8f7a10"
AT = b"2026-11-02T09:15:42.118Z"
MS = 1_793_610_942_118

TIMES = {
    AT: MS,
    b"2026-11-02T09:15:42Z": MS - 118,
    b"2026-11-02T09:15:42.1Z": MS - 18,
    b"2026-11-02T09:15:42.11Z": MS - 8,
    b"2026-11-02T09:15:42.118999Z": MS,
    b"2026-11-02T09:15:42.118999999Z": MS,
    b"1970-01-01T00:00:00.000Z": 0,
    b"2028-02-29T00:00:00.000Z": 1_835_395_200_000,
    b"2026-02-29T00:00:00.000Z": None,
    b"2026-13-02T09:15:42.118Z": None,
    b"2026-00-02T09:15:42.118Z": None,
    b"2026-11-31T09:15:42.118Z": None,
    b"2026-11-00T09:15:42.118Z": None,
    b"2026-11-02T24:00:00.000Z": None,
    b"2026-11-02T09:60:42.118Z": None,
    b"2026-11-02T09:15:60.118Z": None,
    b"1969-12-31T23:59:59.999Z": None,
}


@pytest.mark.parametrize(("stamp", "expected"), TIMES.items(), ids=[stamp.decode() for stamp in TIMES])
def test_times_are_read_to_the_millisecond(stamp: bytes, expected: int | None) -> None:
    """A time is milliseconds since 1970; what no calendar or clock shows is none."""
    assert milliseconds(stamp) == expected


LINES: dict[bytes, tuple[int | None, bytes, bytes] | None] = {
    AT + b" (" + ID + b") Starting": (MS, ID, b"Starting"),
    AT + b" (" + ID + b") ": (MS, ID, b""),
    AT + b" (" + ID + b")": (MS, ID, b""),
    AT + b" (Qx7ZkHbVoAMEf2g=) hello": (MS, b"Qx7ZkHbVoAMEf2g=", b"hello"),
    AT + b" (-) hello": (MS, b"-", b"hello"),
    b"- (" + ID + b") hello": (None, ID, b"hello"),
    b"- (-) hello": (None, b"-", b"hello"),
    AT + b" Successfully completed execution": (MS, b"-", b"Successfully completed execution"),
    AT + b" nobody knows this sentence": None,
    b"- Successfully completed execution": None,
    AT + b" (" + ID + b")no blank": None,
    AT + b"  (" + ID + b") two blanks": None,
    AT + b" (with blank) hello": None,
    AT + b" () hello": None,
    AT + b" (" + b"x" * 256 + b") hello": (MS, b"x" * 256, b"hello"),
    AT + b" (" + b"x" * 257 + b") hello": None,
    b"2026-13-02T09:15:42.118Z (" + ID + b") hello": None,
    b"2026-11-02 09:15:42.118Z (" + ID + b") hello": None,
    b"2026-11-02T09:15:42.118 (" + ID + b") hello": None,
    b" " + AT + b" (" + ID + b") hello": None,
    b"\t" + AT + b" (" + ID + b") hello": None,
    b"(" + ID + b") hello": None,
    b"{": None,
    b"": None,
}


@pytest.mark.parametrize(("line", "expected"), LINES.items(), ids=[line.decode()[:70] or "empty" for line in LINES])
def test_a_line_starts_an_event_or_continues_one(line: bytes, expected: tuple[int | None, bytes, bytes] | None) -> None:
    """A line is time, id and message in the form of an export; any other continues the event above."""
    assert split_line(line) == expected


def test_lines_of_a_message_belong_to_it() -> None:
    """Lines without a prefix are part of the event above, without the one TAB that marks them."""
    text = AT + b" (a) {\n  1\n\t 2\n\t\t3\n\n" + AT + b" (b) next\n"
    assert [(event.request_id, event.message) for event in events([text])] == [
        ("a", b"{\n  1\n 2\n\t3\n"),
        ("b", b"next"),
    ]


def test_positions_count_on_from_chunk_to_chunk() -> None:
    """The position of an event is its offset in all chunks together, from the base on."""
    one, two = AT + b" (a) x\n", AT + b" (b) y\nmore\n" + AT + b" (c) z"
    assert [event.position for event in events([one, two], base=1000)] == [
        1000,
        1000 + len(one),
        1000 + len(one) + len(AT) + 12,
    ]


def test_lines_before_the_first_event_are_strays() -> None:
    """What stands before the first event belongs to none; blank lines are nothing."""
    assert stray_lines(b"\n  \nhello\n\tyou\n" + AT + b" (a) x\nmore\n") == [b"hello", b"\tyou"]
    assert [event.message for event in events([b"hello\n" + AT + b" (a) x\n"])] == [b"x"]


def test_ids_and_messages_may_be_no_utf8() -> None:
    """Bytes that are no UTF-8 are kept in messages and written with a backslash in ids."""
    (event,) = events([AT + b" (a\xff) \xfe\n"])
    assert (event.request_id, event.message) == ("a\\xff", b"\xfe")

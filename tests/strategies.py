"""What property tests draw from: make-believe requests, ways to interleave and cut their lines, ways to damage them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from functools import cache
from random import Random

from hypothesis import strategies as st

from loganalyzer.formats.base import canonical, timestamp
from loganalyzer.simulate import SimulatedRequest, make_requests

LEVELS = ("trace", "info", "error")
Event = tuple[int, str, bytes]
"""Time in ms, request id, message."""


@cache
def stock() -> tuple[SimulatedRequest, ...]:
    """Requests to draw from: every kind of failure at every level, some with ids of other shapes."""
    drawn: list[SimulatedRequest] = []
    for seed, level in enumerate(LEVELS):
        drawn += make_requests(400, seed=seed, level=level, failures=0.8, odd_ids=True)
    return tuple(request for request in drawn if request.times)


def events_of(request: SimulatedRequest) -> list[Event]:
    """The events of a request in order."""
    return [(time, request.truth.request_id, message) for time, message in request.lines]


def raw(event: Event) -> bytes:
    """An event as an S3 export has it: line breaks stand as they are."""
    time, request_id, message = event
    return b"%s (%s) %s\n" % (timestamp(time), request_id.encode(), message)


def tabbed(event: Event) -> bytes:
    """An event as the readers of other forms write it: its further lines begin with a TAB."""
    return canonical(*event)


def requests(*, least: int = 1, most: int = 6) -> st.SearchStrategy[list[SimulatedRequest]]:
    """Some requests, no two with the same id."""
    return st.lists(st.sampled_from(stock()), min_size=least, max_size=most, unique_by=lambda r: r.truth.request_id)


def mixed(lines: Sequence[Sequence[Event]], rng: Random) -> list[Event]:
    """The events of several requests in any order that keeps the order of each."""
    owners = [which for which, events in enumerate(lines) for _ in events]
    rng.shuffle(owners)
    left = [iter(events) for events in lines]
    return [next(left[which]) for which in owners]


@st.composite
def interleavings(draw: st.DrawFn, *, most: int = 6) -> list[Event]:
    """The events of some requests, interleaved in any way."""
    drawn = draw(requests(most=most))
    return mixed([events_of(request) for request in drawn], Random(draw(st.integers(0, 1 << 16))))


@st.composite
def logs(draw: st.DrawFn, *, most: int = 6) -> bytes:
    """The text of some requests, interleaved in any way, with raw line breaks or marked ones."""
    written = draw(st.sampled_from((raw, tabbed)))
    return b"".join(map(written, draw(interleavings(most=most))))


def pieces(parts: Sequence[Event], cuts: Sequence[int]) -> list[list[Event]]:
    """A sequence of events cut in front of these places (taken modulo its length)."""
    places = sorted({0, *(cut % len(parts) for cut in cuts), len(parts)})
    return [list(parts[start:end]) for start, end in itertools.pairwise(places)]


CUTS = st.lists(st.integers(0, 1 << 16), max_size=8)
"""Where to cut a sequence, for :func:`pieces`."""

# -- damage ------------------------------------------------------------------------------------------------------------

Damage = Callable[[list[bytes], int, Random], None]

STAMPS = (
    b"2026-13-02T09:15:42.118Z", b"2026-11-02T09:15:61.118Z", b"2026-02-30T09:15:42.118Z",
    b"2026-11-02T24:15:42.118Z", b"2026-11-02T09:60:42.118Z", b"2026-00-02T09:15:42.118Z",
    b"2026-11-00T09:15:42.118Z", b"1969-12-31T23:59:59.999Z", b"1970-01-01T00:00:00.000Z",
    b"9999-12-31T23:59:59.999Z", b"0000-01-01T00:00:00.000Z", b"2028-02-29T12:00:00.000Z",
    b"2026-02-29T12:00:00.000Z", b"2026-11-02T09:15:42Z", b"2026-11-02T09:15:42.1Z", b"2026-11-02T09:15:42.118294Z",
    b"2026-11-02T09:15:42.118294001Z", b"2026-11-02T09:15:42.Z", b"2026-11-02 09:15:42.118Z",
    b"2026-11-02T09:15:4:.118Z", b"2026-11-02T09:15:42.1:8Z", b"-", b"--", b"",
)  # fmt: skip
"""Times that are written otherwise, or that no calendar has."""

IDS = (
    b"-", b"a", b"Qx7ZkHbVoAMEf2g=", b"test-invoke-request", b"", b"with blank", b"with(parenthesis",
    b"with)parenthesis", b"tab\tin-it", b"bell\x07in-it", b"nul\x00in-it", b"\xff\xfe\xfd",
    b"3f2b8c1e-7a45-4d09-9c6e-5b1d2e8f7a10", b"3F2B8C1E-7A45-4D09-9C6E-5B1D2E8F7A10",
    b"3f2b8c1e-7a45-4d09-9c6e-5b1d2e8f7a1(", b"3f2b8c1e-7a45-4d09-9c6e-5b1d2e8f7a1 ",
    b"3f2b8c1e-7a45-4d09-9c6e-5b1d2e8f7\x01\x1f\x7f", b"3f2b8c1e-7a45-4d09-9c6e-5b1d2e8f\xc3\xa9\xc3\xa9",
    b"3f2b8c1e-7a45-4d09-9c6e-5b1d2e8f7a10_REPLACED_INVALID_REQUEST_ID", b"3f2b8c1e_7a45_4d09_9c6e_5b1d2e8f7a10",
)  # fmt: skip
"""Ids of other shapes; some are none."""

MESSAGES = (
    b"", b" ", b"Endpoint", b"Endpoint request", b"Sending request to", b"Sending request to ",
    b"Sending request to https://", b"Sending request to https://lambda.", b"Endpoint request URI: http://127.0.0.1/",
    b"Endpoint request URI:  https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/f/invocations",
    b'Endpoint request body after transformations: {"type":"TOKEN"}', b"Extended Request Id:",
    b"Extended Request Id: ", b"Extended Request Id:Qx7ZkHbVoAMEf2g=", b"Method completed with status:",
    b"Method completed with status: 2000", b"Method completed with status:  404", b"Method completed with status: 40",
    b"Method completed with status: 4x4", b"Method completed with status: 504 ", b"Method completed with sta",
    b"HTTP Method: GET, Resource Path:", b"HTTP Method: get, Resource Path: /",
    b"Received response. Status: 200, Integration latency: 99999999999999 ms",
    b"Received response. Integration latency: 7 ms", b"API Key  authorized because",
    b"API Key ******abc authorized because", b"API Key  not authorized because", b"Unauthorized", b"Unauthorized ",
    b"Unauthorized request", b"Execution failed", b"Execution failed due to configuration error",
    b"Execution failed due to configuration error: Authorizer error",
    b"Gateway response type: THROTTLED with status code: 429", b"Gateway response type: NO_SUCH_TYPE",
    b"Endpoint response headers: {X-Amz-Function-Error=Unhandled}", b"[TRUNCATED]", b"UNCATED]",
    b"Endpoint response headers: {a=b [TRUNCATED]",
    b'Endpoint response body before transformations: {"errorMessage":"no"}',
    b'Endpoint response body before transformations: {"errorMessage":"no","more":1}', b"Nobody knows this sentence",
)  # fmt: skip
"""Messages at the edges of what the vocabulary knows."""

_PARTS = re.compile(rb"([^ ]*)( \()([^)]*)(\) )(.*)", re.DOTALL)
_ID_LETTERS = b"0123456789abcdef-=_/+*<>.#!"


def _part(number: int, choose: Callable[[bytes, Random], bytes]) -> Damage:
    """Replace one part of a line: 1 its time, 3 its id, 5 its message."""

    def change(lines: list[bytes], at: int, rng: Random) -> None:
        found = _PARTS.fullmatch(lines[at])
        if found:
            parts = list(found.groups())
            parts[number - 1] = choose(parts[number - 1], rng)
            lines[at] = b"".join(parts)

    return change


def _spliced(line: bytes, rng: Random, new: bytes, width: int = 0) -> bytes:
    place = rng.randrange(len(line) + 1)
    return line[:place] + new + line[place + width :]


def _line(change: Callable[[bytes, Random], bytes]) -> Damage:
    def apply(lines: list[bytes], at: int, rng: Random) -> None:
        lines[at] = change(lines[at], rng)

    return apply


def _early(line: bytes, rng: Random) -> bytes:
    """One byte among the first hundred, where the shape of a line is decided, becomes any other."""
    place = rng.randrange(min(len(line), 100) + 1)
    return line[:place] + rng.randbytes(1) + line[place + 1 :]


DAMAGE: dict[str, Damage] = {
    "byte": _line(lambda line, rng: _spliced(line, rng, rng.randbytes(1), 1)),
    "early byte": _line(_early),
    "newline": _line(lambda line, rng: _spliced(line, rng, rng.choice((b"\n", b"\n\t", b"\n\n", b"\r\n")))),
    "head cut": _line(lambda line, rng: line[rng.randrange(70) :]),
    "tail cut": _line(lambda line, rng: line[: rng.randrange(100)]),
    "other time": _part(1, lambda _, rng: rng.choice(STAMPS)),
    "shorter id": _part(3, lambda old, rng: old[: rng.randrange(1, 37)]),
    "id of any length": _part(3, lambda _, rng: bytes(rng.choices(_ID_LETTERS, k=rng.randrange(1, 81)))),
    "other id": _part(3, lambda _, rng: rng.choice(IDS)),
    "no id": _line(lambda line, rng: re.sub(rb" \([^)]*\)", b"", line, count=1)),
    "other message": _part(5, lambda _, rng: rng.choice(MESSAGES)),
    "message cut": _part(5, lambda old, rng: old[: rng.randrange(len(old) + 1)]),
    "truncated": _part(5, lambda old, rng: old[: rng.randrange(len(old) + 1)] + b" [TRUNCATED]"),
    "more lines": _line(lambda line, rng: line + rng.choice((b"\n\tmore", b"\n  more\n", b"\n\t", b"\n- (a) more"))),
    "no UTF-8": _line(lambda line, rng: _spliced(line, rng, rng.choice((b"\xff", b"\xc3(", b"\xed\xa0\x80")))),
    "carriage return": _line(lambda line, rng: line + b"\r"),
    "twice": lambda lines, at, rng: lines.insert(at, lines[at]),
    "gone": lambda lines, at, rng: lines.__setitem__(slice(at, at + 1), []),
    "moved": lambda lines, at, rng: lines.insert(rng.randrange(len(lines)), lines.pop(at)),
    "junk before": lambda lines, at, rng: lines.insert(0, rng.choice((b"", b" ", b"junk", b"\tjunk", b"\x00\xff"))),
}
"""Ways in which a line of a log goes wrong, by name."""


def damaged(text: bytes, kinds: Sequence[str], rng: Random) -> bytes:
    """A text with damage of these kinds, each to some line."""
    lines = text.split(b"\n")[:-1]
    for kind in kinds:
        if lines:
            DAMAGE[kind](lines, rng.randrange(len(lines)), rng)
    return b"\n".join(lines) + (b"\n" if rng.random() < 0.8 else b"")


@st.composite
def damaged_logs(draw: st.DrawFn) -> bytes:
    """The text of a few requests with up to a dozen faults in it."""
    text = draw(logs(most=3))
    kinds = draw(st.lists(st.sampled_from(sorted(DAMAGE)), min_size=1, max_size=12))
    return damaged(text, kinds, Random(draw(st.integers(0, 1 << 16))))

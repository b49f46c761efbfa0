"""The scanner says what the plain reader says, whatever the text, however it is cut, whatever the ids."""

from __future__ import annotations

import sys
from collections.abc import Callable
from random import Random
from types import ModuleType

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from loganalyzer.parser.scanner import Scanner
from loganalyzer.parser.summary import SOURCE_SHIFT
from tests.parser.oracle import counted, differences, plain, scan, scanned
from tests.strategies import (
    CUTS,
    DAMAGE,
    Event,
    damaged,
    damaged_logs,
    events_of,
    interleavings,
    logs,
    mixed,
    pieces,
    raw,
    stock,
    tabbed,
)

pytestmark = pytest.mark.usefixtures("blocks")

UUID = "3f2b8c1e-7a45-4d09-9c6e-5b1d2e8f7a10"


def counts(scanner: Scanner) -> dict[str, int]:
    """What a scanner has counted."""
    coverage = scanner.coverage
    return {
        "events": coverage.events,
        "bytes": coverage.bytes,
        "truncated_events": coverage.truncated_events,
        "unknown_sentences": coverage.unknown_sentences.count,
        "unknown_lines": coverage.unknown_lines.count,
    }


def agrees(text: bytes) -> None:
    """Demand that scanner and plain reader make the same of a text."""
    scanner = scan(text)
    assert differences(scanner, plain(text)) == []
    assert counts(scanner) == counted(text)


@settings(max_examples=150)
@given(logs())
def test_scanner_equals_the_plain_reader(text: bytes) -> None:
    """The table of a log is the one that the plain reader makes, column by column."""
    agrees(text)


@settings(max_examples=600)
@given(damaged_logs())
@example(b" \n" + b"2026-11-02T09:00:08.805Z (cb9aa8a8-b2ec-4793-aee8-fd3baa51d417) X-ray Tracing ID : Root=1\n" * 2)
@example(b"\n\n\n2026-11-02T09:00:08.805Z (cb9aa8a8-b2ec-4793-aee8-fd3baa51d417) X-ray Tracing ID : Root=1\n")
def test_scanner_equals_the_plain_reader_on_damaged_logs(text: bytes) -> None:
    """Whatever is wrong with lines, the scanner makes of them what the plain reader makes."""
    agrees(text)


@pytest.mark.parametrize("kind", sorted(DAMAGE))
def test_every_kind_of_damage_is_read_alike(kind: str) -> None:
    """Each kind of damage alone, on many lines at once, is read as the plain reader reads it."""
    rng = Random(kind)
    for _ in range(12):
        text = b"".join(tabbed(event) for request in rng.sample(stock(), 3) for event in written(request.lines, UUID))
        agrees(damaged(text, [kind] * 25, rng))


QUOTED = (
    b'Endpoint request body after transformations: "transformations: {"type":"TOKEN"}"',
    b'Endpoint request body after transformations: {"a": 1}\n\tbody after transformations: {"type":"TOKEN"}',
    b"Endpoint request URI: mock\n\tSending request to https://lambda.eu-west-1.amazonaws.com/",
    b"Endpoint response headers: {\n\tX-Amz-Function-Error=Unhandled}",
    b'Endpoint response body before transformations: {\n\t"errorMessage": "no",\n\t"errorType": "E"\n\t}',
    b"Method completed with status: 200\n\tMethod completed with status: 500",
    b"HTTP Method: GET, Resource Path: /a\n\tHTTP Method: POST, Resource Path: /b",
    b"Extended Request Id:\n\tQx7ZkHbVoAMEf2g=",
    b"Extended Request Id: Qx7ZkHbVoAMEf2g= and more",
    b"API Key  authorized because\n\tmethod 'GET /a' does not require API Key",
    b"API Key abc authorized because method 'GET /a' is authorized because method 'POST /b' is",
    b"Verifying Usage Plan for request: API Stage: API Stage: abc/def",
)


@pytest.mark.parametrize("message", QUOTED, ids=[message.decode()[:60] for message in QUOTED])
def test_messages_that_quote_others_are_read_alike(message: bytes) -> None:
    """A message that holds the words of another sentence, or goes on over several lines, is read as one message."""
    agrees(b"2026-11-02T09:15:42.118Z (" + UUID.encode() + b") " + message + b"\n" + b"\n" * 100)


def test_a_large_log_is_read_alike() -> None:
    """All make-believe requests at once, interleaved, are read as the plain reader reads them."""
    agrees(b"".join(map(raw, mixed([events_of(request) for request in stock()], Random(1)))))


def written(lines: list[tuple[int, bytes]], request_id: str) -> list[Event]:
    """Lines as events of a request."""
    return [(time, request_id, message) for time, message in lines]


@settings(max_examples=200)
@given(st.binary(max_size=300))
@example(b"")
@example(b"\n")
@example(b"\n" * 37)
@example(b"a\n" * 37)
@example(b"- (a) b\n\n" * 9)
@example(b"\0" * 200)
@example(b"-")
@example(b"- (a)")
@example(b"- (a) ")
@example(b"2026-11-02T09:15:42.118Z (" + UUID.encode() + b")")
@example(b"2026-11-02T09:15:42.118Z (" + UUID.encode() + b") ")
def test_scanner_takes_any_bytes(text: bytes) -> None:
    """No bytes make the scanner raise, and it reads them as the plain reader does."""
    agrees(text)


@settings(max_examples=150)
@given(interleavings(), CUTS, st.sampled_from((raw, tabbed)))
def test_any_chunking_gives_the_same_table(
    events: list[Event], cuts: list[int], write: Callable[[Event], bytes]
) -> None:
    """However a text is cut between events, the rows are the same, down to the positions."""
    scanner, text = Scanner(), b""
    for part in pieces(events, cuts):
        chunk = b"".join(map(write, part))
        scanner.feed(chunk, base=len(text))
        text += chunk
    assert differences(scanner, plain(text)) == []
    assert scanned(scanner) == scanned(scan(text))


@settings(max_examples=60)
@given(interleavings(), CUTS, st.randoms(use_true_random=False))
def test_any_order_of_chunks_gives_the_same_table(events: list[Event], cuts: list[int], rng: Random) -> None:
    """Chunks of several inputs may come in any order: positions and rows are the same, and every chunk has events."""
    chunks = [(b"".join(map(raw, part)), number << SOURCE_SHIFT) for number, part in enumerate(pieces(events, cuts))]
    chunks = [(text, base) for text, base in chunks if text]
    in_order, shuffled = Scanner(), Scanner()
    for text, base in chunks:
        assert in_order.feed(text, base=base)
    for text, base in rng.sample(chunks, len(chunks)):
        shuffled.feed(text, base=base)
    assert scanned(shuffled) == scanned(in_order)
    assert counts(shuffled) == counts(in_order)
    assert {*shuffled.kept} == {*in_order.kept}


def test_what_stands_before_an_event_joins_no_other_chunk() -> None:
    """The rest of an event at the beginning of a chunk is not taken for a part of the event in the chunk before."""
    closing = line(UUID, 200)
    scanner = Scanner()
    for number, text in enumerate((closing, b"the rest of something\n" + line(UUID[::-1], 500), closing[:-1], closing)):
        assert scanner.feed(text, base=number << SOURCE_SHIFT)
    assert not scanner.feed(b"no event at all\n", base=9 << SOURCE_SHIFT)
    assert {request: row["status"] for request, row in scanned(scanner).items()} == {UUID: 200, UUID[::-1]: 500}
    assert scanner.coverage.events == 4
    assert scanner.coverage.unknown_lines.count == 2


def test_rows_are_merged_while_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    """Merging rows now and then, to save room, changes nothing."""
    monkeypatch.setattr("loganalyzer.parser.scanner._FOLD_AT", 3)
    rng = Random(2)
    events = mixed([events_of(request) for request in rng.sample(stock(), 30)], rng)
    scanner, text = Scanner(), b""
    for part in pieces(events, rng.choices(range(len(events)), k=40)):
        chunk = b"".join(map(tabbed, part))
        scanner.feed(chunk, base=len(text))
        text += chunk
    assert differences(scanner, plain(text)) == []


@settings(max_examples=60)
@given(interleavings(most=4), CUTS)
def test_tables_of_parts_merge_to_the_table_of_the_whole(events: list[Event], cuts: list[int]) -> None:
    """Parts read by scanners of their own and then adopted by one make the table of the whole."""
    whole, text = Scanner(), b""
    for part in pieces(events, cuts):
        chunk = b"".join(map(raw, part))
        other = Scanner()
        other.feed(chunk, base=len(text))
        whole.adopt(other.rows(), other.successes(), other.texts, other.long_ids, other.kept)
        text += chunk
    assert differences(whole, plain(text)) == []


def line(request_id: str, status: int) -> bytes:
    """The closing line of a request."""
    return b"2026-11-02T09:15:42.118Z (%s) Method completed with status: %d\n" % (request_id.encode("latin-1"), status)


ALPHABET = "0123456789abcdef"


@pytest.mark.parametrize("place", [place for place in range(36) if UUID[place] != "-"])
def test_ids_that_differ_in_one_byte_stay_apart(place: int) -> None:
    """Two ids of 36 bytes are two requests whichever byte differs, and however it does."""
    ids = [UUID[:place] + letter + UUID[place + 1 :] for letter in ALPHABET + "GZ"]
    scanner = scan(b"".join(line(request, 200 + n) for n, request in enumerate(ids)))
    assert {name: row["status"] for name, row in scanned(scanner).items()} == {
        request: 200 + n for n, request in enumerate(ids)
    }


@pytest.mark.parametrize("length", [*range(1, 41), 41, 64, 80, 255, 256])
def test_ids_of_any_length_stay_apart(length: int) -> None:
    """Ids of one length that differ in their last byte, their first, or by one byte more, are different requests."""
    stem = ("0123456789abcdef" * 16)[:length]
    ids = {stem, stem[:-1] + "x", "x" + stem[1:], stem[:-1] or "y"}
    scanner = scan(b"".join(line(request, 200 + n) for n, request in enumerate(sorted(ids))))
    assert {name: row["status"] for name, row in scanned(scanner).items()} == {
        request: 200 + n for n, request in enumerate(sorted(ids))
    }


def test_ids_with_zero_bytes_at_their_end_stay_apart() -> None:
    """An id and the same id with a zero byte behind it are two requests."""
    agrees(line("abc", 200) + line("abc\0", 404) + line("\0abc", 500))


def parser_modules() -> list[ModuleType]:
    """The modules of the parser that have been loaded."""
    return [module for name, module in sorted(sys.modules.items()) if name.startswith("loganalyzer.parser")]


@pytest.fixture
def colliding(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let all ids have the same hash."""

    def constant(words: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
        return np.zeros(len(words), np.uint64)

    for module in parser_modules():
        if hasattr(module, "hash_ids"):
            monkeypatch.setattr(module, "hash_ids", constant)


@pytest.mark.usefixtures("colliding")
def test_ids_with_the_same_hash_stay_apart() -> None:
    """If all ids had one hash, the table would be the same: rows are merged by id alone."""
    rng = Random(11)
    for _ in range(20):
        agrees(b"".join(map(tabbed, mixed([events_of(request) for request in rng.sample(stock(), 8)], rng))))

"""Which request an id means: in full, by its beginning, by its extended id, by that of the Lambda call."""

from __future__ import annotations

from pathlib import Path

import pytest

from loganalyzer.parser.find import rows_with
from loganalyzer.reading import analyze
from tests.parser.logs import BAD, GOOD, LAMBDA_ID, A, B, C, lines, scanned, text

X, Y = "Qx7ZkHbVoAMEf2g=", "Rz8AlIcWpBNFg3h="
LONG_X = X + "with-more-than-fits"
LONG = A + "_REPLACED_INVALID_REQUEST_ID"
TRACE = "Root=1-6ae85118-bf8b370fe66cbfdb3a048c14"


def content() -> bytes:
    """A log of some requests with ids of all kinds."""
    return text(
        lines(A, *GOOD, f"AWS Integration Endpoint RequestId : {LAMBDA_ID}", f"X-ray Tracing ID : {TRACE}", xid=X),
        lines(B, *BAD, xid=Y),
        lines(C, *BAD[:-2], 'Method request body before transformations: {"id": "77777777-aaaa"}', *BAD[-2:]),
        lines(LONG, *BAD, xid=LONG_X),
        lines("ws-1", "Lambda invocation failed with status: 503. Lambda request id: 99999999-3c2b-4a19-8e6d-0"),
    )


CASES = {
    "in full": (A, {A}),
    "with blanks around it": (f"  {A}\n", {A}),
    "a beginning": (B[:9], {B}),
    "a beginning of two": (B[:4], {B, C}),
    "the beginning of both": (A[:-1], {A, LONG}),
    "a long id in full": (LONG, {LONG}),
    "the beginning of a long id": (LONG[:41], {LONG}),
    "an extended id": (Y, {B}),
    "a long extended id": (LONG_X, {LONG}),
    "the beginning of an extended id": (Y[:9], {B}),
    "the beginning of two extended ids": (X[:9], {A, LONG}),
    "a Lambda request id": (LAMBDA_ID, {A}),
    "the beginning of a Lambda request id": (LAMBDA_ID[:13], {A}),
    "a Lambda request id in a failure": ("99999999-3c2b-4a19-8e6d-0", {"ws-1"}),
    "a trace id": (TRACE, {A}),
    "a short id": ("ws-1", {"ws-1"}),
    "a text in a body": ("77777777-aaaa", set()),
    "unknown": ("00000000-0000", set()),
    "nothing": ("", set()),
    "blanks": ("  ", set()),
    "a zero byte": ("\0", set()),
    "longer than any": ("x" * 300, set()),
}


def test_extended_ids_are_shown_whole(tmp_path: Path) -> None:
    """Those of the usual length, longer ones and none."""
    log = tmp_path / "log"
    log.write_bytes(content())
    shown = {request.request_id: request.extended_request_id for request in analyze(log).records(everything=True)}
    assert shown == {A: X, B: Y, C: "", LONG: LONG_X, "ws-1": ""}


@pytest.mark.parametrize(("wanted", "expected"), CASES.values(), ids=list(CASES))
def test_an_id_means_these_requests(tmp_path: Path, wanted: str, expected: set[str]) -> None:
    """An id means the requests that have it, in full before in part, or whose lines give it to them."""
    inputs, table = scanned(tmp_path, content())
    rows = rows_with(wanted, inputs, table)
    assert {table.request_id(table.rows["id"][row].tobytes()) for row in rows} == expected
    assert len(rows) == len(set(rows))

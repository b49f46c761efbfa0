"""The text that diagnoses rest on, kept while scanning so that a failed request need not be looked up again.

Kept are the lines that decide or close a failure, the answers that API Gateway could not use, and for a while those
lines that would matter should the request fail (an authorizer's result, an answer with an error in it); what a request
that went on no longer needs is pruned.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from loganalyzer import vocabulary as words
from loganalyzer.parser.columns import Ints, Rows, among, flags_of, places, spread
from loganalyzer.parser.heads import Words
from loganalyzer.parser.ids import find_ids, group, hash_ids
from loganalyzer.parser.kept import KeptLines
from loganalyzer.parser.lines import Lines
from loganalyzer.parser.mapped import taken

_FAILING = np.uint64(
    sum(
        words.FACT_BIT[name]
        for name in ("authorizer_event", "function_error", "too_many_requests", "lambda_error_body")
    )
)
_RESULT = "Authorizer result body before parsing:"
_AUTHORIZER_HEADS = (_RESULT, "Endpoint request body after transformations:")
_METHOD_PHASE = np.array(
    [sum(1 << (s.code % 64) for s in words.SENTENCES if s.method_phase and s.code // 64 == n) for n in (0, 1)],
    np.uint64,
)


_RESULT_BITS = np.array(
    [sum(1 << (code % 64) for code in words.BY_HEAD[_RESULT] if code // 64 == n) for n in (0, 1)], np.uint64
)


def _always() -> npt.NDArray[np.bool_]:
    flags = np.zeros(256, bool)
    for sentence in words.SENTENCES:
        flags[sentence.code] = bool(sentence.rank) or sentence.head in (_RESULT, "Gateway response type:")
    return flags


_ALWAYS = _always()
_ANSWER = words.BY_HEAD["Endpoint response body before transformations:"][0]
_UNUSABLE = (
    words.CE + "Malformed Lambda proxy response", words.CE + "No match for output mapping",
    words.CE + "Unable to base64 decode the body", words.CE + "Output mapping refers to an invalid method response",
    words.CE + "Unable to transform response", "Lambda invocation failed with status:",
)  # fmt: skip
"""Failures that the endpoint's answer explains."""

_UNUSED_CODES = [code for told in _UNUSABLE for code in words.BY_HEAD[told]]
_UNUSED = among(np.arange(256), _UNUSED_CODES)
_UNUSED_BITS = np.array([sum(1 << (code % 64) for code in _UNUSED_CODES if code // 64 == n) for n in (0, 1)], np.uint64)
_OUTCOME = words.BY_HEAD["Method completed with status:"][0]
_OF_AUTHORIZER_CODES = among(np.arange(256), [code for head in _AUTHORIZER_HEADS for code in words.BY_HEAD[head]])


def telling(text: bytes, lines: Lines, facts: Words, through: npt.NDArray[np.bool_]) -> Ints:
    """The events of a block that may become evidence.

    ``through`` says of each event whether its request is known to have passed its authorizer: then nothing of that is.
    """
    wanted = _ALWAYS[lines.code] | ((facts & _FAILING) != 0)
    wanted &= ~(through & _OF_AUTHORIZER_CODES[lines.code])
    closing = places(lines.code == _OUTCOME)
    lead = np.frombuffer(text, np.uint8)[np.minimum(lines.text[closing] + 30, len(text) - 1)]
    wanted[closing[(lead < 50) | (lead > 51)]] = True  # 4xx and 5xx, and whatever is no status
    answers = places(lines.code == _ANSWER)
    if len(answers):
        of_answer, over = lines.key[lines.run_of[answers]], lines.key[lines.run_of[closing[(lead > 49) & (lead < 53)]]]
        unused = lines.key[lines.run_of[places(_UNUSED[lines.code])]]
        wanted[answers] |= ~among(of_answer, over) | among(of_answer, unused)
    return places(wanted)


def passed(rows: Rows) -> npt.NDArray[np.bool_]:
    """Which requests went on after their authorizer, whose result is therefore no evidence."""
    said = rows["said"]
    went_on = (said[:, 0] & _METHOD_PHASE[0]) | (said[:, 1] & _METHOD_PHASE[1])
    answered = (said[:, 0] & _RESULT_BITS[0]) | (said[:, 1] & _RESULT_BITS[1])
    return np.asarray((went_on != 0) & (answered != 0))


def prune(kept: KeptLines, rows: Rows) -> None:
    """Drop what requests no longer need: of the authorizer that they passed, and answers that explain nothing."""
    code = kept.codes
    doubtful = places(_OF_AUTHORIZER_CODES[code] | (code == _ANSWER))
    if not len(doubtful):
        return
    ids = taken(kept.lines["id"], doubtful)
    keys = hash_ids(ids)
    order, first = group(keys, ids)
    request = find_ids(rows["key"], rows["id"], those=order[first], all_keys=keys, all_ids=ids)
    through, explained = np.zeros((2, len(first) + 1), bool)
    through[request], explained[request] = flags_of(rows, passed), flags_of(rows, _explained)
    of = spread(np.arange(len(first)), first, len(order))
    dropped = np.zeros(len(code), bool)
    dropped[doubtful[order]] = np.where(code[doubtful[order]] == _ANSWER, explained[of], through[of])
    if dropped.any():
        kept.leave_out(dropped)


def _explained(rows: Rows) -> npt.NDArray[np.bool_]:
    """Which requests ended in a way that their endpoint's answer does not explain."""
    said = rows["said"]
    unused = (said[:, 0] & _UNUSED_BITS[0]) | (said[:, 1] & _UNUSED_BITS[1])
    return np.asarray((rows["status"] >= 0) & (unused == 0) & (rows["facts"] & _FAILING == 0))

"""What all lines of a request tell together: the facts that no single line holds.

Runs on whole columns of the request table; the rules see nothing but the bits that come out of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from loganalyzer import vocabulary as words
from loganalyzer.parser.columns import EARLY, LATE, Rows, among, column, flags_of, stretches_of
from loganalyzer.parser.summary import NO_RANK, empty_rows
from loganalyzer.scales import Stage

Bits = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]

SETTLED_MS = 5_000
"""The plan check follows the authorizer within a millisecond: a request silent for so long in a log that goes on has
been refused."""

AUTHORIZER_ONLY = ("Incoming identity:", "Authorizer result body before parsing:",
                   "Using valid authorizer policy for principal:")  # fmt: skip
AUTHORIZER_BLAMED = (words.CE + "Authorizer error", "AuthorizerConfigurationException")
ANSWER = ("Received response.", "Endpoint response headers:", "Endpoint response body before transformations:")
DENIED = "The client is not authorized to perform this operation"
METHOD_PHASE = tuple(s.code for s in words.SENTENCES if s.method_phase)
RESULT = "Authorizer result body before parsing:"


@dataclass(frozen=True, slots=True)
class Window:
    """What the log around a request tells: its last time in ms, and whether all of it is written with data trace."""

    end: int | None
    traced: bool


class Said:
    """Which sentences each row holds, asked by head."""

    def __init__(self, rows: Rows) -> None:
        self._first, self._second = np.ascontiguousarray(rows["said"].T)

    def any(self, heads: Iterable[str]) -> Flags:
        """Which rows hold at least one sentence with one of these heads."""
        return self.codes(code for head in heads for code in words.BY_HEAD[head])

    def codes(self, codes: Iterable[int]) -> Flags:
        """Which rows hold at least one sentence with one of these codes."""
        masks = [0, 0]
        for code in codes:
            masks[code // 64] |= 1 << (code % 64)
        return np.asarray((self._first & np.uint64(masks[0]) | self._second & np.uint64(masks[1])) != 0)


def window(*rows: Rows) -> Window:
    """The window that the rows themselves cover."""
    parts = [_window(some[part]) for some in rows for part in stretches_of(some)]
    end = max((end for end, _ in parts), default=0)
    traced = [traced for _, traced in parts if traced is not None]
    return Window(end if end > 0 else None, traced=bool(traced) and all(traced))


def _window(rows: Rows) -> tuple[int, bool | None]:
    """The last time, and whether those that were executed were traced, None if there are none."""
    said = Said(rows)
    executed = said.any(["Starting execution for request:"])
    traced = said.codes(s.code for s in words.SENTENCES if s.printed == "trace")
    return int(rows["last"].max()), bool(traced[executed].all()) if executed.any() else None


def facts_of(rows: Rows, around: Window) -> Bits:
    """The fact bits of every row, those of its lines included."""
    facts: Bits = column(rows, "facts")
    for some in stretches_of(rows):
        for name, values in _flags(rows[some], around).items():
            facts[some][values] |= np.uint64(words.FACT_BIT[name])
    return facts


def _has(rows: Rows, *names: str) -> Flags:
    return np.asarray((rows["facts"] & np.uint64(sum(words.FACT_BIT[name] for name in names))) != 0)


def _after(rows: Rows, name: str) -> Flags:
    """Which rows have their latest line of a kind after the authorizer's phase was over."""
    later = rows[f"{name}_t"] > rows["bound_t"]
    tied = (rows[f"{name}_t"] == rows["bound_t"]) & (rows[f"{name}_p"] > rows["bound_p"])
    return np.asarray((rows["bound_p"] != LATE) & (later | tied))


def _before(rows: Rows) -> Flags:
    """Which rows have an outgoing request before the authorizer's phase was over."""
    earlier = rows["out_first_t"] < rows["bound_t"]
    tied = (rows["out_first_t"] == rows["bound_t"]) & (rows["out_first_p"] < rows["bound_p"])
    return np.asarray((rows["out_first_p"] != LATE) & (earlier | tied))


def _tied(rows: Rows) -> Flags:
    """Which rows have an outgoing line in the millisecond in which the authorizer's phase was over."""
    lines = [(rows[f"{name}_t"] == rows["bound_t"]) for name in ("out_first", "out_last", "call_last")]
    return np.asarray((rows["bound_p"] != LATE) & (rows["out_first_p"] != LATE) & np.logical_or.reduce(lines))


def _flags(rows: Rows, around: Window) -> dict[str, Flags]:
    said = Said(rows)
    past = rows["bound_p"] != LATE
    out = rows["out_first_p"] != LATE
    closed = said.any(["Method completed with status:"])
    answered = said.any(ANSWER)
    undecided = rows["rank"] == NO_RANK
    executed = said.codes(METHOD_PHASE)
    done = said.any(["Successfully completed authorizer execution"])
    seen = (
        done | said.any(["Starting authorizer:", *AUTHORIZER_ONLY]) | _has(rows, "authorizer_arn", "authorizer_event")
    )
    blamed = said.any(AUTHORIZER_BLAMED) | _gateway(rows, "AUTHORIZER_")
    in_authorizer = (seen & ~past & ~answered & ~closed) | (blamed & ~executed)
    in_integration = ~in_authorizer & (executed | answered | closed | _has(rows, "method_arn"))
    alone = ~seen & ~in_authorizer & out
    ran = said.any([RESULT]) | (seen & (_before(rows) | out & ~past))
    traced = said.codes(s.code for s in words.SENTENCES if s.printed == "trace")
    info = traced | said.codes(s.code for s in words.SENTENCES if s.printed == "info")
    test, paste = _has(rows, "test_log"), _has(rows, "paste")
    return {
        "undecided": undecided,
        "cause_untold": ~undecided & (rows["rank"] >= _UNTOLD_RANK),
        "authorizer_seen": seen,
        "authorizer_ran": ran,
        "authorizer_called": ran | said.any(["Incoming identity:"]),
        "authorizer_done": done,
        "in_authorizer": in_authorizer,
        "in_integration": in_integration,
        "phase_unknown": ~in_authorizer & ~in_integration,
        "integration_prepared": _after(rows, "out_last") | alone | answered,
        "integration_called": _after(rows, "call_last") | (alone & said.any(["Sending request to"])) | answered,
        "answered": answered,
        "executed": executed,
        "completed": said.any(["Successfully completed execution"]),
        "closed": closed,
        "traced": traced,
        "info_level": info,
        "stopped_after_authorizer": done & ~executed & ~closed & undecided & ~test & (rows["gateway"] == 0),
        "log_traced": np.full(len(rows), around.traced) & info,
        "log_goes_on": _goes_on(rows, around) & ~paste & ~test,
        "order_untold": _has(rows, "order_lost") & _tied(rows),
    }


_UNTOLD_RANK = min(s.rank for head in AUTHORIZER_BLAMED for s in (words.SENTENCES[words.BY_HEAD[head][0]],))


def _gateway(rows: Rows, beginning: str) -> Flags:
    kinds = [n + 1 for n, kind in enumerate(words.GATEWAY_RESPONSE_TYPES) if kind.startswith(beginning)]
    return among(rows["gateway"], kinds)


def _goes_on(rows: Rows, around: Window) -> Flags:
    if around.end is None:
        return np.zeros(len(rows), bool)
    return np.asarray((rows["last"] > 0) & (rows["last"] < around.end - SETTLED_MS))


def needs_phase(rows: Rows) -> Flags:
    """Which rows tell the phase of their outgoing request by nothing but the ARN in its headers."""
    return flags_of(rows, _needs_phase)


def _needs_phase(rows: Rows) -> Flags:
    said = Said(rows)
    told = said.codes(METHOD_PHASE) | said.any([*ANSWER, *AUTHORIZER_ONLY, *AUTHORIZER_BLAMED, "Starting authorizer:"])
    return np.asarray(~told & said.any(["Endpoint request headers:"]))


def shows_policy(rows: Rows) -> Flags:
    """Which rows may have been refused by a policy that their own lines show: worth a second look."""
    return flags_of(rows, _shows_policy)


def _shows_policy(rows: Rows) -> Flags:
    said = Said(rows)
    refused = said.any([DENIED]) | (rows["rank"] == NO_RANK)
    executed = said.codes(METHOD_PHASE)
    return np.asarray(said.any([RESULT]) & refused & ~executed & ~_has(rows, "test_log"))


class _Bits:
    """Which of some facts hold, asked by name."""

    def __init__(self, facts: Bits) -> None:
        self._facts = facts

    def __getitem__(self, name: str) -> Flags:
        return np.asarray((self._facts & np.uint64(words.FACT_BIT[name])) != 0)


def levels(facts: Bits) -> npt.NDArray[np.str_]:
    """The log level that each request shows: ``info_trace | info | error | unknown``.

    Of a copied part nothing is said where neither data trace nor INFO shows.
    """
    bit = _Bits(facts)
    shown = [bit["traced"], bit["info_level"], bit["paste"] | bit["test_log"], ~bit["undecided"] | bit["closed"]]
    return np.select(shown, ["info_trace", "info", "unknown", "error"], "unknown")


def rows_saying(said: Bits, *, last: int = EARLY) -> Rows:
    """Rows of which nothing is known but the sentences they say, an array of shape (rows, 2), and their last time."""
    rows = empty_rows(len(said))
    rows["said"], rows["last"] = said, last
    return rows


def blames_authorizer(decisive: int, facts: int) -> bool:
    """Whether the sentence (its code) that decides a failure says that the authorizer failed; a denial does not."""
    sentence = words.SENTENCES[decisive]
    own = sentence.stage == Stage.AUTHORIZATION or bool(facts & words.FACT_BIT["in_authorizer"])
    return bool(sentence.rank) and own and sentence.head != DENIED and not sentence.echoed


def authorizers(facts: Bits) -> npt.NDArray[np.str_]:
    """What became of each request's authorizer: ``none | ran | cached | unknown``.

    A completed authorizer without a call, in a log that shows calls, was answered from the cache.
    """
    bit = _Bits(facts)
    absent = ~bit["authorizer_seen"] & bit["executed"] & bit["info_level"]
    cached = bit["authorizer_done"] & bit["traced"]
    return np.select([bit["authorizer_ran"], cached, absent], ["ran", "cached", "none"], "unknown")

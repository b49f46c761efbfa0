"""The order in which a request says its sentences, and what each tells of how far it is."""

from __future__ import annotations

from loganalyzer.scales import Stage
from loganalyzer.sentences import Sentence
from loganalyzer.vocabulary import SENTENCES

_OPENINGS = {
    0: ("test header",),
    1: ("request header",),
    2: ("authorizer start",),
    3: ("plan check",),
    4: ("execution start",),
}
_PHASES = {
    "test header": 0,
    "request header": 1,
    "execution start": 4,
    "method": 5,
    "key used": 5,
    "method request": 5,
    "validated": 5,
    "answer": 6,
    "mapping result": 6,
    "method response": 6,
    "execution end": 6,
}
AUTHORIZING = 2
"""The phase of a request whose authorizer is at work, as :func:`order_of` takes it."""

PLAN = 3
EXECUTION = 4
AUTHORIZED = {s.code for s in SENTENCES if s.step == "authorizer end"}
PLAN_PASSED = {s.code for s in SENTENCES if s.step == "plan passed"}
_STAGE_PHASES = {Stage.AUTHORIZATION: AUTHORIZING, Stage.USAGE_PLAN: PLAN}
_ENDS = min(s.code for s in SENTENCES if s.step == "execution end")
_VALIDATED = max(s.code for s in SENTENCES if s.step == "validated")


def is_opening(sentence: Sentence) -> bool:
    """Whether a request begins with this sentence, or a part of it that comes once."""
    return phase_of(sentence) in _OPENINGS and sentence.step in _OPENINGS[phase_of(sentence)]


def phase_of(sentence: Sentence) -> int:
    """How far a request is that says this, -1 where the sentence does not tell."""
    if sentence.shared or sentence.rank:
        return -1
    return _PHASES.get(sentence.step, _STAGE_PHASES.get(sentence.stage, -1))


def order_of(sentence: Sentence, phase: int) -> float:
    """Where the sentence stands in a request; shared ones may stand twice, but are once in the vocabulary."""
    if sentence.rank:
        return _ENDS - 0.5 + sentence.code / 1_000
    if not sentence.shared or phase == AUTHORIZING:
        return sentence.code
    return _VALIDATED + sentence.code / 1_000


def is_outcome(sentence: Sentence) -> bool:
    """Whether the sentence closes a request with its status."""
    return sentence.step == "outcome" and sentence.stage is Stage.COMPLETED

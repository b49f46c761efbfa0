"""Which request a line belongs to where the line does not say.

Console tests and the logs of 2016 print no request id in front of a message, and bare messages have lost it.  There, a
request is a run of lines in which each can follow those before it; its id is the one that a sentence of it mentions,
else a made-up one that is the same whenever the text is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from loganalyzer.formats import losses
from loganalyzer.formats.prefixes import BARE, ROW
from loganalyzer.model import Coverage, Stage
from loganalyzer.vocabulary import SENTENCES, Sentence

_MOST_HELD = 2_000
_MOST_OPEN = 64
_APART_MS = 600_000
_TOGETHER_MS = 120_000
_MENTION = re.compile(r"request:?\s+(?P<id>\S+?)\.?(?:\s|$)")
_LITERAL = re.compile(
    r"test-request|test-invoke-request|<[^>]*>|[x*X.…#_-]*|\{.*\}|\[.*\]|(?:your-?|my-?)?(?:request-?)?(?:uu|gu)?id"
    r"|redacted|removed|hidden|masked|omitted",
    re.IGNORECASE,
)
_MASK = re.compile(r"\.\.|…|xx|\*\*|<", re.IGNORECASE)
_UNSAFE = re.compile(r"[\s()]+")
_FOLLOWS_ANYTHING = ("correlation", "unknown")


@dataclass(slots=True)
class Said:
    """One event as it was found: what it says, and what the line told about it.

    ``guessed`` says that it may be no event, or one of another request.
    """

    text: str
    sentence: Sentence
    time: int | None = None
    id: str = ""
    kind: str = BARE
    form: str = ""
    group: str = ""
    guessed: bool = False


@dataclass(slots=True)
class OpenRequest:
    """A request while its lines come in; ``name`` is empty until one is known, and its lines are held so long."""

    name: str = ""
    literal: str = ""
    held: list[Said] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)
    phase: int = -1
    last: float = 0
    time: int | None = None
    failed: bool = False
    decided: bool = False
    closed: bool = False
    backwards: bool = False
    explicit: bool = False
    doubtful: bool = False

    def take(self, said: Said) -> None:
        """Remember what a line of this request says."""
        sentence = said.sentence
        said.guessed = said.guessed or self.doubtful or self._is_out_of_place(said)
        if self.backwards and sentence.code and order_of(sentence, self.phase) > self.last:
            self.backwards = False
        if is_outcome(sentence):
            self.backwards = self.backwards or not self.seen
            self.closed = True
        if sentence.rank:
            self.failed = True
            self.decided = self.decided or sentence.rank == 1
            self.texts.add(said.text)
        if said.time is None:
            said.time = self.time
        else:
            self.time = said.time
        self.phase = max(self.phase, phase_of(sentence))
        if sentence.code:
            self.seen.add(sentence.code)
            self.last = order_of(sentence, self.phase)

    def _is_out_of_place(self, said: Said) -> bool:
        """Whether a line without an id stands where no request says it: two of them may be mixed up."""
        sentence = said.sentence
        if self.explicit or self.backwards or not self.seen or sentence.step in _FOLLOWS_ANYTHING:
            return False
        if sentence.rank or is_outcome(sentence):
            return not self.failed and not sentence.shared and self._is_elsewhere(sentence)
        if self.decided or sentence.shared:
            return self.decided
        return sentence.code in self.seen or order_of(sentence, self.phase) + _SLACK < self.last

    def _is_elsewhere(self, sentence: Sentence) -> bool:
        """Whether a failure or an outcome is of a phase that the request has not come to, or has left."""
        if sentence.stage > Stage.USAGE_PLAN:
            return 0 < self.phase < _EXECUTION
        if sentence.stage is Stage.USAGE_PLAN:
            return self.phase >= _EXECUTION or not self.seen.isdisjoint(_PLAN_PASSED)
        denied = sentence.head.startswith("The client is not authorized")
        return sentence.stage is Stage.AUTHORIZATION and (
            self.phase > AUTHORIZING or not (denied or self.seen.isdisjoint(_AUTHORIZED))
        )

    def can_go_on_with(self, said: Said, mentioned: str) -> bool:
        """Whether the next line of this request may be ``said``."""
        sentence = said.sentence
        if mentioned and self.name and not same_id(self.name, mentioned):
            return False
        if said.time is not None and self.time is not None and abs(said.time - self.time) > _APART_MS:
            return False
        if sentence.step in _FOLLOWS_ANYTHING or not self.seen:
            return True
        if is_opening(sentence):
            if sentence.step == "test header" or sentence.code in self.seen:
                return False
            if self.backwards and len(self.seen) > 1:
                return True
            return not (self.failed or self.closed or self.phase > phase_of(sentence))
        if is_outcome(sentence):
            return sentence.code not in self.seen
        if sentence.rank == 1 and self.decided and not self.explicit:
            return said.text in self.texts
        return self.explicit or self.backwards or not self.closed


def is_opening(sentence: Sentence) -> bool:
    """Whether a request begins with this sentence, or a part of it that comes once."""
    return phase_of(sentence) in _OPENINGS and sentence.step in _OPENINGS[phase_of(sentence)]


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

_EXECUTION = 4
_AUTHORIZED = {s.code for s in SENTENCES if s.step == "authorizer end"}
_PLAN_PASSED = {s.code for s in SENTENCES if s.step == "plan passed"}
_SLACK = 2
_STAGE_PHASES = {Stage.AUTHORIZATION: AUTHORIZING, Stage.USAGE_PLAN: 3}
_ENDS = min(s.code for s in SENTENCES if s.step == "execution end")
_VALIDATED = max(s.code for s in SENTENCES if s.step == "validated")


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


def mentioned_id(said: Said) -> str:
    """The id of the request that the sentence itself names, empty if none."""
    sentence = said.sentence
    if not is_opening(sentence) and not sentence.head.startswith("Unauthorized request"):
        return ""
    found = _MENTION.search(said.text)
    return found["id"].strip("\"'`") if found and sentence.step != "request header" else ""


def is_literal(name: str) -> bool:
    """Whether many unrelated requests may share ``name``: a literal of the console's Test, a placeholder, a mask."""
    return _LITERAL.fullmatch(name) is not None


def same_id(one: str, other: str) -> bool:
    """Whether two ids may be meant for the same request: equal, masked, or a character or two off."""
    if one == other or is_literal(other) or is_literal(one) or _MASK.search(one) or _MASK.search(other):
        return True
    if one.startswith(other) or (len(one) > 8 and other.startswith(one)):
        return True
    return len(one) == len(other) and len(one) > 8 and sum(a != b for a, b in zip(one, other, strict=True)) <= 2


class Naming:
    """Gives each line its request; ``suffix`` keeps made-up ids of one input apart from those of another."""

    def __init__(self, coverage: Coverage, *, suffix: str = "") -> None:
        self._coverage = coverage
        self._suffix = suffix
        self._open: dict[str, OpenRequest] = {}
        self._current: OpenRequest | None = None
        self._used: dict[str, int] = {}
        self._masked: dict[str, OpenRequest] = {}

    def place(self, said: Said) -> Iterator[Said]:
        """Take in one line; give out those whose request is known now, in the order in which they came."""
        if said.id and not is_literal(said.id):
            yield from self._by_its_id(said)
            return
        mentioned = mentioned_id(said)
        real = mentioned if mentioned and not is_literal(mentioned) else ""
        request = self._masked_by(said, real) if said.id else self._choose(said, real)
        if request is not self._current:
            yield from self._settle(request, said)
        if said.sentence.rank and said.time is None and said.kind == BARE and said.text in request.texts:
            return
        request.take(said)
        request.held.append(said)
        request.literal = request.literal or said.id or (mentioned if not real else "")
        if not request.name and (real or len(request.held) > _MOST_HELD):
            self._name(request, real)
        if request.name and (said.kind == ROW or len(request.held) > _MOST_HELD):
            yield from self._release(request)

    def rest(self) -> Iterator[Said]:
        """What is still held when the input is over."""
        yield from self._settle(None, None)

    def _by_its_id(self, said: Said) -> Iterator[Said]:
        request = self._open.get(said.id)
        before = self._current
        if request is None and before is not None and not before.name and before.can_go_on_with(said, ""):
            request = before
            self._doubt(request)
            self._remember(request, said.id)
        if request is None:
            request = OpenRequest()
            self._remember(request, said.id)
        if request is not before:
            yield from self._settle(request, said)
        request.explicit = True
        request.take(said)
        request.held.append(said)
        yield from self._release(request)

    def _choose(self, said: Said, real: str) -> OpenRequest:
        """The request that a line without an id of its own belongs to, a new one if it fits none."""
        if real and real in self._open:
            return self._open[real]
        current = self._current
        fitting = [r for r in self._candidates(said) if r.can_go_on_with(said, real)]
        if current is not None and current.can_go_on_with(said, real):
            if said.kind != ROW or current.explicit or len(fitting) < 2 or real:
                said.guessed = said.guessed or (current.explicit and len(self._open) > 1)
                return current
            said.guessed = True
            return min(fitting, key=lambda r: (_distance(r, said.sentence), r is not current))
        if fitting and not real and said.kind == ROW and not is_opening(said.sentence):
            said.guessed = said.guessed or len(fitting) > 1
            return min(fitting, key=lambda r: _distance(r, said.sentence))
        return OpenRequest()

    def _masked_by(self, said: Said, real: str) -> OpenRequest:
        """The request that a line with a mask in place of its id belongs to: several may have the same."""
        before = self._masked.get(said.id)
        if before is not None and before.can_go_on_with(said, real):
            return before
        mixed = before is not None and (before.doubtful or not (before.closed or before.failed))
        request = self._masked[said.id] = OpenRequest(literal=said.id, doubtful=mixed)
        return request

    def _doubt(self, request: OpenRequest) -> None:
        """Note that the lines held may be of another request."""
        for said in request.held:
            said.guessed = True

    def _candidates(self, said: Said) -> list[OpenRequest]:
        """Requests that run at the time of a line of a log without ids."""
        if said.kind != ROW or said.time is None:
            return []
        return [
            r
            for r in self._open.values()
            if not r.explicit and not r.closed and r.time is not None and abs(said.time - r.time) <= _TOGETHER_MS
        ]

    def _settle(self, following: OpenRequest | None, said: Said | None) -> Iterator[Said]:
        """The current request gives way to one that begins with ``said``: what is held of it goes out."""
        before, self._current = self._current, following
        if before is not None and before.held:
            if before.closed and said is not None and _is_midway(said):
                self._doubt(before)
            if not before.name:
                self._name(before, "")
            yield from self._release(before)

    def _name(self, request: OpenRequest, real: str) -> None:
        self._remember(request, real or self._made_up(request.literal))

    def _remember(self, request: OpenRequest, name: str) -> None:
        request.name = _UNSAFE.sub("-", name)
        if len(self._open) >= _MOST_OPEN and name not in self._open:
            self._open.pop(next(iter(self._open)))
        self._open[name] = request

    def _made_up(self, literal: str) -> str:
        base = literal or "request"
        number = self._used[base] = self._used.get(base, 0) + 1
        name = f"{base}#{number}" if number > 1 and literal else base if literal else f"{base}-{number}"
        return name + self._suffix

    def _release(self, request: OpenRequest) -> Iterator[Said]:
        for said in request.held:
            said.id = request.name
            if said.guessed:
                self._coverage.note(losses.GUESSED)
            yield said
        request.held.clear()


def _is_midway(said: Said) -> bool:
    """Whether no request begins with this line: what closed the one before may have been part of a body."""
    sentence = said.sentence
    if said.id or said.kind != BARE or sentence.rank or is_outcome(sentence) or is_opening(sentence):
        return False
    return sentence.code > 0 and sentence.step not in _FOLLOWS_ANYTHING


def _distance(request: OpenRequest, sentence: Sentence) -> float:
    """How far the sentence is from what the request said last, in the order of the vocabulary."""
    step = order_of(sentence, request.phase) - request.last
    return step if step >= 0 else 1_000 - step

"""One event as it was found, and a request while its lines come in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from loganalyzer.formats.order import (
    AUTHORIZED,
    AUTHORIZING,
    EXECUTION,
    PLAN,
    PLAN_PASSED,
    is_opening,
    is_outcome,
    order_of,
    phase_of,
)
from loganalyzer.formats.prefixes import BARE
from loganalyzer.formats.values import is_address
from loganalyzer.scales import Stage
from loganalyzer.sentences import Sentence
from loganalyzer.vocabulary import SENTENCES

FOLLOWS_ANYTHING = ("correlation", "unknown")
"""Steps that may stand anywhere in a request."""

_ANYWHERE = {sentence.code for sentence in SENTENCES if sentence.step in FOLLOWS_ANYTHING}
_APART_MS = 600_000
_TOGETHER_MS = 120_000
_SLACK = 2
_LONGEST_COMPARED = 300
_MOST_ASIDE = 8
_MENTION = re.compile(r"request:?\s+(?P<id>\S+?)(?:(?<!\.)\.)?(?:\s|$)")
_LITERAL = re.compile(
    r"test-request|test-invoke-request|<[^>]*>|[x*X.…#_-]*|\{.*\}|\[.*\]|(?:your-?|my-?)?(?:request-?)?(?:uu|gu)?id"
    r"|redacted|removed|hidden|masked|omitted",
    re.IGNORECASE,
)
_WELL = re.compile(r"status:\s*[123]\d\d")
_MASK = re.compile(r"\.\.|…|xx|\*\*|<", re.IGNORECASE)


@dataclass(slots=True)
class Said:
    """One event as it was found: what it says, and what the line told about it.

    ``guessed`` says that it may be no event, or one of another request, ``quoted`` that it stands in prose or between
    the marks of a quotation, as words do that somebody repeats, ``spoken`` that other words stand in front of it on its
    line and neither time nor id: somebody speaks of it.
    """

    text: str
    sentence: Sentence
    time: int | None = None
    id: str = ""
    kind: str = BARE
    form: str = ""
    group: str = ""
    guessed: bool = False
    quoted: bool = False
    spoken: bool = False


@dataclass(slots=True)
class OpenRequest:
    """A request while its lines come in; ``name`` is empty until one is known, and its lines are held so long.

    ``called`` are the addresses that its lines name.

    ``logged`` says that a line of it is more than spoken of; ``aside`` are lines below it that somebody speaks of.
    """

    name: str = ""
    literal: str = ""
    held: list[Said] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)
    called: set[str] = field(default_factory=set)
    phase: int = -1
    last: float = 0
    time: int | None = None
    failed: bool = False
    decided: bool = False
    closed: bool = False
    backwards: bool = False
    explicit: bool = False
    doubtful: bool = False
    logged: bool = False
    well: bool = False
    aside: list[list[Said]] = field(default_factory=list)
    goes_on_aside: bool = False

    @property
    def lacks_cause(self) -> bool:
        """Whether the request is logged, and neither ended well nor says why it failed."""
        return self.logged and not (self.failed or self.well)

    @property
    def is_title(self) -> bool:
        """Whether nothing but a failure was told, and by no line of a log: so does the title of a text."""
        return (
            self.failed
            and not (self.closed or self.name or self.explicit)
            and all(said.kind == BARE and said.sentence.rank for said in self.held)
        )

    def is_told_by(self, said: Said) -> bool:
        """Whether ``said`` is of the log below this title: what leads to a failure, or the failure itself."""
        if said.spoken or not self.is_title:
            return False
        if leads_to_failure(said.sentence):
            return True
        if said.sentence.code not in self.seen:
            return False
        titles = [words(text) for text in self.texts]
        return any(words(said.text).startswith(title) for title in titles) and (
            said.kind != BARE or words(said.text) not in titles
        )

    def is_retold_by(self, said: Said) -> bool:
        """Whether a failure is the one of which this title speaks, in as many words or in more."""
        return said.sentence.code in self.seen or all(words(said.text).startswith(words(text)) for text in self.texts)

    def has_told(self, said: Said) -> bool:
        """Whether the request told this failure already, in as many words or in more."""
        again = words(said.text)
        return said.sentence.code in self.seen and any(words(text).startswith(again) for text in self.texts)

    def sets_aside(self, said: Said) -> bool:
        """Set a line aside that somebody speaks of below this request, unless it may be part of it; whether it was."""
        if not (said.spoken and self.logged):
            return False
        over = self.goes_on_aside if is_outcome(said.sentence) else self.closed or self.failed
        if not (said.sentence.rank or over):
            return False
        self._put_aside(said)
        return True

    def hears_again(self, said: Said) -> None:
        """Set the failure aside that the request has told already: if it is over, another may have failed alike."""
        if self.closed:
            self._put_aside(said)

    def _put_aside(self, said: Said) -> None:
        if not self.goes_on_aside:
            self.aside = [*self.aside[1 - _MOST_ASIDE :], []]
        self.goes_on_aside = True
        self.aside[-1].append(said)

    def takes_over(self, other: OpenRequest) -> None:
        """Begin with the lines that were set aside last: an outcome below them that is not of ``other`` is theirs."""
        for said in other.aside.pop():
            self.take(said)
            self.held.append(said)

    def take(self, said: Said) -> None:
        """Remember what a line of this request says."""
        sentence = said.sentence
        said.guessed = said.guessed or self.doubtful or self._is_out_of_place(said)
        if self.backwards and sentence.code and order_of(sentence, self.phase) > self.last:
            self.backwards = False
        self.logged = self.logged or not said.spoken
        self.well = self.well or sentence.step == "execution end"
        if is_outcome(sentence):
            self.backwards = self.backwards or self.seen <= _ANYWHERE
            self.closed = True
            self.well = self.well or _WELL.search(said.text) is not None
        if sentence.rank:
            self.failed = True
            self.decided = self.decided or sentence.rank == 1
            self.texts.add(said.text)
        if said.time is None:
            said.time = self.time
        else:
            self.time = said.time
        self.phase = max(self.phase, phase_of(sentence))
        if is_address(sentence):
            self.called.add(said.text[len(sentence.head) :].strip())
        if sentence.code:
            self.seen.add(sentence.code)
            self.last = order_of(sentence, self.phase)

    def _is_out_of_place(self, said: Said) -> bool:
        """Whether a line without an id stands where no request says it: two of them may be mixed up."""
        sentence = said.sentence
        if self.backwards or not self.seen or sentence.step in FOLLOWS_ANYTHING:
            return False
        if self.explicit:
            return self.closed and said.time is None and phase_of(sentence) >= 0
        if sentence.rank or is_outcome(sentence):
            return not self.failed and not sentence.shared and self._is_elsewhere(sentence)
        if self.decided or sentence.shared:
            return self.decided
        return sentence.code in self.seen or order_of(sentence, self.phase) + _SLACK < self.last

    def _is_elsewhere(self, sentence: Sentence) -> bool:
        """Whether a failure or an outcome is of a phase that the request has not come to, or has left."""
        if sentence.stage > Stage.USAGE_PLAN:
            return 0 < self.phase < EXECUTION
        if sentence.stage is Stage.USAGE_PLAN:
            return 0 < self.phase != PLAN or not self.seen.isdisjoint(PLAN_PASSED)
        denied = sentence.head.startswith("The client is not authorized")
        return sentence.stage is Stage.AUTHORIZATION and (
            self.phase > AUTHORIZING or not (denied or self.seen.isdisjoint(AUTHORIZED))
        )

    def runs_at(self, time: int) -> bool:
        """Whether a line of that time (ms), in a log without ids, may be of this request."""
        if self.explicit or self.closed or self.time is None:
            return False
        return abs(time - self.time) <= _TOGETHER_MS

    def can_go_on_with(self, said: Said, mentioned: str) -> bool:
        """Whether the next line of this request may be ``said``."""
        sentence = said.sentence
        if mentioned and self.name and not same_id(self.name, mentioned):
            return False
        if said.time is not None and self.time is not None and abs(said.time - self.time) > _APART_MS:
            return False
        if sentence.step in FOLLOWS_ANYTHING or not self.seen:
            return True
        if is_opening(sentence):
            if sentence.step == "test header" or sentence.code in self.seen:
                return False
            if self.backwards and len(self.seen) > 1:
                return True
            return not (self.failed or self.closed or self.phase > phase_of(sentence))
        if is_outcome(sentence):
            return sentence.code not in self.seen
        if sentence.rank and self._is_excluded(sentence):
            return False
        if self._has_failed_elsewhere(said):
            return False
        if sentence.rank == 1 and self.decided and not self.explicit:
            return self.has_told(said)
        return self.explicit or self.backwards or not self.closed

    def _has_failed_elsewhere(self, said: Said) -> bool:
        """Whether a line without an id names another address than those of this request, which has failed there."""
        if not (self.decided and self.called and is_address(said.sentence)) or self.explicit or self.backwards:
            return False
        return said.text[len(said.sentence.head) :].strip() not in self.called

    def _is_excluded(self, sentence: Sentence) -> bool:
        """Whether what a line without an id says cannot be true of this request: no plan refuses what has passed it."""
        passed = sentence.stage is Stage.USAGE_PLAN and not self.seen.isdisjoint(PLAN_PASSED)
        return passed and not (self.explicit or self.backwards)


def words(text: str) -> str:
    """The letters and digits of the first line of a text: those who repeat it add marks and lines of their own."""
    return "".join(filter(str.isalnum, text[:_LONGEST_COMPARED].partition("\n")[0]))


def leads_to_failure(sentence: Sentence) -> bool:
    """Whether this stands in front of a failure, so that a failure above it is the title of a log."""
    return not (sentence.rank or is_outcome(sentence) or sentence.step in FOLLOWS_ANYTHING)


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


def is_masked(name: str) -> bool:
    """Whether a part of an id is left out."""
    return _MASK.search(name) is not None


def same_id(one: str, other: str) -> bool:
    """Whether two ids may be meant for the same request: equal, masked, or a character or two off."""
    if one == other or is_literal(other) or is_literal(one) or is_masked(one) or is_masked(other):
        return True
    if one.startswith(other) or (len(one) > 8 and other.startswith(one)):
        return True
    return len(one) == len(other) and len(one) > 8 and sum(a != b for a, b in zip(one, other, strict=True)) <= 2

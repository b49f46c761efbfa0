"""What a sentence of the execution log is: how a message is known to be one, what it may carry."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from loganalyzer.scales import Stage

MATCHED = 24
"""So many characters of a head decide (all of a failure's): the rest of it may be cut or reworded."""

VALUE = rb"\s+(?:\S{1,300}\s+){0,3}?"
"""What stands in the place of ``…`` in a head."""


@dataclass(frozen=True, slots=True)
class Fact:
    """Decisive content of a sentence: it holds if a needle is in the message and ``confirm``, where given, agrees.

    ``absent`` turns it round: it holds if there is a URL and none of the needles. ``late`` facts are looked for only
    where a request needs them, in the second look. ``plain`` are whole words that prove it where they stand unbroken.
    """

    name: str
    needles: tuple[bytes, ...]
    confirm: Callable[[bytes], bool] | None = None
    absent: bool = False
    late: bool = False
    plain: tuple[bytes, ...] = ()

    def holds(self, text: bytes, start: int = 0, end: int | None = None) -> bool:
        """Whether the message at ``text[start:end]`` has the content."""
        end = len(text) if end is None else end
        found = False
        for needle in self.needles:
            if text.find(needle, start, end) >= 0:
                found = True
                break
        if self.absent:
            return not found and text.find(b"://", start, end) >= 0
        return found and (self.confirm is None or self.confirm(text[start:end]))


@dataclass(frozen=True, slots=True)
class Sentence:
    """One row of the table.

    ``head`` is what the message begins with; ``…`` in it stands for a value. ``printed`` says which logs hold the
    sentence: ``info`` (INFO and above), ``trace`` (with data trace only), ``always`` (ERROR too), ``test`` (console
    Test only). ``shared`` sentences occur in the authorizer's phase and in
    the integration's. ``rank`` orders the lines that decide over a failure, 1 first; 0 does not decide. ``opaque``
    sentences end in a body, headers or another value that may hold anything, newlines included. ``reached`` is the
    stage that the sentence proves to be reached, in the integration's phase if shared. ``emulated`` sentences are known
    from emulators of API Gateway only: what rests on them is less than certain. ``echoed`` sentences are the words that
    the client gets: AWS's own runbook looks for them in the execution log, nobody has shown one that has them.
    ``pattern`` and ``fields`` are expressions; a line break is a character to them like any other.
    """

    code: int
    head: str
    step: str
    stage: Stage
    printed: str
    reached: Stage
    shared: bool = False
    rank: int = 0
    opaque: bool = False
    exact: bool = False
    pattern: bytes = b""
    fields: bytes = b""
    facts: tuple[Fact, ...] = ()
    emulated: bool = False
    echoed: bool = False

    @property
    def prefix(self) -> bytes:
        """The bytes a message must start with."""
        head, _, variable = self.head.partition("…")
        return (head if variable or self.rank else head[:MATCHED]).encode()

    def confirmed(self, message: bytes) -> bool:
        """Whether a message that starts with the prefix is this sentence, by its pattern where that is not enough."""
        if self.exact:
            return message.strip() == self.prefix
        return not self.pattern or compiled(self.pattern).match(message) is not None

    @property
    def method_phase(self) -> bool:
        """Whether only a request that has passed its authorizer says the sentence."""
        in_method = Stage.USAGE_PLAN <= self.stage < Stage.COMPLETED
        return in_method and not self.shared and not self.rank and self.printed in ("info", "trace")

    @property
    def bound(self) -> bool:
        """Whether the authorizer's phase is over (or there is none) from this sentence on."""
        before_call = self.method_phase and self.stage <= Stage.REQUEST_VALIDATION
        return before_call or self.step == "authorizer end"

    @property
    def cut_facts(self) -> tuple[str, ...]:
        """The facts that hold if an event of the sentence is truncated."""
        if self.rank:
            return ("truncated", "cut_decisive")
        return ("truncated", "cut_answer") if self.head == "Endpoint response headers:" else ("truncated",)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the values that the sentence may carry."""
        return tuple(name.decode() for name in _NAME.findall(self.fields))

    def captured(self, message: bytes) -> dict[str, str]:
        """The values the sentence carries, by name; empty where the message is cut or of another shape."""
        found = compiled(self.fields).search(message) if self.fields else None
        if found is None:
            return {}
        return {k: v.decode("utf-8", "replace").strip() for k, v in found.groupdict().items() if v is not None}

    def facts_of(self, message: bytes, *, late: bool = True) -> list[str]:
        """The names of the facts that hold for this message of the sentence, the late ones only if wanted."""
        return [fact.name for fact in self.facts if (late or not fact.late) and fact.holds(message)]


_NAME = re.compile(rb"\(\?P<(\w+)>")


@cache
def compiled(expression: bytes) -> re.Pattern[bytes]:
    """Most are never needed, and all together take longer than the rest of the start."""
    return re.compile(expression, re.DOTALL)


def pattern_of(head: str) -> bytes:
    """A head with a value in it as an expression: the value is a word or empty, maybe broken apart."""
    return VALUE.join(re.escape(part.strip()).replace(rb"\ ", rb"\s+") for part in head.encode().split("…".encode()))

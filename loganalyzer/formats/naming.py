"""Which request a line belongs to where the line does not say.

Console tests and the logs of 2016 print no request id in front of a message, and bare messages have lost it.  There, a
request is a run of lines in which each can follow those before it; its id is the one that a sentence of it mentions,
else a made-up one that is the same whenever the text is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from loganalyzer.coverage import Coverage
from loganalyzer.formats import losses
from loganalyzer.formats.opened import (
    FOLLOWS_ANYTHING,
    OpenRequest,
    Said,
    is_literal,
    is_masked,
    mentioned_id,
    words,
)
from loganalyzer.formats.order import is_opening, is_outcome, order_of
from loganalyzer.formats.prefixes import BARE, ROW
from loganalyzer.sentences import Sentence

_MOST_HELD = 2_000
_MOST_OPEN = 64
_MOST_REMEMBERED = 2_000
_NAMED = re.compile(r"[^\W_]")
_UNSAFE = re.compile(r"[\s()]+")


class Naming:
    """Gives each line its request; ``suffix`` keeps made-up ids of one input apart from those of another.

    ``logged`` says that there was a line of a log, not only words of somebody who speaks of one.
    """

    def __init__(self, coverage: Coverage, *, suffix: str = "") -> None:
        self._coverage = coverage
        self._suffix = suffix
        self._open: dict[str, OpenRequest] = {}
        self._current: OpenRequest | None = None
        self._used: dict[str, int] = {}
        self._masked: dict[str, OpenRequest] = {}
        self._remembered: set[str] = set()
        self._spoken: list[OpenRequest] = []
        self._titles: list[OpenRequest] = []
        self.logged = False

    def place(self, said: Said) -> Iterator[Said]:
        """Take in one line; give out those whose request is known now, in the order in which they came."""
        if self._repeats(said):
            return
        if self._titles and said.sentence.rank and not said.spoken:
            self._titles = [title for title in self._titles if not title.is_retold_by(said)]
        if said.id and not is_literal(said.id):
            self.logged = True
            yield from self._by_its_id(said)
            return
        current = self._current
        if current is not None and current.sets_aside(said):
            return
        self.logged = self.logged or not said.spoken
        mentioned = mentioned_id(said)
        real = mentioned if mentioned and not (is_literal(mentioned) or (said.spoken and is_masked(mentioned))) else ""
        request = self._masked_by(said, real) if said.id else self._choose(said, real)
        if current is not None and current.goes_on_aside and not request.seen and is_outcome(said.sentence):
            request.takes_over(current)
        if request is not self._current:
            yield from self._settle(request, said)
        if said.sentence.rank and said.time is None and said.kind == BARE and request.has_told(said):
            request.logged = request.logged or not said.spoken
            request.hears_again(said)
            return
        if current is not None:
            current.goes_on_aside = False
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
        lacking = [request for request in self._open.values() if request.lacks_cause]
        for spoken in self._spoken:
            if not self.logged:
                yield from self._settled(spoken)
            elif spoken.failed and len(lacking) == 1:
                yield from self._told(lacking.pop(), spoken.held)
        for title in self._titles:
            yield from self._told(lacking.pop(), title.held) if len(lacking) == 1 else self._settled(title)

    def _told(self, request: OpenRequest, spoken: list[Said]) -> Iterator[Said]:
        """What somebody says of the failure of a request whose lines do not tell it."""
        for said in spoken:
            said.guessed = True
            request.take(said)
        request.held.extend(spoken)
        yield from self._release(request)

    def _repeats(self, said: Said) -> bool:
        """Whether somebody only speaks of a line that stands above, as people do below a log that they show."""
        full = len(self._remembered) >= _MOST_REMEMBERED
        if full and not said.quoted:
            return False
        again = words(said.text)
        if said.quoted and said.sentence.code and again in self._remembered:
            return True
        if not full:
            self._remembered.add(again)
        return False

    def _by_its_id(self, said: Said) -> Iterator[Said]:
        request = self._open.get(said.id)
        before = self._current
        goes_on = before is not None and before.logged and not before.name and before.can_go_on_with(said, "")
        if request is None and before is not None and goes_on and not before.is_told_by(said):
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
        current, running = self._current, self._running(said, real)
        if current is not None and _goes_on(current, said, real=real, running=running):
            if real or current.explicit or len(running) < 2:
                said.guessed = said.guessed or (current.explicit and len(self._open) > 1)
                return current
        elif real or not running or is_opening(said.sentence):
            return OpenRequest()
        said.guessed = said.guessed or len(running) > 1
        return min(running, key=lambda r: (_distance(r, said.sentence), r is not current))

    def _running(self, said: Said, real: str) -> list[OpenRequest]:
        """The requests of a log without ids that run at the time of a line of it and may go on with it.

        What settles why a request failed is said of those for which that is not settled yet, where there are any.
        """
        time = said.time
        if said.kind != ROW or time is None:
            return []
        running = [r for r in self._open.values() if r.runs_at(time) and r.can_go_on_with(said, real)]
        undecided = [r for r in running if not r.decided] if said.sentence.rank == 1 else []
        return undecided or running

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

    def _settle(self, following: OpenRequest | None, said: Said | None) -> Iterator[Said]:
        """The current request gives way to one that begins with ``said``: what is held of it goes out."""
        before, self._current = self._current, following
        if before is None:
            return
        if before.held and not (before.logged or before.name):
            self._spoken.append(before)
            if len(self._spoken) > _MOST_OPEN and not self.logged:
                yield from self._settled(self._spoken.pop(0))
        elif said is not None and before.is_told_by(said) and len(self._titles) < _MOST_OPEN:
            if not before.is_retold_by(said):
                self._titles.append(before)
        elif before.held:
            if before.closed and said is not None and _is_midway(said):
                self._doubt(before)
            yield from self._settled(before)
        if before.aside and before.lacks_cause:
            yield from self._told(before, [said for lines in before.aside for said in lines])
        before.aside, before.goes_on_aside = [], False

    def _settled(self, request: OpenRequest) -> Iterator[Said]:
        """What is held of a request that others follow."""
        if not request.name:
            self._name(request, "")
        yield from self._release(request)

    def _name(self, request: OpenRequest, real: str) -> None:
        self._remember(request, real or self._made_up(request.literal))

    def _remember(self, request: OpenRequest, name: str) -> None:
        request.name = _UNSAFE.sub("-", name)
        if len(self._open) >= _MOST_OPEN and name not in self._open:
            self._open.pop(next(iter(self._open)))
        self._open[name] = request

    def _made_up(self, literal: str) -> str:
        literal = literal if _NAMED.search(literal) else ""
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
    return sentence.code > 0 and sentence.step not in FOLLOWS_ANYTHING


def _goes_on(current: OpenRequest, said: Said, *, real: str, running: list[OpenRequest]) -> bool:
    """Whether ``said`` is the next line of the current request: of no log below it, and of none of those ``running``.

    What settles why a request failed is said once: of one of these for which that is not settled yet.
    """
    again = said.sentence.rank == 1 and current.decided and not current.explicit
    another = again and any(not request.decided for request in running)
    return not another and not current.is_told_by(said) and current.can_go_on_with(said, real)


def _distance(request: OpenRequest, sentence: Sentence) -> float:
    """How far the sentence is from what the request said last, in the order of the vocabulary."""
    step = order_of(sentence, request.phase) - request.last
    return step if step >= 0 else 1_000 - step

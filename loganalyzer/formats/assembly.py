"""Physical lines → events: several on one line are cut apart, one over several lines is put together again."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from dataclasses import replace
from itertools import product

from loganalyzer.coverage import Coverage
from loganalyzer.formats import clock, prefixes
from loganalyzer.formats.cleaning import is_markup
from loganalyzer.formats.drafts import Draft, begin, without_tags
from loganalyzer.formats.grammar import extent, is_ones_own, is_open, nests, read
from loganalyzer.formats.hints import finished, is_anybodys, led, mended
from loganalyzer.formats.loose import LONGEST, MOST_HELD, Loose
from loganalyzer.formats.marks import cut_in_continuation, in_prose, next_cut
from loganalyzer.formats.opened import Said, mentioned_id, same_id
from loganalyzer.formats.order import is_outcome
from loganalyzer.formats.prefixes import BARE, QUOTES, ROW, TEST, Prefix
from loganalyzer.formats.values import is_address
from loganalyzer.scales import Stage

_NOTHING = ("", "")
_QUOTATION = tuple("`“”„‘’«»「」『』")
_AROUND = " \t\\,;+*_" + QUOTES
"""What may stand around the lines of a list, of a program's strings or of emphasised text."""

_WINDOW = 8_000
_TIME_FIELD = re.compile(rf"\W*timestamp\W+(?:1\d{{12}}|{clock.ISO})\W*$", re.IGNORECASE)
_DENIED = re.compile(r"User:\s+(?:anonymous|arn:)")
"""What a client is told stands in bodies, too: it is looked for where a line begins, not in the midst of one."""

_TORN_URL = re.compile(r"\w://[\w-]*$")
_SAYS = re.compile(r"\w")
_OTHER_LOG = re.compile(r"(?:START|END|REPORT) RequestId:|INIT_START |\[(?:INFO|WARN\w*|ERROR|DEBUG)\]")


class Assembly:
    """Reads lines one after another and gives out the events they hold."""

    def __init__(self, coverage: Coverage) -> None:
        self._coverage = coverage
        self._draft: Draft | None = None
        self._blank = False
        self._loose = Loose(coverage)
        self._time: Prefix | None = None
        self._mixed = False
        self._without_ids = False
        self._group = ""
        self._latest = _NOTHING
        self._latest_time: int | None = None
        self._spoken: Said | None = None
        self._first = self._begun = self._quoting = False

    def feed(self, line: str) -> Iterator[Said]:
        """Take in one line."""
        if not line or line.isspace() or is_markup(line):
            self._blank = True
            self._loose.give_up()
            return
        if line.lstrip().startswith("|"):
            line = line.rstrip("| \t")
        prefix = prefixes.read(line)
        self._first, self._begun = not self._begun, True
        self._group = prefix.group or self._group
        if prefix.explicit:
            yield from self._explicit(prefix, line)
        else:
            yield from self._bare(prefix, line)
        self._blank = False

    def finish(self) -> Iterator[Said]:
        """The last event."""
        self._loose.give_up()
        draft, self._draft = self._draft, None
        if draft is not None:
            yield from self._said(draft)

    def hints(self) -> list[Said]:
        """What lines speak of that are no messages, if there was no message at all."""
        return self._loose.hints

    # -- lines that say where an event starts -----------------------------------------------------------------------

    def _explicit(self, prefix: Prefix, line: str) -> Iterator[Said]:
        rest = line[prefix.end :]
        if prefix.kind == ROW and not prefix.id:
            if not rest.strip():
                self._time = prefix
                return
            sentence, spelled = read(rest)
            foreign = not sentence.code and (not self._without_ids or _OTHER_LOG.match(rest) is not None)
            if foreign or is_ones_own(sentence, spelled):
                yield from self._bare(replace(prefix, kind=BARE), line)
                return
            self._without_ids = True
        yield from self._start(self._with_time(prefix), led(rest))

    def _with_time(self, prefix: Prefix) -> Prefix:
        """The prefix with the time that stood on a line of its own before it."""
        before, self._time = self._time, None
        if before is None or prefix.timed or prefix.kind == TEST:
            return prefix
        return replace(prefix, time=before.time, timed=True, kind=ROW, form="console copy", notes=before.notes)

    def _start(self, prefix: Prefix, text: str) -> Iterator[Said]:
        """Begin an event, and those that stand behind it on the line."""
        at = 0
        while True:
            # Most events are short: a whole log on one line is read window by window, not copied for each event.
            near = text[at : at + _WINDOW]
            whole = at + _WINDOW >= len(text)
            sentence, spelled = read(near)
            cut = next_cut(sentence, spelled, prefix, whole=whole)
            if cut is None and not whole:
                near = text[at:]
                sentence, spelled = read(near)
                cut = next_cut(sentence, spelled, prefix)
            own = spelled if cut is None else spelled[: cut[0]]
            if self._draft is None and self._latest == _NOTHING and not prefix.id and is_outcome(sentence):
                # An outcome that begins a text tells nothing of what failed; the words in front of it may.
                self._spoken = self._loose.spoken_of()
            yield from self.finish()
            if sentence.step == "test header" and not prefix.id:
                prefix = replace(prefix, kind=TEST, form="console Test", time=None)
            self._draft = begin(prefix, own, sentence, last=cut is None)
            for note in prefix.notes:
                self._coverage.note(note)
            if cut is None:
                return
            at += len(near) - len(spelled) + cut[0] + cut[1].end
            prefix = cut[1]

    # -- lines that do not ------------------------------------------------------------------------------------------

    def _bare(self, prefix: Prefix, line: str) -> Iterator[Said]:
        rest = without_tags(line[prefix.end :])
        draft = self._draft
        head = self._is_head(rest)
        more = line if draft is None or not (draft.prefix.marked and prefix.marked) else rest.rstrip(prefix.quote + " ")
        if draft is not None and not head and draft.lacks(cause := rest.strip(_AROUND)):
            draft.sealed, more = False, cause
        if draft is not None and not (head and self._ends(draft, prefix, rest)) and self._takes(draft, more):
            yield from self._go_on(draft, more)
        elif head:
            self._mixed = self._mixed or (draft is not None and draft.prefix.kind == ROW)
            guessed = draft is not None and draft.sentence.opaque and _may_go_on(draft)
            yield from self._start(replace(self._with_time(prefix), guessed=guessed), rest)
        elif self._first and (whole := mended(line) or mended(rest)) is not None:
            guessed = is_anybodys(line) or is_anybodys(rest)
            yield from self._start(self._with_time(replace(prefix, prose=False, guessed=guessed)), whole)
        elif (found := in_prose(line)) is not None:
            yield from self._start(self._with_time(replace(found, marked=prefix.marked)), line[found.end :])
        elif (time := _TIME_FIELD.match(line)) is not None:
            self._time = Prefix(clock.find_time(time.group()), timed=True, kind=ROW)
        elif not (yield from self._across(rest)):
            self._foreign(line)

    def _is_head(self, rest: str) -> bool:
        """Whether a bare line begins with a sentence."""
        sentence, spelled = read(rest)
        if sentence.exact:
            before = self._draft
            return before is not None and (not self._blank or before.sentence.rank > 0)
        return sentence.code > 0 and not is_ones_own(sentence, spelled)

    def _ends(self, draft: Draft, prefix: Prefix, rest: str) -> bool:
        """Whether a bare line that begins with a head ends the message before it, whose value may still be open."""
        if draft.sentence.opaque and draft.value.nested and _is_inner(draft.prefix, prefix):
            return False
        if draft.over or self._mixed:
            return not (draft.sentence.opaque and draft.value.nested)
        if not draft.sentence.opaque:
            whole = [read(draft.text + gap + rest) for gap in ("", " ")]
            if any(sentence.code != draft.sentence.code for sentence, _ in whole):
                return False
            return not (nests(read(rest)[0]) and extent(*whole[1]) >= 0)
        if draft.prefix.kind == ROW and draft.prefix.timed:
            return False
        return draft.value.word or draft.value.empty or draft.prefix.kind == BARE

    def _takes(self, draft: Draft, line: str) -> bool:
        """Whether a line that starts no event goes on with the message before it."""
        if draft.takes(line, after_blank=self._blank):
            return True
        return not (draft.sealed or self._blank) and self._completes(draft, line.strip())

    def _completes(self, draft: Draft, line: str) -> bool:
        """Whether ``line``, with those behind the message that looked foreign, makes it another sentence."""
        if not draft.behind:
            return False
        for gaps in product(("", " "), repeat=len(draft.behind) + 1):
            text = draft.text + "".join(gap + part for gap, part in zip(gaps, [*draft.behind, line], strict=True))
            if len(read(text)[0].head) > len(draft.sentence.head):
                del self._loose.held[-len(draft.behind) :]
                draft.reword(text[: len(text) - len(line) - len(gaps[-1])])
                return True
        return False

    def _go_on(self, draft: Draft, line: str) -> Iterator[Said]:
        """Add the line to the message, up to the next event on it."""
        cut = cut_in_continuation(draft, line)
        own = line if cut is None else line[: cut[0]]
        if own.strip():
            draft.extend(own)
        if cut is not None:
            yield from self._start(cut[1], line[cut[0] + cut[1].end :])

    def _across(self, rest: str) -> Generator[Said, None, bool]:
        """A head that is broken over this line and those before it, which looked foreign."""
        held = self._loose.held
        for start in range(len(held)):
            for gap in (" ", ""):
                before = gap.join(held[start:])
                text = before + gap + rest.strip()
                found = Prefix() if _DENIED.match(before) and read(text)[0].echoed else in_prose(text)
                if found is not None and found.end < len(before):
                    del held[start:]
                    yield from self._start(self._with_time(found), text[found.end :])
                    return True
        return False

    def _foreign(self, line: str) -> None:
        """Set aside a line of no event, which parts the message before it from what follows."""
        if not _SAYS.search(line):
            return
        draft = self._draft
        if draft is not None and len(line) > LONGEST:
            draft.sealed = True
        elif draft is not None:
            draft.sealed = draft.sealed or self._blank or draft.sentence.opaque or len(draft.behind) >= MOST_HELD
            draft.behind.append(line)
        self._loose.add(line)

    # -- events that are complete -----------------------------------------------------------------------------------

    def _said(self, draft: Draft) -> Iterator[Said]:
        """The event, unless the console printed it twice."""
        prefix = draft.prefix
        text = draft.whole()
        if not text and not prefix.id:
            return
        self._quoting = prefix.kind == BARE and (
            prefix.prose or prefix.quote in _QUOTATION or (prefix.inherited and self._quoting)
        )
        nothing_yet = self._latest == _NOTHING
        begins_quoted = self._quoting and nothing_yet
        same = (prefix.id, "".join(text.split()))
        if same == self._latest and (not prefix.timed or prefix.time == self._latest_time):
            return
        if nothing_yet:
            self._loose.listen_no_more()
        self._latest, self._latest_time = same, prefix.time
        meant = finished(text) if is_open(draft.sentence) else None
        sentence, text = meant or (draft.sentence, text)
        # Somebody may speak of a success without having seen one; of a failure nothing is certain that begins so.
        guessed = prefix.guessed or meant is not None or (begins_quoted and sentence.stage is Stage.COMPLETED)
        said = Said(text, sentence, prefix.time, prefix.id, prefix.kind, prefix.form, self._group, guessed)
        said.quoted = self._quoting
        said.spoken = prefix.kind == BARE and prefix.prose and not prefix.id
        said.guessed = said.guessed or (is_address(draft.sentence) and _TORN_URL.search(text) is not None)
        if self._spoken is not None:
            yield replace(self._spoken, kind=said.kind, form=said.form)
            self._spoken = None
        if prefix.inherited and said.id and not same_id(said.id, mentioned_id(said) or said.id):
            said.id, said.guessed = mentioned_id(said), True
        yield said


def _may_go_on(draft: Draft) -> bool:
    """Whether a line without an id may be part of the value before it, which is open or may hold anything."""
    return draft.value.nested or (draft.prefix.id != "" and not draft.value.complete and not draft.value.empty)


def _is_inner(before: Prefix, prefix: Prefix) -> bool:
    """Whether a line stands deeper or in other quotation marks than the message before it: it is part of its value."""
    return prefix.indent > before.indent or (prefix.quote != before.quote and prefix.quote != "")

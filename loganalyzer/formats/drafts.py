"""One event while its lines come in: where it ends, and how lines that were broken apart go together again."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import msgspec

from loganalyzer.formats.grammar import UUID, encoded, extent, has_tail, head_end, is_open, read
from loganalyzer.formats.prefixes import BARE, CLOSING, QUOTES, TAG, Prefix
from loganalyzer.formats.values import Value, is_address, value_end
from loganalyzer.sentences import Sentence
from loganalyzer.vocabulary import UNKNOWN

MOST_JOINED = 4_000
"""Characters up to which a sentence is looked for across line breaks."""

_MOST_LINES = 20_000
_HEAD_ROOM = 400
_MOST_SIZE = 1 << 20
_MOST_UNKNOWN = 200
_SAYS = re.compile(r"\w")
_PROSE = re.compile(r"[.,;]?\s+[a-z]|[\"'`]")
_ESCAPED_BREAK = re.compile(r"(?:\\+[nr])+\s*$")
"""What is left of the line break between two events where their line is part of a string that was folded."""

_TAG_AT_END = re.compile(rf"{TAG}$")
_SPARE = " \t“”„‘’`"
_QUOTED = f" \t{QUOTES}\\,;"
_CELL = re.compile(r"[0-9a-f]{32}|[0-9a-f]{4,}\.{3}|\d{4}-\d\d-\d\d[T ][\d:.]+Z?|[\w+/=-]{40,}|")
_WORD = re.compile(r"[\w./{}+~%=:$@*-]+")
_UUID = re.compile(UUID)
_NUMBER = re.compile(r"\d{1,3}(?=[\s\"'`*_<,}\]]*$)")
"""What a line break may have parted from the words in front of a status, with nothing of its own behind it."""


@dataclass(slots=True)
class Draft:
    """An event that is not over yet.

    ``sealed`` says that nothing more belongs to it; ``behind`` are lines that stand behind it and look foreign, but may
    turn out to be the rest of its sentence.
    """

    prefix: Prefix
    lines: list[str]
    sentence: Sentence
    sealed: bool = False
    size: int = 0
    behind: list[str] = field(default_factory=list)
    _value: Value | None = None

    @property
    def text(self) -> str:
        """What has come so far, with its line breaks."""
        return self.lines[0] if len(self.lines) == 1 else "\n".join(self.lines)

    @property
    def value(self) -> Value:
        """The value of an opaque sentence so far."""
        if self._value is None:
            self._value = Value(self.sentence, self.text)
        return self._value

    @property
    def over(self) -> bool:
        """Whether the message is complete, so that nothing can be added to it."""
        if self.sealed:
            return True
        if not self.sentence.opaque:
            return self.sentence is not UNKNOWN and extent(self.sentence, self.text) >= 0
        return self.value.complete

    def append(self, line: str) -> None:
        """Add a line of the value."""
        if self._value is not None:
            self._value.add("\n" + line)
        self.lines.append(line)
        self.size += len(line)

    def reword(self, text: str) -> None:
        """Take ``text`` for what has come so far: a sentence was broken over lines."""
        self.sentence, spelled = read(text)
        quoted = _unquoted(spelled, self.sentence, self.prefix.quote) if self.prefix.quote else None
        if quoted is not None and not self.sentence.opaque:
            spelled, self.sealed = quoted, True
        end = extent(self.sentence, spelled) if self.prefix.prose and not is_open(self.sentence) else -1
        if end >= 0:
            spelled, self.sealed = spelled[:end], True
        self.lines, self._value = [spelled], None
        self.behind.clear()

    def takes(self, line: str, *, after_blank: bool) -> bool:
        """Whether a line that starts no event goes on with the message."""
        if self.sealed or len(self.lines) > _MOST_LINES or self.size > _MOST_SIZE:
            return False
        ended = after_blank and not self.prefix.explicit
        if self.sentence.opaque:
            if not ended and self._headless and _with_head(self.text, line.strip()) is not None:
                return True
            return self.value.nested or self._takes_value(line, ended=ended)
        if ended:
            return is_open(self.sentence) and self._is_completed_by(line.strip())
        if self.sentence is UNKNOWN:
            return self.prefix.explicit and len(self.lines) <= _MOST_UNKNOWN
        return joined(self, line.strip()) is not None

    def _is_completed_by(self, line: str) -> bool:
        """Whether ``line`` tells the cause of a failure whose first words only are there."""
        text = joined(self, line)
        return text is not None and len(read(text)[0].head) > len(self.sentence.head)

    def lacks(self, line: str) -> bool:
        """Whether ``line`` tells the cause that the first words of a failure lack, whatever closed them."""
        return is_open(self.sentence) and self._is_completed_by(line)

    @property
    def _headless(self) -> bool:
        """Whether the head of the sentence is broken off, though it shows which one it is."""
        return len(self.lines) == 1 and head_end(self.lines[0][:_HEAD_ROOM]) == 0

    def _takes_value(self, line: str, *, ended: bool) -> bool:
        if self.value.complete or (ended and not self.value.empty):
            return False
        return not self.value.word or self.value.empty or is_word(line.strip())

    def extend(self, line: str) -> None:
        """Add a line: with its line break to a value, else as part of one sentence."""
        headed = _with_head(self.text, line.strip()) if self.sentence.opaque and self._headless else None
        if headed is not None:
            self.reword(headed)
            return
        if self.sentence.opaque and not is_address(self.sentence):
            self.append(line if self.value.nested else line.rstrip())
            return
        text = joined(self, line.strip())
        if text is None:
            self.append(line.strip())
        else:
            self.reword(text)

    def whole(self) -> str:
        """The message as one text: with its line breaks, unless a fact shows only without them."""
        text = self.text
        if len(self.lines) > 1 and self.sentence.opaque and text.endswith(">"):
            text = _without_markup(self.sentence, text)
        if len(self.lines) == 1 or not self.sentence.facts or len(text) > _MOST_SIZE:
            return text.rstrip()
        lines = [line.strip() for line in self.lines]
        options = (text, "".join(lines), " ".join(lines))
        return max(options, key=lambda option: (len(self.sentence.facts_of(encoded(option))), _parses(option))).rstrip()


def _without_markup(sentence: Sentence, text: str) -> str:
    """``text`` without the closing tags behind the brackets of its value."""
    end = value_end(sentence, text)
    return text[:end] if end >= 0 and not _SAYS.search(without_tags(text[end:])) else text


def _parses(text: str) -> bool:
    """Whether the value of a message is JSON."""
    try:
        msgspec.json.decode(text[head_end(text[:_HEAD_ROOM]) :])
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return False
    return True


def begin(prefix: Prefix, text: str, sentence: Sentence, *, last: bool) -> Draft:
    """An event that begins with ``text``, without what the page around it left behind.

    ``last`` says that nothing else stands behind it on its line.
    """
    text = text if last else _ESCAPED_BREAK.sub("", text)
    quoted = _unquoted(text, sentence, prefix.quote) if prefix.quote else None
    if quoted is not None:
        return Draft(prefix, [quoted], sentence, sealed=True)
    if last and prefix.explicit and ("|" in text or "\t" in text):
        text = _without_cells(text)
    text = without_tags(text)
    if sentence.opaque or sentence is UNKNOWN:
        end = value_end(sentence, text) if sentence.opaque and text[-1:] not in ("}", "]") else -1
        if end >= 0 and not _SAYS.search(text, end):
            text = text[:end]
        return Draft(prefix, [text], sentence, sealed=prefix.prose)
    end = extent(sentence, text)
    if end >= 0 and (prefix.prose or not last or (prefix.kind == BARE and _PROSE.match(text, end))):
        text = text[:end]
    if not is_open(sentence):
        goes_on = has_tail(sentence) and end < 0 and text.rstrip().endswith(",")
        text = _ESCAPED_BREAK.sub("", text.rstrip() if goes_on else _without_marks(text))
    goes_on = is_open(sentence) and last and end == len(text)
    return Draft(prefix, [text], sentence, sealed=prefix.prose and end >= 0 and not goes_on)


def without_tags(text: str) -> str:
    """``text`` without the closing tags, code marks and curly quotes behind it."""
    while text[-1:] == ">" and (tag := _TAG_AT_END.search(text, max(0, text.rfind("<")))):
        text = text[: tag.start()].rstrip(_SPARE)
    return text.rstrip(_SPARE) if text[-1:] in _SPARE else text


def _without_marks(text: str) -> str:
    """``text`` without the quotation marks and commas behind it, but with one that closes what it opened itself."""
    bare = text.rstrip(_QUOTED)
    return text.rstrip() if bare.count('"') % 2 > text.count('"') % 2 else bare


def _without_cells(text: str) -> str:
    """``text`` without the cells of a table behind it: streams, times, pointers and empty ones."""
    while True:
        cut = max(text.rfind("|"), text.rfind("\t"))
        if cut < 0 or not _CELL.fullmatch(text[cut + 1 :].strip()):
            return text.rstrip()
        text = text[:cut]


def _unquoted(text: str, sentence: Sentence, quote: str) -> str | None:
    """The message inside the quotation marks that open in front of it; None where they do not close."""
    closing = CLOSING.get(quote, quote)
    least = head_end(text)
    ends = [i for i, char in enumerate(text) if char in closing and i >= least and text[i - 1 : i] != "\\"]
    if not ends:
        return None
    if has_tail(sentence):
        ends = [i for i in ends[:8] if extent(sentence, text[:i]) >= 0] or ends
    end = ends[0]
    if sentence.opaque and quote in "\"'":
        end = next((i for i in ends[-8:] if _closes(sentence, text, i, quote)), ends[-1])
    inside = text[:end]
    if quote == '"' and '\\"' in inside:
        inside = inside.replace('\\"', '"').replace("\\\\", "\\")
    return inside.rstrip()


def _closes(sentence: Sentence, text: str, end: int, quote: str) -> bool:
    """Whether the quotation mark at ``end`` closes the message, not a string of its value."""
    if Value(sentence, text[:end]).nested:
        return False
    return quote == '"' or (not text[end + 1 : end + 2].isalnum() and text[:end].count(quote) % 2 == 0)


def is_word(text: str) -> bool:
    """Whether ``text`` may be the rest of a path, an id or another value without blanks."""
    return _WORD.fullmatch(text) is not None and _SAYS.search(text) is not None


def _with_head(text: str, line: str) -> str | None:
    """The message with ``line`` behind it if that completes its head."""
    options = (text.rstrip() + gap + line for gap in (" ", ""))
    return next((option for option in options if head_end(option[:_HEAD_ROOM])), None)


def joined(draft: Draft, line: str) -> str | None:
    """The message with ``line`` as its continuation, if that makes a known sentence, or more of the one it is."""
    if not line or draft.size > MOST_JOINED or len(draft.lines[0]) > MOST_JOINED:
        return None
    sentence, text = draft.sentence, draft.text
    reach = extent(sentence, text) if sentence.code else -1
    flat = " ".join(text.split("\n")).rstrip()
    options = [option for gap in (" ", "") if (option := _option(sentence, flat, gap, line, reach)) is not None]
    if options:
        return max(options)[-1]
    if _counts(sentence, text):
        return None
    if is_address(sentence) and is_word(line):
        return flat + (" " if flat.endswith(":") else "") + line
    return flat + " " + line if sentence.code and reach < 0 and not sentence.opaque else None


def _counts(sentence: Sentence, text: str) -> bool:
    """Whether nothing but digits can follow ``text``: the words in front of a status are all there."""
    return sentence.head.endswith("status:") and head_end(text) > 0


def _option(sentence: Sentence, flat: str, gap: str, line: str, reach: int) -> tuple[int, bool, int, bool, str] | None:
    """What the message becomes with ``line`` joined by ``gap``, and how good that is; None if it is no better."""
    ahead, spelled = read(flat + gap + line)
    far = extent(ahead, spelled) if ahead.code else -1
    longer = ahead is not sentence and len(ahead.head) > len(sentence.head)
    if _counts(sentence, flat) and not (far >= 0 and _NUMBER.match(line)):
        return None
    if not longer:
        if ahead is not sentence or not ahead.code or far <= max(reach, len(flat)):
            return None
        if reach >= 0 and (is_open(sentence) or (gap == "" and not is_word(line))):
            return None
    return len(ahead.head), far >= 0, len(_UUID.findall(spelled)), (gap == "") == flat.endswith("*"), spelled

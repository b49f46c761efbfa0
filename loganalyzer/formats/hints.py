"""The last resort: a message whose head was cut off, or words of a failure where there is no message at all.

People start to copy in the midst of a line; they quote from memory, in lower case, or without the words that open every
configuration error.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise

from loganalyzer.formats.clock import STAMP
from loganalyzer.formats.grammar import HEAD, extent, has_tail, head_end, is_unfilled, read
from loganalyzer.formats.opened import Said
from loganalyzer.formats.prefixes import BARE, QUOTES
from loganalyzer.sentences import Sentence
from loganalyzer.vocabulary import CE, SENTENCES, UNKNOWN, UNTOLD

MOST = 20
"""So many hints are kept of a text."""

_SPACE = r"\s+"
_LONGEST = 400
_LEAST_WORDS = 3
_LEAST_LEFT = 14
_LEAST_BEGUN = 2
_LEAST_OF_OTHERS = 6
_LONGEST_WORD = 40
_LINE_MARKS = " \t>#/*+|-"
_MARKS = frozenset(QUOTES)
_ANYBODYS = re.compile(r"(?:unable to (?:transform|parse)|invalid (?:endpoint|json)|could not parse)\b", re.IGNORECASE)
_GOES_ON = re.compile(r"\w|\s+[a-z]|\s*%")
"""How other programs go on: with what they cannot transform, and from where."""

_DENIAL = re.compile(
    r"(?:\bUser:\s{1,8}(?P<user>\S{1,300})\s{1,8})?"
    r"\bis\s{1,8}not\s{1,8}authorized\s{1,8}to\s{1,8}perform:?\s{1,8}execute-api:"
    r"[^\"\\]{0,600}"
    r"|\bUser is not authorized to access this resource(?P<explicit> with an explicit deny| with\b[ a-z]{0,12}\W*$)?"
)
_BLAMED = re.compile(
    r"(?:^\W*(?:\d{1,4}\W)?|[:=])[\s>#*\"'`]*(?P<said>AuthorizerConfigurationException)"
    r"(?=(?:</?\w{1,10}\s?/?>|[\s\"'`*.,;}])*$)"
)
"""The last line of a test of an authorizer, or the type of error in the headers of the answer to a client."""

_OF_OTHERS = ("PKIX", "General SSLEngine", "Host name", "Illegal character", "URI/URL")
"""What other programs say in the same words."""

_RECORD = re.compile(r'" \d{3} |RequestId: [0-9a-f]{8}-')
_OVER = re.compile(rf"[\W_]*(?:$|{STAMP}|\(|{HEAD})")
"""What may stand behind a message that is over: nothing, or the next one."""


def hint_in(line: str) -> Said | None:
    """The failure that ``line`` speaks of, None if it speaks of none; it is never certain."""
    if _RECORD.search(line):
        return None
    found = (_ANY.search(line) if len(line) <= _LONGEST else _quoted_in(line)) if _may_speak(line) else None
    if found is None:
        return _denial_in(line) or _blame_in(line)
    if is_unfilled(line, found.end()):
        return None
    if _ANYBODYS.match(found.group()) and _is_anothers(line, found):
        return None
    sentence = _BY_GROUP[str(found.lastgroup)]
    text = sentence.head.replace(" …", "") + line[found.end() : found.end() + _LONGEST].rstrip(" \t\"'`.,;!?")
    if not sentence.opaque:
        end = extent(sentence, text) if has_tail(sentence) else -1
        text = text[:end] if end >= 0 else sentence.head
    return Said(text, sentence, kind=BARE, form="bare messages", guessed=True)


def _may_speak(line: str) -> bool:
    """Whether all words of some failure are there: looking for them in their order takes a hundred times as long."""
    letters = line.casefold()
    return any(longest in letters and all(word in letters for word in words) for longest, words in _WORDS)


def hint_across(before: str, line: str) -> Said | None:
    """The failure of which ``before`` has the first words and ``line``, which follows it, the others."""
    line = line.lstrip(_LINE_MARKS)
    last, first = before[-_LONGEST_WORD:].split()[-1:], line[:_LONGEST_WORD].split()[:1]
    if last == ["execute-"]:
        return hint_in(before.rstrip() + line)
    if " ".join(last + first).strip(QUOTES + ".,;)").lower() not in _NEIGHBOURS:
        return None
    return hint_in(f"{before.rstrip()} {line}")


def _is_anothers(line: str, found: re.Match[str]) -> bool:
    """Whether another program says what API Gateway says too: in small letters, or with more behind it."""
    if "configuration error" in line.lower():
        return False
    return not found.group()[0].isupper() or _GOES_ON.match(line, found.end()) is not None


def _denial_in(line: str) -> Said | None:
    """The words in which a client is told that it may not call the API."""
    found = _DENIAL.search(line) if "authorized" in line else None
    if found is None:
        return None
    user = found["user"]
    text = (
        "User is not authorized to access this resource with an explicit deny" if found["explicit"] else found.group()
    )
    if user and not user.startswith("arn:"):
        text = text.replace(user, "anonymous" if "nym" in user else f"arn:{user}", 1)
    elif not text.startswith("User"):
        text = f"User: arn:… {text}"
    sentence, text = read(text)
    text = text[: extent(sentence, text)] if extent(sentence, text) >= 0 else text
    return Said(text.rstrip(" *_`'.,;"), sentence, kind=BARE, form="bare messages", guessed=True)


def _blame_in(line: str) -> Said | None:
    """The word that tells no more than that the authorizer failed, where it ends a line."""
    found = _BLAMED.search(line) if "AuthorizerConf" in line else None
    if found is None:
        return None
    return Said(found["said"], read(found["said"])[0], kind=BARE, form="bare messages", guessed=True)


def _quoted_in(line: str) -> re.Match[str] | None:
    """The words of a failure that a paragraph puts in quotation marks."""
    return next((found for found in _ANY.finditer(line) if line[found.start() - 1 : found.start()] in _MARKS), None)


def mended(line: str) -> str | None:
    """A failure whose first words were cut off, with these words; None if ``line`` is none, or says more than that."""
    line = line.lstrip()
    for head, cut in _tails().get(line[:_LEAST_LEFT], ()):
        if line.startswith(head[cut:]) and _says_no_more(head[:cut] + line):
            return head[:cut] + line
    return None


def is_anybodys(line: str) -> bool:
    """Whether a line begins with words that are the cause of a failure here, and common elsewhere."""
    words = line.lstrip()
    return words.startswith(_OF_OTHERS) or _ANYBODYS.match(words) is not None


def _says_no_more(text: str) -> bool:
    """Whether there is nothing on a line but the message at its start: prose begins with the same words."""
    sentence = read(text)[0]
    return sentence.opaque or _OVER.match(text, max(extent(sentence, text), head_end(text))) is not None


def led(text: str) -> str:
    """A message with the words that open every configuration error, where nothing but these is missing."""
    found = _ANY.match(text)
    if found is None or not _BY_GROUP[str(found.lastgroup)].head.startswith(CE) or read(text)[0] is not UNKNOWN:
        return text
    return CE + text


def finished(text: str) -> tuple[Sentence, str] | None:
    """The failure that the first words of one go on to in a spelling of somebody's own, or break off in the midst of.

    None if there is none, or several are possible.
    """
    if len(read(text)[0].head) <= len(UNTOLD) and (hint := hint_in(" ".join(text[:_LONGEST].split()))) is not None:
        return hint.sentence, hint.text
    begun = " ".join(text.split()).rstrip(" .…\"'`“”")
    if len(begun.removeprefix(CE).split()) < (_LEAST_BEGUN if begun.startswith(CE) else _LEAST_OF_OTHERS):
        return None
    possible = [s for s in _BEGINNING_ALIKE if s.head.startswith(begun)]
    alike = all(other.head.startswith(possible[0].head) for other in possible)
    return (possible[0], possible[0].head) if possible and alike else None


@cache
def _tails() -> dict[str, list[tuple[str, int]]]:
    """Heads of failures, the longest first, and where they may be cut, by what is left of them at the least."""
    found: dict[str, list[tuple[str, int]]] = {}
    for sentence in sorted(SENTENCES, key=lambda s: -len(s.head)):
        if sentence.rank in (1, 2) and "…" not in sentence.head and not sentence.echoed:
            for cut in range(1, len(sentence.head) - _LEAST_LEFT + 1):
                found.setdefault(sentence.head[cut : cut + _LEAST_LEFT], []).append((sentence.head, cut))
    return found


def _words(sentence: Sentence) -> str:
    """The words that tell the failure; empty where these are too few, or anybody's."""
    cause = sentence.head.removeprefix(CE)
    telling = "…" not in cause and len(cause.split()) >= _LEAST_WORDS
    return (
        cause
        if sentence.rank in (1, 2) and not sentence.echoed and telling and not cause.startswith(_OF_OTHERS)
        else ""
    )


_BEGINNING_ALIKE = sorted(
    (s for s in SENTENCES if s.rank == 1 and s.head.startswith("Execution failed")), key=lambda s: len(s.head)
)
_TOLD = sorted((s for s in SENTENCES if _words(s)), key=lambda s: -len(_words(s)))
_BY_GROUP = {f"s{s.code}": s for s in _TOLD}
_ANY = re.compile(
    "|".join(rf"(?P<s{s.code}>\b{_SPACE.join(map(re.escape, _words(s).split()))})" for s in _TOLD), re.IGNORECASE
)
_WORDS = [(max(words, key=len), words) for words in (_words(s).lower().split() for s in _TOLD)]
_NEIGHBOURS = {
    " ".join(words)
    for told in [*(_words(s) for s in _TOLD), "is not authorized to perform: execute-api:Invoke"]
    for words in pairwise(told.lower().split())
}
"""Words that stand next to each other where a failure is told."""

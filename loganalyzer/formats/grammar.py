"""Where the sentences of the vocabulary begin and end inside free text.

A document says where an event ends; pasted text does not.  There, a sentence begins at a head of the vocabulary and
ends where its last value ends, which :data:`TAILS` tells.  Text is handled as ``str`` with undecodable bytes kept as
surrogates, so that it can be written back as it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from loganalyzer.formats.spelling import respelled
from loganalyzer.sentences import VALUE, Sentence
from loganalyzer.vocabulary import CE, SENTENCES, UNKNOWN, UNTOLD, match

WORD = r"\s*\S+"
UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
"""A request id as API Gateway makes them."""

ID = rf"\s*(?:{UUID}|\S+)"

_CALL = rf".*?Lambda\s+request\s+id:\s*(?:{UUID}|[\w-]+)"

_REFUSAL = (
    r":?(?:\s*execute-api:[^\s\"'`]+(?:\s+(?:\.\.+|…))?)?(?:\s+on\s+resource:?\s*[^\s\"'`]+)?"
    r"(?:\s+with\s+an\s+explicit\s+deny(?:\s+in\s+an?\s+\S+\s+policy)?"
    r"|\s+because\s+no\s+\S+\s+policy\s+allows\s+the\s+\S+\s+action)?"
)

TAILS: dict[str, str] = {
    "Execution log for request": ID,
    "Extended Request Id:": WORD,
    "Starting authorizer:": r"\s*\S+\s+for\s+request:" + ID,
    "Verifying Usage Plan for request:": r"\s*\S+\s+API\s+Key:.{0,200}?API\s+Stage:\s*\S+",
    "API Key … authorized because": r".{0,900}?(?:quota\s+limits|Usage\s+Plan\s+\w+)",
    "Usage Plan check succeeded": r".{0,300}?API\s+Stage\s+\S+",
    "Starting execution for request:": ID,
    "HTTP Method:": r"\s*[A-Za-z*]+,\s*Resource\s+Path:\s*\S+",
    "API Key:": r"(?:\s*[^\s{}]+)?",
    "API Key ID:": WORD,
    "Request validation succeeded for content type": WORD,
    "Received response.": r"\s*(?:Status:\s*[^\s,]+,\s*)?Integration\s+latency:\s*\S+\s+ms",
    "Method completed with status:": r"\s*\d{3}",
    "Gateway response type:": r"\s*[A-Z0-9_]+(?:\s+with\s+status\s+code:\s*\d{3})?",
    "AWS Integration Endpoint RequestId": r"\s*:" + ID,
    "X-ray Tracing ID": r"\s*:\s*\S+",
    "Unauthorized request:": ID,
    CE + "Invalid JSON in response: Unrecognized field": r".{0,200}?not\s+marked\s+as\s+ignorable",
    CE + "Unable to parse given polic": r"y?",
    "The client is not authorized to perform this operation": r"\.?",
    "API Key … not authorized because": r".{0,900}?:\s*(?:API\s+Key\s+was\s+required\s+but\s+not\s+present"
    r"|No\s+Usage\s+Plan\s+found\s+for\s+key\s+and\s+API\s+Stage|API\s+Stage\s+is\s+not\s+in\s+a\s+Usage\s+Plan)",
    "API Key … exceeded throttle limit": r".{0,600}?Burst:\s*[\d.]*\d",
    "Key throttle limit exceeded for": r".{0,600}?Burst:\s*[\d.]*\d",
    "API Key … exceeded quota limit": r".{0,600}?Period:\s*\w+",
    "Key quota limit exceeded for": r".{0,600}?Period:\s*\w+",
    "Key quota exhausted for": r".{0,600}?Period:\s*\w+",
    "Request body does not match model schema": r"\s+for\s+content\s+type\s+[^\s:]+:\s*\[(?:[^\[\]]|\[[^\[\]]*\])*\]",
    "Missing required request parameters:": r"\s*\[[^\]]*\]",
    CE + "Unable to base64 decode the body": r"\.?",
    CE + "Illegal character in": r"\s+\w+\s+at\s+index\s+\d+:?\s*\S*",
    "Illegal character in": r"\s+\w+\s+at\s+index\s+\d+:?\s*\S*",
    CE + "statusCode should be an integer": r"(?:\s+which\s+defined\s+in\s+request\s+template)?",
    CE + "Unable to parse statusCode": r"\.?[^\"'`]*",
    CE + "API Gateway does not have permission to assume the provided role": r"(?:\s+(?:arn:|[<*\[{.…x])[^\s\"'`]+)?",
    "Execution failed due to a network error": r"(?:\s+communicating\s+with\s+endpoint(?::\s*Connection"
    r"(?:\s+is\s+closed|\s+reset(?:\s+by\s+peer)?|\s+\w+))?)?",
    CE + "Host name … does not match the certificate subject": r"(?:\s+provided\s+by\s+the\s+peer(?:\s*\([^)]*\))?)?",
    CE + "PKIX path building failed": r"(?:.{0,300}?requested\s+target|.*)",
    CE + "PKIX path validation failed": r"(?:.{0,300}?check\s+failed|.*)",
    "Lambda invocation failed with status:": r"\s*\d{3}(?:\.\s*Lambda\s+request\s+id:\s*(?:" + UUID + r"|[\w-]+))?",
    CE + "Rate Exceeded": r"\.?",
    "Lambda execution failed with status": _CALL,
    "Lambda execution failed due to customer function error": _CALL,
    CE + "No match for output mapping": r"(?:\s+and\s+no\s+default\s+output\s+mapping\s+configured"
    r"(?:\.?\s*Endpoint\s+Response\s+Status\s+Code:\s*\d+|\.)?)?",
    CE + "Output mapping refers to an invalid method response": r":\s*\d+",
    "User is not authorized to access this resource": r"(?:\s+with\b(?:\s+an)?(?:\s+explicit)?)?",
    "User: anonymous is not authorized to perform": _REFUSAL,
    "User: arn:… is not authorized to perform": _REFUSAL,
    UNTOLD: r"(?:\s*[^\"`]+)?",
    "Execution failed": r"[^\"`]*",
    "Integration returned status:": r"\s*\d+",
    "Connection API request completed with status:": r"\s*\d+",
    "Connection API request failed:": WORD,
}
"""What follows the head of a sentence that is not over with its head, by head. An opaque sentence is over where its
tail, if it has one here, ends, else where its value does (:mod:`loganalyzer.formats.values`)."""

_OPEN = (UNTOLD, "Execution failed", CE + "PKIX path building failed", CE + "PKIX path validation failed")

TRUNCATED = "[TRUNCATED]"
"""What API Gateway writes where it cuts a value, always the end of the message."""


def encoded(text: str) -> bytes:
    """``text`` as it is written: UTF-8, bytes that were none as they were."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


def _loose(head: str) -> str:
    """A head as an expression, whatever white space stands in it; a value may be a part of a word."""
    if ":… " in head:
        head, _, rest = head.partition("… ")
        return rf"{_loose(head)}\S{{1,300}}\s+{_loose(rest)}"
    parts = (r"\s+".join(re.escape(word) for word in part.split()) for part in head.split("…"))
    return VALUE.decode().join(parts)


_FINDABLE = sorted(SENTENCES[1:], key=lambda s: -len(s.head))
_NESTED = tuple(s.code for s in _FINDABLE if s.head.startswith(("API Key", "Key ")))


def _alternation(heads: list[list[str]]) -> str:
    """Heads, given as their words, as one expression that tries each word once; the longer head goes first."""
    groups: dict[str, list[list[str]]] = {}
    for first, *rest in heads:
        groups.setdefault(first, []).append(rest)
    options = []
    for first, rests in groups.items():
        longer = [rest for rest in rests if rest]
        tail = rf"\s{'*' if first.endswith(':') else '+'}{_alternation(longer)}" if longer else ""
        options.append(_word(first) + (f"(?:{tail})?" if tail and len(longer) < len(rests) else tail))
    return f"(?:{'|'.join(options)})"


def _word(word: str) -> str:
    """A word of a head; one that begins with ``…`` may have others in front of it."""
    return (r"(?:\S{1,300}\s+){0,3}?" if word.startswith("…") else "") + re.escape(word.lstrip("…"))


def _any(sentences: Iterable[Sentence]) -> str:
    """An expression for any head of these sentences."""
    known = list(sentences)
    options = (
        _alternation([s.head.replace("… ", "…").split() for s in known if not s.exact]),
        *(re.escape(s.head) + r"(?=[\s\W]*$)" for s in known if s.exact),
    )
    return f"(?:{'|'.join(options)})"


def _opening(head: str) -> tuple[str, str]:
    first, second, *_ = (*head.partition("…")[0].split(), "", "")
    return first, second


HEAD = _any(s for s in _FINDABLE if not s.echoed)
"""Any head of the vocabulary, whatever white space stands between its words; a head that is all of a message stands at
the end of the line. What a client is told, too, stands in bodies and prose: it counts at the start of an event alone.
"""

_MESSAGE = re.compile(HEAD)
_OPENINGS = sorted({_opening(s.head) for s in _FINDABLE if not s.echoed})
"""Words that begin a head, two of each that has so many before a value: a text without both does not hold it."""

_FIRST_WORD = re.compile("|".join(sorted({re.escape(first) for first, _ in _OPENINGS})))
_ANY_HEAD = re.compile(_any(_FINDABLE))
_TAIL = {
    s.code: re.compile(_loose(s.head) + TAILS.get(s.head, ""), re.DOTALL)
    for s in _FINDABLE
    if not s.opaque or s.head in TAILS
}


_SLIPPED = re.compile(r"\s+".join(CE.rstrip(": ").split()) + r"(?!: )(?:\s*[:\uff1a\u2013\u2014-]\s*|\s+)(?=\w)")
"""The words in front of a configuration error without their colon, as people write them down by hand."""


def read(text: str) -> tuple[Sentence, str]:
    """The sentence that ``text`` is and its text in the spelling that the vocabulary knows."""
    sentence = match(encoded(text))
    if sentence is not UNKNOWN and not is_open(sentence):
        return sentence, text
    if text.startswith("Execution"):
        text = _SLIPPED.sub(CE, respelled(text), count=1)
    head = _ANY_HEAD.match(text)
    if head is None:
        return sentence, text
    spelled = " ".join(re.sub(r":(?=\S)", ": ", head.group()).split()) + text[head.end() :]
    better = match(encoded(spelled))
    return (better, spelled) if len(better.head) > len(sentence.head) else (sentence, text)


def holds_message(text: str, *, start: int = 0) -> bool:
    """Whether a head of :data:`HEAD` stands anywhere in ``text``, from ``start`` on."""
    return _may_hold_message(text, start) and _MESSAGE.search(text, start) is not None


def _may_hold_message(text: str, start: int) -> bool:
    """Whether the first two words of some head are there, which is told much quicker than whether all of it is."""
    if _FIRST_WORD.search(text, start) is None:
        return False
    return any(first in text and second in text for first, second in _OPENINGS)


def head_end(text: str) -> int:
    """Where the head at the start of ``text`` ends; 0 where there is none."""
    head = _ANY_HEAD.match(text)
    return head.end() if head else 0


def extent(sentence: Sentence, text: str) -> int:
    """How far ``sentence`` reaches in ``text``, which begins with it; -1 while it is not complete."""
    tail = _TAIL.get(sentence.code)
    found = tail.match(text) if tail else None
    return found.end() if found else -1


def has_tail(sentence: Sentence) -> bool:
    """Whether :func:`extent` can tell where the sentence ends."""
    return sentence.code in _TAIL


def is_open(sentence: Sentence) -> bool:
    """Whether the sentence takes any words there are for its own, so that its end cannot be told."""
    return sentence.head in _OPEN


def nests(sentence: Sentence) -> bool:
    """Whether the words of this head also occur inside other sentences, as ``API Key`` does."""
    return sentence.code in _NESTED


_REFUSED = "Unauthorized request:"
_REFUSED_ID = re.compile(rf"{UUID}|(?i:request)\W?_?(?i:id)\b|[\w+/-]{{8,30}}=|(?=.*[\d*.…x<$#\[{{-])[^,/_]+$|[^\w/]")
_AUTHORIZING = "Starting authorizer:"
_AUTHORIZER = re.compile(r".*?for\s*request.*|(?:<[^>]*>|[^\s()\[\]=,]+)(?:\s+f(?:o(?:r\b.*)?)?)?\W*", re.DOTALL)
_LONGEST_ID = 200
_ONES_OWN = {
    "Starting execution for request:": re.compile(r"\s*(?![xX]+\b)[A-Za-z0-9]{1,7}\s+[a-z]{2}"),
    "Successfully completed execution": re.compile(r"\s+(?:of|for|in|on|with)\s"),
}
"""How other programs go on where API Gateway's sentence is over, or has an id."""

_LEAD = r"(?:\s{1,9}\d{3}\s+due\s+to\s+customer\s+function\s+error|\s{1,9}code)?\s{0,9}:?\s{0,9}"
"""What may stand between the head of a failure and the value that the log has there; no more blanks than people leave:
of thousands in a row every part would be tried."""

_BLANK = re.compile(
    _LEAD + r"(?:%(?:\(\w+\))?[sdvrq]\b|\$?\{\}|\$?\{[A-Za-z_][\w.]*(?:[(\[!:?][^{}]{0,80})?\})",
    re.ASCII,
)
"""What a program has in the place of a value that it fills in when it prints the words."""

_EXPRESSION = re.compile(
    _LEAD + r"(?:[{(\[]{0,2}(?:\?<?[:=!]|\\{1,2}[dwSs][*+{)]|\[(?:\^|\w-\w)[^\]\s]{0,28}\][*+{])"
    r"|(?:[{(\[]|(?<=:)\s{0,9})\.(?:[*+]|\{\d)|[\"'`]\s{0,9}\+\s{0,9}[A-Za-z_(])",
    re.ASCII,
)
"""What stands in the place of a value in an expression that looks for the words, or in a text that is put together."""


def is_unfilled(text: str, at: int) -> bool:
    """Whether words that end at ``at`` are those of a program's source: a blank stands where the log has a value."""
    return _BLANK.match(text, at) is not None or _EXPRESSION.match(text, at) is not None


def is_ones_own(sentence: Sentence, text: str) -> bool:
    """Whether a program of one's own says these words: of what failed, or where API Gateway names the request."""
    over = head_end(text)
    if is_unfilled(text, over) if sentence.rank else _EXPRESSION.match(text, over):
        return True
    others = _ONES_OWN.get(sentence.head)
    if others is not None and others.match(text, over):
        return True
    if sentence.head not in (_REFUSED, _AUTHORIZING):
        return False
    value = text[:_LONGEST_ID].partition(":")[2].strip()
    if sentence.head == _AUTHORIZING:
        return bool(value) and _AUTHORIZER.fullmatch(value) is None
    words = value.split(maxsplit=1)
    return bool(words) and _REFUSED_ID.match(words[0]) is None


@lru_cache(maxsize=256)
def telling(sentence: Sentence) -> bool:
    """Whether the head is long enough to be recognised in the midst of prose."""
    return sentence is not UNKNOWN and len(sentence.head.split()) >= 3

"""What people add to a line as they quote it: emphasis inside it, a blank in front of a colon, the braces of Jira."""

from __future__ import annotations

import re

from loganalyzer.formats.grammar import UUID, head_end
from loganalyzer.vocabulary import SENTENCES, UNTOLD

_EMPHASISED = re.compile(
    r"(?<![\w*`])(?:(?P<mark>\*{1,3}|`{1,3}|__?)|<(?P<tag>b|strong|em|i|code)>)(?P<head>[A-Z][\w. ]{3,90}:?)"
    r"(?(mark)(?P=mark)|</(?P=tag)>)(?P<colon>\s?:(?=\s+[\d{\[(<\"*`]))?(?=\s)",
    re.ASCII,
)
_EMPHASISED_VALUE = re.compile(
    r"((?i:status|code|latency|request):?)(?:\*{1,3}|`)?\s+(?:\*{1,3}|`|__?)?"
    rf"(\d+(?:\sms)?|{UUID})(?:\*{{1,3}}|`|__?)(?!\w)"
)
_APART = re.compile(r" :(?<=[a-z] :)(?=\s)")
_BEFORE_COLON = re.compile(
    rf"\b(?:{'|'.join(re.escape(s.head[:-1]) for s in SENTENCES if s.head.endswith(':'))}"
    rf"|{UNTOLD}|for request|[Ll]atency|Resource Path|API Key|API Stage)$"
)
_LONGEST_HEAD = 120
_JIRA = re.compile(r"\A\s*\{(?:noformat|code|quote)(?:[:|][^{}]{0,80})?\}|(?<!/)(?<!: )\{(?:noformat|code|quote)\}\s*$")
_JIRA_LINE = re.compile(r"\s*\{\{(.*)\}\}\s*")


def unmarked(line: str) -> str:
    """``line`` as it was before it was quoted; emphasis that stands around the whole of it stays where it is."""
    if "*" in line or "`" in line or ":_" in line or "_:" in line or "</" in line:
        line = _EMPHASISED_VALUE.sub(r"\1 \2", _EMPHASISED.sub(_even, line))
    if " :" in line:
        line = _APART.sub(_close_up, line)
    if "{noformat" in line or "{code" in line or "{quote" in line:
        line = _JIRA.sub("", line)
    elif line.startswith("{{") and (whole := _JIRA_LINE.fullmatch(line)) is not None:
        line = whole[1]
    return line


def _even(found: re.Match[str]) -> str:
    """The head of a message without the emphasis that ends with it, which parts it from its value."""
    head = found["head"] + (found["colon"] or "").strip()
    return head if head.endswith(":") and head_end(head) else found.group()


def _close_up(found: re.Match[str]) -> str:
    """A colon next to the words it ends, where people wrote a blank between them."""
    before = found.string[max(0, found.start() - _LONGEST_HEAD) : found.start()]
    return ":" if _BEFORE_COLON.search(before) else found.group()

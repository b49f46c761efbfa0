"""The query that counts requests by what their lines say, made from the vocabulary and the catalogue.

One query, one scan: a request's lines are brought together by its id, then requests by what they have said. Used are
``filter``, ``parse``, ``fields``, two ``stats``, ``sort`` and ``limit`` of the query language alone:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from loganalyzer import vocabulary as words
from loganalyzer.classifier.conditions import Condition
from loganalyzer.classifier.rules import Entry
from loganalyzer.parser.reader import TRUNCATED
from loganalyzer.sentences import Fact, Sentence

LONGEST = 10_000
"""Characters that a query may have (https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html)."""

MOST_KINDS = 10_000
"""So many rows are asked for: distinct kinds of requests, the most frequent ones."""

MILESTONES = (
    "Starting authorizer:", "Incoming identity:", "Authorizer result body before parsing:",
    "Using valid authorizer policy for principal:", "Successfully completed authorizer execution",
    "Verifying Usage Plan for request:", "Starting execution for request:", "Endpoint request URI:",
    "Endpoint request headers:", "Sending request to", "AWS Integration Endpoint RequestId", "Received response.",
    "Endpoint response headers:",
    "Endpoint response body before transformations:", "Method response headers:", "Successfully completed execution",
)  # fmt: skip
"""Sentences that tell how far a request got, and under which logging level."""

_ROUTE = r"API Key \S* ?(?:not )?authorized because (?:method|route) '(?<route>[^']+)'"
_STATUS = r"(?:Method|Connection API request) completed with status: (?<status>\d{3})"
_GATEWAY = r"Gateway response type: (?<gateway>[A-Z0-9_]+)"
_ID = r"^\((?<id>[^)]+)\) "


@dataclass(frozen=True, slots=True)
class Seen:
    """A fact that is asked for: in which ``sentence``, by which name in the query (``field``)."""

    field: str
    sentence: Sentence
    fact: Fact


@dataclass(frozen=True, slots=True)
class CountQuery:
    """The query's ``text``, and what its columns mean: fragments of failing sentences, steps and facts by column."""

    text: str
    fragments: Mapping[str, Sentence]
    steps: Mapping[str, Sentence]
    facts: tuple[Seen, ...]


def count_query(entries: Mapping[str, Entry]) -> CountQuery:
    """The query for a catalogue."""
    conditions = [condition for entry in entries.values() for condition in entry.when]
    fragments, openings = _failing()
    steps = {f"s{sentence.code}": sentence for sentence in _steps(conditions)}
    facts = tuple(_facts(conditions))
    said = f"{_opened(openings)}(?<said>{'|'.join(map(_pattern, fragments))})"
    parsed = [_ID, *(f"^\\([^)]+\\) {part}" for part in (said, _STATUS, _GATEWAY, _ROUTE, *map(_fact, facts)))]
    flags = [
        f'max(strcontains(@message, ") {sentence.prefix.decode()}")) as {name}' for name, sentence in steps.items()
    ]
    told = ["min(said) as first_said", "max(said) as last_said", "max(status) as outcome", "max(gateway) as kind",
            "max(route) as path"]  # fmt: skip
    told += [f"max({seen.field}) as has_{seen.field}" for seen in facts]
    times = "min(@timestamp) as began, max(@timestamp) as ended"
    names = [part.rpartition(" as ")[2] for part in (*told, *flags)]
    stages = [
        *(f"parse @message /{pattern}/" for pattern in parsed),
        "filter ispresent(id)",
        f"stats {', '.join((*told, *flags, times))} by id",
        "stats count(*) as requests, min(id) as example, min(began) as earliest, max(ended) as latest "
        f"by {', '.join(names)}",
        "sort requests desc",
        f"limit {MOST_KINDS}",
    ]
    return CountQuery("\n| ".join(stages), fragments, steps, facts)


def _failing() -> tuple[dict[str, Sentence], tuple[str, ...]]:
    """The words by which each sentence of a failure is told, the longest first, and what stands before a value."""
    fragments: dict[str, Sentence] = {}
    openings: dict[str, None] = {}
    for sentence in words.SENTENCES:
        if (sentence.rank or sentence.step == "failure") and not sentence.exact:
            opening, value, rest = sentence.head.partition("…")
            if value:
                openings[opening] = None
            fragments[(rest if value else opening).strip()] = sentence
    ordered = sorted(fragments.items(), key=lambda item: -len(item[0]))
    return dict(ordered), tuple(openings)


def _opened(openings: tuple[str, ...]) -> str:
    r"""What may stand before the words: an opening with its value, such as ``API Key \S*``."""
    return f"(?:(?:{'|'.join(_pattern(opening) for opening in openings)})\\S* ?)?"


def _steps(conditions: list[Condition]) -> Iterator[Sentence]:
    """The milestones, and whatever else the conditions name that is no failure."""
    named = [condition.said_any | condition.not_said | sum(condition.said) for condition in conditions]
    for sentence in words.SENTENCES[1:]:
        asked = any(mask >> sentence.code & 1 for mask in named)
        known = sentence.rank or sentence.step in ("failure", "outcome") or "…" in sentence.head or sentence.exact
        if sentence.head in MILESTONES or (asked and not known):
            yield sentence


def _facts(conditions: list[Condition]) -> Iterator[Seen]:
    """The facts of single lines that the conditions name, and those that others follow from."""
    wanted = 0
    for condition in conditions:
        wanted |= condition.facts | condition.fact_any | condition.not_facts
    for sentence in words.SENTENCES:
        cut = tuple(Fact(name, (TRUNCATED,)) for name in sentence.cut_facts if name == "cut_answer")
        for fact in (*sentence.facts, *cut):
            if words.FACT_BIT[fact.name] & wanted and not fact.late and not fact.absent:
                yield Seen(f"{fact.name}_{sentence.code}", sentence, fact)


def _fact(seen: Seen) -> str:
    """The line of a sentence in which a fact's words stand, which may begin with the last words of the sentence."""
    needles = seen.fact.plain or seen.fact.needles
    head = seen.sentence.prefix
    shared = max(n for needle in needles for n in range(len(needle) + 1) if head.endswith(needle[:n]))
    found = "|".join(_pattern(needle.decode()) for needle in needles)
    return f"{_pattern(head[: len(head) - shared].decode())}.*?(?<{seen.field}>{found})"


def _pattern(text: str) -> str:
    """A text as part of an expression between slashes."""
    return re.sub(r"([\\^$.|?*+()\[\]{}/])", r"\\\1", text)

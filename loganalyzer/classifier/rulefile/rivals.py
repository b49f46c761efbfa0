"""Which entries are stronger than a rule where both hold, so that the rule would not be found."""

from __future__ import annotations

from collections.abc import Mapping

from loganalyzer import vocabulary as words
from loganalyzer.classifier.classify import Classifier
from loganalyzer.classifier.conditions import NO_STATUS, Case, Condition, union
from loganalyzer.classifier.entries import Entry


def stronger_than(category: str, entries: Mapping[str, Entry]) -> list[str]:
    """The categories that are found in place of this one, for requests that have just what its conditions ask for.

    Conditions with patterns are left out: they give way to none without.
    """
    classifier = Classifier(entries)
    cases = [_simplest(condition) for condition in entries[category].when if not condition.text]
    found = dict.fromkeys(classifier.diagnose(case).category for case in cases)
    return [name for name in found if name != category]


def _simplest(condition: Condition) -> Case:
    """A request that has what the condition asks for, and nothing else."""
    said = union(_lowest(mask) for mask in (*condition.said, condition.said_any))
    ranked = [sentence for sentence in words.SENTENCES if said >> sentence.code & 1 and sentence.rank]
    decisive = min(ranked, key=lambda sentence: sentence.rank).code if ranked else 0
    undecided = 0 if decisive else words.FACT_BIT["undecided"] & ~condition.not_facts
    return Case(
        said=said,
        facts=condition.facts | _lowest(condition.fact_any) | undecided,
        status=_status(condition),
        gateway=min(condition.gateway, default=""),
        decisive=decisive,
    )


def _lowest(mask: int) -> int:
    return mask & -mask


def _status(condition: Condition) -> int | None:
    told = sorted(str(status).replace("xx", "00") for status in condition.status)
    return None if not told or NO_STATUS in told else int(told[0])

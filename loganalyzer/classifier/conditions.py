"""What rules get to see of a request, and the conditions they put on it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

STATUS_CLASSES = ("2xx", "3xx", "4xx", "5xx")
NO_STATUS = "none"


@dataclass(frozen=True, slots=True)
class Case:
    """What rules get to see of a request: sentences and facts as bit sets, the logged status, the gateway type.

    ``decisive`` is the code of the sentence that decides over the failure, 0 for none; ``fits`` are those of the
    catalogue's patterns that the message of that sentence fits.
    """

    said: int
    facts: int
    status: int | None
    gateway: str
    decisive: int
    fits: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Condition:
    """One ``when``: every part must hold; an empty one always holds. Masks are bit sets of sentence codes and facts.

    ``text`` are patterns (see :mod:`loganalyzer.classifier.patterns`), all of which the decisive message must fit.
    """

    said: tuple[int, ...] = ()
    said_any: int = 0
    not_said: int = 0
    facts: int = 0
    fact_any: int = 0
    not_facts: int = 0
    status: frozenset[str | int] = frozenset()
    gateway: frozenset[str] = frozenset()
    text: frozenset[str] = frozenset()
    terms: int = 0

    def holds(self, case: Case) -> bool:
        """Whether the condition is true of a request."""
        return self.holds_apart_from_text(case) and self.text <= case.fits

    def holds_apart_from_text(self, case: Case) -> bool:
        """Whether the condition is true of a request whose decisive message fits every pattern."""
        if case.facts & self.facts != self.facts or case.facts & self.not_facts or case.said & self.not_said:
            return False
        for mask in self.said:
            if not case.said & mask:
                return False
        return (
            (not self.said_any or bool(case.said & self.said_any))
            and (not self.fact_any or bool(case.facts & self.fact_any))
            and (not self.status or not self.status.isdisjoint(_status_words(case.status)))
            and (not self.gateway or case.gateway in self.gateway)
        )

    def names(self, code: int) -> bool:
        """Whether the condition asks for the sentence of this code."""
        return bool((1 << code) & (self.said_any | union(self.said)))


def union(masks: Iterable[int]) -> int:
    """The bit set of everything that is in one of the masks."""
    whole = 0
    for mask in masks:
        whole |= mask
    return whole


def _status_words(status: int | None) -> tuple[str | int, ...]:
    return (NO_STATUS,) if status is None else (status, f"{status // 100}xx")

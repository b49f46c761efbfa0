"""The entries of the catalogue as records: one a category."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from loganalyzer.classifier.conditions import Condition
from loganalyzer.scales import Confidence, Stage

REACHED = "REACHED"
"""In place of a stage: the furthest stage that the lines prove to be reached."""

LAMBDA_ERROR = ("yes", "no", "-", "n.a.", "?")
CERTAINTY = ("seen", "documented", "inferred")

OWN = "X_"
"""What the ids of the user's own categories begin with."""

LEFT_OVER = ("UNCLASSIFIED", "INCOMPLETE")
"""The categories of requests for which no entry holds: they have no conditions."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """A category that the lines do not rule out while ``when`` holds."""

    category: str
    when: Condition


@dataclass(frozen=True, slots=True)
class Lowering:
    """A reason for less confidence, in words for the user, while ``when`` holds."""

    to: Confidence
    when: Condition
    why: str


@dataclass(frozen=True, slots=True)
class Certainty:
    """How the wording in the log and the client's answer are known: ``seen | documented | inferred``."""

    log: str
    client: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One category: what happened, why, what to do, and when it applies.

    ``stage`` is None where it depends on how far the request got; ``client_status`` and the two after it are AWS's
    defaults, never evidence; ``logged`` is False for what does not reach the execution log as a rule; ``advice`` says
    what helps to investigate it and what misleads, a sentence each. Entries are data alone and can be pickled, the
    user's own ones too.
    """

    id: str
    title: str
    stage: Stage | None
    cause: str
    fix: str
    link: str
    lambda_error: str
    certainty: Certainty
    when: tuple[Condition, ...] = ()
    client_status: int | None = None
    client_error_type: str = ""
    client_body: str = ""
    alternatives: tuple[Alternative, ...] = ()
    lower: tuple[Lowering, ...] = ()
    beats: frozenset[str] = frozenset()
    logged: bool = True
    advice: tuple[str, ...] = ()
    seen_as: tuple[str, ...] = ()

    @property
    def conditions(self) -> Iterator[Condition]:
        """Every condition in the entry: its own, and those of its alternatives and lowerings."""
        yield from self.when
        yield from (other.when for other in self.alternatives)
        yield from (lowering.when for lowering in self.lower)

"""What a diagnosis says of every request that it is made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from loganalyzer.classifier.entries import OWN
from loganalyzer.classifier.rules import Entry
from loganalyzer.model import Diagnosis
from loganalyzer.scales import Stage


class Told(NamedTuple):
    """The columns of a request that are the same in all of one diagnosis, and whether it blames the authorizer.

    ``own`` says that a rule of the user's own made it, which does not tell about the authorizer.
    """

    outcome: str
    category: str
    stopped_at: str
    confidence: str
    alternatives: tuple[str, ...]
    reasons: tuple[str, ...]
    client_status: int | None
    authorizer_failed: bool
    own: bool


def told(diagnosis: Diagnosis, entries: Mapping[str, Entry]) -> Told:
    """What a diagnosis by these entries tells."""
    own = diagnosis.category.startswith(OWN)
    return Told(
        outcome=diagnosis.outcome,
        category=diagnosis.category,
        stopped_at=diagnosis.stopped_at.name,
        confidence=str(diagnosis.confidence),
        alternatives=diagnosis.alternatives,
        reasons=diagnosis.reasons,
        client_status=entries[diagnosis.category].client_status if diagnosis.category else None,
        authorizer_failed=diagnosis.stopped_at == Stage.AUTHORIZATION
        if own
        else diagnosis.category.startswith("AUTHORIZER_"),
        own=own,
    )

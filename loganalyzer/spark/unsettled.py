"""What rows alone do not settle: which requests must be looked at again, and what the log around them tells."""

from __future__ import annotations

import numpy as np

from loganalyzer.classifier import evidence
from loganalyzer.classifier.explainers.cached import READS
from loganalyzer.parser.columns import EARLY, LATE, Ints, Rows
from loganalyzer.spark.records import FOR_POLICY, NEEDED, Note


def wanted_of(rows: Rows, *, policies: bool = False) -> Ints:
    """Why each row can be judged only with all lines of its request at hand, 0 where it can be without.

    With ``policies`` that is also so for requests that may share a policy with another one.
    """
    if not len(rows):
        return np.zeros(0, np.int64)
    shares = evidence.Said(rows).any(READS) if policies else np.zeros(len(rows), bool)
    return np.where(shared(rows) | evidence.needs_phase(rows), NEEDED, shares * FOR_POLICY)


def shared(rows: Rows) -> evidence.Flags:
    """Which rows stand for several requests."""
    return np.asarray(rows["shared"] != 0)


def note_of(rows: Rows, wanted: Ints) -> Note:
    """What rows tell of the whole log; those that must be split first are asked later."""
    if not len(rows):
        return Note()
    several = shared(rows)
    note = window_note(rows[~several])
    known = rows["last"][several]
    note.merge(Note(last=int(known.max())) if len(known) and known.max() > 0 else Note())
    note.requests, note.shared = len(rows), int(several.sum())
    note.wanted, note.policies = int((wanted == NEEDED).sum()), int((wanted == FOR_POLICY).sum())
    return note


def window_note(rows: Rows) -> Note:
    """The window of some rows as a note."""
    if not len(rows):
        return Note()
    window = evidence.window(rows)
    executed = bool(evidence.Said(rows).any(["Starting execution for request:"]).any())
    first, last = rows["first"][rows["first"] != LATE], rows["last"][rows["last"] != EARLY]
    return Note(
        first=int(first.min()) if len(first) else None,
        last=int(last.max()) if len(last) else None,
        executed=executed,
        untraced=executed and not window.traced,
    )

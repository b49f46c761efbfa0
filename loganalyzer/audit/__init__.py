"""The settings of an API that explain its failures or hide them: gathered read-only, judged offline.

:func:`gather` asks AWS, :func:`load` reads what was saved, :func:`examine` judges either and needs no account.
"""

from loganalyzer.audit.examine import Audit, examine
from loganalyzer.audit.finding import Effect, Finding, Severity, Unseen
from loganalyzer.audit.gather import gather
from loganalyzer.audit.saved import load
from loganalyzer.audit.snapshot import Snapshot

__all__ = ["Audit", "Effect", "Finding", "Severity", "Snapshot", "Unseen", "examine", "gather", "load"]

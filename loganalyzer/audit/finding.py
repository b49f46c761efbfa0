"""What an audit says: findings, and what could not be looked at."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from loganalyzer.audit.settings import Settings


class Severity(enum.IntEnum):
    """How much a finding matters: NOTE to know when reading, WARNING may fail or hide, ERROR does fail or hide."""

    NOTE = 0
    WARNING = 1
    ERROR = 2

    def __str__(self) -> str:
        return self.name.lower()


class Effect(enum.Enum):
    """What a setting does: makes requests fail, hides how they failed, or endangers something else."""

    CAUSES = "causes"
    HIDES = "hides"
    RISKS = "risks"


@dataclass(frozen=True, slots=True)
class Finding:
    """One setting that explains failures or hides them.

    ``categories`` are ids of the catalogue, none where all are concerned; ``command`` is an AWS CLI command and
    ``template`` a CloudFormation or SAM snippet, either of which mends it. ``stage`` is empty where every stage is
    concerned, ``routes`` (``GET /orders``) where every route is.
    """

    severity: Severity
    effect: Effect
    where: str
    what: str
    why: str
    link: str
    categories: tuple[str, ...] = ()
    command: str = ""
    template: str = ""
    stage: str = ""
    routes: tuple[str, ...] = ()
    check: str = ""

    def concerns(self, route: str) -> bool:
        """Whether the finding is about a route (``GET /orders``; empty where the log does not tell)."""
        if not self.routes or not route:
            return True
        verb, _, path = route.partition(" ")
        return any(
            route == mine or mine in (f"ANY {path}", path) or (not path and mine == verb) for mine in self.routes
        )


@dataclass(frozen=True, slots=True)
class Unseen:
    """A call without whose answer a check could not be made in part or at all, the permission it needs, and why."""

    check: str
    call: str
    permission: str
    of: str
    reason: str


Finds: TypeAlias = Callable[[Settings], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Check:
    """One question that is put to the settings.

    ``needs`` are the calls whose answers it reads; ``about`` gives the functions and roles (as they are asked for) that
    it looks at, None where it looks at all.
    """

    id: str
    title: str
    needs: tuple[str, ...]
    find: Finds
    about: Callable[[Settings], frozenset[str]] | None = None


def check(
    id: str,  # noqa: A002
    title: str,
    *,
    needs: Iterable[str],
    about: Callable[[Settings], frozenset[str]] | None = None,
) -> Callable[[Finds], Check]:
    """Make a function from settings to findings a check."""

    def made(find: Finds) -> Check:
        return Check(id, title, tuple(needs), find, about)

    return made

"""What a scenario is: the words in which the table of scenarios is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from loganalyzer.scales import Stage

MILESTONES = (
    "received",
    "authorizer_started",
    "identified",
    "authorizer_called",
    "authorizer_answered",
    "authorized",
    "plan_checked",
    "plan_passed",
    "started",
    "read",
    "validated",
    "endpoint_prepared",
    "called",
    "answered",
    "mapped",
    "responded",
    "completed",
)
"""The stations of a request in order; a scenario names the last one that it gets to."""

LAMBDA = ("lambda_proxy", "lambda")
HTTP = ("http_proxy", "http", "vpc")
ANY = (*LAMBDA, *HTTP, "aws", "mock")
CALLED = (*LAMBDA, *HTTP, "aws")


@dataclass(frozen=True, slots=True, eq=False)
class Scenario:
    """One way a request can go.

    ``weight`` is how often it happens among failures (among successes for the empty category). The request gets to
    milestone ``after``, then says ``says``, then closes: with ``Method completed`` (``status``), with ``Gateway
    response type`` (``gateway:<TYPE>``), with the correlation lines alone (``none``) or with nothing (``cut``).
    ``on`` are the kinds of integration and ``needs`` the traits of the routes it can happen to; ``authorizer`` and
    ``answer`` name what authorizer and endpoint return; ``values`` offers texts for ``says`` and bodies; ``wait`` is
    the time in ms that the last call takes. ``stage`` None stands for the furthest that the lines show.
    ``seen``, ``seen_info`` and ``seen_error`` are the categories that the visible lines allow at each level; empty
    means those of the level before, and the category itself at first.
    """

    category: str
    weight: int
    after: str
    stage: Stage | None = Stage.COMPLETED
    says: tuple[str, ...] = ()
    status: tuple[int, ...] = (500,)
    closing: str = "status"
    on: tuple[str, ...] = ANY
    needs: tuple[str, ...] = ()
    authorizer: str = "allow"
    answer: str = ""
    wait: tuple[int, int] = (0, 0)
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    plan: str = "ok"
    seen: tuple[str, ...] = ()
    seen_info: tuple[str, ...] = ()
    seen_error: tuple[str, ...] = ()

    def shown(self, level: str) -> tuple[str, ...]:
        """The categories that the lines printed at ``level`` allow, empty string for a success."""
        seen = self.seen or (self.category,)
        info = self.seen_info or seen
        return {"trace": seen, "info": info, "error": self.seen_error or info}[level]

    @property
    def answered_by_backend(self) -> bool:
        """Whether API Gateway did its part to the end, so that the ERROR level has nothing to print."""
        return self.after == "completed"

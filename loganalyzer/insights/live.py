"""From names to counts in one call: what a notebook uses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from loganalyzer.classifier.rules import Rules
from loganalyzer.fetcher.choose import choose
from loganalyzer.fetcher.live import Moment, moments
from loganalyzer.fetcher.plan import consent
from loganalyzer.fetcher.session import client
from loganalyzer.insights.count import count
from loganalyzer.insights.records import Counts

if TYPE_CHECKING:
    from botocore.client import BaseClient


def count_requests(
    *targets: str,
    api: Sequence[str] | str = (),
    stage: Sequence[str] | str = (),
    log_group: Sequence[str] | str = (),
    since: Moment = "1h",
    until: Moment | None = None,
    max_cost: float | None = None,
    rules: Rules = (),
    examples: int = 10,
    profile: str | None = None,
    region: str | None = None,
) -> Counts:
    """Count the requests of live APIs inside Logs Insights: by category, stage and route, without fetching their lines.

    ``targets`` are URLs of APIs or ARNs; ``api``, ``stage``, ``log_group``, ``since`` and ``until`` are those of
    :func:`loganalyzer.fetch`. AWS bills what is scanned, so nothing is asked without a ``max_cost`` in dollars; the
    error then says what it would cost. Of so many categories an example (``examples``) is fetched whole. Raises
    :class:`~loganalyzer.errors.UsageError` for arguments that make no sense or a price that is not allowed, and
    :class:`~loganalyzer.errors.AwsError` for what AWS refuses.
    """
    begin, end = moments(since, until)
    names = [(one,) if isinstance(one, str) else tuple(one) for one in (api, stage, log_group)]
    chosen = choose(apis=names[0], stages=names[1], log_groups=names[2], places=targets, profile=profile, region=region)

    def source(of: str) -> BaseClient:
        return client("logs", profile=profile, region=of, attempts=1)

    return count(
        chosen.groups,
        since=int(begin.timestamp() * 1000),
        until=int(end.timestamp() * 1000),
        clients=source,
        agree=lambda plan: consent(plan, max_cost=max_cost),
        rules=rules,
        examples=examples,
    )

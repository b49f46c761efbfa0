"""From what a person names - APIs, stages, groups, URLs, ARNs - to log groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from loganalyzer.errors import UsageError
from loganalyzer.fetcher.group import LogGroup, read_name
from loganalyzer.fetcher.session import ask, client


@dataclass(frozen=True, slots=True)
class Chosen:
    """The log groups that were meant, and sentences about them that the person should see."""

    groups: tuple[LogGroup, ...]
    notes: tuple[str, ...] = ()


def choose(
    *,
    apis: Sequence[str] = (),
    stages: Sequence[str] = (),
    log_groups: Sequence[str] = (),
    places: Sequence[str] = (),
    profile: str | None = None,
    region: str | None = None,
) -> Chosen:
    """The groups of ``apis`` (ids or names; only ``stages`` if any), ``log_groups`` (names, ARNs) and ``places``
    (URLs, ARNs)."""
    logs = client("logs", profile=profile, region=region, attempts=6)
    prefixes = [
        *(f"API-Gateway-Execution-Logs_{api}/{stage}" for api in apis for stage in (stages or ("",))),
        *log_groups,
    ]
    found: dict[str, LogGroup] = {}
    for prefix in prefixes:
        for raw in ask(logs, "describe_log_groups", {"logGroupNamePrefix": prefix})["logGroups"]:
            kind, api_id, api_stage = read_name(raw["logGroupName"])
            arn = raw["arn"].removesuffix(":*")
            found[arn] = LogGroup(
                raw["logGroupName"], logs.meta.region_name, arn.split(":")[4], arn, api_id, api_stage, kind
            )
    if not found:
        raise UsageError(f"there is no such log group: {', '.join(prefixes)}")
    return Chosen(tuple(found.values()))

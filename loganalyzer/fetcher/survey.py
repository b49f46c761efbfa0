"""Everything in one region of an account that holds execution logs or could: what ``loganalyzer groups`` shows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from loganalyzer.fetcher.account import Account, expected_group, with_stage
from loganalyzer.fetcher.deliveries import Delivery
from loganalyzer.fetcher.gateway import HTTP, OFF, Api, ApiStage
from loganalyzer.fetcher.group import DELIVERY, REST, REST_PREFIX, WEBSOCKET, WEBSOCKET_PREFIX, LogGroup
from loganalyzer.fetcher.refusals import AwsRefused

_API_ID = re.compile(r"[a-z0-9]{10}")
"""What an API id looks like, where nobody may be asked whether it is one."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What there is: groups with what is known of their stages, stages without a group too, deliveries.

    ``apis`` is None where APIs may not be listed, ``deliveries`` where these may not; ``writes_logs`` tells whether API
    Gateway has a role to write logs with. ``listed`` is False where groups may not be listed, and those shown are the
    ones that the stages should log to. ``missing`` is what was not permitted, each action once.
    """

    region: str
    account: str
    groups: tuple[LogGroup, ...]
    stages: tuple[ApiStage, ...]
    apis: Mapping[str, Api] | None
    deliveries: tuple[Delivery, ...] | None
    writes_logs: bool | None
    listed: bool = True
    missing: tuple[AwsRefused, ...] = ()


def survey(account: Account) -> Survey:
    """Look at everything in the region; raises :class:`AwsRefused` if nothing at all may be seen."""
    groups = _listed(account)
    apis = account.apis()
    if groups is None and apis is None:
        raise next(iter(account.missing.values()))
    stages = account.stages_of(api for api in apis.values() if api.kind != HTTP) if apis else _guessed(account, groups)
    delivered = account.deliveries()
    by_stage = {(stage.api_id, stage.api_stage): stage for stage in stages}
    own = [g for g in groups if _is_execution_log(g, apis)] if groups is not None else _expected(account, stages)
    found = [
        with_stage(group, by_stage.get((group.api_id, group.api_stage)), name=_name_of(group, apis))
        for group in own + _delivered(account, delivered or [])
    ]
    return Survey(
        region=account.region,
        account=next((group.account for group in found if group.account), ""),
        groups=tuple(sorted(found, key=_by_name)),
        stages=tuple(stages),
        apis=apis,
        deliveries=None if delivered is None else tuple(delivered),
        writes_logs=account.writes_logs() if apis else None,
        listed=groups is not None,
        missing=tuple(account.missing.values()),
    )


def _by_name(group: LogGroup) -> tuple[bool, str, str, str, str]:
    return not group.api_name, group.api_name.lower(), group.api_id, group.api_stage, group.name


def _listed(account: Account) -> list[LogGroup] | None:
    """The groups whose names are those of execution logs."""
    rest = account.groups(REST_PREFIX)
    if rest is None:
        return None
    return [group for group in rest + (account.groups(WEBSOCKET_PREFIX) or []) if group.api_id]


def _guessed(account: Account, groups: Sequence[LogGroup] | None) -> list[ApiStage]:
    """The stages of the APIs that the groups are named after; a policy may show an API that it does not list."""
    found: list[ApiStage] = []
    for api_id, kind in dict.fromkeys((group.api_id, group.kind) for group in groups or ()):
        stages = account.stages(api_id, kind=kind)
        if stages is None:
            break
        found += stages
    return found


def _expected(account: Account, stages: Iterable[ApiStage]) -> list[LogGroup]:
    """The groups that should be there."""
    return [expected_group(stage, region=account.region) for stage in stages if stage.level != OFF]


def _name_of(group: LogGroup, apis: Mapping[str, Api] | None) -> str:
    api = (apis or {}).get(group.api_id)
    return api.name if api else ""


def _is_execution_log(group: LogGroup, apis: Mapping[str, Api] | None) -> bool:
    """Whether a group of that name is one of API Gateway's own: people name groups of access logs like WebSocket ones.

    A group outlives its API, so one of an API that is gone is kept if it is named by something like an id.
    """
    if group.kind == REST:
        return True
    if apis is not None and group.api_id in apis:
        return apis[group.api_id].kind == WEBSOCKET
    return _API_ID.fullmatch(group.api_id) is not None


def _delivered(account: Account, delivered: Iterable[Delivery]) -> list[LogGroup]:
    """The groups of names of one's own that execution logs are delivered to, one for each stage that delivers there."""
    return [
        replace(group, kind=DELIVERY, api_id=delivery.api_id, api_stage=delivery.api_stage)
        for delivery in delivered
        if delivery.to == "log group" and delivery.arn and delivery.arn.split(":")[3] == account.region
        for group in account.group(delivery.where) or ()
    ]

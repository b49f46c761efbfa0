"""An API that somebody named, by id or by name, and why there may be no log of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from loganalyzer.errors import NothingReadable, UsageError
from loganalyzer.fetcher.account import Account, expected_group, with_stage
from loganalyzer.fetcher.gateway import HTTP, OFF, Api, ApiStage
from loganalyzer.fetcher.group import REST, REST_PREFIX, WEBSOCKET, WEBSOCKET_PREFIX, LogGroup, group_name
from loganalyzer.fetcher.nearest import LISTED, nearest

_API_ID = re.compile(r"[a-z0-9]{4,64}")


@dataclass(frozen=True, slots=True)
class NamedApi:
    """An API with its stages and groups; None is what may not be seen."""

    account: Account
    id: str
    name: str
    stages: dict[str, ApiStage] | None
    groups: dict[str, LogGroup] | None

    @classmethod
    def found(cls, account: Account, named: str) -> NamedApi:
        """The API of that id or name; raises :class:`UsageError` if there is none, or several."""
        api = cls._of_id(account, named) if _API_ID.fullmatch(named) else None
        if api is not None and (api.stages or any(group.kind == REST for group in (api.groups or {}).values())):
            return api
        listed = account.apis()
        if listed is None:
            return cls._unlisted(account, named, api)
        if api is not None and api.groups and named not in listed:
            return api  # what an API has logged outlives it
        return cls._of_id(account, _one_called(named, listed.values(), region=account.region).id, listed=listed)

    @classmethod
    def _unlisted(cls, account: Account, named: str, api: NamedApi | None) -> NamedApi:
        """The API as far as its id leads, where APIs may not be listed."""
        if api is not None and (api.groups or api.groups is None or api.stages is None):
            return api
        near = nearest(named, [group.api_id for group in account.execution_groups()])
        tip = near or "APIs may not be listed: give the id, which is the first part of the API's URL"
        raise UsageError(f"there is no API {named!r} in {account.region}", tip=tip)

    @classmethod
    def _of_id(cls, account: Account, api_id: str, *, listed: dict[str, Api] | None = None) -> NamedApi:
        known = (listed or {}).get(api_id)
        if known and known.kind == HTTP:
            tip = "its access log, in a log group of your choice, is all there is"
            raise UsageError(f"{known.name} ({api_id}) is an HTTP API, which has no execution log", tip=tip)
        stages = account.stages(api_id, kind=known.kind if known else "")
        parts = [account.groups(prefix + api_id + "/") for prefix in (REST_PREFIX, WEBSOCKET_PREFIX)]
        groups = None if parts[0] is None else {g.api_stage: g for part in parts for g in part or () if g.api_stage}
        by_name = None if stages is None else {stage.api_stage: stage for stage in stages}
        return cls(account, api_id, known.name if known else "", by_name, groups)

    def all_stages(self) -> list[str]:
        """The stages that have a group, or log where it is not known which groups there are."""
        if self.groups is not None:
            return sorted(self.groups)
        return sorted(name for name, stage in (self.stages or {}).items() if stage.level != OFF)

    def silent_stages(self) -> list[str]:
        """The stages without a group."""
        return sorted(name for name in self.stages or () if self.groups is not None and name not in self.groups)

    def group(self, api_stage: str) -> LogGroup | None:
        """The group of a stage; where groups may not be listed, the one that it should log to."""
        stage = (self.stages or {}).get(api_stage)
        if self.groups is not None:
            group = self.groups.get(api_stage)
            return with_stage(group, stage, name=self.name) if group else None
        if stage is not None:
            return expected_group(stage, region=self.account.region, name=self.name)
        if self.stages is not None:
            return None
        return LogGroup(group_name(self.id, api_stage), self.account.region, api_id=self.id, api_stage=api_stage)

    def why_nothing(self, api_stage: str) -> UsageError | NothingReadable:
        """Why there is no group of that stage, or of any if it is empty."""
        shown = f"{self.name} ({self.id})" if self.name else self.id
        if self.stages is None and self.groups is None:
            said = f"the stages of API {shown} may not be looked up"
            return UsageError(said, tip="name them with --stage, or ask for what 'loganalyzer policy' prints")
        if not self.stages:
            said = f"there is no log group of API {shown} in {self.account.region}"
            return NothingReadable(said, tip=f"nothing was logged yet, or logging is off; {LISTED}")
        if api_stage and api_stage not in self.stages:
            names = ", ".join(sorted(self.stages))
            return UsageError(f"API {shown} has no stage {api_stage!r}", tip=f"it has: {names}")
        stage = self.stages[api_stage or min(self.stages)]
        if all(one.level == OFF for one in self.stages.values()) or stage.level == OFF:
            where = f"on stage {stage.api_stage} of API {shown}" if api_stage else f"on all stages of API {shown}"
            return NothingReadable(f"execution logging is switched off {where}", tip=switch_on(stage))
        if self.account.writes_logs() is False:
            said = f"API Gateway has no role to write logs with in {self.account.region}: nothing of {shown} is logged"
            return NothingReadable(said, tip="set the CloudWatch log role under API Gateway > Settings")
        said = f"stage {stage.api_stage} of API {shown} should log, but has no log group"
        return NothingReadable(said, tip="nothing was requested yet, or the group was deleted: deploy the stage again")


def switch_on(stage: ApiStage) -> str:
    """How to switch execution logging on.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
    """
    if stage.kind == WEBSOCKET:
        return (
            f"switch it on: aws apigatewayv2 update-stage --api-id {stage.api_id} --stage-name {stage.api_stage} "
            "--default-route-settings LoggingLevel=INFO,DataTraceEnabled=true"
        )
    return (
        f"switch it on: aws apigateway update-stage --rest-api-id {stage.api_id} --stage-name {stage.api_stage} "
        "--patch-operations 'op=replace,path=/*/*/logging/loglevel,value=INFO'"
    )


def _one_called(named: str, apis: Iterable[Api], *, region: str) -> Api:
    known = list(apis)
    called = [api for api in known if api.id == named] or [api for api in known if api.name == named]
    if len(called) == 1:
        return called[0]
    if called:
        ids = ", ".join(sorted(api.id for api in called))
        raise UsageError(f"{len(called)} APIs are called {named!r}", tip=f"give the id of one of them: {ids}")
    near = nearest(named, [name for api in known for name in (api.id, api.name) if name])
    raise UsageError(f"there is no API {named!r} in {region}", tip=near or LISTED)

"""From what a person names - APIs, stages, groups, URLs, ARNs - to log groups, or one line on why there are none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from loganalyzer.errors import NothingReadable, UsageError
from loganalyzer.fetcher.account import Account, expected_group, with_stage
from loganalyzer.fetcher.address import Address, read_address
from loganalyzer.fetcher.gateway import HTTP, OFF, Api, ApiStage, Domain, Mapped
from loganalyzer.fetcher.group import REST, REST_PREFIX, WEBSOCKET, WEBSOCKET_PREFIX, LogGroup, group_name, read_name

_GROUP = re.compile(r"[.\-_/#A-Za-z0-9]{1,512}")
_API_ID = re.compile(r"[a-z0-9]{4,64}")
_LISTED = "'loganalyzer groups' lists what there is"


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
    """The groups of ``apis`` (ids or names; of all their stages unless ``stages`` says which), ``log_groups`` (names,
    ARNs) and ``places`` (URLs, ARNs), each once.

    Raises :class:`UsageError` for what does not exist, with the nearest names, :class:`NothingReadable` for a stage
    that has no group, and :class:`AwsRefused`.
    """
    addresses = [
        *(Address(api_id=api) for api in apis),
        *(read_address(one) if one.startswith("arn:") else Address(group=one) for one in log_groups),
        *(read_address(place) for place in places),
    ]
    if stages and not any(address.api_id or address.domain for address in addresses):
        raise UsageError("--stage needs an API", tip="name it with --api or --url")
    search = _Search(profile, region, tuple(stages))
    for address in addresses:
        search.add(address)
    return Chosen(tuple(search.found.values()), search.all_notes())


@dataclass(slots=True)
class _Search:
    """Looks up one address after the other, in the account of its region."""

    profile: str | None
    region: str | None
    stages: tuple[str, ...]
    found: dict[tuple[str, str], LogGroup] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    accounts: dict[str, Account] = field(default_factory=dict)

    def add(self, address: Address) -> None:
        """Find what the address means."""
        account = self._account(address)
        for group in self._groups(account, address):
            self.found.setdefault((group.region, group.arn or group.name), group)

    def all_notes(self) -> tuple[str, ...]:
        """What is to be said, and each permission that was missing once."""
        missing = {
            action: f"note: {refused.message}: {_LOSS.get(action, 'part of this is not known')}"
            for account in self.accounts.values()
            for action, refused in account.missing.items()
        }
        return (*dict.fromkeys(self.notes), *missing.values())

    def _account(self, address: Address) -> Account:
        if self.region and address.region and address.region != self.region:
            said = f"--region says {self.region}, but what you name is in {address.region}"
            raise UsageError(said, tip="leave --region out, or name something in that region")
        region = address.region or self.region or ""
        if region not in self.accounts:
            self.accounts[region] = Account.reached(profile=self.profile, region=region or None)
        return self.accounts[region]

    def _groups(self, account: Account, address: Address) -> list[LogGroup]:
        if address.group:
            return [_group_named(account, address)]
        if not address.domain:
            return self._groups_of_api(account, address.api_id, address.api_stage)
        found = []
        for api_id, api_stage in _behind(account, address):
            found += self._groups_of_api(account, api_id, api_stage)
        return found

    def _groups_of_api(self, account: Account, named: str, api_stage: str) -> list[LogGroup]:
        """The groups of one API: of ``api_stage``, else of the stages wanted, else of all that have one."""
        wanted = (api_stage,) if api_stage else self.stages
        api = _Api.found(account, named)
        groups = [api.group(name) for name in wanted or api.all_stages()]
        there = [group for group in groups if group is not None]
        if not there or (wanted and len(there) < len(groups)):
            absent = next((name for name, group in zip(wanted, groups, strict=False) if group is None), "")
            raise api.why_nothing(absent)
        self.notes += [note for group in there if (note := _note(group))]
        if not wanted and (silent := api.silent_stages()):
            self.notes.append(f"note: API {api.id} has stages without a log: {', '.join(silent)}")
        return there


_LOSS = {
    "apigateway:GET": "names and logging levels of APIs are not known",
    "logs:DescribeLogGroups": "whether the log groups exist is not known",
}


def _note(group: LogGroup) -> str:
    if group.level == OFF:
        return (
            f"note: logging is switched off on stage {group.api_stage} of {group.api_id} now; {group.name} holds what "
            "was logged before"
        )
    return ""


# -- log groups --------------------------------------------------------------------------------------------------------


def _group_named(account: Account, address: Address) -> LogGroup:
    """The log group of that name; one of another account, or that may not be looked up, is taken as it is named."""
    if not _GROUP.fullmatch(address.group):
        raise UsageError(f"{address.group!r} is no name of a log group", tip=_LISTED)
    listed = account.groups(address.group)
    for group in listed or ():
        if group.name == address.group and address.account in ("", group.account):
            return group
    known = _all_groups(account) if listed is not None else []
    own = next((group.account for group in (listed or []) + known), "")
    if listed is None or (address.account and address.account != own):
        kind, api_id, api_stage = read_name(address.group)
        return LogGroup(address.group, account.region, address.account, address.arn, api_id, api_stage, kind)
    near = _nearest(address.group, [group.name for group in known])
    raise UsageError(f"there is no log group {address.group} in {account.region}", tip=near or _LISTED)


def _all_groups(account: Account) -> list[LogGroup]:
    return (account.groups(REST_PREFIX) or []) + (account.groups(WEBSOCKET_PREFIX) or [])


def _nearest(wanted: str, known: Iterable[str]) -> str:
    names = sorted(set(known))
    lower = {name.lower(): name for name in names}
    near = [lower[name] for name in get_close_matches(wanted.lower(), list(lower), n=3, cutoff=0.6)]
    near = near or [name for name in names if wanted.lower() in name.lower()][:3]
    return f"did you mean {' or '.join(near)}?" if near else ""


# -- APIs --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Api:
    """An API with its stages and groups; None is what may not be seen."""

    account: Account
    id: str
    name: str
    stages: dict[str, ApiStage] | None
    groups: dict[str, LogGroup] | None

    @classmethod
    def found(cls, account: Account, named: str) -> _Api:
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
    def _unlisted(cls, account: Account, named: str, api: _Api | None) -> _Api:
        """The API as far as its id leads, where APIs may not be listed."""
        if api is not None and (api.groups or api.groups is None or api.stages is None):
            return api
        near = _nearest(named, [group.api_id for group in _all_groups(account)])
        tip = near or "APIs may not be listed: give the id, which is the first part of the API's URL"
        raise UsageError(f"there is no API {named!r} in {account.region}", tip=tip)

    @classmethod
    def _of_id(cls, account: Account, api_id: str, *, listed: dict[str, Api] | None = None) -> _Api:
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
            return NothingReadable(said, tip=f"nothing was logged yet, or logging is off; {_LISTED}")
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
    near = _nearest(named, [name for api in known for name in (api.id, api.name) if name])
    raise UsageError(f"there is no API {named!r} in {region}", tip=near or _LISTED)


# -- custom domains ----------------------------------------------------------------------------------------------------


def _behind(account: Account, address: Address) -> list[tuple[str, str]]:
    """API and stage behind a path of a custom domain; several where headers decide, all where no path is given."""
    domain, mapped = _domain(account, address.domain)
    fits = [one for one in mapped if address.path[: len(one.base_path)] == one.base_path]
    chosen: list[Mapped] = []
    for one in fits:
        chosen.append(one)
        if one.certain:
            break
    if not chosen and not address.path:
        chosen = mapped
    if not chosen:
        paths = ", ".join("/".join(one.base_path) or "/" for one in mapped)
        said = f"{domain.name} maps no API to /{'/'.join(address.path)}"
        raise UsageError(said, tip=f"its base paths: {paths}" if paths else "it maps no path at all")
    found = [(one.api_id, one.api_stage or _segment_after(one, address)) for one in chosen]
    return list(dict.fromkeys(found))


def _segment_after(mapped: Mapped, address: Address) -> str:
    """The stage, where the mapping leaves it to the URL; empty if the URL does not go so far."""
    rest = address.path[len(mapped.base_path) :]
    return rest[0] if rest else ""


def _domain(account: Account, name: str) -> tuple[Domain, list[Mapped]]:
    """The custom domain of that name, or the wildcard domain that it falls under, and its mappings."""
    listed = account.domains()
    names = (name, "*." + name.partition(".")[2])
    known = [domain for one in names for domain in listed or () if domain.name == one]
    for domain in known or map(Domain, names):  # newer domains stand in a list of their own
        mapped = account.mappings(domain)
        if mapped is None:
            raise next(iter(account.missing.values()))
        if mapped:
            return domain, mapped
    if known:
        return known[0], []
    tip = _nearest(name, [domain.name for domain in listed or ()])
    raise UsageError(f"{name} is no custom domain of API Gateway in {account.region}",
                     tip=tip or "name the region of the API with --region, or the API with --api")  # fmt: skip

"""From what a person names - APIs, stages, groups, URLs, ARNs - to log groups, or one line on why there are none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from loganalyzer.errors import UsageError
from loganalyzer.fetcher.account import Account
from loganalyzer.fetcher.address import Address, read_address
from loganalyzer.fetcher.behind import behind
from loganalyzer.fetcher.gateway import OFF
from loganalyzer.fetcher.group import LogGroup, read_name
from loganalyzer.fetcher.named import NamedApi
from loganalyzer.fetcher.nearest import LISTED, nearest

_GROUP = re.compile(r"[.\-_/#A-Za-z0-9]{1,512}")


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
        for api_id, api_stage in behind(account, address):
            found += self._groups_of_api(account, api_id, api_stage)
        return found

    def _groups_of_api(self, account: Account, named: str, api_stage: str) -> list[LogGroup]:
        """The groups of one API: of ``api_stage``, else of the stages wanted, else of all that have one."""
        wanted = (api_stage,) if api_stage else self.stages
        api = NamedApi.found(account, named)
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
        raise UsageError(f"{address.group!r} is no name of a log group", tip=LISTED)
    listed = account.group(address.group)
    for group in listed or ():
        if address.account in ("", group.account):
            return group
    known = account.execution_groups() if listed is not None else []
    own = next((group.account for group in (listed or []) + known), "")
    if listed is None or (address.account and address.account != own):
        kind, api_id, api_stage = read_name(address.group)
        return LogGroup(address.group, account.region, address.account, address.arn, api_id, api_stage, kind)
    near = nearest(address.group, [group.name for group in known])
    raise UsageError(f"there is no log group {address.group} in {account.region}", tip=near or LISTED)

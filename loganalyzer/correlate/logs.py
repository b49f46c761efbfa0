"""The logs to read beside an execution log: those that paths name, and those that an account has (``auto``)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial

import numpy as np

from loganalyzer import vocabulary as words
from loganalyzer.audit.arns import FunctionName, function_in
from loganalyzer.coverage import Coverage, Problem
from loganalyzer.errors import LogAnalyzerError, UsageError
from loganalyzer.fetcher.account import Account
from loganalyzer.fetcher.group import FUNCTIONS, OTHER, REST, LogGroup, read_name
from loganalyzer.formats import Input, find_inputs
from loganalyzer.formats.stored import Fetched, Header, Span, read_journal
from loganalyzer.parser.columns import Ints
from loganalyzer.parser.look import Look
from loganalyzer.parser.table import Table

LIVE = "auto"
"""In place of a path: the logs that the account has."""

FetchLogs = Callable[[Sequence[LogGroup], Span], Fetched]
"""Fetches groups for a stretch of time (ms)."""

_LAMBDAS, _ACCESS = "--lambda-logs", "--access-logs"


@dataclass(frozen=True, slots=True)
class Logs:
    """The logs to read beside the execution log.

    ``live`` are the options of those that are still to be fetched; ``fetch`` does so, by default into the cache, and
    ``profile`` is that of the account.
    """

    lambdas: tuple[Input, ...] = ()
    access: tuple[Input, ...] = ()
    live: tuple[str, ...] = ()
    fetch: FetchLogs | None = None
    profile: str | None = None

    def __bool__(self) -> bool:
        return bool(self.lambdas or self.access or self.live)


def logs_of(
    lambda_logs: Sequence[object],
    access_logs: Sequence[object],
    inputs: Sequence[Input],
    *,
    fetch: FetchLogs | None = None,
    profile: str | None,
    region: str | None,
) -> Logs:
    """The inputs that paths of Lambda logs and access logs name; ``inputs`` are those of the execution log.

    Raises :class:`UsageError` for a path that is not there, and for ``auto`` beside a log that no fetch has stored.
    """
    given = {_LAMBDAS: lambda_logs, _ACCESS: access_logs}
    live = tuple(option for option, paths in given.items() if LIVE in paths)
    if live and not any(source.is_journal for source in inputs):
        raise UsageError(
            f"{live[0]} auto needs a live account, but the execution log comes from files",
            tip=f"give the path of the downloaded log: {live[0]} PATH",
        )
    lambdas, access = (
        find_inputs([path for path in paths if path != LIVE], profile=profile, region=region)  # type: ignore[misc]
        for paths in given.values()
    )
    return Logs(tuple(lambdas), tuple(access), live, fetch, profile)


def _into_cache(groups: Sequence[LogGroup], span: Span, *, profile: str | None) -> Fetched:
    from loganalyzer.fetcher.live import fetch

    begin, end = (datetime.fromtimestamp(time / 1000, UTC) for time in span)
    return fetch(*groups, since=begin, until=end, profile=profile)


def with_live(logs: Logs, inputs: Sequence[Input], table: Table, which: Ints, *, coverage: Coverage) -> Logs:
    """The logs with those that the account has: of the functions that the requests in the rows ``which`` call, and of
    the stages whose logs the ``inputs`` are. What cannot be had is a problem in ``coverage``.
    """
    if not logs.live:
        return logs
    beside = _Beside(logs, _journals(inputs), coverage)
    lambdas, access = list(logs.lambdas), list(logs.access)
    if _LAMBDAS in logs.live:
        named = functions_in(inputs, table, which)
        lambdas += beside.fetched(_LAMBDAS, beside.of_functions(named, routes_in(table, which)))
    if _ACCESS in logs.live:
        access += beside.fetched(_ACCESS, beside.of_stages())
    return Logs(tuple(lambdas), tuple(access))


def functions_in(inputs: Sequence[Input], table: Table, which: Ints) -> list[FunctionName]:
    """The functions that some requests call, authorizers too, by the URLs in their lines; each once, by name."""
    codes = np.array(["uri" in s.names for s in words.SENTENCES])
    if not len(which):
        return []
    found: dict[str, FunctionName] = {}
    for events in Look(inputs, table, table.rows[which], np.tile(codes, (len(which), 1))).events():
        for event in events:
            name = function_in(words.match(event.message).captured(event.message).get("uri", ""))
            if name is not None:
                found[name.unqualified] = replace(name, qualifier="")
    return [found[arn] for arn in sorted(found)]


def routes_in(table: Table, which: Ints) -> frozenset[str]:
    """The routes (``GET /pets/{id}``) of some requests, an empty one among them where a route is not known."""
    codes = set(table.rows["resource"][which].tolist())
    return frozenset(table.texts[code].decode("utf-8", "replace") for code in codes)


def _journals(inputs: Sequence[Input]) -> dict[Header, Span]:
    """The groups whose logs the inputs are, each with the stretch of time that was fetched."""
    found: dict[Header, Span] = {}
    for source in (source for source in inputs if source.is_journal):
        journal = read_journal(source.path.parent)
        if journal.header is None:
            continue
        spans = [source.span] if source.span else journal.asked
        for first, last in (span for span in spans if span):
            known = found.get(journal.header, (first, last))
            found[journal.header] = (min(known[0], first), max(known[1], last))
    return found


@dataclass(slots=True)
class _Beside:
    """Finds and fetches the logs that an account has beside some execution logs."""

    logs: Logs
    journals: Mapping[Header, Span]
    coverage: Coverage
    _asked: dict[str, Account] = field(default_factory=dict)

    def fetched(self, option: str, groups: Iterable[LogGroup]) -> list[Input]:
        """The logs of some groups over the same time as the execution log."""
        try:
            wanted = list(dict.fromkeys(groups))
            if not wanted:
                return []
            span = min(first for first, _ in self.journals.values()), max(last for _, last in self.journals.values())
            fetch = self.logs.fetch or partial(_into_cache, profile=self.logs.profile)
            return find_inputs([fetch(wanted, span)])
        except LogAnalyzerError as error:
            self._lose(f"{option} auto", error.message, error.tip)
            return []

    def of_functions(self, named: Sequence[FunctionName], routes: frozenset[str]) -> Iterator[LogGroup]:
        """The log group of each function that the log names; where it names none, of those that ``routes`` call now."""
        names = named or self._by_settings(routes)
        if not names:
            what = "neither the log (without data trace) nor the API's settings name a function of failed requests"
            self._lose(f"{_LAMBDAS} auto", what, f"name the functions' logs: {_LAMBDAS} PATH")
        for name in names:
            account = self._in(name.region)
            group = self._group(account, name, f"{FUNCTIONS}{name.name}") or self._told(account, name)
            if group is not None:
                yield group

    def _by_settings(self, routes: frozenset[str]) -> list[FunctionName]:
        """The functions that routes call by the settings of their APIs, all that there are if a route is not known."""
        found: dict[str, FunctionName] = {}
        for header in self.journals:
            kind, api_id, _ = read_name(header.group)
            calls = self._in(header.region).calls(api_id) if kind == REST else []
            for one in calls or ():
                verb, _, resource = one.route.partition(" ")
                if "" in routes or one.route in routes or (verb == "ANY" and _any_of(routes, resource)):
                    for name in filter(None, map(function_in, one.uris)):
                        found[name.unqualified] = replace(name, qualifier="")
        if found:
            self.coverage.note("the log names no function without data trace: the API's present settings told them")
        return [found[arn] for arn in sorted(found)]

    def of_stages(self) -> Iterator[LogGroup]:
        """The log group of each stage's access log."""
        for header in self.journals:
            kind, api_id, api_stage = read_name(header.group)
            stages = self._in(header.region).stages(api_id, kind=kind) if api_id else []
            where, give = f"access log of {header.group}", f"name it: {_ACCESS} PATH"
            stage = next((one for one in stages or () if one.api_stage == api_stage), None)
            if stages is None:
                self._lose(where, "apigateway:GET is not permitted, so nobody tells where it is", give)
            elif stage is None:
                which = "the stage is not there any more" if api_id else "the group's name tells no stage"
                self._lose(where, f"{which}, so nobody tells where it is", give)
            elif not stage.access_log:
                self.coverage.note(f"stage {api_stage} of {api_id} writes no access log now")
            elif ":log-group:" not in stage.access_log:
                self._lose(where, f"it goes to {stage.access_log}, from where it cannot be read", give)
            else:
                arn = stage.access_log.removesuffix(":*")
                if (group := self._known(self._in(arn.split(":")[3]), arn)) is not None:
                    yield group
                else:
                    self._lose(where, f"there is no log group {_name_in(arn)} (any more)", give)

    def _told(self, account: Account, name: FunctionName) -> LogGroup | None:
        """The log group that a function is told to write to, None if there is none."""
        group = account.log_group_of(name.arn)
        if group is None:
            self._lose(f"log of function {name}", f"there is no log group {FUNCTIONS}{name}", "it may never have run")
            return None
        return self._group(account, name, group)

    def _group(self, account: Account, name: FunctionName, group: str) -> LogGroup | None:
        return self._known(account, f"arn:{name.partition}:logs:{name.region}:{name.account}:log-group:{group}")

    def _known(self, account: Account, arn: str) -> LogGroup | None:
        """The group of that ARN, None if it is not there; as it is named where it may not be listed or is others'."""
        name, owner = _name_in(arn), arn.split(":")[4]
        listed = account.group(name)
        if listed == [] and owner in {header.account for header in self.journals}:
            return None
        found = next((group for group in listed or () if group.account == owner), None)
        return replace(found, kind=OTHER) if found else LogGroup(name, account.region, owner, arn, kind=OTHER)

    def _in(self, region: str) -> Account:
        if region not in self._asked:
            self._asked[region] = Account.reached(profile=self.logs.profile, region=region)
        return self._asked[region]

    def _lose(self, where: str, what: str, tip: str) -> None:
        self.coverage.problems.append(Problem(where, what, tip))


def _any_of(routes: frozenset[str], resource: str) -> bool:
    """Whether one of the routes is of a resource."""
    return any(route.partition(" ")[2] == resource for route in routes)


def _name_in(arn: str) -> str:
    """The name of a log group in its ARN."""
    return arn.partition(":log-group:")[2]

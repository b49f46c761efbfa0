"""The IAM policy that permits exactly the calls of this program, and nothing that changes anything."""

from __future__ import annotations

from collections.abc import Sequence

from loganalyzer.errors import UsageError
from loganalyzer.fetcher.address import read_address
from loganalyzer.fetcher.calls import BESIDE, CALLS, DELIVERIES, FIND, NAMES, OBJECTS, READ, SETTINGS, Call
from loganalyzer.fetcher.group import FUNCTIONS, REST_PREFIX, WEBSOCKET_PREFIX

USES = {
    "fetch": (FIND, READ),
    "other-logs": (FIND, BESIDE),
    "groups": (FIND, NAMES, DELIVERIES),
    "audit": (FIND, NAMES, DELIVERIES, SETTINGS),
    "s3": (OBJECTS,),
}
"""What people do with the program, and what calls that takes."""

_SIDS = {
    FIND: "Find",
    READ: "Read",
    BESIDE: "Beside",
    NAMES: "Names",
    DELIVERIES: "Deliveries",
    SETTINGS: "Settings",
    OBJECTS: "Objects",
}

Statement = dict[str, object]


def policy(
    *,
    uses: Sequence[str] = ("fetch", "groups"),
    apis: Sequence[str] = (),
    stages: Sequence[str] = (),
    log_groups: Sequence[str] = (),
    buckets: Sequence[str] = (),
    region: str | None = None,
    account: str | None = None,
) -> dict[str, object]:
    """The policy document for ``uses`` (keys of :data:`USES`).

    With ``apis`` (ids) or ``log_groups`` (names or ARNs) it permits these alone; ``buckets`` are ``s3://`` URLs;
    ``region`` and ``account`` narrow every resource that has one. AWS is not asked. Raises :class:`UsageError` for an
    ARN or URL that is none.
    """
    wanted = (*uses, "s3") if buckets else uses
    purposes = dict.fromkeys(purpose for use in wanted for purpose in USES[use])
    domains = SETTINGS in purposes
    scope = _Scope(apis, stages, log_groups, buckets, region or "*", account or "*", domains=domains)
    statements: list[Statement] = []
    for purpose in purposes:
        by_resources: dict[tuple[str, ...], list[str]] = {}
        for call in (call for call in CALLS if call.purpose == purpose):
            by_resources.setdefault(scope.resources(call), []).append(call.action)
        statements += _statements(_SIDS[purpose], by_resources)
    return {"Version": "2012-10-17", "Statement": statements}


def _statements(sid: str, by_resources: dict[tuple[str, ...], list[str]]) -> list[Statement]:
    """One statement for every set of actions, its resources together."""
    by_actions: dict[tuple[str, ...], list[str]] = {}
    for resources, actions in by_resources.items():
        by_actions.setdefault(tuple(sorted(set(actions))), []).extend(resources)
    found = [(actions, list(dict.fromkeys(resources))) for actions, resources in by_actions.items() if resources]
    return [
        {
            "Sid": sid if number == 1 else f"{sid}{number}",
            "Effect": "Allow",
            "Action": list(actions),
            "Resource": resources[0] if resources == ["*"] else resources,
        }
        for number, (actions, resources) in enumerate(found, start=1)
    ]


class _Scope:
    """The resources that calls are limited to."""

    def __init__(
        self,
        apis: Sequence[str],
        stages: Sequence[str],
        log_groups: Sequence[str],
        buckets: Sequence[str],
        region: str,
        account: str,
        *,
        domains: bool,
    ) -> None:
        self._domains = domains
        self._apis, self._stages, self._region, self._account = apis, stages, region, account
        self._partition = (
            "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"
        )
        own = [f"{prefix}{name}" for prefix in (REST_PREFIX, WEBSOCKET_PREFIX) for name in self._names()]
        self._named = [self._group(name) for name in log_groups]
        self._groups = self._named + [self._group(name) for name in (own if apis or not log_groups else ())]
        self._buckets = [_bucket(url) for url in buckets] or [("*", "")]

    def resources(self, call: Call) -> tuple[str, ...]:
        """The resources of one call; none if nothing that is asked for needs it."""
        if call.on == "*":
            return ("*",)
        if call.on == "group":
            return tuple(f"{arn}:*" for arn in self._groups)
        if call.on == "other group":
            return tuple(f"{arn}:*" for arn in (self._group(f"{FUNCTIONS}*"), *self._named))
        if call.on == "bucket":
            return tuple(f"arn:{self._partition}:s3:::{bucket}" for bucket, _ in self._buckets)
        if call.on == "object":
            return tuple(f"arn:{self._partition}:s3:::{bucket}/{prefix}*" for bucket, prefix in self._buckets)
        if call.on == "function":
            return (f"arn:{self._partition}:lambda:{self._region}:{self._account}:function:*",)
        if call.on == "role":
            return (f"arn:{self._partition}:iam::{self._account}:role/*",)
        return tuple(f"arn:{self._partition}:apigateway:{self._region}::{path}" for path in self._paths(call))

    def _paths(self, call: Call) -> list[str]:
        """Paths of API Gateway: an API that is named needs no list of APIs, and of domains only where they matter."""
        path = call.on
        if not self._apis:
            return [path.replace("{api}", "*")]
        if "{api}" in path:
            return [path.replace("{api}", api) for api in self._apis]
        wanted = call.purpose == SETTINGS or (self._domains and path.startswith("/domainnames"))
        return [path] if wanted or path == "/account" else []

    def _names(self) -> list[str]:
        return [f"{api}/{stage}" for api in self._apis or ("*",) for stage in self._stages or ("*",)]

    def _group(self, name: str) -> str:
        address = read_address(name) if name.startswith("arn:") else None
        if address is not None and not address.arn:
            raise UsageError(f"{name!r} is no ARN of a log group", tip="name the log group, or an API with --api")
        return address.arn if address else f"arn:{self._partition}:logs:{self._region}:{self._account}:log-group:{name}"


def _bucket(url: str) -> tuple[str, str]:
    bucket, _, prefix = url.removeprefix("s3://").partition("/")
    if not url.startswith("s3://") or not bucket:
        raise UsageError(f"{url!r} is no place in S3", tip="write it as s3://bucket/prefix")
    return bucket, prefix

"""The way into an AWS account: clients from the standard boto3 chain that can only read."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any

from loganalyzer import __version__
from loganalyzer.fetcher.calls import call_of
from loganalyzer.fetcher.refusals import AwsRefused, refusal_of, translated

if TYPE_CHECKING:
    import boto3
    from botocore.client import BaseClient

__all__ = ["AwsRefused", "ask", "client", "environment", "refusal_of", "region_of", "translated"]

CONNECTIONS = 32
"""So many calls may be under way at once with one client."""

_lock = Lock()


def client(
    service: str,
    *,
    profile: str | None = None,
    region: str | None = None,
    attempts: int = 2,
) -> BaseClient:
    """A client of ``service`` with the credentials of the standard chain; calls that do more than read are refused.

    ``attempts`` counts the tries that botocore makes of one call, the first included: few where the caller tries again
    itself. ``AWS_ENDPOINT_URL`` is honoured. Raises :class:`AwsRefused` where there is no region,
    :class:`~loganalyzer.errors.UsageError` for a profile that does not exist.
    """
    with translated(region=region or ""), _lock:
        from botocore.config import Config

        config = Config(
            retries={"mode": "standard", "total_max_attempts": attempts},
            max_pool_connections=CONNECTIONS,
            connect_timeout=10,
            read_timeout=70,
            user_agent_extra=f"loganalyzer/{__version__}",
            s3={"addressing_style": "path"} if _endpoint("s3") else {},
        )
        made = _session(profile, environment()).client(service, region_name=_chosen(region), config=config)
    made.meta.events.register("provide-client-params", _only_known_calls)
    return made


def ask(source: BaseClient, operation: str, parameters: Mapping[str, object]) -> dict[str, Any]:
    """The answer to one call (``operation`` as ``describe_log_groups``); raises :class:`AwsRefused`."""
    with translated(region=source.meta.region_name or ""):
        answer: dict[str, Any] = getattr(source, operation)(**parameters)
    return answer


def region_of(*, profile: str | None = None) -> str:
    """The region that the standard chain gives, empty if none."""
    with translated(), _lock:
        return _chosen(None) or _session(profile, environment()).region_name or ""


def _chosen(region: str | None) -> str | None:
    """boto3 does not look at AWS_REGION, the AWS command line and all AWS's own runtimes do."""
    return region or os.environ.get("AWS_REGION") or None


def environment() -> tuple[tuple[str, str], ...]:
    """All settings of AWS in the environment: what is kept from one call to the next is kept for these alone."""
    return tuple(sorted((name, value) for name, value in os.environ.items() if name.startswith("AWS_")))


@lru_cache(maxsize=8)
def _session(profile: str | None, environment: tuple[tuple[str, str], ...]) -> boto3.Session:
    """One session for all clients, so that a role is assumed and a code asked for once; a new one when AWS_ changes."""
    import boto3

    return boto3.Session(profile_name=profile)


def _endpoint(service: str) -> str:
    return os.environ.get(f"AWS_ENDPOINT_URL_{service.upper()}") or os.environ.get("AWS_ENDPOINT_URL") or ""


def _only_known_calls(model: Any, **_: object) -> None:
    """Refuse a call that does not stand in the table, before anything is sent."""
    if call_of(model.service_model.service_name, model.name) is None:
        raise AssertionError(f"{model.service_model.service_name} {model.name} is not among the calls that only read")

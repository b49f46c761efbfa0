"""Deliveries of execution logs to other log groups, buckets and Firehose streams.

They carry events of up to 1 MB, while the stage's own group cuts each at 1 kB.
https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-create-log-delivery.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from loganalyzer.errors import UsageError
from loganalyzer.fetcher.address import read_address
from loganalyzer.fetcher.pages import items_of

if TYPE_CHECKING:
    from botocore.client import BaseClient

EXECUTION_LOGS = "EXECUTION_LOGS"
_TARGETS = {"CWL": "log group", "S3": "S3", "FH": "Firehose"}


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery of a stage's execution logs.

    ``to`` is ``log group``, ``S3`` or ``Firehose``; ``where`` the name of the group, ``s3://bucket/prefix`` or the
    stream, or the name of the delivery's destination where that is all that may be seen; ``form`` is ``json``,
    ``plain``, ``w3c``, ``raw`` or ``parquet``, empty where it is not known; ``arn`` is that of the resource.
    """

    api_id: str
    api_stage: str
    to: str
    where: str
    form: str = ""
    arn: str = ""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a delivery ends."""

    arn: str
    form: str


def sources(logs: BaseClient) -> dict[str, list[tuple[str, str]]]:
    """The API and stage of every source of execution logs, by the name of the source."""
    found: dict[str, list[tuple[str, str]]] = {}
    for item in items_of(logs, "describe_delivery_sources", key="deliverySources"):
        if item.get("logType") == EXECUTION_LOGS:
            found[item["name"]] = [stage for arn in item.get("resourceArns", ()) for stage in _stage_of(arn)]
    return found


def destinations(logs: BaseClient) -> dict[str, Destination]:
    """Where deliveries end, by the ARN of the destination."""
    return {
        item["arn"]: Destination(
            (item.get("deliveryDestinationConfiguration") or {}).get("destinationResourceArn", ""),
            item.get("outputFormat", ""),
        )
        for item in items_of(logs, "describe_delivery_destinations", key="deliveryDestinations")
    }


def deliveries(
    logs: BaseClient, origins: dict[str, list[tuple[str, str]]], ends: dict[str, Destination]
) -> list[Delivery]:
    """The deliveries from ``origins`` (:func:`sources`) to ``ends`` (:func:`destinations`), by API and stage."""
    found = []
    for item in items_of(logs, "describe_deliveries", key="deliveries"):
        end = ends.get(item["deliveryDestinationArn"], Destination("", ""))
        to = _TARGETS.get(item.get("deliveryDestinationType", ""), item.get("deliveryDestinationType", ""))
        where = _place(end.arn) or item["deliveryDestinationArn"].rpartition(":")[2]
        for api_id, api_stage in origins.get(item.get("deliverySourceName", ""), ()):
            found.append(Delivery(api_id, api_stage, to, where, end.form, end.arn.removesuffix(":*")))
    return sorted(found, key=lambda one: (one.api_id, one.api_stage, one.to, one.where))


def _stage_of(arn: str) -> list[tuple[str, str]]:
    try:
        address = read_address(arn)
    except UsageError:
        return []
    return [(address.api_id, address.api_stage)] if address.api_id else []


def _place(arn: str) -> str:
    """A destination as people write it: the group's name, ``s3://bucket/prefix``, the stream's name."""
    service, _, rest = arn.removeprefix("arn:").partition(":")[2].partition(":")
    if service == "s3":
        return f"s3://{rest.rpartition(':')[2]}"
    if service == "logs":
        return rest.partition("log-group:")[2].removesuffix(":*")
    return rest.rpartition("/")[2] if service == "firehose" else ""

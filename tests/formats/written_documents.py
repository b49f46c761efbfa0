"""A log written as JSON: pages, subscription records and what carries them, Insights, log delivery."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

from tests.formats.entries import ACCOUNT, GROUP, INGESTED_MS, STREAM, Entry, Log, event_id, lines, spaced

EVENTS_A_RECORD = 20

Document = dict[str, Any]


def packed(data: bytes) -> bytes:
    """Gzip that is the same whenever it is made."""
    return gzip.compress(data, 9, mtime=0)


def compact(value: Any) -> bytes:
    """A value as services write it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def indented(value: Any) -> bytes:
    """A value as the AWS CLI prints it."""
    return json.dumps(value, indent=4).encode() + b"\n"


# -- pages of events -------------------------------------------------------------------------------------------------


def filtered(number: int, entry: Entry) -> Document:
    """One event of filter-log-events."""
    return {
        "logStreamName": STREAM,
        "timestamp": entry.time,
        "message": entry.text,
        "ingestionTime": entry.time + INGESTED_MS,
        "eventId": event_id(number, entry),
    }


def filter_log_events(log: Log) -> bytes:
    """The answer of ``aws logs filter-log-events``."""
    events = [filtered(number, entry) for number, entry in enumerate(log)]
    return indented({"events": events, "searchedLogStreams": []})


def filter_log_events_pages(log: Log) -> bytes:
    """Pages saved one behind the other; the last one overlaps."""
    events = [filtered(number, entry) for number, entry in enumerate(log)]
    half = len(events) // 2
    pages = [{"events": events[: half + 1], "nextToken": "bnExLi4u"}, {"events": events[half:]}]
    return b"".join(indented(page) for page in pages)


def get_log_events(log: Log) -> bytes:
    """The answer of ``aws logs get-log-events``: no event ids."""
    events = [{"timestamp": e.time, "message": e.text, "ingestionTime": e.time + INGESTED_MS} for e in log]
    return indented({"events": events, "nextForwardToken": "f/3999886061", "nextBackwardToken": "b/3999886060"})


def sam_logs_json(log: Log) -> bytes:
    """``sam logs --output json``: one event a line."""
    return b"".join(compact(filtered(number, entry)) + b"\n" for number, entry in enumerate(log))


# -- subscription records --------------------------------------------------------------------------------------------


def records(log: Log, *, size: int = EVENTS_A_RECORD) -> list[Document]:
    """The log as subscription records of so many events, after the one that CloudWatch sends to try the destination."""
    around: Document = {"messageType": "DATA_MESSAGE", "owner": ACCOUNT, "logGroup": GROUP, "logStream": STREAM}
    around["subscriptionFilters"] = ["ship"]
    events = [{"id": event_id(n, e), "timestamp": e.time, "message": e.text} for n, e in enumerate(log)]
    starts = range(0, len(events), size)
    trial = {"id": "", "timestamp": 1793610000000, "message": "CWL CONTROL MESSAGE: Checking health of destination."}
    control = {
        **around,
        "messageType": "CONTROL_MESSAGE",
        "owner": "CloudwatchLogs",
        "logGroup": "",
        "logStream": "",
        "subscriptionFilters": [],
        "logEvents": [trial],
    }
    return [control, *({**around, "logEvents": events[at : at + size]} for at in starts)]


def in_base64(record: Document) -> str:
    """A record as it travels inside the events of other services."""
    return base64.b64encode(packed(compact(record))).decode()


def subscription_record(log: Log) -> bytes:
    """One record with all events."""
    _, *rest = records(log)
    return compact({**rest[0], "logEvents": [event for record in rest for event in record["logEvents"]]})


def subscription_lines(log: Log) -> bytes:
    """One record a line."""
    return b"".join(compact(record) + b"\n" for record in records(log))


def subscription_base64(log: Log) -> bytes:
    """One record as base64 of gzip, in lines of 76 characters."""
    return base64.encodebytes(packed(subscription_record(log)))


def firehose_glued(log: Log) -> bytes:
    """A Firehose object: records glued together without a newline."""
    return b"".join(map(compact, records(log)))


def firehose_members(log: Log) -> bytes:
    """A Firehose object of records that are gzip members each."""
    return b"".join(packed(compact(record)) for record in records(log))


def firehose_gzip_in_gzip(log: Log) -> bytes:
    """A Firehose object whose compression was switched on although the records are compressed already."""
    return packed(firehose_members(log))


def firehose_messages(log: Log) -> bytes:
    """A Firehose object with message extraction: messages alone."""
    return lines(entry.text for entry in log)


def lambda_event(log: Log) -> bytes:
    """The event of a Lambda function that is subscribed."""
    return compact({"awslogs": {"data": base64.b64encode(packed(subscription_record(log))).decode()}})


def kinesis_event(log: Log) -> bytes:
    """The event of a Lambda function behind a Kinesis stream."""
    return compact(
        {
            "Records": [
                {
                    "kinesis": {"partitionKey": "1", "sequenceNumber": str(number), "data": in_base64(record)},
                    "eventSource": "aws:kinesis",
                    "eventID": f"shardId-000000000000:{number}",
                }
                for number, record in enumerate(records(log))
            ]
        }
    )


def firehose_event(log: Log) -> bytes:
    """The event of a Lambda function that transforms what goes through Firehose."""
    return compact(
        {
            "invocationId": "0b1c2d3e",
            "deliveryStreamArn": f"arn:aws:firehose:eu-west-1:{ACCOUNT}:deliverystream/logs",
            "records": [
                {"recordId": str(number), "approximateArrivalTimestamp": 1793610945000, "data": in_base64(record)}
                for number, record in enumerate(records(log))
            ],
        }
    )


# -- Logs Insights ---------------------------------------------------------------------------------------------------


def insights_rows(log: Log) -> list[dict[str, str]]:
    """Rows as Logs Insights gives them: newest first, any order within a millisecond."""
    shuffled = sorted(log, key=lambda entry: (entry.time, len(entry.message) * 7919 % 1009), reverse=True)
    return [{"@timestamp": spaced(e.time), "@message": e.text, "@logStream": STREAM} for e in shuffled]


def insights_json(log: Log) -> bytes:
    """Results downloaded as JSON."""
    return json.dumps(insights_rows(log), indent=2).encode() + b"\n"


def get_query_results(log: Log) -> bytes:
    """The answer of ``aws logs get-query-results``."""
    rows = [
        [{"field": key, "value": value} for key, value in {**row, "@ptr": f"CpIBCl{number:04d}"}.items()]
        for number, row in enumerate(insights_rows(log))
    ]
    statistics = {"recordsMatched": float(len(rows)), "recordsScanned": float(len(rows)), "bytesScanned": 12570.0}
    return indented({"results": rows, "statistics": statistics, "status": "Complete"})


# -- log delivery ----------------------------------------------------------------------------------------------------


def delivered(entry: Entry) -> Document:
    """A record of the log delivery; its names are a guess."""
    return {
        "timestamp": entry.time,
        "requestId": entry.id,
        "apiId": "abcde12345",
        "stage": "prod",
        "message": entry.message,
    }


def delivery_json(log: Log) -> bytes:
    """Records of the log delivery, one a line."""
    return b"".join(compact(delivered(entry)) + b"\n" for entry in log)


def delivery_in_group(log: Log) -> bytes:
    """Records of the log delivery to a group, fetched with ``aws logs filter-log-events``."""
    events = [{**filtered(n, e), "message": compact(delivered(e)).decode()} for n, e in enumerate(log)]
    return indented({"events": events, "searchedLogStreams": []})

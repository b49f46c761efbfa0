"""The make-believe CloudWatch Logs keeps what AWS documents: its own tests, through boto3."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, HTTPClientError

from tests.aws import CloudWatch, GeneratedEvents, SimulatedTime, Troubles
from tests.aws.patterns import BadPattern, matcher

NOW = 1_793_620_000_000
NAME = "API-Gateway-Execution-Logs_abcde12345/prod"


@pytest.fixture
def aws() -> Iterator[CloudWatch]:
    """A server on simulated time."""
    with CloudWatch(time=SimulatedTime()) as cloud:
        yield cloud


def code_of(error: pytest.ExceptionInfo[ClientError]) -> str:
    """The error code that AWS would give."""
    return str(error.value.response["Error"]["Code"])


def test_events_and_their_ids(aws: CloudWatch) -> None:
    """Both ends of a window are inclusive, ids have 56 digits and begin with the time, streams are merged."""
    group = aws.group(NAME)
    group.put([(NOW, "a"), (NOW, "b"), (NOW + 1, "d")], stream="1" * 32)
    group.put([(NOW, "c"), (NOW - 1, "before"), (NOW + 2, "after")], stream="2" * 32)
    answer = aws.client().filter_log_events(logGroupName=NAME, startTime=NOW, endTime=NOW + 1)
    events = answer["events"]
    assert [event["message"] for event in events] == ["a", "b", "c", "d"]
    assert {len(event["eventId"]) for event in events} == {56}
    assert [int(event["eventId"]) >> 144 for event in events] == [event["timestamp"] for event in events]
    assert answer["searchedLogStreams"] == []
    by_arn = aws.client().filter_log_events(logGroupIdentifier=group.arn, logStreamNames=["2" * 32])
    assert [event["message"] for event in by_arn["events"]] == ["before", "c", "after"]


def test_pages(aws: CloudWatch) -> None:
    """A page holds 10,000 events or 1 MB; it may be empty and have a token all the same."""
    aws.group(NAME, events=GeneratedEvents(10_001, start=NOW, span=1000, message=str))
    aws.group("large", events=GeneratedEvents(20, start=NOW, span=1000, message=lambda n: "x" * 100_000))
    sparse = aws.group("sparse", scan_span=1000)
    sparse.put([(NOW + 2_500, "late in the window")])
    client = aws.client()
    sizes: dict[str, list[int]] = {}
    for name in (NAME, "large", "sparse"):
        token: dict[str, Any] = {}
        while True:
            page = client.filter_log_events(logGroupName=name, startTime=NOW, endTime=NOW + 4000, **token)
            sizes.setdefault(name, []).append(len(page["events"]))
            if "nextToken" not in page:
                break
            token = {"nextToken": page["nextToken"]}
    assert sizes == {NAME: [10_000, 1], "large": [10, 10], "sparse": [0, 0, 1, 0, 0]}


def test_refusals(aws: CloudWatch) -> None:
    """Each mistake has the code that AWS gives it."""
    aws.group(NAME, events=GeneratedEvents(30_000, start=NOW, span=1000, message=str))
    aws.group("rare", log_class="INFREQUENT_ACCESS")
    client = aws.client()
    token = client.filter_log_events(logGroupName=NAME)["nextToken"]
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"logGroupName": "none"}, "ResourceNotFoundException"),
        ({"logGroupName": NAME, "nextToken": "made up"}, "InvalidParameterException"),
        ({"logGroupName": NAME, "nextToken": token, "startTime": 5}, "InvalidParameterException"),
        ({"logGroupName": NAME, "filterPattern": "a-b"}, "InvalidParameterException"),
        ({"logGroupName": "rare"}, "InvalidOperationException"),
    ]
    for parameters, code in wrong:
        with pytest.raises(ClientError) as error:
            client.filter_log_events(**parameters)
        assert code_of(error) == code
    assert isinstance(aws.time, SimulatedTime)
    aws.time.sleep(24 * 3600 + 1)
    with pytest.raises(ClientError) as error:
        client.filter_log_events(logGroupName=NAME, nextToken=token)
    assert code_of(error) == "InvalidParameterException"
    aws.deny("logs:FilterLogEvents")
    with pytest.raises(ClientError, match="not authorized to perform: logs:FilterLogEvents"):
        client.filter_log_events(logGroupName=NAME)


def test_throttling_and_late_events(aws: CloudWatch) -> None:
    """Calls beyond the bucket are throttled until time has passed; an event is found once it has come in."""
    group = aws.group(NAME)
    group.put([(NOW, "late")], visible=NOW + 3_000)
    aws.limit("FilterLogEvents", rate=2, burst=2)
    client = aws.client()
    assert [client.filter_log_events(logGroupName=NAME)["events"] for _ in range(2)] == [[], []]
    with pytest.raises(ClientError) as error:
        client.filter_log_events(logGroupName=NAME)
    assert (code_of(error), error.value.response["ResponseMetadata"]["HTTPStatusCode"]) == ("ThrottlingException", 400)
    assert isinstance(aws.time, SimulatedTime)
    aws.time.sleep(3)
    assert len(client.filter_log_events(logGroupName=NAME)["events"]) == 1
    assert aws.desk.throttled["FilterLogEvents"] == 1


def test_troubles() -> None:
    """Every so manieth call goes wrong in its way."""
    with CloudWatch(time=SimulatedTime(), troubles=Troubles(errors=2)) as aws:
        aws.group(NAME)
        aws.client().filter_log_events(logGroupName=NAME)
        with pytest.raises(ClientError, match="ServiceUnavailable"):
            aws.client().filter_log_events(logGroupName=NAME)
    with CloudWatch(time=SimulatedTime(), troubles=Troubles(resets=1)) as aws, pytest.raises(HTTPClientError):
        aws.client().filter_log_events(logGroupName=NAME)
    assert aws.troubles.met["resets"] == 1


def test_insights(aws: CloudWatch) -> None:
    """Whole seconds, states on the way, a part of the rows while it runs, statistics, pages."""
    group = aws.group(NAME, log_class="INFREQUENT_ACCESS")
    group.put([(NOW - 1, "before"), (NOW, "one"), (NOW + 999, "two"), (NOW + 1000, "after")])
    client = aws.client()
    query = client.start_query(
        logGroupName=NAME,
        startTime=NOW // 1000,
        endTime=NOW // 1000,
        queryString="fields @timestamp, @message | filter @message like /o/ | sort @timestamp asc | limit 10",
    )["queryId"]
    answers = [client.get_query_results(queryId=query) for _ in range(3)]
    assert [answer["status"] for answer in answers] == ["Scheduled", "Running", "Complete"]
    assert [len(answer["results"]) for answer in answers] == [0, 1, 2]
    assert [cell["value"] for cell in answers[2]["results"][1][:2]] == ["2026-11-02 11:46:40.999", "two"]
    assert answers[2]["statistics"]["bytesScanned"] == 2 * 29.0
    first = client.get_query_results(queryId=query, maxItems=1)
    rest = client.get_query_results(queryId=query, maxItems=1, nextToken=first["nextToken"])
    assert [len(page["results"]) for page in (first, rest)] == [1, 1]
    with pytest.raises(ClientError) as error:
        client.start_query(logGroupName=NAME, startTime=0, endTime=1, queryString="fields @message | limit 100001")
    assert code_of(error) == "MalformedQueryException"


def test_groups_come_in_pages(aws: CloudWatch) -> None:
    """Fifty groups a page, in order, filtered by prefix or part of the name."""
    for number in range(60):
        aws.group(f"group-{number:02d}")
    client = aws.client()
    first = client.describe_log_groups(logGroupNamePrefix="group-")
    rest = client.describe_log_groups(logGroupNamePrefix="group-", nextToken=first["nextToken"])
    assert (len(first["logGroups"]), len(rest["logGroups"])) == (50, 10)
    assert [one["logGroupName"] for one in client.describe_log_groups(logGroupNamePattern="-07")["logGroups"]] == [
        "group-07"
    ]


@pytest.mark.parametrize(
    ("pattern", "message", "found"),
    [
        ("", "anything", True),
        ("ERROR", "an ERROR here", True),
        ("ERROR", "an ERRORS here", False),
        ('"two words" last', "last of two words", True),
        ('"two words" last', "two words", False),
        ("?one ?two", "two", True),
        ("?one ?two", "three", False),
        ('?one "two"', "one", False),
        ('"status" -"status: 200"', "status: 404", True),
        ('"status" -"status: 200"', "status: 200", False),
        ("%40[0-9]%", "a 404", True),
        ("%40[0-9]%", "a 414", False),
        (r'"say \"hi\""', 'they say "hi"', True),
    ],
)
def test_patterns(pattern: str, message: str, found: bool) -> None:
    """Terms are whole words and case-sensitive; ``?`` counts only where no other terms stand."""
    assert matcher(pattern)(message) == found


@pytest.mark.parametrize("pattern", ["a-b", "x" * 1025, "%(a)%", '"open'])
def test_bad_patterns(pattern: str) -> None:
    """What AWS refuses is refused."""
    with pytest.raises(BadPattern):
        matcher(pattern)

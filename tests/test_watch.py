"""Watching a live group: an hour of traffic in simulated time."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from loganalyzer.errors import AwsError, UsageError
from loganalyzer.fetcher.assembly import GRACE_MS, IDLE_MS, Assembly
from loganalyzer.fetcher.follow import LATE_MS, Followed, Follower
from loganalyzer.model import Request
from loganalyzer.simulate import make_requests
from loganalyzer.watch import Watch
from tests.aws import CloudWatch, Group, SimulatedTime, Troubles
from tests.fetcher.logs import GROUP, NAME, NOW

MINUTE = 60_000


Shown = dict[str, tuple[str, ...]]


def traffic(group: Group, *, seconds: int, gap: int, seed: int = 3) -> tuple[Shown, set[str]]:
    """Requests from now on, ``gap`` ms apart, their events found some seconds or a few minutes late.

    The categories that the lines of each request allow, an empty string for a success; and the requests of which a line
    came so late that they were over before.
    """
    rng = Random(seed)
    shown: Shown = {}
    late: set[str] = set()
    stream = 0
    count = seconds * 1000 // gap
    for number, request in enumerate(make_requests(count, seed=seed, level="info", failures=0.15, start=0)):
        start = NOW + 1_000 + number * gap
        shift = start - (request.times[0] if request.times else 0)
        shown[request.truth.request_id] = request.truth.shown
        # A new stream every few minutes, and the lines of one request may lie in two of them.
        stream = number // 50
        for at, text in zip(request.times, request.messages, strict=True):
            lag = rng.choice((500, 2_000, 5_000, 9_000)) if rng.random() < 0.98 else rng.randrange(20_000, 400_000)
            event = (at + shift, f"({request.truth.request_id}) {text}")
            group.put([event], stream=f"{stream + rng.randrange(2):032x}", visible=at + shift + lag)
            if lag >= 20_000:
                late.add(request.truth.request_id)
    return shown, late


def run(watch: Watch, time: SimulatedTime, *, seconds: int, every: int) -> list[Request]:
    """Poll for so long."""
    found: list[Request] = []
    for _ in range(seconds // every):
        time.sleep(every)
        found += watch.poll()
    return found


@pytest.mark.parametrize(
    ("troubles", "seconds"),
    [(Troubles(), 3_600), (Troubles(errors=17, resets=19, repeated=7, bad_tokens=11, empty=5), 900)],
)
def test_every_failed_request_is_reported_once(troubles: Troubles, seconds: int) -> None:
    """In an hour of traffic with late events every failed request is told once, with its category, no success is."""
    time = SimulatedTime()
    with CloudWatch(time=time, troubles=troubles) as aws:
        shown, late = traffic(aws.group(NAME, page_events=500), seconds=seconds, gap=4_000)
        watch = Watch([GROUP], clients=lambda region: aws.client(region=region), since=NOW, clock=time)
        found = run(watch, time, seconds=seconds + 900, every=15)
    told = Counter(request.request_id for request in found)
    assert set(told.values()) == {1}
    certain = {name for name, allowed in shown.items() if not {"", "INCOMPLETE"} & set(allowed)}
    assert certain <= set(told)
    assert not [name for name in told if shown[name] == ("",)]
    assert late & certain
    assert all(request.category in shown[request.request_id] for request in found if request.request_id not in late)
    assert (watch.failed, watch.open) == (len(found), 0)
    assert watch.requests == len(shown)


def test_memory_does_not_grow(tmp_path: Path) -> None:
    """What is remembered depends on the last minutes alone."""
    time = SimulatedTime()
    with CloudWatch(time=time) as aws:
        traffic(aws.group(NAME), seconds=5_400, gap=20_000)
        watch = Watch([GROUP], clients=lambda region: aws.client(region=region), since=NOW, clock=time)
        sizes = []
        for _ in range(6):
            run(watch, time, seconds=900, every=60)
            (watched,) = watch._watched
            seen = sum(len(bucket) for bucket in watched.follower._seen.values())
            sizes.append((seen, len(watched.assembly._over), len(watch._told)))
    assert max(sizes) <= tuple(2 * size + 10 for size in sizes[1])


def test_requests_of_before_are_not_told() -> None:
    """What was over when the watch began is no news; a request that was under way is told with all its lines."""
    time = SimulatedTime()
    with CloudWatch(time=time) as aws:
        group = aws.group(NAME)
        timeout = "Execution failed due to a timeout error"
        group.put([(NOW - 20_000, f"(old) {timeout}"), (NOW - 19_999, "(old) Method completed with status: 504")])
        group.put([(NOW - 9_000, "(new) HTTP Method: GET, Resource Path: /slow"), (NOW + 20_000, f"(new) {timeout}"),
                   (NOW + 20_000, "(new) Method completed with status: 504")])  # fmt: skip
        watch = Watch([GROUP], clients=lambda region: aws.client(region=region), since=NOW, clock=time)
        (found,) = run(watch, time, seconds=120, every=10)
    assert (found.request_id, found.path, found.category) == ("new", "/slow", "PROXY_INTEG_APIGW_TIMEOUT")


def test_an_outage_is_made_good() -> None:
    """While AWS cannot be reached the watch goes on, and says so; afterwards nothing is missing."""
    time = SimulatedTime()
    with CloudWatch(time=time) as aws:
        shown, _ = traffic(aws.group(NAME), seconds=600, gap=5_000)
        watch = Watch([GROUP], clients=lambda region: aws.client(region=region), since=NOW, clock=time)
        found = run(watch, time, seconds=120, every=10)
        aws.troubles.errors = 1
        time.sleep(10)
        found += watch.poll()
        assert "ServiceUnavailableException" in watch.trouble
        aws.troubles.errors = 0
        found += run(watch, time, seconds=1_500, every=10)
        assert watch.trouble == ""
    assert {name for name, allowed in shown.items() if not {"", "INCOMPLETE"} & set(allowed)} <= {
        request.request_id for request in found
    }
    assert watch.requests == len(shown)


def test_what_waiting_does_not_mend_ends_it() -> None:
    """A permission that is missing is an error at once."""
    time = SimulatedTime()
    with CloudWatch(time=time) as aws:
        aws.group(NAME)
        aws.deny("logs:FilterLogEvents")
        watch = Watch([GROUP], clients=lambda region: aws.client(region=region), since=NOW, clock=time)
        with pytest.raises(AwsError, match="logs:FilterLogEvents"):
            watch.poll()


def test_a_group_that_cannot_be_watched() -> None:
    """A group of another class is refused at once, with another way to read it."""
    group = replace(GROUP, log_class="INFREQUENT_ACCESS")
    with pytest.raises(UsageError, match="is of class INFREQUENT_ACCESS"):
        Watch([group], clients=lambda region: None, since=NOW, clock=SimulatedTime())


def test_a_follower_gives_each_event_once() -> None:
    """Events of one millisecond, late ones and those whose ids tell no order come once, in whatever poll finds them."""
    time = SimulatedTime()
    with CloudWatch(time=time) as aws:
        group = aws.group(NAME)
        for n in range(200):
            at = NOW + n // 5 * 2_000
            group.put(
                [(at, f"(a) #{n}")], stream=f"{n % 3:032x}", visible=at + (n * 7919 % LATE_MS if n % 9 == 0 else 0)
            )
        follower = Follower(lambda op, given: aws.answer("FilterLogEvents", dict(given), region="eu-central-1"), GROUP,
                            since=NOW)  # fmt: skip
        found: list[Followed] = []
        for _ in range(500):
            time.sleep(5)
            found += follower.poll(int(time.now() * 1000))
    assert sorted(int(event.message.partition("#")[2]) for event in found) == list(range(200))
    assert sum(map(len, follower._seen.values())) == 0


def test_when_a_request_is_over() -> None:
    """One that has ended is over after a while of quiet, one that has not after a longer one; lines come in order."""
    assembly = Assembly()
    assembly.take(Followed(NOW + 2, 12, "(a) Method completed with status: 200"), NOW)
    assembly.take(Followed(NOW + 1, 11, "(a) Starting execution for request: a"), NOW + 1)
    assembly.take(Followed(NOW, 10, "(b) Starting execution for request: b"), NOW)
    assembly.take(Followed(NOW, 13, "no request id"), NOW)
    assert list(assembly.over(NOW + GRACE_MS)) == []
    ((name, text),) = assembly.over(NOW + GRACE_MS + 1)
    assert (name, [line[25:] for line in text.splitlines()]) == (
        "a", [b"(a) Starting execution for request: a", b"(a) Method completed with status: 200"])  # fmt: skip
    assert [name for name, _ in assembly.over(NOW + IDLE_MS)] == ["b"]
    assert assembly.take(Followed(NOW + 3, 14, "(a) X-ray Tracing ID : 1"), NOW) == ""
    assert assembly.take(Followed(NOW + 3, 14, "(b) Execution failed due to a timeout error"), NOW) == "b"
    assert len(assembly) == 0


def test_too_many_open_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond a bound the oldest requests are taken for over."""
    monkeypatch.setattr("loganalyzer.fetcher.assembly.MOST_OPEN", 10)
    assembly = Assembly()
    for n in range(25):
        assembly.take(Followed(NOW + n, n, f"(r-{n}) Starting execution for request: r-{n}"), NOW)
    assert [name for name, _ in assembly.over(NOW)] == [f"r-{n}" for n in range(15)]

"""Logs in S3: which objects a URL means, how they are read, and what is said of those that cannot be."""

from __future__ import annotations

import gzip
import pickle
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

import loganalyzer as la
from loganalyzer.coverage import Coverage
from loganalyzer.errors import AwsError, UsageError
from loganalyzer.fetcher import objects
from loganalyzer.fetcher.objects import S3Object, find_objects
from loganalyzer.fetcher.refusals import AwsRefused
from loganalyzer.formats import find_inputs
from loganalyzer.parser.table import AT_ONCE
from tests.live import Answer, Asked, Says, Script, boto

CAPTURES = Path(__file__).parents[2] / "fixtures" / "captures"
LOG = (CAPTURES / "error.log").read_bytes()


@pytest.fixture
def bucket(moto: str) -> Callable[[Mapping[str, bytes]], str]:
    """Puts objects into a bucket and says what it is called."""

    def fill(contents: Mapping[str, bytes]) -> str:
        s3 = boto("s3")
        s3.create_bucket(Bucket="logs", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        for key, content in contents.items():
            s3.put_object(Bucket="logs", Key=key, Body=content)
        return "s3://logs"

    return fill


Fill = Callable[[Mapping[str, bytes]], str]

KEYS = ("a/1.gz", "a/2.gz", "a/deep/3.gz", "a", "ab/4.gz", "a/empty/", "a/aws-logs-write-test", "b*/5")

MEANT = {
    "": ["a", "a/1.gz", "a/2.gz", "a/deep/3.gz", "ab/4.gz", "b*/5"],
    "/": ["a", "a/1.gz", "a/2.gz", "a/deep/3.gz", "ab/4.gz", "b*/5"],
    "/a/": ["a/1.gz", "a/2.gz", "a/deep/3.gz"],
    "/a": ["a"],
    "/a/deep": ["a/deep/3.gz"],
    "/a/1": ["a/1.gz"],
    "/a/1.gz": ["a/1.gz"],
    "/a/*.gz": ["a/1.gz", "a/2.gz", "a/deep/3.gz"],
    "/*/[13].gz": ["a/1.gz", "a/deep/3.gz"],
    "/b*/5": ["b*/5"],
    "/ab": ["ab/4.gz"],
}


def test_what_a_url_means(bucket: Fill) -> None:
    """An object, a directory, a prefix or a pattern, in this order; never what only tests permissions, or is empty."""
    url = bucket({key: b"" if key.endswith("/") else LOG for key in KEYS})
    for rest, keys in MEANT.items():
        assert [source.name for source in find_inputs([url + rest])] == [f"s3://logs/{key}" for key in keys], rest


def test_each_object_is_read_once(bucket: Fill) -> None:
    """Several URLs may mean the same object."""
    url = bucket({"a/1": LOG, "a/2": LOG})
    assert [source.number for source in find_inputs([f"{url}/a/1", f"{url}/a/"])] == [1, 2]


@pytest.mark.parametrize("jobs", [1, 2])
def test_s3_says_what_the_files_say(bucket: Fill, jobs: int) -> None:
    """The analysis of objects is that of the same files, in this process and in several; nothing is stored."""
    files = sorted(path for path in CAPTURES.iterdir() if path.suffix in (".log", ".gz"))
    url = bucket({f"x/{path.name}.gz": gzip.compress(path.read_bytes()) for path in files})
    stored, local = la.analyze(f"{url}/x/", jobs=jobs), la.analyze(*files, jobs=1)
    assert stored.summary() == local.summary()
    assert stored.coverage.files == len(files)
    request = next(local.records())
    assert stored.timeline(request.request_id).steps == local.timeline(request.request_id).steps


def test_objects_travel_to_other_processes(bucket: Fill) -> None:
    """An object survives pickling and can be opened again and again."""
    (found,) = find_objects(f"{bucket({'x': LOG})}/x")
    again: S3Object = pickle.loads(pickle.dumps(found))
    assert again == found
    assert again.open().read() == found.open().read() == LOG


def test_one_object_that_is_gone(bucket: Fill) -> None:
    """What disappears or changes between listing and reading is in coverage; the rest is read."""
    url = bucket({"x/1": LOG, "x/2": LOG, "x/3": LOG})
    inputs = find_inputs([f"{url}/x/"])
    boto("s3").delete_object(Bucket="logs", Key="x/2")
    boto("s3").put_object(Bucket="logs", Key="x/3", Body=LOG * 2)
    said = []
    for source in inputs:
        coverage = Coverage()
        assert bool(list(source.chunks(coverage))) == (source.name == "s3://logs/x/1")
        said += [f"{problem.where}: {problem.what}" for problem in coverage.problems]
    assert said == [
        "s3://logs/x/2: the object is gone since it was listed",
        "s3://logs/x/3: the object was replaced since it was listed",
    ]


# -- what S3 can answer ------------------------------------------------------------------------------------------------


def listing(*keys: str, size: int = len(LOG)) -> Answer:
    """A listing of a bucket."""
    entries = "".join(
        f"<Contents><Key>{key}</Key><Size>{size}</Size><ETag>&quot;e&quot;</ETag></Contents>" for key in keys
    )
    return Answer(f"<ListBucketResult><IsTruncated>false</IsTruncated>{entries}</ListBucketResult>".encode())


def error(code: str, message: str = "", *, status: int = 403, **headers: str) -> Answer:
    """A refusal of S3."""
    body = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()
    return Answer(body, status, {name.replace("_", "-"): value for name, value in headers.items()})


LISTS: dict[str, tuple[Says, type[Exception], str, str]] = {
    "no bucket": (error("NoSuchBucket", status=404), UsageError, "there is no bucket logs", "check the name"),
    "denied": (
        error("AccessDenied", "User: u is not authorized to perform: s3:ListBucket on resource: \"arn:aws:s3:::logs\" "
              "because no identity-based policy allows the s3:ListBucket action"),
        AwsRefused, "s3://logs/x/: s3:ListBucket is not permitted on arn:aws:s3:::logs",
        "loganalyzer policy --for s3 --bucket s3://logs/x/",
    ),
    "denied in few words": (
        error("AccessDenied", "Access Denied"), AwsRefused, "s3://logs/x/: s3:ListBucket is not permitted", "policy",
    ),
    "another region": (
        error("PermanentRedirect", "must be addressed using the specified endpoint", status=301),
        AwsRefused, "it is in another region", "--region",
    ),
    "an expired token": (error("ExpiredToken", status=400), AwsRefused, "credentials have expired", "sign in"),
    "nothing": (listing(), UsageError, "there is nothing to read at s3://logs/x/", "aws s3 ls s3://logs/"),
}  # fmt: skip


@pytest.mark.parametrize("what", LISTS)
def test_a_listing_that_fails(scripted: Script, what: str) -> None:
    """A bucket that is missing, elsewhere or closed is one line with what to do."""
    answer, kind, said, tip = LISTS[what]
    scripted({"GET /logs": answer, "HEAD /logs": Answer(b"", 404)})
    with pytest.raises(kind) as raised:
        find_inputs(["s3://logs/x/"])
    assert said in str(raised.value)
    assert tip in getattr(raised.value, "tip", "")


def test_a_bucket_in_another_region_is_followed(scripted: Script) -> None:
    """Where S3 says in which region a bucket is, it is asked there."""
    places: list[str] = []

    def answer(asked: Asked) -> Answer:
        places.append(asked.headers["Authorization"].split("/")[2])
        if places[-1] != "eu-west-1":
            return error("PermanentRedirect", "elsewhere", status=301, x_amz_bucket_region="eu-west-1")
        return listing("x/1")

    scripted({"GET /logs": answer})
    assert len(find_objects("s3://logs/x/")) == 1
    assert places == ["eu-central-1", "eu-west-1"]


@pytest.mark.parametrize("url", ["s3://", "s3:///x", "s3://A b/x", "s3://-/"])
def test_urls_that_are_none(url: str) -> None:
    """What cannot be a bucket is refused before anybody is asked."""
    with pytest.raises(UsageError, match="is no place in S3"):
        find_objects(url)


OBJECTS = {
    "denied": (error("AccessDenied", "Access Denied"), "s3:GetObject is not permitted", "loganalyzer policy --for s3"),
    "denied its key": (
        error("AccessDenied", "User: u is not authorized to perform: kms:Decrypt on the resource associated with this"),
        "kms:Decrypt is not permitted", "kms:Decrypt",
    ),
    "archived": (error("InvalidObjectState", status=403), "the object is archived", "restore it"),
}  # fmt: skip


@pytest.mark.parametrize("what", OBJECTS)
def test_an_object_that_cannot_be_read(scripted: Script, what: str) -> None:
    """One such object among others is in coverage, with its name, why, and what to do; nothing but it is refused."""
    answer, said, tip = OBJECTS[what]
    good = {"x/1": Answer(LOG), "x/3": Answer(LOG)}
    script = {f"GET /logs/{key}": says for key, says in good.items()}
    scripted({"GET /logs": listing("x/1", "x/2", "x/3"), "GET /logs/x/2": answer, **script})
    analysis = la.analyze("s3://logs/x/")
    (problem,) = analysis.coverage.problems
    assert (problem.where, problem.what) == ("s3://logs/x/2", said)
    assert tip in problem.tip
    assert analysis.coverage.files == 2


def test_objects_that_all_cannot_be_read(scripted: Script) -> None:
    """Where S3 gives out nothing at all, that is AWS's refusal and no report."""
    denied = error("AccessDenied", "Access Denied")
    scripted({"GET /logs": listing("x/1", "x/2"), "GET /logs/x/1": denied, "GET /logs/x/2": denied})
    with pytest.raises(AwsError, match="s3://logs/x/1: s3:GetObject is not permitted"):
        la.analyze("s3://logs/x/")


def test_several_objects_are_on_the_way_at_once(scripted: Script) -> None:
    """Objects are read side by side: no answer comes before as many are asked for as are read at once."""
    # Any smaller number would let some answers go while those that are to be read first wait for ever.
    together = threading.Barrier(AT_ONCE, timeout=120)

    def answer(asked: Asked) -> Answer:
        together.wait()
        return Answer(LOG)

    keys = [f"x/{number}" for number in range(AT_ONCE * 2)]
    scripted({"GET /logs": listing(*keys), **{f"GET /logs/{key}": answer for key in keys}})
    assert la.analyze("s3://logs/x/", jobs=1).coverage.files == len(keys)


class Brittle:
    """An object of which every answer breaks off; ``asked`` are the offsets that it was asked from."""

    def __init__(self, content: bytes, *, piece: int) -> None:
        self.content, self.piece, self.asked = content, piece, list[int]()

    def __call__(self, asked: Asked) -> Answer:
        """The next piece, though the rest is announced."""
        start = int(asked.headers.get("Range", "bytes=0-")[6:-1])
        self.asked.append(start)
        whole = {"content-length": str(len(self.content) - start), "connection": "close"}
        return Answer(self.content[start : start + self.piece], 206 if start else 200, whole)


def test_a_connection_that_breaks(scripted: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading goes on where it was when a connection breaks, and pauses in between."""
    pauses: list[float] = []
    monkeypatch.setattr(objects, "_pause", pauses.append)
    brittle = Brittle(LOG, piece=len(LOG) // 4)
    scripted({"GET /logs": listing("x"), "GET /logs/x": brittle})
    (found,) = find_objects("s3://logs/x")
    with found.open() as stream:
        assert b"".join(iter(lambda: stream.read(1000), b"")) == LOG
    assert brittle.asked == sorted(set(brittle.asked))
    assert len(brittle.asked) >= 4
    assert len(pauses) == len(brittle.asked) - 1


def test_a_connection_that_never_holds(scripted: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    """What breaks again and again without a byte is given up, and said."""
    monkeypatch.setattr(objects, "_pause", lambda seconds: None)
    scripted({"GET /logs": listing("x"), "GET /logs/x": Brittle(LOG, piece=0)})
    (found,) = find_objects("s3://logs/x")
    with pytest.raises(AwsRefused, match="broke 5 times"):
        found.open().read()

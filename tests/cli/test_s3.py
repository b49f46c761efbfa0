"""Logs in S3 on the command line."""

from __future__ import annotations

from tests.cli.conftest import Run
from tests.fetcher.test_objects import LOG, error, listing
from tests.live import Answer, Script, boto


def test_analyze_and_trace(run: Run, moto: str) -> None:
    """A prefix in S3 is a PATH like any other, for analyze and for trace."""
    s3 = boto("s3")
    s3.create_bucket(Bucket="logs", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    s3.put_object(Bucket="logs", Key="x/aws-logs-write-test", Body=b"Permission Check Successful")
    s3.put_object(Bucket="logs", Key="x/1", Body=LOG)
    done = run("analyze", "--format", "csv", "s3://logs/x/", "--region", "eu-central-1", "--strict")
    assert done.exit_code in (0, 4)
    request_id = done.stdout.splitlines()[1].split(",")[0]
    told = run("trace", request_id, "s3://logs/x/")
    assert told.exit_code == 0
    assert request_id in told.stdout


def test_errors_are_one_line(run: Run, scripted: Script) -> None:
    """A bucket that is not there ends with 2, one that is closed with 5; the line names the place."""
    denied = error("AccessDenied", "Access Denied")
    scripted(
        {
            "GET /none": error("NoSuchBucket", status=404),
            "GET /closed": denied,
            "GET /shut": listing("x"),
            "GET /shut/x": denied,
            "GET /odd": listing("x"),
            "GET /odd/x": Answer(b"hello"),
        }
    )
    for bucket, code, said in (
        ("none", 2, "error: there is no bucket none"),
        ("closed", 5, "error: s3://closed/: s3:ListBucket is not permitted"),
        ("shut", 5, "error: s3://shut/x: s3:GetObject is not permitted"),
        ("odd", 3, "error: s3://odd/x: "),
        ("a b", 2, "error: 's3://a b/' is no place in S3"),
    ):
        done = run("analyze", f"s3://{bucket}/")
        assert (done.exit_code, done.stdout) == (code, ""), done.stderr
        lines = done.stderr.splitlines()
        assert lines[0].startswith(said)
        assert lines[1].startswith("tip: ")
        assert len(lines) == 2

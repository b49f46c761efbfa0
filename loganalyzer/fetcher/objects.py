"""Objects in S3 as inputs: found by listing, read as streams, never stored."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from loganalyzer.errors import UsageError
from loganalyzer.fetcher.pages import items_of
from loganalyzer.fetcher.refusals import DENIED, MISSING, AwsRefused
from loganalyzer.fetcher.session import ask, client, environment

if TYPE_CHECKING:
    from botocore.client import BaseClient

SCHEME = "s3://"

_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]")
_MAGIC = re.compile(r"[*?[]")
_TRIES = 5
_pause = time.sleep


@dataclass(frozen=True, slots=True)
class S3Object:
    """One object; ``size`` is in bytes. It holds nothing but names, so it can be sent to another process.

    ``etag`` holds all readings to one content: what was replaced in between is refused.
    """

    bucket: str
    key: str
    size: int = 0
    etag: str = ""
    profile: str | None = None
    region: str | None = None

    @property
    def name(self) -> str:
        """The object as people write it."""
        return f"{SCHEME}{self.bucket}/{self.key}"

    def open(self) -> BinaryIO:
        """The bytes of the object from the first on; raises :class:`AwsRefused` when they cannot be had."""
        return cast(BinaryIO, _Stream(self))

    def body(self, start: int) -> Any:
        """What is left of the object from ``start`` on."""
        parameters = {"Bucket": self.bucket, "Key": self.key, **({"IfMatch": self.etag} if self.etag else {})}
        if start:
            parameters["Range"] = f"bytes={start}-"
        try:
            return ask(_s3(self.profile, self.region, environment()), "get_object", parameters)["Body"]
        except AwsRefused as refused:
            raise _unreadable(refused) from refused


class _Stream(io.RawIOBase):
    """A stream over an object that goes on where it was when a connection breaks."""

    def __init__(self, source: S3Object) -> None:
        super().__init__()
        self._source = source
        self._at = 0
        self._body: Any = None

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Up to ``size`` bytes, all that are left if it is negative; empty at the end."""
        if size < 0:
            return b"".join(iter(lambda: self.read(1 << 20), b""))
        for attempt in range(1, _TRIES + 1):
            try:
                data: bytes = self._open().read(size)
            except _broken() as error:
                self._drop()
                if attempt == _TRIES:
                    said = f"the connection to S3 broke {_TRIES} times: {' '.join(str(error).split())}"
                    raise AwsRefused(said, tip="check the network and try again") from error
                _pause(0.1 * 2**attempt)
                continue
            self._at += len(data)
            return data
        raise AssertionError("unreachable")

    def close(self) -> None:
        """Give the connection back."""
        self._drop()
        super().close()

    def _open(self) -> Any:
        if self._body is None:
            at_end = self._at and self._at >= self._source.size
            self._body = io.BytesIO() if at_end else self._source.body(self._at)
        return self._body

    def _drop(self) -> None:
        if self._body is not None:
            self._body.close()
            self._body = None


def find_objects(url: str, *, profile: str | None = None, region: str | None = None) -> list[S3Object]:
    """The objects that ``s3://bucket/key`` means, in the order of their keys, without empty ones.

    That is the object of this key; else all below it as below a directory; else all whose key begins so; a key with
    ``*``, ``?`` or ``[…]`` is a pattern. Raises :class:`UsageError` for a bucket that does not exist and for a key that
    nothing fits, :class:`AwsRefused` for what AWS refuses.
    """
    bucket, _, key = url.removeprefix(SCHEME).partition("/")
    if not _BUCKET.fullmatch(bucket):
        raise UsageError(f"{url!r} is no place in S3", tip="write it as s3://bucket/prefix")
    found = _Bucket(bucket, profile, region).matching(key)
    if not found:
        raise UsageError(f"there is nothing to read at {url}", tip=f"'aws s3 ls {SCHEME}{bucket}/' lists what there is")
    return found


@dataclass(frozen=True, slots=True)
class _Bucket:
    name: str
    profile: str | None
    region: str | None

    def matching(self, key: str) -> list[S3Object]:
        """The objects that a key means."""
        if not key or key.endswith("/"):
            return list(self._below(key))
        exact = [one for one in self._below(key, most=1) if one.key == key]
        if exact or not _MAGIC.search(key):
            return exact or list(self._below(f"{key}/")) or list(self._below(key))
        beginning = key[: _MAGIC.search(key).start()]  # type: ignore[union-attr]
        return [one for one in self._below(beginning) if fnmatchcase(one.key, key)]

    def _below(self, prefix: str, *, most: int = 1000) -> Iterator[S3Object]:
        """The objects whose keys begin so; with ``most`` below 1000 only the first page of so many."""
        source = _s3(self.profile, self.region, environment())
        asked: dict[str, object] = {"Bucket": self.name, "Prefix": prefix, "MaxKeys": most}
        try:
            if most < 1000:
                raws = ask(source, "list_objects_v2", asked).get("Contents") or []
            else:
                raws = items_of(source, "list_objects_v2", key="Contents", parameters=asked)
            for raw in raws:
                if raw["Size"]:
                    yield S3Object(self.name, raw["Key"], raw["Size"], raw.get("ETag", ""), self.profile, self.region)
        except AwsRefused as refused:
            raise self._refusal(refused, prefix) from refused

    def _refusal(self, refused: AwsRefused, prefix: str) -> UsageError | AwsRefused:
        if refused.kind == MISSING:
            return UsageError(f"there is no bucket {self.name}", tip="check the name, --profile and --region")
        tip = refused.tip
        if refused.kind == DENIED:
            tip = (
                f"ask for the permission: 'loganalyzer policy --for s3 --bucket {SCHEME}{self.name}/{prefix}' prints it"
            )
        said = f"{SCHEME}{self.name}/{prefix}: {refused.message}"
        return AwsRefused(said, tip=tip, kind=refused.kind, action=refused.action, code=refused.code)


@lru_cache(maxsize=8)
def _s3(profile: str | None, region: str | None, _: tuple[tuple[str, str], ...]) -> BaseClient:
    """One client for all objects: it learns in which region a bucket is, and keeps its connections."""
    return client("s3", profile=profile, region=region, attempts=5)


def _broken() -> tuple[type[Exception], ...]:
    """What reading from a connection raises when it breaks."""
    from botocore.exceptions import HTTPClientError, IncompleteReadError, ResponseStreamingError
    from urllib3.exceptions import HTTPError

    return HTTPClientError, IncompleteReadError, ResponseStreamingError, HTTPError, ConnectionError, TimeoutError


def _unreadable(refused: AwsRefused) -> AwsRefused:
    """Why one object cannot be read, in the words of S3 objects."""
    tip = refused.tip
    if refused.kind == DENIED:
        tip = "'loganalyzer policy --for s3' prints the permissions; an encrypted object also needs kms:Decrypt"
    said, tip = _WHY.get(refused.code, (refused.message, tip))
    return AwsRefused(said, tip=tip, kind=refused.kind, action=refused.action, code=refused.code)


_WHY = {
    "NoSuchKey": ("the object is gone since it was listed", "run the command again"),
    "PreconditionFailed": ("the object was replaced since it was listed", "run the command again"),
    "412": ("the object was replaced since it was listed", "run the command again"),
    "InvalidObjectState": ("the object is archived", "restore it from Glacier first"),
}

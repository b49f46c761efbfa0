"""An S3 export of the make-believe gateway: a tree of log streams, and beside it the truth about every request."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random
from typing import IO, cast

import msgspec

from loganalyzer.errors import UsageError
from loganalyzer.simulate.beside import Beside
from loganalyzer.simulate.interleave import MEAN_GAP, interleaved
from loganalyzer.simulate.requests import START, Gateway, SimulatedRequest

TRUTH = "truth.ndjson"
"""The file that holds the truth, one JSON object a request, in the order in which the requests came in."""

BYTES_A_REQUEST = 7_500
"""What a request logs on average at a mix of levels: a rough figure to plan with."""

BYTES_A_STREAM = 16_000_000
"""How much text goes into one stream unless told otherwise."""

SWAPPED = 0.25
"""The share of files whose halves are swapped in time: AWS does not promise the order inside an exported file
(https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/S3Export.html)."""

_BATCH = 2000

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Quota:
    """How much to write, in requests or in bytes of text, and how much there is already."""

    total: int
    unit: str
    done: int = 0

    def take(self, request: SimulatedRequest) -> None:
        """Count a request that is going to be written."""
        if self.unit == "requests":
            self.done += 1
            return
        prefix = len(request.truth.request_id) + 29
        self.done += sum(map(len, request.messages)) + prefix * len(request.messages)


@dataclass(slots=True)
class _Export:
    """What goes through all streams of one export."""

    gateway: Gateway
    rng: Random
    quota: Quota
    truth: IO[bytes]
    beside: Beside | None = None

    def half(self, until: int, *, start: int) -> Iterator[str]:
        """Lines of a stream from ``start`` on, until the export has reached ``until`` of its quota."""

        def arrive(at: int) -> SimulatedRequest | None:
            if self.quota.done >= until:
                return None
            request = self.gateway.request(at)
            self.quota.take(request)
            self.truth.write(msgspec.json.encode(request.truth) + b"\n")
            if self.beside is not None:
                for truth in self.beside.write(request):
                    self.truth.write(msgspec.json.encode(truth) + b"\n")
            return request

        return interleaved(arrive, self.rng, start=start)

    def stream(self, until: int, *, start: int) -> Iterator[str]:
        """Lines of one stream; in some the later half of its time comes first."""
        if self.rng.random() < SWAPPED:
            left = until - self.quota.done
            requests = left if self.quota.unit == "requests" else left // BYTES_A_REQUEST
            yield from self.half(until - left // 2, start=start + requests * MEAN_GAP + 60_000)
        yield from self.half(until, start=start)


def _planned(requests: int | None, size: int | None) -> Quota:
    if requests is not None and size is not None:
        raise UsageError("both a number of requests and a size are given", tip="give one of them")
    quota = Quota(1000 if requests is None else requests, "requests") if size is None else Quota(size, "bytes")
    if quota.total < 1:
        raise UsageError(f"cannot write {quota.total} {quota.unit}", tip="give a number of at least 1")
    return quota


def _streams(quota: Quota, streams: int | None) -> int:
    if streams is not None and streams < 1:
        raise UsageError(f"cannot write {streams} streams", tip="give a number of at least 1")
    requests = quota.total if quota.unit == "requests" else quota.total // BYTES_A_REQUEST + 1
    return min(streams or min(max(4, requests * BYTES_A_REQUEST // BYTES_A_STREAM), 1024), requests)


def _demand_empty(out: Path) -> None:
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out} exists and is not an empty directory", tip="name a directory that does not exist yet")


def _opened(stack: ExitStack, folder: Path, *, compress: bool) -> IO[bytes]:
    folder.mkdir(parents=True)
    if not compress:
        return stack.enter_context((folder / "000000").open("wb"))
    raw = stack.enter_context((folder / "000000.gz").open("wb"))
    return cast(IO[bytes], stack.enter_context(gzip.GzipFile("", "wb", 6, raw, mtime=0)))


def _batches(lines: Iterator[str]) -> Iterator[bytes]:
    while batch := "".join(islice(lines, _BATCH)):
        yield batch.encode()


def simulate(
    out: Path | str,
    *,
    requests: int | None = None,
    size: int | None = None,
    seed: int = 0,
    level: str = "mixed",
    failures: float = 0.075,
    streams: int | None = None,
    compress: bool = True,
    odd_ids: bool = False,
    lambda_logs: bool = False,
    access_logs: bool = False,
    progress: Progress | None = None,
) -> Path:
    """Write an export of ``requests`` requests (1000 by default) or of about ``size`` bytes of text to ``out``.

    With ``lambda_logs`` the functions' own logs are written to its folder ``lambda-logs``, with ``access_logs`` the
    API's to ``access-logs``, among it requests that the execution log never shows.
    The same arguments write the same bytes. ``progress`` is told how much of how much is done. Returns ``out``; the
    truth is in its ``truth.ndjson``. Raises :class:`UsageError` where an argument makes no sense.
    """
    out = Path(out)
    quota = _planned(requests, size)
    count = _streams(quota, streams)
    rng = Random(f"export {seed}")
    gateway = Gateway(rng, level=level, failures=failures, odd_ids=odd_ids)
    task = f"{rng.getrandbits(128):032x}"
    root = out / "exportedlogs" / "-".join((task[:8], task[8:12], task[12:16], task[16:20], task[20:]))
    try:
        _demand_empty(out)
        root.mkdir(parents=True)
        (root.parent / "aws-logs-write-test").write_text("Permission Check Successful", encoding="ascii")
        with (out / TRUTH).open("wb") as truth, ExitStack() as stack:
            beside = None
            if lambda_logs or access_logs:
                own = Random(f"beside {seed}")
                beside = stack.enter_context(Beside(out, own, lambdas=lambda_logs, access=access_logs))
            export = _Export(gateway, rng, quota, truth, beside)
            for number in range(1, count + 1):
                _write(export, root, quota.total * number // count, compress=compress, progress=progress)
    except OSError as error:
        raise UsageError(f"cannot write to {out}: {error.strerror}", tip="choose a place with room to write") from error
    return out


def _write(export: _Export, root: Path, until: int, *, compress: bool, progress: Progress | None) -> None:
    """One stream of the export as a file of its own."""
    lines = export.stream(until, start=START + export.rng.randrange(60_000))
    with ExitStack() as stack:
        file = _opened(stack, root / f"{export.rng.getrandbits(128):032x}", compress=compress)
        for batch in _batches(lines):
            file.write(batch)
            if progress is not None:
                progress(export.quota.done, export.quota.total)

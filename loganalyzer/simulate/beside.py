"""Files beside a make-believe export: one log group for each function, one for the access log."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from random import Random
from types import TracebackType
from typing import IO, cast

from loganalyzer.simulate.companions import ALONE, Companions
from loganalyzer.simulate.requests import SimulatedRequest, Truth
from loganalyzer.simulate.values import Invention

LAMBDA_LOGS, ACCESS_LOGS = "lambda-logs", "access-logs"


class Beside:
    """Writes what the rest of the account logs of each request; a folder a function below ``lambda-logs``."""

    def __init__(self, out: Path, rng: Random, *, lambdas: bool, access: bool) -> None:
        self._out, self._rng = out, rng
        self._lambdas, self._with_access = lambdas, access
        self._companions = Companions(rng)
        self._invention = Invention(rng)
        self._stack = ExitStack()
        self._files: dict[str, IO[bytes]] = {}

    def __enter__(self) -> Beside:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def write(self, request: SimulatedRequest) -> Iterator[Truth]:
        """Write all about a request; the truth about those that stand in the access log alone."""
        for function, text in self._companions.lambda_lines(request) if self._lambdas else ():
            self._file(f"{LAMBDA_LOGS}/{function}").write(text.encode())
        if self._with_access:
            self._file(ACCESS_LOGS).write(self._companions.access_line(request).encode())
            if self._rng.random() < ALONE:
                ids = (self._invention.request_id(), self._invention.extended_id())
                truth, line = self._companions.alone(request.story.at, ids=ids)
                self._file(ACCESS_LOGS).write(line.encode())
                yield truth

    def _file(self, group: str) -> IO[bytes]:
        if group not in self._files:
            folder = self._out / group / f"{self._rng.getrandbits(128):032x}"
            folder.mkdir(parents=True)
            raw = self._stack.enter_context((folder / "000000.gz").open("wb"))
            packed = cast(IO[bytes], gzip.GzipFile("", "wb", 6, raw, mtime=0))
            self._files[group] = self._stack.enter_context(packed)
        return self._files[group]

"""The cache: where fetched logs stay when no other place is named, one directory an account, region and group."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from loganalyzer.fetcher.group import LogGroup
from loganalyzer.formats.stored import JOURNAL, Span, merged, read_journal


def cache_directory() -> Path:
    """The user's cache directory for this program, as the operating system wants it."""
    from platformdirs import user_cache_path

    return user_cache_path("loganalyzer", appauthor=False) / "logs"


def place_of(group: LogGroup, *, cache: Path) -> Path:
    """The directory below which a group is cached."""
    return cache / (group.account or "unknown-account") / group.region


@dataclass(frozen=True, slots=True)
class Cached:
    """One group in the cache: bytes on disk, files, events, and the stretches of time that are there (ms)."""

    directory: Path
    group: str
    region: str
    account: str
    mode: str
    bytes: int
    files: int
    events: int
    spans: tuple[Span, ...]


def cached(cache: Path) -> Iterator[Cached]:
    """Every group in the cache, by account, region and name."""
    for path in sorted(cache.glob(f"*/*/*/{JOURNAL}")):
        journal = read_journal(path.parent)
        header = journal.header
        if header is None:
            continue
        sizes = [file.stat().st_size for file in path.parent.iterdir() if file.is_file()]
        windows = journal.windows.values()
        yield Cached(
            path.parent,
            header.group,
            header.region,
            header.account,
            header.mode,
            bytes=sum(sizes),
            files=sum(bool(window.file) for window in windows),
            events=sum(window.events for window in windows),
            spans=tuple(merged(journal.windows)),
        )


def clear(cache: Path) -> int:
    """Remove every group from the cache, and nothing else that may be there; the bytes that were freed."""
    freed = 0
    for one in list(cached(cache)):
        freed += one.bytes
        shutil.rmtree(one.directory)
        for parent in (one.directory.parent, one.directory.parent.parent):
            if not any(parent.iterdir()):
                parent.rmdir()
    return freed

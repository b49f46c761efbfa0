"""The directory of one group: whole at every moment."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from loganalyzer.fetcher.store import FAILURES, Store, directory_name, file_name
from loganalyzer.formats.stored import JOURNAL, read_journal
from tests.fetcher.logs import GROUP


def put(store: Store, first: int, last: int, *, final: bool = True) -> None:
    """Store a window with one event."""
    draft = store.draft()
    draft.write(b"2026-11-02T09:00:00.000Z (a) text\n")
    store.keep((first, last), draft, events=1, size=34, final=final)


def files(store: Store) -> list[str]:
    """The names of the logs in the directory."""
    return sorted(path.name for path in store.directory.iterdir() if path.suffix in (".gz", ".part"))


@pytest.mark.parametrize("name", ["a/b", "/aws/apigateway/x/prod", "../../etc/passwd", ".hidden", "a" * 512, "a/b#c"])
def test_names_of_groups_are_names_of_directories(name: str) -> None:
    """Any name of a group is one visible directory, and no two names are the same one."""
    made = directory_name(name)
    assert "/" not in made
    assert not made.startswith(".")
    assert len(made) < 240
    assert made != directory_name(name + "x")


def test_names_of_files_sort_as_times_do() -> None:
    """The files of a group stand in the order of time."""
    spans = [(0, 5), (6, 999), (1000, 86_400_000), (1_793_620_000_000, 1_793_620_000_001)]
    assert sorted(map(file_name, spans)) == [file_name(span) for span in spans]
    assert file_name(spans[3]) == "2026-11-02T114640.000Z_2026-11-02T114640.001Z.log.gz"


def test_only_what_is_kept_stays(tmp_path: Path) -> None:
    """A draft that was never kept, and a file without its line in the journal, are gone when the store is opened."""
    store = Store(tmp_path, GROUP)
    with store.opened():
        put(store, 0, 9)
        half = store.draft()
        half.write(b"half")
        half.finish()
        (store.directory / file_name((10, 19))).write_bytes(b"renamed, but the program ended before it was noted")
        with (store.directory / JOURNAL).open("ab") as journal:
            journal.write(b'{"type":"window","first":20')
    with Store(tmp_path, GROUP).opened() as again:
        assert files(again) == [file_name((0, 9))]
        put(again, 10, 19)
        assert sorted(read_journal(again.directory).windows) == [(0, 9), (10, 19)]
        assert read_journal(again.directory).damaged == 0


def test_young_windows_are_read_again_whole(tmp_path: Path) -> None:
    """What is wanted of a stretch is all that is not final, young windows from end to end."""
    with Store(tmp_path, GROUP).opened() as store:
        put(store, 0, 9)
        put(store, 10, 29, final=False)
        assert store.wanted((5, 15)) == [(10, 29)]
        assert store.wanted((0, 9)) == []
        put(store, 10, 19)
        assert store.wanted((0, 40)) == [(20, 40)]
        assert files(store) == [file_name((0, 9)), file_name((10, 19))]


def test_failures_and_other_regions_stand_apart(tmp_path: Path) -> None:
    """Directories are told apart by what they hold, by region and by account."""
    other = replace(GROUP, region="us-east-1")
    with Store(tmp_path, GROUP).opened() as one, Store(tmp_path, GROUP, mode=FAILURES).opened() as two:
        with Store(tmp_path, other).opened() as three:
            assert len({one.directory, two.directory, three.directory}) == 3
        assert Store(tmp_path, other).directory == three.directory
    assert Store(tmp_path, replace(GROUP, account="")).directory == one.directory
    assert Store(tmp_path, replace(GROUP, account="999999999999")).directory != one.directory

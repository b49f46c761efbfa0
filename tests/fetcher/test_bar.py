"""The progress of a fetch where somebody can see it."""

from __future__ import annotations

from threading import Thread

import pytest

from loganalyzer.fetcher import bar
from loganalyzer.fetcher.progress import Progress


def progress(share: float) -> Progress:
    """So far."""
    return Progress(3, 1_234, 5_000_000, 7, share, 1_000_000.0, 40.0)


def test_what_is_said() -> None:
    """Windows, events, bytes, rate, and the time left while there is some."""
    assert bar.said(progress(0.5)) == "3 windows, 1,234 events, 5.0 MB, 1.0 MB/s, 40 s left"
    assert bar.said(progress(1.0)) == "3 windows, 1,234 events, 5.0 MB, 1.0 MB/s"


def test_nobody_sees_it() -> None:
    """Off a terminal and outside of notebooks nothing is drawn."""
    with bar.shown() as tell:
        assert tell is None


def test_in_a_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    """One bar is drawn from the first page on, a few times a second whoever tells, and in the end as far as it came."""
    drawn: list[str] = []

    class Handle:
        def update(self, shown: dict[str, str], *, raw: bool) -> None:
            drawn.append(f"again {shown['text/html']}")

    def display(shown: dict[str, str]) -> Handle:
        drawn.append(f"new {shown['text/html']}")
        return Handle()

    ticks = iter(range(1000))
    monkeypatch.setattr(bar, "_in_notebook", lambda: True)
    monkeypatch.setattr(bar, "_display", display)
    monkeypatch.setattr(bar, "monotonic", lambda: next(ticks) / 30)
    with bar.shown() as tell:
        assert tell is not None
        assert drawn == []
        threads = [Thread(target=lambda: [tell(progress(0.25)) for _ in range(15)]) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        tell(progress(1.0))
    assert [line.split()[0] for line in drawn] == ["new", *["again"] * (len(drawn) - 1)]
    assert 3 < len(drawn) < 20
    assert 'value="0.250"' in drawn[0]
    assert 'value="1.000"' in drawn[-1]


def test_nothing_is_drawn_where_nothing_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fetch that is refused, or has all there is, shows no bar."""
    monkeypatch.setattr(bar, "_in_notebook", lambda: True)
    with bar.shown():
        pass

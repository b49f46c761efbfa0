"""Reading ahead changes nothing but the time it takes."""

from collections.abc import Iterator

import pytest

from loganalyzer.parser.ahead import ahead


@pytest.mark.parametrize("count", [0, 1, 2, 3, 50])
def test_items_come_in_order(count: int) -> None:
    """Everything comes once and in its order."""
    assert list(ahead(range(count))) == list(range(count))


def test_an_error_is_raised_where_the_items_are_used() -> None:
    """What goes wrong while reading is not lost in the other thread; items before it are delivered."""

    def broken() -> Iterator[int]:
        yield 1
        raise OSError("no more")

    got = []
    with pytest.raises(OSError, match="no more"):
        for item in ahead(broken()):
            got.append(item)
    assert got == [1]


def test_whoever_stops_early_is_not_kept_waiting() -> None:
    """The thread ends when nobody wants more, however much there would be."""
    read = []

    def endless() -> Iterator[int]:
        number = 0
        while True:
            read.append(number)
            yield number
            number += 1

    items = ahead(endless())
    assert [next(items), next(items)] == [0, 1]
    items.close()  # type: ignore[attr-defined]
    before = len(read)
    assert before < 10
    assert len(read) == before

"""Reading ahead changes nothing but the time it takes."""

from collections.abc import Iterator

import pytest

from loganalyzer.parser.ahead import ahead, side_by_side


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


@pytest.mark.parametrize("width", [1, 3, 10])
def test_parts_come_one_after_the_other(width: int) -> None:
    """Parts that are read side by side are handed out in their order, each whole."""
    parts = [list(range(number)) for number in range(7)]
    assert [list(part) for part in side_by_side(parts, width=width)] == parts


def test_no_more_parts_are_opened_than_asked_for() -> None:
    """Only so many parts are on the way at a time."""
    opened = []

    def parts() -> Iterator[list[int]]:
        for number in range(100):
            opened.append(number)
            yield [number]

    coming = side_by_side(parts(), width=3)
    assert list(next(coming)) == [0]
    assert len(opened) == 3
    assert list(next(coming)) == [1]
    assert len(opened) == 4
    coming.close()  # type: ignore[attr-defined]


def test_a_part_that_is_left_early_is_read_no_further() -> None:
    """Whoever asks for the next part is done with this one."""
    endless = (iter(int, 1) for _ in range(3))
    assert [next(part) for part in side_by_side(endless, width=2)] == [0, 0, 0]

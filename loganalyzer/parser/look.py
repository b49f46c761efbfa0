"""The second look: back to the text of the requests that are worth it, and of no others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from loganalyzer.coverage import Coverage
from loganalyzer.formats import Input
from loganalyzer.model import Event
from loganalyzer.parser.columns import Rows
from loganalyzer.parser.lines import LineFinder, Lines, message_of
from loganalyzer.parser.summary import NO_TIME, SOURCE_SHIFT
from loganalyzer.parser.table import Table, opened

Flags = npt.NDArray[np.bool_]

MAX_MESSAGE = 1 << 20
"""Longer messages are cut when read again; no delivery of execution logs carries longer events."""


class Look:
    """Reads chosen sentences of chosen requests again.

    ``wanted`` are rows of the table, ``sentences`` for each of them the codes of the sentences that are of interest
    (a bool array of shape (rows, number of sentences)), None for all.
    """

    def __init__(self, inputs: Sequence[Input], table: Table, wanted: Rows, sentences: Flags | None = None) -> None:
        self._inputs, self._table = inputs, table
        self._rows, self._sentences = wanted, sentences
        self._keys = np.sort(wanted["key"])
        self._places: dict[bytes, list[int]] = {}
        for place, raw in enumerate(wanted["id"]):
            self._places.setdefault(raw.tobytes(), []).append(place)

    def events(self) -> list[list[Event]]:
        """The events of each wanted row, in the order of time and position."""
        found: list[list[Event]] = [[] for _ in range(len(self._rows))]
        finder = LineFinder(Coverage())
        spans = {number: span for number in range(len(self._inputs)) if (span := self._span(number))}
        chosen = [(number, self._inputs[number]) for number in spans]
        for (first, last), chunks in zip(spans.values(), opened(chosen), strict=True):
            for position, chunk in chunks:
                if position > last:
                    break
                if position + len(chunk.text) > first:
                    self._collect(chunk.text, finder.lines(chunk.text, position), found)
        for events in found:
            events.sort(key=lambda event: (NO_TIME if event.time is None else event.time, event.position))
        return found

    def _span(self, number: int) -> tuple[int, int] | None:
        """The first and last position in one input at which wanted lines may stand, None if there are none."""
        low, high = number << SOURCE_SHIFT, (number + 1) << SOURCE_SHIFT
        here = (self._rows["last_pos"] >= low) & (self._rows["first_pos"] < high)
        if not here.any():
            return None
        return max(low, int(self._rows["first_pos"][here].min())), min(high, int(self._rows["last_pos"][here].max()))

    def _collect(self, text: bytes, lines: Lines, found: list[list[Event]]) -> None:
        for line, place in self._chosen(lines):
            time = int(lines.time[line])
            start, end = int(lines.text[line]), int(lines.end[line])
            found[place].append(
                Event(
                    time=None if time == NO_TIME else time,
                    request_id=self._table.request_id(self._rows["id"][place].tobytes()),
                    message=message_of(text, start, min(end, start + MAX_MESSAGE)),
                    position=int(lines.position[line]),
                )
            )

    def _chosen(self, lines: Lines) -> Iterator[tuple[int, int]]:
        """(line, row) for every line of a wanted request that says a wanted sentence; rows may share an id."""
        if not len(lines.key) or not len(self._keys):
            return
        nearest = np.minimum(np.searchsorted(self._keys, lines.key), len(self._keys) - 1)
        runs = np.flatnonzero(self._keys[nearest] == lines.key)
        places = {run: self._places.get(lines.ids[run].tobytes(), []) for run in runs.tolist()}
        wanted = np.zeros(len(lines.key), bool)
        wanted[runs] = True
        for line in np.flatnonzero(wanted[lines.run_of]).tolist():
            for place in places[int(lines.run_of[line])]:
                if self._sentences is None or self._sentences[place, lines.code[line]]:
                    yield line, place

"""What forms lose, each in one sentence for the person who reads the coverage."""

from __future__ import annotations

from loganalyzer.coverage import Coverage

ORDER = "Logs Insights loses the order within a millisecond: there, the usual order of the sentences was taken"
SECONDS = "times are to the second: durations are rough, and lines of one second are taken in the order they stand in"
NO_TIME = "events carry no time: they are taken in the order they stand in, and nothing is said of durations"
NO_ZONE = "times are without a zone: taken as UTC"
NO_IDS = "messages carry no request id: consecutive lines that can follow one another were taken for one request"
GUESSED = "some lines do not tell which request they belong to: they were given to the one they fit best"
QUOTED = "no message of a log was found: words of a failure in the text were taken for one"
TEST = "console Test: times are to the second, and a test runs without authorizer, API key and usage plan"
UNMARKED = "an S3 export does not mark where an event ends: a line of a logged body may pass for an event"
ONE_PAGE = "the document is one page of several (nextToken): the other pages are missing"
QUERY = "the Insights query was not complete when its results were saved: rows are missing"


class Times:
    """Watches the times of events, to say in the end what they lack."""

    def __init__(self, coverage: Coverage) -> None:
        self._coverage = coverage
        self._timed = self._exact = self._untimed = False

    def see(self, time: int | None) -> None:
        """Take note of the time (ms) of one event, None where it has none."""
        if time is None:
            self._untimed = True
        else:
            self._timed = True
            self._exact = self._exact or time % 1000 > 0

    def tell(self) -> None:
        """Say what is missing: all times of some events, or all milliseconds."""
        if self._untimed:
            self._coverage.note(NO_TIME)
        if self._timed and not self._exact:
            self._coverage.note(SECONDS)

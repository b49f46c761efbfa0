"""A log written as a table: CSV of the console and of Logs Insights, pasted tables, text output of the AWS CLI."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from tests.formats.entries import INGESTED_MS, STREAM, Log, event_id, lines
from tests.formats.written_documents import insights_rows


def as_csv(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A CSV file."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue().encode()


def console_csv(log: Log) -> bytes:
    """``log-events-viewer-result.csv`` of the console."""
    return as_csv(("timestamp", "message"), [(str(entry.time), entry.text) for entry in log])


def console_csv_newest_first(log: Log) -> bytes:
    """The same, sorted the other way."""
    return as_csv(("timestamp", "message"), [(str(entry.time), entry.text) for entry in reversed(log)])


def insights_csv(log: Log) -> bytes:
    """Insights results as CSV, columns in the order of the query."""
    names = ("@logStream", "@timestamp", "@message")
    return as_csv(names, [[row[name] for name in names] for row in insights_rows(log)])


def insights_messages(log: Log) -> bytes:
    """Insights results of a query that sorts by ``@timestamp`` but shows the message alone."""
    return as_csv(("@message",), [(entry.text,) for entry in log])


def insights_split(log: Log) -> bytes:
    """Insights results of a query with ``parse @message "(*) *" as rid, msg``."""
    parsed = [(row["@timestamp"], *row["@message"][1:].split(") ", 1)) for row in insights_rows(log)]
    return as_csv(("@timestamp", "rid", "msg"), parsed)


def insights_markdown(log: Log) -> bytes:
    """Insights results copied as a Markdown table: line breaks are blanks there."""
    rows = [(row["@timestamp"], " ".join(row["@message"].split("\n")), row["@logStream"]) for row in insights_rows(log)]
    table = [("@timestamp", "@message", "@logStream"), ("---", "---", "---"), *rows]
    return lines(f"| {' | '.join(cells)} |" for cells in table)


def insights_pasted(log: Log) -> bytes:
    """Insights results copied off the screen: row numbers in front, TABs between."""
    rows = [
        (str(number), row["@timestamp"], " ".join(row["@message"].split("\n")), row["@logStream"])
        for number, row in enumerate(insights_rows(log), start=1)
    ]
    return lines("\t".join(cells) for cells in [("#", "@timestamp", "@message", "@logStream"), *rows])


def cli_text(log: Log) -> bytes:
    """``aws logs filter-log-events --output text``: keys in the order of the alphabet."""
    return lines(
        "\t".join(
            ("EVENTS", event_id(n, e), str(e.time + INGESTED_MS), STREAM, e.text, str(e.time)),
        )
        for n, e in enumerate(log)
    )


def cli_text_without_ids(log: Log) -> bytes:
    """``aws logs get-log-events --output text``."""
    return lines("\t".join(("EVENTS", str(e.time + INGESTED_MS), e.text, str(e.time))) for e in log)

"""A log in every form that people have: ``python -m tests.formats.writer`` writes those in fixtures/formats anew.

What a form loses stands in fixtures/formats/forms.toml.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from loganalyzer.parser.reader import events
from tests.formats import written_documents as documents
from tests.formats import written_lines as text
from tests.formats import written_tables as tables
from tests.formats import written_tests as tests
from tests.formats.entries import Entry, Log

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "formats"
SOURCE = "three-requests.log"
"""The requests that are written in every form, as the plain text of an export."""

FORMS: dict[str, Callable[[Log], bytes]] = {
    "s3-export.gz": text.s3_export,
    "filter-log-events.json": documents.filter_log_events,
    "filter-log-events-pages.json": documents.filter_log_events_pages,
    "filter-log-events.txt": tables.cli_text,
    "get-log-events.json": documents.get_log_events,
    "get-log-events.txt": tables.cli_text_without_ids,
    "subscription-record.json": documents.subscription_record,
    "subscription-record.base64": documents.subscription_base64,
    "subscription-records.ndjson": documents.subscription_lines,
    "firehose-glued": documents.firehose_glued,
    "firehose-gzip-members": documents.firehose_members,
    "firehose-gzip-in-gzip": documents.firehose_gzip_in_gzip,
    "firehose-messages-only": documents.firehose_messages,
    "lambda-event.json": documents.lambda_event,
    "kinesis-event.json": documents.kinesis_event,
    "firehose-event.json": documents.firehose_event,
    "console.csv": tables.console_csv,
    "console-newest-first.csv": tables.console_csv_newest_first,
    "insights.csv": tables.insights_csv,
    "insights.json": documents.insights_json,
    "insights-get-query-results.json": documents.get_query_results,
    "insights-messages-only.csv": tables.insights_messages,
    "insights-split-columns.csv": tables.insights_split,
    "insights-table.md": tables.insights_markdown,
    "insights-pasted.tsv": tables.insights_pasted,
    "aws-logs-tail.txt": text.tail_detailed,
    "aws-logs-tail-short.txt": text.tail_short,
    "aws-logs-tail-json.txt": text.tail_json,
    "awslogs.txt": text.awslogs,
    "awslogs-without-time.txt": text.awslogs_without_time,
    "sam-logs.txt": text.sam_logs,
    "sam-logs.json": documents.sam_logs_json,
    "zappa-tail.txt": text.zappa,
    "epoch-and-message.tsv": text.epoch_tab,
    "console-rows-tab.txt": text.rows_tab,
    "console-rows-blanks.txt": text.rows_blanks,
    "console-rows-bars.txt": text.rows_bars,
    "console-time-above.txt": text.time_above,
    "console-expanded-rows.txt": text.expanded_rows,
    "console-table-copied.md": text.copied_table,
    "console-rows-utf-16.txt": text.utf16_rows,
    "web-page.html": text.web_page,
    "list-marks.md": text.list_marks,
    "numbered-list.md": text.numbered,
    "quoted-fence.md": text.quoted_fence,
    "one-line.txt": text.one_line,
    "wrapped.txt": text.wrapped,
    "bare-messages.txt": text.bare_messages,
    "websocket.txt": text.web_socket,
    "2016-without-ids.log": text.without_ids,
    "test-console.txt": tests.console_test,
    "test-console-japanese.txt": tests.localised_test,
    "test-on-one-line.txt": tests.test_on_one_line,
    "test-invoke.json": tests.test_invoke_json,
    "test-invoke.yaml": tests.test_invoke_yaml,
    "log-delivery.ndjson": documents.delivery_json,
    "log-delivery-in-group.json": documents.delivery_in_group,
    "log-delivery-plain.txt": text.delivery_plain,
}
"""Every form by the name of its file."""

TESTS = frozenset(name for name in FORMS if name.startswith("test-"))
"""Forms of the console's Test."""

SEQUENTIAL = TESTS | {"zappa-tail.txt", "bare-messages.txt", "2016-without-ids.log"}
"""Forms that cannot keep apart requests that run at once."""

DATA = frozenset({"s3-export.gz", "console-rows-utf-16.txt", "test-invoke.json", "test-invoke.yaml"}) | {
    name for name, write in FORMS.items() if write.__module__ in (documents.__name__, tables.__name__)
}
"""Forms that are files rather than text to copy."""


def three_requests() -> list[Entry]:
    """The log that is written in every form."""
    content = (FOLDER / SOURCE).read_bytes()
    return [Entry(e.time or 0, e.request_id, e.message.decode()) for e in events([content])]


def main() -> None:
    """Write the files anew."""
    log = three_requests()
    for name, write in FORMS.items():
        (FOLDER / name).write_bytes(write(log))


if __name__ == "__main__":
    main()

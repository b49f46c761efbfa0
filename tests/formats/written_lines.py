"""A log written as text: exports, command-line tools, copies of the console, what is left of them in a chat."""

from __future__ import annotations

import html
import json
import textwrap

from tests.formats.entries import ACCOUNT, GROUP, STREAM, Entry, Log, at, iso, lines, local, requests_of
from tests.formats.written_documents import packed

_WIDTH = 100


def s3_export(log: Log) -> bytes:
    """A file of an export task: gzip, here of several members, line breaks of bodies as they are."""
    text = export_text(log)
    cut = len(text) // 3
    return packed(text[:cut]) + packed(text[cut : 2 * cut]) + packed(text[2 * cut :])


def export_text(log: Log) -> bytes:
    """The text of an export."""
    return lines(f"{iso(entry.time)} {entry.text}" for entry in log)


# -- command-line tools ----------------------------------------------------------------------------------------------


def tail_detailed(log: Log) -> bytes:
    """``aws logs tail``."""
    return lines(f"{at(e.time).isoformat(timespec='microseconds')} {STREAM} {e.text.rstrip()}" for e in log)


def tail_short(log: Log) -> bytes:
    """``aws logs tail --format short``."""
    return lines(f"{at(e.time):%Y-%m-%dT%H:%M:%S} {e.text.rstrip()}" for e in log)


def tail_json(log: Log) -> bytes:
    """``aws logs tail --format json``: no fraction where it is zero."""
    return lines(f"{at(e.time).isoformat()} {STREAM} {e.text.rstrip()}" for e in log)


def awslogs(log: Log) -> bytes:
    """``awslogs get --timestamp``, with the colours of a terminal."""
    green, cyan, yellow, end = "\x1b[32m", "\x1b[36m", "\x1b[33m", "\x1b[0m"
    return lines(f"{green}{GROUP}{end} {cyan}{STREAM}{end} {yellow}[{iso(e.time)}]{end} {e.text.rstrip()}" for e in log)


def awslogs_without_time(log: Log) -> bytes:
    """``awslogs get`` as most people call it."""
    return lines(f"{GROUP} {STREAM} {e.text.rstrip()}" for e in log)


def sam_logs(log: Log) -> bytes:
    """``sam logs``."""
    return lines(f"{STREAM} {at(e.time):%Y-%m-%dT%H:%M:%S}.{e.time % 1000 * 1000:06d} {e.text.rstrip()}" for e in log)


def zappa(log: Log) -> bytes:
    """``zappa tail``: neither milliseconds nor request ids."""
    return lines(f"[{STREAM}] [{at(e.time):%Y-%m-%d %H:%M:%S}] {e.message.rstrip()}" for e in log)


def epoch_tab(log: Log) -> bytes:
    """What shell scripts around ``jq`` print."""
    return lines(f"{entry.time}\t{entry.text}" for entry in log)


# -- the console -----------------------------------------------------------------------------------------------------


def rows_tab(log: Log) -> bytes:
    """Rows copied in the viewer's zone, nine hours ahead."""
    return lines(f"{local(entry.time, hours=9)}\t{entry.text}" for entry in log)


def rows_blanks(log: Log) -> bytes:
    """Rows copied with blanks between, four hours behind."""
    return lines(f"{local(entry.time, hours=-4)}  {entry.text}" for entry in log)


def rows_bars(log: Log) -> bytes:
    """Rows with a bar between time and message, line breaks gone."""
    return lines(f"{local(entry.time, hours=1)} | {' '.join(entry.text.split())}" for entry in log)


def time_above(log: Log) -> bytes:
    """The time on a line of its own."""
    return lines(f"{iso(entry.time)}\n{entry.text}" for entry in log)


def expanded_rows(log: Log) -> bytes:
    """Rows that were expanded: the message stands twice, JSON in it spread out the second time."""
    return lines(f"{local(e.time, hours=9)}\t{' '.join(e.text.split())}\n\n{_spread(e.text)}\n" for e in log)


def _spread(text: str) -> str:
    head, gap, value = text.partition(": {")
    try:
        return f"{head}: \n{json.dumps(json.loads('{' + value), indent=4, ensure_ascii=False)}" if gap else text
    except ValueError:
        return text


def copied_table(log: Log) -> bytes:
    """A table of the console pasted through HTML into Markdown: marks of the clipboard, a rule below the first row."""
    first, *rest = (entry.text for entry in log)
    return lines(
        [
            "<html>",
            "<body>",
            "<!--StartFragment-->",
            "",
            first,
            "--",
            *rest,
            "",
            "<!--EndFragment-->",
            "</body>",
            "</html>",
        ]
    )


def web_page(log: Log) -> bytes:
    """A web page that shows the log."""
    rows = "".join(f"<tr><td>{iso(e.time)}</td><td>{html.escape(e.text)}</td></tr>\n" for e in log)
    return f"<table>\n<tbody>\n{rows}</tbody>\n</table>\n".encode()


def utf16_rows(log: Log) -> bytes:
    """Rows saved by an editor of Windows: UTF-16 with its mark, CRLF."""
    return export_text(log).decode().replace("\n", "\r\n").encode("utf-16")


# -- in a chat or an issue -------------------------------------------------------------------------------------------


def list_marks(log: Log) -> bytes:
    """A Markdown list."""
    return lines(f"* `{iso(entry.time)} {' '.join(entry.text.split())}`" for entry in log)


def numbered(log: Log) -> bytes:
    """A numbered list without times."""
    return lines(f"{number}. {' '.join(e.text.split())}" for number, e in enumerate(log, start=1))


def quoted_fence(log: Log) -> bytes:
    """A code fence in a quoted answer."""
    text = export_text(log).decode().removesuffix("\n").split("\n")
    return lines(["> Here is what I get:", "> ", "> ```", *(f"> {line}" for line in text), "> ```", "", "Any idea?"])


def one_line(log: Log) -> bytes:
    """All events on one physical line."""
    return lines([" ".join(f"{iso(e.time)} {' '.join(e.text.split())}" for e in log)])


def wrapped(log: Log) -> bytes:
    """Events broken at the width of a window."""
    return lines(
        part
        for entry in log
        for part in textwrap.wrap(f"{iso(entry.time)} {' '.join(entry.text.split())}", _WIDTH, break_on_hyphens=False)
    )


def bare_messages(log: Log) -> bytes:
    """Messages without time and id, a blank line between requests."""
    return "\n".join("".join(f"{e.message}\n" for e in entries) for entries in requests_of(log)).encode()


def web_socket(log: Log) -> bytes:
    """Ids as a WebSocket API prints them: the extended id in place of the request id."""
    found = {}
    for entry in log:
        if entry.message.startswith("Extended Request Id: "):
            found[entry.id] = entry.message.removeprefix("Extended Request Id: ")
    renamed = [Entry(e.time, found.get(e.id, e.id), e.message.replace(e.id, found.get(e.id, e.id))) for e in log]
    return lines(f"{local(entry.time, hours=-5)} {entry.text}" for entry in renamed)


def without_ids(log: Log) -> bytes:
    """A log of 2016: neither request id in front nor extended id."""
    kept = [entry for entry in log if not entry.message.startswith("Extended Request Id: ")]
    return lines(f"{iso(entry.time)} {entry.message}" for entry in kept)


def delivery_plain(log: Log) -> bytes:
    """The log delivery as plain text; the order of the fields is a guess."""
    return lines(
        f"{iso(entry.time)} {ACCOUNT} abcde12345 prod {entry.id} {' '.join(entry.message.split())}" for entry in log
    )

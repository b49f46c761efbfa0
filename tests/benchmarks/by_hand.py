"""What people write themselves to count the requests that failed: ``python tests/benchmarks/by_hand.py pandas FILE…``.

Each prints how many requests were completed with a status of 400 and above.
"""

from __future__ import annotations

import gzip
import sys
from collections.abc import Callable, Sequence

LINE = r"^(\S+Z) \(([^)\s]+)\) (.*)$"
STATUS = r"(?:Method completed with status|Gateway response type: \w+ with status code): (\d+)"


def by_pandas(files: Sequence[str]) -> int:
    """As in a notebook: every line into a DataFrame, then columns by regular expressions, then one row a request."""
    import pandas as pd

    lines: list[str] = []
    for name in files:
        with gzip.open(name, "rt", encoding="utf-8", errors="replace") as file:
            lines += file.read().splitlines()
    events = pd.Series(lines, dtype="object").str.extract(LINE).dropna()
    events.columns = pd.Index(["time", "request_id", "message"])
    events["time"] = pd.to_datetime(events["time"], utc=True, format="ISO8601")
    events["status"] = events["message"].str.extract(STATUS, expand=False).astype("float")
    requests = events.groupby("request_id").agg(
        first_seen=("time", "min"), last_seen=("time", "max"), lines=("message", "size"), status=("status", "max")
    )
    return int((requests["status"] >= 400).sum())


def by_duckdb(files: Sequence[str]) -> int:
    """The same as one SQL statement over lines read as a CSV of one column."""
    import duckdb

    found = duckdb.execute(
        f"""
        WITH lines AS (
          SELECT line FROM read_csv($files, columns = {{'line': 'VARCHAR'}}, delim = '\\x01', quote = '', escape = '',
                                    header = false, auto_detect = false, null_padding = true, ignore_errors = true,
                                    max_line_size = 4000000)
        ), events AS (
          SELECT substr(line, 27, position(')' IN line) - 27) AS request_id, substr(line, 1, 24) AS time,
                 TRY_CAST(regexp_extract(line, '{STATUS}', 1) AS INTEGER) AS status
          FROM lines WHERE line LIKE '20%Z (%'
        ), requests AS (
          SELECT request_id, min(time) AS first_seen, max(time) AS last_seen, count(*) AS lines, max(status) AS status
          FROM events GROUP BY request_id
        )
        SELECT count(*) FROM requests WHERE status >= 400
        """,
        {"files": list(files)},
    ).fetchone()
    assert found is not None
    return int(found[0])


WAYS: dict[str, Callable[[Sequence[str]], int]] = {"pandas": by_pandas, "duckdb": by_duckdb}

if __name__ == "__main__":
    print(WAYS[sys.argv[1]](sys.argv[2:]))

"""A failed request in a few lines, for whoever watches a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from loganalyzer.model import Request
from loganalyzer.reports.clean import clean

_EVIDENCE = 160
_MOST = 2


def lines_of(request: Request) -> Iterator[str]:
    """When, status, category and where it stopped; route and id; the lines that prove it."""
    when = f"{request.first_seen:%Y-%m-%d %H:%M:%SZ}" if request.first_seen else "time unknown"
    status = request.client_status if request.client_status is not None else "---"
    yield f"{when}  {status}  {request.category}  stopped at {request.stopped_at}, confidence {request.confidence}"
    route = f"{request.method} {request.path or request.resource}".strip() or "route not in the log"
    yield "  " + clean("  ".join(part for part in (route, request.api, request.request_id) if part))
    for evidence in request.evidence[:_MOST]:
        text = clean(evidence)
        yield f"  | {text if len(text) <= _EVIDENCE else text[: _EVIDENCE - 1] + '…'}"

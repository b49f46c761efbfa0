"""Reads responses out of text as people paste it: curl -i, curl -v, httpie, wget -S, headers from a browser.

HTTP/1.1 and HTTP/2, folded and odd-cased headers, CRLF, terminal colours, the marks of ``curl -v``, redirects, proxies,
chunks, and text that ends in the middle.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from loganalyzer.client.records import ClientResponse, header

_COLOUR = re.compile(r"(?:\x1b|\^\[|\u241b)\[[0-9;?]{0,32}[A-Za-z]|\x1b\][^\x07\x1b\n]{0,200}(?:\x07|\x1b\\)")
_STATUS_LINE = re.compile(r"HTTP/\d(?:\.\d)?[ \t]+(\d{3})(?:[ \t]|$)")
_REQUEST_LINE = re.compile(r"([A-Z]{3,10})[ \t]+(\S{1,4000})[ \t]+HTTP/\d(?:\.\d)?\s*$")
_HEADER = re.compile(r"(:status|[!#$%&'*+.^_`|~0-9A-Za-z-]{1,200})[ \t]*:(.*)", re.DOTALL)
_VERBOSE = re.compile(r"^(?:\d\d:\d\d:\d\d\.\d{1,6} )?< HTTP/\d", re.MULTILINE)
_TRACE_TIME = re.compile(r"\d\d:\d\d:\d\d\.\d{1,6} (?=[<>*{}](?: |$))")
_QUOTED = re.compile(r"^> ?HTTP/\d", re.MULTILINE)
_TALK = re.compile(r"\* (?:Connection #\d|Closing connection|Curl_http_done|Connection \d+ to host)[^\n]*$")
_PROGRESS = re.compile(r"\s{0,8}(?:% Total\b.*|Dload\b.*|\d{1,3} +[\d.]+[kMGT]? +\d{1,3} +[\d.]+[kMGT]? .*)")
_ELAPSED = re.compile(r"Elapsed time: (\d{1,9}(?:\.\d{1,9})?)s\s*$")
_WGET = re.compile(r"Length: |Saving to: |\d{4}-\d\d-\d\d \d\d:\d\d:\d\d ERROR \d|--\d{4}-\d\d-\d\d ")
_LONGEST_VALUE = 16_384
_DOTS = re.compile(r"\s*(?:\.{3,}|…|\[\.{3}\])\s*$")
_BROWSER = re.compile(r"(Request URL|Request Method|Status Code|Status)[ \t]*:[ \t]*(.*)", re.IGNORECASE)
_SIGNS = re.compile(r"^(?::status|x-amzn-|x-amz-|apigw-requestid|status code)", re.IGNORECASE)
_CHUNK = re.compile(r"[ \t]*([0-9a-fA-F]{1,8})[ \t]*(?:;[^\n]*)?$")
_PAGE_STATUS = re.compile(r"<h1>\s{0,20}(\d{3}) ERROR", re.IGNORECASE)


@dataclass(slots=True)
class _Draft:
    """A response while its lines are being read."""

    status: int | None
    method: str = ""
    url: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: list[str] = field(default_factory=list)
    reading_headers: bool = True
    whole: bool = False
    gap: bool = False
    margin: int = 0
    marked: str = ""
    elapsed_ms: int | None = None


def responses_in(text: str) -> list[ClientResponse]:
    """Every response in the text, in its order; none where it holds no HTTP response."""
    lines = list(_tidied(text))
    drafts = _Reader(verbose=_VERBOSE.search(text) is not None).read(lines)
    if drafts:
        return [_finished(draft) for draft in drafts]
    return [found for found in (_headers_alone(lines), _body_alone("\n".join(lines))) if found is not None][:1]


def _tidied(text: str) -> Iterator[str]:
    """The lines without colours, code fences, and the marks that mail and wget put before each."""
    text = _COLOUR.sub("", text.lstrip("\ufeff")).replace("\r\n", "\n").replace("\r", "\n")
    quoted = _QUOTED.search(text) is not None
    for line in text.split("\n"):
        line = _TRACE_TIME.sub("", line, count=1)
        if quoted and line.startswith(">"):
            line = line[1:].removeprefix(" ")
        if _STATUS_LINE.match(line.lstrip()):
            line = line.lstrip()
        if not line.startswith("```"):
            yield line


class _Reader:
    """Goes through the lines once; what comes before the first status line may be the request."""

    def __init__(self, *, verbose: bool) -> None:
        self._verbose = verbose
        self._drafts: list[_Draft] = []
        self._method = self._path = self._host = ""

    def read(self, lines: list[str]) -> list[_Draft]:
        for line in lines:
            self._take(line)
        return self._drafts

    def _take(self, line: str) -> None:
        if not self._verbose:
            self._data(line)
        elif line.startswith("> ") or line == ">":
            self._request(line[2:])
        elif line == "<" or line.startswith("< "):
            self._mark(line[2:])
        elif not line.startswith(("* ", "{ [", "} [", "{ data", "} data")) and not _PROGRESS.fullmatch(line):
            self._data(_TALK.sub("", line))

    def _mark(self, line: str) -> None:
        """A line that curl -v marks as part of the response's head."""
        if self._current is not None and not self._current.reading_headers and not _STATUS_LINE.match(line):
            return
        self._data(line, marked="<")

    @property
    def _current(self) -> _Draft | None:
        return self._drafts[-1] if self._drafts else None

    def _data(self, line: str, *, marked: str = "") -> None:
        found = _STATUS_LINE.match(line)
        draft = self._current
        if found and not self._repeats(draft, int(found[1]), marked):
            url = self._path if "://" in self._path else (f"https://{self._host}{self._path}" if self._host else "")
            self._drafts.append(_Draft(int(found[1]), method=self._method, url=url, marked=marked))
        elif found:
            return
        elif draft is None or _REQUEST_LINE.match(line):
            self._request(line)
        elif draft.reading_headers:
            self._head(draft, line)
        elif elapsed := _ELAPSED.match(line):
            draft.elapsed_ms = round(float(elapsed[1]) * 1000)
        else:
            self._body(draft, line)

    @staticmethod
    def _body(draft: _Draft, line: str) -> None:
        if not (draft.margin and _WGET.match(line)):
            draft.body.append(line)

    def _repeats(self, draft: _Draft | None, status: int, marked: str) -> bool:
        """Whether curl -i and -v together say the same head twice, once with marks and once without."""
        if not self._verbose or draft is None or draft.status != status or any(draft.body) or draft.marked == marked:
            return False
        draft.reading_headers = True
        return True

    def _request(self, line: str) -> None:
        if found := _REQUEST_LINE.match(line):
            self._method, self._path, self._host = found[1], found[2], ""
            draft = self._current
            if draft is not None and not self._verbose:
                draft.reading_headers = False
        elif line.lower().startswith("host:"):
            self._host = line[5:].strip()

    def _head(self, draft: _Draft, line: str) -> None:
        bare = line.strip()
        if not bare:
            if draft.headers or not self._verbose:
                draft.reading_headers, draft.whole = False, True
        elif _DOTS.match(line):
            draft.gap = True
        elif _margin(line) < draft.margin:
            draft.reading_headers, draft.whole = False, True
            self._body(draft, line)
        elif draft.headers and _margin(line) > draft.margin:
            name, value = draft.headers[-1]
            draft.headers[-1] = (name, f"{value} {bare}".strip() if len(value) < _LONGEST_VALUE else value)
        elif found := _HEADER.match(bare):
            draft.margin = draft.margin if draft.headers else _margin(line)
            draft.headers.append((found[1], found[2].strip()))
        else:
            draft.reading_headers = False
            draft.body.append(line)


def _margin(line: str) -> int:
    """How far a line is indented: headers that wget shows all are, a folded one is further than the first."""
    return len(line) - len(line.lstrip(" \t"))


def _finished(draft: _Draft) -> ClientResponse:
    headers = tuple(dict.fromkeys(draft.headers))
    found = ClientResponse(draft.status, headers, None, draft.method, draft.url)
    # A server with a clock sends Date (RFC 9110, 6.6.1): without one the headers were shortened by whoever pasted them.
    whole = draft.whole and not draft.gap and header(found, "date") != ""
    body = "\n".join(draft.body).strip("\n")
    body = _unchunked(body, announced="chunked" in header(found, "transfer-encoding").lower())
    length = header(found, "content-length")
    cut = "" if draft.whole else "the headers do not end: the text is cut"
    known = body.strip() or length == "0"
    if known and length.isdecimal() and len(length) < 12 and not _is_json(body):
        size = len(body.encode("utf-8", "replace"))
        cut = f"the body is cut: {size:,} of {int(length):,} bytes" if size < int(length) else cut
    if known and not cut and _ends_early(body):
        cut = "the body ends in the middle"
    return ClientResponse(
        draft.status, headers, body if known else None, draft.method, draft.url, whole, cut, draft.elapsed_ms
    )


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _ends_early(body: str) -> bool:
    """Whether a body is the beginning of a JSON object."""
    if not body.lstrip().startswith("{"):
        return False
    try:
        json.JSONDecoder().raw_decode(body.strip())
    except (ValueError, RecursionError):
        return "}" not in body[-3:]
    return False


def _unchunked(body: str, *, announced: bool) -> str:
    """The body without the sizes that ``curl --raw`` leaves before each chunk."""
    lines = body.split("\n")
    if not _CHUNK.match(lines[0]) or (not announced and lines[-1].strip() != "0") or len(lines) < 2:
        return body
    done: list[bytes] = []
    raw = body.encode("utf-8", "replace")
    at = 0
    while at < len(raw):
        end = raw.find(b"\n", at)
        size = _CHUNK.match(raw[at : end if end >= 0 else len(raw)].decode("utf-8", "replace"))
        if size is None or end < 0 or not int(size[1], 16):
            break
        at = end + 1 + int(size[1], 16)
        done.append(raw[end + 1 : at])
        at += raw.startswith(b"\n", at)
    return b"".join(done).decode("utf-8", "replace") or body


def _headers_alone(lines: list[str]) -> ClientResponse | None:
    """Headers as a browser shows them: no status line, perhaps ``:status`` or "Status Code"."""
    draft = _Draft(None)
    method = url = ""
    signs = False
    for line in lines:
        told = _BROWSER.fullmatch(line.strip())
        if told and draft.reading_headers:
            name, value = told[1].lower(), told[2].strip()
            url, method = (value if name == "request url" else url), (value if name == "request method" else method)
            if name.startswith("status") and value[:3].isdecimal():
                draft.status = int(value[:3])
        elif not draft.reading_headers:
            draft.body.append(line)
        elif found := _HEADER.fullmatch(line.strip()):
            signs = signs or _SIGNS.match(found[1]) is not None
            if found[1] == ":status" and found[2].strip().isdecimal():
                draft.status = int(found[2].strip()[:3])
            else:
                draft.headers.append((found[1], found[2].strip()))
        elif line.strip() or draft.headers:
            draft.reading_headers = False
            draft.body.append(line)
    if not signs and not (draft.status and url):
        return None
    found_response = _finished(draft)
    return ClientResponse(draft.status, found_response.headers, found_response.body, method[:10], url)


def _body_alone(text: str) -> ClientResponse | None:
    """A body without its head, where it has the form of one that API Gateway, Lambda or CloudFront writes."""
    if "The request could not be satisfied" in text:
        page = _PAGE_STATUS.search(text)
        return ClientResponse(int(page[1]) if page else None, body=text.strip())
    bare = text.strip()
    if not bare.startswith("{") or not _is_json(bare):
        return None
    value = json.loads(bare)
    named = isinstance(value, dict) and {"message", "Message", "errorMessage"} & value.keys()
    return ClientResponse(body=bare) if named and len(value) <= 6 else None

"""Settings read from saved files: a snapshot, or answers of the AWS CLI under any name."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from loganalyzer.audit import calls
from loganalyzer.audit.recognise import is_empty_listing, recognised
from loganalyzer.audit.shapes import mapping, text
from loganalyzer.audit.snapshot import Answer, Snapshot, snapshot_of
from loganalyzer.coverage import Problem
from loganalyzer.errors import NothingReadable, UsageError

_LARGEST = 64_000_000
_HOW = "save one with: loganalyzer audit --api ID --save FILE, or aws apigateway get-stages … > stages.json"


def load(*paths: str | Path, api: str = "") -> Snapshot:
    """The snapshot in files, or in the ``*.json`` files of directories.

    ``api`` says which API it is where the files do not. Raises :class:`UsageError` for a path that does not exist and
    for settings of several APIs, :class:`NothingReadable` if no file holds an answer of a call that the audit makes.
    """
    answers: list[Answer] = []
    problems: list[Problem] = []
    about: dict[str, str] = {}
    apis: set[str] = set()
    for path in _files(paths):
        document = _document(path, problems)
        if document is None:
            continue
        found = recognised(document)
        answers += found
        if not found:
            problems.append(_unknown(path, document))
        about |= {name: said for name in ("api", "region", "account", "taken") if (said := _said(document, name))}
        apis |= _apis(found) | ({said} if (said := _said(document, "api")) else set())
    if not answers:
        raise _nothing(paths, problems)
    if len(apis) > 1:
        raise UsageError(f"the settings are of several APIs: {', '.join(sorted(apis))}", tip="read one at a time")
    return snapshot_of(
        answers,
        api=api or about.get("api", ""),
        region=about.get("region", ""),
        account=about.get("account", ""),
        taken=about.get("taken", ""),
        problems=problems,
    )


def _apis(answers: Iterable[Answer]) -> set[str]:
    """The APIs that answers say they are of."""
    names = {calls.GET_REST_API: "id", calls.GET_API_V2: "ApiId"}
    found = {text((one.body or {}).get(names[one.operation])) for one in answers if one.operation in names}
    return found - {""}


def _said(document: object, name: str) -> str:
    """What a snapshot says of itself."""
    whole = mapping(document)
    return text(whole.get(name)) if "calls" in whole else ""


def _files(paths: Iterable[str | Path]) -> Iterator[Path]:
    for path in map(Path, paths):
        if path.is_dir():
            yield from sorted(one for one in path.rglob("*.json") if one.is_file())
        elif path.exists():
            yield path
        else:
            raise UsageError(f"{path}: no such file or directory", tip=_HOW)


def _document(path: Path, problems: list[Problem]) -> object | None:
    try:
        raw = path.read_bytes()
        if len(raw) > _LARGEST:
            problems.append(Problem(str(path), "larger than any answer about one API", "name the right file"))
            return None
        document: object = json.loads(_text(raw))
    except OSError as error:
        problems.append(Problem(str(path), (error.strerror or "not readable").lower(), "check who may read it"))
    except (ValueError, RecursionError):
        problems.append(Problem(str(path), "not JSON, or cut", "save it again with --output json"))
    else:
        return document
    return None


def _text(raw: bytes) -> str:
    """The text in UTF-8, or in UTF-16 as PowerShell's ``>`` writes it."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw.decode("utf-16")
    return raw.decode("utf-8-sig")


def _unknown(path: Path, document: object) -> Problem:
    if is_empty_listing(document):
        return Problem(str(path), "a listing of nothing, which does not say of what", "")
    return Problem(str(path), "not the answer of a call that the audit makes", _HOW)


def _nothing(paths: Iterable[str | Path], problems: list[Problem]) -> NothingReadable:
    if problems:
        first = problems[0]
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        return NothingReadable(f"{first.where}: {first.what}{more}", tip=first.tip or _HOW)
    return NothingReadable(f"{', '.join(map(str, paths))}: no JSON file", tip=_HOW)

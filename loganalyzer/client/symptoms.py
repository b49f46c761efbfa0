"""The symptom table: which responses may mean which categories, read from ``symptoms.toml``."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources

import msgspec

from loganalyzer.client.records import ClientResponse, Understood, header


class When(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a response must be like; see the head of ``symptoms.toml``."""

    status: tuple[int | str, ...] = ()
    error_type: tuple[str, ...] = ()
    message: tuple[str, ...] = ()
    message_like: tuple[str, ...] = ()
    null_message: bool = False
    body_like: tuple[str, ...] = ()
    mark: tuple[str, ...] = ()
    unfamiliar: bool = False


class Possible(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One candidate of a row, as written there."""

    why: str
    category: str = ""
    title: str = ""
    fix: str = ""
    link: str = ""
    roots: tuple[str, ...] = ()
    only: str = ""
    hides: bool = False
    slower_than_ms: int = 0


class Symptom(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row: a response, what it may mean, and what tells the candidates apart."""

    id: str
    title: str
    certainty: str
    link: str
    when: When
    tell_apart: str
    candidates: tuple[Possible, ...]


class Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an answer of someone else than a REST API means."""

    status: int
    message: str
    means: str


class AnswererRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who may have answered, and how that shows: one of ``header`` (all named there), ``host`` and ``body`` will do."""

    id: str
    title: str
    api_gateway: bool | None = None
    header: dict[str, str] = {}
    host: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    means: str = ""
    fix: str = ""
    link: str = ""
    said: tuple[Said, ...] = ()

    def answered(self, response: ClientResponse, host: str) -> bool:
        """Whether the response shows it."""
        by_header = bool(self.header) and all(
            any(own.lower() == name for own, _ in response.headers) and re.search(like, header(response, name).strip())
            for name, like in self.header.items()
        )
        body = (response.body or "")[:4000]
        return by_header or _any_like(self.host, host) or _any_like(self.body, body)


class SymptomTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All rows, in the order of the file."""

    symptom: tuple[Symptom, ...]
    answerer: tuple[AnswererRow, ...]

    @property
    def error_types(self) -> frozenset[str]:
        """Every error type that a row names, in lower case and without "Exception"."""
        return frozenset(_kind(name) for row in self.symptom for name in row.when.error_type)


@cache
def symptom_table() -> SymptomTable:
    """The table, read once."""
    text = (resources.files("loganalyzer.client") / "symptoms.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), SymptomTable)


HIT, SILENT, MISS = "hit", "silent", "miss"
_TOLD = {True: HIT, None: SILENT, False: MISS}

_TELLING = 3
"""So much of a cut message must be left to compare it."""

OTHER = "*"
"""In place of an error type: any that no other row names."""


class Comparison(msgspec.Struct, frozen=True):
    """A row held against a response: each part of it is a hit, a miss, or silent where the response does not tell."""

    row: Symptom
    status: str | None
    error_type: str | None
    message: str | None
    body: str | None
    mark: str | None
    unfamiliar: str | None

    @property
    def parts(self) -> tuple[str | None, ...]:
        """Every part; None for one that the row does not speak of."""
        return (self.status, self.error_type, self.message, self.body, self.mark, self.unfamiliar)

    @property
    def fits(self) -> bool:
        """Whether nothing speaks against the row and something for it; what only its text names needs that text."""
        by_text = self.error_type is None and (self.message or self.body)
        return MISS not in self.parts and HIT in self.parts and (not by_text or HIT in (self.message, self.body))

    @property
    def specific(self) -> bool:
        """Whether something speaks for it that is more than a status or the lack of something."""
        named = self.error_type == HIT and self.row.when.error_type != ("",)
        return named or HIT in (self.message, self.body, self.mark)

    @property
    def customised(self) -> bool:
        """Whether error type or message are those of the row though the rest is not, as after customising."""
        if self.body == MISS or self.mark == MISS or self.unfamiliar == MISS or self.fits:
            return False
        named = self.error_type == HIT and self.row.when.error_type != ("",)
        said = self.message == HIT and (self.status == HIT or not self.row.when.null_message)
        return named or said

    @property
    def weight(self) -> int:
        """How much speaks for it: marks and texts most, the status least."""
        worth = {"mark": 5, "body": 5, "message": 4, "error_type": 3, "status": 1, "unfamiliar": 1}
        return sum(value for name, value in worth.items() if getattr(self, name) == HIT)


def compare(row: Symptom, understood: Understood, body: str | None, *, unfamiliar: bool) -> Comparison:
    """Hold a row against what was understood of a response."""
    when = row.when
    return Comparison(
        row,
        status=_status(when, understood.status),
        error_type=_error_type(when, understood.error_type),
        message=_message(when, understood),
        body=_TOLD[_any_like(when.body_like, body[:4000]) if body is not None else None] if when.body_like else None,
        mark=_TOLD[set(when.mark) <= understood.marks] if when.mark else None,
        unfamiliar=_TOLD[unfamiliar if understood.message is not None else None] if when.unfamiliar else None,
    )


def _status(when: When, status: int | None) -> str | None:
    if not when.status:
        return None
    return _TOLD[None if status is None else status in when.status or f"{status // 100}xx" in when.status]


def _error_type(when: When, error_type: str | None) -> str | None:
    if not when.error_type:
        return None
    if when.error_type == (OTHER,):
        return _TOLD[bool(error_type) and _kind(error_type or "") not in symptom_table().error_types]
    return _TOLD[None if error_type is None else _kind(error_type) in map(_kind, when.error_type)]


def _kind(error_type: str) -> str:
    return error_type.lower().removesuffix("exception")


def _message(when: When, understood: Understood) -> str | None:
    if not (when.message or when.message_like or when.null_message):
        return None
    return _TOLD[None if understood.message is None else _says(when, understood)]


def _says(when: When, understood: Understood) -> bool | None:
    message = (understood.message or "").strip()
    if understood.null_message:
        return when.null_message
    if understood.cut and len(message) < _TELLING:
        return None
    if understood.cut and any(text.startswith(message) for text in when.message):
        return True
    return message in when.message or bool(message and _any_like(when.message_like, message))


def _any_like(patterns: tuple[str, ...], text: str) -> bool:
    return bool(text) and any(re.search(pattern, text) for pattern in patterns)

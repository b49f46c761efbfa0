"""The catalogue: one entry a category, read from TOML, and the conditions under which an entry holds.

A condition speaks of sentences (by their heads in the vocabulary), named facts, the status and the type of the gateway
response; nothing else.  The user's own rules have the same form.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from loganalyzer import vocabulary as words
from loganalyzer.errors import UsageError
from loganalyzer.model import Confidence, Stage

REACHED = "REACHED"
"""In place of a stage: the furthest stage that the lines prove to be reached."""

STATUS_CLASSES = ("2xx", "3xx", "4xx", "5xx")
LAMBDA_ERROR = ("yes", "no", "-", "n.a.", "?")
CERTAINTY = ("seen", "documented", "inferred")


@dataclass(frozen=True, slots=True)
class Case:
    """What rules get to see of a request: sentences and facts as bit sets, the logged status, the gateway type."""

    said: int
    facts: int
    status: int | None
    gateway: str
    decisive: int


@dataclass(frozen=True, slots=True)
class Condition:
    """One ``when``: every part must hold; an empty one always holds. Masks are bit sets of sentence codes and facts."""

    said: tuple[int, ...] = ()
    said_any: int = 0
    not_said: int = 0
    facts: int = 0
    fact_any: int = 0
    not_facts: int = 0
    status: frozenset[str | int] = frozenset()
    gateway: frozenset[str] = frozenset()
    terms: int = 0

    def holds(self, case: Case) -> bool:
        """Whether the condition is true of a request."""
        return (
            all(case.said & mask for mask in self.said)
            and (not self.said_any or bool(case.said & self.said_any))
            and not case.said & self.not_said
            and case.facts & self.facts == self.facts
            and (not self.fact_any or bool(case.facts & self.fact_any))
            and not case.facts & self.not_facts
            and (not self.status or not self.status.isdisjoint(_status_words(case.status)))
            and (not self.gateway or case.gateway in self.gateway)
        )

    def names(self, code: int) -> bool:
        """Whether the condition asks for the sentence of this code."""
        return bool((1 << code) & (self.said_any | _union(self.said)))


def _union(masks: Iterable[int]) -> int:
    union = 0
    for mask in masks:
        union |= mask
    return union


def _status_words(status: int | None) -> tuple[str | int, ...]:
    return ("none",) if status is None else (status, f"{status // 100}xx")


@dataclass(frozen=True, slots=True)
class Alternative:
    """A category that the lines do not rule out while ``when`` holds."""

    category: str
    when: Condition


@dataclass(frozen=True, slots=True)
class Lowering:
    """A reason for less confidence, in words for the user, while ``when`` holds."""

    to: Confidence
    when: Condition
    why: str


@dataclass(frozen=True, slots=True)
class Certainty:
    """How the wording in the log and the client's answer are known: ``seen | documented | inferred``."""

    log: str
    client: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One category: what happened, why, what to do, and when it applies.

    ``stage`` is None where it depends on how far the request got; ``client_status`` and the two after it are AWS's
    defaults, never evidence; ``logged`` is False for what does not reach the execution log as a rule.
    """

    id: str
    title: str
    stage: Stage | None
    cause: str
    fix: str
    link: str
    lambda_error: str
    certainty: Certainty
    when: tuple[Condition, ...] = ()
    client_status: int | None = None
    client_error_type: str = ""
    client_body: str = ""
    alternatives: tuple[Alternative, ...] = ()
    lower: tuple[Lowering, ...] = ()
    beats: frozenset[str] = frozenset()
    logged: bool = True
    seen_as: tuple[str, ...] = field(default=())


_TEXT_KEYS = ("title", "cause", "fix", "link")
_KEYS = {
    *_TEXT_KEYS,
    "stage",
    "lambda_error",
    "certainty",
    "when",
    "client",
    "alternatives",
    "lower",
    "beats",
    "logged",
}
_WHEN_KEYS = {"said", "said_any", "not_said", "fact", "fact_any", "not_fact", "status", "gateway"}


class _Reader:
    """Reads entries and collects everything that is wrong with them instead of stopping at the first."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def entry(self, category: str, table: Any) -> Entry | None:
        before = len(self.problems)
        if not isinstance(table, dict):
            self.problems.append(f"{category}: must be a table of keys")
            return None
        for key in sorted(table.keys() - _KEYS):
            self.problems.append(f"{category}: unknown key '{key}' (known: {', '.join(sorted(_KEYS))})")
        texts = {key: self._text(category, table, key) for key in _TEXT_KEYS}
        if texts["link"] and not texts["link"].startswith("https://"):
            self.problems.append(f"{category}: link must start with https://")
        client = table.get("client", {})
        entry = Entry(
            id=category,
            **texts,
            stage=self._stage(category, table.get("stage")),
            lambda_error=self._one_of(category, "lambda_error", table.get("lambda_error"), LAMBDA_ERROR),
            certainty=self._certainty(category, table.get("certainty", {})),
            when=tuple(self.condition(f"{category}.when", when) for when in _listed(table.get("when", []))),
            client_status=client.get("status"),
            client_error_type=client.get("error_type", ""),
            client_body=client.get("body", ""),
            alternatives=tuple(self._alternative(category, row) for row in _listed(table.get("alternatives", []))),
            lower=tuple(self._lowering(category, row) for row in _listed(table.get("lower", []))),
            beats=frozenset(_listed(table.get("beats", []))),
            logged=bool(table.get("logged", True)),
            seen_as=_seen_as(table.get("when", [])),
        )
        return entry if len(self.problems) == before else None

    def condition(self, where: str, table: Any) -> Condition:
        if not isinstance(table, dict):
            self.problems.append(f'{where}: must be a table such as {{ said = "..." }}')
            return Condition()
        for key in sorted(table.keys() - _WHEN_KEYS):
            self.problems.append(f"{where}: unknown key '{key}' (known: {', '.join(sorted(_WHEN_KEYS))})")
        values = {key: _listed(table.get(key, [])) for key in _WHEN_KEYS}
        return Condition(
            said=tuple(self._sentences(where, [head]) for head in values["said"]),
            said_any=self._sentences(where, values["said_any"]),
            not_said=self._sentences(where, values["not_said"]),
            facts=self._facts(where, values["fact"]),
            fact_any=self._facts(where, values["fact_any"]),
            not_facts=self._facts(where, values["not_fact"]),
            status=frozenset(self._status(where, value) for value in values["status"]),
            gateway=frozenset(self._gateway(where, value) for value in values["gateway"]),
            terms=sum(1 if key.endswith("_any") else len(value) for key, value in values.items() if value),
        )

    def _text(self, category: str, table: dict[str, Any], key: str) -> str:
        value = table.get(key)
        if not isinstance(value, str) or not value.strip():
            self.problems.append(f"{category}: {key} must be a text")
            return ""
        return value

    def _one_of(self, category: str, key: str, value: Any, allowed: tuple[str, ...]) -> str:
        if value not in allowed:
            self.problems.append(f"{category}: {key} is '{value}', must be one of {', '.join(allowed)}")
        return str(value)

    def _certainty(self, category: str, table: Any) -> Certainty:
        table = table if isinstance(table, dict) else {}
        log = self._one_of(category, "certainty.log", table.get("log"), CERTAINTY)
        return Certainty(log, self._one_of(category, "certainty.client", table.get("client"), CERTAINTY))

    def _stage(self, category: str, value: Any) -> Stage | None:
        if value == REACHED:
            return None
        if value not in Stage.__members__:
            self.problems.append(f"{category}: stage is '{value}', must be {REACHED} or {', '.join(Stage.__members__)}")
            return None
        return Stage[value]

    def _alternative(self, category: str, row: Any) -> Alternative:
        if not isinstance(row, dict) or not isinstance(row.get("category"), str):
            self.problems.append(f"{category}: an alternative needs a category")
            return Alternative("", Condition())
        return Alternative(row["category"], self.condition(f"{category}.alternatives", row.get("when", {})))

    def _lowering(self, category: str, row: Any) -> Lowering:
        row = row if isinstance(row, dict) else {}
        to = self._one_of(category, "lower.to", row.get("to"), ("low", "medium"))
        condition = self.condition(f"{category}.lower", row.get("when", {}))
        if not row.get("why"):
            self.problems.append(f"{category}: lower needs a 'why'")
        return Lowering(Confidence.MEDIUM if to == "medium" else Confidence.LOW, condition, str(row.get("why", "")))

    def _sentences(self, where: str, heads: list[Any]) -> int:
        mask = 0
        for head in heads:
            if head not in words.BY_HEAD or not head:
                self.problems.append(f"{where}: no sentence of the vocabulary starts with '{head}'")
            else:
                mask |= _union(1 << code for code in words.BY_HEAD[head])
        return mask

    def _facts(self, where: str, names: list[Any]) -> int:
        mask = 0
        for name in names:
            if name not in words.FACT_BIT:
                self.problems.append(f"{where}: there is no fact '{name}'")
            mask |= words.FACT_BIT.get(name, 0)
        return mask

    def _status(self, where: str, value: Any) -> str | int:
        if value not in (*STATUS_CLASSES, "none") and not (isinstance(value, int) and 100 <= value <= 599):
            self.problems.append(f"{where}: status '{value}' is neither a status code nor a class such as 5xx nor none")
        return value if isinstance(value, int) else str(value)

    def _gateway(self, where: str, value: Any) -> str:
        if value not in words.GATEWAY_RESPONSE_TYPES:
            self.problems.append(f"{where}: there is no gateway response type '{value}'")
        return str(value)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _seen_as(when: Any) -> tuple[str, ...]:
    heads = []
    for table in _listed(when):
        if isinstance(table, dict):
            heads += [head for key in ("said", "said_any") for head in _listed(table.get(key, []))]
            heads += [f"Gateway response type: {kind}" for kind in _listed(table.get("gateway", []))]
    return tuple(dict.fromkeys(str(head) for head in heads))


def read_entries(text: str) -> tuple[dict[str, Entry], list[str]]:
    """Entries of one TOML text by id, and everything that is wrong with it; faulty entries are left out."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return {}, [f"not valid TOML: {error}"]
    reader = _Reader()
    entries = {category: reader.entry(category, table) for category, table in tables.items()}
    return {category: entry for category, entry in entries.items() if entry is not None}, reader.problems


@cache
def catalogue() -> Mapping[str, Entry]:
    """Every category by id, in the order of the lifecycle."""
    found: dict[str, Entry] = {}
    folder = resources.files("loganalyzer.classifier") / "catalogue"
    for file in sorted(folder.iterdir(), key=lambda item: item.name):
        if file.name.endswith(".toml"):
            entries, problems = read_entries(file.read_text(encoding="utf-8"))
            if problems:
                raise UsageError(f"{file.name}: {problems[0]}", tip="the installed catalogue is damaged: reinstall")
            found.update(entries)
    return found


def entry_of(category: str) -> Entry:
    """The entry of a category; raises :class:`UsageError` with the nearest name for one that does not exist."""
    entry = catalogue().get(category.strip().upper())
    if entry is None:
        import difflib

        near = difflib.get_close_matches(category.upper(), catalogue(), n=1, cutoff=0.4)
        tip = f"did you mean {near[0]}? " if near else ""
        raise UsageError(f"there is no category '{category}'", tip=f"{tip}loganalyzer explain lists them all")
    return entry

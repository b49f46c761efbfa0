"""Which field of a record says what: the user's word first, then known names, then what the values look like.

The records of API Gateway's log delivery have the fields ``resource_arn``, ``event_timestamp``, ``stage`` and
``payload``, as far as AWS names them anywhere (``CfnRestApiExecutionLogsRecordFields`` in mixins-preview 2.256 of
https://github.com/aws/aws-cdk).  It does not say what a payload looks like, so that may be a message with or without
its request id, or a record of its own.  Insights, awswrangler and CloudWatch have other names for the same things.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

from loganalyzer.coverage import Problem
from loganalyzer.errors import UsageError

NAMES: dict[str, tuple[str, ...]] = {
    "message": ("message", "payload", "msg", "text", "logmessage", "line", "logevent", "event"),
    "timestamp": ("timestamp", "eventtimestamp", "time", "eventtime", "datetime", "date", "ts"),
    "request_id": ("requestid", "rid", "apigatewayrequestid"),
    "event_id": ("eventid",),
    "log_group": ("resourcearn", "loggroup", "loggroupname", "log"),
    "api_id": ("apiid", "restapiid"),
    "api_stage": ("apistage", "stage", "stagename"),
}
"""The roles a field may play, and the names it is known by, as :func:`plain` spells them, the likeliest first."""

ROLES = tuple(NAMES)

_NO_TIME = ("ingest", "latency", "zone", "timeout", "runtime")
_NO_REQUEST = ("extended", "integration", "endpoint", "lambda", "aws", "xray")
_MOST_NAMED = 30
_MOST_SEEN = 500


def plain(key: str) -> str:
    """A name as it is compared: without case, punctuation and the ``@`` of Insights."""
    return "".join(char for char in key.lower() if char.isalnum())


@dataclass(frozen=True, slots=True)
class Fields:
    """The user's word on which field plays which role, as pairs of role and name; what is not said is guessed."""

    said: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.said)

    def of(self, role: str) -> str:
        """The name that the user gave for a role, empty if none."""
        return dict(self.said).get(role, "")

    def without(self, role: str) -> Fields:
        """The same word, but for one role."""
        return Fields(tuple(pair for pair in self.said if pair[0] != role))


NO_FIELDS = Fields()
"""Nothing was said: all is guessed."""


def fields_of(said: Mapping[str, str] | None) -> Fields:
    """The user's word, checked. Raises UsageError for a role that there is not, and for an empty name."""
    for role, name in (said or {}).items():
        if role not in NAMES:
            near = get_close_matches(role, ROLES, n=1)
            raise UsageError(
                f"{role!r} is nothing that a field can be",
                tip=(f"did you mean {near[0]}? " if near else "") + f"there are {', '.join(ROLES)}",
            )
        if not name.strip():
            raise UsageError(f"no field is named for {role}", tip=f"say {role}=NAME with the name of a field")
    return Fields(tuple((said or {}).items()))


@lru_cache(maxsize=512)
def candidates(names: tuple[str, ...], fields: Fields) -> Mapping[str, tuple[str, ...]]:
    """For each role the names that may play it, the likeliest first: the one that was said, else the known ones."""
    by_plain: dict[str, str] = {}
    for name in names:
        by_plain.setdefault(plain(name.rpartition(".")[2]), name)
        by_plain[plain(name)] = name
    found: dict[str, tuple[str, ...]] = {}
    for role in ROLES:
        said = fields.of(role)
        if said:
            known = [name for name in (said, by_plain.get(plain(said), "")) if name in names]
            found[role] = tuple(known[:1])
        else:
            likely = [by_plain[name] for name in NAMES[role] if name in by_plain]
            found[role] = tuple(dict.fromkeys([*likely, *_alike(role, by_plain)]))
    return found


def _alike(role: str, by_plain: Mapping[str, str]) -> Iterator[str]:
    """Names that are similar to the known ones of a role."""
    for name, own in by_plain.items():
        if (role == "timestamp" and "time" in name and not any(part in name for part in _NO_TIME)) or (
            role == "request_id"
            and "request" in name
            and name.endswith("id")
            and not any(part in name for part in _NO_REQUEST)
        ):
            yield own


@dataclass(frozen=True, slots=True)
class WrongField(Problem):
    """A field that the user named is in no record of an input."""


class Turnout:
    """Watches which of the fields that the user named turn up in an input of records, and which others there are."""

    def __init__(self, fields: Fields) -> None:
        self.fields = fields
        self._missing = dict(fields.said)
        self._seen: dict[str, None] = {}

    def forget(self) -> None:
        """Say no more of what was seen so far."""
        self._seen.clear()

    def look(self, names: Iterable[str]) -> None:
        """Take note of the fields of a record."""
        if not self._missing:
            return
        own = tuple(names)
        if len(self._seen) < _MOST_SEEN:
            self._seen.update(dict.fromkeys(own))
        found = candidates(own, Fields(tuple(self._missing.items())))
        self._missing = {role: name for role, name in self._missing.items() if not found[role]}

    def problems(self) -> list[Problem]:
        """What is missing, if any record was seen."""
        if not self._seen:
            return []
        return [wrong_field(role, name, list(self._seen)) for role, name in self._missing.items()]


def wrong_field(role: str, name: str, names: Sequence[str]) -> WrongField:
    """There is no such field as the user named for a role; ``names`` are those there are."""
    return WrongField("", f"there is no field {name!r} for the {role}: the fields are {listed(names)}", _tip(role))


def no_message(names: Sequence[str]) -> Problem:
    """No field holds messages of an execution log; ``names`` are those there are."""
    what = f"no field holds messages of an execution log: the fields are {listed(names)}"
    return Problem("", what, _tip("message"))


def _tip(role: str) -> str:
    return f"name the right one: --field {role}=NAME, in Python fields={{'{role}': 'NAME'}}"


def listed(names: Sequence[str]) -> str:
    """Names in a row, not without end."""
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more if names else "none"

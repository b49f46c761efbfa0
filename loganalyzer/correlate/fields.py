"""What the fields of an access log hold: told by the shape of their values first, by their names where shapes agree.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from loganalyzer import vocabulary as words
from loganalyzer.correlate.wanted import ROOT, UUID, Wanted

UNSET = ("", "-", "null")
"""What stands for a variable that has no value."""

Values = Sequence[str]
Shape = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Roles:
    """Which field plays which role; ``proven`` are roles of ids that some line does hold, so that ``-`` means none."""

    by_role: Mapping[str, str] = field(default_factory=dict)
    proven: frozenset[str] = frozenset()

    def learned(self, line: Mapping[str, str]) -> Roles:
        """The same roles, and what one more line shows: failures are rare, so the first lines may hold none."""
        by_role = dict(self.by_role)
        taken = set(by_role.values())
        for role in _ROLES:
            if role.certain and role.role not in by_role:
                found = _best(role, {name: [value.strip()] for name, value in line.items()}, taken=taken)
                if found is not None:
                    by_role[role.role] = found
                    taken.add(found)
        shown = {role for role in _IDS if role in by_role and line.get(by_role[role], "").strip() not in UNSET}
        if len(by_role) == len(self.by_role) and shown <= self.proven:
            return self
        return replace(self, by_role=by_role, proven=self.proven | shown)


@dataclass(frozen=True, slots=True)
class _Role:
    """How a field is known: ``shape`` must fit its values; ``named`` must be found in its name and ``not_named`` not.

    ``certain`` shapes need no name at all.
    """

    role: str
    shape: Shape
    named: str = ""
    not_named: str = ""
    certain: bool = False


_XID = re.compile(r"[A-Za-z0-9+/_-]{14,20}=?")
_REQUEST_ID = re.compile(rf"{UUID.pattern}(?:_REPLACED_INVALID_REQUEST_ID)?")
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "ANY"})
_TIME = re.compile(r"\d{13}|\d{10}|\d{1,2}/[A-Z][a-z]{2}/\d{4}:.*|\d{4}-\d\d-\d\d[T ].*")


def _is_status(text: str) -> bool:
    return len(text) == 3 and text.isascii() and text.isdecimal() and "1" <= text[0] <= "5"


def _is_type(text: str) -> bool:
    return text in words.GATEWAY_RESPONSE_TYPES


def _is_waf(text: str) -> bool:
    return text in ("WAF_ALLOW", "WAF_BLOCK")


def _is_sentence(text: str) -> bool:
    sentence = words.match(text.strip('"').encode())
    return bool(sentence.rank) and not sentence.exact and not sentence.echoed


_AUTH = r"auth"
_NO_STATUS = r"len|size|bytes|lat|dur|time|ms$|err"
_BEHIND = r"integration|endpoint|backend|lambda|upstream|target|function"

_ROLES: tuple[_Role, ...] = (
    _Role("trace_id", lambda text: ROOT.search(text) is not None, certain=True),
    _Role("error_type", _is_type, certain=True),
    _Role("waf", _is_waf, certain=True),
    _Role("integration_error", _is_sentence, not_named=_AUTH, certain=True),
    _Role("authorizer_id", lambda t: UUID.fullmatch(t) is not None, named=_AUTH),
    _Role("integration_id", lambda t: UUID.fullmatch(t) is not None, named=_BEHIND),
    _Role("request_id", lambda t: _REQUEST_ID.fullmatch(t) is not None,
          not_named=f"{_AUTH}|{_BEHIND}|ext|princip|user"),
    _Role("extended_id", lambda t: t.endswith("=") and _XID.fullmatch(t) is not None, certain=True),
    _Role("authorizer_status", _is_status, named=_AUTH, not_named=_NO_STATUS),
    _Role("integration_status", _is_status, named=_BEHIND, not_named=_NO_STATUS),
    _Role("status", _is_status, named=r"stat|code|^st?$", not_named=f"{_AUTH}|{_BEHIND}|waf"),
    _Role("status", _is_status, not_named=f"{_AUTH}|{_BEHIND}|waf|{_NO_STATUS}"),
    _Role("method", lambda text: text in _METHODS, certain=True),
    _Role("resource", lambda text: text.startswith("/"), named=r"resource|route"),
    _Role("path", lambda text: text.startswith("/"), not_named=r"resource|route"),
    _Role("authorizer_error", bool, named=r"auth\w*[._-]?\w*err", not_named=r"message|type"),
    _Role("integration_error", bool, named=rf"(?:{_BEHIND})\w*[._-]?\w*err"),
    _Role("error_message", bool, named=r"(?:err\w*[._-]?)?(?:message|msg)|err\w*$",
          not_named=rf"{_AUTH}|{_BEHIND}|type|valid|waf|status|code"),
    _Role("time", lambda text: _TIME.fullmatch(text) is not None, named=r"time|date|^ts$|@t"),
)  # fmt: skip
"""Every role in the order in which fields are taken: one that is taken plays no other."""

_IDS = ("request_id", "integration_id", "authorizer_id")


def roles_of(lines: Sequence[Mapping[str, str]], wanted: Wanted) -> Roles:
    """What the fields of these lines hold. ``wanted`` tells ids apart that look alike and are not called anything."""
    values: dict[str, list[str]] = {}
    for line in lines:
        for name, value in line.items():
            told = values.setdefault(name, [])
            if value.strip() not in UNSET:
                told.append(value.strip())
    roles: dict[str, str] = dict(_by_known_ids(values, wanted))
    for role in _ROLES:
        if role.role not in roles:
            found = _best(role, values, taken=set(roles.values()))
            if found is not None:
                roles[role.role] = found
    return Roles(roles, frozenset(role for role in _IDS if role in roles and values.get(roles[role])))


def _by_known_ids(values: Mapping[str, Values], wanted: Wanted) -> Iterable[tuple[str, str]]:
    """The fields in which ids of requests in the execution log stand, and those of their functions' runs."""
    for role, known in (("request_id", wanted.by_request), ("integration_id", wanted.by_integration)):
        hits = {name: sum(value in known for value in told) for name, told in values.items()}
        best = max(hits, key=lambda name: hits[name], default="")
        if best and hits[best]:
            yield role, best


def _best(role: _Role, values: Mapping[str, Values], *, taken: set[str]) -> str | None:
    """The field that plays a role: the one with the most values of the shape, of equals the shortest name."""
    scores: dict[str, tuple[bool, int, int]] = {}
    for name, told in values.items():
        plain = name.lower()
        if name in taken or (role.not_named and re.search(role.not_named, plain)):
            continue
        called = bool(role.named and re.search(role.named, plain))
        if role.named and not called:
            continue
        fitting = sum(map(role.shape, told))
        if (not told and called) or (fitting and (role.certain or fitting * 2 >= len(told))):
            scores[name] = (fitting > 0, fitting, -len(name))
    return max(scores, key=lambda name: scores[name], default=None)

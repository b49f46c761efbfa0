"""Names of AWS: functions in integration URIs, and the ARNs that API Gateway presents when it calls them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_FUNCTION = re.compile(
    r"arn:(?P<partition>aws[\w-]{0,20}):lambda:(?P<region>[\w-]{1,30}):(?P<account>\d{12}):function:"
    r"(?P<name>[\w-]{1,140})(?::(?P<qualifier>[\w$-]{1,130}))?"
)
_ACCOUNT = re.compile(r"arn:aws[\w-]{0,20}:[\w-]{1,30}:(?P<region>[\w-]{0,30}):(?P<account>\d{12}):")
_ROLE = re.compile(r"arn:aws[\w-]{0,20}:iam::\d{12}:role/(?:[\w+=,.@/-]{0,512}/)?(?P<name>[\w+=,.@-]{1,64})")
_VARIABLE = re.compile(r"\$\{stageVariables\.(\w{1,128})\}")
_PARAMETER = re.compile(r"\{[^{}/]{1,256}\}")

VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
"""What a method of any verb takes."""


@dataclass(frozen=True, slots=True)
class FunctionName:
    """A function as a URI names it; ``qualifier`` is the alias or version, empty where none is named."""

    region: str
    account: str
    name: str
    qualifier: str = ""
    partition: str = "aws"

    @property
    def arn(self) -> str:
        """The ARN, with the alias or version."""
        return f"{self.unqualified}:{self.qualifier}" if self.qualifier else self.unqualified

    @property
    def unqualified(self) -> str:
        """The ARN of the function as a whole."""
        return f"arn:{self.partition}:lambda:{self.region}:{self.account}:function:{self.name}"

    def __str__(self) -> str:
        return f"{self.name}:{self.qualifier}" if self.qualifier else self.name


def function_in(uri: str) -> FunctionName | None:
    """The function that a URI or ARN names; None where it names none."""
    found = _FUNCTION.search(uri)
    if found is None:
        return None
    return FunctionName(found["region"], found["account"], found["name"], found["qualifier"] or "", found["partition"])


def region_and_account(arn: str) -> tuple[str, str]:
    """Region and account in an ARN, empty where it has none."""
    found = _ACCOUNT.match(arn)
    return (found["region"], found["account"]) if found else ("", "")


def role_name(arn: str) -> str:
    """The name of a role without its path; empty for what is no role's ARN."""
    found = _ROLE.fullmatch(arn)
    return found["name"] if found else ""


def resolved(uri: str, variables: Mapping[str, str]) -> str:
    """The URI with the stage variables put in; one that is not set stays as it is written."""
    return _VARIABLE.sub(lambda found: variables.get(found[1]) or found[0], uri)


def variables_in(uri: str) -> tuple[str, ...]:
    """The stage variables that a URI needs."""
    return tuple(dict.fromkeys(_VARIABLE.findall(uri)))


def method_sources(start: str, verb: str, path: str) -> Iterator[tuple[str, ...]]:
    """The source ARNs that calls of a method present, in groups: of each group one must be let in.

    ``start`` is ``arn:aws:execute-api:<region>:<account>:<api>/<stage>``. A policy may be written with the parameters
    of the path or with stars for them, so both forms are given. A method of any verb has a group for each.
    """
    for one in VERBS if verb == "ANY" else (verb,):
        whole = f"{start}/{one}{path}" if one else f"{start}/{path}"
        yield tuple(dict.fromkeys((whole, _PARAMETER.sub("x", whole))))


def starred(path: str) -> str:
    """The path with a star for every parameter, as a policy names it."""
    return _PARAMETER.sub("*", path)

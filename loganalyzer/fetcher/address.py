"""What a URL or an ARN says about an API, its stage, its log group and where these are; nobody is asked."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from loganalyzer.errors import UsageError


@dataclass(frozen=True, slots=True)
class Address:
    """What one URL or ARN tells; empty is what it does not tell.

    ``domain`` and ``path`` (its segments) are those of a custom domain, whose API has to be looked up; ``arn`` is that
    of a log group, without ``:*``.
    """

    api_id: str = ""
    api_stage: str = ""
    group: str = ""
    domain: str = ""
    path: tuple[str, ...] = ()
    region: str = ""
    account: str = ""
    arn: str = ""


_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_EXECUTE_API = re.compile(
    r"(?P<api>[a-z0-9]+)(?:-vpce-[a-z0-9-]+)?\.execute-api\.(?P<region>[a-z0-9-]+)\.(?:vpce\.)?"
    r"(?:amazonaws\.com(?:\.cn)?|api\.aws|api\.amazonwebservices\.com\.cn)",
)
"""https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-call-api.html, also for private APIs."""
_ENDPOINT = re.compile(r"vpce-[a-z0-9-]+\.execute-api\.[a-z0-9-]+\.vpce\.amazonaws\.com(?:\.cn)?")
_CONSOLE = re.compile(r"(?:(?P<region>[a-z0-9-]+)\.)?console\.(?:aws\.amazon\.com|amazonaws\.cn)")
_HOST = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,62}\.)){1,20}[a-z][a-z0-9-]{0,62}")
_GROUP_IN_CONSOLE = re.compile(r"log-groups/log-group/([^/?]+)")
_API_IN_CONSOLE = re.compile(r"/apis/([a-z0-9]+)(?:/|$)")

_ARN = re.compile(r"(?P<head>arn:[a-z-]+:(?P<service>[a-z0-9-]+):(?P<region>[a-z0-9-]*):(?P<account>\d*):)(?P<rest>.+)")
_ARN_TIP = "an ARN names a log group, a stage of an API, or what an API executes"


def read_address(text: str) -> Address:
    """What ``text`` tells; raises :class:`UsageError` where it is neither a URL of an API nor an ARN of use here."""
    words = text.strip()
    if words.startswith("arn:"):
        return _of_arn(words)
    try:
        split = urlsplit(words if _SCHEME.match(words) else f"https://{words}")
        host = (split.hostname or "").rstrip(".")
    except ValueError:
        raise _no_url(text) from None
    if split.scheme not in ("https", "http", "wss", "ws"):
        raise _no_url(text)
    return _of_host(host, split.path, f"?{split.query}#{split.fragment}", text)


def _no_url(text: str) -> UsageError:
    return UsageError(f"{text!r} is no URL of an API", tip="give it as https://host/stage/path")


def _of_host(host: str, path: str, rest: str, text: str) -> Address:
    segments = tuple(unquote(part) for part in path.split("/") if part)
    if found := _EXECUTE_API.fullmatch(host):
        return Address(api_id=found["api"], api_stage=segments[0] if segments else "", region=found["region"])
    if _ENDPOINT.fullmatch(host):
        tip = "the API stands in the Host or x-apigw-api-id header of the call: name it with --api"
        raise UsageError(f"{text!r} is a VPC endpoint, which does not tell the API", tip=tip)
    if found := _CONSOLE.fullmatch(host):
        return _of_console(found["region"] or "", path, rest, text)
    if _HOST.fullmatch(host):
        return Address(domain=host, path=segments)
    raise _no_url(text)


def _of_console(region: str, path: str, rest: str, text: str) -> Address:
    """A page of the AWS console about a log group or an API; CloudWatch writes ``$252F`` for ``/``."""
    query = parse_qs(rest.partition("#")[0].lstrip("?"))
    where = query.get("region", [region])[0]
    group = _GROUP_IN_CONSOLE.search(rest)
    if group:
        return Address(group=unquote(unquote(group[1].replace("$", "%"))), region=where)
    api = query.get("api") or _API_IN_CONSOLE.findall(path)
    if api:
        return Address(api_id=api[0], region=where)
    raise UsageError(f"{text!r} shows neither a log group nor an API", tip="name the API with --api")


def _of_arn(text: str) -> Address:
    found = _ARN.fullmatch(text)
    read = _ARNS.get(found["service"]) if found else None
    address = read(found["rest"]) if found and read else None
    if found is None or address is None:
        raise UsageError(f"{text!r} is no ARN of a log group or an API", tip=_ARN_TIP)
    api_id, api_stage, group = address
    arn = f"{found['head']}log-group:{group}" if group else ""
    return Address(api_id, api_stage, group, region=found["region"], account=found["account"], arn=arn)


def _of_logs(rest: str) -> tuple[str, str, str] | None:
    """``log-group:NAME[:*]`` or ``log-group:NAME:log-stream:STREAM``; names hold no colon."""
    kind, _, name = rest.partition(":")
    group = name.partition(":")[0]
    return ("", "", group) if kind == "log-group" and group else None


def _of_gateway(rest: str) -> tuple[str, str, str] | None:
    """``/restapis/ID[/stages/STAGE]`` or ``/apis/ID[/stages/STAGE]``."""
    parts = rest.strip("/").split("/")
    if parts[0] not in ("restapis", "apis") or len(parts) < 2:
        return None
    return parts[1], parts[3] if len(parts) > 3 and parts[2] == "stages" else "", ""


def _of_execution(rest: str) -> tuple[str, str, str] | None:
    """``ID/STAGE/VERB/path``, wildcards for all."""
    api_id, _, more = rest.partition("/")
    stage = more.partition("/")[0]
    return (api_id, "" if "*" in stage else stage, "") if api_id.isalnum() else None


_ARNS: dict[str, Callable[[str], tuple[str, str, str] | None]] = {
    "logs": _of_logs,
    "apigateway": _of_gateway,
    "execute-api": _of_execution,
}

"""Custom domain names and the mappings of their paths."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from loganalyzer.fetcher.gateway import there
from loganalyzer.fetcher.pages import items_of
from loganalyzer.fetcher.refusals import AwsRefused

if TYPE_CHECKING:
    from botocore.client import BaseClient


@dataclass(frozen=True, slots=True)
class Mapped:
    """A base path of a custom domain and where it leads; an empty stage is the first segment behind the path.

    ``certain`` is False for a routing rule that also looks at headers.
    """

    base_path: tuple[str, ...]
    api_id: str
    api_stage: str
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Domain:
    """A custom domain name; ``id`` is set for private ones, ``mode`` says whether routing rules are in use."""

    name: str
    id: str = ""
    mode: str = "BASE_PATH_MAPPING_ONLY"


def domains(gateway: BaseClient) -> Iterator[Domain]:
    """The custom domain names of the region."""
    for item in items_of(gateway, "get_domain_names", key="items", parameters={"limit": 500}):
        yield Domain(item["domainName"], item.get("domainNameId") or "", item.get("routingMode") or Domain("").mode)


def mappings(gateway: BaseClient, newer: BaseClient, domain: Domain) -> list[Mapped]:
    """Where the paths of a domain lead, in the order in which API Gateway looks; empty if there is no such domain.

    Routing rules go first, by priority; then the longest path that fits.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-routing-rules.html
    """
    rules = _rules(newer, domain) if "RULE" in domain.mode else []
    if domain.mode == "ROUTING_RULE_ONLY":
        return rules
    own = {"domainName": domain.name, **({"domainNameId": domain.id} if domain.id else {})}
    plain = [
        Mapped(_segments(item.get("basePath")), item["restApiId"], _given(item.get("stage")))
        for item in _listed(gateway, "get_base_path_mappings", key="items", parameters={**own, "limit": 500})
    ]
    if not domain.id:
        plain += [
            Mapped(_segments(item.get("ApiMappingKey")), item["ApiId"], item["Stage"])
            for item in _listed(newer, "get_api_mappings", key="Items", parameters={"DomainName": domain.name})
        ]
    return rules + sorted(dict.fromkeys(plain), key=lambda mapped: -len(mapped.base_path))


def _rules(newer: BaseClient, domain: Domain) -> list[Mapped]:
    own = {"DomainName": domain.name, **({"DomainNameId": domain.id} if domain.id else {})}
    found = sorted(
        _listed(newer, "list_routing_rules", key="RoutingRules", parameters=own), key=lambda rule: rule["Priority"]
    )
    return [
        Mapped(path, action["InvokeApi"]["ApiId"], action["InvokeApi"]["Stage"], certain=certain)
        for rule in found
        for path, certain in _conditions(rule.get("Conditions") or [])
        for action in rule.get("Actions") or []
        if "InvokeApi" in action
    ]


def _conditions(conditions: Sequence[Mapping[str, Any]]) -> list[tuple[tuple[str, ...], bool]]:
    """The base paths of a rule, and whether it looks at nothing else."""
    paths = [path for one in conditions for path in (one.get("MatchBasePaths") or {}).get("AnyOf") or ()]
    certain = not any(one.get("MatchHeaders") for one in conditions)
    return [(_segments(path), certain) for path in paths] or [((), certain)]


def _listed(gateway: BaseClient, operation: str, *, key: str, parameters: Mapping[str, object]) -> list[dict[str, Any]]:
    """What a list holds; nothing where the API is the wrong one for the domain.

    The newer API refuses to look at edge-optimized domains, the older one at paths of several segments.
    https://github.com/amplify-education/serverless-domain-manager/issues/582
    """
    try:
        return there(lambda: list(items_of(gateway, operation, key=key, parameters=parameters))) or []
    except AwsRefused as refused:
        if refused.code == "BadRequestException":
            return []
        raise


def _segments(base_path: str | None) -> tuple[str, ...]:
    return tuple(part for part in _given(base_path).split("/") if part)


def _given(word: str | None) -> str:
    """API Gateway writes ``(none)`` for an empty base path or stage."""
    return "" if word in (None, "(none)") else str(word)

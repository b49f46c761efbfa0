"""From the answers of AWS to what stands around an API: roles, log groups, plans, keys, links, domains, deliveries."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from loganalyzer.audit import calls
from loganalyzer.audit.policies import statements_of
from loganalyzer.audit.settings import Delivery, Key, LogGroup, Plan, Role
from loganalyzer.audit.shapes import mapping, mappings, number, text, texts
from loganalyzer.audit.snapshot import Snapshot

Body = Mapping[str, object]


def roles_of(snapshot: Snapshot) -> dict[str, Role]:
    """The roles that were asked about, by name."""
    roles: dict[str, Role] = {}
    for answer in snapshot.of(calls.GET_ROLE):
        name = answer.request.get("RoleName", "")
        if answer.missing:
            roles[name] = Role(exists=False)
        elif answer.body is not None:
            roles[name] = Role(
                exists=True, trust=statements_of(mapping(answer.body.get("Role")).get("AssumeRolePolicyDocument"))
            )
    return roles


def customised_of(snapshot: Snapshot) -> tuple[str, ...] | None:
    """The types of gateway response that are not API Gateway's own; None where nobody told."""
    responses = snapshot.items(calls.GET_GATEWAY_RESPONSES)
    if responses is None:
        return None
    return tuple(text(one.get("responseType")) for one in responses if one.get("defaultResponse") in (False, "false"))


def deployments_of(snapshot: Snapshot) -> tuple[tuple[str, str], ...] | None:
    """Ids and times (as given) of the deployments, the newest first."""
    deployments = snapshot.items(calls.GET_DEPLOYMENTS)
    if deployments is None:
        return None
    found = [(text(one.get("id")), str(one.get("createdDate") or "")) for one in deployments]
    return tuple(sorted(found, key=lambda item: item[1], reverse=True))


def groups_of(snapshot: Snapshot) -> dict[str, LogGroup] | None:
    """The log groups, by name."""
    groups = snapshot.items(calls.DESCRIBE_LOG_GROUPS)
    if groups is None:
        return None
    named = ((text(one.get("logGroupName")), one) for one in groups)
    return {
        name: LogGroup(name, number(one.get("retentionInDays")), text(one.get("logGroupClass")) or "STANDARD")
        for name, one in named
    }


def plans_of(snapshot: Snapshot) -> tuple[Plan, ...] | None:
    """The usage plans."""
    plans = snapshot.items(calls.GET_USAGE_PLANS)
    return None if plans is None else tuple(map(_plan, plans))


def _plan(body: Body) -> Plan:
    throttle = mapping(body.get("throttle"))
    pairs = ((text(one.get("apiId")), text(one.get("stage"))) for one in mappings(body.get("apiStages")))
    return Plan(
        id=text(body.get("id")),
        name=text(body.get("name")),
        stages=frozenset(f"{api}:{stage}" for api, stage in pairs),
        rate=number(throttle.get("rateLimit")),
        burst=number(throttle.get("burstLimit")),
        quota=number(mapping(body.get("quota")).get("limit")),
    )


def keys_of(snapshot: Snapshot) -> tuple[Key, ...] | None:
    """The API keys."""
    keys = snapshot.items(calls.GET_API_KEYS)
    if keys is None:
        return None
    return tuple(Key(text(one.get("id")), text(one.get("name")), one.get("enabled") is not False) for one in keys)


def vpc_links_of(snapshot: Snapshot) -> Iterator[tuple[str, tuple[str, str]]]:
    """The VPC links, by id: status, and what AWS says of it."""
    for answer in snapshot.of(calls.GET_VPC_LINK):
        if answer.body is not None:
            said = text(answer.body.get("statusMessage"))
            yield answer.request.get("vpcLinkId", ""), (text(answer.body.get("status")), said)
        elif answer.missing:
            yield answer.request.get("vpcLinkId", ""), ("MISSING", "there is no such VPC link")


def mutual_tls_of(snapshot: Snapshot) -> dict[str, bool | None] | None:
    """The custom domains that demand a client certificate, and whether they lead to this API (None: not known)."""
    domains = snapshot.items(calls.GET_DOMAIN_NAMES)
    if domains is None:
        return None
    names = [text(one.get("domainName")) for one in domains if mapping(one.get("mutualTlsAuthentication"))]
    leads: dict[str, bool | None] = dict.fromkeys(names)
    for answer in snapshot.of(calls.GET_BASE_PATH_MAPPINGS):
        if answer.body is not None and (name := answer.request.get("domainName", "")) in leads:
            leads[name] = any(text(one.get("restApiId")) == snapshot.api for one in mappings(answer.body.get("items")))
    return leads


def deliveries_of(snapshot: Snapshot) -> tuple[Delivery, ...] | None:
    """The deliveries of execution logs."""
    sources = snapshot.items(calls.DESCRIBE_DELIVERY_SOURCES)
    if sources is None:
        return None
    to = snapshot.items(calls.DESCRIBE_DELIVERIES)
    return tuple(_delivery(one, to) for one in sources if text(one.get("logType")) == "EXECUTION_LOGS")


def _delivery(source: Body, deliveries: Iterable[Body] | None) -> Delivery:
    name = text(source.get("name"))
    stages = (_STAGE_ARN.search(arn) for arn in texts(source.get("resourceArns")))
    stage = next((f"{found[1]}/{found[2]}" for found in stages if found), "")
    if deliveries is None:
        return Delivery(name, stage, None)
    mine = [one for one in deliveries if text(one.get("deliverySourceName")) == name]
    return Delivery(name, stage, tuple(text(one.get("deliveryDestinationArn")) for one in mine))


_STAGE_ARN = re.compile(r"/restapis/([^/]{1,64})/stages/([^/]{1,128})")

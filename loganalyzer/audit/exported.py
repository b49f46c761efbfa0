"""What is deployed on a stage, read from its OpenAPI export: the rest of the audit sees what was edited since.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-export-api.html
"""

from __future__ import annotations

from collections.abc import Mapping

from loganalyzer.audit import calls
from loganalyzer.audit.settings import LONGEST_INTEGRATION_MS, DeployedMethod
from loganalyzer.audit.shapes import mapping, mappings, number, text
from loganalyzer.audit.snapshot import Snapshot

_VERBS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
_ANY = "x-amazon-apigateway-any-method"

Deployed = Mapping[tuple[str, str], DeployedMethod]


def deployed_methods(snapshot: Snapshot) -> dict[str, Deployed]:
    """By stage, the methods of its export by path and verb."""
    found: dict[str, Deployed] = {}
    for answer in snapshot.of(calls.GET_EXPORT):
        if answer.body is not None and "paths" in answer.body:
            stage = answer.request.get("stageName", "") or _stage_of(answer.body)
            found[stage] = _methods(answer.body)
    return found


def _stage_of(document: Mapping[str, object]) -> str:
    """The stage that an export is of: the base path of its server."""
    for server in mappings(document.get("servers")):
        base = mapping(mapping(server.get("variables")).get("basePath"))
        if base:
            return text(base.get("default")).strip("/")
    return text(document.get("basePath")).strip("/")


def _methods(document: Mapping[str, object]) -> Deployed:
    key_schemes = _key_schemes(document)
    return {
        (path, "ANY" if verb == _ANY else verb.upper()): _method(mapping(body), key_schemes)
        for path, verbs in mapping(document.get("paths")).items()
        for verb, body in mapping(verbs).items()
        if verb in _VERBS or verb == _ANY
    }


def _method(body: Mapping[str, object], key_schemes: frozenset[str]) -> DeployedMethod:
    integration = mapping(body.get("x-amazon-apigateway-integration"))
    demanded = {name for one in mappings(body.get("security")) for name in one}
    return DeployedMethod(
        uri=text(integration.get("uri")),
        kind=text(integration.get("type")).upper(),
        timeout_ms=number(integration.get("timeoutInMillis")) or LONGEST_INTEGRATION_MS,
        key_required=bool(demanded & key_schemes),
    )


def _key_schemes(document: Mapping[str, object]) -> frozenset[str]:
    """The security schemes that stand for API keys, as opposed to authorizers, which are written alike."""
    schemes = mapping(mapping(document.get("components")).get("securitySchemes")) or mapping(
        document.get("securityDefinitions")
    )
    return frozenset(
        name
        for name, one in schemes.items()
        if text(mapping(one).get("name")).lower() == "x-api-key" and "x-amazon-apigateway-authtype" not in mapping(one)
    )

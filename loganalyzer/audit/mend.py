"""Commands and template snippets that change a setting, with the names of this very API in them."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Mapping

from loganalyzer.audit.settings import WEBSOCKET, Method, Settings, Stage

Changes = Mapping[str, str]
"""JSON pointers and the values that replace what is there.

https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html
"""


def aws(settings: Settings, *words: str) -> str:
    """A command of the AWS CLI in the API's region, quoted for a shell; ``$NAME`` stands for what is not known."""
    region = ("--region", settings.region) if settings.region else ()
    return " ".join(_quoted(word) for word in ("aws", *words, *region))


def _quoted(word: str) -> str:
    return word if word in _PLACEHOLDERS else shlex.quote(word)


_PLACEHOLDERS = frozenset({"$API_ID", "$STAGE", "$RESOURCE_ID"})


def api_id(settings: Settings) -> str:
    """The API's id, or what stands for it in a command."""
    return settings.api or "$API_ID"


def patch(changes: Changes) -> tuple[str, ...]:
    """The patch operations as words of a command; as JSON where the short form has no way to say it."""
    if all(value and not set(value + path) & set(",'\"= {}[]") for path, value in changes.items()):
        return tuple(f"op=replace,path={path},value={value}" for path, value in changes.items())
    operations = [{"op": "replace", "path": path, "value": value} for path, value in changes.items()]
    return (json.dumps(operations, separators=(",", ":")),)


def update_stage(settings: Settings, stage: Stage, changes: Changes) -> str:
    """The command that changes settings of a stage of a REST API."""
    return aws(settings, "apigateway", "update-stage", "--rest-api-id", api_id(settings), "--stage-name", stage.name,
               "--patch-operations", *patch(changes))  # fmt: skip


def update_logging(settings: Settings, stage: Stage, *, level: str, trace: bool) -> str:
    """The command that sets what all methods of a stage log."""
    if settings.kind == WEBSOCKET:
        said = f"LoggingLevel={level},DataTraceEnabled={str(trace).lower()}"
        return aws(settings, "apigatewayv2", "update-stage", "--api-id", api_id(settings), "--stage-name", stage.name,
                   "--default-route-settings", said)  # fmt: skip
    changes = {"/*/*/logging/loglevel": level, "/*/*/logging/dataTrace": str(trace).lower()}
    return update_stage(settings, stage, changes)


def logging_template(settings: Settings, stage: Stage, *, level: str, trace: bool) -> str:
    """The same as a snippet of a template."""
    flag = str(trace).lower()
    if settings.kind == WEBSOCKET:
        return (
            f"Stage:\n  Type: AWS::ApiGatewayV2::Stage\n  Properties:\n    StageName: {scalar(stage.name)}\n"
            f"    DefaultRouteSettings:\n      LoggingLevel: {level}\n      DataTraceEnabled: {flag}\n"
        )
    return (
        "Stage:\n"
        "  Type: AWS::ApiGateway::Stage  # SAM: the same MethodSettings under AWS::Serverless::Api\n"
        f"  Properties:\n    StageName: {scalar(stage.name)}\n    MethodSettings:\n"
        f"      - ResourcePath: /*\n        HttpMethod: '*'\n        LoggingLevel: {level}\n"
        f"        DataTraceEnabled: {flag}\n"
    )


def change_method(settings: Settings, method: Method, verb: str, *words: str) -> str:
    """The command that changes a method or its integration, and the deployment without which it changes nothing."""
    names = ("--rest-api-id", api_id(settings), "--resource-id", method.resource or "$RESOURCE_ID")
    change = aws(settings, "apigateway", verb, *names, "--http-method", method.verb, *words)
    return f"{change}\n{deploy(settings)}"


def deploy(settings: Settings, stage: str = "") -> str:
    """The command that deploys what was changed, to a stage or to the only one that there is."""
    names = [one.name for one in settings.stages or ()]
    name = stage or (names[0] if len(names) == 1 else "$STAGE")
    return aws(settings, "apigateway", "create-deployment", "--rest-api-id", api_id(settings), "--stage-name", name)


def method_pointer(path: str, verb: str) -> str:
    """The pointer to the settings of one method: ``/~1orders~1{id}/GET``."""
    escaped = path if path == "*" else path.replace("~", "~0").replace("/", "~1")
    return f"/{escaped}/{verb or '*'}"


def scalar(value: str) -> str:
    """The text as a YAML scalar that is read back as that text."""
    return json.dumps(value, ensure_ascii=True)


def strings(values: Iterable[str], *, indent: int) -> str:
    """The texts as the items of a YAML list."""
    return "".join(f"{'':{indent}}- {scalar(value)}\n" for value in values)

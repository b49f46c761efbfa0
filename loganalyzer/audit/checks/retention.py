"""How long logs are kept, of what class their groups are, and where else execution logs are delivered."""

from __future__ import annotations

from collections.abc import Iterator

from loganalyzer.audit import calls
from loganalyzer.audit.asking import group_in
from loganalyzer.audit.finding import Effect, Finding, Severity, check
from loganalyzer.audit.mend import api_id, aws, scalar
from loganalyzer.audit.settings import REST, LogGroup, Settings, Stage
from loganalyzer.audit.targets import stages_of

_RETENTION = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html"
_CLASSES = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch_Logs_Log_Classes.html"
_MISSING = "https://repost.aws/knowledge-center/api-gateway-missing-cloudwatch-logs"
_DELIVERY = "https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-create-log-delivery.html"
_DAYS = "30"


@check("log-retention", "The log groups exist and are kept for a limited time",
       needs=(calls.GET_STAGES, calls.DESCRIBE_LOG_GROUPS))  # fmt: skip
def log_retention(settings: Settings) -> Iterator[Finding]:
    """A group that is gone, kept for ever, or of a class that cannot be searched."""
    if settings.groups is None:
        return
    for stage in stages_of(settings):
        names = [settings.execution_group(stage)] if stage.logs else []
        for name in [*names, group_in(stage.log_to)]:
            group = settings.groups.get(name)
            if group is not None:
                yield from _of_group(settings, stage, group)
            elif name in names and name in settings.groups_asked:
                yield _gone(settings, stage, name)


def _of_group(settings: Settings, stage: Stage, group: LogGroup) -> Iterator[Finding]:
    if group.retention_days is None:
        traced = any(one.trace for one in stage.logging.values()) and group.name == settings.execution_group(stage)
        yield Finding(
            Severity.WARNING if traced else Severity.NOTE,
            Effect.RISKS,
            where=f"log group {group.name}",
            what=f"The events of {group.name} are kept for ever.",
            why="It costs more every month" + (", and with data trace on it keeps whole requests." if traced else "."),
            link=_RETENTION,
            command=aws(settings, "logs", "put-retention-policy", "--log-group-name", group.name,
                        "--retention-in-days", _DAYS),
            template=f"ExecutionLog:\n  Type: AWS::Logs::LogGroup\n  Properties:\n"
            f"    LogGroupName: {scalar(group.name)}\n"
            f"    RetentionInDays: {_DAYS}\n",
            stage=stage.name,
        )  # fmt: skip
    if group.kind == "INFREQUENT_ACCESS":
        yield Finding(
            Severity.NOTE,
            Effect.HIDES,
            where=f"log group {group.name}",
            what=f"{group.name} is of the class Infrequent Access, which only Logs Insights can read.",
            why="The order of lines within a millisecond is lost that way, so phases are told with less certainty. The "
            "class of a group cannot be changed: only a new group can have another.",
            link=_CLASSES,
            command=aws(settings, "logs", "create-log-group", "--log-group-class", "STANDARD",
                        "--log-group-name", group.name + "-standard"),
            stage=stage.name,
        )  # fmt: skip


def _gone(settings: Settings, stage: Stage, name: str) -> Finding:
    return Finding(
        Severity.WARNING,
        Effect.HIDES,
        where=f"stage {stage.name}",
        what=f"Stage {stage.name} is to be logged, but there is no log group {name}.",
        why="Either no request came since logging was switched on, or the group was deleted: API Gateway may write "
        "again only after the next deployment.",
        link=_MISSING,
        command=aws(settings, "apigateway", "create-deployment", "--rest-api-id", api_id(settings),
                    "--stage-name", stage.name) if settings.kind == REST else "",
        template=f"ExecutionLog:\n  Type: AWS::Logs::LogGroup\n  Properties:\n    LogGroupName: {scalar(name)}\n"
        f"    RetentionInDays: {_DAYS}\n",
        stage=stage.name,
    )  # fmt: skip


@check("log-delivery", "Execution logs are delivered whole (up to 1 MB an event)",
       needs=(calls.GET_STAGES, calls.DESCRIBE_DELIVERY_SOURCES, calls.DESCRIBE_DELIVERIES))  # fmt: skip
def log_delivery(settings: Settings) -> Iterator[Finding]:
    """Since September 2026 execution logs can go elsewhere, uncut; the standard group still cuts at 1 KB."""
    if settings.kind != REST or settings.deliveries is None:
        return
    for stage in stages_of(settings):
        mine = [one for one in settings.deliveries if one.stage == f"{settings.api}/{stage.name}"]
        to = [arn for one in mine for arn in one.destinations or ()]
        if to or any(one.destinations is None for one in mine):
            yield _delivered(settings, stage, to)
        elif mine:
            yield _undelivered(settings, stage, mine[0].source)
        elif stage.logs and any(one.trace for one in stage.logging.values()):
            yield _cut(settings, stage)


def _delivered(settings: Settings, stage: Stage, to: list[str]) -> Finding:
    off = "" if stage.logs else " But its logging level is OFF, so nothing is delivered."
    places = ", ".join(to) or "a destination that could not be seen"
    return Finding(
        Severity.NOTE if stage.logs else Severity.ERROR,
        Effect.HIDES,
        where=f"stage {stage.name}",
        what=f"The execution log of stage {stage.name} is also delivered to {places}.{off}",
        why="Read it there where the standard group says [TRUNCATED]: delivered events hold up to 1 MB.",
        link=_DELIVERY,
        categories=("PROXY_INTEG_RESPONSE_INVALID", "AUTHORIZER_RESPONSE_INVALID", "ACCESS_DENIED"),
        command=aws(settings, "logs", "describe-deliveries"),
        stage=stage.name,
    )


def _undelivered(settings: Settings, stage: Stage, source: str) -> Finding:
    return Finding(
        Severity.WARNING,
        Effect.HIDES,
        where=f"stage {stage.name}",
        what=f"There is a delivery source {source} for stage {stage.name}, but no delivery of it: nothing goes "
        f"anywhere.",
        why="Whoever looks for whole events at the destination finds none.",
        link=_DELIVERY,
        categories=("PROXY_INTEG_RESPONSE_INVALID", "AUTHORIZER_RESPONSE_INVALID", "ACCESS_DENIED"),
        command=aws(settings, "logs", "create-delivery", "--delivery-source-name", source,
                    "--delivery-destination-arn", _destination(settings)),
        template=f"Delivery:\n  Type: AWS::Logs::Delivery\n  Properties:\n    DeliverySourceName: {scalar(source)}\n"
        f"    DeliveryDestinationArn: {scalar(_destination(settings))}\n",
        stage=stage.name,
    )  # fmt: skip


def _cut(settings: Settings, stage: Stage) -> Finding:
    name = f"{settings.api}-{stage.name}-execution"
    resource = f"arn:{settings.partition}:apigateway:{settings.region}::/restapis/{settings.api}/stages/{stage.name}"
    if settings.account:
        resource = resource.replace("::/", f":{settings.account}:/")
    place = f"arn:{settings.partition}:logs:{settings.region or 'eu-west-1'}:{settings.account or '123456789012'}"
    return Finding(
        Severity.NOTE,
        Effect.HIDES,
        where=f"stage {stage.name}",
        what=f"The execution log of stage {stage.name} cuts bodies at 1 KB; it is not delivered anywhere uncut.",
        why="What stands behind the cut cannot be judged: policies, contexts and proxy responses that are longer.",
        link=_DELIVERY,
        categories=("PROXY_INTEG_RESPONSE_INVALID", "AUTHORIZER_RESPONSE_INVALID", "ACCESS_DENIED"),
        command="\n".join((
            aws(settings, "logs", "create-log-group", "--log-group-name", name),
            aws(settings, "logs", "put-delivery-source", "--name", name, "--log-type", "EXECUTION_LOGS",
                "--resource-arn", resource),
            aws(settings, "logs", "put-delivery-destination", "--name", name, "--delivery-destination-configuration",
                f"destinationResourceArn={place}:log-group:{name}"),
            aws(settings, "logs", "create-delivery", "--delivery-source-name", name, "--delivery-destination-arn",
                f"{place}:delivery-destination:{name}"),
        )),
        template=f"Source:\n  Type: AWS::Logs::DeliverySource\n  Properties:\n    Name: {scalar(name)}\n"
        f"    LogType: EXECUTION_LOGS\n    ResourceArn: {scalar(resource)}\n",
        stage=stage.name,
    )  # fmt: skip


def _destination(settings: Settings) -> str:
    place = f"{settings.region or 'eu-west-1'}:{settings.account or '123456789012'}"
    return f"arn:{settings.partition}:logs:{place}:delivery-destination:execution-logs"

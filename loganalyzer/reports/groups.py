"""What there is in an account, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

from loganalyzer.reports.clean import clean
from loganalyzer.reports.coverage import size
from loganalyzer.reports.headline import count
from loganalyzer.reports.page import Page

if TYPE_CHECKING:
    from loganalyzer.fetcher.deliveries import Delivery
    from loganalyzer.fetcher.gateway import ApiStage
    from loganalyzer.fetcher.group import LogGroup
    from loganalyzer.fetcher.survey import Survey

_LEVELS = {"INFO": "INFO", "ERROR": "ERROR", "OFF": "off"}
_KINDS = {"REST": "REST", "WEBSOCKET": "WebSocket"}
_DELIVERY = "DELIVERY"


def groups_document(survey: Survey) -> dict[str, object]:
    """The survey as a JSON document: groups, stages (with or without a group), deliveries, what was not permitted."""
    return {
        "region": survey.region,
        "account": survey.account,
        "groups_listed": survey.listed,
        "writes_logs": survey.writes_logs,
        "groups": [asdict(group) for group in survey.groups],
        "stages": [{**asdict(stage), "levels": dict(stage.levels)} for stage in survey.stages],
        "deliveries": None if survey.deliveries is None else [asdict(delivery) for delivery in survey.deliveries],
        "not_permitted": [{"action": one.action, "message": one.message} for one in survey.missing],
    }


def show_groups(survey: Survey, page: Page) -> None:
    """Write the survey on the page, by API: stages, what they log, and where it is kept."""
    page.line((_headline(survey), "bold"))
    labels = {stage: _label(survey, stage) for stage in _stages(survey)}
    wide = max((len(label) for label in labels.values()), default=0)
    for api_id in dict.fromkeys(api_id for api_id, _ in labels):
        page.blank()
        page.line((_title(survey, api_id), "bold"))
        for key in (key for key in labels if key[0] == api_id):
            _show_stage(survey, key, page, label=f"  {labels[key]:<{wide}}  ")
    notes = list(_notes(survey))
    if notes:
        page.blank()
    for note in notes:
        page.line((note, "yellow"), label=("! ", "yellow"))


def _headline(survey: Survey) -> str:
    whose = f" of account {survey.account}" if survey.account else ""
    if not survey.groups and not survey.stages:
        return f"{survey.region}{whose}: no execution logs, and no stage of an API that could write some."
    apis = len({api_id for api_id, _ in _stages(survey) if survey.apis is None or api_id in survey.apis})
    held = f", {size(sum(group.stored_bytes for group in survey.groups))} stored" if survey.listed else ""
    groups = count(len(survey.groups), "log group" if survey.listed else "expected log group")
    return f"{survey.region}{whose}: {count(apis, 'API')}, {groups}{held}"


def _stages(survey: Survey) -> list[tuple[str, str]]:
    """API and stage of everything that is shown, by name of the API."""
    names = {group.api_id: group.api_name for group in survey.groups}
    names.update({api.id: api.name for api in (survey.apis or {}).values()})
    keys = {(group.api_id, group.api_stage) for group in survey.groups}
    keys |= {(stage.api_id, stage.api_stage) for stage in survey.stages}
    return sorted(keys, key=lambda key: (not names.get(key[0]), names.get(key[0], "").lower(), key))


def _title(survey: Survey, api_id: str) -> str:
    api = (survey.apis or {}).get(api_id)
    kinds = {group.api_id: group.kind for group in survey.groups if group.kind != _DELIVERY}
    kinds |= {stage.api_id: stage.kind for stage in survey.stages}
    kind = kinds.get(api_id, "")
    said = [clean(api.name) if api else "", api_id, _KINDS.get(kind, "")]
    if survey.apis is not None and api is None:
        said.append("no such API any more")
    return " · ".join(part for part in said if part)


def _stage(survey: Survey, key: tuple[str, str]) -> ApiStage | None:
    return next((stage for stage in survey.stages if (stage.api_id, stage.api_stage) == key), None)


def _label(survey: Survey, key: tuple[str, str]) -> str:
    stage = _stage(survey, key)
    return f"{key[1]:<8} {_level(stage) if stage else '?':<12}"


def _level(stage: ApiStage) -> str:
    level = _LEVELS.get(stage.level, stage.level)
    if stage.level == "MIXED":
        level = "/".join(word for name, word in _LEVELS.items() if name in stage.levels.values())
    return f"{level} + trace" if stage.data_trace else level


def _show_stage(survey: Survey, key: tuple[str, str], page: Page, *, label: str) -> None:
    own = [group for group in survey.groups if (group.api_id, group.api_stage) == key and group.kind != _DELIVERY]
    lines = [_group(group, listed=survey.listed) for group in own] or ["no log group"]
    delivered = [one for one in survey.deliveries or () if (one.api_id, one.api_stage) == key]
    lines += [_delivery(survey, delivery) for delivery in delivered]
    for number, line in enumerate(lines):
        page.line(line, label=label if not number else " " * len(label))


def _group(group: LogGroup, *, listed: bool) -> str:
    if not listed:
        return f"{group.name}  (expected)"
    kept = f"kept {count(group.retention_days, 'day')}" if group.retention_days else "kept for ever"
    said = [group.name, size(group.stored_bytes), kept]
    if group.log_class != "STANDARD":
        said.append(group.log_class.lower().replace("_", " "))
    return "  ".join(said)


def _delivery(survey: Survey, delivery: Delivery) -> str:
    form = f" as {clean(delivery.form)}" if delivery.form else ""
    said = f"→ {clean(delivery.where)}{form} (delivery to {_TARGETS.get(delivery.to, delivery.to)})"
    group = next((one for one in survey.groups if one.kind == _DELIVERY and one.name == delivery.where), None)
    return f"{said}  {size(group.stored_bytes)}" if group else said


_TARGETS = {"log group": "a log group", "S3": "S3", "Firehose": "Firehose"}


def _notes(survey: Survey) -> Iterator[str]:
    if survey.writes_logs is False:
        yield (
            f"API Gateway has no role to write logs with in {survey.region}: nothing is logged. Set the CloudWatch log "
            "role under API Gateway > Settings."
        )
    silent = [stage for stage in survey.stages if stage.level == "OFF"]
    if silent:
        from loganalyzer.fetcher.named import switch_on

        yield f"{count(len(silent), 'stage')} with logging switched off; {switch_on(silent[0])}"
    for refused in survey.missing:
        yield f"{clean(refused.message)}: {_LOSS.get(refused.action, _DELIVERIES)}."
    if survey.missing:
        yield "'loganalyzer policy' prints the policy that permits all this."


_DELIVERIES = "deliveries to other groups or buckets are not known"
_LOSS = {
    "apigateway:GET": "names, stages and logging levels of APIs are not known, or not of all",
    "logs:DescribeLogGroups": "the log groups are those that the stages should write to",
}

"""What the methods and authorizers of an API call: functions, roles, VPC links."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from loganalyzer.audit.arns import FunctionName, function_in, resolved, role_name
from loganalyzer.audit.settings import Authorizer, Function, Integration, Method, Settings, Stage


@dataclass(frozen=True, slots=True)
class Calls:
    """One function and the methods of one stage that call it."""

    function: FunctionName
    stage: Stage
    methods: tuple[Method, ...]

    @property
    def routes(self) -> tuple[str, ...]:
        """The methods as routes."""
        return tuple(map(str, self.methods))


def stages_of(settings: Settings) -> tuple[Stage, ...]:
    """The stages, none where they are not known."""
    return settings.stages or ()


def integrated(settings: Settings) -> Iterator[tuple[Method, Integration]]:
    """The methods that have an integration, with it."""
    for method in settings.methods or ():
        if method.integration is not None:
            yield method, method.integration


def calls_of(settings: Settings, stage: Stage) -> tuple[Calls, ...]:
    """The functions that the methods of a stage call, each with its methods; stage variables are put in."""
    found: dict[FunctionName, list[Method]] = {}
    for method, integration in integrated(settings):
        function = function_in(resolved(integration.uri, stage.variables))
        if function is not None:
            found.setdefault(function, []).append(method)
    return tuple(Calls(function, stage, tuple(methods)) for function, methods in found.items())


def judges(settings: Settings, stage: Stage | None) -> Iterator[tuple[Authorizer, FunctionName]]:
    """The authorizers that run a function, with it."""
    variables = stage.variables if stage is not None else {}
    for authorizer in settings.authorizers or ():
        function = function_in(resolved(authorizer.uri, variables)) if authorizer.runs_function else None
        if function is not None:
            yield authorizer, function


def guarded(settings: Settings, authorizer: Authorizer) -> tuple[Method, ...]:
    """The methods that an authorizer guards."""
    return tuple(method for method in settings.methods or () if method.authorizer == authorizer.id)


def known(settings: Settings, name: FunctionName) -> Function:
    """What is known of a function."""
    return settings.functions.get(name.arn, Function(name))


def roles_of(settings: Settings) -> dict[str, list[str]]:
    """The roles that API Gateway is to take on, by name, with who wants it: routes, authorizers."""
    found: dict[str, list[str]] = {}
    wanted = [(integration.credentials, str(method)) for method, integration in integrated(settings)]
    wanted += [(one.credentials, str(one)) for one in settings.authorizers or ()]
    for credentials, who in wanted:
        if name := role_name(credentials):
            found.setdefault(name, []).append(who)
    return found


def judging_functions(settings: Settings) -> frozenset[str]:
    """The ARNs of the functions that judge for authorizers."""
    stages: tuple[Stage | None, ...] = stages_of(settings) or (None,)
    return frozenset(function.arn for stage in stages for _, function in judges(settings, stage))


def called_functions(settings: Settings) -> frozenset[str]:
    """The ARNs of the functions that methods call."""
    return frozenset(one.function.arn for stage in stages_of(settings) for one in calls_of(settings, stage))


def wanted_roles(settings: Settings) -> frozenset[str]:
    """The names of the roles that methods and authorizers are called with."""
    return frozenset(roles_of(settings))


def functions_named(settings: Settings) -> dict[str, FunctionName]:
    """Every function that is called from any stage, by its ARN."""
    stages: Iterable[Stage | None] = stages_of(settings) or (Stage("", {}),)
    found: dict[str, FunctionName] = {}
    for stage in stages:
        if stage is not None:
            found |= {one.function.arn: one.function for one in calls_of(settings, stage)}
        found |= {function.arn: function for _, function in judges(settings, stage)}
    return found

"""What findings tell people to do: commands that the AWS CLI knows, templates that CloudFormation knows."""

from __future__ import annotations

import json
import re
import shlex
import textwrap
from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest
import yaml
from botocore import xform_name

from loganalyzer.audit.enabling import enabling_template
from loganalyzer.audit.finding import Finding
from loganalyzer.audit.mend import patch
from loganalyzer.reports.audit import continued
from tests.audit.cases import CASES
from tests.audit.test_checks import findings

HITS = [case for case in CASES if "says" in case]
EVERYWHERE = {"--region", "--query"}


class Template(yaml.SafeLoader):
    """Reads YAML with CloudFormation's short functions as what stands after them."""


Template.add_multi_constructor("!", lambda loader, tag, node: {tag: _plain(loader, node)})


def _plain(loader: yaml.SafeLoader, node: yaml.Node) -> Any:
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node)  # type: ignore[arg-type]


def parsed(template: str) -> Any:
    """The template as plain values."""
    return yaml.load(template, Loader=Template)


def commands(finding: Finding) -> Iterator[list[str]]:
    """The words of each command of a finding, as a shell would give them to the AWS CLI."""
    return (shlex.split(line) for line in finding.command.splitlines())


def check_command(words: list[str]) -> None:
    """Hold a command to the model of the AWS SDK: service, operation, options, and what must be given."""
    assert words[0] == "aws"
    model = botocore.session.get_session().get_service_model(words[1])
    names = {xform_name(name, "-"): name for name in model.operation_names}
    members = model.operation_model(names[words[2]]).input_shape.members
    known = {f"--{xform_name(name, '-')}" for name in members}
    known |= {f"--no-{xform_name(name, '-')}" for name, shape in members.items() if shape.type_name == "boolean"}
    given = {word for word in words[3:] if word.startswith("--")}
    assert given - EVERYWHERE <= known, words
    required = model.operation_model(names[words[2]]).input_shape.required_members
    assert {f"--{xform_name(name, '-')}" for name in required} <= given, words
    check_patches(words)


def check_patches(words: list[str]) -> None:
    """Patch operations are short forms of op, path and value, or a JSON array of such objects."""
    if "--patch-operations" not in words:
        return
    for word in words[words.index("--patch-operations") + 1 :]:
        if word.startswith("--"):
            break
        parts = json.loads(word) if word.startswith("[") else [dict(part.split("=", 1) for part in word.split(","))]
        assert all({"op", "path"} <= one.keys() <= {"op", "path", "value"} for one in parts), word


@pytest.mark.parametrize("case", HITS, ids=lambda case: f"{case['check']}: {case['name']}")
def test_commands_are_those_of_the_aws_cli(case: dict[str, Any]) -> None:
    """Every command names a service, an operation and options that exist, with all that must be given."""
    for finding in findings(case):
        for words in commands(finding):
            check_command(words)


@pytest.mark.parametrize("case", HITS, ids=lambda case: f"{case['check']}: {case['name']}")
def test_snippets_are_resources(case: dict[str, Any]) -> None:
    """Every snippet is YAML with resources of CloudFormation, each with properties."""
    for finding in findings(case):
        if finding.template:
            resources = parsed(finding.template)
            assert resources
            for resource in resources.values():
                assert resource["Type"].startswith("AWS::")
                assert resource["Properties"]


@pytest.mark.parametrize("case", HITS, ids=lambda case: f"{case['check']}: {case['name']}")
def test_continued_commands_are_the_same(case: dict[str, Any]) -> None:
    """A command that is broken over lines is to a shell what it was before."""
    for finding in findings(case):
        for line in finding.command.splitlines():
            shown = "\n".join(continued(line, 60))
            assert shlex.split(shown.replace("\\\n", "")) == shlex.split(line)


def test_patches_that_the_short_form_cannot_say() -> None:
    """A value with commas or quotes is written as JSON."""
    assert patch({"/a": "1", "/b": "x"}) == ("op=replace,path=/a,value=1", "op=replace,path=/b,value=x")
    assert json.loads(patch({"/a": 'x,"y"'})[0]) == [{"op": "replace", "path": "/a", "value": 'x,"y"'}]


def test_the_enabling_template() -> None:
    """It sets the account's role and the stage's logging, for the API that is named."""
    template = parsed(enabling_template(api="abcde12345", stage="prod"))
    resources = template["Resources"]
    assert resources["Account"]["Type"] == "AWS::ApiGateway::Account"
    [statement] = resources["CloudWatchRole"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "apigateway.amazonaws.com"}
    [settings] = resources["Stage"]["Properties"]["MethodSettings"]
    assert (settings["ResourcePath"], settings["HttpMethod"]) == ("/*", "*")
    assert template["Parameters"]["RestApiId"]["Default"] == "abcde12345"
    assert template["Parameters"]["LoggingLevel"]["Default"] == "INFO"


@pytest.mark.parametrize("name", ['a"b', "a: b", "x\n  y: z", "#x", "!Ref a", "${x}", "@API@"])
def test_names_cannot_break_the_template(name: str) -> None:
    """Whatever is given as API and stage stands in the template as a text, and nowhere else."""
    template = parsed(enabling_template(api=name, stage=name))
    assert set(template["Resources"]) == {"CloudWatchRole", "Account", "ExecutionLog", "AccessLog", "Stage"}
    assert template["Parameters"]["StageName"]["Default"] == name


FRAGMENT = ("E3003", "E3660", "E1010", "E1012", "E1019", "E1020", "E3014", "E6101")
"""What the linter says of every piece of a template: required properties and things referred to stand elsewhere."""


def lint(template: str) -> list[str]:
    """What AWS's own linter says of a template."""
    from cfnlint.api import lint
    from cfnlint.config import ManualArgs

    return [str(match) for match in lint(template, config=ManualArgs(regions=["eu-west-1"]))]


def test_the_template_passes_the_linter() -> None:
    """The linter of CloudFormation has nothing to say about the template."""
    assert lint(enabling_template(api="abcde12345", stage="prod")) == []


def test_the_snippets_pass_the_linter() -> None:
    """No snippet has a property that CloudFormation does not know, or a value of the wrong kind."""
    pieces = dict.fromkeys(
        piece.partition(":")[2]
        for case in HITS
        for finding in findings(case)
        for piece in re.split(r"(?m)^(?=\w)", finding.template)
        if piece
    )
    resources = "".join(textwrap.indent(f"R{number}:{piece}", "  ") for number, piece in enumerate(pieces))
    said = lint(f"AWSTemplateFormatVersion: '2010-09-09'\nResources:\n{resources}")
    assert len(pieces) > 30
    assert [match for match in said if match.startswith("[E") and match[1:6] not in FRAGMENT] == []

"""Findings tied to the failures of a log of the same API."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import loganalyzer as la
from loganalyzer.audit.examine import Audit, examine
from loganalyzer.audit.explaining import Explanations, explained
from loganalyzer.audit.saved import load
from loganalyzer.classifier.rules import catalogue
from tests.audit.cases import FIXTURES
from tests.reports.samples import FAILED

CAPTURES = Path(__file__).parents[2] / "fixtures" / "captures"

REFUSED = replace(
    FAILED,
    api_id="abcde12345",
    api_stage="prod",
    method="GET",
    resource="/orders",
    category="PROXY_INTEG_INVOKE_DENIED",
    stopped_at="INTEGRATION_INVOCATION",
)


@pytest.fixture(scope="module")
def shop() -> Audit:
    """The audit of the API whose log the captures are."""
    return examine(load(FIXTURES / "shop.json"))


def test_the_failures_of_a_log_are_explained(shop: Audit) -> None:
    """For each category the setting that causes it is named first."""
    found = la.analyze(CAPTURES / "info-with-data-trace.log.gz", CAPTURES / "info.log", jobs=1).explained_by(shop)
    first = {category: findings[0].check for category, findings in found.items()}
    assert first["PROXY_INTEG_INVOKE_DENIED"] == "function-permission"
    assert first["AUTHORIZER_INVOKE_DENIED"] == "authorizer-permission"
    assert first["AUTHORIZER_APIGW_TIMEOUT"] == "authorizer-timeout"
    assert first["IMPLICIT_DENY"] == "authorizer-cache"
    assert first["API_KEY_INVALID"] == "usage-plan"
    assert first["INTEGRATION_MOCK_STATUS_INVALID"] == "mock-template"
    assert first["INTEGRATION_RESPONSE_MAPPING_MISSING"] == "response-mapping"
    assert first["INTEGRATION_VPC_LINK_ERROR"] == "vpc-link"
    assert first["UNSUPPORTED_MEDIA_TYPE"] == "passthrough"


@pytest.mark.parametrize(
    ("changes", "causes"),
    [
        ({}, True),
        ({"resource": "/products"}, False),
        ({"method": "POST"}, False),
        ({"resource": "", "method": ""}, True),
        ({"api_stage": "test"}, False),
        ({"api_id": "another"}, False),
        ({"api_id": "", "api_stage": ""}, True),
        ({"category": "PROXY_INTEG_ERROR"}, False),
    ],
)
def test_only_what_fits_explains(shop: Audit, changes: dict[str, str], causes: bool) -> None:
    """A finding explains failures of its own API, stage and route; where the log does not tell, it may."""
    found = explained([replace(REFUSED, **changes)], [shop])  # type: ignore[arg-type]
    checks = {finding.check for findings in found.values() for finding in findings}
    assert ("function-permission" in checks) is causes


def test_how_sure_it_is(shop: Audit) -> None:
    """A finding about some routes is sure only if a failed request is known to be of one of them."""
    for resource, sure in (("/orders", True), ("", False)):
        explanations = Explanations([shop])
        explanations.note(replace(REFUSED, resource=resource))
        [finding] = [one for one in explanations.of(REFUSED.category) if one.check == "function-permission"]
        assert explanations.sure(REFUSED.category, finding) is sure


def test_settings_of_another_api(shop: Audit) -> None:
    """Settings that no failed request is of are named as such, and explain nothing."""
    explanations = Explanations([shop])
    explanations.note(replace(REFUSED, api_id="another"))
    assert explanations.foreign() == (shop,)
    assert explanations.all() == {}


def test_any_verb_and_every_category(shop: Audit) -> None:
    """A method of any verb is meant by each; findings about everything explain nothing in particular."""
    proxy = replace(REFUSED, category="INTEGRATION_VPC_LINK_ERROR", method="POST", resource="/payments")
    assert {finding.check for finding in explained([proxy], [shop])[proxy.category]} >= {"vpc-link"}
    everything = {finding for category in catalogue() for finding in shop.explaining(category)}
    assert all(finding.categories for finding in everything)

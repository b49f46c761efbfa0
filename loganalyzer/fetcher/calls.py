"""Every call that this program makes to AWS, the permission each needs, and what it is for: all of them only read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

FIND, READ, NAMES, DELIVERIES, OBJECTS, SETTINGS = "find", "read", "names", "deliveries", "objects", "settings"
BESIDE = "beside"
"""What calls are for: finding groups and reading events is all that an analysis needs; names and levels of APIs,
deliveries, S3 objects and settings are wanted only by what shows, reads or audits them."""


@dataclass(frozen=True, slots=True)
class Call:
    """One operation of an AWS service, named as in its API, and the IAM action that permits it.

    ``on`` is the kind of resource that a policy can limit the action to: ``*``, ``group``, ``other group`` (of
    functions and of access logs), ``bucket``, ``object``, ``function``, ``role``, or for API Gateway the path of its
    resource with ``{api}`` for the API id.
    https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
    """

    service: str
    operation: str
    action: str
    purpose: str
    on: str = "*"


CALLS = (
    Call("logs", "DescribeLogGroups", "logs:DescribeLogGroups", FIND),
    Call("logs", "FilterLogEvents", "logs:FilterLogEvents", READ, "group"),
    Call("logs", "StartQuery", "logs:StartQuery", READ, "group"),
    Call("logs", "GetQueryResults", "logs:GetQueryResults", READ),
    Call("logs", "StopQuery", "logs:StopQuery", READ),
    Call("logs", "FilterLogEvents", "logs:FilterLogEvents", BESIDE, "other group"),
    Call("apigateway", "GetStages", "apigateway:GET", BESIDE, "/restapis/{api}/stages"),
    Call("apigateway", "GetResources", "apigateway:GET", BESIDE, "/restapis/{api}/resources"),
    Call("apigateway", "GetAuthorizers", "apigateway:GET", BESIDE, "/restapis/{api}/authorizers"),
    Call("apigatewayv2", "GetStages", "apigateway:GET", BESIDE, "/apis/{api}/stages"),
    Call("lambda", "GetFunctionConfiguration", "lambda:GetFunctionConfiguration", BESIDE, "function"),
    Call("apigateway", "GetRestApis", "apigateway:GET", NAMES, "/restapis"),
    Call("apigateway", "GetStages", "apigateway:GET", NAMES, "/restapis/{api}/stages"),
    Call("apigateway", "GetAccount", "apigateway:GET", NAMES, "/account"),
    Call("apigateway", "GetDomainNames", "apigateway:GET", NAMES, "/domainnames"),
    Call("apigateway", "GetBasePathMappings", "apigateway:GET", NAMES, "/domainnames/*"),
    Call("apigatewayv2", "GetApis", "apigateway:GET", NAMES, "/apis"),
    Call("apigatewayv2", "GetApi", "apigateway:GET", NAMES, "/apis/{api}"),
    Call("apigatewayv2", "GetStages", "apigateway:GET", NAMES, "/apis/{api}/stages"),
    Call("apigatewayv2", "GetApiMappings", "apigateway:GET", NAMES, "/domainnames/*"),
    Call("apigatewayv2", "ListRoutingRules", "apigateway:GET", NAMES, "/domainnames/*"),
    Call("logs", "DescribeDeliverySources", "logs:DescribeDeliverySources", DELIVERIES),
    Call("logs", "DescribeDeliveries", "logs:DescribeDeliveries", DELIVERIES),
    Call("logs", "DescribeDeliveryDestinations", "logs:DescribeDeliveryDestinations", DELIVERIES),
    Call("apigateway", "GetRestApi", "apigateway:GET", SETTINGS, "/restapis/{api}"),
    Call("apigateway", "GetResources", "apigateway:GET", SETTINGS, "/restapis/{api}/resources"),
    Call("apigateway", "GetAuthorizers", "apigateway:GET", SETTINGS, "/restapis/{api}/authorizers"),
    Call("apigateway", "GetGatewayResponses", "apigateway:GET", SETTINGS, "/restapis/{api}/gatewayresponses"),
    Call("apigateway", "GetDeployments", "apigateway:GET", SETTINGS, "/restapis/{api}/deployments"),
    Call("apigateway", "GetExport", "apigateway:GET", SETTINGS, "/restapis/{api}/stages/*/exports/*"),
    Call("apigateway", "GetUsagePlans", "apigateway:GET", SETTINGS, "/usageplans"),
    Call("apigateway", "GetApiKeys", "apigateway:GET", SETTINGS, "/apikeys"),
    Call("apigateway", "GetVpcLink", "apigateway:GET", SETTINGS, "/vpclinks/*"),
    Call("apigatewayv2", "GetRoutes", "apigateway:GET", SETTINGS, "/apis/{api}/routes"),
    Call("apigatewayv2", "GetIntegrations", "apigateway:GET", SETTINGS, "/apis/{api}/integrations"),
    Call("apigatewayv2", "GetAuthorizers", "apigateway:GET", SETTINGS, "/apis/{api}/authorizers"),
    Call("lambda", "GetFunctionConfiguration", "lambda:GetFunctionConfiguration", SETTINGS, "function"),
    Call("lambda", "GetPolicy", "lambda:GetPolicy", SETTINGS, "function"),
    Call("lambda", "GetFunctionConcurrency", "lambda:GetFunctionConcurrency", SETTINGS, "function"),
    Call("iam", "GetRole", "iam:GetRole", SETTINGS, "role"),
    Call("wafv2", "GetLoggingConfiguration", "wafv2:GetLoggingConfiguration", SETTINGS),
    Call("sts", "GetCallerIdentity", "sts:GetCallerIdentity", SETTINGS),
    Call("s3", "ListObjectsV2", "s3:ListBucket", OBJECTS, "bucket"),
    Call("s3", "HeadBucket", "s3:ListBucket", OBJECTS, "bucket"),
    Call("s3", "GetObject", "s3:GetObject", OBJECTS, "object"),
)
"""A client refuses every operation that does not stand here."""


@cache
def call_of(service: str, operation: str) -> Call | None:
    """The entry of an operation, None if it is none of ours."""
    return next((call for call in CALLS if (call.service, call.operation) == (service, operation)), None)

"""Every call that this program makes to AWS, the permission each needs, and what it is for: all of them only read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

FIND, READ, NAMES, DELIVERIES, OBJECTS = "find", "read", "names", "deliveries", "objects"
"""What calls are for: finding groups and reading events is all that an analysis needs; names and levels of APIs,
deliveries and S3 objects are wanted only by what shows or reads them."""


@dataclass(frozen=True, slots=True)
class Call:
    """One operation of an AWS service, named as in its API, and the IAM action that permits it.

    ``on`` is the kind of resource that a policy can limit the action to: ``*``, ``group``, ``bucket``, ``object``,
    ``function``, or for API Gateway the path of its resource with ``{api}`` for the API id.
    https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
    """

    service: str
    operation: str
    action: str
    purpose: str
    on: str = "*"


CALLS = (
    Call("logs", "DescribeLogGroups", "logs:DescribeLogGroups", FIND),
    Call("logs", "DescribeLogStreams", "logs:DescribeLogStreams", READ, "group"),
    Call("logs", "FilterLogEvents", "logs:FilterLogEvents", READ, "group"),
    Call("logs", "GetLogEvents", "logs:GetLogEvents", READ, "group"),
    Call("logs", "StartQuery", "logs:StartQuery", READ, "group"),
    Call("logs", "GetQueryResults", "logs:GetQueryResults", READ),
    Call("logs", "StopQuery", "logs:StopQuery", READ),
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
    Call("s3", "ListObjectsV2", "s3:ListBucket", OBJECTS, "bucket"),
    Call("s3", "HeadBucket", "s3:ListBucket", OBJECTS, "bucket"),
    Call("s3", "GetObject", "s3:GetObject", OBJECTS, "object"),
)
"""A client refuses every operation that does not stand here."""


@cache
def call_of(service: str, operation: str) -> Call | None:
    """The entry of an operation, None if it is none of ours."""
    return next((call for call in CALLS if (call.service, call.operation) == (service, operation)), None)

"""The read-only calls that the audit makes, and the permission that each one needs."""

from __future__ import annotations

from loganalyzer.fetcher.calls import call_of

GET_ACCOUNT = "apigateway:GetAccount"
GET_REST_API = "apigateway:GetRestApi"
GET_STAGES = "apigateway:GetStages"
GET_RESOURCES = "apigateway:GetResources"
GET_AUTHORIZERS = "apigateway:GetAuthorizers"
GET_GATEWAY_RESPONSES = "apigateway:GetGatewayResponses"
GET_DEPLOYMENTS = "apigateway:GetDeployments"
GET_EXPORT = "apigateway:GetExport"
GET_USAGE_PLANS = "apigateway:GetUsagePlans"
GET_API_KEYS = "apigateway:GetApiKeys"
GET_VPC_LINK = "apigateway:GetVpcLink"
GET_DOMAIN_NAMES = "apigateway:GetDomainNames"
GET_BASE_PATH_MAPPINGS = "apigateway:GetBasePathMappings"
GET_API_V2 = "apigatewayv2:GetApi"
GET_STAGES_V2 = "apigatewayv2:GetStages"
GET_ROUTES = "apigatewayv2:GetRoutes"
GET_INTEGRATIONS = "apigatewayv2:GetIntegrations"
GET_AUTHORIZERS_V2 = "apigatewayv2:GetAuthorizers"
GET_FUNCTION = "lambda:GetFunctionConfiguration"
GET_POLICY = "lambda:GetPolicy"
GET_CONCURRENCY = "lambda:GetFunctionConcurrency"
GET_ROLE = "iam:GetRole"
DESCRIBE_LOG_GROUPS = "logs:DescribeLogGroups"
DESCRIBE_DELIVERY_SOURCES = "logs:DescribeDeliverySources"
DESCRIBE_DELIVERIES = "logs:DescribeDeliveries"
GET_WAF_LOGGING = "wafv2:GetLoggingConfiguration"
GET_CALLER = "sts:GetCallerIdentity"

OPERATIONS = (
    GET_ACCOUNT, GET_REST_API, GET_STAGES, GET_RESOURCES, GET_AUTHORIZERS, GET_GATEWAY_RESPONSES, GET_DEPLOYMENTS,
    GET_EXPORT, GET_USAGE_PLANS, GET_API_KEYS, GET_VPC_LINK, GET_DOMAIN_NAMES, GET_BASE_PATH_MAPPINGS, GET_API_V2,
    GET_STAGES_V2, GET_ROUTES, GET_INTEGRATIONS, GET_AUTHORIZERS_V2, GET_FUNCTION, GET_POLICY, GET_CONCURRENCY,
    GET_ROLE, DESCRIBE_LOG_GROUPS, DESCRIBE_DELIVERY_SOURCES, DESCRIBE_DELIVERIES, GET_WAF_LOGGING, GET_CALLER,
)  # fmt: skip
"""Every call by its service and operation name."""


def permission(operation: str, *, api: str = "") -> str:
    """The IAM action that lets one make the call; for API Gateway, which has one action for all, with the path.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-iam-policy-examples.html
    """
    service, _, name = operation.partition(":")
    call = call_of(service, name)
    if call is None:
        return operation
    return f"{call.action} on {call.on.replace('{api}', api or '*')}" if call.on.startswith("/") else call.action


NOT_THERE = frozenset(
    {"NotFoundException", "ResourceNotFoundException", "NoSuchEntity", "NoSuchEntityException"}
    | {"WAFNonexistentItemException"}
)
"""Error codes that are an answer: what was asked for does not exist."""

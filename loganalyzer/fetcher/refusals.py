"""What AWS or the way to it refuses, said in one line with what to do about it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from loganalyzer.errors import AwsError, LogAnalyzerError, UsageError
from loganalyzer.fetcher.calls import call_of

DENIED, EXPIRED, CREDENTIALS, REGION, UNREACHABLE, THROTTLED, MISSING, FAILED, OTHER = (
    "denied",
    "expired",
    "credentials",
    "region",
    "unreachable",
    "throttled",
    "missing",
    "failed",
    "other",
)
"""The kinds of a refusal: ``missing`` is a resource that does not exist, ``failed`` an error of AWS itself (5xx)."""

_CODES = {
    DENIED: (
        "AccessDenied",
        "AccessDeniedException",
        "UnauthorizedOperation",
        "UnauthorizedException",
        "Forbidden",
        "403",
    ),
    EXPIRED: ("ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"),
    CREDENTIALS: (
        "UnrecognizedClientException",
        "InvalidClientTokenId",
        "InvalidAccessKeyId",
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "IncompleteSignature",
        "IncompleteSignatureException",
        "AuthFailure",
        "InvalidToken",
    ),
    THROTTLED: (
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "TooManyRequestsException",
        "RequestLimitExceeded",
        "SlowDown",
        "LimitExceededException",
        "429",
    ),
    MISSING: ("ResourceNotFoundException", "NotFoundException", "NoSuchBucket", "NoSuchKey", "404"),
    FAILED: ("InternalFailure", "InternalError", "ServiceUnavailable", "ServiceUnavailableException", "500", "503"),
    REGION: ("PermanentRedirect", "TemporaryRedirect", "AuthorizationHeaderMalformed", "301"),
    "clock": ("RequestTimeTooSkewed",),
}
_KIND = {code: kind for kind, codes in _CODES.items() for code in codes}
_NOT_AUTHORIZED = re.compile(r"not authorized to perform:? ([A-Za-z0-9-]{1,40}:[A-Za-z0-9*]{1,80})")
_RESOURCE = re.compile(r"on (?:the )?resource:? \"?(arn:[^\s\"]{1,400})")
_LONGEST = 400
"""Characters of a message that are shown: some answers are whole pages of HTML."""
_CREDENTIALS_TIP = "sign in with 'aws sso login' or 'aws configure', or set AWS_PROFILE or name one with --profile"
_POLICY_TIP = "ask for the permission: 'loganalyzer policy' prints the policy that is needed"


class AwsRefused(AwsError):
    """AWS refused a call, or could not be asked (exit code 5).

    ``kind`` is one of the words above; ``action`` the IAM action that is missing (``denied`` alone); ``code`` the error
    code as AWS gave it, empty where it did not answer.
    """

    def __init__(self, message: str, *, tip: str = "", kind: str = OTHER, action: str = "", code: str = "") -> None:
        super().__init__(message, tip=tip)
        self.kind = kind
        self.action = action
        self.code = code


@contextmanager
def translated(*, region: str = "") -> Iterator[None]:
    """Raise what botocore raises inside as :class:`AwsRefused` (or :class:`UsageError` for a profile unknown)."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise refusal_of(error, region=region) from error


def refusal_of(error: Exception, *, region: str = "") -> LogAnalyzerError:
    """The error of this program that stands for one of botocore."""
    from botocore.exceptions import ClientError

    if isinstance(error, ClientError):
        return _answered(error.response, error.operation_name)
    return _unasked(error, region=region)


def _answered(response: Mapping[str, Any], operation: str) -> AwsRefused:
    """AWS answered, with an error."""
    told = response.get("Error", {})
    code, message = str(told.get("Code", "")), " ".join(str(told.get("Message", "")).split())
    status = int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    kind = _KIND.get(code) or (FAILED if status >= 500 else DENIED if status == 403 else OTHER)
    if kind == DENIED:
        return _denied(operation, code, message)
    said = f"{operation}: {code}{f': {message[:_LONGEST]}' if message else ''}"
    if kind == EXPIRED:
        tip = "sign in again, for example with 'aws sso login', and run the command once more"
        return AwsRefused("the AWS credentials have expired", kind=EXPIRED, code=code, tip=tip)
    if kind == CREDENTIALS:
        tip = f"{_CREDENTIALS_TIP}; a region that is not enabled in the account answers so too"
        return AwsRefused(f"AWS does not accept the credentials ({said})", kind=kind, code=code, tip=tip)
    if kind == REGION:
        return AwsRefused(f"it is in another region ({said})", kind=kind, code=code, tip="name it with --region")
    if kind == "clock":
        return AwsRefused(f"the clock of this computer is wrong ({said})", code=code, tip="set it and try again")
    tips = {
        THROTTLED: "too many calls at once in this account and region: try again in a minute",
        FAILED: "AWS itself has a problem: try again in a minute",
    }
    return AwsRefused(f"AWS refused {said}", kind=kind, code=code, tip=tips.get(kind, ""))


def _denied(operation: str, code: str, message: str) -> AwsRefused:
    """A permission is missing: AWS names the action in the sentence, else the operation tells it."""
    named, where = _NOT_AUTHORIZED.search(message), _RESOURCE.search(message)
    action = named[1] if named else _action_of(operation)
    why = ""
    if "explicit deny" in message:
        why = ": a policy forbids it expressly"
    if "service control policy" in message:
        why = ": a service control policy of the organization forbids it"
    resource = where[1].removesuffix(":").removesuffix(":log-stream") if where else ""
    said = f"{action} is not permitted{f' on {resource}' if resource else ''}{why}"
    return AwsRefused(said, kind=DENIED, action=action, code=code, tip=_POLICY_TIP)


def _action_of(operation: str) -> str:
    for service in ("logs", "apigateway", "apigatewayv2", "s3", "lambda"):
        call = call_of(service, operation)
        if call is not None:
            return call.action
    return operation


def _unasked(error: Exception, *, region: str) -> LogAnalyzerError:
    """AWS was not asked or did not answer: no credentials, no region, no way."""
    from botocore import exceptions as boto

    said = " ".join(str(error).split())[:_LONGEST]
    if isinstance(error, boto.ProfileNotFound):
        return UsageError(said, tip="'aws configure list-profiles' lists the profiles of this computer")
    if isinstance(error, boto.NoRegionError):
        return AwsRefused("no AWS region is set", kind=REGION, tip="name it with --region, or set AWS_REGION")
    if isinstance(error, boto.InvalidRegionError):
        return AwsRefused(f"{region!r} is no AWS region", kind=REGION, tip="name one as eu-central-1")
    if isinstance(error, boto.NoCredentialsError):
        return AwsRefused("there are no AWS credentials", kind=CREDENTIALS, tip=_CREDENTIALS_TIP)
    if isinstance(error, _credential_errors()):
        return AwsRefused(f"the AWS credentials cannot be had: {said}", kind=CREDENTIALS, tip=_CREDENTIALS_TIP)
    if isinstance(error, boto.ConnectionError | boto.HTTPClientError):
        return _unreachable(error, said, region=region)
    return AwsRefused(f"AWS could not be asked: {said}", kind=OTHER)


def _credential_errors() -> tuple[type[Exception], ...]:
    from botocore import exceptions as boto

    return (
        boto.PartialCredentialsError,
        boto.CredentialRetrievalError,
        boto.MetadataRetrievalError,
        boto.TokenRetrievalError,
        boto.SSOError,
        boto.UnauthorizedSSOTokenError,
        boto.ConfigParseError,
        boto.ConfigNotFound,
        boto.InvalidConfigError,
    )


def _unreachable(error: Exception, said: str, *, region: str) -> AwsRefused:
    from difflib import get_close_matches

    regions = _known_regions()
    if region and region not in regions:
        near = get_close_matches(region, regions, n=3)
        tip = f"did you mean {' or '.join(near)}?" if near else "check --region and AWS_REGION"
        return AwsRefused(f"AWS could not be reached, and {region!r} is no region that is known here",
                          kind=REGION, tip=tip)  # fmt: skip
    return AwsRefused(f"AWS could not be reached: {said}", kind=UNREACHABLE,
                      tip="check the network, the proxy, and AWS_ENDPOINT_URL if it is set")  # fmt: skip


@cache
def _known_regions() -> tuple[str, ...]:
    """The regions that this version of botocore knows, of all partitions."""
    import boto3

    session = boto3.Session(region_name="us-east-1")
    partitions = session.get_available_partitions()
    return tuple(name for partition in partitions for name in session.get_available_regions("logs", partition))

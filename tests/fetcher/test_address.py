"""What URLs and ARNs tell without anybody being asked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loganalyzer.errors import UsageError
from loganalyzer.fetcher.address import Address, read_address

GROUP = "API-Gateway-Execution-Logs_abcde12345/prod"
HERE = "eu-central-1"

TOLD = {
    f"https://abcde12345.execute-api.{HERE}.amazonaws.com/prod/orders/7?x=1": Address(
        "abcde12345", "prod", region=HERE
    ),
    f"https://abcde12345.execute-api.{HERE}.amazonaws.com": Address("abcde12345", region=HERE),
    f"abcde12345.execute-api.{HERE}.amazonaws.com/prod": Address("abcde12345", "prod", region=HERE),
    f"HTTPS://ABCDE12345.execute-api.{HERE}.amazonaws.com/Prod": Address("abcde12345", "Prod", region=HERE),
    f"wss://abcde12345.execute-api.{HERE}.amazonaws.com/live/": Address("abcde12345", "live", region=HERE),
    f"https://abcde12345.execute-api.{HERE}.api.aws/prod": Address("abcde12345", "prod", region=HERE),
    "https://abcde12345.execute-api.cn-north-1.amazonaws.com.cn/prod": Address(
        "abcde12345", "prod", region="cn-north-1"
    ),
    f"https://abcde12345-vpce-0a1b2c3d.execute-api.{HERE}.amazonaws.com/prod": Address(
        "abcde12345", "prod", region=HERE
    ),
    f"https://abcde12345.execute-api.{HERE}.amazonaws.com:443/prod": Address("abcde12345", "prod", region=HERE),
    "https://api.example.com/v1/orders%20x": Address(domain="api.example.com", path=("v1", "orders x")),
    "api.example.com": Address(domain="api.example.com"),
    f"https://{HERE}.console.aws.amazon.com/cloudwatch/home?region={HERE}#logsV2:log-groups/log-group/"
    "API-Gateway-Execution-Logs_abcde12345$252Fprod/log-events/x": Address(group=GROUP, region=HERE),
    f"https://{HERE}.console.aws.amazon.com/apigateway/main/apis/abcde12345/stages?api=abcde12345&region={HERE}": (
        Address("abcde12345", region=HERE)
    ),
    f"arn:aws:logs:{HERE}:123456789012:log-group:{GROUP}:*": Address(
        group=GROUP, region=HERE, account="123456789012", arn=f"arn:aws:logs:{HERE}:123456789012:log-group:{GROUP}"
    ),
    f"arn:aws-us-gov:logs:us-gov-west-1:1:log-group:{GROUP}:log-stream:ab": Address(
        group=GROUP, region="us-gov-west-1", account="1", arn=f"arn:aws-us-gov:logs:us-gov-west-1:1:log-group:{GROUP}"
    ),
    f"arn:aws:apigateway:{HERE}::/restapis/abcde12345/stages/prod": Address("abcde12345", "prod", region=HERE),
    f"arn:aws:apigateway:{HERE}::/apis/abcde12345": Address("abcde12345", region=HERE),
    f"arn:aws:execute-api:{HERE}:123456789012:abcde12345/prod/GET/pets": Address(
        "abcde12345", "prod", region=HERE, account="123456789012"
    ),
    f"arn:aws:execute-api:{HERE}:123456789012:abcde12345/*/GET/pets": Address(
        "abcde12345", region=HERE, account="123456789012"
    ),
}


@pytest.mark.parametrize("text", TOLD)
def test_what_an_address_tells(text: str) -> None:
    """URLs of every kind of endpoint, console pages and ARNs give API, stage, group, region and account."""
    assert read_address(text) == TOLD[text]


REFUSED = {
    "https://": "no URL",
    "https://localhost:4566/x": "no URL",
    "ftp://api.example.com": "no URL",
    "https://[::1": "no URL",
    "orders": "no URL",
    "https://vpce-0a1b-x.execute-api.eu-central-1.vpce.amazonaws.com/prod": "does not tell the API",
    "https://eu-central-1.console.aws.amazon.com/lambda/home?region=eu-central-1": "neither a log group nor an API",
    "arn:aws:lambda:eu-central-1:1:function:x": "no ARN of",
    "arn:aws:logs:eu-central-1:1:destination:x": "no ARN of",
    "arn:aws:apigateway:eu-central-1::/domainnames/x": "no ARN of",
    "arn:x": "no ARN of",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_address(text: str) -> None:
    """What names neither API nor group is refused with a word on what would."""
    with pytest.raises(UsageError, match=REFUSED[text]) as raised:
        read_address(text)
    assert raised.value.tip


@given(st.text(max_size=60) | st.text("https:/.aw[]%$?#@-execute-api", max_size=60).map(lambda text: f"https://{text}"))
def test_any_text_is_an_address_or_a_usage_error(text: str) -> None:
    """Nothing that a person can type ends in another error."""
    try:
        read_address(text)
    except UsageError:
        return

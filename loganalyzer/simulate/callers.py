"""Who calls the make-believe shop: clients with headers, tokens and keys of their own, all of them invented."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from random import Random

from loganalyzer.simulate.api import HOST

_AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Safari/18.1",
    "ShopApp/7.3.1 (Android 15; Pixel 9) okhttp/4.12.0",
    "python-requests/2.32.3",
    "curl/8.9.1",
)
_EDGES = ("DUB56-P2", "LHR61-C2", "FRA60-P5")


@dataclass(frozen=True, slots=True)
class Caller:
    """One client; the headers are templates whose ``%(name)s`` differ from one request to the next.

    ``headers`` is the map that the log prints, ``event_headers`` and ``event_lists`` are the inner parts of the JSON
    objects in an event for a Lambda function.
    """

    token: str
    identity: str
    principal: str
    masked_principal: str
    key: str
    key_id: str
    headers: str
    passed_headers: str
    event_headers: str
    event_lists: str


def masked(secret: str) -> str:
    """A secret as the log prints it: asterisks, and its last six characters."""
    return "*" * max(len(secret) - 6, 0) + secret[-6:]


def letters(rng: Random, count: int) -> str:
    """So many random characters of URL-safe base64."""
    return base64.urlsafe_b64encode(rng.randbytes(count * 3 // 4 + 1)).decode()[:count]


def _headers(rng: Random, token: str) -> dict[str, str]:
    agent = rng.choice(_AGENTS)
    mobile = "Android" in agent or "iPhone" in agent
    country = rng.choice(("IE", "GB", "DE"))
    address = f"198.51.100.{rng.randrange(1, 255)}"
    return {
        "Accept": "application/json, text/plain, */*",
        "Accept-Encoding": "gzip, deflate, br",
        "Accept-Language": "en-IE,en;q=0.9",
        "Authorization": f"Bearer {token}",
        "CloudFront-Forwarded-Proto": "https",
        "CloudFront-Is-Desktop-Viewer": str(not mobile).lower(),
        "CloudFront-Is-Mobile-Viewer": str(mobile).lower(),
        "CloudFront-Is-SmartTV-Viewer": "false",
        "CloudFront-Viewer-Country": country,
        "Host": HOST,
        "User-Agent": agent,
        "Via": f"2.0 {rng.getrandbits(128):032x}.cloudfront.net (CloudFront)",
        "X-Amz-Cf-Id": "%(edge_id)s",
        "X-Amz-Cf-Pop": rng.choice(_EDGES),
        "X-Amzn-Trace-Id": "Root=%(trace)s",
        "X-Forwarded-For": f"{address}, 192.0.2.{rng.randrange(1, 255)}",
        "X-Forwarded-Port": "443",
        "X-Forwarded-Proto": "https",
    }


def _map(headers: dict[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in headers.items())


def caller(rng: Random) -> Caller:
    """Invent a client."""
    principal = f"user|{rng.getrandbits(48):012x}"
    token = f"{letters(rng, 36)}.{letters(rng, 300)}.{letters(rng, 86)}"
    headers = _headers(rng, token)
    logged = headers | {"Authorization": masked(headers["Authorization"])}
    passed = {name: value for name, value in headers.items() if name not in {"Authorization", "Host"}}
    return Caller(
        token=token,
        identity=masked(headers["Authorization"]),
        principal=principal,
        masked_principal=masked(principal),
        key=masked(letters(rng, 40)),
        key_id=f"{rng.getrandbits(50):010x}"[:10],
        headers=_map(logged),
        passed_headers=_map(passed),
        event_headers=json.dumps(headers, separators=(",", ":"))[1:-1],
        event_lists=json.dumps({k: [v] for k, v in headers.items()}, separators=(",", ":"))[1:-1],
    )

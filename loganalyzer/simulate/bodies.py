"""Payloads of the make-believe shop: JSON in one line, now and then pretty-printed over several."""

from __future__ import annotations

import json
from random import Random
from typing import Any

PRETTY = 0.03
"""The share of bodies that hold newlines, so that their events continue on lines without a prefix."""

MISLEADING = (
    '{"status":"ok","statusCode":500,"note":"Execution failed due to a timeout error","errorMessage":"Forbidden"}',
    '{"items":[],"errors":[],"lastRun":"Lambda execution failed with status 200","Effect":"Deny","code":502}',
    "report of the night run\nExecution failed due to a timeout error\nMethod completed with status: 504\nall mended",
)
"""Bodies of requests that go well and talk of errors: no evidence of anything."""

_NAMES = ("oak lamp", "white desk", "pine shelf", "grey rug", "black chair", "café table", "brass hook", "linen box")
_TOWNS = ("Cork", "Galway", "Sligo", "Ennis", "Tralee", "Athlone")
_COMPLAINTS = ("order not found", "customer is locked", "out of stock", "card was declined", "try again later")

Body = tuple[str, str]
"""A body as it is and as a JSON string within a Lambda function's answer."""


def _item(rng: Random) -> dict[str, Any]:
    return {"sku": f"S-{rng.randrange(10**5):05d}", "name": rng.choice(_NAMES), "quantity": rng.randrange(1, 9)}


def _order(rng: Random) -> dict[str, Any]:
    return {
        "orderId": f"O-{rng.randrange(10**7):07d}",
        "customerId": rng.randrange(10**6),
        "items": [_item(rng) for _ in range(rng.choice((1, 1, 2, 3, 5)))],
        "town": rng.choice(_TOWNS),
        "total": rng.randrange(500, 90000) / 100,
    }


def _listing(rng: Random) -> dict[str, Any]:
    return {"items": [_order(rng) for _ in range(rng.choice((1, 2, 4, 9)))], "next": f"p{rng.randrange(100)}"}


def _complaint(rng: Random) -> dict[str, Any]:
    return {"message": rng.choice(_COMPLAINTS), "code": f"E{rng.randrange(1000):03d}", "retry": rng.random() < 0.5}


def _written(payload: object) -> tuple[Body, Body]:
    plain = json.dumps(payload, separators=(",", ":"), ensure_ascii=False)
    pretty = json.dumps(payload, indent=2, ensure_ascii=False)
    return (plain, json.dumps(plain)), (pretty, json.dumps(pretty))


class Bodies:
    """A stock of payloads to draw from, the same for the same ``rng``."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._orders = [_written(_order(rng)) for _ in range(40)]
        self._answers = [_written(_listing(rng) if n % 3 == 0 else _order(rng)) for n in range(60)]
        self._complaints = [_written(_complaint(rng)) for _ in range(20)]

    def sent(self) -> Body:
        """What a caller sends."""
        return self._draw(self._orders)

    def returned(self, status: int) -> Body:
        """What a backend returns with ``status``."""
        if status in {204, 302, 304}:
            return "", '""'
        return self._draw(self._complaints if status >= 400 else self._answers)

    def _draw(self, stock: list[tuple[Body, Body]]) -> Body:
        plain, pretty = stock[int(self._rng.random() * len(stock))]
        return pretty if self._rng.random() < PRETTY else plain

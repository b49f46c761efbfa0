"""The values of one request: ids, times, headers and bodies that fill the templates of its lines."""

from __future__ import annotations

import time
from functools import lru_cache
from random import Random

from loganalyzer.simulate.api import ACCOUNT, API, ARN, STAGE, Route
from loganalyzer.simulate.bodies import MISLEADING, Bodies
from loganalyzer.simulate.callers import caller, letters, masked
from loganalyzer.simulate.rows import endpoint
from loganalyzer.simulate.script import Script

_CALLERS = 48
_HOSTS = 64
"""Machines that API Gateway runs on, each with credentials of its own."""

_WORDS = ("10482", "77031", "20519", "93300", "41877", "66024", "58190", "30765")


@lru_cache(maxsize=256)
def _dates(second: int) -> tuple[str, str, str]:
    when = time.gmtime(second)
    return (
        time.strftime("%a, %d %b %Y %H:%M:%S GMT", when),
        time.strftime("%Y%m%dT%H%M%SZ", when),
        time.strftime("%Y-%m-%dT%H:%M:%S", when),
    )


class Invention:
    """Makes up the values of requests: the same ones for the same ``rng``."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._bodies = Bodies(rng)
        self._callers = [caller(rng) for _ in range(_CALLERS)]
        self._sessions = ["IQoJ" + letters(rng, 1200) for _ in range(_HOSTS)]
        self._resource_ids = [f"{rng.getrandbits(31):06x}"[:6] for _ in range(8)]
        self._signatures = [masked(letters(rng, 320) + f"{rng.getrandbits(24):06x}") for _ in range(16)]
        self._authorizers = {
            kind: letters(rng, 6).lower().replace("-", "x").replace("_", "y") for kind in ("TOKEN", "REQUEST")
        }
        self._plan_id = letters(rng, 6).lower().replace("-", "p").replace("_", "q")

    def request_id(self) -> str:
        """A random UUID (version 4)."""
        digits = f"{self._rng.getrandbits(128):032x}"
        variant = "89ab"[self._rng.getrandbits(2)]
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"

    def extended_id(self) -> str:
        """An extended request id: fifteen characters and an equals sign."""
        return letters(self._rng, 15) + "="

    def values(self, play: Script, ids: tuple[str, str], *, at: int, status: int, latency: int) -> dict[str, str]:
        """All values of a request that starts at ``at`` (ms since 1970); ``ids`` are its id and its extended id."""
        rng, route = self._rng, play.route
        bits = rng.getrandbits(192)
        answered = status if play.scenario.answered_by_backend else 200
        values = self._constants(route)
        date, amz_date, iso = _dates(at // 1000)
        trace = f"1-{at // 1000:08x}-{bits & (1 << 96) - 1:024x}"
        values |= {
            "id": ids[0],
            "extended_id": ids[1],
            "trace": trace,
            "sampled": str(bits & 1),
            "endpoint_id": self.request_id(),
            "function_id": self.request_id(),
            "event_id": f"{bits >> 96:024x}",
            "etag": f"{bits >> 160:08x}",
            "date": date,
            "amz_date": amz_date,
            "now": f"{iso}.{at % 1000:03d}Z",
            "status": str(status),
            "latency": str(latency),
            "answered": str(answered),
            "signature": self._signatures[bits >> 100 & 15],
            "misleading": MISLEADING[(bits >> 110) % len(MISLEADING)],
        }
        self._of_caller(values, route)
        self._of_path(values, route)
        self._of_bodies(values, route, answered)
        for name, choice in play.scenario.values.items():
            values[name] = rng.choice(choice) % values
        return values

    def _constants(self, route: Route) -> dict[str, str]:
        return {
            "api": API,
            "stage": STAGE,
            "account": ACCOUNT,
            "session": self._sessions[int(self._rng.random() * _HOSTS)],
            "authorizer_session": self._sessions[int(self._rng.random() * _HOSTS)],
            "authorizer_id": self._authorizers.get(route.authorizer, ""),
            "plan_id": self._plan_id,
            "declared": route.declared or route.verb,
            "resource": route.resource,
            "resource_id": self._resource_ids[len(route.resource) % len(self._resource_ids)],
        }

    def _of_caller(self, values: dict[str, str], route: Route) -> None:
        who = self._callers[int(self._rng.random() * _CALLERS)]
        values |= {
            "edge_id": letters(self._rng, 54) + "==",
            "token": who.token,
            "identity": who.identity,
            "principal": who.principal,
            "masked_principal": who.masked_principal,
            "partner": who.key_id[:6],
            "key": who.key if route.key else "",
            "key_id": who.key_id,
        }
        values["headers"] = who.headers % values
        values["passed_headers"] = who.passed_headers % values
        values["event_headers"] = who.event_headers % values
        values["event_lists"] = who.event_lists % values

    def _of_path(self, values: dict[str, str], route: Route) -> None:
        rng = self._rng
        stem, brace, name = route.resource.partition("{")
        values["word"] = word = rng.choice(route.words or _WORDS) if brace else ""
        values["path"] = path = stem + word
        values["path_parameters"] = f"{name.rstrip('}').rstrip('+')}={word}" if brace else ""
        values["query"] = f"limit={rng.choice((10, 20, 50))}, page={rng.randrange(1, 9)}" if rng.random() < 0.4 else ""
        values["method_arn"] = f"{ARN}/{STAGE}/{route.verb}{path}"
        values["target"] = endpoint(route) % values

    def _of_bodies(self, values: dict[str, str], route: Route, status: int) -> None:
        values["sent"], values["sent_escaped"] = self._bodies.sent() if route.sends_body else ("", "null")
        values["returned"], values["escaped"] = self._bodies.returned(status)
        values["length"] = str(len(values["returned"]))

"""The two scales of a diagnosis: how far in its life a request came, and how sure that is."""

from __future__ import annotations

import enum


class Stage(enum.IntEnum):
    """Where in its life a request stands, in the order in which API Gateway works through it.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
    """

    ROUTE = 0
    AUTHORIZATION = 1
    USAGE_PLAN = 2
    REQUEST_VALIDATION = 3
    INTEGRATION_REQUEST = 4
    INTEGRATION_INVOCATION = 5
    BACKEND = 6
    INTEGRATION_RESPONSE = 7
    METHOD_RESPONSE = 8
    COMPLETED = 9

    @property
    def lifecycle(self) -> str:
        """The step of the four-step lifecycle that people are shown with the stage."""
        return _LIFECYCLE[self]


LIFECYCLE = ("route match", "authorization", "integration invocation", "backend execution")
"""The four steps of a request: a failure in one keeps all later ones from running."""

_LIFECYCLE = {
    Stage.ROUTE: LIFECYCLE[0],
    Stage.AUTHORIZATION: LIFECYCLE[1],
    Stage.USAGE_PLAN: LIFECYCLE[1],
    Stage.REQUEST_VALIDATION: LIFECYCLE[2],
    Stage.INTEGRATION_REQUEST: LIFECYCLE[2],
    Stage.INTEGRATION_INVOCATION: LIFECYCLE[2],
    Stage.BACKEND: LIFECYCLE[3],
    Stage.INTEGRATION_RESPONSE: LIFECYCLE[3],
    Stage.METHOD_RESPONSE: LIFECYCLE[3],
    Stage.COMPLETED: LIFECYCLE[3],
}


class Confidence(enum.IntEnum):
    """How sure a diagnosis is; the lower of two wins."""

    LOW = 0
    MEDIUM = 1
    HIGH = 2

    def __str__(self) -> str:
        return self.name.lower()

"""A make-believe CloudWatch Logs that speaks the real wire protocol on loopback, with the semantics that moto lacks.

::

    with CloudWatch() as aws:
        group = aws.group("API-Gateway-Execution-Logs_abcde12345/prod")
        group.put([(1_793_610_000_000, "(3f2a…) Starting execution for request: 3f2a…")])
        client = aws.client()          # a boto3 client; aws.url is what AWS_ENDPOINT_URL takes

Pages hold 1 MB or 10,000 events and may be empty, tokens repeat, expire and go bad, calls are throttled by a token
bucket, answers are 500s or cut off (:class:`Troubles` says how often), event ids have 56 digits, both ends of a window
are inclusive, events may come late, Infrequent Access groups refuse FilterLogEvents, and Insights has states and pages.
"""

from tests.aws.clock import SimulatedTime
from tests.aws.events import ACCOUNT, GeneratedEvents, ListedEvents
from tests.aws.groups import Group
from tests.aws.server import CloudWatch
from tests.aws.troubles import Troubles

__all__ = ["ACCOUNT", "CloudWatch", "GeneratedEvents", "Group", "ListedEvents", "SimulatedTime", "Troubles"]

"""A make-believe API Gateway that writes realistic execution logs and the truth about every request in them.

For trying the tool, for tests and for benchmarks. All names, ids, keys and addresses are invented.
"""

from loganalyzer.simulate.export import TRUTH, simulate
from loganalyzer.simulate.requests import LEVEL_CHOICES, SimulatedRequest, Truth, make_requests
from loganalyzer.simulate.scenarios import FAILURES, SUCCESSES
from loganalyzer.simulate.sizes import parse_size

__all__ = [
    "FAILURES",
    "LEVEL_CHOICES",
    "SUCCESSES",
    "TRUTH",
    "SimulatedRequest",
    "Truth",
    "make_requests",
    "parse_size",
    "simulate",
]

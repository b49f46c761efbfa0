"""How long an analysis on a cluster takes and what it costs, by a formula small enough to check by hand.

    seconds = start + text / (cores × rate)
    cost    = cores × seconds / 3600 × price of a core for an hour

``rate`` is the marginal rate of one core, which ``tests/benchmarks/bench_spark.py`` measures. The stored bytes must
also come out of S3: one core reads about :data:`STORAGE_RATE` of them a second, which is slower only for logs that are
not compressed.
"""

from __future__ import annotations

from dataclasses import dataclass

RATE = 110_000_000
"""Bytes of text a second and core, of a log with data trace: what ``tests/benchmarks/bench_spark.py`` measures for each
second of a core, of Java and Python together, on one busy machine (107 to 151 MB; on a quiet one 159 to 187). Not
measured on a cluster."""

STORAGE_RATE = 60_000_000
"""Stored bytes a second that one core gets from S3."""

RATIO = 5.7
"""How much smaller execution logs are as .gz."""

START = 90.0
"""Seconds until a cluster works: containers, Spark's own start, Python on every worker."""

MACHINE_RATE = 340_000_000
"""Bytes of text a second that one machine of :data:`MACHINE_CORES` analyses from its own disk, 20 GB a minute: what
``tests/benchmarks/bench_scan.py`` measured on a shared one."""

MACHINE_CORES = 2

PRICES = {"EMR Serverless": 0.052624 + 4 * 0.0057785, "Glue": 0.44 / 4}
"""US dollars for a core with 4 GB for an hour in us-east-1 (Glue: a quarter of a DPU), without what storage costs.

https://aws.amazon.com/emr/pricing/, https://aws.amazon.com/glue/pricing/
"""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What an analysis takes: bytes of text and as stored, cores, seconds in all, dollars by service.

    ``alone`` are the seconds that one machine takes whose disk holds the logs.
    """

    text: int
    stored: int
    cores: int
    seconds: float
    alone: float
    costs: dict[str, float]


def estimate(text: int, *, cores: int, ratio: float = RATIO, rate: int = RATE, start: float = START) -> Estimate:
    """The estimate for so many bytes of text, stored ``ratio`` times smaller, on so many cores."""
    stored = int(text / ratio)
    reading = max(text / (cores * rate), stored / (cores * STORAGE_RATE))
    seconds = start + reading
    costs = {name: cores * seconds / 3600 * price for name, price in PRICES.items()}
    return Estimate(text, stored, cores, seconds, text / MACHINE_RATE, costs)

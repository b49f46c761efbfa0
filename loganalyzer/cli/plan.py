"""``loganalyzer plan``: how long an analysis on Spark takes, and what it costs."""

from __future__ import annotations

import click

from loganalyzer.cli.commands import Command

EXAMPLES = (
    ("Ten terabytes of log on 256 cores", "loganalyzer plan --bytes 10TB --cores 256"),
    ("What 'aws s3 ls --summarize' says of an export of .gz", "loganalyzer plan --bytes 800GB --stored --cores 64"),
)


@click.command(cls=Command, short_help="Estimate time and cost on Spark.", examples=EXAMPLES, exits=("0", "2"))
@click.option("--bytes", "size", metavar="SIZE", required=True, help="How much log text, such as 500GB or 10TB.")
@click.option("--cores", type=click.IntRange(min=1), default=64, show_default=True, help="Cores of the cluster.")
@click.option("--stored", is_flag=True, help="SIZE is that of the .gz files, not of the text in them.")
def plan(*, size: str, cores: int, stored: bool) -> None:
    """Estimate how long an analysis on a Spark cluster takes and what it costs, beside one machine.

    The formula stands in the README. The prices are those of us-east-1 for 4 GB a core, without S3 requests.
    """
    from loganalyzer.simulate import parse_size
    from loganalyzer.spark.plan import MACHINE_CORES, RATIO, estimate

    given = parse_size(size)
    found = estimate(int(given * RATIO) if stored else given, cores=cores)
    rows = [
        ("text", f"{_size(found.text)}, {_size(found.stored)} as .gz"),
        (f"Spark, {cores} cores", time_of(found.seconds)),
        (f"one machine, {MACHINE_CORES} cores", f"{time_of(found.alone)}, once its own disk holds the files"),
        *((name, f"${cost:,.2f}") for name, cost in found.costs.items()),
    ]
    width = max(len(name) for name, _ in rows)
    for name, told in rows:
        click.echo(f"{name:<{width}}  {told}")


def _size(count: int) -> str:
    for unit, size in (("PB", 1e15), ("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return f"{count} bytes"


def time_of(seconds: float) -> str:
    """Seconds, minutes or hours as people say them."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 100 else f"{minutes} min"

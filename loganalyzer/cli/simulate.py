"""``loganalyzer simulate``: a make-believe export to try things on."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from loganalyzer.cli.commands import Command

if TYPE_CHECKING:
    from loganalyzer.simulate.export import Progress

_LEVELS = ("trace", "info", "error", "mixed")


@contextmanager
def _shown() -> Iterator[Progress | None]:
    """A progress bar on standard error if that is a terminal, else nothing."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("writing")
        yield lambda done, total: bar.update(task, completed=done, total=total)


EXAMPLES = (
    ("Something to try the tool on", "loganalyzer simulate trial/ && loganalyzer analyze trial/"),
    (
        "With the other logs of the account",
        "loganalyzer simulate --level info --with-lambda-logs --with-access-logs trial/",
    ),
    ("A gigabyte of log for a benchmark", "loganalyzer simulate --size 1GB --seed 1 big/"),
)


@click.command(
    cls=Command,
    short_help="Write a make-believe export to try things on.",
    examples=EXAMPLES,
    exits=("0", "2"),
)
@click.option("--requests", type=int, help="How many requests to write.  [default: 1000]")
@click.option("--size", metavar="SIZE", help="How much text to write instead, such as 500MB or 1GB.")
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed writes the same bytes.")
@click.option("--failures", type=float, default=0.075, show_default=True, help="The share of requests that fail.")
@click.option(
    "--level",
    type=click.Choice(_LEVELS),
    default="mixed",
    show_default=True,
    help="The logging level: trace is INFO with data trace.",
)
@click.option("--streams", type=int, help="How many log streams to write.  [default: one for 16 MB, at least 4]")
@click.option("--gzip/--no-gzip", "compress", default=True, show_default=True, help="Compress the files.")
@click.option("--odd-ids", is_flag=True, help="Mix in WebSocket ids and replaced invalid ids.")
@click.option("--with-lambda-logs", "lambda_logs", is_flag=True, help="Write the functions' logs to OUT/lambda-logs.")
@click.option("--with-access-logs", "access_logs", is_flag=True, help="Write the API's to OUT/access-logs.")
@click.argument("out", type=click.Path(path_type=Path))
def simulate(
    *,
    out: Path,
    requests: int | None,
    size: str | None,
    seed: int,
    failures: float,
    level: str,
    streams: int | None,
    compress: bool,
    odd_ids: bool,
    lambda_logs: bool,
    access_logs: bool,
) -> None:
    """Write a make-believe S3 export of execution logs to OUT, which must not exist yet or be empty.

    Every kind of failure occurs in it, rare ones rarely. OUT/truth.ndjson says of every request what really happened
    and what its lines can show. Nothing in it is real.
    """
    from loganalyzer.simulate import parse_size
    from loganalyzer.simulate import simulate as write

    with _shown() as progress:
        write(
            out,
            requests=requests,
            size=None if size is None else parse_size(size),
            seed=seed,
            level=level,
            failures=failures,
            streams=streams,
            compress=compress,
            odd_ids=odd_ids,
            lambda_logs=lambda_logs,
            access_logs=access_logs,
            progress=progress,
        )
    click.echo(out)

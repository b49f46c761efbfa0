"""How long small commands take, beside an interpreter that loads click and nothing else.

``python tests/benchmarks/bench_startup.py``; commands run in turn and medians are compared.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from loganalyzer.simulate import simulate
from tests.benchmarks.measure import Program, in_turn, show, take_memory


def programs(small: Path) -> list[Program]:
    """What is compared: the first is what the others are measured by."""
    command = [sys.executable, "-m", "loganalyzer"]
    return [
        Program("python -c 'import click'", [sys.executable, "-c", "import click"]),
        Program("python -c 'import loganalyzer'", [sys.executable, "-c", "import loganalyzer"]),
        Program("loganalyzer --help", [*command, "--help"]),
        Program("loganalyzer explain THROTTLED", [*command, "explain", "THROTTLED"]),
        Program("loganalyzer analyze, 50 requests", [*command, "analyze", str(small)]),
        Program("… --format json", [*command, "analyze", str(small), "--format", "json"]),
    ]


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=15, help="rounds to take medians of (default: 15)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        found = programs(simulate(Path(directory) / "export", requests=50, failures=0.3))
        in_turn(found, runs=options.runs)
        for program in found:
            take_memory(program)
    yardstick = found[0].median
    show(
        [
            {
                "program": program.name,
                "ms": f"{program.median * 1000:.0f}",
                "× click": f"{program.median / yardstick:.1f}",
                "memory MB": f"{program.memory_mb:.0f}",
            }
            for program in found
        ]
    )


if __name__ == "__main__":
    main()

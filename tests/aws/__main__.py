"""Run the make-believe account until Ctrl-C: ``python -m tests.aws``, then do what it says."""

from __future__ import annotations

import argparse
import shlex
import sys
import time

from tests.aws.account import API, shop


def main() -> None:
    """Print how to reach the account, and serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=600)
    parser.add_argument("--level", choices=("trace", "info", "error", "mixed"), default="trace")
    given = parser.parse_args()
    with shop(requests=given.requests, level=given.level) as aws:
        for name, value in aws.environment.items():
            print(f"export {name}={shlex.quote(value)}")
        print(f"# loganalyzer groups; loganalyzer analyze --api {API} --stage prod --since 2h", flush=True)
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            sys.exit(130)


if __name__ == "__main__":
    main()

"""Runs the kit and tells what fails: ``python -m tests.tck [--quiet] [part of a title …]``."""

from __future__ import annotations

import sys
import time

from tests.tck.embedded import Embedded
from tests.tck.kit import features
from tests.tck.running import run


def main(arguments: list[str]) -> int:
    """Print each failure with its query, and how many scenarios pass."""
    quiet = "--quiet" in arguments
    wanted = [one for one in arguments if not one.startswith("--")]
    backend, began = Embedded(), time.monotonic()
    failures = total = 0
    for feature in features().values():
        for scenario in feature:
            if wanted and not any(part in scenario.title for part in wanted):
                continue
            total += 1
            failure = run(scenario, backend)
            if failure is None:
                continue
            failures += 1
            print(f"FAILED {scenario.title}")
            if not quiet:
                print("\n".join(step.text for step in scenario.steps if step.text is not None))
                print(failure, end="\n\n")
    print(f"{total - failures} of {total} pass, in {time.monotonic() - began:.1f} s")
    return int(failures > 0)


sys.exit(main(sys.argv[1:]))

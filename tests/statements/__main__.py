"""`python -m tests.statements CASES RULEBOOKS`: a line for each failed expectation, then `N passed, M failed`."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.statements.runner import run


def main(arguments: list[str]) -> int:
    """Run the statements in the first folder by the rulebooks in the second; 0 when none fails."""
    if len(arguments) != 2 or not all(Path(argument).is_dir() for argument in arguments):
        sys.stderr.write("usage: python -m tests.statements CASES RULEBOOKS\n")
        return 2
    say = sys.stdout.write
    passed = failed = left = 0
    for outcome in run(*map(Path, arguments)):
        left += outcome.left
        failed += bool(outcome.failures)
        passed += not outcome.failures and not outcome.left
        for failure in outcome.failures:
            say(f"{outcome.name}: {failure}\n")
    if left:
        say(f"{left} checks left to the proofs\n")
    say(f"{passed} passed, {failed} failed\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

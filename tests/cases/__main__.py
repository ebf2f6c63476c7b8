"""`python -m tests.cases FOLDER…`: a line for each failed expectation; at the end how many cases passed and failed."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.cases.runner import cases_in, failures_of


def main(folders: list[str]) -> int:
    """Run the cases of the folders, those beside this file where none is named."""
    passed = failed = 0
    for folder in folders or [str(Path(__file__).parent)]:
        for case in cases_in(Path(folder)):
            lines = _lines(case)
            for line in lines:
                print(f"{case.name}: {line}")
            passed, failed = passed + (not lines), failed + bool(lines)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def _lines(case: object) -> list[str]:
    try:
        return failures_of(case)  # type: ignore[arg-type]
    except Exception as error:  # noqa: BLE001 - a case that breaks must not stop the others
        return [f"{type(error).__name__}: {error}"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""`python -m tests.worklists.feeding DB`: receives the invented day into a store, one input after another, and says so.

It is there to be killed: what it had acknowledged by a printed line must be in the store afterwards.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from routing.rulebook import Rulebook
from routing.worklists import Worklists

EXAMPLE: Final = Path(__file__).parents[2] / "examples" / "city-hospitals"
EVENING: Final = datetime(2026, 3, 11, 18, tzinfo=UTC)
STEP: Final = timedelta(seconds=10)


def inputs() -> list[bytes]:
    """Return the inputs of the day in the order of the timeline."""
    day = EXAMPLE / "samples"
    timeline = json.loads((day / "timeline.json").read_text(encoding="utf-8"))
    return [(day / name).read_bytes() for row in timeline for name in row.get("files", [row.get("file")])]


def main(where: str) -> None:
    """Receive the whole day, from its first input."""
    rulebook = Rulebook.load(EXAMPLE / "radiology.rules")
    with Worklists.open(where, rulebook, clock=lambda: EVENING) as worklists:
        print("ready", flush=True)
        for at, data in enumerate(inputs()):
            worklists.receive(data, at=EVENING + at * STEP)
            print(at, flush=True)
    print("done", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])

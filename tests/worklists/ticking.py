"""`python -m tests.worklists.ticking DB`: brings a store in step with time, and is there to be killed meanwhile."""

from __future__ import annotations

import sys

from routing.worklists import Worklists
from tests.worklists.telling import at

LATE = 30  # the minute that it ticks at

if __name__ == "__main__":
    with Worklists.open(sys.argv[1], clock=lambda: at(LATE)) as worklists:
        print("ready", flush=True)  # who kills it waits for this
        worklists.tick()

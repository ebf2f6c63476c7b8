"""Play a share of a department's year and hold the store against what really happened."""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.simulation.department import Department
from tests.simulation.judging import Verdict, judged
from tests.simulation.luck import ROUGH, USUAL, Luck

PROCEDURES, DAYS, READERS = 700_000, 365.0, 50


def play(share: float, sites: int, seed: int, where: str | None = None, luck: Luck = USUAL) -> Verdict:
    """Return what became of one of *sites* departments that share the year's work and readers."""
    with TemporaryDirectory(dir=where) as folder:
        department = Department(
            Path(folder),
            count=round(PROCEDURES * share / sites),
            days=max(2.0, DAYS * share),
            readers=READERS // sites,
            seed=seed,
            luck=luck,
        )
        department.run()
        return judged(department)


def main() -> int:
    """Play, print, and return 1 where a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--share", type=float, default=0.01, help="of the year: 1 is 700,000 procedures in 365 days")
    parser.add_argument("--sites", type=int, default=2, help="departments, each in a process of its own")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--where", help="the folder for the stores; memory (/dev/shm) is quick")
    parser.add_argument("--rough", action="store_true", help="far more goes wrong than in any department")
    asked = parser.parse_args()
    luck = ROUGH if asked.rough else USUAL
    begun = time.monotonic()
    with ProcessPoolExecutor(asked.sites) as pool:
        running = [
            pool.submit(play, asked.share, asked.sites, asked.seed + site, asked.where, luck)
            for site in range(asked.sites)
        ]
        verdicts = [one.result() for one in running]
    for site, verdict in enumerate(verdicts, start=1):
        print(f"-- department {site} of {asked.sites}")
        print("\n".join(verdict.lines()))
    print(f"{time.monotonic() - begun:.0f} s")
    return int(any(verdict.faults for verdict in verdicts))


if __name__ == "__main__":
    sys.exit(main())

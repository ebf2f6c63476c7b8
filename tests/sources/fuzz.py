"""Damaged messages and objects through the readers and the join: whatever comes in, it is told or refused.

    python -m tests.sources.fuzz --hl7 2000000 --dicom 500000 --seed 1

Each input is made from the seed and its number alone, and joined with the twenty of its block: a run that was stopped
goes on with `--first N`, and a failure is made again with the one number that is printed.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from routing.sources.hl7_acknowledgement import acknowledge
from routing.sources.joining import Change, Register
from routing.sources.news import Reading
from routing.sources.read import read_bytes
from tests.sources.damage import damaged_message, damaged_object

BLOCK: Final = 20
_AT: Final = datetime(2026, 3, 17, 16, tzinfo=UTC)
_SECONDS: Final = 1.0
_WEIGHED: Final = 500  # one input in so many is weighed: counting bytes makes reading slow
_MOST_MEMORY: Final = 4_000_000  # bytes, and a hundred for each byte of the input
_MOST_GROWTH: Final = 300  # MB that a whole run may add
_MAKERS: Final[dict[str, Callable[[int, int], bytes]]] = {"hl7": damaged_message, "dicom": damaged_object}
_KINDS: Final = frozenset({"hl7", "dicom", "unreadable", "mapping"})


class Broken(AssertionError):
    """An input raised, was lost, or took too long or too much."""


def tried(data: bytes) -> list[Reading]:
    """
    Return the readings of one input.

    Raises:
        Broken: something was raised, nothing came of it, or it took too long.

    """
    started = time.process_time()
    try:
        readings = list(read_bytes(data))
        for one in readings:
            if one.kind == "hl7":
                acknowledge(one, "AA" if one.news else "AR", problem=one.refused)
    except Exception as error:
        raise Broken(f"{type(error).__name__}: {error}") from error
    seconds = time.process_time() - started
    if seconds > _SECONDS:
        raise Broken(f"took {seconds:.2f} s for {len(data)} bytes")
    if not readings or any(one.kind not in _KINDS or not (one.news or one.refused) for one in readings):
        raise Broken("an input of which nothing is told and nothing refused")
    return readings


def joined(register: Register, reading: Reading, place: int) -> Change:
    """Return what an input changes. Raises Broken: something was raised, or its news went nowhere."""
    started = time.process_time()
    try:
        change = register.told(reading, _AT, place)
    except Exception as error:
        raise Broken(f"joining: {type(error).__name__}: {error}") from error
    if time.process_time() - started > _SECONDS:
        raise Broken("joining took more than a second")
    if reading.refused is None and not (change.named or change.patients or change.problems or change.procedures):
        raise Broken("joining: nothing became of the news")
    return change


def block(kind: str, seed: int, first: int, count: int = BLOCK) -> Counter[str]:
    """Return how the inputs of one block ended. Raises Broken, and names the input."""
    register, ended = Register(UTC), Counter[str]()
    for number in range(first, first + count):
        data = _MAKERS[kind](seed, number)
        try:
            readings = _weighed(data) if number % _WEIGHED == 0 else tried(data)
            for reading in readings:
                change = joined(register, reading, number)
                refused = reading.refused or next(iter(change.problems), None)
                ended[refused.kind if refused else "told"] += 1
        except Broken as wrong:
            raise Broken(f"{kind} {number} of seed {seed}: {wrong}") from wrong
    for procedure, _ in register.procedures():
        procedure.attributes(UTC)
    return ended


def _weighed(data: bytes) -> list[Reading]:
    tracemalloc.start()
    try:
        readings = tried(data)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    if peak > _MOST_MEMORY + 100 * len(data):
        raise Broken(f"took {peak} bytes of memory for {len(data)}")
    return readings


def main(words: list[str]) -> int:
    """Run as many of each kind as is asked for; print how they ended, and each that broke."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for kind in _MAKERS:
        parser.add_argument(f"--{kind}", type=int, default=0, metavar="N")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="the number to begin with")
    asked = parser.parse_args(words)
    failed = 0
    for kind in _MAKERS:
        ended, began = Counter[str](), time.monotonic()
        first = asked.first // BLOCK * BLOCK
        weight = megabytes()
        for start in range(first, getattr(asked, kind), BLOCK):
            try:
                ended += block(kind, asked.seed, start, min(BLOCK, getattr(asked, kind) - start))
            except Broken as wrong:
                failed += 1
                print(f"FAILED {wrong}", flush=True)
            except Exception as wrong:  # noqa: BLE001 - a run of hours goes on
                failed += 1
                print(f"FAILED {kind} block {start} of seed {asked.seed}: {type(wrong).__name__}: {wrong}", flush=True)
            if start % (BLOCK * 2500) == 0 and start > first:
                rate = (start - first) / (time.monotonic() - began)
                print(f"{kind}: {start} inputs, {rate:.0f} a second, {megabytes()} MB", flush=True)
        if ended:
            print(f"{kind}: {', '.join(f'{count} {word}' for word, count in ended.most_common())}", flush=True)
        if megabytes() - weight > _MOST_GROWTH:
            failed += 1
            print(f"FAILED {kind}: the run grew by {megabytes() - weight} MB")
    print(f"{failed} failures", flush=True)
    return 1 if failed else 0


def megabytes() -> int:
    """Return the most memory that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Whatever bytes come: no exception, no lost input, bounded time, and no value in a problem's words."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import pairwise

import hl7
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.sources.er7 import Message
from routing.sources.framing import split
from routing.sources.hl7 import read_hl7
from routing.sources.hl7_acknowledgement import acknowledge
from routing.sources.news import Reading
from tests.effort import calls
from tests.sources.damage import MESSAGES, damage_message
from tests.sources.messages import header, message, order, report


def mutated(chance: random.Random) -> bytes:
    """Return a sample with a few bytes cut, doubled, swapped, or pieces that mean something put in."""
    return damage_message(chance.choice(MESSAGES), chance)


def read(data: bytes) -> list[Reading]:
    readings = read_hl7(data)
    assert readings, "every input gives at least one reading"
    for one in readings:
        assert one.news or one.refused
        assert not (one.news and one.refused)
        acknowledge(one, "AA" if one.news else "AR", problem=one.refused)
    return readings


@settings(max_examples=60)
@given(data=st.binary(max_size=300))
def test_no_bytes_raise(data: bytes) -> None:
    read(data)
    read(b"MSH|^~\\&|" + data)


@settings(max_examples=150)
@given(seed=st.integers(min_value=0, max_value=2**32))
def test_no_mutation_raises(seed: int) -> None:
    read(mutated(random.Random(seed)))


@settings(max_examples=60)
@given(seed=st.integers(min_value=0, max_value=2**32))
def test_frames_cover_what_is_not_framing(seed: int) -> None:
    """Every stretch of letters and digits stands in some frame, or belongs to the framing itself."""
    data = mutated(random.Random(seed))
    if b"<SB>" in data or data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return  # marks that are written out are rewritten

    frames = split(data)

    at = 0
    for frame in frames:
        between = data[at : frame.offset].strip(b" \t\r\n\0\x0b\x1c\xef\xbb\xbf")
        assert not between or between[:3] in {b"FHS", b"BHS", b"BTS", b"FTS"}
        at = frame.offset + len(frame.data)
    assert all(frame.offset <= other.offset for frame, other in pairwise(frames))


@settings(max_examples=60)
@given(seed=st.integers(min_value=0, max_value=2**32))
def test_neighbours_of_a_bad_message_are_untouched(seed: int) -> None:
    bad = bytes(byte for byte in mutated(random.Random(seed)) if byte not in b"\x0b\x1c<")
    framed = b"".join(b"\x0b" + one + b"\x1c\r" for one in (order(f18="GOOD1"), bad, order(f18="GOOD2")))

    readings = read(framed)

    assert readings[0].news[0].keys.accession == "GOOD1"
    assert readings[-1].news[0].keys.accession == "GOOD2"


@settings(max_examples=40)
@given(
    fields=st.lists(
        st.text(st.characters(max_codepoint=0x17F, exclude_categories=["Cc", "Zs"], exclude_characters='|^~\\&"')),
        min_size=1,
        max_size=8,
    )
)
def test_plain_fields_are_what_the_hl7_library_reads(fields: list[str]) -> None:
    """A differential test where python-hl7 is right: CR between segments, no escapes, one repetition."""
    data = message(header(), "PID|" + "|".join(fields)).rstrip(b"\r")
    theirs = hl7.parse(data.decode("utf-8")).segment("PID")
    ours = Message(data)

    for place, _ in enumerate(fields, 1):
        assert (ours.raw(f"PID-{place}") or "") == str(theirs(place))


def many(count: int) -> Iterator[bytes]:
    chance = random.Random(20260317)
    return (mutated(chance) for _ in range(count))


@pytest.mark.stress
@pytest.mark.timeout(3600)
def test_two_hundred_thousand_mutations_raise_nothing() -> None:
    for data in many(200_000):
        read(data)


@pytest.mark.slow
def test_two_thousand_mutations_raise_nothing() -> None:
    for data in many(2_000):
        read(data)


@pytest.mark.slow
@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "grown",
    [
        lambda size: order(f"OBX|1|ED|X||^A^PDF^Base64^{'QUJD' * size}"),
        lambda size: report("F", *(f"OBX|{place}|TX|X||line||||||F" for place in range(size // 10))),
        lambda size: order("NTE|1||" + "\\X41\\" * size),
        lambda size: order("NTE|1||" + "\\" * size),
        lambda size: order("NTE|1||" + "\\X" * size),
        lambda size: order("NTE|1||" + "a~" * size),
        lambda size: order("NTE|1||" + "\n" * size),
        lambda size: b"\x0b" * size,
        lambda size: b"MSH|" * size,
        lambda size: b"\rMSH|^~\\&|x" * (size // 10),
        lambda size: b"BHS|^~\\&|\r" * (size // 10),
        lambda size: b"\n2026-03-17 10:00:00 INFO" * (size // 10),
        lambda size: b" " * size,
    ],
)
def test_work_grows_with_the_size_and_no_faster(grown) -> None:
    """Ten times the size is ten times the calls; and a size at which a square would run into the limit of the test."""
    small, large = grown(20_000), grown(200_000)

    assert calls(read_hl7, large) < 11 * calls(read_hl7, small) + 1_000
    read_hl7(grown(2_000_000))

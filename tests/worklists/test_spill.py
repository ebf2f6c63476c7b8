"""The register that spills: whatever lies in its temporary database, it knows what a register in memory knows."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.sources.joining import Register
from routing.sources.news import News, Patient
from routing.sources.spill import SpillingRegister
from routing.spread import spread
from tests.worklists.telling import SMITH, adt, at, image, keys, merge, order, reading, report

JONES = Patient(number="P2")
NEWS = st.one_of(
    st.builds(
        lambda accession, said: order(said, key=keys(accession)),
        st.sampled_from(["A1", "A2", "A3"]),
        st.integers(0, 60),
    ),
    st.builds(
        lambda accession, study, sop: image(sop, key=keys(accession, study_uid=study)),
        st.sampled_from(["A1", "A2", None]),
        st.sampled_from(["U1", "U2"]),
        st.sampled_from("123"),
    ),
    st.builds(lambda accession: report(key=keys(accession)), st.sampled_from(["A1", "A2", "A4"])),
    st.builds(adt, st.integers(0, 60)),
    st.just(merge(JONES, SMITH)),
)


@given(st.lists(NEWS, max_size=12), st.integers(0, 2))
@settings(max_examples=60, deadline=None)
def test_it_knows_what_a_register_in_memory_knows(news: list[News], in_memory: int) -> None:
    plain, spilling = Register(), SpillingRegister(in_memory=in_memory)
    for place, one in enumerate(news):
        changes = [register.told(reading(one), at(100 + place), place) for register in (plain, spilling)]
        assert changes[0].problems == changes[1].problems

    assert list(spilling.procedures()) == list(plain.procedures())
    spilling.close()


@pytest.mark.slow
def test_work_spread_over_processes_comes_back_in_order() -> None:
    things = random.Random(1).sample(range(10_000), 300)

    assert list(spread(str, things, 2)) == list(map(str, things)) == list(spread(str, things, 1))


def test_no_file_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is spilled holds patients; nobody else may find it."""
    monkeypatch.setenv("SQLITE_TMPDIR", str(tmp_path))
    register = SpillingRegister(in_memory=0)
    for number in range(50):
        register.told(reading(order(key=keys(f"A{number}"))), at(number), number)

    found = Counter(path.suffix for path in tmp_path.iterdir())

    register.close()
    assert not found

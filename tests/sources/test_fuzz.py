"""Damaged inputs through readers and join: a small part of what `python -m tests.sources.fuzz` does."""

from __future__ import annotations

import pytest

from tests.sources.fuzz import BLOCK, block


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["hl7", "dicom"])
def test_damaged_inputs_are_told_or_refused(kind: str) -> None:
    for first in range(0, 1000, BLOCK):
        assert block(kind, 7, first).total() >= BLOCK


@pytest.mark.stress
@pytest.mark.timeout(7200)
@pytest.mark.parametrize(("kind", "count"), [("hl7", 200_000), ("dicom", 50_000)])
def test_many_damaged_inputs_are_told_or_refused(kind: str, count: int) -> None:
    for first in range(0, count, BLOCK):
        block(kind, 2, first)

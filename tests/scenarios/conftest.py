"""A hospital for each story."""

from collections.abc import Iterator

import pytest

from tests.scenarios.hospital import Hospital, hospital


@pytest.fixture
def city() -> Iterator[Hospital]:
    """Give a hospital; it is sound in the end."""
    with hospital() as one:
        yield one

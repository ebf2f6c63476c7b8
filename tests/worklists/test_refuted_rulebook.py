"""A rulebook whose guarantee a made-up study breaks is not activated."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from routing.errors import RulebookError
from routing.rulebook import Rulebook
from routing.worklists import Worklists

GOOD = """rulebook "Good"
timezone Europe/London
priorities stat, routine
worklist ct "CT" for everyone
worklist general "General" for everyone
worklist attention "Needs a human" for everyone
exceptions route to attention
otherwise route to general priority routine due within 28 days
"""
BROKEN = GOOD.replace("otherwise", 'rule "r" when ordered route to ct\nguarantee "g" never route to ct\notherwise', 1)


def test_a_refuted_guarantee_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    """LANGUAGE section 5: then neither `check` nor `activate` passes."""
    good, broken = Rulebook.loads(GOOD), Rulebook.loads(BROKEN)
    path = str(tmp_path / "worklist.db")

    with Worklists.open(path, good, clock=lambda: datetime(2026, 1, 5, tzinfo=UTC)) as worklists:
        worklists.grant("lee", "activate", "lee")
        with pytest.raises(RulebookError, match="guarantee-refuted"):
            worklists.activate(broken, "lee")

        assert worklists.rulebook.fingerprint == good.fingerprint

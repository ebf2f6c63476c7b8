"""The constructs that no statement needs: each of `constructs.yaml` decides as the language says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from routing.rulebook import Rulebook

TEXT: Final = """rulebook "constructs"
{zones}clock exam_end, else arrival
priorities stat, urgent, soon, routine
{declarations}
worklist a "A" for everyone
worklist b "B" for everyone
worklist c "C" for everyone
worklist g "G" for everyone
worklist x "X" for everyone
exceptions route to x
{rules}
otherwise route to g priority routine due within 28 days
"""
LONDON: Final = "timezone Europe/London\n"
ARRIVAL: Final = "2026-03-10T10:10:00+00:00"
CT: Final = {"modality": ["CT"], "exam_end": "2026-03-10T10:00:00"}
CONSTRUCTS: Final = yaml.safe_load((Path(__file__).parent / "constructs.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("construct", CONSTRUCTS, ids=lambda one: one["name"])
def test_a_construct_decides_as_the_language_says(construct: Mapping[str, Any]) -> None:
    """What the statements do not need, somebody else will."""
    text = TEXT.format(
        zones=construct.get("zones", LONDON),
        declarations=construct.get("declarations", ""),
        rules=construct["rules"],
    )
    rulebook = Rulebook.loads(text, tables=construct.get("files"))

    for case in construct["cases"]:
        known = CT | case["ct"] if "ct" in case else case["known"]
        decision = rulebook.decide(known, at=datetime.fromisoformat(case.get("at", ARRIVAL)))
        decided = decision.as_dict()
        decided["undecided"] = [name for one in decision.undecided for name in one.attributes]
        for key, value in case["expect"].items():
            assert same(decided[key], value, instants=key.endswith("_at")), (known, key, decided[key], value)


def same(actual: Any, expected: Any, *, instants: bool) -> bool:
    """Tell whether they are equal: the listed keys of a record, lists in any order."""
    if instants and actual is not None and expected is not None:
        return datetime.fromisoformat(actual) == datetime.fromisoformat(expected)
    if isinstance(expected, Mapping) and isinstance(actual, Mapping):
        return all(actual.get(key) == value for key, value in expected.items())
    if isinstance(expected, list) and isinstance(actual, list):
        return sorted(map(str, actual)) == sorted(map(str, expected))
    return bool(actual == expected)

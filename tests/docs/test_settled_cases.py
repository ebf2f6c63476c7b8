"""The page of settled cases has a line for every case and every message, and names only what there is to show it."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "explanation" / "settled-cases.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| ([CM]\d+) \|.*\| ([^|]*) \|$", PAGE, re.MULTILINE))
SHOWN = sorted({one for shown in ROWS.values() for one in re.findall(r"`([^`]+)`", shown)})


def test_every_case_and_every_message_has_a_line() -> None:
    """As many as were settled, in order, each with something that shows it."""
    assert list(ROWS) == [f"C{number}" for number in range(1, 25)] + [f"M{number}" for number in range(1, 24)]
    assert all("`" in shown for shown in ROWS.values())


@pytest.fixture(scope="module")
def tests() -> str:
    """Return the text of every test, those of the store that hosts run included."""
    paths = [*(ROOT / "tests").rglob("test_*.py"), *(ROOT / "routing" / "testing").glob("*.py")]
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


@pytest.mark.parametrize("name", SHOWN)
def test_what_shows_it_exists(name: str, tests: str) -> None:
    """So that the page cannot outlive what it promises."""
    if "/" in name:
        assert len(list((ROOT / "tests").glob(f"{name}-*/case.yaml"))) == 1
    else:
        assert f"def {name}(" in tests

"""The shape of the code: imports go one way, importing is cheap, and what is public is said."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import routing

ROOT = Path(routing.__file__).parent

# Earlier entries may be imported by later ones, never the other way round. A name covers its whole package.
ORDER = [
    ["diagnostics"],
    ["errors"],
    ["attributes", "vocabulary", "states"],
    ["decision", "render", "tokens", "wording"],
    ["syntax", "codes", "files", "tabular", "suggest", "meaning"],
    ["building"],
    ["machine"],
    ["wrong_guesses"],
    ["outline"],
    ["parse"],
    ["layout"],
    ["format", "program"],
    ["check"],
    ["compile"],
    ["combine"],
    ["undecided"],
    ["settle"],
    ["decide"],
    ["explain"],
    ["draw"],
    ["prove"],
    ["sources"],
    ["examples", "given"],
    ["rulebook"],
    ["store"],
    ["worklists"],
    ["spread"],
    ["dry_run", "starter", "feed_profile"],
    ["feed_proposal"],
    ["diff"],
    ["receiving", "pytest_plugin", "testing"],
    ["cli"],
    ["__main__"],
]
RANK = {name: rank for rank, names in enumerate(ORDER) for name in names}
FIRST, LAST = RANK["syntax"], RANK["explain"]
LANGUAGE = {name for name, rank in RANK.items() if FIRST <= rank <= LAST} | {"rulebook", "examples"}


def modules() -> list[Path]:
    return sorted(path for path in ROOT.rglob("*.py") if path != ROOT / "__init__.py")


def room_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imported_rooms(path: Path) -> set[str]:
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names = [node.module]
            if node.module == "routing":
                names = [f"routing.{one.name}" for one in node.names if not one.name.startswith("__")]
        elif isinstance(node, ast.Import):
            names = [one.name for one in node.names]
        rooms |= {name.split(".")[1] for name in names if name.startswith("routing.")}
    return rooms


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_one_way(path: Path) -> None:
    """A stage imports only earlier stages, so that each can be understood, tested and replaced by itself."""
    room = room_of(path)

    assert room in RANK, f"{room} has no place in the order of rooms"
    late = {other for other in imported_rooms(path) if other != room and RANK.get(other, 99) >= RANK[room]}
    assert not late, f"{room} imports {late}"


@pytest.mark.parametrize("path", [path for path in modules() if room_of(path) == "sources"], ids=lambda path: path.stem)
def test_sources_know_no_rules(path: Path) -> None:
    """A reader of datasets and messages must not depend on the rule language."""
    assert not imported_rooms(path) & LANGUAGE


def test_states_know_only_errors() -> None:
    """The transition table stands by itself."""
    assert imported_rooms(ROOT / "states.py") <= {"errors"}


def test_modules_stay_small() -> None:
    """A module over 400 lines does more than one thing."""
    long = {
        str(path.relative_to(ROOT)): count for path in modules() if (count := len(path.read_text().splitlines())) > 400
    }

    assert not long


def test_the_public_names_are_sorted_and_there() -> None:
    """`__all__` is the promise; every name in it can be had."""
    assert routing.__all__ == sorted(routing.__all__)
    assert set(routing.__all__) == set(routing._HOMES)
    for name in routing.__all__:
        assert getattr(routing, name) is not None


def test_importing_the_package_loads_nothing_heavy() -> None:
    """A host pays for what it uses: pydicom, lark, sqlite-utils and typer come only when asked for."""
    heavy = {"pydicom", "lark", "sqlite_utils", "typer", "rich", "attrs", "sqlite3"}
    code = f"import sys, routing; print(sorted({heavy!r} & set(sys.modules)))"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"

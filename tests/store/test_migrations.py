"""A migration that has landed keeps its text for ever: stores that have applied it know it by its digest.

`migrations.sha256` is the list, as `sha256sum` in `routing/store` writes it; a line is added with each new file.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from routing.store import postgres, schema

ROOT = Path(schema.__file__).parent
LIST = Path(__file__).with_name("migrations.sha256").read_text(encoding="ascii")
LANDED = {name: digest for digest, name in map(str.split, LIST.splitlines())}
FOLDERS = (ROOT / "migrations", Path(postgres.__file__).parent / "migrations")
FILES = {path.relative_to(ROOT).as_posix(): path for folder in FOLDERS for path in sorted(folder.glob("*.sql"))}


def digest_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("name", LANDED)
def test_a_migration_that_has_landed_is_never_edited_or_taken_away(name: str) -> None:
    assert name in FILES, f"{name} is gone, and stores have applied it: put it back"
    assert digest_of(FILES[name]) == LANDED[name], (
        f"{name} was edited: stores that have applied it would be refused. "
        f"Put its text back, and write what is to change into a new file with the next number"
    )


@pytest.mark.parametrize("name", FILES)
def test_a_new_migration_is_on_the_list_before_it_lands(name: str) -> None:
    line = f"{digest_of(FILES[name])}  {name}"

    assert name in LANDED, f"add to tests/store/migrations.sha256, and from then on never edit the file: {line}"


@pytest.mark.parametrize("folder", FOLDERS, ids=["sqlite", "postgres"])
def test_migrations_are_numbered_one_after_another(folder: Path) -> None:
    numbers = sorted(int(path.name.partition("_")[0]) for path in folder.glob("*.sql"))

    assert numbers == list(range(1, len(numbers) + 1))


def test_no_guard_of_the_journal_looks_into_a_list_of_words() -> None:
    """SQLite builds a tree in memory for each list of three or more, on every transition: it is spelt out instead."""
    guards = {
        name: sql for name, sql in schema.expected_objects().items() if "ON journal" in sql and "trigger " in name
    }

    lists = {name: re.findall(r"NEW\.\w+ IN \('\w+'(?:,\s*'\w+'){2,}\)", sql) for name, sql in guards.items()}

    assert "trigger journal_moves_the_item" in lists
    assert not any(lists.values()), lists

"""Wording: numbers of things in a sentence, as people write them."""

from __future__ import annotations


def counted(count: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun: `1 item`, `2 items`; *many* is the plural where it is not the noun with an s.

    Both may be longer than a noun, so that a verb agrees: `counted(1, "item moves", "items move")`.
    """
    return f"{count} {one if count == 1 else many or f'{one}s'}"

"""Random bytes and damaged rulebooks through parsing and checking: whatever comes in, only findings may come out.

    python -m tests.language.fuzz --bytes 1000000 --mutations 100000 --seed 1

Each input is made from the seed, its kind and its number alone, so that a run that was stopped goes on with `--first N`
and a failure is made again with the one number that is printed.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Final

from attrs import frozen

from routing.check import check
from routing.codes import REGISTER
from routing.diagnostics import Finding
from routing.files import Files, Texts
from routing.parse import decode, machine, parse
from routing.render import render
from tests.statements.statement import read_statement

ROOT: Final = Path(__file__).parents[2]
LONGEST: Final = 200
_SECONDS_PER_BYTE: Final = 1 / 100_000  # a second for 100 kB
_SECONDS: Final = 1.0
_SIGNS: Final = (
    *('"', "'", ",", ".", ":", ";", "(", ")", "[", "]", "#", "/", "*", "-", "=", "==", "<", ">", "\n", "\n  ", "\t"),
    *("“", "é", "\u200b", "\ufeff", "0", "007", "12:00", "8:00", "25:00", "2026-02-30", "2026-01-05", "CT", "MR"),
    *("Mon-Fri", "Europe/London", '"x"', '"', "t[a].b", "16", "age", "modality", "site", "neuro", "general"),
)


@frozen(kw_only=True)
class Book:
    """A sound rulebook, and the files beside it."""

    name: str
    text: str
    files: Files


class Broken(AssertionError):
    """An input made something else than findings come out, or took too long."""


@cache
def words() -> tuple[str, ...]:
    """Return what random text is made of: the words of the language, and signs, codes and names."""
    return (*sorted(machine().keywords), *_SIGNS)


@cache
def books() -> tuple[Book, ...]:
    """Return the rulebooks that are damaged: the statements, the examples and the one that has everything."""
    found = [*sorted((ROOT / "tests" / "statements").glob("*.rules")), *sorted((ROOT / "examples").rglob("*.rules"))]
    found.append(ROOT / "tests" / "language" / "whole.rules")
    return tuple(Book(name=path.name, text=path.read_text(encoding="utf-8"), files=_beside(path)) for path in found)


def _beside(path: Path) -> Files:
    """Return the tables that a rulebook may name, read once; those of a statement come with its cases."""
    cases = ROOT / "tests" / "statements" / "cases"
    statement = cases / f"{path.name.partition('.')[0]}.yaml"
    statement = statement if statement.exists() else cases / path.stem / "scenario.yaml"
    if path.parent.name == "statements" and statement.exists():
        return Texts(dict(read_statement(statement).files))
    folder = path.with_suffix("") if path.with_suffix("").is_dir() else path.parent
    return Texts({found.name: found.read_bytes() for found in sorted(folder.glob("*.csv"))})


# ---- what goes in


def random_bytes(seed: int, number: int) -> bytes:
    """Return up to 200 bytes: any bytes, printable ones, or words of the language in any order."""
    chance = random.Random(f"bytes {seed} {number}")
    length = chance.randint(0, LONGEST)
    kind = number % 3
    if kind == 0:
        return chance.randbytes(length)
    if kind == 1:
        return bytes(chance.choices(range(32, 127), k=length)).replace(b"~", b"\n")
    return " ".join(chance.choices(words(), k=length // 4)).encode()[:length]


def damaged(seed: int, number: int) -> tuple[bytes, Files]:
    """Return a rulebook with a few of its letters, words or lines changed, and the files beside it."""
    chance = random.Random(f"mutation {seed} {number}")
    book = chance.choice(books())
    text = book.text
    for _ in range(chance.randint(1, 4)):
        text = chance.choice(_DAMAGES)(text, chance)
    return text.encode("utf-8", "surrogatepass"), book.files


def _place(text: str, chance: random.Random) -> int:
    return chance.randint(0, len(text))


def _cut(text: str, chance: random.Random) -> str:
    at = _place(text, chance)
    return text[:at] + text[at + chance.choice((1, 1, 1, 3, 10, 100)) :]


def _insert(text: str, chance: random.Random) -> str:
    at = _place(text, chance)
    return text[:at] + chance.choice((*words(), chr(chance.randrange(1, 0xD7FF)))) + text[at:]


def _swap_letters(text: str, chance: random.Random) -> str:
    at = chance.randint(0, max(0, len(text) - 2))
    return text[:at] + text[at : at + 2][::-1] + text[at + 2 :]


def _change_word(text: str, chance: random.Random) -> str:
    parts = text.split(" ")
    parts[chance.randrange(len(parts))] = chance.choice(words())
    return " ".join(parts)


def _drop_word(text: str, chance: random.Random) -> str:
    parts = text.split(" ")
    del parts[chance.randrange(len(parts))]
    return " ".join(parts)


def _swap_words(text: str, chance: random.Random) -> str:
    parts = text.split(" ")
    one, other = chance.randrange(len(parts)), chance.randrange(len(parts))
    parts[one], parts[other] = parts[other], parts[one]
    return " ".join(parts)


def _move_line(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    line = lines.pop(chance.randrange(len(lines)))
    lines.insert(chance.randint(0, len(lines)), line)
    return "\n".join(lines)


def _repeat_lines(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    at = chance.randrange(len(lines))
    return "\n".join([*lines[:at], *lines[at : at + chance.choice((1, 3, 30))], *lines[at:]])


def _truncate(text: str, chance: random.Random) -> str:
    return text[: _place(text, chance)]


def _splice(text: str, chance: random.Random) -> str:
    other = chance.choice(books()).text
    start = _place(other, chance)
    at = _place(text, chance)
    return text[:at] + other[start : start + chance.choice((10, 100, 1000))] + text[at:]


_DAMAGES: Final[tuple[Callable[[str, random.Random], str], ...]] = (
    *(_cut, _cut, _insert, _insert, _swap_letters, _change_word, _change_word),
    *(_drop_word, _drop_word, _swap_words, _move_line, _repeat_lines, _truncate, _splice),
)


# ---- what must come out


def tried(content: bytes, files: Files) -> float:
    """Return the seconds that parsing and checking take.

    Raises:
        Broken: something else than findings came out, one is out of place, or it took too long.

    """
    started = time.process_time()
    try:
        parsed = parse(content, "fuzz.rules")
        checked = check(parsed, files)
    except Exception as error:
        raise Broken(f"{type(error).__name__}: {error}") from error
    seconds = time.process_time() - started
    if seconds > max(_SECONDS, len(content) * _SECONDS_PER_BYTE):
        raise Broken(f"took {seconds:.2f} s for {len(content)} bytes")
    text = decode(content)
    lines = text.split("\n")
    for found in (*parsed.findings, *checked.findings):
        _look_at(found, lines, checked.texts)
        render(found, text if found.span.file == "fuzz.rules" else None)
    if (checked.program is None) != any(
        found.severity.value == "error" for found in (*parsed.findings, *checked.findings)
    ):
        raise Broken("a rulebook loads exactly when it has no error")
    return seconds


def _look_at(found: Finding, lines: list[str], texts: object) -> None:
    span = found.span
    if REGISTER[found.name].code != found.code or not found.message or "\n" in found.message:
        raise Broken(f"not a finding: {found}")
    if span.file != "fuzz.rules":
        if span.file not in texts:  # type: ignore[operator]  # a mapping of names to texts
            raise Broken(f"a place in no file: {found}")
        return
    if not 1 <= span.line <= span.end_line <= len(lines) or (span.line, span.column) > (span.end_line, span.end_column):
        raise Broken(f"a place outside the text: {found}")
    # What is missing at the end of a line is shown on the column after it.
    if not 1 <= span.column <= len(lines[span.line - 1]) + 1 or span.end_column > len(lines[span.end_line - 1]) + 2:
        raise Broken(f"a column outside the line: {found}")


def run(kind: str, seed: int, numbers: range) -> Iterator[tuple[int, float]]:
    """Try the inputs of these numbers, and yield each number and the seconds that it took.

    Raises:
        Broken: the first that fails, with its number.

    """
    nothing = Texts()
    for number in numbers:
        content, files = damaged(seed, number) if kind == "mutations" else (random_bytes(seed, number), nothing)
        try:
            yield number, tried(content, files)
        except Broken as broken:
            again = f"--{kind} {number + 1} --first {number} --seed {seed}"
            raise Broken(f"{kind} {number} of seed {seed}: {broken}\nagain: {again}\n{content!r}") from broken.__cause__


def main() -> None:
    """Run as many of both kinds as asked for, with a line of progress now and then."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--bytes", type=int, default=0, help="how many random byte strings")
    options.add_argument("--mutations", type=int, default=0, help="how many damaged rulebooks")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--first", type=int, default=0, help="the number to go on with")
    asked = options.parse_args()
    for kind, count in (("bytes", asked.bytes), ("mutations", asked.mutations)):
        slowest = 0.0
        for number, seconds in run(kind, asked.seed, range(asked.first, count)):
            slowest = max(slowest, seconds)
            if not (number + 1) % 5000 or number + 1 == count:
                sys.stdout.write(f"{kind}: {number + 1} of {count}, the slowest took {slowest * 1000:.0f} ms\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main()

"""Walk through a page for beginners: write files step by step, run its commands, and put their output into the page.

A fenced block that takes part has a comment above it that says how:

    file NAME                       the block is that file
    replace "NAME"                  it takes the place of that rule or example
    above "NAME", below "NAME"      it stands beside that rule
    worklist, priorities            it stands beside the worklists, below the priorities
    otherwise, end                  it stands above `otherwise`, at the end of the rulebook
    run                             a command and its output (`run, exit 1`; `run with nuero`: with that mistake made)

`python -m tests.docs.tutorial` writes the output anew.
"""

from __future__ import annotations

import contextlib
import re
import shlex
import sys
import tempfile
from pathlib import Path
from typing import Final

from typer.testing import CliRunner

from routing.cli import app

ROOT: Final = Path(__file__).parents[2]
PAGES: Final = (
    ROOT / "docs/tutorial/first-rulebook.md",
    ROOT / "docs/how-to/test-a-rulebook.md",
    ROOT / "docs/how-to/change-a-rule-on-friday.md",
    ROOT / "docs/how-to/lists-and-watches.md",
)
BOOK: Final = "first.rules"
BLOCK: Final = re.compile(r"<!-- (?P<mark>[^\n]+) -->\n```(?P<kind>\w+)\n(?P<body>.*?)```\n", re.DOTALL)


def walked(page: str, folder: Path) -> str:
    """Return *page* with the output that its commands really print, after writing its files into *folder*."""
    (folder / "samples").symlink_to(ROOT / "examples" / "city-hospitals" / "samples")

    def step(block: re.Match[str]) -> str:
        mark, kind, body = block["mark"], block["kind"], block["body"]
        if mark.startswith("file "):
            (folder / mark.removeprefix("file ")).write_text(body, encoding="utf-8")
        elif mark.startswith("run"):
            body = ran(body.splitlines()[0], mark, folder)
        else:
            book = folder / BOOK
            book.write_text(edited(book.read_text(encoding="utf-8"), mark, body.rstrip("\n")), encoding="utf-8")
        return f"<!-- {mark} -->\n```{kind}\n{body}```\n"

    return BLOCK.sub(step, page)


def edited(book: str, mark: str, text: str) -> str:
    """Return the rulebook with *text* put where *mark* says; a paragraph is what stands between empty lines."""
    paragraphs = book.rstrip("\n").split("\n\n")
    how, _, name = mark.partition(" ")
    if how in {"replace", "above", "below"}:
        at = next(number for number, one in enumerate(paragraphs) if one.partition(" ")[2].startswith(name))
        paragraphs[at : at + (how == "replace")] = [text] if how != "below" else [paragraphs[at], text]
        if how == "below":
            del paragraphs[at + 2]
    elif how == "end":
        paragraphs.append(text)
    else:
        line = {"worklist": "worklist attention", "priorities": "priorities", "otherwise": "otherwise"}[how]
        at = next(number for number, one in enumerate(paragraphs) if re.search(f"^{line}", one, re.MULTILINE))
        if how == "otherwise":
            paragraphs.insert(at, text)
        elif how == "worklist":
            paragraphs[at] = paragraphs[at].replace("worklist attention", f"{text}\nworklist attention")
        else:
            paragraphs[at] += f"\n{text}"
    return "\n\n".join(paragraphs) + "\n"


def ran(command: str, mark: str, folder: Path) -> str:
    """Run a `$ routing …` line in *folder*; return it with what it prints. *mark* says how it has to end."""
    book = folder / BOOK
    good = book.read_text(encoding="utf-8")
    if "with nuero" in mark:
        book.write_text(good.replace("route to neuro", "route to nuero"), encoding="utf-8")
    with contextlib.chdir(folder):
        done = CliRunner().invoke(app, shlex.split(command.removeprefix("$ routing ")))
    book.write_text(good, encoding="utf-8")
    if done.exit_code != (1 if "exit 1" in mark else 0):
        raise AssertionError(f"{command} ended with {done.exit_code}: {done.exception}\n{done.output}")
    return f"{command}\n{done.output}"


def main() -> int:
    """Write the output of the commands into the pages."""
    for page in PAGES:
        with tempfile.TemporaryDirectory() as folder:
            text = walked(page.read_text(encoding="utf-8"), Path(folder))
        page.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

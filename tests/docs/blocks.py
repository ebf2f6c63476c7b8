"""The blocks of rule text in the documentation: each is completed with the little that it leaves out, and checked.

A fenced block of `rules` is statements, unless the comment above it says something else:

    whole         a rulebook that needs nothing
    conditions    a condition on each line
    effects       the effects of one rule on each line
    wrong         statements (or `wrong whole`) with findings; the `text` block that follows shows them as printed,
                  those on request too with `wrong conflicts`
    proved        statements about which proving may say something, in a larger rulebook
    with above    statements, to which those of the last unmarked block belong

A `csv` block below `<!-- file NAME -->` is a file for all blocks after it. A table below `<!-- decided -->` is decided
row by row: a column is an attribute that is given, or a condition that is true, false or unknown, or an effect and what
comes of it; with `decided with above` the statements of the last unmarked block count too, and with `decided as sent`
what is given is what a device sends, not what an example says.

What completes a block stands below it, so that its lines keep their numbers. `python -m tests.docs.blocks` prints the
findings of all `wrong` blocks anew.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from attrs import frozen

from routing.attributes import ATTRIBUTES
from routing.check import check
from routing.diagnostics import Finding, Severity
from routing.examples import MONDAY, run_examples
from routing.files import Texts
from routing.parse import parse
from routing.render import render_all
from routing.rulebook import Rulebook, check_whole

DOCS: Final = Path(__file__).parents[2] / "docs"
LANGUAGE: Final = DOCS / "reference" / "language.md"
FINDINGS: Final = DOCS / "reference" / "findings"
NAME: Final = "book.rules"
_FENCE: Final = re.compile(
    r"^(?:<!-- (?P<mark>[^\n]+?) -->\n)?```(?P<kind>rules|csv|text)\n(?P<body>.*?)^```$", re.DOTALL | re.MULTILINE
)
_TABLE: Final = re.compile(r"^<!-- (?P<mark>decided[^\n]*?) -->\n(?P<rows>(?:\|[^\n]*\n)+)", re.MULTILINE)
_SLIPS: Final = re.compile(r"^<!-- answered -->\n(?P<rows>(?:\|[^\n]*\n)+)", re.MULTILINE)
_SIDES: Final = re.compile(r"(?<!\\)\|")
_ROUNDS: Final = 20
_EFFECTS: Final = ("due ", "preliminary ", "priority ", "raise ")
_BLANK: Final = ("", "-")

# What a block may name without declaring it; only what it names is added.
STOCK: Final[Mapping[str, str]] = {
    **{
        name: f'worklist {name} "{title}" for everyone'
        for name, title in {
            "general": "General reporting",
            "neuro": "Neuroradiology",
            "paeds": "Paediatrics",
            "chest": "Chest",
            "body": "Body",
            "msk": "Bones and joints",
            "breast": "Breast",
            "panel": "Arbitration",
            "on_call": "On call",
            "attention": "Needs a human",
        }.items()
    },
    "child": "define child as age under 16 years",
    "head": 'define head as body_part includes HEAD or description mentions "head", "brain" except "femoral head"',
    "gestation": "fact gestation is weeks",
    "theatre_time": "fact theatre_time is instant",
    "meeting_date": "fact meeting_date is date",
    "on_trial": "fact on_trial is yes/no",
    "creatinine": "fact creatinine is number",
    "radiographer": "fact radiographer is code",
    "requested_reader": "fact requested_reader is code",
    "pathway": 'attribute pathway is code from hl7 "OBR-31.1"',
    "core": "times core are Mon-Fri 08:00-18:00",
    "bank_holidays": 'calendar bank_holidays from "closures.csv"',
    "procedures": 'table procedures from "procedures.csv" key code',
    "targets": 'table targets from "targets.csv" key patient_class, modality',
    "requests": 'table requests from "requests.csv" key code',
    "lead_board": "channels lead_board",
    "registrar": "channels registrar",
    **{f"{name}_skill": f"skills {name}_skill" for name in ("neuro", "paediatric", "breast", "staff")},
}
STOCK_FILES: Final[Mapping[str, str]] = {
    "procedures.csv": "code,worklist,hours,subspecialty\nCHEAD,neuro,24,N\nMKNER,msk,120,M\nXANKR,msk,,M\n",
    "targets.csv": "patient_class,modality,hours\nemergency,CT,1\nemergency,*,4\n*,*,168\n",
    "requests.csv": "code,priority\nSTAT,stat\nHIGH,urgent\nMEDIUM,soon\nROUTINE,routine\n",
    "closures.csv": "date\n2026-12-25\n2026-12-28\n",
    "sites.csv": "site\nCITY\nRIVERSIDE\n",
    "edinburgh.rules": 'rule "Edinburgh" when modality includes US route to general\n',
    "head.dcm.json": "{}",
}
_NEEDED: Final = (
    ("exceptions", "exceptions route to general"),
    ("priority_requested", 'rule "As requested" always priority priority_requested'),
    ("otherwise", "otherwise route to general priority routine due within 28 days"),
)


@frozen(kw_only=True)
class Block:
    """One block of rule text: where it begins, what its mark says, and what shall be printed, if anything."""

    page: str
    line: int
    mark: str
    text: str
    above: str  # the statements of the unmarked block before it
    files: Mapping[str, str]
    prints: str | None = None

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def words(self) -> frozenset[str]:
        """The words of its mark."""
        return frozenset(self.mark.split())

    def whole(self) -> str:
        """Return the rulebook that the block stands for."""
        text = self.text
        if "conditions" in self.words:
            text = "".join(f'rule "{number}" when {line} route to general\n' for number, line in _lines(text))
        elif "effects" in self.words:
            text = "".join(f'rule "{number}" when modality includes CT {line}\n' for number, line in _lines(text))
        elif "above" in self.words:
            text += self.above
        return text if "whole" in self.words else completed(text, self.files)

    def findings(self) -> tuple[Finding, ...]:
        """Return what checking says about it; without proofs where its lines have nothing to do with each other."""
        if self.words & {"conditions", "effects"}:
            return unproved(self.whole(), self.files)
        checked = check_whole(self.whole(), NAME, Texts(self.files))
        if "conflicts" not in self.words or checked.book is None:
            return checked.findings
        return (*checked.findings, *(one.finding for one in checked.book.proofs.conflicts()))

    def printed(self) -> str:
        """Return its findings as they are printed."""
        return render_all(self.findings(), {NAME: self.whole(), **self.files}) + "\n"


@frozen(kw_only=True)
class Decided:
    """One column of a table of boundary cases: what is asked, and for each row what is given and expected."""

    page: str
    asked: str
    rows: tuple[tuple[str, str], ...]
    above: str
    files: Mapping[str, str]
    as_sent: bool = False

    def __str__(self) -> str:
        return f"{self.page}: {self.asked}"

    def failures(self) -> Iterator[str]:
        """Decide every row, and yield how it differs from what the table says."""
        if self.asked.startswith(_EFFECTS):
            rules = f'rule "Asked" always {self.asked}\n'
        else:
            rules = (
                f'rule "True" when {self.asked} tag is_true\n'
                f'rule "False" when not ({self.asked}) tag is_false\n'
                f'rule "Unknown" when possibly ({self.asked}) and possibly not ({self.asked}) tag is_unknown\n'
            )
        if self.as_sent:
            yield from self._failures_as_sent(Rulebook.loads(completed(rules, self.files), tables=self.files))
            return
        examples = "".join(
            f'example "row {number}" {given} expect {self._expected(cell)}\n'
            for number, (given, cell) in enumerate(self.rows, 1)
        )
        text = completed(f"{self.above}\n{rules}{examples}", self.files)
        book = Rulebook.loads(text, file=NAME, tables=self.files)
        yield from (f"{one.name}: {failure}" for one in run_examples(book).results for failure in one.failures)

    def _failures_as_sent(self, book: Rulebook) -> Iterator[str]:
        for given, cell in self.rows:
            name, value = given.split(" ", 1)
            tags = book.decide({name: value}, at=MONDAY).tags
            if f"is_{cell}" not in tags:
                yield f"{given}: expected {cell}, decided {tags}"

    def _expected(self, cell: str) -> str:
        if cell in {"true", "false", "unknown"}:
            return f"tag is_{cell}"
        if self.asked.startswith(("priority", "raise")):
            return f"priority {cell}"
        kind = "preliminary due by" if self.asked.startswith("preliminary") else "due by"
        return f"{kind} {cell}"


def blocks(page: Path) -> Iterator[Block]:
    """Yield the blocks of rule text of a page, in their order."""
    text = page.read_text(encoding="utf-8")
    files, above = dict(STOCK_FILES), ""
    found = list(_FENCE.finditer(text))
    for match, after in zip(found, [*found[1:], None], strict=True):
        mark, kind, body = match["mark"] or "", match["kind"], match["body"]
        if kind == "csv" and mark.startswith("file "):
            files[mark.removeprefix("file ")] = body
        if kind != "rules":
            continue
        follows = after is not None and after["kind"] == "text" and not text[match.end() : after.start()].strip()
        prints = after["body"] if follows and after is not None else None
        line = text.count("\n", 0, match.start()) + 1
        yield Block(page=page.name, line=line, mark=mark, text=body, above=above, files=dict(files), prints=prints)
        above = body if not mark else above


def tables(page: Path) -> Iterator[Decided]:
    """Yield the columns of the tables of boundary cases of a page."""
    text = page.read_text(encoding="utf-8")
    fences = list(_FENCE.finditer(text))
    for match in _TABLE.finditer(text):
        before = [one for one in fences if one.start() < match.start()]
        named = {
            one["mark"].removeprefix("file "): one["body"] for one in before if one["kind"] == "csv" and one["mark"]
        }
        plain = [one["body"] for one in before if one["kind"] == "rules" and not one["mark"]]
        above = plain[-1] if "above" in match["mark"] else ""
        heads, _, *rows = [_cells(line) for line in match["rows"].splitlines()]
        given = [number for number, head in enumerate(heads) if head in ATTRIBUTES]
        for number, head in enumerate(heads):
            if number not in given and head != "because":
                cells = [(_given(heads, given, row), row[number]) for row in rows if row[number] not in _BLANK]
                files = {**STOCK_FILES, **named}
                yield Decided(
                    page=page.name,
                    asked=head,
                    rows=tuple(cells),
                    above=above,
                    files=files,
                    as_sent="sent" in match["mark"],
                )


def slips(page: Path) -> Iterator[tuple[str, str]]:
    """Yield what people write and the remedy that they are told, from the tables below `<!-- answered -->`."""
    for match in _SLIPS.finditer(page.read_text(encoding="utf-8")):
        for line in match["rows"].splitlines()[2:]:
            written, remedy = _SIDES.split(line.strip().strip("|"))
            yield written.strip().strip("`").replace("\\|", "|").strip(), remedy.strip().replace("\\|", "|")


def _given(heads: list[str], given: list[int], row: list[str]) -> str:
    return ", ".join(f"{heads[number]} {row[number]}" for number in given if row[number] not in _BLANK)


def _cells(line: str) -> list[str]:
    cells = _SIDES.split(line.strip().strip("|"))
    return [cell.strip().strip("`").replace("\\|", "|").strip() for cell in cells]


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.partition(" # ")[0].strip()
        if bare and not bare.startswith("#"):
            yield number, bare


def completed(text: str, files: Mapping[str, str]) -> str:
    """Return the statements with what a rulebook needs beside them, below them; nothing that they do not need."""
    added = ["worklist general " + STOCK["general"].split(" ", 2)[2]] if "worklist general" not in text else []
    added += [statement for word, statement in _NEEDED if not re.search(rf"^(?:\w.*)?\b{word}\b", text, re.MULTILINE)]
    for _ in range(_ROUNDS):
        whole = f"{text.rstrip(chr(10))}\n" + "\n".join(added) + "\n"
        wanted = dict.fromkeys(word for found in _errors(whole, files) for word in _underlined(found, whole))
        more = [STOCK[word] for word in wanted if word in STOCK and STOCK[word] not in added]
        if not more:
            return whole
        added = [*more, *added]
    return whole


def unproved(text: str, files: Mapping[str, str]) -> tuple[Finding, ...]:
    """Return what parsing and checking say."""
    parsed = parse(text, NAME)
    return (*parsed.findings, *check(parsed, Texts(files)).findings)


def _errors(text: str, files: Mapping[str, str]) -> Iterator[Finding]:
    named = ("unknown-", "bad-table")
    return (found for found in unproved(text, files) if found.name.startswith(named))


def _underlined(found: Finding, text: str) -> tuple[str, ...]:
    """Return the word that a finding underlines, or the words that it names where it is about a table."""
    if found.span.file != NAME:
        return tuple(re.findall(r"`(\w+)`", found.message))
    word = text.split("\n")[found.span.line - 1][found.span.column - 1 : found.span.end_column - 1]
    return (word,)


def renewed(page: Path) -> str:
    """Return the page with the findings of its `wrong` blocks printed anew."""
    text = page.read_text(encoding="utf-8")
    for block in blocks(page):
        if "wrong" in block.words and block.prints is not None:
            old = f"{block.text}```\n\n```text\n{block.prints}```"
            text = text.replace(old, f"{block.text}```\n\n```text\n{block.printed()}```")
    return text


def severe(findings: tuple[Finding, ...]) -> list[str]:
    """Return the headlines of errors and warnings."""
    return [found.headline() for found in findings if found.severity is not Severity.NOTE]


def main() -> None:
    """Renew the pages."""
    for page in (LANGUAGE, *sorted(FINDINGS.glob("*.md"))):
        page.write_text(renewed(page), encoding="utf-8")
        sys.stdout.write(f"{page.name}\n")


if __name__ == "__main__":
    main()

"""What loading and checking take: `python -m tests.benchmarks.load` prints a table.

Each is in processor time, in one process, after imports and the building of the grammar: the first run, and the best of
several.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Final

from routing.check import check
from routing.files import Texts
from routing.parse import machine, parse
from routing.rulebook import Rulebook

RUNS: Final = 5
_HEAD: Final = """\
rulebook "A large department"
language 1
timezone Europe/London
clock exam_end, else arrival
priorities stat, urgent, soon, routine
table procedures from "procedures.csv" key code
times core are Mon-Fri 08:00-18:00
values site are CITY, RIVERSIDE, EDINBURGH, LISBON
define child as age under 16 years
worklist general   "General"       for everyone
worklist neuro     "Neuro"         for everyone
worklist paeds     "Paediatrics"   for everyone
worklist attention "Needs a human" for everyone
exceptions route to attention
rule "As the table says" when procedure_code is listed in procedures
  route to procedures[procedure_code].worklist
  due within procedures[procedure_code].hours hours
"""
_TAIL: Final = """\
rule "As requested" always priority priority_requested
otherwise route to general priority routine due within 28 days
"""
_RULE: Final = """\
rule "Rule {number}"
  when modality includes any of CT, MR and body_part includes HEAD and patient_class is emergency
    and (description mentions "word{number}", "other{number}" or procedure_code starts with "P{number}-")
  unless certainly child or possibly site is one of RIVERSIDE, LISBON
  route to {to}
  due within {hours} hours
"""


def rules_text(rules: int) -> str:
    """Return a rulebook of so many rules that look like those of a department."""
    lists = ("paeds", "neuro")
    made = (_RULE.format(number=one, to=lists[one % 2], hours=one % 48 + 1) for one in range(rules - 2))
    return _HEAD + "".join(made) + _TAIL


def table_text(rows: int) -> str:
    """Return a table of so many procedures."""
    lines = [f"P{row:05},{'neuro' if row % 2 else 'general'},{row % 72 + 1}" for row in range(rows)]
    return "\n".join(["code,worklist,hours", *lines]) + "\n"


def timed(act: Callable[[], object], runs: int = RUNS) -> tuple[float, float]:
    """Return the seconds of the first run of *act*, and the least of so many."""
    found = []
    for _ in range(runs):
        started = time.process_time()
        act()
        found.append(time.process_time() - started)
    return found[0], min(found)


def figures() -> list[tuple[str, tuple[float, float], float]]:
    """Return what was measured: the first and the best, in seconds, and what it may take."""
    grammar = timed(machine, 1)
    large, hundred = rules_text(1000), rules_text(100)
    tables = {"procedures.csv": table_text(5000)}
    some = Texts({"procedures.csv": table_text(100)})
    texts = {
        "100 kB of rules, cut off": (large * 2)[:100_000],
        "100 kB of prose": ("when the patient is a child then send to paeds\n" * 3000)[:100_000],
        "100 kB of one word": "when " * 20_000,
        "100 kB of parentheses": "(" * 100_000,
        "100 kB of quotes": '"\n' * 50_000,
    }
    return [
        ("build the grammar, once for a process", grammar, 1.5),
        ("findings on 100 rules, without proofs", timed(lambda: check(parse(hundred, "rules"), some)), 0.3),
        ("load 1,000 rules and a table of 5,000 rows", timed(lambda: Rulebook.loads(large, tables=tables)), 1.5),
        *(
            (f"findings on {name}", timed(lambda text=text: check(parse(text, "rules"), some)), 1.0)
            for name, text in texts.items()
        ),
    ]


def main() -> None:
    """Print the table."""
    for what, (first, best), most in figures():
        line = f"{what:<45} first {first * 1000:5.0f} ms, best {best * 1000:5.0f} ms, at most {most * 1000:5.0f} ms"
        sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()

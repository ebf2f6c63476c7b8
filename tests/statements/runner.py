"""The runner: decides the cases of statements by their rulebooks, and says where they differ.

A statement `17-….yaml` is decided by `17-….rules`, a folder `whole-department` by `whole-department.rules`; the changes
that must not load stand in `16-….refused-1.rules`, the proofs in `84-….check-1.rules`, each in the statement's order.
A rulebook finds its tables and calendars by file name. Those of the statement come before files that lie beside the
rulebooks; a folder named as the rulebook (`04-….refused-1/`) comes before both.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from attrs import frozen

from routing.diagnostics import Severity
from routing.errors import RulebookError
from routing.rulebook import Rulebook, check_file
from tests.statements.comparing import differences
from tests.statements.statement import Case, Check, Statement, read_statements


@frozen(kw_only=True)
class Outcome:
    """What became of one case, refused change or proof: its name, and a line for each expectation that failed."""

    name: str
    failures: tuple[str, ...] = ()
    left: bool = False  # to the proofs, which are not there yet


def run(cases: Path, rulebooks: Path) -> Iterator[Outcome]:
    """Yield the outcome of every case, refused change and proof of the statements in *cases*."""
    for statement in read_statements(cases):
        yield from outcomes_of_cases(statement, rulebooks)
        for number, _ in enumerate(statement.refused, start=1):
            yield refused(statement, rulebooks, number)
        for number, check in enumerate(statement.checks, start=1):
            yield proved(statement, rulebooks, number, check)


def outcomes_of_cases(statement: Statement, rulebooks: Path) -> Iterator[Outcome]:
    """Yield the outcome of every case of *statement*; all fail when its rulebook does not load."""
    try:
        with placed(statement, rulebooks, statement.name) as path:
            rulebook = Rulebook.load(path)
    except RulebookError as error:
        trouble = tuple(finding.headline() for finding in error.findings if finding.severity is Severity.ERROR)
        yield from (Outcome(name=f"{statement.name} / {case.name}", failures=trouble) for case in statement.cases)
    except FileNotFoundError as error:
        trouble = (f"no rulebook: {error.filename}",)
        yield from (Outcome(name=f"{statement.name} / {case.name}", failures=trouble) for case in statement.cases)
    else:
        yield from (decided(statement, rulebook, case) for case in statement.cases)


def decided(statement: Statement, rulebook: Rulebook, case: Case) -> Outcome:
    """Decide one case and compare."""
    name = f"{statement.name} / {case.name}"
    try:
        decision = rulebook.decide(case.known, at=case.at)
        return Outcome(name=name, failures=tuple(differences(case, decision, statement.zone)))
    except Exception as error:  # noqa: BLE001 - a run over many statements tells of a crash and goes on
        return Outcome(name=name, failures=(f"deciding raised {type(error).__name__}: {error}",))


def refused(statement: Statement, rulebooks: Path, number: int) -> Outcome:
    """Load a rulebook that must not load: it has to be an error finding that shows a place."""
    name = f"{statement.name}.refused-{number}"
    try:
        with placed(statement, rulebooks, name) as path:
            Rulebook.load(path)
    except RulebookError as error:
        errors = [finding for finding in error.findings if finding.severity is Severity.ERROR]
        shown = errors and all(finding.span.file and finding.span.line for finding in errors)
        return Outcome(name=name, failures=() if shown else ("no finding shows the place",))
    except FileNotFoundError as error:
        return Outcome(name=name, failures=(f"no rulebook: {error.filename}",))
    return Outcome(name=name, failures=("it loads, and must not",))


def proved(statement: Statement, rulebooks: Path, number: int, check: Check) -> Outcome:
    """Compare the findings of the proofs with what *check* expects of them."""
    name = f"{statement.name}.check-{number}"
    if find_spec("routing.prove") is None:
        return Outcome(name=name, left=True)
    try:
        with placed(statement, rulebooks, name) as path:
            findings = check_file(path)
    except FileNotFoundError as error:
        return Outcome(name=name, failures=(f"no rulebook: {error.filename}",))
    if check.guarantee is not None:
        refutations = [one for one in findings if one.name == "guarantee-refuted"]
        actual = "refuted" if refutations else "proved"
        errors = [one.headline() for one in findings if one.severity is Severity.ERROR and one not in refutations]
        if actual != check.expect:
            errors.append(f"`{check.guarantee}`: expected {check.expect}, found {actual}")
        elif refutations and not refutations[0].witness:
            errors.append(f"`{check.guarantee}` is refuted without a made-up study")
        return Outcome(name=name, failures=tuple(errors))
    never = [one for one in findings if one.name == "never-wins"]
    if check.never_wins is None:
        return Outcome(name=name, failures=tuple(one.headline() for one in never))
    if len(never) == 1 and check.never_wins in never[0].message:
        return Outcome(name=name)
    return Outcome(name=name, failures=(f"expected that only `{check.never_wins}` never wins, found {len(never)}",))


@contextmanager
def placed(statement: Statement, rulebooks: Path, name: str) -> Iterator[Path]:
    """Give the path of a rulebook in a folder of its own, with the files that it may refer to beside it.

    Raises:
        FileNotFoundError: there is no rulebook of that name.
    """
    source = rulebooks / f"{name}.rules"
    text = source.read_bytes()
    with tempfile.TemporaryDirectory(prefix="statement-") as folder:
        place = Path(folder)
        for beside in sorted(rulebooks.iterdir()):
            if beside.is_file() and (beside.suffix != ".rules" or b"include" in text):
                shutil.copyfile(beside, place / beside.name)
        for file, content in statement.files.items():
            (place / file).write_bytes(content)
        own = rulebooks / name
        if own.is_dir() and not (own / "scenario.yaml").exists():
            shutil.copytree(own, place, dirs_exist_ok=True)
        (place / source.name).write_bytes(text)
        yield place / source.name

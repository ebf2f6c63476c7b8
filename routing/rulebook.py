"""`Rulebook`: rule text to decisions, as one object. The pure half of the library; reading files is all it does beside.

A rulebook is immutable and may be shared by threads. Its fingerprint pins the content of its rules, tables and
calendars: a decision names it, and the same fingerprint decides the same.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, tzinfo
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from attrs import evolve, field, frozen

from routing.attributes import Attributes, Value
from routing.check import Checked, check
from routing.codes import finding
from routing.compile import Compiled, compile_program
from routing.decide import REPORT, decide, decide_exception
from routing.decision import Decision, Problem
from routing.diagnostics import Finding, Severity
from routing.errors import NaiveMoment, RulebookError, UnreadableInput
from routing.examples import run_examples
from routing.explain import explainer_of
from routing.files import Files, Folder, Texts, normal
from routing.given import known_of
from routing.meaning.negation import negations
from routing.parse import Parsed, parse
from routing.program import Known, Origin, Program, Readers
from routing.settle import settler_of
from routing.tabular import TableProblem, decode

if TYPE_CHECKING:
    from routing.prove import Proof, Proofs


@frozen(kw_only=True, eq=False, repr=False, slots=False)
class Rulebook:
    """One compiled set of rules. Made by `load` or `loads`.

    `findings` are those that do not keep it from loading: warnings and notes, sorted by place. `text` is the rule text,
    and `tables` the texts of all files that it names, as they were read: `loads` of both gives the same rulebook.
    """

    program: Program
    findings: tuple[Finding, ...] = ()
    compiled: Compiled
    text: str = ""
    files: Files = field(factory=Texts)
    tables: Mapping[str, str] = field(factory=dict)

    @classmethod
    def load(cls, path: str | Path, *, negating: str | Path | None = None) -> Rulebook:
        """Return the rulebook of a file; the tables, calendars and files that it names lie beside it.

        Args:
            path: the rule file.
            negating: a CSV file with the columns `phrase` and `stands` (`before`, `after`, `neither`) that replaces the
                shipped list of negating words.

        Raises:
            RulebookError: a finding is an error.
            OSError: the rule file itself cannot be read.

        """
        place = Path(path)
        text = Path(negating).read_text(encoding="utf-8-sig") if negating else None
        return cls._made(place.read_bytes(), str(path), Folder(place.parent), text)

    @classmethod
    def loads(
        cls,
        text: str | bytes,
        *,
        file: str = "rules",
        tables: Mapping[str, str | bytes] | None = None,
        negating: str | None = None,
    ) -> Rulebook:
        """Return the rulebook of a text; *tables* are the CSV texts of all files that it names, by name.

        Raises:
            RulebookError: a finding is an error.

        """
        return cls._made(text, file, Texts(tables or {}), negating)

    @classmethod
    def _made(cls, text: str | bytes, file: str, files: Files, negating: str | None) -> Rulebook:
        seen = _Remembered(files)
        with _uncollected():
            parsed, checked, findings = _checked(text, file, seen)
        if checked.program is None or any(one.severity is Severity.ERROR for one in findings):
            raise RulebookError(findings)
        words = negations(negating) if negating is not None else None
        with _uncollected():
            compiled = compile_program(checked.program, words)
            settler_of(compiled, REPORT)  # so that the first decision is as quick as any
        return cls(
            program=checked.program,
            findings=findings,
            compiled=compiled,
            text=parsed.text,
            files=files,
            tables=dict(seen.texts),
        )

    def __repr__(self) -> str:
        return f"Rulebook({self.name!r}, {self.fingerprint})"

    @property
    def name(self) -> str:
        """The name that the rulebook gives itself."""
        return self.program.name

    @property
    def fingerprint(self) -> str:
        """A short hex digest of all that decides: rules, tables, calendars, and a list of negating words of its own."""
        return self.compiled.fingerprint

    @property
    def priorities(self) -> tuple[str, ...]:
        """The priorities, most urgent first."""
        return self.program.priorities

    @property
    def readers(self) -> Mapping[str, Readers]:
        """Every worklist, with who may read it."""
        return {name: worklist.readers for name, worklist in self.program.worklists.items()}

    @property
    def exceptions_list(self) -> str:
        """The worklist of what needs a human."""
        return self.compiled.exceptions_list

    @cached_property
    def declared(self) -> Mapping[str, Known]:
        """The facts and attributes that the rulebook declares, with their types and where sources find them."""
        own = (Origin.FACT, Origin.DECLARED)
        return {name: known for name, known in self.program.known.items() if known.origin in own}

    @cached_property
    def refuted(self) -> tuple[Finding, ...]:
        """The guarantees that a made-up study breaks, as errors; proved once, and only when it is asked for."""
        from routing.prove import refuted  # noqa: PLC0415 - a host that only decides does not pay for proofs

        return refuted(self.compiled)

    @property
    def proofs(self) -> Proofs:
        """What can be proved of it: guarantees, rules that never win, conflicts, what falls to `otherwise`."""
        from routing.prove import Proofs  # noqa: PLC0415 - as above

        return Proofs(self.compiled)

    @cached_property
    def zone(self) -> tzinfo:
        """The time zone that governs where no other does: that of the `timezone` without a condition."""
        return ZoneInfo(
            next((zone.name for zone in self.program.zones if zone.when is None), self.program.zones[-1].name)
        )

    def attributes(self, given: Any, *, at: datetime) -> Attributes:
        """Return the canonical attributes that a decision about *given* goes by."""
        return known_of(given, self.declared, at, self.zone).attributes

    def decide(
        self,
        given: Any,
        *,
        at: datetime,
        arrival: datetime | None = None,
        key: str | None = None,
        kind: str = REPORT,
        problems: Sequence[Problem] = (),
    ) -> Decision:
        """Return the one decision for a procedure: the first rule that routes, and the safest value of everything else.

        A comparison on an absent attribute is unknown (Kleene), never false and never an error. A rule whose condition
        is unknown does not fire; the decision names the rule and the attribute.

        Args:
            given: `Attributes`, a mapping of attributes and facts, a pydicom Dataset, the bytes of a DICOM file, an HL7
                message, or a list of several of these about one procedure.
            at: the instant of deciding, timezone-aware; ages and due times count from the rulebook's clock.
            arrival: when the procedure arrived, timezone-aware; what is given may say it too, and else it is *at*.
            key: what names the procedure, for samples; else its accession or study.
            kind: the kind of item that is decided.
            problems: what is already known to be wrong; they stand first in the decision.

        Returns:
            Exactly one decision, on the worklist of `otherwise` when no rule routes, on the exceptions worklist when
            one fails or nothing of what is given can be read. What cannot be read is among its problems.

        Raises:
            NaiveMoment: *at* or *arrival* has no time zone. Nothing is written: this is pure.
            TypeError: *given* is nothing that can be decided, or an instant is none.

        """
        if at.__class__ is not datetime or at.tzinfo is None or arrival is not None:
            _check_aware("at", at)
            if arrival is not None:
                _check_aware("arrival", arrival)
        if isinstance(given, Attributes):
            attributes = given
        else:
            known = known_of(given, self.declared, at, self.zone)
            attributes, problems = known.attributes, (*problems, *known.problems)
            if known.unread:
                return self.decide_exception(at, problems)
        if arrival is not None:
            attributes = Attributes({**attributes, "arrival": Value(value=arrival, source="host")})
        return decide(self.compiled, attributes, at, key=key, kind=kind, problems=problems, explainer=explainer_of)

    def without(self, rules: Iterable[str]) -> Rulebook:
        """Return the rulebook without the rules of these names: what it would decide if they were not there."""
        names = frozenset(rules)
        program = evolve(self.program, rules=tuple(rule for rule in self.program.rules if rule.name not in names))
        return evolve(self, program=program, compiled=compile_program(program, self.compiled.conditions.negating))

    def decide_many(self, many: Iterable[Any], *, at: datetime, kind: str = REPORT) -> Iterator[Decision]:
        """Yield the decision for each procedure, in order and as it is asked for; memory does not grow with them.

        Args:
            many: procedures, each as `decide` takes it.
            at: the instant of deciding all of them, timezone-aware; the arrival of those that say none.
            kind: the kind of item that is decided.

        Raises:
            NaiveMoment: *at* has no time zone; raised before the first is decided.
            TypeError: *at* is no instant, or one of them is nothing that can be decided; those before it were yielded.

        """
        _check_aware("at", at)
        return (self.decide(one, at=at, kind=kind) for one in many)

    def decide_exception(self, at: datetime, problems: Sequence[Problem] = ()) -> Decision:
        """Return the decision for what cannot be decided: the exceptions list, with its priority and due from *at*.

        Raises:
            NaiveMoment: *at* has no time zone.
            TypeError: *at* is no instant.

        """
        _check_aware("at", at)
        return decide_exception(self.compiled, at, problems)

    def is_named(self, name: str) -> bool:
        """Return whether a rule or a worklist is called so."""
        return name in self.readers or any(rule.name == name for rule in self.program.rules)

    def sample(self, name: str) -> Mapping[str, Value]:
        """Return what a file beside the rulebook says of its procedure.

        Raises:
            OSError: there is no such file.
            UnreadableInput: it is nothing that can be read.

        """
        known = known_of(self.files.read(name), self.declared, _LATE, self.zone)
        if known.unread:
            raise UnreadableInput(known.problems[0].kind, known.problems[0].message)
        return {name: value for name, value in known.attributes.items() if name != "arrival"}


_LATE = datetime(9000, 1, 1, tzinfo=ZoneInfo("UTC"))  # nothing in a sample is later than its arrival


def _check_aware(name: str, instant: object) -> None:
    if not isinstance(instant, datetime):
        raise TypeError(f"`{name}` is an aware datetime, not {type(instant).__name__}")
    if instant.tzinfo is None:
        raise NaiveMoment(name)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the collector of circles from walking what is being made again and again: half the time of a large book."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def check_file(path: str | Path) -> tuple[Finding, ...]:
    """Return every finding about a rule file, sorted by place; its examples are run and its proofs made if it loads.

    Raises:
        OSError: the file itself cannot be read.

    """
    place = Path(path)
    return check_text(place.read_bytes(), str(path), Folder(place.parent))


def check_text(text: str | bytes, file: str = "rules", files: Files | None = None) -> tuple[Finding, ...]:
    """Return every finding about a rule text, sorted by place; its examples are run and its proofs made if it loads."""
    return check_whole(text, file, files).findings


@frozen(kw_only=True)
class Check:
    """All that `check` has to say; `book` is there only where nothing keeps the text from being understood."""

    findings: tuple[Finding, ...]
    proofs: tuple[Proof, ...] = ()
    book: Rulebook | None = None

    def examples(self, *, notes: bool = False) -> Iterator[str]:
        """Yield the made-up studies of its findings as `example` blocks; those of notes only where asked for."""
        for number, one in enumerate(self.proofs, start=1):
            wanted = notes or one.finding.severity is not Severity.NOTE
            if wanted and one.study is not None and self.book is not None:
                name = f"{one.finding.name} {number}, line {one.finding.span.line}"
                block = one.study.as_example(self.book.compiled, name)
                yield block or f"# {name}: the study cannot be written as an example"


def check_path(path: str | Path, *, conflicts: bool = False) -> Check:
    """Return every finding about a rule file with the studies that show them.

    Args:
        path: the rule file.
        conflicts: find conflicts too; they stand below the others, the most surprising first and not by their place.

    Raises:
        OSError: the file itself cannot be read.

    """
    place = Path(path)
    checked = check_whole(place.read_bytes(), str(path), Folder(place.parent))
    if not conflicts or checked.book is None:
        return checked
    more = checked.book.proofs.conflicts()
    findings = (*checked.findings, *(one.finding for one in more))
    return evolve(checked, findings=findings, proofs=(*checked.proofs, *more))


def check_whole(text: str | bytes, file: str = "rules", files: Files | None = None) -> Check:
    """Return every finding about a rule text with the made-up studies that show them, and the rulebook."""
    from routing.prove import prove  # noqa: PLC0415 - as above

    files = files or Texts()
    _, checked, findings = _checked(text, file, files)
    if checked.program is None:
        return Check(findings=findings)
    book = Rulebook(program=checked.program, compiled=compile_program(checked.program), files=files)
    proofs = prove(book.compiled, findings)
    failed = (
        finding("example-failed", result.span, f"example `{result.name}`: {result.failures[0]}")
        for result in run_examples(book).failed
    )
    return Check(findings=_sorted([*(one.finding for one in proofs), *failed]), proofs=tuple(proofs), book=book)


def _checked(text: str | bytes, file: str, files: Files) -> tuple[Parsed, Checked, tuple[Finding, ...]]:
    parsed = parse(text, file)
    checked = check(parsed, files)
    return parsed, checked, _sorted([*parsed.findings, *checked.findings])


def _sorted(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda one: (one.span, one.code)))


@frozen
class _Remembered:
    """Files, with the texts of those that were read; one that is no text (a DICOM sample) is kept as an empty one.

    No decision goes by a sample, and a table that is no text is a finding.
    """

    files: Files
    texts: dict[str, str] = field(factory=dict)

    def read(self, name: str) -> bytes:
        content = self.files.read(name)
        try:
            self.texts[normal(name)] = decode(content)
        except TableProblem:
            self.texts[normal(name)] = ""
        return content

    def beside(self, name: str) -> tuple[str, ...]:
        return self.files.beside(name)

"""The rulebook as a whole: declares, makes and looks over its parts, in that order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any, Final, TypeVar

from attrs import field, frozen

from routing import program, syntax
from routing.check.attributes import Attributes
from routing.check.beside import Beside
from routing.check.calendars import load_calendar
from routing.check.care import look_at_care
from routing.check.conditions import Conditions
from routing.check.desk import CORE, LIVING, Desk, Setting
from routing.check.effects import Effects, Place
from routing.check.example_tables import ExampleTables
from routing.check.examples import Examples
from routing.check.hours import HoursOf
from routing.check.included import Included
from routing.check.kinds import IN_WORDS, MOMENTS
from routing.check.names import Findings, Names, Space
from routing.check.needs import (
    look_at_exceptions,
    look_at_otherwise,
    look_at_priority_requested,
    look_at_readers,
    look_at_unused,
    look_at_views,
)
from routing.check.operands import Operands
from routing.check.rules import Made, Rules
from routing.check.spoilt import Spoilt
from routing.check.tables import Tables
from routing.diagnostics import Finding, Related, Severity, Span
from routing.files import Files, Texts
from routing.parse import Parsed

LANGUAGE_VERSION: Final = 1
DEFAULT_PRIORITIES: Final = ("stat", "urgent", "soon", "routine")
DEFAULT_CLOCK: Final = ("exam_end",)
RESERVED: Final = (*CORE, *LIVING)
_SPACES: Final[tuple[tuple[type[Any], Space], ...]] = (
    (syntax.Worklist, Space.WORKLIST),
    (syntax.Guarantee, Space.GUARANTEE),
    (syntax.Watch, Space.WATCH),
    (syntax.View, Space.VIEW),
)

S = TypeVar("S")


@frozen(kw_only=True)
class Checked:
    """What checking a rulebook gave: the program, None where there is an error, and all findings sorted by place.

    `texts` are the texts of all files that were read, by the names that findings use, for showing them.
    """

    program: program.Program | None
    findings: tuple[Finding, ...]
    texts: Mapping[str, str] = field(factory=dict, hash=False, repr=False)


def check(parsed: Parsed, files: Files | None = None) -> Checked:
    """Return the program that a rulebook says, and every finding about it.

    Args:
        parsed: the main file. Its own findings are not among those returned, but what follows from them is left out.
        files: where tables, calendars and included files are; none are there when it is left out.

    Returns:
        The program, or None when a finding, of parsing too, is an error. Nothing is raised for any rulebook.

    """
    return _Check(parsed, files or Texts()).run()


class _Check:
    """One run over one rulebook."""

    def __init__(self, parsed: Parsed, files: Files) -> None:
        self.parsed = parsed
        whole = Span(file="", line=1, column=1, end_line=1, end_column=1)
        self.rulebook = parsed.rulebook or syntax.Rulebook(statements=(), span=whole)
        self.texts: dict[str, str] = {}
        self.findings, self.spoilt = Findings(), Spoilt()
        self.spoilt.add(parsed)
        self.names = Names(self.findings, self.spoilt)
        tables = Tables(self.findings, self.names, files, self.texts)
        self.desk = Desk(findings=self.findings, names=self.names, files=files, tables=tables)
        self.tables: dict[str, syntax.Table] = {}
        self.placed = Included(self.findings, self.spoilt, files, self.texts).gather(self.rulebook)

    def run(self) -> Checked:
        """Return what checking gives."""
        if self.parsed.rulebook is None:
            return Checked(program=None, findings=())
        self._declare()
        made = self._make()
        if self.desk.tables.asked_too_early():
            self.findings.muted = True
            made = self._make()
            self.findings.muted = False
        return self._finish(made)

    def _each(self, kind: type[S]) -> Iterator[S]:
        return (placed.statement for placed in self.placed if isinstance(placed.statement, kind))

    def _with_files(self, kind: type[S]) -> Iterator[tuple[S, str]]:
        return ((placed.statement, placed.file) for placed in self.placed if isinstance(placed.statement, kind))

    def _only(self, kind: type[S], word: str) -> S | None:
        """Return the statement that a rulebook has once; a second one is a finding."""
        found = list(self._each(kind))
        for second in [] if self.names.has_lost(word) else found[1:]:
            first_span, span = _span(found[0]), _span(second)
            related = [Related(span=first_span, message="the first stands here")]
            self.findings.add("duplicate-name", span, f"`{word}` is given twice", "a rulebook has it once", related)
        return found[0] if found else None

    # --- what is declared

    def _declare(self) -> None:
        self.title = self._only(syntax.RulebookName, "rulebook")
        self.otherwise = self._only(syntax.Otherwise, "otherwise")
        self.exceptions = self._only(syntax.Exceptions, "exceptions")
        self.clock = self._only(syntax.ClockFrom, "clock")
        self._language()
        self._priorities(self._only(syntax.Priorities, "priorities"))
        self._names()
        operands = Operands(self.desk)
        attributes = Attributes(self.desk, operands)
        for placed in self.placed:
            if isinstance(placed.statement, syntax.AttributeDeclaration | syntax.Fact):
                attributes.declare(placed.statement)
        for define in self._each(syntax.Define):
            if self.names.declare(Space.CONDITION, define.name):
                self.desk.defines[define.name.text] = define
        for table, file in self._with_files(syntax.Table):
            if self.names.declare(Space.TABLE, table.name):
                self.tables[table.name.text] = table
                self.desk.tables.load(table, file)
        self.calendars = self._load_calendars()
        made = list(self._each(syntax.AttributeDeclaration))
        for each in made:
            attributes.define(each)
        attributes.find_cycles(made)
        for values, file in self._with_files(syntax.Values):
            attributes.values(values, file)

    def _language(self) -> None:
        for node in self._each(syntax.Language):
            if node.version.value != LANGUAGE_VERSION:
                message = f"the rulebook is in language {node.version}, this library reads language {LANGUAGE_VERSION}"
                help_ = (
                    "install a newer version of the library"
                    if node.version.value > LANGUAGE_VERSION
                    else "write `language 1`"
                )
                self.findings.add("syntax", node.version.span, message, help_)

    def _priorities(self, node: syntax.Priorities | None) -> None:
        names = node.names if node else ()
        for name in names:
            self.names.declare(Space.PRIORITY, name)
        span = self.rulebook.span
        for word in () if node else DEFAULT_PRIORITIES:
            self.names.declare(Space.PRIORITY, syntax.Name(text=word, span=span))
        self.desk.priorities = self.names.all(Space.PRIORITY)

    def _names(self) -> None:
        for reserved in RESERVED:
            self.names.reserve(Space.CONDITION, reserved)
        for kind, space in _SPACES:
            for node in self._each(kind):
                self.names.declare(space, node.name)
        skills = (name for node in self._each(syntax.Skills) for name in node.names)
        channels = (name for node in self._each(syntax.Channels) for name in node.names)
        for space, names in ((Space.SKILL, skills), (Space.CHANNEL, channels)):
            for name in names:
                self.names.declare(space, name)
        for times in self._each(syntax.Times):
            if not self.names.has(Space.TIMES, times.name.text):
                self.names.declare(Space.TIMES, times.name)
        for placed in self.placed:
            if isinstance(placed.statement, syntax.Rule | syntax.Group):
                self._rule_names(placed.statement)

    def _rule_names(self, node: syntax.Rule | syntax.Group) -> None:
        if isinstance(node, syntax.Rule):
            self.names.declare(Space.RULE, node.name)
            return
        self.names.declare(Space.GROUP, node.name)
        for member in node.members:
            self._rule_names(member)

    def _load_calendars(self) -> dict[str, program.Calendar]:
        loaded = {}
        for node, file in self._with_files(syntax.Calendar):
            if self.names.declare(Space.CALENDAR, node.name):
                calendar = load_calendar(node, file, self.desk)
                if calendar is not None:
                    loaded[node.name.text] = calendar
        return loaded

    # --- what is made of it

    def _make(self) -> _Parts:
        conditions = Conditions(self.desk)
        effects = Effects(self.desk, conditions)
        rules, beside = Rules(self.desk, conditions, effects), Beside(self.desk, effects)
        hours, examples = HoursOf(self.desk, conditions), Examples(self.desk, effects)
        tables = ExampleTables(self.desk, examples)
        for placed in self.placed:
            rules.give(placed.statement)
        conditions.all_defines()
        zones = hours.zones(list(self._each(syntax.Timezone)), self.rulebook.span)
        otherwise = self.otherwise.effects if self.otherwise else ()
        exceptions = self.exceptions.effects if self.exceptions else ()
        guarded = [(placed, rules.guards(placed)) for placed in self.placed]
        return _Parts(
            zones=zones,
            workdays=hours.workdays(list(self._each(syntax.Workdays))),
            times=hours.times(list(self._each(syntax.Times))),
            worklists=self._worklists(beside),
            clock=self._clock(conditions),
            exceptions=effects.build(exceptions, Place.EXCEPTIONS, Setting(name="exceptions")),
            rules=tuple(made for placed in self.placed for made in rules.build(placed)),
            otherwise=effects.build(otherwise, Place.OTHERWISE, Setting(name="otherwise")),
            guarantees=_good(
                beside.guarantee(placed.statement, guards)
                for placed, guards in guarded
                if isinstance(placed.statement, syntax.Guarantee)
            ),
            watches=_good(
                beside.watch(placed.statement, guards)
                for placed, guards in guarded
                if isinstance(placed.statement, syntax.Watch)
            ),
            views=_good(beside.view(node) for node in self._each(syntax.View)),
            examples=(
                *_good(examples.build(node, file) for node, file in self._with_files(syntax.Example)),
                *(one for node, file in self._with_files(syntax.ExamplesFrom) for one in tables.build(node, file)),
            ),
        )

    def _worklists(self, beside: Beside) -> dict[str, program.Worklist]:
        made: dict[str, program.Worklist] = {}
        for node in self._each(syntax.Worklist):
            readers = beside.readers(node.readers)
            title = node.title.text if node.title else node.name.text
            worklist = program.Worklist(name=node.name.text, title=title, readers=readers, span=node.name.span)
            made.setdefault(node.name.text, worklist)
        return made

    def _clock(self, conditions: Conditions) -> tuple[str, ...]:
        if self.clock is None:
            return DEFAULT_CLOCK
        names = []
        for name in self.clock.attributes:
            operand = conditions.comparisons.operands.attribute(name, Setting(name="clock"))
            if operand is not None and operand.type not in MOMENTS:
                message = f"`{name}` is {IN_WORDS[operand.type]}, no clock goes by it"
                self.findings.add("type-mismatch", name.span, message, "name moments: `clock exam_end, else arrival`")
            elif operand is not None:
                names.append(operand.name)
        return tuple(names)

    # --- the whole

    def _finish(self, parts: _Parts) -> Checked:
        desk, book = self.desk, self.rulebook
        tables = desk.tables.finish(self.tables, self.names.all(Space.WORKLIST), desk.priorities)
        self.names.report_unknown()
        look_at_otherwise(self.otherwise, book, desk)
        look_at_exceptions(self.exceptions, book, desk)
        look_at_readers(self._each(syntax.Worklist), desk)
        look_at_care(parts.rules, parts.otherwise, parts.watches, desk)
        if not self.spoilt.any:
            look_at_views(list(self._each(syntax.View)), desk)
            look_at_priority_requested(book, desk)
            look_at_unused(desk)
        findings = self.findings.sorted(self.spoilt)
        if any(found.severity is Severity.ERROR for found in (*findings, *self.parsed.findings)):
            return Checked(program=None, findings=findings, texts=self.texts)
        return Checked(program=self._program(parts, tables), findings=findings, texts=self.texts)

    def _program(self, parts: _Parts, tables: dict[str, program.Table]) -> program.Program:
        stem = PurePosixPath(self.rulebook.span.file.replace("\\", "/")).stem
        return program.Program(
            name=self.title.name.text if self.title else stem,
            language=LANGUAGE_VERSION,
            priorities=self.desk.priorities,
            zones=parts.zones,
            clock=parts.clock,
            known=dict(self.desk.known),
            tables=tables,
            calendars=self.calendars,
            times=parts.times,
            workdays=parts.workdays,
            worklists=parts.worklists,
            skills=self.names.all(Space.SKILL),
            channels=self.names.all(Space.CHANNEL),
            exceptions=parts.exceptions,
            otherwise=parts.otherwise,
            rules=tuple(made.rule for made in parts.rules),
            guarantees=parts.guarantees,
            watches=parts.watches,
            views=parts.views,
            examples=parts.examples,
        )


@frozen(kw_only=True)
class _Parts:
    """What is made from the statements of a rulebook."""

    zones: tuple[program.Zone, ...]
    workdays: tuple[program.Workdays, ...]
    times: dict[str, program.Times]
    worklists: dict[str, program.Worklist]
    clock: tuple[str, ...]
    exceptions: tuple[program.Effect, ...]
    rules: tuple[Made, ...]
    otherwise: tuple[program.Effect, ...]
    guarantees: tuple[program.Guarantee, ...]
    watches: tuple[program.Watch, ...]
    views: tuple[program.View, ...]
    examples: tuple[program.Example, ...]


def _good(made: Iterable[S | None]) -> tuple[S, ...]:
    return tuple(each for each in made if each is not None)


def _span(node: object) -> Span:
    return node.span if isinstance(node, syntax.Node) else Span(file="", line=1, column=1, end_line=1, end_column=1)

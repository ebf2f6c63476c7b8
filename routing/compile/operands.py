"""Operands compiled: one closure for each, from the subject to its value, or None when that is unknown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from routing.attributes import Duration, Type
from routing.compile.subject import Read, Subject
from routing.compile.values import CLEAN, TOO_MANY
from routing.meaning import durations
from routing.meaning.dues import away, stretches_of
from routing.meaning.durations import Age, in_weeks
from routing.meaning.lookups import Index
from routing.meaning.moments import utc
from routing.meaning.words import Cut
from routing.program import (
    AttributeRef,
    Cell,
    ClockRef,
    Constant,
    Known,
    ListFigure,
    Operand,
    Path,
    Program,
    Sum,
    Table,
    Wild,
)

_MOMENTS: Final = (Type.INSTANT, Type.DATE)
_UNSET: Final = object()
_CONTAINERS: Final = (tuple, list, set, frozenset, Cut)
_FEW: Final = 16  # members of a value that is cleaned afresh for everyone who asks


Lookup = tuple[str, tuple[Read, ...]]
"""A table, and what reads the keys that are looked up in it together."""


class Operands:
    """The operands of one program. A reader is made once for each operand and shared."""

    def __init__(self, program: Program) -> None:
        self._known: Mapping[str, Known] = program.known
        self._tables: Mapping[str, Table] = program.tables
        self._indexes: dict[str, Index] = {}
        self._readers: dict[str, Read] = {}
        self._cells: dict[int, tuple[Cell, Read]] = {}  # by identity; the cell is kept so that the id is
        self._columns: dict[tuple[str, int], list[Any]] = {}
        # What names, for each subject, the rows that keys find (-1), and their cells of a column.
        self._lookups: dict[tuple[str, tuple[Operand, ...], int], tuple[str, int]] = {}
        self._wide: dict[tuple[str, tuple[Operand, ...]], Lookup] = {}

    @property
    def asked(self) -> frozenset[str]:
        """The attributes and facts that were asked for so far."""
        return frozenset(self._readers)

    @property
    def lookups(self) -> tuple[Lookup, ...]:
        """The lookups by several keys of which some are sets, each once."""
        return tuple(self._wide.values())

    def index(self, table: str) -> Index:
        """Return the key index of a table."""
        if table not in self._indexes:
            self._indexes[table] = Index([row.keys for row in self._tables[table].rows], Wild.ANY)
        return self._indexes[table]

    def read(self, operand: Operand) -> Read:
        """Return what reads the operand from a subject."""
        match operand:
            case Constant(value=value):
                return _constant(value)
            case AttributeRef(name=name):
                return self.attribute(name)
            case ClockRef():
                return _clock
            case Cell():
                made = self._cells.get(id(operand))
                if made is None:
                    made = self._cells[id(operand)] = (operand, self._cell(operand))
                return made[1]
            case Sum():
                return self._sum(operand)
        return _figure(operand) if isinstance(operand, ListFigure) else _unknown

    def attribute(self, name: str) -> Read:
        """Return what reads an attribute or fact by its name."""
        if name not in self._readers:
            known = self._known[name]
            read = _SPECIAL.get(name) or self._attribute(known)
            self._readers[name] = _counted(read) if known.type is Type.CODES or known.sources else read
        return self._readers[name]

    def _source(self, operand: Operand) -> Read:
        """Return what reads a source of an attribute, TOO_MANY where that counts as unknown and yet speaks first."""
        if not isinstance(operand, AttributeRef) or operand.name in _SPECIAL:
            return self.read(operand)
        self.attribute(operand.name)  # it is asked for
        return self._attribute(self._known[operand.name])

    def _attribute(self, known: Known) -> Read:
        name, clean = known.name, CLEAN[known.type]

        def said(subject: Subject) -> Any:
            value = subject.known.get(name)
            if value.__class__ in _CONTAINERS and len(value) > _FEW:
                return cleaned(name, value, clean, subject)
            return None if value is None else clean(value, subject)

        others = [(self._source(source), source.type) for source in known.sources if not isinstance(source, Path)]
        if not others:
            return said

        def first(subject: Subject) -> Any:
            value = subject.memo.get(name, _UNSET)
            if value is _UNSET:
                value = said(subject)
                for read, type_ in others:
                    if value is not None:
                        break
                    value = _as(known.type, type_, read(subject), subject)
                subject.memo[name] = value
            return value

        return first

    def _cell(self, cell: Cell) -> Read:
        table = self._tables[cell.table]
        index, column = self.index(cell.table), table.columns.index(cell.column)
        cells = self._columns.get((cell.table, column))
        if cells is None:
            cells = self._columns[cell.table, column] = [row.cells[column] for row in table.rows]
        clean = CLEAN[Type.INSTANT] if cell.type is Type.INSTANT else None  # one without offset is local to a subject
        keys = [self.read(key) for key in cell.keys]
        if cell.many and len(keys) > 1:
            self._wide.setdefault((cell.table, cell.keys), (cell.table, tuple(keys)))
        asked = self._lookups.setdefault((cell.table, cell.keys, -1), ("rows", len(self._lookups)))
        named = self._lookups.setdefault((cell.table, cell.keys, column), ("cells", len(self._lookups)))

        def one(subject: Subject) -> Any:
            number = index.first([key(subject) for key in keys])
            value = cells[number] if isinstance(number, int) else None
            return clean(value, subject) if clean and value is not None else value

        def several(subject: Subject) -> Any:
            found = subject.memo.get(named, _UNSET)
            if found is _UNSET:
                found = subject.memo[named] = looked_up(subject)
            return found

        def looked_up(subject: Subject) -> Any:
            rows = subject.memo.get(asked)
            if rows is None:
                rows = subject.memo[asked] = index.all([_members(key(subject)) for key in keys])
            found = [cells[number] for number in rows]
            values = tuple(dict.fromkeys([value for value in found if value is not None]))
            if cell.type is Type.TEXT:
                values = tuple(field for value in values for field in value)
            return (tuple(clean(value, subject) for value in values) if clean else values) or None

        return several if cell.many else one

    def listed(self, table: str, operand: Operand) -> Read:
        """Return what tells whether the operand, or any of its members, is a key of the table."""
        index, read = self.index(table), self.read(operand)

        def test(subject: Subject) -> bool | None:
            return index.holds_any(_members(read(subject)) or (None,))

        return test

    def _sum(self, total: Sum) -> Read:
        left, right = self.read(total.left), self.read(total.right)
        if total.type in (Type.NUMBER, Type.WEEKS):
            return _together(left, right, lambda one, other, _: one + other)
        if total.left.type in _MOMENTS:
            return _together(left, length(right, total.right.type), _later)
        if total.right.type in _MOMENTS:
            return _together(right, length(left, total.left.type), _later)
        spans = length(left, total.left.type), length(right, total.right.type)
        return _together(*spans, lambda one, other, _: durations.add(one, other))


def figure_name(figure: ListFigure) -> str:
    """Return the name under which whoever looks at living items gives a figure; no attribute has such a name."""
    return f"{figure.figure} on {figure.worklist}"


def cleaned(name: str, value: Any, clean: Callable[[Any, Subject], Any], subject: Subject) -> Any:
    """Return a value of many members as the compiled form sees it, the same object for everyone who asks."""
    key = "cleaned", name
    found = subject.memo.get(key, _UNSET)
    if found is _UNSET:
        found = subject.memo[key] = clean(value, subject)
    return found


def _together(left: Read, right: Read, join: Callable[[Any, Any, Subject], Any]) -> Read:
    def joined(subject: Subject) -> Any:
        one, other = left(subject), right(subject)
        return None if one is None or other is None else join(one, other, subject)

    return joined


def length(read: Read, type_: Type) -> Read:
    """Return what reads a duration, where weeks are seven days and a number is days."""
    if type_ is Type.WEEKS:
        return lambda subject: None if (value := read(subject)) is None else in_weeks(value)
    if type_ is Type.NUMBER:
        return lambda subject: None if (value := read(subject)) is None else Duration(seconds=round(value * 86_400))
    return read


def _later(moment: date, span: Duration | Age, subject: Subject) -> date | None:
    if isinstance(span, Age):
        span = Duration(days=(span.on - span.birth).days)
    if not isinstance(moment, datetime):
        try:
            return durations.reached(moment, span) + timedelta(days=span.seconds // 86_400)
        except (OverflowError, ValueError):
            return None
    reached: datetime | None = moment
    for part in stretches_of(span):
        reached = away(reached, part, subject.zone, ()) if reached else None
    return reached


def _as(wanted: Type, given: Type, value: Any, subject: Subject) -> Any:
    """Return a value of one type as the declared one: the first of several for a single one, a duration of weeks."""
    if isinstance(value, tuple) and wanted not in (Type.CODES, Type.TEXT):
        value = value[0] if value else None
    if value is None or value is TOO_MANY or wanted is given:
        return value
    if wanted is Type.DURATION:
        return length(lambda _: value, given)(subject)
    return CLEAN[wanted](value, subject)


def _counted(read: Read) -> Read:
    """Return a reader to which TOO_MANY is unknown."""

    def counted(subject: Subject) -> Any:
        value = read(subject)
        return None if value is TOO_MANY else value

    return counted


def _members(value: Any) -> tuple[Any, ...] | None:
    return None if value is None else value if isinstance(value, tuple) else (value,)


def _figure(operand: ListFigure) -> Read:
    name, clean = figure_name(operand), CLEAN[operand.type]
    return lambda subject: None if (value := subject.known.get(name)) is None else clean(value, subject)


def _constant(value: Any) -> Read:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            return lambda subject: utc(value, subject.zone)
        value = utc(value, value.tzinfo)
    return lambda _: value


def _clock(subject: Subject) -> datetime:
    return subject.clock_at


def _unknown(_: Subject) -> None:
    return None


def _age(subject: Subject) -> Duration | Age | None:
    """Return the age at the clock: by the calendar from the whole birth date, else as it was said."""
    if "age" not in subject.memo:
        birth, said = subject.known.get("birth_date"), subject.known.get("age")
        found: Duration | Age | None = said if isinstance(said, Duration) else None
        if isinstance(birth, date) and not isinstance(birth, datetime):
            found = durations.age(birth, subject.clock_day)
        subject.memo["age"] = found
    age: Duration | Age | None = subject.memo["age"]
    return age


def _arrival(subject: Subject) -> datetime:
    return subject.arrival


_SPECIAL: Final[Mapping[str, Read]] = {"age": _age, "arrival": _arrival}

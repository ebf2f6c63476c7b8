"""What a rulebook asks of each attribute: the values, words and lengths that it compares with.

Only base attributes are asked: what a declared attribute is made from stands for it, and the keys of a table for a
cell. Two rulebooks may be asked together; their attributes are the same ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from attrs import define, field

from routing import program
from routing.attributes import Type
from routing.compile import Compiled
from routing.meaning.spelling import SPELLINGS
from routing.program import AttributeRef, Cell, ClockRef, Condition, Constant, Operand, Sum, Wild

CLOCK: Final = "clock"
_MOMENTS: Final = (Type.DATE, Type.INSTANT)
_OTHERS: Final = ("QX7", "ZK4", "WJ9", "V")  # spelt as hardly anything that is asked for


@define
class Asked:
    """What is asked of one base attribute."""

    name: str
    type: Type
    constants: dict[Any, None] = field(factory=dict)
    prefixes: dict[str, None] = field(factory=dict)
    patterns: dict[str, None] = field(factory=dict)
    mentions: list[program.Mentions] = field(factory=list)
    spans: list[program.Within] = field(factory=list)  # how far from the clock, or from another moment
    to_clock: bool = False  # it is compared with the clock or another moment
    by_itself: bool = False  # it is compared with fixed moments, hours or calendars
    compared: dict[str, None] = field(factory=dict)  # the attributes that it is compared with


class Asking:
    """Collects what is asked by the conditions and operands of one or two rulebooks."""

    def __init__(self) -> None:
        self.asked: dict[str, Asked] = {}
        self.samples: dict[str, set[float]] = {}
        self.times: list[tuple[Compiled, program.During | program.OnCalendar]] = []
        self.lengths: dict[str, dict[Any, tuple[Compiled, Condition]]] = {}  # comparisons of a length with constants
        self.named: set[str] = set()  # the attributes that conditions name
        self._sums: list[tuple[Sum, Any, Compiled]] = []

    def condition(self, leaf: Condition, compiled: Compiled) -> None:  # noqa: C901, PLR0912 - one line for each kind
        """Note what one comparison asks."""
        if isinstance(leaf, program.Compares | program.Is) and leaf.left.type is Type.DURATION:
            names = bases_of(leaf.left, compiled)
            if isinstance(leaf.left, AttributeRef) and names == (leaf.left.name,):
                sides = leaf.values if isinstance(leaf, program.Is) else (leaf.right,)
                if all(isinstance(side, Constant) for side in sides):
                    self.lengths.setdefault(names[0], {}).setdefault(sides, (compiled, leaf))
        match leaf:
            case program.Is() | program.Includes():
                for value in leaf.values:
                    self._compared(leaf.left, value, compiled)
                self.operand(leaf.left, compiled)
            case program.Compares() | program.Precedes():
                self._compared(leaf.left, leaf.right, compiled)
            case program.Within():
                self._compared(leaf.left, leaf.other, compiled, leaf)
                self.operand(leaf.length.amount, compiled)
            case program.Mentions():
                for one in self._bases(leaf.left, compiled):
                    one.mentions.append(leaf)
            case program.Spelt():
                for one in self._bases(leaf.left, compiled):
                    _ask_spelling(one, leaf)
            case program.Matches():
                for one in self._bases(leaf.left, compiled):
                    one.patterns[leaf.pattern] = None
            case program.IsTrue() | program.IsKnown():
                self.operand(leaf.operand, compiled)
            case program.Listed():
                keys = (row.keys[0] for row in compiled.program.tables[leaf.table].rows)
                self._give(leaf.operand, keys, compiled)
            case program.During() | program.OnCalendar():
                self.times.append((compiled, leaf))
                for one in self._bases(leaf.of, compiled):
                    one.by_itself = True
            case program.InSample():
                self.samples.setdefault(leaf.rule, set()).add(leaf.percent)
            case _:
                pass

    def operand(self, operand: Operand, compiled: Compiled) -> None:
        """Note that an operand is read: its bases, and the keys of its cells."""
        for _ in self._bases(operand, compiled):
            pass

    def finish(self) -> Mapping[str, Asked]:
        """Return what is asked, with what comparisons of attributes with each other bring along."""
        for total, value, compiled in self._sums:
            self._share_sum(total, value, compiled)
        for _ in range(3):  # a chain of comparisons is short
            for one in self.asked.values():
                for other in one.compared:
                    if other in self.asked:
                        one.constants |= self.asked[other].constants
        return self.asked

    # --- behind names

    def _bases(self, operand: Operand, compiled: Compiled) -> Iterator[Asked]:
        for one in bases_of(operand, compiled):
            yield self.asked.setdefault(one, Asked(one, _type_of(one, compiled)))
        for cell in _cells(operand, compiled):
            table = compiled.program.tables[cell.table]
            for place, key in enumerate(cell.keys):
                self._give(key, (row.keys[place] for row in table.rows), compiled)

    def _compared(
        self, left: Operand, right: Operand, compiled: Compiled, within: program.Within | None = None
    ) -> None:
        for one, other in ((left, right), (right, left)):
            if isinstance(other, Constant):
                self._give(one, (other.value,), compiled)
            elif isinstance(other, Cell):
                table = compiled.program.tables[other.table]
                column = table.columns.index(other.column)
                self._give(one, (row.cells[column] for row in table.rows), compiled)
            names = bases_of(other, compiled)
            for mine in self._bases(one, compiled):
                mine.compared |= {name: None for name in names if name != mine.name}
                if mine.type in _MOMENTS:
                    mine.spans += [within] if within else []
                    mine.to_clock = mine.to_clock or bool(names)
                    mine.by_itself = mine.by_itself or isinstance(other, Constant | Cell)

    def _give(self, operand: Operand, values: Iterable[Any], compiled: Compiled) -> None:
        known = [value for value in values if value is not None and value is not Wild.ANY]
        flat = [one for value in known for one in (value if isinstance(value, tuple) else (value,))]
        self._pass_on(operand, flat, compiled, set())

    def _pass_on(self, operand: Operand, values: list[Any], compiled: Compiled, seen: set[str]) -> None:
        match operand:
            case AttributeRef(name=name):
                sources = _sources(name, compiled)
                if name in seen:
                    return
                for source in sources:
                    self._pass_on(source, values, compiled, {*seen, name})
                for one in bases_of(operand, compiled):
                    base = self.asked.setdefault(one, Asked(one, _type_of(one, compiled)))
                    if one == name or not sources:
                        base.constants |= dict.fromkeys(values)
            case ClockRef():
                self.asked.setdefault(CLOCK, Asked(CLOCK, Type.INSTANT)).constants |= dict.fromkeys(values)
            case Sum():
                self._sums += [(operand, value, compiled) for value in values]
            case _:
                self.operand(operand, compiled)

    def _share_sum(self, total: Sum, value: Any, compiled: Compiled) -> None:
        """Give each side of a sum what is left of *value* for each value that the other side is asked about."""
        from routing.prove.quantities import days_of, less  # noqa: PLC0415 - they know nothing of each other

        whole = days_of(value, total.type)
        if whole is None:
            return
        sides = [
            [self.asked[name] for name in bases_of(side, compiled) if name in self.asked]
            for side in (total.left, total.right)
        ]
        for mine, others in (sides, sides[::-1]):
            for one in mine:
                if one.type is Type.WEEKS:
                    one.constants |= dict.fromkeys((24, 32, 40))
                for other in others:
                    found = [less(whole, each, one.type, other.type) for each in list(one.constants)]
                    other.constants |= {each: None for each in found if each is not None}


def bases_of(  # noqa: PLR0911 - one line for each kind
    operand: Operand, compiled: Compiled, seen: frozenset[str] = frozenset()
) -> tuple[str, ...]:
    """Return the names of the base attributes that an operand is read from; `clock` is one of them."""
    match operand:
        case ClockRef():
            return (CLOCK,)
        case AttributeRef(name=name):
            if name == "arrival" or name in compiled.program.clock:
                return (CLOCK,)
            if name in seen:
                return ()
            sources = _sources(name, compiled)
            found = [one for source in sources for one in bases_of(source, compiled, seen | {name})]
            own = () if sources and not _is_read(name, compiled) else (name,)
            return tuple(dict.fromkeys((*own, *found)))
        case Cell(keys=keys):
            return tuple(dict.fromkeys(one for key in keys for one in bases_of(key, compiled, seen)))
        case Sum(left=left, right=right):
            return tuple(dict.fromkeys((*bases_of(left, compiled, seen), *bases_of(right, compiled, seen))))
        case _:
            return ()


def _sources(name: str, compiled: Compiled) -> list[Operand]:
    known = compiled.program.known[name]
    return [source for source in known.sources if isinstance(source, Operand)]


def _is_read(name: str, compiled: Compiled) -> bool:
    return any(isinstance(source, program.Path) for source in compiled.program.known[name].sources)


def _cells(operand: Operand, compiled: Compiled, seen: frozenset[str] = frozenset()) -> Iterator[Cell]:
    match operand:
        case Cell(keys=keys):
            yield operand
            for key in keys:
                yield from _cells(key, compiled, seen)
        case AttributeRef(name=name) if name not in seen:
            for source in _sources(name, compiled):
                yield from _cells(source, compiled, seen | {name})
        case Sum(left=left, right=right):
            yield from _cells(left, compiled, seen)
            yield from _cells(right, compiled, seen)
        case _:
            return


def _type_of(name: str, compiled: Compiled) -> Type:
    return Type.INSTANT if name == CLOCK else compiled.program.known[name].type


def _ask_spelling(one: Asked, leaf: program.Spelt) -> None:
    """Note what is spelt as asked, and something that is not; a mere beginning the prover lengthens as it needs."""
    texts, spelling = (*leaf.texts, *leaf.excepted), SPELLINGS[leaf.operator]
    if spelling.fitting is None:
        one.prefixes |= dict.fromkeys(texts)
        return
    made = dict.fromkeys(map(spelling.fitting, texts))
    made |= dict.fromkeys([other for other in _OTHERS if not spelling.holds(other, texts)][:1])
    if one.type is Type.TEXT:
        one.prefixes |= made
    else:
        one.constants |= made

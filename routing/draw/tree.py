"""The tree itself: rules grouped by what they ask, folded to a size that can be looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from enum import Enum
from heapq import heappop, heappush
from typing import Final

from attrs import define, field, frozen

from routing.attributes import Attributes
from routing.compile import Compiled, CompiledRule
from routing.compile.subject import Subject
from routing.decide import REPORT, subject_of
from routing.decision import Decision
from routing.meaning.logic import Truth
from routing.program import (
    And,
    Certainly,
    Condition,
    Defined,
    DueBy,
    DueByInstant,
    DueWithin,
    Effect,
    Fixed,
    Not,
    Possibly,
    PriorityIs,
    RouteTo,
)
from routing.program.walk import walk

MOST_NODES: Final = 200


class Mark(Enum):
    """What something is for the procedure that the picture is about."""

    NONE = "none"  # the picture is about no procedure
    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"
    WINS = "wins"


@define(eq=False)
class Leaf:
    """One rule: its place in the file from 1, what it still asks beyond the branches above it, and what it gives."""

    number: int
    name: str
    asks: tuple[str, ...]
    worklist: str | None
    gives: tuple[str, ...]
    mark: Mark = Mark.NONE


@define(eq=False)
class Branch:
    """What several rules ask alike. `folded` says how many rules it holds for each list where they are not drawn."""

    asks: str
    count: int
    first: int
    inside: list[Branch | Leaf] = field(factory=list)
    folded: tuple[tuple[str, int], ...] = ()
    mark: Mark = Mark.NONE


@frozen(kw_only=True)
class Picture:
    """A rulebook's tree. `defines` are the named conditions in it, each once; `decision` is that of the procedure."""

    name: str
    count: int
    inside: tuple[Branch | Leaf, ...]
    otherwise: Leaf
    defines: tuple[tuple[str, str], ...]
    decision: Decision | None = None


def picture(
    compiled: Compiled, attributes: Attributes | None = None, decision: Decision | None = None, most: int = MOST_NODES
) -> Picture:
    """Return the tree of the rules about reports; with *attributes*, and the decision about them, what is true of them.

    Args:
        compiled: the rulebook.
        attributes: one procedure.
        decision: what was decided about it, at the instant that the picture is to show.
        most: the number of nodes to draw at most, about.

    """
    rules = compiled.kinds.get(REPORT, ())
    marks = _Marks(compiled, attributes, decision)
    root = _Open(
        Branch(asks="", count=len(rules), first=0), [_Asking(rule, _pieces(rule.rule.condition)) for rule in rules]
    )
    used = _grow(root, marks, most)
    won = decision is not None and decision.route_rule is None
    return Picture(
        name=compiled.program.name,
        count=len(rules),
        inside=tuple(root.branch.inside),
        otherwise=Leaf(
            number=0,
            name="otherwise",
            asks=(),
            worklist=_list_of(compiled.program.otherwise),
            gives=_gives(compiled.program.otherwise),
            mark=Mark.NONE if decision is None else Mark.WINS if won else Mark.FALSE,
        ),
        defines=tuple(sorted(_defines(used).items())),
        decision=decision,
    )


@frozen(eq=False)
class _Piece:
    """One thing that a rule asks. Pieces with the same `about` tell rules apart by the same attribute or define."""

    text: str
    about: str
    condition: Condition


@define(eq=False)
class _Asking:
    rule: CompiledRule
    pieces: list[_Piece]


@define(eq=False)
class _Open:
    """A branch whose inside is not drawn yet."""

    branch: Branch
    rules: list[_Asking]


class _Marks:
    """What conditions and rules are for one procedure."""

    def __init__(self, compiled: Compiled, attributes: Attributes | None, decision: Decision | None) -> None:
        self._compiled, self._decision = compiled, decision
        self._subject: Subject | None = None
        if attributes is not None and decision is not None:
            self._subject, _ = subject_of(compiled, attributes, decision.clock_at)

    def of(self, condition: Condition) -> Mark:
        if self._subject is None:
            return Mark.NONE
        return _mark(self._compiled.conditions.test(condition)(self._subject))

    def of_rule(self, rule: CompiledRule) -> Mark:
        if self._decision is not None and rule.rule.name == self._decision.route_rule:
            return Mark.WINS
        return self.of(rule.rule.condition)


def _mark(truth: Truth) -> Mark:
    return Mark.TRUE if truth else Mark.UNKNOWN if truth is None else Mark.FALSE


def _grow(root: _Open, marks: _Marks, most: int) -> list[Condition]:
    """Draw the inside of branches, those on the path and the largest first, until there are enough nodes."""
    used: list[Condition] = []
    heap: list[tuple[bool, int, int, _Open]] = [(False, 0, 0, root)]
    nodes = 0
    while heap:
        _, _, _, one = heappop(heap)
        inside = list(_inside(one.rules))
        on_path = one.branch.mark is Mark.TRUE
        if one is not root and nodes + len(inside) > most and not (on_path and nodes < 2 * most):
            one.branch.folded = _lists(one.rules)
            continue
        room = max(12, most - nodes) if one is root else len(inside)
        shown, rest = inside[:room], inside[room:]
        nodes += len(shown)
        for piece, rules in shown:
            first = rules[0]
            if piece is None:
                used += [each.condition for each in first.pieces]
                one.branch.inside.append(_leaf(first, marks))
                continue
            used.append(piece.condition)
            branch = Branch(piece.text, len(rules), first.rule.place, mark=marks.of(piece.condition))
            one.branch.inside.append(branch)
            heappush(heap, (branch.mark is not Mark.TRUE, -len(rules), first.rule.place, _Open(branch, rules)))
        if rest:
            left = [each for _, rules in rest for each in rules]
            more = Branch("and more", len(left), left[0].rule.place, folded=_lists(left))
            one.branch.inside.append(more)
    return used


def _inside(rules: Sequence[_Asking]) -> Iterator[tuple[_Piece | None, list[_Asking]]]:
    """Yield what stands right under a branch, in file order: what several rules ask alike, or one rule (None)."""
    found: list[tuple[_Piece | None, list[_Asking]]] = []
    left = list(rules)
    while left and (about := _best(left)) is not None:
        groups: dict[str, list[tuple[_Asking, _Piece]]] = {}
        for one in left:
            piece = next((each for each in one.pieces if each.about == about), None)
            if piece is not None:
                groups.setdefault(piece.text, []).append((one, piece))
        taken: set[int] = set()
        for group in groups.values():
            if len(group) > 1:
                found.append((group[0][1], [_without(one, piece) for one, piece in group]))
                taken.update(one.rule.place for one, _ in group)
        left = [one for one in left if one.rule.place not in taken]
    found += [(None, [one]) for one in left]
    return iter(sorted(found, key=lambda one: one[1][0].rule.place))


def _without(one: _Asking, piece: _Piece) -> _Asking:
    return _Asking(one.rule, [each for each in one.pieces if each.text != piece.text])


def _best(rules: Sequence[_Asking]) -> str | None:
    """Return the attribute or define that says the least twice: by which most conditions come to be shared."""
    seen: Counter[tuple[str, str]] = Counter()
    for one in rules:
        seen.update(list(dict.fromkeys((piece.about, piece.text) for piece in one.pieces)))
    saved: Counter[str] = Counter()
    for (about, _), count in seen.items():
        saved[about] += count - 1
    best = max(saved, key=lambda about: saved[about], default=None)
    return best if best is not None and saved[best] else None


def _leaf(one: _Asking, marks: _Marks) -> Leaf:
    rule = one.rule.rule
    return Leaf(
        number=one.rule.place + 1,
        name=rule.name,
        asks=tuple(_joined(piece.text, alone=len(one.pieces) == 1) for piece in one.pieces),
        worklist=_list_of(rule.effects),
        gives=_gives(rule.effects),
        mark=marks.of_rule(one.rule),
    )


def _joined(text: str, *, alone: bool) -> str:
    """Return a condition as it stands among others."""
    return f"({text})" if not alone and " or " in text and not text.startswith(("(", "not (")) else text


def _lists(rules: Sequence[_Asking]) -> tuple[tuple[str, int], ...]:
    named = Counter(_list_of(one.rule.rule.effects) or "no list" for one in rules)
    return tuple(named.most_common())


def _list_of(effects: Sequence[Effect]) -> str | None:
    for effect in effects:
        if isinstance(effect, RouteTo):
            return effect.to if isinstance(effect.to, str) else f"{effect.to.table}[…].{effect.to.column}"
    return None


def _gives(effects: Sequence[Effect]) -> tuple[str, ...]:
    """Return the priority and dues in words, and how much more there is."""
    shown = [one for one in effects if isinstance(one, PriorityIs | DueWithin | DueBy | DueByInstant)]
    rest = [one for one in effects if one not in shown and not isinstance(one, RouteTo)]
    words = [" ".join(one.text.split()).removeprefix("priority ") for one in shown if one.text]
    words += [" ".join(one.text.split()) for one in rest[:2] if one.text]
    return tuple(words + ([f"{len(rest) - 2} more"] if len(rest) > 2 else []))  # noqa: PLR2004 - two fit


def _pieces(condition: Condition) -> list[_Piece]:
    if isinstance(condition, And):
        pieces = [piece for part in condition.parts for piece in _pieces(part)]
        return list({piece.text: piece for piece in pieces}.values())
    if isinstance(condition, Fixed) and condition.holds:
        return []
    return [_Piece(words(condition), _about(condition), condition)]


def words(condition: Condition) -> str:
    """Return a condition as it was written, on one line."""
    if condition.text:
        return " ".join(condition.text.split())
    match condition:
        case Not(part=part) | Possibly(part=part) | Certainly(part=part):
            return f"{type(condition).__name__.lower()} {words(part)}"
        case And(parts=parts):
            return " and ".join(map(words, parts))
        case _:
            return "…"


def _about(condition: Condition) -> str:
    inner = condition
    while isinstance(inner, Not | Possibly | Certainly):
        inner = inner.part
    if isinstance(inner, Defined):
        return f"define {inner.name}"
    names = list(dict.fromkeys(each.name for each in walk(inner) if hasattr(each, "name") and hasattr(each, "type")))
    return names[0] if len(names) == 1 else words(inner)


def _defines(conditions: Sequence[Condition]) -> dict[str, str]:
    found: dict[str, str] = {}
    for condition in conditions:
        for each in walk(condition):
            if isinstance(each, Defined):
                found.setdefault(each.name, words(each.condition))
    return found

"""The sieve: which rules are true of a procedure and which are unknown, at a cost that hardly grows with the rules.

Every rule has bits in one wide integer: one for its condition, or one for each alternative of it. Each lane takes out
the bits that the procedure's class rules out; what is left after all lanes is true (`certain`), and what is left only
because something was unknown is open. An `or` that several rules share is a gate: its alternatives have bits of their
own, and what closed gates rule out is remembered by which alternatives held.

The size is linear: a part keeps a number for each bit that needs it (or a mask no larger than eight bytes for each),
and each lane remembers at most `lanes.ROOM` bits twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Final

from routing.compile.inputs import Inputs
from routing.compile.lanes import Kills, Lane, Tokens, mask_of
from routing.compile.parts import Gate, Literal, Part, Parts, gates_of
from routing.compile.subject import Subject, Test
from routing.program import Condition, Fixed, Program

_ALTERNATIVES: Final = 4  # of one rule that has an `or` of its own
_MOST_GATES_KEPT: Final = 4096


class Sieve:
    """The rules and guarantees of one program as bits. `rule_bits` and `guard_bits` are the bits of each, in order."""

    def __init__(
        self,
        program: Program,
        conditions: Sequence[Condition],
        test: Callable[[Condition], Test],
        shared: Callable[[Condition], Condition],
    ) -> None:
        self._parts: dict[int, Part] = {}
        self._gates: list[Gate] = []
        self._next = 0
        parts = Parts(Inputs(program), shared)
        literals = [parts.all_of(condition) for condition in conditions]
        for gate in (gate for each in literals for gate in gates_of(each)):
            gate.uses += 1
        expanded = [list(_alternatives(each)) for each in literals]
        for gate in (gate for terms in expanded for term in terms for gate in gates_of(term)):
            self._place(gate)
        self._gate_bits = (1 << self._next) - 1
        self.bits: list[tuple[int, ...]] = [tuple(self._term(term) for term in terms) for terms in expanded]
        self.size = self._next
        self.all = (1 << self.size) - 1
        self._gate_masks = [mask_of(gate.users) for gate in self._gates]
        self._gates_kept: dict[Kills, Kills] = {}
        self._lanes(Tokens(program, test), test)

    def sift(self, subject: Subject) -> tuple[int, int]:
        """Return the bits that are true, and those that are unknown."""
        get = subject.known.get
        out = gone = 0  # not certain; not possible
        for name, kept, lane in self._raw:
            try:
                certain, possible = kept.get(get(name)) or lane.kills(subject)
            except TypeError:  # a list, or garbage
                certain, possible = lane.kills(subject)
            out |= certain
            gone |= possible
        for kept, token_of, lane in self._others:
            token = token_of(subject)
            certain, possible = kept.get(token) or lane.add(token, subject)
            out |= certain
            gone |= possible
        if self._gate_bits:
            key = out & self._gate_bits, gone & self._gate_bits
            found = self._gates_kept.get(key)
            if found is None:
                found = self._behind(key)
            out |= found[0]
            gone |= found[1]
        return self.all ^ out, out ^ gone

    def _behind(self, key: Kills) -> Kills:
        """Return what closed and doubtful gates rule out."""
        out, gone = key
        for gate, mask in zip(self._gates, self._gate_masks, strict=True):
            low, high = gate.bits
            window = (1 << (high - low)) - 1
            if (out >> low) & window != window:
                continue
            out |= mask
            if (gone >> low) & window == window:
                gone |= mask
        if len(self._gates_kept) >= _MOST_GATES_KEPT:
            self._gates_kept.clear()
        self._gates_kept[key] = out, gone
        return out, gone

    def _place(self, gate: Gate) -> None:
        """Give bits to the alternatives of a gate, after those of the gates within it."""
        if gate.bits[1]:
            return
        for inner in (each for term in gate.terms for each in gates_of(term)):
            self._place(inner)
        low = self._next
        for term in gate.terms:
            self._term(term)
        gate.bits = low, self._next
        self._gates.append(gate)

    def _term(self, term: Sequence[Literal]) -> int:
        bit = self._next
        self._next += 1
        for one in term:
            if isinstance(one, Part):
                if isinstance(one.condition, Fixed) and one.condition.holds:
                    continue
                self._parts[id(one)] = one
            one.users.append(bit)
        return bit

    def _lanes(self, tokens: Tokens, test: Callable[[Condition], Test]) -> None:
        grouped: dict[frozenset[str], list[Part]] = {}
        for part in self._parts.values():
            grouped.setdefault(part.inputs, []).append(part)
        self._raw: list[tuple[str, dict[object, Kills], Lane]] = []
        self._others = []
        for inputs, parts in grouped.items():
            token, keeps = tokens.token(inputs, parts)
            lane = Lane(parts, [test(part.condition) for part in parts], token, self.size, keeps=keeps)
            name = tokens.raw(inputs)
            if name is not None:
                self._raw.append((name, lane.kept, lane))
            else:
                self._others.append((lane.kept, token, lane))


def _alternatives(literals: tuple[Literal, ...]) -> Iterator[tuple[Literal, ...]]:
    """Yield the alternatives of a rule: an `or` that stands nowhere else is taken apart, as long as they are few."""
    choices: list[list[tuple[Literal, ...]]] = []
    count = 1
    for one in literals:
        if isinstance(one, Gate) and one.uses == 1 and count * len(one.terms) <= _ALTERNATIVES:
            count *= len(one.terms)
            choices.append(one.terms)
        else:
            choices.append([(one,)])
    for chosen in product(*choices):
        yield tuple(dict.fromkeys(one for part in chosen for one in part))

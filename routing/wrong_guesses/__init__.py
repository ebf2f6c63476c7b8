"""What was meant where a statement stops making sense: the finding for it, and the statement as if it had been right.

Each guess looks at the token where the parser stopped and at what the grammar could go on with. The first that fits
gives one finding and a mended statement, which is parsed again, so that every mistake in it is found, and each only
once. Where none fits, the clause with the mistake is left out and the rest read on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from routing.machine import Failure, Machine
from routing.tokens import Token
from routing.wrong_guesses import conditions, statements, terms, words
from routing.wrong_guesses.faults import faults
from routing.wrong_guesses.generic import generic
from routing.wrong_guesses.place import Place, Repair

__all__ = ["Repair", "faults", "repair"]

_GUESSES: Final[tuple[Callable[[Place], Repair | None], ...]] = (
    statements.no_statement,
    statements.else_,
    words.twice,
    statements.no_rule,
    statements.route_missing,
    terms.zone,
    statements.example_values,
    terms.two_words,
    terms.weekday,
    conditions.cell,
    conditions.but_not,
    conditions.swapped,
    conditions.comparison_missing,
    conditions.subject_missing,
    conditions.list_in_brackets,
    conditions.value_or_value,
    terms.upper_case,
    conditions.between,
    conditions.membership,
    conditions.not_inside,
    statements.another_statement,
    terms.operators,
    statements.when_missing,
    statements.clause_misplaced,
    conditions.mixed,
    terms.number_after_unit,
    terms.units,
    words.phrases,
    terms.number_words,
    terms.reserved_word,
    statements.joint_before_effect,
    statements.comma,
    words.misspelt,
    conditions.parentheses,
    words.comma_missing,
    terms.quotes,
    terms.code_in_quotes,
    terms.name_form,
    statements.too_early,
)


_CERTAIN: Final = frozenset(  # these answer what is plainly meant, however the statement goes on
    {
        statements.no_statement,
        statements.no_rule,
        words.twice,
        statements.else_,
        statements.when_missing,
        statements.clause_misplaced,
        statements.another_statement,
        statements.too_early,
        terms.two_words,
        conditions.cell,
        conditions.but_not,
        conditions.swapped,
        conditions.comparison_missing,
        conditions.subject_missing,
        conditions.list_in_brackets,
        conditions.value_or_value,
        conditions.mixed,
        conditions.between,
        terms.upper_case,
        terms.operators,
        terms.zone,
    }
)
_FAR: Final = 8  # tokens that make sense after a repair before it is believed
_KNOWN: Final = 2  # of a repair that knows the words
_BELIEVED: Final = 3  # of a repair of no kind
_LONG: Final = 500  # tokens of a statement beyond which repairs are not compared


def repair(machine: Machine, tokens: Sequence[Token], failure: Failure) -> Repair:
    """Return the likeliest repair: its finding, and the statement to parse instead.

    That is the first guess that lets the statement go on for a while, else the one that lets it go on furthest.
    """
    place = Place(machine, tokens, failure)
    best, furthest = None, 0
    for guess in _GUESSES:
        found = guess(place)
        if found is None:
            continue
        if guess in _CERTAIN or found.lost or len(tokens) > _LONG:
            return found
        gained = _gained(place, found)
        if gained >= (_KNOWN if guess is words.phrases else _FAR):
            return found
        if gained > furthest:
            best, furthest = found, gained
    equal = 0  # repairs that are as good as the best
    for found in generic(place) if len(tokens) <= _LONG else ():
        gained = _gained(place, found)
        equal += gained == furthest
        if gained > max(furthest, _BELIEVED - 1):
            best, furthest, equal = found, gained, 0
    if best is not None and equal and place.after is None:
        best = None  # at the very end nothing tells them apart
    return best or statements.unknown(place)


def _gained(place: Place, found: Repair) -> int:
    """Return how many more of the statement's tokens make sense after the repair, as far as that matters."""
    left = len(place.tokens) - place.index
    count, stack = place.machine.follow(place.machine.start, found.tokens[: len(found.tokens) - left + _FAR + 1])
    if count == len(found.tokens):
        return _FAR if place.machine.shift(stack, "$END") else min(left, _FAR - 1)
    return min(left - (len(found.tokens) - count), _FAR) - found.touched

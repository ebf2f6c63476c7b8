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
from routing.wrong_guesses.place import Place, Repair

__all__ = ["Repair", "faults", "repair"]

_GUESSES: Final[tuple[Callable[[Place], Repair | None], ...]] = (
    statements.no_statement,
    statements.else_,
    terms.zone,
    statements.example_values,
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
    terms.units,
    words.phrases,
    terms.number_words,
    terms.reserved_word,
    statements.joint_before_effect,
    statements.comma,
    words.misspelt,
    conditions.parentheses,
    terms.quotes,
    terms.code_in_quotes,
    terms.name_form,
    words.missing_word,
    statements.too_early,
)


def repair(machine: Machine, tokens: Sequence[Token], failure: Failure) -> Repair:
    """Return the first guess that fits: its finding, and the statement to parse instead."""
    place = Place(machine, tokens, failure)
    for guess in _GUESSES:
        found = guess(place)
        if found is not None:
            return found
    return statements.unknown(place)

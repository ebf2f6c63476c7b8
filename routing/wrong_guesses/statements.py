"""Guesses about whole statements and how their parts follow one another."""

from __future__ import annotations

from typing import Final

from routing import suggest
from routing.codes import finding
from routing.wrong_guesses.place import Place, Repair, is_clause, over, shown, wanted, without_clause
from routing.wrong_guesses.words import misspelt, phrases

_MOVE_UP: Final = "move it up, before the first effect"
_NO_COMMA: Final = "leave it out: commas part the members of one list and nothing else"


def no_statement(place: Place) -> Repair | None:
    """Answer a first word that begins no statement."""
    token = place.token
    if token is None or place.index:
        return None
    phrase = phrases(place)
    if phrase:
        return phrase
    words = place.machine.statement_words
    near = suggest.closest(token.text, words)
    if not near and len(place.tokens) == 1 and suggest.distance(token.text, "end", 1) == 1:
        near = ("end",)
    if near and (token.first or token.line == 1):
        right = place.words(near, token)
        return place.syntax(0, 1, f"`{token.text}` begins no statement", f"did you mean `{near[0]}`?", right)
    remedy = "a statement begins with a word such as `rule`, `worklist` or `define`"
    found = finding("syntax", token.span, f"`{shown([token])}` begins no statement", remedy)
    return Repair(findings=(found,), lost=True)


def another_statement(place: Place) -> Repair | None:
    """Part off what begins on its own line where the statement may end: a misspelt statement, or none at all."""
    token = place.token
    if token is None or not token.first or "$END" not in place.expected or not place.index:
        return None
    if token.text in place.machine.reserved or token.type in ("COMMA", "LSQB", "RPAR", "LPAR"):
        return None
    if phrases(place) or misspelt(place):
        return None
    return Repair(findings=(), tokens=place.tokens[: place.index], rest=place.tokens[place.index :])


def no_rule(place: Place) -> Repair | None:
    """Answer an effect on a line of its own below something that is no rule."""
    token, here = place.token, place.index
    if token is None or not here or not token.first or token.text not in place.machine.effect_words:
        return None
    if "$END" not in place.expected or place.machine.effect_words & place.expected_words:
        return None
    remedy = "it stands in a rule, after `otherwise` or after `exceptions`"
    found = finding("syntax", token.span, f"this `{token.text}` belongs to no rule", remedy)
    return Repair(findings=(found,), tokens=place.tokens[:here], lost=True)


def route_missing(place: Place) -> Repair | None:
    """Answer `otherwise general` and `exceptions attention`."""
    token = place.token
    if token is None or place.index != 1 or token.type != "NAME" or place.text(0) not in ("otherwise", "exceptions"):
        return None
    instead = [*place.words(("route", "to"), token), token]
    if not place.fits(1, 2, instead):
        return None
    message, remedy = f"`route to` is missing before `{token.text}`", f"write `{place.text(0)} route to {token.text}`"
    return place.syntax(1, 2, message, remedy, instead)


def else_(place: Place) -> Repair | None:
    """Answer `else` and its like: there is none, and the rest of the statement is left out."""
    token = place.token
    if token is None or token.text not in ("else", "elif", "elseif") or not place.index:
        return None
    remedy = "write a further rule, or a group with `otherwise`"
    found = finding("syntax", token.span, f"there is no `{token.text}`", remedy)
    return Repair(findings=(found,), tokens=place.tokens[: place.index], lost=True)


def when_missing(place: Place) -> Repair | None:
    """Answer a rule or group without `when` or `always`, or with its `when` after the effects."""
    here, word, token = place.index, place.text(0), place.token
    if "always" not in place.expected_words or word not in ("rule", "group") or here < 2:  # noqa: PLR2004 - its title
        return None
    if token is None or token.text in place.machine.effect_words or token.text == "unless":
        later = [at for at in range(here, len(place.tokens)) if place.text(at) == "when" and is_clause(place, at)]
        if later and token is not None:
            at = later[0]
            stop = next((n for n in range(at + 1, len(place.tokens)) if is_clause(place, n)), len(place.tokens))
            moved = (*place.tokens[:here], *place.tokens[at:stop], *place.tokens[here:at], *place.tokens[stop:])
            message, remedy = "`when` comes before the effects", _MOVE_UP
            if token.text == "unless":
                message, remedy = "`when` comes before `unless`", "move it up"
            found = finding("syntax", place.tokens[at].span, message, remedy)
            return Repair(findings=(found,), tokens=moved)
        message, remedy = f"this {word} has no `when` or `always`", "say when it applies, or write `always`"
        found = finding("syntax", over(place.tokens[:2]), message, remedy)
        always = place.words(["always"], place.tokens[1])
        return Repair(findings=(found,), tokens=place.mended(here, here, always), incomplete=True)
    if token.type != "NAME" and token.text not in ("not", "possibly", "certainly", "during", "outside", "on", "("):
        return None
    if place.text(here + 1) == "when" or phrases(place) or suggest.closest(token.text, ("when", "always")):
        return None
    message, remedy = f"this {word} has no `when`", f"write `when {token.text} …`"
    found = finding("syntax", token.span, message, remedy)
    return Repair(findings=(found,), tokens=place.mended(here, here, place.words(["when"], token)))


def clause_misplaced(place: Place) -> Repair | None:
    """Answer a `when` or `unless` after the effects, or a second one."""
    token = place.token
    if token is None or token.text not in ("when", "unless") or place.text(place.index - 1) == "except":
        return None
    if place.text(0) not in ("rule", "group") or not place.index:
        return None
    here = place.index
    stop = next((at for at in range(here + 1, len(place.tokens)) if is_clause(place, at)), len(place.tokens))
    clause = place.tokens[here:stop]
    first = next((at for at in range(2, here) if place.text(at) == token.text), None)
    effect = next((at for at in range(2, here) if place.text(at) in place.machine.effect_words), here)
    if first is not None and first < effect:
        message, remedy = f"this {place.text(0)} has a second `{token.text}`", "join the two with `and` or `or`"
        found = finding("syntax", token.span, message, remedy)
        return Repair(findings=(found,), tokens=place.mended(here, stop))
    if effect == here:
        return None
    message = f"`{token.text}` comes before the effects"
    found = finding("syntax", token.span, message, _MOVE_UP)
    moved = (*place.tokens[:effect], *clause, *place.tokens[effect:here], *place.tokens[stop:])
    return Repair(findings=(found,), tokens=moved)


def joint_before_effect(place: Place) -> Repair | None:
    """Answer `and`, `or` or a comma between effects."""
    token = place.token
    if token is None or token.text not in ("and", "or", ",", "then", "also"):
        return None
    here = place.index
    follows = here + 1 < len(place.tokens) and (
        is_clause(place, here + 1) or place.text(here + 1) in place.expected_words
    )
    if not follows:
        return None
    if token.text == ",":
        return place.syntax(here, here + 1, "this comma parts no list", _NO_COMMA)
    return place.syntax(
        here, here + 1, f"`{token.text}` does not join effects", "leave it out: effects follow one another"
    )


def comma(place: Place) -> Repair | None:
    """Answer a comma where no list is."""
    token = place.token
    if token is None or token.type != "COMMA":
        return None
    here = place.index
    if {"and", "or"} & place.expected_words and place.fits(here, here + 1, place.words(["and"], token)):
        right = place.words(["or" if "and" not in place.expected_words else "and"], token)
        return place.syntax(here, here + 1, "a comma does not join conditions", "write `and` or `or`", right)
    found = finding("syntax", token.span, "this comma parts no list", _NO_COMMA)
    if place.fits(here, here + 1, []):
        return Repair(findings=(found,), tokens=place.mended(here, here + 1))
    stop = next((at for at in range(here, len(place.tokens)) if is_clause(place, at)), len(place.tokens))
    return Repair(findings=(found,), tokens=place.mended(here, stop), lost=True)


def example_values(place: Place) -> Repair | None:
    """Answer, in an example, `modality CT, MR` or `modality is CT`."""
    if place.text(0) != "example":
        return None
    here = place.index
    for at in (here, here - 1):
        if place.text(at) in ("is", "=", ":", "are", "includes") and place.fits(at, at + 1, [], further=here - at + 1):
            return place.syntax(at, at + 1, f"`{place.text(at)}` does not stand in an example", "leave it out")
    at = here - 1 if place.before is not None and place.before.type == "COMMA" else here - 2
    if place.text(at) == "," and place.fits(at, at + 1, place.words(["and"], place.tokens[at]), further=here - at):
        joint = place.words(["and"], place.tokens[at])
        message, remedy = "a comma parts the attributes of an example", "join the values of one attribute with `and`"
        return place.syntax(at, at + 1, message, remedy, joint)
    return None


def too_early(place: Place) -> Repair | None:
    """Answer a statement that ends before it is complete."""
    if place.token is not None or place.before is None:
        return None
    word = place.text(0)
    if (
        place.machine.keywords["route"] in place.expected
        and "and" in place.expected_words | {"and"}
        and word in ("rule", "otherwise", "exceptions", "watch")
    ):
        span = over(place.tokens[:2])
        found = finding(
            "syntax", span, f"this {word} gives nothing", "add an effect, such as `route to …` or `priority …`"
        )
    else:
        message = f"this `{word}` breaks off: {wanted(place)} should follow"
        found = finding("syntax", place.before.span, message, "complete it")
    return Repair(findings=(found,), tokens=without_clause(place), lost=True, incomplete=True)


def unknown(place: Place) -> Repair:
    """Say what could stand here, and leave out the clause: no guess fits."""
    token = place.token or place.tokens[-1]
    if place.before and token.first and token.text in place.machine.reserved and "$END" not in place.expected:
        message = f"{wanted(place)} is missing after `{place.before.text}`"
        found = finding("syntax", place.before.span, message, "complete it")
        return Repair(findings=(found,), tokens=without_clause(place), lost=True)
    remedy = f"here could stand {wanted(place)}" if place.expected - {"$END"} else "leave it out"
    found = finding("syntax", token.span, f"`{shown([token])}` does not fit here", remedy)
    return Repair(findings=(found,), tokens=without_clause(place), lost=True)

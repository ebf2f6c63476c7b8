"""What rules mean for the patient, as far as it shows without proof: closures, exceptions, words, holds, dues."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Final

from attrs import frozen

from routing import program, syntax
from routing.check.desk import Desk
from routing.check.exclusive import Facts, exclude_each_other, facts_of
from routing.check.kinds import nominal_days
from routing.check.rules import Made
from routing.check.walking import attributes_of, unknown_leaves, words_in_text
from routing.diagnostics import Related, Span
from routing.program import Effect

_LIST_EFFECTS: Final = (
    program.EscalateTo,
    program.HoldUntil,
    program.OfferTo,
    program.ReadTogether,
    program.SplitTo,
)
_REPORT: Final = "report"
_LOOKED_BACK: Final = 60  # routing rules before one that are asked whether they take its list
_NAMED: Final = 3  # of them that a finding names
_FARTHEST: Final = 200  # lists that an escalation is followed over
_UNITS: Final = {program.Unit(unit.value): unit for unit in syntax.Unit}


def look_at_care(
    rules: Sequence[Made], otherwise: Sequence[Effect], watches: Sequence[program.Watch], desk: Desk
) -> None:
    """Add what is to be said about the rules of a rulebook."""
    default = Dues.of(otherwise)
    always = Dues.of([effect for made in rules for effect in made.rule.effects if _is_always(made)])
    for made in rules:
        _look_at_closure(made, desk)
        _look_at_exceptions(made, desk)
        _look_at_words(made, desk)
        own = Dues.of(made.rule.effects)
        _look_at_hold(made, own, default, always, desk)
        _look_at_preliminary(own, default, always, desk)
        if made.rule.kind == _REPORT:
            _look_at_later(made, own, default, otherwise, desk)
    _look_at_lost_effects(rules, desk)
    _look_at_escalations(rules, watches, desk)


@frozen(kw_only=True)
class Dues:
    """The shortest due and preliminary due that are written as plain lengths of time, in nominal days."""

    report: tuple[float, Effect] | None = None
    preliminary: tuple[float, Effect] | None = None

    @classmethod
    def of(cls, effects: Sequence[Effect]) -> Dues:
        """Return the shortest dues among effects."""
        found: dict[bool, tuple[float, Effect]] = {}
        for effect in effects:
            if not isinstance(effect, program.DueWithin) or effect.start is not None or effect.counting is not None:
                continue
            days = _days(effect.within)
            if days is not None and (effect.preliminary not in found or days < found[effect.preliminary][0]):
                found[effect.preliminary] = (days, effect)
        return cls(report=found.get(False), preliminary=found.get(True))


def _days(length: program.Length) -> float | None:
    if length.unit is None or not isinstance(length.amount, program.Constant):
        return None
    return nominal_days(length.amount.value, _UNITS[length.unit])


def _is_always(made: Made) -> bool:
    return isinstance(made.rule.condition, program.Fixed) and made.rule.condition.holds and made.rule.kind == _REPORT


# --- what is unknown, and words


def _look_at_closure(made: Made, desk: Desk) -> None:
    if not any(isinstance(effect, program.NoReport) for effect in made.rule.effects):
        return
    for exception in made.exceptions:
        for leaf in unknown_leaves(exception, taken_as=True):
            message = f"`{leaf.text}` may be unknown, and the closure does not say what then"
            desk.findings.add(
                "closure-on-unknown", leaf.span, message, f"write `possibly {leaf.text}`: in doubt it is reported"
            )


def _look_at_exceptions(made: Made, desk: Desk) -> None:
    raising = next((effect for effect in made.rule.effects if _raises_care(effect, desk)), None)
    if raising is None:
        return
    for exception in made.exceptions:
        leaves = list(unknown_leaves(exception))
        if not leaves:
            continue
        names = ", ".join(dict.fromkeys(f"`{name}`" for leaf in leaves for name in attributes_of(leaf)))
        related = [Related(span=raising.span, message=f"then this is not given: `{raising.text}`")]
        message = f"when {names} is unknown the exception is unknown too, and the rule does not fire"
        help_ = "write `unless certainly …` to fire in doubt, `unless possibly …` to say that it must not"
        desk.findings.add("unless-may-be-unknown", exception.span, message, help_, related)


def _raises_care(effect: Effect, desk: Desk) -> bool:
    match effect:
        case program.PriorityIs():
            return effect.level != (desk.priorities[-1] if desk.priorities else None)
        case program.ReadBy():
            return effect.count > 1
        case program.AlsoReadBy():
            return not effect.audit
        case program.RaisePriority() | program.EscalateTo() | program.Notify():
            return True
        case program.DueWithin() | program.DueBy() | program.DueByInstant():
            return True
        case _:
            return False


def _look_at_words(made: Made, desk: Desk) -> None:
    lowering = next((one for one in made.rule.effects if isinstance(one, program.NoReport | program.HoldUntil)), None)
    if lowering is None:
        return
    closes = isinstance(lowering, program.NoReport)
    found = [leaf for when in made.whens for leaf in words_in_text(when)]
    found += [leaf for exception in made.exceptions for leaf in words_in_text(exception, negated=True)]
    for leaf in found:
        what = "that no report is needed" if closes else "that the report waits"
        message = f"words in free text decide {what}"
        related = [Related(span=lowering.span, message=f"in the rule `{made.rule.name}`")]
        desk.findings.add(
            "words-lower-care", leaf.span, message, "go by a code: text is written by hand, and for people", related
        )


# --- holds and dues


def _look_at_hold(made: Made, own: Dues, default: Dues, always: Dues, desk: Desk) -> None:
    for effect in made.rule.effects:
        if not isinstance(effect, program.HoldUntil):
            continue
        days = _days(effect.at_most)
        due = _shortest(own.report or default.report, always.report)
        if days is not None and due is not None and days > due[0]:
            message = f"the hold lasts longer than the due: `{due[1].text}`"
            related = [Related(span=due[1].span, message="the due stands here")]
            desk.findings.add(
                "hold-outlasts-due", effect.span, message, "an item that is held must be free before it is due", related
            )


def _look_at_preliminary(own: Dues, default: Dues, always: Dues, desk: Desk) -> None:
    if own.preliminary is None:
        return
    due = _shortest(own.report or default.report, always.report)
    if due is not None and own.preliminary[0] > due[0]:
        effect = own.preliminary[1]
        message = f"the preliminary report is due after the report itself: `{due[1].text}`"
        related = [Related(span=due[1].span, message="the report's due stands here")]
        desk.findings.add("preliminary-after-due", effect.span, message, "make the preliminary due earlier", related)


def _shortest(one: tuple[float, Effect] | None, other: tuple[float, Effect] | None) -> tuple[float, Effect] | None:
    found = [each for each in (one, other) if each is not None]
    return min(found, key=lambda each: each[0]) if found else None


def _look_at_later(made: Made, own: Dues, default: Dues, otherwise: Sequence[Effect], desk: Desk) -> None:
    if own.report and default.report and own.report[0] > default.report[0]:
        effect, given = own.report[1], default.report[1]
        message = f"`{effect.text}` is later than what `otherwise` gives: `{given.text}`"
        help_ = "`otherwise` gives only what no rule gave: make this earlier, or leave it out"
        related = [Related(span=given.span, message="`otherwise` gives this")]
        desk.findings.add("later-than-otherwise", effect.span, message, help_, related)
    lowest = next(
        (one for one in otherwise if isinstance(one, program.PriorityIs) and isinstance(one.level, str)), None
    )
    for effect in made.rule.effects:
        if lowest is None or not isinstance(effect, program.PriorityIs) or not isinstance(effect.level, str):
            continue
        ranks = desk.priorities
        if (
            effect.level in ranks
            and lowest.level in ranks
            and ranks.index(effect.level) > ranks.index(str(lowest.level))
        ):
            message = f"`{effect.text}` is lower than what `otherwise` gives: `{lowest.text}`"
            related = [Related(span=lowest.span, message="`otherwise` gives this")]
            desk.findings.add("later-than-otherwise", effect.span, message, "leave it out, or make it higher", related)


# --- lists


def _look_at_lost_effects(rules: Sequence[Made], desk: Desk) -> None:
    routing = [made for made in rules if any(isinstance(effect, program.RouteTo) for effect in made.rule.effects)]
    facts: dict[int, Facts] = {}
    for number, made in enumerate(routing):
        effect = next((one for one in made.rule.effects if isinstance(one, _LIST_EFFECTS)), None)
        if effect is None:
            continue
        mine = facts.setdefault(number, facts_of(made.rule.condition))
        earlier: list[Made] = []
        for place in range(max(0, number - _LOOKED_BACK), number):
            other = routing[place]
            theirs = facts.setdefault(place, facts_of(other.rule.condition))
            if other.rule.kind == made.rule.kind and not exclude_each_other(theirs, mine):
                earlier.append(other)
            if len(earlier) == _NAMED:
                break
        if earlier:
            related = [Related(span=one.rule.span, message="this rule may take the list first") for one in earlier]
            message = f"`{effect.text}` is lost when an earlier rule takes the list"
            help_ = "to give it on any list, put it into a second rule with the same `when` and no `route to`"
            desk.findings.add("effect-may-be-lost", effect.span, message, help_, related)


def _look_at_escalations(rules: Sequence[Made], watches: Sequence[program.Watch], desk: Desk) -> None:
    ways: dict[str, list[tuple[str, Span]]] = {}
    for start, end, span in _ways(rules, watches):
        path = _path(ways, end, start)
        if path is not None:
            related = [Related(span=step, message="and this leads on") for step in path]
            lists = "its own list" if start == end else f"`{start}`"
            message = f"the escalation from `{start}` to `{end}` leads back to {lists}"
            desk.findings.add("escalation-cycle", span, message, "let it end with somebody who must act", related)
        if all(end != there for there, _ in ways.get(start, ())):
            ways.setdefault(start, []).append((end, span))


def _ways(rules: Sequence[Made], watches: Sequence[program.Watch]) -> Iterator[tuple[str, str, Span]]:
    for made in rules:
        lists = [
            effect.to
            for effect in made.rule.effects
            if isinstance(effect, program.RouteTo) and isinstance(effect.to, str)
        ]
        for effect in made.rule.effects:
            if lists and isinstance(effect, program.EscalateTo) and effect.worklist is not None:
                yield lists[0], effect.worklist, effect.span
    for watch in watches:
        for effect in watch.effects:
            to = effect.worklist if isinstance(effect, program.EscalateTo | program.MoveTo) else None
            if watch.worklist is not None and to is not None:
                yield watch.worklist, to, effect.span


def _path(ways: dict[str, list[tuple[str, Span]]], start: str, end: str) -> list[Span] | None:
    """Return the steps from one list to another, none where they are the same; None when nothing leads there."""
    came: dict[str, tuple[str, Span] | None] = {start: None}
    waiting = deque([start])
    while waiting and len(came) < _FARTHEST:
        here = waiting.popleft()
        if here == end:
            break
        for there, span in ways.get(here, ()):
            if there not in came:
                came[there] = (here, span)
                waiting.append(there)
    if end not in came:
        return None
    steps = []
    step = came[end]
    while step is not None:
        steps.append(step[1])
        step = came[step[0]]
    return steps[::-1]

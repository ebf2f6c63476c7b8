"""What a rulebook needs beside its rules: lists for the rest and for what goes wrong, readers; what it never uses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from routing import program, syntax
from routing.check.desk import Desk
from routing.check.names import Declared, Space
from routing.diagnostics import Span

_NOTED: Final = {
    Space.WORKLIST: "the worklist",
    Space.TABLE: "the table",
    Space.CALENDAR: "the calendar",
    Space.TIMES: "the times",
    Space.SKILL: "the skill",
    Space.CHANNEL: "the channel",
}
_DEFAULTS: Final = (syntax.RouteTo, syntax.SetPriority, syntax.DueWithin | syntax.DueByTime)


def look_at_otherwise(node: syntax.Otherwise | None, rulebook: syntax.Rulebook, desk: Desk) -> None:
    """Add a finding where `otherwise` is missing, or does not give a list, a priority and a due for every procedure."""
    if desk.names.has_lost("otherwise"):
        return
    if node is None:
        message = "there is no `otherwise`: what no rule routes would be on no list"
        help_ = "end the file with `otherwise route to WORKLIST priority routine due within 10 working days`"
        place = _end_of(rulebook)
        if (forgotten := _forgotten(rulebook)) is not None:
            rule, place = forgotten
            help_ = "write `otherwise` above this line"
            desk.findings.drop("repeated-effect", rule.span)
        desk.findings.add("no-otherwise", place, message, help_)
        return
    missing = []
    if not any(
        isinstance(effect, syntax.RouteTo) and isinstance(effect.worklist, syntax.Name) for effect in node.effects
    ):
        missing.append("`route to WORKLIST`")
    priorities = set(desk.priorities)
    named = (effect.value for effect in node.effects if isinstance(effect, syntax.SetPriority) and effect.table is None)
    if not any(
        isinstance(value, syntax.Name) and (value.text in priorities or value.text not in desk.known) for value in named
    ):
        missing.append("`priority NAME`")
    if not any(_is_sure_due(effect, desk) for effect in node.effects):
        missing.append("`due within …`")
    if missing:
        message = f"`otherwise` lacks {' and '.join(missing)}"
        help_ = "it gives a list, a priority and a due by themselves, not by what may be unknown"
        desk.findings.add("otherwise-incomplete", _first_word(node.span, "otherwise"), message, help_)


def _forgotten(rulebook: syntax.Rulebook) -> tuple[syntax.Rule, Span] | None:
    """Return the last rule and its last route, where the word `otherwise` is all that is missing before that."""
    last = rulebook.statements[-1] if rulebook.statements else None
    if not isinstance(last, syntax.Rule):
        return None
    routes = [number for number, effect in enumerate(last.effects) if isinstance(effect, syntax.RouteTo)]
    if not routes:
        return None
    own, rest = last.effects[: routes[-1]], last.effects[routes[-1] :]
    given_twice = any(
        any(isinstance(one, kind) for one in own) and any(isinstance(one, kind) for one in rest) for kind in _DEFAULTS
    )
    return (last, rest[0].span) if given_twice else None


def _is_sure_due(effect: syntax.Effect, desk: Desk) -> bool:
    if isinstance(effect, syntax.DueByTime):
        return not effect.preliminary
    if not isinstance(effect, syntax.DueWithin) or effect.preliminary:
        return False
    amount = effect.within.amount
    misspelt = isinstance(amount, syntax.Name) and amount.text not in desk.known  # that has its own finding
    return (isinstance(amount, syntax.Number) or misspelt) and not isinstance(effect.start, syntax.Name | syntax.Cell)


def look_at_exceptions(node: syntax.Exceptions | None, rulebook: syntax.Rulebook, desk: Desk) -> None:
    """Add a finding where no list is named for what goes wrong."""
    if node is None:
        if not desk.names.has_lost("exceptions"):
            worklists = list(rulebook.each(syntax.Worklist))
            place = worklists[-1].name.span if worklists else _end_of(rulebook)
            message = "there is no `exceptions`: what goes wrong would be on no list"
            desk.findings.add("no-exceptions-list", place, message, "write `exceptions route to WORKLIST`")
        return
    if not any(
        isinstance(effect, syntax.RouteTo) and isinstance(effect.worklist, syntax.Name) for effect in node.effects
    ):
        message = "`exceptions` names no list"
        desk.findings.add(
            "no-exceptions-list", _first_word(node.span, "exceptions"), message, "write `exceptions route to WORKLIST`"
        )


def look_at_readers(worklists: Iterable[syntax.Worklist], desk: Desk) -> None:
    """Add a finding for each worklist that nobody is said to read."""
    for node in worklists:
        if node.readers is None:
            message = f"nobody is said to read the worklist `{node.name}`"
            help_ = "write `for everyone`, or `for readers with SKILL`"
            desk.findings.add("worklist-without-readers", node.name.span, message, help_)


def look_at_views(views: Sequence[syntax.View], desk: Desk) -> None:
    """Add a note for each worklist that no view shows, where there are views."""
    shown = {name.text for view in views for name in view.worklists}
    for name in desk.names.all(Space.WORKLIST) if views else ():
        if name not in shown and desk.names.is_used(Space.WORKLIST, name):
            span = desk.names.span_of(Space.WORKLIST, name)
            desk.findings.add(
                "list-in-no-view", span, f"no view shows the worklist `{name}`", "add it to the `shows` of a view"
            )


def look_at_priority_requested(rulebook: syntax.Rulebook, desk: Desk) -> None:
    """Add a note where no rule looks at how urgent a procedure was asked to be."""
    if desk.priority_requested_seen or not any(True for _ in rulebook.each(syntax.Rule)):
        return
    place = next((one.span for one in rulebook.each(syntax.Priorities)), rulebook.statements[0].span)
    message = "no rule looks at the priority that was requested"
    help_ = 'add `rule "As requested" always priority priority_requested`'
    desk.findings.add("priority-requested-unused", place, message, help_)


def look_at_unused(desk: Desk) -> None:
    """Add a note for each name that is declared and never used."""
    for one in desk.names.unused():
        word = _NOTED.get(one.space) or (_condition_word(one, desk) if one.space is Space.CONDITION else None)
        if word is not None:
            are = "are" if one.space is Space.TIMES else "is"
            desk.findings.add("unused-name", one.span, f"{word} `{one.name}` {are} never used")


def _condition_word(one: Declared, desk: Desk) -> str:
    if one.name in desk.defines:
        return "the define"
    return "the fact" if desk.known[one.name].origin is program.Origin.FACT else "the attribute"


def _end_of(rulebook: syntax.Rulebook) -> Span:
    """Return the last character of the last statement: what is missing would stand after it."""
    last = rulebook.statements[-1].span if rulebook.statements else rulebook.span
    if not rulebook.statements:
        return Span(file=last.file, line=1, column=1, end_line=1, end_column=2)
    column = max(last.end_column - 1, 1)
    return Span(file=last.file, line=last.end_line, column=column, end_line=last.end_line, end_column=column + 1)


def _first_word(span: Span, word: str) -> Span:
    end = span.column + len(word)
    return Span(file=span.file, line=span.line, column=span.column, end_line=span.line, end_column=end)

"""From what the grammar recognises to the syntax tree: one function for each rule of `grammar/rules.lark`, of its name.

The parser calls them from the inside out with everything that was matched, keywords included, so that each node knows
the span from its first to its last word.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

from routing import syntax
from routing.attributes import Type
from routing.diagnostics import Span
from routing.tokens import Token


class Part:
    """Something between a token and a node: a value and its span; `word` says what it is where that matters."""

    __slots__ = ("span", "value", "word")

    def __init__(self, value: Any, span: Span, word: str = "") -> None:
        self.value, self.span, self.word = value, span, word


Child: TypeAlias = Any  # a Token, a Part or a node
Children: TypeAlias = Sequence[Child]

_LONGEST_DAY: Final = 3  # letters of `Mon`; longer names mean the same


def _span(children: Children) -> Span:
    first, last = children[0], children[-1]
    if len(children) == 1:
        return first.span  # type: ignore[no-any-return]
    if type(first) is Token:
        file, line, column = first.file, first.line, first.column
    else:
        file, line, column = first.span.file, first.span.line, first.span.column
    if type(last) is Token:
        end_line, end_column = last.line, last.end_column
    else:
        end_line, end_column = last.span.end_line, last.span.end_column
    return Span(file=file, line=line, column=column, end_line=end_line, end_column=end_column)


def _name(token: Token) -> syntax.Name:
    return syntax.Name(text=token.text, span=token.span)


def _text(token: Token) -> syntax.Text:
    return syntax.Text(text=token.text[1:-1].replace('""', '"'), span=token.span)


def _number(token: Token) -> syntax.Number:
    value = float(token.text) if "." in token.text else int(token.text[:300])  # longer ones cannot be converted
    return syntax.Number(value=value, written=token.text, span=token.span)


def _date(token: Token) -> syntax.Date:
    return syntax.Date(value=dt.date.fromisoformat(token.text), span=token.span)


def _instant(token: Token) -> syntax.Instant:
    return syntax.Instant(value=dt.datetime.fromisoformat(token.text), span=token.span)


def _time(token: Token) -> syntax.TimeOfDay:
    return syntax.TimeOfDay(minutes=int(token.text[:2]) * 60 + int(token.text[3:]), span=token.span)


def _weekday(token: Token) -> syntax.Weekday:
    return syntax.Weekday(token.text[:_LONGEST_DAY])


_LEAVES: Final[dict[str, Callable[[Token], Any]]] = {
    "NAME": _name,
    "COLUMN": _name,
    "ZONE": _name,
    "STRING": _text,
    "CODE": lambda token: syntax.Code(text=token.text, span=token.span),
    "NUMBER": _number,
    "DATE": _date,
    "INSTANT": _instant,
    "TIME": _time,
    "PATTERN": lambda token: syntax.Pattern(text=token.text[1:-1], span=token.span),
}


def _leaf(child: Child) -> Any:
    """Return a node for a token that stands for itself; nodes and parts are as they are."""
    if type(child) is not Token:
        return child
    make = _LEAVES.get(child.type)
    return make(child) if make else child


def _words(children: Children) -> list[str]:
    """Return the keywords among the children."""
    return [child.text for child in children if type(child) is Token and child.type not in _LEAVES]


def _all(children: Children, *types: str) -> tuple[Any, ...]:
    return tuple(_leaf(child) for child in children if type(child) is Token and child.type in types)


def _names(children: Children) -> tuple[syntax.Name, ...]:
    return tuple(_name(child) for child in children if type(child) is Token and child.type == "NAME")


def _first(children: Children, *types: str) -> Any:
    """Return the first token of one of the types as a leaf, or None."""
    return next((_leaf(child) for child in children if type(child) is Token and child.type in types), None)


def _of(children: Children, kind: Any) -> Any:
    """Return the first child that is a node of the kind, or None."""
    return next((child for child in children if isinstance(child, kind)), None)


def _part(children: Children, word: str) -> Any:
    """Return the value of the part with this word, or None."""
    return next((child.value for child in children if type(child) is Part and child.word == word), None)


class Builder:
    """The functions that the parser calls; one instance serves all files."""

    # ---- declarations

    def rulebook(self, children: Children) -> syntax.RulebookName:
        return syntax.RulebookName(name=_text(children[1]), span=_span(children))

    def language(self, children: Children) -> syntax.Language:
        return syntax.Language(version=_number(children[1]), span=_span(children))

    def timezone(self, children: Children) -> syntax.Timezone:
        zone = syntax.Name(text=children[1].text, span=children[1].span)
        return syntax.Timezone(zone=zone, when=_part(children, "when"), span=_span(children))

    def clock(self, children: Children) -> syntax.ClockFrom:
        return syntax.ClockFrom(attributes=_names(children), span=_span(children))

    def priorities(self, children: Children) -> syntax.Priorities:
        return syntax.Priorities(names=children[1].value, span=_span(children))

    def include(self, children: Children) -> syntax.Include:
        return syntax.Include(path=_text(children[1]), when=_part(children, "when"), span=_span(children))

    def table(self, children: Children) -> syntax.Table:
        name, path, keys = _name(children[1]), _text(children[3]), children[5].value
        return syntax.Table(name=name, path=path, keys=keys, span=_span(children))

    def calendar(self, children: Children) -> syntax.Calendar:
        return syntax.Calendar(name=_name(children[1]), source=_leaf(children[-1]), span=_span(children))

    def workdays(self, children: Children) -> syntax.Workdays:
        return syntax.Workdays(
            days=tuple(child for child in children if isinstance(child, syntax.DayRange)),
            excepted=_part(children, "names") or (),
            when=_part(children, "when"),
            span=_span(children),
        )

    def times(self, children: Children) -> syntax.Times:
        hours: list[syntax.Hours] = []
        for child in children[3:]:
            if isinstance(child, syntax.Hours):
                hours.append(child)
            elif type(child) is Part and child.word == "continued":
                last = hours[-1]
                hours[-1] = syntax.Hours(
                    days=last.days,
                    start=last.start,
                    end=last.end,
                    excepted=(*last.excepted, child.value),
                    span=_span([last, child]),
                )
        name, when = _name(children[1]), _part(children, "when")
        return syntax.Times(name=name, hours=tuple(hours), when=when, span=_span(children))

    def hours(self, children: Children) -> syntax.Hours:
        without = _part(children, "except")
        return syntax.Hours(
            days=_leaf(children[0]),
            start=_time(children[1]),
            end=_time(children[3]),
            excepted=(without,) if without else (),
            span=_span(children),
        )

    def except_calendar(self, children: Children) -> Part:
        return Part(_name(children[1]), _span(children), "except")

    def continued(self, children: Children) -> Part:
        return Part(_name(children[0]), _span(children), "continued")

    def day_range(self, children: Children) -> syntax.DayRange:
        return syntax.DayRange(first=_weekday(children[0]), last=_weekday(children[-1]), span=_span(children))

    def nth_weekday(self, children: Children) -> syntax.NthWeekday:
        nth, weekday = syntax.Nth(children[0].text), _weekday(children[1])
        return syntax.NthWeekday(nth=nth, weekday=weekday, span=_span(children))

    def values(self, children: Children) -> syntax.Values:
        attribute, span = _name(children[1]), _span(children)
        if children[2].text == "from":
            return syntax.Values(attribute=attribute, source=_text(children[3]), span=span)
        return syntax.Values(attribute=attribute, values=_members(children[3:]), span=span)

    def skills(self, children: Children) -> syntax.Skills:
        return syntax.Skills(names=children[1].value, span=_span(children))

    def channels(self, children: Children) -> syntax.Channels:
        return syntax.Channels(names=children[1].value, span=_span(children))

    def attribute(self, children: Children) -> syntax.AttributeDeclaration:
        return syntax.AttributeDeclaration(
            name=_name(children[1]),
            type=children[3].value,
            sources=tuple(child for child in children[5:] if type(child) is not Token),
            span=_span(children),
        )

    def from_hl7(self, children: Children) -> syntax.FromHl7:
        return syntax.FromHl7(path=_text(children[1]), span=_span(children))

    def from_dicom(self, children: Children) -> syntax.FromDicom:
        return syntax.FromDicom(path=_text(children[1]), span=_span(children))

    def sum(self, children: Children) -> Any:
        terms = tuple(_leaf(child) for child in children if not (type(child) is Token and child.text == "plus"))
        alone = len(terms) == 1 and isinstance(terms[0], syntax.Name | syntax.Cell)
        return terms[0] if alone else syntax.Sum(terms=terms, span=_span(children))

    def fact(self, children: Children) -> syntax.Fact:
        return syntax.Fact(name=_name(children[1]), type=children[3].value, span=_span(children))

    def type(self, children: Children) -> Part:
        return Part(Type(children[0].text), _span(children), "type")

    def define(self, children: Children) -> syntax.Define:
        return syntax.Define(name=_name(children[1]), condition=children[3], span=_span(children))

    def worklist(self, children: Children) -> syntax.Worklist:
        return syntax.Worklist(
            name=_name(children[1]),
            title=_first(children, "STRING"),
            readers=_of(children, syntax.Everyone | syntax.ReadersWith),
            span=_span(children),
        )

    def readers(self, children: Children) -> syntax.Readers:
        if type(children[1]) is Token and children[1].text == "everyone":
            return syntax.Everyone(span=_span(children))
        names, any_of = children[-1].value
        return syntax.ReadersWith(skills=names, any_of=any_of, span=_span(children))

    def all_skills(self, children: Children) -> Part:
        return Part((_names(children), False), _span(children), "skills")

    def any_skills(self, children: Children) -> Part:
        return Part((_names(children), True), _span(children), "skills")

    def exceptions(self, children: Children) -> syntax.Exceptions:
        return syntax.Exceptions(effects=children[1].value, span=_span(children))

    # ---- rules and what stands beside them

    def rule(self, children: Children) -> syntax.Rule:
        when, unless = _part(children, "head")
        return syntax.Rule(
            name=_text(children[1]),
            kind=_part(children, "kind") or syntax.Kind.REPORT,
            when=when,
            unless=unless,
            effects=children[-1].value,
            span=_span(children),
        )

    def kind(self, children: Children) -> Part:
        return Part(syntax.Kind(children[0].text), _span(children), "kind")

    def head(self, children: Children) -> Part:
        return Part((_part(children, "when"), _part(children, "unless")), _span(children), "head")

    def when(self, children: Children) -> Part:
        return Part(children[1], _span(children), "when")

    def unless(self, children: Children) -> Part:
        return Part(children[1], _span(children), "unless")

    def until(self, children: Children) -> Part:
        return Part(children[1], _span(children), "until")

    def group(self, children: Children) -> syntax.Group:
        when, unless = _part(children, "head")
        return syntax.Group(name=_text(children[1]), when=when, unless=unless, members=(), span=_span(children))

    def end(self, children: Children) -> Part:
        return Part(None, _span(children), "end")

    def otherwise(self, children: Children) -> syntax.Otherwise:
        return syntax.Otherwise(effects=children[1].value, span=_span(children))

    def guarantee(self, children: Children) -> syntax.Guarantee:
        return syntax.Guarantee(
            name=_text(children[1]), promise=children[2], when=_part(children, "when"), span=_span(children)
        )

    def never_route(self, children: Children) -> syntax.NeverRoute:
        return syntax.NeverRoute(worklists=children[3].value, span=_span(children))

    def always_route(self, children: Children) -> syntax.AlwaysRoute:
        return syntax.AlwaysRoute(worklists=children[3].value, span=_span(children))

    def priority_at_least(self, children: Children) -> syntax.PriorityAtLeast:
        return syntax.PriorityAtLeast(priority=_name(children[3]), span=_span(children))

    def read_by_at_least(self, children: Children) -> syntax.ReadByAtLeast:
        return syntax.ReadByAtLeast(count=_number(children[4]), span=_span(children))

    def never_close(self, children: Children) -> syntax.NeverClose:
        return syntax.NeverClose(span=_span(children))

    def never_hold(self, children: Children) -> syntax.NeverHold:
        return syntax.NeverHold(span=_span(children))

    def watch(self, children: Children) -> syntax.Watch:
        at, working_days = _part(children, "at") or (None, False)
        each, worklist = _part(children, "each") or (False, None)
        return syntax.Watch(
            name=_text(children[1]),
            at=at,
            working_days=working_days,
            each_item=each,
            worklist=worklist,
            when=_part(children, "when"),
            until=_part(children, "until"),
            effects=children[-1].value,
            span=_span(children),
        )

    def at_time(self, children: Children) -> Part:
        return Part((_time(children[1]), len(children) > 2), _span(children), "at")  # noqa: PLR2004 - more than `at TIME`

    def each_item(self, children: Children) -> Part:
        return Part((True, _first(children, "NAME")), _span(children), "each")

    def view(self, children: Children) -> syntax.View:
        return syntax.View(
            name=_text(children[1]),
            readers=children[2],
            worklists=children[4].value,
            when=_part(children, "when"),
            sorted_by=_part(children, "sorted") or (),
            span=_span(children),
        )

    def sorted_by(self, children: Children) -> Part:
        keys = tuple(_name(child) for child in children[2:] if child.text != ",")
        return Part(keys, _span(children), "sorted")

    def example(self, children: Children) -> syntax.Example:
        given = tuple(child for child in children if isinstance(child, syntax.Given))
        expect = tuple(child for child in children if type(child) is not Token and isinstance(child, _EXPECTATIONS))
        return syntax.Example(
            name=_text(children[1]), sample=_part(children, "sample"), given=given, expect=expect, span=_span(children)
        )

    def sample(self, children: Children) -> Part:
        return Part(_text(children[1]), _span(children), "sample")

    def given(self, children: Children) -> syntax.Given:
        values = tuple(_leaf(child) for child in children[1:] if not (type(child) is Token and child.text == "and"))
        return syntax.Given(name=_name(children[0]), values=values, span=_span(children))

    def unknown_value(self, children: Children) -> syntax.Unknown:
        return syntax.Unknown(span=_span(children))

    def expect_route(self, children: Children) -> syntax.ExpectRoute:
        rule = _first(children, "STRING")
        other = len(children) > 1 and rule is None
        return syntax.ExpectRoute(route=children[0], rule=rule, by_otherwise=other, span=_span(children))

    def priority_name(self, children: Children) -> syntax.SetPriority:
        return syntax.SetPriority(value=_name(children[1]), span=_span(children))

    def notify_now(self, children: Children) -> syntax.Notify:
        return syntax.Notify(channels=children[1].value, span=_span(children))

    def expect_undecided(self, children: Children) -> syntax.ExpectUndecided:
        return syntax.ExpectUndecided(
            attributes=_part(children, "names") or (), negated=children[0].text == "not", span=_span(children)
        )

    def expect_closed(self, children: Children) -> syntax.ExpectClosed:
        return syntax.ExpectClosed(negated=children[0].text == "not", span=_span(children))

    def expect_reads(self, children: Children) -> syntax.ExpectReads:
        return syntax.ExpectReads(count=_number(children[2]), span=_span(children))

    def examples_from(self, children: Children) -> syntax.ExamplesFrom:
        return syntax.ExamplesFrom(path=_text(children[2]), span=_span(children))

    # ---- effects

    def effects(self, children: Children) -> Part:
        return Part(tuple(children), _span(children), "effects")

    def route(self, children: Children) -> syntax.RouteTo:
        return syntax.RouteTo(worklist=_leaf(children[2]), span=_span(children))

    def priority(self, children: Children) -> syntax.SetPriority:
        table = _name(children[3]) if len(children) > 2 else None  # noqa: PLR2004 - more than `priority P`
        return syntax.SetPriority(value=_leaf(children[1]), table=table, span=_span(children))

    def raise_priority(self, children: Children) -> syntax.RaisePriority:
        return syntax.RaisePriority(span=_span(children))

    def due_within(self, children: Children) -> syntax.DueWithin:
        return syntax.DueWithin(
            preliminary=children[0].text == "preliminary",
            within=_of(children, syntax.Length),
            counting=_part(children, "counting"),
            start=_part(children, "from"),
            span=_span(children),
        )

    def counting(self, children: Children) -> Part:
        return Part(_name(children[1]), _span(children), "counting")

    def counted_from(self, children: Children) -> Part:
        return Part(_leaf(children[1]), _span(children), "from")

    def due_by_time(self, children: Children) -> syntax.DueByTime:
        return syntax.DueByTime(
            preliminary=children[0].text == "preliminary",
            time=_first(children, "TIME"),
            day=_part(children, "next"),
            span=_span(children),
        )

    def next_day(self, children: Children) -> Part:
        if children[0].type == "WEEKDAY":
            short = children[0].text[:_LONGEST_DAY]
            day = next(day for day in syntax.NextDay if day.value.startswith(short))
        else:
            day = syntax.NextDay(" ".join(_words(children)))
        return Part(day, _span(children), "next")

    def due_by_instant(self, children: Children) -> syntax.DueByInstant:
        at = 3 if children[0].text == "preliminary" else 2
        return syntax.DueByInstant(
            preliminary=children[0].text == "preliminary",
            instant=_leaf(children[at]),
            minus=_of(children, syntax.Length),
            span=_span(children),
        )

    def tag(self, children: Children) -> syntax.Tag:
        return syntax.Tag(tags=children[1].value, span=_span(children))

    def notify(self, children: Children) -> syntax.Notify | syntax.Escalate:
        stage = _part(children, "stage")
        if stage is None:
            return syntax.Notify(channels=children[1].value, span=_span(children))
        after, overdue, claimed = stage
        return syntax.Escalate(
            channel=_name(children[1]), after=after, overdue=overdue, until_claimed=claimed, span=_span(children)
        )

    def also_read(self, children: Children) -> syntax.AlsoRead:
        return syntax.AlsoRead(worklist=_leaf(children[3]), within=_of(children, syntax.Length), span=_span(children))

    def audit(self, children: Children) -> syntax.Audit:
        return syntax.Audit(worklist=_leaf(children[2]), within=children[4], span=_span(children))

    def read_by(self, children: Children) -> syntax.ReadBy:
        return syntax.ReadBy(
            count=_number(children[2]),
            blind="blind" in _words(children),
            disagreement_to=_part(children, "disagreement"),
            agreements=tuple(child for child in children if isinstance(child, syntax.Agreement)),
            span=_span(children),
        )

    def disagreement(self, children: Children) -> Part:
        return Part(_name(children[2]), _span(children), "disagreement")

    def agreement(self, children: Children) -> syntax.Agreement:
        return syntax.Agreement(code=_leaf(children[2]), worklist=_name(children[4]), span=_span(children))

    def only_readers(self, children: Children) -> syntax.OnlyReaders:
        names, any_of = children[3].value
        return syntax.OnlyReaders(skills=names, any_of=any_of, span=_span(children))

    def exclude_readers(self, children: Children) -> syntax.ExcludeReaders:
        return syntax.ExcludeReaders(attributes=children[3].value, span=_span(children))

    def show_identity(self, children: Children) -> syntax.ShowIdentity:
        names, any_of = children[6].value
        return syntax.ShowIdentity(skills=names, any_of=any_of, span=_span(children))

    def escalate(self, children: Children) -> syntax.Escalate:
        after, overdue, claimed = _part(children, "stage") or (None, False, False)
        return syntax.Escalate(
            worklist=_name(children[2]), after=after, overdue=overdue, until_claimed=claimed, span=_span(children)
        )

    def stage(self, children: Children) -> Part:
        words = _words(children)
        after = _of(children, syntax.Length)
        if "percent" in words:
            after = syntax.Percent(amount=_number(children[1]), span=_span(children[1:3]))
        return Part((after, "overdue" in words, "claimed" in words), _span(children), "stage")

    def hold(self, children: Children) -> syntax.Hold:
        return syntax.Hold(at_most=_of(children, syntax.Length), until=children[-1].value, span=_span(children))

    def offer_previous(self, children: Children) -> syntax.OfferPrevious:
        return syntax.OfferPrevious(within=children[5], lasting=children[7], span=_span(children))

    def offer_least_loaded(self, children: Children) -> syntax.OfferLeastLoaded:
        return syntax.OfferLeastLoaded(skill=_first(children, "NAME"), lasting=children[-1], span=_span(children))

    def offer_named(self, children: Children) -> syntax.OfferNamed:
        return syntax.OfferNamed(attribute=_name(children[4]), lasting=children[6], span=_span(children))

    def read_together(self, children: Children) -> syntax.ReadTogether:
        return syntax.ReadTogether(attributes=_names(children), within=children[-1], span=_span(children))

    def split(self, children: Children) -> syntax.Split:
        return syntax.Split(worklists=children[2].value, after=children[4], span=_span(children))

    def no_report(self, children: Children) -> syntax.NoReport:
        reason, policy, until = _text(children[4]), _text(children[7]), _date(children[9])
        return syntax.NoReport(reason=reason, policy=policy, until=until, span=_span(children))

    def move_to(self, children: Children) -> syntax.MoveTo:
        return syntax.MoveTo(worklist=_name(children[2]), span=_span(children))

    def decide_again(self, children: Children) -> syntax.DecideAgain:
        return syntax.DecideAgain(without=_first(children, "STRING"), span=_span(children))

    # ---- conditions

    def and_(self, children: Children) -> syntax.And:
        return syntax.And(parts=tuple(children[::2]), span=_span(children))

    def or_(self, children: Children) -> syntax.Or:
        return syntax.Or(parts=tuple(children[::2]), span=_span(children))

    def not_(self, children: Children) -> syntax.Not:
        return syntax.Not(condition=children[1], span=_span(children))

    def possibly(self, children: Children) -> syntax.Possibly:
        return syntax.Possibly(condition=children[1], span=_span(children))

    def certainly(self, children: Children) -> syntax.Certainly:
        return syntax.Certainly(condition=children[1], span=_span(children))

    def parenthesis(self, children: Children) -> syntax.Condition:
        return children[1]  # type: ignore[no-any-return]

    def named(self, children: Children) -> syntax.Named:
        return syntax.Named(name=_name(children[0]), span=_span(children))

    def subject(self, children: Children) -> Any:
        if len(children) == 1:
            return _leaf(children[0])
        kind = syntax.ItemsOn if children[0].text == "items" else syntax.OldestOn
        return kind(worklist=_name(children[2]), span=_span(children))

    def is_(self, children: Children) -> syntax.Is:
        return syntax.Is(subject=children[0], values=(_leaf(children[2]),), span=_span(children))

    def is_not(self, children: Children) -> syntax.Is:
        return syntax.Is(subject=children[0], values=(_leaf(children[3]),), negated=True, span=_span(children))

    def is_one_of(self, children: Children) -> syntax.Is:
        return syntax.Is(subject=children[0], values=children[4].value, span=_span(children))

    def is_none_of(self, children: Children) -> syntax.Is:
        return syntax.Is(subject=children[0], values=children[4].value, negated=True, span=_span(children))

    def is_known(self, children: Children) -> syntax.IsKnown:
        return syntax.IsKnown(subject=children[0], span=_span(children))

    def is_unknown(self, children: Children) -> syntax.IsKnown:
        return syntax.IsKnown(subject=children[0], negated=True, span=_span(children))

    def is_listed(self, children: Children) -> syntax.Listed:
        return syntax.Listed(subject=children[0], table=_name(children[4]), span=_span(children))

    def is_not_listed(self, children: Children) -> syntax.Listed:
        return syntax.Listed(subject=children[0], table=_name(children[5]), negated=True, span=_span(children))

    def includes(self, children: Children) -> syntax.Includes:
        return _includes(syntax.Quantity.ANY, children)

    includes_any = includes

    def includes_all(self, children: Children) -> syntax.Includes:
        return _includes(syntax.Quantity.ALL, children)

    def includes_none(self, children: Children) -> syntax.Includes:
        return _includes(syntax.Quantity.NONE, children)

    def includes_only(self, children: Children) -> syntax.Includes:
        return _includes(syntax.Quantity.ONLY, children)

    def under(self, children: Children) -> syntax.Compare:
        return _compare(syntax.Order.UNDER, children)

    def over(self, children: Children) -> syntax.Compare:
        return _compare(syntax.Order.OVER, children)

    def at_least(self, children: Children) -> syntax.Compare:
        return _compare(syntax.Order.AT_LEAST, children)

    def at_most(self, children: Children) -> syntax.Compare:
        return _compare(syntax.Order.AT_MOST, children)

    def in_range(self, children: Children) -> syntax.InRange:
        low, high = _leaf(children[2]), _leaf(children[5])
        if isinstance(low, syntax.Number) and isinstance(high, syntax.Length):
            low = syntax.Length(amount=low, unit=high.unit, span=low.span)  # `from 16 to under 18 years`
        return syntax.InRange(subject=children[0], low=low, high=high, span=_span(children))

    def before(self, children: Children) -> syntax.Moment:
        return _moment(syntax.Side.BEFORE, children)

    def after(self, children: Children) -> syntax.Moment:
        return _moment(syntax.Side.AFTER, children)

    def within(self, children: Children) -> syntax.Within:
        side = None if children[3].text == "of" else syntax.Side(children[3].text)
        return syntax.Within(
            subject=children[0], length=children[2], side=side, other=_leaf(children[4]), span=_span(children)
        )

    def mentions(self, children: Children) -> syntax.Mentions:
        return _mentions(children, all_of=False)

    def mentions_all(self, children: Children) -> syntax.Mentions:
        return _mentions(children, all_of=True)

    def mention_tail(self, children: Children) -> Part:
        if children[0].text == "not":
            return Part(True, _span(children), "negated")  # noqa: FBT003 - it is there
        return Part(children[1].value, _span(children), "except")

    def strings(self, children: Children) -> Part:
        return Part(_all(children, "STRING"), _span(children), "strings")

    def prefixes(self, children: Children) -> Part:
        texts = tuple(
            _text(child) if child.type == "STRING" else syntax.Text(text=child.text, span=child.span)
            for child in children[::2]
        )
        return Part(texts, _span(children), "prefixes")

    def starts_with(self, children: Children) -> syntax.StartsWith:
        lists = [child.value for child in children if type(child) is Part]
        excepted = lists[1] if len(lists) > 1 else ()
        return syntax.StartsWith(subject=children[0], prefixes=lists[0], excepted=excepted, span=_span(children))

    def matches(self, children: Children) -> syntax.Matches:
        return syntax.Matches(subject=children[0], pattern=_leaf(children[2]), span=_span(children))

    def during(self, children: Children) -> syntax.During:
        return _during(children, outside=False)

    def outside(self, children: Children) -> syntax.During:
        return _during(children, outside=True)

    def on_calendar(self, children: Children) -> syntax.OnCalendar:
        subject = None if len(children) == 2 else _leaf(children[0])  # noqa: PLR2004 - `on CALENDAR`
        return syntax.OnCalendar(subject=subject, calendar=_name(children[-1]), span=_span(children))

    def in_sample(self, children: Children) -> syntax.InSample:
        return syntax.InSample(percent=_number(children[3]), span=_span(children))

    # ---- values

    def value_list(self, children: Children) -> Part:
        return Part(_members(children), _span(children), "values")

    def word(self, children: Children) -> syntax.Name:
        return _name(children[0])

    def yes_no(self, children: Children) -> syntax.YesNo:
        return syntax.YesNo(value=children[0].text == "yes", span=_span(children))

    def clock_value(self, children: Children) -> syntax.Clock:
        return syntax.Clock(span=_span(children))

    def length(self, children: Children) -> syntax.Length:
        return syntax.Length(amount=_leaf(children[0]), unit=children[1].value, span=_span(children))

    def unit_of_time(self, children: Children) -> Part:
        plural = " ".join(child.text for child in children)
        unit = syntax.Unit(plural if plural.endswith("s") else plural + "s")
        return Part(unit, _span(children), "unit")

    def cell(self, children: Children) -> syntax.Cell:
        table, keys, column = _name(children[0]), _members(children[2:-3]), _name(children[-1])
        return syntax.Cell(table=table, keys=keys, column=column, span=_span(children))

    def names(self, children: Children) -> Part:
        return Part(_names(children), _span(children), "names")


_EXPECTATIONS: Final = (
    syntax.ExpectRoute,
    syntax.SetPriority,
    syntax.DueWithin,
    syntax.DueByTime,
    syntax.DueByInstant,
    syntax.AlsoRead,
    syntax.Tag,
    syntax.Notify,
    syntax.ExpectUndecided,
    syntax.ExpectClosed,
    syntax.ExpectReads,
)


def _members(children: Children) -> tuple[Any, ...]:
    return tuple(_leaf(child) for child in children[::2])


def _includes(quantity: syntax.Quantity, children: Children) -> syntax.Includes:
    return syntax.Includes(subject=children[0], quantity=quantity, values=children[-1].value, span=_span(children))


def _compare(order: syntax.Order, children: Children) -> syntax.Compare:
    return syntax.Compare(subject=children[0], order=order, value=_leaf(children[-1]), span=_span(children))


def _moment(side: syntax.Side, children: Children) -> syntax.Moment:
    return syntax.Moment(subject=children[0], side=side, value=_leaf(children[2]), span=_span(children))


def _during(children: Children, *, outside: bool) -> syntax.During:
    subject = None if len(children) == 2 else children[0]  # noqa: PLR2004 - `during TIMES`
    return syntax.During(subject=subject, times=_name(children[-1]), outside=outside, span=_span(children))


def _mentions(children: Children, *, all_of: bool) -> syntax.Mentions:
    tails = [child for child in children if type(child) is Part and child.word in ("except", "negated")]
    return syntax.Mentions(
        subject=children[0],
        phrases=_part(children, "strings"),
        all_of=all_of,
        excepted=tuple(phrase for tail in tails if tail.word == "except" for phrase in tail.value),
        not_negated=any(tail.word == "negated" for tail in tails),
        span=_span(children),
    )

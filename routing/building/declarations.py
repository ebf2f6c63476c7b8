"""The nodes of declarations."""
# ruff: noqa: D102 - each function is named after its rule of the grammar and returns the node for it

from __future__ import annotations

from typing import Any

from routing import syntax
from routing.attributes import Type
from routing.building import parts
from routing.building.parts import Children, Part
from routing.tokens import Token


class Declarations:
    """One function for each rule of the grammar about declarations."""

    def rulebook(self, children: Children) -> syntax.RulebookName:
        return syntax.RulebookName(name=parts.text(children[1]), span=parts.span_of(children))

    def language(self, children: Children) -> syntax.Language:
        return syntax.Language(version=parts.number(children[1]), span=parts.span_of(children))

    def timezone(self, children: Children) -> syntax.Timezone:
        zone = syntax.Name(text=children[1].text, span=children[1].span)
        return syntax.Timezone(zone=zone, when=parts.part(children, "when"), span=parts.span_of(children))

    def clock(self, children: Children) -> syntax.ClockFrom:
        return syntax.ClockFrom(attributes=parts.names(children), span=parts.span_of(children))

    def priorities(self, children: Children) -> syntax.Priorities:
        return syntax.Priorities(names=children[1].value, span=parts.span_of(children))

    def include(self, children: Children) -> syntax.Include:
        return syntax.Include(
            path=parts.text(children[1]), when=parts.part(children, "when"), span=parts.span_of(children)
        )

    def table(self, children: Children) -> syntax.Table:
        name, path, keys = parts.name(children[1]), parts.text(children[3]), children[5].value
        return syntax.Table(name=name, path=path, keys=keys, span=parts.span_of(children))

    def calendar(self, children: Children) -> syntax.Calendar:
        return syntax.Calendar(
            name=parts.name(children[1]), source=parts.leaf(children[-1]), span=parts.span_of(children)
        )

    def workdays(self, children: Children) -> syntax.Workdays:
        return syntax.Workdays(
            days=tuple(child for child in children if isinstance(child, syntax.DayRange)),
            excepted=parts.part(children, "names") or (),
            when=parts.part(children, "when"),
            span=parts.span_of(children),
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
                    span=parts.span_of([last, child]),
                )
        name, when = parts.name(children[1]), parts.part(children, "when")
        return syntax.Times(name=name, hours=tuple(hours), when=when, span=parts.span_of(children))

    def hours(self, children: Children) -> syntax.Hours:
        without = parts.part(children, "except")
        return syntax.Hours(
            days=parts.leaf(children[0]),
            start=parts.time_of_day(children[1]),
            end=parts.time_of_day(children[3]),
            excepted=(without,) if without else (),
            span=parts.span_of(children),
        )

    def except_calendar(self, children: Children) -> Part:
        return Part(parts.name(children[1]), parts.span_of(children), "except")

    def continued(self, children: Children) -> Part:
        return Part(parts.name(children[0]), parts.span_of(children), "continued")

    def day_range(self, children: Children) -> syntax.DayRange:
        return syntax.DayRange(
            first=parts.weekday(children[0]), last=parts.weekday(children[-1]), span=parts.span_of(children)
        )

    def nth_weekday(self, children: Children) -> syntax.NthWeekday:
        nth, weekday = syntax.Nth(children[0].text), parts.weekday(children[1])
        return syntax.NthWeekday(nth=nth, weekday=weekday, span=parts.span_of(children))

    def values(self, children: Children) -> syntax.Values:
        attribute, span = parts.name(children[1]), parts.span_of(children)
        if children[2].text == "from":
            return syntax.Values(attribute=attribute, source=parts.text(children[3]), span=span)
        return syntax.Values(attribute=attribute, values=parts.members(children[3:]), span=span)

    def skills(self, children: Children) -> syntax.Skills:
        return syntax.Skills(names=children[1].value, span=parts.span_of(children))

    def channels(self, children: Children) -> syntax.Channels:
        return syntax.Channels(names=children[1].value, span=parts.span_of(children))

    def attribute(self, children: Children) -> syntax.AttributeDeclaration:
        return syntax.AttributeDeclaration(
            name=parts.name(children[1]),
            type=children[3].value,
            sources=tuple(child for child in children[5:] if type(child) is not Token),
            span=parts.span_of(children),
        )

    def from_hl7(self, children: Children) -> syntax.FromHl7:
        return syntax.FromHl7(path=parts.text(children[1]), span=parts.span_of(children))

    def from_dicom(self, children: Children) -> syntax.FromDicom:
        return syntax.FromDicom(path=parts.text(children[1]), span=parts.span_of(children))

    def sum(self, children: Children) -> Any:
        terms = tuple(parts.leaf(child) for child in children if not (type(child) is Token and child.text == "plus"))
        alone = len(terms) == 1 and isinstance(terms[0], syntax.Name | syntax.Cell)
        return terms[0] if alone else syntax.Sum(terms=terms, span=parts.span_of(children))

    def fact(self, children: Children) -> syntax.Fact:
        return syntax.Fact(name=parts.name(children[1]), type=children[3].value, span=parts.span_of(children))

    def type(self, children: Children) -> Part:
        return Part(Type(children[0].text), parts.span_of(children), "type")

    def define(self, children: Children) -> syntax.Define:
        return syntax.Define(name=parts.name(children[1]), condition=children[3], span=parts.span_of(children))

    def worklist(self, children: Children) -> syntax.Worklist:
        return syntax.Worklist(
            name=parts.name(children[1]),
            title=parts.first(children, "STRING"),
            readers=parts.of_kind(children, syntax.Everyone | syntax.ReadersWith),
            span=parts.span_of(children),
        )

    def readers(self, children: Children) -> syntax.Readers:
        if type(children[1]) is Token and children[1].text == "everyone":
            return syntax.Everyone(span=parts.span_of(children))
        names, any_of = children[-1].value
        return syntax.ReadersWith(skills=names, any_of=any_of, span=parts.span_of(children))

    def all_skills(self, children: Children) -> Part:
        return Part((parts.names(children), False), parts.span_of(children), "skills")

    def any_skills(self, children: Children) -> Part:
        return Part((parts.names(children), True), parts.span_of(children), "skills")

    def exceptions(self, children: Children) -> syntax.Exceptions:
        return syntax.Exceptions(effects=children[1].value, span=parts.span_of(children))

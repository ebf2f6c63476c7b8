"""The nodes of conditions and of the values in them."""
# ruff: noqa: D102 - each function is named after its rule of the grammar and returns the node for it

from __future__ import annotations

from typing import Any

from routing import syntax
from routing.building import parts
from routing.building.parts import Children, Part


class Conditions:
    """One function for each rule of the grammar about conditions and values."""

    def and_(self, children: Children) -> syntax.And:
        return syntax.And(parts=tuple(children[::2]), span=parts.span_of(children))

    def or_(self, children: Children) -> syntax.Or:
        return syntax.Or(parts=tuple(children[::2]), span=parts.span_of(children))

    def not_(self, children: Children) -> syntax.Not:
        return syntax.Not(condition=children[1], span=parts.span_of(children))

    def possibly(self, children: Children) -> syntax.Possibly:
        return syntax.Possibly(condition=children[1], span=parts.span_of(children))

    def certainly(self, children: Children) -> syntax.Certainly:
        return syntax.Certainly(condition=children[1], span=parts.span_of(children))

    def parenthesis(self, children: Children) -> syntax.Condition:
        return children[1]  # type: ignore[no-any-return]

    def named(self, children: Children) -> syntax.Named:
        return syntax.Named(name=parts.name(children[0]), span=parts.span_of(children))

    def subject(self, children: Children) -> Any:
        if len(children) == 1:
            return parts.leaf(children[0])
        kind = syntax.ItemsOn if children[0].text == "items" else syntax.OldestOn
        return kind(worklist=parts.name(children[2]), span=parts.span_of(children))

    def is_(self, children: Children) -> syntax.Is:
        return syntax.Is(subject=children[0], values=(parts.leaf(children[2]),), span=parts.span_of(children))

    def is_not(self, children: Children) -> syntax.Is:
        return syntax.Is(
            subject=children[0], values=(parts.leaf(children[3]),), negated=True, span=parts.span_of(children)
        )

    def is_one_of(self, children: Children) -> syntax.Is:
        return syntax.Is(subject=children[0], values=children[4].value, span=parts.span_of(children))

    def is_none_of(self, children: Children) -> syntax.Is:
        return syntax.Is(subject=children[0], values=children[4].value, negated=True, span=parts.span_of(children))

    def is_known(self, children: Children) -> syntax.IsKnown:
        return syntax.IsKnown(subject=children[0], span=parts.span_of(children))

    def is_unknown(self, children: Children) -> syntax.IsKnown:
        return syntax.IsKnown(subject=children[0], negated=True, span=parts.span_of(children))

    def is_listed(self, children: Children) -> syntax.Listed:
        return syntax.Listed(subject=children[0], table=parts.name(children[4]), span=parts.span_of(children))

    def is_not_listed(self, children: Children) -> syntax.Listed:
        return syntax.Listed(
            subject=children[0], table=parts.name(children[5]), negated=True, span=parts.span_of(children)
        )

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
        low, high = parts.leaf(children[2]), parts.leaf(children[5])
        if isinstance(low, syntax.Number) and isinstance(high, syntax.Length):
            low = syntax.Length(amount=low, unit=high.unit, span=low.span)  # `from 16 to under 18 years`
        return syntax.InRange(subject=children[0], low=low, high=high, span=parts.span_of(children))

    def before(self, children: Children) -> syntax.Moment:
        return _moment(syntax.Side.BEFORE, children)

    def after(self, children: Children) -> syntax.Moment:
        return _moment(syntax.Side.AFTER, children)

    def within(self, children: Children) -> syntax.Within:
        side = None if children[3].text == "of" else syntax.Side(children[3].text)
        return syntax.Within(
            subject=children[0],
            length=children[2],
            side=side,
            other=parts.leaf(children[4]),
            span=parts.span_of(children),
        )

    def mentions(self, children: Children) -> syntax.Mentions:
        return _mentions(children, all_of=False)

    def mentions_all(self, children: Children) -> syntax.Mentions:
        return _mentions(children, all_of=True)

    def mention_tail(self, children: Children) -> Part:
        if children[0].text == "not":
            return Part(True, parts.span_of(children), "negated")  # noqa: FBT003 - it is there
        return Part(children[1].value, parts.span_of(children), "except")

    def strings(self, children: Children) -> Part:
        return Part(parts.all_of_type(children, "STRING"), parts.span_of(children), "strings")

    def prefixes(self, children: Children) -> Part:
        texts = tuple(
            parts.text(child) if child.type == "STRING" else syntax.Text(text=child.text, span=child.span)
            for child in children[::2]
        )
        return Part(texts, parts.span_of(children), "prefixes")

    def spelt(self, children: Children) -> syntax.Spelt:
        first, *more = [at for at, child in enumerate(children) if type(child) is Part]
        return syntax.Spelt(
            subject=children[0],
            operator=" ".join(word.text for word in children[1:first]),
            texts=children[first].value,
            excepted=children[more[0]].value if more else (),
            span=parts.span_of(children),
        )

    def matches(self, children: Children) -> syntax.Matches:
        return syntax.Matches(subject=children[0], pattern=parts.leaf(children[2]), span=parts.span_of(children))

    def during(self, children: Children) -> syntax.During:
        return _during(children, outside=False)

    def outside(self, children: Children) -> syntax.During:
        return _during(children, outside=True)

    def on_calendar(self, children: Children) -> syntax.OnCalendar:
        subject = None if len(children) == 2 else parts.leaf(children[0])  # noqa: PLR2004 - `on CALENDAR`
        return syntax.OnCalendar(subject=subject, calendar=parts.name(children[-1]), span=parts.span_of(children))

    def in_sample(self, children: Children) -> syntax.InSample:
        return syntax.InSample(percent=parts.number(children[3]), span=parts.span_of(children))

    def value_list(self, children: Children) -> Part:
        return Part(parts.members(children), parts.span_of(children), "values")

    def word(self, children: Children) -> syntax.Name:
        return parts.name(children[0])

    def yes_no(self, children: Children) -> syntax.YesNo:
        return syntax.YesNo(value=children[0].text == "yes", span=parts.span_of(children))

    def clock_value(self, children: Children) -> syntax.Clock:
        return syntax.Clock(span=parts.span_of(children))

    def length(self, children: Children) -> syntax.Length:
        return syntax.Length(amount=parts.leaf(children[0]), unit=children[1].value, span=parts.span_of(children))

    def unit_of_time(self, children: Children) -> Part:
        plural = " ".join(child.text for child in children)
        unit = syntax.Unit(plural if plural.endswith("s") else plural + "s")
        return Part(unit, parts.span_of(children), "unit")

    def cell(self, children: Children) -> syntax.Cell:
        table, keys, column = parts.name(children[0]), parts.members(children[2:-3]), parts.name(children[-1])
        return syntax.Cell(table=table, keys=keys, column=column, span=parts.span_of(children))

    def names(self, children: Children) -> Part:
        return Part(parts.names(children), parts.span_of(children), "names")


def _includes(quantity: syntax.Quantity, children: Children) -> syntax.Includes:
    return syntax.Includes(
        subject=children[0], quantity=quantity, values=children[-1].value, span=parts.span_of(children)
    )


def _compare(order: syntax.Order, children: Children) -> syntax.Compare:
    return syntax.Compare(
        subject=children[0], order=order, value=parts.leaf(children[-1]), span=parts.span_of(children)
    )


def _moment(side: syntax.Side, children: Children) -> syntax.Moment:
    return syntax.Moment(subject=children[0], side=side, value=parts.leaf(children[2]), span=parts.span_of(children))


def _during(children: Children, *, outside: bool) -> syntax.During:
    subject = None if len(children) == 2 else children[0]  # noqa: PLR2004 - `during TIMES`
    return syntax.During(subject=subject, times=parts.name(children[-1]), outside=outside, span=parts.span_of(children))


def _mentions(children: Children, *, all_of: bool) -> syntax.Mentions:
    tails = [child for child in children if type(child) is Part and child.word in ("except", "negated")]
    return syntax.Mentions(
        subject=children[0],
        phrases=parts.part(children, "strings"),
        all_of=all_of,
        excepted=tuple(phrase for tail in tails if tail.word == "except" for phrase in tail.value),
        not_negated=any(tail.word == "negated" for tail in tails),
        span=parts.span_of(children),
    )

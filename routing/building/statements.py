"""The nodes of rules, groups, guarantees, watches, views and examples."""
# ruff: noqa: D102 - each function is named after its rule of the grammar and returns the node for it

from __future__ import annotations

from typing import Final

from routing import syntax
from routing.building import parts
from routing.building.parts import Children, Part
from routing.tokens import Token

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


class Statements:
    """One function for each rule of the grammar about rules and what stands beside them."""

    def rule(self, children: Children) -> syntax.Rule:
        when, unless = parts.part(children, "head")
        return syntax.Rule(
            name=parts.text(children[1]),
            kind=parts.part(children, "kind") or syntax.Kind.REPORT,
            when=when,
            unless=unless,
            effects=children[-1].value,
            span=parts.span_of(children),
        )

    def kind(self, children: Children) -> Part:
        return Part(syntax.Kind(children[0].text), parts.span_of(children), "kind")

    def head(self, children: Children) -> Part:
        return Part((parts.part(children, "when"), parts.part(children, "unless")), parts.span_of(children), "head")

    def when(self, children: Children) -> Part:
        return Part(children[1], parts.span_of(children), "when")

    def unless(self, children: Children) -> Part:
        return Part(children[1], parts.span_of(children), "unless")

    def until(self, children: Children) -> Part:
        return Part(children[1], parts.span_of(children), "until")

    def group(self, children: Children) -> syntax.Group:
        when, unless = parts.part(children, "head")
        return syntax.Group(
            name=parts.text(children[1]), when=when, unless=unless, members=(), span=parts.span_of(children)
        )

    def end(self, children: Children) -> Part:
        return Part(None, parts.span_of(children), "end")

    def otherwise(self, children: Children) -> syntax.Otherwise:
        return syntax.Otherwise(effects=children[1].value, span=parts.span_of(children))

    def guarantee(self, children: Children) -> syntax.Guarantee:
        return syntax.Guarantee(
            name=parts.text(children[1]),
            promise=children[2],
            when=parts.part(children, "when"),
            span=parts.span_of(children),
        )

    def never_route(self, children: Children) -> syntax.NeverRoute:
        return syntax.NeverRoute(worklists=children[3].value, span=parts.span_of(children))

    def always_route(self, children: Children) -> syntax.AlwaysRoute:
        return syntax.AlwaysRoute(worklists=children[3].value, span=parts.span_of(children))

    def priority_at_least(self, children: Children) -> syntax.PriorityAtLeast:
        return syntax.PriorityAtLeast(priority=parts.name(children[3]), span=parts.span_of(children))

    def read_by_at_least(self, children: Children) -> syntax.ReadByAtLeast:
        return syntax.ReadByAtLeast(count=parts.number(children[4]), span=parts.span_of(children))

    def never_close(self, children: Children) -> syntax.NeverClose:
        return syntax.NeverClose(span=parts.span_of(children))

    def never_hold(self, children: Children) -> syntax.NeverHold:
        return syntax.NeverHold(span=parts.span_of(children))

    def watch(self, children: Children) -> syntax.Watch:
        at, working_days = parts.part(children, "at") or (None, False)
        each, worklist = parts.part(children, "each") or (False, None)
        return syntax.Watch(
            name=parts.text(children[1]),
            at=at,
            working_days=working_days,
            each_item=each,
            worklist=worklist,
            when=parts.part(children, "when"),
            until=parts.part(children, "until"),
            effects=children[-1].value,
            span=parts.span_of(children),
        )

    def at_time(self, children: Children) -> Part:
        return Part((parts.time_of_day(children[1]), len(children) > 2), parts.span_of(children), "at")  # noqa: PLR2004 - more than `at TIME`

    def each_item(self, children: Children) -> Part:
        return Part((True, parts.first(children, "NAME")), parts.span_of(children), "each")

    def view(self, children: Children) -> syntax.View:
        return syntax.View(
            name=parts.text(children[1]),
            readers=children[2],
            worklists=children[4].value,
            when=parts.part(children, "when"),
            sorted_by=parts.part(children, "sorted") or (),
            span=parts.span_of(children),
        )

    def sorted_by(self, children: Children) -> Part:
        keys = tuple(parts.name(child) for child in children[2:] if child.text != ",")
        return Part(keys, parts.span_of(children), "sorted")

    def example(self, children: Children) -> syntax.Example:
        given = tuple(child for child in children if isinstance(child, syntax.Given))
        expect = tuple(child for child in children if type(child) is not Token and isinstance(child, _EXPECTATIONS))
        return syntax.Example(
            name=parts.text(children[1]),
            sample=parts.part(children, "sample"),
            given=given,
            expect=expect,
            span=parts.span_of(children),
        )

    def sample(self, children: Children) -> Part:
        return Part(parts.text(children[1]), parts.span_of(children), "sample")

    def given(self, children: Children) -> syntax.Given:
        values = tuple(
            parts.leaf(child) for child in children[1:] if not (type(child) is Token and child.text == "and")
        )
        return syntax.Given(name=parts.name(children[0]), values=values, span=parts.span_of(children))

    def unknown_value(self, children: Children) -> syntax.Unknown:
        return syntax.Unknown(span=parts.span_of(children))

    def expect_route(self, children: Children) -> syntax.ExpectRoute:
        rule = parts.first(children, "STRING")
        other = len(children) > 1 and rule is None
        return syntax.ExpectRoute(route=children[0], rule=rule, by_otherwise=other, span=parts.span_of(children))

    def priority_name(self, children: Children) -> syntax.SetPriority:
        return syntax.SetPriority(value=parts.name(children[1]), span=parts.span_of(children))

    def notify_now(self, children: Children) -> syntax.Notify:
        return syntax.Notify(channels=children[1].value, span=parts.span_of(children))

    def expect_undecided(self, children: Children) -> syntax.ExpectUndecided:
        return syntax.ExpectUndecided(
            attributes=parts.part(children, "names") or (),
            negated=children[0].text == "not",
            span=parts.span_of(children),
        )

    def expect_closed(self, children: Children) -> syntax.ExpectClosed:
        return syntax.ExpectClosed(negated=children[0].text == "not", span=parts.span_of(children))

    def expect_reads(self, children: Children) -> syntax.ExpectReads:
        return syntax.ExpectReads(count=parts.number(children[2]), span=parts.span_of(children))

    def examples_from(self, children: Children) -> syntax.ExamplesFrom:
        return syntax.ExamplesFrom(path=parts.text(children[2]), span=parts.span_of(children))

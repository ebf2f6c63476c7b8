"""The nodes of effects."""
# ruff: noqa: D102 - each function is named after its rule of the grammar and returns the node for it

from __future__ import annotations

from routing import syntax
from routing.building import parts
from routing.building.parts import Children, Part


class Effects:
    """One function for each rule of the grammar about effects."""

    def effects(self, children: Children) -> Part:
        return Part(tuple(children), parts.span_of(children), "effects")

    def route(self, children: Children) -> syntax.RouteTo:
        return syntax.RouteTo(worklist=parts.leaf(children[2]), span=parts.span_of(children))

    def priority(self, children: Children) -> syntax.SetPriority:
        table = parts.name(children[3]) if len(children) > 2 else None  # noqa: PLR2004 - more than `priority P`
        return syntax.SetPriority(value=parts.leaf(children[1]), table=table, span=parts.span_of(children))

    def raise_priority(self, children: Children) -> syntax.RaisePriority:
        return syntax.RaisePriority(span=parts.span_of(children))

    def due_within(self, children: Children) -> syntax.DueWithin:
        return syntax.DueWithin(
            preliminary=children[0].text == "preliminary",
            within=parts.of_kind(children, syntax.Length),
            counting=parts.part(children, "counting"),
            start=parts.part(children, "from"),
            span=parts.span_of(children),
        )

    def counting(self, children: Children) -> Part:
        return Part(parts.name(children[1]), parts.span_of(children), "counting")

    def counted_from(self, children: Children) -> Part:
        return Part(parts.leaf(children[1]), parts.span_of(children), "from")

    def due_by_time(self, children: Children) -> syntax.DueByTime:
        return syntax.DueByTime(
            preliminary=children[0].text == "preliminary",
            time=parts.first(children, "TIME"),
            day=parts.part(children, "next"),
            span=parts.span_of(children),
        )

    def next_day(self, children: Children) -> Part:
        if children[0].type == "WEEKDAY":
            short = children[0].text[: parts.SHORT_DAY]
            day = next(day for day in syntax.NextDay if day.value.startswith(short))
        else:
            day = syntax.NextDay(" ".join(parts.keywords(children)))
        return Part(day, parts.span_of(children), "next")

    def due_by_instant(self, children: Children) -> syntax.DueByInstant:
        at = 3 if children[0].text == "preliminary" else 2
        return syntax.DueByInstant(
            preliminary=children[0].text == "preliminary",
            instant=parts.leaf(children[at]),
            minus=parts.of_kind(children, syntax.Length),
            span=parts.span_of(children),
        )

    def tag(self, children: Children) -> syntax.Tag:
        return syntax.Tag(tags=children[1].value, span=parts.span_of(children))

    def notify(self, children: Children) -> syntax.Notify | syntax.Escalate:
        stage = parts.part(children, "stage")
        if stage is None:
            return syntax.Notify(channels=children[1].value, span=parts.span_of(children))
        after, overdue, claimed = stage
        return syntax.Escalate(
            channel=parts.name(children[1]),
            after=after,
            overdue=overdue,
            until_claimed=claimed,
            span=parts.span_of(children),
        )

    def also_read(self, children: Children) -> syntax.AlsoRead:
        return syntax.AlsoRead(
            worklist=parts.leaf(children[3]),
            within=parts.of_kind(children, syntax.Length),
            span=parts.span_of(children),
        )

    def audit(self, children: Children) -> syntax.Audit:
        return syntax.Audit(worklist=parts.leaf(children[2]), within=children[4], span=parts.span_of(children))

    def read_by(self, children: Children) -> syntax.ReadBy:
        return syntax.ReadBy(
            count=parts.number(children[2]),
            blind="blind" in parts.keywords(children),
            disagreement_to=parts.part(children, "disagreement"),
            agreements=tuple(child for child in children if isinstance(child, syntax.Agreement)),
            span=parts.span_of(children),
        )

    def disagreement(self, children: Children) -> Part:
        return Part(parts.name(children[2]), parts.span_of(children), "disagreement")

    def agreement(self, children: Children) -> syntax.Agreement:
        return syntax.Agreement(
            code=parts.leaf(children[2]), worklist=parts.name(children[4]), span=parts.span_of(children)
        )

    def only_readers(self, children: Children) -> syntax.OnlyReaders:
        names, any_of = children[3].value
        return syntax.OnlyReaders(skills=names, any_of=any_of, span=parts.span_of(children))

    def exclude_readers(self, children: Children) -> syntax.ExcludeReaders:
        return syntax.ExcludeReaders(attributes=children[3].value, span=parts.span_of(children))

    def show_identity(self, children: Children) -> syntax.ShowIdentity:
        names, any_of = children[6].value
        return syntax.ShowIdentity(skills=names, any_of=any_of, span=parts.span_of(children))

    def escalate(self, children: Children) -> syntax.Escalate:
        after, overdue, claimed = parts.part(children, "stage") or (None, False, False)
        return syntax.Escalate(
            worklist=parts.name(children[2]),
            after=after,
            overdue=overdue,
            until_claimed=claimed,
            span=parts.span_of(children),
        )

    def stage(self, children: Children) -> Part:
        words = parts.keywords(children)
        after = parts.of_kind(children, syntax.Length)
        if "percent" in words:
            after = syntax.Percent(amount=parts.number(children[1]), span=parts.span_of(children[1:3]))
        return Part((after, "overdue" in words, "claimed" in words), parts.span_of(children), "stage")

    def hold(self, children: Children) -> syntax.Hold:
        return syntax.Hold(
            at_most=parts.of_kind(children, syntax.Length), until=children[-1].value, span=parts.span_of(children)
        )

    def offer_previous(self, children: Children) -> syntax.OfferPrevious:
        return syntax.OfferPrevious(within=children[5], lasting=children[7], span=parts.span_of(children))

    def offer_least_loaded(self, children: Children) -> syntax.OfferLeastLoaded:
        return syntax.OfferLeastLoaded(
            skill=parts.first(children, "NAME"), lasting=children[-1], span=parts.span_of(children)
        )

    def offer_named(self, children: Children) -> syntax.OfferNamed:
        return syntax.OfferNamed(attribute=parts.name(children[4]), lasting=children[6], span=parts.span_of(children))

    def read_together(self, children: Children) -> syntax.ReadTogether:
        return syntax.ReadTogether(attributes=parts.names(children), within=children[-1], span=parts.span_of(children))

    def split(self, children: Children) -> syntax.Split:
        return syntax.Split(worklists=children[2].value, after=children[4], span=parts.span_of(children))

    def no_report(self, children: Children) -> syntax.NoReport:
        reason, policy, until = parts.text(children[4]), parts.text(children[7]), parts.date(children[9])
        return syntax.NoReport(reason=reason, policy=policy, until=until, span=parts.span_of(children))

    def move_to(self, children: Children) -> syntax.MoveTo:
        return syntax.MoveTo(worklist=parts.name(children[2]), span=parts.span_of(children))

    def decide_again(self, children: Children) -> syntax.DecideAgain:
        return syntax.DecideAgain(without=parts.first(children, "STRING"), span=parts.span_of(children))

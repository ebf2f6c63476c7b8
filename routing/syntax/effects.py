"""The effects of the language: what a rule, `otherwise`, `exceptions` or a watch gives.

`str(effect)` is its text on one line; parsing that gives an equal effect.
"""

from __future__ import annotations

from enum import Enum
from typing import TypeAlias

from attrs import frozen

from routing.syntax.conditions import Condition
from routing.syntax.terms import (
    Cell,
    Clock,
    Code,
    Date,
    Instant,
    Length,
    Name,
    Node,
    Number,
    Percent,
    Text,
    TimeOfDay,
    listed,
)

Place: TypeAlias = Name | Cell
Start: TypeAlias = Name | Cell | Clock | Instant | Date


@frozen(kw_only=True)
class RouteTo(Node):
    """`route to W`, `route to TABLE[…].column`: the first match wins."""

    worklist: Place

    def __str__(self) -> str:
        return f"route to {self.worklist}"


@frozen(kw_only=True)
class SetPriority(Node):
    """`priority P`, `priority ATTRIBUTE`, `priority ATTRIBUTE from TABLE`: the highest counts."""

    value: Place
    table: Name | None = None

    def __str__(self) -> str:
        return f"priority {self.value}" + (f" from {self.table}" if self.table else "")


@frozen(kw_only=True)
class RaisePriority(Node):
    """`raise priority`: one step, once, after the highest."""

    def __str__(self) -> str:
        return "raise priority"


@frozen(kw_only=True)
class DueWithin(Node):
    """`[preliminary] due within D [counting TIMES] [from INSTANT]`: the earliest counts."""

    preliminary: bool = False
    within: Length
    counting: Name | None = None
    start: Start | None = None

    def __str__(self) -> str:
        counting = f" counting {self.counting}" if self.counting else ""
        start = f" from {self.start}" if self.start else ""
        return f"{'preliminary ' if self.preliminary else ''}due within {self.within}{counting}{start}"


class NextDay(Enum):
    """Which day a `due by` time is of; the value is how it is written after `next`."""

    DAY = "day"
    WORKING_DAY = "working day"
    MONDAY = "Monday"
    TUESDAY = "Tuesday"
    WEDNESDAY = "Wednesday"
    THURSDAY = "Thursday"
    FRIDAY = "Friday"
    SATURDAY = "Saturday"
    SUNDAY = "Sunday"


@frozen(kw_only=True)
class DueByTime(Node):
    """`due by 12:00 [next Monday, next day, next working day]`; without a day, the next time the clock shows it."""

    preliminary: bool = False
    time: TimeOfDay
    day: NextDay | None = None

    def __str__(self) -> str:
        day = f" next {self.day.value}" if self.day else ""
        return f"{'preliminary ' if self.preliminary else ''}due by {self.time}{day}"


@frozen(kw_only=True)
class DueByInstant(Node):
    """`due by INSTANT [minus D]`."""

    preliminary: bool = False
    instant: Start
    minus: Length | None = None

    def __str__(self) -> str:
        minus = f" minus {self.minus}" if self.minus else ""
        return f"{'preliminary ' if self.preliminary else ''}due by {self.instant}{minus}"


@frozen(kw_only=True)
class Tag(Node):
    """`tag T, T`."""

    tags: tuple[Name, ...]

    def __str__(self) -> str:
        return f"tag {listed(self.tags)}"


@frozen(kw_only=True)
class Notify(Node):
    """`notify CHANNEL`, at once. With a time it is an `Escalate`."""

    channels: tuple[Name, ...]

    def __str__(self) -> str:
        return f"notify {listed(self.channels)}"


@frozen(kw_only=True)
class AlsoRead(Node):
    """`also read by W [within D]`."""

    worklist: Place
    within: Length | None = None

    def __str__(self) -> str:
        return f"also read by {self.worklist}" + (f" within {self.within}" if self.within else "")


@frozen(kw_only=True)
class Audit(Node):
    """`audit by W within D`: an item of kind audit; delays nothing."""

    worklist: Place
    within: Length

    def __str__(self) -> str:
        return f"audit by {self.worklist} within {self.within}"


@frozen(kw_only=True)
class Agreement(Node):
    """`agreement on CODE to W`: where a read goes on when the readers agree on a code."""

    code: Code | Text | Name
    worklist: Name

    def __str__(self) -> str:
        return f"agreement on {self.code} to {self.worklist}"


@frozen(kw_only=True)
class ReadBy(Node):
    """`read by N different readers [blind][, disagreement to W][, agreement on CODE to W]`."""

    count: Number
    blind: bool = False
    disagreement_to: Name | None = None
    agreements: tuple[Agreement, ...] = ()

    def __str__(self) -> str:
        blind = " blind" if self.blind else ""
        disagreement = f", disagreement to {self.disagreement_to}" if self.disagreement_to else ""
        agreements = "".join(f", {agreement}" for agreement in self.agreements)
        readers = "reader" if self.count.value == 1 else "readers"
        return f"read by {self.count} different {readers}{blind}{disagreement}{agreements}"


@frozen(kw_only=True)
class OnlyReaders(Node):
    """`only readers with SKILL [and/or SKILL]`; `any_of` is True where `or` joins them."""

    skills: tuple[Name, ...]
    any_of: bool = False

    def __str__(self) -> str:
        return f"only readers with {skills(self.skills, any_of=self.any_of)}"


@frozen(kw_only=True)
class ExcludeReaders(Node):
    """`exclude readers in ATTRIBUTE, …`."""

    attributes: tuple[Name, ...]

    def __str__(self) -> str:
        return f"exclude readers in {listed(self.attributes)}"


@frozen(kw_only=True)
class ShowIdentity(Node):
    """`show identity only to readers with SKILL`."""

    skills: tuple[Name, ...]
    any_of: bool = False

    def __str__(self) -> str:
        return f"show identity only to readers with {skills(self.skills, any_of=self.any_of)}"


@frozen(kw_only=True)
class Escalate(Node):
    """`escalate to W` or `notify C`, with `after D`, `after N percent` or `when overdue`, and `[until claimed]`.

    Exactly one of `worklist` and `channel`. Only in a watch may both `after` and `overdue` be missing: at once.
    """

    worklist: Name | None = None
    channel: Name | None = None
    after: Length | Percent | None = None
    overdue: bool = False
    until_claimed: bool = False

    def __str__(self) -> str:
        what = f"escalate to {self.worklist}" if self.worklist else f"notify {self.channel}"
        time = f" after {self.after}" if self.after else " when overdue" if self.overdue else ""
        return f"{what}{time}{' until claimed' if self.until_claimed else ''}"


@frozen(kw_only=True)
class Hold(Node):
    """`hold at most D until C`; `at_most` is None where it was forgotten, the finding `hold-without-limit`."""

    at_most: Length | None
    until: Condition

    def __str__(self) -> str:
        return f"hold {f'at most {self.at_most} ' if self.at_most else ''}until {self.until}"


@frozen(kw_only=True)
class OfferPrevious(Node):
    """`offer to previous reader within D for D`."""

    within: Length
    lasting: Length

    def __str__(self) -> str:
        return f"offer to previous reader within {self.within} for {self.lasting}"


@frozen(kw_only=True)
class OfferLeastLoaded(Node):
    """`offer to least loaded reader [with SKILL] for D`."""

    skill: Name | None = None
    lasting: Length

    def __str__(self) -> str:
        return f"offer to least loaded reader{f' with {self.skill}' if self.skill else ''} for {self.lasting}"


@frozen(kw_only=True)
class OfferNamed(Node):
    """`offer to reader in ATTRIBUTE for D`."""

    attribute: Name
    lasting: Length

    def __str__(self) -> str:
        return f"offer to reader in {self.attribute} for {self.lasting}"


@frozen(kw_only=True)
class ReadTogether(Node):
    """`read together with same patient, ATTRIBUTE within D`."""

    attributes: tuple[Name, ...] = ()
    within: Length

    def __str__(self) -> str:
        return f"read together with same patient{''.join(f', {name}' for name in self.attributes)} within {self.within}"


@frozen(kw_only=True)
class Split(Node):
    """`split to W, W after D`."""

    worklists: tuple[Name, ...]
    after: Length

    def __str__(self) -> str:
        return f"split to {listed(self.worklists)} after {self.after}"


@frozen(kw_only=True)
class NoReport(Node):
    """`no report needed because "…" under policy "…" until DATE`: the closure."""

    reason: Text
    policy: Text
    until: Date

    def __str__(self) -> str:
        return f"no report needed because {self.reason} under policy {self.policy} until {self.until}"


@frozen(kw_only=True)
class MoveTo(Node):
    """`move to W`. Only in a watch."""

    worklist: Name

    def __str__(self) -> str:
        return f"move to {self.worklist}"


@frozen(kw_only=True)
class DecideAgain(Node):
    """`decide again [without "RULE"]`. Only in a watch."""

    without: Text | None = None

    def __str__(self) -> str:
        return f"decide again without {self.without}" if self.without else "decide again"


Due: TypeAlias = DueWithin | DueByTime | DueByInstant
Offer: TypeAlias = OfferPrevious | OfferLeastLoaded | OfferNamed
Effect: TypeAlias = (
    RouteTo
    | SetPriority
    | RaisePriority
    | Due
    | Tag
    | Notify
    | AlsoRead
    | Audit
    | ReadBy
    | OnlyReaders
    | ExcludeReaders
    | ShowIdentity
    | Escalate
    | Hold
    | Offer
    | ReadTogether
    | Split
    | NoReport
    | MoveTo
    | DecideAgain
)


def skills(names: tuple[Name, ...], *, any_of: bool) -> str:
    """Return skills joined by `or` where any of them is enough, else by `and`."""
    return (" or " if any_of else " and ").join(map(str, names))

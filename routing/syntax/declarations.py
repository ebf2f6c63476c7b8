"""The declarations of a rulebook file: what its rules may name, and the hours and calendars that they reckon by."""

from __future__ import annotations

from enum import Enum
from typing import TypeAlias

from attrs import frozen

from routing.attributes import Type
from routing.syntax.conditions import Condition
from routing.syntax.effects import Effect
from routing.syntax.terms import Cell, Code, Length, Name, Node, Number, Text, TimeOfDay


@frozen(kw_only=True)
class RulebookName(Node):
    """`rulebook "City hospitals radiology"`."""

    name: Text


@frozen(kw_only=True)
class Language(Node):
    """`language 1`."""

    version: Number


@frozen(kw_only=True)
class Timezone(Node):
    """`timezone Europe/Lisbon [when C]`; the zone's name is checked later. The first whose condition holds."""

    zone: Name
    when: Condition | None = None


@frozen(kw_only=True)
class ClockFrom(Node):
    """`clock exam_end, else arrival`: the first of these instants that is known."""

    attributes: tuple[Name, ...]


@frozen(kw_only=True)
class Priorities(Node):
    """`priorities stat, urgent, soon, routine`: most urgent first."""

    names: tuple[Name, ...]


@frozen(kw_only=True)
class Include(Node):
    """`include "edinburgh.rules" [when C]`."""

    path: Text
    when: Condition | None = None


@frozen(kw_only=True)
class Table(Node):
    """`table NAME from "file.csv" key column, column`."""

    name: Name
    path: Text
    keys: tuple[Name, ...]


@frozen(kw_only=True)
class Calendar(Node):
    """`calendar NAME from "file.csv"`, or `from holidays GB-ENG` (`source` is then the code)."""

    name: Name
    source: Text | Code


class Weekday(Enum):
    """A day of the week; the value is how it is written."""

    MON = "Mon"
    TUE = "Tue"
    WED = "Wed"
    THU = "Thu"
    FRI = "Fri"
    SAT = "Sat"
    SUN = "Sun"


class Nth(Enum):
    """Which of a month's weekdays; the value is how it is written."""

    FIRST = "first"
    SECOND = "second"
    THIRD = "third"
    FOURTH = "fourth"
    FIFTH = "fifth"
    LAST = "last"


@frozen(kw_only=True)
class DayRange(Node):
    """`Mon-Fri`, or one day where both are the same; a range may wrap (`Sun-Thu`)."""

    first: Weekday
    last: Weekday

    def __str__(self) -> str:
        return self.first.value if self.first is self.last else f"{self.first.value}-{self.last.value}"


@frozen(kw_only=True)
class NthWeekday(Node):
    """`last Thu of month`."""

    nth: Nth
    weekday: Weekday

    def __str__(self) -> str:
        return f"{self.nth.value} {self.weekday.value} of month"


@frozen(kw_only=True)
class Hours(Node):
    """One member of `times`: days (or a calendar), half-open hours that may cross midnight, exceptions."""

    days: DayRange | NthWeekday | Name
    start: TimeOfDay
    end: TimeOfDay
    excepted: tuple[Name, ...] = ()

    def __str__(self) -> str:
        without = f" except {', '.join(map(str, self.excepted))}" if self.excepted else ""
        return f"{self.days} {self.start}-{self.end}{without}"


@frozen(kw_only=True)
class Workdays(Node):
    """`workdays are Mon-Fri except CALENDAR, CALENDAR [when C]`."""

    days: tuple[DayRange, ...]
    excepted: tuple[Name, ...] = ()
    when: Condition | None = None


@frozen(kw_only=True)
class Times(Node):
    """`times NAME are HOURS, HOURS [when C]`; one name may be declared several times, by site."""

    name: Name
    hours: tuple[Hours, ...]
    when: Condition | None = None


@frozen(kw_only=True)
class Values(Node):
    """`values ATTRIBUTE are V, V`, or `from "file.csv"`: exactly one of `values` and `source` is given."""

    attribute: Name
    values: tuple[Code | Text | Name, ...] = ()
    source: Text | None = None


@frozen(kw_only=True)
class Skills(Node):
    """`skills neuro, paediatric`."""

    names: tuple[Name, ...]


@frozen(kw_only=True)
class Channels(Node):
    """`channels lead_board, registrar`."""

    names: tuple[Name, ...]


@frozen(kw_only=True)
class FromHl7(Node):
    """`hl7 "OBR-31.1"`."""

    path: Text

    def __str__(self) -> str:
        return f"hl7 {self.path}"


@frozen(kw_only=True)
class FromDicom(Node):
    """`dicom "RequestAttributesSequence.ReasonForTheRequestedProcedure"`."""

    path: Text

    def __str__(self) -> str:
        return f"dicom {self.path}"


@frozen(kw_only=True)
class Sum(Node):
    """`A plus B`, the only arithmetic there is."""

    terms: tuple[Name | Cell | Length | Number, ...]

    def __str__(self) -> str:
        return " plus ".join(map(str, self.terms))


Source: TypeAlias = FromHl7 | FromDicom | Sum | Cell | Name


@frozen(kw_only=True)
class AttributeDeclaration(Node):
    """`attribute NAME is TYPE from SOURCE, else SOURCE`: the first source that knows it."""

    name: Name
    type: Type
    sources: tuple[Source, ...]


@frozen(kw_only=True)
class Fact(Node):
    """`fact NAME is TYPE`: supplied by the host; may be unknown."""

    name: Name
    type: Type


@frozen(kw_only=True)
class Define(Node):
    """`define NAME as C`."""

    name: Name
    condition: Condition


@frozen(kw_only=True)
class Everyone(Node):
    """`for everyone`."""

    def __str__(self) -> str:
        return "for everyone"


@frozen(kw_only=True)
class ReadersWith(Node):
    """`for readers with SKILL [and/or SKILL]`; `any_of` is True where `or` joins them."""

    skills: tuple[Name, ...]
    any_of: bool = False

    def __str__(self) -> str:
        return "for readers with " + (" or " if self.any_of else " and ").join(map(str, self.skills))


Readers: TypeAlias = Everyone | ReadersWith


@frozen(kw_only=True)
class Worklist(Node):
    """`worklist NAME "Title" for …`; without a title the name stands for it, without readers `check` warns."""

    name: Name
    title: Text | None = None
    readers: Readers | None = None


@frozen(kw_only=True)
class Exceptions(Node):
    """`exceptions EFFECTS`: where unreadable input, conflicts and rule failures go."""

    effects: tuple[Effect, ...]

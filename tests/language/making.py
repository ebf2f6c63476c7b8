"""The parts of made-up programs, built in the checked form without any rule text."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from routing.attributes import ATTRIBUTES, Attributes, Duration, Type, Value
from routing.diagnostics import Span
from routing.program import (
    AttributeRef,
    Calendar,
    Cell,
    Compares,
    Condition,
    Constant,
    Days,
    DueWithin,
    Effect,
    Hours,
    Includes,
    Is,
    Known,
    Length,
    Mentions,
    Operand,
    Order,
    Origin,
    Path,
    PriorityIs,
    Program,
    Reach,
    Readers,
    RouteTo,
    Row,
    Rule,
    Sum,
    Table,
    Times,
    TimesChoice,
    Unit,
    Wild,
    Workdays,
    Worklist,
    Zone,
)

SPAN = Span(file="made-up.rules", line=1, column=1, end_line=1, end_column=2)
LISTS = ("neuro", "paeds", "on_call", "general", "attention")
PRIORITIES = ("stat", "urgent", "soon", "routine")
AT = datetime(2026, 3, 10, 10, 10, tzinfo=UTC)
CORE = {
    name: Known(name=name, type=one.type, origin=Origin.CORE, values=one.values, identity=one.identity)
    for name, one in ATTRIBUTES.items()
}
FACTS = {
    "gestation": Known(name="gestation", type=Type.WEEKS, origin=Origin.FACT),
    "pathway": Known(name="pathway", type=Type.CODE, origin=Origin.FACT),
    "meeting": Known(name="meeting", type=Type.DATE, origin=Origin.FACT),
    "theatre_time": Known(name="theatre_time", type=Type.INSTANT, origin=Origin.FACT),
    "trauma_call": Known(name="trauma_call", type=Type.YES_NO, origin=Origin.FACT),
    "wait": Known(name="wait", type=Type.DURATION, origin=Origin.FACT),
    "risk": Known(name="risk", type=Type.NUMBER, origin=Origin.FACT),
}


def _declared(name: str, type_: Type, *sources: Path | Operand) -> Known:
    return Known(name=name, type=type_, origin=Origin.DECLARED, sources=sources)


def _said(name: str) -> AttributeRef:
    return AttributeRef(name=name, type=(CORE | FACTS)[name].type)


def _sum(type_: Type, left: str, right: str | Operand) -> Sum:
    return Sum(type=type_, left=_said(left), right=_said(right) if isinstance(right, str) else right)


DECLARED = {
    one.name: one
    for one in (
        _declared("corrected_age", Type.DURATION, _sum(Type.DURATION, "gestation", "age")),
        _declared("whole_risk", Type.NUMBER, _sum(Type.NUMBER, "risk", "image_count"), _said("risk")),
        _declared("ready", Type.INSTANT, Path(source="hl7", path="OBR-7"), _sum(Type.INSTANT, "theatre_time", "wait")),
        _declared("due_day", Type.DATE, _sum(Type.DATE, "meeting", "gestation"), _said("meeting")),
        _declared("first_code", Type.CODE, _said("procedure_code"), _said("pathway")),
        _declared(
            "home_lists",
            Type.CODES,
            Cell(
                table="procedures",
                keys=(_said("procedure_code"),),
                column="worklist",
                type=Type.CODE,
                many=True,
            ),
        ),
    )
}
KNOWN = CORE | FACTS | DECLARED


def ref(name: str) -> AttributeRef:
    return AttributeRef(name=name, type=KNOWN[name].type)


def const(type_: Type, value: Any) -> Constant:
    return Constant(type=type_, value=value)


def length(amount: float, unit: Unit) -> Length:
    return Length(amount=const(Type.NUMBER, amount), unit=unit)


def is_(name: str, *values: str, negated: bool = False) -> Is:
    return Is(
        span=SPAN,
        text=f"{name} is {values}",
        left=ref(name),
        values=tuple(const(Type.CODE, one) for one in values),
        negated=negated,
    )


def includes(name: str, *values: str, reach: Reach = Reach.ANY) -> Includes:
    return Includes(
        span=SPAN,
        text=f"{name} includes {reach.value} {values}",
        left=ref(name),
        reach=reach,
        values=tuple(const(Type.CODE, one) for one in values),
    )


def under(years: int) -> Compares:
    return Compares(
        span=SPAN,
        text=f"age under {years} years",
        left=ref("age"),
        order=Order.UNDER,
        right=const(Type.DURATION, Duration(years=years)),
    )


def mentions(name: str, *phrases: str, **more: Any) -> Mentions:
    return Mentions(span=SPAN, text=f"{name} mentions {phrases}", left=ref(name), phrases=phrases, **more)


def cell(table: str, column: str, type_: Type, *names: str, many: bool = False) -> Cell:
    return Cell(table=table, keys=tuple(ref(name) for name in names), column=column, type=type_, many=many)


PROCEDURES = Table(
    span=SPAN,
    name="procedures",
    file="procedures.csv",
    keys=("code",),
    columns=("worklist", "hours", "urgent"),
    rows=(
        Row(keys=("P1",), cells=("neuro", 24, True)),
        Row(keys=("P2",), cells=("paeds", None, False)),
        Row(keys=("P3",), cells=(None, 4, None)),
        Row(keys=("P4",), cells=("on_call", 72, False)),
    ),
)
TARGETS = Table(
    span=SPAN,
    name="targets",
    file="targets.csv",
    keys=("patient_class", "site"),
    columns=("hours", "priority"),
    rows=(
        Row(keys=("emergency", "A"), cells=(1, "stat")),
        Row(keys=("emergency", Wild.ANY), cells=(4, "urgent")),
        Row(keys=(Wild.ANY, "B"), cells=(12, None)),
        Row(keys=("inpatient", "A"), cells=(None, "soon")),
    ),
)
PAIRS = Table(
    span=SPAN,
    name="pairs",
    file="pairs.csv",
    keys=("code", "modality"),
    columns=("hours",),
    rows=(
        Row(keys=("P1", "CT"), cells=(2,)),
        Row(keys=("P1", Wild.ANY), cells=(6,)),
        Row(keys=("X9", "MR"), cells=(3,)),
    ),
)
BANK = Calendar(span=SPAN, name="bank", dates=frozenset({date(2026, 3, 11), date(2026, 3, 16)}))
CLOSURES = Calendar(span=SPAN, name="closures", dates=frozenset({date(2026, 3, 10)}))
WEEK = frozenset(range(5))
CORE_TIMES = Times(
    name="core",
    choices=(
        TimesChoice(
            span=SPAN,
            when=is_("site", "B"),
            hours=(Hours(days=Days(weekdays=WEEK, excepted=("bank",)), start=480, end=1080),),
        ),
        TimesChoice(
            span=SPAN,
            hours=(Hours(days=Days(weekdays=WEEK), start=540, end=1020), Hours(days=Days(calendars=("bank",)))),
        ),
    ),
)
NIGHT_TIMES = Times(
    name="night", choices=(TimesChoice(span=SPAN, hours=(Hours(days=Days(weekdays=WEEK), start=1320, end=360),)),)
)
CHILD = under(16)


def base(**more: Any) -> Program:
    """Return a program with lists, tables and times, and no rules."""
    usual: dict[str, Any] = {
        "name": "made up",
        "priorities": PRIORITIES,
        "zones": (Zone(span=SPAN, name="Europe/Lisbon", when=is_("site", "C")), Zone(span=SPAN, name="Europe/London")),
        "clock": ("exam_end",),
        "known": KNOWN,
        "tables": {"procedures": PROCEDURES, "targets": TARGETS, "pairs": PAIRS},
        "calendars": {"bank": BANK, "closures": CLOSURES},
        "times": {"core": CORE_TIMES, "night": NIGHT_TIMES},
        "workdays": (
            Workdays(span=SPAN, days=Days(weekdays=frozenset({0, 2, 5}), nth=((1, 1),)), when=is_("site", "C")),
            Workdays(span=SPAN, days=Days(weekdays=WEEK, excepted=("bank",))),
        ),
        "worklists": {name: Worklist(span=SPAN, name=name, title=name.title(), readers=Readers()) for name in LISTS},
        "exceptions": (RouteTo(span=SPAN, to="attention"), PriorityIs(span=SPAN, level="urgent")),
        "otherwise": (
            RouteTo(span=SPAN, to="general"),
            PriorityIs(span=SPAN, level="routine"),
            DueWithin(span=SPAN, within=length(28, Unit.DAYS)),
        ),
    }
    return Program(**(usual | more))


def rule(name: str, condition: Condition, *effects: Effect, **more: Any) -> Rule:
    return Rule(span=SPAN, name=name, condition=condition, effects=effects, **more)


def said(**known: Any) -> Attributes:
    return Attributes({name: Value(value=value, source="test") for name, value in known.items()})

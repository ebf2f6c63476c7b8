"""Made-up programs and procedures for property tests, built in the checked form without any rule text."""

# ruff: noqa: DTZ001 - naive instants are local to the procedure's zone
from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any

from attrs import evolve
from hypothesis import strategies as st

from routing.attributes import ATTRIBUTES, Attributes, Duration, Type, Value
from routing.diagnostics import Span
from routing.program import (
    CLOCK,
    AlsoReadBy,
    AlwaysDue,
    AlwaysRoute,
    And,
    AttributeRef,
    Calendar,
    Cell,
    Certainly,
    Compares,
    Condition,
    Constant,
    Days,
    Defined,
    DueBy,
    DueByInstant,
    DueWithin,
    During,
    Effect,
    EscalateTo,
    ExcludeReaders,
    Fixed,
    Guarantee,
    HoldUntil,
    Hours,
    Includes,
    InSample,
    Is,
    IsKnown,
    IsTrue,
    Known,
    Length,
    Listed,
    Mentions,
    NeverClose,
    NeverHold,
    NeverRoute,
    NoReport,
    Not,
    Notify,
    OfferTo,
    OnCalendar,
    OnlyReaders,
    Or,
    Order,
    Origin,
    Possibly,
    Precedes,
    PriorityAtLeast,
    PriorityIs,
    Program,
    RaisePriority,
    Reach,
    ReadBy,
    Readers,
    ReadsAtLeast,
    ReadTogether,
    RouteTo,
    Row,
    Rule,
    Side,
    Spelt,
    SplitTo,
    Table,
    Tag,
    Times,
    TimesChoice,
    Unit,
    Wild,
    Within,
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
}
KNOWN = CORE | FACTS


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
    columns=("worklist", "hours"),
    rows=(
        Row(keys=("P1",), cells=("neuro", 24)),
        Row(keys=("P2",), cells=("paeds", None)),
        Row(keys=("P3",), cells=(None, 4)),
        Row(keys=("P4",), cells=("on_call", 72)),
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
BANK = Calendar(span=SPAN, name="bank", dates=frozenset({date(2026, 3, 11), date(2026, 3, 16)}))
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
        "tables": {"procedures": PROCEDURES, "targets": TARGETS},
        "calendars": {"bank": BANK},
        "times": {"core": CORE_TIMES, "night": NIGHT_TIMES},
        "workdays": (Workdays(span=SPAN, days=Days(weekdays=WEEK, excepted=("bank",))),),
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


# strategies

NUMBERS = st.sampled_from([0, 1, 5, 90])
NAMED = st.sampled_from(LISTS[:4])
UNITS = st.sampled_from(list(Unit))
LENGTHS = st.builds(length, NUMBERS, UNITS)
MINUTES = st.builds(length, st.sampled_from([0, 5, 45, 1000]), st.just(Unit.MINUTES))
TABLE_HOURS = st.sampled_from(
    [
        Length(amount=cell("targets", "hours", Type.NUMBER, "patient_class", "site"), unit=Unit.HOURS),
        Length(amount=cell("procedures", "hours", Type.NUMBER, "procedure_code", many=True), unit=Unit.HOURS),
    ]
)


def _node(make: Callable[..., Condition], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Condition]:
    return st.builds(make, span=st.just(SPAN), **fields)


CODES = st.lists(st.sampled_from(["CT", "MR", "US", "HEAD"]), min_size=1, max_size=3, unique=True)
PHRASES = st.lists(st.sampled_from(["head", "neck pain", "embol*", "femoral head"]), min_size=1, max_size=2).map(tuple)
LEAVES = st.one_of(
    st.builds(
        lambda values, negated: is_("patient_class", *values, negated=negated),
        st.sampled_from([["emergency"], ["inpatient", "outpatient"]]),
        st.booleans(),
    ),
    st.builds(lambda value: is_("site", value), st.sampled_from("ABC")),
    st.builds(lambda reach, values: includes("modality", *values, reach=reach), st.sampled_from(Reach), CODES),
    st.builds(under, st.sampled_from([1, 16, 75])),
    _node(
        Compares,
        left=st.just(ref("age")),
        order=st.sampled_from(Order),
        right=st.sampled_from(
            [Duration(days=28), Duration(years=16), Duration(months=18), Duration(years=16, days=1)]
        ).map(lambda one: const(Type.DURATION, one)),
    ),
    _node(
        Compares,
        left=st.just(ref("image_count")),
        order=st.sampled_from(Order),
        right=NUMBERS.map(lambda one: const(Type.NUMBER, one)),
    ),
    _node(
        Compares,
        left=st.just(ref("gestation")),
        order=st.sampled_from(Order),
        right=st.just(const(Type.DURATION, Duration(days=37 * 7))),
    ),
    _node(
        Precedes,
        left=st.sampled_from([CLOCK, ref("exam_end"), ref("meeting"), ref("theatre_time"), ref("birth_date")]),
        right=st.sampled_from(
            [
                CLOCK,
                const(Type.DATE, date(2026, 3, 10)),
                const(Type.INSTANT, datetime(2026, 3, 10, 9)),
                ref("exam_start"),
            ]
        ),
        after=st.booleans(),
    ),
    _node(
        Within,
        left=st.sampled_from([CLOCK, ref("meeting"), ref("theatre_time")]),
        length=LENGTHS,
        side=st.sampled_from(Side),
        other=st.sampled_from([CLOCK, ref("exam_start"), ref("meeting")]),
    ),
    _node(
        Mentions,
        left=st.sampled_from([ref("description"), ref("indication")]),
        phrases=PHRASES,
        every=st.booleans(),
        excepted=st.sampled_from([(), ("femoral head",)]),
        not_negated=st.booleans(),
    ),
    _node(
        Spelt,
        left=st.just(ref("procedure_code")),
        operator=st.just("starts with"),
        texts=st.just(("P",)),
        excepted=st.sampled_from([(), ("P1",)]),
    ),
    _node(
        IsKnown,
        operand=st.sampled_from(
            [
                ref("age"),
                ref("site"),
                ref("description"),
                cell("targets", "hours", Type.NUMBER, "patient_class", "site"),
                cell("procedures", "worklist", Type.CODE, "procedure_code", many=True),
            ]
        ),
        known=st.booleans(),
    ),
    _node(
        Listed,
        operand=st.sampled_from([ref("procedure_code"), ref("pathway")]),
        table=st.just("procedures"),
        negated=st.booleans(),
    ),
    _node(
        During,
        times=st.sampled_from(["core", "night"]),
        of=st.sampled_from([CLOCK, ref("exam_end")]),
        outside=st.booleans(),
    ),
    _node(OnCalendar, calendar=st.just("bank"), of=st.sampled_from([CLOCK, ref("meeting")])),
    _node(IsTrue, operand=st.sampled_from([ref("trauma_call"), ref("ordered")])),
    _node(InSample, percent=st.sampled_from([0.0, 50.0, 100.0]), rule=st.just("Sampled")),
    st.booleans().map(lambda holds: Fixed(span=SPAN, holds=holds)),
    st.just(Defined(span=SPAN, text="child", name="child", condition=CHILD)),
)


def _grown(parts: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    several = st.lists(parts, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        _node(And, parts=several),
        _node(Or, parts=several),
        _node(Not, part=parts),
        _node(Possibly, part=parts),
        _node(Certainly, part=parts),
    )


CONDITIONS = st.recursive(LEAVES, _grown, max_leaves=5)


def _effect(make: Callable[..., Effect], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Effect]:
    return st.builds(make, span=st.just(SPAN), **fields)


ROUTES = st.one_of(
    _effect(RouteTo, to=NAMED),
    _effect(RouteTo, to=st.just(cell("procedures", "worklist", Type.CODE, "procedure_code", many=True))),
)
PATIENT_EFFECTS = st.one_of(
    _effect(PriorityIs, level=st.sampled_from(PRIORITIES)),
    _effect(PriorityIs, level=st.just(ref("priority_requested"))),
    _effect(PriorityIs, level=st.just(cell("targets", "priority", Type.CODE, "patient_class", "site"))),
    _effect(RaisePriority),
    _effect(DueWithin, within=st.one_of(LENGTHS, TABLE_HOURS), preliminary=st.booleans()),
    _effect(
        DueWithin,
        within=st.one_of(LENGTHS, TABLE_HOURS),
        preliminary=st.booleans(),
        counting=st.sampled_from([None, "core", "night"]),
        start=st.sampled_from([None, ref("theatre_time"), ref("exam_start"), ref("meeting")]),
    ),
    _effect(DueBy, at=st.just(time(12)), day=st.sampled_from([None, "day", "working day", 0, 3])),
    _effect(
        DueByInstant,
        instant=st.sampled_from([ref("theatre_time"), ref("meeting")]),
        minus=st.one_of(st.none(), LENGTHS),
        preliminary=st.booleans(),
    ),
    _effect(Tag, tags=st.sampled_from([("a",), ("b", "a")])),
    _effect(Notify, channel=st.sampled_from(["board", "registrar"])),
    _effect(AlsoReadBy, worklist=NAMED, within=st.one_of(st.none(), MINUTES), audit=st.booleans()),
    _effect(ReadBy, count=st.integers(2, 3), blind=st.booleans(), disagreement_to=st.one_of(st.none(), NAMED)),
    _effect(OnlyReaders, skills=st.just(("neuro",)), identity=st.booleans()),
    _effect(ExcludeReaders, attributes=st.just((ref("referrer"),))),
)
LIST_EFFECTS = st.one_of(
    _effect(EscalateTo, worklist=NAMED, after=MINUTES, until_claimed=st.booleans()),
    _effect(EscalateTo, channel=st.just("board"), after_percent=st.sampled_from([50, 75])),
    _effect(EscalateTo, worklist=NAMED, overdue=st.just(value=True)),
    _effect(HoldUntil, at_most=MINUTES, until=LEAVES),
    _effect(
        OfferTo,
        reader=st.sampled_from(["previous reader", ref("referrer")]),
        lasts=MINUTES,
        within=st.just(length(730, Unit.DAYS)),
    ),
    _effect(ReadTogether, attributes=st.just(("same patient",)), within=MINUTES),
    _effect(SplitTo, worklists=st.just(("neuro", "paeds")), after=MINUTES),
)
CLOSURES = _effect(
    NoReport,
    reason=st.just("r"),
    policy=st.just("P-12"),
    until=st.sampled_from([date(2026, 3, 9), date(2026, 3, 10), date(2026, 12, 31)]),
)
EFFECTS = st.one_of(PATIENT_EFFECTS, LIST_EFFECTS, CLOSURES)


def _rules(pairs: list[tuple[Condition, list[Effect], list[Effect], bool]]) -> tuple[Rule, ...]:
    rules = []
    for number, (condition, routes, effects, in_group) in enumerate(pairs):
        rules.append(rule(f"R{number}", condition, *routes, *effects, group="G" if in_group else None))
    return tuple(rules)


RULES = st.lists(
    st.tuples(CONDITIONS, st.lists(ROUTES, max_size=1), st.lists(EFFECTS, max_size=3), st.booleans()), max_size=5
).map(_rules)
CLAIMS = st.one_of(
    st.builds(NeverRoute, worklists=st.lists(NAMED, min_size=1, max_size=2).map(tuple)),
    st.builds(AlwaysRoute, worklist=NAMED),
    st.builds(AlwaysDue, within=LENGTHS),
    st.builds(PriorityAtLeast, level=st.sampled_from(PRIORITIES)),
    st.builds(ReadsAtLeast, count=st.integers(1, 4)),
    st.just(NeverClose()),
    st.just(NeverHold()),
)
GUARANTEES = st.lists(st.tuples(CLAIMS, st.one_of(st.none(), LEAVES)), max_size=2).map(
    lambda found: tuple(
        Guarantee(span=SPAN, name=f"G{number}", claims=(claim,), when=when)
        for number, (claim, when) in enumerate(found)
    )
)
OTHERWISE_MORE = st.lists(EFFECTS, max_size=2).map(tuple)


def _program(
    rules: tuple[Rule, ...], guarantees: tuple[Guarantee, ...], more: tuple[Effect, ...], default: list[Effect]
) -> Program:
    made = base(guarantees=guarantees)
    grouped = rule("G: otherwise", is_("site", "A"), *default, group="G", group_default=True)
    keep = (effect for effect in more if not isinstance(effect, NoReport))
    return evolve(made, rules=(*rules, grouped) if default else rules, otherwise=(*made.otherwise, *keep))


PROGRAMS = st.builds(
    _program, RULES, GUARANTEES, OTHERWISE_MORE, st.lists(st.one_of(ROUTES, PATIENT_EFFECTS), max_size=2)
)

MOMENTS = st.sampled_from(
    [
        datetime(2026, 3, 10, 9, 0),
        datetime(2026, 3, 9, 23, 30, tzinfo=UTC),
        datetime(2026, 3, 12, 9, 0, tzinfo=UTC),
        date(2026, 3, 10),
        date(2026, 3, 9),
    ]
)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "modality": CODES.map(tuple),
    "site": st.sampled_from("ABC"),
    "patient_class": st.sampled_from(["emergency", "inpatient", "outpatient"]),
    "birth_date": st.sampled_from(
        [date(2010, 3, 10), date(2010, 3, 11), date(2026, 3, 1), date(1950, 1, 1), date(2027, 1, 1)]
    ),
    "age": st.sampled_from(
        [Duration(years=15, precision="years"), Duration(years=16), Duration(months=1, precision="months")]
    ),
    "procedure_code": st.lists(st.sampled_from(["P1", "P2", "P3", "P4", "X"]), max_size=2, unique=True).map(tuple),
    "description": st.sampled_from([("CT head",), ("femoral head, no embolus",), ("neck", "pain")]),
    "indication": st.sampled_from([("no head injury",), ("neck pain",)]),
    "priority_requested": st.sampled_from(["STAT", "HIGH", "MEDIUM", "ROUTINE"]),
    "image_count": NUMBERS,
    "exam_end": MOMENTS,
    "exam_start": MOMENTS,
    "arrival": st.just(AT),
    "referrer": st.just("lee"),
    "ordered": st.booleans(),
    "gestation": st.integers(30, 41),
    "pathway": st.sampled_from(["STROKE", "P1"]),
    "meeting": st.sampled_from([date(2026, 3, 10), date(2026, 3, 13)]),
    "theatre_time": MOMENTS.filter(lambda one: isinstance(one, datetime)),
    "trauma_call": st.booleans(),
}
KNOWN_VALUES = st.fixed_dictionaries({}, optional=VALUES)
PROCEDURES_SAID = KNOWN_VALUES.map(lambda known: said(**known))

_JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.binary(max_size=3),
    st.dates(),
    st.datetimes(),
    st.lists(st.one_of(st.text(max_size=3), st.integers()), max_size=3),
    st.lists(st.text(max_size=3), max_size=3).map(tuple),
    st.builds(Duration, years=st.integers(), days=st.integers()),
    st.just(object()),
    st.just(float("nan")),
)
GARBAGE = st.dictionaries(st.sampled_from(sorted(KNOWN)), _JUNK).map(lambda known: said(**known))

"""Made-up programs and procedures for property tests, built in the checked form without any rule text."""

# ruff: noqa: DTZ001 - naive instants are local to the procedure's zone
from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any

from attrs import evolve
from hypothesis import strategies as st

from routing.attributes import Duration, Type
from routing.compile.doubts import MOST_CODES
from routing.meaning.words import LIMIT, MOST_FIELDS, NEAR
from routing.program import (
    AlsoReadBy,
    AlwaysDue,
    AlwaysRoute,
    Cell,
    Condition,
    DueBy,
    DueByInstant,
    DueWithin,
    Effect,
    EscalateTo,
    ExcludeReaders,
    Guarantee,
    HoldUntil,
    NeverClose,
    NeverHold,
    NeverRoute,
    NoReport,
    Notify,
    OfferTo,
    OnlyReaders,
    PriorityAtLeast,
    PriorityIs,
    Program,
    RaisePriority,
    ReadBy,
    ReadsAtLeast,
    ReadTogether,
    RouteTo,
    Rule,
    SplitTo,
    Tag,
    Unit,
)
from tests.language.leaves import CODES, CONDITIONS, LEAVES, LENGTHS, LISTS_CELL, MINUTES, NAMED, NUMBERS, TABLE_HOURS
from tests.language.making import AT, KNOWN, PRIORITIES, SPAN, base, cell, is_, length, ref, rule, said


def _effect(make: Callable[..., Effect], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Effect]:
    return st.builds(make, span=st.just(SPAN), **fields)


SINGLE_CELL = Cell(table="procedures", keys=(ref("pathway"),), column="worklist", type=Type.CODE)
ROUTES = st.one_of(
    _effect(RouteTo, to=NAMED),
    _effect(RouteTo, to=st.sampled_from([LISTS_CELL, SINGLE_CELL])),
)
BEGINNINGS = st.sampled_from([None, ref("theatre_time"), ref("exam_start"), ref("ready"), ref("meeting")])
DUES: dict[type[Effect], st.SearchStrategy[Effect]] = {
    DueWithin: st.one_of(
        _effect(DueWithin, within=st.one_of(LENGTHS, TABLE_HOURS), preliminary=st.booleans()),
        _effect(
            DueWithin,
            within=st.one_of(LENGTHS, TABLE_HOURS),
            preliminary=st.booleans(),
            counting=st.sampled_from([None, "core", "night"]),
            start=BEGINNINGS,
        ),
    ),
    DueBy: _effect(
        DueBy,
        at=st.sampled_from([time(12), time(0), time(1, 30)]),
        day=st.sampled_from([None, "day", "working day", 0, 3]),
        preliminary=st.booleans(),
    ),
    DueByInstant: _effect(
        DueByInstant,
        instant=st.sampled_from([ref("theatre_time"), ref("meeting"), ref("ready"), ref("due_day")]),
        minus=st.one_of(st.none(), LENGTHS, TABLE_HOURS),
        preliminary=st.booleans(),
    ),
}
PATIENT_EFFECTS: dict[type[Effect], st.SearchStrategy[Effect]] = {
    **DUES,
    PriorityIs: st.one_of(
        _effect(PriorityIs, level=st.sampled_from(PRIORITIES)),
        _effect(PriorityIs, level=st.sampled_from([ref("priority_requested"), ref("pathway")])),
        _effect(PriorityIs, level=st.just(cell("targets", "priority", Type.CODE, "patient_class", "site"))),
    ),
    RaisePriority: _effect(RaisePriority),
    Tag: _effect(Tag, tags=st.sampled_from([("a",), ("b", "a"), ("c",)])),
    Notify: _effect(Notify, channel=st.sampled_from(["board", "registrar"])),
    AlsoReadBy: _effect(
        AlsoReadBy, worklist=NAMED, within=st.one_of(st.none(), MINUTES, TABLE_HOURS), audit=st.booleans()
    ),
    ReadBy: _effect(
        ReadBy,
        count=st.integers(2, 3),
        blind=st.booleans(),
        disagreement_to=st.one_of(st.none(), NAMED),
        agreement=st.one_of(st.just(()), st.tuples(st.tuples(st.sampled_from(["N", "R"]), NAMED))),
    ),
    OnlyReaders: _effect(
        OnlyReaders,
        skills=st.sampled_from([("neuro",), ("chest", "neuro")]),
        combine=st.sampled_from(["and", "or"]),
        identity=st.booleans(),
    ),
    ExcludeReaders: _effect(
        ExcludeReaders,
        attributes=st.sampled_from(
            [(ref("referrer"),), (ref("referrer"), ref("station")), (ref("procedure_code"), ref("referrer"))]
        ),
    ),
}
LIST_EFFECTS: dict[type[Effect], st.SearchStrategy[Effect]] = {
    EscalateTo: st.builds(
        lambda target, stage, until: EscalateTo(span=SPAN, **target, **stage, until_claimed=until),
        st.one_of(st.fixed_dictionaries({"worklist": NAMED}), st.just({"channel": "board"})),
        st.one_of(
            st.fixed_dictionaries({"after": st.one_of(MINUTES, TABLE_HOURS)}),
            st.fixed_dictionaries({"after_percent": st.sampled_from([50, 75])}),
            st.just({"overdue": True}),
        ),
        st.booleans(),
    ),
    HoldUntil: _effect(HoldUntil, at_most=st.one_of(MINUTES, TABLE_HOURS), until=LEAVES),
    OfferTo: _effect(
        OfferTo,
        reader=st.sampled_from(["previous reader", "least loaded reader", ref("referrer")]),
        lasts=st.one_of(MINUTES, TABLE_HOURS),
        within=st.one_of(st.none(), st.just(length(730, Unit.DAYS))),
        skill=st.sampled_from([None, "neuro"]),
    ),
    ReadTogether: _effect(
        ReadTogether,
        attributes=st.sampled_from([("same patient",), ("same patient", "site"), ("referrer",)]),
        within=st.one_of(MINUTES, TABLE_HOURS),
    ),
    SplitTo: _effect(SplitTo, worklists=st.sampled_from([("neuro", "paeds"), ("on_call", "general")]), after=MINUTES),
}
CLOSURES = _effect(
    NoReport,
    reason=st.sampled_from(["r", "s"]),
    policy=st.sampled_from(["P-12", "P-13"]),
    until=st.sampled_from([date(2026, 3, 9), date(2026, 3, 10), date(2026, 12, 31)]),
)
EFFECTS = st.one_of(*PATIENT_EFFECTS.values(), *LIST_EFFECTS.values(), CLOSURES)


def _rules(pairs: list[tuple[Condition, list[Effect], list[Effect], bool, str]]) -> tuple[Rule, ...]:
    rules = []
    for number, (condition, routes, effects, in_group, kind) in enumerate(pairs):
        rules.append(rule(f"R{number}", condition, *routes, *effects, group="G" if in_group else None, kind=kind))
    return tuple(rules)


SEVERAL_DUES = st.lists(st.one_of(*DUES.values()), min_size=2, max_size=4)
RULES = st.lists(
    st.tuples(
        CONDITIONS,
        st.lists(ROUTES, max_size=1),
        st.one_of(st.lists(EFFECTS, max_size=3), SEVERAL_DUES),
        st.booleans(),
        st.sampled_from(["report", "report", "report", "report", "opinion"]),
    ),
    max_size=5,
).map(_rules)
CLAIMS = st.one_of(
    st.builds(NeverRoute, worklists=st.lists(NAMED, min_size=1, max_size=2).map(tuple)),
    st.builds(AlwaysRoute, worklist=NAMED),
    st.builds(AlwaysDue, within=LENGTHS, preliminary=st.booleans()),
    st.builds(PriorityAtLeast, level=st.sampled_from(PRIORITIES)),
    st.builds(ReadsAtLeast, count=st.integers(1, 4)),
    st.just(NeverClose()),
    st.just(NeverHold()),
)
GUARANTEES = st.lists(
    st.tuples(st.lists(CLAIMS, min_size=1, max_size=2).map(tuple), st.one_of(st.none(), CONDITIONS)), max_size=2
).map(
    lambda found: tuple(
        Guarantee(span=SPAN, name=f"G{number}", claims=claims, when=when) for number, (claims, when) in enumerate(found)
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
    _program, RULES, GUARANTEES, OTHERWISE_MORE, st.lists(st.one_of(ROUTES, *PATIENT_EFFECTS.values()), max_size=2)
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
_LARGE = {
    "all fields count": ("x",) * (MOST_FIELDS - 1) + ("neck pain",),
    "one does not": (" ", *("x",) * (MOST_FIELDS - 1), "head"),
    "some do not where places matter": ("no embolus " * (NEAR // 11), "x head", "neck pain"),
    "some letters do not": ("no embolus " * (LIMIT // 11), "x head", "neck pain"),
}
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
    "procedure_code": st.one_of(
        st.lists(st.sampled_from(["P1", "P2", "P3", "P4", "X"]), max_size=2, unique=True).map(tuple),
        st.sampled_from([300, MOST_CODES, MOST_CODES + 1]).map(  # the first is too many where each meets two others
            lambda count: ("P1", *(f"X{number}" for number in range(1, count)))
        ),
    ),
    "description": st.one_of(
        st.sampled_from([("CT head",), ("femoral head, no embolus",), ("neck", "pain")]),
        st.sampled_from(
            ["all fields count", "one does not", "some do not where places matter", "some letters do not"]
        ).map(lambda which: _LARGE[which]),
    ),
    "indication": st.sampled_from(
        [("no head injury",), ("neck pain",), ("no", "x x"), ("x " * (LIMIT // 2) + "head",)]
    ),
    "priority_requested": st.sampled_from(["STAT", "HIGH", "MEDIUM", "ROUTINE"]),
    "image_count": NUMBERS,
    "exam_end": MOMENTS,
    "exam_start": MOMENTS,
    "arrival": st.just(AT),
    "referrer": st.just("lee"),
    "ordered": st.booleans(),
    "gestation": st.integers(30, 41),
    "pathway": st.sampled_from(["STROKE", "P1", "urgent"]),
    "meeting": st.sampled_from([date(2026, 3, 10), date(2026, 3, 13)]),
    "theatre_time": MOMENTS.filter(lambda one: isinstance(one, datetime)),
    "trauma_call": st.booleans(),
    "station": st.sampled_from(["CT1", "lee"]),
    "wait": st.sampled_from([Duration(days=28), Duration(seconds=3600), Duration(months=1, days=2), Duration()]),
    "risk": NUMBERS,
    "corrected_age": st.sampled_from([Duration(years=16), Duration(days=28)]),
    "ready": MOMENTS,
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

"""Strategies for the conditions of made-up programs: every form that the language has."""

# ruff: noqa: DTZ001 - naive instants are local to the procedure's zone
from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from hypothesis import strategies as st

from routing.attributes import Duration, Type
from routing.program import (
    CLOCK,
    And,
    Certainly,
    Compares,
    Condition,
    Defined,
    During,
    Fixed,
    Includes,
    InSample,
    Is,
    IsKnown,
    IsTrue,
    Length,
    Listed,
    Matches,
    Mentions,
    Not,
    OnCalendar,
    Or,
    Order,
    Possibly,
    Precedes,
    Reach,
    Side,
    Spelt,
    Unit,
    Within,
)
from tests.language.making import CHILD, LISTS, SPAN, cell, const, includes, is_, length, ref, under

NUMBERS = st.sampled_from([0, 1, 5, 90])
NAMED = st.sampled_from(LISTS[:4])
UNITS = st.sampled_from(list(Unit))
LENGTHS = st.builds(length, NUMBERS, UNITS)
MINUTES = st.builds(length, st.sampled_from([0, 5, 45, 1000]), st.just(Unit.MINUTES))
PAIR_HOURS = cell("pairs", "hours", Type.NUMBER, "procedure_code", "modality", many=True)
_HOURS = (
    Length(amount=cell("targets", "hours", Type.NUMBER, "patient_class", "site"), unit=Unit.HOURS),
    Length(amount=cell("procedures", "hours", Type.NUMBER, "procedure_code", many=True), unit=Unit.HOURS),
    Length(amount=cell("procedures", "hours", Type.NUMBER, "procedure_code", many=True), unit=Unit.WORKING_DAYS),
    Length(amount=PAIR_HOURS, unit=Unit.HOURS),
    Length(amount=ref("wait")),
    Length(amount=ref("gestation")),
    Length(amount=ref("risk"), unit=Unit.DAYS),
)
TABLE_HOURS = st.integers(0, len(_HOURS) - 1).map(lambda number: _HOURS[number])  # a list would be printed too long


def _node(make: Callable[..., Condition], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Condition]:
    return st.builds(make, span=st.just(SPAN), **fields)


CODES = st.lists(st.sampled_from(["CT", "MR", "US", "HEAD"]), min_size=1, max_size=3, unique=True)
PHRASES = st.lists(st.sampled_from(["head", "neck pain", "embol*", "femoral head"]), min_size=1, max_size=2).map(tuple)
INSTANTS = [CLOCK, ref("exam_end"), ref("theatre_time"), ref("ready")]
MOMENTS_OR_DAYS = [*INSTANTS, ref("meeting"), ref("birth_date"), ref("due_day"), ref("exam_start")]
SPANS = [Duration(days=28), Duration(years=16), Duration(months=18), Duration(years=16, days=1), Duration(seconds=3600)]
HOURS_CELL = cell("targets", "hours", Type.NUMBER, "patient_class", "site")
LISTS_CELL = cell("procedures", "worklist", Type.CODE, "procedure_code", many=True)
CELL_HOURS = cell("procedures", "hours", Type.NUMBER, "procedure_code", many=True)
URGENT_CELL = cell("procedures", "urgent", Type.YES_NO, "procedure_code", many=True)
PATTERNS = ["head", "^no", "emb[ou]l", "(?i)PAIN$", "P[0-9]", "^$", "x x"]


def _constants(type_: Type, *values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from([const(type_, value) for value in values])


def _some(values: st.SearchStrategy[Any], most: int = 2) -> st.SearchStrategy[Any]:
    return st.lists(values, min_size=1, max_size=most).map(tuple)


FORMS: dict[type[Condition], st.SearchStrategy[Condition]] = {
    Fixed: _node(Fixed, holds=st.booleans()),
    Is: st.one_of(
        st.builds(
            lambda values, negated: is_("patient_class", *values, negated=negated),
            st.sampled_from([["emergency"], ["inpatient", "outpatient"]]),
            st.booleans(),
        ),
        st.builds(lambda value: is_("site", value), st.sampled_from("ABC")),
        _node(
            Is,
            left=st.sampled_from([ref("pathway"), ref("first_code"), ref("site")]),
            values=_some(
                st.sampled_from([ref("site"), ref("first_code"), LISTS_CELL, const(Type.CODE, "P1"), ref("pathway")])
            ),
            negated=st.booleans(),
        ),
        _node(
            Is,
            left=st.sampled_from([ref("age"), ref("gestation"), ref("wait"), ref("corrected_age")]),
            values=_some(_constants(Type.DURATION, *SPANS, Duration(days=37 * 7))),
            negated=st.booleans(),
        ),
        _node(
            Is,
            left=st.sampled_from(MOMENTS_OR_DAYS[1:]),
            values=_some(
                st.one_of(
                    _constants(Type.DATE, date(2026, 3, 10)),
                    _constants(Type.INSTANT, datetime(2026, 3, 10, 9)),
                    st.sampled_from([ref("exam_start"), ref("due_day")]),
                )
            ),
            negated=st.booleans(),
        ),
        _node(
            Is,
            left=st.sampled_from([ref("image_count"), ref("whole_risk"), HOURS_CELL]),
            values=_some(st.one_of(_constants(Type.NUMBER, 1, 4, 5), st.just(CELL_HOURS))),
            negated=st.booleans(),
        ),
    ),
    Includes: st.one_of(
        st.builds(lambda reach, values: includes("modality", *values, reach=reach), st.sampled_from(Reach), CODES),
        _node(
            Includes,
            left=st.sampled_from([ref("modality"), ref("procedure_code"), ref("home_lists"), LISTS_CELL]),
            reach=st.sampled_from(Reach),
            values=_some(
                st.sampled_from(
                    [
                        ref("pathway"),
                        ref("modality"),
                        ref("home_lists"),
                        const(Type.CODE, "P1"),
                        const(Type.CODE, "neuro"),
                    ]
                ),
                3,
            ),
        ),
    ),
    Compares: st.one_of(
        st.builds(under, st.sampled_from([1, 16, 75])),
        _node(
            Compares,
            left=st.sampled_from([ref("age"), ref("corrected_age"), ref("wait"), ref("gestation")]),
            order=st.sampled_from(Order),
            right=st.one_of(
                _constants(Type.DURATION, *SPANS, Duration(days=37 * 7)),
                st.sampled_from([ref("wait"), ref("gestation")]),
            ),
        ),
        _node(
            Compares,
            left=st.sampled_from([ref("image_count"), ref("whole_risk"), HOURS_CELL]),
            order=st.sampled_from(Order),
            right=st.one_of(
                NUMBERS.map(lambda one: const(Type.NUMBER, one)), st.sampled_from([ref("risk"), CELL_HOURS, PAIR_HOURS])
            ),
        ),
    ),
    Precedes: _node(
        Precedes,
        left=st.sampled_from(MOMENTS_OR_DAYS),
        right=st.one_of(
            _constants(Type.DATE, date(2026, 3, 10)),
            _constants(Type.INSTANT, datetime(2026, 3, 10, 9)),
            st.sampled_from([CLOCK, ref("exam_start"), ref("due_day")]),
        ),
        after=st.booleans(),
    ),
    Within: _node(
        Within,
        left=st.sampled_from(MOMENTS_OR_DAYS),
        length=st.one_of(LENGTHS, TABLE_HOURS),
        side=st.sampled_from(Side),
        other=st.sampled_from([CLOCK, ref("exam_start"), ref("meeting"), ref("ready")]),
    ),
    Mentions: _node(
        Mentions,
        left=st.sampled_from([ref("description"), ref("indication")]),
        phrases=PHRASES,
        every=st.booleans(),
        excepted=st.sampled_from([(), ("femoral head",)]),
        not_negated=st.booleans(),
    ),
    Spelt: st.one_of(
        _node(
            Spelt,
            left=st.sampled_from([ref("procedure_code"), ref("pathway"), LISTS_CELL]),
            operator=st.just("starts with"),
            texts=st.sampled_from([("P",), ("P1", "n")]),
            excepted=st.sampled_from([(), ("P1",)]),
        ),
        _node(
            Spelt,
            left=st.sampled_from([ref("description"), ref("indication")]),
            operator=st.just("starts with"),
            texts=st.sampled_from([("CT",), ("Fémoral", "no")]),
            excepted=st.sampled_from([(), ("ct head",)]),
        ),
    ),
    Matches: _node(
        Matches,
        left=st.sampled_from([ref("description"), ref("indication"), ref("procedure_code"), ref("pathway")]),
        pattern=st.sampled_from(PATTERNS),
    ),
    IsKnown: _node(
        IsKnown,
        operand=st.sampled_from(
            [ref("age"), ref("site"), ref("description"), ref("corrected_age"), ref("ready"), HOURS_CELL, LISTS_CELL]
        ),
        known=st.booleans(),
    ),
    Listed: _node(
        Listed,
        operand=st.sampled_from([ref("procedure_code"), ref("pathway"), ref("first_code")]),
        table=st.just("procedures"),
        negated=st.booleans(),
    ),
    During: _node(
        During, times=st.sampled_from(["core", "night"]), of=st.sampled_from(INSTANTS), outside=st.booleans()
    ),
    OnCalendar: _node(
        OnCalendar,
        calendar=st.sampled_from(["bank", "closures"]),
        of=st.sampled_from([CLOCK, ref("meeting"), ref("ready"), ref("due_day")]),
    ),
    IsTrue: _node(IsTrue, operand=st.sampled_from([ref("trauma_call"), ref("ordered"), URGENT_CELL])),
    InSample: _node(InSample, percent=st.sampled_from([0.0, 50.0, 100.0]), rule=st.sampled_from(["Sampled", "Other"])),
    Defined: st.sampled_from(
        [
            Defined(span=SPAN, text="child", name="child", condition=CHILD),
            Defined(span=SPAN, text="here", name="here", condition=is_("site", "A", "B")),
        ]
    ),
}
LEAVES = st.one_of(*FORMS.values())


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

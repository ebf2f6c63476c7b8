"""Deciding with sets of rules as bits: what is remembered of one procedure must never tell on another."""

from __future__ import annotations

import pickle
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.attributes import Attributes, Duration, Type
from routing.compile import compile_program, lexicon
from routing.compile.lanes import Lane
from routing.decide import decide, subject_of
from routing.errors import NaiveMoment
from routing.meaning import words
from routing.program import (
    AlsoReadBy,
    And,
    Compares,
    Condition,
    DueBy,
    DueByInstant,
    DueWithin,
    EscalateTo,
    Guarantee,
    HoldUntil,
    Length,
    NeverHold,
    NeverRoute,
    Not,
    Or,
    Order,
    Program,
    ReadBy,
    ReadTogether,
    RouteTo,
    Spelt,
    SplitTo,
    Tag,
    Unit,
)
from routing.rulebook import Rulebook
from routing.settle import settler_of
from tests.effort import calls
from tests.language.leaves import CONDITIONS
from tests.language.making import AT, SPAN, base, cell, const, includes, is_, length, mentions, ref, rule, said, under
from tests.language.oracle import Case
from tests.language.programs import GARBAGE, PROCEDURES_SAID, PROGRAMS

TEXT = """
rulebook "Small"
language 1
timezone Europe/London
clock exam_end, else arrival
priorities stat, urgent, soon, routine
skills pacs_team
worklist ct "CT" for everyone
worklist general "General" for everyone
worklist attention "Needs a human" for readers with pacs_team
exceptions route to attention priority urgent due within 1 hour
rule "CT" when modality includes CT route to ct due within 1 hour
rule "Child" when age under 16 years priority stat
otherwise route to general priority routine due within 10 working days
"""
SEVERAL = st.lists(st.one_of(PROCEDURES_SAID, GARBAGE), min_size=1, max_size=12)


def told(program: Program, attributes: Attributes, key: str | None = None) -> dict[str, Any]:
    expected = Case(program, attributes, AT, key).decide()
    return {name: value for name, value in expected.items() if name != "broken"}


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(PROGRAMS, st.lists(PROCEDURES_SAID, min_size=2, max_size=8))
def test_one_rulebook_decides_many_as_the_slow_interpreter_does(program: Program, several: list[Attributes]) -> None:
    """What was remembered of the first must not change the answer for the next, nor for the first again."""
    compiled = compile_program(program)

    for attributes in (*several, *several):
        decision = decide(compiled, attributes, AT)
        found = {name: getattr(decision, name) for name in told(program, attributes)}
        found["undecided"] = tuple(one.rule for one in decision.undecided)
        assert found == told(program, attributes)


def test_a_rule_with_an_elapsed_due_and_one_by_the_clock_gives_the_earlier() -> None:
    """What is only an addition may not be taken for all that the rule says."""
    within, noon = DueWithin(span=SPAN, within=length(5, Unit.HOURS)), DueBy(span=SPAN, at=time(12))
    program = base(rules=(rule("Both", is_("site", "A"), within, noon), rule("One", is_("site", "A", "B"), within)))
    compiled = compile_program(program)

    assert decide(compiled, said(site="A"), AT).due_at == datetime(2026, 3, 10, 12, tzinfo=UTC)
    assert decide(compiled, said(site="B"), AT).due_at == AT + timedelta(hours=5)


def test_of_two_dues_of_an_unknown_rule_the_earlier_alone_tells_whether_it_matters() -> None:
    hour, day = (DueWithin(span=SPAN, within=length(1, unit)) for unit in (Unit.HOURS, Unit.DAYS))
    usual = tuple(one for one in base().otherwise if not isinstance(one, DueWithin))
    program = base(rules=(rule("Both", is_("site", "A"), hour, day),), otherwise=(*usual, hour))

    assert decide(compile_program(program), said(), AT).undecided == ()
    assert told(program, said())["undecided"] == ()


@pytest.mark.parametrize("guarded", [False, True])
def test_what_unknown_rules_would_change_costs_the_same_for_each(*, guarded: bool) -> None:
    """However many rules are true, and also where guarantees have a say: only what tells is combined again."""
    guarantees = [Guarantee(span=SPAN, name="G", claims=(NeverRoute(worklists=("neuro",)), NeverHold()))]

    effects = (
        RouteTo(span=SPAN, to="neuro"),
        Tag(span=SPAN, tags=("a",)),
        HoldUntil(span=SPAN, at_most=length(5, Unit.MINUTES), until=is_("pathway", "X")),
        ReadBy(span=SPAN, count=2),
    )

    def asked(count: int) -> float:
        whens = (is_("site", "A"), is_("patient_class", "emergency"))
        made = [rule(f"R{number}", whens[number % 2], *effects) for number in range(count)]
        program = base(rules=tuple(made), guarantees=tuple(guarantees) if guarded else ())
        decision = decide(compile_program(program), said(site="A"), AT)
        assert decision.worklist
        return calls(getattr, decision, "undecided") / count

    assert asked(200) < 1.5 * asked(50)


@pytest.mark.parametrize(
    "at", [datetime.max.replace(tzinfo=UTC) - timedelta(minutes=40, microseconds=more) for more in (-1, 0, 1)]
)
@pytest.mark.parametrize("fired", [True, False])
def test_a_length_that_ends_beyond_the_calendar_gives_nothing(at: datetime, fired: bool) -> None:
    """What lasts as long for everyone is made once for all, and is held against the calendar all the same."""
    most = length(40, Unit.MINUTES)
    effects = (
        EscalateTo(span=SPAN, worklist="neuro", after=most),
        SplitTo(span=SPAN, worklists=("neuro", "general"), after=most),
        ReadTogether(span=SPAN, attributes=("same patient",), within=most),
        AlsoReadBy(span=SPAN, worklist="neuro", within=most),
    )
    program = base(rules=tuple(rule(f"R{place}", is_("site", "A"), one) for place, one in enumerate(effects)))
    known = said(site="A") if fired else said(patient_class="emergency")
    decision = decide(compile_program(program), known, at)
    expected = Case(program, known, at, None).decide()

    for name in ("escalations", "split", "together", "also"):
        assert getattr(decision, name) == expected[name]
    assert tuple(one.rule for one in decision.undecided) == expected["undecided"]


def test_a_length_of_minutes_costs_no_more_than_a_percentage() -> None:
    """It is the same for everyone, so that it is not reckoned anew for each rule and procedure."""

    def asked(**when: Any) -> int:
        steps = [EscalateTo(span=SPAN, worklist="neuro", **when), EscalateTo(span=SPAN, channel="lead_board", **when)]
        rules = tuple(rule(f"R{number}", is_("site", "A"), steps[number % 2]) for number in range(100))
        return calls(getattr, decide(compile_program(base(rules=rules)), said(site="A"), AT), "escalations")

    assert asked(after=length(40, Unit.MINUTES)) <= asked(after_percent=50) + 20


def test_what_several_rules_give_alike_is_worked_out_once() -> None:
    """A further read of a procedure costs its dates but once, however many rules ask for it."""

    def asked(*days: int) -> int:
        each = [length(count, Unit.WORKING_DAYS) for count in days]
        also = [AlsoReadBy(span=SPAN, worklist="neuro", within=one, audit=True) for one in each]
        rules = tuple(rule(f"R{number}", is_("site", "A"), one) for number, one in enumerate(also))
        return calls(getattr, decide(compile_program(base(rules=rules)), said(site="A"), AT), "also")

    assert asked(*[5] * 60) < asked(*range(60)) - 60 * 10


def test_an_effect_that_lacks_the_cell_that_the_condition_lacks_would_count() -> None:
    """Were the cell filled, the rule might be true and its list known."""
    lists = cell("procedures", "worklist", Type.CODE, "procedure_code", many=True)
    hours = Length(amount=cell("procedures", "hours", Type.NUMBER, "procedure_code", many=True), unit=Unit.HOURS)
    starts = Spelt(span=SPAN, left=lists, operator="starts with", texts=("n",))
    program = base(
        rules=(
            rule("Same", starts, RouteTo(span=SPAN, to=lists)),
            rule("Other", starts, DueWithin(span=SPAN, within=hours)),
        )
    )

    for known, expected in (
        (said(procedure_code=("P3",)), ("Same", "Other")),
        (said(procedure_code=("X",)), ("Same",)),
    ):
        decision = decide(compile_program(program), known, AT)
        assert tuple(one.rule for one in decision.undecided) == expected
        assert told(program, known)["undecided"] == expected


@pytest.mark.parametrize("form", ["core", "core from", "working days", "minus"])
def test_of_many_dues_of_a_kind_only_the_earliest_is_worked_out(form: str) -> None:
    """However many rules give one: the others of the kind are later."""

    def due(number: int) -> DueWithin | DueByInstant:
        hours = length(number + 1, Unit.HOURS)
        match form:
            case "core":
                return DueWithin(span=SPAN, within=hours, counting="core")
            case "core from":
                return DueWithin(span=SPAN, within=hours, counting="core", start=ref("theatre_time"))
            case "working days":
                return DueWithin(span=SPAN, within=length(number + 1, Unit.WORKING_DAYS), start=ref("theatre_time"))
        return DueByInstant(span=SPAN, instant=ref("theatre_time"), minus=length(number + 1, Unit.WORKING_DAYS))

    def asked(count: int) -> int:
        every = [rule(f"R{number}", is_("site", "A"), due(number)) for number in range(count)]
        compiled = compile_program(base(rules=tuple(every)))
        known = said(site="A", theatre_time=AT + timedelta(hours=3))
        decide(compiled, known, AT)
        decision = decide(compiled, known, AT)
        assert decision.due_at == told(compiled.program, known)["due_at"]
        return calls(getattr, decide(compiled, known, AT), "due_at")

    assert asked(60) <= asked(6) + 5


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(st.lists(CONDITIONS, min_size=1, max_size=6), SEVERAL)
def test_the_bits_are_what_each_rule_says_by_itself(conditions: list[Condition], several: list[Attributes]) -> None:
    program = base(rules=tuple(rule(f"R{number}", one) for number, one in enumerate(conditions)))
    compiled = compile_program(program)
    settler = settler_of(compiled, "report")

    for attributes in (*several, *reversed(several)):
        subject, _ = subject_of(compiled, attributes, AT)
        certain, unknown = compiled.sieve.sift(subject)
        true = {one.place for one in settler.rules_of(certain)}
        opened = {one.place for one in settler.rules_of(unknown)} - true
        alone = {one.place: one.test(subject) for one in compiled.rules}
        assert true == {place for place, truth in alone.items() if truth}
        assert opened == {place for place, truth in alone.items() if truth is None}


@settings(max_examples=300, deadline=None)
@given(
    st.dates(date(1900, 1, 1), date(2026, 3, 1)),
    st.sampled_from([date(2026, 2, 28), date(2026, 3, 1), date(2024, 2, 29), date(2025, 12, 31), date(2026, 1, 1)]),
)
def test_the_class_of_an_age_settles_every_comparison(birth: date, on: date) -> None:
    """Born on the 29th, 30th or 31st, a month is complete on the first of the next where it has no such day."""
    limits = [
        *({"years": years} for years in (1, 2, 16, 75)),
        *({"months": months} for months in (1, 6, 18)),
        *({"days": days} for days in (0, 28, 365)),
    ]
    conditions = [
        Compares(span=SPAN, left=ref("age"), order=order, right=const(Type.DURATION, Duration(**limit)))
        for limit in limits
        for order in Order
    ]
    compiled = _compiled(conditions)
    at = datetime(on.year, on.month, on.day, 12, tzinfo=UTC)

    for born in (birth, birth + timedelta(days=1), on, on - timedelta(days=28), date(on.year - 1, on.month, 1)):
        subject, _ = subject_of(compiled, said(birth_date=born), at)
        _same_as_alone(compiled, subject)


WORDS = st.sampled_from(
    ["head", "neck", "pain", "femoral", "embolus", "emboli", "x", "no", "Köpf", "w/o", "no, x;", "excluded:"]
)
TEXTS = st.lists(WORDS, max_size=8).map(" ".join)


WAYS = {
    "short": {},
    "long": {"_FEW_WORDS": -1},
    "many begun": {"_MOST_BEGUN": 2},
    "long words": {"_MOST_BEGINNINGS": 0},
}


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=120, deadline=None)
@given(st.lists(st.lists(TEXTS, min_size=1, max_size=2).map(tuple), min_size=1, max_size=6))
def test_phrases_are_found_as_each_is_found_by_itself(way: str, texts: list[tuple[str, ...]]) -> None:
    """Whichever way they are looked for: by word after word, or by the places of words."""
    phrases = ("head", "neck pain", "pain neck", "embol*", "embol* head", "fem* head", "head head neck", "w/o", "kopf")
    conditions = [mentions("description", one) for one in phrases]
    conditions += [
        mentions("description", "head", excepted=("femoral head",)),
        mentions("description", "head", "neck", every=True),
        mentions("description", "embol*", not_negated=True),
        mentions("description", "head", "x", "fem* head", not_negated=True, excepted=("no x", "head n*")),
        mentions("indication", *phrases[:3]),
    ]
    with pytest.MonkeyPatch.context() as patch:
        for name, most in WAYS[way].items():
            patch.setattr(words if name == "_FEW_WORDS" else lexicon, name, most)
        compiled = _compiled(conditions)
        for text in (*texts, *texts):
            known = said(description=text, indication=text)
            subject, _ = subject_of(compiled, known, AT)
            _same_as_alone(compiled, subject)
            case = Case(compiled.program, known, AT, None)
            assert [one.test(subject) for one in compiled.rules] == [case.holds(one) for one in conditions]


def test_an_or_that_several_rules_share_is_worked_out_once() -> None:
    shared = Or(span=SPAN, parts=(includes("body_part", "HEAD"), mentions("description", "head")))
    rules = [
        rule(f"R{number}", And(span=SPAN, parts=(shared, is_("site", "A" if number % 2 else "B"))))
        for number in range(40)
    ]
    negated = rule("other", And(span=SPAN, parts=(Not(span=SPAN, part=shared), is_("site", "A"))))
    compiled = compile_program(base(rules=(*rules, negated)))

    assert compiled.sieve.size == 2 + 40 + 1  # two alternatives, a bit for each rule
    for known in (
        {"site": "A"},
        {"site": "A", "body_part": ("HEAD",)},
        {"body_part": ("NECK",), "description": ("x",)},
    ):
        subject, _ = subject_of(compiled, said(**known), AT)
        _same_as_alone(compiled, subject)


def test_what_is_remembered_is_bounded() -> None:
    compiled = compile_program(base(rules=(rule("child", under(16)), rule("ct", includes("modality", "CT")))))

    for number in range(10_000):
        decide(compiled, said(modality=(f"M{number}",), accession=f"A-{number}"), AT)

    lanes = [lane for _, _, lane in compiled.sieve._raw]
    assert all(isinstance(lane, Lane) and len(lane.kept) <= 4096 for lane in lanes)


def test_the_size_is_linear_in_the_rules() -> None:
    """Ten times the rules, ten times the bits and the uses of parts, however they overlap."""
    sizes = []
    for count in (20, 200):
        rand = random.Random(7)
        rules = [
            rule(
                f"R{number}",
                And(span=SPAN, parts=(is_("site", rand.choice("ABC")), includes("modality", f"M{rand.randrange(50)}"))),
                RouteTo(span=SPAN, to="neuro"),
            )
            for number in range(count)
        ]
        sieve = compile_program(base(rules=tuple(rules))).sieve
        sizes.append((sieve.size, sum(len(part.users) for part in sieve._parts.values())))

    assert sizes[1] == (10 * sizes[0][0], 10 * sizes[0][1])


def test_many_are_decided_one_by_one_as_they_are_asked_for() -> None:
    book = Rulebook.loads(TEXT)
    asked: list[int] = []

    def procedures() -> Iterator[dict[str, Any]]:
        for number in range(3):
            asked.append(number)
            yield {"accession": f"A-{number}", "modality": ["CT" if number % 2 else "MR"]}

    decisions = book.decide_many(procedures(), at=AT)

    assert next(decisions).worklist == "general"
    assert asked == [0]
    assert [one.worklist for one in decisions] == ["ct", "general"]
    with pytest.raises(NaiveMoment):
        book.decide_many([], at=AT.replace(tzinfo=None))


def test_a_decision_travels_with_all_that_is_worked_out_late() -> None:
    """It leaves the rulebook behind, and is equal to the one that stayed."""
    decision = Rulebook.loads(TEXT).decide({"modality": ["CT"], "accession": "A-1"}, at=AT)

    travelled = pickle.loads(pickle.dumps(decision))  # noqa: S301 - our own

    assert travelled == decision
    assert travelled.as_dict() == decision.as_dict()
    assert travelled.explain() is None
    assert hash(travelled) == hash(decision)


@pytest.mark.stress
@settings(max_examples=20_000, deadline=None)
@given(PROGRAMS, st.lists(PROCEDURES_SAID, min_size=1, max_size=4), st.sampled_from([None, "A-1", "A-2"]))
def test_many_thousand_cases_agree_with_the_slow_interpreter(
    program: Program, several: list[Attributes], key: str | None
) -> None:
    compiled = compile_program(program)

    for attributes in (*several, several[0]):
        decision = decide(compiled, attributes, AT, key=key)
        found = {name: getattr(decision, name) for name in told(program, attributes, key)}
        found["undecided"] = tuple(one.rule for one in decision.undecided)
        assert found == told(program, attributes, key)


def _compiled(conditions: list[Any]) -> Any:
    return compile_program(base(rules=tuple(rule(f"R{number}", one) for number, one in enumerate(conditions))))


def _same_as_alone(compiled: Any, subject: Any) -> None:
    settler = settler_of(compiled, "report")
    certain, unknown = compiled.sieve.sift(subject)
    true = {one.place for one in settler.rules_of(certain)}
    opened = {one.place for one in settler.rules_of(unknown)} - true
    for one in compiled.rules:
        truth = one.test(subject)
        assert (one.place in true, one.place in opened) == (truth is True, truth is None), one.rule.condition

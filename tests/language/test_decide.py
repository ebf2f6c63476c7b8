"""Deciding: the laws of LANGUAGE section 4 as properties, and agreement with the slow interpreter on every field."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from attrs import evolve
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from routing.attributes import Attributes, Duration, Type
from routing.compile import compile_program
from routing.compile.conditions import Conditions
from routing.decide import decide
from routing.decision import Decision, Outcome
from routing.errors import NaiveMoment
from routing.explain import Explainer
from routing.program import (
    AlsoReadBy,
    AlwaysRoute,
    And,
    AttributeRef,
    Cell,
    Certainly,
    Defined,
    DueByInstant,
    DueWithin,
    During,
    EscalateTo,
    Fixed,
    Guarantee,
    HoldUntil,
    Includes,
    Is,
    IsKnown,
    IsTrue,
    Known,
    Listed,
    Matches,
    Mentions,
    NeverClose,
    NeverRoute,
    NoReport,
    Not,
    Origin,
    Possibly,
    PriorityIs,
    Program,
    RaisePriority,
    RouteTo,
    Row,
    Rule,
    Tag,
    Unit,
)
from routing.program.walk import walk
from tests.language.leaves import CONDITIONS
from tests.language.making import (
    AT,
    KNOWN,
    PRIORITIES,
    SPAN,
    base,
    cell,
    const,
    includes,
    is_,
    length,
    mentions,
    ref,
    rule,
    said,
    under,
)
from tests.language.oracle import Case
from tests.language.programs import GARBAGE, KNOWN_VALUES, PROCEDURES_SAID, PROGRAMS, RULES, VALUES

ALWAYS = Fixed(span=SPAN)
CT = includes("modality", "CT")


def decided(program: Program, at: datetime = AT, **known: Any) -> Decision:
    return decide(compile_program(program), said(**known), at)


def route(to: str) -> RouteTo:
    return RouteTo(span=SPAN, to=to)


def due(hours: float) -> DueWithin:
    return DueWithin(span=SPAN, within=length(hours, Unit.HOURS))


def priority(level: str) -> PriorityIs:
    return PriorityIs(span=SPAN, level=level)


@pytest.mark.slow
@settings(max_examples=150)
@given(PROGRAMS, PROCEDURES_SAID, st.sampled_from([None, "A-1", "A-2"]))
def test_every_field_is_that_of_the_slow_interpreter(program: Program, attributes: Attributes, key: str | None) -> None:
    decision = decide(compile_program(program), attributes, AT, key=key)
    expected = Case(program, attributes, AT, key).decide()

    broken = frozenset(problem.source for problem in decision.problems if problem.kind == "guarantee")
    undecided = tuple(one.rule for one in decision.undecided)
    assert (broken, undecided) == (expected.pop("broken"), expected.pop("undecided"))
    assert {name: getattr(decision, name) for name in expected} == expected
    assert not [problem for problem in decision.problems if problem.kind == "rule-failed"]


@pytest.mark.slow
@settings(max_examples=150)
@given(PROGRAMS, GARBAGE)
def test_any_garbage_still_gives_one_decision_on_a_list(program: Program, attributes: Attributes) -> None:
    """Nothing that a source hands over may make a procedure vanish, or end in an exception."""
    decision = decide(compile_program(program), attributes, AT)

    assert decision.worklist in program.worklists
    assert decision.priority in program.priorities
    assert decision.due_at is not None
    assert not [problem for problem in decision.problems if problem.kind == "rule-failed"]


@pytest.mark.slow
@settings(max_examples=80)
@given(PROGRAMS, PROCEDURES_SAID, RULES.filter(bool), st.integers(0, 5))
def test_adding_a_rule_never_makes_an_item_later_or_less_urgent(
    program: Program, attributes: Attributes, added: tuple[Rule, ...], place: int
) -> None:
    """Against what the other rules made it: `otherwise` is a default that a rule may replace."""
    program = evolve(program, otherwise=(route("general"), priority("routine"), due(90_000)), guarantees=())
    more = evolve(added[0], name="added", group=None)
    rules = (*program.rules[:place], more, *program.rules[place:])
    before, after = (
        decide(compile_program(one), attributes, AT, key="A-1") for one in (program, evolve(program, rules=rules))
    )

    assert PRIORITIES.index(after.priority) <= PRIORITIES.index(before.priority)
    assert before.due_at
    assert after.due_at
    assert after.due_at <= before.due_at or before.due_at == before.clock_at + timedelta(hours=90_000)
    assert set(before.tags) <= set(after.tags)
    assert before.reads.count <= after.reads.count


@pytest.mark.slow
@settings(max_examples=80)
@given(PROGRAMS, PROCEDURES_SAID, st.randoms(use_true_random=False))
def test_the_order_of_rules_matters_only_where_rules_overlap(
    program: Program, attributes: Attributes, random: Any
) -> None:
    """At most one rule fires: any order gives the same decision."""
    compiled = compile_program(program)
    fired = decide(compiled, attributes, AT, key="A-1").rules
    assume(len(fired) <= 1)
    shuffled = list(program.rules)
    random.shuffle(shuffled)
    first = decide(compiled, attributes, AT, key="A-1")
    other = decide(compile_program(evolve(program, rules=tuple(shuffled))), attributes, AT, key="A-1")

    assert evolve(other, rulebook="", undecided=()) == evolve(first, rulebook="", undecided=())


@pytest.mark.slow
@settings(max_examples=80)
@given(
    CONDITIONS,
    KNOWN_VALUES,
    st.sampled_from(["modality", "site", "patient_class", "description", "trauma_call", "gestation"]),
    st.data(),
)
def test_what_is_settled_without_an_attribute_stays_whatever_its_value(
    condition: Any, known: dict[str, Any], name: str, data: Any
) -> None:
    """Unknown counts as neither true nor false, unless the rule says which way to lean or asks `is known`."""
    assume(not any(isinstance(each, IsKnown | Possibly | Certainly | Defined | Listed) for each in walk(condition)))
    without = {key: value for key, value in known.items() if key != name}
    if name == "site":
        assume(not {"exam_end", "exam_start", "theatre_time", "birth_date"} & set(known))  # it chooses the zone
    truths = [
        Case(base(), said(**values), AT, "A-1").holds(condition)
        for values in (without, without | {name: data.draw(VALUES[name])})
    ]
    compiled = compile_program(base(rules=(rule("R", condition, route("neuro")),)))
    routed = [decide(compiled, said(**without), AT, key="A-1").route_rule == "R"]

    assert routed == [truths[0] is True]
    if name != "site":
        assert truths[0] is None or truths[0] is truths[1]


def test_a_naive_at_is_refused() -> None:
    with pytest.raises(NaiveMoment):
        decided(base(), at=datetime(2026, 3, 10))  # noqa: DTZ001


def test_the_first_rule_that_is_true_and_routes_names_the_list() -> None:
    program = base(
        rules=(
            rule("tags only", CT, Tag(span=SPAN, tags=("t",))),
            rule("one", CT, route("neuro")),
            rule("two", CT, route("paeds")),
        )
    )

    decision = decided(program, modality=("CT",))

    assert (decision.worklist, decision.route_rule, decision.outcome) == ("neuro", "one", Outcome.ROUTED)
    assert decision.rules == ("tags only", "one", "two")


def test_a_route_that_is_unknown_leaves_the_list_to_the_next_rule() -> None:
    looked_up = RouteTo(span=SPAN, to=cell("procedures", "worklist", Type.CODE, "procedure_code", many=True))
    program = base(rules=(rule("table", ALWAYS, looked_up), rule("next", ALWAYS, route("paeds"))))

    assert decided(program, procedure_code=("P1",)).worklist == "neuro"
    assert decided(program, procedure_code=("P3",)).worklist == "paeds"
    assert decided(program, procedure_code=("P4", "P1")).worklist == "neuro"  # table order
    assert decided(program).worklist == "paeds"


def test_what_belongs_to_the_list_comes_with_the_list() -> None:
    step = EscalateTo(span=SPAN, worklist="on_call", after=length(5, Unit.MINUTES))
    other = EscalateTo(span=SPAN, channel="board", after=length(9, Unit.MINUTES))
    program = base(
        rules=(rule("winner", CT, route("neuro")), rule("loser", CT, route("paeds"), step), rule("plain", CT, other))
    )

    assert [one.notify for one in decided(program, modality=("CT",)).escalations] == ["board"]


def test_a_closure_counts_only_from_the_winner_and_until_its_last_day() -> None:
    close = NoReport(span=SPAN, reason="r", policy="P-12", until=date(2026, 12, 31))
    program = base(
        rules=(rule("wins", is_("site", "A"), route("neuro"), close), rule("late", ALWAYS, route("paeds"), close))
    )
    last = datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)

    assert decided(program, site="A").closure
    assert decided(base(rules=(rule("no route", ALWAYS, close),))).closure is None
    assert decided(program, last, site="A").closure
    assert decided(program, last + timedelta(seconds=1), site="A").closure is None


def test_otherwise_is_a_default_and_a_cap_is_a_rule() -> None:
    late = rule("late", ALWAYS, DueWithin(span=SPAN, within=length(60, Unit.DAYS)), priority("routine"))
    cap = rule("cap", ALWAYS, due(1))

    assert decided(base(rules=(late,))).due_at == AT + timedelta(days=60, hours=-1)  # days keep the wall clock
    assert decided(base(rules=(late, cap))).due_at == AT + timedelta(hours=1)


def test_a_group_s_otherwise_gives_what_no_rule_of_the_group_gave() -> None:
    group = is_("site", "A")
    default = rule(
        "G: otherwise", group, route("paeds"), Tag(span=SPAN, tags=("default",)), group="G", group_default=True
    )
    program = base(rules=(rule("in group", And(span=SPAN, parts=(group, CT)), route("neuro"), group="G"), default))

    routed, rest, outside = decided(program, site="A", modality=("CT",)), decided(program, site="A"), decided(program)

    assert (routed.worklist, routed.tags, routed.rules) == ("neuro", ("default",), ("in group", "G: otherwise"))
    assert (rest.worklist, rest.route_rule) == ("paeds", "G: otherwise")
    assert outside.worklist == "general"


def test_raise_priority_is_one_step_once_after_the_highest() -> None:
    up = RaisePriority(span=SPAN)
    program = base(
        rules=(rule("one", ALWAYS, up), rule("two", ALWAYS, up), rule("urgent", is_("site", "A"), priority("urgent")))
    )

    assert decided(program).priority == "soon"
    assert decided(program, site="A").priority == "stat"
    assert decided(base(rules=(rule("top", ALWAYS, priority("stat"), up),))).priority == "stat"


def test_the_requested_priority_is_the_first_to_fourth() -> None:
    program = base(rules=(rule("as asked", ALWAYS, PriorityIs(span=SPAN, level=ref("priority_requested"))),))

    assert [decided(program, priority_requested=one).priority for one in ("STAT", "HIGH", "MEDIUM", "ROUTINE")] == list(
        PRIORITIES
    )
    assert decided(program, priority_requested="WHENEVER").priority == "routine"


def test_also_read_by_the_routed_list_adds_nothing() -> None:
    also = AlsoReadBy(span=SPAN, worklist="neuro")
    audit = AlsoReadBy(span=SPAN, worklist="neuro", audit=True)

    decision = decided(base(rules=(rule("r", ALWAYS, route("neuro"), also, audit),)))

    assert [(one.worklist, one.audit) for one in decision.also] == [("neuro", True)]


def test_a_hold_ends_with_its_condition_and_with_the_due() -> None:
    until = IsTrue(span=SPAN, text="images_complete", operand=ref("images_complete"))
    hold = HoldUntil(span=SPAN, at_most=length(2, Unit.HOURS), until=until)
    program = base(rules=(rule("held", ALWAYS, hold), rule("soon", is_("site", "A"), due(1))))

    held = decided(program)
    shorter = decided(program, site="A")

    assert held.hold
    assert (held.hold.at_most_minutes, held.hold.until) == (120, "images_complete")
    assert shorter.hold
    assert shorter.hold.at_most_minutes == 60
    assert decided(program, images_complete=True).hold is None
    assert decided(program, site="A", exam_end=AT - timedelta(hours=3)).hold is None


def test_a_guarantee_passes_a_route_over_for_the_next_match() -> None:
    never = Guarantee(
        span=SPAN,
        name="no child",
        claims=(NeverRoute(worklists=("on_call",)),),
        when=Possibly(span=SPAN, part=under(16)),
    )
    rules = (
        rule("one", CT, route("on_call"), EscalateTo(span=SPAN, worklist="neuro", overdue=True)),
        rule("two", CT, route("neuro")),
    )
    program = base(rules=rules, guarantees=(never,))

    kept, free = decided(program, modality=("CT",)), decided(program, modality=("CT",), age=Duration(years=40))

    assert (kept.worklist, kept.route_rule, kept.escalations) == ("neuro", "two", ())
    assert [(one.kind, one.source) for one in kept.problems] == [("guarantee", "no child")]
    assert (free.worklist, free.problems) == ("on_call", ())


def test_a_guarantee_that_nothing_satisfies_ends_on_the_exceptions_list() -> None:
    never = Guarantee(span=SPAN, name="g", claims=(NeverRoute(worklists=("general", "neuro")),))
    always = Guarantee(span=SPAN, name="g", claims=(AlwaysRoute(worklist="paeds"),))

    for guarantee in (never, always):
        decision = decided(
            base(rules=(rule("r", CT, route("neuro"), Tag(span=SPAN, tags=("kept",))),), guarantees=(guarantee,)),
            modality=("CT",),
        )

        assert (decision.worklist, decision.outcome, decision.priority) == ("attention", Outcome.EXCEPTION, "urgent")
        assert decision.tags == ("kept",)
        assert decision.due_at


def test_a_guarantee_vetoes_a_closure() -> None:
    close = NoReport(span=SPAN, reason="r", policy="P-12", until=date(2026, 12, 31))
    never = Guarantee(span=SPAN, name="never", claims=(NeverClose(),), when=is_("site", "A"))
    program = base(rules=(rule("r", ALWAYS, route("neuro"), close),), guarantees=(never,))

    assert decided(program).closure
    assert decided(program, site="A").closure is None
    assert decided(program, site="A").problems


def test_a_rule_that_fails_leads_to_the_exceptions_list(monkeypatch: pytest.MonkeyPatch) -> None:
    """It should not happen; if it does, a person sees the procedure, and no other rule is lost."""

    def fail(_: object) -> None:
        raise ZeroDivisionError("a patient's name")

    monkeypatch.setitem(Conditions._MAKERS, Includes, lambda *_: fail)  # type: ignore[index]
    broken = compile_program(base(rules=(rule("bad", CT, route("neuro")), rule("good", ALWAYS, priority("stat")))))
    decision = decide(broken, said(modality=("CT",)), AT)

    assert (decision.outcome, decision.worklist, decision.priority) == (Outcome.EXCEPTION, "attention", "stat")
    assert [(one.kind, one.source) for one in decision.problems] == [("rule-failed", "bad")]
    assert "name" not in decision.problems[0].message
    assert decided(base(), at=datetime(9999, 12, 31, tzinfo=UTC)).worklist == "general"


def test_undecided_names_the_rule_and_the_attribute_as_written() -> None:
    program = base(
        rules=(
            rule("child", under(16), route("paeds")),
            rule("no difference", under(1), route("general")),
            rule("leans", Possibly(span=SPAN, part=under(16)), Tag(span=SPAN, tags=("t",))),
            rule("not unless", And(span=SPAN, parts=(CT, Not(span=SPAN, part=is_("site", "A")))), priority("stat")),
        )
    )

    decision = decided(program, modality=("CT",), birth_date=date(2030, 1, 1))

    assert [(one.rule, one.attributes) for one in decision.undecided] == [
        ("child", ("age",)),
        ("no difference", ("age",)),  # it would have been routed, not left over
        ("not unless", ("site",)),
    ]
    assert decided(program, modality=("MR",), age=Duration(years=40), site="B").undecided == ()


@pytest.mark.parametrize(
    ("known", "clock"),
    [
        ({}, AT),
        ({"exam_end": datetime(2026, 3, 10, 9)}, datetime(2026, 3, 10, 9, tzinfo=UTC)),  # noqa: DTZ001 - local
        ({"exam_end": datetime(2026, 3, 10, 9), "site": "C"}, datetime(2026, 3, 10, 9, tzinfo=UTC)),  # noqa: DTZ001 - local
        ({"exam_end": AT + timedelta(seconds=1)}, AT),
        ({"exam_end": AT + timedelta(hours=1), "arrival": AT + timedelta(hours=2)}, AT + timedelta(hours=1)),
        ({"exam_end": date(2026, 3, 9)}, AT),
        ({"exam_end": "not a time"}, AT),
    ],
)
def test_the_clock_is_the_exam_end_unless_it_is_later_than_the_arrival(known: dict[str, Any], clock: datetime) -> None:
    assert decided(base(), **known).clock_at == clock


def test_a_date_alone_counts_for_ages_and_for_nothing_else() -> None:
    program = base(rules=(rule("child", under(16), route("paeds"), due(1)),))

    decision = decided(program, exam_end=date(2026, 3, 9), birth_date=date(2010, 3, 10))

    assert (decision.worklist, decision.due_at) == ("paeds", AT + timedelta(hours=1))
    assert decided(program, birth_date=date(2010, 3, 10)).worklist == "general"


def test_a_cut_text_is_a_problem_and_its_missing_words_are_unknown() -> None:
    program = base(
        rules=(
            rule("r", mentions("description", "head"), route("neuro")),
            rule("no", Not(span=SPAN, part=mentions("description", "head")), route("paeds")),
        )
    )
    decision = decided(program, description=("x " * 40_000 + "head",))

    assert decision.worklist == "general"
    assert [one.kind for one in decision.problems] == ["text-cut"]
    assert {one.rule for one in decision.undecided} == {"r", "no"}


def test_expressions_are_found_anywhere_in_a_field() -> None:
    expression = Matches(span=SPAN, text="matches", left=ref("description"), pattern="t[0-9]+ *w")
    program = base(rules=(rule("r", expression, route("neuro")),))

    assert decided(program, description=("axial", "t2 weighted")).worklist == "neuro"
    assert decided(program, description=("axial \ud800",)).worklist == "general"
    assert decided(program).undecided


def test_a_declared_attribute_may_have_any_name() -> None:
    """What is remembered of a subject never takes an attribute for something else."""
    known = {
        name: Known(name=name, type=Type.CODE, origin=Origin.DECLARED, sources=(ref("site"),))
        for name in ("guards", "otherwise", "exceptions")
    }
    named = rule(
        "named",
        Is(span=SPAN, left=AttributeRef(name="guards", type=Type.CODE), values=(const(Type.CODE, "A"),)),
        route("neuro"),
    )
    made = base(rules=(named,), known=KNOWN | known)

    assert decided(made, site="A").worklist == "neuro"


def test_cells_of_sets_are_any_of_them() -> None:
    table = evolve(
        base().tables["procedures"],
        columns=("flag", "words", "until"),
        rows=(
            Row(keys=("P1",), cells=(True, ("head",), datetime(2026, 3, 10, 12))),  # noqa: DTZ001 - local
            Row(keys=("P2",), cells=(False, ("neck",), None)),
        ),
    )

    def of(column: str, type_: Type) -> Cell:
        return cell("procedures", column, type_, "procedure_code", many=True)

    rules = (
        rule("flag", IsTrue(span=SPAN, operand=of("flag", Type.YES_NO)), Tag(span=SPAN, tags=("flag",))),
        rule(
            "words",
            Mentions(span=SPAN, left=of("words", Type.TEXT), phrases=("head",)),
            Tag(span=SPAN, tags=("words",)),
        ),
        rule("due", ALWAYS, DueByInstant(span=SPAN, instant=of("until", Type.INSTANT))),
    )
    made = base(rules=rules, tables={"procedures": table})

    both, second, none = (decided(made, procedure_code=codes) for codes in (("P2", "P1"), ("P2",), ("X",)))

    assert (both.tags, both.due_at) == (("flag", "words"), datetime(2026, 3, 10, 12, tzinfo=UTC))
    assert second.tags == none.tags == ()
    assert [one.rule for one in none.undecided] == ["flag", "words"]


@pytest.mark.parametrize(
    "at",
    [
        datetime.max.replace(tzinfo=UTC),
        datetime.min.replace(tzinfo=UTC),
        datetime.max.replace(tzinfo=timezone(timedelta(hours=-14))),
        datetime.min.replace(tzinfo=timezone(timedelta(hours=14))),
    ],
)
def test_the_ends_of_the_calendar_are_decided_too(at: datetime) -> None:
    late = DueWithin(span=SPAN, within=length(90, Unit.DAYS))
    rules = (rule("r", During(span=SPAN, times="core"), due(1)), rule("d", ALWAYS, late))

    decision = decided(base(rules=rules), at, modality=("CT",))

    assert decision.worklist in {"general", "attention"}
    assert decision.as_dict()["priority"]


@pytest.mark.slow
@settings(max_examples=60)
@given(PROGRAMS, st.one_of(GARBAGE, PROCEDURES_SAID))
def test_every_decision_can_be_explained(program: Program, attributes: Attributes) -> None:
    """Whoever gave a value that counts is named, and asking never fails or changes anything."""
    compiled = compile_program(program)
    explainer = Explainer(compiled=compiled, attributes=attributes, at=AT, key="A-1")
    decision = decide(compiled, attributes, AT, key="A-1", explain_with=explainer)

    for other in (None, "R0", "neuro", "nowhere"):
        why = decision.explain(other)
        assert (why.worklist, why.route_rule, why.clock_at) == (
            decision.worklist,
            decision.route_rule,
            decision.clock_at,
        )
        assert str(why)
        assert why.as_dict()["earlier"] == [
            one for one in why.as_dict()["earlier"] if one["rule"] != decision.route_rule
        ]
    routes = [(one.value, one.by) for one in decision.explain().contributions if one.effect == "route"]
    rest = "otherwise" if decision.outcome is Outcome.OTHERWISE else "exceptions"
    assert routes == [(decision.worklist, decision.route_rule or rest)]


def test_rules_are_about_one_kind_of_item() -> None:
    made = base(rules=(rule("report", ALWAYS, route("neuro")), rule("audit", ALWAYS, route("paeds"), kind="audit")))
    compiled = compile_program(made)

    assert [decide(compiled, said(), AT, kind=kind).worklist for kind in ("report", "audit", "opinion")] == [
        "neuro",
        "paeds",
        "general",
    ]

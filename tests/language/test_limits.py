"""What is too large for one decision: it counts in part or not at all, never wrongly, and a problem says so."""

from __future__ import annotations

from itertools import accumulate
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.attributes import Attributes, Type
from routing.compile import compile_program
from routing.compile.conditions import Conditions
from routing.compile.doubts import MOST_CODES
from routing.compile.spellings import Expressions
from routing.compile.subject import Subject
from routing.decide import decide
from routing.decision import Decision
from routing.diagnostics import Severity
from routing.errors import RulebookError
from routing.examples import run_examples
from routing.meaning.expressions import MOST_STEPS, WORK, room, steps
from routing.meaning.lookups import MOST
from routing.meaning.negation import shipped
from routing.meaning.occurrences import occurs
from routing.meaning.words import LIMIT, MOST_FIELDS, NEAR, Text, phrase
from routing.program import (
    Compares,
    DueWithin,
    Includes,
    Length,
    Matches,
    Not,
    Order,
    Program,
    Reach,
    RouteTo,
    Rule,
    Spelt,
    Tag,
    Unit,
)
from routing.rulebook import Rulebook
from routing.undecided import MOST_UNKNOWN
from tests.effort import calls
from tests.language.leaves import PAIR_HOURS
from tests.language.making import AT, SPAN, base, const, includes, is_, mentions, ref, rule, said
from tests.language.oracle import Case
from tests.language.oracle import occurs as slowly
from tests.language.programs import PROCEDURES_SAID, PROGRAMS


def decided(*rules: Rule, **known: Any) -> Decision:
    """Return the decision, the same as the slow interpreter makes it."""
    program = base(rules=rules)
    decision = decide(compile_program(program), said(**known), AT)
    told = Case(program, said(**known), AT, None).decide()
    for name in ("worklist", "route_rule", "due_at", "rules"):
        assert getattr(decision, name) == told[name]
    assert tuple(one.rule for one in decision.undecided) == told["undecided"]
    return decision


def routed(condition: Any, name: str = "r") -> Rule:
    return rule(name, condition, RouteTo(span=SPAN, to="neuro"))


def kinds(decision: Decision) -> list[tuple[str, str]]:
    return [(one.kind, one.source) for one in decision.problems]


@pytest.mark.parametrize("reach", Reach)
def test_a_set_of_more_codes_than_count_is_unknown_whatever_is_asked_of_it(reach: Reach) -> None:
    codes = tuple(f"X{number}" for number in range(MOST_CODES))
    asked = Includes(span=SPAN, left=ref("procedure_code"), reach=reach, values=(const(Type.CODE, "X1"),))
    spelt = Spelt(span=SPAN, left=ref("procedure_code"), operator="starts with", texts=("X",))
    rules = routed(asked, "includes"), routed(Not(span=SPAN, part=spelt), "not spelt")

    whole = decided(*rules, procedure_code=codes)
    larger = decided(*rules, procedure_code=(*codes, "more"))

    assert (whole.problems, whole.undecided) == ((), ())
    assert kinds(larger) == [("too-many-codes", "procedure_code")]
    assert larger.problems[0].message == "`procedure_code` has more than 1,000 codes, and counts as unknown"
    assert {one.rule: one.attributes for one in larger.undecided} == {
        "includes": ("procedure_code",),
        "not spelt": ("procedure_code",),
    }


def test_in_place_of_a_set_that_is_too_large_no_lesser_source_of_it_counts() -> None:
    text = (
        'worklist w "W" for everyone\nexceptions route to w priority urgent due within 1 hour\n'
        "priorities urgent, routine\nattribute paths is codes from procedure_code\n"
        'rule "a" when paths includes "A" route to w priority urgent\n'
        "otherwise route to w priority routine due within 1 day\n"
    )
    compiled = compile_program(Rulebook.loads(text).program)
    codes = tuple(f"X{number}" for number in range(MOST_CODES + 1))
    known = said(procedure_code=("A",), paths=codes)

    decision = decide(compiled, known, AT)

    assert decide(compiled, said(procedure_code=("A",)), AT).rules == ("a",)
    assert ([one.rule for one in decision.undecided], decision.rules) == (["a"], ())
    assert kinds(decision) == [("too-many-codes", "paths")]
    assert Case(compiled.program, known, AT, None).decide()["undecided"] == ("a",)


@pytest.mark.parametrize("kind", [tuple, list, set, frozenset])
def test_a_large_set_costs_no_more_than_its_size_is_read(kind: Any) -> None:
    compiled = compile_program(base(rules=(routed(includes("procedure_code", "P1")),)))

    def asked(count: int) -> int:
        known = said(procedure_code=kind(f"X{number}" for number in range(count)))
        decide(compiled, known, AT)
        return calls(decide, compiled, known, AT)

    assert asked(100 * MOST_CODES) == asked(MOST_CODES + 1)


def test_of_many_unknown_rules_the_first_are_asked_and_a_problem_tells_of_the_others() -> None:
    def of(count: int) -> Decision:
        return decided(*[routed(is_("site", f"S{number}"), f"R{number}") for number in range(count)])

    whole, larger = of(MOST_UNKNOWN), of(MOST_UNKNOWN + 1)

    assert (len(whole.undecided), whole.problems) == (MOST_UNKNOWN, ())
    assert [one.rule for one in larger.undecided] == [f"R{number}" for number in range(MOST_UNKNOWN)]
    assert kinds(larger) == [("too-many-unknown", "undecided")]
    assert larger.problems[0].message == "101 rules are unknown, and only the first 100 were asked whether they matter"


@settings(max_examples=60, deadline=None)
@given(PROGRAMS, PROCEDURES_SAID, st.integers(0, 3))
def test_of_any_rulebook_the_first_unknown_rules_are_asked(program: Program, known: Attributes, most: int) -> None:
    decision = decide(compile_program(program), known, AT, most_unknown=most)
    case = Case(program, known, AT, None)

    assert tuple(one.rule for one in decision.undecided) == case.decide(most)["undecided"]
    unknown = [one for one in program.rules if one.kind == "report" and case.holds(one.condition) is None]
    assert ("too-many-unknown", "undecided") in kinds(decision) or len(unknown) <= most
    assert ("too-many-unknown", "undecided") not in kinds(decision) or len(unknown) > most


@pytest.mark.parametrize("fails", [False, True])
def test_what_many_unknown_rules_would_change_costs_no_more(fails: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the rules are asked one by one, because one of them fails."""

    def fail(_: object) -> None:
        raise ZeroDivisionError

    if fails:
        monkeypatch.setitem(Conditions._MAKERS, Includes, lambda *_: fail)

    def asked(count: int) -> int:
        rules = [rule(f"R{number}", is_("site", f"S{number}"), Tag(span=SPAN, tags=("t",))) for number in range(count)]
        compiled = compile_program(base(rules=(routed(includes("modality", "CT"), "first"), *rules)))
        known = said(modality=("MR",))
        assert len(decide(compiled, known, AT).undecided) == MOST_UNKNOWN
        assert ("too-many-unknown", "undecided") in kinds(decide(compiled, known, AT))
        return calls(lambda: decide(compiled, known, AT).undecided)

    assert asked(4 * MOST_UNKNOWN) - asked(2 * MOST_UNKNOWN) < 20 * MOST_UNKNOWN * (1 if fails else 0.02)


def test_an_example_may_name_what_any_unknown_rule_lacks() -> None:
    rules = [f'rule "R{number}" when site is "S{number}" route to w' for number in range(MOST_UNKNOWN)]
    text = (
        'worklist w "W" for everyone\nexceptions route to w priority urgent due within 1 hour\n'
        "priorities urgent, routine\n"
        + "\n".join(rules)
        + '\nrule "last" when station is "X" route to w\notherwise route to w priority routine due within 1 day\n'
        + 'example "e"\n  modality CT\n  expect undecided station\n'
    )

    assert [one.failures for one in run_examples(Rulebook.loads(text)).results] == [()]


def test_of_a_text_the_first_fields_count_and_what_is_not_in_them_is_unknown() -> None:
    rules = (
        routed(mentions("description", "head"), "mentions"),
        routed(Spelt(span=SPAN, left=ref("description"), operator="starts with", texts=("head",)), "starts"),
        routed(Matches(span=SPAN, left=ref("description"), pattern="head"), "matches"),
        routed(mentions("indication", "head"), "not asked of it"),
    )
    fields = ("",) + ("x",) * (MOST_FIELDS - 1)

    whole = decided(*rules, description=fields)
    larger = decided(*rules, description=(*fields, "head"))
    first = decided(*rules, description=("head", *fields))

    assert (whole.problems, [one.rule for one in whole.undecided]) == ((), ["not asked of it"])
    assert kinds(larger) == kinds(first) == [("text-cut", "description")]
    assert larger.problems[0].message == "only the first 1,000 fields of `description` count"
    assert [one.rule for one in larger.undecided] == ["mentions", "starts", "matches", "not asked of it"]
    assert first.rules == ("mentions", "starts", "matches")


def test_exceptions_and_negation_look_at_the_first_letters_and_plain_words_at_all() -> None:
    rules = (
        routed(mentions("indication", "head", excepted=("x head",)), "excepted"),
        routed(mentions("indication", "head", not_negated=True), "not negated"),
        routed(mentions("indication", "head"), "plain"),
    )
    before = "y " * (NEAR // 2)

    whole = decided(*rules, indication=("head".rjust(NEAR),))
    larger = decided(*rules, indication=(f"{before}head",))

    assert whole.problems == ()
    assert whole.rules == ("excepted", "not negated", "plain")
    assert larger.rules == ("plain",)
    assert [one.message for one in larger.problems] == [
        "only the first 16,384 letters of `indication` count for `except` and `not negated`"
    ]
    assert decided(*rules, indication=(f"{before}tail",)).rules == ()


def test_a_field_that_begins_after_what_counts_is_not_known_to_start_with_anything() -> None:
    starts = routed(Spelt(span=SPAN, left=ref("description"), operator="starts with", texts=("head",)))

    assert decided(starts, description=("x" * LIMIT * 2,)).undecided == ()
    assert decided(starts, description=("x" * (LIMIT - 1), "head")).worklist == "neuro"
    assert [one.rule for one in decided(starts, description=("x" * LIMIT, "head")).undecided] == ["r"]
    assert decided(starts, description=(" " * LIMIT * 2, "he" + "a" * 900 + "d")).worklist == "general"


def test_a_beginning_is_found_behind_any_amount_of_white_space() -> None:
    starts = routed(Spelt(span=SPAN, left=ref("description"), operator="starts with", texts=("ä  head",)))

    for lead in ("", " ", " " * 5_000):
        assert decided(starts, description=(f"{lead}Ä{lead or ' '}HEAD{' x' * 5_000}",)).worklist == "neuro"


@pytest.mark.parametrize("asks", ["condition", "effect"])
def test_a_lookup_of_more_combinations_than_are_tried_is_unknown_and_a_problem(asks: str) -> None:
    due = DueWithin(span=SPAN, within=Length(amount=PAIR_HOURS, unit=Unit.HOURS))
    compares = Compares(span=SPAN, left=ref("image_count"), order=Order.OVER, right=PAIR_HOURS)
    made = rule("r", includes("modality", "CT"), due) if asks == "effect" else routed(compares)
    codes = ("P1", *(f"X{number}" for number in range(1, MOST // 2)))

    known = {"modality": ("CT", "MR"), "image_count": 90}
    within = decided(made, procedure_code=codes, **known)
    larger = decided(made, procedure_code=(*codes, "more"), **known)

    assert within.problems == ()
    assert within.rules == ("r",)
    assert kinds(larger) == [("lookup-too-large", "pairs")]
    assert (larger.route_rule, larger.due_at) == (None, decided(procedure_code=codes).due_at)


def test_the_more_steps_expressions_take_the_fewer_letters_count() -> None:
    patterns = [f"ab{'c' * number}.*head" for number in range(20)]
    rules = [
        routed(Matches(span=SPAN, left=ref("indication"), pattern=one), f"R{number}")
        for number, one in enumerate(patterns)
    ]
    most = room(sum(map(steps, patterns)))
    text = "abccc head".rjust(most, "-")

    assert 250 < most < LIMIT
    assert room(1) == LIMIT
    assert room(10 * MOST_STEPS) == room(MOST_STEPS) == WORK // MOST_STEPS
    whole, cut = decided(*rules, indication=(text,)), decided(*rules, indication=("-" + text,))
    assert whole.rules == ("R0", "R1", "R2", "R3")
    assert whole.problems == ()
    assert cut.rules == ()
    assert len(cut.undecided) == 20
    assert cut.problems[0].message == f"only the first {most:,} letters of `indication` count for `matches`"
    assert kinds(decided(*rules, indication=(text[-20:] + "-" * LIMIT,))) == [("text-cut", "indication")]


def test_expressions_that_take_more_steps_than_are_looked_for_are_refused_at_their_place() -> None:
    head = 'worklist w "W" for everyone\nexceptions route to w priority urgent due within 1 hour\n'
    end = "\notherwise route to w priority routine due within 1 day\n"

    def book(count: int, pattern: str = "x{{{}}}.{{50}}") -> str:
        rules = [
            f'rule "R{number}" when description matches /{pattern.format(number + 1)}/ route to w'
            for number in range(count)
        ]
        return head + "priorities urgent, routine\n" + "\n".join(rules) + end

    taken = list(accumulate(steps(f"x{{{number + 1}}}.{{50}}") for number in range(20)))
    most = sum(each <= MOST_STEPS for each in taken)
    assert 0 < most < 20
    assert Rulebook.loads(book(most))
    assert Rulebook.loads(book(200, "x{{3}}.{{50}}"))  # the same expression again takes no more
    with pytest.raises(RulebookError) as refused:
        Rulebook.loads(book(20))
    (found,) = [one for one in refused.value.findings if one.severity is Severity.ERROR]
    assert (found.name, found.span.line) == ("regex-unavailable", 4 + most)
    assert "steps, more than 4,000" in found.message
    assert "mentions" in found.help


def test_what_codes_begin_with_is_found_in_one_pass_for_all_rules() -> None:
    def asked(count: int, held: int) -> int:
        codes = tuple(f"{number % 100:02d}-{number}" for number in range(held))
        rules = [
            routed(
                Spelt(
                    span=SPAN,
                    left=ref("procedure_code"),
                    operator="starts with",
                    texts=(f"{number:02d}",),
                    excepted=(f"{number:02d}-1",),
                ),
                f"R{number}",
            )
            for number in range(count)
        ]
        compiled = compile_program(base(rules=tuple(rules)))
        return calls(decide, compiled, said(procedure_code=codes), AT)

    assert asked(90, MOST_CODES) - asked(40, MOST_CODES) < 1.1 * (asked(90, 100) - asked(40, 100))


WORDS = st.sampled_from(["no", "head", "headache", "femoral", "prosthesis", "bleed", "ruled", "out", "not", "é", "x"])
PARTS = st.sampled_from([" ", " ", "-", ", ", ". ", "\n", "_", "\N{RIGHT SINGLE QUOTATION MARK}"])
FIELDS = st.lists(st.lists(st.tuples(WORDS, PARTS).map("".join), max_size=12).map("".join), min_size=1, max_size=3).map(
    tuple
)


@settings(max_examples=400, deadline=None)
@given(
    FIELDS,
    st.integers(0, 60),
    st.lists(WORDS, min_size=1, max_size=2).map(" ".join),
    st.lists(st.lists(WORDS, min_size=1, max_size=3).map(" ".join), max_size=2),
    st.booleans(),
)
def test_what_is_mentioned_in_as_much_of_a_text_as_counts_is_mentioned_in_all_of_it(
    fields: tuple[str, ...], limit: int, wanted: str, excepted: list[str], negated: bool
) -> None:
    """No word, exception or negation that goes on where the text is cut makes true what is not."""
    asked, masks, negating = phrase(wanted), [phrase(one) for one in excepted], shipped() if negated else None
    part, whole = Text(fields, limit), Text(fields)

    assert occurs(asked, part, masks, negating) <= occurs(asked, whole, masks, negating)
    assert occurs(asked, part, masks, negating) == slowly(asked, part, masks, negating)
    assert asked.is_in(part) <= asked.is_in(whole)
    assert part.cut or part.fields == fields


@settings(max_examples=200, deadline=None)
@given(FIELDS, st.integers(0, 60))
def test_what_matches_as_much_of_a_text_as_counts_matches_all_of_it(fields: tuple[str, ...], room: int) -> None:
    patterns = ("head$", r"\bhead\b", r"head\B", r"out\z", "^$", "(?m)x$", "head", r"\$", "femoral.*out")
    expressions = Expressions()
    numbers = [expressions.number(one) for one in patterns]
    expressions.settle()
    subject = Subject(said(), AT, None)
    whole, _ = expressions.found(fields, subject)
    expressions.room = room
    part, cut = expressions.found(fields, Subject(said(), AT, None))

    assert part <= whole <= set(numbers)
    assert cut == (sum(map(len, fields)) > room)


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("y " * (LIMIT // 2 - 2) + "headache", mentions("indication", "head")),
        (", " * (NEAR // 2 - 2) + "headache", mentions("indication", "head", not_negated=True)),
        (
            "y " * (NEAR // 2 - 6) + "femoral head prosthesis",
            mentions("indication", "head", excepted=("head prosthesis",)),
        ),
        (", " * (NEAR // 2 - 6) + "head bleed ruled out", mentions("indication", "bleed", not_negated=True)),
        ("y " * (LIMIT // 2 - 2) + "headache", Matches(span=SPAN, left=ref("indication"), pattern="head$")),
        ("y " * (LIMIT // 2 - 2) + "headache", Matches(span=SPAN, left=ref("indication"), pattern=r"head\b")),
    ],
)
def test_what_a_text_only_seems_to_say_where_it_is_cut_is_unknown(text: str, condition: Any) -> None:
    for one in (condition, Not(span=SPAN, part=condition)):
        decision = decided(routed(one), indication=(text,))

        assert ([each.rule for each in decision.undecided], decision.rules) == (["r"], ())
        assert [kind for kind, _ in kinds(decision)] == ["text-cut"]

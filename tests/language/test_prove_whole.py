"""Proofs against brute force over every study, against planted faults, and against another solver."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from itertools import combinations, product
from typing import Any

import pytest
from attrs import evolve

from routing.attributes import Attributes, Duration, Value
from routing.compile import compile_program
from routing.decide import decide
from routing.decision import Decision
from routing.prove import Proof, Proofs, prove
from routing.prove.changes import changes, differing
from routing.rulebook import Rulebook
from tests.language.proving import planted

DAY, NIGHT = datetime(2026, 1, 5, 12, tzinfo=UTC), datetime(2026, 1, 5, 3, tzinfo=UTC)
BEGIN = """rulebook "Small"
timezone Europe/London
priorities stat, urgent, soon, routine
times core are Mon-Fri 08:00-18:00
fact research is yes/no
fact weeks_left is weeks
define head as description mentions "head" except "femoral head"
table targets from "targets.csv" key patient_class, modality
worklist a "A" for everyone
worklist b "B" for everyone
worklist c "C" for everyone
worklist general "General" for everyone
worklist attention "Needs a human" for everyone
exceptions route to attention
"""
END = "otherwise route to general priority routine due within 28 days\n"
TARGETS = "patient_class,modality,hours\nemergency,CT,1\nemergency,*,4\ninpatient,MR,24\n"

# All values there are, as far as the conditions below can tell them apart: this list is the test's own.
CODES = ("CT", "MR", "PT", "US")
SETS = [tuple(one) for size in range(1, 4) for one in combinations(CODES, size)]
TEXTS = ("spine", "head", "femoral head", "no head", "no femoral head")
VALUES: dict[str, Sequence[Any]] = {
    "modality": [None, *((*one, "PETCT") if {"PT", "CT"} <= set(one) else one for one in SETS)],
    "patient_class": [None, "emergency", "inpatient", "outpatient", "preadmit"],
    "age": [None, *(Duration(years=years) for years in (3, 16, 17, 40)), Duration(years=16, precision="years")],
    "description": [None, ("x",), *(one for size in range(1, 6) for one in combinations(TEXTS, size))],
    "research": [None, True, False],
    "weeks_left": [None, 20, 30, 31],
    "clock": [DAY, NIGHT],
}
LEAVES = {
    "modality": (
        "modality includes CT",
        "modality includes any of CT, MR",
        "modality includes all of PT, CT",
        "modality includes PETCT",
        "modality includes only CT, MR",
        "modality includes none of MR, PT",
        "modality is known",
    ),
    "patient_class": (
        "patient_class is emergency",
        "patient_class is one of emergency, inpatient",
        "patient_class is not outpatient",
        "patient_class is unknown",
    ),
    "patient_class modality": (
        "targets[patient_class, modality].hours is known",
        "targets[patient_class, modality].hours is unknown",
    ),
    "age": ("age under 16 years", "age over 16 years", "age from 16 years to under 18 years", "age is unknown"),
    "description": (
        "head",
        'description mentions "head"',
        'description mentions "head" not negated',
        'description mentions "femoral head", "spine"',
    ),
    "research": ("research", "research is known"),
    "weeks_left": ("weeks_left under 30 weeks", "weeks_left over 30 weeks"),
    "clock": ("during core", "outside core"),
}
EFFECTS = (
    "priority urgent",
    "priority soon",
    "due within 3 days",
    "due within 5 hours",
    "tag t",
    "also read by c",
    "escalate to b after 1 hour",
)
CLOCKS = (
    DAY,
    NIGHT,
    *(datetime(2026, month, day, hour, tzinfo=UTC) for month, day, hour in ((1, 2, 12), (12, 25, 12), (12, 25, 3))),
)
ATTENTION = 'table attention from "attention.csv" key patient_class\n'
MORE_EFFECTS = (
    *EFFECTS,
    "raise priority",
    "due within targets[patient_class, modality].hours hours",
    "due within 2 working days",
    "audit by b within 3 days",
    "read by 2 different readers, disagreement to a",
)
OTHERWISES = (
    "otherwise route to general priority routine due within 28 days\n",
    "otherwise route to a priority routine due within 28 days\n",
    "otherwise route to general priority urgent due within 4 hours\n",
    "otherwise route to general priority routine due within 2 working days tag t\n",
)
KINDS = (
    "add",
    "remove",
    "move",
    "narrow",
    "widen",
    "effect",
    "rename",
    "otherwise",
    "table",
    "calendar",
    "attribute",
)
WITH_THE_LIST = {"also", "escalations"}  # what another list brings along shows somewhere, not in every study told
ELSEWHERE: dict[str, set[str]] = {"calendar": {"due_at"}}  # brute force looks at few days


def condition(chance: random.Random, names: Sequence[str], depth: int = 2) -> str:
    """Return a random condition over some attributes."""
    kind = chance.random()
    if depth and kind < 0.5:
        joint = chance.choice((" and ", " or "))
        parts = [condition(chance, names, depth - 1) for _ in range(chance.choice((2, 2, 3)))]
        return f"({joint.join(parts)})"
    leaf = chance.choice([leaf for key, found in LEAVES.items() if set(key.split()) <= set(names) for leaf in found])
    if kind < 0.6:
        return f"not ({leaf})"
    if kind < 0.8:
        return f"{chance.choice(('possibly', 'certainly'))} ({leaf})"
    return leaf


def rulebook(seed: int) -> tuple[Rulebook, list[dict[str, Any]]]:
    """Return a small random rulebook, and every study that it can tell apart."""
    chance = random.Random(seed)
    names = chance.sample(list(VALUES), chance.choice((2, 3, 3)))
    rules = []
    for number in range(chance.randrange(2, 6)):
        route = chance.choice(("route to a\n", "route to b\n", "route to c\n", ""))
        effect = chance.choice(EFFECTS) if not route or chance.random() < 0.4 else ""
        unless = f"unless {condition(chance, names, 1)}\n" if chance.random() < 0.2 else ""
        rules.append(f'rule "r{number}"\nwhen {condition(chance, names)}\n{unless}{route}{effect}\n')
    claim = chance.choice(("never route to a", "never route to b, c", "priority at least soon", "due within 4 days"))
    guarantee = f'guarantee "g" {claim} when {condition(chance, names, 1)}\n'
    book = Rulebook.loads(BEGIN + "".join(rules) + guarantee + END, tables={"targets.csv": TARGETS})
    studies = [dict(zip(names, values, strict=True)) for values in product(*(VALUES[name] for name in names))]
    return book, studies


def decide_all(book: Any, studies: Sequence[dict[str, Any]]) -> list[Decision]:
    return [decide_one(book, study) for study in studies]


def decide_one(compiled: Any, study: dict[str, Any]) -> Decision:
    known = {name: Value(value=value, source="test") for name, value in study.items() if name != "clock"}
    return decide(compiled, Attributes(known), study.get("clock", DAY), key="test")


def named(proofs: Sequence[Proof], book: Rulebook, name: str) -> set[str]:
    spans = {rule.span: rule.name for rule in book.program.rules}
    return {spans[one.finding.span] for one in proofs if one.finding.name == name and one.finding.span in spans}


def check_against_brute_force(seed: int) -> None:
    book, studies = rulebook(seed)
    decisions = decide_all(book.compiled, studies)
    proofs = prove(book.compiled)
    broken = {one.source for decision in decisions for one in decision.problems if one.kind == "guarantee"}

    fired = {name for decision in decisions for name in decision.rules}
    refuted = {one.finding.message.split("`")[1] for one in proofs if one.finding.name == "guarantee-refuted"}
    assert not [one for one in proofs if one.finding.name == "undecided"], seed
    assert refuted == broken, seed
    assert named(proofs, book, "always-false") == {rule.name for rule in book.program.rules} - fired, seed
    # Without guards the first true rule wins: a refuted guarantee passes routes over, and is an error of its own.
    bare = compile_program(evolve(book.program, guarantees=()))
    won = {decision.route_rule for decision in decide_all(bare, studies)}
    routing = {rule.name for rule in book.program.rules if any(type(e).__name__ == "RouteTo" for e in rule.effects)}
    assert named(proofs, book, "never-wins") == (routing & fired) - won, seed


def small(seed: int, calendar: str = "2026-12-25") -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the parts of a small random rulebook that leans on a table, a calendar and an attribute of its own."""
    chance = random.Random(seed)
    others = [name for name in VALUES if name not in ("description", "clock", "patient_class")]
    names = ["clock", "patient_class", *chance.sample(others, chance.choice((1, 1, 2)))]
    rules = []
    for number in range(chance.randrange(3, 7)):
        route = chance.choice(("route to a\n", "route to b\n", "route to c\n", ""))
        effect = (
            chance.choice(MORE_EFFECTS if "modality" in names else EFFECTS)
            if not route or chance.random() < 0.6
            else ""
        )
        when = condition(chance, names)
        if chance.random() < 0.3:
            when = f"({when}) and {chance.choice(('closed', 'not closed', 'acute', 'possibly acute'))}"
        rules.append((f"r{number}", when, f"{route}{effect}\n"))
    studies = [dict(zip(names[1:], values, strict=True)) for values in product(*(VALUES[one] for one in names[1:]))]
    studies = [{**one, "clock": at} for one in studies for at in CLOCKS]
    parts = {"rules": rules, "otherwise": chance.choice(OTHERWISES), "calendar": calendar, "targets": TARGETS}
    return {**parts, "acute": "attribute acute is yes/no from attention[patient_class].acute", "names": names}, studies


def loaded(parts: dict[str, Any]) -> Any:
    declared = f'calendar holidays from "holidays.csv"\n{parts["acute"]}\ndefine closed as on holidays\n'
    declared += "workdays are Mon-Fri except holidays\n"
    begin = BEGIN.replace("worklist a", f"{ATTENTION}{declared}worklist a", 1)
    text = "".join(f'rule "{name}"\nwhen {when}\n{effects}' for name, when, effects in parts["rules"])
    tables = {
        "targets.csv": parts["targets"],
        "holidays.csv": f"date\n{parts['calendar']}\n",
        "attention.csv": "patient_class,acute,urgent\nemergency,yes,yes\ninpatient,no,yes\n*,no,no\n",
    }
    return Rulebook.loads(begin + text + parts["otherwise"], tables=tables).compiled


def edits(chance: random.Random, parts: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return one edit of each kind."""
    rules, names = parts["rules"], parts["names"]
    place = chance.randrange(len(rules))
    name, when, effects = rules[place]
    rest = [*rules[:place], *rules[place + 1 :]]
    new = ("new", condition(chance, names), chance.choice(("route to a\n", "", "route to c\n")) + "tag t\n")
    at = chance.randrange(len(rules) + 1)
    lines = effects.splitlines()
    other = (
        "\n".join(
            [
                chance.choice(("route to b", "tag u", "priority stat", "raise priority")),
                *(one for one in lines[1:] if "priority" not in one),
            ]
        )
        + "\n"
    )

    def with_rule(*changed: str) -> list[tuple[str, ...]]:
        return [*rules[:place], changed, *rules[place + 1 :]]

    return {
        "add": {"rules": [*rules[:at], new, *rules[at:]]},
        "remove": {"rules": rest},
        "move": {"rules": [*rest[: at % (len(rest) + 1)], rules[place], *rest[at % (len(rest) + 1) :]]},
        "narrow": {"rules": with_rule(name, f"({when}) and {condition(chance, names, 1)}", effects)},
        "widen": {"rules": with_rule(name, f"({when}) or {condition(chance, names, 1)}", effects)},
        "effect": {"rules": with_rule(name, when, other)},
        "rename": {"rules": with_rule("renamed", when, effects)},
        "otherwise": {"otherwise": chance.choice([one for one in OTHERWISES if one != parts["otherwise"]])},
        "table": {"targets": parts["targets"].replace("emergency,CT,1", "emergency,CT,60")},
        "calendar": {"calendar": "2026-12-25\n2026-01-05"},
        "attribute": {"acute": "attribute acute is yes/no from attention[patient_class].urgent"},
    }


def check_differences(seed: int, kinds: Sequence[str] = ()) -> None:
    """Make an edit of each kind: what is proved of it is what brute force sees, and its studies show it."""
    parts, studies = small(seed)
    old = loaded(parts)
    decided = decide_all(old, studies)
    for kind, edit in edits(random.Random(seed), parts).items():
        if kinds and kind not in kinds:
            continue
        new = loaded({**parts, **edit})
        moved = {field for one, before in zip(studies, decided, strict=True) for field in gone(before, new, one)}

        found = changes(old, new)

        shown = {field for change in found.found for field in change.fields}
        assert not found.undecided, (seed, kind, found.undecided)
        assert bool(shown) >= bool(moved), (seed, kind, shown, moved)
        assert shown >= moved - WITH_THE_LIST, (seed, kind, shown, moved)
        assert shown <= moved | ELSEWHERE.get(kind, set()), (seed, kind, shown, moved)
        for change in found.found:
            assert differing(change.study.decide(old), change.study.decide(new)) == change.fields


def gone(before: Decision, new: Any, study: dict[str, Any]) -> tuple[str, ...]:
    return differing(before, decide_one(new, study))


@pytest.mark.parametrize("seed", range(6))
def test_a_small_rulebook_agrees_with_brute_force(seed: int) -> None:
    """Every study there is, decided: what never fires, never wins and breaks a guarantee."""
    check_against_brute_force(seed)


@pytest.mark.slow
def test_three_hundred_small_rulebooks_agree_with_brute_force() -> None:
    for seed in range(100, 400):
        check_against_brute_force(seed)


@pytest.mark.parametrize("kind", KINDS)
def test_an_edit_of_a_small_rulebook_agrees_with_brute_force(kind: str) -> None:
    check_differences(KINDS.index(kind), [kind])


@pytest.mark.slow
def test_a_thousand_edits_of_every_kind_agree_with_brute_force() -> None:
    for seed in range(1000, 1100):
        check_differences(seed)


# --- planted faults


@cache
def planted_and_proved(rules: int, seed: int) -> tuple[Any, Rulebook, list[Proof]]:
    made = planted(rules, seed)
    book = Rulebook.loads(made.text)
    return made, book, prove(book.compiled, book.findings)


def check_planted(rules: int, seed: int) -> None:
    made, book, proofs = planted_and_proved(rules, seed)
    messages = [one.finding.message for one in proofs]

    assert not [one for one in proofs if one.finding.name == "undecided"]
    assert named(proofs, book, "always-false") == made.always_false
    assert named(proofs, book, "never-wins") >= made.dead
    assert {one.finding.message.split("`")[3] for one in proofs if one.finding.name == "never-contributes"} >= made.idle
    assert {
        name for name in made.broken | made.kept if any(f"`{name}` does not" in one for one in messages)
    } == made.broken
    for rule in named(proofs, book, "never-wins") - made.dead:
        assert rule_never_wins(book, rule, rules), rule
    conflicts = {
        (one.finding.message.split("`")[1], one.finding.message.split("`")[3])
        for one in Proofs(book.compiled).conflicts()
        if one.finding.name == "conflict"
    }
    assert len(conflicts) == 200 or made.taken <= conflicts


def rule_never_wins(book: Rulebook, name: str, seed: int) -> bool:
    """Say whether none of many random studies is won by a rule: what is planted by chance must be true all the same."""
    rule = book.compiled.named[name]
    prover = Proofs(book.compiled)._provers["report"]
    place = prover.rules.index(rule)
    chance = random.Random(seed)
    found = prover.find([prover.fires[place]])
    assert found.model is not None
    study = prover.study(found.model)
    assert study is not None
    return all(decide_one(book.compiled, one).route_rule != name for one in around(dict(study.given), chance))


def around(given: dict[str, Any], chance: random.Random) -> Iterator[dict[str, Any]]:
    """Yield studies like one, with some attributes otherwise."""
    for _ in range(60):
        other = {
            "age": Duration(years=chance.choice((0, 5, 17, 30, 70, 80))),
            "patient_class": chance.choice(("emergency", "inpatient", "outpatient")),
            "body_part": (chance.choice(("HEAD", "CHEST", "KNEE")),),
            "description": (chance.choice(("trauma", "chest wall", "stent")),),
            "clock": chance.choice((DAY, NIGHT)),
        }
        yield {**{name: other[name] for name in chance.sample(list(other), 2)}, **given}


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_planted_fault_of_a_hundred_rules_is_found_and_no_other(seed: int) -> None:
    """Hidden by unions of two and three earlier rules, among rules that overlap by chance."""
    check_planted(100, seed)


@pytest.mark.slow
def test_every_planted_fault_of_a_thousand_rules_is_found_and_no_other() -> None:
    check_planted(1000, 1)


@pytest.mark.slow
def test_each_study_of_a_planted_fault_shows_it_when_it_is_decided() -> None:
    made, book, proofs = planted_and_proved(100, 1)

    shown = [one for one in proofs if one.finding.name in {"guarantee-refuted", "never-wins"}]
    for one in shown:
        assert one.study is not None
        decision = one.study.decide(book.compiled)
        if one.finding.name == "guarantee-refuted":
            assert [problem.source for problem in decision.problems] == [one.finding.message.split("`")[1]]
        else:
            name = one.finding.message.split("`")[1]
            assert name in decision.rules
            assert decision.route_rule != name
    assert len(shown) >= len(made.dead) + len(made.broken)


@pytest.mark.slow
def test_another_solver_agrees_on_which_rules_can_win() -> None:
    """The search alone, against z3: brute force above covers the partition as well."""
    import z3  # noqa: PLC0415 - half a second, for this test alone

    _, book, _ = planted_and_proved(100, 2)
    prover = Proofs(book.compiled)._provers["report"]
    variables: dict[tuple[int, int], Any] = {}

    def encode(formula: Any) -> Any:
        parts = getattr(formula, "parts", None)
        if parts is not None:
            return (z3.And if type(formula).__name__ == "All" else z3.Or)([encode(part) for part in parts])
        facet = prover.space.facets[formula.facet]
        bits = [bit for bit in range(len(facet.classes)) if formula.mask >> bit & 1]
        hit = z3.Or([variables.setdefault((facet.place, bit), z3.Bool(f"{facet.place}:{bit}")) for bit in bits])
        return hit if formula.some else z3.Not(hit)

    takes = [encode(formula) for formula in prover.takes]
    axioms = [encode(formula) for formula in prover.space.axioms]
    for facet in prover.space.facets:
        if not facet.many:
            every = [
                variables.setdefault((facet.place, bit), z3.Bool(f"{facet.place}:{bit}"))
                for bit in range(len(facet.classes))
            ]
            axioms.append(z3.PbEq([(one, 1) for one in every], 1))
    for place in prover.routing:
        solver = z3.Solver()
        solver.add(*axioms, takes[place], *(z3.Not(one) for one in takes[:place]))
        assert (solver.check() == z3.sat) is (prover.wins(place).model is not None), prover.rules[place].rule.name

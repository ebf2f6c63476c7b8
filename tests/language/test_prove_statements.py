"""Proofs of single sentences: what is found, that it is named, and that its study shows it when it is decided."""

from __future__ import annotations

import pytest

from routing.diagnostics import Finding
from routing.prove import Proof
from routing.rulebook import Rulebook, check_text, check_whole

HEAD = """rulebook "Proofs"
timezone Europe/London
clock exam_end, else arrival
priorities stat, urgent, soon, routine
times core are Mon-Fri 08:00-18:00
times night are Mon-Sun 20:00-08:00
fact research is yes/no
worklist paeds "Paediatrics" for everyone
worklist ct "CT" for everyone
worklist neuro "Neuro" for everyone
worklist on_call "On call" for everyone
worklist general "General" for everyone
worklist attention "Needs a human" for everyone
exceptions route to attention
"""
TAIL = """
otherwise route to general priority routine due within 28 days
"""


def proofs(rules: str, name: str) -> list[Proof]:
    checked = check_whole(HEAD + rules + TAIL)
    assert checked.book is not None, [one.headline() for one in checked.findings]
    return [one for one in checked.proofs if one.finding.name == name]


def found(rules: str, name: str) -> list[str]:
    return [one.finding.message for one in proofs(rules, name)]


def named(findings: tuple[Finding, ...]) -> list[str]:
    return [one.name for one in findings]


CT = 'rule "CT" when modality includes CT route to ct\n'
STAT_OR_URGENT = 'rule "a" when research priority stat\nrule "b" when not certainly research priority urgent\n'
CHILDREN = 'rule "p" when possibly age under 16 years route to paeds\n'
HEAD_CT = 'rule "Head" when modality includes CT and body_part includes HEAD route to neuro\n'


def test_a_rule_behind_a_wider_one_never_wins_and_says_behind_which() -> None:
    messages = found(CT + HEAD_CT, "never-wins")

    assert messages == ["the rule `Head` never names the list: `CT` takes every study that it matches"]
    assert not found(HEAD_CT + CT, "never-wins")


def test_the_study_of_a_rule_that_never_wins_matches_it_and_goes_to_the_earlier_one() -> None:
    """A person runs it through `why` and sees who takes it."""
    proof = proofs(CT + HEAD_CT, "never-wins")[0]
    book = Rulebook.loads(HEAD + CT + HEAD_CT + TAIL)
    assert proof.study is not None

    decision = proof.study.decide(book.compiled)

    assert decision.route_rule == "CT"
    assert decision.rules == ("CT", "Head")


@pytest.mark.parametrize(
    ("hiding", "dead"),
    [
        (("age under 16 years", "age at least 16 years", "age is unknown"), True),
        (("age under 16 years", "age at least 16 years"), False),
        (("age under 16 years", "age over 16 years", "age is unknown"), False),
        (("research", "not research", "research is unknown"), True),
        (("research", "not certainly research"), True),
        (("research", "not research"), False),
        (("possibly research", "not research"), True),
        (("during core", "outside core"), True),
        (("during core", "during night"), False),
        (("sex is F", "sex is one of M, O", "sex is unknown"), True),
        (("site is RIVERSIDE", "site is not RIVERSIDE", "site is unknown"), True),
        (("site is RIVERSIDE", "site is CITY", "site is unknown"), False),
        (("modality includes any of CT, MR", "modality includes none of CT, MR"), False),
        (("modality includes any of CT, MR", "modality includes none of CT, MR", "modality is unknown"), True),
        (("modality includes only CT, MR", "modality includes any of CT, MR", "modality is unknown"), False),
        (("image_count under 3", "image_count at least 3", "image_count is unknown"), True),
        (("image_count under 3", "image_count over 3", "image_count is unknown"), False),
        (('description mentions "chest"', 'not certainly description mentions "chest"'), True),
        (('description mentions "chest"', 'not description mentions "chest"'), False),
        (('station starts with "ED"', 'not certainly station starts with "ED"'), True),
    ],
)
def test_the_union_of_earlier_rules_counts(hiding: tuple[str, ...], dead: bool) -> None:
    """Pairwise checks find only a third of these."""
    earlier = "".join(f'rule "hides {place}" when {one} route to ct\n' for place, one in enumerate(hiding))

    messages = found(earlier + 'rule "behind" when ordered route to neuro\n', "never-wins")

    assert bool(messages) is dead
    if dead:
        assert all(f"`hides {place}`" in messages[0] for place in range(len(hiding)))


@pytest.mark.parametrize(
    "condition",
    [
        'description mentions "chest wall" and not description mentions "chest"',
        "sex is F and sex is M",
        "age under 16 years and age over 18 years",
        "during core and during night",
        "modality includes only CT and modality includes MR",
        "modality includes all of PT, CT and modality includes none of PETCT",
        "modality is unknown and modality includes CT",
        "research and certainly not research",
        'station starts with "EDCT" and not station starts with "ED"',
        "age at least 2 years and age under 12 months",
    ],
)
def test_a_condition_that_no_study_makes_true_is_found(condition: str) -> None:
    assert found(f'rule "never" when {condition} route to ct\n', "always-false")


@pytest.mark.parametrize(
    "condition",
    [
        'description mentions "chest" and description mentions "chest wall"',
        'description mentions "head" except "femoral head" and description mentions "femoral head"',
        'description mentions "contrast" and not description mentions "contrast" not negated',
        "modality includes all of PT, CT",
        "age at least 16 years and age under 17 years",
        "outside core and outside night",
        "age is known and not possibly research",
        'station starts with "ED" and not station starts with "EDCT"',
        "age under 29 days and not certainly age under 1 month",
    ],
)
def test_a_condition_that_some_study_makes_true_is_left_alone(condition: str) -> None:
    """Each fires when its study is decided: the proof that it can win needs one."""
    rules = f'rule "sometimes" when {condition} route to ct\n'
    book = Rulebook.loads(HEAD + rules + TAIL)
    answer = book.proofs._provers["report"].wins(0)
    study = book.proofs._provers["report"].study(answer.model) if answer.model is not None else None

    assert not found(rules, "always-false")
    assert study is not None
    assert study.decide(book.compiled).route_rule == "sometimes"


def test_one_alternative_that_is_never_true_is_found_where_it_stands() -> None:
    rules = 'rule "r" when research or (sex is F and sex is M) route to ct\n'

    assert [one.finding.name for one in proofs(rules, "always-false")] == ["always-false"]
    assert found(rules, "always-false") == ["`(sex is F and sex is M)` is never true"] or found(rules, "always-false")


def test_a_condition_that_every_study_makes_true_is_noted() -> None:
    rules = 'rule "r" when possibly research or not possibly research priority urgent\n'

    assert found(rules, "always-true") == ["the condition of `r` is true for every study"]


def test_rules_with_the_same_condition_are_noted_however_it_is_written() -> None:
    rules = 'rule "one" when not research priority soon\nrule "other" when research is known and not research tag t\n'

    assert found(rules, "same-as") == ["the rule `other` has the same condition as `one`"]


def test_the_second_rule_that_gives_list_effects_on_any_list_is_no_duplicate() -> None:
    """LANGUAGE section 4 tells to write it."""
    rules = 'rule "one" when research route to ct\nrule "two" when research escalate to on_call after 1 hour\n'

    assert not found(rules, "same-as")


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        (
            'rule "all" always priority urgent\nrule "low" when research priority soon\n',
            "`priority soon` of `low` never counts: `all` gives as much or more",
        ),
        (
            'rule "cap" always due within 2 hours\nrule "late" when research due within 5 working days\n',
            "`due within 5 working days` of `late` never counts: `cap` gives as much or more",
        ),
        (
            STAT_OR_URGENT + 'rule "c" when ordered priority soon\n',
            "`priority soon` of `c` never counts: `a` and `b` give as much or more",
        ),
    ],
)
def test_an_effect_that_others_always_outdo_never_contributes(rules: str, message: str) -> None:
    assert found(rules, "never-contributes") == [message]


@pytest.mark.parametrize(
    "rules",
    [
        'rule "all" always priority soon\nrule "high" when research priority urgent\n',
        'rule "cap" always due within 28 days\nrule "r" when research due within 25 working days\n',
        'rule "a" when research priority stat\nrule "c" when ordered priority soon\n',
        'group "g" when ordered rule "a" when research priority soon otherwise priority urgent end\n',
    ],
)
def test_an_effect_that_sometimes_counts_is_left_alone(rules: str) -> None:
    """25 working days may pass before 28 days only if no calendar says so; here 25 working days are 35 days."""
    expected = 1 if "25 working days" in rules else 0

    assert len(found(rules, "never-contributes")) == expected


# --- guarantees: every way onto a list


@pytest.mark.parametrize(
    ("rules", "claim"),
    [
        ('rule "r" when ordered route to on_call\n', "never route to on_call"),
        ('rule "r" when ordered route to ct also read by on_call\n', "never route to on_call"),
        ('rule "r" when ordered audit by on_call within 3 days\n', "never route to on_call"),
        ('rule "r" when ordered route to ct escalate to on_call after 1 hour\n', "never route to on_call"),
        ('rule "r" when ordered escalate to on_call after 1 hour\n', "never route to on_call"),
        ('rule "r" when ordered read by 2 different readers, disagreement to on_call\n', "never route to on_call"),
        ('rule "r" when ordered route to ct split to neuro, on_call after 2 hours\n', "never route to on_call"),
        ("", "never route to general"),
        ('rule "r" when ordered route to ct\n', "always route to general"),
        ("", "due within 3 days"),
        ('rule "r" when ordered due within 2 days\n', "due within 3 days"),
        ("", "priority at least soon"),
        ('rule "r" when ordered priority stat\n', "priority at least soon"),
        ('rule "r" when ordered read by 2 different readers, disagreement to ct\n', "read by at least 2"),
        ('rule "r" when ordered route to ct hold at most 1 hour until images_complete\n', "never hold"),
        (
            'rule "r" when ordered route to ct no report needed because "x" under policy "P" until 2027-01-01\n',
            "never close",
        ),
    ],
)
def test_a_guarantee_is_refuted_with_a_study_that_needs_its_guard(rules: str, claim: str) -> None:
    text = f'{rules}guarantee "g" {claim} when possibly age under 16 years\n'

    refuted = proofs(text, "guarantee-refuted")

    assert len(refuted) == 1
    assert refuted[0].finding.witness
    assert refuted[0].study is not None
    decision = refuted[0].study.decide(Rulebook.loads(HEAD + text + TAIL).compiled)
    assert [one.source for one in decision.problems if one.kind == "guarantee"] == ["g"]


@pytest.mark.parametrize(
    ("rules", "claim"),
    [
        (
            'rule "p" when possibly age under 16 years route to paeds\nrule "r" when ordered route to on_call\n',
            "never route to on_call",
        ),
        ('rule "r" when ordered unless possibly age under 16 years route to on_call\n', "never route to on_call"),
        ('rule "r" when age at least 16 years escalate to on_call after 1 hour\n', "never route to on_call"),
        (
            'rule "p" when possibly age under 18 years route to general\nrule "r" always route to ct\n',
            "always route to general",
        ),
        ('rule "cap" always due within 3 days\nrule "r" when ordered due within 9 days\n', "due within 3 days"),
        ("", "due within 28 days"),
        ("", "due within 700 hours"),
        ('rule "r" when possibly age under 17 years priority soon\n', "priority at least soon"),
        ('rule "r" always priority soon raise priority\n', "priority at least urgent"),
        (
            CHILDREN
            + 'rule "r" when ordered route to ct no report needed because "x" under policy "P" until 2027-01-01\n',
            "never close",
        ),
    ],
)
def test_a_guarantee_that_holds_is_proved(rules: str, claim: str) -> None:
    text = f'{rules}guarantee "g" {claim} when possibly age under 16 years\n'

    assert not found(text, "guarantee-refuted")
    assert not [one for one in found(text, "undecided") if "guarantee" in one or "`g`" in one]


@pytest.mark.parametrize(
    ("effect", "is_way"),
    [
        ("audit by on_call within 3 days", True),
        ("also read by on_call", True),
        ("read by 2 different readers, disagreement to on_call", True),
        ("escalate to on_call after 1 hour", False),
    ],
)
def test_what_otherwise_gives_beside_the_list_is_a_way_whatever_the_list(effect: str, is_way: bool) -> None:
    """An escalation belongs to the list of `otherwise`; what the patient is owed counts where no rule gives it."""
    text = HEAD + 'rule "r" when ordered route to ct\nguarantee "g" never route to on_call when ordered\n'

    refuted = Rulebook.loads(f"{text}{TAIL}  {effect}\n").refuted
    given = Rulebook.loads(
        f"{text}{TAIL}  {effect}\n".replace("to ct\n", f"to ct {effect.replace('on_call', 'neuro')}\n")
    )

    assert len(refuted) == is_way
    assert not given.refuted


def test_what_a_group_gives_otherwise_is_a_way_where_no_rule_of_it_gives_the_like() -> None:
    group = 'group "G" when ordered\nrule "r" when age under 40 years route to ct audit by neuro within 1 days\n'
    text = f"{group}otherwise audit by on_call within 3 days\nend\n"
    never = 'guarantee "g" never route to on_call when age {}\n'

    assert not found(text + never.format("under 16 years"), "guarantee-refuted")
    assert not [one for one in found(text + never.format("under 16 years"), "undecided") if "`g`" in one]
    assert len(found(text + never.format("under 60 years"), "guarantee-refuted")) == 1


def test_a_guarantee_is_refuted_though_another_sends_the_first_study_elsewhere() -> None:
    close = 'no report needed because "x" under policy "P" until 2027-01-01'
    rules = f'rule "r" when certainly ordered route to ct {close}\n'
    both = 'guarantee "g" never close\nguarantee "h" never route to ct when age is unknown\n'

    assert len(found(rules + both, "guarantee-refuted")) == 2


def test_a_watch_is_a_way_onto_a_list() -> None:
    text = 'watch "w" each item when age under 16 years and overdue escalate to on_call\n'
    rules = f'{text}guarantee "g" never route to on_call when age under 16 years\n'

    assert len(found(rules, "guarantee-refuted")) == 1


def test_a_refuted_guarantee_is_an_error_that_still_loads_for_deciding() -> None:
    """Loading proves nothing, so that it stays fast; the guard keeps the guarantee, and `activate` asks for proof."""
    text = HEAD + 'rule "r" when ordered route to on_call\nguarantee "g" never route to on_call\n' + TAIL

    book = Rulebook.loads(text)

    assert [one.name for one in book.refuted] == ["guarantee-refuted"]
    assert "guarantee-refuted" in named(check_text(text))


# --- what is said about care


def test_an_exception_that_cannot_be_unknown_there_is_not_pointed_out() -> None:
    """The rule needs the modality known: the exception is then known too."""
    quiet = 'rule "r" when modality includes CT unless modality includes PT priority urgent\n'
    loud = 'rule "r" when modality includes CT unless age under 16 years priority urgent\n'

    assert not found(quiet, "unless-may-be-unknown")
    assert proofs(loud, "unless-may-be-unknown")[0].finding.witness == {"modality": ["CT"]}


# --- on request


def test_a_more_specific_rule_behind_a_wider_one_is_a_conflict_on_request() -> None:
    rules = (
        'rule "wide" when patient_class is emergency route to on_call\n'
        'rule "fine" when modality includes CT and body_part includes HEAD route to neuro\n'
    )
    book = Rulebook.loads(HEAD + rules + TAIL)

    conflicts = book.proofs.conflicts()

    assert [one.finding.message for one in conflicts] == [
        "`wide` takes studies from `fine`, which is more specific and routes elsewhere"
    ]
    study = conflicts[0].study
    assert study is not None
    assert study.decide(book.compiled).rules == ("wide", "fine")
    assert "conflict" not in named(check_text(HEAD + rules + TAIL))


def test_what_falls_to_otherwise_is_said_in_words_with_a_study() -> None:
    rules = (
        'rule "a" when age under 16 years route to paeds\n'
        'rule "b" when age at least 16 years and modality includes CT route to ct\n'
    )
    book = Rulebook.loads(HEAD + rules + TAIL)

    shapes = book.proofs.rest()

    assert shapes
    for shape in shapes:
        assert shape.study is not None
        assert shape.study.decide(book.compiled).route_rule is None
    assert any("age unknown" in shape.words for shape in shapes)


def test_a_rule_that_holds_in_doubt_is_told_on_request() -> None:
    """`unless certainly` holds a study whose age nobody knows; `unless` alone does not."""
    doubt = 'rule "r" when modality includes CT unless certainly age under 16 years hold at most 1 hour until ordered\n'
    sure = doubt.replace("certainly ", "")

    shapes = Rulebook.loads(HEAD + doubt + TAIL).proofs.on_unknown()

    assert [one.words for one in shapes] == ["the rule `r` holds a study of which `age` is unknown"]
    assert shapes[0].study is not None
    assert shapes[0].study.decide(Rulebook.loads(HEAD + doubt + TAIL).compiled).hold is not None
    assert not Rulebook.loads(HEAD + sure + TAIL).proofs.on_unknown()


def test_a_study_is_saved_as_an_example_that_loads_and_passes() -> None:
    rules = CT + HEAD_CT + 'guarantee "g" never route to ct when possibly age under 16 years\n'
    checked = check_whole(HEAD + rules + TAIL)

    blocks = list(checked.examples())

    assert len(blocks) == 2
    again = check_text(HEAD + rules + TAIL + "\n".join(blocks))
    assert "example-failed" not in named(again)
    assert "syntax" not in named(again)


def test_a_study_in_a_sample_has_a_key_that_is_in_it() -> None:
    rules = 'rule "r" when in sample of 5 percent route to ct\nguarantee "g" never route to ct\n'

    refuted = proofs(rules, "guarantee-refuted")

    assert refuted
    assert refuted[0].study is not None
    assert refuted[0].study.decide(Rulebook.loads(HEAD + rules + TAIL).compiled).problems

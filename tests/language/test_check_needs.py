# ruff: noqa: E501 - what is printed is compared as it is printed
"""What checking says about a rulebook as a whole: what it must have, and what it has without using it."""

import pytest

from tests.language.checking import FIRST_LINE, HEAD, TAIL, printed, within

ROUTES = 'rule "R" when modality includes CT route to neuro\n'
REQUESTED = 'rule "As requested" always priority priority_requested\n'
OTHERWISE = "otherwise route to general priority routine due within 28 days\n"


def test_a_rulebook_without_otherwise_does_not_load() -> None:
    """What no rule routes would be on no list."""
    assert (
        printed(HEAD + REQUESTED + ROUTES)
        == """\
book.rules:7:49: error R301 no-otherwise: there is no `otherwise`: what no rule routes would be on no list
    7 | rule "R" when modality includes CT route to neuro
      |                                                 ^
   help: end the file with `otherwise route to WORKLIST priority routine due within 10 working days`"""
    )


def test_a_forgotten_otherwise_is_missed_where_it_should_stand() -> None:
    """Its effects fall to the rule before it, which then seems to route twice; that is one mistake."""
    text = HEAD + REQUESTED + ROUTES + "  route to general\n  priority routine\n  due within 28 days\n"

    assert (
        printed(text)
        == """\
book.rules:8:3: error R301 no-otherwise: there is no `otherwise`: what no rule routes would be on no list
    8 |   route to general
      |   ^^^^^^^^^^^^^^^^
   help: write `otherwise` above this line"""
    )


def test_an_otherwise_gives_a_list_a_priority_and_a_due() -> None:
    """It is the last word about what nobody thought of."""
    text = HEAD + REQUESTED + ROUTES + "otherwise\n  route to general\n  due by exam_end\n"

    assert (
        printed(text)
        == """\
book.rules:8:1: error R303 otherwise-incomplete: `otherwise` lacks `priority NAME` and `due within …`
    8 | otherwise
      | ^^^^^^^^^
   help: it gives a list, a priority and a due by themselves, not by what may be unknown"""
    )


def test_a_rulebook_without_an_exceptions_list_does_not_load() -> None:
    """What goes wrong would be on no list."""
    text = HEAD.replace("exceptions route to general\n", "") + REQUESTED + ROUTES + OTHERWISE

    assert (
        printed(text)
        == """\
book.rules:4:10: error R302 no-exceptions-list: there is no `exceptions`: what goes wrong would be on no list
    4 | worklist neuro   "Neuro"   for everyone
      |          ^^^^^
   help: write `exceptions route to WORKLIST`"""
    )


def test_exceptions_name_a_list() -> None:
    """A priority alone does not show anybody what went wrong."""
    text = HEAD.replace("exceptions route to general", "exceptions priority urgent") + REQUESTED + ROUTES + OTHERWISE

    assert (
        printed(text)
        == """\
book.rules:5:1: error R302 no-exceptions-list: `exceptions` names no list
    5 | exceptions priority urgent
      | ^^^^^^^^^^
   help: write `exceptions route to WORKLIST`"""
    )


def test_the_requested_priority_should_be_looked_at() -> None:
    """A note, never a failure: departments forget that the referrer said stat."""
    text = HEAD + ROUTES + OTHERWISE

    assert (
        printed(text)
        == """\
book.rules:1:1: note R409 priority-requested-unused: no rule looks at the priority that was requested
    1 | rulebook "Test"
      | ^^^^^^^^^^^^^^^
   help: add `rule "As requested" always priority priority_requested`"""
    )
    assert printed(HEAD + REQUESTED + ROUTES + OTHERWISE) == ""


@pytest.mark.parametrize(
    ("declaration", "message", "word"),
    [
        ("define child as age under 16 years", "the define `child` is never used", "child"),
        ("fact gestation is weeks", "the fact `gestation` is never used", "gestation"),
        ('attribute pathway is code from hl7 "OBR-31.1"', "the attribute `pathway` is never used", "pathway"),
        ('worklist chest "Chest" for everyone', "the worklist `chest` is never used", "chest"),
        ('table t from "t.csv" key code', "the table `t` is never used", "t"),
        ('calendar c from "c.csv"', "the calendar `c` is never used", "c"),
        ("times core are Mon-Fri 08:00-18:00", "the times `core` are never used", "core"),
        ("skills chest", "the skill `chest` is never used", "chest"),
        ("channels board", "the channel `board` is never used", "board"),
    ],
)
def test_a_name_that_nothing_uses_is_noted(declaration: str, message: str, word: str) -> None:
    """Most often it is a rule that was forgotten, or a name spelt in two ways."""
    files = {"t.csv": "code\nA\n", "c.csv": "date\n2026-12-25\n"}

    shown = printed(within(f"{declaration}\n{ROUTES}"), files, unused=True)

    column = f"{declaration} ".index(f" {word} ") + 2
    marks = " " * (column - 1) + "^" * len(word)
    assert shown == (
        f"book.rules:{FIRST_LINE}:{column}: note R206 unused-name: {message}\n    {FIRST_LINE} | {declaration}\n      | {marks}"
    )


def test_all_findings_come_at_once_and_by_place() -> None:
    """Mending one mistake after the other, each after a run, is what people give up on."""
    body = """
rule "R" when modalty includes CT and site is "A" route to nuero
rule "S" when laterality is B due within 28 days
"""
    shown = printed(within(body))

    headlines = [line.split(": ")[1] for line in shown.splitlines() if line.startswith("book.rules")]
    assert headlines == [
        "error R201 unknown-attribute",
        "error R203 unknown-worklist",
        "error R208 use-includes",
    ]


def test_one_cause_is_one_finding() -> None:
    """An undeclared table is not also a wrong type, a missing column and an unknown list."""
    body = """
rule "R"
  when procedures[procedure_code].hours over 3
  route to procedures[procedure_code].worklist
"""
    shown = printed(within(body))

    assert shown.count("error") == 2
    assert shown.count("there is no table `procedures`") == 2
    assert TAIL in within(body)

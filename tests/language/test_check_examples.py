# ruff: noqa: E501 - what is printed is compared as it is printed
"""What checking says about examples, in the rulebook and in tables."""

import pytest

from tests.language.checking import Case, printed, within

CASES = [
    Case(
        name="unknown-attribute",
        text="""\
example "E" modalty CT expect route to neuro
rule "R" when modality includes CT route to neuro
""",
        shows="""\
book.rules:6:13: error R201 unknown-attribute: there is no attribute, fact or define `modalty`
    6 | example "E" modalty CT expect route to neuro
      |             ^^^^^^^
   help: did you mean `modality`?
""",
        near="""\
example "E" modality CT expect route to neuro
rule "R" when modality includes CT route to neuro
""",
    ),
    Case(
        name="type-mismatch",
        text="""\
example "E" site A and B expect route to neuro
rule "R" when modality includes CT route to neuro
""",
        shows="""\
book.rules:6:13: error R207 type-mismatch: `site` is a code: it has one value
    6 | example "E" site A and B expect route to neuro
      |             ^^^^^^^^^^^^
   help: commas part the attributes, `and` the values of one
""",
        near="""\
example "E" modality CT and MR, site unknown expect route to neuro
rule "R" when modality includes CT route to neuro
""",
    ),
    Case(
        name="type-mismatch",
        text="""\
example "E" modality CT and unknown expect route to neuro
rule "R" when modality includes CT route to neuro
""",
        shows="""\
book.rules:6:29: error R207 type-mismatch: `modality` is a set of codes: what is unknown has no other value
    6 | example "E" modality CT and unknown expect route to neuro
      |                             ^^^^^^^
   help: leave one of them out
""",
    ),
    Case(
        name="unknown-code",
        text="""\
example "E" patient_class emergncy expect route to neuro
rule "R" when modality includes CT route to neuro
""",
        shows="""\
book.rules:6:27: error R202 unknown-code: `patient_class` has no value `emergncy`
    6 | example "E" patient_class emergncy expect route to neuro
      |                           ^^^^^^^^
   help: did you mean `emergency`?
""",
        near="""\
example "E" patient_class emergency expect route to neuro by otherwise
rule "R" when modality includes CT route to neuro
""",
    ),
    Case(
        name="unknown-code",
        text="""\
example "E" site city expect route to neuro
rule "R" when modality includes CT route to neuro
""",
        shows="""\
book.rules:6:18: error R202 unknown-code: `site` has no list of values with `city` in it
    6 | example "E" site city expect route to neuro
      |                  ^^^^
   help: write a code in capitals, `CITY`, or in quotes, "city"
""",
        near="""\
values site are CITY
example "E" site ELSEWHERE expect route to neuro
rule "R" when modality includes CT route to neuro
""",
    ),
    Case(
        name="number-for-code",
        text="""\
example "E" procedure_code 1234 expect route to neuro
rule "R" when modality includes CT route to neuro
""",
        shows="""\
book.rules:6:28: error R209 number-for-code: `procedure_code` holds codes, which are text: `1234` is a number
    6 | example "E" procedure_code 1234 expect route to neuro
      |                            ^^^^
   help: quote it, with its zeros: "1234"
""",
        near="""\
example "E" procedure_code "0012", image_count 3, ordered no expect route to neuro
rule "R" when modality includes CT route to neuro
""",
    ),
    Case(
        name="type-mismatch",
        text="""\
example "E" age 6 expect route to neuro
rule "R" when modality includes CT route to neuro
""",
        shows="""\
book.rules:6:17: error R207 type-mismatch: `age` is a length of time, `6` is a number
    6 | example "E" age 6 expect route to neuro
      |                 ^
   help: say the unit: years, months, weeks or days
""",
        near="""\
example "E" age 6 years, birth_date 2020-01-01 expect route to neuro
rule "R" when modality includes CT route to neuro
""",
    ),
    Case(
        name="type-mismatch",
        text="""\
fact w is weeks
example "E" w 30 days expect route to neuro
rule "W" when w under 37 weeks route to neuro
""",
        shows="""\
book.rules:7:15: error R207 type-mismatch: `w` is a number of weeks, `30 days` is not
    7 | example "E" w 30 days expect route to neuro
      |               ^^^^^^^
   help: write `38 weeks`
""",
        near="""\
fact w is weeks
example "E" w 30 weeks expect route to neuro
rule "W" when w under 37 weeks route to neuro
""",
    ),
    Case(
        name="type-mismatch",
        text="""\
define ct as modality includes CT
example "E" ct yes expect route to neuro
rule "W" when ct route to neuro
""",
        shows="""\
book.rules:7:13: error R207 type-mismatch: `ct` is a define: give the attributes that it asks for
    7 | example "E" ct yes expect route to neuro
      |             ^^
""",
        near="""\
define ct as modality includes CT
example "E" modality CT expect not undecided ct
rule "W" when ct route to neuro
""",
    ),
    Case(
        name="unknown-name",
        text="""\
example "E" from "a.dcm" expect route to neuro
rule "R" when modality includes CT route to neuro
""",
        shows="""\
book.rules:6:18: error R204 unknown-name: `a.dcm` cannot be read: there is no such file
    6 | example "E" from "a.dcm" expect route to neuro
      |                  ^^^^^^^
   help: put it beside the rulebook
""",
        near="""\
example "E" from "a.dcm" modality CT expect route to neuro
rule "R" when modality includes CT route to neuro
""",
        near_files={"a.dcm": "x"},
    ),
    Case(
        name="duplicate-name",
        text="""\
example "E" modality CT, modality MR expect route to neuro
rule "R" when modality includes CT route to neuro
""",
        shows="""\
book.rules:6:26: error R205 duplicate-name: `modality` is given twice
    6 | example "E" modality CT, modality MR expect route to neuro
      |                          ^^^^^^^^
   help: values of one attribute are joined by `and`
""",
    ),
    Case(
        name="unknown-worklist",
        text="""\
example "E" modality CT expect route to nuero
rule "R" when modality includes CT route to neuro
""",
        shows="""\
book.rules:6:41: error R203 unknown-worklist: there is no worklist `nuero`
    6 | example "E" modality CT expect route to nuero
      |                                         ^^^^^
   help: did you mean `neuro`?
""",
        near="""\
example "E" modality CT expect route to neuro priority soon due within 28 days also read by general tag t undecided age closed read by 2
rule "R" when modality includes CT route to neuro
""",
    ),
    Case(
        name="unknown-name",
        text="""\
example "E" modality CT expect priority son
rule "R" when modality includes CT route to neuro
""",
        shows="""\
book.rules:6:41: error R204 unknown-name: there is no priority `son`
    6 | example "E" modality CT expect priority son
      |                                         ^^^
   help: did you mean `soon`?
""",
        near="""\
example "E" modality CT expect due by 2026-12-31 10:00 due by 12:00 next day not closed not undecided
rule "R" when modality includes CT route to neuro
""",
    ),
    Case(
        name="bad-table",
        text="""\
examples from "e.csv"
rule "R" when modality includes CT route to neuro
""",
        files={"e.csv": "example,modalty,expect_route\nx,CT,neuro\n"},
        shows="""\
e.csv:1:9: error R306 bad-table: the column `modalty` is no attribute and nothing that can be expected
    1 | example,modalty,expect_route
      |         ^^^^^^^
   help: did you mean `modality`?
   see book.rules:6:15: the examples are named here
""",
        near="""\
examples from "e.csv"
rule "R" when modality includes CT route to neuro
""",
        near_files={"e.csv": "example,modality,expect_route,expect_due\nx,CT,neuro,2026-12-31 10:00\n"},
    ),
    Case(
        name="bad-table",
        text="""\
examples from "e.csv"
rule "R" when modality includes CT route to neuro
""",
        files={"e.csv": "example,modality\nx,CT\n"},
        shows="""\
book.rules:6:15: error R306 bad-table: `e.csv` expects nothing
    6 | examples from "e.csv"
      |               ^^^^^^^
   help: add a column `expect_route`
""",
        near="""\
examples from "e.csv"
rule "R" when modality includes CT route to neuro
""",
        near_files={
            "e.csv": "modality,expect_tag,expect_undecided,expect_closed,expect_reads,expect_also,expect_priority,description\nunknown,a and b,age,no,2,general and neuro,soon,CT head\n"
        },
    ),
    Case(
        name="bad-table",
        text="""\
examples from "e.csv"
rule "R" when modality includes CT route to neuro
""",
        files={"e.csv": "age,expect_route,expect_by\n6,nuero,R\n6 years,neuro,Q\nsix,neuro,R\n"},
        shows="""\
e.csv:2:1: error R306 bad-table: row 2: `6` does not say its unit
    2 | 6,nuero,R
      | ^
   help: write `6 years`, `18 months` or `27 days`
   see book.rules:6:15: the examples are named here
e.csv:2:3: error R306 bad-table: row 2: there is no worklist `nuero`
    2 | 6,nuero,R
      |   ^^^^^
   help: did you mean `neuro`?
   see book.rules:6:15: the examples are named here
e.csv:3:15: error R306 bad-table: row 3: there is no rule `Q`
    3 | 6 years,neuro,Q
      |               ^
   see book.rules:6:15: the examples are named here
e.csv:4:1: error R306 bad-table: row 4: `six` is no length of time
    4 | six,neuro,R
      | ^^^
   help: write a number of days, or a length such as P77D
   see book.rules:6:15: the examples are named here
""",
    ),
    Case(
        name="bad-table",
        text="""\
examples from "e.csv"
rule "R" when modality includes CT route to neuro
""",
        files={"e.csv": "patient_class,expect_closed\nemergncy,yes\ninpatient,perhaps\n"},
        shows="""\
e.csv:2:1: error R306 bad-table: row 2: `patient_class` has no value `emergncy`
    2 | emergncy,yes
      | ^^^^^^^^
   help: did you mean `emergency`?
   see book.rules:6:15: the examples are named here
e.csv:3:11: error R306 bad-table: row 3: `perhaps` is neither yes nor no
    3 | inpatient,perhaps
      |           ^^^^^^^
   see book.rules:6:15: the examples are named here
""",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_finding_shows_the_place_and_the_remedy(case: Case) -> None:
    """The printed form is what a PACS team reads: the right line, the right words underlined, and nothing besides."""
    assert printed(within(case.text), case.files) == case.shows.rstrip("\n")
    assert f" {case.name}: " in case.shows


@pytest.mark.parametrize("case", [case for case in CASES if case.near is not None], ids=str)
def test_what_is_right_beside_it_has_no_finding(case: Case) -> None:
    """A check that cries wolf is switched off."""
    assert printed(within(str(case.near)), case.near_files) == ""

# ruff: noqa: E501 - what is printed is compared as it is printed
"""What checking says about declared attributes, values, cells and calendars."""

import pytest

from tests.language.checking import Case, printed, within

CASES = [
    Case(
        name="type-mismatch",
        text="""\
fact w is weeks
rule "R" when w under 37.5 route to neuro
""",
        shows="""\
book.rules:7:23: error R207 type-mismatch: `w` is a number of weeks, `37.5` is a number
    7 | rule "R" when w under 37.5 route to neuro
      |                       ^^^^
   help: say the unit: `37.5 weeks`
""",
        near="""\
fact w is weeks
rule "R" when w under 37 and w at least 20 weeks route to neuro
""",
    ),
    Case(
        name="unknown-name",
        text="""\
attribute x is code from dicom "StudyDescripton"
rule "R" when x is A route to neuro
""",
        shows="""\
book.rules:6:32: error R204 unknown-name: DICOM has no keyword `StudyDescripton`
    6 | attribute x is code from dicom "StudyDescripton"
      |                                ^^^^^^^^^^^^^^^^^
   help: did you mean `StudyDescription`?
""",
        near="""\
attribute x is code from dicom "RequestAttributesSequence.ReasonForTheRequestedProcedure"
rule "R" when x is A route to neuro
""",
    ),
    Case(
        name="identity-in-condition",
        text="""\
attribute x is code from dicom "PatientID"
rule "R" when x is A route to neuro
""",
        shows="""\
book.rules:6:32: error R211 identity-in-condition: `PatientID` says who the patient is: no rule may go by it
    6 | attribute x is code from dicom "PatientID"
      |                                ^^^^^^^^^^^
   help: go by what was asked or done
""",
    ),
    Case(
        name="type-mismatch",
        text="""\
attribute x is number from site
rule "R" when x over 3 route to neuro
""",
        shows="""\
book.rules:6:28: error R207 type-mismatch: the attribute is a number, `site` is a code
    6 | attribute x is number from site
      |                            ^^^^
""",
        near="""\
attribute x is number from image_count plus 3
rule "R" when x over 3 route to neuro
""",
    ),
    Case(
        name="type-mismatch",
        text="""\
attribute x is code from modality
rule "R" when x is A route to neuro
""",
        shows="""\
book.rules:6:26: error R207 type-mismatch: the attribute is one value, `modality` finds a set
    6 | attribute x is code from modality
      |                          ^^^^^^^^
   help: declare it as `codes`
""",
        near="""\
attribute x is codes from modality
attribute y is instant from exam_end plus 30 minutes
rule "R" when x includes A and clock before y route to neuro
""",
    ),
    Case(
        name="syntax",
        text="""\
attribute x is number from 1 plus 1 plus 1 plus 1 plus 1 plus 1 plus 1 plus 1 plus 1 plus 1 plus 1 plus 1 plus 1 plus 1 plus 1 plus 1 plus 1 plus 1 plus 1 plus 1 plus 1
rule "R" when x over 3 route to neuro
""",
        shows="""\
book.rules:6:28: error R101 syntax: a sum of more than 20 terms
    6 | …1 plus 1 plus 1 plus 1 plus 1 plus 1 plus 1 plus 1 plus 1 plus 1 plus 1 plus 1 plus 1 plus 1 plus 1 plus 1 pl…
      |  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   help: add fewer
""",
        near="""\
attribute x is number from 1 plus 1 plus 1 plus 1 plus 1 plus 1 plus 1 plus 1 plus 1 plus 1 plus 1 plus 1 plus 1 plus 1 plus 1 plus 1 plus 1 plus 1 plus 1 plus 1
rule "R" when x over 3 route to neuro
""",
    ),
    Case(
        name="duplicate-name",
        text="""\
values site are A, B
values site are A, C
rule "R" when site is A route to neuro
""",
        shows="""\
book.rules:7:8: error R205 duplicate-name: the values of `site` are given twice
    7 | values site are A, C
      |        ^^^^
   help: keep one list
   see book.rules:6:8: the first stands here
""",
    ),
    Case(
        name="duplicate-name",
        text="""\
values site are A, B, A
rule "R" when site is A route to neuro
""",
        shows="""\
book.rules:6:23: error R205 duplicate-name: the value `A` is there twice
    6 | values site are A, B, A
      |                       ^
   help: leave one of them out
""",
    ),
    Case(
        name="type-mismatch",
        text="""\
values age are A, B
""",
        shows="""\
book.rules:6:8: error R207 type-mismatch: `age` is a length of time: it has no list of values
    6 | values age are A, B
      |        ^^^
   help: only codes have one
""",
        near="""\
values body_part are A, B
rule "R" when body_part includes B route to neuro
""",
    ),
    Case(
        name="unknown-attribute",
        text="""\
values sit are A, B
""",
        shows="""\
book.rules:6:8: error R201 unknown-attribute: there is no attribute, fact or define `sit`
    6 | values sit are A, B
      |        ^^^
   help: did you mean `site`?
""",
        near="""\
values site are A, B
""",
    ),
    Case(
        name="bad-table",
        text="""\
values site from "s.csv"
""",
        files={"s.csv": "name,town\nA,X\n"},
        shows="""\
book.rules:6:18: error R306 bad-table: `s.csv` does not say which column holds the values
    6 | values site from "s.csv"
      |                  ^^^^^^^
   help: name one `site`
""",
        near="""\
values site from "s.csv"
rule "R" when site is A route to neuro
""",
        near_files={"s.csv": "code,town\nA,X\n"},
    ),
    Case(
        name="type-mismatch",
        text="""\
table t from "t.csv" key a, b
rule "R" when site is listed in t route to neuro
""",
        files={"t.csv": "a,b\nA,X\n"},
        shows="""\
book.rules:7:15: error R207 type-mismatch: the table `t` has 2 keys, so one value cannot be listed in it
    7 | rule "R" when site is listed in t route to neuro
      |               ^^^^^^^^^^^^^^^^^^^
   help: ask for a cell of it: `TABLE[key, key].column is known`
""",
        near="""\
table t from "t.csv" key a
rule "R" when site is not listed in t route to neuro
""",
        near_files={"t.csv": "a,b\nA,X\n"},
    ),
    Case(
        name="type-mismatch",
        text="""\
table t from "t.csv" key a
rule "R" when description is listed in t route to neuro
""",
        files={"t.csv": "a\nA\n"},
        shows="""\
book.rules:7:15: error R207 type-mismatch: `description` is text, which no table is keyed by
    7 | rule "R" when description is listed in t route to neuro
      |               ^^^^^^^^^^^
   help: look a table up by codes, numbers, weeks or dates
""",
    ),
    Case(
        name="bad-table",
        text="""\
table t from "t.csv" key a
rule "R" when image_count is listed in t route to neuro
""",
        files={"t.csv": "a\n3\nthree\n"},
        shows="""\
t.csv:3:1: error R306 bad-table: row 3, column `a`: `three` is no number
    3 | three
      | ^^^^^
   see book.rules:7:15: it is used here
""",
        near="""\
table t from "t.csv" key a
rule "R" when image_count is listed in t route to neuro
""",
        near_files={"t.csv": "a\n3\n4\n"},
    ),
    Case(
        name="bad-table",
        text="""\
table t from "t.csv" key a
rule "R" when site is listed in t route to neuro
""",
        files={"t.csv": "a,b\n,X\n"},
        shows="""\
t.csv:2:1: error R306 bad-table: row 2, column `a`: a key cell is empty
    2 | ,X
      | ^
   help: write `*` where the key does not matter
   see book.rules:7:15: it is used here
""",
        near="""\
table t from "t.csv" key a
rule "R" when site is listed in t route to neuro
""",
        near_files={"t.csv": "a,b\n*,X\n"},
    ),
    Case(
        name="bad-table",
        text="""\
fact w is weeks
table t from "t.csv" key a
rule "R" when w under t[site].weeks and t[site].ok is yes and age under t[site].limit months route to neuro
""",
        files={"t.csv": "a,weeks,ok,limit\nA,3.5,maybe,x\n"},
        shows="""\
t.csv:2:3: error R306 bad-table: row 2, column `weeks`: `3.5` is no whole number of weeks
    2 | A,3.5,maybe,x
      |   ^^^
   see book.rules:8:23: it is used here
t.csv:2:7: error R306 bad-table: row 2, column `ok`: `maybe` is neither yes nor no
    2 | A,3.5,maybe,x
      |       ^^^^^
   see book.rules:8:41: it is used here
t.csv:2:13: error R306 bad-table: row 2, column `limit`: `x` is no length of time
    2 | A,3.5,maybe,x
      |             ^
   help: write a number of months, or a length such as P77D
   see book.rules:8:73: it is used here
""",
        near="""\
fact w is weeks
table t from "t.csv" key a
rule "R" when w under t[site].weeks and t[site].ok is yes and age under t[site].limit months route to neuro
""",
        near_files={"t.csv": "a,weeks,ok,limit\nA,3,TRUE,18\nB,,no,P2Y\n"},
    ),
    Case(
        name="bad-table",
        text="""\
table t from "t.csv" key a
rule "R" when site is listed in t due within t[site].hours hours
""",
        files={"t.csv": "a;hours\nA;1,500\n"},
        shows="""\
t.csv:2:3: error R306 bad-table: row 2, column `hours`: `1,500` may be a decimal or a thousands comma
    2 | A;1,500
      |   ^^^^^
   help: write it without a comma, or with a decimal point
   see book.rules:7:46: it is used here
""",
        near="""\
table t from "t.csv" key a
rule "R" when site is listed in t due within t[site].hours hours
""",
        near_files={"t.csv": "a;hours\nA;1,5\n"},
    ),
    Case(
        name="bad-calendar",
        text="""\
calendar c from holidays XX
rule "R" when on c route to neuro
""",
        shows="""\
book.rules:6:26: error R307 bad-calendar: there are no holidays for the country `XX`
    6 | calendar c from holidays XX
      |                          ^^
   help: write the country's two letters, such as `GB-ENG`
""",
        near="""\
calendar c from holidays PT
rule "R" when exam_end on c route to neuro
""",
    ),
    Case(
        name="bad-calendar",
        text="""\
calendar c from holidays US-XX
rule "R" when on c route to neuro
""",
        shows="""\
book.rules:6:26: error R307 bad-calendar: `US` has no part `XX`
    6 | calendar c from holidays US-XX
      |                          ^^^^^
   help: its parts are AK, AL, AR, AS, AZ, CA, CO, CT, DC, DE, FL, GA, GU, HI, IA, ID, IL, IN, KS, KY, LA, MA, MD, ME, MI, MN, MO, MP, MS, MT, NC, ND, NE, NH, NJ, NM, NV, NY, OH, OK, OR, PA, PR, RI, SC, SD, TN, TX, UM, UT, VA, VI, VT, WA, WI, WV, WY
""",
        near="""\
calendar c from holidays US-CA
rule "R" when on c route to neuro
""",
    ),
    Case(
        name="bad-calendar",
        text="""\
calendar c from "c.csv"
rule "R" when on c route to neuro
""",
        files={"c.csv": "date\n"},
        shows="""\
book.rules:6:17: error R307 bad-calendar: `c.csv` has no days
    6 | calendar c from "c.csv"
      |                 ^^^^^^^
""",
    ),
    Case(
        name="type-mismatch",
        text="""\
fact meeting is date
rule "R" when meeting within 3 days after site route to neuro
""",
        shows="""\
book.rules:7:43: error R207 type-mismatch: `meeting` is a date, `site` is a code
    7 | rule "R" when meeting within 3 days after site route to neuro
      |                                           ^^^^
""",
        near="""\
fact meeting is date
rule "R" when meeting within 3 days after clock route to neuro
""",
    ),
    Case(
        name="type-mismatch",
        text="""\
rule "R" when image_count from 3 years to under 5 route to neuro
""",
        shows="""\
book.rules:6:32: error R207 type-mismatch: `image_count` is a number, `3 years` is a length of time
    6 | rule "R" when image_count from 3 years to under 5 route to neuro
      |                                ^^^^^^^
   help: leave the unit out: `3`
""",
        near="""\
rule "R" when image_count from 3 to under 5 route to neuro
""",
    ),
    Case(
        name="type-mismatch",
        text="""\
rule "R" when site is yes route to neuro
""",
        shows="""\
book.rules:6:23: error R207 type-mismatch: `site` is a code, `yes` is yes or no
    6 | rule "R" when site is yes route to neuro
      |                       ^^^
   help: write "yes" for the code
""",
        near="""\
rule "R" when site is "yes" route to neuro
""",
    ),
    Case(
        name="type-mismatch",
        text="""\
rule "R" when department is age route to neuro
""",
        shows="""\
book.rules:6:29: error R207 type-mismatch: `department` is a code, `age` is a length of time
    6 | rule "R" when department is age route to neuro
      |                             ^^^
""",
        near="""\
rule "R" when department is not site route to neuro
""",
    ),
    Case(
        name="type-mismatch",
        text="""\
rule "R" when age under max years route to neuro
fact max is number
""",
        shows="""\
book.rules:6:25: error R207 type-mismatch: `max years` cannot be compared with
    6 | rule "R" when age under max years route to neuro
      |                         ^^^^^^^^^
   help: declare `max` as a length of time, and write `max`
""",
        near="""\
fact max is duration
rule "R" when age under max route to neuro
""",
    ),
    Case(
        name="unknown-attribute",
        text="""\
rule "R" when age under maxx route to neuro
fact max is duration
rule "S" when age under max route to neuro
""",
        shows="""\
book.rules:6:25: error R201 unknown-attribute: there is no attribute, fact or define `maxx`
    6 | rule "R" when age under maxx route to neuro
      |                         ^^^^
   help: did you mean `max`?
""",
    ),
    Case(
        name="type-mismatch",
        text="""\
rule "R" when age during core route to neuro
times core are Mon-Fri 08:00-18:00
""",
        shows="""\
book.rules:6:15: error R207 type-mismatch: `age` is a length of time: `during core` does not suit it
    6 | rule "R" when age during core route to neuro
      |               ^^^^^^^^^^^^^^^
   help: compare it with a length of time: `age under 16 years`
""",
        near="""\
rule "R" when exam_start during core route to neuro
times core are Mon-Fri 08:00-18:00
""",
    ),
    Case(
        name="impossible-range",
        text="""\
rule "R" when image_count from 5 to under 5 route to neuro
""",
        shows="""\
book.rules:6:15: error R210 impossible-range: no value is from 5 to under 5
    6 | rule "R" when image_count from 5 to under 5 route to neuro
      |               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   help: the first is the smaller; the second does not belong to it
""",
        near="""\
rule "R" when age from 28 days to under 1 months route to neuro
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

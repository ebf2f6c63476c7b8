# ruff: noqa: E501 - what is printed is compared as it is printed
"""What checking says about types, values and effects that do not suit each other."""

import pytest

from tests.language.checking import Case, printed, within

CASES = [
    Case(
        name="use-includes",
        text="""\
rule "R" when modality is one of CT, MR route to neuro
""",
        shows="""\
book.rules:6:15: error R208 use-includes: `modality` is a set of codes, not one
    6 | rule "R" when modality is one of CT, MR route to neuro
      |               ^^^^^^^^^^^^^^^^^^^^^^^^^
   help: write `modality includes any of CT, MR`
""",
        near="""\
rule "R" when modality includes any of CT, MR route to neuro
""",
    ),
    Case(
        name="type-mismatch",
        text="""\
rule "R" when site includes CITY route to neuro
""",
        shows="""\
book.rules:6:15: error R207 type-mismatch: `site` is one code, not a set
    6 | rule "R" when site includes CITY route to neuro
      |               ^^^^^^^^^^^^^^^^^^
   help: write `site is CITY`
""",
        near="""\
rule "R" when site is CITY route to neuro
""",
    ),
    Case(
        name="type-mismatch",
        text="""\
rule "R" when age under 16 route to neuro
""",
        shows="""\
book.rules:6:25: error R207 type-mismatch: `age` is a length of time, `16` is a number
    6 | rule "R" when age under 16 route to neuro
      |                         ^^
   help: say the unit: `16 years`
""",
        near="""\
rule "R" when age under 16 years route to neuro
""",
    ),
    Case(
        name="type-mismatch",
        text="""\
rule "R" when description is "CT head" route to neuro
""",
        shows="""\
book.rules:6:15: error R207 type-mismatch: `description` is text: `is "CT head"` does not suit it
    6 | rule "R" when description is "CT head" route to neuro
      |               ^^^^^^^^^^^^^^^^^^^^^^^^
   help: text is searched for words: `description mentions "word"`
""",
        near="""\
rule "R" when description mentions "CT head" route to neuro
""",
    ),
    Case(
        name="type-mismatch",
        text="""\
rule "R" when modality mentions "CT" route to neuro
""",
        shows="""\
book.rules:6:15: error R207 type-mismatch: `modality` is a set of codes: `mentions "CT"` does not suit it
    6 | rule "R" when modality mentions "CT" route to neuro
      |               ^^^^^^^^^^^^^^^^^^^^^^
   help: a set is asked what it includes: `modality includes CODE`
""",
        near="""\
rule "R" when indication mentions "CT" route to neuro
""",
    ),
    Case(
        name="type-mismatch",
        text="""\
rule "R" when age before 2026-01-01 route to neuro
""",
        shows="""\
book.rules:6:15: error R207 type-mismatch: `age` is a length of time: `before 2026-01-01` does not suit it
    6 | rule "R" when age before 2026-01-01 route to neuro
      |               ^^^^^^^^^^^^^^^^^^^^^
   help: compare it with a length of time: `age under 16 years`
""",
        near="""\
rule "R" when exam_end before 2026-01-01 route to neuro
""",
    ),
    Case(
        name="type-mismatch",
        text="""\
rule "R" when site route to neuro
""",
        shows="""\
book.rules:6:15: error R207 type-mismatch: `site` is a code, not a condition
    6 | rule "R" when site route to neuro
      |               ^^^^
   help: compare it with a code: `site is CODE`
""",
        near="""\
rule "R" when ordered route to neuro
""",
    ),
    Case(
        name="type-mismatch",
        text="""\
rule "R" when image_count over 3 days route to neuro
""",
        shows="""\
book.rules:6:32: error R207 type-mismatch: `image_count` is a number, `3 days` is a length of time
    6 | rule "R" when image_count over 3 days route to neuro
      |                                ^^^^^^
   help: leave the unit out: `3`
""",
        near="""\
rule "R" when image_count over 3 route to neuro
""",
    ),
    Case(
        name="type-mismatch",
        text="""\
define child as age under 16 years
rule "R" when child is known route to neuro
""",
        shows="""\
book.rules:7:15: error R207 type-mismatch: `child` is a define: it is true, false or unknown, and has no value
    7 | rule "R" when child is known route to neuro
      |               ^^^^^
   help: write `child`, `possibly child` or `certainly child`
""",
        near="""\
define child as age under 16 years
rule "R" when possibly child route to neuro
""",
    ),
    Case(
        name="type-mismatch",
        text="""\
rule "R" when age under 5 working days route to neuro
""",
        shows="""\
book.rules:6:25: error R207 type-mismatch: `5 working days` is no length that ages and times can be compared with
    6 | rule "R" when age under 5 working days route to neuro
      |                         ^^^^^^^^^^^^^^
   help: use days
""",
        near="""\
rule "R" when age under 5 days route to neuro
""",
    ),
    Case(
        name="type-mismatch",
        text="""\
timezone Europe/Lisbon when exam_end after 2026-01-01
""",
        shows="""\
book.rules:6:29: error R207 type-mismatch: the condition of `timezone` may not ask for a time: times are reckoned by it
    6 | timezone Europe/Lisbon when exam_end after 2026-01-01
      |                             ^^^^^^^^
   help: go by something that does not change, such as `site`
""",
        near="""\
timezone Europe/Lisbon when site is LISBON
""",
    ),
    Case(
        name="type-mismatch",
        text="""\
fact x is weeks
fact y is code
attribute z is duration from x plus y
rule "R" when z under 3 weeks route to neuro
""",
        shows="""\
book.rules:8:30: error R207 type-mismatch: `x plus y` adds what cannot be added
    8 | attribute z is duration from x plus y
      |                              ^^^^^^^^
   help: add numbers, lengths of time, or a length to a moment
""",
        near="""\
fact x is weeks
attribute z is duration from x plus age
rule "R" when z under 3 weeks route to neuro
""",
    ),
    Case(
        name="number-for-code",
        text="""\
rule "R" when procedure_code includes 1234 route to neuro
""",
        shows="""\
book.rules:6:39: error R209 number-for-code: `procedure_code` holds codes, which are text: `1234` is a number
    6 | rule "R" when procedure_code includes 1234 route to neuro
      |                                       ^^^^
   help: quote it, with its zeros: "1234"
""",
        near="""\
rule "R" when procedure_code includes "1234" route to neuro
""",
    ),
    Case(
        name="impossible-range",
        text="""\
rule "R" when age from 10 years to under 60 months route to neuro
""",
        shows="""\
book.rules:6:15: error R210 impossible-range: no value is from 10 years to under 60 months
    6 | rule "R" when age from 10 years to under 60 months route to neuro
      |               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   help: the first is the smaller; the second does not belong to it
""",
        near="""\
rule "R" when age from 60 months to under 10 years route to neuro
""",
    ),
    Case(
        name="impossible-range",
        text="""\
rule "R" when modality includes CT due within 999 years
""",
        shows="""\
book.rules:6:47: error R210 impossible-range: `999 years` is longer than 200 years
    6 | rule "R" when modality includes CT due within 999 years
      |                                               ^^^^^^^^^
""",
        near="""\
rule "R" when modality includes CT due within 20 days
""",
    ),
    Case(
        name="empty-list",
        text="""\
rule "R" when description mentions "?" route to neuro
""",
        shows="""\
book.rules:6:36: error R105 empty-list: "?" holds no letter and no digit to look for
    6 | rule "R" when description mentions "?" route to neuro
      |                                    ^^^
   help: name a word
""",
        near="""\
rule "R" when description mentions "X-ray?" route to neuro
""",
    ),
    Case(
        name="regex-unavailable",
        text=r"""rule "R" when site matches /(a)\1/ route to neuro""",
        shows=r"""book.rules:6:28: error R310 regex-unavailable: the expression cannot be used: invalid escape sequence: \1
    6 | rule "R" when site matches /(a)\1/ route to neuro
      |                            ^^^^^^^
   help: there are no look-arounds and no back-references""",
        near="""\
rule "R" when site matches /(a)+$/ route to neuro
""",
    ),
    Case(
        name="unknown-zone",
        text="""\
timezone Europe/Lisbonne when site is LISBON
""",
        shows="""\
book.rules:6:10: error R309 unknown-zone: there is no time zone `Europe/Lisbonne`
    6 | timezone Europe/Lisbonne when site is LISBON
      |          ^^^^^^^^^^^^^^^
   help: did you mean `Europe/Lisbon`?
""",
        near="""\
timezone Europe/Lisbon when site is LISBON
""",
    ),
    Case(
        name="syntax",
        text="""\
language 2
""",
        shows="""\
book.rules:6:10: error R101 syntax: the rulebook is in language 2, this library reads language 1
    6 | language 2
      |          ^
   help: install a newer version of the library
""",
        near="""\
language 1
""",
    ),
    Case(
        name="repeated-effect",
        text="""\
rule "R" when modality includes CT route to neuro route to general
""",
        shows="""\
book.rules:6:51: error R104 repeated-effect: the route is given twice
    6 | rule "R" when modality includes CT route to neuro route to general
      |                                                   ^^^^^^^^^^^^^^^^
   help: keep one of them; where both shall count, write two rules
   see book.rules:6:36: the first stands here
""",
        near="""\
rule "R" when modality includes CT route to neuro due within 28 days due within 10 working days
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

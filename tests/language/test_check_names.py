# ruff: noqa: E501 - what is printed is compared as it is printed
"""What checking says about names: unknown, declared twice, circular, of the patient, of items that wait."""

import pytest

from tests.language.checking import Case, printed, within

CASES = [
    Case(
        name="unknown-attribute",
        text="""\
rule "R" when modalty includes CT route to neuro
""",
        shows="""\
book.rules:6:15: error R201 unknown-attribute: there is no attribute, fact or define `modalty`
    6 | rule "R" when modalty includes CT route to neuro
      |               ^^^^^^^
   help: did you mean `modality`?
""",
        near="""\
rule "R" when modality includes CT route to neuro
""",
    ),
    Case(
        name="unknown-worklist",
        text="""\
rule "R" when modality includes CT route to nuero
""",
        shows="""\
book.rules:6:45: error R203 unknown-worklist: there is no worklist `nuero`
    6 | rule "R" when modality includes CT route to nuero
      |                                             ^^^^^
   help: did you mean `neuro`?
   see book.rules:4:10: `neuro` is declared here, and used nowhere
""",
        near="""\
rule "R" when modality includes CT route to neuro
""",
    ),
    Case(
        name="unknown-name",
        text="""\
times core are Mon-Fri 08:00-18:00
rule "R" when during cores route to neuro
""",
        shows="""\
book.rules:7:22: error R204 unknown-name: there are no times `cores`
    7 | rule "R" when during cores route to neuro
      |                      ^^^^^
   help: did you mean `core`?
   see book.rules:6:7: `core` is declared here, and used nowhere
""",
        near="""\
times core are Mon-Fri 08:00-18:00
rule "R" when during core route to neuro
""",
    ),
    Case(
        name="unknown-name",
        text="""\
rule "R" when modality includes CT route to neuro notify lead_board
""",
        shows="""\
book.rules:6:58: error R204 unknown-name: there is no channel `lead_board`
    6 | rule "R" when modality includes CT route to neuro notify lead_board
      |                                                          ^^^^^^^^^^
   help: declare it: channels lead_board
""",
        near="""\
channels lead_board
rule "R" when modality includes CT route to neuro notify lead_board
""",
    ),
    Case(
        name="unknown-name",
        text="""\
rule "R" when modality includes CT priority urgnt
""",
        shows="""\
book.rules:6:45: error R204 unknown-name: there is no priority `urgnt`
    6 | rule "R" when modality includes CT priority urgnt
      |                                             ^^^^^
   help: did you mean `urgent`?
""",
        near="""\
rule "R" when modality includes CT priority urgent
""",
    ),
    Case(
        name="unknown-name",
        text="""\
table t from "t.csv" key code
rule "R" when modality includes CT route to t[procedure_code].worklst
""",
        files={"t.csv": "code,worklist\nA,neuro\n"},
        shows="""\
book.rules:7:63: error R204 unknown-name: the table `t` has no column `worklst`
    7 | rule "R" when modality includes CT route to t[procedure_code].worklst
      |                                                               ^^^^^^^
   help: did you mean `worklist`?
""",
        near="""\
table t from "t.csv" key code
rule "R" when modality includes CT route to t[procedure_code].worklist
""",
        near_files={"t.csv": "code,worklist\nA,neuro\n"},
    ),
    Case(
        name="unknown-name",
        text="""\
example "E" modality CT expect route to neuro by "Hed"
rule "Head" when modality includes CT route to neuro
""",
        shows="""\
book.rules:6:50: error R204 unknown-name: there is no rule `Hed`
    6 | example "E" modality CT expect route to neuro by "Hed"
      |                                                  ^^^^^
   help: did you mean `Head`?
""",
        near="""\
example "E" modality CT expect route to neuro by "Head"
rule "Head" when modality includes CT route to neuro
""",
    ),
    Case(
        name="unknown-name",
        text="""\
attribute x is code from hl7 "OBR31"
rule "R" when x is A route to neuro
""",
        shows="""\
book.rules:6:30: error R204 unknown-name: `OBR31` is not an HL7 field
    6 | attribute x is code from hl7 "OBR31"
      |                              ^^^^^^^
   help: write an HL7 field, such as `OBR-31.1`
""",
        near="""\
attribute x is code from hl7 "OBR-31"
rule "R" when x is A route to neuro
""",
    ),
    Case(
        name="unknown-code",
        text="""\
rule "R" when patient_class is emergncy route to neuro
""",
        shows="""\
book.rules:6:32: error R202 unknown-code: `patient_class` has no value `emergncy`
    6 | rule "R" when patient_class is emergncy route to neuro
      |                                ^^^^^^^^
   help: did you mean `emergency`?
""",
        near="""\
rule "R" when patient_class is emergency route to neuro
""",
    ),
    Case(
        name="unknown-code",
        text="""\
rule "R" when patient_class is knwon route to neuro
""",
        shows="""\
book.rules:6:32: error R202 unknown-code: `patient_class` has no value `knwon`
    6 | rule "R" when patient_class is knwon route to neuro
      |                                ^^^^^
   help: did you mean `known`?
""",
        near="""\
rule "R" when patient_class is known route to neuro
""",
    ),
    Case(
        name="unknown-code",
        text="""\
rule "R" when modality includes XR route to neuro
""",
        shows="""\
book.rules:6:33: error R202 unknown-code: `modality` never holds `XR`
    6 | rule "R" when modality includes XR route to neuro
      |                                 ^^
   help: did you mean `CR` or `DX`?
""",
        near="""\
rule "R" when modality includes "XR" route to neuro
""",
    ),
    Case(
        name="unknown-code",
        text="""\
rule "R" when modality includes SR route to neuro
""",
        shows="""\
book.rules:6:33: error R202 unknown-code: `modality` never holds `SR`
    6 | rule "R" when modality includes SR route to neuro
      |                                 ^^
   help: `SR` is in `companions`: write `companions includes SR`
""",
        near="""\
rule "R" when companions includes SR route to neuro
""",
    ),
    Case(
        name="unknown-code",
        text="""\
rule "R" when body_part includes CHESST route to neuro
""",
        shows="""\
book.rules:6:34: error R202 unknown-code: `body_part` never holds `CHESST`
    6 | rule "R" when body_part includes CHESST route to neuro
      |                                  ^^^^^^
   help: did you mean `CHEST`? a code of your own stands in quotes: "CHESST"
""",
        near="""\
rule "R" when body_part includes OUROWNPART route to neuro
""",
    ),
    Case(
        name="unknown-code",
        text="""\
rule "R" when site is city route to neuro
""",
        shows="""\
book.rules:6:23: error R202 unknown-code: `site` has no list of values with `city` in it
    6 | rule "R" when site is city route to neuro
      |                       ^^^^
   help: write a code in capitals, `CITY`, or in quotes, "city"
""",
        near="""\
rule "R" when site is CITY route to neuro
""",
    ),
    Case(
        name="unknown-code",
        text="""\
values site are CITY, LISBON
rule "R" when site is LISSBON route to neuro
""",
        shows="""\
book.rules:7:23: error R202 unknown-code: `site` has no value `LISSBON`
    7 | rule "R" when site is LISSBON route to neuro
      |                       ^^^^^^^
   help: did you mean `LISBON`?
   see book.rules:6:8: its values are declared here
""",
        near="""\
values site are CITY, LISBON
rule "R" when site is LISBON route to neuro
""",
    ),
    Case(
        name="duplicate-name",
        text="""\
define child as age under 16 years
define child as age under 18 years
rule "R" when child route to neuro
""",
        shows="""\
book.rules:7:8: error R205 duplicate-name: the name `child` is declared twice
    7 | define child as age under 18 years
      |        ^^^^^
   help: give one of them another name
   see book.rules:6:8: `child` is declared here
""",
        near="""\
define child as age under 16 years
define teen as age under 18 years
rule "R" when child or teen route to neuro
""",
    ),
    Case(
        name="duplicate-name",
        text="""\
fact age is duration
rule "R" when age under 3 years route to neuro
""",
        shows="""\
book.rules:6:6: error R205 duplicate-name: `age` is a name that every rulebook has
    6 | fact age is duration
      |      ^^^
   help: give yours another name
""",
        near="""\
fact our_age is duration
rule "R" when our_age under 3 years route to neuro
""",
    ),
    Case(
        name="duplicate-name",
        text="""\
rule "R" when modality includes CT route to neuro
rule "R" when modality includes MR route to neuro
""",
        shows="""\
book.rules:7:6: error R205 duplicate-name: the rule `R` is declared twice
    7 | rule "R" when modality includes MR route to neuro
      |      ^^^
   help: give one of them another name
   see book.rules:6:6: `R` is declared here
""",
        near="""\
rule "R" when modality includes CT route to neuro
rule "S" when modality includes MR route to neuro
""",
    ),
    Case(
        name="duplicate-name",
        text="""\
clock exam_end, else arrival
clock arrival
""",
        shows="""\
book.rules:7:1: error R205 duplicate-name: `clock` is given twice
    7 | clock arrival
      | ^^^^^^^^^^^^^
   help: a rulebook has it once
   see book.rules:6:1: the first stands here
""",
        near="""\
clock exam_end, else arrival
""",
    ),
    Case(
        name="define-cycle",
        text="""\
define a as b
define b as not c
define c as a
rule "R" when a route to neuro
""",
        shows="""\
book.rules:6:8: error R213 define-cycle: the define `a` depends on itself: a → b → c → a
    6 | define a as b
      |        ^
   help: write one of them without the other
   see book.rules:7:8: by way of `b`
   see book.rules:8:8: by way of `c`
""",
        near="""\
define a as b
define b as not c
define c as ordered
rule "R" when a route to neuro
""",
    ),
    Case(
        name="define-cycle",
        text="""\
attribute x is number from y plus 1
attribute y is number from x plus 1
rule "R" when x over 3 route to neuro
""",
        shows="""\
book.rules:6:11: error R213 define-cycle: the attribute `x` depends on itself: x → y → x
    6 | attribute x is number from y plus 1
      |           ^
   help: take one of them from elsewhere
   see book.rules:7:11: by way of `y`
""",
        near="""\
attribute x is number from y plus 1
attribute y is number from image_count plus 1
rule "R" when x over 3 route to neuro
""",
    ),
    Case(
        name="identity-in-condition",
        text="""\
rule "R" when patient_name mentions "EXAMPLE" route to neuro
""",
        shows="""\
book.rules:6:15: error R211 identity-in-condition: `patient_name` says who the patient is: no rule may go by it
    6 | rule "R" when patient_name mentions "EXAMPLE" route to neuro
      |               ^^^^^^^^^^^^
   help: go by what was asked or done
""",
        near="""\
rule "R" when referrer is known route to neuro
""",
    ),
    Case(
        name="identity-in-condition",
        text="""\
attribute x is code from patient_id
rule "R" when x is A route to neuro
""",
        shows="""\
book.rules:6:26: error R211 identity-in-condition: `patient_id` says who the patient is: no rule may go by it
    6 | attribute x is code from patient_id
      |                          ^^^^^^^^^^
   help: go by what was asked or done
""",
        near="""\
attribute x is code from site
rule "R" when x is A route to neuro
""",
    ),
    Case(
        name="identity-in-condition",
        text="""\
attribute x is code from hl7 "PID-3.1"
rule "R" when x is A route to neuro
""",
        shows="""\
book.rules:6:30: error R211 identity-in-condition: `PID-3.1` says who the patient is: no rule may go by it
    6 | attribute x is code from hl7 "PID-3.1"
      |                              ^^^^^^^^^
   help: go by what was asked or done
""",
        near="""\
attribute x is code from hl7 "PID-10.1"
rule "R" when x is A route to neuro
""",
    ),
    Case(
        name="living-attribute",
        text="""\
rule "R" when waiting over 3 hours route to neuro
""",
        shows="""\
book.rules:6:15: error R212 living-attribute: `waiting` is about an item that waits: only a watch or a view may ask for it
    6 | rule "R" when waiting over 3 hours route to neuro
      |               ^^^^^^^
   help: put it into a `watch`
""",
        near="""\
watch "W" each item when waiting over 3 hours raise priority
""",
    ),
    Case(
        name="living-attribute",
        text="""\
define late as overdue
rule "R" when late route to neuro
""",
        shows="""\
book.rules:7:15: error R212 living-attribute: `late` asks for `overdue`, which only a watch or a view may
    7 | rule "R" when late route to neuro
      |               ^^^^
   help: put it into a `watch`
""",
        near="""\
define late as overdue
watch "W" each item when late raise priority
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

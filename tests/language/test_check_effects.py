# ruff: noqa: E501 - what is printed is compared as it is printed
"""What checking says about effects, guarantees, watches, views and hours."""

import pytest

from tests.language.checking import Case, printed, within

CASES = [
    Case(
        name="impossible-range",
        text="""\
rule "R" when modality includes CT route to neuro escalate to general after 150 percent
""",
        shows="""\
book.rules:6:77: error R210 impossible-range: `150 percent` is no part of the time until the due
    6 | rule "R" when modality includes CT route to neuro escalate to general after 150 percent
      |                                                                             ^^^^^^^^^^^
   help: it is a whole number from 1 to 100
""",
        near="""\
rule "R" when modality includes CT route to neuro escalate to general after 50 percent
""",
    ),
    Case(
        name="type-mismatch",
        text="""\
rule "R" when modality includes CT route to neuro offer to reader in modality for 1 hour
""",
        shows="""\
book.rules:6:70: error R207 type-mismatch: `modality` is a set of codes, not one reader
    6 | rule "R" when modality includes CT route to neuro offer to reader in modality for 1 hour
      |                                                                      ^^^^^^^^
""",
        near="""\
rule "R" when modality includes CT route to neuro offer to reader in referrer for 1 hour
""",
    ),
    Case(
        name="unknown-name",
        text="""\
rule "R" when modality includes CT route to neuro offer to least loaded reader with neuro for 1 hour
""",
        shows="""\
book.rules:6:85: error R204 unknown-name: there is no skill `neuro`
    6 | rule "R" when modality includes CT route to neuro offer to least loaded reader with neuro for 1 hour
      |                                                                                     ^^^^^
   help: declare it: skills neuro
""",
        near="""\
skills neuro
rule "R" when modality includes CT route to neuro offer to least loaded reader with neuro for 1 hour
""",
    ),
    Case(
        name="impossible-range",
        text="""\
rule "R" when modality includes CT read by 20 different readers, disagreement to neuro
""",
        shows="""\
book.rules:6:44: error R210 impossible-range: `20` is no number of readers
    6 | rule "R" when modality includes CT read by 20 different readers, disagreement to neuro
      |                                            ^^
   help: it is a whole number from 1 to 9
""",
        near="""\
rule "R" when modality includes CT read by 3 different readers blind, disagreement to neuro, agreement on "normal" to general
""",
    ),
    Case(
        name="unknown-name",
        text="""\
rule "R" when modality includes CT only readers with neuro or paediatric
""",
        shows="""\
book.rules:6:54: error R204 unknown-name: there is no skill `neuro`
    6 | rule "R" when modality includes CT only readers with neuro or paediatric
      |                                                      ^^^^^
   help: declare it: skills neuro
book.rules:6:63: error R204 unknown-name: there is no skill `paediatric`
    6 | rule "R" when modality includes CT only readers with neuro or paediatric
      |                                                               ^^^^^^^^^^
   help: declare it: skills paediatric
""",
        near="""\
skills neuro, paediatric
rule "R" when modality includes CT only readers with neuro or paediatric show identity only to readers with neuro
""",
    ),
    Case(
        name="impossible-range",
        text="""\
rule "R" when modality includes CT due by 24:00
""",
        shows="""\
book.rules:6:43: error R210 impossible-range: no day has a time `24:00`
    6 | rule "R" when modality includes CT due by 24:00
      |                                           ^^^^^
   help: midnight is 00:00 of the next day
""",
        near="""\
rule "R" when modality includes CT due by 12:00 next working day
""",
    ),
    Case(
        name="type-mismatch",
        text="""\
rule "R" when modality includes CT due within age hours
""",
        shows="""\
book.rules:6:47: error R207 type-mismatch: `age` is a length of time, not a number of hours
    6 | rule "R" when modality includes CT due within age hours
      |                                               ^^^
""",
        near="""\
rule "R" when modality includes CT due within image_count hours
""",
    ),
    Case(
        name="type-mismatch",
        text="""\
rule "R" when modality includes CT due within 1.5 weeks
""",
        shows="""\
book.rules:6:47: error R207 type-mismatch: `1.5 weeks` is no whole number of weeks
    6 | rule "R" when modality includes CT due within 1.5 weeks
      |                                               ^^^^^^^^^
""",
        near="""\
rule "R" when modality includes CT due within 1.5 days
""",
    ),
    Case(
        name="type-mismatch",
        text="""\
rule "R" when modality includes CT due by site
""",
        shows="""\
book.rules:6:43: error R207 type-mismatch: `site` is a code, not a moment to reckon from
    6 | rule "R" when modality includes CT due by site
      |                                           ^^^^
""",
        near="""\
rule "R" when modality includes CT due by exam_end minus 1 hour preliminary due by 2026-12-31
""",
    ),
    Case(
        name="type-mismatch",
        text="""\
rule "R" when modality includes CT priority modality
""",
        shows="""\
book.rules:6:45: error R207 type-mismatch: `modality` is a set of codes, which says no priority
    6 | rule "R" when modality includes CT priority modality
      |                                             ^^^^^^^^
   help: name a priority, or an attribute that is one code
""",
        near="""\
rule "R" when modality includes CT priority referrer_specialty
""",
    ),
    Case(
        name="type-mismatch",
        text="""\
table p from "p.csv" key code
rule "R" when modality includes CT priority site from p
""",
        files={"p.csv": "code,one,two\nA,stat,soon\n"},
        shows="""\
book.rules:7:55: error R207 type-mismatch: the table `p` does not say which column holds priorities
    7 | rule "R" when modality includes CT priority site from p
      |                                                       ^
   help: give it one key column and a column `priority`
""",
        near="""\
table p from "p.csv" key code
rule "R" when modality includes CT priority site from p
""",
        near_files={"p.csv": "code,one,priority\nA,x,soon\n"},
    ),
    Case(
        name="type-mismatch",
        text="""\
table t from "t.csv" key code
rule "R" when modality includes CT also read by t[procedure_code].list
""",
        files={"t.csv": "code,list\nA,neuro\n"},
        shows="""\
book.rules:7:49: error R207 type-mismatch: a further read names its worklist itself, not by a table
    7 | rule "R" when modality includes CT also read by t[procedure_code].list
      |                                                 ^^^^^^^^^^^^^^^^^^^^^^
   help: write one rule for each worklist
""",
        near="""\
rule "R" when modality includes CT also read by neuro within 1 day
""",
    ),
    Case(
        name="unknown-worklist",
        text="""\
rule "R" when modality includes CT audit by nuero within 3 days exclude readers in referrer
""",
        shows="""\
book.rules:6:45: error R203 unknown-worklist: there is no worklist `nuero`
    6 | rule "R" when modality includes CT audit by nuero within 3 days exclude readers in referrer
      |                                             ^^^^^
   help: did you mean `neuro`?
   see book.rules:4:10: `neuro` is declared here, and used nowhere
""",
        near="""\
rule "R" when modality includes CT audit by neuro within 3 days exclude readers in referrer
""",
    ),
    Case(
        name="unknown-worklist",
        text="""\
rule "R" when modality includes CT route to general split to neuro, chest after 4 hours
""",
        shows="""\
book.rules:6:69: error R203 unknown-worklist: there is no worklist `chest`
    6 | rule "R" when modality includes CT route to general split to neuro, chest after 4 hours
      |                                                                     ^^^^^
   help: declare it: worklist chest "…" for everyone
""",
        near="""\
rule "R" when modality includes CT route to general split to neuro, general after 4 hours read together with same patient, site within 2 days
""",
    ),
    Case(
        name="identity-in-condition",
        text="""\
rule "R" when modality includes CT route to neuro read together with same patient, accession within 2 days
""",
        shows="""\
book.rules:6:84: error R211 identity-in-condition: `accession` says who the patient is: no rule may go by it
    6 | rule "R" when modality includes CT route to neuro read together with same patient, accession within 2 days
      |                                                                                    ^^^^^^^^^
   help: go by what was asked or done
""",
    ),
    Case(
        name="impossible-range",
        text="""\
rule "R" when in sample of 150 percent audit by neuro within 3 days
""",
        shows="""\
book.rules:6:28: error R210 impossible-range: no sample is 150 percent
    6 | rule "R" when in sample of 150 percent audit by neuro within 3 days
      |                            ^^^
   help: at most 100 percent
""",
        near="""\
rule "R" when in sample of 5 percent audit by neuro within 3 days
""",
    ),
    Case(
        name="closure-on-unknown",
        text="""\
group "G" when modality includes RF
  rule "R" when ordered route to neuro
  otherwise route to neuro no report needed because "x" under policy "P" until 2026-12-31
end
""",
        shows="""\
book.rules:8:28: error R401 closure-on-unknown: the `otherwise` of a group takes what is unknown: it cannot close
    8 |   otherwise route to neuro no report needed because "x" under policy "P" until 2026-12-31
      |                            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   help: put the closure into a rule that says what it is for
""",
    ),
    Case(
        name="unknown-worklist",
        text="""\
guarantee "G" never route to nuero when age under 16 years
""",
        shows="""\
book.rules:6:30: error R203 unknown-worklist: there is no worklist `nuero`
    6 | guarantee "G" never route to nuero when age under 16 years
      |                              ^^^^^
   help: did you mean `neuro`?
   see book.rules:4:10: `neuro` is declared here, and used nowhere
""",
        near="""\
guarantee "G" never route to neuro, general when age under 16 years
""",
    ),
    Case(
        name="syntax",
        text="""\
guarantee "G" always route to neuro, general
""",
        shows="""\
book.rules:6:38: error R101 syntax: an item is routed to one list: `always route to` names one
    6 | guarantee "G" always route to neuro, general
      |                                      ^^^^^^^
   help: write a guarantee for each
""",
        near="""\
guarantee "G" always route to neuro when ordered
""",
    ),
    Case(
        name="syntax",
        text="""\
guarantee "G" due by 12:00
""",
        shows="""\
book.rules:6:15: error R101 syntax: `due by 12:00` cannot be promised for every procedure
    6 | guarantee "G" due by 12:00
      |               ^^^^^^^^^^^^
   help: promise a length of time from the clock: `due within 28 days`
""",
        near="""\
guarantee "G" due within 28 days
""",
    ),
    Case(
        name="unknown-name",
        text="""\
guarantee "G" priority at least urgnt
""",
        shows="""\
book.rules:6:33: error R204 unknown-name: there is no priority `urgnt`
    6 | guarantee "G" priority at least urgnt
      |                                 ^^^^^
   help: did you mean `urgent`?
""",
        near="""\
guarantee "G" priority at least urgent
""",
    ),
    Case(
        name="impossible-range",
        text="""\
guarantee "G" read by at least 0
""",
        shows="""\
book.rules:6:32: error R210 impossible-range: `0` is no number of readers
    6 | guarantee "G" read by at least 0
      |                                ^
""",
        near="""\
guarantee "G" read by at least 2 when programme is BREAST
guarantee "H" never close
guarantee "I" never hold
""",
    ),
    Case(
        name="unknown-name",
        text="""\
watch "W" each item when overdue decide again without "Q"
""",
        shows="""\
book.rules:6:55: error R204 unknown-name: there is no rule `Q`
    6 | watch "W" each item when overdue decide again without "Q"
      |                                                       ^^^
""",
        near="""\
watch "W" each item when overdue decide again without "As requested"
""",
    ),
    Case(
        name="unknown-worklist",
        text="""\
watch "W" when items on nuero over 4 raise priority
""",
        shows="""\
book.rules:6:25: error R203 unknown-worklist: there is no worklist `nuero`
    6 | watch "W" when items on nuero over 4 raise priority
      |                         ^^^^^
   help: did you mean `neuro`?
   see book.rules:4:10: `neuro` is declared here, and used nowhere
""",
        near="""\
watch "W" when items on neuro over 4 and oldest on neuro over 1 day raise priority
""",
    ),
    Case(
        name="living-attribute",
        text="""\
rule "R" when items on neuro over 4 route to general
""",
        shows="""\
book.rules:6:15: error R212 living-attribute: `items on neuro` counts what waits: only a watch may ask for it
    6 | rule "R" when items on neuro over 4 route to general
      |               ^^^^^^^^^^^^^^
   help: put it into a `watch`
""",
    ),
    Case(
        name="impossible-range",
        text="""\
watch "W" at 24:00 when overdue raise priority
""",
        shows="""\
book.rules:6:14: error R210 impossible-range: no day has a time `24:00`
    6 | watch "W" at 24:00 when overdue raise priority
      |              ^^^^^
   help: midnight is 00:00 of the next day
""",
        near="""\
watch "W" at 07:00 on working days when overdue raise priority
""",
    ),
    Case(
        name="type-mismatch",
        text="""\
view "V" for everyone shows general, neuro sorted by modality
""",
        shows="""\
book.rules:6:54: error R207 type-mismatch: a list cannot be sorted by `modality`
    6 | view "V" for everyone shows general, neuro sorted by modality
      |                                                      ^^^^^^^^
   help: sort by `priority`, `due`, `waiting` or one value
""",
        near="""\
view "V" for everyone shows general, neuro sorted by due, age
""",
    ),
    Case(
        name="unknown-attribute",
        text="""\
view "V" for everyone shows general, neuro sorted by wating
""",
        shows="""\
book.rules:6:54: error R201 unknown-attribute: there is no attribute, fact or define `wating`
    6 | view "V" for everyone shows general, neuro sorted by wating
      |                                                      ^^^^^^
   help: did you mean `waiting`?
""",
        near="""\
view "V" for everyone shows general, neuro sorted by waiting
""",
    ),
    Case(
        name="type-mismatch",
        text="""\
clock modality, else arrival
""",
        shows="""\
book.rules:6:7: error R207 type-mismatch: `modality` is a set of codes, no clock goes by it
    6 | clock modality, else arrival
      |       ^^^^^^^^
   help: name moments: `clock exam_end, else arrival`
""",
        near="""\
clock exam_start, else exam_end, else arrival
""",
    ),
    Case(
        name="syntax",
        text="""\
times core are Mon-Fri 08:00-18:00 when site is A
rule "R" when during core route to neuro
""",
        shows="""\
book.rules:6:1: error R101 syntax: `times core` says nothing for the rest: each has a condition
    6 | times core are Mon-Fri 08:00-18:00 when site is A
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   help: add one without a condition
""",
        near="""\
times core are Mon-Fri 08:00-18:00 when site is A
times core are Sat 08:00-08:00
rule "R" when during core route to neuro
""",
    ),
    Case(
        name="syntax",
        text="""\
workdays are Mon-Fri when site is A
""",
        shows="""\
book.rules:6:1: error R101 syntax: `workdays` says nothing for the rest: each has a condition
    6 | workdays are Mon-Fri when site is A
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   help: add one without a condition
""",
        near="""\
workdays are Mon-Fri when site is A
workdays are Mon-Sat
""",
    ),
    Case(
        name="impossible-range",
        text="""\
times core are Mon-Fri 24:00-18:00
rule "R" when during core route to neuro
""",
        shows="""\
book.rules:6:24: error R210 impossible-range: no hours begin at `24:00`
    6 | times core are Mon-Fri 24:00-18:00
      |                        ^^^^^
   help: midnight is 00:00 of the next day
""",
        near="""\
times core are Mon-Fri 18:00-24:00
rule "R" when during core route to neuro
""",
    ),
    Case(
        name="duplicate-name",
        text="""\
timezone Europe/Lisbon
""",
        shows="""\
book.rules:6:1: error R205 duplicate-name: `timezone` without a condition is given twice
    6 | timezone Europe/Lisbon
      | ^^^^^^^^^^^^^^^^^^^^^^
   help: leave one out, or say `when`
   see book.rules:2:1: the first stands here
""",
    ),
    Case(
        name="type-mismatch",
        text="""\
times core are Mon-Fri 08:00-18:00
times late are Mon-Fri 18:00-20:00 when during core
times late are Sat 18:00-20:00
rule "R" when during late route to neuro
""",
        shows="""\
book.rules:7:41: error R207 type-mismatch: the condition of `times` may not ask for a time: times are reckoned by it
    7 | times late are Mon-Fri 18:00-20:00 when during core
      |                                         ^^^^^^^^^^^
   help: go by something that does not change, such as `site`
""",
    ),
    Case(
        name="type-mismatch",
        text="""\
timezone Europe/Lisbon when age under 3 years
""",
        shows="""\
book.rules:6:29: error R207 type-mismatch: the condition of `timezone` may not ask for a time: times are reckoned by it
    6 | timezone Europe/Lisbon when age under 3 years
      |                             ^^^
   help: go by something that does not change, such as `site`
""",
    ),
    Case(
        name="type-mismatch",
        text="""\
define adult as age at least 16 years
timezone Europe/Lisbon when adult
""",
        shows="""\
book.rules:7:29: error R207 type-mismatch: `adult` asks for a time, which the condition of `timezone` may not
    7 | timezone Europe/Lisbon when adult
      |                             ^^^^^
   help: go by something that does not change, such as `site`
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

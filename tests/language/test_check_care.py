# ruff: noqa: E501 - what is printed is compared as it is printed
"""What checking says about the care that rules give, and about lists and readers."""

import pytest

from tests.language.checking import Case, printed, within

CASES = [
    Case(
        name="closure-on-unknown",
        text="""\
rule "R" when location is THEATRE unless age under 16 years or possibly body_part includes CHEST route to neuro no report needed because "x" under policy "P" until 2026-12-31
""",
        shows="""\
book.rules:6:42: error R401 closure-on-unknown: `age under 16 years` may be unknown, and the closure does not say what then
    6 | rule "R" when location is THEATRE unless age under 16 years or possibly body_part includes CHEST route to neu…
      |                                          ^^^^^^^^^^^^^^^^^^
   help: write `possibly age under 16 years`: in doubt it is reported
""",
        near="""\
rule "R" when location is THEATRE unless possibly age under 16 years or possibly body_part includes CHEST route to neuro no report needed because "x" under policy "P" until 2026-12-31
""",
    ),
    Case(
        name="closure-on-unknown",
        text="""\
define child as age under 16 years
rule "R" when location is THEATRE unless certainly child route to neuro no report needed because "x" under policy "P" until 2026-12-31
""",
        shows="""\
book.rules:7:52: error R401 closure-on-unknown: `child` may be unknown, and the closure does not say what then
    7 | rule "R" when location is THEATRE unless certainly child route to neuro no report needed because "x" under po…
      |                                                    ^^^^^
   help: write `possibly child`: in doubt it is reported
""",
        near="""\
define child as age under 16 years
rule "R" when location is THEATRE unless not certainly not child route to neuro no report needed because "x" under policy "P" until 2026-12-31
""",
    ),
    Case(
        name="syntax",
        text="""\
rule "R" when location is THEATRE no report needed because "x" under policy "P" until 2026-12-31
""",
        shows="""\
book.rules:6:35: error R101 syntax: a closure needs a `route to`: the list where the item waits when it is opened again
    6 | rule "R" when location is THEATRE no report needed because "x" under policy "P" until 2026-12-31
      |                                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   help: say in the same rule where it goes: `route to WORKLIST`
""",
    ),
    Case(
        name="hold-without-limit",
        text="""\
rule "R" when modality includes CT hold until images_complete
""",
        shows="""\
book.rules:6:36: error R402 hold-without-limit: the hold has no ceiling: an item could wait for ever
    6 | rule "R" when modality includes CT hold until images_complete
      |                                    ^^^^^^^^^^^^^^^^^^^^^^^^^^
   help: write `hold at most 1 hour until images_complete`
""",
        near="""\
rule "R" when modality includes CT hold at most 1 hour until images_complete
""",
    ),
    Case(
        name="hold-outlasts-due",
        text="""\
rule "R" when modality includes CT hold at most 2 hours until images_complete due within 90 minutes
""",
        shows="""\
book.rules:6:36: warning R403 hold-outlasts-due: the hold lasts longer than the due: `due within 90 minutes`
    6 | rule "R" when modality includes CT hold at most 2 hours until images_complete due within 90 minutes
      |                                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   help: an item that is held must be free before it is due
   see book.rules:6:79: the due stands here
""",
        near="""\
rule "R" when modality includes CT hold at most 2 hours until images_complete due within 120 minutes
""",
    ),
    Case(
        name="preliminary-after-due",
        text="""\
rule "R" when modality includes CT due within 1 hour preliminary due within 2 hours
""",
        shows="""\
book.rules:6:54: warning R404 preliminary-after-due: the preliminary report is due after the report itself: `due within 1 hour`
    6 | rule "R" when modality includes CT due within 1 hour preliminary due within 2 hours
      |                                                      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   help: make the preliminary due earlier
   see book.rules:6:36: the report's due stands here
""",
        near="""\
rule "R" when modality includes CT due within 1 hour preliminary due within 30 minutes
""",
    ),
    Case(
        name="escalation-cycle",
        text="""\
rule "R" when modality includes CT route to neuro escalate to general after 1 hour
rule "S" when modality includes MR route to general escalate to neuro after 1 hour
""",
        shows="""\
book.rules:7:53: warning R405 escalation-cycle: the escalation from `general` to `neuro` leads back to `general`
    7 | rule "S" when modality includes MR route to general escalate to neuro after 1 hour
      |                                                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   help: let it end with somebody who must act
   see book.rules:6:51: and this leads on
book.rules:7:53: note R508 effect-may-be-lost: `escalate to neuro after 1 hour` is lost when an earlier rule takes the list
    7 | rule "S" when modality includes MR route to general escalate to neuro after 1 hour
      |                                                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   help: to give it on any list, put it into a second rule with the same `when` and no `route to`
   see book.rules:6:6: this rule may take the list first
""",
        near="""\
rule "R" when modality includes CT route to neuro escalate to general after 1 hour
""",
    ),
    Case(
        name="words-lower-care",
        text="""\
define seen as description mentions "seen in clinic"
rule "R" when location is THEATRE and seen route to neuro no report needed because "x" under policy "P" until 2026-12-31
""",
        shows="""\
book.rules:6:16: warning R406 words-lower-care: words in free text decide that no report is needed
    6 | define seen as description mentions "seen in clinic"
      |                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   help: go by a code: text is written by hand, and for people
   see book.rules:7:59: in the rule `R`
""",
        near="""\
define seen as description mentions "seen in clinic"
rule "R" when location is THEATRE unless possibly seen route to neuro no report needed because "x" under policy "P" until 2026-12-31
""",
    ),
    Case(
        name="unless-may-be-unknown",
        text="""\
rule "R" when modality includes CT unless site is CITY or certainly age under 3 years priority stat
""",
        shows="""\
book.rules:6:43: warning R407 unless-may-be-unknown: when `site` is unknown the exception is unknown too, and the rule does not fire
    6 | rule "R" when modality includes CT unless site is CITY or certainly age under 3 years priority stat
      |                                           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   help: write `unless certainly …` to fire in doubt, `unless possibly …` to say that it must not
   see book.rules:6:87: then this is not given: `priority stat`
""",
        near="""\
rule "R" when modality includes CT unless certainly site is CITY priority stat
""",
    ),
    Case(
        name="later-than-otherwise",
        text="""\
rule "R" when modality includes CT due within 30 days
""",
        shows="""\
book.rules:6:36: note R408 later-than-otherwise: `due within 30 days` is later than what `otherwise` gives: `due within 28 days`
    6 | rule "R" when modality includes CT due within 30 days
      |                                    ^^^^^^^^^^^^^^^^^^
   help: `otherwise` gives only what no rule gave: make this earlier, or leave it out
   see book.rules:8:45: `otherwise` gives this
""",
        near="""\
rule "R" when modality includes CT due within 20 working days
""",
    ),
    Case(
        name="effect-may-be-lost",
        text="""\
rule "R" when modality includes CT route to neuro
rule "S" when age under 16 years route to neuro escalate to general after 1 hour
""",
        shows="""\
book.rules:7:49: note R508 effect-may-be-lost: `escalate to general after 1 hour` is lost when an earlier rule takes the list
    7 | rule "S" when age under 16 years route to neuro escalate to general after 1 hour
      |                                                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   help: to give it on any list, put it into a second rule with the same `when` and no `route to`
   see book.rules:6:6: this rule may take the list first
""",
        near="""\
rule "R" when site is A route to neuro
rule "S" when site is B and age under 16 years route to neuro escalate to general after 1 hour
""",
    ),
    Case(
        name="syntax",
        text="""\
rule "R" when modality includes CT read by 2 different readers
""",
        shows="""\
book.rules:6:36: error R101 syntax: `read by 2 different readers` does not say who decides when the readers differ
    6 | rule "R" when modality includes CT read by 2 different readers
      |                                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^
   help: add `, disagreement to WORKLIST`
""",
        near="""\
rule "R" when modality includes CT read by 2 different readers, disagreement to neuro
""",
    ),
    Case(
        name="worklist-without-readers",
        text="""\
worklist chest "Chest"
rule "R" when modality includes CT route to chest
""",
        shows="""\
book.rules:6:10: warning R304 worklist-without-readers: nobody is said to read the worklist `chest`
    6 | worklist chest "Chest"
      |          ^^^^^
   help: write `for everyone`, or `for readers with SKILL`
""",
        near="""\
worklist chest "Chest" for everyone
rule "R" when modality includes CT route to chest
""",
    ),
    Case(
        name="list-in-no-view",
        text="""\
rule "R" when modality includes CT route to neuro
view "V" for everyone shows general
""",
        shows="""\
book.rules:4:10: note R305 list-in-no-view: no view shows the worklist `neuro`
    4 | worklist neuro   "Neuro"   for everyone
      |          ^^^^^
   help: add it to the `shows` of a view
""",
        near="""\
rule "R" when modality includes CT route to neuro
view "V" for everyone shows general, neuro
""",
    ),
    Case(
        name="syntax",
        text="""\
watch "W" each item when overdue route to neuro
""",
        shows="""\
book.rules:6:34: error R101 syntax: `route to neuro` cannot stand in a watch
    6 | watch "W" each item when overdue route to neuro
      |                                  ^^^^^^^^^^^^^^
   help: a watch may notify, escalate, move, raise priority, shorten the due, have it also read, decide again
""",
        near="""\
watch "W" each item when overdue move to neuro
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

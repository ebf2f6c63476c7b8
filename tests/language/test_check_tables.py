"""What checking says about the files that a rulebook names: tables, calendars, included rules."""

import pytest

from tests.language.checking import Case, printed, within

CASES = [
    Case(
        name="bad-table",
        text="""\
table t from "t.csv" key code
rule "R" when procedure_code is listed in t route to neuro
""",
        shows="""\
book.rules:6:14: error R306 bad-table: `t.csv` cannot be read: there is no such file
    6 | table t from "t.csv" key code
      |              ^^^^^^^
   help: put it beside the rulebook
""",
        near="""\
table t from "t.csv" key code
rule "R" when procedure_code is listed in t route to neuro
""",
        near_files={"t.csv": "code\n0042\n"},
    ),
    Case(
        name="bad-table",
        text="""\
table t from "t.csv" key cod
rule "R" when procedure_code is listed in t route to neuro
""",
        files={"t.csv": "code\n0042\n"},
        shows="""\
book.rules:6:26: error R306 bad-table: `t.csv` has no column `cod`
    6 | table t from "t.csv" key cod
      |                          ^^^
   help: did you mean `code`?
""",
    ),
    Case(
        name="bad-table",
        text="""\
table t from "t.csv" key code
rule "R" when procedure_code is listed in t route to t[procedure_code].list
""",
        files={"t.csv": "code;list\r\nA;neuro\r\nB; nuero\r\n"},
        shows="""\
t.csv:3:4: error R306 bad-table: row 3, column `list`: there is no worklist `nuero`
    3 | B; nuero
      |    ^^^^^
   help: did you mean `neuro`?
   see book.rules:7:54: the column is used here
""",
        near="""\
table t from "t.csv" key code
rule "R" when procedure_code is listed in t route to t[procedure_code].list
""",
        near_files={"t.csv": "code;list\r\nA;neuro\r\nB;general\r\nC;\r\n"},
    ),
    Case(
        name="bad-table",
        text="""\
table t from "t.csv" key code
rule "R" when procedure_code is listed in t due within t[procedure_code].hours hours
""",
        files={"t.csv": "code,hours\nA,4\nB,four\nC,four\n"},
        shows="""\
t.csv:3:3: error R306 bad-table: row 3, and 1 more, column `hours`: `four` is no number
    3 | B,four
      |   ^^^^
   see book.rules:7:56: it is used here
""",
        near="""\
table t from "t.csv" key code
rule "R" when procedure_code is listed in t due within t[procedure_code].hours hours
""",
        near_files={"t.csv": "code,hours\nA,4\nB,\n"},
    ),
    Case(
        name="bad-table",
        text="""\
table t from "t.csv" key code
rule "R" when procedure_code is listed in t route to neuro
""",
        files={"t.csv": "code,list\nA,neuro\nA,general\n"},
        shows="""\
t.csv:3:1: error R306 bad-table: row 3 has the key `A` of row 2, with other cells
    3 | A,general
      | ^
   help: one key has one row: remove one, or make them the same
   see t.csv:2:1: the first row with this key
""",
        near="""\
table t from "t.csv" key code
rule "R" when procedure_code is listed in t route to neuro
""",
        near_files={"t.csv": "code,list\nA,neuro\nA,neuro\n"},
    ),
    Case(
        name="bad-table",
        text="""\
table t from "t.csv" key code
rule "R" when procedure_code is listed in t route to neuro
""",
        files={"t.csv": "code,list\nA\n"},
        shows="""\
t.csv:2:1: error R306 bad-table: row 2 has 1 cell, the header 2
    2 | A
      | ^
   help: an empty cell keeps its separator
   see book.rules:6:14: the file is named here
""",
    ),
    Case(
        name="bad-table",
        text="""\
table t from "t.csv" key code
rule "R" when procedure_code is listed in t route to neuro
""",
        files={"t.csv": "code,list\n"},
        shows="""\
t.csv:1:1: error R306 bad-table: the table has no rows
    1 | code,list
      | ^
   see book.rules:6:14: the table is declared here
""",
    ),
    Case(
        name="bad-table",
        text="""\
table t from "t.csv" key code
rule "R" when procedure_code is listed in t route to neuro
""",
        files={"t.csv": "PK\x03\x04xx"},
        shows="""\
t.csv:1:1: error R306 bad-table: this is a workbook, not CSV
   help: save it from Excel as `CSV UTF-8`
   see book.rules:6:14: the file is named here
""",
    ),
    Case(
        name="bad-table",
        text="""\
table t from "t.csv" key site
rule "R" when clock before t[site].start route to neuro
""",
        files={"t.csv": "site,start\nA,01/04/2026\n"},
        shows="""\
t.csv:2:3: error R306 bad-table: row 2, column `start`: `01/04/2026` is no date or moment of the form 2026-04-01T08:00
    2 | A,01/04/2026
      |   ^^^^^^^^^^
   help: write dates as 2026-04-01; in Excel, format the column as text first
   see book.rules:7:28: it is used here
""",
        near="""\
table t from "t.csv" key site
rule "R" when clock before t[site].start route to neuro
""",
        near_files={"t.csv": "site,start\nA,2026-04-01\n"},
    ),
    Case(
        name="type-mismatch",
        text="""\
table t from "t.csv" key site
rule "R" when t[site].hours is "4" due within t[site].hours hours
""",
        files={"t.csv": "site,hours\nA,4\n"},
        shows="""\
book.rules:7:32: error R207 type-mismatch: `t[site].hours` is a number, `"4"` is a code
    7 | rule "R" when t[site].hours is "4" due within t[site].hours hours
      |                                ^^^
""",
    ),
    Case(
        name="type-mismatch",
        text="""\
table t from "t.csv" key site, modality
rule "R" when t[site].hours is known route to neuro
""",
        files={"t.csv": "site,modality,hours\nA,CT,4\n"},
        shows="""\
book.rules:7:15: error R207 type-mismatch: the table `t` has 2 keys, here 1 is given
    7 | rule "R" when t[site].hours is known route to neuro
      |               ^^^^^^^^^^^^^
   help: write t[site, modality].hours
""",
        near="""\
table t from "t.csv" key site, modality
rule "R" when t[site, modality].hours is known route to neuro
""",
        near_files={"t.csv": "site,modality,hours\n*,CT,4\n"},
    ),
    Case(
        name="type-mismatch",
        text="""\
table t from "t.csv" key code
attribute x is code from t[procedure_code].group
rule "R" when x is A route to neuro
""",
        files={"t.csv": "code,group\nA,4\n"},
        shows="""\
book.rules:7:26: error R207 type-mismatch: the attribute is one value, `t[procedure_code].group` finds a set
    7 | attribute x is code from t[procedure_code].group
      |                          ^^^^^^^^^^^^^^^^^^^^^^^
   help: declare it as `codes`
""",
        near="""\
table t from "t.csv" key code
attribute x is codes from t[procedure_code].group
rule "R" when x includes A route to neuro
""",
        near_files={"t.csv": "code,group\nA,4\n"},
    ),
    Case(
        name="bad-calendar",
        text="""\
calendar c from "c.csv"
rule "R" when on c route to neuro
""",
        files={"c.csv": "day\n2026-12-25\n"},
        shows="""\
book.rules:6:17: error R307 bad-calendar: `c.csv` has no column `date`
    6 | calendar c from "c.csv"
      |                 ^^^^^^^
   help: a calendar has one column `date`, with days such as 2026-12-25
""",
        near="""\
calendar c from "c.csv"
rule "R" when on c route to neuro
""",
        near_files={"c.csv": "date\n2026-12-25\n"},
    ),
    Case(
        name="bad-calendar",
        text="""\
calendar c from "c.csv"
rule "R" when on c route to neuro
""",
        files={"c.csv": "date\n2026-12-25\n2026-02-30\n"},
        shows="""\
c.csv:3:1: error R307 bad-calendar: row 3: `2026-02-30` is no day of the calendar
    3 | 2026-02-30
      | ^^^^^^^^^^
   see book.rules:6:17: the calendar is declared here
""",
    ),
    Case(
        name="bad-calendar",
        text="""\
calendar c from holidays GB
rule "R" when on c route to neuro
""",
        shows="""\
book.rules:6:26: error R307 bad-calendar: `GB` does not say which nation's holidays
    6 | calendar c from holidays GB
      |                          ^^
   help: write one of GB-ENG, GB-WLS, GB-SCT, GB-NIR
""",
        near="""\
calendar c from holidays GB-ENG
rule "R" when on c route to neuro
""",
    ),
    Case(
        name="bad-include",
        text="""\
include "wing.rules"
""",
        shows="""\
book.rules:6:9: error R308 bad-include: `wing.rules` cannot be read: there is no such file
    6 | include "wing.rules"
      |         ^^^^^^^^^^^^
   help: put it beside the rulebook
""",
        near="""\
include "wing.rules"
""",
        near_files={"wing.rules": 'rule "W" when modality includes CT route to neuro\n'},
    ),
    Case(
        name="bad-include",
        text="""\
include "wing.rules"
""",
        files={"wing.rules": 'include "book.rules"\n'},
        shows="""\
wing.rules:1:9: error R308 bad-include: `book.rules` includes itself: book.rules → wing.rules → book.rules
    1 | include "book.rules"
      |         ^^^^^^^^^^^^
   help: leave one of the includes out
""",
    ),
    Case(
        name="bad-include",
        text="""\
include "wing.rules"
include "wing.rules"
""",
        files={"wing.rules": 'rule "W" when modality includes CT route to neuro\n'},
        shows="""\
book.rules:7:9: error R308 bad-include: `wing.rules` is included twice
    7 | include "wing.rules"
      |         ^^^^^^^^^^^^
   help: leave one of the includes out
   see book.rules:6:1: it is included here first
""",
    ),
    Case(
        name="bad-include",
        text="""\
include "wing.rules"
""",
        files={"wing.rules": "otherwise route to general\n"},
        shows="""\
wing.rules:1:1: error R308 bad-include: `otherwise` cannot stand in an included file: a rulebook has it once
    1 | otherwise route to general
      | ^^^^^^^^^^^^^^^^^^^^^^^^^^
   help: move it to `book.rules`
""",
    ),
    Case(
        name="empty-list",
        text="""\
values site from "s.csv"
""",
        files={"s.csv": "site,name\n,x\n"},
        shows="""\
book.rules:6:18: error R105 empty-list: `s.csv` holds no values
    6 | values site from "s.csv"
      |                  ^^^^^^^
""",
        near="""\
values site from "s.csv"
""",
        near_files={"s.csv": "site,name\nCITY,x\n"},
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

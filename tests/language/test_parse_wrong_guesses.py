"""The commonest wrong guesses: each is recognised, underlined where it stands, and answered with the right form.

One line stands in the third line of a small rulebook; the findings are about that line and there are no others.
"""
# ruff: noqa: RUF001 - dashes and quotes of word processors, and lines as people write them

import pytest

from routing.parse import parse

BOOK = """\
worklist a "A" for everyone
rule "One" when modality includes CT route to a
{line}
otherwise route to a priority routine due within 28 days
"""
# What is written, and for each finding: the name if it is not `syntax`, the words underlined, the message, the help.
GUESSES = [
    (
        'rule "t" if modality includes CT route to a',
        [
            ("syntax", "if", "the language does not say `if`", "write `when`"),
        ],
    ),
    (
        'rule "t" when modality includes CT then route to a',
        [
            ("syntax", "then", "the language does not say `then`", "leave it out"),
        ],
    ),
    (
        'rule "t" when modality = CT route to a',
        [
            ("syntax", "=", "`=` is not a word of the language", "write `includes`"),
        ],
    ),
    (
        'rule "t" when modality == CT route to a',
        [
            ("syntax", "==", "`==` is not a word of the language", "write `includes`"),
        ],
    ),
    (
        'rule "t" when modality includes CT or MR route to a',
        [
            ("syntax", "CT or MR", "`or` joins conditions, not values: `CT or MR`", "write `includes any of CT, MR`"),
        ],
    ),
    (
        'rule "t" when modality includes CT OR MR route to a',
        [
            ("syntax", "CT OR MR", "`or` joins conditions, not values: `CT OR MR`", "write `includes any of CT, MR`"),
        ],
    ),
    (
        'rule "t" when modality includes CT, MR or DX route to a',
        [
            (
                "syntax",
                "CT, MR or DX",
                "`or` joins conditions, not values: `CT, MR or DX`",
                "write `includes any of CT, MR, DX`",
            ),
        ],
    ),
    (
        'rule "t" when modality is CT or MR and head route to a',
        [
            ("syntax", "CT or MR", "`or` joins conditions, not values: `CT or MR`", "write `includes any of CT, MR`"),
        ],
    ),
    (
        'rule "t" when description mentions "head" or "brain" route to a',
        [
            (
                "syntax",
                '"head" or "brain"',
                '`or` joins conditions, not values: `"head" or "brain"`',
                'write `"head", "brain"`',
            ),
        ],
    ),
    (
        'rule "t" when description mentions "head" and "brain" route to a',
        [
            (
                "syntax",
                '"head" and "brain"',
                '`and` joins conditions, not values: `"head" and "brain"`',
                'write `mentions all of "head", "brain"`',
            ),
        ],
    ),
    (
        'rule "t" when patient_class is not "a" or "b" route to a',
        [
            ("syntax", '"a" or "b"', '`or` joins conditions, not values: `"a" or "b"`', 'write `is none of "a", "b"`'),
        ],
    ),
    (
        'rule "t" when age between 16 and 18 years route to a',
        [
            (
                "syntax",
                "between",
                "there is no `between`",
                "write `from 16 to under 18 years`: the first belongs to it, the second does not",
            ),
        ],
    ),
    (
        'rule "t" when age is between 16 years and 18 years route to a',
        [
            (
                "syntax",
                "between",
                "there is no `between`",
                "write `from 16 years to under 18 years`: the first belongs to it, the second does not",
            ),
        ],
    ),
    (
        "rule 't' when child route to a",
        [
            ("syntax", "'t'", "single quotes do not mark a text", 'write `"t"`'),
        ],
    ),
    (
        "rule “t” when child route to a",
        [
            ("syntax", "“t”", "curly quotes do not mark a text", 'write `"t"`'),
        ],
    ),
    (
        'rule "t" when description mentions “head”, “brain” route to a',
        [
            ("syntax", "“head”", "curly quotes do not mark a text", 'write `"head"`'),
        ],
    ),
    (
        "times core are Mon-Fri 8:00-18:00",
        [
            ("syntax", "8:00", "`8:00` is not how a time is written", "write `08:00`"),
        ],
    ),
    (
        "times core are Mon-Fri 08:00–18:00",
        [
            ("syntax", "–", "a long dash, `–`, is not a hyphen", "write `-`"),
        ],
    ),
    (
        "times core are Monday-Friday 8am-6pm",
        [
            ("syntax", "8am", "`8am` is not how a time is written", "write `08:00`"),
            ("syntax", "6pm", "`6pm` is not how a time is written", "write `18:00`"),
        ],
    ),
    (
        "times core are mon-fri 08:00-18:00",
        [
            ("syntax", "mon-fri", "`mon-fri` is not how days are written", "write `Mon-Fri`"),
        ],
    ),
    (
        'rule "t" when child AND head route to a',
        [
            (
                "syntax",
                "AND",
                "`AND` is not a word of the language",
                "write `and`: the words of the language are in lower case",
            ),
        ],
    ),
    (
        'rule "t" WHEN child route to a',
        [
            (
                "syntax",
                "WHEN",
                "`WHEN` is not a word of the language",
                "write `when`: the words of the language are in lower case",
            ),
        ],
    ),
    (
        'RULE "t" when child route to a',
        [
            ("syntax", "RULE", "`RULE` begins no statement", "did you mean `rule`?"),
        ],
    ),
    (
        'Rule "t" when child route to a',
        [
            ("syntax", "Rule", "`Rule` begins no statement", "did you mean `rule`?"),
        ],
    ),
    (
        'rule "t" route to a',
        [
            ("syntax", 'rule "t"', "this rule has no `when` or `always`", "say when it applies, or write `always`"),
        ],
    ),
    (
        'rule "t" modality includes CT route to a',
        [
            ("syntax", "modality", "this rule has no `when`", "write `when modality …`"),
        ],
    ),
    (
        'rule "t" route to a when child',
        [
            ("syntax", "when", "`when` comes before the effects", "move it up, before the first effect"),
        ],
    ),
    (
        'rule "t" when child',
        [
            ("syntax", 'rule "t"', "this rule gives nothing", "add an effect, such as `route to …` or `priority …`"),
        ],
    ),
    (
        'rule "t" when a and b or c route to a',
        [
            (
                "mixed-and-or",
                "or",
                "`or` beside `and` could be read in two ways",
                "put parentheses around what belongs together",
            ),
        ],
    ),
    (
        'rule "t" when a or b and c or d route to a',
        [
            (
                "mixed-and-or",
                "and",
                "`and` beside `or` could be read in two ways",
                "put parentheses around what belongs together",
            ),
        ],
    ),
    (
        'worklist rule "Rules" for everyone',
        [
            (
                "reserved-word",
                "rule",
                "`rule` is a word of the language and cannot be a name",
                "choose another name, such as `rule_1`",
            ),
        ],
    ),
    (
        "define route as child",
        [
            (
                "reserved-word",
                "route",
                "`route` is a word of the language and cannot be a name",
                "choose another name, such as `route_1`",
            ),
        ],
    ),
    (
        "define group as child",
        [
            (
                "reserved-word",
                "group",
                "`group` is a word of the language and cannot be a name",
                "choose another name, such as `group_1`",
            ),
        ],
    ),
    (
        'attribute priority is code from hl7 "OBR-5"',
        [
            (
                "reserved-word",
                "priority",
                "`priority` is a word of the language and cannot be a name",
                "choose another name, such as `priority_1`",
            ),
        ],
    ),
    (
        'rule "t" when child rout to a',
        [
            ("syntax", "rout", "`rout` is not a word that can stand here", "did you mean `route`?"),
        ],
    ),
    (
        'rul "t" when child route to a',
        [
            ("syntax", "rul", "`rul` begins no statement", "did you mean `rule`?"),
        ],
    ),
    (
        'worklst b "B" for everyone',
        [
            ("syntax", "worklst", "`worklst` begins no statement", "did you mean `worklist`?"),
        ],
    ),
    (
        "rule t when child route to a",
        [
            ("syntax", "t", "a text stands in quotes", 'write `"t"`'),
        ],
    ),
    (
        "rule Head CT when child route to a",
        [
            ("syntax", "Head CT", "a text stands in quotes", 'write `"Head CT"`'),
        ],
    ),
    (
        'rule "t" when description mentions head route to a',
        [
            ("syntax", "head", "a text stands in quotes", 'write `"head"`'),
        ],
    ),
    (
        'rule "t" when description mentions head, "brain" route to a',
        [
            ("syntax", "head", "a text stands in quotes", 'write `"head"`'),
        ],
    ),
    (
        'rule "t" when child, route to a',
        [
            (
                "syntax",
                ",",
                "this comma parts no list",
                "leave it out: commas part the members of one list and nothing else",
            ),
        ],
    ),
    (
        'rule "t", when child route to a',
        [
            (
                "syntax",
                ",",
                "this comma parts no list",
                "leave it out: commas part the members of one list and nothing else",
            ),
        ],
    ),
    (
        'rule "t" when child route to a, priority stat',
        [
            (
                "syntax",
                ",",
                "this comma parts no list",
                "leave it out: commas part the members of one list and nothing else",
            ),
        ],
    ),
    (
        'rule "t" when child route to a and priority stat',
        [
            ("syntax", "and", "`and` does not join effects", "leave it out: effects follow one another"),
        ],
    ),
    (
        'rule "t" when child route to a else route to b',
        [
            ("syntax", "else", "there is no `else`", "write a further rule, or a group with `otherwise`"),
        ],
    ),
    (
        'rule "t" when child && head route to a',
        [
            ("syntax", "&&", "`&&` is not a word of the language", "write `and`"),
        ],
    ),
    (
        'rule "t" when child || head route to a',
        [
            ("syntax", "||", "`||` is not a word of the language", "write `or`"),
        ],
    ),
    (
        'rule "t" when sex != F route to a',
        [
            ("syntax", "!=", "`!=` is not a word of the language", "write `is not`"),
        ],
    ),
    (
        'rule "t" when age < 16 years route to a',
        [
            ("syntax", "<", "`<` is not a word of the language", "write `under`"),
        ],
    ),
    (
        'rule "t" when age >= 16 years route to a',
        [
            ("syntax", ">=", "`>=` is not a word of the language", "write `at least`"),
        ],
    ),
    (
        'rule "t" when patient_class is not one of emergency, inpatient route to a',
        [
            ("syntax", "is not one of", "the language does not say `is not one of`", "write `is none of`"),
        ],
    ),
    (
        'rule "t" when modality in CT, MR route to a',
        [
            (
                "syntax",
                "in",
                "the language does not say `in` of values",
                "write `includes any of` and the values with commas",
            ),
        ],
    ),
    (
        'rule "t" when patient_class in (emergency, inpatient) route to a',
        [
            (
                "syntax",
                "in",
                "the language does not say `in` of values",
                "write `is one of` and the values with commas",
            ),
        ],
    ),
    (
        'rule "t when child route to a',
        [
            (
                "syntax",
                '"t when child route to a',
                "this text has no closing quote",
                'write `"` where it ends, on the same line',
            ),
        ],
    ),
    (
        'rule "t" when description mentions "head, "brain" route to a',
        [
            ("syntax", '" route to a', "a quote on this line has no partner", "quotes come in pairs on one line"),
        ],
    ),
    (
        'rule "t" when child due within 1 route to a',
        [
            ("syntax", "1", "`1` needs a unit of time", "such as `1 hour`, `1 day` or `1 working day`"),
        ],
    ),
    (
        'rule "t" when child due within 1 hr route to a',
        [
            ("syntax", "hr", "`hr` is no unit of time", "write `1 hour`"),
        ],
    ),
    (
        'rule "t" when child due within 24h route to a',
        [
            ("syntax", "24h", "`24h` runs a number and its unit together", "write `24 hours`"),
        ],
    ),
    (
        'rule "t" when child due in 1 hour route to a',
        [
            ("syntax", "due in", "the language does not say `due in`", "write `due within`"),
        ],
    ),
    (
        'rule "t" when child route a',
        [
            ("syntax", "a", "`to` is missing before `a`", "write `route to a`"),
        ],
    ),
    (
        'rule "t" when child route to "a"',
        [
            ("syntax", '"a"', "a name stands without quotes", "write `a`"),
        ],
    ),
    (
        'rule "t" when child route to A',
        [
            ("syntax", "A", "a name is in lower case, with `_` between its words: `A`", "write `a`"),
        ],
    ),
    (
        'rule "t" when child route to on-call',
        [
            ("syntax", "on-call", "a name has no hyphen: `on-call`", "write `on_call`"),
        ],
    ),
    (
        'rule "t" when child read by two different readers',
        [
            ("syntax", "two", "`two` is not how a number is written", "write `2`"),
        ],
    ),
    (
        'rule "t" when (child and head route to a',
        [
            ("syntax", "(", "this `(` is never closed", "write `)` where it ends"),
        ],
    ),
    (
        'rule "t" when child) route to a',
        [
            ("syntax", ")", "this `)` closes nothing", "leave it out"),
        ],
    ),
    (
        'rule "t" when age is under 16 years route to a',
        [
            ("syntax", "is under", "the language does not say `is under`", "write `under`"),
        ],
    ),
    (
        'rule "t" when age less than 16 years route to a',
        [
            ("syntax", "less than", "the language does not say `less than`", "write `under`"),
        ],
    ),
    (
        'rule "t": when child route to a',
        [
            ("syntax", ":", "`:` means nothing here", "leave it out"),
        ],
    ),
    (
        'rule "t" { when child route to a }',
        [
            ("syntax", "{", "there are no braces", "leave them out"),
        ],
    ),
    (
        'rule "t" when child; route to a;',
        [
            ("syntax", ";", "`;` means nothing here", "leave it out"),
        ],
    ),
    (
        'rule "t" when child route to',
        [
            ("syntax", "to", "this `rule` breaks off: a name should follow", "complete it"),
        ],
    ),
    (
        "else route to a",
        [
            ("syntax", "else", "there is no `else`", "write a further rule, or a group with `otherwise`"),
        ],
    ),
    (
        "default route to a",
        [
            ("syntax", "default", "the language does not say `default`", "write `otherwise`"),
        ],
    ),
    (
        "foo bar baz",
        [
            (
                "syntax",
                "foo",
                "`foo` begins no statement",
                "a statement begins with a word such as `rule`, `worklist` or `define`",
            ),
        ],
    ),
    (
        '{ "rules": [ { "name": "x" } ] }',
        [
            (
                "syntax",
                "{",
                "`{` begins no statement",
                "a statement begins with a word such as `rule`, `worklist` or `define`",
            ),
        ],
    ),
    (
        "IF modality = 'CT' THEN route",
        [
            (
                "syntax",
                "IF",
                "`IF` begins no statement",
                "a statement begins with a word such as `rule`, `worklist` or `define`",
            ),
        ],
    ),
    (
        'rule "t" when exam_end after 1/4/2026 route to a',
        [
            (
                "syntax",
                "1/4/2026",
                "`1/4/2026` is not how a date is written",
                "write the year first, such as `2026-04-01`",
            ),
        ],
    ),
    (
        'rule "t" when exam_end after 2026-4-1 route to a',
        [
            ("syntax", "2026-4-1", "`2026-4-1` is not how a date is written", "write `2026-04-01`"),
        ],
    ),
    (
        'rule "t" when exam_end after 2026-02-30 route to a',
        [
            ("syntax", "2026-02-30", "there is no such day or time: `2026-02-30`", "write one that exists"),
        ],
    ),
    (
        "// a comment",
        [
            ("syntax", "// a comment", "a comment does not begin like this", "begin it with `#`"),
        ],
    ),
    (
        'rule "t" when not_known route to a unless child',
        [
            ("syntax", "unless", "`unless` comes before the effects", "move it up, before the first effect"),
        ],
    ),
    (
        'rule "t" when description does not mention "x" route to a',
        [
            (
                "syntax",
                "does not mention",
                "the language does not say `does not mention`",
                "put `not` before the condition: `not description mentions …`",
            ),
        ],
    ),
    (
        'rule "t" when possbly child route to a',
        [
            ("syntax", "possbly", "`possbly` is not a word that can stand here", "did you mean `possibly`?"),
        ],
    ),
    (
        'rule "t" when child rote to a priorty stat du within 1 hour',
        [
            ("syntax", "rote", "`rote` is not a word that can stand here", "did you mean `route`?"),
            ("syntax", "priorty", "`priorty` is not a word that can stand here", "did you mean `priority`?"),
            ("syntax", "du", "`du` is not a word that can stand here", "did you mean `due`?"),
        ],
    ),
    (
        "end",
        [
            ("syntax", "end", "this `end` closes nothing", "leave it out: only a group has an `end`"),
        ],
    ),
    (
        'worklist b "B" for all',
        [
            ("syntax", "for all", "the language does not say `for all`", "write `for everyone`"),
        ],
    ),
    (
        'worklist b "B" for readers of x',
        [
            ("syntax", "of", "`of` does not fit here", "write `with`"),
        ],
    ),
    (
        "table t from procedures.csv key code",
        [
            ("syntax", "procedures.csv", "a text stands in quotes", 'write `"procedures.csv"`'),
        ],
    ),
    (
        'table t "procedures.csv" key code',
        [
            (
                "syntax",
                '"procedures.csv"',
                '`from` is missing before `"procedures.csv"`',
                'write `t from "procedures.csv"`',
            ),
        ],
    ),
    (
        'table t from "procedures.csv"',
        [
            ("syntax", '"procedures.csv"', "this `table` breaks off: `key` should follow", "complete it"),
        ],
    ),
    (
        'calendar c from holidays "GB-ENG"',
        [
            ("syntax", '"GB-ENG"', "this stands without quotes", "write `GB-ENG`"),
        ],
    ),
    (
        "include edinburgh.rules",
        [
            ("syntax", "edinburgh.rules", "a text stands in quotes", 'write `"edinburgh.rules"`'),
        ],
    ),
    (
        'rule "t" when procedures[procedure_code] is A route to a',
        [
            ("syntax", "is", "`is` does not fit here", "here could stand `.` and a column"),
        ],
    ),
    (
        'rule "t" when child escalate to a',
        [
            (
                "syntax",
                "escalate to a",
                "an escalation in a rule says when",
                "such as `escalate to a after 40 minutes`, or `when overdue`",
            ),
        ],
    ),
    (
        'rule "t" when child escalate to a after 40 mins',
        [
            ("syntax", "mins", "`mins` is no unit of time", "write `40 minutes`"),
        ],
    ),
    (
        'rule "t" when child no report needed because "x" under policy "P"',
        [
            ("syntax", '"P"', "this `rule` breaks off: `until` should follow", "complete it"),
        ],
    ),
    (
        'guarantee "g" never route a when child',
        [
            ("syntax", "a", "`to` is missing before `a`", "write `route to a`"),
        ],
    ),
    (
        'guarantee "g" no child to a',
        [
            (
                "syntax",
                "no",
                "`no` does not fit here",
                "here could stand `always`, `due`, `never`, `preliminary`, `priority` or `read`",
            ),
        ],
    ),
    (
        'example "e" modality CT body_part HEAD expect route to a',
        [
            ("syntax", "body_part", "a comma is missing before `body_part`", "write `CT, body_part`"),
        ],
    ),
    (
        'example "e" modality CT, MR expect route to a',
        [
            (
                "syntax",
                ",",
                "a comma parts the attributes of an example",
                "join the values of one attribute with `and`",
            ),
        ],
    ),
    (
        'example "e" modality CT expect route to a, priority stat',
        [
            (
                "syntax",
                ",",
                "this comma parts no list",
                "leave it out: commas part the members of one list and nothing else",
            ),
        ],
    ),
    (
        'example "e" modality is CT expect route to a',
        [
            ("syntax", "is", "`is` does not stand in an example", "leave it out"),
        ],
    ),
    (
        'example "e" modality CT route to a',
        [
            ("syntax", "route", "`expect` is missing before `route`", "write `CT expect route`"),
        ],
    ),
    (
        "skills a b c",
        [
            ("syntax", "b", "a comma is missing before `b`", "write `a, b`"),
            ("syntax", "c", "a comma is missing before `c`", "write `b, c`"),
        ],
    ),
    (
        "priorities stat > urgent",
        [
            ("syntax", ">", "`>` does not part a list", "write `,`"),
        ],
    ),
    (
        "clock exam_end or arrival",
        [
            ("syntax", "or", "`or` does not fit here", "write `else`"),
        ],
    ),
    (
        "timezone europe/london",
        [
            (
                "syntax",
                "europe/london",
                "`europe/london` is not how a time zone is written",
                "write it such as `Europe/London`",
            ),
        ],
    ),
    (
        'rule "t" when child when head route to a',
        [
            ("syntax", "when", "this rule has a second `when`", "join the two with `and` or `or`"),
        ],
    ),
    (
        'rule "t" when child unless head unless x route to a',
        [
            ("syntax", "unless", "this rule has a second `unless`", "join the two with `and` or `or`"),
        ],
    ),
    (
        'rule "t" when age over sixteen years route to a',
        [
            ("syntax", "sixteen", "`sixteen` is not how a number is written", "write `16`"),
        ],
    ),
    (
        'rule "t" when modality not includes CT route to a',
        [
            ("syntax", "not", "`not` stands before the whole comparison", "write `not modality includes …`"),
        ],
    ),
    (
        'rule "t" when modality includes not CT route to a',
        [
            ("syntax", "includes not", "the language does not say `includes not`", "write `includes none of`"),
        ],
    ),
    (
        'rule "t" when sex is F or sex is M and child route to a',
        [
            (
                "mixed-and-or",
                "and",
                "`and` beside `or` could be read in two ways",
                "put parentheses around what belongs together",
            ),
        ],
    ),
    (
        'rule "t" when description contains "x" route to a',
        [
            ("syntax", "contains", "the language does not say `contains`", "write `mentions`"),
        ],
    ),
    (
        'rule "t" when modality contains CT route to a',
        [
            ("syntax", "contains", "the language does not say `contains`", "write `includes`"),
        ],
    ),
    (
        'rule "t" when child route to a or b',
        [
            ("syntax", "or", "`or` does not fit here", "here could stand an effect"),
        ],
    ),
    (
        'rule "t" when always route to a',
        [
            ("syntax", "when always", "the language does not say `when always`", "write `always`"),
        ],
    ),
    (
        'rule "t" alwys route to a',
        [
            ("syntax", "alwys", "`alwys` is not a word that can stand here", "did you mean `always`?"),
        ],
    ),
    (
        'rule "" route to a due within 5 day',
        [
            ("syntax", 'rule ""', "this rule has no `when` or `always`", "say when it applies, or write `always`"),
        ],
    ),
    (
        'group "g" rule "t" when child route to a end',
        [
            ("syntax", 'group "g"', "this group has no `when` or `always`", "say when it applies, or write `always`"),
        ],
    ),
    (
        'group "g" when child',
        [
            ("syntax", "group", "the group `g` has no `end`", "write `end` after its last rule"),
        ],
    ),
    (
        "exceptions a",
        [
            ("syntax", "a", "`route to` is missing before `a`", "write `exceptions route to a`"),
        ],
    ),
    (
        'rule "t" when age from 16 to 18 years route to a',
        [
            ("syntax", "18", "`under` is missing before `18`", "write `to under 18`"),
        ],
    ),
    (
        'rule "t" when child route to a priority is stat',
        [
            ("syntax", "priority is", "the language does not say `priority is`", "write `priority`"),
        ],
    ),
    (
        'rule "t" when 5 under age route to a',
        [
            ("syntax", "5", "`5` does not fit here", "here stands a name"),
        ],
    ),
    (
        'rule "t" when modality includes route to a',
        [
            ("syntax", "route", "a value is missing before `route`", "complete it"),
        ],
    ),
    (
        'rule "t" when description mentions route to a',
        [
            ("syntax", "route", "a text in quotes is missing before `route`", "complete it"),
        ],
    ),
    (
        'rule "t" when modality includes CT, MR, and head route to a',
        [
            ("syntax", "and", "a value is missing before `and`", "complete it"),
        ],
    ),
    (
        'rule "t" when (modality includes CT or modality includes MR and head) route to a',
        [
            (
                "mixed-and-or",
                "and",
                "`and` beside `or` could be read in two ways",
                "put parentheses around what belongs together",
            ),
        ],
    ),
    (
        'rule "t" when not (child route to a',
        [
            ("syntax", "(", "this `(` is never closed", "write `)` where it ends"),
        ],
    ),
    (
        'rule "t" when modality includes "CT route to a',
        [
            ("syntax", '"CT route to a', "this text has no closing quote", 'write `"` where it ends, on the same line'),
        ],
    ),
    (
        'rule "t" when head; priority stat route to a',
        [
            ("syntax", ";", "`;` means nothing here", "leave it out"),
        ],
    ),
    (
        'rule "t" when child route to a priority: stat',
        [
            ("syntax", ":", "`:` means nothing here", "leave it out"),
        ],
    ),
    (
        'rule "t" when child due within one hour route to a',
        [
            ("syntax", "one", "`one` is not how a number is written", "write `1`"),
        ],
    ),
    (
        'rule "t" when child due within an hour route to a',
        [
            ("syntax", "an", "`an` is not how a number is written", "write `1`"),
        ],
    ),
    (
        'rule "t" when child due in 4h route to a',
        [
            ("syntax", "due in", "the language does not say `due in`", "write `due within`"),
            ("syntax", "4h", "`4h` runs a number and its unit together", "write `4 hours`"),
        ],
    ),
    (
        'rule "t" when child due by 4pm route to a',
        [
            ("syntax", "4pm", "`4pm` is not how a time is written", "write `16:00`"),
        ],
    ),
    (
        'rule "t" when child due by 12:00 on Monday route to a',
        [
            ("syntax", "on", "`on` does not fit here", "write `next`"),
        ],
    ),
    (
        'rule "t" when child due by 12:00 next monday route to a',
        [
            ("syntax", "monday", "`monday` is not how a day is written", "write `Monday`"),
        ],
    ),
    (
        'rule "t" when child tag "urgent" route to a',
        [
            ("syntax", '"urgent"', "a name stands without quotes", "write `urgent`"),
        ],
    ),
    (
        'rule "t" when child tag Urgent, neonate route to a',
        [
            ("syntax", "Urgent", "a name is in lower case, with `_` between its words: `Urgent`", "write `urgent`"),
        ],
    ),
    (
        'rule "t" when child notify "lead" route to a',
        [
            ("syntax", '"lead"', "a name stands without quotes", "write `lead`"),
        ],
    ),
    (
        'rule "t" when child read by 2 readers route to a',
        [
            ("syntax", "readers", "`different` is missing before `readers`", "write `2 different readers`"),
        ],
    ),
    (
        'rule "t" when child also route to b route to a',
        [
            ("syntax", "also route to", "the language does not say `also route to`", "write `also read by`"),
        ],
    ),
    (
        'rule "t" when child also read by a, b route to a',
        [
            (
                "syntax",
                ",",
                "this comma parts no list",
                "leave it out: commas part the members of one list and nothing else",
            ),
        ],
    ),
    (
        'rule "t" when child escalate to b after 40 minutes, to a after 60 minutes route to a',
        [
            (
                "syntax",
                ",",
                "this comma parts no list",
                "leave it out: commas part the members of one list and nothing else",
            ),
        ],
    ),
    (
        'rule "t" when child hold for 2 hours until images_complete route to a',
        [
            ("syntax", "hold for", "the language does not say `hold for`", "write `hold at most`"),
        ],
    ),
    (
        'rule "t" when child no report needed because screening under policy P-12 until 2026-12-31 route to a',
        [
            ("syntax", "screening", "a text stands in quotes", 'write `"screening"`'),
        ],
    ),
    (
        'rule "t" when child no report needed under policy "P-12" until 2026-12-31 route to a',
        [
            ("syntax", "under", "`under` does not fit here", "here could stand `because`"),
        ],
    ),
    (
        'rule "t" when child offer to previous reader for 2 hours route to a',
        [
            ("syntax", "for", "`for` does not fit here", "here could stand `within`"),
        ],
    ),
    (
        "worklist b B for everyone",
        [
            ("syntax", "B", "a text stands in quotes", 'write `"B"`'),
        ],
    ),
    (
        'worklist "B" for everyone',
        [
            ("syntax", '"B"', "a name stands without quotes", "write `b`"),
        ],
    ),
    (
        'worklist b = "B" for everyone',
        [
            ("syntax", "=", "`=` means nothing here", "leave it out"),
        ],
    ),
    (
        'worklist b: "B" for everyone',
        [
            ("syntax", ":", "`:` means nothing here", "leave it out"),
        ],
    ),
    (
        'worklist b "B" for readers neuro',
        [
            ("syntax", "neuro", "`with` is missing before `neuro`", "write `readers with neuro`"),
        ],
    ),
    (
        'worklist b "B" for readers with neuro, body',
        [
            ("syntax", ",", "a comma does not join conditions", "write `and` or `or`"),
        ],
    ),
    (
        "worklist b, c for everyone",
        [
            (
                "syntax",
                ",",
                "this comma parts no list",
                "leave it out: commas part the members of one list and nothing else",
            ),
        ],
    ),
    (
        'worklist on call "On call" for everyone',
        [
            ("syntax", "on call", "a name is one word", "write `on_call`"),
        ],
    ),
    (
        'worklist Neuro "Neuro" for everyone',
        [
            ("syntax", "Neuro", "a name is in lower case, with `_` between its words: `Neuro`", "write `neuro`"),
        ],
    ),
    (
        'timezone "Europe/London"',
        [
            (
                "syntax",
                '"Europe/London"',
                '`"Europe/London"` is not how a time zone is written',
                "write it such as `Europe/London`",
            ),
        ],
    ),
    (
        "timezone London",
        [
            ("syntax", "London", "`London` is not how a time zone is written", "write it such as `Europe/London`"),
        ],
    ),
    (
        "clock exam_end then arrival",
        [
            ("syntax", "then", "`then` does not fit here", "write `else`"),
        ],
    ),
    (
        "language one",
        [
            ("syntax", "one", "`one` is not how a number is written", "write `1`"),
        ],
    ),
    (
        "priorities stat urgent soon",
        [
            ("syntax", "urgent", "a comma is missing before `urgent`", "write `stat, urgent`"),
            ("syntax", "soon", "a comma is missing before `soon`", "write `urgent, soon`"),
        ],
    ),
    (
        "priorities are stat, urgent",
        [
            ("syntax", "priorities are", "the language does not say `priorities are`", "write `priorities`"),
        ],
    ),
    (
        "skills: neuro, body",
        [
            ("syntax", ":", "`:` means nothing here", "leave it out"),
        ],
    ),
    (
        "skills are neuro, body",
        [
            ("syntax", "skills are", "the language does not say `skills are`", "write `skills`"),
        ],
    ),
    (
        "define child = age under 16 years",
        [
            ("syntax", "=", "`=` means nothing here", "write `as`"),
        ],
    ),
    (
        "define child is age under 16 years",
        [
            ("syntax", "is", "`is` is not a word that can stand here", "did you mean `as`?"),
        ],
    ),
    (
        "define child: age under 16 years",
        [
            ("syntax", ":", "`:` means nothing here", "write `as`"),
        ],
    ),
    (
        'define "child" as age under 16 years',
        [
            ("syntax", '"child"', "a name stands without quotes", "write `child`"),
        ],
    ),
    (
        "define Child as age under 16 years",
        [
            ("syntax", "Child", "a name is in lower case, with `_` between its words: `Child`", "write `child`"),
        ],
    ),
    (
        "define child as age < 16",
        [
            ("syntax", "<", "`<` is not a word of the language", "write `under`"),
        ],
    ),
    (
        'table t is "procedures.csv" key code',
        [
            ("syntax", "is", "`is` does not fit here", "write `from`"),
        ],
    ),
    (
        'table t from "procedures.csv" keys code',
        [
            ("syntax", "keys", "`keys` is not a word that can stand here", "did you mean `key`?"),
        ],
    ),
    (
        'table t from "procedures.csv", key code',
        [
            (
                "syntax",
                ",",
                "this comma parts no list",
                "leave it out: commas part the members of one list and nothing else",
            ),
        ],
    ),
    (
        "calendar c from GB-ENG",
        [
            ("syntax", "GB-ENG", "a text stands in quotes", 'write `"GB-ENG"`'),
        ],
    ),
    (
        "calendar c is holidays GB-ENG",
        [
            ("syntax", "is", "`is` does not fit here", "write `from`"),
        ],
    ),
    (
        "times core are Mon-Fri 08:00 to 18:00",
        [
            ("syntax", "to", "`to` does not fit here", "write `-`"),
        ],
    ),
    (
        "times core are Mon to Fri 08:00-18:00",
        [
            ("syntax", "to", "`to` does not fit here", "write `-`"),
        ],
    ),
    (
        "times core are Monday to Friday 08:00-18:00",
        [
            ("syntax", "to", "`to` does not fit here", "write `-`"),
        ],
    ),
    (
        "times core from Mon-Fri 08:00-18:00",
        [
            ("syntax", "from", "`from` does not fit here", "write `are`"),
        ],
    ),
    (
        "workdays Mon-Fri",
        [
            ("syntax", "Mon", "`are` is missing before `Mon`", "write `workdays are Mon`"),
        ],
    ),
    (
        "values site CITY, RIVERSIDE",
        [
            ("syntax", "CITY", "`are` is missing before `CITY`", "write `site are CITY`"),
        ],
    ),
    (
        "values site is CITY",
        [
            ("syntax", "is", "`is` does not fit here", "write `are`"),
        ],
    ),
    (
        "fact x is string",
        [
            ("syntax", "string", "the language does not say `string`", "write `text`"),
        ],
    ),
    (
        "fact x is bool",
        [
            ("syntax", "bool", "the language does not say `bool`", "write `yes/no`"),
        ],
    ),
    (
        "fact x: yes/no",
        [
            ("syntax", ":", "`:` means nothing here", "write `is`"),
        ],
    ),
    (
        "attribute x is code from hl7 OBR-31.1",
        [
            ("syntax", "OBR-31.1", "a text stands in quotes", 'write `"OBR-31.1"`'),
        ],
    ),
    (
        'attribute x from hl7 "OBR-31.1"',
        [
            ("syntax", "from", "`from` does not fit here", "here could stand `is`"),
        ],
    ),
    (
        'guarantee "g" never route to a if child',
        [
            ("syntax", "if", "the language does not say `if`", "write `when`"),
        ],
    ),
    (
        "guarantee never route to a",
        [
            ("syntax", "never", "a text in quotes is missing before `never`", "complete it"),
        ],
    ),
    (
        'example "e" modality CT expect a',
        [
            ("syntax", "a", "`a` does not fit here", "here could stand an effect"),
        ],
    ),
    (
        'example "e" modality CT expect route to a by One',
        [
            ("syntax", "One", "a text stands in quotes", 'write `"One"`'),
        ],
    ),
    (
        'example "e" modality CT expect route to a and priority stat',
        [
            ("syntax", "and", "`and` does not join effects", "leave it out: effects follow one another"),
        ],
    ),
    (
        'example "e" modality: CT, body_part: HEAD expect route to a',
        [
            ("syntax", ":", "`:` means nothing here", "leave it out"),
            ("syntax", ":", "`:` does not stand in an example", "leave it out"),
        ],
    ),
    (
        'example "e" modality=CT expect route to a',
        [
            ("syntax", "=", "`=` does not stand in an example", "leave it out"),
        ],
    ),
    (
        'example "e" expect routed to a',
        [
            ("syntax", "routed", "`routed` is not a word that can stand here", "did you mean `route`?"),
        ],
    ),
    (
        'examples "cases.csv"',
        [
            ("syntax", '"cases.csv"', '`from` is missing before `"cases.csv"`', 'write `examples from "cases.csv"`'),
        ],
    ),
    (
        "include when site is X",
        [
            ("syntax", "when", "a text in quotes is missing before `when`", "complete it"),
        ],
    ),
    (
        'include "x.rules" if site is X',
        [
            ("syntax", "if", "the language does not say `if`", "write `when`"),
        ],
    ),
    (
        'view "v" for everyone a, b',
        [
            ("syntax", "a", "`shows` is missing before `a`", "write `everyone shows a`"),
        ],
    ),
    (
        'view "v" shows a for everyone',
        [
            ("syntax", "shows", "`shows` does not fit here", "here could stand `for`"),
        ],
    ),
    (
        'watch "w" if waiting over 2 hours notify x',
        [
            ("syntax", "if", "the language does not say `if`", "write `when`"),
        ],
    ),
    (
        'watch "w" every item when waiting over 2 hours notify x',
        [
            ("syntax", "every", "`every` does not fit here", "write `each`"),
        ],
    ),
    (
        'rule "t" when during "core" route to a',
        [
            ("syntax", '"core"', "a name stands without quotes", "write `core`"),
        ],
    ),
    (
        'rule "t" when within core route to a',
        [
            ("syntax", "within", "the language does not say `within`", "write `during`"),
        ],
    ),
    (
        'rule "t" when in core route to a',
        [
            ("syntax", "in", "the language does not say `in`", "write `during`"),
        ],
    ),
    (
        'rule "t" when not in core route to a',
        [
            ("syntax", "not in", "the language does not say `not in`", "write `outside`"),
        ],
    ),
    (
        'rule "t" when outside of core route to a',
        [
            ("syntax", "outside of", "the language does not say `outside of`", "write `outside`"),
        ],
    ),
    (
        'rule "t" when modality CT route to a',
        [
            ("syntax", "CT", "a comparison is missing before `CT`", "such as `modality includes CT`"),
        ],
    ),
    (
        'rule "t" when modality: CT route to a',
        [
            ("syntax", ":", "`:` is not a word of the language", "write `includes`"),
        ],
    ),
    (
        'rule "t" when modality includes (CT, MR) route to a',
        [
            ("syntax", "(", "a list has no brackets", "leave them out, and keep the commas"),
        ],
    ),
    (
        'rule "t" when modality includes [CT, MR] route to a',
        [
            ("syntax", "[", "a list has no brackets", "leave them out, and keep the commas"),
        ],
    ),
    (
        'rule "t" when modality includes {CT, MR} route to a',
        [
            ("syntax", "{", "a list has no brackets", "leave them out, and keep the commas"),
        ],
    ),
    (
        'rule "t" when modality includes both CT and MR route to a',
        [
            (
                "syntax",
                "both CT and MR",
                "the language does not say `both` of values",
                "write `includes all of CT, MR`",
            ),
        ],
    ),
    (
        'rule "t" when modality includes either CT or MR route to a',
        [
            (
                "syntax",
                "either CT or MR",
                "the language does not say `either` of values",
                "write `includes any of CT, MR`",
            ),
        ],
    ),
    (
        'rule "t" when description mentions "a" but not "b" route to a',
        [
            ("syntax", "but not", "`but not` does not take away a phrase", 'write `except "b"`'),
        ],
    ),
    (
        'rule "t" when description mentions "a" and not "b" route to a',
        [
            ("syntax", "and not", "`and not` does not take away a phrase", 'write `except "b"`'),
        ],
    ),
    (
        'rule "t" when description mentions any "a", "b" route to a',
        [
            ("syntax", '"a"', '`of` is missing before `"a"`', 'write `any of "a"`'),
        ],
    ),
    (
        'rule "t" when description mentions all "a", "b" route to a',
        [
            ("syntax", '"a"', '`of` is missing before `"a"`', 'write `all of "a"`'),
        ],
    ),
    (
        'rule "t" when body_part is HEAD or NECK route to a',
        [
            (
                "syntax",
                "HEAD or NECK",
                "`or` joins conditions, not values: `HEAD or NECK`",
                "write `includes any of HEAD, NECK`",
            ),
        ],
    ),
    (
        'rule "t" when body_part is HEAD, NECK route to a',
        [
            (
                "syntax",
                ",",
                "this comma parts no list",
                "leave it out: commas part the members of one list and nothing else",
            ),
        ],
    ),
    (
        'rule "t" when age >16 years and age<18 years route to a',
        [
            ("syntax", ">", "`>` is not a word of the language", "write `over`"),
            ("syntax", "<", "`<` is not a word of the language", "write `under`"),
        ],
    ),
    (
        'rule "t" when site is "RIVERSIDE\' route to a',
        [
            (
                "syntax",
                "\"RIVERSIDE' route to a",
                "this text has no closing quote",
                'write `"` where it ends, on the same line',
            ),
        ],
    ),
    (
        'rule "t" when in sample of 5 per cent route to a',
        [
            ("syntax", "per cent", "the language does not say `per cent`", "write `percent`"),
        ],
    ),
    (
        'rule "t" when age at least 16 years and under 18 years route to a',
        [
            ("syntax", "under", "`under` does not say of what", "write `age under …`"),
        ],
    ),
]


@pytest.mark.parametrize(("line", "expected"), GUESSES, ids=[line for line, _ in GUESSES])
def test_a_wrong_guess_is_answered_with_the_right_form(line: str, expected: list[tuple[str, str, str, str]]) -> None:
    """The reader of a finding knows no grammar: the underlined words and the remedy are all that they act on."""
    parsed = parse(BOOK.replace("{line}", line), "book.rules")

    found = [
        (each.name, line[each.span.column - 1 : each.span.end_column - 1], each.message, each.help)
        for each in parsed.findings
    ]
    assert {each.span.line for each in parsed.findings} == {3}
    assert found == expected

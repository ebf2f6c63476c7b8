"""What people write by habit, and the words of the rule language for it. Data only; the other modules apply it."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final


def _phrases(text: str) -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
    lines = (line.split("->") for line in text.strip().splitlines())
    rows = [(tuple(wrong.split()), tuple(right.split())) for wrong, right in lines]
    return tuple(sorted(rows, key=lambda row: -len(row[0])))


# What was written -> what the language says. The longest is taken, and only where the grammar can go on with it.
PHRASES: Final = _phrases(
    """
    if -> when
    where -> when
    whenever -> when
    then ->
    do ->
    is not one of -> is none of
    is not any of -> is none of
    is neither of -> is none of
    is any of -> is one of
    is either -> is one of
    one of -> is one of
    is not known -> is unknown
    is not unknown -> is known
    is not null -> is known
    exists -> is known
    is equal to -> is
    equal to -> is
    equals -> is
    equal -> is
    is less than -> under
    is younger than -> under
    is lower than -> under
    is below -> under
    less than -> under
    fewer than -> under
    younger than -> under
    lower than -> under
    below -> under
    is more than -> over
    is greater than -> over
    is older than -> over
    is above -> over
    more than -> over
    greater than -> over
    older than -> over
    higher than -> over
    above -> over
    is under -> under
    is over -> over
    is at least -> at least
    is at most -> at most
    is from -> from
    is before -> before
    is after -> after
    is within -> within
    is during -> during
    is outside -> outside
    is on -> on
    is includes -> includes
    has at least -> at least
    contains any of -> includes any of
    contains -> includes
    contain -> includes
    has -> includes
    include -> includes
    includes not -> includes none of
    mentions not -> mentions
    does not include -> includes none of
    does not contain -> includes none of
    does not mention -> mentions
    says -> mentions
    mention -> mentions
    begins with -> starts with
    start with -> starts with
    starts by -> starts with
    like -> matches
    match -> matches
    listed in -> is listed in
    not listed in -> is not listed in
    is not in table -> is not listed in
    is in table -> is listed in
    except when -> unless
    except if -> unless
    but not when -> unless
    but not if -> unless
    unless when -> unless
    unless if -> unless
    when always -> always
    send to -> route to
    goes to -> route to
    go to -> route to
    goto -> route to
    assign to -> route to
    put on -> route to
    set priority to -> priority
    set priority -> priority
    priority is -> priority
    priority to -> priority
    set due -> due
    due in -> due within
    due after -> due within
    due under -> due within
    deadline -> due within
    is due within -> due within
    preliminary within -> preliminary due within
    also reads by -> also read by
    also to -> also read by
    for all -> for everyone
    for everybody -> for everyone
    for anyone -> for everyone
    for any -> for everyone
    for reader with -> for readers with
    for readers who have -> for readers with
    without any -> except
    except when -> except
    but -> and
    the ->
    in -> during
    within -> during
    outside of -> outside
    not in -> outside
    business days -> working days
    business day -> working day
    weekdays -> working days
    hold for -> hold at most
    also route to -> also read by
    priorities are -> priorities
    skills are -> skills
    channels are -> channels
    string -> text
    str -> text
    boolean -> yes/no
    bool -> yes/no
    integer -> number
    int -> number
    datetime -> instant
    timestamp -> instant
    per cent -> percent
    default -> otherwise
    """
)

OPERATORS: Final = MappingProxyType(
    {
        "==": ("is",),
        "=": ("is",),
        "!=": ("is", "not"),
        "<>": ("is", "not"),
        "≠": ("is", "not"),
        "<": ("under",),
        ">": ("over",),
        "<=": ("at", "most"),
        "≤": ("at", "most"),
        ">=": ("at", "least"),
        "≥": ("at", "least"),
        "&&": ("and",),
        "&": ("and",),
        "||": ("or",),
        "|": ("or",),
        "!": ("not",),
        "+": ("plus",),
        "%": ("percent",),
        "=>": (),
        "->": (),
    }
)

UNITS: Final = MappingProxyType(
    {
        "min": "minutes",
        "mins": "minutes",
        "m": "minutes",
        "hr": "hours",
        "hrs": "hours",
        "h": "hours",
        "d": "days",
        "wk": "weeks",
        "wks": "weeks",
        "w": "weeks",
        "mo": "months",
        "mth": "months",
        "mths": "months",
        "y": "years",
        "yr": "years",
        "yrs": "years",
        "yo": "years",
    }
)

NUMBERS: Final = MappingProxyType(
    {
        "a": "1",
        "an": "1",
        "one": "1",
        "two": "2",
        "three": "3",
        "four": "4",
        "five": "5",
        "six": "6",
        "seven": "7",
        "eight": "8",
        "nine": "9",
        "ten": "10",
        "twelve": "12",
        "fourteen": "14",
        "sixteen": "16",
        "eighteen": "18",
        "thirty": "30",
    }
)

# What may come next, in the words of a finding.
KINDS: Final = MappingProxyType(
    {
        "NAME": "a name",
        "STRING": "a text in quotes",
        "CODE": "a code, such as `CT`",
        "NUMBER": "a number",
        "DATE": "a date, such as `2026-04-01`",
        "INSTANT": "an instant, such as `2026-11-25 23:10`",
        "TIME": "a time, such as `08:00`",
        "ZONE": "a time zone, such as `Europe/London`",
        "WEEKDAY": "a day of the week, such as `Mon`",
        "PATTERN": "an expression between slashes",
        "COLUMN": "the name of a column",
        "COMMA": "`,`",
        "LPAR": "`(`",
        "RPAR": "`)`",
        "LSQB": "`[`",
        "RSQB": "`]`",
        "DOT": "`.` and a column",
        "DASH": "`-`",
    }
)

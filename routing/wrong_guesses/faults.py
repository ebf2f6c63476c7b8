"""Tokens that are wrong in themselves: a curly quote, `8:00`, `24h`."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

from routing.codes import finding
from routing.diagnostics import Finding
from routing.machine import Machine
from routing.tokens import Token
from routing.wrong_guesses.habits import NUMBERS, UNITS
from routing.wrong_guesses.place import Repair, amount

_WEEKDAYS: Final = frozenset({"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"})

_UNIT_WORDS: Final = frozenset(
    {*UNITS.values(), *(unit[:-1] for unit in UNITS.values()), "days", "day", "working", "percent"}
)


def faults(machine: Machine, tokens: Sequence[Token]) -> Repair:
    """Return the findings about the tokens that are wrong in themselves, and the statement with them put right."""
    findings: list[Finding] = []
    right: list[Token] = []
    for token, after in zip(tokens, [*tokens[1:], None], strict=True):
        in_words = token.text in NUMBERS and after is not None and after.text in _UNIT_WORDS
        make = _number_word if in_words else _FAULTS.get(token.fault)
        if make is None:
            right.append(token)
            continue
        message, remedy, instead = make(token)
        findings.append(finding("syntax", token.span, message, remedy))
        right += [
            token.as_type(machine.keywords.get(text, type_), text) if type_ == "NAME" else token.as_type(type_, text)
            for type_, text in instead
        ]
    return Repair(findings=tuple(findings), tokens=tuple(right))


_Fault = tuple[str, str, list[tuple[str, str]]]


def _open_string(token: Token) -> _Fault:
    if token.text.strip() == '"' or not token.text[1:2].isalnum():
        return "a quote on this line has no partner", "quotes come in pairs on one line", [("STRING", '""')]
    return "this text has no closing quote", 'write `"` where it ends, on the same line', [("STRING", token.text + '"')]


def _quotes(token: Token) -> _Fault:
    inner = token.text[1:-1].replace('"', "")
    kind = "curly quotes" if token.fault == "curly_quotes" else "single quotes"
    return f"{kind} do not mark a text", f'write `"{inner}"`', [("STRING", f'"{inner}"')]


def _date(token: Token) -> _Fault:
    parts = [int(part) for part in re.split(r"[/.-]", token.text)]
    remedy = "write the year first, such as `2026-04-01`"
    if token.fault == "short_date":
        with suppress(ValueError):
            remedy = f"write `{dt.date(*parts).isoformat()}`"
    return f"`{token.text}` is not how a date is written", remedy, [("DATE", "2000-01-01")]


def _no_such_date(token: Token) -> _Fault:
    text = "2000-01-01" if token.type == "DATE" else "2000-01-01 00:00"
    return f"there is no such day or time: `{token.text}`", "write one that exists", [(token.type, text)]


def _time(token: Token) -> _Fault:
    match = re.match(r"(\d{1,2})(?:[:.](\d{1,2}))?", token.text)
    hours, minutes = (int(match[1]), int(match[2] or 0)) if match else (0, 0)
    if token.text.rstrip().endswith("pm") and hours < 12:  # noqa: PLR2004 - noon
        hours += 12
    if hours > 24 or minutes > 59:  # noqa: PLR2004 - the clock
        return _no_such_time(token)
    right = f"{hours:02}:{minutes:02}"
    return f"`{token.text}` is not how a time is written", f"write `{right}`", [("TIME", right)]


def _no_such_time(token: Token) -> _Fault:
    return f"there is no such time: `{token.text}`", "times run from `00:00` to `24:00`", [("TIME", "00:00")]


def _amount(token: Token) -> _Fault:
    number = re.match(r"\d+", token.text)[0]  # type: ignore[index]
    unit = token.text[len(number) :]
    unit = UNITS.get(unit, unit)
    remedy = f"write `{amount(number, unit if unit.endswith('s') else unit + 's')}`"
    return f"`{token.text}` runs a number and its unit together", remedy, [("NUMBER", number), ("NAME", unit)]


def _hyphenated(token: Token) -> _Fault:
    parts = token.text.split("-")
    if all(part[:3].title() in _WEEKDAYS for part in parts):
        days = [("WEEKDAY", part[:3].title()) for part in parts]
        shown_days = "-".join(day for _, day in days)
        return (
            f"`{token.text}` is not how days are written",
            f"write `{shown_days}`",
            [days[0], ("DASH", "-"), days[-1]],
        )
    right = token.text.replace("-", "_")
    return f"a name has no hyphen: `{token.text}`", f"write `{right}`", [("NAME", right)]


def _long_dash(token: Token) -> _Fault:
    return f"a long dash, `{token.text}`, is not a hyphen", "write `-`", [("DASH", "-")]


def _number_word(token: Token) -> _Fault:
    right = NUMBERS[token.text]
    return f"`{token.text}` is not how a number is written", f"write `{right}`", [("NUMBER", right)]


def _slashes(_: Token) -> _Fault:
    return "a comment does not begin like this", "begin it with `#`", []


_FAULTS: Final[dict[str, Callable[[Token], _Fault]]] = {
    "open_string": _open_string,
    "curly_quotes": _quotes,
    "single_quotes": _quotes,
    "foreign_date": _date,
    "short_date": _date,
    "no_such_date": _no_such_date,
    "bad_time": _time,
    "no_such_time": _no_such_time,
    "amount": _amount,
    "hyphenated": _hyphenated,
    "long_dash": _long_dash,
    "slashes": _slashes,
}

r"""What divides an HL7 message: the characters of MSH-1 and MSH-2, and the escapes that stand for them and for others.

Known escapes: the delimiters (`\F\ \S\ \T\ \R\ \E\ \P\`), bytes in the message's character set (`\X0D\`), and the
formatting of report text (`\.br\`, `\.sp3\`, `\H\` …). What is no known escape is text.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from routing.sources.charsets import decode_escaped

NULL: Final = '""'
NONE: Final = "\0"  # a delimiter that the message does not have; NUL never stands in a message's text
_USUAL: Final = "^~\\&"
_LONGEST_RUN: Final = 80  # lines or blanks that one formatting escape may ask for


class Syntax:
    """What divides one message, and its codec: the characters of MSH-1 and MSH-2. One the message lacks is NUL."""

    __slots__ = (
        "_escapes",
        "_said",
        "codec",
        "component",
        "escape",
        "field",
        "marks",
        "repetition",
        "subcomponent",
        "truncation",
    )

    def __init__(self, separator: str, encoding: str, codec: str) -> None:
        marks = "".join(dict.fromkeys(encoding)) or _USUAL  # a doubled backslash is a sender's slip, not two marks
        self.field, self.codec = separator, codec
        self._said = (separator, encoding)
        self.component, self.repetition, self.escape, self.subcomponent, self.truncation = (
            marks[place : place + 1] or NONE for place in range(5)
        )
        self.marks = separator, self.component, self.repetition, self.escape
        mark = re.escape(self.escape)
        self._escapes = re.compile(
            rf"((?:{mark}X(?:[0-9A-Fa-f]{{2}})++{mark})++)"
            rf"|{mark}([FSTREPHN]|\.(?:br|ce|fi|nf|sp\d*|sk\d*|in[+-]?\d*|ti[+-]?\d*)){mark}"
        )

    def in_codec(self, codec: str) -> Syntax:
        """Return the same in another codec."""
        return syntax_of(*self._said, codec)

    def unescape(self, text: str) -> str:
        """Return *text* with its escapes resolved; what is no known escape stays as it is."""
        return self._escapes.sub(self._resolved, text) if self.escape in text else text

    def escape_text(self, text: str) -> str:
        """Return *text* such that `unescape` gives it back and nothing in it divides the message."""
        marks = {self.field: "F", self.component: "S", self.subcomponent: "T", self.repetition: "R"}
        table = {ord(mark): f"{self.escape}{letter}{self.escape}" for mark, letter in marks.items() if mark != NONE}
        table |= {code: f"{self.escape}X{code:02X}{self.escape}" for code in range(32)}
        return text.translate(table | {ord(self.escape): f"{self.escape}E{self.escape}"})

    def _resolved(self, match: re.Match[str]) -> str:
        run, name = match.groups()
        if run:
            digits = run.replace(f"{self.escape}X", "").replace(self.escape, "")
            return decode_escaped(bytes.fromhex(digits), self.codec)
        if name[0] == ".":
            times = int(name[3:] or 1) if name[1:3] in {"sp", "sk"} else 1
            return {"sk": " ", "br": "\n", "sp": "\n", "ce": "\n"}.get(name[1:3], "") * min(times, _LONGEST_RUN)
        if name == "P" and self.truncation == NONE:
            return match.group()
        marks = {"F": self.field, "S": self.component, "T": self.subcomponent, "R": self.repetition, "E": self.escape}
        return (marks | {"P": self.truncation, "H": "", "N": ""})[name].replace(NONE, "")


@lru_cache(maxsize=64)
def syntax_of(separator: str, encoding: str, codec: str) -> Syntax:
    """Return the syntax of a message; the same object for the same characters and codec."""
    return Syntax(separator, encoding, codec)

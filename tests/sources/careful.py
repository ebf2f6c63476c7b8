"""A careful and slow reading of HL7, letter by letter: what the quick one has to agree with.

It knows messages whose segments each begin with a name and end alike, in UTF-8: how quick reading finds things is what
is held against it, not what is done about damage.
"""

from __future__ import annotations

import re


class Careful:
    """One message, divided in full: `fields` of each segment, numbered as in HL7."""

    def __init__(self, data: bytes) -> None:
        text = data.decode().replace("\0", " ")
        self.field_mark = text[3]
        marks = ""
        for letter in text[4:]:
            if letter in {self.field_mark, "\r", "\n"}:
                break
            marks += letter
        self.component, self.repetition, self.escape, self.sub = (*marks, "\0\0\0\0")[:4]
        self.segments: list[list[str]] = []
        for line in re.split("\r\n|\r|\n", text):
            if line:
                fields = self._cut(line, self.field_mark)
                self.segments.append(fields if fields[0] != "MSH" else ["MSH", self.field_mark, *fields[1:]])

    @staticmethod
    def _cut(text: str, mark: str) -> list[str]:
        parts, part = [], ""
        for letter in text:
            if letter == mark:
                parts.append(part)
                part = ""
            else:
                part += letter
        return [*parts, part]

    def raw(self, name: str, place: int, field: int) -> str | None:
        """Return a field as it was sent; None when it is absent."""
        found = [fields for fields in self.segments if fields[0] == name]
        if len(found) < place or len(found[place - 1]) <= field:
            return None
        return found[place - 1][field]

    def text(self, name: str, place: int, field: int, repetition: int, component: int, sub: int) -> str | None:
        """Return the decoded text, the whole repetition where *component* is 0; None when there is none to use."""
        raw = self.raw(name, place, field)
        repetitions = self._cut(raw or "", self.repetition)
        if len(repetitions) < repetition:
            return None
        components = self._cut(repetitions[repetition - 1], self.component)
        if not component:
            if len(components) == 1:
                return self._said(components[0])
            said = [self._said(one) or "" for one in components]
            while said and not said[-1]:
                said.pop()
            return "^".join(said) or None
        if len(components) < component:
            return None
        subs = self._cut(components[component - 1], self.sub)
        if not sub:
            return self._said(components[component - 1])
        return self._said(subs[sub - 1]) if len(subs) >= sub else None

    def _said(self, raw: str) -> str | None:
        text, at = "", 0
        names = {"F": self.field_mark, "S": self.component, "T": self.sub, "R": self.repetition, "E": self.escape}
        while at < len(raw):
            name = raw[at + 1 : at + 2]
            if raw[at] == self.escape and raw[at + 2 : at + 3] == self.escape and name in names:
                text, at = text + names[name], at + 3
            elif raw[at] == self.escape and raw[at + 1 : at + 5] == f".br{self.escape}":
                text, at = text + "\n", at + 5
            else:
                text, at = text + raw[at], at + 1
        text = text.strip()
        return text if text and text != '""' else None

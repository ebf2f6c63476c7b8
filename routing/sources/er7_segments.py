"""One segment of an HL7 message, its fields, and what stands in one: raw as it was sent, or decoded and trimmed.

Fields count as in HL7, and the first of a list is the segment's name. An explicit null is no text. Nothing here raises.
"""

from __future__ import annotations

from typing import Final

from routing.sources.er7_paths import HEADERS
from routing.sources.er7_syntax import NULL, Syntax

_ID_LENGTH: Final = 3


class Segment:
    """One segment. Its raw `fields` count as in HL7, the first is the name: in MSH, field 1 is the separator."""

    __slots__ = ("_fields", "id", "line", "syntax")

    def __init__(self, line: str, syntax: Syntax) -> None:
        self.line, self.syntax = line, syntax
        self.id = line[:3]
        self._fields: list[str] | None = None

    @property
    def fields(self) -> list[str]:
        """The raw fields, divided when they are first asked for."""
        fields = self._fields
        if fields is None:
            separator = self.syntax.field
            fields = self._fields = self.line.split(separator)
            if self.id in HEADERS:
                fields.insert(1, separator)
        return fields

    def __repr__(self) -> str:
        """Name the segment, never what is in it: a repr ends in logs."""
        return f"Segment({self.id})"

    def raw(self, field: int) -> str | None:
        """Return the field as it was sent, with all its repetitions; None when the segment ends before it."""
        fields = self._fields or self.fields
        return fields[field] if field < len(fields) else None

    def first(self, field: int) -> str:
        """Return the raw first repetition of a field; "" when it is absent, empty or an explicit null."""
        fields = self._fields or self.fields
        return first_of(fields[field], self.syntax) if field < len(fields) else ""

    def repetitions(self, field: int) -> list[str]:
        """Return the raw repetitions of a field that are not empty; an explicit null is one of them."""
        return repetitions_of(self.raw(field) or "", self.syntax)

    def text(self, field: int, component: int = 1, *, whole: bool = False) -> str:
        """Return a component of the field's first repetition, decoded and trimmed; "" when there is no value to use.

        An explicit null is no value. *whole* keeps sub-components together, for text in which `&` is only a letter.
        """
        raw = self.first(field)
        return part(raw, self.syntax, component, whole=whole) if raw else ""


def fields_of(line: str, separator: str, count: int) -> list[str]:
    """Return the raw fields of a segment that is no header, up to *count* and no fewer: one that is absent is empty."""
    count += 1
    fields = line.split(separator, count)
    if (found := len(fields)) < count:
        fields += _EMPTY[count - found]
    return fields


_EMPTY: Final = tuple([""] * count for count in range(64))  # as many as are ever counted


def split_fields(line: str, separator: str) -> list[str]:
    """Return the fields of a segment, numbered as in HL7: in a header, field 1 is the separator itself."""
    fields = line.split(separator)
    if line[:3] in HEADERS:
        fields.insert(1, separator)
    return fields


def first_of(raw: str, syntax: Syntax) -> str:
    """Return the first repetition of a raw field; "" when that is empty, or the field an explicit null."""
    return "" if raw == NULL else raw.partition(syntax.repetition)[0] if syntax.repetition in raw else raw


def repetitions_of(raw: str, syntax: Syntax) -> list[str]:
    """Return the repetitions of a raw field that are not empty; an explicit null is one of them."""
    return [one for one in raw.split(syntax.repetition) if one.strip()] if raw else []


def text_of(raw: str, syntax: Syntax, component: int = 1) -> str:
    """Return a component of a raw field's first repetition, decoded and trimmed; "" when there is no value to use."""
    if syntax.repetition in raw and raw != NULL:
        raw = raw.partition(syntax.repetition)[0]
    return part(raw, syntax, component) if raw else ""


def part(repetition: str, syntax: Syntax, component: int, subcomponent: int = 1, *, whole: bool = False) -> str:
    """Return a component or sub-component of a raw repetition, decoded and trimmed; "" when there is none or null."""
    raw = repetition
    divides = syntax.component
    if divides in raw:
        if component == 1:
            raw = raw.partition(divides)[0]
        else:
            parts = raw.split(divides, component)
            raw = parts[component - 1] if component <= len(parts) else ""
        if not raw:
            return ""
    elif component != 1:
        return ""
    if subcomponent != 1 or (syntax.subcomponent in raw and not whole):
        parts = raw.split(syntax.subcomponent)
        raw = parts[subcomponent - 1] if subcomponent <= len(parts) else ""
    if syntax.escape in raw:
        raw = syntax.unescape(raw)
    raw = raw.strip()
    return "" if raw == NULL else raw


def joined(repetition: str, syntax: Syntax) -> str:
    """Return a raw repetition as text with `^` between its components, whatever the message divides them with."""
    if not (syntax.escape in repetition or NULL in repetition or " " in repetition):
        return repetition.rstrip(syntax.component).replace(syntax.component, "^")
    parts = [syntax.unescape(one).strip() for one in repetition.split(syntax.component)]
    while parts and parts[-1] in ("", NULL):
        parts.pop()
    return "^".join("" if one == NULL else one for one in parts)


def offset_in(segment: Segment, field: int) -> int:
    """Return how far into its segment a field begins, in characters."""
    if field == 0:
        return 0
    if segment.id in HEADERS:  # field 1 is the separator itself, and nothing divides it from field 2
        return _ID_LENGTH if field == 1 else _ID_LENGTH + 1 + sum(len(text) + 1 for text in segment.fields[2:field])
    return len(segment.id) + 1 + sum(len(text) + 1 for text in segment.fields[1:field])

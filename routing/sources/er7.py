"""ER7: one HL7 v2 message as segments, fields, repetitions, components and sub-components, read when asked for.

    message = Message(frame.data)
    message.field("OBR-4.2")        the decoded text, or None when there is none to use
    message.raw("PID-7")            the text as sent: None absent, "" empty, '""' an explicit null

Separators come from the message's own MSH. A path is `SEG-field.component.sub`, with the n-th segment of that name as
`OBX[3]-5` and the n-th repetition of a field as `PID-3[2].1`; all count from 1. Nothing raises on one field, unknown
escapes are kept, and no value is ever part of a problem's words.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from routing.decision import Problem
from routing.sources.charsets import codec_for_ascii
from routing.sources.er7_header import USUAL_HEADER, declared, header_of, names_of, syntax_for_ascii
from routing.sources.er7_lines import lines_of
from routing.sources.er7_paths import HEADERS, Plan, path_of, plan_of
from routing.sources.er7_segments import Segment, joined, offset_in, part, split_fields
from routing.sources.er7_syntax import NULL, syntax_of
from routing.sources.framing import segment_end

_ESCAPE: Final = 0x1B  # begins a switch of character sets
_USUAL_SYNTAX: Final = syntax_of("|", "^~\\&", "utf-8")


class Message:
    """One message: `segments` in order, `text` all of it decoded, `warnings` of a character set that does not fit.

    *data* is one unframed message (`framing.split`), *charset* a name that counts when MSH-18 is empty, *end* what the
    frame says of its lines; where None, it is found.
    """

    __slots__ = ("_charset", "_end", "_fallback", "_first", "_lines", "_segments", "data", "syntax", "text", "warnings")

    def __init__(self, data: bytes, charset: str | None = None, *, end: str | None = None) -> None:
        self.data = data
        self.warnings: tuple[Problem, ...] = ()
        self._charset: str | None = None
        self._fallback = charset
        if end is None:
            end = segment_end(data)
        if data.isascii() and _ESCAPE not in data:
            text = data.decode("ascii")
            if text.startswith(USUAL_HEADER) and (text.find("\\", len(USUAL_HEADER)) < 0 or "\\X" not in text):
                self.syntax = _USUAL_SYNTAX  # the character set matters to nothing in it
            else:
                self.syntax = syntax_for_ascii(*header_of(text), charset)
                self._charset = self.syntax.codec
        else:
            expecting, syntax = declared(data, charset)
            text, codec, trouble = expecting.read(data)
            if trouble:
                self.warnings = _doubt(trouble)
            self._charset = codec
            self.syntax = syntax if codec == syntax.codec else syntax.in_codec(codec)
            if _ESCAPE in data:
                end = ""  # letters of two bytes may look like the name of a segment
        self.text = text.replace("\0", " ") if "\0" in text else text
        self._end = end  # what ends each line, where that is certain
        self._first: dict[str, list[str]] = {}  # the fields of the first segment of a name
        self._lines: list[str] | None = None
        self._segments: list[Segment] | None = None

    def __repr__(self) -> str:
        """Say how large it is, never what is in it."""
        return f"Message({len(self.lines)} segments)"

    @property
    def charset(self) -> str:
        """The codec that the message is in, or would be if it were not all ASCII."""
        if self._charset is None:
            _, encoding, names = header_of(self.text)
            self._charset = codec_for_ascii(names_of(names, encoding), self._fallback)
        return self._charset

    @property
    def lines(self) -> list[str]:
        """The lines of the segments, in order."""
        lines = self._lines
        if lines is None:
            text, end = self.text, self._end
            lines = self._lines = text.removesuffix(end).split(end) if end else lines_of(text, self.syntax.field)
        return lines

    @property
    def header(self) -> list[str]:
        """The raw fields of the MSH segment."""
        return self._fields("MSH", 1)

    @property
    def segments(self) -> list[Segment]:
        """All segments, in order."""
        segments = self._segments
        if segments is None:
            syntax = self.syntax
            segments = self._segments = [Segment(line, syntax) for line in self.lines]
        return segments

    def segment(self, name: str, place: int = 1) -> Segment | None:
        """Return the *place*-th segment of that name, from 1; None when there is none."""
        for line in self.lines:
            if line[:3] == name:
                place -= 1
                if not place:
                    return Segment(line, self.syntax)
        return None

    def all(self, name: str) -> Iterable[Segment]:
        """Return the segments of that name, in order."""
        return (segment for segment in self.segments if segment.id == name)

    def field(self, path: str) -> str | None:
        """Return the decoded text at *path*, a component or the whole field; None when it has no value to use."""
        name, place, field, *where = path_of(path)
        fields = self._fields(name, place)
        raw = fields[field] if field < len(fields) else ""
        return self._text(raw, *where) if raw else None

    def texts(self, *paths: str) -> list[str | None]:
        """Return what `field` says of each path. Asking for several at once is quicker."""
        found: list[str | None] = [None] * len(paths)
        firsts, others = plan_of(paths)
        left = firsts.copy()
        for line in self._lines or self.lines:
            plan = left.pop(line[:3], None)
            if plan is not None:
                self._find(line, plan, found)
                if not left:
                    break
        for at, (name, place, field, where) in others:
            fields = self._fields(name, place)
            if field < len(fields) and (raw := fields[field]):
                found[at] = self._text(raw, *where)
        return found

    def _find(self, line: str, plan: Plan, found: list[str | None]) -> None:
        """Put into *found* what is wanted of a segment: the same as `_text` of each, with less looking."""
        separator, divides, repeats, escape = self.syntax.marks
        last, wanted = plan
        fields = line.split(separator, last + 1)
        count = len(fields)
        for at, field, component, where in wanted:
            if field >= count or not (text := fields[field]):
                continue
            if component < 0 or escape in text:
                found[at] = self._text(text, *where)
                continue
            if repeats in text:
                text = text.partition(repeats)[0]
            if divides in text:
                if component == 0:
                    text = joined(text, self.syntax)
                elif component == 1:
                    text = text.partition(divides)[0]
                else:
                    parts = text.split(divides, component)
                    text = parts[component - 1] if component <= len(parts) else ""
            elif component > 1:
                continue
            if text.isalnum() or ((text := text.strip()) and text != NULL):
                found[at] = text

    def _fields(self, name: str, place: int) -> list[str]:
        """Return the fields of the *place*-th segment of that name; none when there is none."""
        if place != 1:
            segment = self.segment(name, place)
            return segment.fields if segment is not None else []
        fields = self._first.get(name)
        if fields is None:
            fields = self._first[name] = self._found(name)
        return fields

    def _found(self, name: str) -> list[str]:
        end, separator = self._end, self.syntax.field
        if end and (name == "MSH" or name not in HEADERS):  # found without dividing all of the text
            text = self.text
            start = text.find(f"{end[-1]}{name}") + 1 if name != "MSH" else 0
            if not start and name != "MSH":
                return []
            stop = text.find(end[0], start)
            return split_fields(text[start:stop] if stop >= 0 else text[start:], separator)
        line = next((line for line in self.lines if line[:3] == name), None)
        return split_fields(line, separator) if line is not None else []

    def _text(self, raw: str, repetition: int, component: int, subcomponent: int) -> str | None:
        """Return the decoded text of a repetition and component of a raw field; None when it has no value to use."""
        syntax = self.syntax
        escape, divides, repeats = syntax.escape, syntax.component, syntax.repetition
        if repetition != 1:
            parts = raw.split(repeats)
            raw = parts[repetition - 1] if repetition <= len(parts) else ""
        elif repeats in raw:
            raw = raw.partition(repeats)[0]
        if subcomponent:
            raw = part(raw, syntax, component, subcomponent)
        elif divides in raw and component == 0:
            raw = joined(raw, syntax)
        else:
            if divides in raw:
                parts = raw.split(divides, component)
                raw = parts[component - 1] if component <= len(parts) else ""
            elif component > 1:
                raw = ""
            if escape in raw:
                raw = syntax.unescape(raw)
        raw = raw.strip()
        return raw if raw and raw != NULL else None

    def raw(self, path: str) -> str | None:
        """Return the text at *path* as it was sent: None absent, "" empty, '""' an explicit null."""
        name, place, field, repetition, component, subcomponent = path_of(path)
        segment = self.segment(name, place)
        raw = segment.raw(field) if segment else None
        syntax = self.syntax
        steps = ((syntax.repetition, repetition if component or repetition > 1 else 0),)
        for mark, step in (*steps, (syntax.component, component), (syntax.subcomponent, subcomponent)):
            if raw is None or raw == NULL:
                return raw
            if step:
                parts = raw.split(mark)
                raw = parts[step - 1] if step <= len(parts) else None
        return raw

    def span(self, path: str) -> tuple[int, int] | None:
        """Return where the field of *path* stands in `text`, as (start, end) in characters; None when it is absent."""
        name, place, field, *_ = path_of(path)
        segment = self.segment(name, place)
        if segment is None or segment.raw(field) is None:
            return None
        at = 0
        for line in self.lines:
            start = self.text.find(line.partition("\n")[0], at)
            if line is segment.line:
                start += offset_in(segment, field)
                return start, start + len(segment.fields[field])
            at = start + len(line)
        return None


@lru_cache(maxsize=256)
def _doubt(trouble: str) -> tuple[Problem, ...]:
    return (Problem(kind="charset", source="MSH-18", message=trouble),)

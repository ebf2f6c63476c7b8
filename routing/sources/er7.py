"""ER7: one HL7 v2 message as segments, fields, repetitions, components and sub-components, read when they are asked for.

    message = Message(frame.data)
    message.field("OBR-4.2")        the decoded text, or None when there is none to use
    message.raw("PID-7")            the text as sent: None absent, "" empty, '""' an explicit null

Separators come from the message's own MSH. A path is `SEG-field.component.sub`, with the n-th segment of that name as
`OBX[3]-5` and the n-th repetition of a field as `PID-3[2].1`; all count from 1. Nothing raises on one field, unknown
escapes are kept, and no value is ever part of a problem's words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Final

from routing.decision import Problem
from routing.sources.charsets import decode, decode_escaped

NULL: Final = '""'
_NONE: Final = "\0"  # a delimiter that the message does not have; NUL never stands in a message's text
_USUAL: Final = "^~\\&"
_ID_LENGTH: Final = 3
_HEADERS: Final = frozenset({"MSH", "BHS", "FHS"})
_CHARSET_FIELD: Final = 17  # MSH-18, where MSH-1 is the separator itself
# segments that a line feed may begin in a message whose segments end with CR (HL7 v2.8, and Z segments)
_KNOWN: Final = frozenset(
    "ABS ACC ADD ADJ AFF AIG AIL AIP AIS AL1 APR ARQ ARV AUT BHS BLC BLG BPO BPX BTS BTX BUI CDM CDO CER CM0 CM1 CM2 CNS "
    "CON CSP CSR CSS CTD CTI CTR DB1 DEV DG1 DMI DON DPS DRG DSC DSP DST ECD ECR EDU EQP EQU ERR EVN FAC FHS FT1 FTS GOL "
    "GP1 GP2 GT1 IAM IAR IIM ILT IN1 IN2 IN3 INV IPC IPR ISD ITM IVC IVT LAN LCC LCH LDP LOC LRL MFA MFE MFI MRG MSA MSH "
    "NCK NDS NK1 NPU NSC NST NTE OBR OBX ODS ODT OH1 OH2 OH3 OH4 OM1 OM2 OM3 OM4 OM5 OM6 OM7 OMC ORC ORG OVR PAC PCE PCR "
    "PD1 PDA PDC PEO PES PID PKG PM1 PMT PR1 PRA PRB PRC PRD PRT PSG PSH PSL PSS PTH PV1 PV2 PYE QAK QID QPD QRD QRF QRI "
    "RCP RDF RDT REL RF1 RFI RGS RMI ROL RQ1 RQD RXA RXC RXD RXE RXG RXO RXR RXV SAC SCD SCH SCP SDD SFT SGH SGT SHP SID "
    "SLT SPM STF STZ TCC TCD TQ1 TQ2 TXA UAC UB1 UB2 URD URS VAR VND".split()
)


class Syntax:
    """What divides one message, and its codec: the characters of MSH-1 and MSH-2. One the message lacks is NUL."""

    __slots__ = ("_escapes", "codec", "component", "escape", "field", "repetition", "subcomponent", "truncation")

    def __init__(self, separator: str, encoding: str, codec: str) -> None:
        marks = "".join(dict.fromkeys(encoding)) or _USUAL  # a doubled backslash is a sender's slip, not two marks
        self.field, self.codec = separator, codec
        self.component, self.repetition, self.escape, self.subcomponent, self.truncation = (
            marks[place : place + 1] or _NONE for place in range(5)
        )
        mark = re.escape(self.escape)
        self._escapes = re.compile(
            rf"((?:{mark}X(?:[0-9A-Fa-f]{{2}})+{mark})+)"
            rf"|{mark}([FSTREPHN]|\.(?:br|ce|fi|nf|sp\d*|sk\d*|in[+-]?\d*|ti[+-]?\d*)){mark}"
        )

    def unescape(self, text: str) -> str:
        """Return *text* with its escapes resolved; what is no known escape stays as it is."""
        return self._escapes.sub(self._resolved, text) if self.escape in text else text

    def escape_text(self, text: str) -> str:
        """Return *text* such that `unescape` gives it back and nothing in it divides the message."""
        marks = {self.field: "F", self.component: "S", self.subcomponent: "T", self.repetition: "R"}
        table = {ord(mark): f"{self.escape}{letter}{self.escape}" for mark, letter in marks.items() if mark != _NONE}
        table |= {code: f"{self.escape}X{code:02X}{self.escape}" for code in range(32)}
        return text.translate(table | {ord(self.escape): f"{self.escape}E{self.escape}"})

    def _resolved(self, match: re.Match[str]) -> str:
        run, name = match.groups()
        if run:
            digits = run.replace(f"{self.escape}X", "").replace(self.escape, "")
            return decode_escaped(bytes.fromhex(digits), self.codec)
        if name[0] == ".":
            times = int(name[3:] or 1) if name[1:3] in {"sp", "sk"} else 1
            return {"sk": " ", "br": "\n", "sp": "\n", "ce": "\n"}.get(name[1:3], "") * min(times, 80)
        if name == "P" and self.truncation == _NONE:
            return match.group()
        marks = {"F": self.field, "S": self.component, "T": self.subcomponent, "R": self.repetition, "E": self.escape}
        return (marks | {"P": self.truncation, "H": "", "N": ""})[name].replace(_NONE, "")


class Segment:
    """One segment, split when it is first asked for. Fields count as in HL7: in MSH, field 1 is the separator."""

    __slots__ = ("_fields", "id", "line", "syntax")

    def __init__(self, line: str, syntax: Syntax) -> None:
        self.line, self.syntax, self.id = line, syntax, line[:_ID_LENGTH]
        self._fields: list[str] | None = None

    def __repr__(self) -> str:
        """Name the segment, never what is in it: a repr ends in logs."""
        return f"Segment({self.id})"

    @property
    def fields(self) -> list[str]:
        """The raw fields; the first is the segment's name."""
        fields = self._fields
        if fields is None:
            fields = self.line.split(self.syntax.field)
            if self.id in _HEADERS:
                fields.insert(1, self.syntax.field)
            self._fields = fields
        return fields

    def raw(self, field: int) -> str | None:
        """Return the field as it was sent, with all its repetitions; None when the segment ends before it."""
        fields = self._fields or self.fields
        return fields[field] if field < len(fields) else None

    def repetitions(self, field: int) -> list[str]:
        """Return the raw repetitions of a field that are not empty; an explicit null is one of them."""
        raw = self.raw(field)
        if not raw:
            return []
        return [part for part in raw.split(self.syntax.repetition) if part.strip()]

    def text(self, field: int, component: int = 1, *, whole: bool = False) -> str:
        """Return a component of the field's first repetition, decoded and trimmed; "" when there is no value to use.

        An explicit null is no value. *whole* keeps sub-components together, for text in which `&` is only a letter.
        """
        fields = self._fields or self.fields
        if field >= len(fields):
            return ""
        raw = fields[field]
        if not raw or raw == NULL:
            return ""
        syntax = self.syntax
        if syntax.repetition in raw:
            raw = raw.partition(syntax.repetition)[0]
        return part(raw, syntax, component, whole=whole)


def part(repetition: str, syntax: Syntax, component: int, subcomponent: int = 1, *, whole: bool = False) -> str:
    """Return one component (or sub-component) of a raw repetition, decoded and trimmed; "" when there is none or null."""
    raw = repetition
    if syntax.component in raw:
        parts = raw.split(syntax.component)
        raw = parts[component - 1] if component <= len(parts) else ""
    elif component != 1:
        return ""
    if not whole and (subcomponent != 1 or syntax.subcomponent in raw):
        parts = raw.split(syntax.subcomponent)
        raw = parts[subcomponent - 1] if subcomponent <= len(parts) else ""
    if syntax.escape in raw:
        raw = syntax.unescape(raw)
    raw = raw.strip()
    return "" if raw == NULL else raw


class Message:
    """One message. `segments` in order; `warnings` hold a charset that the bytes contradict; `text` is all of it, decoded.

    *data* is one unframed message (`framing.split`); *charset* a name that counts when MSH-18 is empty.
    """

    __slots__ = ("_first", "charset", "data", "segments", "syntax", "text", "warnings")

    def __init__(self, data: bytes, charset: str | None = None) -> None:
        end = min(place for place in (data.find(b"\r"), data.find(b"\n"), len(data)) if place >= 0)
        header = data[3:end].decode("latin-1")
        fields = header[1:].split(header[:1] or "|")
        encoding = fields[0]
        names = tuple(fields[16].split(encoding[1:2] or _NONE)) if len(fields) >= _CHARSET_FIELD and fields[16] else ()
        decoded = decode(data, names, charset)
        self.data, self.charset = data, decoded.codec
        self.text = decoded.text.replace("\0", " ") if "\0" in decoded.text else decoded.text
        self.syntax = syntax = _syntax(header[:1] or "|", encoding, decoded.codec)
        self.segments = [Segment(line, syntax) for line in _lines(self.text, syntax.field)]
        self.warnings: tuple[Problem, ...] = ()
        if decoded.trouble:
            self.warnings = (Problem(kind="charset", source="MSH-18", message=decoded.trouble),)
        self._first: dict[str, Segment] = {}

    def __repr__(self) -> str:
        """Say how large it is, never what is in it."""
        return f"Message({len(self.segments)} segments)"

    def segment(self, name: str, place: int = 1) -> Segment | None:
        """Return the *place*-th segment of that name, from 1; None when there is none."""
        if place != 1:
            return next((found for at, found in enumerate(self.all(name), 1) if at == place), None)
        if not self._first:
            self._first = {segment.id: segment for segment in reversed(self.segments)}
        return self._first.get(name)

    def all(self, name: str) -> Iterable[Segment]:
        """Return the segments of that name, in order."""
        return (segment for segment in self.segments if segment.id == name)

    def field(self, path: str) -> str | None:
        """Return the decoded text at *path*, of one component or of the whole field; None when it has no value to use."""
        name, place, field, repetition, component, subcomponent = _path(path)
        segment = self.segment(name, place)
        if segment is None:
            return None
        if repetition == 1 and component and subcomponent == 0:
            return segment.text(field, component, whole=True) or None
        raw = segment.raw(field)
        if not raw or raw == NULL:
            return None
        syntax = self.syntax
        parts = raw.split(syntax.repetition)
        raw = parts[repetition - 1] if repetition <= len(parts) else ""
        if component:
            return part(raw, syntax, component, subcomponent or 1, whole=not subcomponent) or None
        return joined(raw, syntax) or None

    def raw(self, path: str) -> str | None:
        """Return the text at *path* as it was sent: None absent, "" empty, '""' an explicit null."""
        name, place, field, repetition, component, subcomponent = _path(path)
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
        name, place, field, *_ = _path(path)
        segment = self.segment(name, place)
        if segment is None or segment.raw(field) is None:
            return None
        at = 0
        for one in self.segments:
            start = self.text.find(one.line.partition("\n")[0], at)
            if one is segment:
                start += _offset(one, field)
                return start, start + len(one.fields[field])
            at = start + len(one.line)
        return None


def _offset(segment: Segment, field: int) -> int:
    """Return how far into its segment a field begins."""
    if field == 0:
        return 0
    if segment.id in _HEADERS:  # field 1 is the separator itself, and nothing divides it from field 2
        return _ID_LENGTH if field == 1 else _ID_LENGTH + 1 + sum(len(text) + 1 for text in segment.fields[2:field])
    return len(segment.id) + 1 + sum(len(text) + 1 for text in segment.fields[1:field])


def joined(repetition: str, syntax: Syntax, keep: Callable[[str], str] = str.strip) -> str:
    """Return a raw repetition as text with `^` between its components, whatever the message divides them with."""
    if syntax.component not in repetition:
        return part(repetition, syntax, 1, whole=True)
    parts = [keep(syntax.unescape(one)) for one in repetition.split(syntax.component)]
    return "^".join("" if one == NULL else one for one in parts).rstrip("^")


@lru_cache(maxsize=64)
def _syntax(separator: str, encoding: str, codec: str) -> Syntax:
    return Syntax(separator, encoding, codec)


_PATH: Final = re.compile(
    r"([A-Z][A-Z0-9]{2})(?:\[(\d+)\])?-(\d+)(?:\[(\d+)\])?(?:\.(\d+))?(?:\.(\d+))?\Z"
)


@lru_cache(maxsize=1024)
def _path(path: str) -> tuple[str, int, int, int, int, int]:
    """Return (segment, its place, field, repetition, component, sub-component); the last two are 0 when not named."""
    match = _PATH.match(path)
    if match is None:
        raise ValueError(f"`{path}` is no HL7 path: write OBR-4.2, OBX[3]-5 or PID-3[2].1")
    name, place, field, repetition, component, subcomponent = match.groups()
    return name, int(place or 1), int(field), int(repetition or 1), int(component or 0), int(subcomponent or 0)


def _lines(text: str, separator: str) -> list[str]:
    """Return the lines of the segments. CR ends a segment; LF only where there is no CR, or before a known segment."""
    has_feeds = "\n" in text
    if has_feeds and "\r" not in text:
        lines = text.split("\n")
    else:
        lines = text.split("\r")
        if has_feeds:
            lines = [piece for line in lines for piece in _at_known(line.strip("\n"), separator)]
    for line in lines:
        if line[_ID_LENGTH : _ID_LENGTH + 1] != separator or not line[:_ID_LENGTH].isupper():
            return _mended(lines, separator)
    return lines


def _at_known(line: str, separator: str) -> list[str]:
    """Return a line cut at each line feed after which a known segment begins."""
    if "\n" not in line:
        return [line]
    pieces: list[list[str]] = []
    for piece in line.split("\n"):
        name = piece[:_ID_LENGTH]
        begins = piece[_ID_LENGTH : _ID_LENGTH + 1] == separator and (name in _KNOWN or _is_local(name))
        if begins or not pieces:
            pieces.append([piece])
        else:
            pieces[-1].append(piece)
    return ["\n".join(piece) for piece in pieces]


def _is_local(name: str) -> bool:
    return name[:1] == "Z" and name.isalnum() and name.isupper()


def _mended(lines: list[str], separator: str) -> list[str]:
    """Return the lines without blank ones, and with a line that begins no segment put back to the one before it."""
    mended: list[list[str]] = []
    for line in lines:
        bare = line.lstrip(" \t\ufeff")
        name = bare[:_ID_LENGTH]
        begins = name.isalnum() and name.isupper() and len(name) == _ID_LENGTH
        if begins and (len(bare) == _ID_LENGTH or bare[_ID_LENGTH] == separator):
            mended.append([bare])
        elif line.strip() and mended:
            mended[-1].append(line)
    return ["\n".join(pieces) for pieces in mended]

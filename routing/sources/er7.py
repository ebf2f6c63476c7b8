"""ER7: one HL7 v2 message as segments, fields, repetitions, components and sub-components, read when asked for.

    message = Message(frame.data)
    message.field("OBR-4.2")        the decoded text, or None when there is none to use
    message.raw("PID-7")            the text as sent: None absent, "" empty, '""' an explicit null

Separators come from the message's own MSH. A path is `SEG-field.component.sub`, with the n-th segment of that name as
`OBX[3]-5` and the n-th repetition of a field as `PID-3[2].1`; all count from 1. Nothing raises on one field, unknown
escapes are kept, and no value is ever part of a problem's words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from routing.decision import Problem
from routing.sources.charsets import codec_for_ascii, decode
from routing.sources.er7_syntax import NONE, NULL, Syntax, syntax_of

_ID_LENGTH: Final = 3
_HEADERS: Final = frozenset({"MSH", "BHS", "FHS"})
_HEADER_LIMIT: Final = 65_536  # no MSH is longer
_CHARSET_FIELD: Final = 17  # MSH-18, where MSH-1 is the separator itself
# segments that a line feed may begin in a message whose segments end with CR (HL7 v2.8, and Z segments)
_KNOWN: Final = frozenset(
    """
    KNO ABS ACC ADD ADJ AFF AIG AIL AIP AIS AL1 APR ARQ ARV AUT BHS BLC BLG BPO BPX BTS BTX BUI CDM CDO CER CM0 CM1
    CM2 CNS CON CSP CSR CSS CTD CTI CTR DB1 DEV DG1 DMI DON DPS DRG DSC DSP DST ECD ECR EDU EQP EQU ERR EVN FAC FHS
    FT1 FTS GOL GP1 GP2 GT1 IAM IAR IIM ILT IN1 IN2 IN3 INV IPC IPR ISD ITM IVC IVT LAN LCC LCH LDP LOC LRL MFA MFE
    MFI MRG MSA MSH NCK NDS NK1 NPU NSC NST NTE OBR OBX ODS ODT OH1 OH2 OH3 OH4 OM1 OM2 OM3 OM4 OM5 OM6 OM7 OMC ORC
    ORG OVR PAC PCE PCR PD1 PDA PDC PEO PES PID PKG PM1 PMT PR1 PRA PRB PRC PRD PRT PSG PSH PSL PSS PTH PV1 PV2 PYE
    QAK QID QPD QRD QRF QRI RCP RDF RDT REL RF1 RFI RGS RMI ROL RQ1 RQD RXA RXC RXD RXE RXG RXO RXR RXV SAC SCD SCH
    SCP SDD SFT SGH SGT SHP SID SLT SPM STF STZ TCC TCD TQ1 TQ2 TXA UAC UB1 UB2 URD URS VAR VND
    """.split()  # noqa: SIM905 - two hundred words read better as words
)
_ESCAPE: Final = 0x1B  # begins a switch of character sets


class Segment:
    """One segment. Its raw `fields` count as in HL7, the first is the name: in MSH, field 1 is the separator."""

    __slots__ = ("fields", "id", "line", "syntax")

    def __init__(self, line: str, syntax: Syntax) -> None:
        self.line, self.syntax = line, syntax
        self.id = name = line[:3]
        self.fields = line.split(syntax.field)
        if name in _HEADERS:
            self.fields.insert(1, syntax.field)

    def __repr__(self) -> str:
        """Name the segment, never what is in it: a repr ends in logs."""
        return f"Segment({self.id})"

    def raw(self, field: int) -> str | None:
        """Return the field as it was sent, with all its repetitions; None when the segment ends before it."""
        fields = self.fields
        return fields[field] if field < len(fields) else None

    def wide(self, count: int) -> list[str]:
        """Return the raw fields, at least *count* of them and the name: one that is absent is empty."""
        fields = self.fields
        short = count + 1 - len(fields)
        return fields + [""] * short if short > 0 else fields

    def first(self, field: int) -> str:
        """Return the raw first repetition of a field; "" when it is absent, empty or an explicit null."""
        fields = self.fields
        raw = fields[field] if field < len(fields) else ""
        if not raw or raw == NULL:
            return ""
        repetition = self.syntax.repetition
        return raw.partition(repetition)[0] if repetition in raw else raw

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
        raw = self.first(field)
        return part(raw, self.syntax, component, whole=whole) if raw else ""


def split_fields(line: str, separator: str) -> list[str]:
    """Return the fields of a segment, numbered as in HL7: in a header, field 1 is the separator itself."""
    fields = line.split(separator)
    if fields[0] in _HEADERS:
        fields.insert(1, separator)
    return fields


def part(repetition: str, syntax: Syntax, component: int, subcomponent: int = 1, *, whole: bool = False) -> str:
    """Return a component or sub-component of a raw repetition, decoded and trimmed; "" when there is none or null."""
    raw = repetition
    if syntax.component in raw:
        parts = raw.split(syntax.component)
        raw = parts[component - 1] if component <= len(parts) else ""
    elif component != 1:
        return ""
    if subcomponent != 1 or (syntax.subcomponent in raw and not whole):
        parts = raw.split(syntax.subcomponent)
        raw = parts[subcomponent - 1] if subcomponent <= len(parts) else ""
    if syntax.escape in raw:
        raw = syntax.unescape(raw)
    raw = raw.strip()
    return "" if raw == NULL else raw


class Message:
    """One message: `segments` in order, `text` all of it decoded, `warnings` of a character set that does not fit.

    *data* is one unframed message (`framing.split`), *charset* a name that counts when MSH-18 is empty, *is_plain* what
    the frame says of it.
    """

    __slots__ = ("_lines", "_segments", "charset", "data", "syntax", "text", "warnings")

    def __init__(self, data: bytes, charset: str | None = None, *, is_plain: bool = False) -> None:
        self.data = data
        self.warnings: tuple[Problem, ...] = ()
        if data.isascii() and _ESCAPE not in data:
            text = data.decode("ascii")
            separator, encoding, names = _header(text)
            self.syntax = _syntax_for_ascii(separator, encoding, names, charset)
            self.charset = self.syntax.codec
        else:
            separator, encoding, names = _header(data[:_HEADER_LIMIT].decode("latin-1"))
            text, self.charset, trouble = decode(data, _names(names, encoding), charset)
            if trouble:
                self.warnings = _doubt(trouble)
            self.syntax = syntax_of(separator, encoding, self.charset)
        self.text = text = text.replace("\0", " ") if "\0" in text else text
        self._lines: list[str] | None = None if is_plain else _lines(text, separator)
        self._segments: list[Segment] | None = None

    def __repr__(self) -> str:
        """Say how large it is, never what is in it."""
        return f"Message({len(self.lines)} segments)"

    @property
    def lines(self) -> list[str]:
        """The lines of the segments, in order."""
        if self._lines is None:
            self._lines = self.text.split("\r")
        return self._lines

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
        return next((found for at, found in enumerate(self.all(name), 1) if at == place), None)

    def all(self, name: str) -> Iterable[Segment]:
        """Return the segments of that name, in order."""
        return (segment for segment in self.segments if segment.id == name)

    def field(self, path: str) -> str | None:
        """Return the decoded text at *path*, a component or the whole field; None when it has no value to use."""
        return self.texts(path)[0]

    def texts(self, *paths: str) -> list[str | None]:
        """Return what `field` says of each path. Asking for several at once is quicker."""
        syntax, found = self.syntax, []
        escape, divides, repeats = syntax.escape, syntax.component, syntax.repetition
        segments, steps = _steps(paths)
        rows = [self._fields(*one) for one in segments]
        for row, field, repetition, component, subcomponent in steps:
            fields = rows[row]
            raw = fields[field] if field < len(fields) else ""
            if repetition != 1:
                parts = raw.split(repeats)
                raw = parts[repetition - 1] if repetition <= len(parts) else ""
            elif not raw or raw.isalnum():  # one component, and nothing that divides or escapes
                found.append(raw if raw and component <= 1 and subcomponent <= 1 else None)
                continue
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
            found.append(raw if raw and raw != NULL else None)
        return found

    def _fields(self, name: str, place: int, most: int) -> list[str]:
        """Return the first fields of the *place*-th segment of that name, *most* of them; none when there is none."""
        if self._lines is None and place == 1 and name not in _HEADERS:  # found without dividing all of the text
            text = self.text
            start = text.find(f"\r{name}") + 1
            if not start:
                return []
            end = text.find("\r", start)
            return (text[start:end] if end >= 0 else text[start:]).split(self.syntax.field, most + 1)
        if place == 1:
            line = next((line for line in self.lines if line[:3] == name), None)
            return split_fields(line, self.syntax.field) if line is not None else []
        segment = self.segment(name, place)
        return segment.fields if segment else []

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
        for line in self.lines:
            start = self.text.find(line.partition("\n")[0], at)
            if line is segment.line:
                start += _offset(segment, field)
                return start, start + len(segment.fields[field])
            at = start + len(line)
        return None


def _offset(segment: Segment, field: int) -> int:
    """Return how far into its segment a field begins."""
    if field == 0:
        return 0
    if segment.id in _HEADERS:  # field 1 is the separator itself, and nothing divides it from field 2
        return _ID_LENGTH if field == 1 else _ID_LENGTH + 1 + sum(len(text) + 1 for text in segment.fields[2:field])
    return len(segment.id) + 1 + sum(len(text) + 1 for text in segment.fields[1:field])


def joined(repetition: str, syntax: Syntax) -> str:
    """Return a raw repetition as text with `^` between its components, whatever the message divides them with."""
    if not (syntax.escape in repetition or NULL in repetition or " " in repetition):
        return repetition.replace(syntax.component, "^").rstrip("^")
    parts = [syntax.unescape(one).strip() for one in repetition.split(syntax.component)]
    return "^".join("" if one == NULL else one for one in parts).rstrip("^")


def _header(text: str) -> tuple[str, str, str]:
    """Return the separator, the encoding characters and MSH-18 as it was sent. *text* begins with the MSH segment."""
    end = text.find("\r")
    if end < 0 or text.find("\n", 0, end) >= 0:
        end = text.find("\n")
    separator = text[3:4] or "|"
    fields = (text[:end] if end >= 0 else text).split(separator)
    return (
        separator,
        fields[1] if len(fields) > 1 else "",
        fields[_CHARSET_FIELD] if len(fields) > _CHARSET_FIELD else "",
    )


@lru_cache(maxsize=256)
def _doubt(trouble: str) -> tuple[Problem, ...]:
    return (Problem(kind="charset", source="MSH-18", message=trouble),)


@lru_cache(maxsize=256)
def _names(field: str, encoding: str) -> tuple[str, ...]:
    """Return the character sets that MSH-18 names."""
    return tuple(field.split(encoding[1:2] or NONE)) if field else ()


@lru_cache(maxsize=256)
def _syntax_for_ascii(separator: str, encoding: str, names: str, charset: str | None) -> Syntax:
    return syntax_of(separator, encoding, codec_for_ascii(_names(names, encoding), charset))


_PATH: Final = re.compile(r"([A-Z][A-Z0-9]{2})(?:\[(\d+)\])?-(\d+)(?:\[(\d+)\])?(?:\.(\d+))?(?:\.(\d+))?\Z")


_PATHS: Final[dict[str, tuple[str, int, int, int, int, int]]] = {}  # those that were asked for, parsed
_PATHS_LIMIT: Final = 4096


_Segments = tuple[tuple[str, int, int], ...]  # name, place, and the last field that is asked for
_Steps = tuple[tuple[int, int, int, int, int], ...]  # which of them, field, repetition, component, sub-component


@lru_cache(maxsize=256)
def _steps(paths: tuple[str, ...]) -> tuple[_Segments, _Steps]:
    """Return the segments that paths lead into, each once, and where each path leads."""
    parsed = [_path(path) for path in paths]
    last: dict[tuple[str, int], int] = {}
    for name, place, field, *_ in parsed:
        last[name, place] = max(field, last.get((name, place), 0))
    rows = {where: row for row, where in enumerate(last)}
    steps = tuple((rows[name, place], field, rep, part_, sub) for name, place, field, rep, part_, sub in parsed)
    return tuple((*where, most) for where, most in last.items()), steps


def _path(path: str) -> tuple[str, int, int, int, int, int]:
    """Return (segment, its place, field, repetition, component, sub-component); the last two are 0 when not named."""
    if found := _PATHS.get(path):
        return found
    match = _PATH.match(path)
    if match is None:
        raise ValueError(f"`{path}` is no HL7 path: write OBR-4.2, OBX[3]-5 or PID-3[2].1")
    name, place, field, repetition, component, subcomponent = match.groups()
    parsed = name, int(place or 1), int(field), int(repetition or 1), int(component or 0), int(subcomponent or 0)
    if len(_PATHS) < _PATHS_LIMIT:
        _PATHS[path] = parsed
    return parsed


def _lines(text: str, separator: str) -> list[str]:
    """Return the lines of the segments. CR ends a segment; LF only where there is no CR, or before a known segment."""
    has_feeds = "\n" in text
    if not has_feeds and _well_formed(separator).fullmatch(text):
        return text.split("\r")
    if has_feeds and "\r" not in text:
        lines = text.split("\n")
    else:
        lines = text.split("\r")
        if has_feeds:
            lines = [piece for line in lines for piece in _at_known(line.strip("\n"), separator)]
    return _mended(lines, separator)


@lru_cache(maxsize=64)
def _well_formed(separator: str) -> re.Pattern[str]:
    """Return what a text is like that CR alone divides, with a segment's name at the head of each line."""
    segment = rf"[A-Z][A-Z0-9]{{2}}{re.escape(separator)}[^\r]*+"
    return re.compile(rf"{segment}(?:\r{segment})*+")


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

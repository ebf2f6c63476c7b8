"""Framing: where each HL7 v2 message in some bytes begins and ends. Every byte is accounted for.

Taken off: a byte order mark, MLLP's start and end bytes, the same marks written out as text (`[SOM]` … `[EOM]`,
`<SB>` … `<R>` … `<EB>`), FHS/BHS/BTS/FTS batch segments, blank lines and log lines between messages. What is left over
is a stretch that nobody can read, and is handed on as such. Line ends inside a message are its own and stay.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from enum import Enum
from functools import partial
from typing import Final, NamedTuple

from routing.decision import Problem


class FrameKind(Enum):
    """What a stretch of bytes is."""

    MESSAGE = "message"
    UNREADABLE = "unreadable"
    NOISE = "noise"  # log lines between messages; nobody sent them


class Frame(NamedTuple):
    """One stretch: the unframed bytes, and the offset in the input at which they begin. `reason` when unreadable.

    `end` is what ends each line of a message where that is certain (CR, LF or both), and that a segment's name begins
    each; empty where it is not.
    """

    kind: FrameKind
    data: bytes
    offset: int
    reason: str = ""
    warnings: tuple[Problem, ...] = ()
    end: str = ""


_frame: Final = partial(tuple.__new__, Frame)  # of all its parts: the same as by its call, in half of the time
_MESSAGE: Final = FrameKind.MESSAGE
_LF, _VT, _CR, _FS, _BF = 0x0A, 0x0B, 0x0D, 0x1C, 0xBF
_BLANK: Final = b" \t\r\n\0"
_TAIL: Final = _BLANK + b"\x0b\x1c"  # what may come after a message, be it half of a frame's end
# start mark, end mark and carriage return, as loggers write them out
_WRITTEN: Final = (
    (b"[SOM]", b"[EOM]", b"[CR]"),
    (b"<SB>", b"<EB>", b"<R>"),
    (b"<VT>", b"<FS>", b"<CR>"),
    (b"[VT]", b"[FS]", b"[CR]"),
    (b"<SOM>", b"<EOM>", b"<CR>"),
    (b"<0x0B>", b"<0x1C>", b"<0x0D>"),
)
_BYTES: Final = rb"(\x0b)|\x1c(?=[\r\n\x0b]|\Z)"
_MLLP: Final = re.compile(_BYTES)
# a header: MSH, a separator, up to seven encoding characters, the separator again
_HEADERS: Final = re.compile(
    rb"(?:MSH|FHS|BHS)(?=([!-/:-@\[-`{-~])[!-/:-@\[-`{-~]{0,7}?(?:\1|[\r\n]|\Z))|(?:BTS|FTS)(?=[!-/:-@\[-`{-~\r\n]|\Z)"
)
# a header, and segments that no wrapper interrupts, each begun by its name
_PLAIN: Final = re.compile(
    rb"MSH([!-/:-@\[-`{-~])[!-/:-@\[-`{-~]{0,7}?(?:\1|(?=\r)|\Z)[^\r]*+"
    rb"(?:\r(?:(?!MSH|BHS|BTS|FHS|FTS)[A-Z][A-Z0-9]{2}\1[^\r]*+|\Z))*+"
)
# the same where the marks are the usual ones, by what ends a line, in half of the time: where this is nowhere found,
# every line is a segment
_USUAL: Final = b"MSH|^~\\&|"
_NAMED: Final = rb"(?:[AC-EG-LN-Z][A-Z0-9][A-Z0-9]|[MBF](?!SH|HS|TS)[A-Z0-9][A-Z0-9])\|"
_ODD: Final = {
    "\r": re.compile(rb"\r(?!" + _NAMED + rb"|\Z)").search,
    "\n": re.compile(rb"\n(?!" + _NAMED + rb"|\Z)").search,
    "\r\n": re.compile(rb"\r(?!\n" + _NAMED + rb"|\n\Z)").search,
}
_ODD_FEED: Final = re.compile(rb"\n(?<!\r\n)").search  # beside it: in half of the time that counting both would take
_LINE_START: Final = re.compile(rb"(?:\A|[\r\n])[ \t\0]*(?:\xef\xbb\xbf)?\Z")
_LOG_LINE: Final = re.compile(
    rb"[ \t]*(?:[\[(]?\d{4}-\d\d-\d\d[T ]?|[\[(]?\d\d[:/.]\d\d[:/.]\d\d|\d{8}[T ]\d{6}"
    rb"|\[?(?:INFO|DEBUG|WARN|TRACE|ERROR)\b|[-=*#]{3,})[^\r\n]*\Z"
)
# what a logger writes before a message on the same line: a date and time, and no field separator but its own
_PREFIX: Final = re.compile(rb"[ \t]*[\[(]?(?:\d{4}-\d\d-\d\d|\d\d[:/.]\d\d[:/.]\d\d)[^\r\n^~\\&]*[\s|>:\])\"']\Z")
_LONGEST_PREFIX: Final = 200
_SEGMENT: Final = re.compile(rb"(?:\A|[\r\n])[ \t]*[A-Z][A-Z0-9]{2}[|^]")


def split(data: bytes) -> list[Frame]:
    """Return the stretches of *data* in order: each message, and each that holds none. Never empty, never raises.

    Linear in the size of *data*. A frame that was opened and never closed carries the warning `truncated`; a batch
    whose trailer counts other than what was found carries `batch_count` on its last message.
    """
    if end := segment_end(data):
        return [_frame((_MESSAGE, data.rstrip(_BLANK), 0, "", (), end))]
    if data.startswith(b"\x0b") and data.endswith(b"\x1c\r") and (end := segment_end(data[1:-2])):
        return [_frame((_MESSAGE, data[1:-2].rstrip(_BLANK), 1, "", (), end))]
    text, shift = _without_mark(data)
    frames = [
        frame
        for stretch, offset, framed, closed in _stretches(text)
        for frame in _frames(stretch, offset, framed=framed, closed=closed)
    ]
    if not any(frame.kind is not FrameKind.NOISE for frame in frames):
        reason = "nothing here but blanks or log lines" if data else "nothing here"
        return [Frame(kind=FrameKind.UNREADABLE, data=data, offset=0, reason=reason)]
    return [frame._replace(offset=frame.offset + shift) for frame in frames] if shift else frames


def segment_end(data: bytes) -> str:
    """Return what ends each segment where *data* is certainly one message with nothing around it; else nothing."""
    if _VT in data or _FS in data:
        return ""
    end = "\r"
    if _LF in data:
        if _BF in data and data.rstrip(_BLANK).endswith(b"\xef\xbb\xbf"):
            return ""  # the next message's mark
        end = "\r\n" if _CR in data else "\n"
        if end == "\r\n" and _ODD_FEED(data):
            return ""
    if data.startswith(_USUAL):
        return "" if _ODD[end](data) else end
    alike = data if end == "\r" else data.replace(end.encode(), b"\r")
    return end if _LF not in alike and _PLAIN.fullmatch(alike) else ""


def _without_mark(data: bytes) -> tuple[bytes, int]:
    """Return *data* as bytes of one-byte line ends (UTF-16 becomes UTF-8), without its mark, and the mark's length."""
    if data[:3] == b"\xef\xbb\xbf":
        return data[3:], 3
    for mark, codec in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if data[:2] == mark:
            return data[2:].decode(codec, "replace").encode(), 2
    for start, codec in ((b"M\0S\0H\0", "utf-16-le"), (b"\0M\0S\0H", "utf-16-be")):
        if data[:6] == start:
            return data.decode(codec, "replace").encode(), 0
    return data, 0


def _stretches(data: bytes) -> Iterator[tuple[bytes, int, bool, bool]]:
    """Yield (bytes, offset, framed, closed) for what stands inside and outside of frames, in order."""
    marks, carriage = _marks(data)
    if marks is None:
        yield data, 0, False, True
        return
    at, opened = 0, False
    for mark in marks.finditer(data):
        if opened or mark.start() > at:
            starts = mark.lastindex is not None
            yield _written(data[at : mark.start()], carriage), at, opened, not (opened and starts)
        at, opened = mark.end(), mark.lastindex is not None
    if opened or at < len(data):
        yield _written(data[at:], carriage), at, opened, not opened


def _marks(data: bytes) -> tuple[re.Pattern[bytes] | None, re.Pattern[bytes] | None]:
    """Return the marks that frame *data*, and the carriage returns written out in it; None where there are none."""
    used = [
        marks
        for marks in _WRITTEN
        if marks[0] in data and re.search(rb"(?:\A|[\r\n])[ \t]*" + re.escape(marks[0]), data)
    ]
    if not used:
        return (_MLLP, None) if b"\x0b" in data or b"\x1c" in data else (None, None)
    starts, ends, carriages = (b"|".join(re.escape(marks[place]) for marks in used) for place in range(3))
    opening = rb"(?:(?<=[\r\n])|\A)[ \t]*(" + starts + rb")(?:\r?\n)?"
    closing = rb"(?:" + ends + rb")(?:" + carriages + rb")?(?=[\r\n]|\Z)"
    carriage = re.compile(rb"(?:" + carriages + rb")(?:\r?\n|\r|\Z)")
    return re.compile(opening + b"|" + closing + b"|" + _BYTES), carriage


def _written(data: bytes, carriage: re.Pattern[bytes] | None) -> bytes:
    """Return *data* with carriage returns that were written out as text put back."""
    return carriage.sub(b"\r", data) if carriage is not None else data


def _frames(data: bytes, offset: int, *, framed: bool, closed: bool) -> list[Frame]:
    """Return the frames of one stretch: its messages, and what stands between them."""
    headers = [header for header in _HEADERS.finditer(data) if _starts_a_line(data, header.start())]
    if framed and not headers and data.strip(_BLANK):
        return [Frame(kind=FrameKind.UNREADABLE, data=data, offset=offset, reason="a frame with no message in it")]
    frames = _between(data[: headers[0].start()] if headers else data, offset)
    batch: list[int] = []  # the places, in `frames`, of the messages of the batch that is open
    last = -1
    wrappers = Counter[bytes]()
    for header, follower in zip(headers, [*headers[1:], None], strict=False):
        start, end = header.start(), follower.start() if follower else len(data)
        if header.group() == b"MSH":
            body, after = _trimmed(data[start:end], framed=framed and closed)
            last = len(frames)
            batch.append(last)
            frames.append(Frame(FrameKind.MESSAGE, _bare(body), offset + start))
            frames += _between(after, offset + start + len(body))
            continue
        line_end = _line_end(data, start, end)
        wrappers[header.group()] += 1
        if header.group() == b"BTS" and batch:
            frames[last] = _counted(frames[last], data[start:line_end], len(batch), "messages")
        elif header.group() == b"FTS" and last >= 0:
            batches = max(wrappers[b"BHS"], wrappers[b"BTS"], 1)
            frames[last] = _counted(frames[last], data[start:line_end], batches, "batches")
        batch = []
        frames += _between(data[line_end:end], offset + line_end)
    if not closed and frames and frames[-1].kind is FrameKind.MESSAGE:
        frames[-1] = frames[-1]._replace(warnings=(*frames[-1].warnings, _TRUNCATED))
    return frames


_TRUNCATED: Final = Problem(
    kind="truncated", source="frame", message="the frame was opened and never closed: the message may be cut short"
)


def _bare(data: bytes) -> bytes:
    """Return a message without the blanks, and the next one's byte order mark, that come after it."""
    return data.rstrip(_TAIL).removesuffix(b"\xef\xbb\xbf").rstrip(_TAIL)


def _starts_a_line(data: bytes, place: int) -> bool:
    """Whether a header begins a line, or what a logger wrote before it does."""
    if place == 0 or _LINE_START.search(data[max(0, place - 16) : place]) is not None:
        return True
    before = data[max(0, place - _LONGEST_PREFIX) : place]
    start = max(before.rfind(b"\r"), before.rfind(b"\n")) + 1
    return _PREFIX.match(before, start) is not None and (start > 0 or place <= _LONGEST_PREFIX)


def _counted(frame: Frame, trailer: bytes, found: int, what: str) -> Frame:
    """Return the last message, with a warning if a trailer (`BTS|2`, `FTS|1`) counts other than what was *found*."""
    said = re.match(rb"[BF]TS.[ \t]*(\d{1,9})", trailer)
    if said is None or int(said.group(1)) == found:
        return frame
    source = f"{trailer[:3].decode()}-1"
    wrong = Problem(kind="batch_count", source=source, message=f"says {int(said.group(1))} {what}, {found} were found")
    return frame._replace(warnings=(*frame.warnings, wrong))


def _line_end(data: bytes, start: int, end: int) -> int:
    ends = [place for place in (data.find(b"\r", start, end), data.find(b"\n", start, end)) if place >= 0]
    return min(ends) if ends else end


def _trimmed(data: bytes, *, framed: bool) -> tuple[bytes, bytes]:
    """Return a message's bytes and the log lines after it. In a frame that closes, everything is the message's own."""
    if framed or b"\n" not in data:
        return data, b""
    keep = len(data.rstrip(_BLANK))
    feed, carriage = data.rfind(b"\n", 0, keep), data.rfind(b"\r", 0, keep)
    while (start := max(feed, carriage) + 1) > 0:
        line = data[start:keep]
        if line.strip(_BLANK) and not _LOG_LINE.match(line):
            break
        keep = start - 1
        if feed == keep:  # only the one that was passed is looked for again: linear, whatever divides the lines
            feed = data.rfind(b"\n", 0, keep)
        else:
            carriage = data.rfind(b"\r", 0, keep)
    return data[:keep], data[keep:]


def _between(data: bytes, offset: int) -> list[Frame]:
    """Return what stands outside of messages: nothing for blanks, noise for log lines, else an unreadable stretch."""
    rest = data.strip(_BLANK)
    if not rest:
        return []  # blanks, and frames of nothing else, hold nothing that could be lost
    lines = [line for line in re.split(rb"[\r\n]+", rest) if line.strip(_BLANK)]
    kind = FrameKind.NOISE if all(_LOG_LINE.match(line) for line in lines) else FrameKind.UNREADABLE
    reason = "segments without a message header" if _SEGMENT.search(rest) else "no message header"
    return [Frame(kind=kind, data=rest, offset=offset + data.find(rest), reason=reason)]

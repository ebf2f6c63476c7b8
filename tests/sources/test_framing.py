"""Where messages begin and end, and what is left over."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.sources.framing import Frame, FrameKind, split
from tests.effort import calls
from tests.sources.messages import PID, header, message, obr, order

ONE = message(header(number="C1"), PID, "ORC|NW|PL1|FL1||SC", obr("A1")).rstrip(b"\r")
TWO = message(header(number="C2"), PID, "ORC|NW|PL2|FL2||SC", obr("A2")).rstrip(b"\r")


def messages(data: bytes) -> list[bytes]:
    return [frame.data for frame in split(data) if frame.kind is FrameKind.MESSAGE]


def left_over(data: bytes) -> list[Frame]:
    return [frame for frame in split(data) if frame.kind is FrameKind.UNREADABLE]


def with_feeds(one: bytes) -> bytes:
    return one.replace(b"\r", b"\n")


FRAMINGS = {
    "bare": b"\r".join,
    "a CR after each": lambda all_: b"".join(one + b"\r" for one in all_),
    "CR and LF after each": lambda all_: b"".join(one + b"\r\n" for one in all_),
    "blank lines between": b"\r\n\r\n".join,
    "MLLP": lambda all_: b"".join(b"\x0b" + one + b"\r\x1c\r" for one in all_),
    "MLLP, the end not on a line of its own": lambda all_: b"".join(b"\x0b" + one + b"\x1c\r" for one in all_),
    "MLLP with line feeds": lambda all_: b"".join(b"\x0b" + one + b"\x1c\r\n" for one in all_),
    "the start byte alone": lambda all_: b"".join(b"\x0b" + one + b"\r" for one in all_),
    "the end bytes alone": lambda all_: b"".join(one + b"\r\x1c\r" for one in all_),
    "a byte order mark": lambda all_: b"\xef\xbb\xbf" + b"\r".join(all_),
    "a byte order mark each": lambda all_: b"\r".join(b"\xef\xbb\xbf" + one for one in all_),
    "[SOM] [EOM]": lambda all_: b"\n".join(b"[SOM]" + one + b"[EOM][CR]" for one in all_),
    "<SB> <EB>": lambda all_: b"\n".join(b"<SB>\n" + one.replace(b"\r", b"<R>\n") + b"<R>\n<EB><R>\n" for one in all_),
    "a log": lambda all_: b"\n".join(b"2026-03-17 10:00:00.123|INFO|tcp\n" + one + b"\n" for one in all_),
    "a log with frames": lambda all_: b"\n".join(
        b"2026-03-17 10:00:00.123|INFO|tcp\n<SB>\n" + one.replace(b"\r", b"<R>\n") + b"<R>\n<EB><R>\n\r\n"
        for one in all_
    ),
    "a log on the same line": lambda all_: b"".join(
        b"2026-03-17 10:00:00.123 [tcp-4] INFO received: " + one + b"\r\n" for one in all_
    ),
    "a batch": lambda all_: b"\r".join(
        [b"FHS|^~\\&|RIS", b"BHS|^~\\&|RIS", *all_, b"BTS|%d" % len(all_), b"FTS|1", b""]
    ),
    "a batch without headers": lambda all_: b"\r".join([*all_, b"BTS|%d" % len(all_)]),
    "a batch without trailers": lambda all_: b"\r".join([b"BHS|^~\\&|RIS", *all_]),
    "a batch in MLLP": lambda all_: b"\x0b" + b"\r".join([b"BHS|^~\\&|RIS", *all_, b"BTS"]) + b"\r\x1c\r",
    "NUL at the end": lambda all_: b"\r".join(all_) + b"\r\0\0\0",
}


@pytest.mark.parametrize("name", FRAMINGS)
def test_every_framing_gives_the_same_messages(name: str) -> None:
    data = FRAMINGS[name]([ONE, TWO])

    assert messages(data) == [ONE, TWO]
    assert left_over(data) == []


@given(
    all_=st.lists(st.sampled_from([ONE, TWO]), min_size=1, max_size=5),
    first=st.sampled_from(sorted(FRAMINGS)),
)
def test_any_number_of_messages_in_any_framing(all_: list[bytes], first: str) -> None:
    assert messages(FRAMINGS[first](all_)) == all_


@pytest.mark.parametrize("name", ["bare", "MLLP", "a batch", "a log"])
def test_messages_divided_by_line_feeds_are_found_as_well(name: str) -> None:
    data = FRAMINGS[name]([with_feeds(ONE), with_feeds(TWO)])

    assert [one.rstrip() for one in messages(data)] == [with_feeds(ONE), with_feeds(TWO)]


def test_offsets_point_into_the_input() -> None:
    data = b"\xef\xbb\xbf2026-03-17 10:00:00 INFO\n" + ONE + b"\r\n\x0b" + TWO + b"\r\x1c\r"

    for frame in split(data):
        assert data[frame.offset :].startswith(frame.data[:40])


def test_junk_is_accounted_for_beside_its_neighbours() -> None:
    data = b"junk that nobody knows\r" + ONE + b"\r\x0bUnparseable\x1c\r" + TWO + b"\r"

    assert messages(data) == [ONE, TWO]
    assert [frame.data for frame in left_over(data)] == [b"junk that nobody knows", b"Unparseable"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\r\n",
        b"\x0b\x1c\r",
        b"<SB>\n<R>\n<EB>",
        b"2016-08-29 12:11:09|INFO|\n<SB>\n(.idx/.msg)<EB>\n",
        b"PID|1||5100\rOBR|1",
        b"MSHX",
        b"\x00\xff\xfe",
    ],
)
def test_what_holds_no_message_is_one_unreadable_stretch(data: bytes) -> None:
    (frame,) = left_over(data)

    assert messages(data) == []
    assert frame.reason


def test_a_batch_header_ends_the_message_before_it() -> None:
    """The rest of a message after a lost header is not glued to a stranger's."""
    data = b"\r".join([header().encode(), b"EVN|A04", b"BHS|^~\\&|RIS", PID.encode(), b"BTS|1"])

    assert messages(data) == [header().encode() + b"\rEVN|A04"]
    assert [frame.reason for frame in left_over(data)] == ["segments without a message header"]


def test_a_trailer_that_counts_otherwise_is_told_on_the_last_message() -> None:
    data = b"\r".join([b"BHS|^~\\&|RIS", ONE, TWO, b"BTS|3"])

    first, last = split(data)

    assert first.warnings == ()
    assert [warning.kind for warning in last.warnings] == ["batch_count"]


def test_a_file_trailer_that_counts_other_batches_is_told() -> None:
    data = b"\r".join([b"FHS|^~\\&|RIS", b"BHS|^~\\&|RIS", ONE, b"BTS|1", b"FTS|2"])

    (only,) = split(data)

    assert [(warning.kind, warning.source) for warning in only.warnings] == [("batch_count", "FTS-1")]


def test_a_frame_that_never_closes_is_told() -> None:
    first, last = split(b"\x0b" + ONE + b"\r\x0b" + TWO + b"\r\x1c\r")

    assert [warning.kind for warning in first.warnings] == ["truncated"]
    assert last.warnings == ()


def test_marks_inside_of_text_are_text() -> None:
    one = order("OBX|1|TX|X||the <EB> tag, [EOM] and MSH|x are text\nMSH is too").rstrip(b"\r")

    assert messages(one) == [one]
    assert messages(b"\x0b" + one + b"\x1c\r") == [one]


def test_utf_16_is_read() -> None:
    text = order(f4="C^CT Schädel^L").rstrip(b"\r")

    assert messages(b"\xff\xfe" + text.decode().encode("utf-16-le")) == [text]
    assert messages(text.decode().encode("utf-16-be")) == [text]


@pytest.mark.slow
@pytest.mark.timeout(60)
def test_sixteen_megabytes_are_framed_in_linear_time() -> None:
    """Four times the size is no more than four times the calls, whatever the framing."""
    for framing in ("bare", "MLLP", "[SOM] [EOM]", "CR and LF after each"):
        small = FRAMINGS[framing]([order(f"OBX|1|ED|X||^A^PDF^Base64^{'QUJD' * 250_000}")])
        large = FRAMINGS[framing]([order(f"OBX|1|ED|X||^A^PDF^Base64^{'QUJD' * 1_000_000}")])
        split(small)  # the first call compiles what finds these marks

        assert calls(split, large) < 5 * calls(split, small) + 1_000
        assert len(messages(large)) == 1

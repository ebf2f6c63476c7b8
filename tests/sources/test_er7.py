"""The segments, fields and escapes of one message."""

# ruff: noqa: RUF001 - letters that look alike are the point

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.sources.er7 import Message
from routing.sources.er7_segments import Segment
from routing.sources.er7_syntax import Syntax
from routing.sources.framing import split
from tests.sources.messages import PID, header, message, obr, order, texts

MARKS = st.lists(st.sampled_from("|^~\\&#!$%*+=?@_:;<>/"), min_size=5, max_size=5, unique=True)


def test_a_field_is_found_by_its_path() -> None:
    read = Message(message(header(), "PID|1||11^^^A^MR~22^^^B&1.2.3&ISO^NH||DOE^JO", "OBX|1", "OBX|2|TX|||text"))

    assert read.field("PID-3.1") == "11"
    assert read.field("PID-3[2].1") == "22"
    assert read.field("PID-3[2].4") == "B&1.2.3&ISO"
    assert read.field("PID-3[2].4.2") == "1.2.3"
    assert read.field("PID-5") == "DOE^JO"
    assert read.field("OBX[2]-5") == "text"
    assert read.field("MSH-1") == "|"
    assert read.field("MSH-3") == "RIS"
    assert read.field("MSH-9.2") == "O01"


@pytest.mark.parametrize("path", ["PID-9", "PID-3.9", "PID-3[2].1", "ZZZ-1", "OBX[3]-5", "PID-3.1.4"])
def test_what_is_not_there_is_none(path: str) -> None:
    assert Message(order()).field(path) is None


@pytest.mark.parametrize("path", ["PID", "PID.3", "pid-3", "PID-3[x]", "PID-", ""])
def test_a_path_that_is_none_is_the_callers_fault(path: str) -> None:
    with pytest.raises(ValueError, match="is no HL7 path"):
        Message(order()).field(path)


def test_absent_empty_and_null_are_told_apart() -> None:
    """HL7 v2 chapter 2: "" deletes, an empty field leaves alone."""
    read = Message(message(header(), 'PID|1||5100|||| ""|""|'))

    assert read.raw("PID-8") == '""'
    assert read.raw("PID-9") == ""
    assert read.raw("PID-10") is None
    assert read.raw("PID-3.2") is None
    assert read.field("PID-8") is None
    assert read.field("PID-7") is None


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        (r"Neck \T\ Chest", "Neck & Chest"),
        (r"3\S\rd \F\ 4\R\5 \E\ end", "3^rd | 4~5 \\ end"),
        (r"Pain\X0D\\X0A\here", "Pain\r\nhere"),
        (r"\X41424344\E", "ABCDE"),
        (r"a\.br\b\.sp2\c\.sk3\d", "a\nb\n\nc   d"),
        (r"\H\bold\N\ plain", "bold plain"),
        (r"unknown \Zab\ and \Q\ stay", r"unknown \Zab\ and \Q\ stay"),
        (r"a lone \ stays", "a lone \\ stays"),
        (r"\X4\ odd", r"\X4\ odd"),
        (r"\\T\\", r"\&\ ".strip()),
    ],
)
def test_escapes_are_resolved_and_unknown_ones_kept(sent: str, text: str) -> None:
    read = Message(message(header(), f"NTE|1||{sent}"))

    assert read.field("NTE-3.1") == text


def test_hex_escapes_are_bytes_of_the_messages_character_set() -> None:
    latin = Message(message(header(charset="8859/1"), "AIS|1|||OPERA\\XC7\\\\XC3\\O"))
    utf_8 = Message(message(header(), "AIS|1|||\\XC3\\\\X9C\\ber \\XE28093\\"))
    wrong = Message(message(header(), "AIS|1|||OPERA\\XC7\\O"))

    assert latin.field("AIS-4") == "OPERAÇÃO"
    assert utf_8.field("AIS-4") == "Über –"
    assert wrong.field("AIS-4") == "OPERAÇO"


@given(text=texts, marks=MARKS)
def test_escaping_then_reading_gives_the_text_back_whatever_the_delimiters(text: str, marks: list[str]) -> None:
    """DOMAIN I23: any text survives. Blanks at the ends are padding and are not part of it."""
    field, component, repetition, escape, sub = marks
    syntax = Syntax(field, component + repetition + escape + sub, "utf-8")
    line = field.join(["NTE", "1", "", syntax.escape_text(text)])

    segment = Segment(line, syntax)

    assert segment.text(3) == ("" if text.strip() == '""' else text.strip())
    assert len(segment.fields) == 4


@given(marks=MARKS)
def test_any_five_separators_divide_a_message(marks: list[str]) -> None:
    field, component, repetition, escape, sub = marks
    plain = order(f4="CNECH^CT Neck \\T\\ Chest^99NICIP").decode()
    swapped = plain.translate(str.maketrans("|^~\\&", "".join(marks)))

    read = Message(swapped.encode())

    assert read.field("OBR-4.2") == f"CT Neck {sub} Chest"
    assert read.field("PID-3.4") == "STO"
    assert read.raw("MSH-2") == component + repetition + escape + sub
    assert read.field("MSH-1") == field


def test_a_doubled_escape_character_in_msh_2_is_one() -> None:
    read = Message(message(header().replace("^~\\&", "^~\\\\&"), "PID|1||1&2^3"))

    assert read.field("PID-3.1.2") == "2"


def test_delimiters_that_msh_2_leaves_out_divide_nothing() -> None:
    read = Message(message(header().replace("^~\\&", "^"), "PID|1||1&2~3^\\T\\"))

    assert read.field("PID-3.1") == "1&2~3"
    assert read.field("PID-3.2") == "\\T\\"


def test_a_line_feed_is_a_character_where_cr_divides() -> None:
    read = Message(message(header(), "OBX|1|TX|X||Heart normal.\nORC not mentioned.\nPID wave seen.", "OBX|2|TX|||b"))

    assert [segment.id for segment in read.segments] == ["MSH", "OBX", "OBX"]
    assert read.field("OBX-5") == "Heart normal.\nORC not mentioned.\nPID wave seen."


def test_a_line_feed_before_a_known_or_local_segment_divides() -> None:
    read = Message(message(header(), f"{PID}\nPV1|1|E\nZPI|1|x\nBMI|27", obr()))

    assert [segment.id for segment in read.segments] == ["MSH", "PID", "PV1", "ZPI", "OBR"]


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", "\r\r", "\n\r", "\r\n\r\n"])
def test_every_line_end_gives_the_same_segments(end: str) -> None:
    read = Message(message(header(), PID, obr(), end=end).rstrip(b"\r\n"))

    assert [segment.line for segment in read.segments] == [header(), PID, obr()]


@pytest.mark.parametrize("ends", list(product((b"\r", b"\n", b"\r\n"), repeat=3)))
def test_lines_that_do_not_end_alike_are_each_a_segment(ends: tuple[bytes, ...]) -> None:
    """As many line feeds as carriage returns are no proof that each stands beside the other."""
    lines = (header().encode(), PID.encode(), b"PV1|1|E")
    data = b"".join(line + end for line, end in zip(lines, ends, strict=True))

    (frame,) = split(data)

    for message_ in (Message(frame.data, end=frame.end), Message(data)):
        assert [segment.id for segment in message_.segments] == ["MSH", "PID", "PV1"]


def test_a_line_without_a_segments_name_belongs_to_the_text_before_it() -> None:
    read = Message(message(header(), "OBX|1|TX|X||first line", "second | line", obr(), end="\n").rstrip())

    assert [segment.id for segment in read.segments] == ["MSH", "OBX", "OBR"]
    assert read.field("OBX-5") == "first line\nsecond"


def test_a_span_is_where_the_field_stands_in_the_text() -> None:
    read = Message(order("OBX|1|TX|A||one", "OBX|2|TX|A||two"))

    def stands(path: str) -> str:
        start, end = read.span(path) or (0, 0)
        return read.text[start:end]

    assert stands("OBR-4") == "CCHES^CT Chest^99NICIP"
    assert stands("OBX[2]-5") == "two"
    assert stands("MSH-1") == "|"
    assert stands("MSH-2") == "^~\\&"
    assert stands("MSH-10") == "C1"
    assert read.span("PID-40") is None
    assert read.span("ZZZ-1") is None


def test_nul_is_a_blank() -> None:
    assert Message(order().replace(b"EXAMPLE^ROBIN", b"EXAMPLE\0^ROBIN\0\0")).field("PID-5") == "EXAMPLE^ROBIN"


def test_no_value_stands_in_a_repr() -> None:
    read = Message(order())

    shown = repr(read) + repr(read.segments)

    assert "EXAMPLE" not in shown
    assert "5100" not in shown


def test_a_message_may_be_nothing_but_its_name() -> None:
    assert Message(b"MSH").field("MSH-9") is None
    assert Message(b"MSH|").field("MSH-3") is None
    assert Message(b"MSH|^~\\&").raw("MSH-2") == "^~\\&"

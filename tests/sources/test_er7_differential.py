"""Three other readers against ours, where they are right: a careful one of our own, python-hl7 and hl7kit."""

from __future__ import annotations

import hl7
import hl7kit
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from routing.sources.er7 import Message
from routing.sources.framing import split
from routing.sources.hl7 import read_hl7
from tests.sources.careful import Careful
from tests.sources.messages import PID, header, message, obr

ENDS = ("\r", "\n", "\r\n")
NAMES = ("PID", "PV1", "OBR", "OBX", "ZDS", "NTE")
MARKS = st.lists(st.sampled_from("|^~\\&#!$%*+=?@:;<>/"), min_size=5, max_size=5, unique=True)
word = st.sampled_from(["A1", "CT Head", "", "", '""', "ÖZ", "1.2.840", " padded ", "Müller", "x\0", "é", "№ 5", "0"])
escaped = st.sampled_from(["", "\\T\\", "\\S\\", "\\F\\", "\\E\\", "\\R\\", "\\.br\\", "\\Zx\\", "\\"])
bit = st.builds("{}{}{}".format, word, escaped, word)
component = st.lists(bit, min_size=1, max_size=2).map("&".join)
repetition = st.lists(component, min_size=1, max_size=4).map("^".join)
field = st.lists(repetition, min_size=1, max_size=2).map("~".join) | word
segment = st.builds(lambda name, fields: "|".join([name, *fields]), st.sampled_from(NAMES), st.lists(field, max_size=6))
segments = st.lists(segment, min_size=1, max_size=6)
place = st.tuples(
    st.sampled_from((*NAMES, "MSH")),
    st.integers(1, 2),
    st.integers(0, 7),
    st.integers(1, 2),
    st.integers(0, 4),
    st.integers(0, 2),
)


def path_of(where: tuple[str, int, int, int, int, int]) -> str:
    name, number, at, repeated, part, sub = where
    path = f"{name}[{number}]-{at}" if number > 1 else f"{name}-{at}"
    path += f"[{repeated}]" if repeated > 1 else ""
    return path + (f".{part}" if part else "") + (f".{sub}" if part and sub else "")


@settings(max_examples=400)
@example(body=["PV1|A1^ x \\R\\~A1"], end="\r", places=[("PV1", 1, 1, 1, 0, 0)], marks=["|", "~", "^", "\\", "&"])
@given(
    body=segments, end=st.sampled_from(ENDS), places=st.lists(place, min_size=1, max_size=9), marks=MARKS | st.none()
)
def test_any_texts_of_any_message_are_what_a_careful_reader_reads(
    body: list[str], end: str, places: list[tuple[str, int, int, int, int, int]], marks: list[str] | None
) -> None:
    text = end.join([header(), *body])
    if marks:
        text = text.translate(str.maketrans("|^~\\&", "".join(marks)))
    (frame,) = split(text.encode())  # blanks after the message are not of it
    careful = Careful(frame.data)
    places = [one for one in places if one[:1] != ("MSH",) or one[2] > 2]  # MSH-1 and 2 are marks, not text
    wanted = [careful.text(*one[:5], one[5] if one[4] else 0) for one in places]
    paths = [path_of(one) for one in places]

    for read in (Message(frame.data, end=frame.end), Message(frame.data, end=""), Message(frame.data)):
        assert read.texts(*paths) == wanted
        assert [read.field(path) for path in paths] == wanted
        assert [read.raw(path_of((*one[:3], 1, 0, 0))) for one in places] == [careful.raw(*one[:3]) for one in places]


@settings(max_examples=200)
@given(body=segments, end=st.sampled_from(ENDS))
def test_segments_fields_and_spans_are_those_of_hl7kit(body: list[str], end: str) -> None:
    """Where it is right: of the last field of a segment it leaves blanks out of the span."""
    plain = ["".join(letter for letter in one if "\0" < letter < "\x80").rstrip() for one in body]
    data = end.join([header(), *plain]).encode()
    theirs, ours = hl7kit.parse(data), Message(data)

    assert [one.id for one in ours.segments] == theirs.segments()
    for name in NAMES:
        for at in range(1, 7):
            path = f"{name}-{at}"
            span = theirs.span(path)
            if span is not None and data[slice(*span)].strip():
                assert ours.span(path) == span
                assert (ours.raw(path) or "").encode() == data[slice(*span)]


@settings(max_examples=200)
@given(body=segments)
def test_components_are_those_of_hl7kit(body: list[str]) -> None:
    """Where it is right: it keeps blanks and an explicit null, and reads an unknown escape otherwise."""
    data = "\r".join([header(), *body]).replace("\\Zx\\", "").replace("\0", "").encode()
    theirs, ours = hl7kit.parse(data), Message(data)

    for name in NAMES:
        for at in range(1, 7):
            for part in range(1, 5):
                path = f"{name}-{at}.{part}"
                raw = ours.raw(path) or ""
                if raw.count("\\") % 2 == 0:
                    said = (theirs.get(path) or "").strip()
                    assert (ours.field(path) or "") == ("" if said == '""' else said)


@settings(max_examples=100)
@given(body=segments)
def test_raw_fields_are_those_of_python_hl7(body: list[str]) -> None:
    """Where it is right: CR between segments, and no segment of its name alone."""
    data = "\r".join([header(), *(one.rstrip() for one in body if "|" in one)]).replace("\0", "").encode()
    theirs, ours = hl7.parse(data.decode()), Message(data)

    for name in NAMES:
        if name in (str(one[0][0]) for one in theirs):
            for at, one in enumerate(theirs.segment(name)[1:], 1):
                assert (ours.raw(f"{name}-{at}") or "") == str(one)


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize(
    "further",
    [["ZDS|1.2.3^RIS^Application^DICOM"], ["IPC||R1|1.2.3|S1|CT"], []],
)
def test_an_orders_numbers_are_those_of_hl7kit(further: list[str], end: str) -> None:
    data = message(header("OMI^O23"), PID, "ORC|NW|P1|F1||SC", obr("A1"), *further, end=end)
    theirs = hl7kit.parse(data).order()
    (told,) = read_hl7(data)[0].news

    assert theirs is not None
    assert told.keys.accession == theirs.accession_number
    assert told.keys.study_uid == (theirs.study_uid.value if theirs.study_uid else None)
    assert told.patient.number == theirs.patient_id

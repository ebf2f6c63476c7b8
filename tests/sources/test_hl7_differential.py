"""What an order says, against the same fields looked up one by one by a careful reader."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.attributes import Attributes
from routing.decision import Problem
from routing.sources.er7_segments import fields_of, part
from routing.sources.er7_syntax import NULL, syntax_of
from routing.sources.hl7 import read_hl7
from routing.sources.hl7_values import components
from routing.sources.news import (
    Keys,
    News,
    NewsKind,
    OrderControl,
    Patient,
    Reading,
    keys_of_parts,
    news_of_order,
    patient_of_parts,
    reading_of_message,
)
from tests.sources.careful import Careful
from tests.sources.messages import header

SYNTAX = syntax_of("|", "^~\\&", "utf-8")
MARKS = st.lists(st.sampled_from("|^~\\&#!$%*+=?@:;<>/"), min_size=5, max_size=5, unique=True)
word = st.sampled_from(
    ["A1", "CT Head", "", "", NULL, "ÖZ", "1.2.840", " padded ", "S", "19700402", "\\T\\", "A\\S\\B"]
)
component = st.lists(word, min_size=1, max_size=2).map("&".join)
repetition = st.lists(component, min_size=1, max_size=6).map("^".join)
field = st.lists(repetition, min_size=1, max_size=2).map("~".join) | word
quantity = st.builds("{}^^^^^{}".format, word, word) | field
texts = st.fixed_dictionaries(
    {"PID-3": field, "PID-5": field, "PID-7": field, "ORC-2": field, "ORC-7": quantity, "OBR-2": field},
    optional={
        **dict.fromkeys(("OBR-5", "OBR-27", "TQ1-9"), quantity),
        **dict.fromkeys(("PID-2", "OBR-3", "OBR-13", "OBR-31", "ZDS-1", "NTE-3", "DG1-3", "DG1-4"), field),
    },
)


def sent(texts: dict[str, str]) -> str:
    """Return an order with these fields, its segments in the order of the standard; only those that are filled."""
    lines = [header()]
    for name in ("PID", "ORC", "TQ1", "OBR", "NTE", "DG1", "ZDS"):
        own = {int(path[4:]): text for path, text in texts.items() if path[:3] == name}
        own |= {"ORC": {1: "NW", 5: "SC"}, "OBR": {18: "STO26030101"}}.get(name, {})
        if own:
            lines.append("|".join([name, *(own.get(place, "") for place in range(1, max(own) + 1))]))
    return "".join(f"{line}\r" for line in lines)


def priority(message: Careful) -> tuple[str, str] | None:
    for name, field, component in (("TQ1", 9, 1), ("OBR", 27, 6), ("ORC", 7, 6), ("OBR", 5, 1)):
        raw = message.raw(name, 1, field) or ""
        if raw == NULL:
            return f"{name}-{field}", raw
        for place in range(1, raw.count(message.repetition) + 2 if component == 6 else 2):
            if said := message.text(name, 1, field, place, component, 1):
                return f"{name}-{field}" + (".6" if component == 6 else ""), said
    return None


def numbers(message: Careful, field: int) -> list[tuple[str, str | None]]:
    """Return the numbers of PID-3 or 2, each with its issuer: the namespace, else the universal id."""
    raw, found = message.raw("PID", 1, field) or "", []
    for place in range(1, raw.count(message.repetition) + 2):
        if number := message.text("PID", 1, field, place, 1, 1):
            said = [message.text("PID", 1, field, place, 4, sub) for sub in (1, 2)]
            found.append((number, said[0] or said[1]))
    return found


def reasons(message: Careful) -> list[str]:
    def whole(name: str, field: int, component: int, place: int = 1) -> str:
        return message.text(name, 1, field, place, component, 0) or ""

    repeated = (message.raw("OBR", 1, 31) or "").count(message.repetition) + 1
    found = [whole("OBR", 31, 2, place) or whole("OBR", 31, 1, place) for place in range(1, repeated + 1)]
    found.append(whole("OBR", 13, 1))
    found.append(whole("DG1", 4, 1) or whole("DG1", 3, 2))
    notes = (message.raw("NTE", 1, 3) or "").count(message.repetition) + 1
    found.append("\n".join(filter(None, (whole("NTE", 3, 1, place) for place in range(1, notes + 1)))))
    return list(dict.fromkeys(text for text in found if text))


@pytest.mark.slow
@settings(max_examples=300)
@given(said=texts, marks=MARKS | st.none())
def test_what_an_order_says_is_what_a_careful_reader_finds_in_its_fields(
    said: dict[str, str], marks: list[str] | None
) -> None:
    text = sent(said)
    if marks:
        text = text.translate(str.maketrans("|^~\\&", "".join(marks)))
    data = text.encode()
    careful = Careful(data)

    (news,) = read_hl7(data)[0].news

    got = {name: (value.value, value.source, value.raw) for name, value in news.attributes.items()}
    known = numbers(careful, 3) or numbers(careful, 2)
    patient = news.patient
    assert [(patient.number, patient.issuer), *patient.others] == ([(None, None)] if not known else _once(known))
    assert got.get("patient_id", (None,))[0] == patient.number
    family, first, middle, suffix, prefix = (careful.text("PID", 1, 5, 1, place, 1) or "" for place in range(1, 6))
    name = f"{family}^{first}^{middle}^{prefix}^{suffix}".rstrip("^")
    assert got.get("patient_name", (None,))[0] == ((name,) if name else None)
    assert got.get("birth_date", (None, None, NULL))[2] == (careful.text("PID", 1, 7, 1, 1, 1) or NULL)
    for field_, number in ((2, news.keys.placer_number), (3, news.keys.filler_number)):
        assert number == (careful.text("OBR", 1, field_, 1, 0, 0) or careful.text("ORC", 1, field_, 1, 0, 0))
    assert got.get("priority_requested", (None, None, None))[1:] == (priority(careful) or (None, None))
    assert news.keys.study_uid == careful.text("ZDS", 1, 1, 1, 1, 1)
    assert list(got.get("indication", ((),))[0] or ()) == reasons(careful)


def _once(known: list[tuple[str, str | None]]) -> list[tuple[str, str | None]]:
    """Return who is named, and the other names: none of these is the first again."""
    return [known[0], *(one for one in known[1:] if one != known[0])]


@given(line=st.text("A|^", max_size=12), count=st.integers(0, 20))
def test_fields_are_counted_and_those_that_are_absent_are_empty(line: str, count: int) -> None:
    fields = line.split("|")

    found = fields_of(line, "|", count)

    assert [found[place] for place in range(count + 1)] == (fields + [""] * count)[: count + 1]


@given(text=st.text("AÖ ^^^&\\\"'T-1\t", max_size=16), count=st.integers(1, 5))
def test_components_are_the_parts_of_a_repetition(text: str, count: int) -> None:
    assert components(text, SYNTAX, count) == [part(text, SYNTAX, place) for place in range(1, count + 1)]


@pytest.mark.parametrize("news", [(), Problem(kind="no_key", source="ORC", message="nothing is named")])
def test_a_record_of_parts_is_the_same_as_by_its_call(news: Problem | tuple[News, ...]) -> None:
    keys = Keys(accession="1", accession_issuer="A", study_uid="1.2", placer_number="P", filler_number="F")
    patient = Patient(number="1", issuer="A", others=(("2", None),))
    attributes, at = Attributes({}), datetime(2026, 3, 17, tzinfo=UTC)
    doubts = (Problem(kind="priority", source="OBR-5", message="unknown"),)
    made = News(
        kind=NewsKind.ORDER,
        keys=keys,
        patient=patient,
        attributes=attributes,
        said_at=at,
        control=OrderControl.CHANGE,
        warnings=doubts,
    )

    assert keys_of_parts("1", "A", "1.2", "P", "F") == keys
    assert patient_of_parts("1", "A", (("2", None),)) == patient
    assert news_of_order(keys, patient, attributes, at, OrderControl.CHANGE, doubts) == made
    assert reading_of_message("S", "1", "d", b"x", "ORM^O01", at, news, doubts) == Reading(
        kind="hl7",
        sender="S",
        message_id="1",
        digest="d",
        raw=b"x",
        message_type="ORM^O01",
        sent_at=at,
        news=() if isinstance(news, Problem) else news,
        refused=news if isinstance(news, Problem) else None,
        warnings=doubts,
    )

"""The short way of deciding about one input, beside the whole of joining: the same attributes, the same problems."""

from __future__ import annotations

import io
import random
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import Dataset, dcmread

from routing.attributes import ATTRIBUTES, Attributes, Duration, Missing, Type, Value
from routing.given import Known, known_of
from routing.sources.alone import attributes_alone
from routing.sources.dicom_charsets import quiet_pydicom
from routing.sources.dicom_dataset import dataset_elements
from routing.sources.dicom_elements import Memory, OpenFile
from routing.sources.dicom_scan import scan
from routing.sources.joining import Register
from routing.sources.news import Instance, Keys, News, NewsKind, OrderControl, Patient, Reading
from tests.sources.damage import MESSAGES, damage_message, damaged_object, objects

LONDON = ZoneInfo("Europe/London")
FIRST, LAST = datetime(2026, 3, 1), datetime(2026, 4, 1)  # noqa: DTZ001 - zones are drawn
INSTANTS = st.datetimes(FIRST, LAST).flatmap(
    lambda one: st.sampled_from([one, one.replace(tzinfo=UTC), one.replace(tzinfo=LONDON)])
)
CODES = ["CT", "MR", "PT", "L", "R", "B", "given", "none", "both", "completed", "cancelled", "a=b", "x, y"]
WORDS = st.sampled_from(CODES)
OF_TYPE: dict[Type, st.SearchStrategy[Any]] = {
    Type.CODE: WORDS,
    Type.CODES: st.lists(WORDS, max_size=4, unique=True).map(tuple),
    Type.TEXT: st.lists(WORDS, min_size=1, max_size=3, unique=True).map(tuple),
    Type.NUMBER: st.integers(0, 9),
    Type.WEEKS: st.integers(0, 40),
    Type.DURATION: st.builds(Duration, years=st.integers(0, 90)),
    Type.DATE: st.just(date(1970, 4, 2)),
    Type.INSTANT: INSTANTS | st.just(date(2026, 3, 17)),
    Type.YES_NO: st.booleans(),
}
SOURCES = ["OBR-4", "host", "StudyDescription", "SeriesDescription", "InstitutionName", "A, B", "A+B", "A, B, C", " A"]
NAMES = [*ATTRIBUTES, "own_fact"]
KEYS = st.sampled_from([None, "A1", "1.2.3", "P^X"])


@st.composite
def said_values(draw: st.DrawFn, name: str) -> Value:
    kind = ATTRIBUTES[name].type if name in ATTRIBUTES else Type.CODE
    missing = draw(st.sampled_from([None, None, None, *Missing]))
    value = None if missing else draw(OF_TYPE[kind])
    raw = draw(st.sampled_from([None, "", "CT", "CT\\MR", "L\\R", "x\\y\\z"]))
    return Value(value=value, source=draw(st.sampled_from(SOURCES)), raw=raw, missing=missing)


@st.composite
def some_news(draw: st.DrawFn) -> News:
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=12))
    values = {name: draw(said_values(name)) for name in names}
    if draw(st.booleans()):  # as readers give them that read many
        parts = {name: (one.value, one.source, one.raw, one.missing) for name, one in values.items()}
        attributes = Attributes.of_parts(dict(parts))
    else:
        attributes = Attributes(values)
    instance = Instance(
        series_uid="1.2", sop_uid=draw(KEYS), sop_class=None, modality=None, clinical=draw(st.booleans()), digest="d"
    )
    return News(
        kind=draw(st.sampled_from([NewsKind.ORDER, NewsKind.IMAGES])),
        keys=Keys(
            accession=draw(KEYS),
            accession_issuer=draw(st.sampled_from([None, "STO", ""])),
            study_uid=draw(KEYS),
            placer_number=draw(KEYS),
            filler_number=draw(KEYS),
        ),
        patient=Patient(
            number=draw(KEYS),
            issuer=draw(st.sampled_from([None, "STO"])),
            others=draw(st.sampled_from([(), (("77", None),)])),
        ),
        attributes=attributes,
        said_at=draw(st.none() | INSTANTS),
        control=draw(st.none() | st.sampled_from(OrderControl)),
        instance=draw(st.none() | st.just(instance)),
        images_present=draw(st.booleans()),
    )


@settings(max_examples=300)
@given(
    news=some_news(),
    at=st.datetimes(FIRST, LAST, timezones=st.sampled_from([UTC, LONDON])),
)
def test_one_piece_of_news_comes_to_what_joining_it_comes_to(news: News, at: datetime) -> None:
    """Every value with its provenance, and the order in which they stand."""
    alone = attributes_alone(news, at)

    if alone is None:
        assert news.keys.accession_issuer == "" or not (news.keys.accession or news.keys.study_uid)
        return
    register = Register(LONDON)
    change = register.told(Reading(kind="x", sender="", message_id="", digest="", raw=b"", news=(news,)), at)
    ((procedure, _),) = register.procedures()
    joined = procedure.attributes(LONDON)
    assert not change.problems
    assert dict(alone) == dict(joined)
    assert list(alone) == list(joined)
    assert alone.known == joined.known


def known_in_full(monkeypatch: pytest.MonkeyPatch, thing: Any, at: datetime) -> Known:
    """Return what is known by the whole of joining, with all the evidence."""
    with monkeypatch.context() as patched:
        patched.setattr("routing.sources.alone.attributes_alone", lambda *_: None)
        return known_of([thing], {}, at, LONDON)


def same(one: Known, other: Known) -> None:
    assert dict(one.attributes) == dict(other.attributes)
    assert one.problems == other.problems
    assert one.unread == other.unread


AT = datetime(2026, 3, 17, 16, tzinfo=UTC)


@settings(max_examples=100)
@given(seed=st.integers(0, 2**32))
def test_a_message_is_known_alike_either_way(seed: int) -> None:
    chance = random.Random(seed)
    data = chance.choice(MESSAGES)
    if seed % 4:
        data = damage_message(data, chance)

    with pytest.MonkeyPatch.context() as patched:
        same(known_of(data, {}, AT, LONDON), known_in_full(patched, data, AT))


def objects_like(seed: int) -> bytes:
    return damaged_object(seed, 0) if seed % 4 else objects()[seed // 4 % len(objects())]


@settings(max_examples=100)
@given(seed=st.integers(0, 2**32))
def test_the_bytes_of_an_object_are_known_alike_without_its_pixels(seed: int) -> None:
    data = objects_like(seed)

    with pytest.MonkeyPatch.context() as patched:
        same(known_of(data, {}, AT, LONDON), known_in_full(patched, data, AT))


@settings(max_examples=100)
@given(seed=st.integers(0, 2**32), touched=st.integers(0, 3))
def test_a_dataset_is_known_alike_whether_it_is_written_out_or_not(seed: int, touched: int) -> None:
    dataset = dataset_of(objects_like(seed), touched)
    if dataset is None:
        return
    held = dict(dataset._dict)

    with pytest.MonkeyPatch.context() as patched:
        same(known_of(dataset, {}, AT, LONDON), known_in_full(patched, dataset, AT))

    assert all(dataset._dict[tag] is one for tag, one in held.items()), "the dataset was changed"


def dataset_of(data: bytes, touched: int = 0) -> Dataset | None:
    """Return what pydicom reads, with so many elements no longer as they were read; None where it gives up."""
    try:
        with quiet_pydicom():
            dataset = dcmread(io.BytesIO(data), force=True)
            for tag in list(dataset.keys())[:touched]:
                dataset[tag]
    except Exception:  # noqa: BLE001 - of many kinds, for damaged objects
        return None
    return dataset


def test_a_dataset_as_it_was_read_is_not_written_out() -> None:
    """Else the test above would hold one way beside itself."""
    dataset = dataset_of(objects()[2])

    assert dataset is not None
    assert dataset_elements(dataset) is not None


@settings(max_examples=200)
@given(seed=st.integers(0, 2**32))
def test_an_object_in_memory_is_scanned_as_one_in_a_file(seed: int) -> None:
    """In memory most elements are found by a quicker way than in a file."""
    data = objects_like(seed)

    assert scan(Memory(data)) == scan(OpenFile(io.BytesIO(data)))

"""The bytes of DICOM objects: cut, mutated, deflated, nested; nothing is raised, and what is whole is read."""

from __future__ import annotations

import hashlib
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.sources.dicom import read_dicom
from routing.sources.dicom_elements import Form, Memory, items_in
from routing.sources.dicom_scan import MOST_VALUE, looks_like_dicom, scan, scan_path
from tests.sources.datasets import DAY, coded, dataset, explicit, file_of, items, kinds, values

SAMPLES = [
    file_of(
        dataset(RequestAttributesSequence=items({"AccessionNumber": "A1"}), ProcedureCodeSequence=items(coded("C")))
    ),
    file_of(dataset(PixelData=b"\0" * 64, BitsAllocated=8, Rows=8, Columns=8), implicit=True),
    (DAY / "studies" / "ct-cap" / "s1-i1.dcm").read_bytes(),
    explicit((0x00080005, "CS", b"ISO_IR 192"), (0x00080050, "SH", b"A1"), (0x0020000D, "UI", b"1.2.3.4\0")),
]
META = b"\0" * 128 + b"DICM"


def _deflated(made: bytes) -> bytes:
    """Return a file in the deflated transfer syntax."""
    uid = b"1.2.840.10008.1.2.1.99"
    meta = explicit((0x00020010, "UI", uid))
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return META + meta + packer.compress(made) + packer.flush()


PLAIN = explicit((0x00080050, "SH", b"A1"), (0x00081030, "LO", b"CT Chest"), (0x0020000D, "UI", b"1.2.3.4\0"))


@pytest.mark.slow
@pytest.mark.parametrize("sample", SAMPLES, ids=range(len(SAMPLES)))
def test_an_object_may_be_cut_anywhere(sample: bytes) -> None:
    """It is refused, or what was read up to the cut is what the whole says too, with a doubt."""
    whole = read_dicom(sample)

    for end in range(len(sample)):
        read = read_dicom(sample[:end])
        for one in read.news:
            known = values(one)
            assert known["study_uid"] == values(whole.news[0])["study_uid"]
            assert known.get("patient_name") in {None, values(whole.news[0]).get("patient_name")}
        assert read.refused is None or read.refused.kind in {"truncated", "not_dicom"}
        assert read_dicom(read.raw).news == read.news


def test_a_cut_inside_a_value_loses_that_value_and_tells() -> None:
    read = read_dicom(PLAIN + explicit((0x00400254, "LO", b"CT Chest with contrast"))[:-4])

    assert kinds(read) == ["no_preamble", "truncated"]
    assert values(read.news[0])["description"] == ("CT Chest",)


def test_nuls_after_the_last_element_are_padding() -> None:
    assert kinds(read_dicom(PLAIN + b"\0" * 7)) == ["no_preamble"]
    assert kinds(read_dicom(PLAIN + b"\0" * 4096)) == ["no_preamble"]


@pytest.mark.slow
@given(data=st.data())
@settings(max_examples=150)
def test_mutated_objects_are_read_or_refused_and_never_raise(data: st.DataObject) -> None:
    sample = bytearray(data.draw(st.sampled_from(SAMPLES)))
    for _ in range(data.draw(st.integers(1, 12))):
        place = data.draw(st.integers(0, len(sample) - 1))
        match data.draw(st.sampled_from(["set", "cut", "insert", "repeat"])):
            case "set":
                sample[place] = data.draw(st.integers(0, 255))
            case "cut":
                del sample[place : place + data.draw(st.integers(1, 9))]
            case "insert":
                sample[place:place] = data.draw(st.binary(max_size=9))
            case "repeat":
                sample[place:place] = sample[place : place + 40]
        if not sample:
            sample = bytearray(b"\0")

    read = read_dicom(bytes(sample))

    assert read.refused is None or read.refused.kind == "no_key" or not read.news
    again = read_dicom(read.raw)
    assert (again.news, again.warnings) == (read.news, read.warnings)


@given(st.binary(max_size=400))
@settings(max_examples=100)
def test_any_bytes_give_a_reading(data: bytes) -> None:
    for start in (b"", META, META + explicit((0x00020010, "UI", b"1.2.840.10008.1.2.1\0")), b"\x08\x00\x05\x00CS"):
        read = read_dicom(start + data)
        assert read.news or read.refused


def test_what_is_no_dicom_is_unreadable_with_its_own_digest() -> None:
    read = read_dicom(b"hello")

    assert read.refused is not None
    assert (read.kind, read.refused.kind, read.raw) == ("unreadable", "not_dicom", b"hello")
    assert read.digest == read.message_id == hashlib.sha256(b"hello").hexdigest()


@pytest.mark.parametrize(
    "data", [b"", b"MSH|^~\\&|", b"{}", b"GIF89a" * 100, b"\0" * 200, b"\x08\x00\xff\xff\xff\xff\xff\xff"]
)
def test_other_files_do_not_look_like_dicom(data: bytes) -> None:
    assert not looks_like_dicom(data)


def test_a_deflated_object_says_what_the_plain_one_says() -> None:
    plain, packed = read_dicom(PLAIN), read_dicom(_deflated(PLAIN))

    assert packed.news == plain.news
    assert packed.digest == plain.digest == hashlib.sha256(PLAIN).hexdigest()
    assert packed.warnings == ()
    assert read_dicom(packed.raw) == packed


def test_a_deflated_object_that_ends_early_is_truncated() -> None:
    read = read_dicom(_deflated(PLAIN * 40)[:-9])

    assert "truncated" in kinds(read)


def test_a_deflated_object_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("routing.sources.dicom_scan.MOST_INFLATED", 100_000)
    bomb = _deflated(PLAIN + explicit((0x7FE00010, "OB", b"\0" * 5_000_000)))

    read = read_dicom(bomb)

    assert kinds(read) == ["truncated"]
    assert read.news[0].keys.accession == "A1"


def test_big_endian_is_read_with_and_without_file_meta() -> None:
    def big(tag: int, vr: str, value: bytes) -> bytes:
        return tag.to_bytes(4, "big") + vr.encode() + len(value).to_bytes(2, "big") + value

    data = big(0x00080050, "SH", b"A1") + big(0x0020000D, "UI", b"1.2.3.4\0")
    meta = META + explicit((0x00020010, "UI", b"1.2.840.10008.1.2.2\0"))

    for made in (data, meta + data):
        read = read_dicom(made)
        assert (read.news[0].keys.accession, read.news[0].keys.study_uid) == ("A1", "1.2.3.4")
        assert read_dicom(read.raw) == read


@pytest.mark.parametrize("syntax", [b"1.2.840.10008.1.2\0", b"1.2.840.10008.1.2.2\0", b"1.2.3", b""])
def test_the_first_element_is_believed_before_a_wrong_transfer_syntax(syntax: bytes) -> None:
    meta = explicit((0x00020002, "UI", b"1.2"), *((0x00020010, "UI", syntax) for _ in [0] if syntax))

    read = read_dicom(META + meta + PLAIN)

    assert read.news[0].keys.accession == "A1"
    assert kinds(read) == ([] if syntax else ["file_meta"])


def _sequence(item: bytes, *, marked: bool) -> bytes:
    """Return a sequence of one item, with end marks or with lengths."""
    if marked:
        body = b"\xfe\xff\x00\xe0\xff\xff\xff\xff" + item + b"\xfe\xff\x0d\xe0\0\0\0\0" + b"\xfe\xff\xdd\xe0\0\0\0\0"
        return b"\x40\x00\x75\x02SQ\0\0\xff\xff\xff\xff" + body
    body = b"\xfe\xff\x00\xe0" + len(item).to_bytes(4, "little") + item
    return b"\x40\x00\x75\x02SQ\0\0" + len(body).to_bytes(4, "little") + body


@pytest.mark.parametrize("marked", [True, False])
def test_sequences_of_known_and_of_unknown_length_say_the_same(marked: bool) -> None:
    inner = _sequence(explicit((0x00400009, "SH", b"S1")), marked=marked)
    data = PLAIN + _sequence(explicit((0x00080050, "SH", b"A7")) + inner, marked=marked)

    found = read_dicom(data).news

    assert [one.keys.accession for one in found] == ["A1"]
    assert kinds(read_dicom(data)) == ["no_preamble", "accession"]


def test_sequences_may_be_nested_deeply_without_harm() -> None:
    nested = explicit((0x00400009, "SH", b"S1"))
    for _ in range(2000):
        nested = _sequence(nested, marked=True)

    read = read_dicom(PLAIN + nested)

    assert read.news[0].keys.accession == "A1"
    assert "truncated" in kinds(read)


def test_an_item_that_is_broken_keeps_what_is_whole_in_it() -> None:
    item = explicit((0x00080050, "SH", b"A7")) + b"\x40\x00\x09\x00SH\xff\x00"

    (found,) = items_in(b"\xfe\xff\x00\xe0" + len(item).to_bytes(4, "little") + item, Form(explicit=True, little=True))

    assert [kept.value for kept in found.values()] == [b"A7"]


def test_pixel_data_and_long_values_are_not_kept_and_the_digest_is_of_everything() -> None:
    long = explicit((0x00204000, "UT", b"x" * (MOST_VALUE + 2)), (0x7FE00010, "OW", b"\1" * 300_000))

    read = read_dicom(PLAIN + long)

    assert len(read.raw) < 2000
    assert read.digest == hashlib.sha256(PLAIN + long).hexdigest()
    assert read_dicom(read.raw) == read


def test_a_note_of_another_header_is_not_believed() -> None:
    """Whoever edits a stored object gets a new identity."""
    read = read_dicom(PLAIN)

    changed = read_dicom(read.raw.replace(b"CT Chest", b"CT Heads"))

    assert changed.digest != read.digest
    assert read_dicom(read.raw).digest == read.digest


def test_a_long_sequence_of_frames_is_read_and_kept() -> None:
    frame = _sequence(explicit((0x00080050, "SH", b"A7")), marked=False)[12:]
    body = frame * 4000
    data = PLAIN + b"\x40\x00\x75\x02SQ\0\0" + len(body).to_bytes(4, "little") + body

    read = read_dicom(data.replace(b"A1", b"A7"))

    assert read.news[0].keys.accession == "A7"
    assert len(read.raw) > len(body)


def test_a_file_is_read_without_its_pixels_in_memory(tmp_path: Path) -> None:
    file = tmp_path / "image.dcm"
    file.write_bytes(PLAIN + explicit((0x7FE00010, "OW", b"\1" * 3_000_000)))

    found = scan_path(file)

    assert found is not None
    assert found.digest == hashlib.sha256(file.read_bytes()).hexdigest()
    assert found == scan(Memory(file.read_bytes()))


@pytest.mark.parametrize("thing", [bytearray(PLAIN), memoryview(PLAIN)])
def test_any_kind_of_bytes_will_do(thing: Any) -> None:
    assert read_dicom(thing) == read_dicom(PLAIN)

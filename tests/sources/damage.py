"""Damaged inputs, each made again from a seed and a number: HL7 messages and DICOM headers that something happened to.

Numbers of a pool take the place of the accession numbers, patients and study UIDs of the samples, so that inputs meet.
"""

from __future__ import annotations

import random
import zlib
from functools import cache
from typing import Final

from tests.sources.datasets import CT, DAY, UID, coded, dataset, explicit, file_of, items
from tests.sources.messages import PID, header, message, obr, order, report

MESSAGES: Final = (
    order("ZDS|1.2.3^RIS^Application^DICOM"),
    message(header("OMI^O23"), PID, "ORC|NW|P|F||SC", "TQ1|1||||||||S", obr("A1"), "IPC|B^RIS|R|1.2|S|CT"),
    report("F", "OBX|1|ST|113014^DICOM Study^DCM||1.2.3||||||O", "OBX|2|TX|X||Normal \\T\\ clear.||||||F"),
    message(header("MDM^T02"), PID, "TXA|1|CN|TX|||||||||U1||P^E|F^R||AU", "OBX|1|TX|||55%||||||F"),
    message(header("ADT^A40"), PID, "MRG|77^^^STO"),
    message(header("ADT^A17"), PID, "PV1|1|I|W1^2^3", PID, "PV1|2|I|W2"),
    b"FHS|^~\\&|A\rBHS|^~\\&|A\r" + order() + order() + b"BTS|2\rFTS|1\r",
    b"\x0b" + order() + b"\x1c\r\x0b" + report() + b"\x1c\r",
    b"2026-03-17 10:00:00|INFO\n<SB>\n" + order().replace(b"\r", b"<R>\n") + b"<EB><R>\n",
    message(header(charset="8859/1"), PID.replace("EXAMPLE", "MÜLLER"), obr(), charset="latin-1"),
)
SEEDS_BESIDE: Final = (
    message(header("ORM^O01"), PID, "ORC|CA|PL1|FL1||CA", obr()),
    report("P"),
    report("C"),
    report("X", "OBX|1|TX|X||||||||W"),
    message(header("ADT^A08"), PID, "PV1|1|E|ED^1^2"),
    message(header("ADT^A24"), PID, PID.replace("5100", "77")),
    message(header("ADT^A37"), PID, PID.replace("5100", "77")),
    message(header("SIU^S12"), "SCH|1", PID, "PV1|1|O|CL"),
    message(header("ORM^O01"), PID, "ORC|NW|PL1|FL1||SC", obr(), "ORC|NW|PL2|FL2||SC", obr("STO26030102")),
)
PIECES: Final = (
    *(b"|", b"^", b"~", b"\\", b"&", b"\r", b"\n", b"\x0b", b"\x1c", b'""', b"MSH|^~\\&|", b"\\X", b"\0", b"\xff"),
    *(b"PID|", b"OBR|", b"ORC|CA", b"\\.br\\", b"99999999999999", b"20261332", b"\xef\xbb\xbf", b"\x1b$B", b"\rOBX|"),
)
_ODD: Final = (
    b"\xff\xff\xff\xff",
    b"SQ",
    b"UN",
    b"\0\0\0\0",
    b"\xfe\xff\x00\xe0",
    b"\xfe\xff\x0d\xe0",
    b"\\",
    b"\x1b$B",
)
_META: Final = b"\0" * 128 + b"DICM"


def damaged_message(seed: int, number: int, pool: int = 0) -> bytes:
    """Return a message, or several, with a few bytes changed; with *pool*, its keys are drawn from so many."""
    chance = random.Random(f"hl7 {seed} {number}")
    data = chance.choice((*MESSAGES, *SEEDS_BESIDE))
    if pool:
        data = _rekeyed_message(data, chance, pool)
    return damage_message(data, chance)


def damage_message(data: bytes, chance: random.Random) -> bytes:
    """Return *data* with a few bytes cut, doubled, swapped, or pieces that mean something put in."""
    made = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        place = chance.randrange(len(made) + 1)
        what = chance.randrange(5)
        if what == 0:
            del made[place : place + chance.randint(1, 20)]
        elif what == 1:
            made[place:place] = chance.choice(PIECES)
        elif what == 2:
            made[place:place] = made[place : place + chance.randint(1, 60)]
        elif what == 3 and place < len(made):
            made[place] = chance.randrange(256)
        else:
            other = chance.choice(MESSAGES)
            made[place:place] = other[: chance.randrange(len(other))]
    return bytes(made)


def damaged_object(seed: int, number: int, pool: int = 0) -> bytes:
    """Return a DICOM object with a few bytes of its header changed; with *pool*, its keys are drawn from so many."""
    chance = random.Random(f"dicom {seed} {number}")
    made = bytearray(chance.choice(objects()))
    if pool:
        made = bytearray(_rekeyed_object(bytes(made), chance, pool))
    for _ in range(chance.choice((0, 0, 1, 1, 2, 4) if pool else (1, 1, 2, 3, 6))):
        start = 132 if made[128:132] == b"DICM" and chance.random() < 0.9 else 0
        place = chance.randrange(start, len(made) + 1) if len(made) > start else 0
        what = chance.choice((0, 1, 2, 3, 3, 3, 3, 3, 4, 5))
        if what == 0:
            del made[place : place + chance.randint(1, 20)]
        elif what == 1:
            made[place:place] = chance.choice(_ODD)
        elif what == 2:
            made[place:place] = made[place : place + chance.randint(1, 60)]
        elif what == 3 and place < len(made):
            made[place] = chance.randrange(256)
        elif what == 4:
            odd = chance.choice(_ODD)
            made[place : place + len(odd)] = odd
        elif chance.random() < 0.2:
            del made[place:]
    return bytes(made)


@cache
def objects() -> tuple[bytes, ...]:
    """Return the sound objects: files and bare datasets of every encoding that is read."""
    asked = items({"AccessionNumber": "STO26030101", "RequestedProcedureID": "1"}, {"AccessionNumber": "STO26030102"})
    whole = dataset(
        AccessionNumber="STO26030101",
        RequestAttributesSequence=asked,
        ProcedureCodeSequence=items(coded("C1", "CT Chest")),
        AnatomicRegionSequence=items(coded("51185008", "Chest", "SCT")),
        PatientAge="055Y",
        SpecificCharacterSet="ISO_IR 100",
        PixelData=b"\0" * 16,
        BitsAllocated=8,
        Rows=4,
        Columns=4,
    )
    bare = explicit((0x00080050, "SH", b"STO26030101 "), (0x00100020, "LO", b"5100"), (0x0020000D, "UI", b"1.2.3.4\0"))
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    deflated = _META + explicit((0x00020010, "UI", b"1.2.840.10008.1.2.1.99")) + packer.compress(bare) + packer.flush()
    report_object = dataset(
        SOPClassUID="1.2.840.10008.5.1.4.1.1.88.11", Modality="SR", CompletionFlag="COMPLETE", SeriesNumber="9"
    )
    return (
        file_of(whole),
        file_of(whole, implicit=True),
        file_of(dataset(SOPClassUID=CT, PatientID="77")),
        file_of(report_object),
        (DAY / "studies" / "ct-cap" / "s1-i1.dcm").read_bytes(),
        bare,
        deflated,
    )


def _rekeyed_message(data: bytes, chance: random.Random, pool: int) -> bytes:
    place = chance.randrange(pool)
    for old, new in (
        (b"STO26030101", f"STO26{place:06}".encode()),
        (b"STO26030102", f"STO26{500_000 + place:06}".encode()),
        (b"|5100^", f"|{place}^".encode()),
        (b"|77^", f"|{1_000_000 + chance.randrange(pool * 20)}^".encode()),  # else merges make all patients one
        (b"|C1|", f"|C{chance.randrange(pool * 20)}|".encode()),
        (b"|A1^", f"|A{place}^".encode()),
        (b"|A1|", f"|A{place}|".encode()),
        (b"B^RIS|", f"B{place}^RIS|".encode()),
        (b"1.2.3^", f"1.2.3.{place}^".encode()),
        (b"|1.2.3|", f"|1.2.3.{place}|".encode()),
        (b"PL1", f"PL{place}".encode()),
        (b"FL1", f"FL{place}".encode()),
        (b"PL2", f"PL{pool + place}".encode()),
        (b"FL2", f"FL{pool + place}".encode()),
        (b"|U1|", f"|U{place}|".encode()),
        (b"|P^E|F^R|", f"|P{place}^E|F{place}^R|".encode()),
        (b"|P|F|", f"|P{place}|F{place}|".encode()),
        (b"|1.2|", f"|1.2.{place}|".encode()),
    ):
        data = data.replace(old, new)
    return data


def _rekeyed_object(data: bytes, chance: random.Random, pool: int) -> bytes:
    """Put other keys of the same length into an object, so that no length has to be told anew."""
    place = chance.randrange(pool)
    for old, new in (
        (b"STO26030101", f"STO26{place:06}".encode()),
        (b"STO26030102", f"STO26{500_000 + place:06}".encode()),
        (b"STO26000001", f"STO26{place:06}".encode()),
        (b"STO26000114", f"STO26{600_000 + place:06}".encode()),
        (b"STO26000115", f"STO26{700_000 + place:06}".encode()),
        (b"STO26000116", f"STO26{800_000 + place:06}".encode()),
        (b"1.2.826.0.1.3680043.10.9999", f"1.2.826.0.2.{3_680_000 + place:07}.10.{1000 + place % 9000}".encode()),
        (b"5100", f"{place % 10_000:04}".encode()),
        (UID.encode(), f"1.2.826.0.1.{3_680_000 + place:07}.10.{1000 + place % 9000}".encode()),
        (b"1.2.3.4\0", f"1.{1000 + place % 9000}\0\0".encode()),
    ):
        assert len(old) == len(new)
        data = data.replace(old, new)
    return data

"""Reports: ORU and MDM as news. Only what is plainly final may ever discharge anything."""

# ruff: noqa: DTZ001 - times without an offset are local to the sender, and are kept so

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from routing.attributes import Missing
from routing.sources.hl7_reports import says_something
from routing.sources.news import NewsKind, ReportStatus
from routing.sources.profiles import Profiles
from tests.sources.messages import PID, header, kinds, message, news, obr, reading, report, values


def obx(text: str, status: str = "F", *, kind: str = "TX", code: str = "X&GDT") -> str:
    return f"OBX|1|{kind}|{code}||{text}||||||{status}"


def told_report(data: bytes, profiles: Profiles | None = None):
    told = news(data, profiles)
    assert told.kind is NewsKind.REPORT
    assert told.report is not None
    return told.report


# the status


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("O", "none"),
        ("I", "none"),
        ("S", "none"),
        ("N", "none"),
        ("A", "preliminary"),
        ("P", "preliminary"),
        ("R", "preliminary"),
        ("M", "preliminary"),
        ("F", "final"),
        ("f", "final"),
        ("C", "corrected"),
        ("X", "cancelled"),
        ("Y", "none"),
        ("Z", "none"),
    ],
)
def test_obr_25_is_table_0123(word: str, status: str) -> None:
    assert told_report(report(word)).status.value == status
    assert told_report(report(word)).raw_status == word


@pytest.mark.parametrize("word", ["Wet Read", "Final", "FINAL", "Prelim", "FX", "1", "U", "V"])
def test_a_word_that_nobody_mapped_is_never_final(word: str) -> None:
    told = news(report(word))

    assert told.report is not None
    assert told.report.status is ReportStatus.UNKNOWN
    assert told.attributes["report_status"].value is None
    assert told.attributes["report_status"].missing is Missing.MALFORMED
    assert told.attributes["report_status"].raw == word
    assert kinds(told.warnings) == ["report_status"]


def test_a_profile_maps_a_senders_words() -> None:
    profiles = Profiles.loads(
        """
        [[sender]]
        sending_facility = "STO"
        report_status_words = { Prelim = "preliminary", Final = "final", "Wet Read" = "preliminary", F = "preliminary" }
        """
    )

    assert told_report(report("Final", obx("Normal.", "Final")), profiles).status is ReportStatus.FINAL
    assert told_report(report("prelim"), profiles).status is ReportStatus.PRELIMINARY
    assert told_report(report("wet read"), profiles).status is ReportStatus.PRELIMINARY
    assert told_report(report("F"), profiles).status is ReportStatus.PRELIMINARY


@pytest.mark.parametrize(
    ("word", "results", "status"),
    [
        ("F", ("F", "F"), "final"),
        ("F", ("F", ""), "final"),
        ("F", ("V",), "final"),
        ("F", ("U",), "final"),
        ("F", ("C",), "final"),
        ("C", ("C", "F"), "corrected"),
        ("F", ("F", "P"), "preliminary"),
        ("F", ("P",), "preliminary"),
        ("C", ("R",), "preliminary"),
        ("F", ("Wet Read",), "preliminary"),
        ("F", ("F", "W"), "withdrawn"),
        ("F", ("D", "D"), "withdrawn"),
        ("W", ("W",), "withdrawn"),
        ("UNHEARD", ("W", "F"), "withdrawn"),
        ("P", ("W",), "withdrawn"),
        ("A", ("D", "D"), "withdrawn"),
        ("P", ("D", "P"), "preliminary"),
        ("C", ("F", "D"), "corrected"),
        ("F", ("F", "B"), "addendum"),
        ("P", ("F",), "preliminary"),
        ("Wet Read", ("F",), "unknown"),
        ("X", ("X",), "cancelled"),
    ],
)
def test_results_may_weaken_the_status_but_never_strengthen_it(
    word: str, results: tuple[str, ...], status: str
) -> None:
    assert told_report(report(word, *(obx("Text.", one) for one in results))).status.value == status


@pytest.mark.parametrize(
    ("results", "status"),
    [
        (("F", "F"), "final"),
        (("P", "F"), "preliminary"),
        (("C",), "corrected"),
        (("W", "F"), "withdrawn"),
        (("F", "odd"), "unknown"),
        (("",), "unknown"),
        ((), "unknown"),
    ],
)
def test_without_obr_25_the_weakest_result_counts_and_is_told(results: tuple[str, ...], status: str) -> None:
    data = message(header("ORU^R01"), PID, obr("A1"), *(obx("Text.", one) for one in results))

    told = news(data)

    assert told.report is not None
    assert told.report.status.value == status
    assert kinds(told.warnings) == ["report_status"]


def test_the_pointer_to_the_study_has_no_say() -> None:
    told = news(report("F", obx("1.2.3.4", "O", kind="ST", code="113014^DICOM Study^DCM"), obx("Normal.")))

    assert told.report is not None
    assert told.report.status is ReportStatus.FINAL
    assert told.keys.study_uid == "1.2.3.4"
    assert told.attributes["study_uid"].source == "OBX-5"


@pytest.mark.parametrize(
    ("word", "attribute"),
    [("F", "final"), ("C", "corrected"), ("P", "preliminary"), ("X", "withdrawn"), ("N", None)],
)
def test_the_status_is_an_attribute_too(word: str, attribute: str | None) -> None:
    assert values(news(report(word)), "report_status") == {"report_status": attribute}


# which procedures


def test_each_obr_is_reported_by_its_own_status_and_all_share_the_text() -> None:
    first, second, third = reading(
        message(
            header("ORU^R01"),
            PID,
            "ORC|RE|PL1|FL1",
            obr("A1", f25="F"),
            obx("CT chest and abdomen: normal."),
            "ORC|RE|PL2|FL2",
            obr("A2", f2="PL2", f3="FL2", f25="F"),
            obr("A3", f2="PL3", f3="FL3", f25="P"),
        )
    ).news

    assert [one.keys.accession for one in (first, second, third)] == ["A1", "A2", "A3"]
    assert [one.report.status.value for one in (first, second, third)] == ["final", "final", "preliminary"]
    assert [one.report.has_text for one in (first, second, third)] == [True, True, True]
    assert first.report.digest == second.report.digest


def test_the_order_number_of_one_obr_never_names_another() -> None:
    """A second OBR without any number must not take the first one's ORC-3 for its accession."""
    read = reading(message(header("ORU^R01"), PID, "ORC|RE|PL1|FL1", obr("", f3="", f25="F"), obr("", f3="", f25="F")))

    assert read.refused is not None
    assert read.refused.kind == "no_key"


def test_two_patients_in_one_message_are_two() -> None:
    first, second = reading(
        message(
            header("ORU^R01"),
            PID,
            "PV1|1|E|ED",
            obr("A1", f25="F"),
            obx("Normal."),
            "PID|1||77^^^STO||OTHER^SAM",
            obr("A2", f25="F"),
            obx("Normal."),
        )
    ).news

    assert [(one.keys.accession, one.patient.number) for one in (first, second)] == [("A1", "5100"), ("A2", "77")]
    assert values(second, "patient_name", "location") == {"patient_name": ("OTHER^SAM",), "location": None}


def test_a_result_without_an_obr_is_refused() -> None:
    read = reading(message(header("ORU^R01"), PID, obx("Normal.")))

    assert read.refused is not None
    assert read.refused.kind == "no_key"


# when


@pytest.mark.parametrize(
    ("obr_22", "sent", "said"),
    [
        ("20260317113000", "20260317114000", datetime(2026, 3, 17, 11, 30)),
        ("", "20260317114000", datetime(2026, 3, 17, 11, 40)),
        ("20260317", "20260317114000", datetime(2026, 3, 17, 11, 40)),
        ("20260316", "20260317114000", datetime(2026, 3, 16)),
        ("nonsense", "20260317114000", datetime(2026, 3, 17, 11, 40)),
        ("20260317113000", "20260317114000+0100", datetime(2026, 3, 17, 11, 30, tzinfo=timezone(timedelta(hours=1)))),
        ("", "", None),
    ],
)
def test_a_report_is_as_old_as_obr_22_else_msh_7(obr_22: str, sent: str, said: datetime | None) -> None:
    data = message(header("ORU^R01", sent=sent), PID, obr(f22=obr_22, f25="F"), obx("Normal."))

    assert news(data).said_at == said


# the text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        '""',
        "Report to follow",
        "*** PENDING ***",
        "-",
        "...",
        "???",
        "FINDINGS:~IMPRESSION:",
        "EXAMINATION: CT Chest~INDICATION: cough~and fever~FINDINGS:~IMPRESSION: ???",
        "Dictated by: A Reader",
    ],
)
def test_a_blank_or_placeholder_text_is_no_report(text: str) -> None:
    assert not told_report(report("F", obx(text))).has_text


@pytest.mark.parametrize(
    "text",
    [
        "Normal.",
        "No fracture",
        "FINDINGS: clear",
        "INDICATION: cough~FINDINGS:~Lungs clear.",
        "EXAMINATION: CT~FINDINGS:~Clear.~SIGNED BY: A Reader",
        "5 < 10 & so on",
        "正常",
        "M2",
    ],
)
def test_a_text_is_a_text(text: str) -> None:
    assert told_report(report("F", obx(text))).has_text


def test_a_profile_names_a_senders_own_placeholders() -> None:
    profiles = Profiles.loads('[defaults]\nplaceholder_texts = ["Voice file attached."]')

    assert not told_report(report("F", obx("VOICE FILE ATTACHED")), profiles).has_text
    assert says_something("Voice file attached. Normal.", frozenset({"VOICE FILE ATTACHED."}))


def test_a_report_of_pointers_only_has_no_text() -> None:
    pointers = (
        obx("1.2.3.4", kind="ST", code="113014^DICOM Study^DCM"),
        obx("1.2.3.4.5", kind="ST", code="^SR Instance UID"),
        obx("7795083411^UK^ZB", kind="RP"),
        obx("^application^pdf^Base64^", kind="ED"),
    )

    assert not told_report(report("F", *pointers)).has_text


def test_an_embedded_document_is_a_text() -> None:
    assert told_report(report("F", obx("^application^pdf^Base64^JVBERi0xLjM=", kind="ED"))).has_text
    assert told_report(report("F", obx("https://pacs/report/1.pdf", kind="RP"))).has_text


def test_results_that_could_not_be_obtained_are_no_report() -> None:
    assert not told_report(report("F", obx("Not done, patient left", "X"))).has_text


def test_the_digest_tells_texts_apart_but_not_their_escapes() -> None:
    plain, escaped, other = (
        told_report(report("F", obx(text))).digest for text in ("Neck & Chest", "Neck \\T\\ Chest", "Neck")
    )
    assert plain != other
    assert escaped != other


def test_readers_are_numbers_else_names() -> None:
    assert told_report(report(f32="C77^REED^ALEX~C78&TWO&READER")).readers == ("C77", "C78")
    assert told_report(report(f32="&LOCHLEAR&JUDY")).readers == ("LOCHLEAR^JUDY",)
    assert told_report(report("F", "OBX|1|TX|X||Normal.||||||F|||||C9^BACH^J")).readers == ("C9",)


# documents


def mdm(*segments: str, event: str = "T02", txa_17: str = "AU", txa_19: str = "") -> bytes:
    txa = f"TXA|1|CN|TX|20260317||||||||UNIQ1^RIS||PL1^EPR|FL1^RIS||{txa_17}||{txa_19}"
    return message(header(f"MDM^{event}"), f"EVN|{event}", PID, *segments, txa, obx("LVEF 55%."))


@pytest.mark.parametrize(
    ("event", "txa_17", "txa_19", "status"),
    [
        ("T02", "AU", "", "final"),
        ("T02", "LA", "", "final"),
        ("T02", "DI", "", "preliminary"),
        ("T02", "IP", "", "preliminary"),
        ("T02", "PA", "", "preliminary"),
        ("T02", "QQ", "", "unknown"),
        ("T02", "", "", "unknown"),
        ("T02", "AU", "CA", "withdrawn"),
        ("T04", "AU", "", "final"),
        ("T06", "AU", "", "addendum"),
        ("T06", "DI", "", "preliminary"),
        ("T10", "AU", "", "corrected"),
        ("T11", "AU", "", "withdrawn"),
    ],
)
def test_a_documents_status_is_its_completion(event: str, txa_17: str, txa_19: str, status: str) -> None:
    assert told_report(mdm(event=event, txa_17=txa_17, txa_19=txa_19)).status.value == status


def test_a_document_names_its_order_in_txa() -> None:
    told = news(mdm())

    assert (told.keys.accession, told.keys.accession_issuer) == ("FL1", "RIS")
    assert (told.keys.placer_number, told.keys.filler_number) == ("PL1^EPR", "FL1^RIS")
    assert told.report is not None
    assert told.report.report_id == "UNIQ1"
    assert told.attributes["accession"].source == "TXA-15"


def test_a_document_with_orders_names_those() -> None:
    first, second = reading(mdm("ORC|SC|PL1|FL1", obr("A1"), "ORC|SC|PL2|FL2", obr("A2", f3="FL2"))).news

    assert [one.keys.accession for one in (first, second)] == ["A1", "A2"]
    assert [one.report.status.value for one in (first, second)] == ["final", "final"]
    assert [one.report.has_text for one in (first, second)] == [True, True]

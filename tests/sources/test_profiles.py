"""Sender profiles: what they hold, whom they fit, and what is said of one that is wrong."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest

from routing.errors import ProfileError, RoutingError
from routing.sources.profiles import Profile, Profiles
from routing.sources.read import read_path
from tests.sources.datasets import dataset, file_of
from tests.sources.messages import PID, header, message, news, obr, values

EVERYTHING = """
[defaults]
zone = "Europe/London"
priority_words = { URGENT = "HIGH" }
referrer_placeholders = "DEFAULT^DOCTOR"

[[sender]]
name = "north"
sending_facility = "NTH"
accession_from = "OBR-3"
accession_issuer = "NTH"
patient_authority = "NTH"
site_from = ["PV1-3.4"]
charset = "8859/1"
final_ends_one_read = true
priority_words = { soon = "MEDIUM" }
report_status_words = { Prelim = "preliminary", Final = "final" }
patient_classes = { DC = "outpatient" }
order_control_words = { ZC = "cancel" }
order_status_words = { K = "completed" }
placeholder_texts = ["voice file"]
referrer_specialties = { C2 = "Emergency medicine" }

[[sender]]
sending_facility = "NTH"
sending_application = "OLDRIS"
site = "NORTH-OLD"

[[sender]]
ae_title = "NTHCT1"
site = "NTH"
zone = "Europe/Paris"
"""


def test_a_sender_is_known_by_what_its_profile_names() -> None:
    profiles = Profiles.loads(EVERYTHING)

    assert profiles.find(facility="NTH").name == "north"
    assert profiles.find(facility=" nth ", application="RIS").name == "north"
    assert profiles.find(facility="NTH", application="OLDRIS").site == "NORTH-OLD"
    assert profiles.find(application="OLDRIS").name == "default"
    assert profiles.find(ae_title="NTHCT1").site == "NTH"
    assert profiles.find().name == "default"


def test_a_sender_has_the_defaults_and_adds_to_their_words() -> None:
    profiles = Profiles.loads(EVERYTHING)
    north = profiles.find(facility="NTH")

    assert north.priority_words == {"URGENT": "HIGH", "SOON": "MEDIUM"}
    assert north.report_status_words == {"PRELIM": "preliminary", "FINAL": "final"}
    assert str(north.zone) == "Europe/London"
    assert str(profiles.find(ae_title="NTHCT1").zone) == "Europe/Paris"
    assert north.referrer_placeholders == {"DEFAULT^DOCTOR"}
    assert north.accession_from == ("OBR-3",)
    assert north.final_ends_one_read
    assert not profiles.fallback.final_ends_one_read


def test_the_defaults_are_those_of_the_standard() -> None:
    assert Profiles.default().find(facility="ANY").accession_from == ("IPC-1", "OBR-18", "OBR-3", "ORC-3", "TXA-15")
    assert Profile().site_from == ("PV1-3.4", "MSH-4")


def test_profiles_are_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "senders.toml"
    file.write_text(EVERYTHING, encoding="utf-8")

    assert Profiles.load(file).find(facility="NTH").name == "north"


@pytest.mark.parametrize(
    ("text", "where", "problem", "help_text"),
    [
        ("[[sender]]\nsite = 1", "sender 1", "nothing says whose profile this is", "add one of sending_application"),
        ("[default]\n", "", "there is no setting `default`", "did you mean `defaults`?"),
        ('[defaults]\nsiet = "X"', "defaults", "there is no setting `siet`", "did you mean `site`?"),
        ("[defaults]\nsite = 3", "defaults.site", "a text in quotes is needed", 'write it as "STO"'),
        ('[defaults]\nzone = "Mars"', "defaults.zone", "there is no such time zone", "write an IANA name"),
        ('[defaults]\nzone = "../etc"', "defaults.zone", "there is no such time zone", "write an IANA name"),
        (
            '[defaults]\ncharset = "klingon"',
            "defaults.charset",
            "there is no such character set",
            "write it as in MSH-18",
        ),
        ('[defaults]\naccession_from = "OBR18"', "defaults.accession_from", "`OBR18` is no HL7 field", "write it as"),
        (
            '[defaults.priority_words]\nU = "URGENT"',
            "defaults.priority_words",
            "`URGENT` is no meaning here",
            "write one of STAT, HIGH, MEDIUM, ROUTINE",
        ),
        ('[defaults]\npriority_words = "U"', "defaults.priority_words", "a table of words is needed", "write {"),
        (
            '[defaults]\nreport_status_words = { F = "unknown" }',
            "defaults.report_status_words",
            "`unknown` is no",
            "write",
        ),
        ("[defaults]\nfinal_ends_one_read = 1", "defaults.final_ends_one_read", "yes or no is needed", "write true"),
        ("defaults = 1", "", "a profile is a table", "write [defaults] once"),
        ('sender = "x"', "", "a profile is a table", "write [defaults] once"),
        ("[defaults", "", "this is not TOML", ""),
    ],
)
def test_a_wrong_profile_says_what_where_and_how_to_mend_it(
    text: str, where: str, problem: str, help_text: str
) -> None:
    with pytest.raises(ProfileError) as raised:
        Profiles.loads(text, "senders.toml")

    error = raised.value
    assert isinstance(error, RoutingError)
    assert error.file == "senders.toml"
    assert error.where == where
    assert problem in error.problem
    assert error.help.startswith(help_text)
    assert str(error).startswith("senders.toml: ")
    assert pickle.loads(pickle.dumps(error)).where == where  # noqa: S301 - our own bytes


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="cannot be read"):
        Profiles.load(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes(b'[defaults]\nsite = "\xc4"')
    with pytest.raises(ProfileError, match="cannot be read"):
        Profiles.load(tmp_path / "latin.toml")


# a site's own words


def words(folder: Path, **tables: str) -> Path:
    folder.mkdir()
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def with_words(folder: Path) -> Profiles:
    words(
        folder / "words",
        patient_classes="word,class\nT,emergency\n",
        requested_priorities="word,priority\nQ,HIGH\n",
        body_parts="word,term\nNOGGIN,HEAD\n",
        sexes="word,sex\nQQ,F\n",
        modalities="code,kind,family\nXX,image,\nCT,companion,\n",
    )
    file = folder / "senders.toml"
    file.write_text('[defaults]\nvocabulary = "words"\n')
    return Profiles.load(file)


def test_a_sites_tables_take_the_place_of_the_shipped_ones_in_hl7(tmp_path: Path) -> None:
    profiles = with_words(tmp_path)
    data = message(
        header(),
        PID.replace("|F", "|QQ"),
        "PV1|1|T",
        "ORC|NW|PL1|FL1||SC||^^^^^Q",
        obr(f15="^^^NOGGIN", f24="XX"),
    )

    told = news(data, profiles)
    shipped = news(data)

    names = ("patient_class", "priority_requested", "sex", "body_part", "modality")
    assert values(told, *names) == {
        "patient_class": "emergency",
        "priority_requested": "HIGH",
        "sex": "F",
        "body_part": ("HEAD",),
        "modality": ("XX",),
    }
    assert values(shipped, *names) == dict.fromkeys(names)


def test_a_sites_tables_count_for_every_kind_of_file(tmp_path: Path) -> None:
    profiles = with_words(tmp_path)
    feed = tmp_path / "feed"
    feed.mkdir()
    (feed / "1.dcm").write_bytes(file_of(dataset(Modality="CT", BodyPartExamined="NOGGIN", PatientSex="QQ")))
    (feed / "2.json").write_text(json.dumps({"accession": "A1", "patient_class": "T", "body_part": "NOGGIN"}))
    (feed / "3.json").write_text(
        json.dumps(
            {
                "resourceType": "ServiceRequest",
                "status": "active",
                "intent": "order",
                "identifier": [{"type": {"coding": [{"code": "ACSN"}]}, "value": "A2"}],
                "bodySite": [{"text": "NOGGIN"}],
            }
        )
    )

    dicom, mapping, fhir = (reading.news[0] for _, reading in read_path(feed, profiles))

    assert values(dicom, "sex", "body_part", "companions") == {
        "sex": "F",
        "body_part": ("HEAD",),
        "companions": ("CT",),
    }
    assert values(mapping, "patient_class", "body_part") == {"patient_class": "emergency", "body_part": ("HEAD",)}
    assert values(fhir, "body_part") == {"body_part": ("HEAD",)}


def test_one_sender_may_have_words_of_its_own(tmp_path: Path) -> None:
    words(tmp_path / "north", patient_classes="word,class\nE,inpatient\n")
    profiles = Profiles.loads('[[sender]]\nsending_facility = "NTH"\nvocabulary = "north"\n', folder=tmp_path)
    data = message(header(), PID, "PV1|1|E", "ORC|NW|PL1|FL1||SC", obr())

    assert values(news(data.replace(b"|STO|", b"|NTH|", 1), profiles), "patient_class") == {
        "patient_class": "inpatient"
    }
    assert values(news(data, profiles), "patient_class") == {"patient_class": "emergency"}


def test_profiles_with_words_travel_to_another_process(tmp_path: Path) -> None:
    profiles = with_words(tmp_path)

    travelled = pickle.loads(pickle.dumps(profiles))  # noqa: S301 - our own

    assert travelled.fallback.vocabulary.patient_class("T") == "emergency"
    shipped = pickle.loads(pickle.dumps(Profiles.default()))  # noqa: S301 - our own
    assert shipped.fallback.vocabulary.patient_class("E") == "emergency"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("nothing", "", "no table in the folder"),
        ("body_part.csv", "word,term\n", "is no table"),
        ("body_parts.csv", "word,meaning\n", "lacks the column `term`"),
        ("body_parts.csv", b"word,term\n\xff,HEAD\n", "cannot be read as a table in UTF-8"),
    ],
)
def test_a_folder_of_words_that_cannot_be_used_is_refused_with_its_file(
    tmp_path: Path, name: str, text: str | bytes, said: str
) -> None:
    folder = words(tmp_path / "words")
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())

    with pytest.raises(ProfileError, match=said):
        Profiles.loads('[defaults]\nvocabulary = "words"\n', folder=tmp_path)

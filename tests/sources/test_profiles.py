"""Sender profiles: what they hold, whom they fit, and what is said of one that is wrong."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from routing.errors import ProfileError, RoutingError
from routing.sources.profiles import Profile, Profiles

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

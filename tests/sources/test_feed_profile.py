"""What a feed fills: rates and words by sender, a proposal that loads, and no identity in any of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from routing.cli import app
from routing.feed_profile import Feed, known_codes, profile_feed
from routing.feed_proposal import propose
from routing.rulebook import Rulebook
from routing.sources.profiles import _READERS as READERS
from routing.sources.profiles import Profiles
from tests.sources.datasets import dataset, file_of
from tests.sources.messages import header, message, obr, order, reading, report

PID = "PID|1||5100^^^STO^MR~900^^^NHS^NH||EXAMPLE^ROBIN||19700402|F"
BOOK = Path(__file__).parents[2] / "examples" / "city-hospitals" / "radiology.rules"


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    """Return a folder with two senders' messages and an image; some of it nobody mapped."""
    inputs = {
        "1.hl7": order(f27="^^^^^S"),
        "2.hl7": order(f5="PRONTO", f18="STO26030102"),
        "3.hl7": report("Wet Read"),
        "4.hl7": report("Final", f18="CHEST", f3="STO26030103"),
        "5.hl7": message(header(), PID, "ORC|NW|PL1|FL1||SC", obr("STO26030109", f4="QQ1^Something^99L")),
        "6.dcm": file_of(dataset(BodyPartExamined="Kneecap thing", InstitutionName="North")),
        "7.hl7": b"nothing that anybody reads",
    }
    for name, data in inputs.items():
        (tmp_path / name).write_bytes(data)
    return tmp_path


def by_sender(feed: Path) -> dict[str, Feed]:
    return {one.sender: one for one in profile_feed([feed])}


def test_every_input_is_counted_under_its_sender(feed: Path) -> None:
    feeds = by_sender(feed)

    assert {name: one.inputs for name, one in feeds.items()} == {"?": 1, "DICOM North": 1, "HL7 RIS|STO": 5}
    assert feeds["?"].problems == {"unparseable": 1}


def test_fill_rates_say_why_the_rest_is_unknown(feed: Path) -> None:
    rows = {row["attribute"]: row for row in by_sender(feed)["HL7 RIS|STO"].rows()}

    assert rows["priority_requested"]["known"] == 1
    assert rows["priority_requested"]["unknown"] == {"absent": 3, "malformed": 1}
    assert rows["priority_requested"]["values"] == [["STAT", 1]]
    assert rows["modality"]["fill_percent"] == 100.0


def test_words_codes_and_parts_that_nobody_mapped_are_named(feed: Path) -> None:
    feeds = by_sender(feed)
    known = known_codes(Rulebook.load(BOOK))

    told = feeds["HL7 RIS|STO"].as_dict(known)

    assert told["unmapped_words"] == {"priority_requested": {"PRONTO": 1}, "report_status": {"WET READ": 1, "FINAL": 1}}
    assert told["unmapped_codes"]["QQ1"] == 1
    assert feeds["DICOM North"].as_dict()["unlisted_body_parts"] == {"KNEECAP THING": 1}


def test_nothing_of_a_patient_is_in_it(feed: Path) -> None:
    told = json.dumps([one.as_dict() for one in profile_feed([feed])])

    for secret in ("EXAMPLE", "ROBIN", "5100", "1970", "STO260301"):
        assert secret not in told


def test_a_proposal_loads_and_sets_only_what_is_sure(feed: Path) -> None:
    text = propose(profile_feed([feed]))
    profiles = Profiles.loads(text)

    ris = profiles.find(application="RIS", facility="STO")
    assert ris.report_status_words == {}
    assert '# report_status_words = { "WET READ" = "preliminary", "FINAL" = "final" }' in text
    assert '# priority_words = { "PRONTO" = "ROUTINE" }' in text
    assert ris.patient_authority == "STO"


def test_a_number_that_stands_in_the_fillers_field_is_found() -> None:
    feed = Feed(sender="HL7 RIS|STO")
    for number in ("STO26030101", "STO26030102"):
        feed.add(reading(report("F", f18="CHEST", f3=number)))

    assert 'accession_from = "OBR-3"' in propose([feed])


def test_the_command_prints_tables_json_and_a_proposal(feed: Path) -> None:
    run = CliRunner().invoke

    table = run(app, ["profile", str(feed), "--book", str(BOOK)])
    told = json.loads(run(app, ["profile", str(feed), "--format", "json"]).stdout)
    proposal = run(app, ["profile", str(feed), "--propose"])

    assert table.exit_code == proposal.exit_code == 0
    assert "WET READ" in table.stdout
    assert [one["sender"] for one in told] == ["?", "DICOM North", "HL7 RIS|STO"]
    Profiles.loads(proposal.stdout)


def test_the_reference_page_names_every_setting_and_its_example_loads() -> None:
    page = (BOOK.parents[2] / "docs" / "reference" / "sender-profiles.md").read_text(encoding="utf-8")
    (example,) = (block.partition("```")[0] for block in page.split("```toml\n")[1:])

    assert len(Profiles.loads(example).senders) == 2
    for setting in READERS:
        assert f"`{setting}`" in page

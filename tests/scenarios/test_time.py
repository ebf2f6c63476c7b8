"""Stories of time: holds, ladders, backlogs, enquiries, restarts, and being asked in the middle of it."""

from routing.store.maintenance import backup
from routing.store.sqlite import SqliteStore
from tests.scenarios.hospital import Hospital


def test_a_scan_is_held_until_its_images_are_complete(city: Hospital) -> None:
    """The host says so, and it waits to be read at once (I8)."""
    city.images(modality=["MR"], images_complete=False)
    assert city.open() == ["report held neuro"]
    city.wait(minutes=5)
    city.images(modality=["MR"], images_complete=True)

    assert city.open() == ["report waiting neuro"]


def test_a_hold_has_a_ceiling(city: Hospital) -> None:
    """Nobody says that it is complete: after half an hour it is read as it is (I8)."""
    city.images(modality=["MR"], images_complete=False)
    city.wait(minutes=29)
    assert city.open() == ["report held neuro"]
    city.wait(minutes=2)

    assert city.open() == ["report waiting neuro"]


def test_a_backlog_is_told_when_it_starts_and_once(city: Hospital) -> None:
    """Four on the general list: the board is told, and again only after it was put right (I20)."""
    for number in range(6):
        city.images(f"G{number}", body_part=["HAND"])
        city.wait(minutes=1)
    told = city.told("lead_board")
    assert told == 1
    for number in range(5):
        city.worklists.report(city.item(f"G{number}"), "final", f"R{number}", by="lee")
    city.wait(minutes=1)
    for number in range(6, 10):
        city.images(f"G{number}", body_part=["HAND"])
        city.wait(minutes=1)

    assert city.told("lead_board") > told


def test_a_scan_that_nobody_takes_is_told_once(city: Hospital) -> None:
    """`watch … each item`: the breach, not every minute of it."""
    city.images(body_part=["CHEST"])
    for _ in range(5):
        city.wait(hours=11)

    assert city.told("lead_board") == 1


def test_after_a_night_without_the_service_what_was_missed_is_caught_up(city: Hospital) -> None:
    """Nobody ticked for nine hours: the first who looks finds it all done, with the moments it was due."""
    city.now = city.now.replace(hour=20)
    city.images(patient_class="emergency")
    city.now = city.now.replace(hour=23, minute=59)
    city.worklists.close()
    city.worklists = city.opened()

    assert city.open() == ["report waiting duty"]


def test_a_clinician_who_asks_twice_is_heard(city: Hospital) -> None:
    """Enquiries are evidence, and the second one escalates, once (I19)."""
    city.images()
    for _ in range(3):
        city.wait(hours=1)
        assert "Not final" in city.worklists.status("A1", by="ward 7").sentence

    assert sum(row.reason == "enquiry" for row in city.worklists.history(accession="A1")) == 3
    assert city.events().count("escalate") == 1


def test_a_restart_in_the_middle_of_everything_loses_nothing(city: Hospital) -> None:
    """What is open before is open after, claims and all (I22)."""
    city.order("A1")
    city.images("A2")
    city.images("A3", body_part=["CHEST"])
    city.worklists.claim(city.item("A2"), by="lee")
    before = [city.open(one) for one in ("A1", "A2", "A3")]
    city.worklists.close()
    city.worklists = city.opened()

    assert [city.open(one) for one in ("A1", "A2", "A3")] == before


def test_a_backup_holds_what_the_store_held(city: Hospital) -> None:
    """Verified after the copy (I22)."""
    city.images("A1")
    city.images("A2")
    copy = city.path.with_name("copy.db")
    store = city.worklists.store
    assert isinstance(store, SqliteStore)
    assert backup(store, copy).is_clean
    restored = type(city.worklists).open(copy, city.rules, clock=lambda: city.now, readers=city.skills.get)
    try:
        assert restored.counts() == city.worklists.counts()
        assert not restored.verify().findings
    finally:
        restored.close()


def test_everything_about_one_exam_can_be_told_at_an_inquest(city: Hospital) -> None:
    """Every state, owner, reason and report, in order of time, with who did it (I21)."""
    city.order()
    city.wait(minutes=20)
    city.images()
    claim = city.worklists.claim(city.item(), by="lee")
    city.wait(minutes=10)
    city.worklists.pass_to(claim, "general", reason="not neuro")
    city.worklists.status("A1", by="ward 7")
    city.wait(minutes=10)
    city.worklists.report(city.item(), "final", "R1", by="patel")

    told = city.worklists.history(accession="A1")
    assert [row.event for row in told if row.event in {"accept", "images", "claim", "pass", "final_report"}] == [
        "accept",
        "images",
        "claim",
        "pass",
        "final_report",
    ]
    assert all(row.actor and row.rulebook for row in told)
    assert [row.at for row in told] == sorted(row.at for row in told)
    assert {"lee", "patel", "ward 7"} <= {row.actor for row in told}


def test_the_change_feed_tells_all_of_it_in_order_and_names_nobody(city: Hospital) -> None:
    """A host that follows with a cursor misses nothing and sees no patient."""
    city.order(patient="SECRET1")
    city.images()
    seen = city.worklists.changes(after=0)
    city.worklists.report(city.item(), "final", "R1", by="lee")
    more = city.worklists.changes(after=seen[-1].cursor)

    cursors = [one.cursor for one in (*seen, *more)]
    assert cursors == sorted(set(cursors))
    assert more[-1].event == "final_report"
    assert "SECRET1" not in repr(seen) + str([one.as_dict() for one in seen])

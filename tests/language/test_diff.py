"""The difference of two rulebooks: proved, shown by a made-up study, and counted among real ones."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from routing.cli import app
from routing.diff import Difference, by_both, diff, grouped
from routing.examples import run_examples
from routing.prove.search import OutOfSteps, Search
from routing.rulebook import Rulebook
from routing.worklists import Worklists

HEAD = """rulebook "Edit"
timezone Europe/London
clock exam_end, else arrival
priorities stat, urgent, soon, routine
table targets from "targets.csv" key modality
times core are Mon-Fri 08:00-18:00
worklist paeds "Paediatrics" for everyone
worklist ct "CT" for everyone
worklist neuro "Neuro" for everyone
worklist general "General" for everyone
worklist attention "Needs a human" for everyone
exceptions route to attention
"""
RULES = """rule "Children" when age under 16 years route to paeds
rule "Head" when modality includes CT and body_part includes HEAD route to neuro due within 2 hours
rule "CT" when modality includes CT route to ct
rule "Targets" when modality is known due within targets[modality].hours hours
"""
TAIL = "otherwise route to general priority routine due within 28 days\n"
TARGETS = "modality,hours\nCT,12\nMR,24\n"
AT = datetime(2026, 1, 5, 12, tzinfo=UTC)


def book(rules: str, targets: str = TARGETS, tail: str = TAIL) -> Rulebook:
    return Rulebook.loads(HEAD + rules + tail, tables={"targets.csv": targets})


def edited(rules: str, targets: str = TARGETS, tail: str = TAIL) -> Difference:
    return diff(book(RULES), book(rules, targets, tail))


@pytest.mark.parametrize(
    "rules",
    [
        RULES,
        RULES.replace('rule "Head"', 'rule "Heads"'),
        RULES.replace("modality includes CT and body_part", "modality includes any of CT and body_part"),
        RULES + 'rule "Never seen" when age under 3 years and modality includes CT route to ct\n',
        RULES.replace("CT route to ct", "CT and not possibly age under 16 years route to ct")
        + 'rule "Rest" when modality includes CT route to ct\n',
        RULES + 'rule "Weaker" when modality includes CT and body_part includes HEAD due within 3 hours\n',
        RULES.replace("due within 2 hours", "due within 120 minutes"),
        RULES.replace('rule "Targets" when modality is known due', 'rule "Targets" always due'),
    ],
)
def test_an_edit_that_changes_nothing_is_proved_to_change_nothing(rules: str) -> None:
    """Renamed, written otherwise, split in two, hidden behind others, or weaker than what is there."""
    found = edited(rules)

    assert found.none, (found.proved.found, found.proved.undecided)


@pytest.mark.parametrize(
    ("rules", "fields"),
    [
        (RULES.replace("route to neuro", "route to ct"), {"worklist"}),
        (RULES.replace("under 16", "under 17"), {"worklist", "outcome"}),
        (RULES.replace("due within 2 hours", "due within 1 hour"), {"due_at"}),
        (RULES + 'rule "New" when modality includes MR priority urgent\n', {"priority"}),
        (RULES + 'rule "New" when modality includes MR tag seen\n', {"tags"}),
        (RULES + 'rule "New" when modality includes MR route to general\n', {"outcome"}),
        (RULES + 'rule "New" when modality includes CT escalate to neuro after 1 hour\n', {"escalations"}),
        (RULES.replace("route to ct", "route to ct escalate to neuro after 1 hour"), {"escalations"}),
        (RULES + 'rule "As asked" always priority priority_requested\n', {"priority"}),
    ],
)
def test_an_edit_is_shown_by_a_study_that_both_books_decide(rules: str, fields: set[str]) -> None:
    found = edited(rules)

    assert {name for one in found.proved.found for name in one.fields} == fields
    assert not found.proved.undecided
    for one in found.proved.found:
        assert one.study.decide(book(RULES).compiled).worklist == one.before.worklist
        assert one.study.decide(book(rules).compiled).worklist == one.after.worklist


def test_a_due_that_moves_later_is_flagged() -> None:
    later = edited(RULES.replace("due within 2 hours", "due within 5 hours"))
    earlier = edited(RULES.replace("due within 2 hours", "due within 1 hour"))

    assert [one.is_later for one in later.proved.found] == [True]
    assert [one.is_later for one in earlier.proved.found] == [False]


def test_one_cell_of_a_table_is_an_edit_like_any_other() -> None:
    found = edited(RULES, "modality,hours\nCT,12\nMR,48\n")

    assert [one.is_later for one in found.proved.found] == [True]
    assert found.proved.found[0].study.given["modality"] == ("MR",)


def test_what_otherwise_gives_is_compared_too() -> None:
    found = edited(RULES, tail=TAIL.replace("routine", "soon").replace("to general", "to ct"))

    assert {name for one in found.proved.found for name in one.fields} >= {"worklist", "priority"}


@pytest.mark.parametrize("name", ["Children", "Head", "CT", "Targets"])
def test_taking_a_rule_out_names_the_studies_concerned(name: str) -> None:
    rules = "".join(line + "\n" for line in RULES.splitlines() if f'rule "{name}"' not in line)

    found = edited(rules)

    assert any(f"`{name}`" in one.where for one in found.proved.found)


# --- how much is told


MANY = "".join(f'rule "M{n}" when site is S{n} route to ct\n' for n in range(30))


def many(first: str) -> Rulebook:
    return book(f"{first}{MANY}")


def test_what_does_not_fit_is_counted_and_told_on_request() -> None:
    """Six changes of a rule are told; a pipeline or a person can ask for the rest."""
    old, new = many(""), many('rule "First" when modality includes MR route to neuro\n')

    some, every = diff(old, new), diff(old, new, every=True)

    assert len(some.proved.found) == 6
    assert [one.of for one in some.proved.more] == ["`First`"]
    assert some.as_dict()["more"] == [{"of": "`First`", "count": 8, "exact": False}]
    assert not every.proved.more
    assert {one.before.route_rule for one in every.proved.found} == {None, *(f"M{n}" for n in range(30))}


def test_a_count_that_came_to_an_end_is_exact() -> None:
    few = "".join(f'rule "M{n}" when site is S{n} route to ct\n' for n in range(9))
    new = 'rule "First" when modality includes MR route to neuro\n'

    found = diff(book(few), book(new + few))

    assert [str(one) for one in found.proved.more] == ["4 more of `First`"]


def test_other_priorities_change_only_what_gives_them() -> None:
    """A condition means the same under any priorities; what was the second is the third where one is put before it."""
    rules = 'rule "Asked" always priority priority_requested\n'
    more = HEAD.replace("stat, urgent", "stat, pressing, urgent")

    old, new = (Rulebook.loads(head + RULES + rules + TAIL, tables={"targets.csv": TARGETS}) for head in (HEAD, more))
    found = diff(old, new)

    assert not found.proved.undecided
    assert {one.where for one in found.proved.found} == {"studies that `Asked` matches"}
    assert {one.fields for one in found.proved.found} == {("priority",)}


def test_an_attribute_that_is_read_from_elsewhere_leaves_it_open() -> None:
    """What senders put there is known to nobody here: the real studies tell."""
    acute = 'attribute acute is yes/no from hl7 "ZDS-9"\n'
    rules = f'{acute}rule "Acute" when acute priority urgent\n'

    found = diff(book(rules), book(rules.replace("ZDS-9", "ZDS-11")))

    assert not found.none
    assert not found.proved.found
    assert ["`acute`" in one for one in found.proved.undecided] == [True]


def test_every_study_of_a_diff_shows_it_when_it_is_saved_as_an_example() -> None:
    """Saved, loaded and run by the new book it passes; by the old book it fails where the list or priority differ."""
    edits = (
        RULES.replace("route to neuro", "route to ct"),
        RULES + 'rule "New" when modality includes MR priority stat\n',
    )
    for rules in edits:
        old, after = book(RULES), book(rules)
        changes = diff(old, after).proved.found
        assert changes
        for number, change in enumerate(changes):
            block = change.study.as_example(after.compiled, f"example {number}")
            assert block is not None
            assert run_examples(book(rules, tail=TAIL + block)).failed == ()
            assert len(run_examples(book(RULES, tail=TAIL + block)).failed) == 1
            why = old.decide(change.study.attributes, at=change.study.at).explain()
            assert why is not None
            assert old.decide(change.study.attributes, at=change.study.at).worklist == change.before.worklist


def test_a_budget_that_runs_out_leaves_it_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    """Never fine: nobody knows."""

    def runs_out(*_: object) -> None:
        raise OutOfSteps

    monkeypatch.setattr(Search, "find", runs_out)

    found = edited(RULES.replace("route to neuro due within 2 hours", "route to ct due within 3 hours"))

    assert not found.none
    assert not found.proved.found
    assert found.proved.undecided


# --- the command


def write(folder: Path, name: str, rules: str) -> Path:
    (folder / "targets.csv").write_text(TARGETS, encoding="utf-8")
    path = folder / name
    path.write_text(HEAD + rules + TAIL, encoding="utf-8")
    return path


def run(*words: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, [str(word) for word in words])
    return done.exit_code, done.output


def test_the_command_says_that_nothing_changes_and_exits_0(tmp_path: Path) -> None:
    old, new = write(tmp_path, "old.rules", RULES), write(tmp_path, "new.rules", RULES + "# a comment\n")

    assert run("diff", old, new) == (0, "no decision changes: proved over every study\n")


def test_the_command_shows_what_changes_and_exits_1(tmp_path: Path) -> None:
    """A pipeline can ask for a look."""
    old = write(tmp_path, "old.rules", RULES)
    new = write(tmp_path, "new.rules", RULES.replace("route to neuro", "route to ct"))

    code, shown = run("diff", old, new)

    assert code == 1
    assert "studies that `Head` routes\n" in shown
    assert "  for example: modality CT, body_part HEAD\n" in shown
    assert "  worklist: neuro -> ct\n" in shown


def test_the_command_says_how_many_more_there_are_and_tells_them_on_request(tmp_path: Path) -> None:
    old = write(tmp_path, "old.rules", MANY)
    new = write(tmp_path, "new.rules", 'rule "First" when modality includes MR route to neuro\n' + MANY)

    short, whole = run("diff", old, new)[1], run("diff", old, new, "--all")[1]

    assert "and at least 8 more of `First`: --all tells them\n" in short
    assert "more of" not in whole
    assert whole.count("for example: ") == 31


def test_the_command_says_undecided_and_exits_1(tmp_path: Path) -> None:
    rules = 'attribute acute is yes/no from hl7 "ZDS-9"\nrule "Acute" when acute priority urgent\n'
    old = write(tmp_path, "old.rules", rules)
    new = write(tmp_path, "new.rules", rules.replace("ZDS-9", "ZDS-11"))

    code, shown = run("diff", old, new)

    assert code == 1
    assert shown == "undecided: what changes where `acute` is read from elsewhere: count it among real studies\n"


def test_check_says_how_many_shapes_there_are_not_told(tmp_path: Path) -> None:
    rules = "".join(f'rule "M{n}" when site is S{n} and location is L{n} route to ct\n' for n in range(20))
    path = write(tmp_path, "book.rules", rules)

    short, whole = run("check", path, "--otherwise")[1], run("check", path, "--otherwise", "--all")[1]

    assert short.count("no rule routes: ") == 12
    assert "and there are more shapes than these: --all shows them" in short
    assert whole.count("no rule routes: ") > 12
    assert "more shapes" not in whole


def test_check_says_where_care_is_lowered_in_doubt_only_on_request(tmp_path: Path) -> None:
    doubt = 'rule "r" when modality includes CT unless certainly age under 16 years hold at most 1 hour until ordered\n'
    path = write(tmp_path, "book.rules", doubt)

    plain, asked = run("check", path)[1], run("check", path, "--unknown")[1]

    assert "care is lowered in doubt in 1 place: --unknown shows them" in plain
    assert "the rule `r` holds a study of which `age` is unknown" in asked


def test_check_prints_conflicts_the_rest_and_examples_on_request(tmp_path: Path) -> None:
    rules = RULES + 'rule "Late" when modality includes CT and body_part includes KNEE route to neuro\n'
    path = write(tmp_path, "book.rules", rules)

    plain, conflicts = run("check", path)[1], run("check", path, "--conflicts")[1]
    rest, examples = run("check", path, "--otherwise")[1], run("check", path, "--as-examples")[1]

    assert "never-wins" in plain
    assert "R506 conflict" not in plain
    assert "`Children` takes studies from `Head`, which is more specific and routes elsewhere" in conflicts
    assert "no rule routes: " in rest
    assert 'example "never-wins' in examples


def test_conflicts_are_listed_with_the_most_surprising_first(tmp_path: Path) -> None:
    """A rule that asks four things and loses to one that asks one thing is hardly meant, wherever it stands."""
    rules = (
        'rule "Wide" when patient_class is emergency route to general\n'
        'rule "Fair" when modality includes CT and site is S1 route to ct\n'
        'rule "Fine" when modality includes CT and site is S1 and location is L1 and body_part includes HEAD'
        " route to neuro\n"
    )

    listed = run("check", write(tmp_path, "book.rules", rules), "--conflicts")[1]

    told = [line.partition("R506 conflict: ")[2] for line in listed.splitlines() if "R506" in line]
    assert [line.split("`")[1:4:2] for line in told] == [["Wide", "Fine"], ["Fair", "Fine"], ["Wide", "Fair"]]


def test_real_studies_that_move_are_grouped_and_counted(tmp_path: Path) -> None:
    """Two orders for CT move to another list, the one for MR stays."""
    feed = tmp_path / "feed"
    feed.mkdir()
    for number, modality in enumerate(("CT", "CT", "MR")):
        (feed / f"{number}.hl7").write_bytes(_order(number, modality))
    new = RULES.replace("route to ct", "route to neuro")

    found = diff(book(RULES), book(new), [feed], at=AT)

    assert found.decided == 3
    assert [(one.before, one.after, one.names, one.later) for one in found.moves] == [("ct", "neuro", ("A0", "A1"), 0)]


def test_open_items_that_would_move_are_grouped_and_counted(tmp_path: Path) -> None:
    """Three open items: two for CT go elsewhere, one of them in either group; the one for MR would be due later."""
    db = str(tmp_path / "worklist.db")
    rules = RULES.replace("route to ct", "route to ct due within 2 hours")
    with Worklists.open(db, book(rules), clock=lambda: AT) as worklists:
        for number, modality in enumerate(("CT", "CT", "MR", "CT")):
            worklists.receive(_order(number, modality))
        worklists.receive({"accession": "A3", "modality": "CT", "image_count": 1}, sender="PACS", message_id="I3")
        worklists.report("A3", "final", "R1", "lee")
    new = rules.replace("route to ct due within 2 hours", "route to neuro due within 5 hours")

    with Worklists.open(db, clock=lambda: AT) as worklists:
        found = diff(book(rules), book(new, "modality,hours\nCT,12\nMR,48\n"), at=AT, worklists=worklists)
        before = [(item.worklist, item.due_at) for item in worklists.page()]

    assert found.decided == 3
    assert [(one.before, one.after, one.names, one.later) for one in found.moves] == [
        ("ct", "neuro", ("A0", "A1"), 2),
        ("general", "general", ("A2",), 1),
    ]
    assert {one[0] for one in before} >= {"ct", "general"}, "nothing is written"


def test_the_command_counts_files_and_open_items(tmp_path: Path) -> None:
    old = write(tmp_path, "old.rules", RULES)
    new = write(tmp_path, "new.rules", RULES.replace("route to ct", "route to neuro due within 30 hours"))
    (tmp_path / "order.hl7").write_bytes(_order(7, "CT"))
    db = str(tmp_path / "worklist.db")
    with Worklists.open(db, Rulebook.load(old), clock=lambda: AT) as worklists:
        worklists.receive(_order(1, "CT"))
        worklists.receive(_order(2, "MR"))

    code, shown = run("diff", old, new, tmp_path / "order.hl7", "--store", db, "--at", AT.isoformat())

    assert code == 1
    assert "2 of 3 real studies would be decided differently, 0 of them due later\n" in shown
    assert "A7" in shown
    assert "A1" in shown
    assert "DOE" not in shown


def test_the_command_says_when_there_was_no_real_study_and_refuses_a_path_that_is_not_there(tmp_path: Path) -> None:
    old = write(tmp_path, "old.rules", RULES)
    empty = tmp_path / "empty"
    empty.mkdir()

    assert CliRunner().invoke(app, ["diff", str(old), str(old), str(tmp_path / "missing")]).exit_code == 2
    done = CliRunner().invoke(app, ["diff", str(old), str(old), str(empty)])

    assert done.exit_code == 0
    assert done.stderr == "no real study was found to decide\n"


def test_the_same_function_compares_what_is_kept_of_open_items(tmp_path: Path) -> None:
    """What the store keeps and what two rulebooks make of it: for whoever wants to preview."""
    new = book(RULES.replace("route to ct", "route to neuro"))
    with Worklists.open(str(tmp_path / "worklist.db"), book(RULES), clock=lambda: AT) as worklists:
        worklists.receive(_order(1, "CT"))
        kept = list(worklists.open_procedures())

    moves = grouped(by_both(book(RULES), new, kept, AT))

    assert [(one.before, one.after, one.names) for one in moves] == [("ct", "neuro", ("A1",))]


def _order(number: int, modality: str) -> bytes:
    lines = [
        f"MSH|^~\\&|RIS|H|R|H|20260105110000||ORM^O01|M{number}|P|2.5",
        f"PID|||P{number}||DOE^JO",
        f"ORC|NW|PL{number}|A{number}",
        f"OBR|1|PL{number}|A{number}|X^{modality}{'|' * 20}{modality}",
    ]
    return ("\r".join(lines) + "\r").encode()

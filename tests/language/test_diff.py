"""The difference of two rulebooks: proved, shown by a made-up study, and counted among real ones."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from routing.cli import app
from routing.diff import Difference, diff
from routing.rulebook import Rulebook

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


def _order(number: int, modality: str) -> bytes:
    lines = [
        f"MSH|^~\\&|RIS|H|R|H|20260105110000||ORM^O01|M{number}|P|2.5",
        f"PID|||P{number}||DOE^JO",
        f"ORC|NW|PL{number}|A{number}",
        f"OBR|1|PL{number}|A{number}|X^{modality}{'|' * 20}{modality}",
    ]
    return ("\r".join(lines) + "\r").encode()

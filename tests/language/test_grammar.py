"""The grammar: without conflicts, found wherever the package is, and every construct of the language in small texts."""

import logging
from pathlib import Path

import lark
import pytest

from routing import syntax
from routing.building import Builder
from routing.format import print_tree
from routing.parse import _grammar, machine, parse

WHOLE = Path(__file__).with_name("whole.rules").read_text(encoding="utf-8")

CONDITIONS = [
    "sex is F",
    "sex is not F",
    "contrast is none",
    "patient_class is one of emergency, inpatient",
    "patient_class is none of emergency, inpatient",
    "report_status is preliminary",
    'site is "StMary"',
    "programme is 2WW",
    "programme is OR",
    "site is hospital_of_record",
    "modality includes CT",
    "modality includes any of CT, MR",
    "modality includes all of CT, PT",
    "modality includes none of SR, KO",
    "modality includes only CR, DX",
    "age under 16 years",
    "age over 75 years",
    "image_count at least 3",
    "age at most 28 days",
    "age from 16 years to under 18 years",
    "age under targets[patient_class, modality].limit years",
    "exam_end before 2026-04-01",
    "exam_end after 2026-11-25 23:10",
    "exam_end after 2026-11-25 23:10+01:00",
    "clock before 2027-04-01",
    "mdt_date within 3 days of clock",
    "mdt_date within 3 days after exam_end",
    "mdt_date within 5 working days before clock",
    'description mentions "head"',
    'description mentions "head", "brain" except "femoral head"',
    'description mentions all of "chest", "abdo*"',
    'indication mentions "trauma" not negated',
    'indication mentions "PE" except "PE (physical exam)" not negated',
    'procedure_code starts with "U" except "UR-"',
    r"description matches /c[- ]?spine\/neck # x/",
    "age is known",
    "age is unknown",
    "targets[patient_class, modality].hours is known",
    "procedure_code is listed in cardiac_codes",
    "procedure_code is not listed in cardiac_codes",
    "during core",
    "outside core",
    "exam_start during core",
    "on bank_holidays",
    "birth_date on bank_holidays",
    "not on bank_holidays",
    "child",
    "not child",
    "possibly child",
    "certainly not child",
    "not certainly (child or baby)",
    "in sample of 5 percent",
    "child and orbit and android",
    "child or notable or (head and not nose)",
    "(a and b) or (c and d)",
]
EFFECTS = [
    "route to neuro",
    "route to procedures[procedure_code].worklist",
    "priority stat",
    "priority priority_requested",
    "priority ai_class from ai_priorities",
    "raise priority",
    "due within 1 hour",
    "due within 10 working days",
    "due within 4 hours counting core",
    "due within 4 hours counting core from exam_end",
    "preliminary due within 30 minutes",
    "due within targets[patient_class, modality].hours hours",
    "due by 12:00",
    "due by 12:00 next Monday",
    "due by 12:00 next day",
    "due by 12:00 next working day",
    "due by theatre_time minus 1 hour",
    "due by 2026-12-31",
    "preliminary due by theatre_time",
    "tag restricted, neonate",
    "notify lead_board",
    "also read by body",
    "also read by body within 2 days",
    "audit by panel within 7 days",
    "read by 2 different readers",
    "read by 2 different readers blind, disagreement to panel",
    "read by 2 different readers blind, disagreement to panel, agreement on NORMAL to general",
    "only readers with breast and chest",
    "only readers with breast or chest",
    "exclude readers in performed_by, referrer",
    "show identity only to readers with pacs_team",
    "escalate to neuro after 40 minutes",
    "escalate to neuro after 50 percent",
    "escalate to neuro when overdue until claimed",
    "notify registrar after 10 minutes until claimed",
    "notify registrar when overdue",
    "hold at most 2 hours until images_complete",
    "hold at most 2 hours until images_complete and not urgent_case",
    "hold until images_complete",
    "offer to previous reader within 730 days for 2 hours",
    "offer to least loaded reader for 30 minutes",
    "offer to least loaded reader with neuro for 30 minutes",
    "offer to reader in requested_reader for 2 hours",
    "read together with same patient within 2 days",
    "read together with same patient, body_part within 2 days",
    "split to body, chest after 4 hours",
    'no report needed because "screening images" under policy "P-12" until 2026-12-31',
]
STATEMENTS = [
    'rulebook "City hospitals radiology"',
    "language 1",
    "timezone Europe/London",
    "timezone Atlantic/Azores when site is AZORES",
    "timezone UTC",
    "clock exam_end, else arrival",
    "clock arrival",
    "priorities stat, urgent, soon, routine",
    'include "edinburgh.rules"',
    'include "edinburgh.rules" when site is EDINBURGH',
    'table targets from "targets.csv" key patient_class, modality',
    "calendar bank_holidays from holidays GB-ENG",
    'calendar closures from "closures.csv"',
    "workdays are Mon-Fri except bank_holidays, closures",
    "workdays are Mon-Thu, Sat when site is EDINBURGH",
    "times core are Mon-Fri 08:00-18:00 except bank_holidays, closures, Sat 09:00-12:00",
    "times core are Mon-Fri 08:00-18:00 when site is EDINBURGH",
    "times holiday_nights are bank_holidays 22:00-06:00, Sun-Thu 22:00-24:00",
    "times audit_afternoon are last Thu of month 13:00-17:00, first Mon of month 09:00-10:00",
    'values site are CITY, "StMary", day',
    'values site from "sites.csv"',
    "skills neuro, on_call",
    "channels lead_board, registrar",
    "attribute subspecialty is codes from procedures[procedure_code].subspecialty",
    'attribute pathway is code from hl7 "OBR-31.1", else dicom "PatientComments", else referrer_specialty',
    "attribute corrected_age is duration from gestation plus age",
    "fact trauma_call is yes/no",
    "fact gestation is weeks",
    "define child as age under 16 years",
    'worklist on_call "On call" for readers with on_call',
    "worklist day for everyone",
    'worklist audit_cover "Audit cover"',
    "exceptions route to attention priority urgent due within 1 hour",
    'guarantee "g" never route to on_call, day when possibly child',
    'guarantee "g" always route to paeds when certainly child',
    'guarantee "g" due within 28 days',
    'guarantee "g" priority at least urgent when patient_class is emergency',
    'guarantee "g" read by at least 2 when programme is BREAST',
    'guarantee "g" never close when possibly child',
    'guarantee "g" never hold',
    'watch "w" when items on general over 20 notify lead_board',
    'watch "w" at 07:00 on working days each item on a when waiting over 2 hours until claimed_now move to on_call',
    'watch "w" each item when time_left under 30 minutes escalate to on_call raise priority',
    'watch "w" when oldest on general over 4 hours and state is waiting decide again without "Head CT"',
    'view "v" for readers with neuro shows neuro, general',
    'view "v" for everyone shows neuro when site is CITY sorted by priority, due, arrival',
    'example "e" modality CT and SR, age 6 years, exam_end 2026-11-25 23:10, ordered no expect route to a by "One"',
    'example "e" expect route to general by otherwise priority routine due within 28 days closed',
    'example "e" from "samples/ct.dcm" expect not closed undecided age also read by body tag a, b read by 2 notify x',
    'example "e" age unknown expect due by 2026-03-10 11:00 preliminary due within 30 minutes not undecided',
    'examples from "cases.csv"',
]


def test_the_grammar_has_no_conflict(caplog: pytest.LogCaptureFixture) -> None:
    """Every conflict would be settled silently, one way, for every rulebook."""
    lark.logger.setLevel(logging.DEBUG)
    with caplog.at_level(logging.DEBUG, logger=lark.logger.name):
        lark.Lark(_grammar(), start="piece", parser="lalr", lexer="basic", keep_all_tokens=True, debug=True)

    assert "conflict" not in caplog.text.lower()


def test_every_rule_of_the_grammar_has_its_building_function() -> None:
    rules = lark.Lark(_grammar(), start="piece", parser="lalr", lexer="basic", keep_all_tokens=True).rules
    inlined = {rule.origin.name for rule in rules if rule.options.expand1 and not rule.alias}
    wanted = {rule.alias or rule.origin.name for rule in rules} - inlined

    assert {name for name in wanted if not name.startswith("_") and not hasattr(Builder, name)} == set()


def test_the_example_of_the_language_page_parses_whole() -> None:
    parsed = parse(WHOLE, "whole.rules")

    assert parsed.findings == ()
    assert parsed.rulebook is not None
    kinds = [type(statement).__name__ for statement in parsed.rulebook.statements]
    assert kinds[:5] == ["RulebookName", "Language", "Timezone", "Timezone", "ClockFrom"]
    assert [rule.name.text for rule in parsed.rulebook.each(syntax.Rule)] == [
        "Children stay with the paediatric team",
        "Age unknown: paediatrics decides",
        "Head CT from ED out of hours",
        "Targets by class and modality",
        "Never later than 28 days",
    ]
    (group,) = parsed.rulebook.each(syntax.Group)
    assert [member.name.text for member in group.members] == ["Head and neck"]
    assert group.otherwise is not None


@pytest.mark.parametrize("text", CONDITIONS)
def test_each_condition_parses_and_gives_back_its_text(text: str) -> None:
    parsed = parse(f"define x as {text}", "x")

    assert parsed.findings == ()
    assert parsed.rulebook is not None
    (define,) = parsed.rulebook.each(syntax.Define)
    assert str(define.condition) == text


@pytest.mark.parametrize("text", EFFECTS)
def test_each_effect_parses_and_gives_back_its_text(text: str) -> None:
    parsed = parse(f'rule "x" always {text}', "x")

    assert parsed.findings == ()
    assert parsed.rulebook is not None
    (rule,) = parsed.rulebook.each(syntax.Rule)
    assert [str(effect) for effect in rule.effects] == [text]


@pytest.mark.parametrize("text", STATEMENTS)
def test_each_statement_parses_and_gives_back_its_words(text: str) -> None:
    parsed = parse(text, "x")

    assert parsed.findings == ()
    assert parsed.rulebook is not None
    assert print_tree(parsed.rulebook).split() == text.split()


@pytest.mark.parametrize("kind", syntax.Kind)
def test_a_rule_is_about_a_kind_of_item(kind: syntax.Kind) -> None:
    parsed = parse(f'rule "x" for {kind.value} when child unless head route to a', "x")

    assert parsed.rulebook is not None
    assert [rule.kind for rule in parsed.rulebook.each(syntax.Rule)] == [kind]


def test_keywords_are_whole_words_and_free_where_they_do_not_stand() -> None:
    parsed = parse("define x as orbit and or_else and note", "x")
    assert parsed.findings == ()
    assert parsed.rulebook is not None
    (define,) = parsed.rulebook.each(syntax.Define)
    assert isinstance(define.condition, syntax.And)
    assert [str(part) for part in define.condition.parts] == ["orbit", "or_else", "note"]

    assert parse("worklist first define known_case as general and first and items and table_2", "x").findings == ()


def test_what_is_reserved() -> None:
    """Words that begin a statement or an effect, connectives and units; a Day list is usual, so `day` is free."""
    reserved = machine().reserved

    assert {"rule", "worklist", "route", "due", "and", "unless", "possibly", "always", "hours", "percent"} <= reserved
    assert not {"site", "age", "general", "first", "day", "known", "to", "with", "readers"} & reserved


def test_a_column_may_have_any_name() -> None:
    parsed = parse("define x as regions[body_part].group is limb and t[a].Hours over 2 hours", "x")

    assert parsed.findings == ()


def test_white_space_and_line_breaks_mean_nothing() -> None:
    flat = 'rule "a" when x and y route to b rule "c" always due within 1 hour otherwise route to d'
    spread = flat.replace(" ", "\n\t  ")

    assert parse(flat, "x").rulebook == parse(spread, "x").rulebook
    assert parse(flat, "x").findings == ()


def test_groups_nest() -> None:
    text = """
    group "outer" when a
      group "inner" when b unless c
        rule "one" when d route to e
        otherwise route to f
      end
      rule "two" always route to g
    end
    rule "three" always route to h
    """

    parsed = parse(text, "x")

    assert parsed.findings == ()
    assert parsed.rulebook is not None
    outer, three = parsed.rulebook.statements
    assert isinstance(outer, syntax.Group)
    inner, two = outer.members
    assert isinstance(inner, syntax.Group)
    assert (inner.name.text, two.name.text) == ("inner", "two")
    assert (outer.otherwise, inner.otherwise is None) == (None, False)
    assert isinstance(three, syntax.Rule)


def test_spans_are_exact() -> None:
    parsed = parse('rule "x"\n  when age under 16 years\n  route to neuro', "book.rules")

    assert parsed.rulebook is not None
    (rule,) = parsed.rulebook.each(syntax.Rule)
    assert isinstance(rule.when, syntax.Compare)
    place = rule.when.value.span
    assert (place.file, place.line, place.column, place.end_line, place.end_column) == ("book.rules", 2, 18, 2, 26)
    (route,) = rule.effects
    assert isinstance(route, syntax.RouteTo)
    assert (route.worklist.span.line, route.worklist.span.column, route.worklist.span.end_column) == (3, 12, 17)

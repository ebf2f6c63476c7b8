# ruff: noqa: E501 - rule text stands as it is written
"""What checking makes of a good rulebook: resolved, typed, flattened, and the same whenever it means the same."""

import random
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing import program, syntax
from routing.attributes import Duration, Type
from routing.check import Checked, check
from routing.files import Folder, Texts
from routing.parse import Parsed, parse
from routing.program import And, AttributeRef, Cell, Constant, Defined, Fixed, Includes, Is, Not, Wild
from tests.language.checking import HEAD, TAIL, checked, within
from tests.language.strategies import rulebooks
from tests.statements.statement import Statement, read_statements

STATEMENTS = Path(__file__).parent.parent / "statements"
EXAMPLES = Path(__file__).parent.parent.parent / "examples"


def made(body: str, files: dict[str, str | bytes] | None = None) -> program.Program:
    found = checked(within(body), files)
    assert found.program is not None, found.findings
    return found.program


def condition(text: str, before: str = "", files: dict[str, str | bytes] | None = None) -> program.Condition:
    return made(f'{before}\nrule "R" when {text} route to neuro', files).rules[0].condition


def code(value: str) -> Constant:
    return Constant(type=Type.CODE, value=value)


# --- words


def test_a_word_of_the_attributes_list_is_that_value_before_any_name() -> None:
    """A fact that happens to be called `emergency` must not turn the comparison round."""
    found = condition(
        "patient_class is emergency",
        "fact emergency is code",
    )

    assert isinstance(found, Is)
    assert found.values == (code("emergency"),)


def test_a_word_outside_the_list_is_an_attribute_of_the_same_type() -> None:
    """`department is site` compares two attributes."""
    found = condition("department is site")

    assert isinstance(found, Is)
    assert found.values == (AttributeRef(type=Type.CODE, name="site"),)


def test_declared_values_may_stand_bare() -> None:
    """What the host's fact can say is listed once, and then read like any closed list."""
    found = condition("ai is haemorrhage", 'fact ai is code\nvalues ai are "haemorrhage", "normal"')

    assert isinstance(found, Is)
    assert found.values == (code("haemorrhage"),)


def test_yes_and_no_are_the_attribute_and_its_not() -> None:
    """Three ways to say it, two conditions."""
    assert condition("ordered is yes") == condition("ordered")
    assert condition("ordered is no") == condition("not ordered") == condition("ordered is not yes")


def test_a_define_is_one_object_for_all_that_use_it() -> None:
    """It is worked out once for a procedure, however many rules name it."""
    rules = made(
        'define child as age under 16 years\nrule "A" when child route to neuro\nrule "B" when not child route to general'
    ).rules

    first, second = rules[0].condition, rules[1].condition
    assert isinstance(first, Defined)
    assert isinstance(second, Not)
    assert isinstance(second.part, Defined)
    assert first.condition is second.part.condition


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("age under 16 years", Duration(years=16)),
        ("age under 18 months", Duration(months=18)),
        ("age under 44 weeks", Duration(days=308)),
        ("age under 28 days", Duration(days=28)),
        ("age under 36 hours", Duration(seconds=129_600)),
    ],
)
def test_lengths_are_in_canonical_form(text: str, value: Duration) -> None:
    """Years and months go by the calendar, weeks are days, hours elapse."""
    found = condition(text)

    assert isinstance(found, program.Compares)
    assert found.right == Constant(type=Type.DURATION, value=value)


# --- groups, includes, order


def test_groups_are_flattened_with_their_conditions() -> None:
    """A rule inside a group needs the group's `when`, and that its `unless` is not."""
    body = """
group "G" when modality includes CT unless ordered
  rule "A" when body_part includes HEAD route to neuro
  rule "B" always route to general
  otherwise tag t
end
"""
    first, second, default, _ = made(body).rules

    assert isinstance(first.condition, And)
    assert [type(part) for part in first.condition.parts] == [Includes, Not, Includes]
    assert isinstance(second.condition, And)
    assert [type(part) for part in second.condition.parts] == [Includes, Not]
    assert (default.name, default.group, default.group_default) == ("G: otherwise", "G", True)
    assert default.condition == second.condition


def test_included_rules_stand_where_their_include_does_inside_its_condition() -> None:
    """First match wins, so that the order of files is the order of rules."""
    files = {
        "wing/a.rules": 'include "b.rules"\ntable t from "t.csv" key code\nrule "A" when procedure_code is listed in t route to neuro\n',
        "wing/b.rules": 'rule "B" always tag b\n',
        "wing/t.csv": "code\nQ1\n",
    }
    body = 'rule "First" when ordered tag f\ninclude "wing/a.rules" when site is CITY\nrule "Last" when ordered tag l'

    found = made(body, files)

    assert [rule.name for rule in found.rules] == ["First", "B", "A", "Last", "As requested"]
    assert isinstance(found.rules[1].condition, Is)
    assert isinstance(found.rules[2].condition, And)
    assert found.tables["t"].rows == (program.Row(keys=("Q1",), cells=(), line=2),)


def test_always_is_a_condition_that_holds() -> None:
    """A hard cap is a rule with `always`."""
    assert made('rule "Cap" always due within 28 days').rules[0].condition == Fixed(holds=True, span=None, text="")  # type: ignore[arg-type]


# --- tables


def test_cells_have_the_type_of_what_they_meet() -> None:
    """Hours are numbers, dates dates, zeros of codes stay, an empty cell is unknown."""
    files = {"t.csv": "site;hours;start;group;weeks\nA;2,5;2026-04-01;007;P77D\n*;;;;77\n"}
    body = """
table t from "t.csv" key site
rule "R"
  when clock after t[site].start and t[site].group is "007" and age under t[site].weeks
  due within t[site].hours hours
"""
    found = made(body, files).tables["t"]

    assert found.columns == ("hours", "start", "group", "weeks")
    assert found.rows[0].keys == ("A",)
    assert found.rows[0].cells == (2.5, date(2026, 4, 1), "007", Duration(days=77))
    assert found.rows[1].keys == (Wild.ANY,)
    assert found.rows[1].cells == (None, None, None, Duration(days=77))


def test_a_column_that_is_asked_about_first_is_typed_by_its_later_use() -> None:
    """`is known` says nothing of the type; the due in the rule below does."""
    files = {"t.csv": "site,hours\nA,4\n"}
    body = """
table t from "t.csv" key site
rule "Known" when t[site].hours is known tag known
rule "Due" when ordered due within t[site].hours hours
"""
    found = made(body, files)

    assert found.tables["t"].rows[0].cells == (4,)
    asked = found.rules[0].condition
    assert isinstance(asked, program.IsKnown)
    assert asked.operand.type is Type.NUMBER


def test_keys_stand_in_the_order_of_the_table() -> None:
    """A set among the keys finds a set of cells."""
    files = {"t.csv": "patient_class,modality,hours\n*,CT,4\n"}
    body = 'table t from "t.csv" key patient_class, modality\nrule "R" when t[patient_class, modality].hours is known route to neuro'

    found = made(body, files).rules[0].condition

    assert isinstance(found, program.IsKnown)
    assert isinstance(found.operand, Cell)
    assert [getattr(key, "name", "") for key in found.operand.keys] == ["patient_class", "modality"]
    assert found.operand.many


def test_priorities_come_from_a_table_by_its_one_column() -> None:
    """`priority ATTRIBUTE from TABLE` is a cell like any other."""
    files = {"p.csv": "requested,ours\nSTAT,urgent\n"}
    found = made('table p from "p.csv" key requested\nrule "R" always priority priority_requested from p', files)

    (effect,) = found.rules[0].effects
    assert isinstance(effect, program.PriorityIs)
    assert isinstance(effect.level, Cell)
    assert (effect.level.table, effect.level.column) == ("p", "ours")


# --- time


def test_the_zone_without_a_condition_comes_last() -> None:
    """It is for the rest, wherever it was written."""
    zones = made("timezone Europe/Lisbon when site is LISBON").zones

    assert [zone.name for zone in zones] == ["Europe/Lisbon", "Europe/London"]


def test_hours_wrap_around_week_and_midnight() -> None:
    """`Sun-Thu 22:00-24:00`, and a calendar in the place of the days."""
    body = """
calendar c from "c.csv"
times t are c 22:00-06:00, Sun-Thu 22:00-24:00, last Thu of month 13:00-17:00 except c
define d as during t
"""
    first, second, third = made(body, {"c.csv": "date\n2026-12-25\n"}).times["t"].choices[0].hours

    assert (first.days.calendars, first.start, first.end) == (("c",), 1320, 360)
    assert (sorted(second.days.weekdays), second.end) == ([0, 1, 2, 3, 6], 1440)
    assert (third.days.nth, third.days.excepted) == (((-1, 3),), ("c",))


def test_holidays_are_those_of_the_nation() -> None:
    """Easter Monday is one in England and none in Scotland."""
    england = made("calendar c from holidays GB-ENG\ndefine d as on c").calendars["c"].dates
    scotland = made("calendar c from holidays GB-SCT\ndefine d as on c").calendars["c"].dates

    assert date(2026, 4, 6) in england - scotland
    assert date(2026, 1, 2) in scotland - england


def test_without_a_clock_the_exam_end_counts() -> None:
    """The arrival always stands behind it."""
    assert made("").clock == ("exam_end",)
    assert made("fact theatre_time is instant\nclock theatre_time, else arrival").clock == ("theatre_time", "arrival")


# --- what acts on items


def test_watches_and_views_ask_for_what_only_items_have() -> None:
    """They look at living items; rules decide before there is one."""
    body = """
channels board
watch "Backlog" at 07:00 on working days when items on general over 40 and oldest on neuro over 2 days
  notify board
watch "Late" each item on neuro when waiting over 3 hours and not overdue until waiting under 1 hour
  move to general
  decide again without "R"
view "Mine" for everyone shows neuro, general when state is claimed sorted by priority, due, waiting
rule "R" when ordered tag t
"""
    found = made(body)

    backlog, late = found.watches
    assert backlog.on_working_days
    assert not backlog.each_item
    assert (late.worklist, late.each_item) == ("neuro", True)
    assert [key.name for key in found.views[0].sorted_by] == ["priority", "due", "waiting"]


# --- examples


def test_examples_are_given_in_canonical_form() -> None:
    """What an example gives is what a source would."""
    body = """
fact gestation is weeks
rule "R" when gestation under 37 weeks route to neuro
example "E" modality CT and SR, age 6 years, gestation 36 weeks, body_part unknown, exam_end 2026-03-10 10:00, ordered yes
  expect route to neuro by "R" due within 28 days
"""
    (example,) = made(body).examples

    assert example.given == (
        ("modality", ("CT", "SR")),
        ("age", Duration(years=6)),
        ("gestation", 36),
        ("body_part", None),
        ("exam_end", datetime(2026, 3, 10, 10, 0)),  # noqa: DTZ001 - local to the rulebook
        ("ordered", True),
    )
    assert [(one.what, one.by) for one in example.expects] == [("route", "R"), ("due_within", None)]


def test_examples_come_from_a_table_too() -> None:
    """A department tests with the list of cases that it has."""
    files = {
        "e.csv": "example,modality,age,expect_route,expect_by\nchild,CT and SR,6 years,neuro,R\nadult,CT,,general,otherwise\n"
    }
    body = 'rule "R" when age under 16 years route to neuro\nexamples from "e.csv"'

    child, adult = made(body, files).examples

    assert child.given == (("modality", ("CT", "SR")), ("age", Duration(years=6)))
    assert [(one.value, one.by) for one in (*child.expects, *adult.expects)] == [
        ("neuro", "R"),
        ("general", "otherwise"),
    ]


# --- the fingerprint


BODY = 'table t from "t.csv" key code\nrule "R" when procedure_code is listed in t route to neuro'


def fingerprint(body: str, table: str = "code,x\nA,1\n") -> str:
    return made(body, {"t.csv": table}).fingerprint


def test_layout_comments_and_examples_do_not_change_the_fingerprint() -> None:
    """It is the same rulebook."""
    laid_out = BODY.replace(" when", "\n     when  ").replace("route", "# where\n route")

    assert (
        fingerprint(BODY)
        == fingerprint(laid_out)
        == fingerprint(BODY + '\nexample "E" modality CT expect route to general')
    )
    assert fingerprint(BODY) == fingerprint(BODY, "code;x\r\n A ; 1\r\n")


def test_a_cell_a_rule_or_a_word_changes_the_fingerprint() -> None:
    """Tables are part of the rules: a store that works by other ones must know."""
    others = {
        fingerprint(BODY),
        fingerprint(BODY, "code,x\nA,2\n"),
        fingerprint(BODY, "code,x\nB,1\n"),
        fingerprint(BODY.replace("route to neuro", "route to general")),
        fingerprint(BODY.replace("is listed", "is not listed")),
    }
    assert len(others) == 5


# --- what holds always


@pytest.mark.parametrize("statement", list(read_statements(STATEMENTS / "cases")), ids=lambda statement: statement.name)
def test_the_statements_check_as_they_are_meant(statement: Statement) -> None:
    """What departments say loads without error or warning; each refused change has an error, and nothing besides."""
    for path in sorted(STATEMENTS.glob(f"{statement.name}.*rules")):
        own = STATEMENTS / path.stem
        beside = {file.name: file.read_bytes() for file in own.iterdir()} if own.is_dir() else {}
        parsed = parse(path.read_bytes(), path.name)

        found = check(parsed, Texts({**statement.files, **beside}))

        assert not parsed.findings, path.name
        severities = {one.severity.value for one in found.findings} - {"note"}
        assert severities == ({"error"} if ".refused-" in path.name else set()), path.name


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*/*.rules")), ids=lambda path: path.stem)
def test_the_examples_check_without_error_or_warning(path: Path) -> None:
    """What we ship is what we advise."""
    found = check(parse(path.read_bytes(), path.name), Folder(path.parent))

    assert found.program is not None
    assert all(one.severity.value == "note" for one in found.findings)


def _is_sound(found: Checked, *, parses: bool) -> bool:
    places = [one.span for one in found.findings]
    errors = any(one.severity.value == "error" for one in found.findings)
    return places == sorted(places) and (found.program is None) == (errors or not parses)


WHOLE = (STATEMENTS / "whole-department.rules").read_text(encoding="utf-8")
SNIPPETS = sorted({word for word in WHOLE.replace("(", " ( ").split() if not word.startswith("#")})


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 6))
def test_no_rulebook_makes_checking_raise(seed: int, changes: int) -> None:
    """Whatever a person does to a file in an editor, the answer is findings, sorted by place."""
    chance = random.Random(seed)
    words = WHOLE.split(" ")
    for _ in range(changes):
        place = chance.randrange(len(words))
        words[place] = chance.choice(
            ["", chance.choice(SNIPPETS), words[place] + " " + chance.choice(SNIPPETS), words[place][1:]]
        )

    parsed = parse(" ".join(words), "book.rules")
    found = check(
        parsed, Texts({"procedures.csv": "code,worklist,hours\nQ,neuro,4\n", "england.csv": "date\n2026-12-25\n"})
    )

    parses = not any(one.severity.value == "error" for one in parsed.findings)
    assert _is_sound(found, parses=parses)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_no_file_beside_it_makes_checking_raise(content: bytes) -> None:
    """Tables, calendars, examples and included files are written by people too."""
    body = """
table t from "x" key code
calendar c from "x"
values site from "x"
include "x"
examples from "x"
rule "R" when procedure_code is listed in t and on c and site is known route to neuro
"""
    parsed = parse(HEAD + body + TAIL, "book.rules")

    found = check(parsed, Texts({"x": content}))

    assert _is_sound(found, parses=True)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(rulebooks)
def test_no_tree_makes_checking_raise(tree: syntax.Rulebook) -> None:
    """Whatever parses, checks: to a program or to findings."""
    assert _is_sound(check(Parsed(rulebook=tree, findings=()), Texts({})), parses=True)


def test_defines_may_not_nest_without_end() -> None:
    """A chain that is longer than anybody reads is refused, once, rather than running out of stack."""
    chain = "\n".join(f"define d{number} as not d{number - 1}" for number in range(1, 500))

    found = checked(within(f'define d0 as ordered\n{chain}\nrule "R" when d499 route to neuro'))

    assert [one.name for one in found.findings if one.severity.value == "error"] == ["syntax"]


def test_defines_that_double_cost_nothing() -> None:
    """Each define is looked at once, however many ways lead to it."""
    chain = "\n".join(f"define d{number} as d{number - 1} and d{number - 1}" for number in range(1, 45))

    found = checked(within(f'define d0 as ordered\n{chain}\nrule "R" when d44 unless d43 priority stat'))

    assert found.program is not None


def after_a_mistake(text: str) -> list[str]:
    """Return the places and names of all findings, those of the writing first."""
    parsed = parse(text, "book.rules")
    found = check(parsed)
    shown = [one for one in (*parsed.findings, *found.findings) if one.severity.value == "error"]
    return [f"{one.span.line} {one.name}" for one in shown]


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    ("text", "findings"),
    [
        (within('rule "R" when modality includes CT rout to neuro'), ["6 syntax"]),
        (within('rule "R" when modality i,ncludes CT route to neuro'), ["6 syntax", "6 syntax"]),
        (within('worklst chest "Chest" for everyone\nrule "R" when ordered route to chest'), ["6 syntax"]),
        (within('worklist ch"est "Chest" for everyone\nrule "R" when ordered route to chest'), ["6 syntax"]),
        (within('worklist "Chest" for everyone\nrule "R" when ordered route to chest'), ["6 syntax"]),
        (within('rule "R" when ordered\n  route to\n  priority urgent'), ["7 syntax"]),
        (within("").replace("otherwise route", "othrwise route"), ["8 syntax"]),
        (within("").replace("exceptions route", "exeptions route"), ["5 syntax"]),
        (
            within(
                'rule "R" when modality includes CT rout to neuro\nrule "S" when modalty includes CT route to neuro'
            ),
            ["6 syntax", "7 unknown-attribute"],
        ),
    ],
)
def test_what_follows_from_a_mistake_in_the_writing_is_no_finding(text: str, findings: list[str]) -> None:
    """Six findings for one missing letter send a person to look for six mistakes; other mistakes are still found."""
    assert after_a_mistake(text) == findings


@pytest.mark.slow
@pytest.mark.parametrize(
    "body",
    [
        "".join(
            f'rule "{number}" when {"x" * (number % 7 + 3)}{number} is A route to neuro\n' for number in range(2000)
        ),
        'rule "R" when body_part includes any of '
        + ", ".join(f"C{number}QX" for number in range(9000))
        + " route to neuro",
        "".join(f"timezone Europe/Town{'abcdefgh'[number % 8]} when site is A\n" for number in range(1500)),
        "".join(
            f'rule "{number}" when site is S{number} route to neuro escalate to neuro after 1 hour\n'
            for number in range(1200)
        ),
        "values site are "
        + ", ".join(f"V{number}" for number in range(8000))
        + '\nrule "R" when site is one of '
        + ", ".join(f"W{number}" for number in range(1500))
        + " route to neuro",
    ],
    ids=["unknown names", "codes", "zones", "escalations", "values"],
)
def test_no_text_takes_long_to_check(body: str) -> None:
    """An editor asks after every pause; a hundred kilobytes of nonsense must not hold it up."""
    check(parse(within(body), "book.rules"))

"""The one usual layout: it changes no meaning, loses no comment, and formatting twice is formatting once."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routing import syntax
from routing.errors import RulebookError
from routing.format import format_text, print_tree
from routing.parse import parse
from tests.language.strategies import conditions, effects, rulebooks

WHOLE = Path(__file__).with_name("whole.rules").read_text(encoding="utf-8")
few = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.slow
@few
@given(rulebooks)
def test_printing_then_parsing_changes_nothing(rulebook: syntax.Rulebook) -> None:
    """Whatever can be said is printed so that it is read again as the same."""
    text = print_tree(rulebook)

    parsed = parse(text, "generated.rules")

    assert parsed.findings == ()
    assert parsed.rulebook == rulebook


@pytest.mark.slow
@few
@given(rulebooks)
def test_formatting_what_was_printed_changes_nothing(rulebook: syntax.Rulebook) -> None:
    once = format_text(print_tree(rulebook))

    assert format_text(once) == once
    assert parse(once, "x").rulebook == rulebook


@few
@given(conditions)
def test_a_condition_gives_back_its_text(condition: syntax.Condition) -> None:
    """A hold names its condition as text, and an explanation prints conditions."""
    parsed = parse(f"define x as {condition}", "x")

    assert parsed.findings == ()
    assert parsed.rulebook is not None
    assert parsed.rulebook.statements[0] == syntax.Define(
        name=syntax.Name(text="x", span=parsed.rulebook.span), condition=condition, span=parsed.rulebook.span
    )


@few
@given(effects)
def test_an_effect_gives_back_its_text(effect: syntax.Effect) -> None:
    parsed = parse(f"otherwise {effect}", "x")

    assert parsed.findings == ()
    assert parsed.rulebook is not None
    (otherwise,) = parsed.rulebook.each(syntax.Otherwise)
    assert otherwise.effects == (effect,)


@pytest.mark.slow
@few
@given(st.data())
def test_comments_anywhere_stay_and_stay_put(data: st.DataObject) -> None:
    """A comment says why; a formatter that loses one, or moves it at every run, is not used twice."""
    lines = WHOLE.splitlines()
    for number in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(lines) - 1))
        words = lines[at].split(" ")
        cut = data.draw(st.integers(0, len(words)))
        if not any(mark in lines[at] for mark in '"#:'):
            indent = " " * data.draw(st.integers(0, 4))
            lines[at : at + 1] = [" ".join(words[:cut]) + f" # note {number}", indent + " ".join(words[cut:])]
        else:
            lines.insert(at, " " * data.draw(st.integers(0, 4)) + f"# note {number}")
    text = "\n".join(lines)

    once = format_text(text)

    assert _comments(once) == _comments(text)
    assert format_text(once) == once
    assert parse(once, "x").rulebook == parse(text, "x").rulebook


def _comments(text: str) -> Counter[str]:
    return Counter(comment.text for comment in parse(text, "x").comments)


def test_the_example_of_the_language_page_keeps_its_layout() -> None:
    once = format_text(WHOLE)

    assert format_text(once) == once
    assert parse(once, "x").rulebook == parse(WHOLE, "x").rulebook
    for line in (
        "define child as age under 16 years",
        "define head  as body_part includes HEAD",
        '             or description mentions "head", "brain" except "femoral head", "head of pancreas"',
        'worklist paeds     "Paediatrics"        for readers with paediatric',
        'rule "Never later than 28 days" always',
        '  rule "Head and neck" when head route to neuro',
        "  otherwise route to general  # for what no rule of the group gave",
        '  expect route to paeds by "Children stay with the paediatric team"',
    ):
        assert line in once.splitlines()


def test_a_rulebook_written_anyhow_is_laid_out() -> None:
    untidy = """\
# about this file
worklist   a "A" for everyone   # first
worklist general "General reporting"
  for readers with x or y
rule "One" for opinion when modality
   includes CT   # why CT
   and (child or head) unless site is RIVERSIDE route to a priority   stat # so
   # the due
   due within 1 hours
   # nothing more
otherwise route to general priority routine due within 28 days"""

    assert (
        format_text(untidy)
        == """\
# about this file
worklist a       "A"                 for everyone  # first
worklist general "General reporting" for readers with x or y

rule "One" for opinion
  when modality includes CT and (child or head)  # why CT
  unless site is RIVERSIDE
  route to a
  priority stat  # so
  # the due
  due within 1 hour
  # nothing more

otherwise
  route to general
  priority routine
  due within 28 days
"""
    )


def test_a_long_condition_stands_on_several_lines() -> None:
    long = " and ".join(f'description mentions "phrase number {number}"' for number in range(4))

    lines = format_text(f'rule "x" when {long} route to a').splitlines()

    assert lines[1].startswith('  when description mentions "phrase number 0"')
    assert lines[2].startswith('   and description mentions "phrase number 1"')


def test_text_with_mistakes_is_not_touched() -> None:
    with pytest.raises(RulebookError) as refused:
        format_text('rule "x" wen child route to a')

    assert [found.name for found in refused.value.findings] == ["syntax"]


def test_an_empty_text_stays_empty() -> None:
    assert format_text("") == ""
    assert format_text("\n\n") == ""

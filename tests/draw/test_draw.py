"""The picture: every rule once, folded to a size for people, deterministic, and safe to show."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest

from routing.draw import Branch, Leaf, Mark, Picture, as_mermaid, as_svg, as_text, picture
from routing.rulebook import Rulebook

AT = datetime(2026, 3, 10, 12, tzinfo=UTC)
HEAD = """
rulebook "Small <town>"
language 1
timezone Europe/London
clock exam_end, else arrival
priorities stat, urgent, soon, routine
skills pacs_team
worklist neuro "Neuro" for everyone
worklist paeds "Paediatrics" for everyone
worklist general "General" for everyone
worklist attention "Needs a human" for readers with pacs_team
exceptions route to attention priority urgent due within 1 hour
define child as age under 16 years
"""
RULES = """
rule "Children" when child route to paeds
rule "Head CT" when modality includes CT and body_part includes HEAD route to neuro priority stat
rule "Neck CT" when modality includes CT and body_part includes NECK and patient_class is emergency route to neuro
rule "All CT" when modality includes CT tag ct
"""
REST = "\notherwise route to general priority routine due within 10 working days\n"
BOOK = Rulebook.loads(HEAD + RULES + REST)


def many(count: int) -> Rulebook:
    rules = "".join(
        f'rule "R{number}" when department is D{number % 7} and referrer_specialty is S{number % 13}'
        f" and procedure_code includes P{number} route to neuro\n"
        for number in range(count)
    )
    return Rulebook.loads(HEAD + RULES + rules + REST)


def nodes(inside: Iterator[Branch | Leaf] | tuple[Branch | Leaf, ...] | list[Branch | Leaf]) -> Iterator[Branch | Leaf]:
    for one in inside:
        yield one
        if isinstance(one, Branch):
            yield from nodes(one.inside)


def rules_in(drawn: Picture) -> int:
    every = list(nodes(drawn.inside))
    folded = sum(one.count for one in every if isinstance(one, Branch) and one.folded)
    return folded + sum(isinstance(one, Leaf) for one in every)


def test_rules_that_ask_the_same_stand_under_it() -> None:
    drawn = picture(BOOK.compiled)

    branch = next(one for one in drawn.inside if isinstance(one, Branch))
    assert (branch.asks, branch.count) == ("modality includes CT", 3)
    assert [(one.name, one.asks) for one in branch.inside if isinstance(one, Leaf)] == [
        ("Head CT", ("body_part includes HEAD",)),
        ("Neck CT", ("body_part includes NECK", "patient_class is emergency")),
        ("All CT", ()),
    ]
    assert drawn.defines == (("child", "age under 16 years"),)


@pytest.mark.slow
@pytest.mark.parametrize("count", [1, 150, 1000])
def test_every_rule_is_there_once_and_a_large_book_is_folded(count: int) -> None:
    book = many(count)
    drawn = picture(book.compiled)

    assert rules_in(drawn) == count + 4
    assert sum(1 for _ in nodes(drawn.inside)) <= 220
    assert as_text(drawn) == as_text(picture(book.compiled))


def test_a_procedure_shows_the_path_that_it_takes() -> None:
    study = {"modality": ["CT"], "body_part": ["HEAD"], "age": "P40Y"}
    attributes = BOOK.attributes(study, at=AT)
    drawn = picture(BOOK.compiled, attributes, BOOK.decide(attributes, at=AT))

    marks = {one.name if isinstance(one, Leaf) else one.asks: one.mark for one in nodes(drawn.inside)}
    assert marks == {
        "Children": Mark.FALSE,
        "modality includes CT": Mark.TRUE,
        "Head CT": Mark.WINS,
        "Neck CT": Mark.FALSE,
        "All CT": Mark.TRUE,
    }
    assert "► 2. Head CT → neuro · stat" in as_text(drawn)
    assert ":::wins" in as_mermaid(drawn)


def test_what_is_unknown_is_marked_so() -> None:
    attributes = BOOK.attributes({"modality": ["MR"]}, at=AT)
    drawn = picture(BOOK.compiled, attributes, BOOK.decide(attributes, at=AT))

    assert "? 1. Children" in as_text(drawn)
    assert drawn.otherwise.mark is Mark.WINS


def test_svg_says_what_its_lines_mean_where_there_is_a_path_alone() -> None:
    known = BOOK.attributes({"modality": ["CT"]}, at=AT)
    decision = BOOK.decide(known, at=AT)

    assert "dashed is unknown" in as_svg(picture(BOOK.compiled, known, decision))
    assert "dashed is unknown" not in as_svg(picture(BOOK.compiled))


def test_svg_is_one_well_formed_document_with_every_name_escaped() -> None:
    root = ET.fromstring(as_svg(picture(BOOK.compiled)))  # noqa: S314 - our own text

    words = " ".join(one.text or "" for one in root.iter() if one.tag.endswith("text"))
    assert root.tag.endswith("svg")
    for name in ("Small <town>", "Head CT", "otherwise", "modality includes CT"):
        assert name in words


def test_mermaid_escapes_what_it_would_read_itself() -> None:
    assert 'root(["Small #60;town#62;"])' in as_mermaid(picture(BOOK.compiled))

"""Parsing never raises, gives every finding of a text at once, and one for each cause."""

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from routing import syntax
from routing.parse import machine, parse
from routing.render import render_all

WHOLE = Path(__file__).with_name("whole.rules").read_text(encoding="utf-8")


def found(text: str | bytes) -> list[tuple[int, str]]:
    return [(each.span.line, each.message) for each in parse(text, "x").findings]


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200))
def test_no_bytes_raise(data: bytes) -> None:
    render_all(parse(data, "x").findings, {"x": ""})


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200))
def test_no_text_raises(text: str) -> None:
    parsed = parse(text, "x")

    render_all(parsed.findings, {"x": text})
    assert list(parsed.findings) == sorted(parsed.findings, key=lambda each: each.span)


@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False))
def test_no_damaged_rulebook_raises(chance: random.Random) -> None:
    """Damage comes from editors, merges and mail programs: pieces go missing, double, or move."""
    text = WHOLE
    for _ in range(chance.randrange(1, 8)):
        at, length = chance.randrange(len(text)), chance.randrange(40)
        piece = chance.choice(["", text[at : at + 9], '"', "(", "#", "\n", "end", " not ", "=", "\0", "”", " rule "])
        text = text[:at] + piece + text[at + length :]

    parsed = parse(text, "x")

    render_all(parsed.findings, {"x": text})


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"], ids=["UTF-8", "with a byte order mark", "UTF-16", "Windows"]
)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_text_is_read_as_editors_save_it(encoding: str, newline: str) -> None:
    text = newline.join(['worklist a "Kinder-Röntgen" for everyone', 'rule "x" wen child route to a', ""])

    parsed = parse(text.encode(encoding), "x")

    assert [(each.span.line, each.span.column) for each in parsed.findings] == [(2, 10)]
    assert parsed.rulebook is not None
    (worklist,) = parsed.rulebook.each(syntax.Worklist)
    assert worklist.title is not None
    assert worklist.title.text == "Kinder-Röntgen"


@pytest.mark.parametrize(
    "data", [b"PK\x03\x04\x14\0\0\0", b"\x89PNG\r\n\x1a\n", b"rule \0", b"\xff\xfe\0\0\1\0", b"\x7fELF"]
)
def test_what_is_no_text_is_said_once(data: bytes) -> None:
    parsed = parse(data, "x")

    assert parsed.rulebook is None
    assert [(each.name, each.message) for each in parsed.findings] == [("syntax", "this is not a text file")]


def test_all_mistakes_of_a_file_come_back_at_once() -> None:
    text = """\
worklist a "A" for everyone
rule "one" wen child
  rout to a
rule "two" when (child and head
  route to a
define x az child
rule "three" when child
  route to a
"""

    assert found(text) == [
        (2, "`wen` is not a word that can stand here"),
        (3, "`rout` is not a word that can stand here"),
        (4, "this `(` is never closed"),
        (6, "`az` is not a word that can stand here"),
    ]
    parsed = parse(text, "x")
    assert parsed.rulebook is not None
    assert [rule.name.text for rule in parsed.rulebook.each(syntax.Rule)] == ["one", "two", "three"]
    assert not parsed.lost


def test_a_rule_that_cannot_be_mended_leaves_the_others_alone() -> None:
    text = 'rule "one" when ] ] ] route to a\nrule "two" when child route to a'

    parsed = parse(text, "x")

    assert {each.span.line for each in parsed.findings} == {1}
    assert parsed.rulebook is not None
    assert "two" in [rule.name.text for rule in parsed.rulebook.each(syntax.Rule)]


def test_what_was_lost_is_named() -> None:
    """Whoever checks the rest must not report that `head` is unknown: its define is there, and is broken."""
    parsed = parse("define head as\ndefine child as age under 16 years", "x")

    assert [each.message for each in parsed.findings] == ["this `define` breaks off: a condition should follow"]
    assert parsed.lost == {("define", "head")}


def test_an_unterminated_text_is_one_finding() -> None:
    text = 'rule "Head CT when child\n  route to a\nrule "two" when child route to a'

    assert found(text) == [(1, "this text has no closing quote")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            'group "g" when child\n  rule "x" when head route to a\n\nrule "z" when hip route to a',
            [(4, "`end` of the group `g` is missing before this")],
            id="a rule further out",
        ),
        pytest.param(
            'group "g" when child\n  rule "x" when head route to a\n\notherwise route to a',
            [(4, "`end` of the group `g` is missing before this")],
            id="the otherwise of the file",
        ),
        pytest.param(
            'group "g" when child\nrule "x" when head route to a\nworklist b "B"',
            [(3, "`end` of the group `g` is missing before this")],
            id="what no group holds",
        ),
        pytest.param(
            'group "g" when child\n  rule "x" when head route to a',
            [(1, "the group `g` has no `end`")],
            id="the end of the file",
        ),
        pytest.param(
            'rule "x" when head\n  route to a\nend\nrule "y" when head route to a',
            [(3, "this `end` closes nothing")],
            id="one too many",
        ),
        pytest.param(
            'group "g" when child\n  otherwise route to a\n  rule "x" when head route to a\nend',
            [(3, "a rule cannot follow the `otherwise` of its group")],
            id="a rule after otherwise",
        ),
        pytest.param('group "g" when child\nend', [(1, "the group `g` has no rules")], id="nothing inside"),
        pytest.param(
            'group "g" when child\n  worklist b "B"\n  rule "x" when head route to a\nend',
            [(2, "`worklist` cannot stand inside the group `g`")],
            id="a worklist inside",
        ),
    ],
)
def test_a_group_without_its_end_is_found_by_indentation(text: str, expected: list[tuple[int, str]]) -> None:
    """A forgotten `end` would put the rest of the file inside the group's condition."""
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "define x as " + "(" * 3_000 + "a" + ")" * 3_000,
        "define x as " + "not " * 3_000 + "a",
        "define x as " + "t[" * 3_000,
        'group "x" always ' * 2_000 + "end " * 2_000,
    ],
    ids=["parentheses", "nots", "brackets", "groups"],
)
def test_nesting_a_thousand_deep_is_a_finding(text: str) -> None:
    messages = [message for _, message in found(text)]

    assert len(messages) == 1
    assert "inside each other" in messages[0]


@pytest.mark.parametrize(
    "text",
    [
        '{"rules": [{"name": "x", "when": "modality = CT"}]}',
        "import os\ndef rule(x):\n    if x == 1:\n        return 'CT'\n",
        "SELECT * FROM worklist WHERE modality = 'CT';\n",
        '<?xml version="1.0"?>\n<rules><rule name="x"/></rules>\n',
        "Dear all,\nplease route head CT to Neuro from Monday.\nThanks!\n",
        "IF modality = 'CT' THEN route = 'NEURO'\n",
    ],
    ids=["JSON", "Python", "SQL", "XML", "a letter", "IF THEN"],
)
def test_another_language_is_one_finding(text: str) -> None:
    """A hundred findings about a file that was never a rulebook help nobody."""
    (only,) = parse(text, "x").findings

    assert only.span.line == 1
    assert only.message.endswith("begins no statement")


@pytest.mark.parametrize("what", ["delete", "double", "misspell", "swap letters"])
def test_one_slip_anywhere_gives_one_finding_near_it(what: str) -> None:
    """Of every word of a whole rulebook: one cause, one finding, on its line or next to it."""
    tokens, _ = machine().cutter.cut(WHOLE, "x")
    starts = [0, *(at + 1 for at, mark in enumerate(WHOLE) if mark == "\n")]
    tried, bad = 0, []
    for token in tokens[::3]:
        start, stop = starts[token.line - 1] + token.column - 1, starts[token.line - 1] + token.end_column - 1
        keyword = token.text.islower() and len(token.text) > 3 and token.type != "NAME"
        match what:
            case "delete":
                text = WHOLE[:start] + WHOLE[stop:]
            case "double":
                text = WHOLE[:stop] + " " + WHOLE[start:]
            case "misspell" if keyword:
                text = WHOLE[: start + 1] + WHOLE[start + 2 :]
            case "swap letters" if keyword:
                text = WHOLE[: start + 1] + token.text[2] + token.text[1] + WHOLE[start + 3 :]
            case _:
                continue
        tried += 1
        findings = parse(text, "x").findings
        if len(findings) > 1 or any(abs(each.span.line - token.line) > 1 for each in findings):
            bad.append((token, [each.headline() for each in findings]))

    assert tried > 20
    assert len(bad) <= tried // 50, bad


@pytest.mark.slow
@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "text",
    [
        'rule "x" when a = b then rout to c\n' * 3_000,
        "define x as " + " ".join(["foo"] * 25_000),
        'rule "x" when modality includes ' + " or ".join(["CT"] * 15_000) + " route to a",
        "“a” " * 20_000,
        '"' * 99_999,
        "define x as t[" * 8_000,
        "1:" * 50_000,
        'rule "x" when a matches ' + "/a\\" * 33_000,
    ],
    ids=["many mistakes", "names", "or", "curly", "quotes", "brackets", "times", "slashes"],
)
def test_long_nonsense_takes_no_time(text: str) -> None:
    """Some 0.3 s; what grows with the square of the text runs into the limit."""
    parse(text, "x")


def test_comments_are_kept_with_their_places() -> None:
    parsed = parse('# top\nrule "x" # why\n  when a # b\n  route to "#c"', "x")

    assert [(each.text, each.span.line, each.alone) for each in parsed.comments] == [
        ("# top", 1, True),
        ("# why", 2, False),
        ("# b", 3, False),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('rule "x" always escalate to a', "an escalation in a rule says when"),
        ('rule "x" always route to a move to b', "`move to` only stands in a watch"),
        ("otherwise route to a decide again", "`decide again` only stands in a watch"),
    ],
)
def test_what_only_a_watch_may_say(text: str, message: str) -> None:
    assert [said for _, said in found(text)] == [message]


def test_the_parser_is_made_once() -> None:
    assert machine() is machine()

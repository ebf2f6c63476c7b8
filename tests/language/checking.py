"""What the tests of checking share: a small rulebook around the text under test, and its findings as printed."""

from collections.abc import Mapping

from attrs import field, frozen

from routing.check import Checked, check
from routing.files import Texts
from routing.parse import parse
from routing.render import render_all

NAME = "book.rules"
HEAD = """\
rulebook "Test"
timezone Europe/London
worklist general "General" for everyone
worklist neuro   "Neuro"   for everyone
exceptions route to general
"""
TAIL = """\
rule "As requested" always priority priority_requested
otherwise route to general priority routine due within 28 days
"""
FIRST_LINE = HEAD.count("\n") + 1  # of the text under test


def checked(text: str, files: Mapping[str, str | bytes] | None = None) -> Checked:
    """Check *text* as it is; parsing must have nothing to say about it."""
    parsed = parse(text, NAME)
    assert not parsed.findings, render_all(parsed.findings, {NAME: text})
    assert parsed.rulebook is not None
    return check(parsed, Texts(files or {}))


def within(body: str) -> str:
    """Return a whole rulebook around *body*, which begins on line 6."""
    return HEAD + body.strip("\n") + "\n" + TAIL


def printed(text: str, files: Mapping[str, str | bytes] | None = None, *, unused: bool = False) -> str:
    """Return the findings about *text* as `check` prints them, without notes on unused names unless asked for."""
    found = checked(text, files)
    shown = [one for one in found.findings if unused or one.name != "unused-name"]
    return render_all(shown, {NAME: text, **found.texts})


@frozen(kw_only=True)
class Case:
    """Rule text that has a finding, its exact printed form, and rule text close by that has none."""

    name: str
    text: str
    shows: str
    files: Mapping[str, str | bytes] = field(factory=dict)
    near: str | None = None
    near_files: Mapping[str, str | bytes] = field(factory=dict)

    def __str__(self) -> str:
        return self.name

"""What checking says where an optional package is not installed: how to get it, never a traceback."""

import sys

import pytest

from routing.check import calendars, expressions
from tests.language.checking import printed, within


@pytest.fixture(autouse=True)
def _forget() -> None:
    calendars.holidays_of.cache_clear()
    expressions.problem.cache_clear()


def test_holidays_without_the_package_name_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rulebook that loads at one site must say what it lacks at another."""
    monkeypatch.setitem(sys.modules, "holidays", None)

    assert (
        printed(within('calendar c from holidays GB-ENG\nrule "R" when on c route to neuro'))
        == """\
book.rules:6:26: error R307 bad-calendar: a calendar of public holidays needs the extra `calendars`
    6 | calendar c from holidays GB-ENG
      |                          ^^^^^^
   help: pip install 'worklist-routing[calendars]'"""
    )


def test_expressions_without_the_engine_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine of the standard library can be held up for hours by eight letters of text."""
    monkeypatch.setitem(sys.modules, "re2", None)

    assert (
        printed(within('rule "R" when site matches /^A/ route to neuro'))
        == """\
book.rules:6:28: error R310 regex-unavailable: expressions need the linear-time engine, which is not installed
    6 | rule "R" when site matches /^A/ route to neuro
      |                            ^^^^
   help: pip install 'worklist-routing[regex]', or use `mentions` or `starts with`"""
    )

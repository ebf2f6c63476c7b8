"""Examples of rulebooks as tests of pytest, and no difference for whoever does not ask for them."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.slow  # a run of pytest in each

BOOK = """\
worklist general "General" for everyone
worklist neuro "Neuro" for everyone
exceptions route to general
rule "Heads" when body_part includes HEAD route to neuro
rule "As requested" always priority priority_requested
otherwise route to general priority routine due within 10 working days
example "a head" body_part HEAD expect route to neuro by "Heads"
example "a knee" body_part KNEE expect route to {knee}
"""


@pytest.fixture
def place(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """Return a folder with a rulebook and a test; the plugin is named, whether or not it is installed."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p routing.pytest_plugin")
    pytester.makefile(".rules", book=BOOK.format(knee="general"))
    pytester.makepyfile("def test_other(): pass")
    return pytester


def test_a_rulebook_that_is_given_is_run(place: pytest.Pytester) -> None:
    """`pytest book.rules` is all that a PACS team has to know."""
    result = place.runpytest_inprocess("book.rules", "-v")

    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["*book.rules*a head*PASSED*"])


def test_a_failed_example_says_what_was_decided(place: pytest.Pytester) -> None:
    """As `routing test` says it, with the place."""
    place.makefile(".rules", book=BOOK.format(knee="neuro"))

    result = place.runpytest_inprocess("book.rules")

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["*book.rules:8: example `a knee` failed", "expected route to neuro, decided general by `otherwise`"]
    )


def test_a_rulebook_that_does_not_load_is_one_failed_test(place: pytest.Pytester) -> None:
    """The other tests still run, and the findings are shown as people know them."""
    place.makefile(".rules", book=BOOK.format(knee="general").replace("route to neuro", "route to nuero", 1))

    result = place.runpytest_inprocess("book.rules", "test_a_rulebook_that_does_not_load_is_one_failed_test.py")

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*book.rules:4:52: error R203 unknown-worklist: there is no worklist `nuero`"])


def test_nothing_is_collected_unless_asked_for(place: pytest.Pytester) -> None:
    """The plugin is there for everybody who has the library installed."""
    place.runpytest_inprocess().assert_outcomes(passed=1)


def test_the_setting_collects_every_rulebook_with_examples(place: pytest.Pytester) -> None:
    """A file that others include does not load by itself, and is no failure."""
    place.makeini("[pytest]\nrouting_rules = true\n")
    place.makefile(".rules", part='rule "Part" when body_part includes KNEE route to neuro')

    place.runpytest_inprocess().assert_outcomes(passed=3)


def test_the_plugin_is_declared() -> None:
    """Installing the library is all that it takes."""
    settings = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))

    assert settings["project"]["entry-points"]["pytest11"] == {"routing": "routing.pytest_plugin"}

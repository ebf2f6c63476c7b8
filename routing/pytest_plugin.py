"""A pytest plugin: each example of a rulebook is a test.

`pytest department.rules` runs the examples of that file. With `routing_rules = true` in the settings of pytest, the
examples of every `*.rules` file that it comes across are collected too. Otherwise nothing is: whoever has this library
installed for another reason sees no difference.

A rulebook that does not load is one failed test, with its findings. What has no examples, such as a file that others
include, is left alone unless it was given by name.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from routing.examples import ExampleResult
    from routing.rulebook import Rulebook


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the setting that turns collecting on."""
    parser.addini("routing_rules", "collect the examples of *.rules files as tests", type="bool", default=False)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Return the collector of a rule file that was given by name, or of any where that is asked for."""
    if file_path.suffix != ".rules":
        return None
    given = parent.session.isinitpath(file_path)
    if not given and not parent.config.getini("routing_rules"):
        return None
    collector: RulesFile = RulesFile.from_parent(parent, path=file_path)
    collector.given = given
    return collector


class RulesFile(pytest.File):
    """A rule file: its examples are decided once, when the first of them runs."""

    given = False

    @cached_property
    def book(self) -> Rulebook:
        """The rulebook; raises `RulebookError` when it does not load."""
        from routing.rulebook import Rulebook  # noqa: PLC0415 - pytest starts as quickly as without this plugin

        return Rulebook.load(self.path)

    @cached_property
    def results(self) -> tuple[ExampleResult, ...]:
        """What became of the examples, in their order."""
        from routing.examples import run_examples  # noqa: PLC0415 - as above

        return run_examples(self.book).results

    def collect(self) -> Iterator[pytest.Item]:
        """Yield a test for each example, or one that fails where the rulebook does not load."""
        from routing.errors import RulebookError  # noqa: PLC0415 - as above

        if not self.given and not self._has_examples():
            return
        try:
            examples = self.book.program.examples
        except RulebookError as error:
            yield Loads.from_parent(self, name="loads", error=error)
            return
        for number, example in enumerate(examples):
            yield Example.from_parent(self, name=example.name, number=number, line=example.span.line)

    def _has_examples(self) -> bool:
        from routing import syntax  # noqa: PLC0415 - as above
        from routing.parse import parse  # noqa: PLC0415

        read = parse(self.path.read_bytes(), str(self.path)).rulebook
        return read is not None and any(
            isinstance(one, syntax.Example | syntax.ExamplesFrom) for one in read.statements
        )


class Loads(pytest.Item):
    """The test that a rulebook loads; there only where it does not."""

    def __init__(self, *, error: Exception, **more: object) -> None:
        super().__init__(**more)  # type: ignore[arg-type]  # pytest's own
        self.error = error

    def runtest(self) -> None:
        """Raise what loading raised."""
        raise self.error

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> str:  # type: ignore[override]
        """Return the findings as `routing check` prints them."""
        from routing.errors import RulebookError  # noqa: PLC0415 - as above
        from routing.parse import decode  # noqa: PLC0415
        from routing.render import render_all  # noqa: PLC0415

        if not isinstance(excinfo.value, RulebookError):
            return str(excinfo.value)
        return render_all(excinfo.value.findings, {str(self.path): decode(self.path.read_bytes())})

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return where the test stands."""
        return self.path, 0, f"{self.path.name}: loads"


class Failed(AssertionError):
    """An example was decided otherwise than it expects."""


class Example(pytest.Item):
    """The test that one example is decided as it expects."""

    def __init__(self, *, number: int, line: int, **more: object) -> None:
        super().__init__(**more)  # type: ignore[arg-type]  # pytest's own
        self.number, self.line = number, line

    def runtest(self) -> None:
        """Raise `Failed` with a line for each expectation that did not come true."""
        collector = self.parent
        assert isinstance(collector, RulesFile)  # noqa: S101 - only a rule file makes these
        result = collector.results[self.number]
        if not result.passed:
            raise Failed("\n".join(result.failures))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> str:  # type: ignore[override]
        """Return what was expected and what was decided."""
        if isinstance(excinfo.value, Failed):
            return f"{self.path}:{self.line}: example `{self.name}` failed\n{excinfo.value}"
        return str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return where the example stands."""
        return self.path, self.line - 1, f"{self.path.name}: {self.name}"

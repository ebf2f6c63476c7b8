"""Viewing: whether a view shows an item, by what the item keeps of it and by what it is as somebody looks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from attrs import evolve, field, frozen

from routing.attributes import Attributes
from routing.compile import compile_program
from routing.compile.subject import Subject
from routing.meaning.logic import Truth
from routing.program import Condition, View
from routing.store.protocol import Reading
from routing.store.records import Item
from routing.worklists.judging import Judge, ListReaders
from routing.worklists.living import figures_in
from routing.worklists.placing import VIEWS
from routing.worklists.sight import WHEN
from routing.worklists.watching import figures_of

ASKING: Final = 1  # asking an item what it is now takes about as long as looking at one


def readers_of(view: View) -> ListReaders:
    """Return whom a view is for."""
    return ListReaders(skills=tuple(view.readers.skills), combine=view.readers.combine)


@frozen(kw_only=True)
class HostView:
    """A view that a host brings, by the rulebook that was active when it was made; `Worklists.page` takes it."""

    view: View
    judge: Judge = field(repr=False)


def host_view(judge: Judge, text: str) -> HostView:
    """
    Return the one view of a text in the rule language, to be asked for beside those of the rulebook.

    What it asks is kept with no item, so that a page reads what is known of each procedure that it looks at.

    Raises:
        RulebookError: a finding about it is an error; its lines count on from the last of the rulebook's text.
        TypeError: it is not one view and nothing else, or the host's own rules know no views.

    """
    rules: Any = judge.rules
    if judge.program is None:
        raise TypeError("these rules know no views")
    more = rules.loads(f"{rules.text}\n{text}\n", tables=rules.tables)
    same = evolve(more.program, views=judge.views).fingerprint == judge.fingerprint
    own = [view for view in more.program.views if view.name not in {mine.name for mine in judge.views}]
    if not same or len(own) != 1:
        raise TypeError("a host brings one view, and nothing else of a rulebook")
    compiled = compile_program(more.program, rules.compiled.conditions.negating)
    return HostView(view=own[0], judge=Judge(evolve(more, compiled=compiled)))


def kept_of(item: Item, judge: Judge) -> Mapping[str, Any] | None:
    """Return what an item keeps for the views of this rulebook; None where it keeps nothing, or of another's."""
    return item.details.get(VIEWS) if item.rulebook == judge.fingerprint else None


class Viewer:
    """One view, as of one instant."""

    def __init__(self, view: View, store: Reading, judge: Judge, now: datetime) -> None:
        self.worklists = view.worklists
        self.keys = tuple((key.name, key.descending) for key in view.sorted_by)
        self.sight = judge.sights.get(view.name)
        self._view = view
        self._store = store
        self._judge = judge
        self._now = now

    @cached_property
    def _figures(self) -> Mapping[str, Any]:
        return figures_of(self._store, figures_in(self._view.when))

    def shows(self, item: Item, attributes: Callable[[], Attributes | None]) -> tuple[bool, int]:
        """Return whether the view shows an item, and what it cost to say so; unknown is not true, as in a rule.

        *attributes* gives what is known of its procedure, which is read only where the item does not keep the answer.
        """
        sight, living = self.sight, self._judge.living
        if sight is None or living is None:
            return sight is None, 0
        kept = kept_of(item, self._judge)
        asked: list[Subject] = []

        def subject() -> Subject:
            if not asked:
                known = attributes() if kept is None or sight.needs_attributes else None
                asked.append(living.subject(known, self._now, item=item, figures=self._figures, names=sight.asks))
            return asked[0]

        def ask(condition: Condition) -> Truth:
            return living.holds(condition, subject())

        letters = sight.letters(ask) if kept is None else kept[WHEN].get(sight.name) or "F" * len(sight.steady)
        return sight.came_out(letters, ask) is True, ASKING * len(asked)

"""Paging: which open items a page shows, in which order, and that it says how many it does not show.

A page looks at its lists in the order of urgency and stops when it is full, or after `SCANNED` items where a condition
or a filter lets few through: it says so then, and the number that it hides is exact in any case (I27).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from attrs import field, frozen

from routing.attributes import ATTRIBUTES, Attributes
from routing.errors import NotAllowed, NotFound
from routing.program import View
from routing.store.protocol import Reading
from routing.store.records import Item
from routing.worklists.judging import Judge, ListReaders
from routing.worklists.living import asks_attributes, asks_living, figures_in, values_of
from routing.worklists.placing import VIEWS
from routing.worklists.rights import Rights
from routing.worklists.shelf import StoreShelf
from routing.worklists.watching import figures_of

SCANNED: Final = 2000  # items that one page looks at, at most, where something is asked of each
_ASKED: Final = 500  # of what is asked of one reader by name
_CHUNK: Final = 64
_OF_ITEMS: Final = frozenset({"priority", "due_at", "opened_at", "worklist", "kind", "state", "holder"})


@frozen(kw_only=True)
class Wish:
    """What a page is asked for. `where` holds attributes, or columns of an item, with the value that each must have."""

    worklists: tuple[str, ...] | None = None
    limit: int | None = 50
    view: str | None = None
    where: Mapping[str, str] = field(factory=dict)
    sort: tuple[str, ...] = ()


class Paging:
    """Pages of one store, by one rulebook, as of one instant."""

    def __init__(self, store: Reading, judge: Judge, rights: Rights, now: datetime) -> None:
        self.store = store
        self.judge = judge
        self.rights = rights
        self.now = now
        self._shelf = StoreShelf(store)

    def items(self, reader: str | None, wish: Wish) -> tuple[Sequence[Item], tuple[str, ...], bool]:
        """Return the items of a page, the lists that it is about, and whether it has looked at all of them.

        Raises:
            NotFound: there is no such list, view or attribute.
            NotAllowed: the view is not for this reader.

        """
        view = self._view(wish.view, reader) if wish.view is not None else None
        for name in (*wish.where, *wish.sort):
            _check_known(name, self.judge)
        lists = self._lists(reader, wish, view)
        if reader is None and view is None and not wish.where and not wish.sort:
            return self.store.page(lists, wish.limit), self._named(lists), True
        keys = (*(key.name for key in view.sorted_by), *wish.sort) if view is not None else wish.sort
        found, whole = self._found(reader, lists, wish, view, enough=None if keys else wish.limit)
        # Sorted by the least key first, since sorting keeps the order of what is alike.
        for name, falls in reversed([*_falling(view), *((one, False) for one in wish.sort)]):
            found.sort(key=lambda item, name=name: self._rank(item, name), reverse=falls)  # type: ignore[misc]
        return found[: wish.limit], self._named(lists), whole

    def _lists(self, reader: str | None, wish: Wish, view: View | None) -> list[str] | None:
        lists = list(self.rights.lists(reader)) if reader is not None else None
        for asked in (self.rights.require_known(wish.worklists) if wish.worklists is not None else None,):
            if asked is not None:
                lists = [name for name in asked if lists is None or name in lists]
        if view is not None:
            lists = [name for name in view.worklists if lists is None or name in lists]
        return lists

    def _named(self, lists: Sequence[str] | None) -> tuple[str, ...]:
        return tuple(lists) if lists is not None else tuple(one.code for one in self.store.worklists())

    def _view(self, name: str, reader: str | None) -> View:
        views = self.judge.program.views if self.judge.program else ()
        view = next((one for one in views if one.name == name), None)
        if view is None:
            raise NotFound("view", name)
        admits = ListReaders(skills=tuple(view.readers.skills), combine=view.readers.combine).admits
        if reader is not None and not admits(self.rights.skills(reader)):
            raise NotAllowed(reader, f"see the view `{name}`", "a skill that it is for")
        return view

    def _found(
        self, reader: str | None, lists: list[str] | None, wish: Wish, view: View | None, *, enough: int | None
    ) -> tuple[list[Item], bool]:
        asked = bool(wish.where) or (view is not None and view.when is not None)
        mine = self.store.asked_of(reader, _ASKED) if reader is not None and wish.worklists is None else ()
        found = {item.id: item for item in mine if self._shows(item, reader, wish, view)}
        looked, whole, after = 0, True, None
        while lists is None or lists:
            size = _CHUNK if enough is None else max(enough, _CHUNK)
            chunk = self.store.page(lists, size, after=after)
            found |= {item.id: item for item in chunk if self._shows(item, reader, wish, view)}
            looked += len(chunk)
            if len(chunk) < size or (enough is not None and len(found) >= enough + len(mine)):
                break
            if looked >= SCANNED and (asked or enough is None) and wish.limit is not None:
                whole = False
                break
            after = chunk[-1]
        return sorted(found.values(), key=urgency), whole

    def _shows(self, item: Item, reader: str | None, wish: Wish, view: View | None) -> bool:
        if reader is not None and not self.rights.may_take(reader, item):
            return False
        if not all(self._is(item, name, value) for name, value in wish.where.items()):
            return False
        return view is None or view.when is None or self._holds(item, view)

    def _holds(self, item: Item, view: View) -> bool:
        """Return whether a view's condition is true of an item: unknown is not true, as in a rule."""
        living = self.judge.living
        if living is None or view.when is None:
            return living is not None
        if VIEWS in item.details and item.rulebook == self.judge.fingerprint and not asks_living(view.when):
            return view.name in item.details[VIEWS]
        figures = figures_of(self.store, figures_in(view.when))
        attributes = self._attributes(item) if asks_attributes(view.when) else None
        subject = living.subject(attributes, self.now, item=item, figures=figures)
        return living.holds(view.when, subject) is True

    def _attributes(self, item: Item) -> Attributes | None:
        if item.procedure is None:
            return None
        return self._shelf.procedure(item.procedure).attributes(self.judge.zone)

    def _value(self, item: Item, name: str) -> Any:
        if name in _OF_ITEMS:
            value = getattr(item, name)
            return value.value if name in {"kind", "state"} else value
        living = values_of(item, self.now)
        attributes = living if name in living else self._attributes(item) or {}
        return attributes[name].value if name in attributes else None

    def _is(self, item: Item, name: str, value: str) -> bool:
        known = self._value(item, name)
        members = known if isinstance(known, (frozenset, set, tuple, list)) else (known,)
        return any(_text(one).casefold() == value.casefold() for one in members if one is not None)

    def _rank(self, item: Item, name: str) -> tuple[bool, Any]:
        """Return what sorts by a key: what is unknown comes last, whatever the direction of what is known."""
        value = item.rank if name == "priority" else self._value(item, name)
        if value is None:
            return True, 0 if name == "priority" else ""
        return False, value if isinstance(value, int) and name == "priority" else _sortable(value)


def urgency(item: Item) -> tuple[int, float, float, int]:
    """Return what orders a page: priority, due (none last), age."""
    due = item.due_at.timestamp() if item.due_at is not None else float("inf")
    return item.rank, due, item.opened_at.timestamp(), item.id


def _falling(view: View | None) -> Iterator[tuple[str, bool]]:
    for key in view.sorted_by if view is not None else ():
        yield key.name, key.descending


def _check_known(name: str, judge: Judge) -> None:
    declared = getattr(judge.rules, "declared", {})
    if name in _OF_ITEMS or name in {"waiting", "time_left", "overdue", "skips", "enquiries"}:
        return
    known = ATTRIBUTES.get(name)
    if (known is None or known.identity) and name not in declared:
        raise NotFound("attribute to filter or sort by", name)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _sortable(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        seconds = getattr(value, "seconds", None)
        if seconds is None:
            members: Iterable[Any] = value if isinstance(value, (frozenset, set, tuple, list)) else (value,)
            return ", ".join(sorted(_text(one).casefold() for one in members))
        value = seconds
    return f"{value + 10**15:020.3f}"  # numbers as texts that sort as they do, below nought too

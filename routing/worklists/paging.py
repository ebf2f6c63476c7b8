"""Paging: which open items a page shows, in which order, and that it says how many it does not show.

A page looks at its lists in the order of urgency and stops when it is full, or when it has looked at about as much as
fits into some milliseconds (more where attributes are asked for that items do not keep): it says so then, and the
number that it hides is exact in any case (I27).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from heapq import merge
from typing import Any, Final

from attrs import evolve, field, frozen

from routing.attributes import ATTRIBUTES, Attributes, Type
from routing.errors import NotAllowed, NotFound
from routing.store.protocol import Reading
from routing.store.records import Item
from routing.worklists.asked import HANDOVER, all_of, offered_to
from routing.worklists.judging import Judge
from routing.worklists.living import OF_ITEMS, values_of
from routing.worklists.rights import Rights
from routing.worklists.shelf import StoreShelf
from routing.worklists.sight import BY, said, sortable
from routing.worklists.viewing import HostView, Viewer, kept_of, readers_of

ENOUGH: Final = 500  # what one page spends: 1 for each item that it looks at, more for what is asked of one
PATIENT: Final = 10_000  # the same where attributes are asked for that no view of the rulebook asks
KNOWN: Final = 20  # reading what is known of a procedure takes about as long as twenty items
_ASKED: Final = 500  # of what is asked of one reader by name
_CHUNK: Final = 64  # items that are read at first, of all lists together
_MOST: Final = 128  # and at most at once of one list, when many are looked at
_NEVER: Final = datetime.max.replace(tzinfo=UTC)
_DUE: Final = "due"  # as the language calls it
_COLUMNS: Final = frozenset({"priority", _DUE, "due_at", "opened_at", "worklist", "kind", "state", "holder"})


@frozen(kw_only=True)
class Wish:
    """What a page is asked for. `where` holds attributes, or columns of an item, with the value that each must have."""

    worklists: tuple[str, ...] | None = None
    limit: int | None = 50
    view: str | HostView | None = None
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
        self._spent = 0
        self._known: dict[int, Attributes] = {}
        self._keys: dict[tuple[int, str], str | float | None] = {}

    def items(self, reader: str | None, wish: Wish) -> tuple[Sequence[Item], tuple[str, ...], bool]:
        """Return the items of a page, the lists that it is about, and whether it has looked at all of them.

        Raises:
            NotFound: there is no such list, view or attribute.
            NotAllowed: the view is not for this reader.

        """
        viewer = self._viewer(wish.view, reader) if wish.view is not None else None
        for name in (*wish.where, *wish.sort):
            _check_known(name, self.judge)
        lists = self._lists(reader, wish, viewer)
        if reader is None and viewer is None and not wish.where and not wish.sort:
            return self.store.page(lists, wish.limit), self._named(lists), True
        keys = [*(viewer.keys if viewer is not None else ()), *((name, False) for name in wish.sort)]
        found, whole = self._found(reader, lists, wish, viewer, keys=[name for name, _ in keys])
        # Sorted by the least key first, since sorting keeps the order of what is alike.
        for name, falls in reversed(keys):
            found = self._sorted(found, name, falls=falls)
        return found[: wish.limit], self._named(lists), whole

    def _lists(self, reader: str | None, wish: Wish, viewer: Viewer | None) -> list[str] | None:
        lists = list(self.rights.lists(reader)) if reader is not None else None
        if wish.worklists is not None:
            lists = [name for name in self.rights.require_known(wish.worklists) if lists is None or name in lists]
        if viewer is not None:
            lists = [name for name in viewer.worklists if lists is None or name in lists]
        return lists

    def _named(self, lists: Sequence[str] | None) -> tuple[str, ...]:
        return tuple(lists) if lists is not None else tuple(one.code for one in self.store.worklists())

    def _viewer(self, asked: str | HostView, reader: str | None) -> Viewer:
        if isinstance(asked, HostView):
            view, judge = asked.view, asked.judge
        else:
            found = next((one for one in self.judge.views if one.name == asked), None)
            if found is None:
                raise NotFound("view", asked)
            view, judge = found, self.judge
        if reader is not None and not readers_of(view).admits(self.rights.skills(reader)):
            raise NotAllowed(reader, f"see the view `{view.name}`", "a skill that it is for")
        return Viewer(view, self.store, judge, self.now)

    def _found(
        self, reader: str | None, lists: list[str] | None, wish: Wish, viewer: Viewer | None, *, keys: Sequence[str]
    ) -> tuple[list[Item], bool]:
        """Return what a page may show, and whether nothing was left out that might be before it."""
        mine = self._asked_of(reader, lists, wish, viewer)
        found = {item.id: item for item in mine if self._shows(item, reader, wish, viewer, keys)}
        enough = None if keys or wish.limit is None else wish.limit + len(mine)
        patient = self._reads(wish, keys)
        for item in self._by_urgency(self._named(lists)):
            if enough is not None and len(found) >= enough:
                break
            # Of an empty page without a filter a reader would think that nothing waits for them.
            most = PATIENT if patient or not (found or viewer or wish.where) else ENOUGH
            if wish.limit is not None and self._spent >= most + min(len(found), wish.limit):
                return sorted(found.values(), key=urgency), False
            if self._shows(item, reader, wish, viewer, keys):
                found[item.id] = item
        return sorted(found.values(), key=urgency), True

    def _by_urgency(self, lists: Sequence[str]) -> Iterator[Item]:
        """Yield the open items of the lists in the order of a page, read as they are looked at."""
        names = dict.fromkeys(lists)
        return merge(*(self._of_list(name, max(_CHUNK // len(names), 4)) for name in names), key=urgency)

    def _of_list(self, name: str, size: int) -> Iterator[Item]:
        after = None
        while chunk := self.store.page([name], size, after=after):
            yield from chunk
            if len(chunk) < size:
                return
            after, size = chunk[-1], min(2 * size, _MOST)

    def _reads(self, wish: Wish, keys: Sequence[str]) -> bool:
        """Return whether items have to be asked for by what is known of their procedures, since they do not keep it."""
        own = _COLUMNS | OF_ITEMS
        unkept = set(keys) - own - set(self.judge.view_keys)
        return isinstance(wish.view, HostView) or bool(set(wish.where) - own or unkept)

    def _asked_of(
        self, reader: str | None, lists: Sequence[str] | None, wish: Wish, viewer: Viewer | None
    ) -> Sequence[Item]:
        """Return what is asked of a reader by name, and what readers of the page's lists are asked to accept."""
        if reader is None:
            return ()
        names = [*([reader] if wish.worklists is None else []), *map(all_of, lists or ())]
        mine = self.store.asked_of_any(names, _ASKED)
        return [item for item in mine if viewer is None or {item.worklist, offered_to(item)} & {*viewer.worklists}]

    def _shows(self, item: Item, reader: str | None, wish: Wish, viewer: Viewer | None, keys: Sequence[str]) -> bool:
        self._spent += 1
        if reader is not None and not any(self.rights.may_take(reader, one) for one in _as_seen(item)):
            return False
        if not all(self._is(item, name, value) for name, value in wish.where.items()):
            return False
        shows, cost = (True, 0) if viewer is None else viewer.shows(item, lambda: self._attributes(item))
        self._spent += cost
        if shows:
            for name in keys:
                self._key(item, name)
        return shows

    def _attributes(self, item: Item) -> Attributes | None:
        if item.procedure is None:
            return None
        if item.procedure not in self._known:
            self._spent += KNOWN
            self._known[item.procedure] = self._shelf.procedure(item.procedure).attributes(self.judge.zone)
        return self._known[item.procedure]

    def _value(self, item: Item, name: str) -> Any:
        """Return what an item has under a name: a column, what it is now, or an attribute; None for unknown."""
        if name in _COLUMNS:
            value = getattr(item, "due_at" if name == _DUE else name)
            return value.value if name in {"kind", "state"} else value
        if name in OF_ITEMS:
            found = values_of(item, self.now, (name,))
            return found[name].value if found else None
        attributes, living, program = self._attributes(item), self.judge.living, self.judge.program
        if attributes is None:
            return None
        if living is None or program is None or name not in program.known or program.known[name].type is Type.TEXT:
            return attributes[name].value if name in attributes else None
        return living.value(name, living.subject(attributes, self.now))

    def _is(self, item: Item, name: str, value: str) -> bool:
        known = self._value(item, name)
        members = known if isinstance(known, (frozenset, set, tuple, list)) else (known,)
        return any(said(one).casefold() == value.casefold() for one in members if one is not None)

    def _key(self, item: Item, name: str) -> str | float | None:
        """Return what an item is sorted by; None for unknown. Worked out once, or kept with the item by news."""
        if (item.id, name) not in self._keys:
            kept = kept_of(item, self.judge)
            if name == "priority":
                key: str | float | None = item.rank
            elif kept is not None and name in self.judge.view_keys:
                key = kept[BY].get(name)
            else:
                key = sortable(self._value(item, name))
            self._keys[item.id, name] = key
        return self._keys[item.id, name]

    def _sorted(self, items: Sequence[Item], name: str, *, falls: bool) -> list[Item]:
        """Return items sorted by one key; what is unknown comes last, whichever way the key goes."""
        keyed = [(self._key(item, name), item) for item in items]
        known: list[tuple[Any, Item]] = [(key, item) for key, item in keyed if key is not None]
        known.sort(key=lambda pair: pair[0], reverse=falls)
        return [item for _, item in known] + [item for key, item in keyed if key is None]


def urgency(item: Item) -> tuple[int, datetime, datetime, int]:
    """Return what orders a page, as the store does: priority, due (none last), age, number."""
    return item.rank, item.due_at or _NEVER, item.opened_at, item.id


def _as_seen(item: Item) -> Iterator[Item]:
    """Yield an item as it is, and as the list would have it that is asked to accept it."""
    yield item
    if (to := item.details.get(HANDOVER, {}).get("to_worklist")) is not None:
        yield evolve(item, worklist=to)


def _check_known(name: str, judge: Judge) -> None:
    declared = getattr(judge.rules, "declared", {})
    if name in _COLUMNS | OF_ITEMS:
        return
    known = ATTRIBUTES.get(name)
    if (known is None or known.identity) and name not in declared:
        raise NotFound("attribute to filter or sort by", name)

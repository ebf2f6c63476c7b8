"""Who may do what: every act names its actor, lists are read by those with the skills, the rest is granted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from routing.errors import NotAllowed, NotFound
from routing.store.protocol import Reading
from routing.store.records import Item
from routing.worklists.asked import ASKED, binds
from routing.worklists.judging import Judge
from routing.worklists.readers import ReaderFacts, Readers, from_host, from_store

READ: Final = "read"  # granted for a list: to read it without its skill
SKILL: Final = "read:"  # granted with a skill after it: to read what asks for that skill
CLOSE: Final = "close"
BREAK: Final = "break"
ACTIVATE: Final = "activate"
GRANT: Final = "grant"
REDACT: Final = "redact"
INSPECT: Final = "inspect"  # to see any input as it was received
LOWER: Final = "lower"
LENGTHEN: Final = "lengthen"
REASSIGN: Final = "reassign"


class Rights:
    """Answers whether an actor may do something, by the host's directory, the store's, and the grants."""

    def __init__(self, store: Reading, judge: Judge, readers: Readers = None, *, now: datetime | None = None) -> None:
        self._now = now
        self._store = store
        self._judge = judge
        self._readers = readers
        self._skills = {skill for readers_of in judge.lists.values() for skill in readers_of.skills}

    def facts(self, actor: str) -> ReaderFacts:
        """Return what is known of a reader: the host's directory first, else the store's, else nothing."""
        found = from_host(self._readers, actor) or from_store(self._store.reader(actor))
        return found or ReaderFacts()

    def skills(self, actor: str) -> tuple[str, ...]:
        """Return the actor's skills; none where no directory knows the actor."""
        own = self.facts(actor).skills
        grants = self._store.grants()
        granted = (one.act.removeprefix(SKILL) for one in grants if one.actor == actor and one.act.startswith(SKILL))
        return tuple(dict.fromkeys((*own, *(skill for skill in granted if skill in self._skills))))

    def may_read(self, actor: str, worklist: str) -> bool:
        """Return whether the actor may claim and report on a list."""
        readers = self._judge.lists.get(worklist)
        if readers is not None and readers.admits(self.skills(actor)):
            return True
        return self._store.has_grant(actor, READ, worklist)

    def may_take(self, actor: str, item: Item) -> bool:
        """Return whether the actor may claim and report on an item: by its list, its limits, and whom it is asked of.

        An opinion or a signature that is asked of one reader is for nobody else, until its time is up.
        """
        return not self._lacking(actor, item)

    def may_identify(self, actor: str, item: Item) -> bool:
        """Return whether the actor may see whose item it is: by every `show identity only to` of its rules."""
        for limit in item.details.get("limits") or ():
            admits = any if limit["combine"] == "or" else all
            if limit["kind"] == "identity" and not admits(one in self.skills(actor) for one in limit["skills"]):
                return False
        return True

    def require_take(self, actor: str, item: Item, act: str) -> None:
        """Raise NotAllowed unless the actor may claim and report on the item."""
        require_name(actor, act)
        lacking = self._lacking(actor, item)
        if lacking == READ:
            self.require_read(actor, item.worklist, act)
        if lacking:
            raise NotAllowed(actor, f"{act} item {item.id}", lacking)

    def _lacking(self, actor: str, item: Item) -> str:
        """Return what an actor lacks to take an item, in words; empty when nothing."""
        asked = item.details.get(ASKED)
        if asked != actor and not self.may_read(actor, item.worklist):
            return READ
        if asked not in {None, actor} and binds(item, self._now):
            return "to be the one it is asked of"
        for limit in item.details.get("limits") or ():
            skills = limit["skills"]
            if limit["kind"] == "exclude" and actor in limit["readers"]:
                return "not to be among the readers that its rules exclude"
            admits = any if limit["combine"] == "or" else all
            if limit["kind"] == "only" and not admits(skill in self.skills(actor) for skill in skills):
                return "the skill " + f" {limit['combine']} ".join(f"`{skill}`" for skill in skills)
        return ""

    def lists(self, actor: str) -> tuple[str, ...]:
        """Return the lists that the actor may read: those of the rulebook, and those that are closing."""
        known = [worklist.code for worklist in self._store.worklists() if worklist.status != "retired"]
        return tuple(name for name in known if self.may_read(actor, name))

    def require_known(self, worklists: Iterable[str]) -> tuple[str, ...]:
        """Return the named lists. Raises NotFound for one that there is not: a slip must not read as nothing to do."""
        names = (worklists,) if isinstance(worklists, str) else tuple(worklists)
        known = {*self._judge.lists, *(worklist.code for worklist in self._store.worklists())}
        for name in names:
            if name not in known:
                raise NotFound("worklist", name)
        return names

    def require_read(self, actor: str, worklist: str, act: str) -> None:
        """Raise NotAllowed unless the actor may read the list."""
        require_name(actor, act)
        if not self.may_read(actor, worklist):
            readers = self._judge.lists.get(worklist)
            word = f" {readers.combine} " if readers else ""
            skills = word.join(f"`{skill}`" for skill in readers.skills) if readers else ""
            needs = f"the skill {skills}" if skills else f"a grant `read` for `{worklist}`"
            raise NotAllowed(actor, f"{act} on `{worklist}`", needs)

    def require(self, actor: str, act: str, scope: str = "") -> None:
        """Raise NotAllowed unless the actor holds a grant."""
        require_name(actor, act)
        if not self._store.has_grant(actor, act, scope):
            raise NotAllowed(actor, act, f"a grant `{act}`")


def require_name(actor: str, act: str) -> None:
    """Raise NotAllowed for an act that nobody is named for."""
    if not actor or not actor.strip():
        raise NotAllowed("", act, "a named actor")

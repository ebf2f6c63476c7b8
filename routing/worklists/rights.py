"""Who may do what: every act names its actor, lists are read by those with the skills, the rest is granted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from routing.errors import NotAllowed, NotFound
from routing.store.protocol import Reading
from routing.worklists.judging import Judge

READ: Final = "read"  # granted for a list: to read it without its skill
SKILL: Final = "read:"  # granted with a skill after it: to read what asks for that skill
CLOSE: Final = "close"
BREAK: Final = "break"
ACTIVATE: Final = "activate"
GRANT: Final = "grant"
REDACT: Final = "redact"

Readers = Mapping[str, Iterable[str]] | Callable[[str], Iterable[str] | None] | None
"""The host's own directory of readers: a mapping of names to skills, or a function that gives the skills or None."""


class Rights:
    """Answers whether an actor may do something, by the host's directory, the store's, and the grants."""

    def __init__(self, store: Reading, judge: Judge, readers: Readers = None) -> None:
        self._store = store
        self._judge = judge
        self._readers = readers
        self._skills = {skill for readers_of in judge.lists.values() for skill in readers_of.skills}

    def skills(self, actor: str) -> tuple[str, ...]:
        """Return the actor's skills; none where no directory knows the actor."""
        known: Iterable[str] | None = None
        if callable(self._readers):
            known = self._readers(actor)
        elif self._readers is not None:
            known = self._readers.get(actor)
        reader = self._store.reader(actor) if known is None else None
        own = tuple(known) if known is not None else reader.skills if reader else ()
        grants = self._store.grants()
        granted = (one.act.removeprefix(SKILL) for one in grants if one.actor == actor and one.act.startswith(SKILL))
        return tuple(dict.fromkeys((*own, *(skill for skill in granted if skill in self._skills))))

    def may_read(self, actor: str, worklist: str) -> bool:
        """Return whether the actor may claim and report on a list."""
        readers = self._judge.lists.get(worklist)
        if readers is not None and readers.admits(self.skills(actor)):
            return True
        return self._store.has_grant(actor, READ, worklist)

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

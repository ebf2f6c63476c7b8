"""Who may do what: every act names its actor, lists are read by those with the skills, the rest is granted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from routing.errors import NotAllowed, NotFound
from routing.states import Kind
from routing.store.protocol import Reading
from routing.store.records import Item
from routing.suggest import did_you_mean
from routing.worklists.asked import ASKED, binds
from routing.worklists.judging import Judge, ListReaders
from routing.worklists.leaving import readers_before
from routing.worklists.placing import IDENTITY, LIMITS, RESTRICTED
from routing.worklists.readers import LEFT, ReaderFacts, Readers, from_host, from_store, names_of

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
_SHORT: Final = 4  # letters of a name: shorter ones are close to one another by chance, as tim and kim
_OF_LISTS: Final = frozenset({READ, CLOSE, BREAK, LOWER, LENGTHEN, REASSIGN})  # what may be given for one list alone
_OF_ALL: Final = frozenset({ACTIVATE, GRANT, REDACT, INSPECT})


class Rights:
    """Answers whether an actor may do something, by the host's directory, the store's, and the grants."""

    def __init__(self, store: Reading, judge: Judge, readers: Readers = None, *, now: datetime | None = None) -> None:
        self._now = now
        self._store = store
        self._judge = judge
        self._readers = readers
        self._of: dict[str, tuple[str, ...]] = {}
        self._granted: dict[str, frozenset[tuple[str, str]]] = {}
        self._may_read: dict[tuple[str, str], bool] = {}
        self._before: Mapping[str, ListReaders] | None = None

    def facts(self, actor: str) -> ReaderFacts:
        """Return what is known of a reader: the host's directory first, else the store's, else nothing.

        A skill that is out of date by now is not among them.
        """
        found = self.facts_or_none(actor) or ReaderFacts()
        return found.at(self._now, self._judge.zone) if self._now is not None else found

    def facts_or_none(self, actor: str) -> ReaderFacts | None:
        """Return what a directory says of somebody, the host's first; None whom none knows."""
        return from_host(self._readers, actor) or from_store(self._store.reader(actor))

    def is_there(self, actor: str, worklist: str) -> bool:
        """Return whether somebody can be waited for: on shift, and known, or by a right a reader of the list."""
        facts = self.facts_or_none(actor)
        return self.may_read(actor, worklist) if facts is None else facts.on_shift

    def require_asked(self, name: str) -> None:
        """Raise NotFound for a slip in the name of a reader to be asked: it would wait for nobody.

        A directory may know some readers alone, since a list for everyone is for anybody named. So a slip is what no
        directory knows and nobody gave a right, and what is close to a name that one knows, and not by being short.
        """
        if self.facts_or_none(name) is not None or self._grants(name):
            return
        names = {one.name for one in self._store.readers() if from_store(one) is not None}
        meant = did_you_mean(name, sorted(names | set(names_of(self._readers) or ())))
        if meant and len(name) > _SHORT:
            raise NotFound("reader", name, meant)

    def skills(self, actor: str) -> tuple[str, ...]:
        """Return the actor's skills; none where no directory knows the actor. They are looked up once for one act."""
        known = self._of.get(actor)
        if known is None:
            granted = [
                act.removeprefix(SKILL) for act, scope in self._grants(actor) if act.startswith(SKILL) and not scope
            ]
            known = self._of[actor] = tuple(dict.fromkeys((*self.facts(actor).skills, *sorted(granted))))
        return known

    def may(self, actor: str, act: str, scope: str = "") -> bool:
        """Return whether the actor holds a right, everywhere or for *scope*."""
        granted = self._grants(actor)
        return (act, "") in granted or (act, scope) in granted

    def _grants(self, actor: str) -> frozenset[tuple[str, str]]:
        """Return an actor's rights and for which list each is. They are read once for one act."""
        known = self._granted.get(actor)
        if known is None:
            known = self._granted[actor] = frozenset((one.act, one.scope) for one in self._store.grants(actor))
        return known

    def readers_of(self, worklist: str) -> ListReaders | None:
        """Return who may read a list; of one that the rulebook lacks, who could when it had it. None: it is unknown."""
        if worklist not in self._judge.lists and self._before is None:
            self._before = readers_before(self._store, self._judge)
        return self._judge.lists.get(worklist) or (self._before or {}).get(worklist)

    def may_read(self, actor: str, worklist: str) -> bool:
        """Return whether the actor may claim and report on a list. It is looked up once for one act."""
        known = self._may_read.get((actor, worklist))
        if known is None:
            readers = self.readers_of(worklist)
            admitted = readers is not None and readers.admits(self.skills(actor))
            known = admitted or self.may(actor, READ, worklist)
            self._may_read[actor, worklist] = known
        return known

    def is_skilled(self, actor: str, worklist: str) -> bool:
        """Return whether the actor has the skills of a list that asks for some."""
        readers = self.readers_of(worklist)
        return readers is not None and bool(readers.skills) and readers.admits(self.skills(actor))

    def forget(self) -> None:
        """Look everything up anew, because a right or a reader was changed."""
        self._of.clear()
        self._granted.clear()
        self._may_read.clear()

    def may_take(self, actor: str, item: Item) -> bool:
        """Return whether the actor may claim and report on an item: by its list, its limits, and whom it is asked of.

        An opinion or a signature that is asked of one reader is for nobody else, until its time is up.
        """
        return not self._lacking(actor, item)

    def may_identify(self, actor: str, item: Item) -> bool:
        """Return whether the actor may see whose item it is: by every `show identity only to` of its rules.

        While that is in doubt only those who sort it out may.
        """
        if self._is_restricted(item) and not self.may_read(actor, self._judge.exceptions_list):
            return False
        for limit in self._limits(item):
            if limit["kind"] == IDENTITY and not self._has_skills_of(limit, actor):
                return False
        return True

    def _is_restricted(self, item: Item) -> bool:
        """Return whether it is in doubt whose an item is; an opinion's first item says so for both."""
        if item.kind is Kind.OPINION and "of_item" in item.details:
            item = self._store.item(item.details["of_item"])
        return bool(item.details.get(RESTRICTED))

    def may_see_question(self, actor: str, item: Item) -> bool:
        """Return whether the actor may know what is asked: who asks, who is asked, and who reads either item's list."""
        if item.kind is not Kind.OPINION or actor in {item.details.get(ASKED), item.details.get("asked_by")}:
            return True
        both = [item, *([self._store.item(item.details["of_item"])] if "of_item" in item.details else [])]
        return any(self.may_read(actor, one.worklist) and not self._left_out(actor, one) for one in both)

    def require_take(self, actor: str, item: Item, act: str) -> None:
        """Raise NotAllowed unless the actor may claim and report on the item."""
        require_name(actor, act)
        lacking = self._lacking(actor, item)
        if lacking == READ:
            self.require_read(actor, item.worklist, act, item=item.id)
        if lacking:
            raise NotAllowed(actor, f"{act} item {item.id}", lacking, item.id)

    def _lacking(self, actor: str, item: Item) -> str:
        """Return what an actor lacks to take an item, in words; empty when nothing."""
        asked = item.details.get(ASKED)
        if asked != actor and not self.may_read(actor, item.worklist):
            return READ
        if asked not in {None, actor} and binds(item, self._now) and not self._has_left(str(asked)):
            return "to be the one it is asked of"
        return self._left_out(actor, item)

    def _has_left(self, name: str) -> bool:
        """Return whether it is written down that a reader has left, and no directory knows them again."""
        known = self._store.reader(name)
        return known is not None and LEFT in known.body and self.facts_or_none(name) is None

    def _left_out(self, actor: str, item: Item) -> str:
        """Return why the limits of an item leave an actor out, in words; empty where they do not."""
        for limit in self._limits(item):
            if limit["kind"] == "exclude" and actor in limit["readers"]:
                return "not to be among the readers that its rules exclude"
            if limit["kind"] == "only" and not self._has_skills_of(limit, actor):
                return "the skill " + f" {limit['combine']} ".join(f"`{skill}`" for skill in limit["skills"])
        return ""

    def _has_skills_of(self, limit: Mapping[str, Any], actor: str) -> bool:
        return ListReaders(skills=tuple(limit["skills"]), combine=limit["combine"]).admits(self.skills(actor))

    def _limits(self, item: Item) -> Sequence[Mapping[str, Any]]:
        """Return who may read an item; an opinion has those of the item that it is about too, as they are now."""
        limits: list[Mapping[str, Any]] = list(item.details.get(LIMITS) or ())
        if item.kind is Kind.OPINION and "of_item" in item.details:
            limits += self._store.item(item.details["of_item"]).details.get(LIMITS) or ()
        return limits

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

    def require_read(self, actor: str, worklist: str, act: str, *, item: int | None = None) -> None:
        """Raise NotAllowed unless the actor may read the list."""
        require_name(actor, act)
        if not self.may_read(actor, worklist):
            readers = self.readers_of(worklist)
            word = f" {readers.combine} " if readers else ""
            skills = word.join(f"`{skill}`" for skill in readers.skills) if readers else ""
            needs = f"the skill {skills}" if skills else f"a grant `read` for `{worklist}`"
            raise NotAllowed(actor, f"{act} on `{worklist}`", needs, item)

    def require(self, actor: str, act: str, scope: str = "", *, item: int | None = None) -> None:
        """Raise NotAllowed unless the actor holds a grant."""
        require_name(actor, act)
        if not self.may(actor, act, scope):
            raise NotAllowed(actor, act, f"a grant `{act}`", item)

    def require_right(self, act: str, scope: str) -> None:
        """Raise NotFound for a right that there is not, or not for one list alone: a slip would allow nothing."""
        skill = act.removeprefix(SKILL) if act.startswith(SKILL) else None
        known = skill in self._judge.skills if skill is not None else act in _OF_LISTS | _OF_ALL
        if not known:
            raise NotFound("skill" if skill is not None else "right", skill or act)
        if scope and act not in _OF_LISTS:
            raise NotFound("right for one list alone", act)
        if scope:
            self.require_known(scope)


def require_name(actor: str, act: str) -> None:
    """Raise NotAllowed for an act that nobody is named for."""
    if not actor or not actor.strip():
        raise NotAllowed("", act, "a named actor")

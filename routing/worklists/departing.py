"""Departing: a reader leaves, or goes off shift, and what is asked of them alone is for all of its list again."""

from __future__ import annotations

from attrs import evolve

from routing.errors import NotAllowed, NotFound
from routing.store.records import Item, Reader
from routing.worklists.asked import SIGN_OFF, unasked
from routing.worklists.misfiling import Misfiling
from routing.worklists.readers import LEFT
from routing.worklists.rights import GRANT, require_name

_MANY = 100_000  # more than anybody is ever asked for at once


class Departures(Misfiling):
    """Who reads here, and who no longer does, within one transaction."""

    def put_reader(self, reader: Reader, by: str) -> None:
        """Add or change a reader of the store's directory; who changed it last is kept with it.

        Who is not on shift any more is not waited for: signatures that are asked of them are for all of the list.
        Raises NotFound for a skill that the rulebook does not know, since a slip would take a list away from somebody.
        """
        self._require_directory(reader.name, by)
        until = reader.body.get("until", {})
        for skill in (*reader.skills, *until):
            if skill not in self.judge.skills:
                raise NotFound("skill", skill)
        if apart := sorted(set(until) - set(reader.skills)):
            raise NotFound("skill of this reader", apart[0])
        self._put(reader, by)
        if not reader.body.get("on_shift", True):
            for item in self.tx.asked_of(reader.name, _MANY):
                if SIGN_OFF in item.details:
                    self._free(item, by, "is not on shift")

    def drop_reader(self, name: str, by: str, reason: str) -> int:
        """Write that a reader has left; all that is asked of them is for its list again. Returns how many items."""
        self._require_directory(name, by)
        if not reason.strip():
            raise NotAllowed(by, "drop a reader", "a reason")
        asked = self.tx.asked_of(name, _MANY)
        if not asked and self.rights.facts_or_none(name) is None:
            raise NotFound("reader", name)
        self._put(Reader(name=name, skills=(), body={LEFT: reason}), by)
        for item in asked:
            self._free(item, by, f"has left: {reason}")
        return len(asked)

    def _require_directory(self, name: str, by: str) -> None:
        require_name(by, "change readers")
        require_name(name, "be a reader")
        if self.tx.grants():
            self.rights.require(by, GRANT)

    def _put(self, reader: Reader, by: str) -> None:
        self.tx.put_reader(evolve(reader, body={**reader.body, "by": by, "at": self.tx.at.isoformat()}))
        self.rights.forget()

    def _free(self, item: Item, by: str, said: str) -> None:
        """Give an item back to all of its list, in the journal and with a notice to the list and to who asked."""
        over = unasked(item)
        moved = self._note(item, by, f"{over.what}: {over.to} {said}", details=dict(over.details))
        for target in dict.fromkeys((*over.tells, moved.worklist)):
            self._tell(target, moved, f"{over.what}_unanswered", by=by)
        self._keep(moved, by)

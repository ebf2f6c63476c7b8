"""The side of those who keep the rules: which rulebook is active, what another one would do, and how to go back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from attrs import frozen

from routing.errors import NotAllowed
from routing.worklists.again import again
from routing.worklists.base import Base
from routing.worklists.changing import activate, loaded, previous
from routing.worklists.judging import Judge
from routing.worklists.previewing import Preview, preview
from routing.worklists.rights import ACTIVATE, Rights, require_name
from routing.worklists.tending import is_needed

_ALL = 100_000


@frozen(kw_only=True)
class Activated:
    """That a rulebook was made the active one; the newest is the active one."""

    fingerprint: str
    name: str
    actor: str
    reason: str
    at: datetime

    def as_dict(self) -> dict[str, Any]:
        """Return it as a row."""
        return {
            "fingerprint": self.fingerprint,
            "name": self.name,
            "actor": self.actor,
            "reason": self.reason,
            "at": self.at.isoformat(),
        }


class Cabinet(Base):
    """Where the rulebooks lie. Every decision is pinned to one of them, and each stays readable."""

    def preview(self, rulebook: Any, limit: int | None = None) -> Preview:
        """
        Return what activating a rulebook would do to the open work now; nothing is written.

        Args:
            rulebook: the rulebook that may be activated.
            limit: look at no more than so many procedures; None looks at all.

        """
        now = self._now()
        with self._store.reading() as store:
            return preview(store, Judge(rulebook), now, self._hold, limit)

    @again
    def activate(self, rulebook: Any, by: str, reason: str = "") -> int:
        """
        Make another rulebook the active one and decide anew what nobody holds; return how many procedures.

        It is one transaction. Dues never move later and priorities never fall by it; a list that the new rulebook lacks
        stays until it is empty; what a reader has in hand is decided when it is given back.

        Raises:
            NotAllowed: the actor has no grant `activate`.
            RulebookError: a made-up study breaks a guarantee of the rulebook. The old one stays active.

        """
        return self._change(Judge(rulebook), by, reason)

    @again
    def rollback(self, by: str, reason: str) -> int:
        """
        Go back to the rulebook that was active before, as `activate` does it; return how many procedures.

        Raises:
            NotAllowed: the actor has no grant `activate`, or gives no reason.
            NotFound: no other rulebook was active before.

        """
        require_name(by, "roll back")
        if not reason.strip():
            raise NotAllowed(by, "roll back", "a reason")
        return self._change(Judge(loaded(self._store.rulebook(previous(self._store).fingerprint))), by, reason)

    def _change(self, judge: Judge, by: str, reason: str) -> int:
        now = self._now()
        if is_needed(self._store, now):
            self.tick(now)
        with self._writing(now, looks=False) as tx:
            Rights(tx, self._judge, self._readers).require(by, ACTIVATE)
            changed = activate(tx, judge, by, reason, self._hold)
        self._judge = judge
        return changed

    def rulebooks(self) -> tuple[Activated, ...]:
        """Return every activation of a rulebook, the newest first: what a decision is pinned to was among them."""
        return tuple(
            Activated(
                fingerprint=one.fingerprint,
                name=self._store.rulebook(one.fingerprint).name,
                actor=one.actor,
                reason=one.reason,
                at=one.at,
            )
            for one in self._store.activations(_ALL)
        )

    def rulebook_text(self, fingerprint: str) -> str:
        """Return the text of a rulebook that is or was active, as it was activated. Raises NotFound."""
        return self._store.rulebook(fingerprint).text

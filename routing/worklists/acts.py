"""What people do with items: claim, report, pass, close, reopen; and who may. Each act names its actor."""

from __future__ import annotations

from routing.errors import NotAllowed
from routing.states import Event
from routing.store.records import Evidence, Grant, Item
from routing.worklists.claiming import LEASE
from routing.worklists.departing import Departures
from routing.worklists.rights import CLOSE, GRANT, require_name

__all__ = ["LEASE", "Acts"]


class Acts(Departures):
    """The acts of people, within one transaction."""

    def close(self, item_id: int, by: str, reason: str, policy: str = "") -> Item:
        """End an item without a report: by a person with the grant, with a reason; `reopen` takes it back."""
        item = self.tx.item(item_id)
        self.rights.require(by, CLOSE, item.worklist, item=item.id)
        body = {"by": by, "policy": policy, "reason": reason}
        evidence = self.tx.add_evidence(Evidence(kind="closure", procedure=item.procedure, body=body))
        return self._act(item, "closed", by, Event.CLOSE, reason=reason, evidence=evidence)

    def reopen(self, item_id: int, by: str, reason: str) -> Item:
        """Bring discharged work back, with its original clock."""
        require_name(by, "reopen")
        return self._act(self.tx.item(item_id), "reopened", by, Event.REOPEN, reason=reason, evidence=None)

    def grant(self, actor: str, act: str, by: str, *, scope: str = "", reason: str = "", given: bool = True) -> None:
        """Give a right, or take it back. The first grant of a store needs none; it includes the right to grant.

        The last right to grant is not taken back: a store without any would be open to whoever comes first.
        """
        require_name(by, "grant")
        require_name(actor, "grant")
        if given:
            self.rights.require_right(act, scope)
        if not self.tx.grants():
            self.tx.grant(Grant(actor=by, act=GRANT, by=by, reason="the first grant of this store"))
        self.rights.require(by, GRANT)
        self.tx.grant(Grant(actor=actor, act=act, scope=scope, given=given, by=by, reason=reason))
        if not any(one.act == GRANT for one in self.tx.grants()):
            raise NotAllowed(by, "take back the last right to grant", "somebody else who may grant")
        self.rights.forget()

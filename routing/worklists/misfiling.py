"""A report that was filed for the wrong patient is taken back, and whose it is stays restricted meanwhile.

Both sides are open: the procedure that the report stood on, and the one that it belongs to, where that is known. Each
whose images are here has a `resolve` item, and until somebody has dealt with it, or a newer final report is there, only
those who sort out such things are told whose it is.
"""

from __future__ import annotations

from datetime import UTC

from routing.errors import TransitionRefused
from routing.sources.account import said_at
from routing.sources.entries import ACT, WRONG_PATIENT, ReportEntry
from routing.sources.news import ReportStatus
from routing.sources.procedure import Procedure
from routing.states import Event, Kind
from routing.store.records import Evidence, Item
from routing.worklists.passing import Passes
from routing.worklists.placing import key
from routing.worklists.reads import filed_final
from routing.worklists.rights import require_name


class Misfiling(Passes):
    """Taking back what was filed for the wrong patient, within one transaction."""

    def wrong_patient(self, item_id: int, by: str, reason: str, other_id: int | None = None) -> Item:
        """Take back the report of an item because it is another patient's, and of the other item where one is named.

        Raises:
            NotAllowed: *by* may not read the item.
            TransitionRefused: without a reason; for an item of another kind than a report; for twice the same.

        """
        require_name(by, "take back a report")
        items = [self.tx.item(one) for one in (item_id, other_id) if one is not None]
        self.rights.require_take(by, items[0], "take back the report of")
        if not reason.strip():
            raise TransitionRefused(str(item_id), items[0].state.value, "take back the report", "it needs a reason")
        for item in items:
            if item.kind is not Kind.REPORT or item.procedure is None:
                raise TransitionRefused(str(item.id), item.state.value, "take back the report", "it is owed no report")
        if len({item.procedure for item in items}) < len(items):
            raise TransitionRefused(
                str(item_id), items[0].state.value, "take back the report", "both are of one examination"
            )
        for item in items:
            self._misfile(item, by, reason, [one.id for one in items if one.id != item.id])
        return self.tx.item(item_id)

    def _misfile(self, item: Item, by: str, reason: str, others: list[int]) -> None:
        number, procedure = self._procedure(item)
        body = {"by": by, "reason": reason, "wrong_patient": True} | ({"other_item": others[0]} if others else {})
        evidence = self.tx.add_evidence(
            Evidence(kind="report", procedure=number, status=ReportStatus.WITHDRAWN.value, body=body)
        )
        source = f"{ACT}{evidence}"
        # A read stays its reader's own, so that they may file it again and nobody reads twice.
        for part, readers in ((None, (by,)), *self._reads(number, procedure)):
            procedure = procedure.with_filed(self._taken_back(procedure, source, part, readers))
        self._write(number, procedure, by, act=source)
        after = self.tx.item(item.id)
        self._move(after, Event.NOTE, by, reason=f"filed for the wrong patient: {reason}", evidence=evidence)

    def _reads(self, number: int, procedure: Procedure) -> list[tuple[str, tuple[str, ...]]]:
        """Return the reads of several for which readers here have filed a final, with who did: each is taken back."""
        parts = [key(one)[1] for one in self.tx.items_of(number) if one.kind is Kind.REPORT]
        finals = [(part, filed_final(procedure.reports, part)) for part in parts]
        return [(part, entry.readers) for part, entry in finals if entry is not None]

    def _taken_back(self, procedure: Procedure, source: str, part: str | None, readers: tuple[str, ...]) -> ReportEntry:
        return ReportEntry(
            status=ReportStatus.WITHDRAWN,
            raw_status=WRONG_PATIENT,
            has_text=False,
            said=said_at(self.tx.now, UTC),
            stamp=self._stamp(procedure),
            readers=readers,
            source=source,
            part=part,
        )

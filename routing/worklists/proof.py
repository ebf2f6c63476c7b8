"""Proof: the evidence that a discharge stands on, as what brought it left it: a message, a report, a closure."""

from __future__ import annotations

from attrs import define

from routing.sources.entries import ACT, ReportEntry
from routing.store.protocol import Writing
from routing.store.records import Evidence, Item


@define(kw_only=True)
class Proof:
    """Writes down what the moves of one input or act stand on.

    `input` is the number of the input that is being taken in, None where there is none; `act` the source of the report
    that is being filed here, if one is. `told` says that what they brought is written, and is nothing new any more.
    """

    tx: Writing
    actor: str
    rulebook: str
    input: int | None = None
    act: str = ""
    told: bool = False

    @property
    def source(self) -> str:
        """What brings the news, as the entries of a procedure name it; empty where only time passes."""
        return str(self.input) if self.input is not None else self.act

    def brought(self, entry: ReportEntry) -> bool:
        """Return whether this very input, or this very act, brought the report."""
        if self.told:
            return False
        return entry.source == str(self.input) if self.input is not None else entry.is_act and entry.source == self.act

    def of_closure(self, item: Item, reason: str) -> int:
        """Return evidence of a closure that follows from what is known, with the reason in words."""
        body = {"reason": reason, "rulebook": self.rulebook, "by": self.actor}
        return self.tx.add_evidence(Evidence(kind="closure", procedure=item.procedure, body=body))

    def of_source(self, item: Item, source: str) -> int:
        """Return the evidence that a source is: the message that came, or what was written when somebody acted here."""
        if source.startswith(ACT):
            return int(source.removeprefix(ACT))
        return self.tx.add_evidence(Evidence(kind="message", procedure=item.procedure, input=int(source)))

    def of_report(self, item: Item, entry: ReportEntry) -> int:
        """Return the evidence that a report is."""
        if entry.is_act:
            return int(entry.source.removeprefix(ACT))
        return self.tx.add_evidence(
            Evidence(
                kind="report",
                procedure=item.procedure,
                status=entry.status.value,
                input=int(entry.source),
                digest=entry.digest,
                body={"raw_status": entry.raw_status},
            )
        )

"""Receipts as senders see them: one acknowledgement for each message, one outcome for an input that holds several."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from attrs import evolve

from routing.decision import Problem
from routing.sources.news import Reading
from routing.worklists.intake import ACCEPTED, DOUBTED, DUPLICATE, PARKED, QUARANTINED
from routing.worklists.records import Receipt


def acknowledged(receipt: Receipt, reading: Reading, at: datetime) -> Receipt:
    """Return the receipt with its HL7 acknowledgement: AA for what is kept and understood, AR for what is not.

    A message that was kept for a person because it contradicts another was understood: sending it again changes
    nothing, and a sender that stops at a refusal must not stop for that.
    """
    if reading.kind != "hl7":
        return receipt
    from routing.sources.hl7_acknowledgement import acknowledge  # noqa: PLC0415 - only for HL7

    refused = reading.refused
    if refused is None and receipt.outcome == QUARANTINED and not receipt.procedures:
        kind = receipt.quarantined[0] if receipt.quarantined else "conflict"
        refused = Problem(kind=kind, source="", message="kept for a person to look at")
    ack = acknowledge(reading, "AR" if refused else "AA", problem=refused, at=at)
    return evolve(receipt, ack=ack)


def together(receipts: Sequence[Receipt]) -> Receipt:
    """Return one receipt for an input: that of its one message, or one that stands for all of them."""
    if len(receipts) == 1:
        return receipts[0]
    acks = [one.ack for one in receipts if one.ack is not None]
    return Receipt(
        outcome=_outcome([one.outcome for one in receipts]),
        procedures=tuple({named.id: named for one in receipts for named in one.procedures}.values()),
        warnings=tuple(dict.fromkeys(kind for one in receipts for kind in one.warnings)),
        quarantined=tuple(dict.fromkeys(kind for one in receipts for kind in one.quarantined)),
        ack=b"".join(acks) if acks else None,
        parts=tuple(receipts),
    )


def _outcome(outcomes: Sequence[str]) -> str:
    """Return parked if all that could be read wait, else with a warning if any has one; set aside only if all are."""
    taken = [one for one in outcomes if one not in {QUARANTINED, DUPLICATE}]
    if not taken:
        return QUARANTINED if QUARANTINED in outcomes or not outcomes else DUPLICATE
    if all(one == PARKED for one in taken):
        return PARKED
    return DOUBTED if DOUBTED in taken else ACCEPTED

"""Erasing who a patient was, where the law asks for it: by a grant, with a reason, beside the chain, which stays."""

from __future__ import annotations

import json
import re
from typing import Any

from attrs import frozen

from routing.errors import NotAllowed
from routing.store.protocol import Writing
from routing.store.records import Evidence
from routing.worklists.rights import REDACT, Rights
from routing.worklists.shelf import is_gone


@frozen(kw_only=True)
class Erased:
    """How much was emptied."""

    procedures: int
    inputs: int
    patients: int

    def as_dict(self) -> dict[str, Any]:
        """Return the figures as `redact --format json` prints them."""
        return {"procedures": self.procedures, "inputs": self.inputs, "patients": self.patients}


def redact(tx: Writing, rights: Rights, numbers: list[int], by: str, reason: str) -> Erased:
    """
    Empty what is known of procedures, the bytes of the inputs that named them, and patients that nothing else names.

    That there was an item, what happened to it and when, and the digests of what was received all stay, so that
    `verify` finds nothing. An input that also names another procedure loses its bytes as well: they hold the name.

    Raises:
        NotAllowed: the actor has no grant `redact`, there is no reason, or work is still owed: open work is never
            erased. Nothing is written.

    """
    rights.require(by, REDACT)
    if not reason.strip():
        raise NotAllowed(by, "redact", "a reason")
    if any(tx.items_of(number, open_only=True) for number in numbers):
        raise NotAllowed(by, "redact", "all its items to be reported or closed first")
    said = {"by": by, "reason": reason}
    inputs, patients = 0, 0
    for number in numbers:
        row = tx.procedure(number)
        if is_gone(row):
            continue
        evidence = tx.add_evidence(Evidence(kind="redaction", procedure=number, body=said))
        for one in tx.inputs_of(number):
            if tx.raw(one) is not None:
                tx.redact_input(one, evidence)
                inputs += 1
        tx.change_procedure(number, json.dumps({"gone": 0, "redacted": evidence}, separators=(",", ":")), ())
        for alias in row.aliases:
            if alias.kind == "patient" and not tx.procedures_by("patient", alias.value):
                patients += _redact_patients(tx, alias.value, said)
                inputs += _redact_inputs(tx, alias.value, evidence)
    return Erased(procedures=len(numbers), inputs=inputs, patients=patients)


def _redact_patients(tx: Writing, number: str, said: dict[str, str]) -> int:
    found = tx.patients_by_number(number)
    for one in found:
        evidence = tx.add_evidence(Evidence(kind="redaction", procedure=None, body=said))
        tx.redact_patient(one.number, one.issuer, evidence)
    return len(found)


def _redact_inputs(tx: Writing, number: str, evidence: int) -> int:
    """Empty inputs that name a patient and no procedure, as updates of patients do; not one that still is work."""
    named, erased = re.compile(rb"(?<![0-9A-Za-z])" + re.escape(number.encode()) + rb"(?![0-9A-Za-z])"), 0
    for one in tx.inputs():
        is_work = one.item is not None and tx.item(one.item).is_open
        raw = None if one.procedures or is_work else tx.raw(one.id)
        if raw is not None and named.search(raw):
            tx.redact_input(one.id, evidence)
            erased += 1
    return erased

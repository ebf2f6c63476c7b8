"""Originals: what was received, byte for byte, for those who have to look at it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from attrs import field, frozen

from routing.errors import NotAllowed
from routing.store.protocol import Reading
from routing.worklists.rights import INSPECT, Rights, require_name


@frozen(kw_only=True)
class Original:
    """One input as it was received, with what became of it. `raw` is None when the bytes were erased by law.

    `item` is the `resolve` item that holds it, None where it was applied. The bytes hold identity, the rest does not.
    """

    input: int
    source: str
    message_id: str = field(repr=False)
    kind: str
    received_at: datetime
    outcome: str
    reason: str
    warnings: tuple[str, ...]
    item: int | None
    raw: bytes | None = field(repr=False)

    def as_dict(self) -> dict[str, Any]:
        """Return all but the bytes."""
        return {
            "input": self.input,
            "source": self.source,
            "message_id": self.message_id,
            "kind": self.kind,
            "received_at": self.received_at.isoformat(),
            "outcome": self.outcome,
            "reason": self.reason,
            "warnings": list(self.warnings),
            "item": self.item,
        }


def original(store: Reading, rights: Rights, number: int, by: str) -> Original:
    """
    Return an input to somebody who may take the item that holds it, or has the grant `inspect`.

    Raises:
        NotFound: there is no such input.
        NotAllowed: the actor may not see it.

    """
    require_name(by, "look at an input")
    found = store.input(number)
    holds = found.item is not None and rights.may_take(by, store.item(found.item))
    if not holds and not rights.may(by, INSPECT):
        raise NotAllowed(by, f"look at input {number}", f"a grant `{INSPECT}`, or to read the list of its item")
    return Original(
        input=found.id,
        source=found.source,
        message_id=found.message_id,
        kind=found.kind,
        received_at=found.received_at,
        outcome=found.outcome,
        reason=found.reason,
        warnings=found.warnings,
        item=found.item,
        raw=store.raw(number),
    )

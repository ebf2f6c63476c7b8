"""The side of senders: receiving. It is durable before it is acknowledged, and no input is without an outcome."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from routing.decision import Problem
from routing.errors import NaiveMoment, OtherRulebookActive, StoreBusy
from routing.sources.news import Reading
from routing.store.protocol import Writing
from routing.worklists.acknowledging import acknowledged, together
from routing.worklists.again import again
from routing.worklists.base import Base
from routing.worklists.inputs import readings_of
from routing.worklists.intake import Intake
from routing.worklists.records import Receipt
from routing.worklists.tending import is_needed


class Inbox(Base):
    """What is received."""

    def receive(
        self, source: Any, sender: str | None = None, message_id: str | None = None, at: datetime | None = None
    ) -> Receipt:
        """
        Take in an input and return what became of it; it is durable when this returns.

        The same input again changes nothing. What cannot be read or processed is kept, with a `resolve` item on the
        exceptions worklist. An input with several messages has one receipt, with one for each in `parts`.

        Args:
            source: bytes of HL7 or DICOM, a pydicom Dataset, a mapping, a `Reading`, or a list of these.
            sender: who sent it, where the input does not say or the host knows better.
            message_id: its identity with that sender.
            at: when it arrived, aware; now where None.

        Raises:
            UnreadableInput: it is none of these types.
            NaiveMoment: *at* has no time zone.
            StoreBusy, StoreRefused: the store did not take it: there is no receipt, and nothing is written.

        """
        return self.receive_all([source], sender=sender, message_id=message_id, at=at)[0]

    def receive_all(
        self,
        sources: Iterable[Any],
        *,
        sender: str | None = None,
        message_id: str | None = None,
        at: datetime | None = None,
    ) -> list[Receipt]:
        """Take in several inputs in one transaction and return one receipt for each, in order: for imports."""
        now = self._now(at)
        lots = [
            readings_of(
                source,
                sender=sender,
                message_id=message_id,
                profiles=self._profiles,
                declared=getattr(self._judge.rules, "declared", None),
            )
            for source in sources
        ]
        receipts = self._take_all(lots, now)
        return [
            together([acknowledged(one, reading, now) for one, reading in zip(got, lot, strict=True)])
            for got, lot in zip(receipts, lots, strict=True)
        ]

    @again
    def _take_all(self, lots: Sequence[Sequence[Reading]], now: datetime) -> list[list[Receipt]]:
        if is_needed(self._store, now):
            self.tick(now)
        try:
            with self._writing(now) as tx:
                return [[self._intake(tx).take(reading) for reading in lot] for lot in lots]
        except (StoreBusy, NaiveMoment, OtherRulebookActive):
            raise
        except Exception:  # noqa: BLE001 - one input that fails must not take the others with it: each on its own
            return [[self._take_alone(reading, now) for reading in lot] for lot in lots]

    @again
    def _take_alone(self, reading: Reading, now: datetime) -> Receipt:
        try:
            with self._writing(now) as tx:
                return self._intake(tx).take(reading)
        except (StoreBusy, NaiveMoment, OtherRulebookActive):
            raise
        except Exception as error:  # noqa: BLE001 - whatever processing did, the input is kept and a person sees it
            problem = Problem(
                kind="processing_error",
                source=reading.kind,
                message=f"it could not be processed ({type(error).__name__})",
            )
            with self._writing(now) as tx:
                return self._intake(tx).keep_only(reading, problem)

    def _intake(self, tx: Writing) -> Intake:
        return Intake(tx, self._judge, self._hold)

"""What every store does with what is received."""

from __future__ import annotations

import pytest

from routing.errors import StoreRefused
from routing.store.protocol import Store
from routing.store.records import (
    Evidence,
)
from routing.testing.given import Given
from routing.testing.invented import NOW, accept


class Receiving(Given):
    """Inputs: kept once, with exactly one outcome."""

    def test_an_input_without_an_outcome_does_not_commit(self, store: Store) -> None:
        """N3: whatever is received ends in exactly one outcome, in the same transaction."""
        with pytest.raises(StoreRefused), store.writing(NOW) as tx:
            tx.add_input(source="RIS", message_id="1", digest="d", kind="hl7", raw=b"MSH|")

        assert store.inputs_by_id("RIS", "1") == ()

    def test_an_input_comes_back_as_it_was_stored(self, store: Store) -> None:
        """The bytes are the sender's, whatever is in them; the outcome is that of its transaction."""
        with store.writing(NOW) as tx:
            number = tx.add_input(source="RIS", message_id="1", digest="d", kind="hl7", raw=b"MSH|\x00\xff")
            item = accept(tx, "A-1")
            assert item.procedure is not None
            kept = tx.conclude(number, "accepted", procedures=[item.procedure], warnings=["w"], body={"ack": "AA"})

        assert store.input_by("RIS", "1", "d") == kept == store.input(number) == store.latest_input("RIS")
        assert store.raw(number) == b"MSH|\x00\xff"
        assert store.inputs_of(item.procedure) == (number,)
        assert list(store.inputs()) == [kept]

    def test_an_identity_is_kept_once_and_another_digest_beside_it(self, store: Store) -> None:
        """N1: losing a report is worse than a doubt, so another text under the same id is kept too."""
        with store.writing(NOW) as tx:
            tx.conclude(tx.add_input(source="R", message_id="1", digest="d", kind="hl7", raw=b"x"), "accepted")
            tx.conclude(tx.add_input(source="R", message_id="1", digest="e", kind="hl7", raw=b"y"), "accepted")
        with pytest.raises(StoreRefused), store.writing(NOW) as tx:
            tx.add_input(source="R", message_id="1", digest="d", kind="hl7", raw=b"z")

        assert [one.digest for one in store.inputs_by_id("R", "1")] == ["d", "e"]

    def test_an_instance_is_found_whatever_study_it_came_in(self, store: Store) -> None:
        """By what stands last in its id, and among DICOM inputs alone."""
        with store.writing(NOW) as tx:
            for number, (kind, name) in enumerate(
                [("dicom", "1.2/3/4.5"), ("dicom", "1.9/3/4.5"), ("dicom", "1.2//4.7"), ("hl7", "1.8/3/4.6")]
            ):
                tx.conclude(
                    tx.add_input(source=f"S{number % 2}", message_id=name, digest="d", kind=kind, raw=b"x"), "accepted"
                )
            tx.conclude(tx.add_input(source="S", message_id="4.6", digest="e", kind="dicom", raw=b"x"), "accepted")

        assert [store.came_elsewhere("4.5", study) for study in ("1.2", "1.9", "1")] == [True, True, True]
        assert store.came_elsewhere("4.6", "1.2") is False
        assert [store.came_elsewhere("4.7", study) for study in ("1.2", "1.3")] == [False, True]

    def test_redacted_bytes_are_gone_and_the_store_is_sound(self, store: Store) -> None:
        """A lawful erasure leaves the chain whole: only what stands beside it is emptied."""
        with store.writing(NOW) as tx:
            number = tx.add_input(source="RIS", message_id="1", digest="d", kind="hl7", raw=b"SECRET")
            tx.conclude(number, "accepted")
            tx.put_patient("P", "CITY", "known")
        with store.writing(NOW) as tx:
            said = {"by": "privacy-officer", "reason": "asked for by the patient"}
            evidence = tx.add_evidence(Evidence(kind="redaction", input=number, procedure=None, body=said))
            tx.redact_input(number, evidence)
            tx.redact_patient("P", "CITY", evidence)

        assert store.raw(number) is None
        assert store.input(number).outcome == "accepted"
        assert store.patient("P", "CITY") is None

"""What every store keeps of procedures, patients, people and lists."""

from __future__ import annotations

import pytest

from routing.errors import NotFound, StoreRefused
from routing.states import Event
from routing.store.protocol import Store
from routing.store.records import (
    Alias,
    Grant,
    Move,
    Reader,
    Worklist,
)
from routing.testing.given import Given
from routing.testing.invented import BOOK, HOUR, NOW, OTHER_BOOK, accept, move


class Knowing(Given):
    """Names, knowledge, rights, lists, texts."""

    def test_a_procedure_is_found_by_any_of_its_names(self, store: Store) -> None:
        """An accession number may be another hospital's too; an unsaid issuer is not a wildcard."""
        with store.writing(NOW) as tx:
            first = tx.add_procedure("a\nb", [Alias(kind="accession", value="7", issuer="CITY")])
            second = tx.add_procedure("c", [Alias(kind="accession", value="7"), Alias(kind="study_uid", value="1.2")])

        assert store.procedures_by("accession", "7") == (first, second)
        assert store.procedures_by("accession", "7", "CITY") == (first,)
        assert store.procedures_by("accession", "7", "") == (second,)
        assert store.procedures_by("study_uid", "1.2") == (second,) == (store.procedure(second.id),)
        assert list(store.procedures()) == [first, second]
        assert store.aliases([second.id, 99]) == {second.id: second.aliases, 99: ()}
        assert store.first_lines([first.id, second.id]) == {first.id: "a", second.id: "c"}

    def test_knowledge_grows_by_revisions_and_the_last_name_of_open_work_stays(self, store: Store) -> None:
        """N4: open work can always be found by something that its senders call it."""
        with store.writing(NOW) as tx:
            item = accept(tx, "A-1")
            assert item.procedure is not None
            made = tx.procedure(item.procedure)
            same = tx.change_procedure(made.id, made.knowledge, made.aliases)
            changed = tx.change_procedure(made.id, '{"a":1}', [Alias(kind="study_uid", value="1.2")])
        with pytest.raises(StoreRefused), store.writing(NOW) as tx:
            tx.change_procedure(made.id, '{"a":2}', [])

        assert same == made
        assert (changed.revision, changed.knowledge) == (made.revision + 1, '{"a":1}')
        assert store.procedures_by("accession", "A-1") == ()
        assert store.procedure(made.id) == changed

    def test_a_patient_is_known_before_any_procedure(self, store: Store) -> None:
        """What is said again is no new revision."""
        with store.writing(NOW) as tx:
            for knowledge in ("1", "1", "2"):
                tx.put_patient("P", "CITY", knowledge)
            tx.put_patient("P", "", "3")

        known = store.patient("P", "CITY")
        assert known is not None
        assert (known.knowledge, known.revision) == ("2", 2)
        assert [row.issuer for row in store.patients_by_number("P")] == ["", "CITY"]
        assert store.patient("Q", "") is None

    def test_grants_readers_notices_and_remarks(self, store: Store) -> None:
        """What is given can be taken back; what is told is told once."""
        with store.writing(NOW) as tx:
            tx.grant(Grant(actor="lee", act="close", scope="neuro", by="init"))
            tx.grant(Grant(actor="kim", act="lower", by="init"))
            tx.grant(Grant(actor="kim", act="lower", by="init", given=False))
            tx.put_reader(Reader(name="lee", skills=("neuro",)))
            tx.put_reader(Reader(name="lee", skills=("neuro", "chest")))
            tx.notify("phone", {"text": "x"})
            tx.notify("phone", {"text": "y"})
            tx.told(tx.notices(1)[0].id)
            tx.remark("noted", "a")
            tx.remark("noted", "b")

        assert [(one.actor, one.act, one.scope) for one in store.grants()] == [("lee", "close", "neuro")]
        assert store.grants("lee") == store.grants()
        assert store.grants("kim") == store.grants("nobody") == ()
        assert [(one.name, one.skills) for one in store.readers()] == [("lee", ("neuro", "chest"))]
        assert [one.payload for one in store.notices(9)] == [{"text": "y"}]
        assert (store.meta("noted"), store.meta("never")) == ("b", None)

    def test_it_is_known_which_rulebooks_were_active(self, store: Store) -> None:
        """The newest first, by whom and why."""
        with store.writing(NOW + HOUR) as tx:
            tx.activate(OTHER_BOOK, actor="boss", reason="spring")

        newest, first = store.activations(9)
        assert (newest.fingerprint, newest.actor, newest.reason, newest.at) == (
            OTHER_BOOK,
            "boss",
            "spring",
            NOW + HOUR,
        )
        assert (first.fingerprint, first.actor) == (BOOK, "pacs-team")
        assert store.activations(1) == (newest,)
        assert store.rulebook(BOOK).fingerprint == BOOK

    def test_no_list_is_a_dead_end(self, store: Store) -> None:
        """N12: a list with open items is not retired, and the last exceptions list stays."""
        with store.writing(NOW) as tx:
            item = accept(tx, "A-1")
            tx.put_worklist(Worklist(code="neuro", status="closing", fallback="exceptions"))
            item = move(tx, item, Event.CLAIM)
        with pytest.raises(StoreRefused), store.writing(NOW) as tx:
            accept(tx, "A-2")
        for dead in (
            Worklist(code="neuro", status="retired"),
            Worklist(code="exceptions", kind="list"),
            Worklist(code="chest", fallback="chest"),
            Worklist(code="chest", fallback="nowhere"),
        ):
            with pytest.raises(StoreRefused), store.writing(NOW) as tx:
                tx.put_worklist(dead)
        with store.writing(NOW) as tx:
            move(tx, item, Event.PASS, worklist="chest")
            tx.put_worklist(Worklist(code="neuro", status="retired"))

        assert {one.code: one.status for one in store.worklists()}["neuro"] == "retired"

    def test_text_that_no_database_keeps_is_made_keepable(self, store: Store) -> None:
        """NUL and lone surrogates come with real messages; the raw bytes are kept beside."""
        with store.writing(NOW) as tx:
            made = tx.add_procedure("a\0b\ud800c", [Alias(kind="accession", value="x\0\udfff")])
            number = tx.add_input(source="s\0", message_id="\ud800", digest="d", kind="hl7", raw=b"\0")
            tx.conclude(number, "accepted")
            item = accept(tx, "A-1", details={"text": "\0 \ud800"})
            tx.move(item, Move(event=Event.NOTE, actor="l\0ee", reason="\udfff", body={"a": "\0"}))

        assert made.knowledge == "a\ufffdb\ufffdc"
        assert store.procedures_by("accession", "x\0\udfff") == (made,)
        kept = store.input_by("s\0", "\ud800", "d")
        assert kept is not None
        assert kept.id == number

    def test_what_is_not_there_is_said_to_be_not_found(self, store: Store) -> None:
        """Never an empty record that could be taken for one."""
        for ask in (store.item, store.history, store.procedure, store.input, store.raw, store.evidence):
            with pytest.raises(NotFound):
                ask(99)

"""Asking: pages, statuses, counts, histories. Nothing here changes anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from attrs import evolve

from routing.errors import NotFound
from routing.sources.groups import same_number
from routing.sources.procedure import Procedure
from routing.states import OPEN, Event, Kind, State
from routing.store.protocol import Reading
from routing.store.records import Item, JournalRow
from routing.worklists.answering import is_unread
from routing.worklists.blinding import Blinds
from routing.worklists.judging import Judge
from routing.worklists.lines import lines, status_of
from routing.worklists.paging import Paging, Wish
from routing.worklists.records import Counts, Happening, Line, Page, Status
from routing.worklists.rights import Rights
from routing.worklists.shelf import StoreShelf, is_gone, open_numbers, successor
from routing.worklists.viewing import readers_of

_UNREAD: Final = 500  # of the answers that a reader has not read


class Asking:
    """Questions to a store, as of one instant."""

    def __init__(self, store: Reading, judge: Judge, rights: Rights, now: datetime) -> None:
        self.store = store
        self.judge = judge
        self.rights = rights
        self.now = now

    def page(self, reader: str | None, wish: Wish, *, identity: bool = False) -> Page:
        """Return the open items that the reader may take, or all, as wished for, and how many it does not show."""
        if wish.limit is not None and (not isinstance(wish.limit, int) or isinstance(wish.limit, bool)):
            raise TypeError(f"`limit` is a whole number or None, not {type(wish.limit).__name__}")
        items, names, whole = Paging(self.store, self.judge, self.rights, self.now).items(reader, wish)
        shown = self._lines(reader, items, identity=identity)
        still = sum(row.count for row in self.store.counts() if row.state in OPEN)
        unread = self._lines(reader, self._unread(reader), identity=identity)
        return Page(lines=shown, hidden=still - len(shown), worklists=names, scanned_all=whole, unread=unread)

    def _unread(self, reader: str | None) -> Sequence[Item]:
        """Return the opinions whose answers the reader asked for and has not acknowledged, the oldest first."""
        return [one for one in self.store.unread_by(reader, _UNREAD) if is_unread(one)] if reader is not None else []

    def _lines(self, reader: str | None, items: Sequence[Item], *, identity: bool = False) -> tuple[Line, ...]:
        """Return items as lines, as the reader may know them: nothing of blind reads, and whether whose it is."""
        shown = Blinds(self.store, reader).lines(items, lines(self.store, items, self.now))
        if reader is not None:
            told = zip(items, shown, strict=True)
            shown = tuple(self._as_known_to(reader, item, one) for item, one in told)
        if identity:
            shown = tuple(self._identified(item, one) for item, one in zip(items, shown, strict=True))
        return shown

    def _as_known_to(self, reader: str, item: Item, one: Line) -> Line:
        shown = evolve(one, identity_shown=self.rights.may_identify(reader, item))
        return shown if self.rights.may_see_question(reader, item) else evolve(shown, question=None, answer=None)

    def _identified(self, item: Item, one: Line) -> Line:
        if item.procedure is None or not one.identity_shown:
            return one
        known = StoreShelf(self.store).procedure(item.procedure).attributes(self.judge.zone).known
        number = known.get("patient_id")
        return evolve(one, patient=(number, known.get("patient_id_issuer", "")) if number else None)

    def views(self, reader: str | None) -> tuple[str, ...]:
        """Return the names of the views that are for a reader, or of all."""
        skills = self.rights.skills(reader) if reader is not None else ()
        return tuple(view.name for view in self.judge.views if reader is None or readers_of(view).admits(skills))

    def status(
        self,
        accession: str | None,
        study_uid: str | None,
        order: str | None,
        issuer: str | None,
        reader: str | None = None,
    ) -> Status:
        """Return where the named procedure is; where several have the name, what holds for all. Raises NotFound."""
        found = self.find(accession, study_uid, order, issuer)
        statuses = [self._status(number, procedure, reader) for number, procedure in found]
        if len(statuses) == 1:
            return statuses[0]
        numbered = " ".join(f"{at}: {one.sentence}" for at, one in enumerate(statuses, start=1))
        return evolve(
            statuses[0],
            accession_issuer=None,
            study_uid=tuple(dict.fromkeys(uid for one in statuses for uid in one.study_uid)),
            acquired=all(one.acquired for one in statuses),
            preliminary=any(one.preliminary for one in statuses),
            final=all(one.final for one in statuses),
            amended=any(one.amended for one in statuses),
            items=tuple(line for one in statuses for line in one.items),
            sentence=f"{len(statuses)} procedures have this number. {numbered}",
            reports=sum(one.reports for one in statuses),
        )

    def _status(self, number: int, procedure: Procedure, reader: str | None) -> Status:
        found = self.store.items_of(number)
        items = self._lines(reader, found)
        return status_of(procedure, items, zone=self.judge.zone)

    def find(
        self, accession: str | None, study_uid: str | None, order: str | None, issuer: str | None = None
    ) -> list[tuple[int, Procedure]]:
        """Return the procedures of that name with their numbers. Raises NotFound."""
        found = self._named("accession", accession, issuer) or self._named("study_uid", study_uid, issuer)
        found = found or self._named("number", order, issuer)
        if not found and accession is not None:
            found = self._named("study_uid", accession, issuer) or self._named("number", accession, issuer)
        if not found:
            raise NotFound("procedure", accession or study_uid or order or "")
        return found

    def _named(self, kind: str, value: str | None, issuer: str | None) -> list[tuple[int, Procedure]]:
        if not value:
            return []
        shelf = StoreShelf(self.store)
        bare = value.partition("^")[0] if kind == "number" else value
        rows = [number for number, one in shelf.procedures_named(kind, bare) if _is_called(one, kind, value, issuer)]
        return [(number, shelf.procedure(number)) for number in rows]

    def open_procedures(self) -> Iterator[tuple[int, Procedure]]:
        """Yield every procedure that has an open item, once, with its number and what is known of it."""
        for numbers in open_numbers(self.store):
            shelf = StoreShelf(self.store)  # one for some: it remembers what it has read
            for number in numbers:
                yield number, shelf.procedure(number)

    def counts(self) -> Counts:
        """Return how many items there are, from the table that the guards keep."""
        rows = self.store.counts()
        total = dict.fromkeys(State, 0)
        for row in rows:
            total[row.state] += row.count
        return Counts(
            accepted=sum(total.values()),
            open=sum(count for state, count in total.items() if state in OPEN),
            reported=total[State.REPORTED],
            closed=total[State.CLOSED],
            superseded=total[State.SUPERSEDED],
            worklists=tuple((row.worklist, row.state.value, row.count, row.oldest) for row in rows if row.count),
            overdue=tuple((name, *counts) for name, counts in self.store.overdue_counts(self.now).items()),
        )

    def history(self, item: int | None, accession: str | None, reader: str | None = None) -> tuple[Happening, ...]:
        """Return what happened to an item, or to every item of a procedure, in the order of time. Raises NotFound."""
        if item is not None:
            items: list[Item] = [self.store.item(item)]
        else:
            found = self.find(accession, None, None)
            items = [one for number, _ in found for one in self.store.items_of(number)]
        rows = [(one, row) for one in items for row in self.store.history(one.id)]
        told = tuple(self._happening(one, row) for one, row in sorted(rows, key=lambda pair: pair[1].seq))
        if reader is not None:
            hidden = {one.id for one in items if not self.rights.may_see_question(reader, one)}
            told = tuple(evolve(one, question=None) if one.item in hidden else one for one in told)
        blinds = Blinds(self.store, reader)
        return tuple(blinds.happening(one) for one in told)

    def _happening(self, item: Item, row: JournalRow) -> Happening:
        evidence = None
        if row.evidence is not None:
            kept = self.store.evidence(row.evidence)
            evidence = {"kind": kept.kind, "status": kept.status, "input": kept.input, **kept.body}
        elif row.n == 1 and row.body.get("input") is not None:
            # What a person has to look at begins with the input that showed it, and nothing is discharged by that.
            evidence = {"kind": "message", "status": None, **row.body}
        return Happening(
            item=item.id,
            kind=item.kind.value,
            n=row.n,
            at=row.at,
            event=row.event.value,
            source=row.source.value if row.source else None,
            target=row.target.value,
            actor=row.actor,
            reason=row.reason,
            evidence=evidence,
            rulebook=row.rulebook,
            worklist=row.worklist,
            passed_to=passed_to(row),
            of_item=row.body.get("of_item"),
            asked_of=row.body.get("asked_of"),
            question=item.details.get("question") if row.n == 1 else None,
        )

    def item_named(self, name: str) -> int:
        """Return the item of that number, or the one report item that a report on an accession number is about."""
        try:
            found = self.find(name, None, None)
        except NotFound:
            if not name.isdecimal():
                raise
            return self.store.item(int(name)).id
        items = [one for number, _ in found for one in self.store.items_of(number) if one.kind is Kind.REPORT]
        still = [one for one in items if one.is_open] or items[-1:]
        if len(still) != 1:
            raise NotFound("single report item of accession", name)
        return still[0].id


def passed_to(row: JournalRow) -> str | None:
    """Return the reader or list of a pass; None of any other event."""
    to = row.body.get("to_reader") or row.body.get("to_worklist") if row.event is Event.PASS else None
    return str(to) if to is not None else None


def follow(store: Reading, number: int) -> int:
    """Return the procedure that a number stands for now."""
    row = store.procedure(number)
    while is_gone(row):
        row = store.procedure(successor(row))
    return row.id


def _is_called(procedure: Procedure, kind: str, value: str, issuer: str | None) -> bool:
    """Return whether the procedure itself has the name, and not just something that is set aside beside it."""
    if issuer is not None and (procedure.accession_issuer or "") != issuer:
        return False
    match kind:
        case "accession":
            return procedure.accession == value
        case "study_uid":
            return value in {account.keys.study_uid for account in procedure.accounts}
        case _:
            numbers = [n for one in procedure.accounts for n in (one.keys.placer_number, one.keys.filler_number)]
            return any(same_number(number, value) for number in numbers)

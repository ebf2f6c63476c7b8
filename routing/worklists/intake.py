"""Taking in what arrives: every input ends with exactly one outcome, and what cannot be processed is kept for a person.

All of it happens in one transaction. Where processing itself fails, that transaction is gone as if it had never begun,
and a second one keeps the input with a `resolve` item; only a store that refuses or fails lets an exception out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final

from attrs import evolve

from routing.attributes import ATTRIBUTES, Attributes, Group
from routing.decision import Problem
from routing.sources.joining import Change, take_in
from routing.sources.news import NewsKind, Reading, ReportStatus
from routing.sources.procedure import Procedure
from routing.sources.reports import is_newer
from routing.states import Event, Kind
from routing.store.protocol import Writing
from routing.store.records import Evidence, Input, Item, Move
from routing.worklists.judging import Judge
from routing.worklists.keeping import Keeper, key, newest_open
from routing.worklists.owed import REASONS
from routing.worklists.records import Named, Receipt
from routing.worklists.shelf import StoreShelf, aliases_of, dumped, mark_gone, write_patient

ACCEPTED: Final = "accepted"
DOUBTED: Final = "accepted_with_warning"
DUPLICATE: Final = "duplicate_ignored"
PARKED: Final = "parked"
QUARANTINED: Final = "quarantined"


class Intake:
    """Takes inputs in, one after another, within one transaction."""

    def __init__(self, tx: Writing, judge: Judge, hold: timedelta) -> None:
        self.tx = tx
        self.judge = judge
        self.hold = hold

    def take(self, reading: Reading) -> Receipt:
        """Take one input in; the same one again changes nothing."""
        known, reading = self._known(reading)
        if known is not None:
            return self._again(known)
        twins = self._twins(reading)
        number = self._keep(reading)
        doubts = [one.kind for one in reading.warnings]
        doubts += [one.kind for news in reading.news for one in news.warnings]
        doubts += twins
        if reading.refused is not None:
            return self._quarantine(number, (reading.refused,), doubts)
        news = reading.news
        if reading.kind == "mapping":
            # A host says what holds now: the newest of its mappings is the one that came last.
            news = tuple(evolve(one, said_at=self.tx.at) for one in news)
        shelf = StoreShelf(self.tx)
        change = take_in(news, shelf, self.tx.at, source=str(number), zone=self.judge.zone)
        return self._apply(number, reading, change, doubts, shelf)

    def keep_only(self, reading: Reading, problem: Problem) -> Receipt:
        """Keep an input that could not be processed, with a `resolve` item."""
        known, reading = self._known(reading)
        if known is not None:
            return self._again(known)
        return self._quarantine(self._keep(reading), (problem,), [])

    # identity

    def _known(self, reading: Reading) -> tuple[Input | None, Reading]:
        """Return the input that this one repeats, and the reading with an identity of its own where it repeats none."""
        known = self.tx.input_by(reading.sender, reading.message_id, reading.digest)
        if known is None or reading.kind != "mapping" or reading.message_id != reading.digest:
            return known, reading
        # A mapping without an id repeats only what its sender said last; said again after something else, it is news.
        latest = self.tx.latest_input(reading.sender)
        if latest is not None and latest.digest == reading.digest:
            return latest, reading
        again = 2
        while self.tx.input_by(reading.sender, f"{reading.digest}#{again}", reading.digest):
            again += 1
        return None, evolve(reading, message_id=f"{reading.digest}#{again}")

    def _twins(self, reading: Reading) -> list[str]:
        """Return the doubt of an input that has another's id, or of an instance that came in another study too."""
        if reading.kind != "dicom":
            return ["duplicate_control_id"] if self.tx.inputs_by_id(reading.sender, reading.message_id) else []
        instances = {one.instance.sop_uid for one in reading.news if one.instance is not None} - {None, ""}
        study = reading.message_id.partition("/")[0]
        return ["duplicate_instance"] if any(self.tx.came_elsewhere(str(sop), study) for sop in instances) else []

    def _keep(self, reading: Reading) -> int:
        return self.tx.add_input(
            source=reading.sender,
            message_id=reading.message_id,
            digest=reading.digest,
            kind=reading.kind,
            raw=reading.raw,
        )

    def _again(self, known: Input) -> Receipt:
        shelf = StoreShelf(self.tx)
        named = [self._named(number, shelf.procedure(number)) for number in known.procedures]
        return Receipt(outcome=DUPLICATE, procedures=tuple(named), input=known.id)

    # applying

    def _apply(self, number: int, reading: Reading, change: Change, doubts: list[str], shelf: StoreShelf) -> Receipt:
        same = {known for known, one in change.procedures if known is not None and shelf.has_read(known, one)}
        before = {} if reading.kind == "dicom" else self._said(change, shelf, set() if change.patients else same)
        for state in change.patients:
            write_patient(self.tx, state)
        places: list[int] = []
        for known, procedure in change.procedures:
            if known is None:
                places.append(self.tx.add_procedure(dumped(procedure), aliases_of(procedure)).id)
                continue
            places.append(known)
            if known not in same:
                self.tx.change_procedure(known, dumped(procedure), aliases_of(procedure))
        moved = self._in_step(number, change, places, same, before)
        for gone, at in change.gone.items():
            self._hand_over(gone, places[at], moved[at], number)
        doubts += change.doubts
        doubts += self._report_doubts(number, [change.procedures[at][1] for at in change.named])
        doubts += self._conflicts(number, change)
        touched = sorted({places[at] for at in change.named})
        if change.problems and not (set(change.named) - change.refused):
            return self._quarantine(number, change.problems, doubts)
        if change.named and change.refused == set(change.named):
            return self._refuse(number, reading.kind, change, (places, moved))
        return self._conclude(number, reading, change, (doubts, places, touched))

    def _in_step(
        self, number: int, change: Change, places: list[int], same: set[int], before: dict[int, Attributes]
    ) -> list[tuple[Item, ...]]:
        """Bring the items of all that was gathered in step, and return them; of what stays, only where it is asked."""
        asked = {*change.gone.values(), *change.refused}
        keeper = Keeper(self.tx, self.judge, hold=self.hold, input_number=number)
        moved: list[tuple[Item, ...]] = []
        for at, (place, (_, procedure)) in enumerate(zip(places, change.procedures, strict=True)):
            is_same = place in same
            if is_same and change.patients:
                is_same = before.get(place) == procedure.attributes(self.judge.zone)
            if is_same:
                # What was only gathered, and is as it was with its patient, owes what it owed.
                moved.append(self.tx.items_of(place) if at in asked else ())
                continue
            keeper.changed = changed(before.get(place), procedure.attributes(self.judge.zone))
            moved.append(keeper.keep(place, procedure))
        return moved

    def _said(self, change: Change, shelf: StoreShelf, same: set[int]) -> dict[int, Attributes]:
        """Return the attributes of the known procedures that an input changes, as they were before it."""
        known = [number for number, _ in change.procedures if number is not None and number not in same]
        return {number: shelf.procedure(number).attributes(self.judge.zone) for number in known}

    def _conclude(
        self, number: int, reading: Reading, change: Change, rest: tuple[list[str], list[int], list[int]]
    ) -> Receipt:
        doubts, places, touched = rest
        outcome = DOUBTED if doubts else ACCEPTED
        named = [change.procedures[at][1] for at in change.named]
        reports_only = bool(reading.news) and all(news.kind is NewsKind.REPORT for news in reading.news)
        if reports_only and named and not any(procedure.images_here for procedure in named):
            outcome = PARKED
        held = None
        if change.problems:
            problem = change.problems[0]
            held = self._attention(number, problem).id
            doubts += [one.kind for one in change.problems]
        warnings = tuple(dict.fromkeys(doubts))
        self.tx.conclude(number, outcome, procedures=touched, warnings=warnings, item=held)
        shown = touched or sorted(places)
        procedures = {place: change.procedures[at][1] for at, place in enumerate(places)}
        return Receipt(
            outcome=outcome,
            procedures=tuple(self._named(place, procedures[place]) for place in shown),
            warnings=warnings,
            quarantined=tuple(one.kind for one in change.problems),
            input=number,
        )

    def _report_doubts(self, number: int, procedures: Iterable[Procedure]) -> list[str]:
        """Return the doubts that a report of this input raises beside what is already known."""
        doubts: list[str] = []
        for procedure in procedures:
            mine = [entry for entry in procedure.reports if entry.source == str(number)]
            for entry in mine:
                others = [one for one in procedure.reports if one != entry and one.status is not ReportStatus.NONE]
                if any(is_newer(one, entry) for one in others):
                    doubts.append("out_of_order")
                if entry.status is ReportStatus.UNKNOWN:
                    doubts.append("report_status")
                if entry.status in {ReportStatus.FINAL, ReportStatus.CORRECTED} and not entry.has_text:
                    doubts.append("blank_report")
        return doubts

    def _conflicts(self, number: int, change: Change) -> list[str]:
        """Return the conflicts that this input brought up."""
        named = [change.procedures[at][1] for at in change.named]
        return [one.reason for procedure in named for one in procedure.conflicts if one.source in {str(number), ""}]

    def _hand_over(self, gone: int, into: int, items: Sequence[Item], number: int) -> None:
        """Let the items of a procedure that became part of another give way to that one's, or share its end."""
        heirs = {key(item): item for item in items}
        for item in self.tx.items_of(gone, open_only=True):
            heir = heirs.get(key(item)) or newest_open(items, item.kind)
            if heir is not None and heir.is_open:
                evidence = Evidence(kind="successor", procedure=gone, item=heir.id, input=number)
                move = Move(
                    event=Event.SUPERSEDE,
                    actor=Keeper(self.tx, self.judge).actor,
                    reason="found to be the same procedure",
                    evidence=self.tx.add_evidence(evidence),
                    changes={"successor": heir.id},
                )
            else:
                # The other's item is already dealt with, or nothing like it is owed there any more.
                evidence = Evidence(kind="message", procedure=gone, input=number, body={"into": into})
                move = Move(
                    event=Event.CLOSE,
                    actor=Keeper(self.tx, self.judge).actor,
                    reason=f"found to be the same as procedure {into}",
                    evidence=self.tx.add_evidence(evidence),
                )
            self.tx.move(item, move)
        mark_gone(self.tx, gone, into)

    # setting aside

    def _refuse(
        self, number: int, kind: str, change: Change, kept: tuple[list[int], list[tuple[Item, ...]]]
    ) -> Receipt:
        """Conclude an input that no procedure may take: it waits for a person beside the procedures that it names."""
        places, moved = kept
        reasons: list[str] = []
        held: Item | None = None
        for at in sorted(change.refused):
            for conflict in change.procedures[at][1].conflicts:
                item = next((one for one in moved[at] if key(one) == (Kind.RESOLVE, conflict.reason)), None)
                if item is not None and conflict.source in {str(number), ""}:
                    held = held or item
                    reasons.append(conflict.reason)
        if held is None or not held.is_open:
            problem = Problem(kind=reasons[0] if reasons else "conflict", source=kind, message="not applied")
            held = self._attention(number, problem)
            reasons = reasons or [problem.kind]
        kinds = tuple(dict.fromkeys(reasons))
        touched = sorted(places[at] for at in change.refused)
        self.tx.conclude(
            number,
            QUARANTINED,
            procedures=touched,
            warnings=kinds,
            item=held.id,
            reason=REASONS.get(kinds[0], kinds[0]),
        )
        named = tuple(self._named(places[at], change.procedures[at][1]) for at in sorted(change.refused))
        return Receipt(outcome=QUARANTINED, procedures=named, quarantined=kinds, input=number)

    def _quarantine(self, number: int, problems: Sequence[Problem], doubts: Sequence[str]) -> Receipt:
        item = self._attention(number, problems[0])
        kinds = tuple(dict.fromkeys(problem.kind for problem in problems))
        warnings = tuple(dict.fromkeys((*kinds, *doubts)))
        self.tx.conclude(number, QUARANTINED, warnings=warnings, item=item.id, reason=problems[0].message)
        return Receipt(outcome=QUARANTINED, warnings=tuple(doubts), quarantined=kinds, input=number)

    def _attention(self, number: int, problem: Problem) -> Item:
        keeper = Keeper(self.tx, self.judge, hold=self.hold)
        return keeper.attention(
            None,
            problem.kind,
            why=problem.message,
            part=f"input {number}",
            evidence={"input": number, "source": problem.source},
        )

    def _named(self, number: int, procedure: Procedure) -> Named:
        items = self.tx.items_of(number)
        item = newest_open(items)
        return Named(
            id=number,
            accession=procedure.accession,
            accession_issuer=procedure.accession_issuer,
            study_uid=procedure.study_uids,
            state=item.state.value if item else None,
            worklist=item.worklist if item else None,
            attributes=procedure.attributes(self.judge.zone),
        )


def changed(before: Attributes | None, after: Attributes) -> tuple[str, ...]:
    """Return the names of the attributes that news has changed: why an item moves. Names alone, none of identity."""
    if before is None:
        return ()
    old, new = before.known, after.known
    names = [name for name in dict.fromkeys((*old, *new)) if old.get(name) != new.get(name)]
    return tuple(sorted(name for name in names if name not in _UNSAID))


_UNSAID: Final = frozenset(
    {name for name, one in ATTRIBUTES.items() if one.identity or one.group in {Group.KEY, Group.HOST}} | {"image_count"}
)

"""Worklists: the living half as one object. What is received stays on a list until it has been dealt with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from routing.decision import Problem
from routing.errors import NaiveMoment, OtherRulebookActive, StoreBusy
from routing.sources.news import Reading
from routing.sources.procedure import Procedure
from routing.store.protocol import Store, Writing
from routing.store.records import Item, Reader
from routing.worklists.acknowledging import acknowledged, together
from routing.worklists.acts import LEASE, Acts
from routing.worklists.asking import Asking
from routing.worklists.census import Census, reconcile
from routing.worklists.changing import activate, active, begin
from routing.worklists.erasing import Erased, redact
from routing.worklists.inputs import readings_of
from routing.worklists.intake import Intake
from routing.worklists.judging import Judge
from routing.worklists.lines import lines
from routing.worklists.owed import HOLD
from routing.worklists.records import Claim, Counts, Happening, Line, Page, Receipt, Status
from routing.worklists.rights import ACTIVATE, Readers, Rights
from routing.worklists.tending import Tended, is_needed, tend

Clock = Callable[[], datetime]


class Worklists:
    """A store of worklists with the rulebook that is active in it. Safe to share between threads.

    Every act names its actor, is one transaction, and is durable when the method returns; when it raises, nothing was
    written. What is refused is a `RoutingError`.
    """

    def __init__(
        self, store: Store, judge: Judge, *, clock: Clock, readers: Readers, hold: timedelta, profiles: Any
    ) -> None:
        self._store = store
        self._judge = judge
        self._clock = clock
        self._readers = readers
        self._hold = hold
        self._profiles = profiles

    @classmethod
    def open(
        cls,
        where: Any,
        rulebook: Any = None,
        *,
        clock: Clock | None = None,
        readers: Readers = None,
        hold: timedelta = HOLD,
        profiles: Any = None,
        actor: str = "host",
        **options: Any,
    ) -> Worklists:
        """
        Open the worklists of a store, making it when there is none.

        Args:
            where: a path, a URL, or a store.
            rulebook: the rules to work by; a new store activates it. None: the store's active one.
            clock: gives the present instant, aware; the system's clock where None.
            readers: the host's directory: a mapping of names to skills, or a function; beside that of the store.
            hold: how long a final report that came before any image covers the images that come.
            profiles: the sender profiles.
            actor: who opens it; a first activation is in this name.
            options: for the store.

        Raises:
            OtherRulebookActive: the store works by another rulebook; only `activate` changes it. Nothing is written.
            StoreRefused: there is no rulebook, or the store is weaker than what is promised.

        """
        from routing.store import open_store  # noqa: PLC0415 - a host may bring a store of its own

        store: Store = where if hasattr(where, "writing") else open_store(str(where), **options)
        try:
            ticking = clock or _system_clock
            judge = begin(store, rulebook, _aware(ticking()), actor)
        except BaseException:
            if store is not where:
                store.close()
            raise
        return cls(store, judge, clock=ticking, readers=readers, hold=hold, profiles=profiles)

    def __enter__(self) -> Self:
        """Use it in a `with` statement: it closes at the end."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the store."""
        self.close()

    def close(self) -> None:
        """Close the store's connections."""
        self._store.close()

    @property
    def store(self) -> Store:
        """The store behind the worklists."""
        return self._store

    @property
    def rulebook(self) -> Any:
        """The active rulebook."""
        return self._judge.rules

    # receiving

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
        if is_needed(self._store, now):
            self.tick(now)
        try:
            with self._writing(now) as tx:
                receipts = [[self._intake(tx).take(reading) for reading in lot] for lot in lots]
        except (StoreBusy, NaiveMoment, OtherRulebookActive):
            raise
        except Exception:  # noqa: BLE001 - one input that fails must not take the others with it: each on its own
            receipts = [[self._take_alone(reading, now) for reading in lot] for lot in lots]
        return [
            together([acknowledged(one, reading, now) for one, reading in zip(got, lot, strict=True)])
            for got, lot in zip(receipts, lots, strict=True)
        ]

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

    # claiming and reporting

    def claim(self, item: int, by: str, *, lease: timedelta = LEASE) -> Claim:
        """Put an item into the hands of a reader. Raises TransitionRefused, NotAllowed, NotFound."""
        with self._acting() as acts:
            return acts.claim(item, by, lease)

    def claim_next(
        self, reader: str, *, worklists: Iterable[str] | None = None, lease: timedelta = LEASE
    ) -> Claim | None:
        """Claim the most urgent item that the reader may read; None when there is none. There is one winner."""
        with self._acting() as acts:
            return acts.claim_next(reader, worklists, lease)

    def renew(self, claim: Claim, *, lease: timedelta = LEASE) -> Claim:
        """Lengthen a claim's lease, counted from now. Raises StaleClaim."""
        with self._acting() as acts:
            return acts.renew(claim, lease)

    def release(self, claim: Claim | int, by: str | None = None, *, token: int | None = None) -> Line:
        """Give an item back to its list. Another's claim is broken only with a grant. Raises StaleClaim, NotAllowed."""
        item, by, token = _which(claim, by, token)
        with self._acting() as acts:
            return self._line(acts, acts.release(item, by, token))

    def report(
        self,
        what: Claim | int | str,
        status: str,
        report_id: str,
        by: str | None = None,
        *,
        token: int | None = None,
        digest: str = "",
    ) -> Line:
        """
        File a report for a claim, an item or an accession number; return the item as it then stands.

        Args:
            what: the claim, the number of an item, or an accession number with one report owed.
            status: preliminary, final, corrected, addendum or withdrawn. Only final and corrected discharge.
            report_id: what the report is called where it is kept; without one it is refused.
            by: who reports; the holder of the claim where None.
            token: the claim's token, where *what* is not the claim itself.
            digest: what tells its text from another's, where the host knows.

        Raises:
            StaleClaim: the claim is not the current one.
            NotAllowed, TransitionRefused, NotFound: it may not, cannot, or is nowhere. Nothing is written.

        """
        item, by, token = _which(self.item_named(what) if isinstance(what, str) else what, by, token)
        with self._acting() as acts:
            return self._line(acts, acts.report(item, status, report_id, by, token=token, digest=digest))

    def pass_to(
        self, item: Claim | int, worklist: str, by: str | None = None, reason: str = "", *, token: int | None = None
    ) -> Line:
        """Pass an item to another list, with a reason; its clock goes on, and rules do not move it back."""
        number, by, token = _which(item, by, token)
        with self._acting() as acts:
            return self._line(acts, acts.pass_to(number, worklist, by, reason, token))

    def close_item(self, item: int, by: str, reason: str, policy: str = "") -> Line:
        """End an item without a report: needs a grant `close` and a reason. `reopen` takes it back."""
        with self._acting() as acts:
            return self._line(acts, acts.close(item, by, reason, policy))

    def reopen(self, item: int, by: str, reason: str) -> Line:
        """Bring discharged work back, with its original clock."""
        with self._acting() as acts:
            return self._line(acts, acts.reopen(item, by, reason))

    def page(
        self, reader: str | None = None, limit: int | None = 50, *, worklists: Iterable[str] | None = None
    ) -> Page:
        """Return open items, most urgent first: those that *reader* may read, else all; and how many it hides."""
        return self._asking().page(reader, worklists, limit)

    def status(
        self,
        accession: str | None = None,
        *,
        study_uid: str | None = None,
        order: str | None = None,
        issuer: str | None = None,
    ) -> Status:
        """Return where a procedure is, in one plain sentence and apart. Raises NotFound.

        *accession* may also be a study UID or an order number, where nothing has it for its accession number.
        """
        return self._asking().status(accession, study_uid, order, issuer)

    def item_named(self, name: str) -> int:
        """Return the item of that number, or the one report item owed on that accession number. Raises NotFound."""
        return self._asking().item_named(name)

    def open_procedures(self) -> Iterator[tuple[int, Procedure]]:
        """Yield every procedure that has an open item, once, with its number and what is known of it."""
        return self._asking().open_procedures()

    def counts(self) -> Counts:
        """Return how many items there are: accepted = open + reported + closed + superseded."""
        return self._asking().counts()

    def history(self, item: int | None = None, *, accession: str | None = None) -> tuple[Happening, ...]:
        """Return what happened to an item, or to all items of an accession number. Raises NotFound."""
        return self._asking().history(item, accession)

    def why(self, accession: str, *, other: str | None = None) -> list[Any]:
        """Return the explanations of the decisions on what has this accession number. Raises NotFound."""
        asking = self._asking()
        return [self._judge.decide(one, self._now()).explain(other) for _, one in asking.find(accession, None, None)]

    def reconcile(self, accessions: Iterable[str]) -> Census:
        """Return how the host's list of accession numbers differs from what is known here, both ways."""
        return reconcile(self._store, accessions)

    def verify(self, *, anchor: str | None = None, since_seal: bool = False) -> Any:
        """Check the store against itself, reading only; *since_seal*: only what its newest seal does not cover."""
        return self._store.verify(anchor=anchor, now=self._now(), since_seal=since_seal)

    def redact(self, accession: str, by: str, reason: str) -> Erased:
        """Erase who the patient of discharged work was, by the grant `redact`; what happened, and its chain, stay."""
        with self._acting() as acts:
            found = Asking(acts.tx, self._judge, acts.rights, acts.tx.now).find(accession, None, None)
            return redact(acts.tx, acts.rights, [number for number, _ in found], by, reason)

    def activate(self, rulebook: Any, by: str, reason: str = "") -> int:
        """Make another rulebook the active one and decide anew what nobody holds; return how many procedures."""
        judge = Judge(rulebook)
        with self._writing(self._now()) as tx:
            Rights(tx, self._judge, self._readers).require(by, ACTIVATE)
            changed = activate(tx, judge, by, reason, self._hold)
        self._judge = judge
        return changed

    def grant(self, actor: str, act: str, by: str, *, scope: str = "", reason: str = "", given: bool = True) -> None:
        """Give a right, or take it back. The first grant of a store makes its giver the one who may grant."""
        with self._acting() as acts:
            acts.grant(actor, act, by, scope=scope, reason=reason, given=given)

    def put_reader(self, name: str, skills: Sequence[str], by: str) -> None:
        """Add or change a reader in the store's own directory: needs the grant `grant`, or a store without any."""
        with self._acting() as acts:
            acts.put_reader(Reader(name=name, skills=tuple(skills)), by)

    def tick(self, at: datetime | None = None) -> Tended:
        """Bring about what time alone does: holds end, leases end, reports without images are shown."""
        with self._writing(self._now(at)) as tx:
            return tend(tx, self._judge, self._hold)

    def _now(self, at: datetime | None = None) -> datetime:
        return _aware(at if at is not None else self._clock())

    @contextmanager
    def _writing(self, now: datetime) -> Iterator[Writing]:
        with self._store.writing(now) as tx:
            found = active(tx)
            if found != self._judge.fingerprint:
                raise OtherRulebookActive(found or "", self._judge.fingerprint)
            yield tx

    @contextmanager
    def _acting(self) -> Iterator[Acts]:
        now = self._now()
        if is_needed(self._store, now):
            self.tick(now)
        with self._writing(now) as tx:
            yield Acts(tx, self._judge, Rights(tx, self._judge, self._readers), self._hold)

    def _line(self, acts: Acts, item: Item) -> Line:
        return lines(acts.tx, [item], acts.tx.now)[0]

    def _asking(self) -> Asking:
        now = self._now()
        if is_needed(self._store, now):
            self.tick(now)
        return Asking(self._store, self._judge, Rights(self._store, self._judge, self._readers), now)


def _which(what: Claim | int, by: str | None, token: int | None) -> tuple[int, str, int | None]:
    if isinstance(what, Claim):
        return what.item_id, by or what.holder, what.token
    if not isinstance(what, int) or isinstance(what, bool):
        raise TypeError(f"`item` is a claim or the number of an item, not {type(what).__name__}")
    return what, by or "", token


def exists(where: str) -> bool:
    """Return whether there is a store at a path or URL."""
    path = Path(str(where).removeprefix("sqlite:///"))
    return path.is_file() and path.stat().st_size > 0


def _system_clock() -> datetime:
    return datetime.now(UTC)


def _aware(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise NaiveMoment("at")
    return instant.astimezone(UTC)

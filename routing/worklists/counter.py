"""The side of those who ask: pages, statuses, counts, histories, and whether all is sound."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import evolve

from routing.errors import NotFound
from routing.sources.procedure import Procedure
from routing.worklists.again import again
from routing.worklists.base import Base
from routing.worklists.census import Census, reconcile
from routing.worklists.enquiring import enquire
from routing.worklists.orphans import Orphan, orphans, with_orphans
from routing.worklists.paging import Wish
from routing.worklists.records import Counts, Happening, Page, Status
from routing.worklists.rights import Rights
from routing.worklists.viewing import HostView, host_view


class Counter(Base):
    """What can be asked. Nothing here changes what is owed."""

    def page(
        self,
        reader: str | None = None,
        limit: int | None = 50,
        *,
        worklists: Iterable[str] | None = None,
        view: str | HostView | None = None,
        where: Mapping[str, str] | None = None,
        sort: Iterable[str] = (),
        identity: bool = False,
    ) -> Page:
        """
        Return open items, most urgent first, and how many open items the page does not show.

        Args:
            reader: whose page it is: what they may take, and what is asked of them by name. None: everything.
            limit: at most so many; None for all.
            worklists: these lists alone.
            view: the view of the rulebook with this name, or one of the host's: its lists, its condition, its order.
            where: what each item must have: attributes (`modality`, `site`…) or columns (`priority`, `kind`, `state`…).
            sort: attributes or columns to sort by, before urgency; what is unknown comes last.
            identity: say whose each item is, but where the rules restrict that and the reader lacks the skill.

        Raises:
            NotFound: there is no such list, view or attribute. Identity cannot be filtered by.
            NotAllowed: the view is not for this reader; that it was tried is written down, as of every act.

        """
        lists = (worklists,) if isinstance(worklists, str) else tuple(worklists) if worklists is not None else None
        wish = Wish(worklists=lists, limit=limit, view=view, where=dict(where or {}), sort=tuple(sort))
        with self._remembering(self._now()), self._looking() as asking:
            return asking.page(reader, wish, identity=identity)

    def view(self, text: str) -> HostView:
        """Return a view of the host's own for `page`, from its text: `view "…" for … shows … [when …] [sorted by …]`.

        It is made once and asked for often: the rulebook is read again for it.

        Raises:
            RulebookError: a finding about it is an error.
            TypeError: it is not one view and nothing else.

        """
        return host_view(self._judge, text)

    def views(self, reader: str | None = None) -> tuple[str, ...]:
        """Return the names of the rulebook's views that are for a reader, or of all."""
        return self._asking().views(reader)

    def status(
        self,
        accession: str | None = None,
        *,
        study_uid: str | None = None,
        order: str | None = None,
        issuer: str | None = None,
        by: str | None = None,
        reader: str | None = None,
    ) -> Status:
        """Return where a procedure is, in one plain sentence and apart. Raises NotFound.

        *accession* may also be a study UID or an order number, where nothing has it for its accession number. *by* says
        who asks for the report: it is written down on each open item, and asked for again it escalates, once (I19); on
        finished work it is written down alone. A *reader* is not told who has another read in hand that is blind.
        """
        if by is not None:
            found = self._asking().find(accession, study_uid, order, issuer)
            self._enquire([number for number, _ in found], by)
        with self._looking() as asking:
            return asking.status(accession, study_uid, order, issuer, reader)

    @again
    def _enquire(self, numbers: Iterable[int], by: str) -> None:
        with self._writing(self._now()) as tx:
            for number in numbers:
                enquire(tx, self._judge, number, by, self._hold)

    def item_named(self, name: str) -> int:
        """Return the item of that number, or the one report item owed on that accession number. Raises NotFound."""
        return self._asking().item_named(name)

    def open_procedures(self) -> Iterator[tuple[int, Procedure]]:
        """Yield every procedure that has an open item, once, with its number and what is known of it."""
        return self._asking().open_procedures()

    def counts(self) -> Counts:
        """Return how many items there are: accepted = open + reported + closed + superseded; and the orphan lists."""
        with self._looking() as asking:
            alone = orphans(asking.store, asking.rights, self._readers)
            return evolve(asking.counts(), unread=tuple((one.worklist, one.open) for one in alone))

    def orphans(self) -> tuple[Orphan, ...]:
        """Return the lists that nobody may read, the fullest first: an alarm where anything waits there (I27).

        A host's directory that is a function cannot say whom it knows; then only a list that no rulebook is
        known to have had is told.
        """
        asking = self._asking()
        return orphans(asking.store, asking.rights, self._readers)

    def history(
        self, item: int | None = None, *, accession: str | None = None, reader: str | None = None
    ) -> tuple[Happening, ...]:
        """Return what happened to an item, or to all items of an accession number. Raises NotFound.

        To a *reader* the reads of others are not told while reads that are blind are still to come.
        """
        with self._looking() as asking:
            return asking.history(item, accession, reader)

    def why(self, accession: str, *, other: str | None = None) -> list[Any]:
        """Return the explanations of the decisions on what has this accession number; *other*: why not that one.

        Raises NotFound: nothing has the number, or no rule and no list is called *other*.
        """
        is_named = getattr(self._judge.rules, "is_named", None)
        if other is not None and is_named is not None and not is_named(other):
            raise NotFound("rule or worklist", other)
        asking = self._asking()
        return [self._judge.decide(one, self._now()).explain(other) for _, one in asking.find(accession, None, None)]

    def reconcile(self, accessions: Iterable[str]) -> Census:
        """Return how the host's list of accession numbers differs from what is known here, both ways."""
        return reconcile(self._store, accessions)

    def verify(self, *, anchor: str | None = None, since_seal: bool = False) -> Any:
        """Check the store against itself, reading only; *since_seal*: only what its newest seal does not cover.

        Its figures say which lists nobody may read.
        """
        now = self._now()
        found = self._store.verify(anchor=anchor, now=now, since_seal=since_seal)
        rights = Rights(self._store, self._judge, self._readers, now=now)
        return with_orphans(found, lambda: orphans(self._store, rights, self._readers))

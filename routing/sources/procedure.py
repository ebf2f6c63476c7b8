"""A procedure: everything known about what was requested and must be reported, and what that comes to.

It is made by `routing.sources.joining` out of accounts (what each source said under the same keys about the same
patient) and can be made again at any time: the same accounts give the same procedure, in whatever order they came.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, tzinfo
from functools import cached_property
from typing import Any, Final

from attrs import evolve, field, frozen

from routing.attributes import Attributes
from routing.sources.account import Account, Heard, account_of, instant_of, stamp_of, with_entry
from routing.sources.account_json import dump_account, dump_entry, load_account, load_entry
from routing.sources.entries import ReportEntry
from routing.sources.instances import Instances
from routing.sources.news import Keys, News, NewsKind
from routing.sources.patients import Pair, Patients


@frozen(kw_only=True, order=True)
class Conflict:
    """What a person has to look at: the reason as a stable word, since which stamp, and the input that showed it."""

    reason: str
    since: int
    source: str = ""


@frozen(kw_only=True)
class Act:
    """What a person did to an item of this procedure here: `closed`, `done` or `reopened`, at that stamp."""

    kind: str
    part: str
    what: str
    stamp: int


@frozen(kw_only=True, slots=False)
class Procedure:
    """Everything known of one procedure.

    `accounts` are what applies to it, `aside` what names it and may not be applied (another patient's images, a report
    that could mean two); `conflicts` say so. `acts` and `filed` are what people did and reported here rather than sent.
    `study_uid` is the key of a procedure that has no accession number.
    """

    accession: str | None = None
    accession_issuer: str | None = None
    study_uid: str | None = None
    accounts: tuple[Account, ...] = ()
    aside: tuple[Account, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    acts: tuple[Act, ...] = ()
    filed: tuple[ReportEntry, ...] = ()
    patients: Patients = field(factory=Patients, eq=False, repr=False)

    def __repr__(self) -> str:
        """Name no number: a repr ends in logs."""
        return f"Procedure({len(self.accounts)} accounts, {len(self.conflicts)} conflicts)"

    def told(self, news: News, arrived_at: datetime, *, source: str = "", zone: tzinfo = UTC) -> Procedure:
        """Return this procedure with one more piece of news that is already known to be about it.

        Permutations and duplicates give the same knowledge, but for what stands as it first came.
        """
        heard = Heard(stamp=max(stamp_of(arrived_at), self.latest + 1), source=source, zone=zone)
        empty = account_of(news, heard)
        known = {account.identity: account for account in self.accounts}
        known[empty.identity], _ = known.get(empty.identity, empty).told(news, heard)
        return evolve(
            self,
            accession=self.accession or news.keys.accession,
            accession_issuer=self.accession_issuer or news.keys.accession_issuer,
            study_uid=self.study_uid or news.keys.study_uid,
            accounts=tuple(known[key] for key in sorted(known)),
        )

    def seen_with(self, patients: Patients) -> Procedure:
        """Return the procedure with what is now known of patients; what that does not touch is not worked out again."""
        _ = self.order_states, self.images, self.reported, self.instances, self.reports
        seen = evolve(self, patients=patients)
        kept = {name: value for name, value in self.__dict__.items() if name not in _OF_PATIENTS}
        seen.__dict__.update({name: value for name, value in kept.items() if name not in seen.__dict__})
        return seen

    def attributes(self, zone: tzinfo = UTC) -> Attributes:
        """Return the canonical attributes, each with its provenance, by the precedence of its group."""
        from routing.sources.precedence import attributes_of  # noqa: PLC0415 - it reads procedures itself

        known: dict[str, Attributes] = self.__dict__.setdefault("_attributes", {})
        name = str(zone)
        if name not in known:
            known[name] = attributes_of(self, zone)
        return known[name]

    # who and which

    @cached_property
    def identities(self) -> frozenset[Pair]:
        """Who the patient is, by everything that applies, as identities stand now."""
        return self.patients.identity(account.patient for account in self.accounts).pairs

    @cached_property
    def patient(self) -> Pair | None:
        """The one number that stands for the patient: by an order before images before reports."""
        rank = {NewsKind.ORDER: 0, NewsKind.IMAGES: 1, NewsKind.REPORT: 2}
        for account in sorted(self.accounts, key=lambda one: (rank.get(one.kind, 3), one.first, str(one.identity))):
            if account.patient.number:
                return self.patients.survivor((account.patient.number, account.patient.issuer))
        return None

    @cached_property
    def study_uids(self) -> tuple[str, ...]:
        """The studies: those whose images came, else those that the orders name, else those of the reports."""
        for accounts in (self.images, self.orders, self.reported):
            uids = {one.keys.study_uid for one in accounts if one.keys.study_uid}
            if uids:
                return tuple(sorted(uids))
        return (self.study_uid,) if self.study_uid else ()

    # what came

    def _of(self, kind: NewsKind) -> tuple[Account, ...]:
        mine = (account for account in self.accounts if account.kind is kind)
        return tuple(sorted(mine, key=lambda one: (one.first, str(one.identity))))

    @cached_property
    def orders(self) -> tuple[Account, ...]:
        """What orders said."""
        return self._of(NewsKind.ORDER)

    @cached_property
    def images(self) -> tuple[Account, ...]:
        """What images said."""
        return self._of(NewsKind.IMAGES)

    @cached_property
    def reported(self) -> tuple[Account, ...]:
        """What reports said."""
        return self._of(NewsKind.REPORT)

    @cached_property
    def instances(self) -> Instances:
        """All instances that came, each once."""
        together = Instances()
        for account in self.images:
            together = account.instances.joined(together)
        return together

    @cached_property
    def reports(self) -> tuple[ReportEntry, ...]:
        """The history of reports in the order of their own time."""
        entries = {entry.identity: entry for entry in self.filed}
        for account in self.accounts:
            for entry in account.reports:
                if entry.identity not in entries or entry.stamp < entries[entry.identity].stamp:
                    entries[entry.identity] = entry
        return tuple(entries[key] for key in sorted(entries))

    @property
    def images_here(self) -> bool:
        """Whether clinical images are here, or a host said that they are."""
        return self.first_images is not None

    @cached_property
    def first_images(self) -> int | None:
        """When the first clinical image came, as a stamp."""
        stamps = [account.present for account in self.orders if account.present is not None]
        if self.instances.first is not None:
            stamps.append(self.instances.first)
        return min(stamps, default=None)

    @cached_property
    def last_images(self) -> int | None:
        """When the last clinical image came that was not here before, as a stamp."""
        stamps = [account.counted[1] for account in self.orders if account.counted is not None]
        stamps += [one for one in (self.instances.last, self.first_images) if one is not None]
        return max(stamps, default=None)

    @property
    def is_known(self) -> bool:
        """Whether anything but reports is known: an order or images."""
        return bool(self.orders or self.images)

    @property
    def is_cancelled(self) -> bool:
        """Whether there are orders and each of them is cancelled or discontinued."""
        return bool(self.requests) and all(state.is_cancelled for state in self.requests)

    @cached_property
    def order_states(self) -> tuple[Account, ...]:
        """One account for each order: those that share a number are joined, so that the newest word counts."""
        found: list[tuple[set[tuple[str, str]], Account]] = []
        for account in self.orders:
            numbers, mine = order_numbers(account.keys), account
            for known in [one for one in found if one[0] & numbers or one[0] == numbers]:
                found.remove(known)
                numbers, mine = numbers | known[0], known[1].joined(mine)
            found.append((numbers, mine))
        return tuple(account for _, account in found)

    @property
    def requests(self) -> tuple[Account, ...]:
        """The orders proper: a host that says that images are here, and names no order, speaks of those there are."""
        states = self.order_states
        return tuple(one for one in states if one.present is None or order_numbers(one.keys)) or states

    @property
    def first(self) -> int:
        """When the first news came, as a stamp."""
        return min((account.first for account in self.accounts), default=0)

    @property
    def latest(self) -> int:
        """The newest stamp of anything that was told or done."""
        stamps = [account.last for account in (*self.accounts, *self.aside)]
        stamps += [act.stamp for act in self.acts] + [entry.stamp for entry in self.filed]
        return max(stamps, default=0)

    @property
    def arrived_at(self) -> datetime:
        """When the first of what has to be read came: images, else any news."""
        return instant_of(self.first_images if self.first_images is not None else self.first)

    def acted(self, kind: str, part: str) -> Act | None:
        """Return the newest act of a person on that item, or None."""
        mine = [act for act in self.acts if act.kind == kind and act.part == part]
        return max(mine, key=lambda act: act.stamp, default=None)

    def with_filed(self, entry: ReportEntry) -> Procedure:
        """Return the procedure with a report that a reader filed here."""
        return evolve(self, filed=with_entry(self.filed, entry))

    def with_acts_of(self, others: Iterable[Procedure]) -> Procedure:
        """Return the procedure with what was done and filed under others that are now part of it."""
        procedure = self
        for other in others:
            for act in other.acts:
                known = procedure.acted(act.kind, act.part)
                if known is None or known.stamp < act.stamp:
                    procedure = procedure.with_act(act.kind, act.part, act.what, act.stamp)
            for entry in other.filed:
                procedure = procedure.with_filed(entry)
        return procedure

    def with_act(self, kind: str, part: str, what: str, stamp: int) -> Procedure:
        """Return the procedure with one more act; only the newest on an item is kept."""
        rest = (act for act in self.acts if (act.kind, act.part) != (kind, part))
        return evolve(self, acts=(*rest, Act(kind=kind, part=part, what=what, stamp=stamp)))


_OF_PATIENTS: Final = frozenset({"patients", "identities", "patient", "_attributes"})  # what depends on patients


def order_numbers(keys: Keys) -> set[tuple[str, str]]:
    """Return what tells one order from another: the filler's and the placer's number, as far as they are said."""
    named = (("filler", keys.filler_number), ("placer", keys.placer_number))
    return {(role, number) for role, number in named if number}


def dump(procedure: Procedure) -> str:
    """Return a procedure as two lines of compact JSON: what it is called, and all that is known.

    It holds identity and belongs beside the journal, never in it.
    """
    head = {"key": [procedure.accession, procedure.accession_issuer, procedure.study_uid], "uids": procedure.study_uids}
    body = {
        "accounts": [dump_account(account) for account in procedure.accounts],
        "aside": [dump_account(account) for account in procedure.aside],
        "conflicts": [[one.reason, one.since, one.source] for one in procedure.conflicts],
        "acts": [[act.kind, act.part, act.what, act.stamp] for act in procedure.acts],
        "filed": [dump_entry(entry) for entry in procedure.filed],
    }
    return "\n".join(json.dumps(part, ensure_ascii=False, separators=(",", ":")) for part in (head, body))


def load(text: str, patients: Patients | None = None) -> Procedure:
    """Return the procedure that `dump` wrote, seen with what is now known of patients."""
    head, _, body = text.partition("\n")
    accession, issuer, study_uid = json.loads(head)["key"]
    dumped = json.loads(body)
    return Procedure(
        accession=accession,
        accession_issuer=issuer,
        study_uid=study_uid,
        accounts=tuple(_accounts(dumped["accounts"])),
        aside=tuple(_accounts(dumped["aside"])),
        conflicts=tuple(Conflict(reason=one[0], since=one[1], source=one[2]) for one in dumped["conflicts"]),
        acts=tuple(Act(kind=one[0], part=one[1], what=one[2], stamp=one[3]) for one in dumped["acts"]),
        filed=tuple(load_entry(one) for one in dumped["filed"]),
        patients=patients or Patients(),
    )


@frozen(kw_only=True)
class Called:
    """What a procedure is called: enough for a line of a list, without reading all that is known."""

    accession: str | None = field(repr=False)
    accession_issuer: str | None
    study_uids: tuple[str, ...] = field(repr=False)


def called(text: str) -> Called:
    """Return what the procedure that `dump` wrote is called."""
    head = json.loads(text.partition("\n")[0])
    accession, issuer, _ = head["key"]
    return Called(accession=accession, accession_issuer=issuer, study_uids=tuple(head["uids"]))


def _accounts(dumped: Iterable[dict[str, Any]]) -> Iterator[Account]:
    return (load_account(one) for one in dumped)

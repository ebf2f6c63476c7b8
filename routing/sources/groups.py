"""Groups: procedures in the making, and by what they are found, so that nothing is compared pair by pair."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from attrs import define, field

from routing.sources.account import Account
from routing.sources.news import Keys, NewsKind
from routing.sources.patients import Identity
from routing.sources.procedure import Conflict


@define(eq=False)
class Group:
    """A procedure in the making. What it is made of only grows, one account at a time."""

    accession: str | None
    issuer: str | None
    study_uid: str | None = None
    accounts: list[Account] = field(factory=list)
    aside: list[Account] = field(factory=list)
    conflicts: list[Conflict] = field(factory=list)
    who: Identity | None = None  # of the first `whose` accounts
    whose: int = 0

    def add(self, account: Account) -> None:
        """Add an account once."""
        if all(one is not account for one in self.accounts):
            self.accounts.append(account)

    def doubt(self, reason: str, since: int, source: str = "") -> None:
        """Add a conflict."""
        self.conflicts.append(Conflict(reason=reason, since=since, source=source))


class Named:
    """Groups by what reports may name them by."""

    def __init__(self, groups: list[Group]) -> None:
        self.groups = groups
        self.accessions: dict[str, list[Group]] = {}
        self.numbers: dict[str, set[int]] = {}
        self.studies: dict[str, set[int]] = {}
        self.places = {id(group): at for at, group in enumerate(groups)}
        for at, group in enumerate(groups):
            if group.accession:
                self.accessions.setdefault(group.accession, []).append(group)
            for account in group.accounts:
                self._note(at, account)

    def _note(self, at: int, account: Account) -> None:
        if account.keys.study_uid:
            self.studies.setdefault(account.keys.study_uid, set()).add(at)
        if account.kind is NewsKind.ORDER:
            for number in (account.keys.filler_number, account.keys.placer_number):
                if number:
                    self.numbers.setdefault(bare(number), set()).add(at)

    def add(self, group: Group, account: Account) -> None:
        """Add a report to a group: from now on the study that the report names is the group's."""
        group.add(account)
        self._note(self.places[id(group)], account)

    def by(self, report: Account) -> list[Group]:
        """Return the groups that a report names."""
        keys = report.keys
        borrowed = is_borrowed(report)
        by_accession = self.accessions.get(keys.accession, []) if keys.accession else []
        if keys.accession and keys.accession_issuer:
            same = [group for group in by_accession if group.issuer == keys.accession_issuer]
            by_accession = same or [group for group in by_accession if group.issuer is None]
        if by_accession or (keys.accession and not borrowed):
            return by_accession or self._without_accession(keys.study_uid)
        told = {bare(keys.filler_number), bare(keys.placer_number)}
        likely = self._at({at for number in told for at in self.numbers.get(number, ())})
        numbers = [group for group in likely if any(_shares_number(report, one) for one in group.accounts)]
        return numbers or self._of_study(keys.study_uid)

    def _without_accession(self, uid: str | None) -> list[Group]:
        """Return the procedures of the study that have no accession number of their own."""
        return [group for group in self._of_study(uid) if group.accession is None]

    def _of_study(self, uid: str | None) -> list[Group]:
        return self._at(self.studies.get(uid, ())) if uid else []

    def _at(self, places: Iterable[int]) -> list[Group]:
        return [self.groups[at] for at in sorted(places)]


def _shares_number(report: Account, order: Account) -> bool:
    if order.kind is not NewsKind.ORDER:
        return False
    by_filler = same_number(report.keys.filler_number, order.keys.filler_number)
    unsaid = not (report.keys.filler_number and order.keys.filler_number)
    return by_filler or (unsaid and same_number(report.keys.placer_number, order.keys.placer_number))


def by_uid(accounts: Iterable[Account]) -> dict[str, list[Account]]:
    """Return the accounts by the study that each names."""
    found: dict[str, list[Account]] = {}
    for account in accounts:
        if account.keys.study_uid:
            found.setdefault(account.keys.study_uid, []).append(account)
    return found


def by_accession(accounts: Iterable[Account]) -> dict[str, list[Account]]:
    """Return the accounts by the accession number that each names, whatever its issuer."""
    found: dict[str, list[Account]] = {}
    for account in accounts:
        if account.keys.accession:
            found.setdefault(account.keys.accession, []).append(account)
    return found


def groups_by_uid(groups: Iterable[Group]) -> dict[str, list[Group]]:
    """Return the groups by the studies that their accounts name, each in the order of the groups."""
    found: dict[str, list[Group]] = {}
    for group in groups:
        for uid in {one.keys.study_uid for one in group.accounts}:
            if uid:
                found.setdefault(uid, []).append(group)
    return found


def by_number(orders: Iterable[Account], of: Callable[[Keys], str | None]) -> dict[str, list[Account]]:
    """Return the orders by one of their numbers, without its issuer; those that have none are left out."""
    found: dict[str, list[Account]] = {}
    for order in orders:
        if number := bare(of(order.keys)):
            found.setdefault(number, []).append(order)
    return found


def bare(number: str | None) -> str:
    """Return an order number without its issuer."""
    return (number or "").partition("^")[0]


def same_number(one: str | None, other: str | None) -> bool:
    """Return whether two order numbers are the same; the issuer after `^` counts only where both say it."""
    if not one or not other:
        return False
    (number, _, issuer), (number_, _, issuer_) = one.partition("^"), other.partition("^")
    return number == number_ != "" and (issuer == issuer_ or not issuer or not issuer_)


def is_borrowed(account: Account) -> bool:
    """Return whether the accession number is only the order's own number, taken because nothing else was said."""
    keys = account.keys
    return bool(keys.accession) and any(
        number and number.partition("^")[0] == keys.accession for number in (keys.filler_number, keys.placer_number)
    )

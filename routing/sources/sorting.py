"""Sorting: which accounts belong to which procedure. A pure function of all that is known, whatever came first.

The key is (issuer, accession number), else the study UID. Nothing is merged or reported by guess: what contradicts
itself is a conflict for a person, beside work that stays open (DESIGN 5.1).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attrs import define, field

from routing.sources.account import Account
from routing.sources.news import NewsKind
from routing.sources.patients import Identity, Patients, agree
from routing.sources.procedure import Conflict, Procedure


@define(eq=False)
class _Group:
    """A procedure in the making."""

    accession: str | None
    issuer: str | None
    study_uid: str | None = None
    accounts: list[Account] = field(factory=list)
    aside: list[Account] = field(factory=list)
    conflicts: list[Conflict] = field(factory=list)

    def add(self, account: Account) -> None:
        """Add an account once."""
        if account not in self.accounts:
            self.accounts.append(account)

    def doubt(self, reason: str, since: int, source: str = "") -> None:
        """Add a conflict."""
        self.conflicts.append(Conflict(reason=reason, since=since, source=source))


def sort_out(accounts: Iterable[Account], patients: Patients) -> tuple[Procedure, ...]:
    """
    Return the procedures that the accounts come to, each with what applies, what is set aside, and the conflicts.

    The accounts must be all that share an accession number, a study UID or, where they have neither, an order number.
    Every account is in at least one of the procedures. This is pure and does not depend on the order of the accounts.
    """
    return _Sorting(sorted(accounts, key=lambda one: one.identity), patients).procedures()


class _Sorting:
    def __init__(self, accounts: Sequence[Account], patients: Patients) -> None:
        self.patients = patients
        self.orders = [one for one in accounts if one.kind is NewsKind.ORDER]
        self.images = [one for one in accounts if one.kind is NewsKind.IMAGES]
        self.reports = [one for one in accounts if one.kind is NewsKind.REPORT]
        self.groups: list[_Group] = []

    def procedures(self) -> tuple[Procedure, ...]:
        outsiders = self._outsiders()
        self._by_accession([one for one in self.images if one not in outsiders])
        self._by_study([one for one in self.images if one not in outsiders])
        self._by_order_study([one for one in self.images if one not in outsiders])
        self._set_aside(outsiders)
        self._collisions()
        self._place_reports()
        return tuple(self._procedure(group) for group in self.groups)

    def _procedure(self, group: _Group) -> Procedure:
        return Procedure(
            accession=group.accession,
            accession_issuer=group.issuer,
            study_uid=group.study_uid,
            accounts=tuple(sorted(group.accounts, key=lambda one: one.identity)),
            aside=tuple(sorted(group.aside, key=lambda one: one.identity)),
            conflicts=tuple(sorted({one.reason: one for one in sorted(group.conflicts)}.values())),
            patients=self.patients,
        )

    def _agree(self, one: Iterable[Account], other: Iterable[Account]) -> bool | None:
        return agree(_who(one, self.patients), _who(other, self.patients))

    # another patient's images under one study UID

    def _outsiders(self) -> list[Account]:
        """Return the images of a second patient under a study UID: whom an order names stays, else the first."""
        outsiders: list[Account] = []
        for uid in sorted({one.keys.study_uid for one in self.images if one.keys.study_uid}):
            images = [one for one in self.images if one.keys.study_uid == uid]
            lots = [lot for lot in self._lots(images) if _who(lot, self.patients).pairs]
            if len(lots) > 1:
                stays = self._stays(lots)
                outsiders += [one for lot in lots if lot is not stays for one in lot]
        return outsiders

    def _stays(self, lots: list[list[Account]]) -> list[Account]:
        named = [lot for lot in lots if any(self._names(order, lot) for order in self.orders)]
        return min(named or lots, key=lambda lot: (min(one.first for one in lot), lot[0].identity))

    def _names(self, order: Account, lot: list[Account]) -> bool:
        keys = [one.keys for one in lot]
        by_study = any(order.keys.study_uid == key.study_uid for key in keys if key.study_uid)
        by_number = any(order.keys.accession == key.accession for key in keys if key.accession)
        return (by_study or by_number) and self._agree([order], lot) is True

    def _lots(self, accounts: Iterable[Account]) -> list[list[Account]]:
        """Return the accounts by patient. Who names no patient goes with the only one there is, else stands alone."""
        lots: list[list[Account]] = []
        unsaid: list[Account] = []
        for account in accounts:
            if not _who([account], self.patients).pairs:
                unsaid.append(account)
                continue
            same = [lot for lot in lots if self._agree(lot, [account])]
            lots = [lot for lot in lots if lot not in same]
            lots.append([one for lot in same for one in lot] + [account])
        if unsaid and len(lots) == 1:
            lots[0] += unsaid
        elif unsaid:
            lots.append(unsaid)
        return sorted(lots, key=lambda lot: (min(one.first for one in lot), lot[0].identity))

    # orders and images that have an accession number

    def _by_accession(self, images: list[Account]) -> None:
        numbered: dict[str, dict[str | None, list[Account]]] = {}
        for account in (*self.orders, *images):
            for accession, issuer in self._numbers(account):
                numbered.setdefault(accession, {}).setdefault(issuer, []).append(account)
        for accession in sorted(numbered):
            self._at_accession(accession, numbered[accession])

    def _numbers(self, account: Account) -> list[tuple[str, str | None]]:
        """Return the accession numbers of an order or image: its own, or those of the orders that share its number."""
        keys = account.keys
        if account.kind is NewsKind.ORDER and (not keys.accession or _is_borrowed(account)):
            same = [one for one in self._same_order(account) if one.keys.accession and not _is_borrowed(one)]
            if same:
                return sorted(
                    {(one.keys.accession or "", one.keys.accession_issuer) for one in same},
                    key=lambda key: (key[0], key[1] or ""),
                )
        return [(keys.accession, keys.accession_issuer)] if keys.accession else []

    def _same_order(self, account: Account) -> list[Account]:
        """Return the orders of the same filler's number, or if none has it of the same placer's, patient agreeing."""
        others = [one for one in self.orders if one is not account and self._agree([one], [account]) is not False]
        filler, placer = account.keys.filler_number, account.keys.placer_number
        by_filler = [one for one in others if same_number(one.keys.filler_number, filler)]
        return by_filler or [one for one in others if same_number(one.keys.placer_number, placer)]

    def _at_accession(self, accession: str, by_issuer: dict[str | None, list[Account]]) -> None:
        said = [
            _Group(accession=accession, issuer=issuer, accounts=lot)
            for issuer in sorted(one for one in by_issuer if one)
            for lot in self._lots(by_issuer[issuer])
        ]
        groups = list(said)
        for lot in self._lots(by_issuer.get(None, [])):
            likely = self._likely(lot, said)
            if len(likely) == 1:
                for account in lot:
                    likely[0].add(account)
                continue
            own = _Group(accession=accession, issuer=None, accounts=lot)
            if likely:
                own.doubt("issuer_unclear", max(_first(group.accounts) for group in (own, *likely)))
            groups.append(own)
        self.groups += groups

    def _likely(self, lot: Sequence[Account], groups: Sequence[_Group]) -> list[_Group]:
        """Return the groups whose patient agrees; if none does, those of whom it cannot be said."""
        verdicts = [(group, self._agree(lot, group.accounts)) for group in groups]
        sure = [group for group, verdict in verdicts if verdict]
        return sure or [group for group, verdict in verdicts if verdict is None]

    # orders and images that have none

    def _by_study(self, images: list[Account]) -> None:
        loose = [one for one in (*self.orders, *images) if not self._numbers(one)]
        rest: dict[str, list[Account]] = {}
        for account in loose:
            uid = account.keys.study_uid
            if uid is None:
                self._keyless(account)
                continue
            mine = [
                group
                for group in self.groups
                if any(one.keys.study_uid == uid for one in group.accounts)
                and self._agree([account], group.accounts) is not False
            ]
            for group in mine:
                group.add(account)
            if not mine:
                rest.setdefault(uid, []).append(account)
        for uid, accounts in sorted(rest.items()):
            lots = self._lots(accounts)
            groups = [_Group(accession=None, issuer=None, study_uid=uid, accounts=lot) for lot in lots]
            if len(groups) > 1:
                for group in groups:
                    group.doubt("patient_conflict", max(_first(one.accounts) for one in groups))
            self.groups += groups

    def _keyless(self, account: Account) -> None:
        """Keep an order that nothing can be joined to: a person has to see it."""
        group = _Group(accession=None, issuer=None, aside=[account])
        group.doubt("no_key", account.first, _source(account))
        self.groups.append(group)

    def _by_order_study(self, images: list[Account]) -> None:
        """Give the images of the study that an order names also to its procedure: one study may serve several."""
        for group in self.groups:
            own = {one.keys.study_uid for one in group.accounts if one.kind is NewsKind.IMAGES}
            named = {one.keys.study_uid for one in group.accounts if one.kind is NewsKind.ORDER} - own - {None}
            for account in images:
                if account.keys.study_uid in named and self._agree([account], group.accounts) is not False:
                    group.add(account)

    # conflicts

    def _set_aside(self, outsiders: list[Account]) -> None:
        for account in outsiders:
            uid = account.keys.study_uid
            for group in self.groups:
                images = [one for one in group.accounts if one.kind is NewsKind.IMAGES and one.keys.study_uid == uid]
                if images:
                    group.aside.append(account)
                    group.doubt("patient_conflict", max(account.first, _first(images)), _source(account))

    def _collisions(self) -> None:
        """Doubt procedures that differ only in the patient. An issuer that just one of two says tells them apart."""
        for at, one in enumerate(self.groups):
            for other in self.groups[at + 1 :]:
                if one.accession is None or (one.accession, one.issuer) != (other.accession, other.issuer):
                    continue
                if self._agree(one.accounts, other.accounts) is not True:
                    since = max(_first(one.accounts), _first(other.accounts))
                    one.doubt("accession_collision", since)
                    other.doubt("accession_collision", since)

    # reports

    def _place_reports(self) -> None:
        parked: dict[tuple[str, str], list[Account]] = {}
        groups = [group for group in self.groups if group.accounts]
        for account in self.reports:
            candidates = self._named_by(account, groups)
            likely = self._likely([account], candidates)
            if len(likely) == 1:
                likely[0].add(account)
            elif likely:
                for group in likely:
                    self._refuse(group, account, "report_unclear")
            elif candidates:
                for group in candidates:
                    self._refuse(group, account, "patient_conflict")
            else:
                keys = account.keys
                name = keys.accession or keys.study_uid or keys.filler_number or keys.placer_number or ""
                parked.setdefault((name, keys.accession_issuer or ""), []).append(account)
        for accounts in (parked[key] for key in sorted(parked)):
            for lot in self._lots(accounts):
                keys = lot[0].keys
                self.groups.append(
                    _Group(
                        accession=keys.accession,
                        issuer=keys.accession_issuer,
                        study_uid=None if keys.accession else keys.study_uid,
                        accounts=lot,
                    )
                )

    def _refuse(self, group: _Group, account: Account, reason: str) -> None:
        group.aside.append(account)
        group.doubt(reason, max(account.first, _first(group.accounts)), _source(account))

    def _named_by(self, report: Account, groups: list[_Group]) -> list[_Group]:
        keys = report.keys
        borrowed = _is_borrowed(report)
        by_accession = [group for group in groups if keys.accession and group.accession == keys.accession]
        if keys.accession and keys.accession_issuer:
            same = [group for group in by_accession if group.issuer == keys.accession_issuer]
            by_accession = same or [group for group in by_accession if group.issuer is None]
        if by_accession or (keys.accession and not borrowed):
            return by_accession or self._without_accession(groups, keys.study_uid)
        numbers = [group for group in groups if any(self._shares_number(report, one) for one in group.accounts)]
        return numbers or self._of_study(groups, keys.study_uid)

    def _shares_number(self, report: Account, order: Account) -> bool:
        if order.kind is not NewsKind.ORDER:
            return False
        by_filler = same_number(report.keys.filler_number, order.keys.filler_number)
        unsaid = not (report.keys.filler_number and order.keys.filler_number)
        return by_filler or (unsaid and same_number(report.keys.placer_number, order.keys.placer_number))

    def _without_accession(self, groups: list[_Group], uid: str | None) -> list[_Group]:
        """Return the procedures of the study that have no accession number of their own."""
        return [group for group in self._of_study(groups, uid) if group.accession is None]

    def _of_study(self, groups: list[_Group], uid: str | None) -> list[_Group]:
        return [group for group in groups if uid and any(one.keys.study_uid == uid for one in group.accounts)]


def same_number(one: str | None, other: str | None) -> bool:
    """Return whether two order numbers are the same; the issuer after `^` counts only where both say it."""
    if not one or not other:
        return False
    (number, _, issuer), (number_, _, issuer_) = one.partition("^"), other.partition("^")
    return number == number_ != "" and (issuer == issuer_ or not issuer or not issuer_)


def _is_borrowed(account: Account) -> bool:
    """Return whether the accession number is only the order's own number, taken because nothing else was said."""
    keys = account.keys
    return bool(keys.accession) and any(
        number and number.partition("^")[0] == keys.accession for number in (keys.filler_number, keys.placer_number)
    )


def is_seeking(account: Account) -> bool:
    """Return whether an account has to be looked up by its order numbers, having no sure key of its own."""
    keys = account.keys
    loose = not keys.accession and (not keys.study_uid or account.kind is NewsKind.ORDER)
    return account.kind is not NewsKind.IMAGES and (loose or _is_borrowed(account) or not keys.accession)


def _who(accounts: Iterable[Account], patients: Patients) -> Identity:
    return patients.identity(account.patient for account in accounts)


def _first(accounts: Iterable[Account]) -> int:
    return min((one.first for one in accounts), default=0)


def _source(account: Account) -> str:
    return account.reports[0].source if account.reports else (account.control[3] if account.control else "")

"""Sorting: which accounts belong to which procedure. A pure function of all that is known, whatever came first.

The key is (issuer, accession number), else the study UID. Nothing is merged or reported by guess: what contradicts
itself is a conflict for a person, beside work that stays open (DESIGN 5.1).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

from routing.sources.account import Account
from routing.sources.groups import (
    Group,
    Named,
    bare,
    by_accession,
    by_number,
    by_uid,
    groups_by_uid,
    is_borrowed,
    same_number,
)
from routing.sources.news import NewsKind
from routing.sources.patients import Identity, Patients, agree
from routing.sources.procedure import Procedure


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
        self.groups: list[Group] = []
        # Damaged keys can tie thousands of accounts together: what is asked of each is worked out once.
        self._whose: dict[int, Identity] = {}
        self._numbered: dict[int, list[tuple[str, str | None]]] = {}
        self._fillers = by_number(self.orders, lambda keys: keys.filler_number)
        self._placers = by_number(self.orders, lambda keys: keys.placer_number)
        self._ordered_studies = by_uid(self.orders)
        self._ordered_numbers = by_accession(self.orders)

    def procedures(self) -> tuple[Procedure, ...]:
        outsiders = self._outsiders()
        outside = {id(one) for one in outsiders}
        images = [one for one in self.images if id(one) not in outside]
        self._by_accession(images)
        self._by_study(images)
        self._by_order_study(images)
        self._set_aside(outsiders)
        self._collisions()
        self._place_reports()
        return tuple(self._procedure(group) for group in self.groups)

    def _procedure(self, group: Group) -> Procedure:
        return Procedure(
            accession=group.accession,
            accession_issuer=group.issuer,
            study_uid=group.study_uid,
            accounts=tuple(sorted(group.accounts, key=lambda one: one.identity)),
            aside=tuple(sorted(group.aside, key=lambda one: one.identity)),
            conflicts=tuple(sorted({one.reason: one for one in sorted(group.conflicts)}.values())),
            patients=self.patients,
        )

    def _who(self, account: Account) -> Identity:
        """Return whom an account is about."""
        who = self._whose.get(id(account))
        if who is None:
            who = self._whose[id(account)] = self.patients.identity([account.patient])
        return who

    def _together(self, accounts: Iterable[Account], who: Identity | None = None) -> Identity:
        """Return whom several accounts are about, and whom else."""
        for account in accounts:
            who = self._who(account) if who is None else who.with_more(self._who(account))
        return who if who is not None else Identity()

    def _of_group(self, group: Group) -> Identity:
        if group.who is None or group.whose < len(group.accounts):
            group.who = self._together(group.accounts[group.whose :], group.who)
            group.whose = len(group.accounts)
        return group.who

    # another patient's images under one study UID

    def _outsiders(self) -> list[Account]:
        """Return the images of a second patient under a study UID: whom an order names stays, else the first."""
        outsiders: list[Account] = []
        for _, images in sorted(by_uid(self.images).items()):
            if len(images) == 1:
                continue
            lots = [lot for lot in self._lots(images) if self._together(lot).pairs]
            if len(lots) > 1:
                stays = self._stays(lots)
                outsiders += [one for lot in lots if lot is not stays for one in lot]
        return outsiders

    def _stays(self, lots: list[list[Account]]) -> list[Account]:
        named = [lot for lot in lots if self._is_ordered(lot)]
        return min(named or lots, key=lambda lot: (min(one.first for one in lot), lot[0].identity))

    def _is_ordered(self, lot: list[Account]) -> bool:
        """Return whether an order for the same patient names the study or the accession number of images."""
        uids = {one.keys.study_uid for one in lot if one.keys.study_uid}
        numbers = {one.keys.accession for one in lot if one.keys.accession}
        orders = [order for uid in uids for order in self._ordered_studies.get(uid, ())]
        orders += [order for number in numbers for order in self._ordered_numbers.get(number, ())]
        who = self._together(lot)
        return any(agree(self._who(order), who) is True for order in orders)

    def _lots(self, accounts: Iterable[Account]) -> list[list[Account]]:
        """Return the accounts by patient. Who names no patient goes with the only one there is, else stands alone."""
        parted: list[tuple[list[Account], Identity]] = []
        unsaid: list[Account] = []
        for account in accounts:
            who = self._who(account)
            if not who.pairs:
                unsaid.append(account)
                continue
            same = [agree(other, who) is True for _, other in parted]
            if sum(same) == 1:
                at = same.index(True)
                lot, other = parted.pop(at)
                lot.append(account)
                parted.append((lot, other.with_more(who)))
                continue
            mine: list[Account] = []
            for (lot, other), is_same in zip(parted, same, strict=True):
                if is_same:
                    mine += lot
                    who = who.with_more(other)
            parted = [one for one, is_same in zip(parted, same, strict=True) if not is_same]
            parted.append(([*mine, account], who))
        lots = [lot for lot, _ in parted]
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
        if id(account) not in self._numbered:
            self._numbered[id(account)] = self._numbers_of(account)
        return self._numbered[id(account)]

    def _numbers_of(self, account: Account) -> list[tuple[str, str | None]]:
        keys = account.keys
        if account.kind is NewsKind.ORDER and (not keys.accession or is_borrowed(account)):
            same = [one for one in self._same_order(account) if one.keys.accession and not is_borrowed(one)]
            if same:
                return sorted(
                    {(one.keys.accession or "", one.keys.accession_issuer) for one in same},
                    key=lambda key: (key[0], key[1] or ""),
                )
        return [(keys.accession, keys.accession_issuer)] if keys.accession else []

    def _same_order(self, account: Account) -> list[Account]:
        """Return the orders of the same filler's number, or if none has it of the same placer's, patient agreeing."""
        filler, placer = account.keys.filler_number, account.keys.placer_number
        fillers = (one for one in self._fillers.get(bare(filler), ()) if same_number(one.keys.filler_number, filler))
        placers = (one for one in self._placers.get(bare(placer), ()) if same_number(one.keys.placer_number, placer))
        return self._agreeing(fillers, account) or self._agreeing(placers, account)

    def _agreeing(self, orders: Iterable[Account], account: Account) -> list[Account]:
        who = self._who(account)
        return [one for one in orders if one is not account and agree(self._who(one), who) is not False]

    def _at_accession(self, accession: str, by_issuer: dict[str | None, list[Account]]) -> None:
        said = [
            Group(accession=accession, issuer=issuer, accounts=lot)
            for issuer in sorted(one for one in by_issuer if one)
            for lot in self._lots(by_issuer[issuer])
        ]
        groups = list(said)
        for lot in self._lots(by_issuer.get(None, [])):
            likely = self._likely(self._together(lot), said)
            if len(likely) == 1:
                for account in lot:
                    likely[0].add(account)
                continue
            own = Group(accession=accession, issuer=None, accounts=lot)
            if likely:
                own.doubt("issuer_unclear", max(_first(group.accounts) for group in (own, *likely)))
            groups.append(own)
        self.groups += groups

    def _likely(self, who: Identity, groups: Sequence[Group]) -> list[Group]:
        """Return the groups whose patient agrees; if none does, those of whom it cannot be said."""
        verdicts = [(group, agree(who, self._of_group(group))) for group in groups]
        sure = [group for group, verdict in verdicts if verdict]
        return sure or [group for group, verdict in verdicts if verdict is None]

    # orders and images that have none

    def _by_study(self, images: list[Account]) -> None:
        loose = [one for one in (*self.orders, *images) if not self._numbers(one)]
        rest: dict[str, list[Account]] = {}
        there = groups_by_uid(self.groups)
        for account in loose:
            uid = account.keys.study_uid
            if uid is None:
                self._keyless(account)
                continue
            who = self._who(account)
            mine = [group for group in there.get(uid, ()) if agree(who, self._of_group(group)) is not False]
            for group in mine:
                group.add(account)
            if not mine:
                rest.setdefault(uid, []).append(account)
        for uid, accounts in sorted(rest.items()):
            lots = self._lots(accounts)
            groups = [Group(accession=None, issuer=None, study_uid=uid, accounts=lot) for lot in lots]
            if len(groups) > 1:
                for group in groups:
                    group.doubt("patient_conflict", max(_first(one.accounts) for one in groups))
            self.groups += groups

    def _keyless(self, account: Account) -> None:
        """Keep an order that nothing can be joined to: a person has to see it."""
        group = Group(accession=None, issuer=None, aside=[account])
        group.doubt("no_key", account.first, _source(account))
        self.groups.append(group)

    def _by_order_study(self, images: list[Account]) -> None:
        """Give the images of the study that an order names also to its procedure: one study may serve several."""
        places = {id(account): at for at, account in enumerate(images)}
        there = by_uid(images)
        for group in self.groups:
            own = {one.keys.study_uid for one in group.accounts if one.kind is NewsKind.IMAGES}
            named = {one.keys.study_uid for one in group.accounts if one.kind is NewsKind.ORDER} - own
            theirs = [account for uid in named if uid for account in there.get(uid, ())]
            for account in sorted(theirs, key=lambda one: places[id(one)]):
                if agree(self._who(account), self._of_group(group)) is not False:
                    group.add(account)

    # conflicts

    def _set_aside(self, outsiders: list[Account]) -> None:
        there = groups_by_uid(self.groups) if outsiders else {}
        for account in outsiders:
            uid = account.keys.study_uid
            for group in there.get(uid or "", ()):
                images = [one for one in group.accounts if one.kind is NewsKind.IMAGES and one.keys.study_uid == uid]
                if images:
                    group.aside.append(account)
                    group.doubt("patient_conflict", max(account.first, _first(images)), _source(account))

    def _collisions(self) -> None:
        """Doubt procedures that differ only in the patient. An issuer that just one of two says tells them apart."""
        alike: dict[tuple[str, str | None], list[Group]] = {}
        for group in self.groups:
            if group.accession is not None:
                alike.setdefault((group.accession, group.issuer), []).append(group)
        for one, other in (pair for groups in alike.values() for pair in combinations(groups, 2)):
            if agree(self._of_group(one), self._of_group(other)) is not True:
                since = max(_first(one.accounts), _first(other.accounts))
                one.doubt("accession_collision", since)
                other.doubt("accession_collision", since)

    # reports

    def _place_reports(self) -> None:
        parked: dict[tuple[str, str], list[Account]] = {}
        groups = Named([group for group in self.groups if group.accounts]) if self.reports else Named([])
        for account in self.reports:
            candidates = groups.by(account)
            likely = self._likely(self._who(account), candidates)
            if len(likely) == 1:
                groups.add(likely[0], account)
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
                    Group(
                        accession=keys.accession,
                        issuer=keys.accession_issuer,
                        study_uid=None if keys.accession else keys.study_uid,
                        accounts=lot,
                    )
                )

    def _refuse(self, group: Group, account: Account, reason: str) -> None:
        group.aside.append(account)
        group.doubt(reason, max(account.first, _first(group.accounts)), _source(account))


def is_seeking(account: Account) -> bool:
    """Return whether an account has to be looked up by its order numbers, having no sure key of its own."""
    keys = account.keys
    loose = not keys.accession and (not keys.study_uid or account.kind is NewsKind.ORDER)
    return account.kind is not NewsKind.IMAGES and (loose or is_borrowed(account) or not keys.accession)


def _first(accounts: Iterable[Account]) -> int:
    return min((one.first for one in accounts), default=0)


def _source(account: Account) -> str:
    return account.reports[0].source if account.reports else (account.control[3] if account.control else "")

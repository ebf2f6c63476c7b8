"""The earliest due that any of the true rules gives, found by bits: only those that may be it are worked out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from attrs import frozen

from routing.compile.effects import Give
from routing.compile.lanes import mask_of
from routing.compile.subject import Subject
from routing.program import Constant, DueWithin, Effect, Unit

_LEAST: Final = {
    Unit.MINUTES: timedelta(minutes=1),
    Unit.HOURS: timedelta(hours=1),
    Unit.DAYS: timedelta(days=1),
    Unit.WORKING_DAYS: timedelta(days=1),
    Unit.WEEKS: timedelta(weeks=1),
    Unit.MONTHS: timedelta(days=28),
    Unit.YEARS: timedelta(days=365),
}
_SECONDS: Final = {Unit.MINUTES: 60, Unit.HOURS: 3600}
_SLACK: Final = timedelta(days=2)  # a part of a day, and clocks that are changed
_MOST: Final = 100_000  # of a unit: even of hours well within what is counted


@frozen(eq=False)
class Dues:
    """Rules that give a due: each distinct due with its rules, and how far off it is at the least.

    Dues of one unit are put in order, the earliest first. A due that is farther off than one found is not worked out.
    """

    ordered: tuple[tuple[tuple[int, timedelta, Give], ...], ...]
    others: tuple[tuple[int, Give], ...]
    otherwise: tuple[Give, ...]
    any: int
    elapsed: tuple[tuple[int, timedelta], ...]
    slow: int  # rules that give a due that wants a calendar, or is not the same for every procedure

    @property
    def never(self) -> bool:
        """Whether nothing ever gives one."""
        return not self.any and not self.otherwise

    def quick(self, clock_at: datetime, certain: int) -> datetime | None:
        """Return the earliest due where no more than an addition is needed, else None."""
        if certain & self.slow:
            return None
        for mask, after in self.elapsed:
            if certain & mask:
                return clock_at + after
        return None

    def earliest(self, subject: Subject, certain: int) -> datetime | None:
        """Return the earliest due that a true rule gives, else that of `otherwise`."""
        found: list[datetime] = []
        if certain & self.any:
            for mask, give in self.others:
                if certain & mask:
                    _add(found, give, subject)
            for group in self.ordered:
                for mask, least, give in group:
                    if certain & mask:
                        if not found or found[0] - subject.clock_at > least:
                            _add(found, give, subject)
                        break
        if not found:
            for give in self.otherwise:
                _add(found, give, subject)
        return found[0] if found else None


def _add(found: list[datetime], give: Give, subject: Subject) -> None:
    """Keep the earliest alone."""
    one = give(subject)
    if one is not None and (not found or one[1] < found[0]):
        found[:] = [one[1]]


def dues_of(effects: Mapping[Effect, tuple[list[int], Give]], otherwise: tuple[Give, ...]) -> Dues:
    """Return the dues of the distinct effects, each with the bits of its rules; *otherwise* is else."""
    paced: dict[Unit, list[tuple[int, timedelta, Give]]] = {}
    others: list[tuple[int, Give]] = []
    elapsed: list[tuple[int, timedelta]] = []
    every = slow = 0
    for effect, (bits, give) in effects.items():
        mask, found = mask_of(bits), _unit_and_amount(effect)
        every |= mask
        if found is None or found[0] not in _SECONDS:
            slow |= mask
        if found is None:
            others.append((mask, give))
            continue
        unit, amount = found
        paced.setdefault(unit, []).append((mask, _LEAST[unit] * amount - _SLACK, give))
        if unit in _SECONDS:
            elapsed.append((mask, timedelta(seconds=amount * _SECONDS[unit])))
    return Dues(
        ordered=tuple(
            tuple(sorted(paced[unit], key=lambda one: one[1])) for unit in sorted(paced, key=_LEAST.__getitem__)
        ),
        others=tuple(others),
        otherwise=otherwise,
        any=every,
        elapsed=tuple(sorted(elapsed, key=lambda one: one[1])),
        slow=slow,
    )


def _unit_and_amount(effect: Effect) -> tuple[Unit, float] | None:
    """Return the length of a due that is the same for every procedure, counted from the clock."""
    if not isinstance(effect, DueWithin) or effect.counting is not None or effect.start is not None:
        return None
    within = effect.within
    if within.unit is None or not isinstance(within.amount, Constant) or not 0 <= within.amount.value <= _MOST:
        return None
    return within.unit, within.amount.value

"""The earliest due that any of the true rules gives, found by bits: only those that may be it are worked out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from attrs import frozen

from routing.compile.effects import Give
from routing.compile.lanes import mask_of
from routing.compile.subject import Subject
from routing.program import Cell, Constant, DueByInstant, DueWithin, Effect, Operand, Unit

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
_Pace = tuple[Unit, str | None, Operand | None, int]  # the unit, the hours that count, from when, on (1) or back (-1)
_Group = tuple[tuple[int, timedelta, Give], ...]
_MOST: Final = 100_000  # of a unit: even of hours well within what is counted


@frozen(eq=False)
class Dues:
    """Rules that give a due: each distinct due with its rules, and how far off it is at the least.

    Dues of one unit that count the same hours from the same instant (or back from it) are put in order, the earliest
    first: once one is given the others of them are not worked out, nor is any that is farther off than one found.
    """

    ordered: tuple[_Group, ...]
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
                _add_first(found, group, subject, certain)
        if not found:
            for give in self.otherwise:
                _add(found, give, subject)
        return found[0] if found else None


def _add(found: list[datetime], give: Give, subject: Subject) -> bool:
    """Keep the earliest alone, and say whether one was given."""
    one = give(subject)
    if one is not None and (not found or one[1] < found[0]):
        found[:] = [one[1]]
    return one is not None


def _add_first(found: list[datetime], group: _Group, subject: Subject, certain: int) -> None:
    """Keep the first of a group that a true rule gives, where it can be earlier than what is found."""
    for mask, least, give in group:
        if certain & mask and ((found and found[0] - subject.clock_at <= least) or _add(found, give, subject)):
            return


def dues_of(effects: Mapping[Effect, tuple[list[int], Give]], otherwise: tuple[Give, ...]) -> Dues:
    """Return the dues of the distinct effects, each with the bits of its rules; *otherwise* is else."""
    paced: dict[_Pace, list[tuple[int, timedelta, float, Give]]] = {}
    others: list[tuple[int, Give]] = []
    elapsed: list[tuple[int, timedelta]] = []
    every = slow = 0
    for effect, (bits, give) in effects.items():
        mask, found = mask_of(bits), _pace_and_amount(effect)
        every |= mask
        if found is None:
            slow |= mask
            others.append((mask, give))
            continue
        pace, amount = found
        unit, counting, start, _ = pace
        # What is counted from another instant may be earlier than anything from the clock.
        least = _LEAST[unit] * amount - _SLACK if start is None else timedelta.min
        paced.setdefault(pace, []).append((mask, least, amount, give))
        if unit in _SECONDS and counting is None and start is None:
            elapsed.append((mask, timedelta(seconds=amount * _SECONDS[unit])))
        else:
            slow |= mask
    groups = [sorted(group, key=lambda one: one[2]) for group in paced.values()]
    return Dues(
        ordered=tuple(
            tuple((mask, least, give) for mask, least, _, give in group)
            for group in sorted(groups, key=lambda group: group[0][1])
        ),
        others=tuple(others),
        otherwise=otherwise,
        any=every,
        elapsed=tuple(sorted(elapsed, key=lambda one: one[1])),
        slow=slow,
    )


def _pace_and_amount(effect: Effect) -> tuple[_Pace, float] | None:
    """Return how time passes to a due whose length is the same for every procedure, and that length; less is earlier.

    What is taken off an instant is earlier the more it is.
    """
    if isinstance(effect, DueWithin):
        length, counting, start, sign = effect.within, effect.counting, effect.start, 1
    elif isinstance(effect, DueByInstant) and effect.minus is not None and not isinstance(effect.instant, Cell):
        length, counting, start, sign = effect.minus, None, effect.instant, -1
    else:
        return None
    if length.unit is None or not isinstance(length.amount, Constant) or not 0 <= length.amount.value <= _MOST:
        return None
    return (length.unit, counting, start, sign), length.amount.value * sign

"""The desk: what every part of checking shares, and the setting in which a condition or effect stands."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from attrs import define, field, frozen

from routing import program, syntax
from routing.attributes import ATTRIBUTES, Type
from routing.check.names import Findings, Names
from routing.check.tables import Tables
from routing.files import Files
from routing.program import Known, Origin

ITEM_STATES: Final = ("expected", "held", "waiting", "claimed", "preliminary", "reported", "closed", "superseded")


def _living(name: str, type_: Type, values: tuple[str, ...] = ()) -> Known:
    return Known(name=name, type=type_, origin=Origin.LIVING, values=values)


LIVING: Final = MappingProxyType(
    {
        known.name: known
        for known in (
            _living("waiting", Type.DURATION),
            _living("time_left", Type.DURATION),
            _living("overdue", Type.YES_NO),
            _living("state", Type.CODE, ITEM_STATES),
            _living("skips", Type.NUMBER),
            _living("enquiries", Type.NUMBER),
        )
    }
)
CORE: Final = MappingProxyType(
    {
        one.name: Known(name=one.name, type=one.type, origin=Origin.CORE, values=one.values, identity=one.identity)
        for one in ATTRIBUTES.values()
    }
)


@frozen(kw_only=True)
class Setting:
    """Where a condition stands: the name that samples go by, and what may not be asked there.

    `living` allows what only items have. `timeless` names the statement whose condition may not ask for times,
    because times depend on it; with `ageless` it may not ask for ages and instants either.
    """

    name: str = ""
    living: bool = False
    timeless: str = ""
    ageless: bool = False


@define
class Desk:
    """What is known so far of the rulebook being checked."""

    findings: Findings
    names: Names
    files: Files
    tables: Tables
    known: dict[str, Known] = field(factory=lambda: {**CORE, **LIVING})
    broken: set[str] = field(factory=set)  # declared attributes with an error of their own: nothing more is said
    defines: dict[str, syntax.Define] = field(factory=dict)
    worklists: dict[str, program.Worklist] = field(factory=dict)
    priorities: tuple[str, ...] = ()
    priority_requested_seen: bool = False

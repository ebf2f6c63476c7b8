"""Rules that bring every imaging procedure to the right reader, and worklists that cannot drop one.

`Rulebook` is the pure half: rule text to decisions. `Worklists` is the living half: what is received stays on a list
until it has been dealt with. Everything here is re-exported lazily: importing the package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from routing.attributes import Attributes, Duration, Value
    from routing.decision import Decision, Outcome
    from routing.diagnostics import Finding, Severity, Span
    from routing.errors import (
        MissingExtra,
        NaiveMoment,
        NotAllowed,
        NotFound,
        OtherRulebookActive,
        OutcomeUnknown,
        RoutingError,
        RulebookError,
        StaleClaim,
        StoreBusy,
        StoreInterrupted,
        StoreRefused,
        TransitionRefused,
        UnreadableInput,
    )
    from routing.rulebook import Rulebook
    from routing.worklists import Claim, Receipt, Worklists

__version__ = "0.1.0"

_HOMES = {
    "Attributes": "attributes",
    "Claim": "worklists",
    "Decision": "decision",
    "Duration": "attributes",
    "Finding": "diagnostics",
    "MissingExtra": "errors",
    "NaiveMoment": "errors",
    "NotAllowed": "errors",
    "NotFound": "errors",
    "OtherRulebookActive": "errors",
    "Outcome": "decision",
    "OutcomeUnknown": "errors",
    "Receipt": "worklists",
    "RoutingError": "errors",
    "Rulebook": "rulebook",
    "RulebookError": "errors",
    "Severity": "diagnostics",
    "Span": "diagnostics",
    "StaleClaim": "errors",
    "StoreBusy": "errors",
    "StoreInterrupted": "errors",
    "StoreRefused": "errors",
    "TransitionRefused": "errors",
    "UnreadableInput": "errors",
    "Value": "attributes",
    "Worklists": "worklists",
}

__all__ = [
    "Attributes",
    "Claim",
    "Decision",
    "Duration",
    "Finding",
    "MissingExtra",
    "NaiveMoment",
    "NotAllowed",
    "NotFound",
    "OtherRulebookActive",
    "Outcome",
    "OutcomeUnknown",
    "Receipt",
    "RoutingError",
    "Rulebook",
    "RulebookError",
    "Severity",
    "Span",
    "StaleClaim",
    "StoreBusy",
    "StoreInterrupted",
    "StoreRefused",
    "TransitionRefused",
    "UnreadableInput",
    "Value",
    "Worklists",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])

"""The exceptions that a call into this library can raise.

An exception is about a call: misuse, a refused act, a store that failed. When one is raised, nothing has been written.
What is wrong with somebody's rule text is never an exception but a finding (`routing.diagnostics`).

    RoutingError
    ├── RulebookError            the rule text has errors; `findings` holds all of them
    ├── ProfileError             the sender profiles do not load; says what is wrong, where, and how to mend it
    ├── NaiveMoment              an instant was given without a time zone
    ├── UnreadableInput          bytes or an object that no reader understands; `kind` and `reason` say why
    ├── MissingExtra             an optional package is needed; the message names the extra
    ├── NotFound                 no such item, procedure or worklist
    ├── TransitionRefused        the item's state does not allow the event
    ├── StaleClaim               the token is not the item's current one, or its lease is over
    ├── NotAllowed               the actor has no right to this act
    ├── OtherRulebookActive      the store works by another rulebook; only `activate` changes it
    ├── StoreBusy                another writer held the store for too long
    │   ├── StoreInterrupted     a transaction was broken off, with nothing written: try again
    │   └── OutcomeUnknown       the connection was lost at the commit, and nobody can say what became of it
    └── StoreRefused             the store's own guards, settings or files do not allow it

No message and no attribute holds a patient's identity.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from routing.diagnostics import Finding


class RoutingError(Exception):
    """The base of everything this library raises on purpose."""


class RulebookError(RoutingError):
    """The rule text does not load; `findings` holds every finding, errors and others, sorted by place."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(tuple(findings))
        self.findings = tuple(findings)

    def __str__(self) -> str:
        errors = [finding for finding in self.findings if finding.severity.value == "error"]
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        return f"{errors[0].headline()}{more}" if errors else "the rulebook does not load"


class ProfileError(RoutingError):
    """The sender profiles do not load: `problem` in `file` at `where` (a table and key), and `help`, how to mend it."""

    def __init__(self, file: str, where: str, problem: str, help: str) -> None:  # noqa: A002 - as findings call it
        super().__init__(file, where, problem, help)
        self.file, self.where, self.problem, self.help = file, where, problem, help

    def __str__(self) -> str:
        where = f"{self.file}: {self.where}" if self.where else self.file
        return f"{where}: {self.problem}: {self.help}"


class NaiveMoment(RoutingError):
    """An instant has no time zone; the name of the parameter is in `name`."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f"`{self.name}` needs a time zone, for example 2026-03-10T10:00:00+00:00"


class UnreadableInput(RoutingError):
    """No reader understands the input; `kind` is the word for it in problems, `reason` the words for a person."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(kind, reason)
        self.kind, self.reason = kind, reason

    def __str__(self) -> str:
        return f"{self.kind}: {self.reason}"


class MissingExtra(RoutingError):
    """An optional package is not installed; `extra` is the extra that brings it, `purpose` what it is needed for."""

    def __init__(self, extra: str, purpose: str) -> None:
        super().__init__(extra, purpose)
        self.extra, self.purpose = extra, purpose

    def __str__(self) -> str:
        return f"{self.purpose} needs the extra `{self.extra}`: pip install 'worklist-routing[{self.extra}]'"


class NotFound(RoutingError):
    """There is no such thing; `what` is its kind, `name` the word that was asked for, `help` what may be meant."""

    def __init__(self, what: str, name: str, help: str = "") -> None:  # noqa: A002 - as findings call it
        super().__init__(what, name, help)
        self.what, self.name, self.help = what, name, help

    def __str__(self) -> str:
        return f"there is no {self.what} `{self.name}`" + (f": {self.help}" if self.help else "")


class TransitionRefused(RoutingError):
    """The item's state does not allow this event; nothing was written."""

    def __init__(self, item_id: str, state: str, event: str, reason: str = "") -> None:
        super().__init__(item_id, state, event, reason)
        self.item_id, self.state, self.event, self.reason = item_id, state, event, reason

    def __str__(self) -> str:
        because = f": {self.reason}" if self.reason else ""
        return f"item `{self.item_id}` is {self.state}: cannot {self.event}{because}"


class StaleClaim(RoutingError):
    """The token is not the item's current one, or its lease is over and somebody else holds it; nothing was written."""

    def __init__(self, item_id: str, token: int | None) -> None:
        super().__init__(item_id, token)
        self.item_id, self.token = item_id, token

    def __str__(self) -> str:
        return f"the claim on item `{self.item_id}` is no longer yours: claim it again"


class NotAllowed(RoutingError):
    """The actor has no right to this act; `needs` names the grant or skill, and `item` what it was tried on, if one."""

    def __init__(self, actor: str, act: str, needs: str, item: int | None = None) -> None:
        super().__init__(actor, act, needs, item)
        self.actor, self.act, self.needs, self.item = actor, act, needs, item

    def __str__(self) -> str:
        return f"`{self.actor}` may not {self.act}: needs {self.needs}"


class OtherRulebookActive(RoutingError):
    """The store works by another rulebook; only `activate` changes it."""

    def __init__(self, active: str, offered: str) -> None:
        super().__init__(active, offered)
        self.active, self.offered = active, offered

    def __str__(self) -> str:
        return f"rulebook {self.active} is active, not {self.offered}: `activate` changes it"


class StoreBusy(RoutingError):
    """Another writer held the store for `waited_seconds`; `holder` is its process id where known. Try again."""

    def __init__(self, waited_seconds: float, holder: int | None = None) -> None:
        super().__init__(waited_seconds, holder)
        self.waited_seconds, self.holder = waited_seconds, holder

    def __str__(self) -> str:
        by = f" by process {self.holder}" if self.holder else ""
        return f"the store was held{by} for {self.waited_seconds:.0f} s: try again"


class StoreRefused(RoutingError):
    """The store's own guards, settings or files do not allow it; `reason` says which and how to mend it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


class StoreInterrupted(StoreBusy):
    """The transaction was broken off from outside (`reason`), and nothing was written. Try again."""

    def __init__(self, reason: str) -> None:
        super().__init__(0.0)
        self.args = (reason,)
        self.reason = reason

    def __str__(self) -> str:
        return f"the store could not go on: {self.reason}; nothing was written: try again"


class OutcomeUnknown(StoreBusy):
    """The connection was lost at the commit, and the server could not be asked whether it had taken it.

    Nothing is lost by sending an input again: the store knows it by its identity. What a person did has to be looked up
    before it is done again.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(0.0)
        self.args = (reason,)
        self.reason = reason

    def __str__(self) -> str:
        return f"whether it was written is not known: {self.reason}; send an input again, look before acting again"

"""Runs cases: folders with a `case.yaml` and the inputs byte for byte, as `README.md` beside this file describes them.

Each case has a store of its own. A step's input goes through `Worklists.receive`; what comes of it is compared with
`expect`, and what holds at the end with `finally`. A failure is one line of words.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from attrs import define

from routing.sources.procedure import Procedure
from routing.sources.profiles import Profiles
from routing.worklists import Receipt, Worklists
from routing.worklists.shelf import StoreShelf, is_gone
from tests.cases.comparing import differences
from tests.worklists.plain import plain_rulebook

_START = datetime(2026, 3, 17, 16, tzinfo=UTC)
_OUTCOMES = {"held": "parked"}
_STATES = (
    "reported",
    "still_to_report",
    "waiting",
    "needs_attention",
    "on_a_list",
    "still_on_a_list",
    "closed",
)


@define
class Case:
    """A case as it stands in its folder."""

    folder: Path
    told: dict[str, Any]

    @property
    def name(self) -> str:
        """What the case is called."""
        return str(self.told.get("id") or self.folder.name)


def cases_in(folder: Path) -> list[Case]:
    """Return the cases in a folder: itself, or those of the folders in it."""
    found = [folder] if (folder / "case.yaml").exists() else sorted(one.parent for one in folder.glob("*/case.yaml"))
    return [Case(one, yaml.safe_load((one / "case.yaml").read_text(encoding="utf-8"))) for one in found]


def failures_of(case: Case) -> list[str]:
    """Run a case and return a line for each expectation that fails."""
    given = case.told.get("given") or {}
    start = datetime.fromisoformat(str(given["arrival"])) if "arrival" in given else _START
    with tempfile.TemporaryDirectory() as place:
        now = [start]
        with Worklists.open(
            Path(place) / "case.db", plain_rulebook(), clock=lambda: now[0], profiles=profiles_of(given)
        ) as worklists:
            found: list[str] = []
            for at, step in enumerate(case.told["steps"], start=1):
                receipt = worklists.receive((case.folder / step["input"]).read_bytes())
                view = View(worklists)
                found += [f"step {at}: {line}" for line in _step(step.get("expect") or {}, receipt, view)]
                now[0] += timedelta(minutes=1)
            found += [f"finally: {line}" for line in _finally(case.told.get("finally") or {}, View(worklists))]
            found += [f"verify: {one.check} {one.evidence}" for one in worklists.verify().findings]
    return found


def profiles_of(given: dict[str, Any]) -> Profiles:
    """Return the sender profiles that the settings of a case come to."""
    defaults: dict[str, Any] = {}
    if "primary_assigning_authority" in given:
        defaults["patient_authority"] = given["primary_assigning_authority"]
    if "site_time_zone" in given:
        defaults["zone"] = given["site_time_zone"]
    for words in ("report_status_words", "priority_words"):
        if words in given:
            defaults[words] = given[words]
    lines = ["[defaults]", *_toml(defaults)]
    if "sender_profile" in given:
        lines += ["[[sender]]", *_toml(given["sender_profile"])]
    return Profiles.loads("\n".join(lines))


def _toml(settings: dict[str, Any]) -> Iterator[str]:
    for name, value in settings.items():
        if isinstance(value, dict):
            yield f"{name} = {{ {', '.join(f'{_quoted(one)} = {_quoted(of)}' for one, of in value.items())} }}"
        else:
            yield f"{name} = {_quoted(value)}"


def _quoted(value: object) -> str:
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


class View:
    """What a store holds now: procedures with their items, found by accession number or study UID."""

    def __init__(self, worklists: Worklists) -> None:
        store = worklists.store
        shelf = StoreShelf(store)
        self.procedures: dict[int, Procedure] = {
            row.id: shelf.procedure(row.id) for row in store.procedures() if not is_gone(row)
        }
        self.items = {number: store.items_of(number) for number in self.procedures}
        self.control_ids: dict[int, set[str]] = {}
        self.message_types: dict[int, set[str]] = {}
        for one in store.inputs():
            for number in one.procedures:
                self.control_ids.setdefault(number, set()).add(one.message_id)

    def called(self, name: str) -> list[int]:
        """Return the procedures of that accession number or study UID."""
        return [
            number
            for number, procedure in self.procedures.items()
            if name == procedure.accession or name in procedure.study_uids
        ]

    def is_in(self, state: str, name: str) -> bool:
        """Return whether something of that name is in the state, in the words of the cases."""
        return any(self._is(state, number) for number in self.called(name))

    def _is(self, state: str, number: int) -> bool:
        items = self.items[number]
        reports = [item for item in items if item.kind.value == "report"]
        still = [item for item in reports if item.is_open]
        match state:
            case "reported":
                return not still and any(item.state.value == "reported" for item in reports)
            case "still_to_report":
                return bool(still)
            case "waiting":
                procedure = self.procedures[number]
                return bool(procedure.reports) and not procedure.images_here
            case "needs_attention":
                return any(item.is_open and item.kind.value in {"resolve", "recheck"} for item in items)
            case "closed":
                return not still and any(item.state.value == "closed" for item in reports)
            case _:
                return any(item.is_open for item in items)


def _step(expect: dict[str, Any], receipt: Receipt, view: View) -> Iterator[str]:
    yield from _outcome(expect, receipt)
    if "ack" in expect:
        segments = (receipt.ack or b"").replace(b"\n", b"\r").split(b"\r")
        said = next((one.split(b"|")[1] for one in segments if one.startswith(b"MSA|")), b"").decode()
        if said != expect["ack"]:
            yield f"ack is {said or 'none'}, not {expect['ack']}"
    for word in ("warn", "quarantined"):
        for kind in expect.get(word) or ():
            either = len(expect.get("outcome_any_of") or ()) > 1
            if not (receipt.warnings + receipt.quarantined if word == "warn" or either else receipt.quarantined):
                yield f"nothing was said of {kind}"
    yield from _items(expect, receipt, view)
    yield from _states(expect, view)


def _outcome(expect: dict[str, Any], receipt: Receipt) -> Iterator[str]:
    wanted = expect.get("outcome_any_of") or ([expect["outcome"]] if "outcome" in expect else [])
    wanted = [_OUTCOMES.get(one, one) for one in wanted]
    if wanted and receipt.outcome not in wanted:
        said = ", ".join((*receipt.quarantined, *receipt.warnings)) or "no warning"
        yield f"outcome is {receipt.outcome} ({said}), not {' or '.join(wanted)}"


def _items(expect: dict[str, Any], receipt: Receipt, view: View) -> Iterator[str]:
    loose = {name: expect[name] for name in expect if name.endswith("_any_of") and name != "outcome_any_of"}
    named = [one.id for one in receipt.procedures]
    items = expect.get("items") or ([{}] if loose else [])
    for item in items:
        candidates = _candidates(item, named, view)
        if not candidates:
            yield f"nothing is called {item.get('accession') or item.get('study_uid')}"
            continue
        tried = [
            differences(item | loose, view.procedures[one], view.control_ids.get(one, set())) for one in candidates
        ]
        yield from min(tried, key=len)
    if expect.get("no_more_items") and len(set(named)) != len(items):
        yield f"the input yields {len(set(named))} items, not {len(items)}"


def _candidates(item: dict[str, Any], named: list[int], view: View) -> list[int]:
    for key in ("accession", "study_uid"):
        if item.get(key):
            names = item[key] if isinstance(item[key], list) else [item[key]]
            return [number for name in names for number in view.called(str(name))]
    return [number for number in named if number in view.procedures]


def _states(expect: dict[str, Any], view: View) -> Iterator[str]:
    for state in _STATES:
        for text in _listed(expect.get(state)):
            name = text.partition(":")[0].strip()
            if not view.is_in(state, name):
                items = [f"{one.kind.value} {one.state.value}" for at in view.called(name) for one in view.items[at]]
                yield f"{name} is not {state}: {', '.join(items) or 'it has no items'}"
    if "closed" in expect and not expect["closed"]:
        closed = [one for one in view.procedures if view._is("closed", one)]
        if closed:
            yield f"{len(closed)} closed, not none"


def _listed(value: Any) -> Iterable[str]:
    return [str(one) for one in (value if isinstance(value, list) else [value] if value else [])]


def _finally(expect: dict[str, Any], view: View) -> Iterator[str]:
    yield from _states(expect, view)
    if "items_count" in expect and len(view.procedures) != expect["items_count"]:
        yield f"there are {len(view.procedures)} procedures, not {expect['items_count']}"
    patients = {procedure.patient for procedure in view.procedures.values() if procedure.patient}
    if "patients_count" in expect and len(patients) != expect["patients_count"]:
        yield f"there are {len(patients)} patients, not {expect['patients_count']}"
    if "history_length" in expect:
        lengths = [len(procedure.reports) for procedure in view.procedures.values()]
        if expect["history_length"] not in lengths:
            yield f"the history has {max(lengths, default=0)} reports, not {expect['history_length']}"

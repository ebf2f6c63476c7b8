"""One piece of news where nothing else is known: the attributes that joining it into an empty register comes to.

It is a shortcut and says nothing of its own: `routing.sources.joining` with `routing.sources.precedence` is what holds,
and a test holds both side by side. Most of what is decided without a store is one order or one object.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from routing.attributes import ATTRIBUTES, Attributes, Held, Missing, Said, Type, Value, said_of
from routing.sources.account import Statement, members_of, sources_of
from routing.sources.news import News, NewsKind, OrderControl
from routing.sources.precedence import CANCELLED_AS, MADE_HERE, described, united

_SETS: Final = frozenset(name for name, one in ATTRIBUTES.items() if one.type is Type.CODES)
_MERGED: Final = _SETS | {"description"}
_HERE: Final = {ordered: (ordered, "host", None, None) for ordered in (True, False)}
_COUNTS: Final = {count: (count, "host", None, None) for count in (0, 1)}


def attributes_alone(news: News, at: datetime) -> Attributes | None:
    """Return the attributes of the one procedure that *news* comes to when it arrives at *at* and nothing else did.

    None where the whole of joining has to be asked: for a report, for what is about a patient, and for what names
    neither an accession number nor a study. *at* has a time zone.
    """
    keys = news.keys
    is_order = news.kind is NewsKind.ORDER
    if not (is_order or news.kind is NewsKind.IMAGES) or news.report is not None or keys.accession_issuer == "":
        return None
    if not (keys.accession or keys.study_uid):
        return None
    said = news.attributes.parts()
    values = _of_order(said) if is_order else _of_images(said)
    _keys(news, said, values)
    values["arrival"] = (at.astimezone(UTC), "host", None, None)
    values["ordered"] = _ordered(said) if is_order else _HERE[False]
    count = said.get("image_count") if is_order else None
    if count is None:
        count = _COUNTS[not is_order and news.instance is not None and news.instance.clinical]
    values["image_count"] = count
    _complete(values)
    if is_order and news.control in CANCELLED_AS and _known(values, "order_status") not in CANCELLED_AS.values():
        values["order_status"] = (CANCELLED_AS[news.control or OrderControl.NEW], "ORC-1", None, None)
    return Attributes.of_parts(values)


def _of_order(said: Mapping[str, Held]) -> dict[str, Held]:
    """Return what an order says; an explicit null is a null, whatever else stands with it."""
    null = Missing.NULL
    values: dict[str, Held] = {}
    for name in sorted(said):
        if name not in MADE_HERE:
            one = said[name]
            missing = one[3] if isinstance(one, tuple) else one.missing
            values[name] = one if missing is not null else (None, said_of(one)[1], '""', null)
    return values


def _of_images(said: Mapping[str, Held]) -> dict[str, Held]:
    """Return what an object says: sets in order of their members, texts part by part, as those of many objects are."""
    values: dict[str, Held] = {}
    for name in sorted(said):
        if name in MADE_HERE:
            continue
        one = said[name]
        value, missing = (one[0], one[3]) if isinstance(one, tuple) else (one.value, one.missing)
        if missing is not Missing.NULL and value != ():
            values[name] = _merged(name, one) if name in _MERGED and value is not None else one
    return values


def _merged(name: str, held: Held) -> Held:
    value, source, raw, _ = said = said_of(held)
    if value.__class__ is tuple and len(value) == 1:
        if name in _SETS:
            return held if raw != "" else (value, source, None, None)
        if "," not in source and "+" not in source and value[0].__class__ is str:
            return value, source.strip(), value[0], None
    if name == "description":
        parts = value if isinstance(value, tuple) else (value,)
        each = {
            f"{field}={part}": (str(part), field)
            for field, part in zip(sources_of(source, len(parts)), parts, strict=True)
        }
        return described(each[member] for member in sorted(each))
    members: dict[str, Statement] = {}
    for member, part in members_of(name, Value(value=said[0], source=source, raw=raw)) or ():
        mine = Statement(value=part, said=None, stamp=0)
        members[member] = min(members.get(member, mine), mine, key=lambda known: repr(known.value))
    return united(name, members)


def _ordered(said: Mapping[str, Held]) -> Held:
    """Return that an order has been seen, unless the order itself, a mapping of a host's, says that there is none."""
    denied = said.get("ordered")
    return denied if denied is not None and said_of(denied)[0] is False else _HERE[True]


def _keys(news: News, said: Mapping[str, Held], values: dict[str, Held]) -> None:
    """Add what names the procedure and the patient, as the field said it."""
    keys, patient = news.keys, news.patient
    named = (
        ("accession", keys.accession),
        ("accession_issuer", keys.accession_issuer if keys.accession else None),
        ("study_uid", keys.study_uid),
        ("patient_id", patient.number),
        ("patient_id_issuer", patient.issuer if patient.number else None),
    )
    for name, key in named:
        if key:
            one = said.get(name)
            values[name] = one if one is not None and said_of(one)[0] == key else (key, "host", key, None)


def _complete(values: dict[str, Held]) -> None:
    """Add what follows from the values together: a fused study, both sides, all images of an examination that ended."""
    codes = _known(values, "modality")
    if codes and "PT" in codes and "CT" in codes and "PETCT" not in codes:
        values["modality"] = _with(values["modality"], (*codes, "PETCT"))
    sides = _known(values, "laterality")
    if sides and "L" in sides and "R" in sides:
        values["laterality"] = _with(values["laterality"], ("B",))
    if _known(values, "order_status") == "completed" and "images_complete" not in values:
        _, source, raw, _ = said_of(values["order_status"])
        values["images_complete"] = (True, source, raw, None)


def _with(held: Held, value: Any) -> Said:
    _, source, raw, missing = said_of(held)
    return value, source, raw, missing


def _known(values: Mapping[str, Held], name: str) -> Any:
    held = values.get(name)
    return None if held is None else held[0] if isinstance(held, tuple) else held.value

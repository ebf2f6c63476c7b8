"""Whom to believe: the canonical attributes of a procedure out of all that was said, each with its provenance.

Intent: orders before images. Fact: images before orders. State and demographics: the latest ADT, then orders, then
images. Reports come last everywhere. Within one kind of source the newest by the sender's time stands, for images the
first taken. An explicit null deletes what messages had said until then, and what images copied; not what images show.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve

from routing.attributes import ATTRIBUTES, Attributes, Group, Missing, Type, Value
from routing.sources.account import STUDY_TEXT, Account, Statement, instant_of, moment, sources_of
from routing.sources.news import OrderControl
from routing.sources.profiles import INSTITUTION
from routing.sources.reports import timeline

if TYPE_CHECKING:
    from routing.sources.procedure import Procedure

_NEVER: Final = -(2**62)
_ORDER, _IMAGE, _REPORT, _PATIENT = "order", "image", "report", "patient"
_PRECEDENCE: Final[dict[Group, tuple[str, ...]]] = {
    Group.INTENT: (_ORDER, _IMAGE, _REPORT, _PATIENT),
    Group.FACT: (_IMAGE, _ORDER, _REPORT, _PATIENT),
    Group.STATE: (_PATIENT, _ORDER, _IMAGE, _REPORT),
    Group.DEMOGRAPHIC: (_PATIENT, _ORDER, _IMAGE, _REPORT),
}
MADE_HERE: Final = frozenset(  # made here, from everything together
    {"accession", "accession_issuer", "study_uid", "patient_id", "patient_id_issuer", "arrival", "ordered"}
    | {"image_count", "report_status"}
)
_DONE: Final = frozenset({"ProcedureCodeSequence", "PerformedProtocolCodeSequence", "ImagingStudy.procedureCode"})
CANCELLED_AS: Final = {OrderControl.CANCEL: "cancelled", OrderControl.DISCONTINUE: "discontinued"}


def attributes_of(procedure: Procedure, zone: tzinfo) -> Attributes:
    """Return the attributes of a procedure; what nobody said is not there, what was deleted is there and unknown."""
    classes = {
        _ORDER: _orders_first_active(procedure),
        _IMAGE: procedure.images,
        _REPORT: procedure.reported,
    }
    names = {name for account in procedure.accounts for name in (*account.registers, *account.sets, *account.nulls)}
    names |= procedure.patients.names(procedure.identities)
    # Mostly nothing was deleted and nothing said of the patient apart: then neither is looked for, name by name.
    plain = not procedure.patients.pairs and not any(account.nulls for account in procedure.accounts)
    values: dict[str, Value] = {}
    for name in sorted(names - MADE_HERE):
        value = _believed(procedure, name, classes, zone, plain=plain)
        if value is not None:
            values[name] = value
    values |= _own(procedure, classes, values, zone)
    return Attributes(values)


def _orders_first_active(procedure: Procedure) -> tuple[Account, ...]:
    states = procedure.order_states
    active = tuple(account for account in states if not account.is_cancelled)
    return active or states


def _believed(
    procedure: Procedure, name: str, classes: dict[str, tuple[Account, ...]], zone: tzinfo, *, plain: bool
) -> Value | None:
    attribute = ATTRIBUTES.get(name)
    group = attribute.group if attribute else Group.INTENT
    order = _PRECEDENCE.get(group, (_ORDER, _IMAGE, _REPORT, _PATIENT))
    adt = None if plain else procedure.patients.standing(procedure.identities, name)
    deleted = None if plain else _deleted(classes, adt, name)
    unknown: Value | None = None
    last: Value | None = None
    for source in order:
        if source == _PATIENT:
            statements = [adt]
        elif source == _IMAGE and (union := _union(classes[_IMAGE], name)) is not None:
            if deleted is None or group is Group.FACT:
                return union
            continue
        else:
            statements = [account.registers.get(name) for account in classes[source]]
        found = [one for one in statements if one is not None and _survives(one, deleted, source, group)]
        known = [one for one in found if one.value.value is not None]
        if known:
            believed = _one_of(name, known, source, zone).value
            if name == "procedure_code" and source == _ORDER:
                return _with_done(believed, classes[_IMAGE])
            if name != "site" or believed.source != INSTITUTION:
                return believed
            last = last or believed  # a name of the institution stands for the site only where nothing else names it
        unknown = unknown or next((one.value for one in found), None)
    if last is not None:
        return last
    if deleted is not None:
        return Value(value=None, source=deleted[1], raw='""', missing=Missing.NULL)
    return unknown


def _with_done(asked: Value, images: Iterable[Account]) -> Value:
    """Return the codes that were asked for, and those of what was done besides; copies of an order add nothing."""
    done = [
        statement
        for account in images
        for statement in account.sets.get("procedure_code", {}).values()
        if statement.value.source in _DONE
    ]
    codes = dict.fromkeys(asked.value)
    further = [
        one.value for one in sorted(done, key=lambda one: (one.stamp, repr(one.value))) if one.value.value not in codes
    ]
    if not further:
        return asked
    codes |= dict.fromkeys(value.value for value in further)
    sources = ", ".join(dict.fromkeys((asked.source, *(value.source for value in further))))
    raws = "\\".join(raw for raw in (asked.raw, *(value.raw for value in further)) if raw)
    return Value(value=tuple(codes), source=sources, raw=raws or None)


def _deleted(classes: dict[str, tuple[Account, ...]], adt: Statement | None, name: str) -> tuple[int, str] | None:
    """Return when messages last said an explicit null of an attribute, and where; None when never."""
    nulls = [
        (account.nulls[name], account.registers[name].value.source if name in account.registers else "")
        for source in (_ORDER, _REPORT)
        for account in classes[source]
        if name in account.nulls
    ]
    if adt is not None and adt.value.missing is Missing.NULL:
        nulls.append((_when(adt), adt.value.source))
    return max(nulls, default=None)


def _survives(statement: Statement, deleted: tuple[int, str] | None, source: str, group: Group) -> bool:
    if statement.value.missing is Missing.NULL:
        return False
    if deleted is None:
        return True
    if source == _IMAGE:
        return group is Group.FACT
    return _when(statement) > deleted[0]


def _one_of(name: str, known: Sequence[Statement], source: str, zone: tzinfo) -> Statement:
    if len(known) == 1:
        return known[0]
    if source != _IMAGE:
        return max(known, key=lambda one: (_when(one), repr(one.value)))
    if name == "exam_end":
        return max(known, key=lambda one: _end(one, zone))
    if name == "exam_start":
        return min(known, key=lambda one: (not one.clinical, moment(one.value.value, zone), repr(one.value)))
    return min(
        known, key=lambda one: (not one.clinical, one.said if one.said is not None else -_NEVER, repr(one.value))
    )


def _end(statement: Statement, zone: tzinfo) -> tuple[Any, ...]:
    when = moment(statement.value.value, zone)
    studied = statement.value.source.startswith("Study")
    return when <= statement.stamp // 1000, statement.clinical, not studied, when, repr(statement.value)


def _when(statement: Statement) -> int:
    return statement.said if statement.said is not None else _NEVER


# sets and texts of images


def _union(images: tuple[Account, ...], name: str) -> Value | None:
    """Return all members that images said of a set, or all parts of a text, the first that came first."""
    members: dict[str, Statement] = {}
    for account in images:
        for member, statement in account.sets.get(name, {}).items():
            known = members.get(member)
            members[member] = statement if known is None else min(known, statement, key=lambda one: one.stamp)
    return united(name, members) if members else None


def united(name: str, members: Mapping[str, Statement]) -> Value:
    """Return all members of a set, or all parts of a text, as one value; there must be one."""
    order = sorted(members, key=lambda member: (members[member].stamp, _taken(members[member]), member))
    statements = [members[member] for member in order]
    if name == "description":
        return described((str(one.value.value), one.value.source) for one in statements)
    if name == "contrast":
        return _contrast(statements)
    parts = list(dict.fromkeys(statement.value.value for statement in statements))
    raws = dict.fromkeys(statement.value.raw for statement in statements if statement.value.raw)
    attribute = ATTRIBUTES.get(name)
    if name == "laterality" and ("B" in parts or {"L", "R"} <= set(parts)):
        parts = ["B"]
    single = attribute is not None and attribute.type is not Type.CODES
    return Value(
        value=parts[0] if single else tuple(parts), source=statements[0].value.source, raw="\\".join(raws) or None
    )


def _taken(statement: Statement) -> int:
    return statement.said if statement.said is not None else -_NEVER


def described(said: Iterable[tuple[str, str]]) -> Value:
    """Return the parts of a description, each said by a field; of the study's own text only the first stands."""
    parts: dict[str, str] = {}
    study_text: str | None = None
    for part, source in said:
        if source == STUDY_TEXT:
            if study_text not in {None, part}:
                continue
            study_text = part
        parts.setdefault(part, source)
    order = sorted(parts, key=lambda part: parts[part] != STUDY_TEXT)
    sources = ", ".join(parts[part] for part in order)
    return Value(value=tuple(order), source=sources, raw=" | ".join(order))


def _contrast(statements: Sequence[Statement]) -> Value:
    words = {statement.value.value for statement in statements}
    if "both" in words or {"given", "none"} <= words:
        return Value(value="both", source=statements[0].value.source, raw=statements[0].value.raw)
    return statements[0].value


# what is made of everything together


def _own(
    procedure: Procedure, classes: dict[str, tuple[Account, ...]], values: dict[str, Value], zone: tzinfo
) -> dict[str, Value]:
    made: dict[str, Value] = {}
    if procedure.accession:
        made["accession"] = _key(procedure, "accession", procedure.accession)
    if procedure.accession_issuer:
        made["accession_issuer"] = _key(procedure, "accession_issuer", procedure.accession_issuer)
    if procedure.study_uids:
        made["study_uid"] = _key(procedure, "study_uid", procedure.study_uids[0])
    if procedure.patient:
        number, issuer = procedure.patient
        made["patient_id"] = _key(procedure, "patient_id", number)
        if issuer:
            made["patient_id_issuer"] = _key(procedure, "patient_id_issuer", issuer)
    made["arrival"] = Value(value=_arrival(procedure, values.get("exam_end"), zone), source="host")
    made["ordered"] = _ordered(procedure)
    made |= _images(procedure, classes, values)
    made |= _statuses(procedure, values)
    if (described := _description(procedure, values)) is not None:
        made["description"] = described
    return made


def _ordered(procedure: Procedure) -> Value:
    """Return whether an order has been seen: a mapping of a host's is one, unless it says itself that it is not."""
    said = [account.registers.get("ordered") for account in procedure.orders]
    denied = [statement.value for statement in said if statement is not None and statement.value.value is False]
    if denied and len(denied) == len(said):
        return denied[0]
    return Value(value=bool(procedure.orders), source="host")


def _key(procedure: Procedure, name: str, value: str) -> Value:
    for account in (*procedure.orders, *procedure.images, *procedure.reported):
        said = account.registers.get(name)
        if said is not None and said.value.value == value:
            return said.value
    return Value(value=value, source="host", raw=value)


def _arrival(procedure: Procedure, exam_end: Value | None, zone: tzinfo) -> datetime:
    """Return when it came. An end of the examination that was not in the future when it was told is never after it."""
    arrived = procedure.arrived_at
    if exam_end is None or not isinstance(exam_end.value, datetime):
        return arrived
    ended = moment(exam_end.value, zone)
    told = [
        statement.stamp
        for account in procedure.accounts
        if (statement := account.registers.get("exam_end")) is not None and statement.value == exam_end
    ]
    if told and ended <= max(told) // 1000:
        return max(arrived, instant_of(ended * 1000))
    return arrived


def _images(
    procedure: Procedure, classes: dict[str, tuple[Account, ...]], values: dict[str, Value]
) -> dict[str, Value]:
    made: dict[str, Value] = {}
    said = [one for account in classes[_ORDER] if (one := account.registers.get("image_count")) is not None]
    if procedure.images or not said:
        made["image_count"] = Value(value=procedure.instances.count, source="host")
    else:
        made["image_count"] = max(said, key=_when).value
    modality = values.get("modality")
    codes = modality.value if modality else None
    if modality and codes and {"PT", "CT"} <= set(codes) and "PETCT" not in codes:
        made["modality"] = evolve(modality, value=(*codes, "PETCT"))
    sides = values.get("laterality")
    if sides and sides.value and {"L", "R"} <= set(sides.value):
        made["laterality"] = evolve(sides, value=("B",))
    return made


def _statuses(procedure: Procedure, values: dict[str, Value]) -> dict[str, Value]:
    made: dict[str, Value] = {}
    words = {account.control_word for account in procedure.order_states}
    if procedure.is_cancelled:
        word = CANCELLED_AS[OrderControl.CANCEL if OrderControl.CANCEL in words else OrderControl.DISCONTINUE]
        if values.get("order_status") is None or values["order_status"].value not in CANCELLED_AS.values():
            made["order_status"] = Value(value=word, source="ORC-1")
    status = values.get("order_status")
    if "images_complete" not in values and status and status.value == "completed":
        made["images_complete"] = Value(value=True, source=status.source, raw=status.raw)
    newest = timeline(procedure.reports)
    if newest.status is not None:
        made["report_status"] = Value(value=newest.status, source="OBR-25", raw=newest.raw_status)
    elif newest.raw_status is not None:
        made["report_status"] = Value(value=None, source="OBR-25", raw=newest.raw_status, missing=Missing.MALFORMED)
    return made


def _description(procedure: Procedure, values: dict[str, Value]) -> Value | None:
    """Return the text of the order and of the images together, each part once: all of them describe it."""
    said = values.get("description")
    union = _union(procedure.images, "description")
    if said is None or said.value is None or union is None or said.missing is Missing.NULL:
        return None
    mine = [str(part) for part in said.value]
    further = [str(part) for part in union.value if part not in mine]
    if not further or said == union:
        return None
    sources = [one.strip() for one in union.source.split(",")]
    named = dict(zip((str(part) for part in union.value), sources, strict=False))
    return Value(
        value=(*mine, *further),
        source=", ".join([*sources_of(said.source, len(mine)), *(named.get(part, union.source) for part in further)]),
        raw=" | ".join([*mine, *further]),
    )

"""The canonical attributes: one vocabulary for what is known of a procedure, whatever source said it.

Values are plain Python of one form for each type, and every value keeps where it came from:

    code      `str`                                   yes/no    `bool`
    codes     `tuple[str, ...]`, none twice           number    `int` or `float`
    text      `tuple[str, ...]`, one for each field   weeks     `int`
    duration  `Duration`                              date      `datetime.date`
    instant   aware `datetime`; a naive one is local to the rulebook's zone; a bare `date` is a day with no time

Absent, empty, explicitly null and malformed are told apart in the provenance; to rules all four are *unknown*.
"""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, KeysView, Mapping
from enum import Enum
from types import MappingProxyType
from typing import Any, Final

from attrs import frozen


class Type(Enum):
    """The type of an attribute or fact; the value is the word that the rule language uses."""

    CODE = "code"
    CODES = "codes"
    TEXT = "text"
    NUMBER = "number"
    DURATION = "duration"
    WEEKS = "weeks"
    DATE = "date"
    INSTANT = "instant"
    YES_NO = "yes/no"


class Group(Enum):
    """Who is believed about an attribute when sources differ (DESIGN section 4)."""

    KEY = "key"  # what identifies a procedure or a patient; never in a condition
    INTENT = "intent"  # what was asked, why, how urgent: order before image
    FACT = "fact"  # what was done, when, where: image and MPPS before order
    STATE = "state"  # where the patient is now: latest ADT, then order, then image
    DEMOGRAPHIC = "demographic"  # who the patient is: latest ADT, then order, then image
    HOST = "host"  # set by the host or by the library itself


class Missing(Enum):
    """Why a value is unknown."""

    ABSENT = "absent"
    EMPTY = "empty"
    NULL = "null"
    MALFORMED = "malformed"


@frozen(kw_only=True)
class Duration:
    """A length of time, or an age: years and months by the calendar, days, and elapsed seconds.

    `precision` is "years", "months", "weeks" or "days" when the length is only known in completed units, as a DICOM age
    string is (`015Y` is anything from 15 years to just under 16); None means exactly this length.
    """

    years: int = 0
    months: int = 0
    days: int = 0
    seconds: int = 0
    precision: str | None = None

    def __str__(self) -> str:
        """Return the length in ISO 8601, such as P6Y or PT90S; what it is precise to does not show."""
        days = "".join(
            f"{count}{unit}" for count, unit in ((self.years, "Y"), (self.months, "M"), (self.days, "D")) if count
        )
        return f"P{days}" + (f"T{self.seconds}S" if self.seconds else "") if days or self.seconds else "P0D"


@frozen(kw_only=True)
class Value:
    """One attribute's value with its provenance.

    `value` is None when unknown, and `missing` then says why. `source` names the field exactly: a DICOM keyword
    (`BodyPartExamined`), an HL7 segment and field (`OBR-4`), `host` for a mapping. `raw` is the text as it came.
    """

    value: Any
    source: str
    raw: str | None = None
    missing: Missing | None = None


def _value(said: Said) -> Value:
    """Return the value of these parts: the same as by its call, in half of the time."""
    made = _new(Value)
    value, source, raw, missing = said
    _set_value(made, value)
    _set_source(made, source)
    _set_raw(made, raw)
    _set_missing(made, missing)
    return made


_new: Final = object.__new__
_set_value, _set_source, _set_raw, _set_missing = (
    Value.__dict__[slot].__set__ for slot in ("value", "source", "raw", "missing")
)
Said = tuple[Any, str, str | None, Missing | None]  # a value's parts, in the order of the fields of `Value`
Held = Said | Value


def said_of(value: Held) -> Said:
    """Return a value's parts."""
    return value if isinstance(value, tuple) else (value.value, value.source, value.raw, value.missing)


@frozen(kw_only=True)
class Attribute:
    """One canonical attribute: its type, whom to believe about it, and the closed list of its values if it has one.

    `values` are the values that `is` may name without quotes in the rule language. `identity` attributes may not stand
    in a condition.
    """

    name: str
    type: Type
    group: Group
    about: str
    values: tuple[str, ...] = ()
    identity: bool = False


PATIENT_CLASSES: Final = ("emergency", "inpatient", "outpatient", "preadmit", "recurring", "obstetrics")
REQUESTED_PRIORITIES: Final = ("STAT", "HIGH", "MEDIUM", "ROUTINE")
ORDER_STATUSES: Final = ("scheduled", "in_progress", "completed", "cancelled", "discontinued")
REPORT_STATUSES: Final = ("preliminary", "final", "corrected", "withdrawn")


def _table(*rows: Attribute) -> Mapping[str, Attribute]:
    return MappingProxyType({row.name: row for row in rows})


def _row(
    name: str, type_: Type, group: Group, about: str, values: tuple[str, ...] = (), *, identity: bool = False
) -> Attribute:
    return Attribute(name=name, type=type_, group=group, about=about, values=values, identity=identity)


ATTRIBUTES: Final[Mapping[str, Attribute]] = _table(
    _row("accession", Type.CODE, Group.KEY, "the number of the request, unique within its issuer", identity=True),
    _row("accession_issuer", Type.CODE, Group.KEY, "who gave the accession number", identity=True),
    _row("study_uid", Type.CODE, Group.KEY, "the DICOM study; the images' own, else the order's", identity=True),
    _row("patient_id", Type.CODE, Group.KEY, "the patient's number", identity=True),
    _row("patient_id_issuer", Type.CODE, Group.KEY, "who gave the patient's number", identity=True),
    _row("patient_name", Type.TEXT, Group.DEMOGRAPHIC, "the patient's name", identity=True),
    _row("modality", Type.CODES, Group.FACT, "the image classes of the study; PETCT stands beside PT with CT"),
    _row("companions", Type.CODES, Group.FACT, "what rides along: SR, KO, PR, SEG, REG, DOC, dose reports"),
    _row("body_part", Type.CODES, Group.FACT, "the parts examined, DICOM defined terms"),
    _row("laterality", Type.CODES, Group.FACT, "the sides examined: right, left, both", ("R", "L", "B")),
    _row("description", Type.TEXT, Group.INTENT, "study, requested procedure and series, each its own part"),
    _row("procedure_code", Type.CODES, Group.INTENT, "the codes of the procedure, all of them"),
    _row("contrast", Type.CODE, Group.FACT, "whether a contrast agent was given", ("given", "none", "both")),
    _row("indication", Type.TEXT, Group.INTENT, "why it was asked for, in words"),
    _row(
        "age",
        Type.DURATION,
        Group.DEMOGRAPHIC,
        "age at the rulebook's clock, by the calendar where the birth date is known",
    ),
    _row("sex", Type.CODE, Group.DEMOGRAPHIC, "administrative sex", ("F", "M", "O")),
    _row(
        "birth_date", Type.DATE, Group.DEMOGRAPHIC, "the whole date of birth; a partial or placeholder date is unknown"
    ),
    _row("patient_class", Type.CODE, Group.STATE, "how the patient is with us", PATIENT_CLASSES),
    _row("location", Type.CODE, Group.STATE, "point of care, room and bed (PV1-3.1 to 3.3), joined by ^"),
    _row("site", Type.CODE, Group.FACT, "the site that did the examination"),
    _row("department", Type.CODE, Group.FACT, "the department that did or asked for it"),
    _row("station", Type.CODE, Group.FACT, "the station of the first image series"),
    _row("institution", Type.TEXT, Group.FACT, "the institution's name as the images give it"),
    _row("referrer", Type.CODE, Group.INTENT, "who asked: the name as family^given, else the register number"),
    _row("referrer_specialty", Type.CODE, Group.INTENT, "the specialty that asked"),
    _row("priority_requested", Type.CODE, Group.INTENT, "how urgent it was asked to be", REQUESTED_PRIORITIES),
    _row("order_status", Type.CODE, Group.INTENT, "how far the order is", ORDER_STATUSES),
    _row("report_status", Type.CODE, Group.HOST, "the status of the newest report", REPORT_STATUSES),
    _row("exam_start", Type.INSTANT, Group.FACT, "when the examination began"),
    _row("exam_end", Type.INSTANT, Group.FACT, "when the examination ended"),
    _row("arrival", Type.INSTANT, Group.HOST, "when the first news of the procedure reached us"),
    _row("image_count", Type.NUMBER, Group.FACT, "clinical images that arrived"),
    _row("images_complete", Type.YES_NO, Group.HOST, "whether all images are here, by the host or the exam's status"),
    _row("programme", Type.CODE, Group.INTENT, "the screening programme or round it belongs to"),
    _row("origin", Type.CODE, Group.FACT, "made here or brought from elsewhere", ("own", "imported")),
    _row("ordered", Type.YES_NO, Group.HOST, "whether an order has been seen"),
    _row("message_type", Type.CODE, Group.HOST, "the type of the newest message, such as ORM^O01"),
)


class Attributes(Mapping[str, Value]):
    """What is known of one procedure: an immutable mapping of attribute (or fact) names to values with provenance.

    A name that is not there is unknown because nobody said it. `known` holds the known values alone, for deciding.
    """

    __slots__ = ("_values", "known")

    def __init__(self, values: Mapping[str, Value]) -> None:
        self._values: dict[str, Any] = dict(values)
        self.known: dict[str, Any] = {name: said.value for name, said in self._values.items() if said.value is not None}

    @classmethod
    def of_parts(cls, said: dict[str, Said] | dict[str, Held]) -> Attributes:
        """Return the attributes whose values have these parts, for readers that read many; *said* is theirs from now.

        A `Value` is made of its parts, and `known` of all of them, when it is first asked for.
        """
        made = cls.__new__(cls)
        made._values = said  # noqa: SLF001 - it is of this class
        return made

    def parts(self) -> Mapping[str, Held]:
        """Return the values as they are held, some by their parts: to be read, and never changed."""
        return self._values

    def __getattr__(self, name: str) -> Any:
        if name != "known":
            raise AttributeError(name)
        # asked for once: only a slot that is still empty leads here
        self.known = {
            name: value
            for name, said in self._values.items()
            if (value := said[0] if said.__class__ is tuple else said.value) is not None
        }
        return self.known

    def __getitem__(self, name: str) -> Value:
        found = self._values[name]
        if found.__class__ is tuple:  # still its parts
            found = self._values[name] = _value(found)
        return found  # type: ignore[no-any-return]

    def keys(self) -> KeysView[str]:
        """Return the names."""
        return self._values.keys()

    def items(self) -> ItemsView[str, Value]:
        """Return the names with their values."""
        values = self._values
        for name, said in values.items():
            if said.__class__ is tuple:
                values[name] = _value(said)
        return values.items()

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def __repr__(self) -> str:
        """Name the attributes, never their values: a repr ends in logs."""
        return f"Attributes({', '.join(self._values)})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Attributes) and dict(self) == dict(other)

    def __hash__(self) -> int:
        return hash(frozenset(self._values))

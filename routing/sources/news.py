"""News: what one input says about one procedure or one patient. The only thing that readers hand on.

A reader turns bytes, a dataset or a mapping into one `Reading`: who sent it, its identity, and its news. It never
decides what the news means for what is already known; `routing.sources.procedure` does, in any order of arrival.
"""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Final

from attrs import field, fields, frozen

from routing.attributes import Attributes
from routing.decision import Problem


class NewsKind(Enum):
    """What an input is about."""

    ORDER = "order"
    IMAGES = "images"
    REPORT = "report"
    PATIENT = "patient"  # demographics, class or location: ADT, SIU
    MERGE = "merge"  # one patient identity gives way to another, or comes back


@frozen(kw_only=True)
class Keys:
    """What names a procedure. `accession_issuer` is only what the number's own field or a sender profile says."""

    accession: str | None = None
    accession_issuer: str | None = None
    study_uid: str | None = None
    placer_number: str | None = None  # number^issuer as sent, ORC-2 / OBR-2
    filler_number: str | None = None  # ORC-3 / OBR-3


@frozen(kw_only=True)
class Patient:
    """One patient identity as the input gives it; `others` are further (number, issuer) pairs of the same person."""

    number: str | None = field(default=None, repr=False)  # a repr ends in logs
    issuer: str | None = None
    others: tuple[tuple[str, str | None], ...] = field(default=(), repr=False)


def keys_of_parts(
    accession: str | None, issuer: str | None, study_uid: str | None, placer: str | None, filler: str | None
) -> Keys:
    """Return the keys of these parts: the same as by their call, in half of the time."""
    made = _new(Keys)
    _set_accession(made, accession)
    _set_accession_issuer(made, issuer)
    _set_study_uid(made, study_uid)
    _set_placer_number(made, placer)
    _set_filler_number(made, filler)
    return made


def patient_of_parts(number: str | None, issuer: str | None, others: tuple[tuple[str, str | None], ...]) -> Patient:
    """Return the patient of these parts: the same as by the call, in half of the time."""
    made = _new(Patient)
    _set_number(made, number)
    _set_issuer(made, issuer)
    _set_others(made, others)
    return made


_new: Final = object.__new__
_set_accession, _set_accession_issuer, _set_study_uid, _set_placer_number, _set_filler_number = (
    Keys.__dict__[one.name].__set__ for one in fields(Keys)
)
_set_number, _set_issuer, _set_others = (Patient.__dict__[one.name].__set__ for one in fields(Patient))


class OrderControl(Enum):
    """What an order message asks for (ORC-1 with ORC-5)."""

    NEW = "new"
    CHANGE = "change"
    CANCEL = "cancel"
    DISCONTINUE = "discontinue"
    STATUS = "status"


class ReportStatus(Enum):
    """What a report says of itself. Only FINAL and CORRECTED discharge; UNKNOWN is a word that nobody mapped."""

    PRELIMINARY = "preliminary"
    FINAL = "final"
    CORRECTED = "corrected"
    ADDENDUM = "addendum"
    WITHDRAWN = "withdrawn"  # OBX-11 W or D
    CANCELLED = "cancelled"  # OBR-25 X
    NONE = "none"  # O, I, S, N: no report yet
    UNKNOWN = "unknown"


@frozen(kw_only=True)
class Report:
    """One report about one procedure. The text itself stays in the raw input; `digest` tells two texts apart.

    `has_text` is false for a blank or placeholder text in the whole message. `one_read` says that its sender's reports
    are each one of several reads, and not the report on them all (`final_ends_one_read` in the sender's profile).
    """

    status: ReportStatus
    raw_status: str
    has_text: bool
    report_id: str | None = None
    digest: str = ""
    readers: tuple[str, ...] = ()
    one_read: bool = False


@frozen(kw_only=True)
class Instance:
    """One DICOM instance. `clinical` is false for companions: SR, KO, PR, SEG, REG, DOC, dose reports."""

    series_uid: str | None
    sop_uid: str | None
    sop_class: str | None
    modality: str | None
    clinical: bool
    digest: str
    is_report: bool = False


@frozen(kw_only=True)
class Merge:
    """`gone` gives way to `survivor` (A40 and its kin); `undone` when the message takes such a merge back."""

    survivor: Patient
    gone: Patient
    undone: bool = False


@frozen(kw_only=True, slots=False)  # one of many fields is made in two thirds of the time
class News:
    """What one input says about one procedure or patient.

    `attributes` holds only what this input says; an explicit HL7 null is a value with `missing` NULL and deletes what
    was known, an absent name leaves it alone. `said_at` is the sender's time of the event (OBR-22, else MSH-7; the
    instance's time), naive when it is local to the site; None when not said. `warnings` are doubts that do not stop it.
    """

    kind: NewsKind
    keys: Keys = Keys()
    patient: Patient = Patient()
    attributes: Attributes = field(factory=lambda: Attributes({}))
    said_at: datetime | None = None
    control: OrderControl | None = None
    report: Report | None = None
    instance: Instance | None = None
    merge: Merge | None = None
    images_present: bool = False  # a mapping that counts as an order with its images here
    event: str | None = None  # the trigger event of an ADT or SIU, such as A08
    warnings: tuple[Problem, ...] = ()


@frozen(kw_only=True, slots=False)  # as above
class Reading:
    """One input, read: its identity (DESIGN 5.1, "identity of inputs"), its news, and what is wrong with it.

    `kind` is "hl7", "dicom", "fhir", "mapping" or "unreadable". `digest` is a SHA-256 in hex: of the unframed bytes for
    HL7, of the dataset without group 2 for DICOM. When `refused` is set, nothing of the input may be applied: it is
    kept and shown to a person with that reason. `raw` is what is stored: the unframed message; a dataset without pixel
    data and without values over 64 kB; JSON for a mapping or resource, the latter with what it refers to.
    """

    kind: str
    sender: str
    message_id: str
    digest: str
    raw: bytes = field(repr=False)
    message_type: str | None = None
    sent_at: datetime | None = None
    news: tuple[News, ...] = ()
    refused: Problem | None = None
    warnings: tuple[Problem, ...] = ()


def news_of_order(
    keys: Keys,
    patient: Patient,
    attributes: Attributes,
    said_at: datetime | None,
    control: OrderControl,
    warnings: tuple[Problem, ...],
) -> News:
    """Return the news of an order of these parts: the same as by its call, in half of the time."""
    made = _new(News)
    _set_fields_of_news(
        made,
        {
            "kind": NewsKind.ORDER,
            "keys": keys,
            "patient": patient,
            "attributes": attributes,
            "said_at": said_at,
            "control": control,
            "report": None,
            "instance": None,
            "merge": None,
            "images_present": False,
            "event": None,
            "warnings": warnings,
        },
    )
    return made


def reading_of_message(
    sender: str,
    message_id: str,
    digest: str,
    raw: bytes,
    message_type: str | None,
    sent_at: datetime | None,
    news: tuple[News, ...] | Problem,
    warnings: tuple[Problem, ...],
) -> Reading:
    """Return the reading of an HL7 message of these parts, refused where a problem stands for its news."""
    made = _new(Reading)
    is_refused = isinstance(news, Problem)
    _set_fields_of_reading(
        made,
        {
            "kind": "hl7",
            "sender": sender,
            "message_id": message_id,
            "digest": digest,
            "raw": raw,
            "message_type": message_type,
            "sent_at": sent_at,
            "news": () if is_refused else news,
            "refused": news if is_refused else None,
            "warnings": warnings,
        },
    )
    return made


_set_fields_of_news: Final = News.__dict__["__dict__"].__set__
_set_fields_of_reading: Final = Reading.__dict__["__dict__"].__set__

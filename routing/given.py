"""What is given to `decide`, as canonical attributes: a mapping, a dataset, a message, or several of one procedure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any

from attrs import frozen

from routing.attributes import Attributes, Value
from routing.decision import Problem

if TYPE_CHECKING:
    from routing.program import Known as Declaration
    from routing.sources.news import Reading
    from routing.sources.procedure import Procedure


@frozen(kw_only=True)
class Known:
    """What is known of one procedure, and what is wrong with what was given.

    `unread` says that nothing of it could be read: there is no procedure to decide about.
    """

    attributes: Attributes
    problems: tuple[Problem, ...] = ()
    unread: bool = False


def known_of(given: Any, declared: Mapping[str, Declaration], at: datetime, zone: tzinfo) -> Known:
    """Return what is known of the one procedure that is given, and what is wrong with it; nothing is raised for it.

    *given* is `Attributes`, a mapping of attributes and facts, a FHIR resource, a pydicom Dataset, the bytes of a DICOM
    file, an HL7 message as bytes or text, or a list of several of these about one procedure. A mapping is the host's
    own word and outranks the rest. What cannot be read, and a second procedure, are problems.

    Args:
        given: the procedure.
        declared: the facts and attributes that the rulebook declares.
        at: when it arrives.
        zone: where instants without an offset are local for putting them in order.

    """
    values: dict[str, Value] = {}
    problems: list[Problem] = []
    readings: list[Reading] = []
    said_something = False
    several = isinstance(given, list | tuple)
    for one in given if several else (given,):
        if one.__class__ is bytes or isinstance(one, str):  # the most frequent first
            readings += _bytes(one, declared, evidence=several)
        elif isinstance(one, Attributes):
            values |= dict(one)
            said_something = True
        elif isinstance(one, Mapping) and "resourceType" in one:
            readings += _resource(one)
        elif isinstance(one, Mapping):
            said, wrong = _mapping(one, declared)
            values |= dict(said)
            problems += wrong
            said_something = True
        else:
            readings += _read(one, declared, evidence=several)
    read, doubts = _told(readings, at, zone) if readings else (None, ())
    return Known(
        attributes=read if read is not None and not values else Attributes({**(read or {}), **values}),
        problems=(*doubts, *problems),
        unread=not said_something and read is None,
    )


def _told(readings: Sequence[Reading], at: datetime, zone: tzinfo) -> tuple[Attributes | None, Iterable[Problem]]:
    """Return what the readings say of the procedure, None when none of them can be read, and what is wrong with them.

    One piece of news goes the short way, which is the same.
    """
    if len(readings) == 1 and readings[0].refused is None and len(readings[0].news) == 1:
        from routing.sources.alone import attributes_alone  # noqa: PLC0415 - sources are loaded when they are needed

        (news,) = readings[0].news
        if (alone := attributes_alone(news, at)) is not None:
            return alone, (*readings[0].warnings, *news.warnings)
    procedures, doubts = _joined(readings, at, zone)
    return (procedures[0].attributes(zone) if procedures else _keyless(readings)), doubts


def _keyless(readings: Iterable[Reading]) -> Attributes | None:
    """Return what is said of a procedure that nothing names: it can be decided on, though never stored or joined."""
    told = (one for reading in readings if reading.refused is not None for one in reading.news)
    return next((one.attributes for one in told), None)


def _mapping(given: Mapping[Any, Any], declared: Mapping[str, Declaration]) -> tuple[Attributes, Sequence[Problem]]:
    from routing.sources.mapping import from_mapping  # noqa: PLC0415 - sources are loaded when they are needed

    return from_mapping(given, declared)


def _resource(given: Mapping[Any, Any]) -> Iterable[Reading]:
    from routing.sources.fhir import read_fhir  # noqa: PLC0415 - as above

    return read_fhir(given)


def _bytes(
    one: bytes | bytearray | memoryview | str, declared: Mapping[str, Declaration], *, evidence: bool
) -> Iterable[Reading]:
    from routing.sources.read import read_bytes  # noqa: PLC0415 - as above

    data = one.encode("utf-8", "surrogateescape") if isinstance(one, str) else bytes(one)
    return read_bytes(data, None, declared, evidence=evidence)


def _read(one: Any, declared: Mapping[str, Declaration], *, evidence: bool) -> Iterable[Reading]:
    """Return what something else says. What only tells one of several objects from another may be left out."""
    from routing.sources.dicom_dataset import is_dataset  # noqa: PLC0415 - as above

    if is_dataset(one):
        from routing.sources.dicom import read_dataset  # noqa: PLC0415 - as above

        return [read_dataset(one, None, declared, evidence=evidence)]
    if isinstance(one, bytearray | memoryview):
        return _bytes(one, declared, evidence=evidence)
    raise TypeError("give attributes, a mapping, a pydicom Dataset, a message, or a list of these")


def _joined(readings: Iterable[Reading], at: datetime, zone: tzinfo) -> tuple[Sequence[Procedure], list[Problem]]:
    """Return the procedures that the readings are about, and what is wrong with them."""
    from routing.sources.joining import Register  # noqa: PLC0415 - sources are loaded when they are needed

    register, problems = Register(zone), list[Problem]()
    for place, reading in enumerate(readings):
        problems += [*register.told(reading, at, place).problems, *reading.warnings]
        problems += (warning for news in reading.news for warning in news.warnings)
    procedures = [procedure for procedure, _ in register.procedures()]
    if len(procedures) > 1:
        message = f"it names {len(procedures)} procedures: this is the decision for the first"
        problems.append(Problem(kind="several_procedures", source="", message=message))
    if not procedures and not problems:
        problems.append(Problem(kind="no_procedure", source="", message="it says nothing of a procedure"))
    return procedures, problems

"""News made by hand: orders, images, reports and ADT in a few words, for tests of the fold and of what it owes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from routing.attributes import Attributes, Missing, Value
from routing.sources.joining import Register
from routing.sources.news import (
    Instance,
    Keys,
    Merge,
    News,
    NewsKind,
    OrderControl,
    Patient,
    Reading,
    Report,
    ReportStatus,
)
from routing.sources.procedure import Procedure
from routing.worklists.owed import work_owed

DAY = datetime(2026, 3, 10, 8, tzinfo=UTC)
SMITH = Patient(number="1001", issuer="STO")
JONES = Patient(number="2002", issuer="STO")


def at(minutes: float) -> datetime:
    """Return an instant of the day."""
    return DAY + timedelta(minutes=minutes)


def keys(accession: str | None = "A1", **more: Any) -> Keys:
    """Return keys; the accession number is A1 where nothing else is said."""
    return Keys(accession=accession, **more)


def values(source: str = "test", **said: Any) -> Attributes:
    """Return attributes; None is an explicit null."""
    return Attributes(
        {
            name: Value(value=value, source=source, raw=str(value))
            if value is not None
            else Value(value=None, source=source, raw='""', missing=Missing.NULL)
            for name, value in said.items()
        }
    )


def order(said: float = 0, *, key: Keys | None = None, control: OrderControl = OrderControl.NEW, **more: Any) -> News:
    """Return an order."""
    patient = more.pop("patient", SMITH)
    return News(
        kind=NewsKind.ORDER,
        keys=key or keys(filler_number="F1"),
        patient=patient,
        attributes=values("order", **more),
        said_at=at(said),
        control=control,
    )


def cancel(said: float = 50, **more: Any) -> News:
    """Return the cancel of an order."""
    return order(said, control=OrderControl.CANCEL, **more)


def image(sop: str = "1", *, key: Keys | None = None, clinical: bool = True, said: float = 10, **more: Any) -> News:
    """Return one image (or companion) of a study."""
    patient = more.pop("patient", SMITH)
    content = more.pop("content", "as it was")
    series = more.pop("series", "s1")
    return News(
        kind=NewsKind.IMAGES,
        keys=key or keys(study_uid="U1"),
        patient=patient,
        attributes=values("image", **(({"modality": ("CT",)} if clinical else {"companions": ("SR",)}) | more)),
        said_at=at(said),
        instance=Instance(
            series_uid=series,
            sop_uid=sop,
            sop_class=None,
            modality="CT",
            clinical=clinical,
            digest=sha256(f"{sop} {series} {content}".encode()).hexdigest(),
        ),
    )


def report(
    status: ReportStatus | str = ReportStatus.FINAL,
    said: float = 60,
    *,
    key: Keys | None = None,
    text: str = "normal",
    raw: str | None = None,
    **more: Any,
) -> News:
    """Return a report."""
    word = ReportStatus(status)
    return News(
        kind=NewsKind.REPORT,
        keys=key or keys(),
        patient=more.pop("patient", SMITH),
        attributes=values("report", **more),
        said_at=at(said),
        report=Report(
            status=word,
            raw_status=raw or word.value,
            has_text=bool(text),
            digest=sha256(text.encode()).hexdigest() if text else "",
        ),
    )


def adt(said: float = 20, *, patient: Patient = SMITH, event: str = "A08", **more: Any) -> News:
    """Return a patient update."""
    return News(kind=NewsKind.PATIENT, patient=patient, attributes=values("adt", **more), said_at=at(said), event=event)


def merge(gone: Patient, survivor: Patient, said: float = 30, *, undone: bool = False, **more: Any) -> News:
    """Return the merge of one identity into another, or its undoing."""
    return News(
        kind=NewsKind.MERGE,
        patient=survivor,
        attributes=values("adt", **more),
        said_at=at(said),
        merge=Merge(survivor=survivor, gone=gone, undone=undone),
    )


def reading(*news: News, sender: str = "RIS|STO") -> Reading:
    """Return an input that holds the news; the same news give the same identity."""
    digest = sha256(
        repr(
            [
                (
                    one.kind,
                    one.keys,
                    one.said_at,
                    one.report,
                    one.instance,
                    one.control,
                    one.merge,
                    one.event,
                    sorted((k, repr(v)) for k, v in one.attributes.items()),
                    one.patient,
                )
                for one in news
            ]
        ).encode()
    )
    return Reading(
        kind="hl7", sender=sender, message_id=digest.hexdigest(), digest=digest.hexdigest(), raw=b"MSH|test", news=news
    )


def told(news: Iterable[News | Sequence[News]], *, first: float = 100, step: float = 1) -> Register:
    """Return a register that was told the news one after another, from minute *first* of the day."""
    register = Register()
    for place, one in enumerate(news):
        lot = one if isinstance(one, list | tuple) else (one,)
        register.told(reading(*lot), at(first + place * step), place)
    return register


def procedures(*news: News, **how: Any) -> list[Procedure]:
    """Return the procedures that the news come to, told one after another."""
    return [procedure for procedure, _ in told(news, **how).procedures()]


def only(*news: News, **how: Any) -> Procedure:
    """Return the one procedure that the news come to."""
    (procedure,) = procedures(*news, **how)
    return procedure


def owed(*news: News, now: float = 500, **how: Any) -> set[tuple[str, str, str]]:
    """Return (kind, part, state) of what is owed, on all procedures together."""
    decision = how.pop("decision", None)
    return {
        (one.kind.value, one.part, one.state.value)
        for procedure in procedures(*news, **how)
        for one in work_owed(procedure, now=at(now), decision=decision)
    }


def open_work(register: Register, *, now: float = 500, without: Iterable[str] = ()) -> set[tuple[Any, ...]]:
    """Return (procedure, kind, part) of all open work, named as people name it."""
    return {
        (procedure.accession, procedure.accession_issuer, procedure.study_uid, one.kind.value, one.part)
        for procedure, _ in register.procedures()
        for one in work_owed(procedure, now=at(now))
        if one.is_open and one.kind.value not in without
    }

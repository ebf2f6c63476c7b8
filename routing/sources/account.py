"""An account: all that one kind of source has said under the same keys about the same patient, folded into one value.

What is told twice is nothing new, and the order of telling makes no difference: every part keeps the newest by the
sender's own time, or the earliest, or a union, or the newest by arrival only where that is the meaning. The exceptions
are the ones that DESIGN 5.1 names: the study's own text and the content of a SOP instance stand as they first came.

A *stamp* is the moment of arrival in nanoseconds since 1970; the last three digits keep the order of what arrives at
one instant. `said` is the sender's time in microseconds since 1970, None where it was not said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cached_property
from typing import Any, Final

from attrs import evolve, field, frozen

from routing.attributes import ATTRIBUTES, Missing, Type, Value
from routing.sources.entries import ReportEntry
from routing.sources.instances import Instances
from routing.sources.news import Keys, News, NewsKind, OrderControl, Patient

STUDY_TEXT: Final = "StudyDescription"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NEVER: Final = -(2**62)


@frozen(kw_only=True)
class Heard:
    """How a piece of news came: when (`stamp`), by which input (`source`), and the zone of its local times."""

    stamp: int
    source: str = ""
    zone: tzinfo = UTC


@frozen(kw_only=True)
class Statement:
    """One value as it was said: when by the sender, when it came, and whether a clinical image said it."""

    value: Value
    said: int | None
    stamp: int
    clinical: bool = True


@frozen(kw_only=True, slots=False)
class Account:
    """What one kind of source has said under the same keys about the same patient.

    `registers` holds one statement for each attribute, `sets` one for each member of a set or part of a text, `nulls`
    when an explicit null was last said. `control` is the newest order control with its time; `begun` is the time of the
    earliest new order, `exam_day` the latest day an order named for the examination, as its midnight in the zone of the
    sender (`2026-03-10T00:00:00+11:00`; what an older release wrote is the day alone). `present` is the stamp of the
    first mapping that counted as an order with its images here, `counted` the most images one named, with its stamp.
    """

    kind: NewsKind
    keys: Keys
    patient: Patient
    first: int
    last: int
    registers: Mapping[str, Statement] = field(factory=dict)
    sets: Mapping[str, Mapping[str, Statement]] = field(factory=dict)
    nulls: Mapping[str, int] = field(factory=dict)
    control: tuple[int, str, int, str] | None = None  # said, control, stamp, source
    begun: tuple[int, int] | None = None  # said, stamp
    exam_day: tuple[str, int, int] | None = None  # ISO midnight, said, stamp
    present: int | None = None
    counted: tuple[int, int] | None = None  # images, stamp
    instances: Instances = field(factory=Instances)
    reports: tuple[ReportEntry, ...] = ()

    @cached_property
    def identity(self) -> tuple[Any, ...]:
        """What makes two accounts the same one."""
        return (self.kind.value, _texts(self.keys), self.patient.number or "", self.patient.issuer or "")

    @property
    def control_word(self) -> OrderControl | None:
        """How the order stands by its newest message."""
        return OrderControl(self.control[1]) if self.control else None

    @property
    def is_cancelled(self) -> bool:
        """Whether the newest word on this order is that it is cancelled or discontinued."""
        return self.control_word in {OrderControl.CANCEL, OrderControl.DISCONTINUE}

    def told(self, news: News, heard: Heard) -> tuple[Account, tuple[str, ...]]:
        """Return this account with the news folded in, and the kinds of doubt that it raised."""
        doubts: list[str] = []
        account = evolve(
            self,
            first=min(self.first, heard.stamp),
            last=max(self.last, heard.stamp),
            patient=_wider(self.patient, news),
        )
        said = said_at(news.said_at, heard.zone)
        if news.kind is NewsKind.IMAGES and news.instance is not None:
            instances, doubt = account.instances.with_instance(news.instance, heard.stamp)
            if doubt:
                doubts.append(doubt)
            if instances is account.instances:
                return self, tuple(doubts)
            account = evolve(account, instances=instances)
        account = _with_attributes(account, news, said, heard, doubts)
        if news.kind is NewsKind.ORDER:
            account = _with_order(account, news, said, heard)
        if news.report is not None:
            account = _with_report(account, news, said, heard)
        return account, tuple(dict.fromkeys(doubts))

    def joined(self, other: Account) -> Account:
        """Return what both accounts of the same identity know together."""
        return _joined(self, other)


def account_of(news: News, heard: Heard) -> Account:
    """Return the empty account that a piece of news belongs to."""
    return Account(kind=news.kind, keys=news.keys, patient=news.patient, first=heard.stamp, last=heard.stamp)


def said_at(instant: datetime | None, zone: tzinfo) -> int | None:
    """Return a sender's time in microseconds since 1970; a naive one is local to *zone*."""
    if instant is None:
        return None
    aware = instant if instant.tzinfo else instant.replace(tzinfo=zone)
    return (aware - _EPOCH) // timedelta(microseconds=1)


def stamp_of(instant: datetime) -> int:
    """Return the stamp of an aware instant."""
    return ((instant - _EPOCH) // timedelta(microseconds=1)) * 1000


def instant_of(stamp: int) -> datetime:
    """Return the instant of a stamp, in UTC."""
    return _EPOCH + timedelta(microseconds=stamp // 1000)


def moment(value: Any, zone: tzinfo) -> int:
    """Return a date's or instant's place in time in microseconds; a naive instant is local to *zone*."""
    if isinstance(value, datetime):
        return said_at(value, zone) or 0
    if isinstance(value, date):
        return said_at(datetime.combine(value, time.min), zone) or 0
    return _NEVER


# what a piece of news adds


def _with_attributes(account: Account, news: News, said: int | None, heard: Heard, doubts: list[str]) -> Account:
    registers, sets, nulls = dict(account.registers), dict(account.sets), dict(account.nulls)
    images = account.kind is NewsKind.IMAGES
    clinical = news.instance is None or news.instance.clinical
    for name, value in news.attributes.items():
        statement = Statement(value=value, said=said, stamp=heard.stamp, clinical=clinical)
        if value.missing is Missing.NULL:
            nulls[name] = max(nulls.get(name, _NEVER), said if said is not None else _NEVER)
            registers.setdefault(name, statement)
        elif images and value.value is not None and (members := members_of(name, value)) is not None:
            known = dict(sets.get(name, {}))
            for member, part in members:
                if part.source == STUDY_TEXT and _study_text_differs(known, member):
                    doubts.append("study_text")
                mine = Statement(value=part, said=said, stamp=heard.stamp, clinical=clinical)
                known[member] = min(known.get(member, mine), mine, key=_first_arrival)
            sets[name] = known
        else:
            old = registers.get(name)
            registers[name] = (
                statement if old is None else _chosen(name, old, statement, images=images, zone=heard.zone)
            )
    return evolve(account, registers=registers, sets=sets, nulls=nulls)


def members_of(name: str, value: Value) -> list[tuple[str, Value]] | None:
    """Return the members of a set, or the parts of a description, each with its provenance; None for other values."""
    attribute = ATTRIBUTES.get(name)
    if name == "contrast":
        return [(str(value.value), value)]
    if attribute is None or (attribute.type is not Type.CODES and name != "description"):
        return None
    parts = value.value if isinstance(value.value, tuple) else (value.value,)
    if name != "description":
        raws = value.raw.split("\\") if value.raw and len(parts) > 1 else []
        shown = raws if len(raws) == len(parts) else [value.raw] * len(parts)
        said = value.source.split(", ")
        named = said if len(said) == len(parts) else [value.source] * len(parts)
        return [
            (str(part), Value(value=part, source=source, raw=raw))
            for part, source, raw in zip(parts, named, shown, strict=True)
        ]
    return [
        (f"{source}={part}", Value(value=part, source=source, raw=str(part)))
        for source, part in zip(sources_of(value.source, len(parts)), parts, strict=True)
    ]


def sources_of(source: str, count: int) -> list[str]:
    """Return the field of each of so many parts of a text; where they cannot be told apart, all of it for each."""
    sources = [one.strip() for one in source.replace("+", ",").split(",")]
    return sources if len(sources) == count else [source] * count


def _study_text_differs(known: Mapping[str, Statement], member: str) -> bool:
    return any(one.value.source == STUDY_TEXT and key != member for key, one in known.items())


def _first_arrival(statement: Statement) -> tuple[int, str]:
    return statement.stamp, repr(statement.value)


def _chosen(name: str, old: Statement, new: Statement, *, images: bool, zone: tzinfo) -> Statement:
    """Return which of two statements stands. Known before unknown; then newest, or for images the first taken."""
    if (old.value.value is None) != (new.value.value is None):
        return old if new.value.value is None else new
    if not images:
        if _when(old) != _when(new):
            return max(old, new, key=_when)
        return max(old, new, key=_newest)
    if name == "exam_end":
        return max(old, new, key=lambda one: _end(one, zone))
    if name == "exam_start":
        return min(old, new, key=lambda one: (not one.clinical, moment(one.value.value, zone), repr(one.value)))
    return min(old, new, key=_first_taken)


def _when(statement: Statement) -> int:
    return statement.said if statement.said is not None else _NEVER


def _newest(statement: Statement) -> tuple[int, str]:
    return (statement.said if statement.said is not None else _NEVER), repr(statement.value)


def _first_taken(statement: Statement) -> tuple[bool, int, str]:
    return not statement.clinical, (statement.said if statement.said is not None else -_NEVER), repr(statement.value)


def _end(statement: Statement, zone: tzinfo) -> tuple[Any, ...]:
    """Order ends of an examination: believable, by a clinical image, by an acquisition before the study; latest."""
    when = moment(statement.value.value, zone)
    studied = statement.value.source.startswith("Study")
    return when <= statement.stamp // 1000, statement.clinical, not studied, when, repr(statement.value)


def _with_order(account: Account, news: News, said: int | None, heard: Heard) -> Account:
    when = said if said is not None else _NEVER
    control = news.control or OrderControl.NEW
    mine = (when, control.value, heard.stamp, heard.source)
    changes: dict[str, Any] = {}
    if news.images_present:
        changes["present"] = heard.stamp if account.present is None else min(account.present, heard.stamp)
        if isinstance(count := news.attributes.known.get("image_count"), int):
            changes["counted"] = _most(account.counted, (count, heard.stamp))
    changes["control"] = _newer_control(account.control, mine)
    if control is OrderControl.NEW:
        changes["begun"] = min(account.begun or (when, heard.stamp), (when, heard.stamp))
    if control in {OrderControl.NEW, OrderControl.CHANGE} and (day := _exam_day(news, heard.zone)):
        changes["exam_day"] = max((account.exam_day or ("", 0, 0)), (day, when, heard.stamp))
    return evolve(account, **changes)


def _most(*counted: tuple[int, int] | None) -> tuple[int, int] | None:
    return max((one for one in counted if one is not None), key=lambda one: (one[0], -one[1]), default=None)


def _newer_control(old: tuple[int, str, int, str] | None, new: tuple[int, str, int, str]) -> tuple[int, str, int, str]:
    if old is None:
        return new
    # A status says nothing of its own: any other word stands before it. At one time a cancel stands: a person sees it.
    rank = {"status": 0, "change": 1, "new": 1, "discontinue": 2, "cancel": 3}

    def key(one: tuple[int, str, int, str]) -> tuple[Any, ...]:
        return one[1] != "status", one[0], rank[one[1]], -one[2]

    return max(old, new, key=key)


def _exam_day(news: News, zone: tzinfo) -> str | None:
    for name in ("exam_start", "exam_end"):
        value = news.attributes[name].value if name in news.attributes else None
        if isinstance(value, datetime):
            value = (value.astimezone(zone) if value.tzinfo else value).date()
        if isinstance(value, date):
            return datetime.combine(value, time.min, tzinfo=zone).isoformat()
    return None


def _with_report(account: Account, news: News, said: int | None, heard: Heard) -> Account:
    report = news.report
    assert report is not None  # noqa: S101 - the caller asked
    entry = ReportEntry(
        status=report.status,
        raw_status=report.raw_status,
        has_text=report.has_text,
        said=said,
        stamp=heard.stamp,
        digest=report.digest,
        report_id=report.report_id,
        readers=report.readers,
        source=heard.source,
        one_read=report.one_read,
    )
    return evolve(account, reports=with_entry(account.reports, entry))


def with_entry(entries: Iterable[ReportEntry], entry: ReportEntry) -> tuple[ReportEntry, ...]:
    """Return the history with one entry more, in the order of the reports' own time; the same report once."""
    known = {one.identity: one for one in entries}
    old = known.get(entry.identity)
    if old is None or entry.stamp < old.stamp:
        known[entry.identity] = entry
    return tuple(known[key] for key in sorted(known))


def _wider(patient: Patient, news: News) -> Patient:
    further = (*patient.others, *news.patient.others)
    if not further or set(further) == set(patient.others):
        return patient
    return evolve(patient, others=tuple(sorted(set(further), key=lambda pair: (pair[0], pair[1] or ""))))


# the join of two accounts


def _joined(one: Account, other: Account) -> Account:
    if one == other:
        return one
    images = one.kind is NewsKind.IMAGES
    registers = dict(one.registers)
    for name, statement in other.registers.items():
        mine = registers.get(name)
        registers[name] = statement if mine is None else _chosen(name, mine, statement, images=images, zone=UTC)
    sets = {name: dict(members) for name, members in one.sets.items()}
    for name, members in other.sets.items():
        known = sets.setdefault(name, {})
        for member, statement in members.items():
            known[member] = min(known.get(member, statement), statement, key=_first_arrival)
    nulls = {
        name: max(one.nulls.get(name, _NEVER), other.nulls.get(name, _NEVER)) for name in {*one.nulls, *other.nulls}
    }
    reports = one.reports
    for entry in other.reports:
        reports = with_entry(reports, entry)
    others = tuple(sorted({*one.patient.others, *other.patient.others}, key=lambda pair: (pair[0], pair[1] or "")))
    return evolve(
        one,
        patient=evolve(one.patient, others=others),
        first=min(one.first, other.first),
        last=max(one.last, other.last),
        registers=registers,
        sets=sets,
        nulls=nulls,
        control=_newer_control(one.control, other.control) if other.control else one.control,
        begun=min((each for each in (one.begun, other.begun) if each is not None), default=None),
        exam_day=max(filter(None, (one.exam_day, other.exam_day)), default=None),
        present=min((stamp for stamp in (one.present, other.present) if stamp is not None), default=None),
        counted=_most(one.counted, other.counted),
        instances=one.instances.joined(other.instances),
        reports=reports,
    )


def _texts(keys: Keys) -> tuple[str, ...]:
    return (
        keys.accession or "",
        keys.accession_issuer or "",
        keys.study_uid or "",
        keys.placer_number or "",
        keys.filler_number or "",
    )

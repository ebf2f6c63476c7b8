"""What a feed fills, and with what, by sender: fill rates, values, why others are unknown, words that nobody mapped.

No patient identity is in it: of attributes that tell who somebody is, and of free text about them, only counts are.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from attrs import define, field

from routing.attributes import ATTRIBUTES, Missing, Type, Value
from routing.vocabulary import Vocabulary, shipped_vocabulary

if TYPE_CHECKING:
    from routing.rulebook import Rulebook
    from routing.sources.news import News, Reading

Track = Callable[..., Iterable[Any]]

SHOWN: Final = 10  # values of an attribute, and words and codes of a list, that are shown
MOST_VALUES: Final = 2000  # distinct values of an attribute that are remembered
_HIDDEN: Final = frozenset(
    {"birth_date", "age", "indication", "exam_start", "exam_end", "arrival"}
)  # counted, not shown
_WORDS: Final = (
    "priority_requested",
    "report_status",
    "order_status",
    "patient_class",
    "sex",
    "laterality",
    "modality",
)
_WORD: Final = re.compile(r"[^\d^~]{1,24}\Z|[A-Z0-9]{1,6}\Z")  # what may be a word of a code table, and no value astray


@define
class Filled:
    """How often an attribute is known, its values, and why it is not known otherwise."""

    known: int = 0
    missing: Counter[str] = field(factory=Counter)
    values: Counter[str] = field(factory=Counter)
    sources: Counter[str] = field(factory=Counter)
    more: bool = False  # there are more distinct values than are remembered

    def add(self, name: str, said: Value | None) -> None:
        """Count one record's value."""
        if said is None or said.value is None:
            self.missing[(said.missing or Missing.ABSENT).value if said else Missing.ABSENT.value] += 1
            return
        self.known += 1
        self.sources[said.source] += 1
        for value in said.value if isinstance(said.value, tuple) else (said.value,):
            shown = value if is_shown(name) and isinstance(value, str) else str(hash(str(value)))
            if shown in self.values or len(self.values) < MOST_VALUES:
                self.values[shown] += 1
            else:
                self.more = True


@define
class Feed:
    """What one sender's inputs fill. `records` are pieces of news: one for each order, object, report or patient."""

    sender: str
    vocabulary: Vocabulary = field(factory=shipped_vocabulary, repr=False)
    inputs: int = 0
    records: int = 0
    kinds: Counter[str] = field(factory=Counter)
    filled: dict[str, Filled] = field(factory=lambda: defaultdict(Filled))
    problems: Counter[str] = field(factory=Counter)
    unmapped: dict[str, Counter[str]] = field(factory=lambda: defaultdict(Counter))
    codes: Counter[str] = field(factory=Counter)
    parts: Counter[str] = field(factory=Counter)
    authorities: Counter[str] = field(factory=Counter)
    numbers: Counter[str] = field(factory=Counter)  # where a number with a digit in it stands

    def add(self, reading: Reading) -> None:
        """Count one input."""
        self.inputs += 1
        if reading.refused is not None:
            self.problems[reading.refused.kind] += 1
        self.problems.update(warning.kind for warning in reading.warnings)
        for news in reading.news:
            self._add_news(reading, news)

    def _add_news(self, reading: Reading, news: News) -> None:
        from routing.sources.news import NewsKind, ReportStatus  # noqa: PLC0415 - readers come when they are needed

        self.records += 1
        self.kinds[news.kind.value] += 1
        self.problems.update(warning.kind for warning in news.warnings)
        attributes = news.attributes
        asked = _OF_PATIENTS if news.kind in {NewsKind.PATIENT, NewsKind.MERGE} else _ASKED
        for name in asked:
            self.filled[name].add(name, attributes.get(name))
        for name in _WORDS:
            said = attributes.get(name)
            if said is not None and said.missing is Missing.MALFORMED and said.raw and _WORD.match(said.raw):
                self.unmapped[name][said.raw.upper()] += 1
        if news.report is not None and news.report.status is ReportStatus.UNKNOWN and not news.report.raw_status:
            self.unmapped["report_status"][""] += 1
        known = attributes.known
        self.codes.update(known.get("procedure_code", ()))
        parts = known.get("body_part", ())
        self.parts.update(part for part in parts if self.vocabulary.known_body_part(part) is None)
        pairs = [(news.patient.number, news.patient.issuer), *news.patient.others]
        self.authorities.update({issuer for number, issuer in pairs if number and issuer})
        if reading.kind == "hl7" and news.kind in {NewsKind.ORDER, NewsKind.REPORT}:
            self._add_numbers(news)

    def _add_numbers(self, news: News) -> None:
        said = news.attributes.get("accession")
        if said is not None and any(sign.isdigit() for sign in str(said.value)):
            self.numbers[said.source] += 1
        if any(sign.isdigit() for sign in news.keys.filler_number or ""):
            self.numbers["filler"] += 1

    def unknown_codes(self, known: frozenset[str] | None) -> Counter[str]:
        """Return the procedure codes that no table of a rulebook knows; all of them where there is no rulebook."""
        if known is None:
            return self.codes
        return Counter({code: count for code, count in self.codes.items() if code.upper() not in known})

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield a row for each attribute that is asked for."""
        for name in _ASKED:
            filled = self.filled.get(name)
            if filled is None:
                continue
            total = filled.known + filled.missing.total()
            values = [[value, count] for value, count in filled.values.most_common(SHOWN)] if is_shown(name) else []
            yield {
                "sender": self.sender,
                "attribute": name,
                "records": total,
                "known": filled.known,
                "fill_percent": round(100 * filled.known / total, 1) if total else 0.0,
                "distinct": len(filled.values),
                "distinct_more": filled.more,
                "values": values,
                "unknown": dict(filled.missing.most_common()),
                "sources": dict(filled.sources.most_common(SHOWN)),
            }

    def as_dict(self, known: frozenset[str] | None = None) -> dict[str, Any]:
        """Return the whole of it as plain JSON."""
        return {
            "sender": self.sender,
            "inputs": self.inputs,
            "records": self.records,
            "kinds": dict(self.kinds.most_common()),
            "attributes": [{key: value for key, value in row.items() if key != "sender"} for row in self.rows()],
            "unmapped_words": {name: dict(words.most_common()) for name, words in sorted(self.unmapped.items())},
            "unmapped_codes" if known is not None else "codes": dict(self.unknown_codes(known).most_common()),
            "unlisted_body_parts": dict(self.parts.most_common()),
            "problems": dict(self.problems.most_common()),
        }


def is_shown(name: str) -> bool:
    """Whether the values of an attribute may be printed: no identity, no time, no text about a patient."""
    return not ATTRIBUTES[name].identity and name not in _HIDDEN and ATTRIBUTES[name].type is not Type.TEXT


# what readers never say of themselves: the host or the store adds it
_ASKED: Final = tuple(name for name in ATTRIBUTES if name not in {"arrival", "ordered", "images_complete"})
_OF_PATIENTS: Final = tuple(
    name for name in _ASKED if ATTRIBUTES[name].group.value in {"demographic", "state"} or name.startswith("patient_id")
)


def profile_feed(
    paths: Sequence[str | Path], *, profile: str | Path | None = None, track: Track | None = None
) -> tuple[Feed, ...]:
    """
    Return what the inputs under *paths* fill, by sender, in order of the senders' names.

    Args:
        paths: files and folders; what cannot be read is counted as a problem of the sender `?`.
        profile: sender profiles (TOML) to read them by.
        track: wraps the iterable of inputs, for a progress bar.

    Raises:
        ProfileError: the profiles cannot be read.

    """
    from routing.sources.profiles import Profiles  # noqa: PLC0415 - only where inputs are read
    from routing.sources.read import read_path  # noqa: PLC0415 - as above

    profiles = Profiles.load(profile) if profile else Profiles.default()
    words = profiles.fallback.vocabulary
    feeds: dict[str, Feed] = {}
    inputs = (found for path in paths for found in read_path(Path(path), profiles))
    for _, reading in track(inputs) if track else inputs:
        sender = sender_of(reading)
        feeds.setdefault(sender, Feed(sender=sender, vocabulary=words)).add(reading)
    return tuple(feeds[sender] for sender in sorted(feeds))


def sender_of(reading: Reading) -> str:
    """Return who sent an input: MSH-3|MSH-4, the institution of images, a FHIR resource's source; else its kind."""
    if reading.kind == "hl7":
        return f"HL7 {reading.sender}" if reading.sender.strip("|") else "HL7"
    if reading.kind == "dicom":
        said = (news.attributes.known.get("institution") for news in reading.news)
        return f"DICOM {name[0]}" if (name := next(filter(None, said), None)) else "DICOM"
    if reading.kind == "fhir":
        return f"FHIR {reading.sender}".strip()
    return "host" if reading.kind == "mapping" else "?"


def known_codes(rulebook: Rulebook) -> frozenset[str]:
    """Return every code that is a key in a table of a rulebook, in capitals."""
    tables: Mapping[str, Any] = rulebook.program.tables
    return frozenset(
        key.upper() for table in tables.values() for row in table.rows for key in row.keys if isinstance(key, str)
    )

"""Mappings of attributes and facts, as a host gives them: plain Python or JSON values as canonical attributes.

    attributes, problems = from_mapping({"modality": ["CT", "SR"], "exam_end": "2026-03-10T10:00"}, rulebook_types)

Values may be ISO text, dates, datetimes, numbers, booleans, texts or lists; they are read as a source would give them,
so that companions are told from images and synonyms are understood. Nothing raises: an unknown name and a malformed
value are problems, which never hold the value, and the latter is unknown.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final, Protocol

from routing.attributes import ATTRIBUTES, PATIENT_CLASSES, Attributes, Duration, Missing, Type, Value
from routing.decision import Problem
from routing.sources.dicom_values import PLACEHOLDER_BIRTHS
from routing.sources.mapping_values import READERS, Malformed, shown
from routing.sources.news import Keys, News, NewsKind, OrderControl, Patient, Reading
from routing.vocabulary import Vocabulary, shipped_vocabulary

SOURCE: Final = "host"
_CONTROLS: Final = {"cancelled": OrderControl.CANCEL, "discontinued": OrderControl.DISCONTINUE}


class Typed(Protocol):
    """Anything that has a type, such as what a rulebook declares."""

    @property
    def type(self) -> Type:
        """The type."""


Declared = Mapping[str, "Type | Typed"]


def from_mapping(
    mapping: Mapping[str, Any], declared: Declared | None = None, *, vocabulary: Vocabulary | None = None
) -> tuple[Attributes, tuple[Problem, ...]]:
    """Return the attributes and facts in *mapping*, each with `host` as its source, and what is wrong with it.

    *declared* are the names that a rulebook declares besides the core ones, with their types. None is an explicit null,
    blank text and an empty list are EMPTY, what cannot be understood is MALFORMED: unknown, all of them.
    """
    words = vocabulary or shipped_vocabulary()
    types = _types(declared)
    values: dict[str, Value] = {}
    problems: list[Problem] = []
    for name, given in mapping.items():
        kind = types.get(name) if isinstance(name, str) else None
        if kind is None:
            problems.append(Problem(kind="unknown_attribute", source=str(name), message="no attribute has this name"))
            continue
        value = _value(name, kind, given, words)
        values[name] = value
        if value.missing is Missing.MALFORMED:
            message = f"not a value of the type {kind.value}: unknown"
            problems.append(Problem(kind="malformed_value", source=name, message=message))
    _split_modality(values, words)
    return Attributes(values), tuple(problems)


def read_mapping(
    mapping: Mapping[str, Any], declared: Declared | None = None, *, vocabulary: Vocabulary | None = None
) -> Reading:
    """Return a mapping as one input: an order with its images present, unless it says `image_count: 0`.

    Its identity is the digest of what it holds. One without accession number and study UID is refused.
    """
    plain = _plain(mapping)  # read as it is stored, so that reading it again gives the same
    attributes, problems = from_mapping(plain, declared, vocabulary=vocabulary)
    raw = json.dumps(plain, sort_keys=True, separators=(",", ":")).encode("ascii")
    digest = hashlib.sha256(raw).hexdigest()
    known = attributes.known
    keys = Keys(
        accession=known.get("accession"),
        accession_issuer=known.get("accession_issuer"),
        study_uid=known.get("study_uid"),
    )
    number = known.get("patient_id")
    end = known.get("exam_end")
    news = News(
        kind=NewsKind.ORDER,
        keys=keys,
        patient=Patient(number=number, issuer=known.get("patient_id_issuer") if number else None),
        attributes=attributes,
        said_at=end if isinstance(end, datetime) else None,
        control=_CONTROLS.get(known.get("order_status", ""), OrderControl.NEW),
        images_present=known.get("image_count") != 0,
    )
    has_key = keys.accession is not None or keys.study_uid is not None
    refused = Problem(kind="no_key", source="accession", message="neither an accession number nor a study UID")
    return Reading(
        kind="mapping",
        sender="",
        message_id=digest,
        digest=digest,
        raw=raw,
        message_type=known.get("message_type"),
        news=(news,) if has_key else (),
        refused=None if has_key else refused,
        warnings=problems,
    )


def names_only_attributes(mapping: Mapping[Any, Any], declared: Declared | None = None) -> bool:
    """Whether *mapping* holds anything and every name in it is an attribute or declared: then it is meant as one."""
    return bool(mapping) and _types(declared).keys() >= mapping.keys()


def _types(declared: Declared | None) -> dict[str, Type]:
    types = {name: attribute.type for name, attribute in ATTRIBUTES.items()}
    for name, one in (declared or {}).items():
        types.setdefault(name, one if isinstance(one, Type) else one.type)
    return types


def _value(name: str, kind: Type, given: Any, words: Vocabulary) -> Value:
    raw = shown(given)
    if given is None:
        return Value(value=None, source=SOURCE, missing=Missing.NULL)
    if _is_empty(given):
        return Value(value=None, source=SOURCE, raw=raw, missing=Missing.EMPTY)
    try:
        value = READERS[kind](given)
        value = _meant(name, value, words)
    except (Malformed, ValueError, OverflowError):
        return Value(value=None, source=SOURCE, raw=raw, missing=Missing.MALFORMED)
    if value is None or value == ():
        return Value(value=None, source=SOURCE, raw=raw, missing=Missing.EMPTY)
    return Value(value=value, source=SOURCE, raw=raw)


def _is_empty(given: Any) -> bool:
    if isinstance(given, str):
        return not given.strip("\0 \t\r\n")
    return isinstance(given, list | tuple | set | frozenset) and all(one is None or _is_empty(one) for one in given)


def _meant(name: str, value: Any, words: Vocabulary) -> Any:
    """Return the canonical word for a core attribute's value; None for one that says *unknown*. Raises Malformed."""
    if name in _MEANINGS:
        return _MEANINGS[name](value, words)
    allowed = ATTRIBUTES[name].values if name in ATTRIBUTES else ()
    if not allowed:
        return value
    if value.lower() not in allowed:
        raise Malformed
    return value.lower()


def _patient_class(value: str, words: Vocabulary) -> str:
    word = value.lower()
    return word if word in PATIENT_CLASSES else str(_known(value, words.patient_class))


_MEANINGS: Final[Mapping[str, Callable[[Any, Vocabulary], Any]]] = {
    "body_part": lambda value, words: tuple(dict.fromkeys(words.body_part(word) for word in value)),
    "modality": lambda value, _: tuple(word.upper() for word in value),
    "companions": lambda value, _: tuple(word.upper() for word in value),
    "laterality": lambda value, words: _each(value, words.laterality, words.knows_laterality),
    "sex": lambda value, words: _known(value, words.sex, words.knows_sex),
    "contrast": lambda value, words: words.agent_contrast(value),
    "patient_class": _patient_class,
    "priority_requested": lambda value, words: _known(value, words.priority),
    "birth_date": lambda value, _: None if value in PLACEHOLDER_BIRTHS else value,
}


def _known(word: str, meaning: Any, is_known: Any = None) -> Any:
    found = meaning(word)
    if found is None and not (is_known and is_known(word)):
        raise Malformed
    return found


def _each(values: Iterable[str], meaning: Any, is_known: Any) -> tuple[str, ...]:
    found = [_known(word, meaning, is_known) for word in values]
    return tuple(dict.fromkeys(word for word in found if word is not None))


def _split_modality(values: dict[str, Value], words: Vocabulary) -> None:
    """Move companions out of `modality`, as every source does; companions alone leave it unknown."""
    said = values.get("modality")
    if said is None or said.value is None:
        return
    images, companions = words.modality_parts(said.value)
    if images:
        values["modality"] = Value(value=images, source=SOURCE, raw=said.raw)
    else:
        del values["modality"]
    if companions:
        other = values.get("companions")
        known = other.value if other is not None and other.value else ()
        together = tuple(dict.fromkeys((*known, *companions)))
        values["companions"] = Value(value=together, source=SOURCE, raw=said.raw)


def _plain(value: Any) -> Any:
    """Return a value as JSON has it; reading that again gives the same attributes."""
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, set | frozenset):
        return sorted((_plain(one) for one in value), key=str)
    if isinstance(value, str | int | float | bool) or value is None:
        return value
    if isinstance(value, date | timedelta | Duration):
        return shown(value)
    return f"<{type(value).__name__}>"

"""The compact form of values, keys and patients: what sources said as plain JSON, and back, the same each way.

Only what differs from the default is written, since a busy store holds millions of these.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from routing.attributes import Duration, Missing, Value
from routing.sources.news import Keys, Patient


def dump_value(value: Value) -> list[Any]:
    """Return a value with its provenance as a short list; `load_value` gives the same value back."""
    missing = value.missing.value if value.missing else None
    full: list[Any] = [_plain(value.value), value.source, value.raw, missing]
    while full[-1] is None:
        full.pop()
    return full


def load_value(dumped: list[Any]) -> Value:
    """Return the value that `dump_value` wrote."""
    value, source, raw, missing = [*dumped, None, None][:4]
    return Value(value=_typed(value), source=source, raw=raw, missing=Missing(missing) if missing else None)


def dump_keys(keys: Keys) -> list[str | None]:
    """Return the five keys in their order, without the empty ones at the end."""
    full = [keys.accession, keys.accession_issuer, keys.study_uid, keys.placer_number, keys.filler_number]
    while full and full[-1] is None:
        full.pop()
    return full


def load_keys(dumped: list[str | None]) -> Keys:
    """Return the keys that `dump_keys` wrote."""
    accession, issuer, study_uid, placer, filler = [*dumped, None, None, None, None, None][:5]
    return Keys(
        accession=accession,
        accession_issuer=issuer,
        study_uid=study_uid,
        placer_number=placer,
        filler_number=filler,
    )


def dump_patient(patient: Patient) -> list[list[str | None]]:
    """Return the patient's identities, the first one first."""
    others = [[number, issuer] for number, issuer in patient.others]
    return [[patient.number, patient.issuer], *others] if patient.number or others else []


def load_patient(dumped: list[list[str | None]]) -> Patient:
    """Return the patient that `dump_patient` wrote."""
    if not dumped:
        return Patient()
    (number, issuer), *others = dumped
    return Patient(number=number, issuer=issuer, others=tuple((str(other[0]), other[1]) for other in others))


def _plain(value: Any) -> Any:
    match value:
        case tuple():
            return [_plain(part) for part in value]
        case datetime():
            return {"t": value.isoformat()}
        case date():
            return {"d": value.isoformat()}
        case Duration():
            return {"u": [value.years, value.months, value.days, value.seconds, value.precision]}
        case _:
            return value


def _typed(value: Any) -> Any:
    match value:
        case list():
            return tuple(_typed(part) for part in value)
        case {"t": text}:
            return datetime.fromisoformat(text)
        case {"d": text}:
            return date.fromisoformat(text)
        case {"u": [years, months, days, seconds, precision]}:
            return Duration(years=years, months=months, days=days, seconds=seconds, precision=precision)
        case _:
            return value

"""Attributes that a rulebook declares with a path in HL7 messages.

attribute pathway is code from hl7 "OBR-31.1"
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from routing.attributes import Missing, Said, Type
from routing.sources.er7_segments import Segment, part
from routing.sources.er7_syntax import NULL
from routing.sources.hl7_groups import Context, OrderGroup
from routing.sources.hl7_keys import path_parts, segment_of
from routing.sources.hl7_values import instant
from routing.sources.mapping_values import READERS, Malformed


def declared_values(group: OrderGroup, context: Context) -> Iterator[tuple[str, Said]]:
    """Yield the declared attributes that an order group gives: the first path that says anything counts.

    An explicit null is said, and unknown; an empty field says nothing.
    """
    for name, declaration in (context.declared or {}).items():
        for source in getattr(declaration, "sources", ()):
            if getattr(source, "source", None) != "hl7":
                continue
            segment_name, field, component = path_parts(source.path)
            segment = segment_of(group, segment_name, context)
            raw = segment.raw(field) if segment is not None else None
            if segment is not None and raw:
                yield name, _value(source.path, segment, raw, (field, component), declaration.type, context)
                break


def _value(path: str, segment: Segment, raw: str, at: tuple[int, int], kind: Type, context: Context) -> Said:
    if raw == NULL:
        return None, path, raw, Missing.NULL
    field, component = at
    words = [part(one, segment.syntax, component) for one in segment.repetitions(field)]
    said = [word for word in words if word]
    if not said:
        return None, path, raw, Missing.EMPTY
    try:
        value = _typed(said, kind, context)
    except (Malformed, ValueError, OverflowError):
        value = None
    return value, path, raw, Missing.MALFORMED if value is None else None


def _typed(words: list[str], kind: Type, context: Context) -> Any:
    if kind in (Type.CODES, Type.TEXT):
        return READERS[kind](words)
    if kind in (Type.DATE, Type.INSTANT):
        moment = instant(words[0], context.zone)
        return moment.date() if kind is Type.DATE and isinstance(moment, datetime) else moment
    return READERS[kind](words[0])

"""What kind of object an instance is: an image to be read, a companion that rides along, a report, or no study at all.

The SOP class decides; the modality does where the class is not known or holds anything (secondary capture). What nobody
knows counts as an image: it is shown to a reader, never hidden.
"""

from __future__ import annotations

from enum import Enum
from functools import lru_cache
from typing import Final

from routing.vocabulary import Vocabulary

_ROOT: Final = "1.2.840.10008.5.1.4"
DICOMDIR: Final = "1.2.840.10008.1.3.10"
PERFORMED_STEP: Final = "1.2.840.10008.3.1.2.3.3"
_REPORTS: Final = frozenset(f"{_ROOT}.1.1.{tail}" for tail in ("88.11", "88.22", "88.33", "88.34", "104.1", "104.2"))
# what a companion's class is called, by the beginning of its UID; the first that fits
_COMPANIONS: Final[tuple[tuple[str, str], ...]] = (
    (f"{_ROOT}.1.1.88.59", "KO"),
    (f"{_ROOT}.1.1.88", "SR"),
    (f"{_ROOT}.1.1.11", "PR"),
    (f"{_ROOT}.1.1.66.1", "REG"),
    (f"{_ROOT}.1.1.66.2", "FID"),
    (f"{_ROOT}.1.1.66.3", "REG"),
    *((f"{_ROOT}.1.1.66.{tail}", "SEG") for tail in (4, 5, 6, 7, 8)),
    (f"{_ROOT}.1.1.66", ""),  # raw data: of the modality that made it
    (f"{_ROOT}.1.1.67", "RWV"),
    (f"{_ROOT}.1.1.90.1", "ASMT"),
    (f"{_ROOT}.1.1.91.1", "ANN"),
    *((f"{_ROOT}.1.1.104.{tail}", "M3D") for tail in (3, 4, 5)),
    (f"{_ROOT}.1.1.104", "DOC"),
    *((f"{_ROOT}.1.1.200.{tail}", "XAPROTOCOL") for tail in (7, 8)),
    (f"{_ROOT}.1.1.200", "CTPROTOCOL"),
    (f"{_ROOT}.1.1.481.2", "RTDOSE"),
    (f"{_ROOT}.1.1.481.3", "RTSTRUCT"),
    *((f"{_ROOT}.1.1.481.{tail}", "RTRECORD") for tail in (4, 6, 7, 9, 16, 17, 18, 19, 20)),
    (f"{_ROOT}.1.1.481.10", "RTINTENT"),
    (f"{_ROOT}.1.1.481.11", "RTSEGANN"),
    (f"{_ROOT}.1.1.481", "RTPLAN"),
    (f"{_ROOT}.34", "RTPLAN"),
    (f"{_ROOT}.38.1", ""),  # hanging protocol
    (f"{_ROOT}.39.1", ""),  # colour palette
)
_ANYTHING: Final = f"{_ROOT}.1.1.7"  # secondary capture holds whatever somebody put into it


class Role(Enum):
    """What an instance is to a reader."""

    IMAGE = "image"
    COMPANION = "companion"
    REPORT = "report"


def role_of(sop_class: str, modality: str, vocabulary: Vocabulary) -> Role:
    """Return what an instance is, by its SOP class and its modality; either may be empty."""
    if sop_class in _REPORTS:
        return Role.REPORT
    if companion_of(sop_class) is not None:
        return Role.COMPANION
    if modality and vocabulary.is_companion(modality) and not _is_image_class(sop_class):
        return Role.COMPANION
    return Role.IMAGE


@lru_cache(maxsize=256)
def companion_of(sop_class: str) -> str | None:
    """Return the modality of a companion's SOP class, ``""`` for one without, None for any other class."""
    if _is_image_class(sop_class):
        return None
    return next((name for beginning, name in _COMPANIONS if _is_within(sop_class, beginning)), None)


@lru_cache(maxsize=256)
def _is_image_class(sop_class: str) -> bool:
    """Whether the standard knows the class as images of one kind, so that no modality can make it a companion."""
    from pydicom import config  # noqa: PLC0415 - only with DICOM
    from pydicom.uid import UID  # noqa: PLC0415 - as above

    if not sop_class or _is_within(sop_class, _ANYTHING):
        return False
    name = UID(sop_class, validation_mode=config.IGNORE).name
    return "Image Storage" in name or "Waveform Storage" in name


def _is_within(uid: str, beginning: str) -> bool:
    return uid == beginning or uid.startswith(beginning + ".")

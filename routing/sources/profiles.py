"""Sender profiles: what one sending system does differently, as data in a TOML file.

    [defaults]                          # what holds for every sender, unless it says otherwise
    zone = "Europe/London"

    [[sender]]
    sending_facility = "NTH"            # MSH-4; also sending_application (MSH-3), ae_title, institution
    accession_from = "OBR-3"
    priority_words = { URGENT = "HIGH" }

A sender is known by every key it names, in any case; of several that fit, the one that names most wins, then the first.
Word tables add to the shipped ones and to those of `[defaults]`; everything else replaces. `vocabulary` names a folder
whose CSV files take the place of the shipped tables of the same name, beside the profile file unless its path is whole.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from attrs import evolve, field, frozen

from routing.attributes import ORDER_STATUSES, PATIENT_CLASSES, REQUESTED_PRIORITIES
from routing.errors import ProfileError, UnreadableInput
from routing.sources.charsets import codec_of
from routing.sources.news import OrderControl, ReportStatus
from routing.vocabulary import Vocabulary, load_vocabulary, shipped_vocabulary

ACCESSION_FIELDS: Final = ("IPC-1", "OBR-18", "OBR-3", "ORC-3", "TXA-15")
SITE_FIELDS: Final = ("PV1-3.4", "MSH-4")
INSTITUTION: Final = "InstitutionName"  # of images; it names the site only where nothing else does


@frozen(kw_only=True, eq=False)  # by identity: what a word means for a sender is remembered by profile
class Profile:
    """How to read one sender. Words are keyed in capitals; an absent setting means the default of the standard (IHE).

    `accession_from` and `site_from` are fields in order of trial; with `InstitutionName` among the latter, images name
    the site where nothing else does. `accession_issuer` is used where the number's own field says none,
    `patient_authority` picks among several patient numbers, `zone` is for instants without an offset.
    """

    name: str = "default"
    sending_application: str | None = None
    sending_facility: str | None = None
    ae_title: str | None = None
    institution: str | None = None
    accession_from: tuple[str, ...] = ACCESSION_FIELDS
    accession_issuer: str | None = None
    patient_authority: str | None = None
    site: str | None = None
    site_from: tuple[str, ...] = SITE_FIELDS
    zone: ZoneInfo | None = None
    charset: str | None = None
    priority_words: Mapping[str, str] = field(factory=dict, hash=False)
    report_status_words: Mapping[str, str] = field(factory=dict, hash=False)
    patient_classes: Mapping[str, str] = field(factory=dict, hash=False)
    order_control_words: Mapping[str, str] = field(factory=dict, hash=False)
    order_status_words: Mapping[str, str] = field(factory=dict, hash=False)
    placeholder_texts: frozenset[str] = frozenset()
    referrer_placeholders: frozenset[str] = frozenset()
    referrer_specialties: Mapping[str, str] = field(factory=dict, hash=False)
    final_ends_one_read: bool = False
    vocabulary: Vocabulary = field(factory=shipped_vocabulary)


@frozen(kw_only=True)
class Profiles:
    """The profiles of all senders, and the one for a sender that nobody described."""

    senders: tuple[Profile, ...] = ()
    fallback: Profile = Profile()

    @classmethod
    def default(cls) -> Profiles:
        """Return the profiles that hold without a file: the standard's own fields and tables for everybody."""
        return _DEFAULT

    @classmethod
    def load(cls, path: str | Path) -> Profiles:
        """Return the profiles in the TOML file at *path*.

        Raises:
            ProfileError: the file cannot be read, is no TOML, or says something that no profile has.
        """
        try:
            text = Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as wrong:
            raise ProfileError(str(path), "", "the file cannot be read", str(wrong)) from wrong
        return cls.loads(text, name=str(path), folder=Path(path).parent)

    @classmethod
    def loads(cls, text: str, name: str = "profiles", folder: Path | None = None) -> Profiles:
        """Return the profiles in TOML *text*; *name* is the file in errors, *folder* where vocabularies are looked for.

        Raises ProfileError as `load` does.
        """
        try:
            read = tomllib.loads(text)
        except tomllib.TOMLDecodeError as wrong:
            raise ProfileError(name, "", "this is not TOML", str(wrong)) from wrong
        _known(name, "", read, ("defaults", "sender"))
        given = read.get("defaults", {})
        senders = read.get("sender", [])
        if (
            not isinstance(given, dict)
            or not isinstance(senders, list)
            or not all(isinstance(s, dict) for s in senders)
        ):
            raise ProfileError(
                name, "", "a profile is a table", "write [defaults] once, and [[sender]] for each sender"
            )
        fallback = evolve(Profile(), **_settings(name, "defaults", given, Profile(), folder))
        made = []
        for place, sender in enumerate(senders, 1):
            where = f"sender {place}"
            if not any(key in sender for key in _MATCHED):
                raise ProfileError(
                    name, where, "nothing says whose profile this is", f"add one of {', '.join(_MATCHED)}"
                )
            made.append(evolve(fallback, **({"name": where} | _settings(name, where, sender, fallback, folder))))
        return cls(senders=tuple(made), fallback=fallback)

    def find(
        self,
        *,
        application: str | None = None,
        facility: str | None = None,
        ae_title: str | None = None,
        institution: str | None = None,
    ) -> Profile:
        """Return the profile of a sender; one it does not name is never held against it."""
        if not self.senders:
            return self.fallback
        given = {
            "sending_application": _folded(application),
            "sending_facility": _folded(facility),
            "ae_title": _folded(ae_title),
            "institution": _folded(institution),
        }
        best, most = self.fallback, 0
        for profile in self.senders:
            wanted = {key: _folded(getattr(profile, key)) for key in _MATCHED if getattr(profile, key) is not None}
            if len(wanted) > most and all(given[key] == value for key, value in wanted.items()):
                best, most = profile, len(wanted)
        return best


_FIELD: Final = re.compile(r"[A-Z][A-Z0-9]{2}-[1-9]\d*(?:\.[1-9]\d*)?\Z")
_MATCHED: Final = ("sending_application", "sending_facility", "ae_title", "institution")
_DEFAULT: Final = Profiles()


def _folded(text: str | None) -> str:
    return (text or "").strip().casefold()


def _settings(file: str, where: str, given: Mapping[str, Any], base: Profile, folder: Path | None) -> dict[str, Any]:
    """Return the settings of one table as arguments of `Profile`, on top of *base*."""
    _known(file, where, given, (*_READERS, "vocabulary"))
    settings: dict[str, Any] = {}
    for key, value in given.items():
        try:
            settings[key] = _vocabulary(value, folder) if key == "vocabulary" else _READERS[key](value)
        except _WrongError as wrong:
            raise ProfileError(file, f"{where}.{key}", wrong.args[0], wrong.args[1]) from None
        if isinstance(settings[key], dict):
            settings[key] = {**getattr(base, key), **settings[key]}
    return settings


def _known(file: str, where: str, given: Iterable[str], allowed: tuple[str, ...]) -> None:
    for key in given:
        if key not in allowed:
            near = get_close_matches(key, allowed, 1)
            help_text = f"did you mean `{near[0]}`?" if near else f"known are {', '.join(allowed)}"
            raise ProfileError(file, where, f"there is no setting `{key}`", help_text)


class _WrongError(Exception):
    """A setting has the wrong form; the arguments are what is wrong and how to mend it."""


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _WrongError("a text in quotes is needed", 'write it as "STO"')
    return value.strip()


def _yes_no(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _WrongError("yes or no is needed", "write true or false, without quotes")
    return value


def _zone(value: Any) -> ZoneInfo:
    try:
        return ZoneInfo(_text(value))
    except (ZoneInfoNotFoundError, ValueError, OSError) as wrong:
        raise _WrongError("there is no such time zone", 'write an IANA name, such as "Europe/London"') from wrong


def _charset(value: Any) -> str:
    name = _text(value)
    if codec_of((name,)) is None:
        raise _WrongError(
            "there is no such character set", 'write it as in MSH-18, such as "8859/1" or "UNICODE UTF-8"'
        )
    return name


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(_text(one) for one in (value if isinstance(value, list) else [value]))


def _folded_texts(value: Any) -> frozenset[str]:
    return frozenset(text.upper() for text in _texts(value))


def _fields(value: Any) -> tuple[str, ...]:
    fields = _texts(value)
    for one in fields:
        if _FIELD.match(one) is None:
            raise _WrongError(f"`{one}` is no HL7 field", "write it as OBR-18 or PV1-3.4")
    return fields


def _site_fields(value: Any) -> tuple[str, ...]:
    texts = _texts(value)
    _fields([one for one in texts if one != INSTITUTION])
    return texts


def _vocabulary(value: Any, folder: Path | None) -> Vocabulary:
    """Return the tables of a folder, which stands beside the file of profiles unless its path is whole."""
    try:
        return load_vocabulary((folder or Path()) / _text(value))
    except UnreadableInput as wrong:
        raise _WrongError(wrong.reason, "a vocabulary is a folder of CSV files, named as the shipped ones") from wrong


def _words(meanings: Iterable[str] | None) -> Callable[[Any], dict[str, str]]:
    """Return a reader for a table of words to *meanings* (any text where None)."""
    allowed = tuple(meanings) if meanings is not None else None

    def read(value: Any) -> dict[str, str]:
        if not isinstance(value, dict):
            raise _WrongError("a table of words is needed", 'write { URGENT = "HIGH" }')
        for meaning in value.values():
            if allowed is not None and meaning not in allowed:
                raise _WrongError(f"`{meaning}` is no meaning here", f"write one of {', '.join(allowed)}")
        return {word.strip().upper(): _text(meaning) for word, meaning in value.items()}

    return read


_READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "name": _text,
    "sending_application": _text,
    "sending_facility": _text,
    "ae_title": _text,
    "institution": _text,
    "accession_from": _fields,
    "accession_issuer": _text,
    "patient_authority": _text,
    "site": _text,
    "site_from": _site_fields,
    "zone": _zone,
    "charset": _charset,
    "priority_words": _words(REQUESTED_PRIORITIES),
    "report_status_words": _words(status.value for status in ReportStatus if status is not ReportStatus.UNKNOWN),
    "patient_classes": _words(PATIENT_CLASSES),
    "order_control_words": _words(control.value for control in OrderControl),
    "order_status_words": _words(ORDER_STATUSES),
    "placeholder_texts": _folded_texts,
    "referrer_placeholders": _folded_texts,
    "referrer_specialties": _words(None),
    "final_ends_one_read": _yes_no,
}

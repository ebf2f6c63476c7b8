"""The shipped code tables and synonyms: what the words and codes of feeds mean in our canonical vocabulary.

The tables are CSV files beside this module, read when first asked for. A site replaces a table by a file of the same
name in a folder of its own (`load_vocabulary`); nothing in here is changed at run time. Words are compared without
regard to case, padding and repeated blanks. A word that a table does not hold is never guessed at: the answer is None,
except for `body_part`, which keeps the word as it stands in capitals so that a site can map it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from attrs import field, frozen

from routing.errors import UnreadableInput
from routing.vocabulary.snomed import sct_code_of

# name of the table: the column that is looked up; the other columns are what is known of it
TABLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "modalities": "code",
        "body_parts": "word",
        "anatomic_regions": "code",
        "patient_classes": "word",
        "requested_priorities": "word",
        "contrast": "word",
        "lateralities": "word",
        "sexes": "word",
    }
)
_RETIRED_SNOMED: Final = frozenset({"SRT", "SNM3", "99SDM"})
_JOINTS: Final = re.compile(r"[\s_\-/,.&+]+")

Row = Mapping[str, str]


@frozen(kw_only=True, eq=False)  # by identity: what a word means in it is remembered
class Vocabulary:
    """A set of code tables. `folder` holds a site's CSV files; a table without a file there is the shipped one."""

    folder: Path | None = None
    _tables: dict[str, Mapping[str, Row]] = field(factory=dict, init=False, eq=False, repr=False)

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel to another process as the folder's name, and be the shipped one there if it has none."""
        return (shipped_vocabulary, ()) if self.folder is None else (load_vocabulary, (self.folder,))

    def modality_parts(self, codes: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the image classes and the companions among *codes*, in order and once each; PT with CT adds PETCT.

        A code that no table holds counts as an image class: what is unknown is shown to a reader, not hidden.
        """
        images: dict[str, None] = {}
        companions: dict[str, None] = {}
        for code in codes:
            if word := _fold(code):
                (companions if self.is_companion(word) else images)[word] = None
        if "PT" in images and "CT" in images:
            images["PETCT"] = None
        return tuple(images), tuple(companions)

    def is_companion(self, code: str) -> bool:
        """Whether a modality rides along with images (SR, KO, PR, SEG, REG, DOC …) and is never the study's own."""
        row = self._table("modalities").get(_fold(code))
        return row is not None and row["kind"] == "companion"

    def knows_modality(self, code: str) -> bool:
        """Whether *code* is in the table of modalities, image classes and companions alike."""
        return _fold(code) in self._table("modalities")

    def modality_family(self, code: str) -> str | None:
        """Return the family of a modality (`XR` for CR, DX, RF …), None when it has none."""
        row = self._table("modalities").get(_fold(code))
        return (row["family"] or None) if row else None

    def body_part(self, word: str) -> str:
        """Return the DICOM defined term that *word* means, else the word itself in capitals. Blank gives ``""``."""
        known = self._body_words.get(_JOINTS.sub("", _fold(word)))
        return known or _fold(word)

    def known_body_part(self, word: str) -> str | None:
        """Return the DICOM defined term that *word* means, None when the table does not hold it."""
        return self._body_words.get(_JOINTS.sub("", _fold(word)))

    def anatomic_region(self, code: str, scheme: str | None = None, meaning: str = "") -> str | None:
        """Return the defined term for a region's code, by its SNOMED code (SCT or the retired SRT), else its meaning.

        None when neither says anything. *scheme* is the coding scheme designator; None means that it was not said.
        """
        regions = self._table("anatomic_regions")
        key = _fold(code)
        row = regions.get(key)
        if row is None and key and (scheme or "SRT").strip().upper() in _RETIRED_SNOMED:
            row = regions.get(sct_code_of(key) or "")
        if row is not None:
            return row["term"]
        return self.body_part(meaning) or None

    def patient_class(self, word: str) -> str | None:
        """Return the patient class (`emergency` …) for a code (E I O P R B) or word; None when nobody mapped it."""
        return self._one("patient_classes", word, "class")

    def priority(self, word: str) -> str | None:
        """Return STAT, HIGH, MEDIUM or ROUTINE for a DICOM word or a code of HL7 table 0485; None when unmapped."""
        return self._one("requested_priorities", word, "priority")

    def sex(self, word: str) -> str | None:
        """Return F, M or O; None for *unknown* (U) as for a word that nobody mapped."""
        return self._one("sexes", word, "sex")

    def knows_sex(self, word: str) -> bool:
        """Whether *word* is in the table of sexes, be it as *unknown*."""
        return _fold(word) in self._table("sexes")

    def contrast(self, word: str) -> str | None:
        """Return given, none or both for a word that says so; None for any other, such as the name of an agent."""
        return self._one("contrast", word, "contrast")

    def agent_contrast(self, agent: str) -> str | None:
        """Return what the text of a contrast agent's field says: given for any agent, none only when that is said."""
        if not _fold(agent):
            return None
        row = self._table("contrast").get(_fold(agent))
        return "given" if row is None else row["contrast"] or None

    def laterality(self, word: str) -> str | None:
        """Return R, L or B for a side in any spelling (OD, OS, OU, SNOMED codes too); None for unpaired and unknown."""
        return self._one("lateralities", word, "side")

    def knows_laterality(self, word: str) -> bool:
        """Whether *word* is in the table of sides, be it as *unpaired*."""
        return _fold(word) in self._table("lateralities")

    def _one(self, table: str, word: str, column: str) -> str | None:
        row = self._table(table).get(_fold(word))
        return (row[column] or None) if row else None

    def _table(self, name: str) -> Mapping[str, Row]:
        table = self._tables.get(name)
        if table is None:
            table = self._tables[name] = self._read(name)
        return table

    def _read(self, name: str) -> Mapping[str, Row]:
        own = self.folder / f"{name}.csv" if self.folder else None
        if own is not None and own.is_file():
            try:
                return _rows(own.read_text(encoding="utf-8-sig"), name)
            except (OSError, UnicodeDecodeError, csv.Error) as wrong:
                raise UnreadableInput("vocabulary", f"`{name}.csv` cannot be read as a table in UTF-8") from wrong
        return _rows(files("routing").joinpath("vocabulary", f"{name}.csv").read_text(encoding="utf-8"), name)

    @cached_property
    def _body_words(self) -> Mapping[str, str]:
        return {_JOINTS.sub("", word): row["term"] for word, row in self._table("body_parts").items()}


@cache
def shipped_vocabulary() -> Vocabulary:
    """Return the vocabulary that comes with the package; the same object each time."""
    return Vocabulary()


def load_vocabulary(folder: Path) -> Vocabulary:
    """Return a vocabulary in which the CSV files of *folder* take the place of the shipped tables of the same name.

    All of them are read now.

    Raises:
        UnreadableInput: there is no such folder, or a file in it is no table of ours, no text, or lacks a column that
            the table needs; it is named.

    """
    if not folder.is_dir():
        raise UnreadableInput("vocabulary", f"there is no folder `{folder}`")
    names = sorted(path.stem for path in folder.glob("*.csv"))
    for name in names:
        if name not in TABLES:
            raise UnreadableInput("vocabulary", f"`{name}.csv` is no table: there are {', '.join(TABLES)}")
    if not names:
        raise UnreadableInput("vocabulary", f"no table in the folder: there are {', '.join(TABLES)}")
    vocabulary = Vocabulary(folder=folder)
    for name in TABLES:
        vocabulary._table(name)  # noqa: SLF001 - a site's fault has to show here, not in the middle of a feed
    return vocabulary


def modality_parts(codes: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return `Vocabulary.modality_parts` of the shipped tables."""
    return shipped_vocabulary().modality_parts(codes)


def body_part(word: str) -> str:
    """Return `Vocabulary.body_part` of the shipped tables."""
    return shipped_vocabulary().body_part(word)


def patient_class(word: str) -> str | None:
    """Return `Vocabulary.patient_class` of the shipped tables."""
    return shipped_vocabulary().patient_class(word)


def priority(word: str) -> str | None:
    """Return `Vocabulary.priority` of the shipped tables."""
    return shipped_vocabulary().priority(word)


def sex(word: str) -> str | None:
    """Return `Vocabulary.sex` of the shipped tables."""
    return shipped_vocabulary().sex(word)


def contrast(word: str) -> str | None:
    """Return `Vocabulary.contrast` of the shipped tables."""
    return shipped_vocabulary().contrast(word)


def laterality(word: str) -> str | None:
    """Return `Vocabulary.laterality` of the shipped tables."""
    return shipped_vocabulary().laterality(word)


def _fold(word: str) -> str:
    return " ".join(word.replace("\0", " ").split()).upper()


def _rows(text: str, name: str) -> Mapping[str, Row]:
    key = TABLES[name]
    reader = csv.DictReader(text.splitlines())
    needed = {key, *_COLUMNS[name]}
    missing = needed - set(reader.fieldnames or ())
    if missing:
        raise UnreadableInput("vocabulary", f"`{name}.csv` lacks the column `{min(missing)}`")
    rows: dict[str, Row] = {}
    for row in reader:
        if word := _fold(row[key] or ""):
            rows.setdefault(word, {column: (row[column] or "").strip() for column in needed})
    return MappingProxyType(rows)


_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "modalities": ("kind", "family"),
    "body_parts": ("term",),
    "anatomic_regions": ("term",),
    "patient_classes": ("class",),
    "requested_priorities": ("priority",),
    "contrast": ("contrast",),
    "lateralities": ("side",),
    "sexes": ("sex",),
}

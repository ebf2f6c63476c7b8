"""The header of one DICOM object, asked by keyword: texts in their character set, codes, sequences. Nothing raises.

A value is read for what its attribute is by the dictionary, whatever VR it was written with. Padding (NUL, blanks) is
no part of a value. What was doubtful is told as problems, which name the attribute and never hold its value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from routing.decision import Problem
from routing.sources.dicom_charsets import DEFAULT, Charset, charset_of, decode
from routing.sources.dicom_elements import Kept, items_in

_CHARSET_TAG: Final = 0x00080005
_CHARSET_VRS: Final = frozenset({"LO", "LT", "PN", "SH", "ST", "UC", "UT", "CS"})
_BINARY_VRS: Final = frozenset(b"AT FD FL OB OD OF OL OV OW SL SS SV UL US UV".split())
_PADDING: Final = "\0 \t\r\n\f"


class Attribute(NamedTuple):
    """An entry of the DICOM dictionary: tag, VR, and whether there may be several values."""

    tag: int
    vr: str
    is_multiple: bool


@lru_cache(maxsize=512)
def dictionary(keyword: str) -> Attribute | None:
    """Return the dictionary's entry for a DICOM keyword, None when there is none."""
    from pydicom.datadict import dictionary_VM, dictionary_VR, tag_for_keyword  # noqa: PLC0415 - only with DICOM

    tag = tag_for_keyword(keyword)
    if tag is None:
        return None
    return Attribute(tag=int(tag), vr=dictionary_VR(tag).partition(" ")[0], is_multiple=dictionary_VM(tag) != "1")


@lru_cache(maxsize=64)
def _tags(keywords: tuple[str, ...]) -> frozenset[int]:
    return frozenset(entry.tag for keyword in keywords if (entry := dictionary(keyword)) is not None)


class Header:
    """The elements of a dataset or of a sequence's item. `problems` is shared by a dataset and all inside it."""

    __slots__ = ("_charset", "_elements", "problems")

    def __init__(
        self, elements: Mapping[int, Kept], problems: list[Problem] | None = None, charset: Charset = DEFAULT
    ) -> None:
        self._elements = elements
        self.problems: list[Problem] = [] if problems is None else problems
        self._charset = self._own_charset() or charset

    def __contains__(self, keyword: str) -> bool:
        entry = dictionary(keyword)
        return entry is not None and entry.tag in self._elements

    def __len__(self) -> int:
        return len(self._elements)

    def lacks(self, keywords: tuple[str, ...]) -> bool:
        """Return whether none of these elements is there: mostly, and then nothing of them has to be asked."""
        return self._elements.keys().isdisjoint(_tags(keywords))

    def text(self, keyword: str) -> str | None:
        """Return the value as one text, ``""`` when it is empty, None when it is absent.

        A backslash in an attribute of one value is text that was meant, and a doubt.
        """
        entry = dictionary(keyword)
        kept = self._elements.get(entry.tag) if entry else None
        if kept is None or entry is None:
            return None
        text = self._decoded(keyword, entry, kept)
        if "\\" in text and not entry.is_multiple and entry.vr not in {"LT", "ST", "UT"}:
            self.doubt("backslash", keyword, "a backslash in a value that stands alone: kept as one text")
        return text

    def words(self, keyword: str) -> tuple[str, ...]:
        """Return the values, divided at backslashes, without the empty ones."""
        entry = dictionary(keyword)
        kept = self._elements.get(entry.tag) if entry else None
        if kept is None or entry is None or not (text := self._decoded(keyword, entry, kept)):
            return ()
        if "\\" not in text:
            return (text,)
        return tuple(word for part in text.split("\\") if (word := part.strip(_PADDING)))

    def parts(self, keyword: str) -> tuple[str, ...]:
        """Return the texts of an attribute: its one text, or each value where there may be several; no empty ones."""
        entry = dictionary(keyword)
        if entry is not None and entry.is_multiple:
            return self.words(keyword)
        text = self.text(keyword)
        return (text,) if text else ()

    def items(self, keyword: str) -> tuple[Header, ...]:
        """Return the items of a sequence that hold anything; an empty or absent sequence has none."""
        entry = dictionary(keyword)
        kept = self._elements.get(entry.tag) if entry else None
        if kept is None:
            return ()
        found = (Header(item, self.problems, self._charset) for item in items_in(kept.value, kept.form))
        return tuple(item for item in found if len(item))

    def path(self, path: str) -> tuple[str, ...]:
        """Return the values at a path of keywords, `RequestAttributesSequence.AccessionNumber`, of all items."""
        keyword, _, rest = path.partition(".")
        if not rest:
            return self.words(keyword)
        return tuple(word for item in self.items(keyword) for word in item.path(rest))

    def doubt(self, kind: str, keyword: str, message: str) -> None:
        """Note a doubt, each once."""
        problem = Problem(kind=kind, source=keyword, message=message)
        if problem not in self.problems:
            self.problems.append(problem)

    def walk(self, *keywords: str) -> Iterator[Header]:
        """Yield the items at the end of a chain of sequences."""
        if not keywords:
            yield self
            return
        for item in self.items(keywords[0]):
            yield from item.walk(*keywords[1:])

    def _decoded(self, keyword: str, entry: Attribute, kept: Kept) -> str:
        data = kept.value.strip(b"\0 ")
        if data.isalnum():
            return data.decode("ascii")
        if kept.vr in _BINARY_VRS and not data.isascii():
            self.doubt("vr", keyword, "the value is binary where text belongs")
            return ""
        charset = self._charset if entry.vr in _CHARSET_VRS else DEFAULT
        text, fits = decode(data, charset, is_name=entry.vr == "PN")
        if not fits:
            self.doubt("charset", keyword, "the bytes do not fit the character set that is named")
        return text.replace("\0", "").strip(_PADDING)

    def _own_charset(self) -> Charset | None:
        kept = self._elements.get(_CHARSET_TAG)
        if kept is None:
            return None
        terms = tuple(term.strip("\0 ") for term in kept.value.decode("latin-1").split("\\"))
        charset = charset_of(terms)
        if charset.flaw:
            self.doubt("charset", "SpecificCharacterSet", "the term is not one of the standard's")
        return charset

"""The codes that DICOM defines for modalities and body parts: which codes can never match, and what was meant.

A bare code that can never match is pointed out; a quoted one is taken as the writer's own. Body parts are open: one
that is not defined is pointed out only when it is a slip or a synonym of one that is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from csv import DictReader
from functools import cache
from importlib.resources import files
from typing import Final

from routing.suggest import distance
from routing.vocabulary import shipped_vocabulary

Ask = Callable[[str, Iterable[str]], str]
_IMAGE: Final = "image"
_QUOTE: Final = 'a code of your own stands in quotes: "{}"'
# Retired by the standard (PS3.3 C.7.3.1.1.1), and still in archives.
_RETIRED: Final = (
    "AS",
    "CD",
    "CF",
    "CP",
    "CS",
    "DD",
    "DF",
    "DM",
    "DS",
    "EC",
    "FA",
    "FS",
    "LP",
    "MA",
    "MS",
    "OPR",
    "ST",
    "VF",
)
_USUAL: Final = {
    "XR": ("CR", "DX"),
    "MRI": ("MR",),
    "PET": ("PT",),
    "MAMMO": ("MG",),
    "XRAY": ("CR", "DX"),
    "ECHO": ("US",),
}


def remedy(attribute: str, code: str, did_you_mean: Ask) -> str | None:
    """Return the help for a bare code that the attribute never holds, or None when the code is good.

    *did_you_mean* asks for the closest of some codes, and returns an empty text when none is close.
    """
    match attribute:
        case "modality" | "companions":
            return _modality_remedy(attribute, code, did_you_mean)
        case "body_part":
            return _body_part_remedy(code)
        case _:
            return None


def _modality_remedy(attribute: str, code: str, did_you_mean: Ask) -> str | None:
    kinds = _modalities()
    is_image = kinds.get(code) == _IMAGE
    if code in kinds:
        if is_image == (attribute == "modality"):
            return None
        other = "modality" if is_image else "companions"
        return f"`{code}` is in `{other}`: write `{other} includes {code}`"
    if code in _USUAL and attribute == "modality":
        return "did you mean " + " or ".join(f"`{each}`" for each in _USUAL[code]) + "?"
    fitting = [each for each, kind in kinds.items() if (kind == _IMAGE) == (attribute == "modality")]
    return did_you_mean(code, fitting) or _QUOTE.format(code)


def _body_part_remedy(code: str) -> str | None:
    terms = _body_parts()
    if code in terms:
        return None
    meant = shipped_vocabulary().known_body_part(code)
    if meant is not None:
        return f"did you mean `{meant}`? sources put it for `{code}`"
    near = _one_slip_away(code) if len(code) > len("EAR") else None
    return f"did you mean `{near}`? {_QUOTE.format(code)}" if near else None


def _one_slip_away(code: str) -> str | None:
    """Return the body part that one slip turns into *code*, found by the letters that both lack one of."""
    shortened = _shortened_body_parts()
    for each in (code, *_shortened(code)):
        for term in shortened.get(each, ()):
            if distance(code, term, 1) == 1:
                return term
    return None


def _shortened(word: str) -> list[str]:
    return [word[:place] + word[place + 1 :] for place in range(len(word))]


@cache
def _shortened_body_parts() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for term in sorted(_body_parts()):
        for each in dict.fromkeys((term, *_shortened(term))):
            found[each] = (*found.get(each, ()), term)
    return found


@cache
def _modalities() -> Mapping[str, str]:
    shipped = {row["code"]: row["kind"] for row in _rows("modalities.csv")}
    return dict.fromkeys(_RETIRED, _IMAGE) | shipped | {"PETCT": _IMAGE}


@cache
def _body_parts() -> frozenset[str]:
    return frozenset(row["term"] for row in _rows("body_parts.csv"))


def _rows(name: str) -> list[dict[str, str]]:
    text = files("routing").joinpath("vocabulary", name).read_text(encoding="utf-8")
    return list(DictReader(text.splitlines()))

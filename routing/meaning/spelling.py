"""The operators that ask how a code, or a field of a text, is spelt: `starts with`.

Each is a line of the grammar (`… -> spelt`) and an entry here; parsing, checking, printing, deciding and proving go by
the entry. docs/explanation/adding-an-operator.md adds one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from attrs import frozen

from routing.attributes import Type


@frozen(kw_only=True)
class Spelling:
    """What an operator of this kind means.

    `holds` says whether a code or field is spelt as any of the texts that were asked for, and is False for none of
    them; texts come folded, codes as they are. `types` are those of what may be asked. `fitting` returns something
    that is spelt so, for the studies that proofs make up; it is None where the text itself is, and whatever goes on
    from there.
    """

    holds: Callable[[str, tuple[str, ...]], bool]
    types: tuple[Type, ...] = (Type.CODE, Type.CODES, Type.TEXT)
    fitting: Callable[[str], str] | None = None


SPELLINGS: Final[Mapping[str, Spelling]] = MappingProxyType(
    {
        "starts with": Spelling(holds=str.startswith),
    }
)

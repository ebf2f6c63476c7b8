"""The tree as a Mermaid flowchart."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Final

from routing.draw.tree import Branch, Leaf, Mark, Picture
from routing.wording import counted

_CLASSES: Final = {Mark.TRUE: "holds", Mark.FALSE: "fails", Mark.UNKNOWN: "unknown", Mark.WINS: "wins"}
_STYLES: Final = (
    "classDef holds stroke:#1a7f37,stroke-width:2px",
    "classDef fails stroke:#c4c9cf,color:#8a9199",
    "classDef unknown stroke:#b7791f,stroke-dasharray:4 3",
    "classDef wins fill:#dff5e3,stroke:#1a7f37,stroke-width:3px",
)


def as_mermaid(drawn: Picture) -> str:
    """Return the tree as a flowchart from left to right."""
    return "\n".join(["flowchart LR", *(f"  {line}" for line in _lines(drawn))]) + "\n"


def _lines(drawn: Picture) -> Iterator[str]:
    numbers = count(1)
    yield f'root(["{_safe(drawn.name)}"])'
    for one in (*drawn.inside, drawn.otherwise):
        yield from _drawn(one, "root", numbers)
    if drawn.decision is not None:
        yield from _STYLES


def _drawn(one: Branch | Leaf, above: str, numbers: count[int]) -> Iterator[str]:
    name = f"n{next(numbers)}"
    style = f":::{_CLASSES[one.mark]}" if one.mark in _CLASSES else ""
    arrow = "==>" if one.mark in (Mark.TRUE, Mark.WINS) else "-->"
    if isinstance(one, Leaf):
        title = f"{one.number}. {one.name}" if one.number else one.name
        rest = [f"when {' and '.join(one.asks)}"] if one.asks else []
        gives = " · ".join([f"→ {one.worklist}"] * bool(one.worklist) + list(one.gives))
        yield f'{above} {arrow} {name}["{"<br>".join(map(_safe, [title, *rest, gives]))}"]{style}'
        return
    said = [one.asks]
    if one.folded:
        said.append(
            f"… {counted(one.count, 'rule')}: " + ", ".join(f"{worklist} {many}" for worklist, many in one.folded[:6])
        )
    yield f'{above} {arrow} {name}("{"<br>".join(map(_safe, said))}"){style}'
    for each in one.inside:
        yield from _drawn(each, name, numbers)


def _safe(text: str) -> str:
    """Return text that neither Mermaid nor HTML takes for its own."""
    kept = (sign if sign not in '"<>&#;`' else f"#{ord(sign)};" for sign in text)
    return "".join(kept)

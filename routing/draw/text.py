"""The tree as text."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

from routing.draw.tree import Branch, Leaf, Mark, Picture
from routing.wording import counted

_WIDTH = 118
_SIGNS = {Mark.NONE: "", Mark.TRUE: "✓ ", Mark.FALSE: "✗ ", Mark.UNKNOWN: "? ", Mark.WINS: "► "}


def as_text(drawn: Picture) -> str:
    """Return the tree with lines; `✓`, `✗`, `?` and `►` (it named the list) where it is about a procedure."""
    return "\n".join(_lines(drawn)) + "\n"


def _lines(drawn: Picture) -> Iterator[str]:
    yield f"{drawn.name}: {counted(drawn.count, 'rule')}; the first that applies names the list"
    if drawn.decision is not None:
        by = f"rule `{drawn.decision.route_rule}`" if drawn.decision.route_rule else drawn.decision.outcome.value
        yield f"this procedure: {drawn.decision.worklist}, by {by}"
    inside = [*drawn.inside, drawn.otherwise]
    for place, one in enumerate(inside):
        yield from _drawn(one, "", last=place == len(inside) - 1)
    if drawn.defines:
        yield ""
        yield "where"
        for name, said in drawn.defines:
            yield from wrap(f"{name} is {said}", _WIDTH, initial_indent="  ", subsequent_indent="      ")


def _drawn(one: Branch | Leaf, before: str, *, last: bool) -> Iterator[str]:
    stem, below = ("└─ ", "   ") if last else ("├─ ", "│  ")
    yield from _row(_title(one), before + stem, before + below)
    if isinstance(one, Leaf):
        if one.asks:
            yield from _row(f"when {' and '.join(one.asks)}", f"{before}{below}     ", f"{before}{below}       ")
        return
    if one.folded:
        said = ", ".join(f"{worklist} {count}" for worklist, count in one.folded[:6])
        more = ", …" if len(one.folded) > 6 else ""  # noqa: PLR2004 - as many as fit a line
        yield from _row(f"… {counted(one.count, 'rule')}: {said}{more}", f"{before}{below}└─ ", f"{before}{below}   ")
    for place, each in enumerate(one.inside):
        yield from _drawn(each, before + below, last=place == len(one.inside) - 1)


def _row(text: str, first: str, others: str) -> list[str]:
    return wrap(text, _WIDTH, initial_indent=first, subsequent_indent=f"{others}  ", drop_whitespace=True) or [first]


def _title(one: Branch | Leaf) -> str:
    sign = _SIGNS[one.mark]
    if isinstance(one, Branch):
        return f"{sign}{one.asks}"
    number = f"{one.number}. " if one.number else ""
    goes = f" → {one.worklist}" if one.worklist else ""
    gives = f" · {' · '.join(one.gives)}" if one.gives else ""
    return f"{sign}{number}{one.name}{goes}{gives}"

"""The tree as SVG, from left to right: what rules ask in round boxes, rules in cards with the colour of their list."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final

from attrs import define, field

from routing.draw.tree import Branch, Leaf, Mark, Picture
from routing.wording import counted

_LINE, _GAP, _COLUMN_GAP, _PAD, _MARGIN = 15, 8, 34, 8, 16
_ASKS, _CARD = 190, 330  # the width of boxes
_SIZE: Final = 12
_NARROW: Final = frozenset("iljtfrI.,:;'|()[]! ")
_WIDE: Final = frozenset("mwMW@%…—")
_HUES: Final = (210, 20, 130, 280, 45, 175, 330, 90, 245, 0, 155, 300)
_STROKES: Final = {
    Mark.NONE: ("#8a97a6", "1", ""),
    Mark.TRUE: ("#1a7f37", "2", ""),
    Mark.FALSE: ("#cfd5db", "1", ""),
    Mark.UNKNOWN: ("#b7791f", "1.5", "4 3"),
    Mark.WINS: ("#1a7f37", "3", ""),
}


_KEY: Final = "Green holds, and wins where it is thick; dashed is unknown; pale does not hold."
_LOUDNESS: Final = {Mark.NONE: 0, Mark.FALSE: 1, Mark.UNKNOWN: 2, Mark.TRUE: 3, Mark.WINS: 4}


@define(eq=False)
class _Box:
    lines: list[tuple[str, str]]  # text and style
    width: int
    depth: int
    mark: Mark
    hue: int | None = None
    inside: list[_Box] = field(factory=list)
    x: float = 0
    y: float = 0

    @property
    def height(self) -> int:
        return len(self.lines) * _LINE + 2 * _PAD - 3


def as_svg(drawn: Picture) -> str:
    """Return the tree as one SVG document that needs nothing else."""
    hues: dict[str, int] = {}
    title = [(line, "b") for line in _wrapped(drawn.name, _ASKS, bold=True)]
    root = _Box([*title, (f"{counted(drawn.count, 'rule')}, first match", "s")], _ASKS, 0, Mark.NONE)
    root.inside = [_box(one, 1, hues) for one in (*drawn.inside, drawn.otherwise)]
    height = _place(root, _MARGIN)
    boxes = list(_all(root))
    width = max(box.x + box.width for box in boxes) + _MARGIN
    legend = list(_legend(drawn, width, height + 10))
    height += len(legend) * _LINE + (26 if legend else 0)
    shapes = [*_edges(root), *(line for box in boxes for line in _shape(box)), *legend]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" font-family="Helvetica, Arial, sans-serif" font-size="{_SIZE}">\n'
        f"<title>{escape(drawn.name)}</title>\n"
        '<rect width="100%" height="100%" fill="#ffffff"/>\n' + "\n".join(shapes) + "\n</svg>\n"
    )


def _box(one: Branch | Leaf, depth: int, hues: dict[str, int]) -> _Box:
    if isinstance(one, Branch):
        lines = [(line, "") for line in _wrapped(one.asks, _ASKS)]
        if one.folded:
            said = ", ".join(f"{worklist} {count}" for worklist, count in one.folded[:5])
            lines += [(line, "s") for line in _wrapped(f"… {counted(one.count, 'rule')}: {said}", _ASKS)]
        box = _Box(lines, _ASKS, depth, one.mark)
        box.inside = [_box(each, depth + 1, hues) for each in one.inside]
        return box
    title = f"{one.number}. {one.name}" if one.number else one.name
    lines = [(line, "b") for line in _wrapped(title, _CARD, bold=True)]
    if one.asks:
        lines += [(line, "s") for line in _wrapped(f"when {' and '.join(one.asks)}", _CARD)]
    gives = " · ".join([f"→ {one.worklist}"] * bool(one.worklist) + list(one.gives))
    lines += [(line, "") for line in _wrapped(gives, _CARD)]
    hue = hues.setdefault(one.worklist, _HUES[len(hues) % len(_HUES)]) if one.worklist else None
    return _Box(lines, _CARD, depth, one.mark, hue)


def _place(box: _Box, top: float) -> float:
    """Put a box at *top*, and what it holds beside it from there down; return where the next may begin."""
    box.x, box.y = _MARGIN + box.depth * (_ASKS + _COLUMN_GAP), top
    bottom = top
    for each in box.inside:
        bottom = _place(each, bottom)
    return max(bottom, top + box.height + _GAP)


def _all(box: _Box) -> Iterator[_Box]:
    yield box
    for each in box.inside:
        yield from _all(each)


def _edges(box: _Box) -> Iterator[str]:
    """Yield a trunk beside the box with a stub to each that it holds; what holds is drawn last, over the rest."""
    trunk = box.x + box.width + _COLUMN_GAP / 2
    for each in sorted(box.inside, key=lambda one: _LOUDNESS[one.mark]):
        colour, width, dashes = _STROKES[each.mark]
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        turns = f"M{box.x + box.width} {_hook(box):.1f} H{trunk:.1f} V{_hook(each):.1f} H{each.x:.1f}"
        yield f'<path d="{turns}" fill="none" stroke="{colour}" stroke-width="{width}"{dashed}/>'
    for each in box.inside:
        yield from _edges(each)


def _hook(box: _Box) -> float:
    """Return how far down edges meet a box: at its first line."""
    return box.y + _PAD + 5


def _shape(box: _Box) -> Iterator[str]:
    colour, width, dashes = _STROKES[box.mark]
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    fill = "#eef7f0" if box.mark is Mark.WINS else "#ffffff" if box.hue is None else f"hsl({box.hue},60%,97%)"
    radius = 4 if box.width == _CARD else 12
    yield (
        f'<rect x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width}" height="{box.height}" rx="{radius}" '
        f'fill="{fill}" stroke="{colour}" stroke-width="{width}"{dashed}/>'
    )
    if box.hue is not None:
        yield (
            f'<rect x="{box.x:.1f}" y="{box.y:.1f}" width="5" height="{box.height}" rx="2" '
            f'fill="hsl({box.hue},55%,50%)"/>'
        )
    for place, (text, style) in enumerate(box.lines):
        y = box.y + _PAD + 9 + place * _LINE
        ink = "#98a1ab" if box.mark is Mark.FALSE else "#5b6672" if style == "s" else "#1c2733"
        weight = ' font-weight="bold"' if style == "b" else ""
        yield f'<text x="{box.x + 11:.1f}" y="{y:.1f}" fill="{ink}"{weight}>{escape(text)}</text>'


def _legend(drawn: Picture, width: float, top: float) -> Iterator[str]:
    lines = [] if drawn.decision is None else [_KEY]
    lines += [line for name, said in drawn.defines for line in _wrapped(f"{name} is {said}", int(width) - 40)]
    for place, line in enumerate(lines):
        y = top + 14 + place * _LINE
        yield f'<text x="{_MARGIN}" y="{y:.1f}" fill="#5b6672">{escape(line)}</text>'


def _wrapped(text: str, width: int, *, bold: bool = False) -> list[str]:
    """Return the lines that fit into a box; a word that does not is broken."""
    room = (width - 22) * (0.88 if bold else 1)
    lines: list[str] = [""]
    for word in text.split():
        rest = word
        while _wide(rest) > room:
            cut = next(size for size in range(len(rest) - 1, 0, -1) if _wide(rest[:size]) <= room)
            lines.append(rest[:cut])
            rest = rest[cut:]
        joined = f"{lines[-1]} {rest}".strip()
        if _wide(joined) <= room:
            lines[-1] = joined
        else:
            lines.append(rest)
    return [line for line in lines if line] or [""]


def _wide(text: str) -> float:
    """Return about how wide a text is drawn, in DejaVu Sans, the widest of the faces that stand in for Helvetica."""
    return sum(4.3 if sign in _NARROW else 11.8 if sign in _WIDE else 8.8 if sign.isupper() else 7.5 for sign in text)

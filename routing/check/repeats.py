"""Effects that one rule gives twice: the second either never counts, or says something else than the first."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final

from routing import syntax
from routing.check.names import Findings
from routing.diagnostics import Related

_ONCE: Final = (
    (syntax.RouteTo, "route"),
    (syntax.SetPriority, "priority"),
    (syntax.RaisePriority, "raise priority"),
    (syntax.ReadBy, "read by"),
    (syntax.Hold, "hold"),
    (syntax.OfferPrevious | syntax.OfferLeastLoaded | syntax.OfferNamed, "offer"),
    (syntax.ReadTogether, "read together"),
    (syntax.Split, "split"),
    (syntax.NoReport, "closure"),
    (syntax.MoveTo, "move"),
    (syntax.DecideAgain, "decide again"),
)


def find_repeats(nodes: tuple[syntax.Effect, ...], findings: Findings) -> None:
    """Add `repeated-effect` for each effect whose like stands before it in the same rule."""
    first: dict[Hashable, syntax.Effect] = {}
    for node in nodes:
        for key, word in _keys(node):
            earlier = first.setdefault(key, node)
            if earlier is not node:
                related = [Related(span=earlier.span, message="the first stands here")]
                help_ = "keep one of them; where both shall count, write two rules"
                findings.add("repeated-effect", node.span, f"the {word} is given twice", help_, related)
                break


def _keys(node: syntax.Effect) -> list[tuple[Hashable, str]]:  # noqa: PLR0911 - one line for each kind
    for kinds, word in _ONCE:
        if isinstance(node, kinds):
            return [(word, word)]
    match node:
        case syntax.DueWithin():
            # Working days and other lengths may stand together: which is earlier depends on the day.
            working = node.within.unit is syntax.Unit.WORKING_DAYS
            known = isinstance(node.within.amount, syntax.Number)
            place = (node.counting, node.start, working) if known else node
            return [(("due", node.preliminary, place), "due")]
        case syntax.DueByTime() | syntax.DueByInstant():
            return [(("due by", node), "due")]
        case syntax.Tag():
            return [(("tag", tag.text), f"tag `{tag}`") for tag in node.tags]
        case syntax.Notify():
            return [(("notify", channel.text), f"notice to `{channel}`") for channel in node.channels]
        case syntax.AlsoRead():
            return [(("also", node.worklist), f"further read by `{node.worklist}`")]
        case _:
            return [(("same", node), "effect")]

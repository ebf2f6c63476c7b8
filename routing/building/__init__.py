"""From what the grammar recognises to the syntax tree: one function for each rule of `grammar/rules.lark`, of its name.

The parser calls them from the inside out with everything that was matched, keywords included, so that each node knows
the span from its first to its last word.
"""

from __future__ import annotations

from routing.building.conditions import Conditions
from routing.building.declarations import Declarations
from routing.building.effects import Effects
from routing.building.statements import Statements

__all__ = ["Builder"]


class Builder(Declarations, Statements, Effects, Conditions):
    """The functions that the parser calls; one instance serves all files."""

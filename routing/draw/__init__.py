"""The picture of a rulebook: its rules as a tree that a person can read, as text, Mermaid or SVG.

Every rule stands in it once. Rules that ask the same stand together under what they ask, by the attributes that divide
them best; numbers say which comes first in the file, for the first that applies names the list. A large rulebook is
folded to some two hundred nodes. For one procedure the tree shows what is true of it and which rule won.
"""

from __future__ import annotations

from routing.draw.mermaid import as_mermaid
from routing.draw.svg import as_svg
from routing.draw.text import as_text
from routing.draw.tree import MOST_NODES, Branch, Leaf, Mark, Picture, picture

__all__ = ["MOST_NODES", "Branch", "Leaf", "Mark", "Picture", "as_mermaid", "as_svg", "as_text", "picture"]

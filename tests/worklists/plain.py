"""The rulebook that tests of the living half work by where the rules themselves do not matter."""

from __future__ import annotations

from functools import cache
from typing import Final

from routing.rulebook import Rulebook

TEXT: Final = """
rulebook "Plain"
language 1
timezone UTC
clock exam_end, else arrival
priorities stat, urgent, soon, routine
skills pacs_team, breast

worklist ct        "CT"            for everyone
worklist mr        "MR"            for everyone
worklist breast    "Breast"        for readers with breast
worklist general   "General"       for everyone
worklist attention "Needs a human" for readers with pacs_team
exceptions route to attention priority urgent due within 1 hour

rule "CT" when modality includes CT route to ct
rule "MR" when modality includes MR route to mr
rule "Breast" when modality includes MG route to breast
rule "As urgent as asked" when priority_requested is known priority priority_requested
rule "Within days" always due within 5 days

otherwise
  route to general
  priority routine
  due within 5 days
"""


@cache
def plain_rulebook() -> Rulebook:
    """Return a rulebook that holds nothing back and whose dues are days."""
    return Rulebook.loads(TEXT)

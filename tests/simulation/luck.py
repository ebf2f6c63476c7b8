"""How often things go wrong in a simulated department, as usual and on purpose."""

from __future__ import annotations

from typing import Final

from attrs import frozen


@frozen(kw_only=True)
class Luck:
    """Shares, each from 0 to 1: of readings, of procedures with images, or of messages."""

    # of readings; what is left over is reported here
    crashes: float = 0.005
    releases: float = 0.01
    passes: float = 0.01
    drafts: float = 0.025
    outside: float = 0.25  # dictated into another system

    # of reports from outside
    corrected: float = 0.0
    withdrawn: float = 0.0
    doubles: float = 0.0  # of mammograms that would be dictated into another system: the rest is read here

    # of procedures
    cancelled: float = 0.003  # though images are here
    moved: float = 0.02
    late_images: float = 0.01
    merged: float = 0.001

    # of messages
    held_up: float = 0.02
    repeated: float = 0.05


USUAL: Final = Luck()
ROUGH: Final = Luck(
    drafts=0.3,
    outside=0.27,
    corrected=0.1,
    withdrawn=0.1,
    doubles=0.5,
    cancelled=0.15,
    late_images=0.2,
    merged=0.05,
    held_up=0.1,
    repeated=0.1,
)

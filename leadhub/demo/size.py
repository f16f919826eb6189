"""How large the demo world is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """Figures for each manufacturer.

    :ivar days: how long ago the first lead came in.
    """

    partners: int = 72
    leads: int = 310
    days: int = 91

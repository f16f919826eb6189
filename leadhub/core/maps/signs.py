"""The signs on a map: shapes that can be told apart without colour, and the tones they come in.

Each shape is an SVG path around the middle of its sign, in pixels.
"""

from collections.abc import Mapping
from itertools import cycle
from math import cos, pi, sin


def _circle(radius: float) -> str:
    wide = 2 * radius
    arc = f"a{radius:g},{radius:g} 0 1,0"
    return f"M{-radius:g},0{arc} {wide:g},0{arc} {-wide:g},0z"


def _spikes(count: int, outer: float, inner: float) -> str:
    turns = [pi * step / count - pi / 2 for step in range(2 * count)]
    points = [
        f"{radius * cos(turn):.1f},{radius * sin(turn):.1f}"
        for turn, radius in zip(turns, cycle((outer, inner)), strict=False)
    ]
    return f"M{'L'.join(points)}z"


SHAPES: Mapping[str, str] = {
    "star": _spikes(5, 12, 5),
    "disc": _circle(10),
    "dot": _circle(5),
    "ring": _circle(5.5) + _circle(2.5),
    "square": "M-5.5,-5.5h11v11h-11z",
    "diamond": "M0,-7.5L7.5,0L0,7.5L-7.5,0z",
    "triangle": "M0,-7L7,5.5H-7z",
    "wedge": "M0,7L7,-5.5H-7z",
    "plus": "M-2,-7h4v5h5v4h-5v5h-4v-5h-5v-4h5z",
    "saltire": "M-4,-7L0,-3L4,-7L7,-4L3,0L7,4L4,7L0,3L-4,7L-7,4L-3,0L-7,-4z",
    "bar": "M-7.5,-3h15v6h-15z",
    "hourglass": "M-6,-7H6L1.5,0L6,7H-6L-1.5,0z",
    "hexagon": "M-4,-7H4L8,0L4,7H-4L-8,0z",
}
# accent: what the map is about; primary and success: chosen; quiet and open: the others.
TONES = ("accent", "primary", "success", "quiet", "open")

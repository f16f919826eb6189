"""The land under the signs: states, neighbours and a few cities, projected once.

Polygons: Natural Earth (public domain), made by ``manage.py draw_land``. Places of cities:
GeoNames (CC BY 4.0). A page that shows them names both.
"""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from django.utils.translation import get_language

from leadhub.core.maps.projection import UNITS_PER_KM, Point, project, unproject

LAND_FILE = Path(__file__).with_name("land.json")
ATTRIBUTION = "Natural Earth · GeoNames"
# Name, rank, latitude, longitude. The first rank is named on every map, the others on closer ones.
CITIES = (
    ("Berlin", 1, 52.52, 13.41),
    ("Hamburg", 1, 53.55, 10.0),
    ("München", 1, 48.14, 11.58),
    ("Köln", 1, 50.94, 6.96),
    ("Frankfurt", 1, 50.11, 8.68),
    ("Wien", 1, 48.21, 16.37),
    ("Zürich", 1, 47.37, 8.55),
    ("Stuttgart", 2, 48.78, 9.18),
    ("Leipzig", 2, 51.34, 12.37),
    ("Hannover", 2, 52.37, 9.73),
    ("Nürnberg", 2, 49.45, 11.08),
    ("Bremen", 2, 53.08, 8.81),
    ("Graz", 2, 47.07, 15.44),
    ("Innsbruck", 2, 47.26, 11.39),
    ("Salzburg", 2, 47.8, 13.04),
    ("Bern", 2, 46.95, 7.45),
    ("Genf", 2, 46.2, 6.15),
    ("Dresden", 3, 51.05, 13.74),
    ("Rostock", 3, 54.09, 12.14),
    ("Kiel", 3, 54.32, 10.13),
    ("Erfurt", 3, 50.98, 11.03),
    ("Kassel", 3, 51.31, 9.48),
    ("Dortmund", 3, 51.51, 7.47),
    ("Magdeburg", 3, 52.13, 11.62),
    ("Freiburg", 3, 48.0, 7.85),
    ("Augsburg", 3, 48.37, 10.9),
    ("Regensburg", 3, 49.02, 12.1),
    ("Saarbrücken", 3, 49.23, 7.0),
    ("Mannheim", 3, 49.49, 8.47),
    ("Würzburg", 3, 49.79, 9.95),
    ("Linz", 3, 48.31, 14.29),
    ("Klagenfurt", 3, 46.62, 14.31),
    ("Basel", 3, 47.56, 7.57),
    ("Chur", 3, 46.85, 9.53),
)
IN_ENGLISH = {
    "München": "Munich",
    "Köln": "Cologne",
    "Wien": "Vienna",
    "Zürich": "Zurich",
    "Hannover": "Hanover",
    "Nürnberg": "Nuremberg",
    "Genf": "Geneva",
}
# Rank -> the widest map, in km, on which its cities are named.
NAMED_UP_TO_KM = {1: float("inf"), 2: 700.0, 3: 320.0}


class View(NamedTuple):
    """The part of the plane that a map shows, in the units of the projection."""

    left: float
    top: float
    wide: float
    tall: float

    def holds(self, point: Point, *, margin: float = 0.0) -> bool:
        """Tell whether a point is in view, by a margin that is a share of the view's size."""
        aside, above = margin * self.wide, margin * self.tall
        return (
            self.left + aside <= point.x <= self.left + self.wide - aside
            and self.top + above <= point.y <= self.top + self.tall - above
        )


class Shape(NamedTuple):
    """A state or a part of a neighbour.

    :ivar code: ISO 3166-2.
    :ivar box: least x, least y, greatest x, greatest y.
    :ivar path: what SVG draws.
    :ivar is_state: one whose border is drawn; else it is ground only.
    """

    code: str
    box: tuple[int, int, int, int]
    path: str
    is_state: bool

    def is_in(self, view: View) -> bool:
        """Tell whether any of it may be in view."""
        west, north, east, south = self.box
        return (
            west < view.left + view.wide
            and east > view.left
            and north < view.top + view.tall
            and south > view.top
        )


class City(NamedTuple):
    """A city by which people find their way."""

    name: str
    point: Point


@cache
def read_land() -> tuple[Shape, ...]:
    """Read all shapes, neighbours first, so that states are drawn over them."""
    drawn = json.loads(LAND_FILE.read_text("utf-8"))
    return tuple(
        Shape(shape["code"], tuple(shape["box"]), shape["path"], kind == "states")
        for kind in ("neighbours", "states")
        for shape in drawn[kind]
    )


def middle_of(code: str) -> tuple[float, float] | None:
    """Tell where a sign for a whole state stands: latitude and longitude; ``None`` if unknown."""
    for shape in read_land():
        if shape.is_state and shape.code == code:
            west, north, east, south = shape.box
            return unproject(Point((west + east) / 2, (north + south) / 2))
    return None


def shapes_in(view: View) -> Iterator[Shape]:
    """List the shapes of which a map shows something."""
    return (shape for shape in read_land() if shape.is_in(view))


def cities_in(view: View) -> Iterator[City]:
    """List the cities that a map of this width names, as the reader calls them."""
    is_english = not (get_language() or "en").startswith("de")
    for name, rank, latitude, longitude in CITIES:
        point = project(latitude, longitude)
        if view.wide <= NAMED_UP_TO_KM[rank] * UNITS_PER_KM and view.holds(point, margin=0.04):
            yield City(IN_ENGLISH.get(name, name) if is_english else name, point)

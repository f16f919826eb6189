"""A picture of signs and circles on land, in numbers that a template writes down. Pure.

The land has a view of its own, and lies under signs that keep their size in pixels: positions of
signs are shares of the picture's width and height.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import cos, radians, sin

from leadhub.core.maps.land import ATTRIBUTION, City, Shape, View, cities_in, shapes_in
from leadhub.core.maps.projection import UNITS_PER_KM, Point, project
from leadhub.core.maps.signs import SHAPES

ASPECT = 4 / 3
# A map of a single place shows this much around it.
NARROWEST_KM = 30.0
ROOM = 1.16
# Where several signs share a place they stand around it, in pixels.
APART = 15.0
AROUND = 6
# So many pixels of a picture make one cell in which signs share a place.
CELLS = 44


@dataclass(frozen=True, slots=True)
class Sign:
    """Something at a place.

    :ivar shape: one of ``SHAPES``.
    :ivar tone: one of ``TONES``.
    :ivar label: what it is, told when somebody points at it.
    :ivar text: written into it, two characters at most.
    :ivar is_aim: the map is made large enough to show it; others may lie beyond its edge.
    """

    latitude: float
    longitude: float
    shape: str
    tone: str
    label: str
    text: str = ""
    is_aim: bool = True


@dataclass(frozen=True, slots=True)
class Circle:
    """Everything within some kilometres of a place."""

    latitude: float
    longitude: float
    radius_km: float


@dataclass(frozen=True, slots=True)
class PlacedSign:
    """A sign in the picture: ``x`` and ``y`` in per cent of it, ``nudge`` in pixels."""

    sign: Sign
    x: str
    y: str
    nudge: str

    @property
    def path(self) -> str:
        """What SVG draws."""
        return SHAPES[self.sign.shape]


@dataclass(frozen=True, slots=True)
class PlacedCircle:
    """A circle in the units of the land."""

    x: str
    y: str
    radius: str


@dataclass(frozen=True, slots=True)
class PlacedCity:
    """A city's name in the picture; shares in per cent."""

    name: str
    x: str
    y: str


@dataclass(frozen=True, slots=True)
class Picture:
    """All that a map shows.

    :ivar shades: ISO 3166-2 code -> step of shading from 1, for maps of regions.
    :ivar beyond: how many signs lie outside of the picture.
    """

    view_box: str
    shapes: Sequence[Shape]
    circles: Sequence[PlacedCircle]
    cities: Sequence[PlacedCity]
    signs: Sequence[PlacedSign]
    beyond: int
    shades: Mapping[str, int] = field(default_factory=dict)
    attribution: str = ATTRIBUTION


def draw_map(
    signs: Sequence[Sign],
    circles: Sequence[Circle] = (),
    *,
    shades: Mapping[str, int] | None = None,
) -> Picture:
    """Draw a map that shows every circle and every sign it aims at, and what else is in view.

    Without anything to aim at it shows all states.
    """
    view = _view(signs, circles)
    placed, beyond = _place(signs, view)
    return Picture(
        view_box=f"{view.left:.0f} {view.top:.0f} {view.wide:.0f} {view.tall:.0f}",
        shapes=list(shapes_in(view)),
        circles=[_place_circle(circle) for circle in circles],
        cities=[_place_city(city, view) for city in cities_in(view)],
        signs=placed,
        beyond=beyond,
        shades=shades or {},
    )


def _view(signs: Iterable[Sign], circles: Iterable[Circle]) -> View:
    """Bound what is aimed at, with room around it, in the shape of the picture."""
    xs: list[float] = []
    ys: list[float] = []
    for circle in circles:
        middle, radius = project(circle.latitude, circle.longitude), circle.radius_km * UNITS_PER_KM
        xs += [middle.x - radius, middle.x + radius]
        ys += [middle.y - radius, middle.y + radius]
    for sign in signs:
        if sign.is_aim:
            point = project(sign.latitude, sign.longitude)
            xs.append(point.x)
            ys.append(point.y)
    if not xs:
        states = [shape.box for shape in _all_states()]
        xs = [box[side] for box in states for side in (0, 2)]
        ys = [box[side] for box in states for side in (1, 3)]
    wide = max(max(xs) - min(xs), NARROWEST_KM * UNITS_PER_KM) * ROOM
    tall = max(max(ys) - min(ys), NARROWEST_KM * UNITS_PER_KM / ASPECT) * ROOM
    wide, tall = max(wide, tall * ASPECT), max(tall, wide / ASPECT)
    return View((min(xs) + max(xs) - wide) / 2, (min(ys) + max(ys) - tall) / 2, wide, tall)


def _all_states() -> Iterable[Shape]:
    everywhere = View(-1e6, -1e6, 2e6, 2e6)
    return (shape for shape in shapes_in(everywhere) if shape.is_state)


def _place(signs: Iterable[Sign], view: View) -> tuple[list[PlacedSign], int]:
    placed: list[PlacedSign] = []
    taken: Counter[tuple[int, int]] = Counter()
    beyond = 0
    for sign in signs:
        point = project(sign.latitude, sign.longitude)
        if not view.holds(point, margin=0.01):
            beyond += 1
            continue
        x, y = _shares(point, view)
        cell = (round(x * CELLS), round(y * CELLS / ASPECT))
        placed.append(PlacedSign(sign, _percent(x), _percent(y), _nudge(taken[cell])))
        taken[cell] += 1
    return placed, beyond


def _nudge(before: int) -> str:
    """Move a sign aside for those that stand at its place already, six around each ring."""
    if before == 0:
        return "translate(0 0)"
    ring, place = divmod(before - 1, AROUND)
    angle = radians(360 / AROUND * (place + ring / 2) - 60)
    away = APART * (ring + 1)
    return f"translate({away * cos(angle):.1f} {away * sin(angle):.1f})"


def _shares(point: Point, view: View) -> tuple[float, float]:
    return (point.x - view.left) / view.wide, (point.y - view.top) / view.tall


def _percent(share: float) -> str:
    return f"{share * 100:.2f}%"


def _place_circle(circle: Circle) -> PlacedCircle:
    middle = project(circle.latitude, circle.longitude)
    return PlacedCircle(
        f"{middle.x:.0f}", f"{middle.y:.0f}", f"{circle.radius_km * UNITS_PER_KM:.0f}"
    )


def _place_city(city: City, view: View) -> PlacedCity:
    x, y = _shares(city.point, view)
    return PlacedCity(city.name, _percent(x), _percent(y))

"""From degrees to the plane: Lambert's conformal conic projection, made for central Europe.

Conformal, and true to scale within 0.5 % between 46 and 56 degrees north: a radius in kilometres
is a circle on the map. Source of the formulas: J. P. Snyder, "Map Projections: A Working Manual"
(USGS Professional Paper 1395, 1987), page 106, for a sphere.
"""

from math import atan, atan2, cos, degrees, hypot, log, pi, radians, sin, tan
from typing import NamedTuple

from leadhub.core.geo import EARTH_RADIUS_KM

UNITS_PER_KM = 10
RADIUS = EARTH_RADIUS_KM * UNITS_PER_KM
# Standard parallels and the origin, in degrees, as of ETRS89-LCC for the middle of Europe.
FIRST, SECOND = radians(48.0), radians(53.5)
ORIGIN_LATITUDE, ORIGIN_LONGITUDE = radians(51.0), radians(10.5)
# Poles lie at the cone's tip or nowhere; nobody sells heat pumps there.
NORTHMOST = 89.0


def _steepness(latitude: float) -> float:
    return tan(pi / 4 + latitude / 2)


_N = log(cos(FIRST) / cos(SECOND)) / log(_steepness(SECOND) / _steepness(FIRST))
_F = RADIUS * cos(FIRST) * _steepness(FIRST) ** _N / _N
_ORIGIN = _F / _steepness(ORIGIN_LATITUDE) ** _N


class Point(NamedTuple):
    """A point of the plane in tenths of a kilometre, x to the east and y to the south."""

    x: float
    y: float


def project(latitude: float, longitude: float) -> Point:
    """Put a place, given in degrees, on the plane."""
    bounded = radians(max(-NORTHMOST, min(NORTHMOST, latitude)))
    distance = _F / _steepness(bounded) ** _N
    angle = _N * (radians(longitude) - ORIGIN_LONGITUDE)
    return Point(distance * sin(angle), distance * cos(angle) - _ORIGIN)


def unproject(point: Point) -> tuple[float, float]:
    """Tell latitude and longitude, in degrees, of a point of the plane."""
    down = _ORIGIN + point.y
    distance = hypot(point.x, down)
    latitude = 2 * atan((_F / distance) ** (1 / _N)) - pi / 2
    return degrees(latitude), degrees(ORIGIN_LONGITUDE + atan2(point.x, down) / _N)

"""Where things are: postal codes to places, and distances between them.

Distances are great-circle kilometres on a sphere of the mean Earth radius (haversine formula).
"""

from collections.abc import Collection
from math import asin, cos, degrees, radians, sin, sqrt
from typing import NamedTuple

from leadhub.core.models import PostalCode

EARTH_RADIUS_KM = 6371.0088
KM_PER_DEGREE = EARTH_RADIUS_KM * radians(1)
RIGHT_ANGLE = 90.0
# What rounding may take off an angle in degrees, a tenth of a millimetre on the ground.
ROUNDING = 1e-9


class Place(NamedTuple):
    """A place on the map; degrees, and the ISO 3166-2 code of its federal state."""

    latitude: float
    longitude: float
    name: str
    region: str


class Box(NamedTuple):
    """A box in degrees that contains a circle."""

    south: float
    north: float
    west: float
    east: float


def normalise_postal_code(code: str) -> str:
    """Write a postal code the way places are stored: upper case, without spaces."""
    return "".join(code.split()).upper()


def find_place(country: str, code: str) -> Place | None:
    """Find the centre of a postal code, or nothing if the code is unknown."""
    row = (
        PostalCode.objects.filter(country=country, code=normalise_postal_code(code))
        .values_list("latitude", "longitude", "name", "region")
        .first()
    )
    return None if row is None else Place(*row)


def find_places(codes: Collection[tuple[str, str]]) -> dict[tuple[str, str], Place]:
    """Find the centres of many postal codes, with one query for each country.

    :param codes: pairs of country and code, the latter as ``normalise_postal_code`` writes it.
    """
    by_country: dict[str, set[str]] = {}
    for country, code in codes:
        by_country.setdefault(country, set()).add(code)
    return {
        (country, code): Place(latitude, longitude, name, region)
        for country, wanted in by_country.items()
        for code, latitude, longitude, name, region in PostalCode.objects.filter(
            country=country, code__in=wanted
        ).values_list("code", "latitude", "longitude", "name", "region")
    }


def distance_km(
    latitude: float, longitude: float, other_latitude: float, other_longitude: float
) -> float:
    """Measure the great-circle distance of two points given in degrees."""
    a, b = radians(latitude), radians(other_latitude)
    half_chord = (
        sin((b - a) / 2) ** 2 + cos(a) * cos(b) * sin(radians(other_longitude - longitude) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(half_chord)))


def codes_beyond(
    codes: Collection[str], latitude: float, longitude: float, *, km: float
) -> set[str]:
    """Find those of these areas in which a postal code lies farther away; in one query.

    :param codes: a country and the beginning of postal codes, as ``DE:803``, or the ISO 3166-2 code
        of a federal state.
    """
    wanted = set(codes)
    beyond: set[str] = set()
    places = PostalCode.objects.filter(country__in={code[:2] for code in wanted})
    for country, code, region, *place in places.values_list(
        "country", "code", "region", "latitude", "longitude"
    ):
        starts = (f"{country}:{code[:end]}" for end in range(1, len(code) + 1))
        within = wanted.intersection((region, *starts)) - beyond
        if within and distance_km(latitude, longitude, *place) > km:
            beyond |= within
    return beyond


def box_around(latitude: float, longitude: float, radius_km: float) -> Box:
    """Bound a circle by a box of degrees; around a pole the box goes all the way round."""
    tall = radius_km / KM_PER_DEGREE
    wide = 180.0
    if abs(latitude) + tall < RIGHT_ANGLE:
        wide = degrees(asin(sin(radians(tall)) / cos(radians(latitude)))) + ROUNDING
    return Box(latitude - tall, latitude + tall, longitude - wide, longitude + wide)

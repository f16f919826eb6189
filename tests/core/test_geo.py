"""Places and distances."""

from math import cos, radians

import pytest
from hypothesis import given, settings, strategies as st

from leadhub.core.geo import box_around, distance_km, find_place, normalise_postal_code
from leadhub.core.models import PostalCode

MUNICH, BERLIN, VIENNA = (48.1374, 11.5755), (52.5200, 13.4050), (48.2082, 16.3738)
STEADY = settings(derandomize=True, database=None, deadline=None)
latitudes = st.floats(min_value=-85, max_value=85)
longitudes = st.floats(min_value=-180, max_value=180)
points = st.tuples(latitudes, longitudes)


@pytest.mark.parametrize(
    ("start", "end", "kilometres"),
    [
        (MUNICH, BERLIN, 504),
        (MUNICH, VIENNA, 356),
        (BERLIN, VIENNA, 524),
        # A degree on the sphere of the mean radius, along a meridian and on the equator.
        ((0.0, 0.0), (1.0, 0.0), 111.195),
        ((0.0, 0.0), (0.0, 1.0), 111.195),
        # Across the date line, over the pole, and half round.
        ((0.0, 179.5), (0.0, -179.5), 111.195),
        ((89.5, 0.0), (89.5, 180.0), 111.195),
        ((0.0, 0.0), (0.0, 180.0), 20_015.1),
    ],
)
def test_measures_known_distances(
    start: tuple[float, float], end: tuple[float, float], kilometres: float
) -> None:
    assert distance_km(*start, *end) == pytest.approx(kilometres, rel=0.002)


@STEADY
@given(start=points, end=points)
def test_measures_the_same_there_and_back(
    start: tuple[float, float], end: tuple[float, float]
) -> None:
    assert distance_km(*start, *end) == pytest.approx(distance_km(*end, *start), abs=1e-6)
    assert distance_km(*start, *start) == 0
    assert 0 <= distance_km(*start, *end) <= 20_015.2


@STEADY
@given(
    centre=st.tuples(latitudes, st.floats(min_value=-90, max_value=90)),
    away=st.tuples(
        st.floats(min_value=-1.2, max_value=1.2), st.floats(min_value=-1.2, max_value=1.2)
    ),
    radius_km=st.floats(min_value=1, max_value=1_000),
)
def test_bounds_a_circle_by_a_box_that_contains_it(
    centre: tuple[float, float], away: tuple[float, float], radius_km: float
) -> None:
    latitude, longitude = centre
    degrees = radius_km / 111.195
    north = max(-90.0, min(90.0, latitude + away[0] * degrees))
    east = longitude + away[1] * degrees / max(0.01, cos(radians(north)))
    box = box_around(latitude, longitude, radius_km)

    if abs(east - longitude) <= 180 and distance_km(latitude, longitude, north, east) <= radius_km:
        assert box.south <= north <= box.north
        assert box.west <= east <= box.east


@pytest.mark.parametrize("latitude", [89.95, 85.0, 60.0, 48.1, 0.0, -33.9, -89.95])
@pytest.mark.parametrize("radius_km", [1, 10, 25, 500])
def test_contains_the_points_of_a_circle_that_lie_farthest_east(
    latitude: float, radius_km: float
) -> None:
    box = box_around(latitude, 0.0, radius_km)

    for step in range(1, 1_800):
        east = step / 10
        for north in (latitude, box.south, box.north, latitude * 0.999, latitude * 1.0005):
            place = max(-90.0, min(90.0, north))
            if distance_km(latitude, 0.0, place, east) <= radius_km:
                assert east <= box.east


@pytest.mark.parametrize(
    ("sent", "normal"), [("80331", "80331"), (" 80 331 ", "80331"), ("sw1a 1aa", "SW1A1AA")]
)
def test_writes_postal_codes_without_spaces_in_capitals(sent: str, normal: str) -> None:
    assert normalise_postal_code(sent) == normal


@pytest.mark.django_db
def test_finds_the_place_of_a_postal_code_in_its_country_only() -> None:
    place = find_place("DE", "803 31")

    assert place is not None
    assert (place.name, place.region) == ("München", "DE-BY")
    assert find_place("AT", "80331") is None
    assert find_place("DE", "") is None


@pytest.mark.django_db
def test_finds_a_place_that_was_loaded_after_it_was_missed() -> None:
    assert find_place("DE", "80999") is None

    PostalCode.objects.create(
        country="DE", code="80999", name="München", region="DE-BY", latitude=48.2, longitude=11.5
    )

    assert find_place("DE", "80999") is not None

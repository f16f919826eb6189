"""Maps: places stand where they are, radii are circles, and states are those of the partners."""

import math

import pytest

from leadhub.core.geo import distance_km
from leadhub.core.maps import SHAPES, TONES, Circle, Sign, draw_map
from leadhub.core.maps.land import read_land
from leadhub.core.maps.projection import UNITS_PER_KM, project, unproject
from leadhub.core.maps.topology import countries_of, states_of
from leadhub.core.regions import CODES

MUNICH, HAMBURG, ZURICH = (48.137, 11.575), (53.551, 9.994), (47.377, 8.541)
# Two squares side by side that share an arc, one degree wide each, around the origin.
SQUARES = {
    "transform": {"scale": [1, 1], "translate": [10, 50]},
    "arcs": [
        [[1, 0], [0, 1]],
        [[1, 1], [-1, 0], [0, -1], [1, 0]],
        [[1, 0], [1, 0], [0, 1], [-1, 0]],
    ],
    "objects": {
        "states": {
            "geometries": [
                {"type": "Polygon", "arcs": [[0, 1]], "properties": {"iso": "AT-WI"}},
                {"type": "Polygon", "arcs": [[2, -1]], "properties": {"iso": "AT-NO"}},
            ]
        }
    },
}


@pytest.mark.parametrize(("here", "there"), [(MUNICH, HAMBURG), (MUNICH, ZURICH)])
def test_a_kilometre_on_the_map_is_a_kilometre(
    here: tuple[float, float], there: tuple[float, float]
) -> None:
    drawn = math.dist(project(*here), project(*there)) / UNITS_PER_KM

    assert drawn == pytest.approx(distance_km(*here, *there), rel=0.005)


def test_a_place_comes_back_from_the_map() -> None:
    assert unproject(project(*HAMBURG)) == pytest.approx(HAMBURG, abs=1e-6)


def test_every_state_that_a_partner_can_name_is_drawn() -> None:
    drawn = {shape.code for shape in read_land() if shape.is_state}

    assert drawn == {code for country in CODES.values() for code in country.values()}


def test_it_shows_the_whole_radius_and_who_was_asked() -> None:
    asked = Sign(*ZURICH, "disc", "primary", "Zürich")

    picture = draw_map([asked], [Circle(*MUNICH, 50.0)])

    left, top, wide, tall = map(float, picture.view_box.split())
    circle = picture.circles[0]
    assert left <= float(circle.x) - float(circle.radius)
    assert float(circle.x) + float(circle.radius) <= left + wide
    assert top <= float(circle.y) - float(circle.radius)
    assert float(circle.y) + float(circle.radius) <= top + tall
    assert [placed.sign for placed in picture.signs] == [asked]


def test_what_it_does_not_aim_at_may_lie_beyond_its_edge_and_is_counted() -> None:
    near = Sign(*MUNICH, "star", "accent", "lead")
    far = Sign(*HAMBURG, "diamond", "open", "far", is_aim=False)

    picture = draw_map([near, far])

    assert [placed.sign for placed in picture.signs] == [near]
    assert picture.beyond == 1


def test_signs_at_one_place_stand_beside_each_other() -> None:
    picture = draw_map([Sign(*MUNICH, "dot", "quiet", str(number)) for number in range(14)])

    assert len({(placed.x, placed.y, placed.nudge) for placed in picture.signs}) == 14


def test_without_anything_to_aim_at_it_shows_every_state() -> None:
    picture = draw_map([], shades={"DE-BY": 3})

    drawn = {shape.code for shape in picture.shapes if shape.is_state}
    assert {"DE-SH", "AT-1", "CH-GE"} <= drawn
    assert picture.shades == {"DE-BY": 3}


def test_a_close_map_is_small_enough_for_a_page() -> None:
    picture = draw_map([Sign(*MUNICH, "star", "accent", "lead")], [Circle(*MUNICH, 50.0)])

    assert sum(len(shape.path) for shape in picture.shapes) < 20_000


def test_states_that_share_a_border_get_the_same_points() -> None:
    vienna, around = states_of(SQUARES, tolerance_km=0)

    assert (vienna["code"], around["code"]) == ("AT-9", "AT-3")
    assert vienna["box"][2] >= around["box"][0]


def test_a_country_has_no_borders_within() -> None:
    (country,) = countries_of(SQUARES, tolerance_km=0, smallest_km2=0, within_km=10_000)

    assert country["code"] == "AT"
    assert country["path"].count("M") == 1


def test_no_sign_looks_like_another() -> None:
    assert len(set(SHAPES.values())) == len(SHAPES)
    assert len(set(TONES)) == len(TONES)

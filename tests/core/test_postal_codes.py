"""Postal codes are loaded from a file of places."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from leadhub.core.geo import find_place
from leadhub.core.models import PostalCode
from leadhub.core.postal_codes import NoPostalCodes, is_loaded, load_postal_codes

pytestmark = pytest.mark.django_db

ROWS = """\
LI\t9490\tVaduz\tVaduz\t11\t\t\t\t\t47.1415\t9.5215\t6
LI\t9485\tNendeln\tEschen\t02\t\t\t\t\t47.2000\t9.5400\t6
LI\t9485\tNendeln\tEschen\t02\t\t\t\t\t47.2200\t9.5600\t6
LI\t9485\tEschen\tEschen\t02\t\t\t\t\t47.2100\t9.5500\t6
DE\t99 999\tNirgendwo\tBayern\tBY\t\t\t\t\t48.0000\t11.0000\t6
FR\t75001\tParis\tIle-de-France\t11\t\t\t\t\t48.8592\t2.3417\t5
short\tline
"""


@pytest.fixture
def places(tmp_path: Path) -> Path:
    path = tmp_path / "places.txt"
    path.write_text(ROWS, encoding="utf-8")
    return path


def test_loads_the_countries_asked_for(places: Path) -> None:
    known = load_postal_codes(countries=["LI", "DE"], source=places)

    assert known == 3
    assert find_place("LI", "9490") == (47.1415, 9.5215, "Vaduz", "")
    assert find_place("DE", "99999") == (48.0, 11.0, "Nirgendwo", "DE-BY")
    assert find_place("FR", "75001") is None


def test_takes_the_middle_and_the_commonest_name_of_several_places(places: Path) -> None:
    load_postal_codes(countries=["LI"], source=places)

    place = find_place("LI", "9485")

    assert place is not None
    assert place.name == "Nendeln"
    assert (place.latitude, place.longitude) == pytest.approx((47.21, 9.55))


def test_replaces_what_was_known(places: Path) -> None:
    PostalCode.objects.create(
        country="LI", code="9490", name="old", region="", latitude=0, longitude=0
    )

    load_postal_codes(countries=["LI"], source=places)

    assert PostalCode.objects.get(country="LI", code="9490").name == "Vaduz"


def test_refuses_a_file_without_any(places: Path) -> None:
    with pytest.raises(NoPostalCodes):
        load_postal_codes(countries=["PL"], source=places)


def test_has_the_german_speaking_countries_on_board() -> None:
    known = load_postal_codes(countries=["CH"])

    zurich = find_place("CH", "8001")
    assert known > 3_000
    assert zurich is not None
    assert zurich.region == "CH-ZH"


def test_is_loaded_when_every_country_is(places: Path) -> None:
    before = is_loaded(["DE", "LI"])
    load_postal_codes(countries=["LI"], source=places)

    assert not before
    assert is_loaded(["DE", "LI"])


def test_loads_by_a_command(places: Path) -> None:
    said = StringIO()

    call_command("load_postal_codes", "--countries", "li", "--file", str(places), stdout=said)

    assert "2 postal codes of LI are known" in said.getvalue()


def test_loads_once_unless_told_to(places: Path) -> None:
    said = StringIO()

    call_command("load_postal_codes", "--countries", "DE", stdout=said)

    assert "loaded already" in said.getvalue()


@pytest.mark.parametrize("countries", ["PL", "XX"])
def test_says_why_a_command_cannot_load(places: Path, countries: str) -> None:
    with pytest.raises(CommandError, match="No postal codes"):
        call_command("load_postal_codes", "--countries", countries, "--file", str(places))


def test_says_that_a_file_is_missing(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        call_command("load_postal_codes", "--file", str(tmp_path / "none.txt"))

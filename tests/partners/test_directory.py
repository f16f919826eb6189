"""Partners found by name, place and qualification, and put on a map."""

from datetime import date, timedelta
from typing import Any

import pytest

from leadhub.core.errors import NotVisible
from leadhub.core.ids import new_id
from leadhub.core.regions import CODES, NAMES
from leadhub.core.tenancy.context import tenant_context
from partners import directory
from partners.directory import (
    Cell,
    Search,
    levels_with_holders,
    lines_with_sellers,
    partner_visible_to,
    partners_found,
    spots_of,
    with_levels,
)
from partners.network import CertificationDetails
from tests.factories import NOON, Network

TODAY = NOON.date()
YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture
def settled(network: Network) -> Network:
    """Three partners in three states."""
    network.partner(name="Alpha Heating", external_id="A-1", postal_code="80331")
    network.partner(
        name="Beta Boilers",
        external_id="B-2",
        postal_code="90402",
        product_lines=("boilers",),
        status="PAUSED",
        certifications=[CertificationDetails("silver"), CertificationDetails("gold", "boilers")],
    )
    network.partner(
        name="Gamma 100%",
        external_id="C-3",
        country="AT",
        postal_code="1010",
        certifications=[CertificationDetails("gold", valid_until=YESTERDAY)],
    )
    return network


def names(network: Network, *, on: date = TODAY, **search: object) -> list[str]:
    with tenant_context(network.manufacturer.id):
        found = partners_found(network.by, Search(**search), on=on)  # type: ignore[arg-type]
        return [partner.name for partner in found]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", ["Alpha Heating", "Beta Boilers", "Gamma 100%"]),
        ("beta", ["Beta Boilers"]),
        ("b-2", ["Beta Boilers"]),
        ("nürn", ["Beta Boilers"]),
        ("803", ["Alpha Heating"]),
        ("alpha münchen", ["Alpha Heating"]),
        ("alpha wien", []),
        ("%", ["Gamma 100%"]),
        ("0331", []),
    ],
)
def test_words_are_found_in_name_number_town_and_at_the_start_of_the_postal_code(
    settled: Network, words: str, found: list[str]
) -> None:
    assert names(settled, words=words) == found


def test_choices_narrow_what_is_found(settled: Network) -> None:
    assert names(settled, status="PAUSED") == ["Beta Boilers"]
    assert names(settled, product_line="boilers") == ["Beta Boilers"]
    assert names(settled, area="AT") == ["Gamma 100%"]
    assert names(settled, area="DE-BY") == ["Alpha Heating", "Beta Boilers"]
    assert names(settled, area="DE-BE") == []
    assert names(settled, area="DE-BY", product_line="heat-pumps") == ["Alpha Heating"]


def test_a_level_counts_until_its_last_day(settled: Network) -> None:
    assert names(settled, level="gold") == ["Beta Boilers"]
    assert names(settled, level="gold", on=YESTERDAY) == ["Beta Boilers", "Gamma 100%"]


def test_a_partner_is_shown_with_the_highest_level_it_holds(settled: Network) -> None:
    with tenant_context(settled.manufacturer.id):
        found = with_levels(partners_found(settled.by, Search(), on=TODAY), on=TODAY)
        levels: list[Any] = [vars(partner)["level_name"] for partner in found]

    assert levels == [None, "Gold", None]


def test_partners_of_others_are_not_found(settled: Network, other_network: Network) -> None:
    stranger = other_network.partner(name="Alpha Stranger")

    assert names(settled, words="alpha") == ["Alpha Heating"]
    with tenant_context(settled.manufacturer.id), pytest.raises(NotVisible):
        partner_visible_to(settled.by, stranger.id)
    with tenant_context(settled.manufacturer.id), pytest.raises(NotVisible):
        partner_visible_to(settled.by, new_id())


def test_few_partners_are_pins(settled: Network) -> None:
    with tenant_context(settled.manufacturer.id):
        spots, are_many = spots_of(partners_found(settled.by, Search(), on=TODAY), Search())

    assert not are_many
    assert [spot.name for spot in spots] == ["Alpha Heating", "Beta Boilers", "Gamma 100%"]
    assert all(spot.partner for spot in spots)


def test_many_partners_are_counted_where_they_are(
    settled: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled.partner(postal_code="80331")
    monkeypatch.setattr(directory, "PINS_AT_MOST", 3)

    with tenant_context(settled.manufacturer.id):
        spots, are_many = spots_of(partners_found(settled.by, Search(), on=TODAY), Search())

    assert are_many
    assert {spot.name: spot.partners for spot in spots} == {"München": 2, "Nürnberg": 1, "Wien": 1}


def test_a_cell_leads_to_exactly_those_it_counts(
    settled: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    settled.partner(name="Delta", postal_code="85221")
    monkeypatch.setattr(directory, "PINS_AT_MOST", 1)

    with tenant_context(settled.manufacturer.id):
        spots, _are_many = spots_of(partners_found(settled.by, Search(), on=TODAY), Search())

    counts = {str(spot.cell): spot.partners for spot in spots}
    found = {cell: len(names(settled, cell=Cell.read(cell))) for cell in counts}
    assert found == counts
    assert sum(counts.values()) == 4


def test_a_cell_with_many_is_cut_finer(settled: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    settled.partner(name="Delta", postal_code="85221")
    monkeypatch.setattr(directory, "PINS_AT_MOST", 1)

    with tenant_context(settled.manufacturer.id):
        search = Search(cell=Cell(48.0, 10.8, 0.6))
        spots, _are_many = spots_of(partners_found(settled.by, search, on=TODAY), search)

    assert sorted(spot.name for spot in spots) == ["Dachau", "München"]


@pytest.mark.parametrize(
    "text", ["", "x", "1,2", "1,2,3,4", "91,0,0.5", "0,0,0", "0,0,nan", "0,181,1"]
)
def test_what_is_no_cell_is_none(text: str) -> None:
    assert Cell.read(text) is None


def test_lines_and_levels_say_how_many_partners_they_concern(settled: Network) -> None:
    with tenant_context(settled.manufacturer.id):
        lines = [_counted(line) for line in lines_with_sellers(settled.by)]
        levels = [_counted(level) for level in levels_with_holders(settled.by)]

    assert lines == [("boilers", 1), ("heat-pumps", 2)]
    assert levels == [("gold", 2), ("silver", 1)]


def _counted(row: Any) -> tuple[str, int]:
    return row.code, row.partners


def test_every_federal_state_has_a_name() -> None:
    assert set(NAMES) == {code for codes in CODES.values() for code in codes.values()}

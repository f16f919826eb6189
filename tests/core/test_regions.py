"""Names of federal states, in the language of whoever reads them."""

import pytest
from django.utils.translation import override

from leadhub.core.regions import CODES, NAMES, region_name, regions_of


@pytest.mark.parametrize(
    ("code", "german", "english"),
    [
        ("CH-GE", "Genf", "Geneva"),
        ("CH-TI", "Tessin", "Ticino"),
        ("CH-VD", "Waadt", "Vaud"),
        ("CH-VS", "Wallis", "Valais"),
        ("DE-BY", "Bayern", "Bavaria"),
        ("AT-9", "Wien", "Vienna"),
        ("CH-GR", "Graubünden", "Graubünden"),
        ("FR-75", "FR-75", "FR-75"),
    ],
)
def test_names_a_region_as_its_reader_does(code: str, german: str, english: str) -> None:
    with override("de"):
        assert region_name(code) == german
    with override("en"):
        assert region_name(code) == english


def test_lists_every_region_of_a_country_by_name() -> None:
    with override("de"):
        cantons = regions_of("CH")

    assert {code for code, _ in cantons} == set(CODES["CH"].values())
    assert len(cantons) == 26
    assert [name for _, name in cantons] == sorted(name for _, name in cantons)
    assert sum(len(regions_of(country)) for country in CODES) == len(NAMES)

"""Postal codes and regions, as the codes by which a lead finds a partner."""

import pytest
from hypothesis import given, settings, strategies as st

from leadhub.core.errors import InvalidInput
from leads.candidates import coverage_codes
from partners.coverage import coverage_codes_of, prefixes_of_range

STEADY = settings(derandomize=True, database=None, deadline=None, max_examples=300)


@st.composite
def ranges(draw: st.DrawFn) -> tuple[str, str]:
    digits = draw(st.integers(min_value=1, max_value=4))
    ends = st.integers(min_value=0, max_value=10**digits - 1)
    first, last = sorted((draw(ends), draw(ends)))
    return f"{first:0{digits}}", f"{last:0{digits}}"


@STEADY
@given(ends=ranges())
def test_covers_exactly_the_range(ends: tuple[str, str]) -> None:
    first, last = ends
    prefixes = prefixes_of_range(first, last)

    every = [f"{number:0{len(first)}}" for number in range(10 ** len(first))]
    covered = [code for code in every if any(code.startswith(prefix) for prefix in prefixes)]
    assert covered == [code for code in every if first <= code <= last]


@STEADY
@given(ends=ranges())
def test_needs_no_prefix_twice_and_none_that_could_be_shorter(ends: tuple[str, str]) -> None:
    prefixes = prefixes_of_range(*ends)

    assert len(set(prefixes)) == len(prefixes)
    assert not any(a != b and b.startswith(a) for a in prefixes for b in prefixes)
    assert all(
        {f"{prefix[:-1]}{digit}" for digit in range(10)} - set(prefixes)
        for prefix in prefixes
        if prefix
    )


@pytest.mark.parametrize(
    ("area", "codes"),
    [
        ("80", {"DE:80"}),
        (" 80 ", {"DE:80"}),
        ("AT:10", {"AT:10"}),
        ("at:10", {"AT:10"}),
        ("sw1a", {"DE:SW1A"}),
        ("80-82", {"DE:80", "DE:81", "DE:82"}),
        ("80331 - 80333", {"DE:80331", "DE:80332", "DE:80333"}),
        ("80000-80999", {"DE:80"}),
        ("80-80", {"DE:80"}),
    ],
)
def test_reads_prefixes_and_ranges(area: str, codes: set[str]) -> None:
    assert coverage_codes_of(country="DE", postal_code_areas=[area], regions=[]) == codes


@pytest.mark.parametrize("area", ["0-9", "00-99", "00000-99999", "DE:0000-9999"])
def test_covers_a_whole_country_by_its_whole_range(area: str) -> None:
    codes = coverage_codes_of(country="DE", postal_code_areas=[area], regions=[])

    for postal_code in ("80331", "01067", "99998"):
        assert codes & set(coverage_codes("DE", postal_code, ""))


@pytest.mark.parametrize(
    "area", ["", "80-", "-80", "80-8", "82-80", "8A-9B", "80331-80339-80340", "D/80", "8" * 11]
)
def test_names_an_area_that_it_cannot_read(area: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        coverage_codes_of(country="DE", postal_code_areas=["80", area], regions=[])

    assert refusal.value.field == "postal_code_areas.1"


@pytest.mark.parametrize("region", ["", "Bayern", "de-by", "DE-", "DE-BAYERN"])
def test_names_a_region_that_it_cannot_read(region: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        coverage_codes_of(country="DE", postal_code_areas=[], regions=["DE-BY", region])

    assert refusal.value.field == "regions.1"

"""Partners as they are entered, changed and read back."""

from collections import Counter
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from leadhub.core.errors import InvalidInput
from leadhub.core.tenancy.context import tenant_context
from partners.catalogue import save_level
from partners.models import (
    Certification,
    CoverageCode,
    Partner,
    PortfolioItem,
    PortfolioTally,
    ServiceArea,
)
from partners.network import CertificationDetails, PartnerDetails, details_of, save_partner
from tests.factories import NOON, Network, PartnerDetailsFactory, count_rows

WHOLE = PartnerDetails(
    external_id="D-1",
    name="Heizung Huber",
    country="DE",
    postal_code="80331",
    city="München",
    street="Musterweg 1",
    email="office@huber.example",
    phone="+49891234567",
    language="de",
    latitude=48.2,
    longitude=11.6,
    radius_km=42.5,
    postal_code_areas=["80-82", "AT:10"],
    regions=["DE-BW", "DE-BY"],
    product_lines=["boilers", "heat-pumps"],
    certifications=[
        CertificationDetails("silver", None, None),
        CertificationDetails("gold", "boilers", date(2026, 12, 31)),
    ],
    cap_open=5,
    cap_per_day=1,
    cap_per_week=3,
    cap_per_month=9,
    weight=70,
    status="PAUSED",
)


def save(network: Network, details: PartnerDetails) -> tuple[Partner, bool]:
    return save_partner(details=details, by=network.by, at=NOON)


def read_back(network: Network, partner: Partner) -> PartnerDetails:
    with tenant_context(network.manufacturer.id):
        return details_of(Partner.objects.get(id=partner.id))


def tallies(network: Network) -> dict[tuple[str, ...], int]:
    """How many partners carry which lines, as noted and without empty sets."""
    with tenant_context(network.manufacturer.id):
        return {
            tuple(sorted(map(str, tally.product_lines))): tally.partners
            for tally in PortfolioTally.objects.all()
            if tally.partners
        }


def counted(network: Network) -> dict[tuple[str, ...], int]:
    """The same, counted anew."""
    with tenant_context(network.manufacturer.id):
        lines: dict[object, set[str]] = {partner.id: set() for partner in Partner.objects.all()}
        for item in PortfolioItem.objects.all():
            lines[item.partner_id].add(str(item.product_line_id))
    return dict(Counter(tuple(sorted(carried)) for carried in lines.values()))


def test_reads_back_what_was_entered(network: Network) -> None:
    partner, is_new = save(network, WHOLE)

    assert is_new
    assert read_back(network, partner) == WHOLE


def test_changes_a_partner_to_what_is_given(network: Network) -> None:
    first, _ = save(network, WHOLE)
    change = PartnerDetails(
        external_id="D-1",
        name="Huber GmbH",
        country="AT",
        postal_code="1010",
        city="Wien",
        latitude=48.3,
        longitude=16.4,
    )

    second, is_new = save(network, change)

    assert (second.id, is_new) == (first.id, False)
    assert read_back(network, second) == replace(
        change, postal_code_areas=[], regions=[], product_lines=[], certifications=[]
    )
    for leftover in (ServiceArea, CoverageCode, Certification, PortfolioItem):
        assert count_rows(leftover) == 0


def test_keeps_partners_of_two_manufacturers_apart(
    network: Network, other_network: Network
) -> None:
    save(network, WHOLE)

    _, is_new = save(other_network, WHOLE)

    assert is_new


def test_takes_the_place_from_the_postal_code_without_coordinates(network: Network) -> None:
    partner, _ = save(network, replace(WHOLE, latitude=None, longitude=None, city=""))

    assert (partner.latitude, partner.longitude, partner.city) == (48.1345, 11.5710, "München")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"product_lines": ["boilers", "sofas"]}, "product_lines.1"),
        ({"certifications": [CertificationDetails("tin")]}, "certifications.0.level"),
        (
            {"certifications": [CertificationDetails("gold", "sofas")]},
            "certifications.0.product_line",
        ),
        ({"postal_code": "00000", "latitude": None}, "postal_code"),
        ({"postal_code": "", "longitude": None}, "postal_code"),
        ({"postal_code_areas": ["80", "8x-9"]}, "postal_code_areas.1"),
        ({"regions": ["Bayern"]}, "regions.0"),
        ({"phone": "call me"}, "phone"),
    ],
    ids=str,
)
def test_names_what_is_unknown_or_malformed_and_changes_nothing(
    network: Network, change: dict[str, Any], field: str
) -> None:
    partner, _ = save(network, WHOLE)

    with pytest.raises(InvalidInput) as refusal:
        save(network, replace(WHOLE, name="Other", **change))

    assert refusal.value.field == field
    assert read_back(network, partner) == WHOLE


@pytest.mark.parametrize(
    "twice",
    [
        {"product_lines": ["boilers", "boilers"]},
        {"postal_code_areas": ["80", "80"]},
        {"regions": ["DE-BY", "DE-BY"]},
        {"certifications": [CertificationDetails("gold"), CertificationDetails("gold")]},
    ],
    ids=str,
)
def test_takes_what_is_named_twice_as_named_once(network: Network, twice: dict[str, Any]) -> None:
    partner, _ = save(network, replace(WHOLE, **twice))

    for name in twice:
        assert len(getattr(read_back(network, partner), name)) == 1


def test_counts_partners_by_what_they_carry_through_every_change(network: Network) -> None:
    both, heat_pumps, nothing = ("boilers", "heat-pumps"), ("heat-pumps",), ()
    details = [PartnerDetailsFactory.build() for _ in range(4)]
    story = [(0, both), (1, both), (2, heat_pumps), (3, nothing), (0, heat_pumps)]
    story += [(0, heat_pumps), (3, both), (1, nothing), (1, both), (2, nothing)]

    for number, lines in story:
        save(network, replace(details[number], product_lines=lines))

        assert tallies(network) == counted(network)


def ranks(network: Network, partner: Partner) -> list[tuple[str, date, int | None]]:
    with tenant_context(network.manufacturer.id):
        items = PortfolioItem.objects.filter(partner=partner).order_by(
            "product_line__code", "holds_until"
        )
        return list(items.values_list("product_line__code", "holds_until", "certification_rank"))


def test_notes_the_rank_held_for_each_line_and_how_long(network: Network) -> None:
    partner, _ = save(network, WHOLE)

    assert ranks(network, partner) == [
        ("boilers", date(2026, 12, 31), 2),
        ("boilers", date.max, 1),
        ("heat-pumps", date.max, 1),
    ]


def test_lets_a_changed_rank_hold_for_every_partner_with_the_level(network: Network) -> None:
    partner, _ = save(network, WHOLE)

    save_level(code="silver", name="Silver", rank=7, by=network.by)

    assert ranks(network, partner) == [
        ("boilers", date.max, 7),
        ("heat-pumps", date.max, 7),
    ]
    assert tallies(network) == counted(network)

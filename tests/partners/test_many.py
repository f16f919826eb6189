"""Many partners saved at once: the same as one after another."""

from dataclasses import fields
from datetime import date
from typing import Any

import pytest

from leadhub.core.errors import InvalidInput
from leadhub.core.tenancy.context import tenant_context
from partners.many import Entry, Outcome, check_partners, remove_partners, save_partners
from partners.models import (
    Certification,
    CoverageCode,
    Partner,
    PortfolioItem,
    PortfolioTally,
    ServiceArea,
    SetUpChange,
)
from partners.network import CertificationDetails, PartnerDetails, details_of, save_partner
from tests.factories import NOON, Network, count_rows
from tests.partners.test_network import WHOLE, counted, tallies

KNOWN = PartnerDetails(
    "D-2", "Meier", "AT", "1010", radius_km=20.0, product_lines=["heat-pumps"], regions=["AT-9"]
)
# Who is there already, and what is sent then: changed, unchanged, new, refused.
STORY = [
    PartnerDetails("D-1", "Huber GmbH", "DE", "85221", product_lines=["boilers"], cap_open=3),
    KNOWN,
    PartnerDetails(
        "D-3",
        "Neu",
        "CH",
        "8001",
        certifications=[CertificationDetails("gold", "boilers", date(2027, 12, 31))],
        product_lines=["heat-pumps", "boilers"],
        postal_code_areas=["80", "85-86", "80"],
        phone="0441234567",
        status="PAUSED",
    ),
    PartnerDetails("D-4", "Nirgends", "DE", "99999"),
    PartnerDetails("D-5", "Falsch", "DE", "80331", product_lines=["sofas"]),
]
TABLES = (ServiceArea, CoverageCode, Certification, PortfolioItem)
OF_NO_INTEREST = {"id", "manufacturer_id", "partner_id", "created_at", "latitude_band"}


def entry(details: PartnerDetails) -> Entry:
    said = {field.name: getattr(details, field.name) for field in fields(details)}
    return Entry(said.pop("external_id"), said)


def save_all(network: Network, story: list[PartnerDetails]) -> list[Outcome | InvalidInput]:
    return save_partners(entries=[*map(entry, story)], for_new={}, by=network.by, at=NOON)


def rows_of(network: Network) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that is written about partners, without what is drawn anew each time."""
    with tenant_context(network.manufacturer.id):
        numbers = dict(Partner.objects.values_list("id", "external_id"))
        found: dict[str, list[tuple[Any, ...]]] = {}
        for model in (Partner, *TABLES):
            names = [
                f.attname for f in model._meta.concrete_fields if f.attname not in OF_NO_INTEREST
            ]
            codes = {"product_line_id", "level_id"} & set(names)
            names = [f"{name[:-3]}__code" if name in codes else name for name in names]
            owner = "id" if model is Partner else "partner_id"
            rows = model._default_manager.values_list(owner, *names)
            found[model.__name__] = sorted((numbers[row[0]], *map(str, row[1:])) for row in rows)
        found["changes"] = sorted(
            (change.name, str(change.before), str(change.after))
            for change in SetUpChange.objects.filter(kind="partner")
        )
        return found


def test_leaves_what_saving_one_after_another_leaves(
    network: Network, other_network: Network
) -> None:
    for one in (network, other_network):
        for known in (WHOLE, KNOWN):
            save_partner(details=known, by=one.by, at=NOON)
    refused = []
    for details in STORY:
        try:
            save_partner(details=details, by=other_network.by, at=NOON)
        except InvalidInput as refusal:
            refused.append((refusal.field, refusal.text))

    outcomes = save_all(network, STORY)

    assert rows_of(network) == rows_of(other_network)
    assert tallies_by_size(network) == tallies_by_size(other_network)
    assert [(o.field, o.text) for o in outcomes if isinstance(o, InvalidInput)] == refused
    assert len(refused) == 2


def tallies_by_size(network: Network) -> list[tuple[int, int]]:
    with tenant_context(network.manufacturer.id):
        found = PortfolioTally.objects.filter(partners__gt=0)
        return sorted((len(tally.product_lines), tally.partners) for tally in found)


def test_tells_what_would_happen_and_does_nothing(network: Network) -> None:
    save_partner(details=WHOLE, by=network.by, at=NOON)
    save_partner(details=KNOWN, by=network.by, at=NOON)
    before = rows_of(network)

    foretold = check_partners(entries=[*map(entry, STORY)], for_new={}, by=network.by, at=NOON)

    assert rows_of(network) == before
    said = [(o.before is None, o.differs) for o in foretold if isinstance(o, Outcome)]
    assert said == [(False, True), (False, False), (True, True)]


def test_tells_of_each_what_it_is_afterwards(network: Network) -> None:
    outcomes = save_all(network, STORY[:3])

    with tenant_context(network.manufacturer.id):
        for outcome in outcomes:
            assert isinstance(outcome, Outcome)
            assert details_of(outcome.partner).city == outcome.after.city != ""


def test_leaves_what_is_not_named(network: Network) -> None:
    partner, _ = save_partner(details=WHOLE, by=network.by, at=NOON)

    entries = [Entry("D-1", {"name": "Huber neu", "postal_code": "80331"})]
    save_partners(entries=entries, for_new={"country": "AT"}, by=network.by, at=NOON)

    with tenant_context(network.manufacturer.id):
        after = details_of(Partner.objects.get(id=partner.id))
    assert (after.name, after.country, after.latitude) == ("Huber neu", "DE", 48.2)


def test_moves_a_partner_to_another_postal_code(network: Network) -> None:
    partner, _ = save_partner(details=WHOLE, by=network.by, at=NOON)

    entries = [Entry("D-1", {"postal_code": "85221"})]
    save_partners(entries=entries, for_new={}, by=network.by, at=NOON)

    with tenant_context(network.manufacturer.id):
        after = Partner.objects.get(id=partner.id)
    assert (after.city, after.latitude) == ("Dachau", 48.2630)


@pytest.mark.parametrize("missing", ["name", "country"])
def test_asks_for_what_a_new_partner_needs(network: Network, missing: str) -> None:
    said = {"name": "Neu", "country": "DE", "postal_code": "80331"}
    del said[missing]

    (refusal,) = save_partners(entries=[Entry("N", said)], for_new={}, by=network.by, at=NOON)

    assert isinstance(refusal, InvalidInput)
    assert refusal.field == missing
    assert count_rows(Partner) == 0


def test_takes_partners_away_with_all_that_is_theirs(network: Network) -> None:
    save_partner(details=KNOWN, by=network.by, at=NOON)
    kept = rows_of(network)
    new, _ = save_partner(details=WHOLE, by=network.by, at=NOON)

    remove_partners(partners=[new], by=network.by)

    left = rows_of(network)
    (added,) = [c for c in left["changes"] if c[0] == WHOLE.name and c[1] == "None"]
    (removed,) = [c for c in left["changes"] if c[0] == WHOLE.name and c[2] == "None"]
    assert added[2] == removed[1]
    assert {**left, "changes": []} == {**kept, "changes": []}
    assert tallies(network) == counted(network)


def test_asks_the_database_as_often_for_many_as_for_two(
    network: Network, django_assert_max_num_queries: Any
) -> None:
    story = [
        PartnerDetails(f"Q-{n}", f"Partner {n}", "DE", "80331", product_lines=["heat-pumps"])
        for n in range(60)
    ]

    with django_assert_max_num_queries(40):
        save_all(network, story)

    assert count_rows(Partner) == 60
